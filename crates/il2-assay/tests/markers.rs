//! Markers of patients in a trial, allocation in blocks and strata, and numbers of one arm.

use il2::tumour::host::{Feature, Variability};
use il2::tumour::marker::Marker;
use il2_answer::AssayResult;
use il2_clinic::trial::allocation::allocate;
use il2_engine::threads::Threads;
use il2_inference::survival::cox::cox;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::logistic::{Penalty, logistic};
use il2_inference::survival::partial_likelihood::{CoxData, Ties};
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

/// What the tables of patients say of a marker, computed again: counts, Mann and Whitney's statistic,
/// and the stratified comparison of arms.
#[test]
fn results_by_marker_are_those_of_the_tables_of_patients() {
    let text = study(
        "patients = 240\naccrual = \"6 months\"\nfollow_up = \"1 y\"\nblock = 4\nstrata = [\"one\"]\n\
         arms = { a = { partners = [\"ipilimumab\"] }, b = { partners = [\"chemotherapy\"] } }\n\
         markers.one = { positive = 0.5, follows = \"growth_rate\", correlation = -0.8 }\n\
         markers.two = { positive = 0.4, factors = { burden_hazard = 3 } }",
    );
    let result = run(&text, Threads::new(2));
    let table = |name: &str| result.tables.iter().find(|t| t.name == name).unwrap();
    let (subjects, times) = (table("trial_subjects"), table("trial_times"));
    let responded = |row: usize| ["CR", "PR"].contains(&subjects.text(row, "BOR").as_str());
    let of_b = || (0..subjects.rows()).filter(|row| subjects.text(*row, "ARM") == "b");
    let found = |table: &str, pairs: &[(&str, &str)], column: &str| {
        let table = result.tables.iter().find(|t| t.name == table).unwrap();
        let is = |row: &usize| pairs.iter().all(|(key, value)| table.text(*row, key) == *value);
        table.number((0..table.rows()).find(is).unwrap(), column)
    };
    let of = |patients: &str, quantity: &str| {
        let pairs =
            [("marker", "one"), ("arm", "b"), ("patients", patients), ("quantity", quantity)];
        found("trial_markers", &pairs, "value")
    };
    let count = |flag: &str, responds: bool| {
        let all = of_b().filter(|row| subjects.text(*row, "ONE_FL") == flag);
        all.filter(|row| responded(*row) == responds).count() as f64
    };
    for (flag, patients) in [("Y", "positive"), ("N", "negative")] {
        let (yes, no) = (count(flag, true), count(flag, false));
        assert!(yes > 0.0 && no > 0.0);
        let share = 100.0 * yes / (yes + no);
        assert!((of(patients, "objective response (%)") - share).abs() < 1e-9);
        let pairs = [("marker", "one"), ("arm", "b"), ("patients", patients)];
        assert_eq!(found("trial_markers", &pairs, "patients_per_trial"), yes + no);
    }
    let died = (0..times.rows()).filter(|row| {
        times.text(*row, "PARAMCD") == "OS"
            && times.text(*row, "ARM") == "b"
            && times.number(*row, "CNSR") == 0.0
    });
    let pairs = [("marker", "one"), ("arm", "b"), ("quantity", "hazard ratio of death")];
    assert_eq!(found("trial_markers", &pairs, "deaths_per_trial"), died.count() as f64);
    // The conditional estimate is nearer to 1 than the ratio of the products.
    let crude = count("Y", true) * count("N", false) / (count("Y", false) * count("N", true));
    let odds = of("positive compared with negative", "odds ratio of response");
    assert!((odds.ln() / crude.ln() - 1.0).abs() < 0.06, "{odds} and {crude}");
    // Both markers in one model, whose penalty keeps it finite.
    let level = |row: usize, flag: &str| f64::from(u8::from(subjects.text(row, flag) == "Y"));
    let rows: Vec<Vec<f64>> =
        of_b().map(|row| ["ONE_FL", "TWO_FL"].map(|flag| level(row, flag)).to_vec()).collect();
    let outcomes: Vec<bool> = of_b().map(responded).collect();
    let firth = logistic(&outcomes, &rows, Penalty::Firth).unwrap();
    let given = "odds ratio of response, given the other markers (Firth)";
    let adjusted = of("positive compared with negative", given);
    assert!((adjusted.ln() - firth.coefficients[1]).abs() < 1e-9, "{adjusted}");
    // The odds ratio of response of the arms, within the strata of the first marker.
    let table = |flag: &str| {
        let count = |arm: &str, responds: bool| {
            let is = |row: &usize| {
                subjects.text(*row, "ARM") == arm
                    && subjects.text(*row, "ONE_FL") == flag
                    && responded(*row) == responds
            };
            (0..subjects.rows()).filter(is).count() as f64
        };
        [count("b", true), count("b", false), count("a", true), count("a", false)]
    };
    let tables = ["Y", "N"].map(table);
    let sum = |of: fn(&[f64; 4]) -> f64| {
        tables.iter().map(|t| of(t) / t.iter().sum::<f64>()).sum::<f64>()
    };
    let common = sum(|t| t[0] * t[3]) / sum(|t| t[1] * t[2]);
    let pairs = [("quantity", "odds ratio of objective response")];
    let odds = found("trial_comparisons", &pairs, "value");
    assert!((odds / common - 1.0).abs() < 1e-9, "{odds} {common}");
    let score = |row: usize| subjects.number(row, "ONE_SCORE");
    let (mut above, mut pairs) = (0.0, 0.0);
    for one in of_b().filter(|row| responded(*row)) {
        for other in of_b().filter(|row| !responded(*row)) {
            above += f64::from(u8::from(score(one) > score(other)));
            pairs += 1.0;
        }
    }
    let area = of("all", "area under the ROC curve for response");
    assert!((area - above / pairs).abs() < 1e-9, "{area}");

    // The flag of each patient, to stratify.
    let flags: BTreeMap<String, [bool; 2]> = (0..subjects.rows())
        .map(|row| {
            let positive = |flag: &str| subjects.text(row, flag) == "Y";
            (subjects.text(row, "USUBJID").to_string(), [positive("ONE_FL"), positive("TWO_FL")])
        })
        .collect();
    let deaths = || (0..times.rows()).filter(|row| times.text(*row, "PARAMCD") == "OS");
    let fit = |strata: &dyn Fn([bool; 2]) -> usize,
               column: &dyn Fn([bool; 2], bool) -> Vec<f64>| {
        let mut records = vec![];
        let (mut groups, mut covariates) = (vec![], vec![]);
        for row in deaths() {
            let flags = flags[times.text(row, "USUBJID").as_str()];
            let (time, event) = (times.number(row, "AVAL"), times.number(row, "CNSR") == 0.0);
            records.push(FollowUp { time, event });
            groups.push(strata(flags));
            covariates.push(column(flags, times.text(row, "ARM") == "b"));
        }
        let data = CoxData { records: &records, covariates: &covariates, strata: Some(&groups) };
        cox(&data, Ties::Efron).unwrap()
    };
    let number = |is: bool| f64::from(u8::from(is));
    let stratified = fit(&|flags| usize::from(flags[0]), &|_, b| vec![number(b)]);
    let ratio = found("trial_comparisons", &[("quantity", "hazard ratio of death")], "value");
    assert!((stratified.coefficients[0] - ratio.ln()).abs() < 1e-6, "{ratio}");
    // Another marker than that of the strata has an effect of its own beside the interaction.
    let interaction = fit(&|flags| usize::from(flags[0]), &|flags, b| {
        vec![number(b), number(flags[1]), number(b && flags[1])]
    });
    let pairs = [("marker", "two"), ("quantity", "ratio of the two hazard ratios (interaction)")];
    let ratio = found("trial_markers", &pairs, "value");
    assert!((interaction.coefficients[2] - ratio.ln()).abs() < 1e-6, "{ratio}");
    assert!((interaction.p(2) - found("trial_markers", &pairs, "p")).abs() < 1e-6);
}

