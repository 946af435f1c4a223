//! The search for a dose, compared with closed forms and with plain runs of the same patients.

use il2_answer::AssayResult;
use il2_engine::Threads;
use il2_output::table::Table;
use il2_study::{Library, Study};
use std::path::Path;

/// A study of one regimen, an assay and its search.
fn study(regimen: &str, assay: &str, search: &str) -> Study {
    let text = format!(
        "version = 1\nquestion = \"Which dose?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n\
         [regimens.given]\nligand = \"drug\"\n{regimen}\n[assay.blood]\nkind = \"regimen\"\n{assay}\n{search}\n"
    );
    Study::parse(Path::new("test.toml"), &text, Library::builtin()).unwrap()
}

fn run(study: &Study) -> AssayResult {
    il2_assay::kinds::plan(study, "blood").unwrap().run(study, &|_| {})
}

fn table<'a>(result: &'a AssayResult, name: &str) -> &'a Table {
    result.tables.iter().find(|t| t.name == name).unwrap()
}

/// Every dose tried for a requirement: dose, share and whether it is met.
fn shares(result: &AssayResult, requirement: &str) -> Vec<(f64, f64, bool)> {
    let table = table(result, "blood_search");
    let rows = (0..table.rows()).filter(|&row| table.text(row, "requirement") == requirement);
    let of = |row| {
        let met = table.text(row, "met") == "yes";
        (table.number(row, "dose"), table.number(row, "share"), met)
    };
    rows.map(of).collect()
}

#[test]
fn the_peak_after_a_bolus_is_the_dose_divided_by_the_volume() {
    let given = "dose = \"1 nmol/m2\"\nroute = \"bolus\"";
    let assay = "patients = 60\ntimes = [\"0 h\", \"6 h\"]";
    let search = "[assay.blood.search]\ndose = { from = \"0.1 nmol/m2\", to = \"10 nmol/m2\", points = 5 }\n\
        [assay.blood.search.requirements.low]\nreadout = \"concentration\"\nof = \"peak\"\n\
        at_most = \"300 pM\"\nshare = 0.9\n\
        [assay.blood.search.requirements.high]\nreadout = \"concentration\"\nof = \"peak\"\n\
        at_least = \"100 pM\"\nshare = 0.8";
    let result = run(&study(given, assay, search));
    let people = table(&result, "blood_patients");
    // pmol per nmol/m2 and m2, divided by L.
    let per_dose: Vec<f64> = (0..people.rows())
        .map(|row| 1e3 * people.number(row, "surface_m2") / people.number(row, "volume_l"))
        .collect();
    assert_eq!(per_dose.len(), 60);
    let part =
        |meets: &dyn Fn(f64) -> bool| per_dose.iter().filter(|c| meets(**c)).count() as f64 / 60.0;
    for (dose, share, met) in shares(&result, "low") {
        let wanted = part(&|c| c * dose <= 300.0);
        assert!((share - wanted).abs() < 1e-12, "at most: {dose}: {share} {wanted}");
        assert_eq!(met, wanted >= 0.9);
    }
    for (dose, share, _) in shares(&result, "high") {
        let wanted = part(&|c| c * dose >= 100.0);
        assert!((share - wanted).abs() < 1e-12, "at least: {dose}: {share} {wanted}");
    }
    // The edges are order statistics: 54 of 60 patients up to the one, 48 from the other on.
    let mut sorted = per_dose.clone();
    sorted.sort_by(f64::total_cmp);
    let (from, to) = (100.0 / sorted[12], 300.0 / sorted[53]);
    let found = &result.summary["search"]["schedules"][0]["ranges"][0];
    let end = |key: &str| found[key]["dose"].as_f64().unwrap();
    assert!((1.0..1.025).contains(&(end("from") / from)), "{found} {from}");
    assert!((1.0..1.025).contains(&(to / end("to"))), "{found} {to}");
    assert_eq!(found["from"]["limited_by"][0], "high");
    assert_eq!(found["to"]["limited_by"][0], "low");
    assert!(result.checks.iter().all(|c| c.holds), "{:?}", result.checks);
}

/// A daily dose under the skin for 14 d.
fn daily(dose: f64) -> String {
    format!("dose = \"{dose} MIU/m2\"\nroute = \"subcutaneous\"\nevery = \"1 d\"\ndoses = 14")
}

