//! A number of the whole patient that varies between subjects.

use super::{answer, assert_recovered, bytes, planned, simulated};
use il2_clinic::population_fit;
use il2_study::Threads;
use il2_study::study::file::AssayPart;

const STUDY: &str = "version = 1\nquestion = \"How much do Tregs differ in how they grow?\"\n\
     [ligands.drug]\nfrom = \"aldesleukin\"\n[assay.f]\nkind = \"population-fit\"\ntable = \"data.csv\"\n\
     model = \"patient\"\nligand = \"drug\"\nunits = { time = \"h\", amount = \"nmol\", concentration = \"pM\" }\n\
     compartments = { 1 = \"skin\" }\n[assay.f.observed.treg]\nof = \"treg_fold\"\n\
     residual = { proportional = 0.05 }\n[assay.f.parameters]\n\
     \"treg.growth_strength\" = { start = \"1\", between_subjects = 0.4 }\n";

/// Five doses under the skin, then Tregs at these times (h).
fn rows(subjects: usize) -> Vec<Vec<String>> {
    let of = |i: usize| {
        let id = i + 1;
        let mut all = vec![format!("{id},0,1,{},1,4,24", 2 + i % 3)];
        all.extend([48, 96, 144, 240].map(|t| format!("{id},{t},0,.,.,.,.")));
        all
    };
    (0..subjects).map(of).collect()
}

#[test]
fn the_growth_of_tregs_is_recovered_with_its_variability() {
    let data = simulated(STUDY, "ID,TIME,EVID,AMT,CMT,ADDL,II", &rows(8), 0.0, 4);
    let started = std::time::Instant::now();
    let (study, plan) = planned(&data.study, &data.table).unwrap();
    let plan = population_fit::Plan { threads: Threads::new(2), ..plan };
    let result = answer(&study, plan.clone());
    eprintln!("a fit of 8 patients took {:.1} s", started.elapsed().as_secs_f64());
    let name = "treg.growth_strength";
    assert_recovered(
        &result,
        &[
            (name, "typical", 1.0),
            (name, "between subjects", 0.4),
            ("treg proportional", "residual", 0.05),
        ],
    );
    assert!(result.warnings.iter().any(|w| w.contains("assumed")), "{:?}", result.warnings);
    // The subjects' own numbers without a search, on one thread and on two.
    let fixed = population_fit::Plan { estimates: false, ..plan };
    let [one, two] = [1, 2].map(|threads| {
        answer(&study, population_fit::Plan { threads: Threads::new(threads), ..fixed.clone() })
    });
    for (one, two) in one.tables.iter().zip(&two.tables) {
        assert_eq!(bytes(one), bytes(two), "{}", one.name);
    }
}

/// The derivatives that the search uses, finite differences of simulations, are accurate to a
/// thousandth of the value.
#[test]
fn derivatives_of_a_patient_are_those_of_its_predictions() {
    let table = "ID,TIME,EVID,AMT,CMT,ADDL,II,DV\n1,0,1,3,1,4,24,.\n1,96,0,.,.,.,.,2\n1,240,0,.,.,.,.,1.5\n";
    let (_, plan) = planned(STUDY, table).unwrap();
    let fixed = [0.1];
    let found = plan.predict(0, &fixed, &[0.2]).unwrap();
    // Two steps extrapolated (Richardson): the error is of fourth order.
    let slope = |h: f64, r: usize| {
        let at = |effect: f64| plan.levels(0, &fixed, &[effect]).unwrap()[r];
        (at(0.2 + h) - at(0.2 - h)) / (2.0 * h)
    };
    for r in 0..2 {
        let wanted = (4.0 * slope(0.02, r) - slope(0.04, r)) / 3.0;
        let off = (found.by_effect[r][0] - wanted).abs();
        assert!(off < 1e-3 * wanted.abs(), "{r}: {} {wanted}", found.by_effect[r][0]);
        assert!(found.values[r] > 1.2, "{}", found.values[r]);
    }
}

