//! Fits to subjects who differ: the marginal likelihood of a nonlinear mixed-effects model, its
//! maximum, and diagnostics.
//!
//! A subject's measurements follow a model whose parameters depend on fixed effects, which all
//! subjects share, and on random effects, which are normal with mean zero: the random effects of a
//! subject apply to all of its rows, those of an occasion to the rows of that occasion. So-called
//! log-normal variability is an effect on the logarithm of a number; the caller chooses the scale
//! on which a number varies.
//!
//! The marginal likelihood of a subject is the integral over its random effects. Two approximations
//! of it are implemented, both around the most probable effects (the empirical Bayes estimates):
//! first-order conditional estimation with interaction, which uses the expected curvature
//! (Lindstrom & Bates 1990, Biometrics 46:673; Wang 2007, J Pharmacokinet Pharmacodyn 34:575), and
//! Laplace's method, which uses the curvature of the density itself. Gradients include the change
//! of these estimates with the parameters (Almquist, Leander & Jirstrand 2015, J Pharmacokinet
//! Pharmacodyn 42:191): first derivatives of the model are exact, and second derivatives are
//! differences of the first.
//!
//! 1. [`effects`]: random effects in blocks, and their covariance;
//! 2. [`residual`]: the density of a measurement around its prediction;
//! 3. [`model`]: subjects, parameters in the coordinates of a search, and the density of a subject;
//! 4. [`mode`]: the most probable effects of a subject, of which there may be several;
//! 5. [`marginal`]: the marginal likelihood and its gradient;
//! 6. [`maximum`]: its maximum from several starts;
//! 7. [`precision`]: standard errors;
//! 8. [`mod@profile`]: profile likelihoods;
//! 9. [`posterior`]: the joint density of parameters and effects, for the sampler;
//! 10. [`diagnostics`]: residuals, shrinkage.

pub mod diagnostics;
pub mod effects;
pub mod marginal;
pub mod maximum;
pub mod mode;
pub mod model;
pub mod posterior;
pub mod precision;
pub mod profile;
pub mod residual;

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod tests;

pub use diagnostics::{Diagnosis, Residuals, shrinkage};
pub use effects::{Block, Covariance, Effects, Level};
pub use marginal::Marginal;
pub use maximum::{Maximum, Searched, maximise};
pub use model::{Elsewhere, Method, Point, Population, Predict, Prediction, Row, STEP, Subject};
pub use precision::{Kind, Precision};
pub use profile::{HeldAt, Profile, profile};
pub use residual::Residual;