#[test]
fn paired_arms_of_unequal_size_have_the_same_patients_in_every_trial() {
    let text = study(
        "patients = 30\nreplicates = 3\npaired = true\nratio = [1, 2]\nfollow_up = \"3 months\"\n\
         arms = { a = {}, b = {} }",
    );
    let (study, plans) =
        il2_assay::parse(Path::new("study.toml"), &text, Library::builtin()).unwrap();
    let il2_assay::Plan::Trial(plan) = &plans[0].1 else { panic!() };
    let found = allocate(&study, plan);
    assert_eq!([&found.starts[0][..], &found.starts[1][..]], [&[0, 10, 20, 30], &[0, 20, 40, 60]]);
    for k in 0..3 {
        let of = |arm: usize| &found.people[arm][found.starts[arm][k]..];
        assert_eq!(of(0)[..10], of(1)[..10], "trial {k}");
    }
    assert_eq!((found.entered, found.missing), (60, 0));
}

#[test]
fn markers_that_exclude_each_other_are_named_as_the_cause() {
    let text = study(&format!(
        "patients = 4\nfollow_up = \"3 months\"\n{ARMS}\neligible = [\"high\", \"low\"]\n\
         markers.high = {{ positive = 0.1, follows = \"volume\", correlation = 1 }}\n\
         markers.low = {{ positive = 0.1, follows = \"volume\", correlation = -1 }}"
    ));
    let result = run(&text, Threads::new(2));
    assert!(
        result.sentences[0].contains("almost nobody has all markers"),
        "{:?}",
        result.sentences
    );
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
    let enter =
        result.sentences.iter().find(|said| said.contains("positive for one enter")).unwrap();
    // One candidate in twenty is positive, and not all of these have a disease that progresses.
    let screened = enter.split("for each patient enrolled, ").nth(1).unwrap();
    let screened: f64 = screened.split(' ').next().unwrap().parse().unwrap();
    assert!((15.0..=40.0).contains(&screened), "{enter}");
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
    let own = result.sentences.iter().find(|said| said.contains("more than treatment")).unwrap();
    assert!(own.contains("in later, burden_hazard is 4e-4 /d (other arms: 8e-4 /d)"), "{own}");
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
