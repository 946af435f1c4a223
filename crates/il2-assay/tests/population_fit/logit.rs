//! Parameters that are logit-normal: no subject leaves their range.

use super::{answer, assert_recovered, number, planned, simulated};
use il2_clinic::population_fit::Plan;
use il2_inference::population::Method;

fn study(model: &str, more: &str, numbers: &str) -> String {
    format!(
        "version = 1\nquestion = \"How do they differ?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"{model}\"\nunits = {{ time = \"h\", amount = \"mg\" }}\n\
         starts = 1\nsimulations = 0\n{more}\n[assay.f.parameters]\n{numbers}"
    )
}

const ADDITIVE: &str = "residual = { additive = \"0.3 mg/L\" }";
const ABSORBED: &str = "CL = { start = \"2 L/h\", fixed = true }\nV = { start = \"10 L\", fixed = true }\n\
     F1 = { start = \"0.6\", between_subjects = 0.8, distribution = \"logit-normal\" }\n";

/// Values of an independent program, which integrates over the log-odds of each subject's
/// bioavailability by adaptive quadrature (19.1407), and finds its mode by golden section for both
/// approximations.
#[test]
fn the_likelihood_of_a_logit_normal_bioavailability_is_that_of_another_program() {
    let table = "ID,TIME,EVID,AMT,DV\n1,0,1,100,.\n1,1,0,.,7.1\n1,4,0,.,4.2\n1,8,0,.,1.6\n\
                 2,0,1,100,.\n2,1,0,.,3.4\n2,4,0,.,1.9\n2,8,0,.,1.1\n\
                 3,0,1,100,.\n3,1,0,.,8\n3,4,0,.,4.3\n3,8,0,.,2.2\n";
    let text = study("one-compartment", &format!("{ADDITIVE}\nestimate = false"), ABSORBED);
    let (study, plan) = planned(&text, table).unwrap();
    for (method, wanted) in [(Method::Foce, 18.751_373), (Method::Laplace, 19.235_364)] {
        let result = answer(&study, Plan { method, ..plan.clone() });
        let found = result.summary["minus_2_log_likelihood"].as_f64().unwrap();
        assert!((found - wanted).abs() < 1e-4, "{method:?}: {found}");
        assert!((found - 19.1407).abs() < 0.5, "{method:?}: {found}");
        let subjects = &result.tables[1];
        for (row, wanted) in [0.860_624, 0.427_137, 0.928_055].into_iter().enumerate() {
            let own = subjects.number(row, "F1");
            assert!((own - wanted).abs() < 1e-4, "{row}: {own}");
        }
    }
}

/// 90 % intervals of the typical value, of its variability and of the residual error, of fifty
/// simulated data sets: each contains the true value in 80 to 98 % of them.
#[test]
fn intervals_cover_a_logit_normal_bioavailability() {
    let text = study("one-compartment", &format!("{ADDITIVE}\nlevel = 0.9"), ABSORBED);
    let rows: Vec<Vec<String>> = (1..=40)
        .map(|id| {
            let mut all = vec![format!("{id},0,1,100")];
            all.extend([1, 4, 8].map(|t| format!("{id},{t},0,.")));
            all
        })
        .collect();
    let truth = [("F1", "typical", 0.6), ("F1", "between subjects", 0.8)];
    let truth = [truth[0], truth[1], ("additive", "residual", 0.3)];
    let mut held = [0; 3];
    for seed in 0..50 {
        let data = simulated(&text, "ID,TIME,EVID,AMT", &rows, -99.0, seed);
        let (study, plan) = planned(&text, &data.table.replace(",LLOQ", ",NOTE")).unwrap();
        let found = &answer(&study, plan).tables[0];
        for (held, (name, what, wanted)) in held.iter_mut().zip(&truth) {
            let of = |column: &str| number(found, name, what, column);
            assert!(of("low") < of("estimate") && of("estimate") < of("high"), "{seed} {name}");
            *held += usize::from((of("low")..of("high")).contains(wanted));
        }
    }
    eprintln!("of 50 intervals at 90 %, these contain the true value: {held:?}");
    assert!(held.iter().all(|held| (40..=49).contains(held)), "{held:?}");
}