/// Formulas change the numbers of a patient: the predictions are those of a study whose number has
/// that value. The weight of the formula is still the weight of the body.
#[test]
fn covariates_change_the_numbers_of_a_patient() {
    let of = |subject: usize, formulas: &str, start: &str, weight: &str| {
        let study = STUDY
            .replace("[assay.f.observed", &format!("{formulas}[assay.f.observed"))
            .replace("start = \"1\"", &format!("start = \"{start}\""));
        let more = if formulas.is_empty() { "" } else { "female = { start = \"0.4\" }\n" };
        let table = format!(
            "ID,TIME,EVID,AMT,CMT,ADDL,II,DV,SEX,WT\n\
             1,0,1,3,1,4,24,.,1,{weight}\n1,96,0,.,.,.,.,2,1,{weight}\n\
             2,0,1,3,1,4,24,.,2,{weight}\n2,96,0,.,.,.,.,2,2,{weight}\n"
        );
        let (_, plan) = planned(&format!("{study}{more}"), &table).unwrap();
        let start = plan.start();
        let fixed = &start[..plan.numbers.parameters.len()];
        plan.levels(subject, fixed, &[0.0]).unwrap()[0]
    };
    let formulas = "covariates = [\"treg.growth_strength = treg.growth_strength * (WT / 70)^0.5 * \
                    (1 + female * (SEX == 2))\"]\n";
    for (subject, weight, start) in
        [(0, "70", 1.0), (1, "70", 1.4), (1, "90", 1.4 * (90.0_f64 / 70.0).sqrt())]
    {
        let found = of(subject, formulas, "1", weight);
        let wanted = of(subject, "", &start.to_string(), weight);
        assert!((found / wanted - 1.0).abs() < 1e-9, "{subject} {weight}: {found} {wanted}");
    }
    let heavier = of(0, "", "1", "140");
    assert!((heavier / of(0, "", "1", "70") - 1.0).abs() > 1e-3, "{heavier}");
}

#[test]
fn what_a_patient_cannot_have_is_refused_where_it_stands() {
    let table = "ID,TIME,EVID,AMT,CMT,DV\n1,0,1,3,1,.\n1,96,0,.,.,2\n";
    planned(STUDY, table).unwrap();
    for (from, to, wanted) in [
        ("treg_fold", "tregs_fold", "treg_fold"),
        ("treg.growth_strength", "treg.strength", "unknown parameter"),
        ("treg.growth_strength", "pharmacokinetics.transit_compartments", "cannot be fitted"),
        ("ligand = \"drug\"\n", "", "ligand: is missing"),
        (
            "model = \"patient\"",
            "model = \"one-compartment\"",
            "applies only to model = \"patient\"",
        ),
        ("[assay.f.observed", "chains = 2\n[assay.f.observed", "would take days"),
        (
            "[assay.f.observed",
            "covariates = [\"CL = CMT\"]\n[assay.f.observed",
            "not a property of a subject",
        ),
        (
            "[assay.f.observed",
            "covariates = [\"treg.growth = 1\"]\n[assay.f.observed",
            "must assign a value to one of treg.growth_strength",
        ),
        ("[assay.f.observed", "effect = \"inhibits-loss\"\n[assay.f.observed", "treg_fold"),
    ] {
        let study = STUDY.replace(from, to);
        assert_ne!(study, STUDY, "{from}");
        let why = planned(&study, table).map(|_| ()).unwrap_err().to_string();
        assert!(why.contains(wanted), "{to}: {why}");
    }
}

/// A study that measures this readout, with these lines in its part of `observed`.
fn measuring(readout: &str, lines: &str) -> String {
    let part = "of = \"treg_fold\"\nresidual = { proportional = 0.05 }\n";
    assert!(STUDY.contains(part));
    STUDY.replace(part, &format!("of = \"{readout}\"\n{lines}\n"))
}

/// Predictions are in the unit of DV; its factor to that of the readout is known.
#[test]
fn a_readout_is_predicted_in_the_unit_of_the_table() {
    let table = "ID,TIME,EVID,AMT,CMT,ADDL,II,DV\n1,0,1,3,1,4,24,.\n1,96,0,.,.,.,.,2\n";
    let level = |readout: &str, unit: &str, residual: &str| {
        let lines = format!("{unit}\nresidual = {{ {residual} }}");
        let (_, plan) =
            planned(&measuring(readout, &lines), table).unwrap_or_else(|e| panic!("{e}"));
        (plan.levels(0, &plan.start()[..1], &[0.0]).unwrap()[0], plan.endpoints[0].sds[0])
    };
    let proportional = "proportional = 0.1";
    let of = |readout: &str, unit: &str| level(readout, unit, proportional).0;
    for (readout, one, other, factor) in [
        ("treg_count", "unit = \"cells/uL\"", "unit = \"cells/L\"", 1e6),
        ("treg_fold", "", "unit = \"%\"", 100.0),
        ("albumin", "unit = \"g/dL\"", "unit = \"g/L\"", 10.0),
        ("treg_of_cd4", "unit = \"%\"", "unit = \"% of CD4 T cells\"", 1.0),
        ("soluble_cd25", "unit = \"nM\"", "unit = \"pM\"", 1000.0),
    ] {
        let (one, other) = (of(readout, one), of(readout, other));
        assert!(one > 0.0 && (other / one / factor - 1.0).abs() < 1e-9, "{readout}: {one} {other}");
    }
    // The library's pressure before treatment is 90 mmHg, and it only falls.
    let (pressure, sd) =
        level("mean_arterial_pressure", "unit = \"mmHg\"", "additive = \"5 mmHg\"");
    assert!(pressure > 40.0 && pressure <= 90.0 && sd == 5.0, "{pressure} {sd}");
    let (_, sd) = level("albumin", "unit = \"g/L\"", "additive = \"2 g/L\"");
    assert_eq!(sd, 2.0);
}

