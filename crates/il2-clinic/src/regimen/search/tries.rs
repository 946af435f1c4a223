//! Tries doses: simulates the same patients at every dose, counts who meets each requirement, and
//! adds doses where a requirement begins or ceases to be met.

use crate::beyond::{Beyond, Left, Range};
use crate::regimen::plan::Plan;
use crate::regimen::search::edges::{Tried, best, of_schedule, shortfall};
use crate::regimen::search::plan::{Of, Requirement, Search};
use il2::patient::cohort::Delivered;
use il2_answer::labels::noise;
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::lane::{self, Surveyed};
use il2_engine::{Ensemble, Lane, Survey, Tolerance, shard};
use il2_inference::quantiles::Quantiles;
use il2_study::study::Study;
use std::ops::ControlFlow;

/// What is kept of a patient who was solved.
struct Solved {
    /// By requirement: whether the values are below its window, and whether they are above it.
    outside: Vec<[bool; 2]>,
    delivered: Delivered,
    left: Left,
}

/// Every dose that was tried, in the order of schedules and doses. `weights` are those of the
/// patients; patients without weight are not simulated.
pub fn tries(
    study: &Study,
    plan: &Plan,
    search: &Search,
    weights: &[u64],
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Tried> {
    let all = 0..search.schedules.len();
    let mut next: Vec<(usize, f64)> =
        all.flat_map(|schedule| search.doses.iter().map(move |dose| (schedule, *dose))).collect();
    let mut tried: Vec<Tried> = vec![];
    while !next.is_empty() {
        for asked in next {
            tried.push(at_dose(study, plan, (search, asked), weights, progress));
        }
        // The next doses depend on all these patients.
        shard::settled();
        tried.sort_by(|a, b| a.schedule.cmp(&b.schedule).then(a.dose.total_cmp(&b.dose)));
        next = further(search, &tried);
    }
    // The search may end before its greatest number of simulations.
    progress(plan.patients * (search.tries() - tried.len()));
    tried
}

/// The doses to try next: between neighbours of which only one meets a requirement, or between
/// which patients pass through the window of one from below to above, or back; and around a dose
/// that is better than both neighbours and so near to enough that doses beside it may be enough. If
/// no dose meets all requirements, then between the best compromise and its neighbours.
pub(super) fn further(search: &Search, tried: &[Tried]) -> Vec<(usize, f64)> {
    let mut next = vec![];
    let schedules = || (0..search.schedules.len()).map(|s| (s, of_schedule(tried, s)));
    let mut add = |schedule: usize, some: &[Tried], low: usize| {
        let between = search.between(some[low].dose, some[low + 1].dose);
        let room = search.most_tried() - some.len();
        let before = next.iter().filter(|(s, _)| *s == schedule).count();
        if let Some(dose) = between.filter(|_| before < room) {
            next.push((schedule, dose));
        }
    };
    for (schedule, some) in schedules() {
        for (i, two) in some.windows(2).enumerate() {
            let differs = |r: usize| {
                let [a, b] = [0, 1].map(|k| two[k].holds(search, r));
                let passes = || match [0, 1].map(|k| two[k].mostly_above(r)) {
                    [Some(a), Some(b)] => a != b,
                    _ => false,
                };
                a != b || (!a && passes())
            };
            if (0..search.requirements.len()).any(differs) {
                add(schedule, some, i);
            }
        }
        for top in (0..some.len()).filter(|i| may_be_an_island(search, some, *i)) {
            (top.saturating_sub(1)..(top + 1).min(some.len() - 1))
                .for_each(|low| add(schedule, some, low));
        }
    }
    if next.is_empty() && !tried.iter().any(|t| t.holds_all(search)) {
        let mut add = |schedule: usize, some: &[Tried], low: usize| {
            let between = search.between(some[low].dose, some[low + 1].dose);
            let room = search.most_tried() > some.len();
            next.extend(between.filter(|_| room).map(|dose| (schedule, dose)));
        };
        for (schedule, some) in schedules() {
            let best = best(search, some);
            (best.saturating_sub(1)..(best + 1).min(some.len() - 1))
                .for_each(|low| add(schedule, some, low));
        }
    }
    next
}

/// Whether a dose that does not meet all requirements falls short by less than its neighbours, and
/// by so little that the intervals of its shares contain those that are needed.
fn may_be_an_island(search: &Search, some: &[Tried], at: usize) -> bool {
    let lacking = some[at].lacking(search);
    let near = |r: &usize| some[at].share(*r).high >= search.requirements[*r].share;
    let short = shortfall(search, &some[at]);
    let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
    let mut beside = beside.filter_map(|i| some.get(i));
    !lacking.is_empty()
        && lacking.iter().all(near)
        && beside.all(|other| shortfall(search, other) > short)
}

/// Simulates all patients at a dose.
fn at_dose(
    study: &Study,
    plan: &Plan,
    (search, (schedule, dose)): (&Search, (usize, f64)),
    weights: &[u64],
    progress: &(dyn Fn(usize) + Sync),
) -> Tried {
    let cohort = &*plan.arms[search.arm].patients.cohort;
    let regimen = search.schedules[schedule].with(dose, &search.unit);
    let counted: Vec<usize> = (0..plan.patients).filter(|&i| weights[i] > 0).collect();
    let requirements = &search.requirements;
    let followed: Vec<&Requirement> = requirements.iter().filter(|r| r.of != Of::Time).collect();
    let at_times = requirements.iter().filter(|r| r.of == Of::Time).map(|r| r.span[0]);
    let mut times: Vec<f64> = at_times.chain([search.end()]).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let range = Range::of(cohort);
    let places = range.places();
    let survey = |r: &&Requirement| Survey {
        area: r.of == Of::Average,
        ..cohort.survey(r.place, r.span[0], r.span[1])
    };
    let mut surveys: Vec<Survey> = followed.iter().map(survey).collect();
    surveys.extend(places.iter().map(|&place| cohort.survey(place, 0.0, search.end())));
    let planned = regimen.planned();
    let end = search.end();
    let last_dose = planned.iter().filter(|p| p.time < end && p.amount > 0.0);
    let last_dose = last_dose.map(|p| p.time).fold(0.0, f64::max);
    let width = cohort.body.network.observables.len();
    let make = |k: usize| {
        let person = cohort.person(counted[k] as u64);
        let lane = cohort.lane(&person, &regimen, plan.rules.as_ref(), &times);
        Lane { surveys: surveys.clone(), ..lane }
    };
    let reduce = |k: usize, answer: Answer| {
        let (found, why) = lane::found(answer);
        if let Some(why) = why {
            return Reduced::small(Err(why.to_string()));
        }
        let person = cohort.person(counted[k] as u64);
        let seen = cohort.observe(&person, &found, &times);
        let mut surveyed = found.surveyed.iter();
        let outside_of = requirements.iter().map(|r| match r.of {
            Of::Time => {
                let at = times.iter().position(|t| *t == r.span[0]).expect("an output");
                outside(r, [seen[at * width + r.place]; 2], study.tolerance)
            }
            _ => outside(r, ends(r, surveyed.next().expect("followed")), study.tolerance),
        });
        let outside: Vec<[bool; 2]> = outside_of.collect();
        let mut left = range.left(&seen, width, last_dose);
        for (own, &place) in surveyed.zip(&places) {
            range.add(&mut left, place, (own.lowest.value, own.highest.value));
        }
        let delivered = cohort.delivered(&person, &regimen, &found, &times);
        let bytes = size_of_val(&*outside) + size_of_val(&*left);
        Reduced { result: Ok(Solved { outside, delivered, left }), bytes }
    };
    let mut tried = Tried {
        schedule,
        dose,
        meets: vec![0; requirements.len()],
        outside: vec![[0; 2]; requirements.len()],
        all: weights.iter().sum(),
        effective: il2_inference::weigh::effective(weights),
        planned: planned.iter().filter(|p| p.time < end).count(),
        given: Quantiles::default(),
        failed: vec![],
        worst_imbalance: 0.0,
        beyond: Beyond::default(),
        last_dose,
    };
    let take = |k: usize, patient: Result<Solved, String>| {
        let weight = weights[counted[k]];
        match patient {
            Err(why) => tried.failed.push((counted[k], why)),
            Ok(solved) => {
                for (r, [below, above]) in solved.outside.iter().copied().enumerate() {
                    tried.meets[r] += if below || above { 0 } else { weight };
                    tried.outside[r][0] += if below { weight } else { 0 };
                    tried.outside[r][1] += if above { weight } else { 0 };
                }
                tried.given.push(solved.delivered.given as f64, weight);
                let imbalance = solved.delivered.imbalance.abs();
                tried.worst_imbalance = tried.worst_imbalance.max(imbalance);
                tried.beyond.count(&solved.left, weight);
            }
        }
        progress(1);
        ControlFlow::Continue(())
    };
    let threads = study.threads;
    let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
    let _ = ensemble.run(0..counted.len(), make, reduce, take);
    tried
}

/// The lowest and the highest of the values that must be inside the window.
fn ends(of: &Requirement, found: &Surveyed) -> [f64; 2] {
    let (low, high) = (found.lowest.value, found.highest.value);
    match of.of {
        Of::Trough => [low; 2],
        Of::Peak => [high; 2],
        Of::Average => [found.area / (of.span[1] - of.span[0]); 2],
        Of::Throughout | Of::Time => [low, high],
    }
}

/// Whether values are below the window and whether they are above it, beyond the tolerance of the
/// solver: a readout that stays at its start is not below a limit there.
fn outside(of: &Requirement, [lowest, highest]: [f64; 2], tolerance: Tolerance) -> [bool; 2] {
    let [low, high] = of.window;
    // Not a number is on both sides.
    let reaches = low.is_infinite() || lowest >= low - noise(tolerance, low);
    let keeps = high.is_infinite() || highest <= high + noise(tolerance, high);
    [!reaches, !keeps]
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_engine::lane::Extreme;

    #[test]
    fn a_window_holds_the_values_that_the_requirement_names() {
        let extreme = |value: f64| Extreme { value, time: 1.0, after: false };
        let found = Surveyed { highest: extreme(9.0), lowest: extreme(1.0), area: 40.0 };
        let of = |of: Of, window: [f64; 2]| {
            let requirement = Requirement {
                name: "one".into(),
                place: 0,
                words: (String::new(), String::new()),
                of,
                span: [0.0, 10.0],
                window,
                share: 0.9,
            };
            outside(&requirement, ends(&requirement, &found), Tolerance::default()) == [false; 2]
        };
        let (none, any) = (f64::NEG_INFINITY, f64::INFINITY);
        assert!(of(Of::Throughout, [1.0, 9.0]) && !of(Of::Throughout, [1.0, 8.9]));
        assert!(!of(Of::Throughout, [1.1, any]) && of(Of::Throughout, [none, 9.0]));
        assert!(of(Of::Trough, [0.9, 1.1]) && !of(Of::Trough, [2.0, any]));
        assert!(of(Of::Peak, [8.0, 10.0]) && !of(Of::Peak, [none, 8.0]));
        // 40 over 10 min.
        assert!(of(Of::Average, [3.9, 4.1]) && !of(Of::Average, [4.1, any]));
        assert!(of(Of::Trough, [1.0 + 1e-9, any]), "noise of the solver");
    }
}
