//! Models that are more than compartments: saturable elimination, transit compartments, zero-order
//! absorption, and an effect measured in addition to the concentration.

use super::{answer, assert_recovered, bytes, number, planned, simulated};
use il2_clinic::population_fit;
use il2_study::Threads;
use il2_study::study::file::AssayPart;

fn study(model: &str, more: &str, numbers: &str) -> String {
    format!(
        "version = 1\nquestion = \"How do they differ?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"{model}\"\nunits = {{ time = \"h\", amount = \"mg\" }}\n\
         starts = 1\nsimulations = 20\n{more}\n[assay.f.parameters]\n{numbers}"
    )
}

/// Rows with doses that differ between subjects, then levels at these times.
fn dosed(subjects: usize, doses: &[f64], times: &[f64]) -> Vec<Vec<String>> {
    let of = |i: usize| {
        let mut all = vec![format!("{},0,1,{}", i + 1, doses[i % doses.len()])];
        all.extend(times.iter().map(|t| format!("{},{t},0,.", i + 1)));
        all
    };
    (0..subjects).map(of).collect()
}

const HEAD: &str = "ID,TIME,EVID,AMT";

#[test]
fn elimination_that_saturates_is_recovered() {
    let numbers = "VM = { start = \"8 mg/h\", between_subjects = 0.3 }\nKM = { start = \"2 mg/L\" }\n\
                   V = { start = \"20 L\", between_subjects = 0.2 }\n";
    let text = study("one-compartment", "residual = { proportional = 0.1 }", numbers);
    let times = [0.5, 2.0, 6.0, 12.0, 20.0, 30.0, 45.0];
    let data = simulated(&text, HEAD, &dosed(24, &[40.0, 120.0, 400.0], &times), 0.0, 5);
    let (study, plan) = planned(&data.study, &data.table).unwrap();
    assert_recovered(
        &answer(&study, plan),
        &[
            ("VM", "typical", 8.0),
            ("KM", "typical", 2.0),
            ("V", "typical", 20.0),
            ("VM", "between subjects", 0.3),
            ("V", "between subjects", 0.2),
            ("proportional", "residual", 0.1),
        ],
    );
}

const TRANSIT: &str = "CL = { start = \"3 L/h\", between_subjects = 0.25 }\nV = { start = \"30 L\" }\n\
     KA = { start = \"1.5 /h\" }\ntransit_compartments = { start = \"4\" }\n\
     mean_transit_time = { start = \"2 h\", between_subjects = 0.3 }\n";
const EARLY: [f64; 10] = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 16.0, 24.0];

#[test]
fn transit_compartments_are_recovered() {
    let text = study("one-compartment-oral", "residual = { additive = \"0.2 mg/L\" }", TRANSIT);
    let data = simulated(&text, HEAD, &dosed(20, &[300.0], &EARLY), -99.0, 8);
    let (study, plan) = planned(&data.study, &data.table.replace(",LLOQ", ",NOTE")).unwrap();
    assert_recovered(
        &answer(&study, plan),
        &[
            ("CL", "typical", 3.0),
            ("V", "typical", 30.0),
            ("transit_compartments", "typical", 4.0),
            ("mean_transit_time", "typical", 2.0),
            ("mean_transit_time", "between subjects", 0.3),
            ("additive", "residual", 0.2),
        ],
    );
}

#[test]
fn absorption_of_order_zero_is_recovered() {
    let numbers = "CL = { start = \"3 L/h\", between_subjects = 0.25 }\nV = { start = \"30 L\" }\n\
                   absorption_duration = { start = \"3 h\", between_subjects = 0.3 }\n";
    let text = study("one-compartment", "residual = { additive = \"0.2 mg/L\" }", numbers);
    let data = simulated(&text, HEAD, &dosed(40, &[300.0], &EARLY), -99.0, 9);
    let (study, plan) = planned(&data.study, &data.table.replace(",LLOQ", ",NOTE")).unwrap();
    assert_recovered(
        &answer(&study, plan),
        &[
            ("CL", "typical", 3.0),
            ("V", "typical", 30.0),
            ("absorption_duration", "typical", 3.0),
            ("absorption_duration", "between subjects", 0.3),
        ],
    );
}

const BOTH: &str = "effect = \"inhibits-production\"\n\
     [assay.f.observed.cp]\nof = \"concentration\"\nresidual = { proportional = 0.1 }\n\
     [assay.f.observed.pca]\nof = \"effect\"\nunit = \"%\"\nresidual = { additive = \"4 %\" }\n";
const WARFARIN: &str = "CL = { start = \"0.13 L/h\", between_subjects = 0.3 }\n\
     V = { start = \"8 L\", between_subjects = 0.2 }\nKA = { start = \"1 /h\", fixed = true }\n\
     absorption_lag = { start = \"0.8 h\", fixed = true }\n\
     baseline = { start = \"96 %\" }\nturnover_rate = { start = \"0.05 /h\", between_subjects = 0.2 }\n\
     half_effect_concentration = { start = \"1.2 mg/L\", between_subjects = 0.4 }\n";

/// As in the trial of warfarin: levels and, at other times, the remaining prothrombin activity.
fn warfarin(subjects: usize) -> Vec<Vec<String>> {
    let of = |i: usize| {
        let id = i + 1;
        let mut lines = vec![(0.0, format!("{id},0,1,{},cp", 80 + 10 * (i % 5)))];
        let row = |t: f64, what: &str| (t, format!("{id},{t},0,.,{what}"));
        lines.extend([2.0, 6.0, 24.0, 48.0, 72.0, 120.0].map(|t| row(t, "cp")));
        lines.extend([0.0, 24.0, 36.0, 48.0, 72.0, 96.0, 120.0, 144.0].map(|t| row(t, "pca")));
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        lines.into_iter().map(|(_, line)| line).collect()
    };
    (0..subjects).map(of).collect()
}

