//! Statistics and inference: quantiles, curves, draws, and the fit of a model to measurements. This crate
//! knows no biology.
//!
//! 1. [`draws`], [`statistics`], [`quantiles`], [`bands`]: random draws and summaries of samples;
//! 2. [`curve`]: a dose-response curve read without a model of it;
//! 3. [`weigh`]: weights of draws so that they have the published distributions of a population;
//! 4. [`reading`] and [`experiment`]: the simulations of measurements, and the model's value for each row;
//! 5. [`no_answer`]: why it has none;
//! 6. [`bound`]: censored values;
//! 7. [`posterior`]: priors, factors, scatter, and the density of all unknowns together;
//! 8. [`search`]: the highest density from a start, and profile likelihoods;
//! 9. [`sample`]: draws of the posterior, and whether the chains agree;
//! 10. [`morris`] and [`sobol`]: which numbers a result depends on, over their whole ranges, with intervals by
//!     the [`bootstrap`];
//! 11. [`nsga2`]: candidates that no other beats in all objectives;
//! 12. [`population`]: fits of subjects who differ (nonlinear mixed effects);
//! 13. [`noncompartmental`]: area and terminal phase of a course of levels;
//! 14. [`matrices`]: on which thread they are solved.

pub mod bands;
pub mod bootstrap;
pub mod bound;
pub mod curve;
pub mod draws;
pub mod experiment;
pub mod matrices;
pub mod morris;
pub mod no_answer;
pub mod noncompartmental;
pub mod nsga2;
pub mod population;
pub mod posterior;
pub mod quantiles;
pub mod reading;
pub mod sample;
pub mod search;
pub mod sobol;
pub mod statistics;
pub mod survival;
pub mod weigh;