#[test]
fn a_unit_that_is_missing_or_wrong_is_refused_with_the_right_one() {
    let table = "ID,TIME,EVID,AMT,CMT,DV\n1,0,1,3,1,.\n1,96,0,.,.,2\n";
    for (readout, lines, wanted) in [
        ("treg_count", "", "unit: is missing, but treg_count has a unit"),
        ("treg_count", "unit = \"pM\"", "\"pM\" is not a unit of a number of cells per volume"),
        ("mean_arterial_pressure", "", "for example unit = \"mmHg\""),
        ("mean_arterial_pressure", "unit = \"mg/L\"", "write DV in mmHg, and unit = \"mmHg\""),
        ("creatinine", "unit = \"umol/L\"", "write DV in mg/dL, and unit = \"mg/dL\""),
        ("weight_gain", "", "for example unit = \"% of body weight\""),
        ("treg_fold", "unit = \"cells/uL\"", "is not a unit of a plain number; write no unit"),
        ("concentration", "unit = \"pM\"", "units.concentration is the unit"),
    ] {
        let text = measuring(readout, &format!("{lines}\nresidual = {{ proportional = 0.1 }}"));
        let why = planned(&text, table).map(|_| ()).unwrap_err().to_string();
        assert!(why.contains(wanted) && why.contains("observed.treg.unit"), "{readout}: {why}");
    }
    for (lines, wanted) in [
        ("residual = { additive = \"5\" }", "additive: \"5\" is not a value of mean_arterial"),
        ("residual = { additive = \"5 mg/L\" }", "such as \"10 mmHg\""),
        ("residual = { additive = \"5 mmHg\" }\nlloq = \"40 kPa\"", "lloq: \"40 kPa\""),
    ] {
        let text = measuring("mean_arterial_pressure", &format!("unit = \"mmHg\"\n{lines}"));
        let why = planned(&text, table).map(|_| ()).unwrap_err().to_string();
        assert!(why.contains(wanted), "{lines}: {why}");
    }
}

/// Counts relative to baseline that are given in percent, and counts per millilitre that are called
/// counts per microlitre, do not pass in silence.
#[test]
fn values_of_another_size_than_the_readout_are_doubted() {
    let of = |readout: &str, unit: &str, values: [&str; 2]| {
        let lines = format!("{unit}\nresidual = {{ proportional = 0.1 }}");
        let table = format!(
            "ID,TIME,EVID,AMT,CMT,ADDL,II,DV\n1,0,1,3,1,4,24,.\n1,96,0,.,.,.,.,{}\n\
             2,0,1,3,1,4,24,.\n2,96,0,.,.,.,.,{}\n",
            values[0], values[1]
        );
        let (study, plan) = planned(&measuring(readout, &lines), &table).unwrap();
        let AssayPart::PopulationFit(part) = &study.assays["f"] else { panic!() };
        population_fit::listing::text(&plan, part)
    };
    let doubt = "times the prediction at the starting values (median of 2 measurements), as";
    let said = of("treg_fold", "", ["210", "180"]);
    assert!(said.contains(doubt) && said.contains("check observed.treg.unit"), "{said}");
    let said = of("treg_count", "unit = \"cells/uL\"", ["90000", "110000"]);
    assert!(said.contains(doubt), "{said}");
    for (readout, unit, values) in [
        ("treg_fold", "", ["2.1", "1.8"]),
        ("treg_fold", "unit = \"%\"", ["210", "180"]),
        ("treg_count", "unit = \"cells/uL\"", ["90", "110"]),
    ] {
        let said = of(readout, unit, values);
        assert!(!said.contains("times the prediction"), "{said}");
    }
}
