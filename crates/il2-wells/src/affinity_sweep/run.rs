//! Runs a sweep over two affinities.

use crate::affinity_sweep::plan::{Plan, with_affinities};
use crate::swept::{CurveRequest, Point, SweptCurve, swept_curve};
use il2_study::study::Study;

/// The result of a sweep.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Curves by cell, then by second affinity, then by affinity for the alpha chain.
    pub curves: Vec<SweptCurve>,
    /// By cell: the curve of the unchanged ligand.
    pub own: Vec<SweptCurve>,
}

impl Answer {
    /// The curve on a cell at indices of the two affinities.
    pub fn of(&self, plan: &Plan, cell: usize, second: usize, alpha: usize) -> &SweptCurve {
        &self.curves[(cell * plan.beta.len() + second) * plan.alpha.len() + alpha]
    }

    /// EC50 on the second cell divided by that on the first; NaN if one of them does not exist.
    pub fn ratio(&self, plan: &Plan, second: usize, alpha: usize) -> f64 {
        self.of(plan, 1, second, alpha).ec50() / self.of(plan, 0, second, alpha).ec50()
    }
}

/// Runs every curve; `progress` is called with the number of finished wells.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let (nx, ny) = (plan.alpha.len(), plan.beta.len());
    let places = (0..plan.ends.len())
        .flat_map(|cell| (0..ny).flat_map(move |iy| (0..nx).map(move |ix| (cell, Some((iy, ix))))));
    let points: Vec<(usize, Option<(usize, usize)>)> =
        places.chain((0..plan.ends.len()).map(|cell| (cell, None))).collect();
    let asked = CurveRequest {
        ligand: &plan.ligand.label,
        doses: &plan.doses,
        time: plan.time,
        readout: &plan.readout,
    };
    let curve = |&(cell, place): &(usize, Option<(usize, usize)>)| {
        let [first, last] = &plan.ends[cell];
        let point = match place {
            None => Point::Setup(Box::new(plan.unchanged[cell].clone())),
            Some((0, 0)) => Point::Prepared(first),
            Some((y, x)) if (y, x) == (ny - 1, nx - 1) => Point::Prepared(last),
            Some((iy, ix)) => Point::Setup(Box::new(with_affinities(
                &first.setup,
                plan.fused,
                plan.alpha[ix],
                plan.beta[iy],
            ))),
        };
        swept_curve(study, point, asked, progress)
    };
    let mut curves = study.threads.map(&points, curve);
    let own = curves.split_off(curves.len() - plan.ends.len());
    Answer { curves, own }
}
