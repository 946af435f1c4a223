//! Numbers from numbers: quantiles, curves, draws, and what measurements say of a model's numbers. This
//! crate knows no biology.
//!
//! 1. [`draws`], [`statistics`], [`quantiles`]: random draws, and what is said of many numbers;
//! 2. [`curve`]: a dose-response curve read without a model of it;
//! 3. [`weigh`]: which of many draws stand for a population that is known by its distributions;
//! 4. [`reading`] and [`experiment`]: the lanes behind measurements, and what a model gives for each row;
//! 5. [`no_answer`]: why it gives none;
//! 6. [`bound`]: values that are only limits of what was there;
//! 7. [`posterior`]: priors, factors, scatter, and the density of all unknowns together;
//! 8. [`search`]: the highest density from a start, and the likelihood along one parameter;
//! 9. [`sample`]: draws of the posterior, and whether the chains agree.

pub mod bound;
pub mod curve;
pub mod draws;
pub mod experiment;
pub mod no_answer;
pub mod posterior;
pub mod quantiles;
pub mod reading;
pub mod sample;
pub mod search;
pub mod statistics;
pub mod weigh;
