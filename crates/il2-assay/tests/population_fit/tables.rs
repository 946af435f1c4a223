//! What a table says of doses, limits and covariates, as users of NONMEM write it: right values from closed forms, and
//! refusals with their line.

use super::{NUMBERS, ORAL, answer, assert_recovered, planned, simulated};
use il2_answer::AssayResult;
use il2_clinic::population_fit::{Plan, listing};
use il2_study::study::file::AssayPart;

/// Predictions at the starts, without random effects.
fn levels(plan: &Plan, subject: usize) -> Vec<f64> {
    let start = plan.start();
    let fixed = &start[..plan.numbers.parameters.len()];
    let effects = vec![0.0; plan.effects.of_subject(plan.subjects[subject].occasions)];
    plan.levels(subject, fixed, &effects).unwrap()
}

fn near(found: f64, wanted: f64, what: &str) {
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs(), "{what}: {found} {wanted}");
}

fn refusal(study: &str, table: &str) -> String {
    match planned(study, table) {
        Ok(_) => panic!("accepted: {study}\n{table}"),
        Err(why) => why.to_string(),
    }
}

fn one_compartment(more: &str) -> String {
    format!(
        "version = 1\nquestion = \"How do they differ?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"one-compartment\"\n\
         units = {{ time = \"h\", amount = \"mg\" }}\nresidual = {{ additive = \"0.2 mg/L\" }}\n\
         starts = 1\nsimulations = 20\n[assay.f.parameters]\n\
         CL = {{ start = \"3 L/h\", between_subjects = 0.25 }}\nV = {{ start = \"30 L\" }}\n{more}"
    )
}

/// Level of one compartment of 30 L and 3 L/h under an infusion that began this long ago (h).
fn infused(rate: f64, duration: f64, since: f64) -> f64 {
    if since <= 0.0 {
        return 0.0;
    }
    let k: f64 = 0.1;
    let during = rate / 3.0 * (1.0 - (-k * since.min(duration)).exp());
    during * (-k * (since - duration).max(0.0)).exp()
}

/// NONMEM: RATE -2 takes D1, RATE -1 takes R1, RATE 0 is a bolus and RATE above 0 is that rate.
#[test]
fn rates_of_minus_one_and_two_take_the_numbers_of_the_study() {
    let more = "D1 = { start = \"4 h\", between_subjects = 0.2 }\nR1 = { start = \"25 mg/h\" }\n\
                F1 = { start = \"0.8\", fixed = true }\n";
    let rate = |rate: &str| {
        format!(
            "ID,TIME,EVID,AMT,RATE,DV\n1,0,1,100,{rate},.\n1,2,0,.,.,1\n1,6,0,.,.,1\n\
             2,0,1,100,-1,.\n2,1,0,.,.,1\n3,0,1,100,-2,.\n3,1,0,.,.,1\n"
        )
    };
    let study = one_compartment(more);
    for (written, rate_of, duration) in
        [("-2", 80.0 / 4.0, 4.0), ("-1", 25.0, 80.0 / 25.0), ("50", 50.0, 80.0 / 50.0)]
    {
        let (_, plan) = planned(&study, &rate(written)).unwrap_or_else(|e| panic!("{e}"));
        for (found, time) in levels(&plan, 0).into_iter().zip([2.0, 6.0]) {
            near(found, infused(rate_of, duration, time), written);
        }
    }
    let (_, plan) = planned(&study, &rate("0")).unwrap();
    near(levels(&plan, 0)[0], 80.0 / 30.0 * (-0.2_f64).exp(), "a bolus");
    // Without any RATE -2 the duration is that of every dose without a rate.
    let table = "ID,TIME,EVID,AMT,DV\n1,0,1,100,.\n1,2,0,.,1\n";
    let only = one_compartment("D1 = { start = \"4 h\" }\n");
    near(levels(&planned(&only, table).unwrap().1, 0)[0], infused(25.0, 4.0, 2.0), "order zero");
    // An infusion of the row's own is not changed.
    let own = "ID,TIME,EVID,AMT,TINF,DV\n1,0,1,100,2,.\n1,3,0,.,.,1\n2,0,1,100,0,.\n2,3,0,.,.,1\n";
    near(levels(&planned(&only, own).unwrap().1, 0)[0], infused(50.0, 2.0, 3.0), "its own");
    // What nothing says, what two places say and what no dose takes.
    for (more, table, wanted) in [
        ("", rate("-2"), ":2: column RATE: is -2, but the compartment has no duration"),
        ("D1 = { start = \"4 h\" }\n", rate("-1"), ":2: column RATE: is -1, but the compartment"),
        (
            more,
            rate("-2").replace("DV", "DV,D1").replace(".\n", ".,3\n").replace(",1\n", ",1,3\n"),
            "D1",
        ),
        ("R1 = { start = \"25 mg/h\" }\n", table.to_string(), "has RATE -1"),
        ("D1 = { start = \"4 h\" }\n", rate("50").replace("-1", "9").replace("-2", "9"), "RATE -2"),
        ("R1 = { start = \"25 h\" }\n", rate("-1"), "infusion_rate = "),
    ] {
        let why = refusal(&one_compartment(more), &table);
        let why = why.replace("R1.start", "infusion_rate = ");
        assert!(why.contains(wanted), "{more}: {why}");
    }
}

