//! The verdict on a step: whether it is accepted and how long the next step may be.

/// The verdict on a step, lane by lane.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<const W: usize> {
    /// Largest error of a species in units of its tolerance; a step is accepted if it is at most 1.
    pub error: [f64; W],
    /// Factor by which the step may be longer for an error of 1: the inverse fifth root of the
    /// error.
    pub growth: [f64; W],
    /// Largest fall below zero of a species that is not signed, in units of its tolerance.
    pub below_zero: [f64; W],
    /// Residual of the first linear solve, as the error it may cause, in units of the tolerance.
    pub residual: [f64; W],
}

/// The verdict on a step of one lane; see [`Verdict`].
#[derive(Clone, Copy, Debug)]
pub struct LaneVerdict {
    /// Largest error in units of its tolerance.
    pub error: f64,
    /// Inverse fifth root of this error.
    pub growth: f64,
    /// Largest fall below zero in units of its tolerance.
    pub below_zero: f64,
    /// Error that the first linear solve may cause, in units of the tolerance.
    pub residual: f64,
}

impl<const W: usize> Verdict<W> {
    /// The verdict on one lane.
    pub fn lane(&self, place: usize) -> LaneVerdict {
        LaneVerdict {
            error: self.error[place],
            growth: self.growth[place],
            below_zero: self.below_zero[place],
            residual: self.residual[place],
        }
    }
}
