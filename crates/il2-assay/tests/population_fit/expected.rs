//! Tables and studies in which something is not as it should be: units of covariates, values and
//! subjects that the model does not expect, names of parameters, and new occasions.

use crate::{answer, number, planned};
use il2_answer::AssayResult;
use il2_clinic::population_fit::{self, listing};
use il2_study::study::file::AssayPart;
use std::path::Path;

fn theophylline_table() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies");
    std::fs::read_to_string(root.join("15-population-fit.csv")).unwrap()
}

/// Theophylline, with further keys of the assay and its coefficients.
fn study(keys: &str, parameters: &str) -> String {
    format!(
        "version = 1\nquestion = \"?\"\n[assay.f]\nkind = \"population-fit\"\ntable = \"data.csv\"\n\
         model = \"one-compartment-oral\"\n\
         units = {{ time = \"h\", amount = \"mg\", concentration = \"mg/L\" }}\n\
         simulations = 0\n{keys}\n[assay.f.parameters]\n\
         clearance = {{ start = \"2 L/h\", between_subjects = 0.3 }}\n\
         volume = {{ start = \"30 L\", between_subjects = 0.3 }}\n\
         absorption_rate = {{ start = \"1 /h\", between_subjects = 0.3 }}\n{parameters}"
    )
}

/// The table with another value in a column.
fn changed(column: usize, value: impl Fn(usize, &[&str]) -> String) -> String {
    let table = theophylline_table();
    let mut lines = table.lines();
    let head = lines.next().unwrap();
    let line = |(k, line): (usize, &str)| {
        let fields: Vec<&str> = line.split(',').collect();
        let own = value(k, &fields);
        let all: Vec<&str> =
            fields.iter().enumerate().map(|(c, f)| if c == column { &own } else { *f }).collect();
        all.join(",")
    };
    let all: Vec<String> = lines.enumerate().map(line).collect();
    format!("{head}\n{}\n", all.join("\n"))
}

fn fitted(text: &str, table: &str) -> AssayResult {
    let (study, plan) = planned(text, table).unwrap_or_else(|e| panic!("{e}"));
    answer(&study, plan)
}

/// The estimate is in the unit of the covariate, and the likelihood, the standard error and how many searches
/// agree are the same in any unit.
#[test]
fn a_covariate_in_another_unit_changes_nothing_but_the_coefficient() {
    let of = |unit: f64, formula: &str, centre: f64| {
        let table = changed(5, |_, f| {
            if f[5].is_empty() {
                String::new()
            } else {
                (f[5].parse::<f64>().unwrap() * unit).to_string()
            }
        });
        let formula = formula.replace("CENTRE", &(centre * unit).to_string());
        let keys = format!(
            "residual = {{ additive = \"1 mg/L\" }}\nstarts = 2\ncovariates = [\"{formula}\"]"
        );
        let found = fitted(&study(&keys, "k = { start = \"0\" }"), &table);
        let value = |column: &str| number(&found.tables[0], "k", "typical", column);
        let far = found.warnings.iter().any(|w| w.contains("only one of"));
        assert!(!far, "{:?}", found.warnings);
        let height = found.summary["minus_2_log_likelihood"].as_f64().unwrap();
        [value("estimate") * unit, value("standard_error") * unit, height]
    };
    for formula in
        ["volume = volume * exp(k * (WT - CENTRE))", "volume = volume * (1 + k * (WT - CENTRE))"]
    {
        let [k, sd, height] = of(1.0, formula, 70.0);
        assert!(k > 0.0 && sd > 0.0);
        for unit in [1e3, 1e6, 1e-3] {
            let [other, other_sd, other_height] = of(unit, formula, 70.0);
            assert!(
                (height - other_height).abs() < 1e-3,
                "{formula} {unit}: {height} {other_height}"
            );
            assert!((k / other - 1.0).abs() < 1e-2, "{formula} {unit}: {k} {other}");
            assert!((sd / other_sd - 1.0).abs() < 1e-2, "{formula} {unit}: {sd} {other_sd}");
        }
    }
}

fn doubts(keys: &str, parameters: &str, table: &str) -> String {
    let keys = format!("residual = {{ additive = \"1 mg/L\" }}\n{keys}");
    let (study, plan) = planned(&study(&keys, parameters), table).unwrap_or_else(|e| panic!("{e}"));
    let AssayPart::PopulationFit(part) = &study.assays["f"] else { panic!() };
    listing::text(&plan, part)
}

