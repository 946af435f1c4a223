//! Runs a sweep over the number of one chain.

use crate::receptor_sweep::plan::{Pair, Plan, with_number};
use crate::swept::{CurveRequest, Point, SweptCurve, swept_curve};
use il2_study::study::Study;

/// The result of a sweep.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Curves by pair, then by number.
    pub curves: Vec<SweptCurve>,
}

/// The curves of a sweep in the order of its answer.
pub(super) fn places(plan: &Plan) -> Vec<(&Pair, f64)> {
    plan.pairs.iter().flat_map(|p| plan.numbers.iter().map(move |n| (p, *n))).collect()
}

/// Runs every curve; `progress` is called with the number of finished wells.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let (first, last) = (plan.numbers[0], plan.numbers[plan.numbers.len() - 1]);
    let curve = |(pair, number): &(&Pair, f64)| {
        let point = match *number {
            n if n == first => Point::Prepared(&pair.ends[0]),
            n if n == last => Point::Prepared(&pair.ends[1]),
            n => Point::Setup(Box::new(with_number(&pair.ends[0].setup, &plan.chain, n))),
        };
        let asked = CurveRequest {
            ligand: &pair.ligand,
            doses: &pair.doses,
            time: plan.time,
            readout: &plan.readout,
        };
        swept_curve(study, point, asked, progress)
    };
    Answer { curves: study.threads.map(&places(plan), curve) }
}