const TIMES: [f64; 10] = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 16.0, 24.0];

fn with_rate(rate: &str, subjects: usize) -> Vec<Vec<String>> {
    let of = |i: usize| {
        let mut all = vec![format!("{},0,1,300,{rate}", i + 1)];
        all.extend(TIMES.map(|t| format!("{},{t},0,.,.", i + 1)));
        all
    };
    (0..subjects).map(of).collect()
}

/// Infusions end between two measurements, four standard deviations from both: where one ends at a
/// measurement the likelihood has an edge.
#[test]
fn a_duration_and_a_rate_of_infusions_are_recovered() {
    for (rate, more, truth) in [
        ("-2", "D1 = { start = \"5 h\", between_subjects = 0.05 }\n", ("D1", "typical", 5.0)),
        ("-1", "R1 = { start = \"60 mg/h\", between_subjects = 0.05 }\n", ("R1", "typical", 60.0)),
    ] {
        let rows = with_rate(rate, 30);
        let study = one_compartment(more);
        let data = simulated(&study, "ID,TIME,EVID,AMT,RATE", &rows, -99.0, 17);
        let (study, plan) = planned(&study, &data.table.replace(",LLOQ", ",NOTE")).unwrap();
        let varies = (truth.0, "between subjects", 0.05);
        assert_recovered(&answer(&study, plan), &[("CL", "typical", 3.0), truth, varies]);
    }
}

fn minus_2_log_likelihood(result: &AssayResult) -> f64 {
    result.summary["minus_2_log_likelihood"].as_f64().unwrap()
}

/// A level below the limit before the first dose is certain: it changes no likelihood, and under a proportional error,
/// which has no scatter there, it stops no fit.
#[test]
fn a_level_below_the_limit_before_the_first_dose_is_certain() {
    let study = format!("{ORAL}estimate = false\n{NUMBERS}")
        .replace("additive = \"0.3 mg/L\"", "proportional = 0.2");
    let table = |before: &str| {
        format!(
            "ID,TIME,EVID,AMT,DV,LLOQ\n1,-1,0,.,{before},0.5\n1,0,1,300,.,.\n1,2,0,.,7,0.5\n\
             1,24,0,.,BLQ,0.5\n"
        )
    };
    let all = ["BLQ", "."].map(|before| {
        let (study, plan) = planned(&study, &table(before)).unwrap_or_else(|e| panic!("{e}"));
        minus_2_log_likelihood(&answer(&study, plan))
    });
    assert!((all[0] - all[1]).abs() < 1e-9, "{all:?}");
    let why = refusal(&study, &table("0.7"));
    assert!(why.contains(":2: column DV: 0.7 is measured where the model predicts 0"), "{why}");
}

const TWO: &str = "effect = \"inhibits-production\"\n[assay.f.observed.cp]\nof = \"concentration\"\n\
     residual = { proportional = 0.1 }\nlloq = \"2 mg/L\"\n[assay.f.observed.pca]\nof = \"effect\"\n\
     residual = { additive = \"0.04\" }\n";
const NUMBERS_OF_TWO: &str = "CL = { start = \"3 L/h\", between_subjects = 0.25 }\n\
     V = { start = \"30 L\" }\nKA = { start = \"1 /h\" }\nbaseline = { start = \"1\" }\n\
     turnover_rate = { start = \"0.05 /h\" }\nhalf_effect_concentration = { start = \"1 mg/L\" }\n";