#[test]
fn the_edge_for_one_patient_is_the_root_found_by_plain_runs() {
    let assay = "times = [\"0 d\", \"14 d\"]\nshow = [\"treg_fold\"]";
    let fold = |dose: f64| {
        let result = run(&study(&daily(dose), assay, ""));
        let table = &result.tables[0];
        let at = |&row: &usize| {
            table.text(row, "quantity") == "treg_fold" && table.number(row, "time_d") == 14.0
        };
        table.number((0..table.rows()).find(at).unwrap(), "median")
    };
    let (mut low, mut high) = (0.05_f64, 2.0_f64);
    assert!(fold(low) < 2.0 && fold(high) > 2.0);
    for _ in 0..14 {
        let middle = (low * high).sqrt();
        if fold(middle) < 2.0 { low = middle } else { high = middle }
    }
    let search = "[assay.blood.search]\ndose = { from = \"0.05 MIU/m2\", to = \"2 MIU/m2\", points = 3 }\n\
        [assay.blood.search.requirements.doubled]\nreadout = \"treg_fold\"\ntime = \"14 d\"\n\
        at_least = \"2\"\nshare = 1";
    let result = run(&study(&daily(1.0), assay, search));
    let edge =
        result.summary["search"]["schedules"][0]["ranges"][0]["from"]["dose"].as_f64().unwrap();
    assert!((1.0 - 1e-3..1.025).contains(&(edge / high)), "{edge} {high}");
    assert!(result.sentences[0].ends_with("every 1 d: doubled is met."), "{:?}", result.sentences);
    // Nothing is said of other patients.
    assert!(result.sentences.iter().all(|s| !s.contains("intervals for this number")));
}

const TWO: &str = "[assay.blood.search.requirements.expanded]\nreadout = \"treg_fold\"\nat_least = \"FOLD\"\n\
    from = \"7 d\"\nshare = 0.9\n\
    [assay.blood.search.requirements.held]\nreadout = \"mean_arterial_pressure\"\n\
    at_least = \"80 mmHg\"\nshare = \"95 %\"";

fn two(fold: &str, every: &str, assay: &str) -> Study {
    let search = format!(
        "[assay.blood.search]\ndose = {{ from = \"0.1 MIU/m2\", to = \"30 MIU/m2\", points = 4 }}\n{every}\n{}",
        TWO.replace("FOLD", fold)
    );
    study(&daily(1.0), &format!("patients = 40\ntimes = [\"0 d\", \"14 d\"]\n{assay}"), &search)
}

#[test]
fn effect_limits_the_dose_from_below_and_toxicity_from_above() {
    let study = two("1.5", "every = [\"1 d\", \"2 d\", \"7 d\"]", "");
    let result = run(&study);
    let found = table(&result, "blood_search");
    let schedules = result.summary["search"]["schedules"].as_array().unwrap();
    assert_eq!(schedules.len(), 3);
    let first = &schedules[0]["ranges"][0];
    assert_eq!(first["from"]["limited_by"][0], "expanded");
    assert_eq!(first["to"]["limited_by"][0], "held");
    // 14 d of doses, whatever the time between them.
    for row in 0..found.rows() {
        let wanted = match found.number(row, "every_d") {
            1.0 => 14.0,
            2.0 => 7.0,
            _ => 2.0,
        };
        assert_eq!(found.number(row, "doses_planned"), wanted);
        assert_eq!(found.number(row, "doses_given"), wanted);
        assert_eq!(found.text(row, "status"), "ok");
    }
    // Patients are those of the plain arm: with the dose of the regimen, the same extremes.
    let people = table(&result, "blood_patients");
    let lowest = (0..people.rows())
        .filter(|&row| people.number(row, "lowest_mean_arterial_pressure_mmhg") >= 80.0)
        .count();
    let near = shares(&result, "held").into_iter().find(|(dose, ..)| *dose >= 1.0).unwrap();
    assert!(near.1 <= lowest as f64 / 40.0, "{near:?} {lowest}");
    assert!(result.text.lines().all(|line| line.chars().count() <= 100), "{}", result.text);
    assert_eq!(result.figures[1].0, "blood_search");
    assert_eq!(result.figures[1].1.panels.len(), 3);
}

