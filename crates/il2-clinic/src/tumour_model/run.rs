//! Runs a published tumour model.

use crate::tumour_model::plan::Plan;
use il2::tumour::classic::bifurcation::{Bifurcation, between};
use il2::tumour::classic::steady::{Resting, SteadyState};
use il2_engine::{Ensemble, LaneFailure, math};
use il2_study::study::Study;

/// Number of times at which a course is computed to find its peaks.
const BETWEEN: usize = 6_000;
/// Number of courses that a thread runs together.
const SIDE_BY_SIDE: usize = 16;

/// Results of the assay.
pub struct Answer {
    /// A course for each value of the number that is varied.
    pub courses: Vec<Course>,
    /// Where the steady states change.
    pub bifurcations: Vec<Bifurcation>,
}

/// One simulated course.
pub struct Course {
    /// Values of all populations by `[time]`, at the times that the study requests.
    pub rows: Vec<Vec<f64>>,
    /// Times (min) and the logarithm of the tumour, closely spaced.
    pub close: Vec<(f64, f64)>,
    /// Steady states: first the tumour-free state, then those with a tumour, from the smallest;
    /// none if the model has no equation for steady states.
    pub resting: Option<Vec<SteadyState>>,
    /// Why the simulation failed, if it did.
    pub failure: Option<LaneFailure>,
}

impl Course {
    /// Peaks of the tumour: time (min) and size.
    pub fn peaks(&self) -> Vec<(f64, f64)> {
        let of = |three: &[(f64, f64)]| {
            let [a, b, c] = [three[0], three[1], three[2]];
            if !(b.1 > a.1 && b.1 >= c.1) {
                return None;
            }
            // The maximum of the parabola through three evenly spaced points.
            let bend = a.1 - 2.0 * b.1 + c.1;
            let away = if bend < 0.0 { 0.5 * (a.1 - c.1) / bend } else { 0.0 };
            let top = b.1 - 0.25 * (a.1 - c.1) * away;
            Some((b.0 + away * (c.0 - b.0), math::exp(top)))
        };
        self.close.windows(3).filter_map(of).collect()
    }

    /// The largest size of the tumour.
    pub fn largest(&self) -> f64 {
        let close = self.close.iter().map(|(_, ln)| math::exp(*ln));
        close.chain(self.peaks().into_iter().map(|(_, size)| size)).fold(0.0, f64::max)
    }
}

/// Runs every simulation; `progress` is called after each simulation.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let end = plan.times.last().copied().unwrap_or(0.0);
    let even: Vec<f64> = (0..=BETWEEN).map(|k| end * k as f64 / BETWEEN as f64).collect();
    let mut times: Vec<f64> = plan.times.iter().chain(&even).copied().collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let places: Vec<usize> = (0..plan.lanes()).collect();
    let some: Vec<&[usize]> = places.chunks(SIDE_BY_SIDE).collect();
    let found = study.threads.map(&some, |places| {
        let lanes: Vec<_> = places.iter().map(|place| plan.lane(*place, &times)).collect();
        let answers = Ensemble::new(&plan.program, study.fine_tolerance).run_all(&lanes);
        let resting = Resting::new(plan.model, &plan.network);
        let of = |(answer, place): (_, &usize)| {
            let (parameters, _) = plan.numbers(*place);
            let resting = resting.as_ref().map(|resting| {
                let mut all: Vec<_> = resting.without_tumour(&parameters).into_iter().collect();
                all.extend(resting.with_tumour(&parameters));
                all
            });
            progress(1);
            course(plan, &parameters, &times, &even, resting, answer)
        };
        answers.into_iter().zip(*places).map(of).collect::<Vec<Course>>()
    });
    let bifurcations = match (&plan.swept, Resting::new(plan.model, &plan.network)) {
        (Some(swept), Some(resting)) => {
            between(&resting, &plan.parameters, swept.id, &swept.values)
        }
        _ => vec![],
    };
    Answer { courses: found.into_iter().flatten().collect(), bifurcations }
}

fn course(
    plan: &Plan,
    parameters: &[f64],
    times: &[f64],
    even: &[f64],
    resting: Option<Vec<SteadyState>>,
    answer: il2_engine::ensemble::Answer,
) -> Course {
    let (found, failure) = il2_engine::lane::found(answer);
    let n = &plan.network;
    let populations = |state: &Vec<f64>, time: f64| -> Vec<f64> {
        let of = |name: &&str| match (n.observable_named(name), n.species_named(name)) {
            (Some(o), _) => n.observables[o.0].value.value(state, parameters, time),
            (None, Some(s)) => state[s.0],
            (None, None) => f64::NAN,
        };
        plan.model.populations().iter().map(of).collect()
    };
    let place = |time: &f64| times.partition_point(|t| t < time);
    let at = |time: &f64| Some(populations(found.states.get(place(time))?, *time));
    let tumour = n.species_named("ln_tumour").expect("every model has a tumour");
    let close = |time: &f64| Some((*time, found.states.get(place(time))?[tumour.0]));
    Course {
        rows: plan.times.iter().map_while(at).collect(),
        close: even.iter().map_while(close).collect(),
        resting,
        failure,
    }
}