#[test]
fn a_concentration_and_its_effect_are_fitted_together() {
    let text = study("one-compartment-oral", BOTH, WARFARIN);
    let head = "ID,TIME,EVID,AMT,DVID";
    let data = simulated(&text, head, &warfarin(20), -99.0, 12);
    let table = data.table.replace(",LLOQ", ",NOTE");
    let (study, plan) = planned(&data.study, &table).unwrap();
    assert_eq!(plan.rows().0, 20 * 14);
    let found = answer(&study, plan.clone());
    assert_recovered(
        &found,
        &[
            ("CL", "typical", 0.13),
            ("V", "typical", 8.0),
            ("baseline", "typical", 96.0),
            ("turnover_rate", "typical", 0.05),
            ("half_effect_concentration", "typical", 1.2),
            ("CL", "between subjects", 0.3),
            ("half_effect_concentration", "between subjects", 0.4),
            ("cp proportional", "residual", 0.1),
            ("pca additive", "residual", 4.0),
        ],
    );
    let shrinkage = number(&found.tables[0], "pca additive", "residual", "shrinkage_percent");
    assert!(shrinkage.is_finite());
    // A search takes long, so only the steps after it are compared on one thread and on two.
    let fixed = population_fit::Plan { estimates: false, ..plan };
    let [one, two] = [1, 2].map(|threads| {
        answer(&study, population_fit::Plan { threads: Threads::new(threads), ..fixed.clone() })
    });
    for (one, two) in one.tables.iter().zip(&two.tables) {
        assert_eq!(bytes(one), bytes(two), "{}", one.name);
    }
    // Residuals of each quantity, the visual predictive check of each, two panels for each subject.
    let panels: Vec<usize> = found.figures.iter().map(|(_, f)| f.panels.len()).collect();
    assert_eq!(panels, [8, 40, 2]);
}

#[test]
fn what_these_models_cannot_have_is_refused_where_it_stands() {
    let table =
        "ID,TIME,EVID,AMT,DV,DVID,SS,II\n1,0,1,300,.,.,0,0\n1,1,0,.,5,cp,0,0\n1,4,0,.,90,pca,0,0\n";
    let refusal = |study: &str, table: &str| match planned(study, table) {
        Ok(_) => panic!("accepted: {study}\n{table}"),
        Err(why) => why.to_string(),
    };
    let good = study("one-compartment-oral", BOTH, WARFARIN);
    planned(&good, table).unwrap();
    // A change of an effect from its baseline may be negative.
    let (fit, plan) = planned(&good, &table.replace("90,pca", "-5,pca")).unwrap();
    let AssayPart::PopulationFit(part) = &fit.assays["f"] else { panic!() };
    let said = population_fit::listing::text(&plan, part);
    assert!(said.contains("effect in %") && !said.contains("negative"), "{said}");
    for (from, to, wanted) in [
        ("effect = \"inhibits-production\"", "", "for example effect = \"inhibits-production\""),
        ("inhibits-production", "direct", "unknown effect"),
        ("of = \"effect\"", "of = \"concentration\"", "units.concentration"),
        ("of = \"effect\"", "of = \"inr\"", "concentration, effect"),
        ("baseline = { start = \"96 %\" }", "", "baseline"),
        ("\"96 %\"", "\"96 h\"", "baseline"),
        ("KA = ", "maximum_effect = { start = \"1.5\" }\nKA = ", "complete inhibition"),
        ("KA = ", "VM = { start = \"1 mg/h\" }\nKA = ", "michaelis_constant"),
        ("KA = ", "transit_compartments = { start = \"3\" }\nKA = ", "mean_transit_time"),
        (
            "KA = ",
            "MTT = { start = \"3 h\" }\nNN = { start = \"3\" }\nD1 = { start = \"3 h\" }\nKA = ",
            "describes absorption differently from transit compartments",
        ),
        ("starts = 1", "residual = { proportional = 0.1 }", "leave it out here"),
        (
            "[assay.f.observed.cp]",
            "[assay.f.dose]\nevery = \"8 h\"\nwindow = [\"9 mg/L\", \"4 mg/L\"]\n[assay.f.observed.cp]",
            "window",
        ),
    ] {
        let study = good.replace(from, to);
        assert_ne!(study, good, "{from}");
        let why = refusal(&study, table);
        assert!(why.contains(wanted), "{to}: {why}");
    }
    for (from, to, wanted) in [
        (",pca,", ",inr,", ":4: column DVID: is \"inr\""),
        (",pca,", ",,", ":4: column DVID: is empty"),
        (",.,.,0,0", ",.,.,1,12", ":2: column SS: requires a steady state"),
        ("DVID", "WHAT", "column DVID: is missing"),
        ("90,pca", "0,cp", "is impossible with a residual error"),
    ] {
        let why = refusal(&good, &table.replace(from, to));
        assert!(why.contains(wanted), "{to}: {why}");
    }
    let text = study("one-compartment", "residual = { proportional = 0.1 }", TRANSIT);
    let why = refusal(&text.replace("KA = { start = \"1.5 /h\" }\n", ""), table);
    assert!(why.contains("no depot"), "{why}");
}