#[test]
fn conflicting_requirements_are_said_to_conflict() {
    let result = run(&two("20", "", ""));
    assert!(
        result.sentences[0].starts_with("None of the doses of given tried from 0.1 to 30 MIU/m2")
    );
    assert!(result.sentences[1].starts_with("The best compromise is"), "{:?}", result.sentences);
    assert!(result.sentences[2].contains("held is met up to"), "{:?}", result.sentences);
    assert!(result.sentences[2].contains("expanded is met at no dose tried"));
    assert!(result.text.contains("none"), "{}", result.text);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let of = |threads: usize| {
        let study = Study { threads: Threads::new(threads), ..two("1.5", "", "") };
        let result = run(&study);
        let mut csv = vec![];
        table(&result, "blood_search").write_csv(&mut csv).unwrap();
        (csv, result.sentences, result.text, result.summary.to_string())
    };
    assert_eq!(of(1), of(2));
}

#[test]
fn rules_withhold_doses_at_high_doses_only() {
    let regimen = "dose = \"600000 IU/kg\"\nroute = \"infusion\"\nduration = \"15 min\"\nevery = \"8 h\"\ndoses = 14";
    let search = "[assay.blood.search]\ndose = [\"1000 IU/kg\", \"600000 IU/kg\"]\n\
        [assay.blood.search.requirements.held]\nreadout = \"mean_arterial_pressure\"\n\
        at_least = \"65 mmHg\"\nshare = 0.95";
    let assay = "patients = 30\nrules = \"hold\"\ntimes = [\"0 d\", \"7 d\"]";
    let result = run(&study(regimen, assay, search));
    let table = table(&result, "blood_search");
    assert_eq!(table.rows(), 2, "a list is not refined");
    let given = [0, 1].map(|row| table.number(row, "doses_given"));
    assert_eq!(given[0], 14.0);
    assert!(given[1] < 14.0, "{given:?}");
}

#[test]
fn patients_who_cannot_be_simulated_meet_nothing_and_are_named() {
    let mut study = two("1.5", "", "");
    study.tolerance.most_steps = 2;
    let result = run(&study);
    let table = table(&result, "blood_search");
    assert_eq!((table.number(0, "share"), table.number(0, "failed")), (0.0, 40.0));
    let status = table.text(0, "status");
    assert!(status.starts_with("patient 0: no event or output was reached"), "{status}");
    assert!(status.ends_with("; and 39 more patients"), "{status}");
    assert!(result.failed >= 80, "{}", result.failed);
    assert!(result.warnings.iter().any(|w| w.contains("of the search could not be solved")));
}

/// A window with two ends lies between two doses of a coarse range, where no patient or hardly any
/// is inside at either: it is found, because patients pass from below it to above.
#[test]
fn a_window_between_two_doses_is_found() {
    let given = "dose = \"1 nmol/m2\"\nroute = \"bolus\"";
    for (patients, range, window, share) in [
        (1, ["0.1", "10", "5"], [700.0, 900.0], 1.0),
        (40, ["0.03", "3", "3"], [500.0, 900.0], 0.75),
    ] {
        let [from, to, points] = range;
        let [low, high] = window;
        let search = format!(
            "[assay.blood.search]\ndose = {{ from = \"{from} nmol/m2\", to = \"{to} nmol/m2\", points = {points} }}\n\
             [assay.blood.search.requirements.window]\nreadout = \"concentration\"\nof = \"peak\"\n\
             at_least = \"{low} pM\"\nat_most = \"{high} pM\"\nshare = {share}"
        );
        let assay = format!("patients = {patients}\ntimes = [\"0 h\", \"6 h\"]");
        let result = run(&study(given, &assay, &search));
        let people = table(&result, "blood_patients");
        let per_dose: Vec<f64> = (0..people.rows())
            .map(|row| 1e3 * people.number(row, "surface_m2") / people.number(row, "volume_l"))
            .collect();
        // The smallest dose at which the share of patients inside is large enough.
        let inside = |dose: f64| {
            let met = per_dose.iter().filter(|c| (low..=high).contains(&(**c * dose))).count();
            met as f64 / per_dose.len() as f64 >= share
        };
        let enters = per_dose.iter().map(|c| low / c * (1.0 + 1e-9)).filter(|dose| inside(*dose));
        let smallest = enters.fold(f64::INFINITY, f64::min);
        let found = &result.summary["search"]["schedules"][0]["ranges"][0];
        let from =
            found["from"]["dose"].as_f64().unwrap_or_else(|| panic!("{:?}", result.sentences));
        assert!((1.0 - 1e-9..1.025).contains(&(from / smallest)), "{from} {smallest}");
    }
}
