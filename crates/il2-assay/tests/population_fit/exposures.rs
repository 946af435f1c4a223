//! Doses for a peak, and noncompartmental numbers after a bolus, compared with closed forms.

use crate::{answer, planned};
use il2_assay::kinds::plan;
use il2_study::Library;

/// The dose for a peak of one subject without variability, for these keys and parameters.
fn dose_for_a_peak(model: &str, dose: &str, parameters: &str) -> f64 {
    let study = format!(
        "version = 1\nquestion = \"Which dose?\"\n[assay.f]\nkind = \"population-fit\"\ntable = \"data.csv\"\n\
         model = \"{model}\"\nunits = {{ time = \"h\", amount = \"mg\", concentration = \"mg/L\" }}\n\
         residual = {{ additive = \"0.1 mg/L\" }}\nestimate = false\nsimulations = 0\n\
         [assay.f.dose]\nof = \"peak\"\nwindow = [\"9 mg/L\", \"11 mg/L\"]\n{dose}\n[assay.f.parameters]\n{parameters}"
    );
    let table = "ID,TIME,EVID,AMT,DV\n1,0,1,100,.\n1,2,0,.,3\n1,8,0,.,1\n";
    let (study, plan) = planned(&study, table).unwrap();
    let result = answer(&study, plan);
    // The second row is that of people without measurements.
    result.tables.last().unwrap().number(1, "dose_mg")
}

/// What a table must not pass over in silence.
#[test]
fn missing_values_wrong_compartments_and_copied_doses_are_named() {
    let study = |parameters: &str| {
        format!(
            "version = 1\nquestion = \"?\"\n[assay.f]\nkind = \"population-fit\"\ntable = \"data.csv\"\n\
             model = \"one-compartment-oral\"\nunits = {{ time = \"h\", amount = \"mg\", concentration = \"mg/L\" }}\n\
             residual = {{ additive = \"0.1 mg/L\" }}\nsimulations = 0\nstarts = 1\n{parameters}"
        )
    };
    let numbers = "[assay.f.parameters]\nclearance = { start = \"3 L/h\" }\nvolume = { start = \"30 L\" }\n\
         absorption_rate = { start = \"1 /h\" }\n";
    let rows = "1,1,0,.,2,50\n1,4,0,.,2.5,50\n1,12,0,.,1.2,50\n";
    let with = |doses: &str, weight: &str| {
        format!("ID,TIME,EVID,AMT,DV,WT\n{doses}{}", rows.replace(",50", &format!(",{weight}")))
    };
    let covariate = format!("covariates = [\"CL = CL * (WT / 70)^0.75\"]\n{numbers}");
    let refused =
        |study: &str, table: &str| planned(study, table).map(drop).unwrap_err().to_string();
    let said = refused(&study(&covariate), &with("1,0,1,100,.,-99\n", "-99"));
    assert!(said.contains("-99 usually stands for a missing value"), "{said}");
    assert!(said.contains("data.csv:2"), "{said}");
    let central =
        "ID,TIME,EVID,AMT,DV,CMT\n1,0,1,100,.,2\n1,1,0,.,2,2\n1,4,0,.,2.5,2\n1,12,0,.,1.2,2\n";
    let said = refused(&study(numbers), central);
    assert!(said.contains("no dose of the table goes into the depot"), "{said}");
    let copied = with("1,0,1,100,.,50\n1,0,1,100,.,50\n", "50");
    let given =
        format!("estimate = false\n{}", numbers.replace(" }", ", between_subjects = 0.2 }"));
    let (made, plan) = planned(&study(&given), &copied).unwrap();
    let told = answer(&made, plan).warnings.join("\n");
    assert!(
        told.contains("1 line repeats the dose of the line before") && told.contains("line 3"),
        "{told}"
    );
}

/// The middle of the window on a logarithmic scale.
const WANTED: f64 = 9.949_874_371_066_2;