#[test]
fn doubtful_values_are_named_before_a_fit() {
    let plain = doubts("", "", &theophylline_table());
    assert!(!plain.contains("! data.csv: DV"), "{plain}");
    // Zero long after a dose.
    let zero = changed(4, |k, f| if k == 11 { "0".into() } else { f[4].into() });
    let said = doubts("", "", &zero);
    assert!(said.contains("DV is exactly 0 after a dose in line 13"), "{said}");
    // One subject in ng/mL.
    let one = changed(4, |_, f| match (f[0], f[4].parse::<f64>()) {
        ("5", Ok(dv)) => (1000.0 * dv).to_string(),
        _ => f[4].into(),
    });
    let said = doubts("", "", &one);
    assert!(said.contains("DV of subject 5 ("), "{said}");
    // Everything is a logarithm.
    let logarithms = changed(4, |_, f| match f[4].parse::<f64>() {
        Ok(dv) if dv > 0.0 => (dv / 10.0).ln().to_string(),
        _ => f[4].into(),
    });
    let said = doubts("", "", &logarithms);
    assert!(said.contains("DV may be a logarithm"), "{said}");
    // A covariate that is the same in all subjects.
    let same = changed(5, |_, f| if f[5].is_empty() { String::new() } else { "70".into() });
    let keys = "covariates = [\"volume = volume * (WT / 60)^x\"]";
    let said = doubts(keys, "x = { start = \"1\" }", &same);
    assert!(said.contains("x has the same effect in all subjects"), "{said}");
}

#[test]
fn names_that_are_not_parameters_are_told_with_those_that_are() {
    let wrong = |parameters: &str| {
        let keys = "residual = { additive = \"1 mg/L\" }";
        planned(&study(keys, parameters), &theophylline_table()).unwrap_err().to_string()
    };
    let said = wrong("clearence = { start = \"2 L/h\" }");
    assert!(said.contains("did you mean clearance?"), "{said}");
    let said = wrong("Q = { start = \"1 L/h\", between_subjects = 0.3 }");
    assert!(
        said.contains("not a parameter of the model one-compartment-oral, which has"),
        "{said}"
    );
    // Without a column of subjects, times seem to fall back.
    let table = theophylline_table().replace("ID,", "SUBJ,");
    let keys = "residual = { additive = \"1 mg/L\" }";
    let said = planned(&study(keys, ""), &table).unwrap_err().to_string();
    assert!(
        said.contains("there is no column ID") && said.contains("SUBJ (did you mean ID?)"),
        "{said}"
    );
}

const DOSE: &str = "residual = { additive = \"0.69 mg/L\" }\nestimate = false\n";

/// Levels ten times too high: a clearance that nobody has explains them exactly.
#[test]
fn a_dose_from_levels_that_the_model_does_not_expect_says_so_first() {
    let of = |factor: f64| {
        let levels = [(2, 8.9), (8, 6.4), (24, 2.6)];
        let rows = levels.map(|(time, level)| format!("Ann,{time},0,.,{}\n", level * factor));
        let table = format!("ID,TIME,EVID,AMT,DV\nAnn,0,1,300,.\n{}", rows.concat());
        let dose = "[assay.f.dose]\nevery = \"8 h\"\nof = \"trough\"\nwindow = [\"5 mg/L\", \"10 mg/L\"]\n";
        fitted(&study(DOSE, dose), &table)
    };
    let (usual, far) = (of(1.0), of(10.0));
    assert!(usual.sentences[0].starts_with("Subject Ann needs"), "{:?}", usual.sentences);
    assert!(
        far.sentences[0].starts_with("The measurements of this subject are not what"),
        "{:?}",
        far.sentences
    );
    assert!(far.sentences[0].contains("standard deviations below typical"), "{:?}", far.sentences);
    assert!(far.warnings.iter().any(|w| w.starts_with("subject Ann: ")), "{:?}", far.warnings);
    assert!(!usual.warnings.iter().any(|w| w.starts_with("subject Ann: ")), "{:?}", usual.warnings);
}