fn two(more: &str) -> String {
    format!(
        "version = 1\nquestion = \"How do they differ?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"one-compartment-oral\"\n\
         units = {{ time = \"h\", amount = \"mg\" }}\n{more}{TWO}\n[assay.f.parameters]\n\
         {NUMBERS_OF_TWO}"
    )
}

/// A limit of one quantity: the other, whose values are smaller, has none. A line's own LLOQ goes before it.
#[test]
fn a_limit_of_quantification_belongs_to_its_quantity() {
    let table = "ID,TIME,EVID,AMT,DV,DVID,LLOQ\n1,0,1,300,.,.,.\n1,1,0,.,5,cp,.\n1,1,0,.,0.9,pca,.\n\
                 1,9,0,.,1.5,cp,.\n1,9,0,.,BLQ,cp,.\n1,12,0,.,1.5,cp,1\n1,24,0,.,0.8,pca,.\n";
    let (_, plan) = planned(&two(""), table).unwrap_or_else(|e| panic!("{e}"));
    let found: Vec<(f64, &str)> =
        plan.subjects[0].rows.iter().map(|row| (row.value, row.bound.word())).collect();
    let (value, below) = ("value", "upper bound");
    let wanted =
        [(5.0, value), (0.9, value), (2.0, below), (2.0, below), (1.5, value), (0.8, value)];
    assert_eq!(found, wanted);
    for (from, to, wanted) in [
        ("\"2 mg/L\"", "\"0 mg/L\"", "lloq: must be above zero"),
        ("\"2 mg/L\"", "\"2 h\"", "lloq"),
        ("[assay.f.observed.cp]", "lloq = \"1 mg/L\"\n[assay.f.observed.cp]", "leave it out here"),
    ] {
        let why = refusal(&two("").replace(from, to), table);
        assert!(why.contains(wanted), "{to}: {why}");
    }
    // Of one quantity the limit stands beside its residual error.
    let study = format!("{ORAL}lloq = \"2 mg/L\"\n{NUMBERS}");
    let (_, plan) = planned(&study, "ID,TIME,AMT,DV\n1,0,300,.\n1,1,.,5\n1,9,.,1.5\n").unwrap();
    assert_eq!(plan.rows(), (2, 1));
}

#[test]
fn a_quantity_without_a_measurement_is_named() {
    let table = "ID,TIME,EVID,AMT,DV,DVID\n1,0,1,300,.,.\n1,1,0,.,5,cp\n1,9,0,.,3,cp\n";
    let why = refusal(&two(""), table);
    assert!(why.contains("assay.f.observed.pca: is not measured: no line"), "{why}");
    // One person's levels under a model that is given may be of one quantity alone.
    let (study, plan) = planned(&two("estimate = false\nsimulations = 0\n"), table).unwrap();
    let result = answer(&study, plan);
    assert!(result.warnings.iter().any(|w| w.contains("pca is not measured: no line")));
}

/// NONMEM: the steady state of doses with a delay is that of the delayed cycle; its closed form, at 2 h before the
/// delay has passed and at 9 h after.
#[test]
fn a_steady_state_takes_an_estimated_delay() {
    let more = "ALAG1 = { start = \"3 h\", between_subjects = 0.2 }\n";
    let table = "ID,TIME,EVID,AMT,SS,II,DV\n1,0,1,100,1,12,.\n1,2,0,.,.,.,3\n1,9,0,.,.,.,3\n";
    let (_, plan) = planned(&one_compartment(more), table).unwrap();
    let start = plan.start();
    let found = plan.predict(0, &start[..3], &[0.0, 0.0]).unwrap();
    let level = |since: f64| 100.0 / 30.0 * (-0.1 * since).exp() / (1.0 - (-1.2_f64).exp());
    for (r, since) in [11.0, 6.0].into_iter().enumerate() {
        near(found.values[r], level(since), "level");
        // By the logarithm of the delay: k times the delay.
        near(found.by_effect[r][1], 0.1 * 3.0 * level(since), "slope");
    }
}

