//! Rows of a fit as curves: which rows form a curve, and the best fit between them, so that a
//! figure shows the model rather than lines that join its rows.

use crate::fit::outcome::Outcome;
use crate::fit::plan::Plan;
use il2_engine::math;
use il2_inference::experiment::{Course, Experiment};
use il2_inference::posterior::{Observed, Posterior};
use il2_inference::reading::{Place, Reading, Reduce, When};
use il2_study::measurements::Row;
use std::cmp::Ordering;

/// Curves of a panel: the treatment, and the rows. Rows with different factors form separate
/// curves.
pub(super) type Curves = Vec<((String, String), Vec<usize>)>;

/// Rows of a table grouped by common conditions: title of the panel, and its curves.
pub(super) fn grouped(plan: &Plan, table: usize) -> Vec<(String, Curves)> {
    let wells = plan.measured[table].wells;
    let mut panels: Vec<(String, Curves)> = vec![];
    // Summaries are not points of a curve.
    let plain = |r: &(usize, Row)| r.0 == table && r.1.reduce == Reduce::At;
    for (i, (_, row)) in plan.rows.iter().enumerate().filter(|(_, r)| plain(r)) {
        let panel = match wells {
            true => {
                let at = il2_answer::labels::time_text(row.time);
                format!("{} at {at}", row.cell).trim().to_string()
            }
            false => il2_answer::labels::written(&row.readout),
        };
        let curve = (row.given.clone(), row.group.clone());
        let panel = match panels.iter().position(|(p, _)| *p == panel) {
            Some(place) => &mut panels[place].1,
            None => {
                panels.push((panel, vec![]));
                &mut panels.last_mut().expect("just pushed").1
            }
        };
        match panel.iter_mut().find(|(c, _)| *c == curve) {
            Some((_, rows)) => rows.push(i),
            None => panel.push((curve, vec![i])),
        }
    }
    panels
}

/// Largest number of points of a curve between its measurements.
const BETWEEN: usize = 60;

/// The best fit between the first and the last of the rows of a curve, by dose (pM) or time (min):
/// simulated at more doses or read at more times. None if there is nothing between the rows or the
/// simulation failed; the curve then joins its rows.
pub(super) fn between(plan: &Plan, outcome: &Outcome, rows: &[usize]) -> Option<Vec<(f64, f64)>> {
    let first = *rows
        .iter()
        .find(|i| !plan.measured[plan.rows[**i].0].wells || plan.rows[**i].1.dose > 0.0)?;
    let wells = plan.measured[plan.rows[first].0].wells;
    let at = |i: usize| if wells { plan.rows[i].1.dose } else { plan.rows[i].1.time };
    let (low, high) = (at(first), at(*rows.last()?));
    let part = |k: usize| k as f64 / (BETWEEN - 1) as f64;
    let step = |k: usize| match wells {
        true => low * math::exp(part(k) * math::ln(high / low)),
        false => low + part(k) * (high - low),
    };
    let all: Vec<f64> = (0..BETWEEN).map(step).collect();
    if low.partial_cmp(&high) != Some(Ordering::Less) {
        return None;
    }
    let observed = &plan.posterior.observed[first];
    let place = *observed.reading.places.first()?;
    let course = &plan.posterior.experiment.courses[place.course];
    let (courses, places): (Vec<Course>, Vec<Place>) = match wells {
        true => {
            let of = |(k, dose): (usize, &f64)| {
                let start = course.start.iter().map(|(species, _)| (*species, *dose)).collect();
                (Course { start, ..course.clone() }, Place { course: k, ..place })
            };
            all.iter().enumerate().map(of).unzip()
        }
        false => {
            let places = (0..all.len()).map(|k| Place { course: 0, when: When::At(k), ..place });
            (vec![Course { times: all.clone(), ..course.clone() }], places.collect())
        }
    };
    let row = |place: Place| Observed {
        reading: Reading { places: vec![place], ..observed.reading.clone() },
        ..observed.clone()
    };
    let Posterior { experiment, .. } = &plan.posterior;
    let posterior = Posterior {
        observed: places.into_iter().map(row).collect(),
        experiment: Experiment { courses, systems: experiment.systems.clone() },
        evaluations: Default::default(),
        ..plan.posterior.clone()
    };
    let found = posterior.expected(&outcome.starts[outcome.best].at).ok()?;
    Some(all.into_iter().zip(found.into_iter().map(|expected| expected.mean)).collect())
}
