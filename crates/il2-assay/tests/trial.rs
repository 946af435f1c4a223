//! Trials as a study writes them; exceeds 400 lines because all tests write their studies with the
//! same few helpers. Identical arms give identical results for any number of threads; contents of
//! the tables; cut-offs, looks and sample sizes; and refused studies.

use il2_answer::AssayResult;
use il2_engine::threads::Threads;
use il2_inference::survival::turnbull::{Between, compare_intervals, turnbull};
use il2_output::figure::Content;
use il2_output::table::Table;
use il2_study::Library;
use il2_study::study::Request;
use std::path::Path;

const HEAD: &str = r#"version = 1
question = "What comes of it?"
[ligands.aldesleukin]
from = "aldesleukin"
[regimens.high_dose]
ligand = "aldesleukin"
dose = "600000 IU/kg"
route = "infusion"
duration = "15 min"
every = "8 h"
doses = 14
"#;

fn study(trial: &str) -> String {
    format!("{HEAD}\n[assay.trial]\nkind = \"trial\"\ndisease = \"melanoma\"\n{trial}\n")
}

fn run(text: &str, threads: Threads) -> AssayResult {
    let (mut study, plans) =
        il2_assay::parse(Path::new("study.toml"), text, Library::builtin()).unwrap();
    study.threads = threads;
    plans.first().map(|(_, plan)| plan.run(&study, &|_| {})).unwrap()
}

#[test]
fn the_same_patients_in_two_equal_arms_do_not_differ() {
    let arms = "a = { regimen = \"high_dose\" }, b = { regimen = \"high_dose\" }";
    let text = study(&format!(
        "patients = 40\npaired = true\nfollow_up = \"1 y\"\nrules = \"hold\"\narms = {{ {arms} }}"
    ));
    let result = run(&text, Threads::ONE);
    let table = &result.tables[1];
    assert_eq!(table.rows(), 6);
    for row in 0..table.rows() {
        let what = table.text(row, "quantity");
        let wanted = if what.contains("ratio") { 1.0 } else { 0.0 };
        let found = table.number(row, "value");
        assert!((found - wanted).abs() < 1e-9, "{what}: {found}");
    }
}

/// Untreated patients, and patients under chemotherapy, whose trials take little time.
const QUICK: &str = "patients = 120\nreplicates = 2\naccrual = \"6 months\"\nfollow_up = \"1 y\"\n\
    dropout = \"0.2 /y\"\nratio = [1, 2]\n\
    arms = { untreated = {}, chemotherapy = { partners = [\"chemotherapy\"] } }";

#[test]
fn trials_are_the_same_on_any_number_of_threads() {
    let of = |threads| {
        let result = run(&study(QUICK), threads);
        let mut all = vec![];
        for table in &result.tables {
            table.write_csv(&mut all).unwrap();
        }
        (all, result.sentences)
    };
    assert_eq!(of(Threads::ONE), of(Threads::new(3)));
}