/// Of people with very fast absorption too many steps would be needed: they are missing from their data sets, counted
/// and named with the reason, and the check is made of the others.
#[test]
fn a_visual_predictive_check_goes_on_without_those_who_cannot_be_simulated() {
    let study = "version = 1\nquestion = \"How do they differ?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"one-compartment-oral\"\nestimate = false\n\
         units = { time = \"h\", amount = \"mg\" }\nresidual = { additive = \"0.2 mg/L\" }\n\
         simulations = 100\nbins = 2\n[assay.f.parameters]\nVM = { start = \"8 mg/h\" }\n\
         KM = { start = \"2 mg/L\" }\nV = { start = \"20 L\" }\n\
         KA = { start = \"1 /h\", between_subjects = 3.0 }\n";
    let table = "ID,TIME,EVID,AMT,DV\na,0,1,300,.\na,1,0,.,6\na,100,0,.,1\nb,0,1,300,.\nb,1,0,.,7\n\
                 b,100,0,.,1\n";
    let (study, plan) = planned(study, table).unwrap_or_else(|e| panic!("{e}"));
    let result = answer(&study, plan);
    let check = result.tables.iter().find(|t| t.name.ends_with("_check")).unwrap();
    let status: Vec<String> = (0..check.rows()).map(|r| check.text(r, "status")).collect();
    let ok = status.iter().filter(|s| *s == "ok").count();
    assert_eq!(ok, 6, "{status:?}");
    assert!((1..40).contains(&result.failed) && check.rows() - ok == result.failed, "{status:?}");
    let reason = "no event or output was reached within 20000 steps";
    assert!(status[6..].iter().all(|s| s.contains("of data set") && s.contains(reason)));
    assert!((0..6).all(|r| check.number(r, "simulated_mg_per_l").is_finite()));
    assert!(result.warnings.iter().any(|w| w.contains("of 200 subjects")), "{:?}", result.warnings);
}

/// What NONMEM's users write, right or refused with its line.
#[test]
fn lines_of_a_table_are_right_or_refused_where_they_stand() {
    let good = format!("{ORAL}covariates = [\"CL = CL * (WT / 70)^0.75\"]\n{NUMBERS}");
    let table = "ID,TIME,EVID,AMT,CMT,II,ADDL,DV,WT\n1,0,1,300,1,12,1,.,70\n1,1,0,.,2,.,.,5,.\n\
                 1,14,0,.,2,.,.,5,.\n2,0,1,300,1,.,.,.,80\n2,1,0,.,2,.,.,5,80\n";
    planned(&good, table).unwrap_or_else(|e| panic!("{e}"));
    for (from, to, wanted) in [
        (
            "2,1,0,.,2,.,.,5,80",
            "2,1,0,.,2,.,.,5,0",
            ":6: column WT: 0 makes the formula for clearance",
        ),
        (
            "2,0,1,300,1,.,.,.,80",
            "2,0,1,300,1,.,.,.,-99",
            ":5: column WT: -99 usually stands for a missing value",
        ),
        (".,80\n2,1,0,.,2,.,.,5,80", ".,.\n2,1,0,.,2,.,.,5,.", ":5: column WT: is empty on every"),
        ("2,1,0,.,2,.,.,5,80\n", "2,1,0,.,2,.,.,5,80\n1,30,0,.,2,.,.,5,.\n", ":7: column ID"),
        ("1,12,1,.,70", "1,0,1,.,70", ":2: column II: is 0, but ADDL requests"),
        ("1,14,0", "1,0.5,0", ":4: column TIME"),
        ("2,1,0,.,2", "2,08:30,0,.,2", ":6: column TIME"),
        ("ID,TIME", "ID,DATE", "column DATE"),
        ("2,1,0,.,2", "2,1,0,.,4", ":6: column CMT"),
        ("2,1,0,.,2", "2,1,7,.,2", ":6: column EVID"),
        ("1,1,0,.,2,.,.,5", "1,1,0,50,2,.,.,5", ":3: column AMT"),
    ] {
        let other = table.replace(from, to);
        assert_ne!(other, table, "{from}");
        let why = refusal(&good, &other);
        assert!(why.contains(wanted), "{to}: {why}");
    }
    // A whole power may be taken of anything, and a formula may not give a clearance below zero.
    let even = good.replace("(WT / 70)^0.75", "(1 + 0.1 * ((WT - 75) / 10)^2)");
    planned(&even, table).unwrap_or_else(|e| panic!("{e}"));
    let low = good.replace("(WT / 70)^0.75", "(75 - WT)");
    let why = refusal(&low, table);
    assert!(
        why.contains(
            ":5: column WT: 80 gives clearance through its formula the impossible value -15 L/h"
        ),
        "{why}"
    );
}

