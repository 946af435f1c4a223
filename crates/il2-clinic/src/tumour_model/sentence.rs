//! The answer of a published model of a tumour in sentences.

use crate::tumour_model::plan::{Plan, Swept};
use crate::tumour_model::run::{Answer, Course};
use il2::quantity::three_digits;
use il2::tumour::classic::bifurcation::{Bifurcation, Kind};
use il2_answer::sentence::{listed, number, span};
use il2_engine::math;

/// A tumour that has grown by this factor since its smallest size has relapsed.
const COME_BACK: f64 = 10.0;

/// Smaller tumours are not drawn, because a curve may fall to 1e-1000.
pub const LEAST_DRAWN: f64 = 1e-3;

/// The number that is varied, in the unit of the tables; NaN if none is.
pub fn shown_value(plan: &Plan, place: usize) -> f64 {
    let of = |swept: &crate::tumour_model::plan::Swept| swept.values[place] * swept.unit.2;
    plan.swept.as_ref().map_or(f64::NAN, of)
}

/// The varied number and its value in words.
pub fn varied(plan: &Plan, place: usize) -> String {
    let unit = plan.swept.as_ref().map_or("", |swept| swept.unit.1);
    format!("{}{unit}", four_digits(shown_value(plan, place)))
}

/// A value with four digits, because values at bifurcations are known to more than three.
fn four_digits(value: f64) -> String {
    let text = format!("{value:.3e}");
    let (digits, power) = text.split_once('e').expect("an exponent");
    match power.parse::<i32>() {
        Ok(-4..=5) => {
            let decimals = (3 - power.parse::<i32>().unwrap_or(0)).max(0);
            format!("{value:.*}", decimals.unsigned_abs() as usize)
        }
        _ => format!("{digits}e{power}"),
    }
}

/// Sentences on the fate of the tumour at both ends of the varied range, the steady states where it
/// settles, and where these change.
pub fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let last = answer.courses.len().saturating_sub(1);
    let mut said = vec![];
    for place in if last == 0 { vec![0] } else { vec![0, last] } {
        let Some(told) = answer.courses.get(place).and_then(|c| course(plan, c)) else { continue };
        said.push(match &plan.swept {
            None => format!("{}: {told}.", plan.model.name()),
            Some(swept) => format!("With {} {}, {told}.", swept.name, varied(plan, place)),
        });
    }
    if said.is_empty() {
        return vec!["No course was solved: there is no answer.".into()];
    }
    if let Some(swept) = &plan.swept {
        said.push(settles(plan, answer));
        let all: Vec<String> =
            answer.bifurcations.iter().map(|b| bifurcation(swept, answer, b)).collect();
        if !all.is_empty() {
            said.push(format!("As {} varies, {}.", swept.name, listed(&all)));
        }
    }
    said
}

/// The tumour of a course: its first peak, its end, or since when it is too small to be drawn.
fn course(plan: &Plan, course: &Course) -> Option<String> {
    let (time, last) = *course.close.last()?;
    let unit = plan.model.tumour_unit();
    let size = |tumour: f64| format!("{} {unit}", number(short(tumour)));
    let end = match gone_since(course) {
        Some(since) => format!("is below {LEAST_DRAWN} {unit} from {} on", span(since)),
        None => format!("is at {} after {}", size(math::exp(last)), span(time)),
    };
    Some(match course.peaks().first() {
        Some((when, peak)) => {
            format!("the tumour first peaks at {} after {} and {end}", size(*peak), span(*when))
        }
        None => format!("the tumour {end}"),
    })
}

/// A value rounded to three significant digits.
fn short(value: f64) -> f64 {
    three_digits(value).parse().unwrap_or(value)
}

/// Time (min) from which the tumour stays below what is drawn, if it does so until the end.
fn gone_since(course: &Course) -> Option<f64> {
    let limit = math::ln(LEAST_DRAWN);
    let after = course.close.iter().rposition(|(_, ln)| *ln >= limit).map_or(0, |k| k + 1);
    course.close.get(after).map(|(time, _)| *time)
}

