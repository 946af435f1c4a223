//! The answer of a published model of a tumour in sentences.

use crate::tumour_model::plan::{Plan, Swept};
use crate::tumour_model::run::{Answer, Course};
use il2::quantity::three_digits;
use il2::tumour::classic::bifurcation::{Bifurcation, Kind};
use il2_answer::sentence::{listed, number, span};
use il2_engine::math;

/// A tumour that has grown by this factor since its smallest size has relapsed.
const COME_BACK: f64 = 10.0;

/// A tumour that stays below this fraction of the largest tumour of the study is small.
const SMALL: f64 = 0.1;

/// Smaller tumours are not drawn, because a curve may fall to 1e-1000, and are not told to grow
/// back: in reality, such a tumour has disappeared.
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

/// A value with at most four digits, because values at bifurcations are known to more than three;
/// without zeros at its end.
pub fn four_digits(value: f64) -> String {
    let text = format!("{value:.3e}");
    let rounded: f64 = text.parse().unwrap_or(value);
    match (1e-4..1e6).contains(&rounded.abs()) || rounded == 0.0 {
        true => format!("{rounded}"),
        false => format!("{rounded:e}"),
    }
}

/// Sentences on the values at which the tumour stays small, its fate at both ends of the varied
/// range, the steady states where it settles, and where these change.
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
        return vec!["No course could be simulated, so there is no answer.".into()];
    }
    if let Some(swept) = &plan.swept {
        if let Some(told) = stays_small(plan, answer, &swept.name) {
            said.insert(0, told);
        }
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
    let end = match gone_since(course) {
        Some(since) => format!("is below {LEAST_DRAWN} {unit} from {} on", span(since)),
        None => format!("is at {} after {}", size(plan, math::exp(last)), span(time)),
    };
    Some(match course.peaks().first() {
        Some((when, peak)) => {
            let peak = size(plan, *peak);
            format!("the tumour first peaks at {peak} after {} and {end}", span(*when))
        }
        None => format!("the tumour {end}"),
    })
}

/// The size of a tumour in words.
fn size(plan: &Plan, tumour: f64) -> String {
    format!("{} {}", number(short(tumour)), plan.model.tumour_unit())
}

/// Time (min) at which the courses end.
fn end(plan: &Plan) -> f64 {
    plan.times.last().copied().unwrap_or(0.0)
}

/// A range of neighbouring values of the varied number.
fn range(plan: &Plan, first: usize, last: usize) -> String {
    match first == last {
        true => varied(plan, first),
        false => format!("{} to {}", varied(plan, first), varied(plan, last)),
    }
}

/// At which values the tumour stays small; none if fewer than two courses were solved.
fn stays_small(plan: &Plan, answer: &Answer, name: &str) -> Option<String> {
    let all = answer.courses.iter().enumerate().filter(|(_, course)| course.failure.is_none());
    let all: Vec<(usize, f64)> = all.map(|(place, course)| (place, course.largest())).collect();
    let largest = all.iter().map(|of| of.1).fold(0.0, f64::max);
    let of = |small: bool| -> Vec<String> {
        let some = all.iter().filter(|of| (of.1 < SMALL * largest) == small);
        let places: Vec<usize> = some.map(|of| of.0).collect();
        let runs = places.chunk_by(|a, b| a + 1 == *b);
        runs.map(|run| range(plan, run[0], run[run.len() - 1])).collect()
    };
    let (small, other) = (of(true), of(false));
    let limit = format!("a tenth of the largest size found ({})", size(plan, largest));
    let until = span(end(plan));
    match (all.len(), small.is_empty()) {
        (..2, _) => None,
        (_, true) => Some(format!(
            "The tumour exceeds {limit} with every {name} that was tried: {}.",
            listed(&other)
        )),
        (_, false) => Some(format!(
            "Up to {until}, the tumour stays below {limit} with {name} {}, but not with {}.",
            listed(&small),
            listed(&other)
        )),
    }
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

/// Whether the tumour has shrunk after its first peak and grown again to a size that is drawn.
fn comes_back(course: &Course) -> bool {
    let peaks = course.peaks();
    let Some((first, _)) = peaks.first() else { return false };
    let mut least = f64::INFINITY;
    let limit = math::ln(LEAST_DRAWN);
    course.close.iter().filter(|(time, _)| time > first).any(|(_, ln)| {
        least = least.min(*ln);
        *ln >= limit && *ln > least + math::ln(COME_BACK)
    })
}

/// Fate of the tumour at a value of the varied number.
#[derive(PartialEq)]
enum End {
    /// It settles in one of this number of stable states.
    Settles(usize),
    /// It shrinks and grows again.
    ComesBack,
    /// It is too small to be drawn at the end, and has not grown again before.
    Gone,
    /// Its course is none of these until the end.
    Open,
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
            0 if course.failure.is_some() => return None,
            0 if comes_back(course) => End::ComesBack,
            0 if gone_since(course).is_some() => End::Gone,
            0 => End::Open,
            count => End::Settles(count),
        };
        Some((k, end, states))
    };
    let all: Vec<(usize, End, Vec<f64>)> =
        answer.courses.iter().enumerate().filter_map(of).collect();
    let (unit, until) = (plan.model.tumour_unit(), span(end(plan)));
    let runs = all.chunk_by(|a, b| a.1 == b.1 && a.0 + 1 == b.0).map(|run| {
        let (first, last) = (&run[0], &run[run.len() - 1]);
        let at = format!("with {}", range(plan, first.0, last.0));
        let sizes = |states: &[f64]| {
            let all: Vec<String> = states.iter().map(|size| number(short(*size))).collect();
            all.join(" or ")
        };
        let (one, other) = (sizes(&first.2), sizes(&last.2));
        match first.1 {
            End::ComesBack => format!("shrinks, grows back and has no stable steady state {at}"),
            End::Gone => {
                format!("falls below {LEAST_DRAWN} {unit} and has not grown back by {until} {at}")
            }
            End::Open => {
                format!("has no stable steady state and has not grown back by {until} {at}")
            }
            End::Settles(_) if one == other => format!("settles at {one} {unit} {at}"),
            End::Settles(_) => format!("settles at {one} to {other} {unit} {at}"),
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