/// Levels after resets, of other compartments, before time zero: values by hand.
#[test]
fn resets_compartments_and_times_below_zero_mean_what_they_do_in_nonmem() {
    let study = one_compartment("");
    let level = |since: f64| 100.0 / 30.0 * (-0.1 * since).exp();
    let table = "ID,TIME,EVID,AMT,CMT,DV\n1,-5,1,100,1,.\n1,-1,0,.,1,1\n1,3,3,.,.,.\n1,4,0,.,1,1\n\
                 1,5,1,100,1,.\n1,6,0,.,1,1\n1,0,4,100,1,.\n1,2,0,.,2,9\n1,2,0,.,1,1\n";
    let (_, plan) = planned(&study, table).unwrap_or_else(|e| panic!("{e}"));
    // The measurement in NONMEM's output compartment (urine) is not one of the concentration.
    assert_eq!((plan.rows().0, plan.table.not_compared), (4, 1));
    for (found, wanted) in
        levels(&plan, 0).into_iter().zip([level(4.0), 0.0, level(1.0), level(2.0)])
    {
        near(found, wanted, "level");
    }
}

/// A concentration below zero is told with its line where the error is additive, and refused where
/// it has no meaning.
#[test]
fn a_level_below_zero_does_not_pass_in_silence() {
    let table = "ID,TIME,EVID,AMT,DV\n1,0,1,100,.\n1,1,0,.,3\n1,2,0,.,-6.57\n1,3,0,.,2\n";
    let checked = |text: &str, table: &str| {
        let (study, plan) = planned(text, table).unwrap_or_else(|e| panic!("{e}"));
        let AssayPart::PopulationFit(part) = &study.assays["f"] else { panic!() };
        listing::text(&plan, part)
    };
    let additive = one_compartment("");
    let both = additive.replace("0.2 mg/L\"", "0.2 mg/L\", proportional = 0.1");
    assert_ne!(both, additive);
    for study in [&additive, &both] {
        let said = checked(study, table);
        let wanted = "! data.csv: DV has negative concentrations: -6.57 mg/L in line 4. They";
        assert!(said.contains(wanted), "{said}");
        let said = checked(study, &table.replace("-6.57", "6.57"));
        assert!(!said.contains("negative"), "{said}");
    }
    let more = "1,4,0,.,-1\n1,5,0,.,-1\n";
    let many = table.replace("1,0,.,3", "1,0,.,-3").replace("3,0,.,2", "3,0,.,-2") + more;
    let said = checked(&additive, &many);
    let wanted = "-3 mg/L in line 3, -6.57 mg/L in line 4, -2 mg/L in line 5, and in 2 more lines.";
    assert!(said.contains(wanted), "{said}");
    // The remedies.
    let limited = additive.replace("starts = 1", "starts = 1\nlloq = \"0.5 mg/L\"");
    for (study, text) in [(&limited, "BLQ"), (&limited, "-6.57"), (&additive, "<0.5")] {
        let said = checked(study, &table.replace("-6.57", text));
        assert!(!said.contains("negative"), "{said}");
    }
    for (error, wanted) in [
        (
            "proportional = 0.2",
            ":4: column DV: -6.57 is impossible with a residual error that is proportional to the prediction;",
        ),
        ("logarithmic = 0.2", "(DV is the value itself, not its logarithm)"),
    ] {
        let why = refusal(&additive.replace("additive = \"0.2 mg/L\"", error), table);
        assert!(why.contains(wanted), "{error}: {why}");
    }
    let noncompartmental = "version = 1\nquestion = \"How fast?\"\n[assay.f]\n\
         kind = \"noncompartmental\"\ntable = \"data.csv\"\nroute = \"intravenous\"\n\
         units = { time = \"h\", amount = \"mg\" }\n";
    let why = refusal(noncompartmental, table);
    assert!(
        why.contains(":4: column DV: -6.57 is below zero, which a concentration cannot be; mark"),
        "{why}"
    );
}
