//! When the patients of an arm are looked at: the outputs that a study asks for, and between them as often
//! as a figure needs to meet every dose; in rounds, so that what is counted stays small.

use crate::regimen::plan::Plan;
use il2::treatment::regimen::{Planned, Route};

/// So many distributions are counted at once; more outputs are counted in rounds, for each of which the
/// patients are treated again. A distribution takes some kilobytes. The same for every cohort: a patient
/// is the same to the bit whoever else is treated.
const MOST_COUNTED: usize = 16_000;
/// Looks for the figure alone, at most about so many.
const MOST_DRAWN: usize = 400;

/// When a patient is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// When (min).
    pub time: f64,
    /// Whether it is an output that the study asks for; else it is for the figure alone.
    pub output: bool,
}

/// Looks of a plan in an arm, in rounds of bounded size.
pub fn rounds(plan: &Plan, planned: &[Planned], observables: usize) -> Vec<Vec<Look>> {
    let last = plan.times.last().copied().unwrap_or(0.0);
    let mut looks: Vec<Look> = plan.times.iter().map(|&time| Look { time, output: true }).collect();
    let between = drawn_between(planned, last).into_iter().filter(|t| *t < last);
    looks.extend(between.map(|time| Look { time, output: false }));
    // Outputs before what is drawn alone.
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
        rounds.last_mut().expect("one at least").push(look);
    }
    rounds
}

/// So long after a dose at once it is looked at (min): a look at the time of a dose comes before it.
const JUST_AFTER: f64 = 1e-3;
/// Parts of the time from a dose to the next at which its course is drawn, the most telling first.
const SHAPE: [f64; 12] = [0.2, 0.05, 0.5, 0.1, 0.35, 0.75, 0.02, 0.15, 0.27, 0.42, 0.6, 0.87];

/// Times for the figure: before each dose and at its end, and between doses as many as there is room
/// for. Of very many doses some are drawn, evenly.
fn drawn_between(planned: &[Planned], last: f64) -> Vec<f64> {
    let doses: Vec<&Planned> = planned.iter().filter(|p| p.time < last).collect();
    if doses.is_empty() {
        return vec![];
    }
    let every = (2 * doses.len()).div_ceil(MOST_DRAWN).max(1);
    let shape = (MOST_DRAWN / doses.len()).saturating_sub(2).min(SHAPE.len());
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
    // The time after the last dose may be most of what is drawn.
    let after = doses.last().map_or(0.0, |d| d.time);
    let even = MOST_DRAWN / 8;
    times.extend((0..even).map(|k| after + (last - after) * k as f64 / even as f64));
    times
}
