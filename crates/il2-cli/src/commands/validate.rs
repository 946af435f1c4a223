//! `il2 validate`: compares published with simulated numbers.

use super::{Done, print, print_json, wrapped};
use il2_report::validation::{self, Checked, Is, Outcome, Report, Status, origin, status};
use il2_study::{StudyError, Threads};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs every validation folder; exit code 1 if any row fails that is not a known misfit. The page is
/// written to a file that may exist, as the results of a run.
pub fn validate(folder: &Path, as_json: bool, html: Option<&Path>, threads: Threads) -> Done {
    let folders = folders(folder)?;
    if let Some(file) = html {
        // Before the minutes that the comparison takes.
        write(file, "")?;
    }
    let reports: Vec<Report> =
        folders.iter().map(|f| validation::run(f, threads)).collect::<Result<_, _>>()?;
    let count = |outcome: Outcome| {
        reports.iter().flat_map(|r| &r.rows).filter(|c| c.outcome == outcome).count()
    };
    let (fits, misfits) = (count(Outcome::Fits), count(Outcome::KnownMisfit));
    let (surprises, fails) = (count(Outcome::UnexpectedPass), count(Outcome::Fails));
    let counted = format!(
        "{fits} rows fit, {misfits} known misfits, {surprises} unexpected passes, {fails} fail\n"
    );
    let totals = [held_out(&reports), powerful(&reports), counted];
    if let Some(file) = html {
        let totals = totals.iter().filter(|line| !line.is_empty());
        let totals: Vec<String> = totals.map(|line| capitalised(line.trim_end())).collect();
        write(file, &validation::page(&reports, &totals))?;
    }
    if as_json {
        let rows: Vec<_> =
            reports.iter().flat_map(|r| r.rows.iter().map(move |c| row_json(r, c))).collect();
        let all = json!({"fits": fits, "known_misfits": misfits, "unexpected_passes": surprises, "fails": fails, "rows": rows});
        print_json(&all)?;
    } else {
        let mut text = String::new();
        for report in &reports {
            text += &shown(report);
        }
        totals.iter().for_each(|line| text += &wrapped(line, 0));
        print(&text)?;
    }
    Ok(if fails > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn write(file: &Path, text: &str) -> Result<(), StudyError> {
    std::fs::write(file, text).map_err(|e| {
        let why = il2_engine::words::reason(&e);
        StudyError::io(file, format!("cannot be written ({why}); choose another file"))
    })
}

/// A line as a sentence.
fn capitalised(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The share of held-out rows that fit, and of how many molecules they are; empty without such
/// rows.
fn held_out(reports: &[Report]) -> String {
    let rows = || reports.iter().flat_map(|r| &r.rows).filter(|c| c.held_out.is_some());
    if rows().next().is_none() {
        return String::new();
    }
    let inside = |c: &&Checked| matches!(c.outcome, Outcome::Fits | Outcome::UnexpectedPass);
    let molecules: BTreeSet<_> = rows().filter_map(|c| c.held_out.as_deref()).collect();
    format!(
        "held out: {} of {} rows fit, of {} molecules ({})\n",
        rows().filter(inside).count(),
        rows().count(),
        molecules.len(),
        molecules.into_iter().collect::<Vec<_>>().join(", ")
    )
}

/// How many predicted numbers and signs fit among those that an alternative would more likely fail
/// than pass; empty without such rows.
fn powerful(reports: &[Report]) -> String {
    let rows = |number: bool| {
        let all = reports.iter().flat_map(|r| &r.rows);
        all.filter(move |c| c.is_number == number && predicted_with_power(c))
    };
    if rows(true).chain(rows(false)).next().is_none() {
        return String::new();
    }
    let inside = |c: &&Checked| matches!(c.outcome, Outcome::Fits | Outcome::UnexpectedPass);
    let fit =
        |number| format!("{} of {}", rows(number).filter(inside).count(), rows(number).count());
    format!(
        "power above one half: {} predicted numbers and {} predicted signs fit\n",
        fit(true),
        fit(false)
    )
}

/// A direction that half of all trials without an effect show has a power that is printed as 0.50.
fn predicted_with_power(c: &Checked) -> bool {
    const ABOVE_ONE_HALF: f64 = 0.505;
    c.status == Status::Predicted
        && c.is == Is::Measured
        && c.power.as_ref().is_some_and(|power| power.value >= ABOVE_ONE_HALF)
}

/// The intervals of the simulated numbers, by kind.
fn intervals(rows: &[Checked]) -> String {
    let mut all: Vec<(&str, Vec<String>)> = vec![];
    for c in rows {
        let Some(interval) = &c.interval else { continue };
        let told = format!("{} {}", c.what, interval.ends());
        match all.iter_mut().find(|(kind, _)| *kind == interval.kind) {
            Some((_, rows)) => rows.push(told),
            None => all.push((&interval.kind, vec![told])),
        }
    }
    let line = |(kind, rows): &(&str, Vec<String>)| {
        wrapped(&format!("{kind}, simulated: {}", rows.join("; ")), 2)
    };
    all.iter().map(line).collect()
}

/// The power of each predicted row, by alternative.
fn powers(rows: &[Checked]) -> String {
    let mut all: Vec<(&str, Vec<String>)> = vec![];
    for c in rows.iter().filter(|c| c.status == Status::Predicted && c.is == Is::Measured) {
        let Some(power) = &c.power else { continue };
        let told = format!("{} {:.2}", c.what, power.value);
        match all.iter_mut().find(|(against, _)| *against == power.against) {
            Some((_, rows)) => rows.push(told),
            None => all.push((&power.against, vec![told])),
        }
    }
    let line = |(against, rows): &(&str, Vec<String>)| {
        wrapped(&format!("power against \"{against}\": {}", rows.join("; ")), 2)
    };
    all.iter().map(line).collect()
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, StudyError> {
    if folder.join("published.toml").is_file() {
        return Ok(vec![folder.to_path_buf()]);
    }
    const REMEDY: &str = "give the validation folder of the repository";
    let entries = std::fs::read_dir(folder).map_err(|e| {
        let why = il2_engine::words::reason(&e);
        StudyError::io(folder, format!("cannot be read ({why}); {REMEDY}"))
    })?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.join("published.toml").is_file())
        .collect();
    found.sort();
    if found.is_empty() {
        let message = format!("contains no folder with a published.toml; {REMEDY}");
        return Err(StudyError::of_file(folder, message));
    }
    Ok(found)
}

fn row_json(report: &Report, c: &Checked) -> serde_json::Value {
    json!({
        "folder": report.name,
        "what": c.what,
        "published": c.published,
        "simulated": c.simulated,
        "simulated_low": c.interval.as_ref().map(|i| i.low).filter(|v| v.is_finite()),
        "simulated_high": c.interval.as_ref().map(|i| i.high).filter(|v| v.is_finite()),
        "simulated_interval": c.interval.as_ref().map(|i| i.kind.as_str()),
        "allowed": c.allowed,
        "is": origin(c.is),
        "status": status(c.status),
        "held_out": c.held_out,
        "power": c.power.as_ref().map(|power| power.value),
        "power_against": c.power.as_ref().map(|power| power.against.as_str()),
        "verdict": c.outcome.words(),
        "note": c.note,
    })
}

fn shown(report: &Report) -> String {
    let mut text = format!("{}: {}\n", report.name, report.published.title);
    text += &wrapped(&report.published.summary, 2);
    text += &format!(
        "  {:<40} {:>13} {:>10} {:>9}  {}\n",
        "", "published", "simulated", "allowed", "verdict"
    );
    let mut notes: Vec<&str> = vec![];
    for c in &report.rows {
        let what = &c.what;
        let source = if c.is == Is::Measured { "m" } else { "t" };
        let used = if c.status == Status::CalibratedOn { "c" } else { "p" };
        if c.published.chars().count() > 13 {
            text += &format!("  {what:<40} {used}{source} {}\n", c.outcome.words());
            text += &wrapped(&format!("published {}", c.published), 6);
            text += &wrapped(&format!("simulated {} ({})", c.simulated, c.allowed), 6);
        } else {
            text += &format!(
                "  {what:<40} {:>13} {:>10} {:>9}  {used}{source} {}\n",
                c.published,
                c.simulated,
                c.allowed,
                c.outcome.words()
            );
        }
        if matches!(c.outcome, Outcome::KnownMisfit | Outcome::Fails)
            && !notes.contains(&c.note.as_str())
        {
            notes.push(&c.note);
        }
    }
    text += &intervals(&report.rows);
    text += &powers(&report.rows);
    for note in notes {
        text += &wrapped(&format!("! {note}"), 2);
    }
    text + "  c calibrated on, p predicted; m measured, t model target\n\n"
}
