//! One curve of a sweep.

use crate::wells::curve_lanes;
use il2::culture::{Prepared, Setup, Well};
use il2::receptor::ModelError;
use il2_engine::LaneFailure;
use il2_inference::curve::{Curve, read_curve};
use il2_study::study::Study;

/// What a sweep states about the uncertainty of its numbers.
pub(crate) const NO_INTERVALS: &str =
    "A sweep computes no intervals: it uses only the best estimates.";

/// A curve of a sweep: its EC50, top and baseline, and any failures.
#[derive(Clone, Debug)]
pub struct SweptCurve {
    /// Half-maximal dose, top and baseline.
    pub curve: Curve,
    /// Number of wells that were not solved.
    pub failed: usize,
    /// The first failure.
    pub failure: Option<SweptFailure>,
}

/// Why a point of a sweep has no curve, or not all of its wells.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SweptFailure {
    /// The network cannot be built from these numbers.
    #[error("{0}")]
    Network(ModelError),
    /// The network of this point has no such species or observable.
    #[error("this network has no readout {0}")]
    Readout(String),
    /// A simulation was not solved.
    #[error("{0}")]
    Lane(LaneFailure),
}

impl SweptCurve {
    /// Half-maximal dose (pM), NaN if there is none.
    pub fn ec50(&self) -> f64 {
        self.curve.ec50.value().unwrap_or(f64::NAN)
    }
}

/// The curve to be computed for a point of a sweep.
#[derive(Clone, Copy)]
pub(crate) struct CurveRequest<'a> {
    /// Label of the ligand that is given.
    pub ligand: &'a str,
    /// Doses of the ligand (pM), increasing.
    pub doses: &'a [f64],
    /// Time at which the response is read (min).
    pub time: f64,
    /// Species or observable that is read.
    pub readout: &'a str,
}

/// A point of a sweep: prepared by the plan (the ends), or built when it runs (all others), because
/// a network for each would fill the memory.
pub(crate) enum Point<'a> {
    Prepared(&'a Prepared),
    Setup(Box<Setup>),
}

/// Runs the wells of a point and reads their curve. A point between the ends that cannot be built becomes a
/// row with the reason.
pub(crate) fn swept_curve(
    study: &Study,
    point: Point,
    asked: CurveRequest,
    progress: &(dyn Fn(usize) + Sync),
) -> SweptCurve {
    let doses = asked.doses;
    let own;
    let prepared = match point {
        Point::Prepared(prepared) => prepared,
        Point::Setup(setup) => match setup.prepare() {
            Ok(prepared) => {
                own = prepared;
                &own
            }
            Err(error) => {
                let values = vec![f64::NAN; doses.len()];
                let curve = read_curve(doses, &values, f64::NAN, &study.tolerance);
                let failure = Some(SweptFailure::Network(error));
                return SweptCurve { curve, failed: doses.len() + 1, failure };
            }
        },
    };
    // Readouts were checked at the ends of the sweep, but a ligand that binds fewer chains may lack
    // this one.
    let Some(place) = prepared.readout(asked.readout) else {
        let values = vec![f64::NAN; doses.len()];
        let curve = read_curve(doses, &values, f64::NAN, &study.tolerance);
        let failure = Some(SweptFailure::Readout(asked.readout.to_string()));
        return SweptCurve { curve, failed: doses.len() + 1, failure };
    };
    let well = |dose| Well {
        doses: vec![(asked.ligand.to_string(), dose)],
        times: vec![asked.time],
        ..Well::default()
    };
    let wells: Vec<Well> = std::iter::once(0.0).chain(doses.iter().copied()).map(well).collect();
    let lanes = curve_lanes(prepared, study, &wells, place, progress);
    SweptCurve {
        curve: read_curve(doses, &lanes.values[1..], lanes.values[0], &study.tolerance),
        failed: lanes.failures.len(),
        failure: lanes.failures.values().next().cloned().map(SweptFailure::Lane),
    }
}
