//! Statistics and inference: quantiles, curves, random draws, and fits of a model to measurements.
//! This crate contains no biology.
//!
//! 1. [`draws`], [`statistics`], [`quantiles`], [`bands`]: random draws and summaries of samples;
//! 2. [`curve`]: EC50, top and steepness of a dose-response curve, read without a fitted model;
//! 3. [`weigh`]: weights that give draws the published distributions of a population;
//! 4. [`reading`] and [`experiment`]: the simulations of measurements, and the model's value for each row;
//! 5. [`no_answer`]: why the model has no value;
//! 6. [`bound`]: censored values;
//! 7. [`posterior`]: priors, factors, scatter, and the density of all unknowns together;
//! 8. [`search`]: the maximum of the density from a given start, and profile likelihoods;
//! 9. [`sample`]: draws from the posterior, and whether the chains agree;
//! 10. [`morris`] and [`sobol`]: which input numbers a result depends on, over their whole ranges,
//!     with intervals by the [`bootstrap`];
//! 11. [`nsga2`]: non-dominated candidates, which no other candidate beats in all objectives;
//! 12. [`population`]: fits to subjects who differ (nonlinear mixed effects);
//! 13. [`noncompartmental`]: area and terminal phase of a concentration curve;
//! 14. [`matrices`]: the thread on which matrices are solved.

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