#[test]
fn tables_tell_of_the_first_trial_who_was_followed_how_long_and_what_happened() {
    let result = run(&study(QUICK), Threads::new(2));
    let [arms, _, subjects, scans, times, curves, trials, defined, responses] = &result.tables[..]
    else {
        panic!()
    };
    // 40 and 80 patients of one trial; two trials of two arms.
    assert_eq!((subjects.rows(), trials.rows()), (120, 4));
    let mut events = 0;
    for row in (0..times.rows()).filter(|row| times.text(*row, "PARAMCD") == "OS") {
        let (censored, time) = (times.number(row, "CNSR"), times.number(row, "AVAL"));
        let subject = (0..subjects.rows())
            .find(|s| subjects.text(*s, "USUBJID") == times.text(row, "USUBJID"))
            .unwrap();
        let (death, followed) =
            (subjects.number(subject, "DEATH_D"), subjects.number(subject, "FOLLOWED_D"));
        // CDISC: 0 is an event.
        match censored == 0.0 {
            true => assert_eq!(time, death),
            false => assert!(death.is_nan() && time == followed),
        }
        events += usize::from(censored == 0.0);
        // Everybody except those who are lost is followed for a year after the last entry.
        assert!(followed <= 365.25 * 1.5 + 1e-6);
    }
    // Without progression or death, patients are censored at their last scan.
    let last_scan = |id: String| {
        let own = (0..scans.rows()).filter(|s| scans.text(*s, "USUBJID") == id);
        own.map(|s| scans.number(s, "ADY")).fold(0.0, f64::max)
    };
    let mut censored = 0;
    for row in 0..times.rows() {
        if times.text(row, "PARAMCD") == "PFS" && times.number(row, "CNSR") == 1.0 {
            assert_eq!(times.number(row, "AVAL"), last_scan(times.text(row, "USUBJID")));
            censored += 1;
        }
    }
    assert!(censored > 5, "{censored}");
    // Each patient has a best response, and it is the patient's in the other table.
    let best = (0..responses.rows()).filter(|row| responses.text(*row, "PARAMCD") == "BOR");
    let best: Vec<[String; 2]> =
        best.map(|row| ["USUBJID", "AVALC"].map(|column| responses.text(row, column))).collect();
    let own =
        (0..subjects.rows()).map(|row| ["USUBJID", "BOR"].map(|column| subjects.text(row, column)));
    assert_eq!(best, own.collect::<Vec<_>>());
    let seen = (0..scans.rows()).filter(|row| !scans.text(*row, "AVALC").is_empty()).count();
    assert_eq!(responses.rows(), seen + best.len());
    // Every variable of the tables of patients is defined.
    let columns = [subjects, scans, times, responses].map(|table| table.columns.len());
    assert_eq!(defined.rows(), columns.iter().sum::<usize>());
    let of_curves = |arm: &str| {
        let is =
            |row: &usize| curves.text(*row, "arm") == arm && curves.text(*row, "curve") == "OS";
        (0..curves.rows()).filter(is).map(|row| curves.number(row, "events")).sum::<f64>()
    };
    assert_eq!(events as f64, of_curves("untreated") + of_curves("chemotherapy"));
    assert!(events > 20);
    // An untreated patient whose tumour shrinks would not have entered; with chemotherapy, some
    // tumours shrink.
    let response = |arm: &str| {
        let is = |row: &usize| {
            arms.text(*row, "arm") == arm && arms.text(*row, "quantity") == "objective response"
        };
        arms.number((0..arms.rows()).find(is).unwrap(), "value")
    };
    assert_eq!(response("untreated"), 0.0);
    let treated = response("chemotherapy");
    assert!((2.0..40.0).contains(&treated), "{treated}");
}

