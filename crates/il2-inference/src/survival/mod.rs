//! Statistics of times to an event, and of the counts and scores reported with these times, as in
//! the tables of a trial.
//!
//! 1. [`follow_up`]: times with an event or censored; [`error`]: reasons for rejecting input, as
//!    sentences;
//! 2. [`kaplan_meier`], [`nelson_aalen`], [`restricted_mean`], [`aalen_johansen`], [`turnbull`]:
//!    nonparametric curves and areas, also with competing causes and for events between visits;
//! 3. [`log_rank`], [`cox`] with its [`partial_likelihood`] and [`residuals`], [`proportionality`]:
//!    comparisons of groups and effects of covariates;
//! 4. [`parametric`]: Weibull, exponential, log-normal and log-logistic times;
//! 5. [`proportions`], [`odds_ratio`], [`roc`], [`logistic`]: counts and scores;
//! 6. [`power`]: sample sizes in closed form and by simulation, [`sample_size`]: from simulated
//!    patients; [`group_sequential`]: interim analyses; [`replication`]: markers that look decisive in
//!    one sample, tested in the next.
//!
//! Times may have any unit, but the same unit within one call. Two times are tied if they are the
//! same number, so times should be rounded to the unit in which they were recorded. Rows are
//! counted from 0 in fields and from 1 in sentences.

pub mod aalen_johansen;
mod covariates;
pub mod cox;
pub mod distributions;
pub mod error;
pub mod follow_up;
pub mod group_sequential;
pub mod kaplan_meier;
pub mod log_rank;
pub mod logistic;
pub mod nelson_aalen;
mod newton;
pub mod odds_ratio;
pub mod parametric;
pub mod partial_likelihood;
pub mod power;
pub mod proportionality;
pub mod proportions;
pub mod replication;
pub mod residuals;
pub mod restricted_mean;
pub mod roc;
pub mod sample_size;
pub mod turnbull;

#[cfg(test)]
mod tests;
