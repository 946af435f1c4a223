//! Runs a population fit.

use crate::population_fit::chains::{Chains, chains};
use crate::population_fit::check::{Check, check};
use crate::population_fit::dose::{Dose, doses};
use crate::population_fit::estimates::{Estimate, estimates};
use crate::population_fit::plan::Plan;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::{
    Diagnosis, Marginal, Maximum, Population, Precision, Prediction, maximise,
};
use il2_study::study::Study;

/// The results of a fit, or why there are none.
pub type Answer = Result<Found, NoAnswer>;

/// The results of a fit.
#[derive(Debug)]
pub struct Found {
    /// Estimated coordinates of all parameters.
    pub at: Vec<f64>,
    /// Result of the searches; none if nothing is estimated.
    pub maximum: Option<Maximum>,
    /// The marginal likelihood, with every subject at its most probable effects.
    pub marginal: Marginal,
    /// Curvature and scores, or why there are no standard errors; none if nothing is estimated.
    pub precision: Option<Result<Precision, NoAnswer>>,
    /// Every parameter with its interval.
    pub estimates: Vec<Estimate>,
    /// Residuals and shrinkage.
    pub diagnosis: Diagnosis,
    /// The posterior, or why there is none; none if no chains are requested.
    pub chains: Option<Result<Chains, NoAnswer>>,
    /// The visual predictive check.
    pub check: Check,
    /// Doses of each subject, then of the population.
    pub doses: Vec<Dose>,
}

/// Searches, then everything that follows. `progress` is called for searches, draws and simulated data sets.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    il2_inference::matrices::on_one_thread();
    let predict = |subject: usize,
                   fixed: &[f64],
                   effects: &[f64]|
     -> Result<Prediction, NoAnswer> { plan.predict(subject, fixed, effects) };
    let population = Population {
        subjects: plan.subjects.clone(),
        fixed_effects: plan.numbers.parameters.len(),
        effects: plan.effects.clone(),
        residuals: plan.residuals(),
        predict: &predict,
        method: plan.method,
        step: plan.step(),
        threads: plan.threads,
    };
    let (start, free) = (plan.start(), plan.free());
    let (at, maximum, marginal) = match plan.estimates {
        true => {
            let searches = (plan.starts, plan.seed);
            let found = maximise(&population, &start, &free, searches, &|| progress(1))?;
            (found.at.clone(), Some(found.clone()), found.marginal)
        }
        false => (start.clone(), None, population.marginal(&start, &[], false)?),
    };
    let precision = maximum.as_ref().map(|found| Precision::at(&population, found, &free));
    let point = population.point(&at);
    let diagnosis = population.diagnose(&point, &marginal)?;
    let covariance = match &precision {
        Some(Ok(precision)) => Some(precision.covariance(plan.errors)),
        _ => None,
    };
    let estimates = estimates(plan, &at, covariance.as_ref().and_then(|c| c.as_ref().ok()));
    let chains = (plan.chains > 0).then(|| match &covariance {
        Some(Ok(covariance)) => chains(plan, &population, &at, covariance, progress),
        _ => Err(NoAnswer::Singular),
    });
    let precision = match (precision, covariance) {
        (Some(Ok(_)), Some(Err(why))) => Some(Err(why)),
        (other, _) => other,
    };
    let check = check(plan, &point, progress);
    let doses = doses(plan, &point, &marginal)?;
    Ok(Found { at, maximum, marginal, precision, estimates, diagnosis, chains, check, doses })
}