/// Two compartments at steady state, with an infusion much shorter than the interval: the peak is at
/// its end.
#[test]
fn the_peak_of_a_short_infusion_is_at_its_end() {
    let (cl, v1, q, v2): (f64, f64, f64, f64) = (5.0, 10.0, 15.0, 30.0);
    let (k10, k12, k21) = (cl / v1, q / v1, q / v2);
    let sum = k10 + k12 + k21;
    let root = (sum * sum - 4.0 * k10 * k21).sqrt();
    let [alpha, beta] = [0.5 * (sum + root), 0.5 * (sum - root)];
    let shares = [(alpha - k21) / (alpha - beta), (k21 - beta) / (alpha - beta)];
    for duration in [0.05, 0.25, 2.0] {
        let term = |(rate, share): (f64, f64)| {
            share / v1 / (rate * duration) * -(-rate * duration).exp_m1() / -(-rate * 24.0).exp_m1()
        };
        let peak: f64 = [alpha, beta].into_iter().zip(shares).map(term).sum();
        let dose = dose_for_a_peak(
            "two-compartment",
            &format!("every = \"24 h\"\ninfusion = \"{duration} h\""),
            "clearance = { start = \"5 L/h\", between_subjects = 0.01 }\nvolume = { start = \"10 L\" }\n\
             intercompartmental_clearance = { start = \"15 L/h\" }\nperipheral_volume = { start = \"30 L\" }\n",
        );
        assert!((dose * peak / WANTED - 1.0).abs() < 2e-3, "{duration}: {dose}");
    }
}

/// Fast absorption: the peak lies well before the first forty-eighth of the interval.
#[test]
fn the_peak_of_absorption_is_found_between_its_neighbours() {
    let (ka, k, volume): (f64, f64, f64) = (12.0, 0.1, 30.0);
    let level = |t: f64| {
        let part = |rate: f64| (-rate * t).exp() / -(-rate * 24.0).exp_m1();
        ka / (volume * (ka - k)) * (part(k) - part(ka))
    };
    let peak = (1..=200_000).map(|i| level(f64::from(i) * 24.0 / 200_000.0)).fold(0.0, f64::max);
    let dose = dose_for_a_peak(
        "one-compartment-oral",
        "every = \"24 h\"",
        "clearance = { start = \"3 L/h\", between_subjects = 0.01 }\nvolume = { start = \"30 L\" }\n\
         absorption_rate = { start = \"12 /h\" }\n",
    );
    assert!((dose * peak / WANTED - 1.0).abs() < 2e-3, "{dose}");
}

/// A row before the bolus at the same time, zero or below the limit, is not the level that the bolus
/// makes; one after it is.
#[test]
fn a_bolus_starts_from_the_level_that_it_makes() {
    let (volume, k): (f64, f64) = (20.0, 0.2);
    let level = |t: f64| 100.0 / volume * (-k * t).exp();
    let rows: String =
        [0.5, 1.0, 2.0, 4.0, 8.0, 12.0].map(|t| format!("a,{t},0,.,{}\n", level(t))).concat();
    let text = "version = 1\nquestion = \"How fast?\"\n[assay.f]\nkind = \"noncompartmental\"\n\
         table = \"data.csv\"\nroute = \"intravenous\"\nunits = { time = \"h\", amount = \"mg\" }\n";
    for start in ["a,0,0,.,0\na,0,1,100,.\n", "a,0,1,100,.\n", "a,0,1,100,.\na,0,0,.,5\n"] {
        let folder = tempfile::tempdir().unwrap();
        let table = format!("ID,TIME,EVID,AMT,DV\n{start}{rows}");
        std::fs::write(folder.path().join("data.csv"), table).unwrap();
        let (study, _) =
            il2_assay::parse(&folder.path().join("s.toml"), text, Library::builtin()).unwrap();
        let result = plan(&study, "f").unwrap().run(&study, &|_| {});
        let found = &result.tables[0];
        for (column, wanted) in [("auc_inf_mg_per_l_h", 25.0), ("clearance_l_per_h", 4.0)] {
            let value = found.number(0, column);
            assert!((value / wanted - 1.0).abs() < 1e-6, "{start}: {column} {value}");
        }
    }
}
