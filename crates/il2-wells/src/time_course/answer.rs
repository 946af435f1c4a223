//! The answer of a time course or a washout, read from its curves.

use crate::time_course::plan::{Condition, Plan, condition_label, is_signal};
use crate::time_course::sentence::{
    Course, Fall, LEAST_USED, Peak, Shown, Used, courses, falls_to, washed,
};
use il2::ligand::Ligand;
use il2::quantity::base_unit;
use il2_answer::answer::Shared;
use il2_answer::labels::time_text;
use il2_answer::sentence::{Spread, concentration, percent};
use il2_engine::LaneFailure;

/// Largest number of readouts whose decline after a wash is reported.
const MOST_READOUTS: usize = 2;

/// The answer in sentences. `drawn` are the curves of the first conditions, `ends` the last rows of all.
pub fn sentences(
    plan: &Plan,
    drawn: &[(Vec<f64>, Vec<Vec<f64>>)],
    ends: &[Result<Vec<f64>, LaneFailure>],
) -> Vec<String> {
    match plan.pulse {
        Some(wash) => after(plan, wash, drawn),
        None => over_time(plan, drawn, ends),
    }
}

/// A readout along a curve; none if the condition does not have it or was not solved.
fn points(
    c: &Condition,
    name: &str,
    (times, rows): &(Vec<f64>, Vec<Vec<f64>>),
) -> Option<Vec<(f64, f64)>> {
    let place = c.prepared.readout(name)?;
    let points = times.iter().zip(rows).map(|(time, row)| (*time, row[place]));
    Some(points.collect()).filter(|p: &Vec<_>| !p.is_empty())
}

/// Whether anything other than consumption by cells changes the ligands in the medium.
fn changes_in_medium(c: &Condition) -> bool {
    let changes = |l: &Ligand| l.is_soluble_chain || l.releases.is_some();
    c.prepared.setup.ligands.iter().any(changes)
}

fn medium_of(ligand: &str) -> String {
    format!("{ligand}_medium")
}

/// The fraction of each ligand that the cells of a condition have used by its last row. Empty if
/// the medium is changed or a dissolved chain binds ligand, because free ligand then does not show
/// what cells used.
fn parts_used(plan: &Plan, c: &Condition, last: &[f64]) -> Vec<(String, f64)> {
    if plan.medium.changes() || changes_in_medium(c) {
        return vec![];
    }
    let used = |(ligand, dose): &(String, f64)| {
        let left = last[c.prepared.readout(&medium_of(ligand))?];
        (*dose > 0.0).then(|| (ligand.clone(), 1.0 - left / dose))
    };
    c.well.doses.iter().filter_map(used).collect()
}

/// Results that other assays of the study may also report: the fraction of a dose that the cells
/// used.
pub fn shared(plan: &Plan, ends: &[Result<Vec<f64>, LaneFailure>]) -> Vec<Shared> {
    let end = time_text(plan.last_time().unwrap_or(0.0));
    let of = |(c, last): (&Condition, &Result<Vec<f64>, LaneFailure>)| {
        let used = last.as_ref().map_or(vec![], |last| parts_used(plan, c, last));
        let used = used.into_iter().filter(|(_, part)| *part >= LEAST_USED);
        let all = used.map(|(ligand, part)| {
            let dose =
                c.well.doses.iter().find(|(name, _)| *name == ligand).map_or(f64::NAN, |d| d.1);
            let dose = concentration(Spread::exact(dose));
            let of = format!("Share of {dose} {ligand} that {} use by {end}:", c.cell);
            Shared { of, value: percent(part) }
        });
        all.collect::<Vec<_>>()
    };
    match plan.pulse {
        Some(_) => vec![],
        None => plan.conditions.iter().zip(ends).flat_map(of).collect(),
    }
}