/// Nobody is lost before the end, so that the mean survival within a year is that of the smaller of
/// the time of death and a year, and incidences are counts; the rest is computed again from the
/// tables of patients.
#[test]
fn means_incidences_and_progression_between_scans_are_those_of_the_patients() {
    let text = study(
        "patients = 120\nfollow_up = \"14 months\"\nhorizon = \"1 y\"\nbetween_scans = true\n\
         arms = { a = {}, b = { partners = [\"chemotherapy\"] } }",
    );
    let result = run(&text, Threads::new(2));
    let table = |name: &str| result.tables.iter().find(|t| t.name == name).unwrap();
    let (arms, times, scans) = (table("trial"), table("trial_times"), table("trial_scans"));
    const MONTH: f64 = 365.25 / 12.0;
    let found = |table: &Table, pairs: &[(&str, &str)], column: &str| {
        let is = |row: &usize| pairs.iter().all(|(key, value)| table.text(*row, key) == *value);
        table.number((0..table.rows()).find(is).unwrap(), column)
    };
    let mut between: Vec<Vec<Between>> = vec![];
    let mut means = vec![];
    for arm in ["a", "b"] {
        let of = |quantity: &str| found(arms, &[("arm", arm), ("quantity", quantity)], "value");
        let rows = |code: &str| -> Vec<usize> {
            let is =
                |row: &usize| times.text(*row, "ARM") == arm && times.text(*row, "PARAMCD") == code;
            (0..times.rows()).filter(is).collect()
        };
        let years = rows("OS").into_iter().map(|row| times.number(row, "AVAL").min(365.25));
        let mean = years.sum::<f64>() / 60.0 / MONTH;
        assert!((of("mean survival to 12 months") - mean).abs() < 1e-9, "{mean}");
        means.push(mean);
        // The last scan before the horizon is after 336 days.
        let count = |event: &str| {
            let is = |row: &&usize| {
                times.text(**row, "EVNTDESC") == event && times.number(**row, "AVAL") <= 365.25
            };
            rows("PFS").iter().filter(is).count() as f64 / 0.6
        };
        let progressed = of("progression first by 12 months");
        assert!(progressed > 50.0 && (progressed - count("progression")).abs() < 1e-9);
        let died = of("other death first by 12 months");
        assert!(died > 0.0 && (died - count("death")).abs() < 1e-9, "{died}");
        assert_eq!(of("treatment-related death first by 12 months"), 0.0);

        let interval = |row: usize| {
            let (id, until) = (times.text(row, "USUBJID"), times.number(row, "AVAL"));
            let own = (0..scans.rows()).filter(|s| scans.text(*s, "USUBJID") == id);
            let before = own.map(|s| scans.number(s, "ADY")).filter(|day| *day < until);
            let after = before.fold(0.0, f64::max) / MONTH;
            match times.number(row, "CNSR") == 0.0 {
                true => Between { after, until: until / MONTH },
                false => Between { after: until / MONTH, until: f64::INFINITY },
            }
        };
        let all: Vec<Between> = rows("PFS").into_iter().map(interval).collect();
        let masses = turnbull(&all).unwrap().masses;
        let curves = table("trial_curves");
        let is = |row: &usize| {
            curves.text(*row, "arm") == arm && curves.text(*row, "curve") == "PFS-SCANS"
        };
        let shown: Vec<usize> = (0..curves.rows()).filter(is).collect();
        let mut left = 1.0;
        for (mass, row) in masses.iter().filter(|m| m.until.is_finite()).zip(&shown) {
            left -= mass.part;
            let number = |column: &str| curves.number(*row, column);
            assert!((number("after_months") - mass.after).abs() < 1e-9);
            assert!((number("time_months") - mass.until).abs() < 1e-9);
            assert!((number("part") - left).abs() < 1e-6, "{left}");
        }
        let half = turnbull(&all).unwrap().quantile(0.5).unwrap();
        let median = of("progression-free median between scans");
        assert!(half.after <= median && median <= half.until, "{median}");
        // Progression happened before the scan that showed it.
        assert!(median < of("median progression-free survival"), "{median}");
        between.push(all);
    }
    let of = |quantity: &str, column: &str| {
        found(table("trial_comparisons"), &[("quantity", quantity)], column)
    };
    let longer = of("difference of mean survival to 12 months", "value");
    assert!((longer - (means[1] - means[0])).abs() < 1e-9);
    let groups: Vec<usize> = (0..120).map(|k| k / 60).collect();
    let test = compare_intervals(&between.concat(), &groups).unwrap();
    let p = of("difference of median progression-free survival between scans", "p");
    assert!((p - test.p).abs() < 1e-6, "{p}");
    for (horizon, reason) in [("2 y", "at most 426 d"), ("0 d", "above zero")] {
        let text = text.replace("horizon = \"1 y\"", &format!("horizon = \"{horizon}\""));
        let refused = il2_assay::parse(Path::new("study.toml"), &text, Library::builtin());
        let said = refused.err().unwrap().to_string();
        assert!(said.contains("assay.trial.horizon") && said.contains(reason), "{said}");
    }
}

#[test]
fn who_enters_does_not_depend_on_follow_up_or_scans() {
    let of = |more: &str| {
        let text = study(&format!("patients = 60\n{more}\narms = {{ a = {{}} }}"));
        let table = run(&text, Threads::new(2)).tables.remove(2);
        (0..table.rows()).map(|row| table.text(row, "USUBJID")).collect::<Vec<_>>()
    };
    let short = of("follow_up = \"3 months\"");
    assert_eq!(short.len(), 60);
    assert_eq!(short, of("follow_up = \"8 y\""));
    assert_eq!(short, of("follow_up = \"1 y\"\nscans = { every = \"2 weeks\" }"));
}

