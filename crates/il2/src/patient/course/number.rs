//! Numbers with their derivatives, and reasons why a course cannot be computed.

/// A number and its derivative along each direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Value in base units.
    pub value: f64,
    /// Derivative along each direction.
    pub by: Vec<f64>,
}

impl Number {
    /// A number that does not change along any direction.
    pub fn fixed(value: f64, directions: usize) -> Self {
        Self { value, by: vec![0.0; directions] }
    }
}

/// Why a course cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoCourse {
    /// A number is infinite, negative or not a number.
    NoNumber,
    /// Repeated doses accumulate without limit.
    Endless,
    /// A steady state of a nonlinear model, which has no closed form.
    NoSteadyState,
    /// An integration that took this many steps without reaching the next event or record.
    TooManySteps {
        /// When it stopped, since the first record (min).
        time: f64,
        /// Number of steps.
        steps: usize,
    },
}
