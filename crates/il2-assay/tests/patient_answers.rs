//! What answers about patients say: warnings of molecules, kidneys and bodies for which the model was not
//! made, and where a half-life was read.

use il2::patient::cohort::Person;
use il2_answer::AssayResult;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

fn parsed(text: &str) -> Result<Study, StudyError> {
    il2_assay::parse(Path::new("test.toml"), text, Library::builtin()).map(|(study, _)| study)
}

/// A study of one regimen and one assay.
fn text(ligand: &str, regimen: &str, assay: &str) -> String {
    format!(
        "version = 1\nquestion = \"What happens?\"\n[ligands.drug]\n{ligand}\n\
         [regimens.given]\nligand = \"drug\"\n{regimen}\n[assay.blood]\nkind = \"regimen\"\n{assay}\n"
    )
}

fn run(ligand: &str, regimen: &str, assay: &str) -> AssayResult {
    let study = parsed(&text(ligand, regimen, assay)).unwrap_or_else(|e| panic!("{e}"));
    il2_assay::kinds::plan(&study, "blood").unwrap().run(&study, &|_| {})
}

/// The highest median of a quantity.
fn highest(result: &AssayResult, quantity: &str) -> f64 {
    let table = &result.tables[0];
    let rows = (0..table.rows()).filter(|&row| table.text(row, "quantity") == quantity);
    rows.map(|row| table.number(row, "median")).fold(f64::NEG_INFINITY, f64::max)
}

const ALDESLEUKIN: &str = "from = \"aldesleukin\"";
const HIGH_DOSE: &str = "dose = \"600000 IU/kg\"\nroute = \"infusion\"\nduration = \"15 min\"\n\
    every = \"8 h\"\ndoses = 14";

#[test]
fn a_molecule_that_binds_differently_from_that_of_its_set_is_warned_of() {
    let warned = |ligand: &str, dose: &str| -> Vec<String> {
        let regimen = format!("dose = \"{dose}\"\nroute = \"subcutaneous\"");
        let study = parsed(&text(ligand, &regimen, "times = [\"1 d\"]")).unwrap();
        let plan = il2_assay::kinds::plan(&study, "blood").unwrap();
        il2_assay::magnitude::warnings(&study, &plan)
    };
    let of_kinetics = |warnings: &[String]| {
        warnings.iter().any(|w| w.starts_with("drug binds differently from the molecule"))
    };
    let of_activity = |warnings: &[String]| {
        warnings.iter().any(|w| w.starts_with("ligands.drug: doses in IU are converted"))
    };
    let weaker = "from = \"aldesleukin\"\naffinity = { il2r_beta = \"1 uM\" }";
    let slower = "from = \"aldesleukin\"\nk_on = { il2r_beta = \"1e6 /M/s\" }";
    let rezpeg = "from = \"rezpegaldesleukin\"\naffinity = { il2r_alpha = \"none\" }";
    for (ligand, dose, activity) in [
        (weaker, "1 MIU", true),
        (weaker, "4 nmol", false),
        (slower, "1 MIU/m2", true),
        (rezpeg, "1 nmol", false),
    ] {
        let warnings = warned(ligand, dose);
        assert!(of_kinetics(&warnings), "{ligand}: {warnings:?}");
        assert_eq!(of_activity(&warnings), activity, "{ligand} {dose}: {warnings:?}");
    }
    let own = "from = \"aldesleukin\"\naffinity = { il2r_beta = \"1 uM\" }\n\
        parameters = { specific_activity = \"1e6 IU/mg\" }";
    assert!(!of_activity(&warned(own, "1 MIU")));
    let unchanged = warned(ALDESLEUKIN, "1 MIU");
    assert!(!of_kinetics(&unchanged) && !of_activity(&unchanged), "{unchanged:?}");
}

#[test]
fn a_patient_who_meets_a_criterion_before_treatment_is_given_no_dose_and_the_answer_says_why() {
    let assay = "rules = \"hold\"\npatients = 5\ntimes = [\"1 d\", \"6 d\"]\n\
        parameters = { \"toxicity.renal_function\" = \"0.25\" }";
    let found = run(ALDESLEUKIN, HIGH_DOSE, assay);
    // Creatinine of 1 mg/dL is cleared at a quarter of the usual rate, so that it is 4 mg/dL.
    let creatinine = "creatinine is 4 mg/dL (doses are withheld at 2.5 or above)";
    assert_eq!(found.sentences.len(), 1, "{:?}", found.sentences);
    assert!(
        found.sentences[0].starts_with("No dose was given under given: before treatment, ")
            && found.sentences[0].contains(creatinine),
        "{:?}",
        found.sentences
    );
    let warned = |found: &AssayResult| {
        found.warnings.iter().any(|w| w.starts_with("rules =") && w.contains(creatinine))
    };
    assert!(warned(&found), "{:?}", found.warnings);
    let panel = found.picture.as_ref().expect("the first readout of the answer");
    let drug = found.figures[0].1.panels.iter().find(|p| p.name == "concentration").unwrap();
    for panel in [panel, drug].iter().filter(|p| p.name == "concentration") {
        assert_eq!(panel.y.scale, il2_output::figure::Scale::Linear);
    }
    let held = run(ALDESLEUKIN, HIGH_DOSE, &assay.replace("0.25", "0.9"));
    assert!(held.sentences.len() > 1 && !warned(&held), "{:?}", held.sentences);
}