#[test]
fn the_swimmer_plot_has_a_bar_for_each_responder_with_what_happened() {
    let result = run(&study(QUICK), Threads::new(2));
    let (name, figure) = result.figures.iter().find(|(name, _)| name.ends_with("swimmer")).unwrap();
    assert_eq!(name, "trial_swimmer");
    // No untreated patient responds, and the figure says so instead of showing an empty panel.
    let [panel] = &figure.panels[..] else { panic!("{:?}", figure.panels.len()) };
    assert!(figure.footnote.contains("without a responder: untreated (0 of 40)"), "{figure:?}");
    let Content::Intervals(rows) = &panel.content else { panic!() };
    let (subjects, times) = (&result.tables[2], &result.tables[4]);
    let of = |id: &str, code: &str| {
        let is =
            |row: &usize| times.text(*row, "USUBJID") == id && times.text(*row, "PARAMCD") == code;
        (0..times.rows()).find(is)
    };
    let responders: Vec<usize> = (0..subjects.rows())
        .filter(|s| of(&subjects.text(*s, "USUBJID"), "DOR").is_some())
        .collect();
    assert!(responders.len() > 4 && rows.len() == responders.len(), "{}", rows.len());
    let said = format!("chemotherapy: {} of 80 patients respond", responders.len());
    assert_eq!(panel.title, said);
    let months = |day: f64| day / (365.25 / 12.0);
    for (k, row) in rows.iter().enumerate() {
        assert!(k == 0 || rows[k - 1].bars >= row.bars);
        let id = format!("chemotherapy-{}", row.label);
        let (os, dor) = (of(&id, "OS").unwrap(), of(&id, "DOR").unwrap());
        let mark = |means: &str| row.marks.iter().find(|mark| mark.means == means);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs().max(1.0);
        let end = months(times.number(os, "AVAL"));
        assert!(near(row.bars[0], end), "{id}");
        let died = times.number(os, "CNSR") == 0.0;
        assert_eq!(mark("death").is_some(), died, "{id}");
        let lost = times.text(os, "EVNTDESC") == "lost to follow-up";
        assert_eq!(mark("alive at the end of the trial").is_some(), !died && !lost, "{id}");
        // From the first response to progression or death is the duration of response.
        let began = ["first partial response", "first complete response"].map(mark);
        let began = began.into_iter().flatten().map(|m| m.at).fold(f64::INFINITY, f64::min);
        let lasts = months(times.number(dor, "AVAL"));
        match times.text(dor, "EVNTDESC").as_str() {
            "progression" => assert!(near(mark("progression").unwrap().at, began + lasts), "{id}"),
            "death" => assert!(mark("progression").is_none() && near(end, began + lasts), "{id}"),
            _ => assert!(mark("progression").is_none(), "{id}"),
        }
    }
}

#[test]
fn what_is_wrong_with_a_trial_is_said_where_it_stands() {
    let one = "arms = { a = { regimen = \"high_dose\" } }\n";
    for (trial, place, words) in [
        ("patients = 10\nfollow_up = \"1 y\"\narms = {}", "assay.trial.arms", "no arm"),
        (
            &format!("patients = 10\nfollow_up = \"1 y\"\nratio = [1, 2]\n{one}"),
            "assay.trial.ratio",
            "one number for each arm",
        ),
        (
            "patients = 10\nfollow_up = \"1 y\"\narms = { a = { partners = [\"gp10\"] } }",
            "assay.trial.arms.a.partners, item 1",
            "gp100",
        ),
        (
            "patients = 10\nfollow_up = \"1 y\"\narms = { a = { regimen = \"high_dose\", courses = 2 } }",
            "assay.trial.arms.a.course",
            "start of one",
        ),
        (
            "patients = 10\nfollow_up = \"1 y\"\n\
             arms = { a = { regimen = \"high_dose\", courses = 2, course = \"3 d\" } }",
            "assay.trial.arms.a.course",
            "last dose is on day 4",
        ),
        (
            "patients = 10\nfollow_up = \"1 y\"\narms = { a = { courses = 2 } }",
            "assay.trial.arms.a.courses",
            "only to an arm with a regimen",
        ),
        (&format!("patients = 10\nfollow_up = \"0 y\"\n{one}"), "assay.trial.follow_up", "is zero"),
        (
            &format!("patients = 10\nfollow_up = \"1 y\"\ncriteria = \"resist\"\n{one}"),
            "assay.trial.criteria",
            "recist",
        ),
        (
            &format!(
                "patients = 10\nfollow_up = \"1 y\"\nparameters = {{ growth = \"1 /d\" }}\n{one}"
            ),
            "assay.trial.parameters.growth",
            "growth_rate",
        ),
        (
            &format!(
                "patients = 10\nfollow_up = \"1 y\"\nparameters = {{ lesions = \"1000\" }}\n{one}"
            ),
            "assay.trial.parameters.lesions",
            "1 to 20",
        ),
        (
            &format!(
                "patients = 10\nfollow_up = \"1 y\"\n\
                 parameters = {{ screened_for = \"1 week\" }}\n{one}"
            ),
            "assay.trial.parameters.screened_for",
            "first scan",
        ),
        (
            &format!("patients = 10\nfollow_up = \"1 y\"\ncut_off = {{ events = 11 }}\n{one}"),
            "assay.trial.cut_off.events",
            "more than the 10 patients",
        ),
    ] {
        let text = study(trial);
        let refused = il2_assay::parse(Path::new("study.toml"), &text, Library::builtin());
        let said = refused.err().unwrap_or_else(|| panic!("not refused: {trial}")).to_string();
        assert!(said.contains(place) && said.contains(words), "{place}, {words}: {said}");
    }
}

