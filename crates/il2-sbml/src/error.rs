//! Errors of a model: where, what, and what to do.

/// A model that cannot be read or run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct SbmlError {
    /// The element, with its line if known: `reaction "R1" (line 12)`.
    pub place: String,
    /// What was found, what is allowed and what to do.
    pub what: String,
}

impl SbmlError {
    /// Makes an error that occurred at `place`.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}
