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
