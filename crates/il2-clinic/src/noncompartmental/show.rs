//! Output of a noncompartmental analysis.

use crate::event_table::units::area_unit;
use crate::noncompartmental::figure::figure;
use crate::noncompartmental::plan::{Plan, Route};
use crate::noncompartmental::profile::{Numbers, Profile, profiles};
use crate::population_fit::doubts;
use il2::quantity::three_digits;
use il2_answer::answer::AssayResult;
use il2_answer::labels::{column_ending, cut};
use il2_engine::words::counted;
use il2_inference::quantiles::quantiles;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::headings;
use il2_study::study::Study;
use serde_json::json;

/// Every profile with its numbers.
pub type Answer = Vec<(Profile, Numbers)>;

/// Reads the numbers of every subject.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let volume = plan.factors.amount / plan.concentration / plan.factors.volume;
    let of = |i: usize| {
        progress(1);
        profiles(plan, i).into_iter().map(|p| {
            let numbers = p.numbers(volume);
            (p, numbers)
        })
    };
    (0..plan.table.subjects.len()).flat_map(of).collect()
}

/// Half-life, if a terminal phase was found.
fn half_life(numbers: &Numbers) -> f64 {
    numbers.terminal.map_or(f64::NAN, |t| std::f64::consts::LN_2 / t.rate)
}

