//! Markers of patients in a trial, allocation in blocks and strata, and numbers of one arm.

use il2::tumour::host::{Feature, Variability};
use il2::tumour::marker::Marker;
use il2_answer::AssayResult;
use il2_engine::threads::Threads;
use il2_study::Library;
use std::collections::BTreeMap;
use std::path::Path;

const MELANOMA: &str = "melanoma";

fn study(trial: &str) -> String {
    format!(
        "version = 1\nquestion = \"What comes of it?\"\n[assay.trial]\nkind = \"trial\"\n\
         disease = \"{MELANOMA}\"\n{trial}\n"
    )
}

fn run(text: &str, threads: Threads) -> AssayResult {
    let (mut study, plans) =
        il2_assay::parse(Path::new("study.toml"), text, Library::builtin()).unwrap();
    study.threads = threads;
    plans.first().map(|(_, plan)| plan.run(&study, &|_| {})).unwrap()
}

fn refused(trial: &str) -> String {
    let text = study(trial);
    il2_assay::parse(Path::new("study.toml"), &text, Library::builtin()).unwrap_err().to_string()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
    let covariance = |of: &dyn Fn(&(f64, f64)) -> f64| mean(of);
    covariance(&|p| (p.0 - x) * (p.1 - y))
        / (covariance(&|p| (p.0 - x).powi(2)) * covariance(&|p| (p.1 - y).powi(2))).sqrt()
}

#[test]
fn a_marker_has_its_frequency_its_correlation_and_its_factor() {
    let entry = Library::builtin().tumours.diseases[MELANOMA].clone();
    let of = Variability::of(&entry).unwrap();
    let marker = Marker {
        name: "vegf".into(),
        positive: 0.3,
        factors: vec![(Feature::Growth, 4.0)],
        follows: Some((Feature::Volume, 0.6)),
    };
    const PATIENTS: u64 = 20_000;
    let (mut positive, mut pairs) = (0, vec![]);
    let mut logs = [vec![], vec![]];
    for index in 0..PATIENTS {
        let mut host = of.host(7, index);
        let (volume, growth) = (host.volume, host.growth);
        let level = marker.level(7, index, &host, &of);
        marker.apply(level, &mut host);
        positive += u64::from(level.positive);
        pairs.push((level.score, volume.ln()));
        logs[usize::from(level.positive)].push((host.growth / growth).ln());
        assert_eq!(host.volume, volume);
    }
    // Standard errors: 0.0032 and 0.0045.
    assert!((positive as f64 / PATIENTS as f64 - 0.3).abs() < 0.013);
    assert!((correlation(&pairs) - 0.6).abs() < 0.018);
    // The ratio is the factor, and the geometric mean over all candidates stays.
    assert!((logs[1][0] - logs[0][0] - 4.0_f64.ln()).abs() < 1e-12);
    assert!((0.3 * logs[1][0] + 0.7 * logs[0][0]).abs() < 1e-12);
}

#[test]
fn a_volume_scales_all_cells_and_the_hazard_the_limit_at_which_a_patient_dies() {
    let entry = Library::builtin().tumours.diseases[MELANOMA].clone();
    let of = Variability::of(&entry).unwrap();
    let host = of.host(1, 3);
    let mut scaled = host.clone();
    scaled.scale(Feature::Volume, 2.0);
    scaled.scale(Feature::Hazard, 4.0);
    assert_eq!(scaled.volume, 2.0 * host.volume);
    assert_eq!(scaled.effectors, 2.0 * host.effectors);
    assert_eq!(scaled.lesions[1].cells[0], 2.0 * host.lesions[1].cells[0]);
    assert_eq!(scaled.death_at_hazard, host.death_at_hazard / 4.0);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9);
    close(of.deviation(&scaled, Feature::Effectors), of.deviation(&host, Feature::Effectors));
}

const ARMS: &str = "arms = { a = {}, b = {} }";

