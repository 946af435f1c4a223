//! Errors, as sentences that say where, what, what is allowed, and what to do.

use std::fmt;

/// The reason for having no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum StatisticsError {
    /// Nothing to count.
    Empty {
        /// Which sample or group.
        what: String,
    },
    /// Columns of different lengths.
    Length {
        /// Which column.
        what: &'static str,
        /// Its rows.
        found: usize,
        /// Rows that it should have.
        expected: usize,
    },
    /// A number outside of what is allowed.
    Value {
        /// Which number.
        what: &'static str,
        /// Its row, counted from 0; none of a setting.
        row: Option<usize>,
        /// The number.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Nobody had the event.
    NoEvents {
        /// Which sample or group.
        what: String,
    },
    /// A comparison of fewer than two groups, or of groups that are never at risk together.
    OneGroup,
    /// A covariate that is constant, or follows from the ones before it.
    Collinear {
        /// Column, counted from 0.
        column: usize,
    },
    /// A likelihood that increases without limit as a coefficient grows.
    Monotone {
        /// Column, counted from 0, of the coefficient that grew most.
        column: usize,
    },
    /// A search that did not end.
    NotConverged {
        /// What was sought.
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
                    "{what} has {found} rows instead of {expected}; give one for each subject"
                )
            }
            Value { what, row: Some(row), value, allowed } => {
                let row = row + 1;
                write!(
                    f,
                    "{what} of row {row} is {value}; allowed is {allowed}: correct the row, or \
                     leave it out"
                )
            }
            Value { what, row: None, value, allowed } => {
                write!(f, "{what} is {value}; allowed is {allowed}")
            }
            NoEvents { what } => write!(
                f,
                "{what} has no event, all its times are censored; at least one event is needed: follow it up \
                 for longer, or leave it out"
            ),
            OneGroup => write!(
                f,
                "a comparison needs two groups that are at risk at the same time; give a second group, or \
                 strata that hold more than one"
            ),
            Collinear { column } => {
                let column = column + 1;
                write!(
                    f,
                    "covariate {column} is constant or follows from the covariates before it; leave it out"
                )
            }
            Monotone { column } => {
                let column = column + 1;
                write!(
                    f,
                    "the likelihood increases without limit with the coefficient of covariate \
                     {column}, as it does where one of its groups has no event: the estimate is \
                     infinite; leave it out, join groups, or compare them by a log-rank test or \
                     Firth's logistic regression"
                )
            }
            NotConverged { what } => write!(
                f,
                "{what} was not found: the search did not end; look for too few events, or for times that are \
                 all the same"
            ),
        }
    }
}

impl std::error::Error for StatisticsError {}

/// Refuses values that are not finite or outside limits.
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

/// Refuses a column that is not as long as the others.
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

/// Refuses values that are not strictly between 0 and 1.
pub(super) fn inner_part(what: &'static str, value: f64) -> Result<f64, StatisticsError> {
    within(what, None, value, "a number between 0 and 1, such as 0.95", |v| v > 0.0 && v < 1.0)
}