fn over_time(
    plan: &Plan,
    drawn: &[(Vec<f64>, Vec<Vec<f64>>)],
    ends: &[Result<Vec<f64>, LaneFailure>],
) -> Vec<String> {
    // The remaining ligand is reported separately.
    let is_effect = |name: &&String| !name.ends_with("_medium");
    let name = plan.show.iter().find(is_effect).or(plan.show.first());
    let Some(name) = name else { return vec![] };
    let end = plan.last_time().unwrap_or(0.0);
    let course = |(i, (c, last)): (usize, (&Condition, &Result<Vec<f64>, LaneFailure>))| {
        let last = last.as_ref().ok()?;
        let curve = |name: &str| drawn.get(i).and_then(|drawn| points(c, name, drawn));
        let used = |(ligand, part): (String, f64)| {
            let dose = c.well.doses.iter().find(|(name, _)| *name == ligand)?.1;
            let curve = curve(&medium_of(&ligand));
            let half = curve.and_then(|p| falls_to(&p, f64::NEG_INFINITY, 0.5 * dose));
            Some(Used { ligand, part, half })
        };
        let peak = curve(name).and_then(|points| {
            let (time, value) = points.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
            Some(Peak { value, time, at_the_end: time >= end })
        });
        Some(Course {
            label: condition_label(plan, c),
            used: parts_used(plan, c, last).into_iter().filter_map(used).collect(),
            peak,
            last: c.prepared.readout(name).map_or(f64::NAN, |place| last[place]),
        })
    };
    let all: Vec<Course> =
        plan.conditions.iter().zip(ends).enumerate().filter_map(course).collect();
    let dimension = plan
        .conditions
        .iter()
        .find_map(|c| c.prepared.readout(name).map(|place| c.prepared.readouts[place].1));
    let unit = dimension.map(base_unit).unwrap_or_default();
    courses(Shown { readout: &il2_answer::labels::written(name), unit: &unit, end }, &all)
}

/// How long signals last after the wash; if the study shows no signal, the first readout shown.
fn after(plan: &Plan, wash: f64, drawn: &[(Vec<f64>, Vec<Vec<f64>>)]) -> Vec<String> {
    let signals = plan.show.iter().filter(|name| is_signal(name));
    let mut told: Vec<&String> = signals.take(MOST_READOUTS).collect();
    if told.is_empty() {
        told.extend(plan.show.first());
    }
    let of = |name: &String| {
        let conditions = plan.conditions.iter().zip(drawn);
        let all: Vec<(String, Fall)> = conditions
            .filter_map(|(c, drawn)| {
                Some((condition_label(plan, c), fall(&points(c, name, drawn)?, wash)?))
            })
            .collect();
        washed(&il2_answer::labels::written(name), &all)
    };
    let mut all: Vec<String> = told.into_iter().map(of).collect();
    if drawn.len() < plan.conditions.len() {
        let (some, conditions) = (drawn.len(), plan.conditions.len());
        all.push(format!(
            "The decay after the wash is given for the first {some} of {conditions} conditions; the table \
             contains all."
        ));
    }
    all
}

/// Decline of a readout after the wash; none if the course ends before it.
fn fall(points: &[(f64, f64)], wash: f64) -> Option<Fall> {
    let at_wash = points.iter().rev().find(|(time, _)| *time <= wash)?.1;
    let end = points.last().filter(|(time, _)| *time > wash)?.0;
    if at_wash <= 0.0 {
        return Some(Fall::Nothing);
    }
    let half = falls_to(points, wash, 0.5 * at_wash);
    Some(half.map_or(Fall::NotBy(end - wash), |time| Fall::Halved(time - wash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nothing_at_the_wash_has_no_half_life_and_a_short_course_says_no_more_than_its_length()
     {
        let of = |level: f64| [(0.0, 0.0), (30.0, level), (40.0, 0.9 * level)];
        assert_eq!(fall(&of(0.0), 30.0), Some(Fall::Nothing));
        assert_eq!(fall(&of(8.0), 30.0), Some(Fall::NotBy(10.0)));
        assert_eq!(fall(&of(8.0), 40.0), None);
    }
}
