//! Errors, as sentences that say where the problem is, what was found, what is allowed, and what to
//! do.

use std::fmt;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum StatisticsError {
    /// There is nothing to count.
    Empty {
        /// The sample or group.
        what: String,
    },
    /// The columns have different lengths.
    Length {
        /// The column.
        what: &'static str,
        /// Number of rows found.
        found: usize,
        /// Number of rows expected.
        expected: usize,
    },
    /// A number is outside the allowed range.
    Value {
        /// The quantity.
        what: &'static str,
        /// Its row, counted from 0; none for a setting.
        row: Option<usize>,
        /// The number.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Nobody had the event.
    NoEvents {
        /// The sample or group.
        what: String,
    },
    /// A comparison of fewer than two groups, or of groups that are never at risk together.
    OneGroup,
    /// A covariate that is constant, or a linear combination of earlier ones.
    Collinear {
        /// Column, counted from 0.
        column: usize,
    },
    /// A likelihood that increases without limit as a coefficient grows.
    Monotone {
        /// Column, counted from 0, of the coefficient that grew the most.
        column: usize,
    },
    /// A search that did not converge.
    NotConverged {
        /// What was searched for.
        what: &'static str,
    },
}

impl fmt::Display for StatisticsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use StatisticsError::*;
        match self {
            Empty { what } => {
                write!(f, "{what} is empty; give it at least one row, or leave it out")
            }
            Length { what, found, expected } => {
                write!(
                    f,
                    "{what} has {found} rows instead of {expected}; give one row for each subject"
                )
            }
            Value { what, row: Some(row), value, allowed } => {
                let row = row + 1;
                write!(
                    f,
                    "{what} of row {row} is {value}; it must be {allowed}: correct the row, or \
                     leave it out"
                )
            }
            Value { what, row: None, value, allowed } => {
                write!(f, "{what} is {value}; it must be {allowed}")
            }
            NoEvents { what } => write!(
                f,
                "{what} has no events, because all of its times are censored, but at least one \
                 event is needed; use a longer follow-up, or leave it out"
            ),
            OneGroup => write!(
                f,
                "a comparison needs two groups that are at risk at the same time; give a second \
                 group, or strata that contain more than one group"
            ),
            Collinear { column } => {
                let column = column + 1;
                write!(
                    f,
                    "covariate {column} is constant or a linear combination of earlier covariates; \
                     leave it out"
                )
            }
            Monotone { column } => {
                let column = column + 1;
                write!(
                    f,
                    "the likelihood increases without limit with the coefficient of covariate \
                     {column}, for example because one of its groups has no events, so the \
                     estimate is infinite; leave the covariate out, merge groups, or compare them \
                     by a log-rank test or Firth's logistic regression"
                )
            }
            NotConverged { what } => write!(
                f,
                "{what} was not found, because the search did not converge; check whether there \
                 are too few events, or whether all times are the same"
            ),
        }
    }
}

impl std::error::Error for StatisticsError {}

/// Rejects values that are not finite or outside the limits.
pub(super) fn within(
    what: &'static str,
    row: impl Into<Option<usize>>,
    value: f64,
    allowed: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<f64, StatisticsError> {
    match value.is_finite() && holds(value) {
        true => Ok(value),
        false => Err(StatisticsError::Value { what, row: row.into(), value, allowed }),
    }
}

/// Rejects a column whose length differs from the others.
pub(super) fn same_length(
    what: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), StatisticsError> {
    match found == expected {
        true => Ok(()),
        false => Err(StatisticsError::Length { what, found, expected }),
    }
}

/// Rejects values that are not strictly between 0 and 1.
pub(super) fn inner_part(what: &'static str, value: f64) -> Result<f64, StatisticsError> {
    within(what, None, value, "a number between 0 and 1, such as 0.95", |v| v > 0.0 && v < 1.0)
}
