//! Numbers with their derivatives, and why a course may have none.

/// A number and how fast it changes along each direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Its value, base units.
    pub value: f64,
    /// By each direction.
    pub by: Vec<f64>,
}

impl Number {
    /// A number that changes along no direction.
    pub fn fixed(value: f64, directions: usize) -> Self {
        Self { value, by: vec![0.0; directions] }
    }
}

/// Why there is no course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoCourse {
    /// A number is infinite, negative or not one.
    NoNumber,
    /// Repeated doses accumulate without limit.
    Endless,
    /// A steady state of a model that is not linear, which has no closed form.
    NoSteadyState,
    /// An integration that took this many steps without reaching the next event or record.
    TooManySteps {
        /// When it stopped, since the first record (min).
        time: f64,
        /// How many.
        steps: usize,
    },
}