/// Whether the tumour has shrunk after its first peak and grown again.
fn comes_back(course: &Course) -> bool {
    let peaks = course.peaks();
    let Some((first, _)) = peaks.first() else { return false };
    let mut least = f64::INFINITY;
    course.close.iter().filter(|(time, _)| time > first).any(|(_, ln)| {
        least = least.min(*ln);
        *ln > least + math::ln(COME_BACK)
    })
}

/// Fate of the tumour at a value of the varied number.
#[derive(PartialEq)]
enum End {
    /// It settles in one of this number of stable states.
    Settles(usize),
    /// It shrinks and grows again.
    ComesBack,
    /// It shrinks and does not grow again before the end.
    Gone,
}

/// Where the tumour settles over the values that were tried; adjacent values with the same fate are
/// reported together.
fn settles(plan: &Plan, answer: &Answer) -> String {
    let stable = |course: &Course| -> Option<Vec<f64>> {
        let states = course.resting.as_ref()?.iter().filter(|state| state.unstable == 0);
        Some(states.map(|state| state.populations[0]).collect())
    };
    let of = |(k, course): (usize, &Course)| {
        let states = stable(course)?;
        let end = match states.len() {
            0 if comes_back(course) => End::ComesBack,
            0 => End::Gone,
            count => End::Settles(count),
        };
        Some((k, end, states))
    };
    let all: Vec<(usize, End, Vec<f64>)> =
        answer.courses.iter().enumerate().filter_map(of).collect();
    let runs = all.chunk_by(|a, b| a.1 == b.1).map(|run| {
        let (first, last) = (&run[0], &run[run.len() - 1]);
        let at = match first.0 == last.0 {
            true => format!("with {}", varied(plan, first.0)),
            false => format!("with {} to {}", varied(plan, first.0), varied(plan, last.0)),
        };
        let sizes = |states: &[f64]| {
            let all: Vec<String> = states.iter().map(|size| number(short(*size))).collect();
            all.join(" or ")
        };
        let (one, other) = (sizes(&first.2), sizes(&last.2));
        match first.1 {
            End::ComesBack => format!("shrinks, grows back and has no stable steady state {at}"),
            End::Gone => format!("does not grow back before the end {at}"),
            End::Settles(_) if one == other => format!("settles at {one} {at}"),
            End::Settles(_) => format!("settles at {one} to {other} {at}"),
        }
    });
    let runs: Vec<String> = runs.collect();
    match runs.is_empty() {
        true => "No steady state was found.".into(),
        false => format!("The tumour {}.", runs.join("; it ")),
    }
}

/// What changes at a bifurcation, judged by the steady states at the values on both sides.
fn bifurcation(swept: &Swept, answer: &Answer, b: &Bifurcation) -> String {
    let at = format!("{}{}", four_digits(b.at * swept.unit.2), swept.unit.1);
    let beside = |place: Option<usize>| -> Option<(usize, Option<usize>)> {
        let states = answer.courses.get(place?)?.resting.as_ref()?;
        let free = states.iter().find(|state| state.populations[0] == 0.0);
        let with = states.iter().filter(|state| state.populations[0] > 0.0).count();
        Some((with, free.map(|state| state.unstable)))
    };
    let above = swept.values.partition_point(|value| *value <= b.at);
    let ends = beside(above.checked_sub(1)).zip(beside(Some(above)));
    let what = match (b.kind, ends) {
        (Kind::Fold, _) => "two steady states meet and vanish (a fold)".to_string(),
        (Kind::Hopf, _) => {
            "a steady state with a tumour changes its stability and cycles begin or end (a Hopf \
             bifurcation)"
                .into()
        }
        (Kind::TumourFree, Some(((before, _), (after, _)))) if before > 0 && after == 0 => {
            "the steady state without a tumour changes, and none with a tumour is left".into()
        }
        (Kind::TumourFree, Some(((_, before), (_, Some(0))))) if before != Some(0) => {
            "the steady state without a tumour becomes stable".into()
        }
        (Kind::TumourFree, _) => "the stability of the state without a tumour changes".into(),
        (Kind::Other, _) => "the number of steady states or their stability changes".into(),
    };
    format!("at {at} {what}")
}