/// Chemotherapy against no treatment, ended by a number of events.
const BY_EVENTS: &str = "patients = 160\nreplicates = 4\naccrual = \"1 y\"\nfollow_up = \"4 y\"\n\
    cut_off = { events = 80 }\n\
    arms = { untreated = {}, chemotherapy = { partners = [\"chemotherapy\"] } }";

#[test]
fn a_trial_ends_with_its_event_and_looks_stop_it_before() {
    let plain = run(&study(BY_EVENTS), Threads::new(2));
    let times = &plain.tables[4];
    let deaths = (0..times.rows())
        .filter(|row| times.text(*row, "PARAMCD") == "OS" && times.number(*row, "CNSR") == 0.0);
    assert_eq!(deaths.count(), 80);
    // Nobody is followed or scanned after the last event.
    let subjects = &plain.tables[2];
    let end = |row: usize| subjects.number(row, "ENTRY_D") + subjects.number(row, "FOLLOWED_D");
    let last = (0..subjects.rows()).map(end).fold(0.0, f64::max);
    let died = (0..subjects.rows())
        .map(|row| subjects.number(row, "ENTRY_D") + subjects.number(row, "DEATH_D"))
        .filter(|day| day.is_finite())
        .fold(0.0, f64::max);
    assert!((last - died).abs() < 1e-6, "{last} {died}");

    let said = plain.sentences.iter().any(|s| s.starts_with("The cut-off, 80 deaths, is reached"));
    assert!(said, "{:?}", plain.sentences);

    let with = run(
        &study(&format!("looks = {{ at = [0.5], futility = 0.2 }}\n{BY_EVENTS}")),
        Threads::ONE,
    );
    let looks = &with.tables[9];
    let mut stopped = 0;
    for row in 0..looks.rows() {
        let number = |name: &str| looks.number(row, name);
        let (z, limit, decision) = (number("z"), number("limit_z"), looks.text(row, "decision"));
        match number("look") as u32 {
            1 => {
                // Half of the events, rounded up, and the published limit for two looks.
                assert_eq!(number("events"), 40.0);
                assert!((limit - 2.9626).abs() < 1e-4, "{limit}");
                // Under the current trend, the final z is expected to be sqrt(2) z, with half of
                // the variance still to come.
                let power = number("conditional_power");
                let expected = statistics((2f64.sqrt() * z - 1.96860) * 2f64.sqrt());
                assert!((power - expected).abs() < 1e-3, "{power} {expected}");
                let futile = decision == "futile";
                assert_eq!(futile, z < limit && z > -limit && power < 0.2, "{z} {decision}");
                stopped += usize::from(decision != "goes on");
            }
            _ => {
                assert_eq!(number("events"), 80.0);
                assert!((limit - 1.9686).abs() < 1e-4, "{limit}");
                assert_eq!(decision == "better", z >= limit);
            }
        }
    }
    // Each trial has one look, and those that continued have a second.
    assert_eq!(looks.rows(), 8 - stopped);
    assert!(
        with.sentences.iter().any(|s| s.starts_with("Analyses at 50 % and 100 % of 80 deaths"))
    );
    // Looks do not change the trial itself.
    assert_eq!(plain.tables[2].rows(), with.tables[2].rows());
}

