//! Why a model gives no number for a measurement, or no density at a point.

use il2_engine::LaneFailure;

/// Data, so that a search steps back and a chain gives up a path; a sentence where it is shown.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoAnswer {
    /// A simulation was given up.
    #[error(transparent)]
    Lane(#[from] LaneFailure),
    /// The lowest dose (pM) already gives more than half of the response.
    #[error("an EC50 lies below {0} pM, the lowest dose")]
    BelowDoses(f64),
    /// The highest dose (pM) gives less than half of the response.
    #[error("an EC50 lies above {0} pM, the highest dose")]
    AboveDoses(f64),
    /// A curve without a response.
    #[error("a curve does not respond by more than the solver's tolerance")]
    Flat,
    /// A curve that does not say where its half lies.
    #[error("a curve has no EC50")]
    NoEc50,
    /// The model gives zero, which has no logarithm.
    #[error("the model gives zero where something was measured")]
    Zero,
    /// An unknown so far out that it overflows.
    #[error("an unknown lies beyond what a number can hold")]
    Beyond,
    /// A density or slope that is infinite or NaN.
    #[error("the density is no number")]
    NoDensity,
    /// A curvature of the density that stands for no covariance.
    #[error("the curvature of the density cannot be inverted")]
    Singular,
    /// No search began at a point with an answer.
    #[error("the model had no answer at any start; narrow the priors")]
    NoStart,
}