#[test]
fn another_marker_changes_no_patient() {
    let with = |more: &str| {
        let text = study(&format!(
            "patients = 40\nfollow_up = \"4 months\"\n{ARMS}\n\
             markers.one = {{ positive = 0.5, factors = {{ volume = 2 }} }}\n{more}"
        ));
        let table = run(&text, Threads::ONE).tables.remove(2);
        (0..table.rows()).map(|row| table.number(row, "VOLUME_ML")).collect::<Vec<_>>()
    };
    assert_eq!(with(""), with("markers.other = { positive = 0.2 }"));
}

#[test]
fn blocks_balance_arms_within_each_stratum() {
    let text = study(
        "patients = 90\nreplicates = 3\naccrual = \"1 y\"\nfollow_up = \"3 months\"\n\
         ratio = [2, 1]\nblock = 6\nstrata = [\"one\", \"two\"]\narms = { a = {}, b = {} }\n\
         markers.one = { positive = 0.5 }\nmarkers.two = { positive = 0.3 }",
    );
    let result = run(&text, Threads::new(2));
    let subjects = &result.tables[2];
    assert_eq!(subjects.rows(), 90);
    let mut counts: BTreeMap<(String, String), [i64; 2]> = BTreeMap::new();
    let mut last = [f64::NEG_INFINITY; 2];
    for row in 0..subjects.rows() {
        let arm = usize::from(subjects.text(row, "ARM") == "b");
        let stratum =
            (subjects.text(row, "ONE_FL").to_string(), subjects.text(row, "TWO_FL").to_string());
        counts.entry(stratum).or_default()[arm] += 1;
        // Within an arm, patients are in the order of entry.
        let entry = subjects.number(row, "ENTRY_D");
        assert!(entry >= last[arm]);
        last[arm] = entry;
    }
    assert_eq!(counts.len(), 4);
    for [a, b] in counts.values() {
        // Complete blocks have two to one; an incomplete one has at most four of one arm.
        assert!((a - 2 * b).abs() <= 4, "{a} and {b}");
    }
    let all: i64 = counts.values().map(|[a, b]| a + b).sum();
    assert_eq!(all, 90);
    let same = run(&text, Threads::ONE);
    for (one, other) in result.tables.iter().zip(&same.tables) {
        let csv = |table: &il2_output::table::Table| {
            let mut bytes = vec![];
            table.write_csv(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(csv(one), csv(other));
    }
}

#[test]
fn only_eligible_patients_enter() {
    let text = study(&format!(
        "patients = 40\nfollow_up = \"3 months\"\n{ARMS}\neligible = [\"one\"]\n\
         markers.one = {{ positive = 0.05 }}"
    ));
    let result = run(&text, Threads::new(2));
    let subjects = &result.tables[2];
    assert_eq!(subjects.rows(), 40);
    assert!((0..40).all(|row| subjects.text(row, "ONE_FL") == "Y"));
    assert!(result.sentences.iter().any(|said| said.contains("positive for one enter")));
    // Nobody is negative, so there is nothing to compare.
    let markers = result.tables.iter().find(|table| table.name == "trial_markers").unwrap();
    assert_eq!(markers.rows(), 0);
}

/// With one lesion and no differences between patients, hazards are proportional exactly.
#[test]
fn a_number_of_one_arm_changes_that_arm_as_its_hazard_says() {
    let text = study(
        "patients = 8000\nfollow_up = \"3 y\"\n\
         arms.now = {}\narms.later = { parameters = { burden_hazard = \"4e-4 /d\" } }\n\
         parameters = { lesions = \"1\", volume_spread = \"0\", growth_spread = \"0\", \
         resistant_patients = \"0\", effectors_per_cell = \"1e-20\", background_hazard = \"1e-12 /d\", \
         burden_hazard = \"8e-4 /d\", salvaged = \"0\" }",
    );
    let result = run(&text, Threads::new(2));
    let compared = &result.tables[1];
    let death = (0..compared.rows())
        .find(|row| compared.text(*row, "quantity") == "hazard ratio of death")
        .unwrap();
    let ratio = compared.number(death, "value");
    // About 7000 deaths: the standard error of the logarithm is 0.025.
    assert!((ratio.ln() - 0.5_f64.ln()).abs() < 0.08, "{ratio}");
}

#[test]
fn a_marker_that_decides_response_is_found_and_holds() {
    let text = study(
        "patients = 400\nfollow_up = \"8 months\"\n\
         arms = { a = {}, b = { partners = [\"chemotherapy\"] } }\n\
         markers.strong = { positive = 0.5, factors = { growth_rate = 0.05 } }\n\
         replication = { retrospective = 40, prospective = 40, unrelated = 3, arm = \"b\" }",
    );
    let result = run(&text, Threads::new(2));
    let name = "trial_replication";
    let table = result.tables.iter().find(|table| table.name == name).unwrap();
    assert_eq!(table.rows(), 3);
    let of = |row: usize, column: &str| table.number(row, column);
    assert_eq!([table.text(0, "linked"), table.text(1, "linked")], ["Y", "N"]);
    assert_eq!(of(0, "selected") + of(1, "selected"), of(2, "selected"));
    assert!(of(0, "selected") > of(1, "selected"));
    let held = |row: usize| of(row, "holds") / of(row, "selected");
    assert!(held(0) > held(1));
}

#[test]
fn studies_that_make_no_sense_are_refused_with_a_remedy() {
    let trial =
        |more: &str| refused(&format!("patients = 40\nfollow_up = \"1 y\"\n{ARMS}\n{more}"));
    for (more, words) in [
        ("markers.m = { positive = 0 }", &["markers.m.positive", "between 0 and 1"][..]),
        ("markers.m = { positive = 0.5, factors = { size = 2 } }", &["factors.size", "volume"]),
        ("markers.m = { positive = 0.5, factors = { volume = 0 } }", &["factors.volume", "0.001"]),
        ("markers.m = { positive = 0.5, follows = \"volume\" }", &["correlation", "-1 to 1"]),
        ("markers.m = { positive = 0.5, correlation = 0.5 }", &["needs `follows`"]),
        (
            "markers.m = { positive = 0.5, follows = \"burden_hazard\", correlation = 0.5 }",
            &["follows", "growth_rate"],
        ),
        ("strata = [\"m\"]\nmarkers.m = { positive = 0.5 }", &["strata", "block = 4"]),
        ("ratio = \"2:1\"", &["assay.trial.ratio", "for example [2, 1]"]),
        (
            "eligible = [\"m\", \"n\"]\nmarkers = { m = { positive = 0.01 }, n = { positive = 0.01 } }",
            &["eligible", "one candidate in 10000", "fewer markers"],
        ),
        ("block = 3", &["block", "multiple of 2"]),
        ("block = 2\npaired = true", &["block", "paired"]),
        ("eligible = [\"m\"]", &["eligible, item 1", "assay.trial.markers is empty"]),
        (
            "block = 2\nstrata = [\"m\"]\neligible = [\"m\"]\nmarkers.m = { positive = 0.5 }",
            &["strata", "positive in every patient"],
        ),
        ("replication = { retrospective = 20, prospective = 20 }", &["no marker to try"]),
        (
            "replication = { retrospective = 20, prospective = 20, unrelated = 3 }",
            &["at least 100 simulated patients", "replicates"],
        ),
        (
            "replication = { retrospective = 20, responders = 19, prospective = 9, unrelated = 1 }",
            &["responders", "at least two"],
        ),
        ("arms.c = { parameters = { volume = \"9 mL\" } }", &["arms.c.parameters.volume", "entry"]),
    ] {
        let more = match more.starts_with("arms.c") {
            true => refused(&format!("patients = 40\nfollow_up = \"1 y\"\n{more}")),
            false => trial(more),
        };
        for word in words {
            assert!(more.contains(word), "{word:?} is not in {more}");
        }
    }
}