fn statistics(z: f64) -> f64 {
    il2_inference::survival::distributions::normal_below(z)
}

#[test]
fn looks_that_cannot_be_are_refused() {
    for (more, reason) in [
        ("looks = { at = [0.5] }", "add for example cut_off = { events = 100 }"),
        ("cut_off = { events = 20 }\nlooks = { at = [0.8, 0.5] }", "increasing fractions"),
        ("cut_off = { events = 20 }\nlooks = { at = [1.0] }", "increasing fractions"),
        ("cut_off = { events = 20 }\nlooks = { at = [0.5], spending = \"pocok\" }", "pocock"),
        ("cut_off = { events = 0 }", "use 1 to"),
        ("cut_off = { events = 20, of = \"os\" }", "survival"),
    ] {
        let text = study(&format!(
            "patients = 20\nfollow_up = \"1 y\"\narms = {{ a = {{}}, b = {{}} }}\n{more}"
        ));
        let error = il2_assay::parse(Path::new("study.toml"), &text, Library::builtin());
        let message = error.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(message.contains(reason), "{more}: {message}");
    }
}

#[test]
fn the_number_of_patients_for_a_power_is_the_first_sentence_and_has_a_table() {
    let of = |threads| {
        let result = run(&study(&format!("{QUICK}\n[assay.trial.sample_size]\n{SIZE}")), threads);
        let table = result.tables.last().unwrap();
        let mut bytes = vec![];
        table.write_csv(&mut bytes).unwrap();
        (bytes, result.sentences.clone(), result)
    };
    let (bytes, sentences, result) = of(Threads::ONE);
    let (again, same, _) = of(Threads::new(2));
    assert_eq!((&bytes, &sentences), (&again, &same));
    assert!(
        sentences[0].contains("patients") && sentences[0].contains("progression-free survival")
    );
    let table = result.tables.last().unwrap();
    assert!(table.rows() >= 5, "{}", table.rows());
    for row in 0..table.rows() {
        let number = |name: &str| table.number(row, name);
        // A third of the patients is in the first arm, so that numbers are multiples of three.
        assert_eq!(number("patients") % 3.0, 0.0);
        assert!(number("low") <= number("power") && number("power") <= number("high"));
        assert!(number("events") <= number("patients"));
        if row > 0 {
            assert!(number("power") >= table.number(row - 1, "power") - 0.02);
        }
    }
    assert!(result.text.lines().all(|line| line.chars().count() <= 100), "{}", result.text);
    assert_eq!(result.figures.len(), 5);
}

/// A search in the patients of [`QUICK`].
const SIZE: &str = "of = \"progression-free survival\"\nresamples = 300\npatients = { from = 21 }";

#[test]
fn a_search_gives_the_same_sentences_from_its_request() {
    let text = study(
        "patients = 60\nfollow_up = \"1 y\"\nsample_size = { power = \"90 %\", alpha = 0.1 }\n\
         arms = { a = {}, b = { partners = [\"chemotherapy\"] } }",
    );
    let (read, _) = il2_assay::parse(Path::new("study.toml"), &text, Library::builtin()).unwrap();
    let request = Request::of(&read).unwrap().to_json();
    let back = Request::from_json("request.json".as_ref(), &request).unwrap();
    let back = back.resolve("request.json".as_ref(), Library::builtin()).unwrap();
    let plans = il2_assay::plans(&back).unwrap();
    let from_request = plans.first().map(|(_, plan)| plan.run(&back, &|_| {})).unwrap();
    assert_eq!(from_request.sentences, run(&text, Threads::ONE).sentences);
    assert!(from_request.sentences[0].contains("patients"), "{:?}", from_request.sentences);
}

