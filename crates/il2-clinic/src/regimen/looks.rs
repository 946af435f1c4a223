//! Output times for the patients of an arm: those of the study, and as many between them as a
//! figure needs to show every dose. Outputs are computed in rounds, so that memory stays small.

use crate::regimen::plan::Plan;
use il2::treatment::regimen::{Planned, Route};

/// Largest number of distributions counted at once; further outputs are counted in additional rounds, for each
/// of which the patients are simulated again. A distribution takes a few kilobytes. The number is
/// the same for every cohort, so that a patient's results do not depend on the others.
const MOST_COUNTED: usize = 16_000;
/// Approximate maximum of output times for the figure alone.
const MOST_DRAWN: usize = 400;
/// Below this number, there are also output times between doses.
const MOST_BETWEEN: usize = 240;

/// An output time of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Time of the output (min).
    pub time: f64,
    /// Whether it is an output of the study, or for the figure alone.
    pub output: bool,
}

/// Output times of an arm, in rounds of bounded size.
pub fn rounds(plan: &Plan, planned: &[Planned], observables: usize) -> Vec<Vec<Look>> {
    let last = plan.times.last().copied().unwrap_or(0.0);
    let mut looks: Vec<Look> = plan.times.iter().map(|&time| Look { time, output: true }).collect();
    let between = drawn_between(planned, last).into_iter().filter(|t| *t < last);
    looks.extend(between.map(|time| Look { time, output: false }));
    // Outputs of the study come before outputs for the figure alone.
    looks.sort_by(|a, b| a.time.total_cmp(&b.time).then(b.output.cmp(&a.output)));
    looks.dedup_by(|later, earlier| later.time == earlier.time);
    let mut rounds: Vec<Vec<Look>> = vec![vec![]];
    let mut counted = 0;
    for look in looks {
        let more = if look.output { observables } else { plan.show.len() };
        if counted + more > MOST_COUNTED && counted > 0 {
            rounds.push(vec![]);
            counted = 0;
        }
        counted += more;
        rounds.last_mut().expect("at least one").push(look);
    }
    rounds
}

/// Time from a bolus to the next output (min), because an output at the time of a dose comes before
/// the dose.
const JUST_AFTER: f64 = 1e-3;
/// Fractions of the time from a dose to the next at which its course is drawn, the most informative first.
const SHAPE: [f64; 12] = [0.2, 0.05, 0.5, 0.1, 0.35, 0.75, 0.02, 0.15, 0.27, 0.42, 0.6, 0.87];

/// Times for the figure: before each dose and at its end, and as many as fit between doses. If
/// there are very many doses, an evenly spaced selection is drawn.
fn drawn_between(planned: &[Planned], last: f64) -> Vec<f64> {
    let doses: Vec<&Planned> = planned.iter().filter(|p| p.time < last).collect();
    if doses.is_empty() {
        return vec![];
    }
    let every = (2 * doses.len()).div_ceil(MOST_DRAWN).max(1);
    let shape = (MOST_BETWEEN / doses.len()).saturating_sub(2).min(SHAPE.len());
    let mut times = vec![];
    for k in (0..doses.len()).step_by(every) {
        let (start, next) = (doses[k].time, doses.get(k + 1).map_or(last, |d| d.time));
        let end = match doses[k].route {
            Route::Infusion(duration) => start + duration,
            Route::Bolus | Route::Subcutaneous => start + JUST_AFTER,
        };
        times.extend([start, end]);
        times.extend(SHAPE[..shape].iter().map(|part| start + (next - start) * part));
    }
    // The time after the last dose may be most of the time drawn.
    let after = doses.last().map_or(0.0, |d| d.time);
    let even = MOST_DRAWN / 8;
    times.extend((0..even).map(|k| after + (last - after) * k as f64 / even as f64));
    times
}