/// Makes table, figure, text and sentences.
pub fn show(study: &Study, plan: &Plan, found: Answer) -> AssayResult {
    let figure = figure(study, plan, &found);
    AssayResult {
        tables: vec![table(plan, &found)],
        picture: figure.panels.first().cloned(),
        figures: vec![(plan.name.clone(), figure)],
        sentences: sentences(plan, &found),
        text: text(plan, &found),
        warnings: warnings(plan, &found),
        answer: vec![("Each subject".into(), table(plan, &found))],
        summary: json!({
            "kind": "noncompartmental",
            "subjects": plan.table.subjects.len(),
            "profiles": found.len(),
            "without_last_phase": found.iter().filter(|(_, n)| n.terminal.is_none()).count(),
        }),
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

fn table(plan: &Plan, found: &[(Profile, Numbers)]) -> Table {
    let [time, amount, level] = plan.units.each_ref().map(|u| column_ending(u));
    let by = if plan.route == Route::Extravascular { "_over_f" } else { "" };
    let flow = column_ending(&format!("{}/{}", plan.volume, plan.units[0]));
    let volume = column_ending(&plan.volume);
    let columns = [
        ("id".to_string(), true),
        ("dose_number".into(), false),
        (format!("dose_{amount}"), false),
        (format!("given_{time}"), false),
        ("measurements".into(), false),
        (format!("cmax_{level}"), false),
        (format!("tmax_{time}"), false),
        (format!("auc_last_{level}_{time}"), false),
        (format!("auc_inf_{level}_{time}"), false),
        ("extrapolated_percent".into(), false),
        (format!("auc_tau_{level}_{time}"), false),
        (format!("lambda_z_per_{time}"), false),
        ("lambda_z_points".into(), false),
        ("lambda_z_adjusted_r2".into(), false),
        (format!("half_life_{time}"), false),
        (format!("clearance{by}_{flow}"), false),
        (format!("volume_z{by}_{volume}"), false),
        ("accumulation_cmax".into(), false),
        ("accumulation_auc".into(), false),
        ("note".into(), true),
    ];
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    let or = |value: Option<f64>| Value::from(value.unwrap_or(f64::NAN));
    for (profile, n) in found {
        let first = found.iter().find(|(p, _)| p.subject == profile.subject && p.dose == 1);
        let first = first.filter(|(p, _)| profile.dose > 1 && p.amount == profile.amount);
        let ratio = |of: &dyn Fn(&Numbers) -> Option<f64>| {
            first.and_then(|(_, f)| of(f)).zip(of(n)).map(|(first, last)| last / first)
        };
        table.push(vec![
            plan.table.subjects[profile.subject].id.as_str().into(),
            (profile.dose as f64).into(),
            profile.amount.into(),
            profile.given.into(),
            (profile.measured as f64).into(),
            or(n.highest.map(|h| h.1)),
            or(n.highest.map(|h| h.0)),
            or(n.area_to_last),
            or(n.area.map(|a| a.0).filter(|_| !profile.repeated)),
            or(n.area.map(|a| 100.0 * a.1).filter(|_| !profile.repeated)),
            or(n.area_of_interval),
            or(n.terminal.map(|t| t.rate)),
            or(n.terminal.map(|t| t.points as f64)),
            or(n.terminal.map(|t| t.fits)),
            half_life(n).into(),
            or(n.clearance),
            or(n.volume),
            or(ratio(&|n| n.highest.map(|h| h.1))),
            or(ratio(&|n| n.area_of_interval)),
            n.note.join("; ").as_str().into(),
        ]);
    }
    table
}

/// Median and range of a number over subjects: `2.1 (1.5 to 3.0)`.
fn over(values: Vec<f64>) -> Option<String> {
    let known: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    let count = known.len();
    let [low, middle, high] = quantiles(known, [0.0, 0.5, 1.0]);
    match count {
        0 => None,
        1 => Some(three_digits(middle)),
        _ => Some(format!(
            "{} ({} to {})",
            three_digits(middle),
            three_digits(low),
            three_digits(high)
        )),
    }
}

fn sentences(plan: &Plan, found: &[(Profile, Numbers)]) -> Vec<String> {
    let [time, _, level] = &plan.units;
    let last = || {
        (0..plan.table.subjects.len())
            .filter_map(|i| found.iter().rev().find(|(p, _)| p.subject == i))
    };
    let by = if plan.route == Route::Extravascular { "CL/F" } else { "clearance" };
    // After a single dose, the whole area; after repeated doses, the area over the last interval.
    let repeated = last().filter(|(profile, _)| profile.repeated).count();
    let area = match repeated {
        0 => "AUC to infinity",
        all if all == last().count() => "AUC over an interval between doses",
        _ => "AUC (to infinity, or after repeated doses over an interval)",
    };
    let flow = format!("{}/{time}", plan.volume);
    let told = [
        (
            "Cmax",
            over(last().map(|(_, n)| n.highest.map_or(f64::NAN, |h| h.1)).collect()),
            level.clone(),
        ),
        (
            "Tmax",
            over(last().map(|(_, n)| n.highest.map_or(f64::NAN, |h| h.0)).collect()),
            time.clone(),
        ),
        (area, over(last().map(|(p, n)| exposure(p, n)).collect()), area_unit(time, level)),
        ("half-life", over(last().map(|(_, n)| half_life(n)).collect()), time.clone()),
        (by, over(last().map(|(_, n)| n.clearance.unwrap_or(f64::NAN)).collect()), flow),
    ];
    let told: Vec<String> = told
        .into_iter()
        .filter_map(|(what, of, unit)| Some(format!("{what} is {} {unit}", of?)))
        .collect();
    match told.is_empty() {
        true => vec![
            "No subject has a concentration above the limit of quantification after a \
                      dose."
                .into(),
        ],
        false => vec![format!(
            "In {}, {} (median and range).",
            counted(plan.table.subjects.len(), "subject"),
            told.join(", ")
        )],
    }
}

/// The area that the answer reports.
fn exposure(profile: &Profile, numbers: &Numbers) -> f64 {
    let whole = numbers.area.map(|a| a.0).filter(|_| !profile.repeated);
    whole.or(numbers.area_of_interval).unwrap_or(f64::NAN)
}

fn text(plan: &Plan, found: &[(Profile, Numbers)]) -> String {
    let [time, _, level] = &plan.units;
    let mut text = format!(
        "{}, {} of {}\n",
        counted(plan.table.subjects.len(), "subject"),
        counted(found.len(), "profile"),
        plan.file
    );
    let or = |value: Option<f64>| value.filter(|v| v.is_finite()).map_or("".into(), three_digits);
    let area = area_unit(time, level);
    let flow = format!("{}/{time}", plan.volume);
    let clearance = if plan.route == Route::Extravascular { "CL/F" } else { "CL" };
    // Name, unit and value of each column; the number of the dose is included if there are several.
    type Read = fn(&Profile, &Numbers) -> Option<f64>;
    let columns: [(&str, &str, Read); 8] = [
        ("dose", "number", |p, _| Some(p.dose as f64)),
        ("Cmax", level, |_, n| n.highest.map(|h| h.1)),
        ("Tmax", time, |_, n| n.highest.map(|h| h.0)),
        ("AUC last", &area, |_, n| n.area_to_last),
        ("AUC inf", &area, |p, n| n.area.map(|a| a.0).filter(|_| !p.repeated)),
        ("AUC tau", &area, |_, n| n.area_of_interval),
        ("half-life", time, |_, n| Some(half_life(n))),
        (clearance, &flow, |_, n| n.clearance),
    ];
    let several = found.iter().any(|(p, _)| p.dose > 1);
    let known = |of: &Read| found.iter().any(|(p, n)| of(p, n).is_some_and(f64::is_finite));
    let shown = columns.iter().filter(|(name, _, of)| known(of) && (*name != "dose" || several));
    let shown: Vec<&(&str, &str, Read)> = shown.collect();
    text += &format!("{:<16}", "subject");
    shown.iter().for_each(|(name, ..)| text += &format!(" {name:>9}"));
    text += &format!("\n{:<16}", "");
    shown.iter().for_each(|(_, unit, _)| text += &format!(" {unit:>9}"));
    text += "\n";
    for (p, n) in found {
        let mut line = format!("{:<16}", cut(&plan.table.subjects[p.subject].id, 16));
        for (name, _, of) in &shown {
            let value = of(p, n);
            let word = if *name == "dose" { p.dose.to_string() } else { or(value) };
            line += &format!(" {word:>9}");
        }
        text += &format!("{}\n", line.trim_end());
    }
    text
}

fn warnings(plan: &Plan, found: &[(Profile, Numbers)]) -> Vec<String> {
    /// If a larger fraction of the area is beyond the last level, the answer warns of
    /// extrapolation.
    const MOST_EXTRAPOLATED: f64 = 0.2;
    let mut all: Vec<String> =
        headings::not_read_of(&plan.file, &plan.table.not_read).into_iter().collect();
    all.extend(doubts::at_limit(&plan.file, &plan.table));
    let without = found.iter().filter(|(_, n)| n.terminal.is_none()).count();
    if without > 0 {
        all.push(format!(
            "no terminal phase was found in {}: fewer than three falling concentrations follow the \
             highest",
            counted(without, "profile")
        ));
    }
    let far = found
        .iter()
        .filter(|(p, n)| !p.repeated && n.area.is_some_and(|a| a.1 > MOST_EXTRAPOLATED))
        .count();
    if far > 0 {
        all.push(format!(
            "AUC and clearance of {} are strongly extrapolated: more than a fifth of the area is \
             after the last concentration",
            counted(far, "profile")
        ));
    }
    all
}
