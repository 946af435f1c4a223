//! Reasons why a model has no value for a measurement, or no density at a point.

use il2_engine::LaneFailure;

/// This is an enum, so that a search can step back and a chain can reject a path; it is displayed
/// as a sentence.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoAnswer {
    /// A simulation failed.
    #[error(transparent)]
    Lane(#[from] LaneFailure),
    /// The lowest dose (pM) already gives more than half of the response.
    #[error("an EC50 is below {0} pM, the lowest dose")]
    BelowDoses(f64),
    /// The response has not levelled off at the highest dose: the EC50 is above this dose (pM),
    /// which gives half of the largest response.
    #[error("a curve has not levelled off at its highest dose; its EC50 is above {0:.3} pM")]
    AboveDoses(f64),
    /// A curve without a response.
    #[error("the response of a curve is not larger than the solver's tolerance")]
    Flat,
    /// A curve without an EC50.
    #[error("a curve has no EC50")]
    NoEc50,
    /// The model gives zero, which has no logarithm.
    #[error("the model predicts zero for a measured value above zero")]
    Zero,
    /// An unknown is too large for a floating-point number.
    #[error("an unknown is too large to be represented")]
    Beyond,
    /// A density or slope that is infinite or NaN.
    #[error("the density is infinite or undefined")]
    NoDensity,
    /// The curvature of the density cannot be inverted.
    #[error("the curvature of the density cannot be inverted")]
    Singular,
    /// The model could not be simulated at the start of any search.
    #[error("the model could not be simulated from any starting point; narrow the priors")]
    NoStart,
}