#[test]
fn arms_without_a_difference_give_no_number_of_patients() {
    let text = study(
        "patients = 100\nreplicates = 2\nfollow_up = \"1 y\"\ncut_off = { events = 40 }\n\
         sample_size = { resamples = 100 }\narms = { a = {}, b = {} }",
    );
    let result = run(&text, Threads::new(2));
    let said = &result.sentences[0];
    assert!(said.starts_with("No number of patients can be given for a difference"), "{said}");
    assert!(said.contains("200 simulated patients"), "{said}");
    assert!(result.sentences[1].contains("replicates = 8"), "{:?}", result.sentences);
}

/// Ends of the range that are too small or too large for the answer.
#[test]
fn a_range_without_the_answer_is_said_with_what_to_do() {
    let of = |range: &str| {
        let size = format!("of = \"progression-free survival\"\nresamples = 200\n{range}");
        run(&study(&format!("{QUICK}\n[assay.trial.sample_size]\n{size}")), Threads::ONE).sentences
    };
    let few = of("power = 0.99\npatients = { to = 24 }");
    assert!(few[0].contains("ore than 24 patients are needed to show"), "{few:?}");
    assert!(few[1].contains("increase `to` in `sample_size.patients`"), "{few:?}");
    let many = of("power = 0.5\npatients = { from = 180 }");
    assert!(many[0].contains("180 patients or fewer are"), "{many:?}");
    assert!(many[1].contains("decrease `from` in `sample_size.patients`"), "{many:?}");
}

#[test]
fn searches_that_cannot_be_are_refused() {
    let two = "arms = { a = {}, b = {} }";
    for (more, place, reason) in [
        ("arms = { a = {} }\nsample_size = {}", "sample_size", "needs at least two arms"),
        (&format!("paired = true\n{two}\nsample_size = {{}}"), "sample_size", "use paired = false"),
        (
            &format!(
                "cut_off = {{ events = 9 }}\nlooks = {{ at = [0.5] }}\n{two}\nsample_size = {{}}"
            ),
            "sample_size",
            "leave `looks` out to find the number of patients",
        ),
        (
            "cut_off = { events = 9 }\narms = { a = {}, b = {}, c = {} }\nsample_size = {}",
            "sample_size",
            "only with two arms if the trial has a cut-off",
        ),
        (&format!("{two}\nsample_size = {{ power = 8 }}"), "sample_size.power", "from 0.5 to 0.99"),
        (
            &format!("{two}\nsample_size = {{ alpha = 0.0 }}"),
            "sample_size.alpha",
            "from 0.0001 to 0.2, for example 0.05",
        ),
        (
            &format!("{two}\nsample_size = {{ of = \"progression\" }}"),
            "sample_size.of",
            "progression-free survival",
        ),
        (
            &format!("{two}\nsample_size = {{ resamples = 10 }}"),
            "sample_size.resamples",
            "use 100 to 100000",
        ),
        (
            &format!("{two}\nsample_size = {{ patients = {{ to = 500 }} }}"),
            "sample_size.patients.to",
            "simulates only 40 patients",
        ),
        (
            &format!("{two}\nsample_size = {{ patients = {{ from = 0 }} }}"),
            "sample_size.patients.from",
            "use 2 to 1000000",
        ),
        (
            &format!("{two}\nsample_size = {{ patients = {{ from = 40 }} }}"),
            "sample_size.patients",
            "use a wider range",
        ),
        (&format!("{two}\nsample_size = {{ size = 3 }}"), "sample_size.size", "unknown key"),
    ] {
        let text = study(&format!("patients = 20\nreplicates = 2\nfollow_up = \"1 y\"\n{more}"));
        let error = il2_assay::parse(Path::new("study.toml"), &text, Library::builtin());
        let message = error.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(message.contains(place) && message.contains(reason), "{more}: {message}");
    }
}

