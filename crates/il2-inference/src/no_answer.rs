//! Reasons why a model has no value for a measurement, or no density at a point.

use il2_engine::LaneFailure;

/// An enum, so that a search can step back and a chain can reject a path; displayed as a sentence.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoAnswer {
    /// A simulation failed.
    #[error(transparent)]
    Lane(#[from] LaneFailure),
    /// The lowest dose (pM) already gives more than half of the response.
    #[error("an EC50 lies below {0} pM, the lowest dose")]
    BelowDoses(f64),
    /// The response has no top by the highest dose: an EC50 lies above this dose (pM), which gives half of the
    /// largest response.
    #[error("a curve has no top by its highest dose; its EC50 lies above {0:.3} pM")]
    AboveDoses(f64),
    /// A curve without a response.
    #[error("a curve does not respond by more than the solver's tolerance")]
    Flat,
    /// A curve without an EC50.
    #[error("a curve has no EC50")]
    NoEc50,
    /// The model gives zero, which has no logarithm.
    #[error("the model gives zero where something was measured")]
    Zero,
    /// An unknown overflows.
    #[error("an unknown is too large for a number")]
    Beyond,
    /// A density or slope that is infinite or NaN.
    #[error("the density is not a number")]
    NoDensity,
    /// A curvature of the density without an inverse.
    #[error("the curvature of the density cannot be inverted")]
    Singular,
    /// The model could not be simulated at the start of any search.
    #[error("the model could not be simulated at any start; narrow the priors")]
    NoStart,
}