/// The largest inhibition varies between subjects. Its interval stays below 1, and the answer names
/// the range of most subjects instead of a coefficient of variation.
#[test]
fn a_largest_inhibition_that_varies_is_recovered() {
    let more = "effect = \"inhibits-production\"\n\
         [assay.f.observed.cp]\nof = \"concentration\"\nresidual = { proportional = 0.1 }\n\
         [assay.f.observed.pca]\nof = \"effect\"\nunit = \"%\"\nresidual = { additive = \"3 %\" }\n";
    let numbers = "CL = { start = \"0.13 L/h\", between_subjects = 0.3 }\n\
         V = { start = \"8 L\", fixed = true }\nbaseline = { start = \"96 %\", fixed = true }\n\
         turnover_rate = { start = \"0.05 /h\", fixed = true }\n\
         half_effect_concentration = { start = \"1.2 mg/L\", fixed = true }\n\
         IMAX = { start = \"0.8\", between_subjects = 0.7, distribution = \"logit-normal\" }\n";
    let text = study("one-compartment", more, numbers);
    let rows: Vec<Vec<String>> = (1..=24)
        .map(|id| {
            let mut all = vec![format!("{id},0,1,100,cp"), format!("{id},4,0,.,cp")];
            all.push(format!("{id},48,0,.,cp"));
            all.extend([24, 48, 72, 96].map(|t| format!("{id},{t},0,.,pca")));
            all.sort_by_key(|line| line.split(',').nth(1).unwrap().parse::<u32>().unwrap());
            all
        })
        .collect();
    let data = simulated(&text, "ID,TIME,EVID,AMT,DVID", &rows, -99.0, 5);
    let (study, plan) = planned(&text, &data.table.replace(",LLOQ", ",NOTE")).unwrap();
    let found = answer(&study, plan);
    assert_recovered(
        &found,
        &[
            ("CL", "typical", 0.13),
            ("IMAX", "typical", 0.8),
            ("IMAX", "between subjects", 0.7),
            ("pca additive", "residual", 3.0),
        ],
    );
    let of = |column: &str| number(&found.tables[0], "IMAX", "typical", column);
    let log_odds = |value: f64| (value / (1.0 - value)).ln();
    let [low, value, high] = ["low", "estimate", "high"].map(|column| log_odds(of(column)));
    assert!((value - low - (high - value)).abs() < 1e-9, "{low} {value} {high}");
    let own = (0..found.tables[1].rows()).map(|r| found.tables[1].number(r, "IMAX"));
    assert!(own.clone().all(|v| 0.0 < v && v < 1.0), "{own:?}");
    let variation = |name| number(&found.tables[0], name, "between subjects", "variation_percent");
    assert!(variation("IMAX").is_nan() && variation("CL") > 10.0);
    let said = found.sentences.join(" ");
    assert!(said.contains("in 90 % of subjects"), "{said}");
    // 1.645 standard deviations of the log-odds to either side of the estimate.
    let sd = number(&found.tables[0], "IMAX", "between subjects", "estimate");
    let end = |by: f64| 1.0 / (1.0 + (-log_odds(of("estimate")) - by * 1.644_853_6 * sd).exp());
    let three = il2::quantity::three_digits;
    let wanted = format!("from {} to {}", three(end(-1.0)), three(end(1.0)));
    assert!(said.contains(&wanted), "{said}: {wanted}");
}