#[test]
fn trials_without_a_median_count_as_the_longest() {
    // With this follow-up, some trials end before half of the patients have died.
    let text = "patients = 40\nreplicates = 20\nfollow_up = \"1 y\"\narms = { untreated = {} }";
    let result = run(&study(text), Threads::new(2));
    let (arms, trials) = (&result.tables[0], &result.tables[6]);
    let mut medians: Vec<f64> =
        (0..20).map(|row| trials.number(row, "median_survival_months")).collect();
    // A median that was not reached is written as a missing value.
    let missing = medians.iter().filter(|m| !m.is_finite()).count();
    assert!((3..=17).contains(&missing), "{missing}");
    medians.iter_mut().filter(|m| !m.is_finite()).for_each(|m| *m = f64::INFINITY);
    medians.sort_by(f64::total_cmp);
    let row = (0..arms.rows()).find(|r| arms.text(*r, "quantity") == "median survival").unwrap();
    let (tenth, eleventh) = (medians[9], medians[10]);
    let wanted = if eleventh.is_finite() { 0.5 * (tenth + eleventh) } else { f64::INFINITY };
    let value = arms.number(row, "value");
    assert!(value == wanted || (value - wanted).abs() < 1e-9, "{value} {wanted}");
    assert_eq!(arms.number(row, "trials_not_reached"), missing as f64);
    let reached = format!("reached in {} of 20 trials", 20 - missing);
    assert!(result.text.contains(&reached) && result.sentences[0].contains(&reached));
}

#[test]
fn patients_who_had_not_entered_at_the_cut_off_are_not_counted() {
    let text = "patients = 120\naccrual = \"2 y\"\nfollow_up = \"1 y\"\ncut_off = { events = 20 }\n\
        arms = { untreated = {} }";
    let result = run(&study(text), Threads::ONE);
    let (arms, subjects) = (&result.tables[0], &result.tables[2]);
    assert!(subjects.rows() < 110, "{}", subjects.rows());
    assert_eq!(arms.number(0, "patients"), subjects.rows() as f64);
    assert_eq!(arms.number(0, "patients_planned"), 120.0);
    let head = format!("untreated ({} of 120 planned patients", subjects.rows());
    assert!(result.text.contains(&head), "{}", result.text);
}

/// A published survival curve is drawn over the simulated ones, in the panel and colour of its arm.
#[test]
fn patients_enter_at_the_rates_of_the_periods() {
    // 60 patients in a year, then 140 in seven months.
    let text = "patients = 200\nfollow_up = \"1 month\"\narms = { untreated = {} }\n\
        accrual_periods = [{ rate = \"5 /month\", until = \"1 y\" }, { rate = \"20 /month\" }]";
    let result = run(&study(text), Threads::new(2));
    let subjects = &result.tables[2];
    let months = |day: f64| day / (365.25 / 12.0);
    let entries: Vec<f64> =
        (0..subjects.rows()).map(|row| months(subjects.number(row, "ENTRY_D"))).collect();
    assert_eq!(entries.len(), 200);
    let early = entries.iter().filter(|month| **month <= 12.0).count();
    // Four standard deviations of a binomial number with part 0.3: sqrt(200 * 0.3 * 0.7) is 6.5.
    assert!((34..=86).contains(&early), "{early}");
    let mean = entries.iter().sum::<f64>() / 200.0;
    // 0.3 * 6 + 0.7 * 15.5, with four standard errors of 5.2 / sqrt(200).
    assert!((mean - 12.65).abs() < 1.5, "{mean}");
    assert!(entries.iter().all(|month| (0.0..=19.0).contains(month)));
}

#[test]
fn a_published_curve_is_drawn_over_the_simulated_one() {
    let folder = tempfile::tempdir().unwrap();
    let curve =
        "arm,time_months,os_percent\nchemotherapy,3,71\nchemotherapy,6,48\nuntreated,6,40\n";
    std::fs::write(folder.path().join("curve.csv"), curve).unwrap();
    let text = study(QUICK) + "[figures.trial]\noverlay = \"curve.csv\"\n";
    let path = folder.path().join("study.toml");
    let (study, plans) = il2_assay::parse(&path, &text, Library::builtin()).unwrap();
    let result = plans[0].1.run(&study, &|_| {});
    let panel = &result.figures[0].1.panels[0];
    let il2_output::figure::Content::Lines(series) = &panel.content else { panic!("curves") };
    let measured: Vec<_> = series.iter().filter(|s| s.measured).collect();
    assert_eq!((panel.name.as_str(), measured.len()), ("os", 2));
    let of_arm = |label: &str| series.iter().find(|s| s.label == label).unwrap().style;
    let own = measured.iter().find(|s| s.style == of_arm("chemotherapy")).unwrap();
    assert_eq!(own.points, [(3.0, 71.0), (6.0, 48.0)]);
}
