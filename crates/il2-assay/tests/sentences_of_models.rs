//! The sentences of published models and of tables of levels, compared with their own tables and with
//! numbers worked out here.

use il2_answer::AssayResult;
use il2_answer::sentence::number;
use il2_output::table::Table;
use il2_study::Study;
use std::path::Path;

/// The results of a study of the folder, with changes of its text.
fn results(study: &str, changes: &[(&str, &str)]) -> Vec<(String, AssayResult)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies").join(study);
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (good, other) in changes {
        assert!(text.contains(good), "{study} has no {good}");
        text = text.replace(good, other);
    }
    let study = Study::parse(&path, &text, il2_study::Library::builtin()).unwrap();
    let plans = il2_assay::plans(&study).unwrap();
    plans.iter().map(|(name, plan)| (name.clone(), plan.run(&study, &|_| {}))).collect()
}

fn table<'a>(result: &'a AssayResult, name: &str) -> &'a Table {
    let of = |table: &&Table| table.name == name;
    result.tables.iter().find(of).unwrap_or_else(|| panic!("a table {name}"))
}

fn column(table: &Table, name: &str) -> Vec<f64> {
    (0..table.rows()).map(|row| table.number(row, name)).collect()
}

fn says(result: &AssayResult, what: &[String]) {
    let said = result.sentences.join(" ");
    for part in what {
        assert!(said.contains(part.as_str()), "{part} in: {said}");
    }
}

/// Linear interpolation between the ordered values, as published medians are.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    0.5 * (values[(values.len() - 1) / 2] + values[values.len() / 2])
}

#[test]
fn activated_wells_tell_their_peaks_slopes_and_those_that_still_rise() {
    for (name, result) in &results("12-activation.toml", &[]) {
        let peaks = table(result, &format!("{name}_most"));
        let all = column(peaks, "il2_most_pm");
        let ends = [f64::min, f64::max].map(|of| number(all.iter().copied().reduce(of).unwrap()));
        // Slope of a least-squares line through the logarithms, by its formula.
        let slope = |along: &str| {
            let x: Vec<f64> = column(peaks, along).iter().map(|v| v.log10()).collect();
            let y: Vec<f64> = all.iter().map(|v| v.log10()).collect();
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
            let (mx, my) = (mean(&x), mean(&y));
            let above: f64 = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum();
            above / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
        };
        let slopes = ["antigen_molecules", "cells"].map(|along| format!("{:.2}", slope(along)));
        says(result, &[&ends[..], &slopes[..]].concat());
        // A well rises at the last time if its peak is there.
        let last = column(table(result, name), "time_min").into_iter().fold(0.0, f64::max);
        let rising = column(peaks, "time_of_most_min").iter().filter(|t| **t >= last).count();
        let said = result.sentences.join(" ").contains("still rising");
        assert_eq!(said, rising > 0, "{name}: {rising} wells rise at the end");
        if rising > 0 {
            says(result, &[format!("{rising} of {}", peaks.rows())]);
        }
    }
}

#[test]
fn a_tumour_model_tells_where_tumours_settle_and_where_steady_states_change() {
    let all = results("14-tumour-model.toml", &[]);
    let (_, result) = &all[0];
    // Kirschner and Panetta 1998: a fold at 8.55e-5 /d and a Hopf bifurcation at 0.032 /d.
    says(result, &["8.552e-5 /d".into(), "0.03246 /d".into(), "Hopf".into(), "fold".into()]);
    let steady = table(result, "antigenicity_steady");
    let stable = (0..steady.rows()).filter(|row| steady.text(*row, "stable") == "yes");
    let sizes: Vec<String> = stable.map(|row| number(steady.number(row, "tumour"))).collect();
    assert_eq!(sizes.len(), 2, "a large tumour below the fold, a small one above the Hopf point");
    says(result, &sizes);
    let courses = table(result, "antigenicity");
    let end = column(courses, "time_min").into_iter().fold(0.0, f64::max);
    let at_end = (0..courses.rows()).filter(|row| courses.number(*row, "time_min") == end);
    let ends: Vec<String> = at_end.map(|row| number(courses.number(row, "tumour"))).collect();
    says(result, &[ends[0].clone(), ends[ends.len() - 1].clone()]);
}

#[test]
fn exposures_tell_median_and_range_over_the_subjects() {
    let all = results("16-noncompartmental.toml", &[]);
    let (name, result) = &all[0];
    let exposures = table(result, name);
    let columns = [
        "cmax_mg_per_l",
        "tmax_h",
        "auc_inf_mg_per_l_h",
        "half_life_h",
        "clearance_over_f_l_per_h",
    ];
    for column_name in columns {
        let values = column(exposures, column_name);
        let ends = [f64::min, f64::max].map(|of| values.iter().copied().reduce(of).unwrap());
        let middle = number(median(values.clone()));
        says(result, &[format!("{middle} ({} to {})", number(ends[0]), number(ends[1]))]);
    }
}