#[test]
fn a_range_that_cannot_be_is_refused_where_it_stands() {
    let table = "ID,TIME,EVID,AMT,DV\n1,0,1,100,.\n1,1,0,.,7.1\n2,0,1,100,.\n2,1,0,.,3.4\n";
    let good = study("one-compartment", ADDITIVE, ABSORBED);
    planned(&good, table).unwrap();
    for (from, to, wanted) in [
        ("\"logit-normal\"", "\"normal\"", "unknown distribution \"normal\""),
        ("\"logit-normal\"", "\"log-normal\", bounds = [\"0\", \"1\"]", "both above zero"),
        ("between_subjects = 0.8, ", "", "applies only to a parameter that varies"),
        ("\"0.6\"", "\"1.5\"", "F1.start: \"1.5\" is not between 0 and 1"),
        ("\"0.6\"", "\"0.6\", bounds = [\"0.7\", \"1\"]", "with the start between them"),
        (
            "\"10 L\", fixed = true",
            "\"10 L\", between_subjects = 0.2, distribution = \"logit-normal\"",
            "V.distribution: is \"logit-normal\", which needs the two ends",
        ),
        (
            "F1 =",
            "female = { start = \"0.1\", distribution = \"logit-normal\" }\nF1 =",
            "the same in all subjects",
        ),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good, "{from}");
        let why = planned(&text, table).map(|_| ()).unwrap_err().to_string();
        assert!(why.contains(wanted), "{to}: {why}");
    }
    // Bounds are the ends of the range, here of a volume.
    let text = good.replace(
        "\"10 L\", fixed = true",
        "\"10 L\", between_subjects = 0.2, distribution = \"logit-normal\", bounds = [\"0 L\", \"30 L\"]",
    );
    let (_, plan) = planned(&text, table).unwrap();
    let of = |effect: f64| plan.numbers.of(&plan.start()[..3], &[effect, 0.0], 0, &[]).values[1];
    assert!((of(0.0) - 10.0).abs() < 1e-9 && of(20.0) < 30.0 && of(20.0) > 29.9 && of(-20.0) < 0.1);
}

/// A largest inhibition may vary if it is logit-normal, and only up to complete inhibition.
#[test]
fn a_largest_inhibition_varies_only_within_its_range() {
    let more = "effect = \"inhibits-production\"\n\
         [assay.f.observed.cp]\nof = \"concentration\"\nresidual = { proportional = 0.1 }\n\
         [assay.f.observed.pca]\nof = \"effect\"\nunit = \"%\"\nresidual = { additive = \"3 %\" }\n";
    let of = |imax: &str| {
        let numbers = format!(
            "CL = {{ start = \"0.13 L/h\" }}\nV = {{ start = \"8 L\" }}\nbaseline = {{ start = \"96 %\" }}\n\
             turnover_rate = {{ start = \"0.05 /h\" }}\n\
             half_effect_concentration = {{ start = \"1.2 mg/L\" }}\nIMAX = {{ {imax} }}\n"
        );
        let table = "ID,TIME,EVID,AMT,DV,DVID\n1,0,1,100,.,.\n1,1,0,.,7.1,cp\n1,2,0,.,90,pca\n";
        planned(&study("one-compartment", more, &numbers), table).map(|_| ())
    };
    of("start = \"0.8\", between_subjects = 0.5, distribution = \"logit-normal\"").unwrap();
    for (imax, wanted) in [
        ("start = \"0.8\", between_subjects = 0.5", "add distribution = \"logit-normal\""),
        ("start = \"0.8\", between_subjects = 0.5, distribution = \"log-normal\"", "logit-normal"),
        (
            "start = \"0.8\", between_subjects = 0.5, distribution = \"logit-normal\", \
             bounds = [\"0\", \"1.5\"]",
            "is above 1 (complete inhibition)",
        ),
        (
            "start = \"1\", between_subjects = 0.5, distribution = \"logit-normal\"",
            "is not between 0 and 1",
        ),
    ] {
        let why = of(imax).unwrap_err().to_string();
        assert!(why.contains(wanted), "{imax}: {why}");
    }
}
