//! Numbers at the edge of what is possible, and fits without standard errors.

use super::{answer, number, planned, simulated};
use il2_clinic::population_fit::Plan;
use il2_study::Study;

fn study(more: &str, numbers: &str) -> String {
    format!(
        "version = 1\nquestion = \"How do they differ?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"one-compartment-oral\"\nunits = {{ time = \"h\", amount = \"mg\" }}\n\
         starts = 1\nsimulations = 0\n{more}\n[assay.f.parameters]\n{numbers}"
    )
}

fn dosed(subjects: usize, times: &[f64], kinds: &[&str]) -> Vec<Vec<String>> {
    let of = |i: usize| {
        let mut all = vec![format!("{},0,1,100,.", i + 1)];
        for t in times {
            all.extend(kinds.iter().map(|kind| format!("{},{t},0,.,{kind}", i + 1)));
        }
        all
    };
    (0..subjects).map(of).collect()
}

const NONE: &str = "CL = { start = \"3 L/h\" }\nV = { start = \"20 L\", between_subjects = 0.2 }\n\
     KA = { start = \"1.1 /h\" }\ntransit_compartments = { start = \"0\", fixed = true }\n\
     mean_transit_time = { start = \"2 h\" }\n";

/// A fit to levels of twelve subjects, simulated from the study, with no limit of quantification.
fn of_twelve(text: &str) -> (Study, Plan) {
    let lines = dosed(12, &[1.0, 3.0, 6.0, 12.0], &["1"]);
    let data = simulated(text, "ID,TIME,EVID,AMT,NOTE", &lines, -99.0, 2);
    planned(&data.study, &data.table.replace(",LLOQ", ",MORE")).unwrap()
}

/// Without transit compartments a dose passes one step into the depot: the level is a sum of three
/// exponentials.
#[test]
fn no_transit_compartments_are_one_step_into_the_depot() {
    let text = study("residual = { additive = \"0.1 mg/L\" }", NONE);
    let rows = "1,0,1,100,.\n1,0.5,0,.,1\n1,2,0,.,1\n1,5,0,.,1\n1,24,0,.,1\n";
    let table = format!("ID,TIME,EVID,AMT,DV\n{rows}");
    let (_, plan) = planned(&text, &table).unwrap_or_else(|why| panic!("{why}"));
    let start = plan.start();
    let levels = plan.levels(0, &start[..5], &[0.0]).unwrap();
    let (k, ka, kt): (f64, f64, f64) = (3.0 / 20.0, 1.1, 0.5);
    let part = |a: f64, b: f64, c: f64, t: f64| (-a * t).exp() / ((b - a) * (c - a));
    for (t, level) in [0.5, 2.0, 5.0, 24.0].iter().zip(levels) {
        let sum = part(k, ka, kt, *t) + part(ka, k, kt, *t) + part(kt, k, ka, *t);
        let wanted = 100.0 * ka * kt / 20.0 * sum;
        assert!((level / wanted - 1.0).abs() < 1e-6, "{t}: {level} {wanted}");
    }
    // It cannot be estimated from there.
    for (from, to) in [
        ("\"0\", fixed = true", "\"0\""),
        ("\"0\", fixed = true", "\"0\", fixed = true, between_subjects = 0.3"),
        ("\"2 h\"", "\"0 h\", fixed = true"),
    ] {
        let why = planned(&text.replace(from, to), &table).unwrap_err().to_string();
        assert!(why.contains("start"), "{to}: {why}");
    }
    // A fit moves the other numbers.
    let (study, plan) = of_twelve(&text);
    let found = answer(&study, plan);
    let volume = number(&found.tables[0], "V", "typical", "estimate");
    assert!((volume / 20.0 - 1.0).abs() < 0.2, "{volume}");
}

/// More inhibition than possible would fit best, so that the estimate is at 1; the others keep their
/// standard errors.
#[test]
fn an_estimate_at_its_bound_is_named() {
    let of = |potency: &str, most: &str| {
        let more = "effect = \"inhibits-production\"\n[assay.f.observed.1]\nof = \"concentration\"\n\
             residual = { additive = \"0.1 mg/L\" }\n[assay.f.observed.2]\nof = \"effect\"\nunit = \"%\"\n\
             residual = { additive = \"3 %\" }";
        let numbers = format!(
            "CL = {{ start = \"1 L/h\", fixed = true }}\nV = {{ start = \"20 L\", fixed = true }}\n\
             KA = {{ start = \"1 /h\", fixed = true }}\nbaseline = {{ start = \"100 %\", between_subjects = 0.2 }}\n\
             turnover_rate = {{ start = \"0.1 /h\", fixed = true }}\n\
             half_effect_concentration = {{ start = \"{potency} mg/L\", fixed = true }}\n\
             maximum_effect = {{ {most} }}\n"
        );
        study(more, &numbers)
    };
    let rows = dosed(10, &[2.0, 8.0, 24.0], &["1", "2"]);
    let data = simulated(
        &of("0.9", "start = \"1\", fixed = true"),
        "ID,TIME,EVID,AMT,DVID",
        &rows,
        -99.0,
        3,
    );
    let table = data.table.replace(",LLOQ", ",NOTE");
    let (study, plan) = planned(&of("1.2", "start = \"0.8\""), &table).unwrap();
    let result = answer(&study, plan);
    let of = |column: &str| number(&result.tables[0], "maximum_effect", "typical", column);
    assert!((0.999..=1.0).contains(&of("estimate")), "{}", of("estimate"));
    assert!(of("standard_error").is_nan());
    let named = |w: &String| w.contains("maximum_effect is at its bound of 1.00,");
    assert!(result.warnings.iter().any(named), "{:?}", result.warnings);
    let baseline = number(&result.tables[0], "baseline", "typical", "standard_error");
    assert!(baseline > 0.0, "{}", result.text);
    for (most, wanted) in [
        ("start = \"1\"", "where a search cannot start"),
        ("start = \"0.9\", bounds = [\"0.1\", \"1.2\"]", "is above 1 (complete inhibition)"),
    ] {
        let why =
            planned(&data.study.replace("start = \"1\", fixed = true", most), &table).unwrap_err();
        assert!(why.to_string().contains(wanted), "{most}: {why}");
    }
}

/// Clearance, volume and bioavailability cannot be told apart after doses by mouth alone.
#[test]
fn no_standard_errors_are_announced_where_there_are_none() {
    let numbers = "CL = { start = \"3 L/h\", between_subjects = 0.2 }\nV = { start = \"20 L\" }\n\
         KA = { start = \"1.1 /h\" }\nF1 = { start = \"0.7\" }\n";
    let text = study("residual = { additive = \"0.1 mg/L\" }", numbers);
    let (study, plan) = of_twelve(&text);
    let result = answer(&study, plan);
    assert!(
        result.warnings.iter().any(|w| w.contains("no standard errors")),
        "{:?}",
        result.warnings
    );
    assert!(!result.text.contains("Standard errors from"), "{}", result.text);
    assert!(!result.sentences[0].contains("interval"), "{:?}", result.sentences);
}
