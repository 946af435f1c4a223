//! A dose-response run: every curve and every draw of it, and what is read off them.

use crate::dose_response::answer::{Answer, Band, Potency};
use crate::dose_response::plan::{Pair, Plan};
use crate::wells::{Responses, curve_lanes};
use il2::culture::Well;
use il2::culture::uncertainty::drawn;
use il2_inference::curve::{Curve, read_curve};
use il2_inference::statistics::central_interval;
use il2_study::study::Study;

/// Runs every curve; `progress` is told of wells that are done.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let tasks: Vec<(usize, usize)> =
        (0..plan.pairs.len()).flat_map(|p| (0..=plan.draws).map(move |d| (p, d))).collect();
    let mut all = study
        .threads
        .map(&tasks, |&(pair, draw)| responses_of(study, plan, &plan.pairs[pair], draw, progress))
        .into_iter();
    let curves: Vec<Vec<Responses>> =
        plan.pairs.iter().map(|_| all.by_ref().take(plan.draws + 1).collect()).collect();
    let read = |(pair, of): (&Pair, &Vec<Responses>)| {
        (0..plan.times.len()).map(|time| potency(study, plan, pair, of, time)).collect()
    };
    let potencies = plan.pairs.iter().zip(&curves).map(read).collect();
    Answer { curves, potencies }
}

/// What is read off a curve and its draws at one time.
fn potency(study: &Study, plan: &Plan, pair: &Pair, of: &[Responses], time: usize) -> Potency {
    let read = |responses: &Responses| {
        let values: Vec<f64> = responses.at(time).collect();
        read_curve(&pair.doses, &values[1..], values[0], &study.tolerance)
    };
    let band = |dose: usize| {
        // A draw that was not solved says nothing of the response; how many were is a column.
        let place = dose * plan.times.len() + time;
        let spread = of[1..].iter().map(|responses| responses.values[place]);
        let spread: Vec<f64> = spread.filter(|v| v.is_finite()).collect();
        let solved = spread.len();
        let (low, high) = central_interval(spread, plan.level);
        Band { low, high, solved }
    };
    let drawn: Vec<Curve> = of[1..].iter().map(read).collect();
    Potency {
        curve: read(&of[0]),
        drawn: drawn.iter().map(|curve| curve.ec50).collect(),
        across: drawn.iter().filter(|curve| curve.gap.is_some()).count(),
        bands: match plan.draws {
            0 => vec![],
            _ => (0..=pair.doses.len()).map(band).collect(),
        },
    }
}

fn responses_of(
    study: &Study,
    plan: &Plan,
    pair: &Pair,
    draw: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Responses {
    let drawn = (draw > 0)
        .then(|| drawn(&pair.prepared.setup, &plan.posterior, study.seed, draw as u64).prepare())
        .map(|p| p.expect("a draw changes numbers, not what goes together"));
    let prepared = drawn.as_ref().unwrap_or(&pair.prepared);
    let place = prepared.readout(&plan.readout).expect("checked in the plan");
    let wells = std::iter::once(0.0).chain(pair.doses.iter().copied()).map(|dose| {
        let mut doses = vec![(pair.ligand.clone(), dose)];
        doses.extend(plan.background.iter().cloned());
        plan.medium.well(Well { doses, times: plan.times.clone(), ..Well::default() })
    });
    curve_lanes(prepared, study, wells, place, progress)
}