#[test]
fn a_half_life_is_told_with_the_levels_from_which_it_is_read_or_with_the_reason_for_none() {
    let bolus = "dose = \"18 MIU\"\nroute = \"bolus\"";
    let told = |times: &str| {
        let found = run(ALDESLEUKIN, bolus, &format!("times = {times}"));
        let line = found.text.lines().find(|line| line.contains("half-life of the median"));
        let read = found.summary["arms"][0]["half_life_read_pm"].clone();
        (line.expect("a line about the half-life").to_string(), read)
    };
    let (line, read) = told("{ from = \"1 h\", to = \"18 h\", points = 35 }");
    let [from, to] = [0, 1].map(|k| read[k].as_f64().expect("a level"));
    assert!(from >= 4.0 * to && to > 0.0, "{read}");
    let short = |pm: f64| il2::quantity::three_digits(pm);
    assert!(line.ends_with(&format!("(from {} to {} pM)", short(from), short(to))), "{line}");
    let (line, read) = told("[\"10 min\", \"20 min\", \"40 min\", \"1 h\"]");
    assert!(read.is_null(), "{read}");
    let reason = "no half-life of the median concentration: the terminal phase is not reached";
    assert!(line.trim_start().starts_with(reason), "{line}");
}

#[test]
fn a_form_without_an_anchor_has_the_half_life_of_its_two_compartments_in_a_mouse() {
    let assay = "species = \"mouse\"\ntimes = { from = \"1 min\", to = \"200 min\", points = 200 }";
    let found = run(ALDESLEUKIN, "dose = \"1 nmol/kg\"\nroute = \"bolus\"", assay);
    let hours = found.summary["arms"][0]["half_life_h"].as_f64().expect("a half-life");
    // Two compartments of a person of 75 kg (Mosteller surface of 170 cm), with volumes scaled with
    // weight and clearances with its power 3/4, without uptake by cells, worked out by hand:
    // 10.96 min. Half-lives of 2 and 9 min were measured (donohue1984).
    let minutes = 60.0 * hours;
    assert!((minutes / 10.96 - 1.0).abs() < 0.02, "{minutes} min");
    assert!(found.text.contains("after the last dose: 10.9 min (from"), "{}", found.text);
    assert_eq!(highest(&found, "tumour_concentration"), 0.0);
    let anchored = "species = \"mouse\"\ntimes = [\"1 h\"]\n\
        parameters = { \"pharmacokinetics.anchor\" = \"50 nM\" }";
    let found = run(ALDESLEUKIN, "dose = \"1 nmol/kg\"\nroute = \"bolus\"", anchored);
    assert!(highest(&found, "tumour_concentration") > 0.0);
    let set = "times = [\"1 h\"]\nparameters = { \"tumour.exchange\" = \"1e-4 L/min\" }";
    let found = run(ALDESLEUKIN, "dose = \"18 MIU\"\nroute = \"bolus\"", set);
    assert!(highest(&found, "tumour_concentration") > 0.0);
}

#[test]
fn bodies_outside_the_limits_of_the_model_are_counted_in_a_warning() {
    let warned = |assay: &str| -> String {
        let regimen = "dose = \"1 nmol/kg\"\nroute = \"bolus\"";
        let study = parsed(&text(ALDESLEUKIN, regimen, assay)).unwrap();
        let il2_assay::Plan::Regimen(plan) = il2_assay::kinds::plan(&study, "blood").unwrap()
        else {
            panic!("a regimen")
        };
        let cohort = &plan.arms[0].patients.cohort;
        let people: Vec<_> = (0..200).map(|i| cohort.person(i)).collect();
        let slender = |p: &Person| p.weight / (0.01 * p.height).powi(2) < 11.0;
        let light = people.iter().filter(|p| p.weight < 10.0 || slender(p)).count();
        let said = plan.warnings().join("\n");
        if assay.contains("\"10 kg\"") {
            // Half of a lognormal distribution is below its median, which is the least weight; few others
            // are too slender.
            assert!((80..150).contains(&light), "{light}");
            assert!(
                said.contains(&format!("{light} of 200 patients are outside the limits")),
                "{said}"
            );
        }
        said
    };
    let of = |weight: &str| {
        warned(&format!(
            "patients = 200\ntimes = [\"1 d\"]\nparameters = {{ \"covariates.weight\" = \"{weight}\" }}"
        ))
    };
    let child = of("10 kg");
    assert!(child.contains("The usual patient weighs 10 kg, less than 40 kg"), "{child}");
    let heavy = of("200 kg");
    assert!(heavy.contains("outside the limits") && !heavy.contains("usual patient"), "{heavy}");
    let usual = of("80 kg") + &warned("patients = 200\ntimes = [\"1 d\"]");
    assert!(!usual.contains("limits of the model") && !usual.contains("usual patient"), "{usual}");
}
