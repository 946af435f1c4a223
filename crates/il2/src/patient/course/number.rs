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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCourse {
    /// A number is infinite, negative or not a number.
    NoNumber,
    /// Repeated doses accumulate without limit.
    Endless,
    /// A steady state for which a delay or duration is estimated.
    Unsupported,
}