/// An average level is the dose divided by clearance and interval. Of a person known exactly on two
/// occasions, a dose for a new one is in the window with the probability that the effect of the
/// occasion is less than half of the logarithm of its width.
#[test]
fn a_dose_to_come_is_given_on_a_new_occasion() {
    let level = |t: f64, from: f64| {
        let (cl, v, ka) = (2.0, 30.0, 1.0);
        let (k, t): (f64, f64) = (cl / v, t - from);
        300.0 / v * ka / (ka - k) * ((-k * t).exp() - (-ka * t).exp())
    };
    let mut table = "ID,TIME,EVID,AMT,DV,OCC\n".to_string();
    for (occasion, from) in [(1, 0.0), (2, 500.0)] {
        table += &format!("1,{from},1,300,.,{occasion}\n");
        for t in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 48.0] {
            table += &format!("1,{},0,.,{},{occasion}\n", from + t, level(from + t, from));
        }
    }
    let keys = "residual = { proportional = 0.01 }\nestimate = false\noccasion = \"OCC\"";
    let dose = "[assay.f.dose]\nevery = \"12 h\"\nof = \"average\"\nwindow = [\"8 mg/L\", \"12.5 mg/L\"]\n";
    let text = study(keys, dose).replace(
        "clearance = { start = \"2 L/h\", between_subjects = 0.3 }",
        "clearance = { start = \"2 L/h\", between_occasions = 0.4 }",
    );
    let (study, plan) = planned(&text, &table).unwrap_or_else(|e| panic!("{e}"));
    let found = population_fit::run(&study, &plan, &|_| ()).unwrap();
    let own = found.doses.iter().find(|d| d.subject == Some(0)).unwrap();
    let half = 0.5 * (12.5_f64 / 8.0).ln() / 0.4;
    // The normal distribution within half a standard deviation: 0.423; of 1000 draws, 0.016.
    let wanted = 2.0 * il2_inference::survival::distributions::normal_below(half) - 1.0;
    assert!((own.parts[0] - wanted).abs() < 0.05, "{:?} {wanted}", own.parts);
    assert!((own.amount / (10.0 * 2.0 * 12.0) - 1.0).abs() < 0.15, "{}", own.amount);
}

/// Of a combined error whose additive part is zero, the posterior is proper, and chains run although
/// the likelihood has no curvature there.
#[test]
fn chains_of_a_combined_error_stay_where_the_prior_is() {
    let keys = "residual = { proportional = 0.1, additive = \"0.3 mg/L\" }\nstarts = 1\nchains = 2\nwarmup = 200\ndraws = 200";
    let found = fitted(&study(keys, ""), &theophylline_table());
    let posterior = found.tables.iter().find(|t| t.name == "f_posterior").unwrap();
    assert!(posterior.rows() >= 8);
    for part in ["additive", "proportional"] {
        let (low, median) = (
            number(posterior, part, "residual", "low"),
            number(posterior, part, "residual", "median"),
        );
        assert!(low > 1e-5 && median > 1e-3, "{part}: {low} {median}");
    }
}

/// An exponent of a covariate that does not vary cannot be told from the number itself.
#[test]
fn what_the_data_do_not_determine_is_named() {
    let same = changed(5, |_, f| if f[5].is_empty() { String::new() } else { "70".into() });
    let keys = "residual = { additive = \"1 mg/L\" }\nstarts = 1\ncovariates = [\"volume = volume * (WT / 60)^x\"]";
    let found = fitted(&study(keys, "x = { start = \"1\" }"), &same);
    let said =
        found.warnings.iter().find(|w| w.starts_with("there are no standard errors")).unwrap();
    assert!(said.contains("the data do not determine volume and x (fix one"), "{said}");
    assert!(!found.warnings.iter().any(|w| w.contains("too narrow")), "{:?}", found.warnings);
}

#[test]
fn few_subjects_and_no_quantified_value_are_told() {
    let keys = "residual = { additive = \"1 mg/L\" }\nstarts = 1";
    let few: String =
        theophylline_table().lines().take(25).map(|line| format!("{line}\n")).collect();
    let found = fitted(&study(keys, ""), &few);
    let said = "with measurements of only 2 subjects, intervals from the curvature";
    assert!(found.warnings.iter().any(|w| w.contains(said)), "{:?}", found.warnings);
    let below = changed(4, |_, f| if f[4].is_empty() { String::new() } else { "<0.5".into() });
    let refused = planned(&study(keys, ""), &below).unwrap_err().to_string();
    assert!(refused.contains("no quantified measurement"), "{refused}");
}