#[test]
fn a_population_fit_tells_its_estimates_and_their_variation() {
    let changes = [("simulations = 500", "simulations = 0")];
    let all = results("15-population-fit.toml", &changes);
    let (name, result) = &all[0];
    let estimates = table(result, name);
    let row = |parameter: &str, what: &str| {
        let own = |row: &usize| {
            estimates.text(*row, "parameter") == parameter && estimates.text(*row, "what") == what
        };
        (0..estimates.rows()).find(own).unwrap_or_else(|| panic!("{parameter}, {what}"))
    };
    for (parameter, unit) in [("clearance", "L/h"), ("volume", "L"), ("absorption_rate", "/h")] {
        let at = row(parameter, "typical");
        let [value, low, high] =
            ["estimate", "low", "high"].map(|c| number(estimates.number(at, c)));
        says(result, &[format!("{value} {unit} ({low} to {high})")]);
        let omega = (0..estimates.rows()).find(|row| {
            let of = estimates.text(*row, "parameter");
            of.contains(parameter) && estimates.text(*row, "what") != "typical"
        });
        // The coefficient of variation of a lognormal with this standard deviation of its logarithm.
        let sd = estimates.number(omega.unwrap(), "estimate");
        says(result, &[format!("{:.1} %", 100.0 * (sd * sd).exp_m1().sqrt())]);
    }
}

/// A number of nM as the book writes it: two digits.
fn two_digits(pm: f64) -> String {
    let nm = pm / 1000.0;
    let decimals = (1 - nm.log10().floor() as i32).max(0) as usize;
    format!("{nm:.decimals$}")
}

/// The potency of fusions on Treg at 1 h stands in a warning of the library and on two pages of the
/// book; all give what the model gives for the doses of the validation.
#[test]
fn the_library_and_the_book_tell_the_potency_that_the_model_gives_to_fusions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let study = read("validation/orcutt2023-fusions/study.toml")
        .replace(
            "times = [\"30 min\", \"1 h\", \"2 h\", \"4 h\"]",
            "times = [\"1 h\"]\ncells = [\"treg\"]",
        )
        .replace("[cells.treg]", "[ligands.il2]\nfrom = \"il2\"\n[cells.treg]");
    let study = Study::parse(Path::new("s.toml"), &study, il2_study::Library::builtin()).unwrap();
    let result = il2_assay::kinds::plan(&study, "fusions").unwrap().run(&study, &|_| {});
    let ec50s = table(&result, "fusions_ec50");
    let of = |ligand: &str| {
        let row = (0..ec50s.rows()).find(|row| ec50s.text(*row, "ligand") == ligand).unwrap();
        ec50s.number(row, "ec50_pm")
    };
    let ratios = [("v91k-c-fc", "wt-c-fc"), ("r38q-n-fc", "wt-n-fc"), ("f42q-n-fc", "wt-n-fc")];
    let [v91k, r38q, f42q] = ratios.map(|(mutein, parent)| {
        let ratio = of(mutein) / of(parent);
        if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
    });
    let n88d = format!("{:.0}", of("n88d-c-fc") / of("wt-c-fc"));
    let h16n = format!("{:.0}", of("h16n-n-fc") / of("wt-n-fc"));
    let limits = &il2_study::Library::builtin().models["gamma-chain"].limits.of_muteins;
    for part in [
        format!("but {v91k}, {r38q} and {f42q} times in the model"),
        format!("N88D needs 72 times (model {n88d}) and H16N 5.8 times (model {h16n}; "),
    ] {
        assert!(limits.contains(&part), "{part} in: {limits}");
    }
    let words = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = words(&read("docs/src/limits.md"));
    for part in [
        format!("but only {v91k}, {r38q} and {f42q} times in the model"),
        format!("N88D needs 72 times in the measurements and {n88d} times in the model"),
    ] {
        assert!(page.contains(&part), "{part}");
    }
    let page = read("docs/src/library.md");
    for (molecule, ligand, measured) in [
        ("native IL-2", "il2", "0.012"),
        ("wild type, one copy, N-terminal", "wt-n-fc", "0.27"),
        ("wild type, one copy, C-terminal", "wt-c-fc", "0.30"),
        ("R38Q, one copy", "r38q-n-fc", "3.6"),
        ("V91K, one copy", "v91k-c-fc", "9.6"),
        ("F42Q, one copy", "f42q-n-fc", "20"),
        ("N88D, one copy", "n88d-c-fc", "21"),
    ] {
        let row = format!("| {molecule} | {measured} nM | {} nM |", two_digits(of(ligand)));
        assert!(page.contains(&row), "{row}");
    }
}
