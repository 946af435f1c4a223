//! Fits of people who differ: the marginal likelihood of a nonlinear mixed-effects model, its maximum, and
//! what is reported of it.
//!
//! A subject's measurements follow a model whose numbers depend on fixed effects, which all share, and on
//! random effects, which are normal with mean zero: those of a subject hold for all of its rows, those of an
//! occasion for the rows of that occasion. What people call log-normal variability is an effect on the
//! logarithm of a number; the scale on which a number varies is the caller's.
//!
//! The marginal likelihood of a subject is the integral over its random effects. Two approximations of it are
//! here, both around the most probable effects (the empirical Bayes estimates): first-order conditional
//! estimation with interaction, whose curvature is the expected one (Lindstrom & Bates 1990, Biometrics
//! 46:673; Wang 2007, J Pharmacokinet Pharmacodyn 34:575), and Laplace's, whose curvature is that of the
//! density itself. Gradients hold the movement of these estimates with the parameters (Almquist, Leander &
//! Jirstrand 2015, J Pharmacokinet Pharmacodyn 42:191): first derivatives of the model are exact, second ones
//! are differences of them.
//!
//! 1. [`effects`]: random effects in blocks, and their covariance;
//! 2. [`residual`]: the density of a measurement around its prediction;
//! 3. [`model`]: subjects, parameters as a search sees them, the density of a subject;
//! 4. [`mode`]: the most probable effects of a subject;
//! 5. [`marginal`]: the marginal likelihood and its gradient;
//! 6. [`maximum`]: its maximum from several starts;
//! 7. [`precision`]: standard errors;
//! 8. [`posterior`]: the density of parameters and effects together, for the sampler;
//! 9. [`diagnostics`]: residuals, shrinkage.

pub mod diagnostics;
pub mod effects;
pub mod marginal;
pub mod maximum;
pub mod mode;
pub mod model;
pub mod posterior;
pub mod precision;
pub mod residual;

#[cfg(test)]
mod tests;

pub use diagnostics::{Diagnosis, Residuals, shrinkage};
pub use effects::{Block, Covariance, Effects, Level};
pub use marginal::Marginal;
pub use maximum::{Maximum, maximise};
pub use model::{Method, Population, Predict, Prediction, Row, STEP, Subject};
pub use precision::{Kind, Precision};
pub use residual::Residual;
