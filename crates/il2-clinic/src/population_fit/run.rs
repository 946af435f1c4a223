//! Runs a population fit.

use crate::population_fit::chains::{Chains, chains};
use crate::population_fit::check::{Check, check};
use crate::population_fit::dose::{Dose, doses};
use crate::population_fit::estimates::{Estimate, estimates};
use crate::population_fit::plan::Plan;
use crate::population_fit::profiles::{Followed, profiles};
use faer::Mat;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::{
    Diagnosis, Marginal, Maximum, Point, Population, Precision, Prediction, Searched, maximise,
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
    /// If the curvature cannot be inverted: coordinates that the data determine least.
    pub undetermined: Vec<usize>,
    /// Every parameter with its interval.
    pub estimates: Vec<Estimate>,
    /// Profiles of the estimates; empty if none are requested.
    pub profiles: Vec<Followed>,
    /// Residuals and shrinkage.
    pub diagnosis: Diagnosis,
    /// The posterior, or why there is none; none if no chains are requested.
    pub chains: Option<Result<Chains, NoAnswer>>,
    /// The visual predictive check.
    pub check: Check,
    /// Doses of each subject, then of the population.
    pub doses: Vec<Dose>,
}

impl Found {
    /// Whether the search ended at a maximum, as far as the curvature and slope there tell.
    pub fn ended_at_maximum(&self) -> bool {
        /// Most of the log likelihood that may be left to gain.
        const LEFT: f64 = 0.01;
        let converged = self.maximum.as_ref().is_some_and(Maximum::converged);
        let left = match &self.precision {
            Some(Ok(precision)) => precision.gain_left,
            // Nothing is known of the slope; the search says whether it converged.
            _ => Some(0.0),
        };
        converged && left.is_some_and(|gain| gain <= LEFT)
    }
}

/// Progress of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// A part begins, and the previous one is done; contains the word for its steps and their
    /// number. Parts are counted separately, because searches take much longer than draws.
    Begins(&'static str, usize),
    /// This many more steps are done.
    Done(usize),
    /// A search, counted from 0, has evaluated this many points; its best -2 log likelihood.
    Searches(usize, usize, f64),
}

/// Runs a fit; `progress` is called with the number of finished searches, draws and simulated data
/// sets.
pub fn run(_: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    outcome(plan, &|step| match step {
        Progress::Done(n) => progress(n),
        Progress::Begins(..) | Progress::Searches(..) => {}
    })
}

/// Searches, then everything that follows. `progress` is called from any thread.
pub fn outcome(plan: &Plan, progress: &(dyn Fn(Progress) + Sync)) -> Answer {
    il2_inference::matrices::on_one_thread();
    let predict = |subject: usize,
                   fixed: &[f64],
                   effects: &[f64]|
     -> Result<Prediction, NoAnswer> { plan.predict(subject, fixed, effects) };
    let elsewhere =
        |subject: usize, point: &Point, effects: &[f64]| plan.elsewhere(subject, point, effects);
    let population = Population {
        subjects: plan.subjects.clone(),
        fixed_effects: plan.numbers.parameters.len(),
        effects: plan.effects.clone(),
        residuals: plan.residuals(),
        predict: &predict,
        elsewhere: if plan.has_onsets() { Some(&elsewhere) } else { None },
        method: plan.method,
        step: plan.step(),
        threads: plan.threads,
    };
    let (start, free) = (plan.start(), plan.free());
    let (at, maximum, marginal) = match plan.estimates {
        true => {
            let searches = (plan.starts, plan.seed);
            progress(Progress::Begins("search", plan.starts));
            let told = |searched| match searched {
                Searched::Points(search, points, log) => {
                    progress(Progress::Searches(search, points, -2.0 * log));
                }
                Searched::Ended => progress(Progress::Done(1)),
            };
            let found = maximise(&population, &start, &free, searches, &told)?;
            (found.at.clone(), Some(found.clone()), found.marginal)
        }
        false => (start.clone(), None, population.marginal(&start, &[], false)?),
    };
    // An estimate at a bound has no curvature; the others have one with that estimate held.
    let ends = plan.at_ends(&at);
    let held = |k: &usize| ends.iter().any(|(place, _)| place == k);
    let inside: Vec<usize> = free.iter().copied().filter(|k| !held(k)).collect();
    let precision = maximum.as_ref().map(|found| Precision::at(&population, found, &inside));
    let point = population.point(&at);
    let diagnosis = population.diagnose(&point, &marginal)?;
    let covariance = match &precision {
        Some(Ok(precision)) => Some(precision.covariance(plan.errors)),
        _ => None,
    };
    let known = covariance.as_ref().and_then(|c| c.as_ref().ok());
    let estimates = estimates(plan, &at, &inside, known);
    let done = |steps| progress(Progress::Done(steps));
    let followed = match maximum.as_ref().filter(|_| plan.profiles) {
        None => vec![],
        Some(maximum) => {
            progress(Progress::Begins("profile", plan.followed()));
            profiles(plan, (&population, maximum), &inside, known, &done)
        }
    };
    if plan.chains > 0 {
        progress(Progress::Begins("draw", plan.chains * plan.asked.all()));
    }
    let chains = (plan.chains > 0).then(|| {
        let own = match (&covariance, &precision) {
            (Some(Ok(covariance)), _) => Some(covariance.clone()),
            // Chains need only a rough shape, and are most needed where the likelihood has none.
            (_, Some(Ok(precision))) => Some(precision.around()),
            _ => None,
        };
        let place = |k: usize| inside.iter().position(|i| *i == k);
        let shape = Mat::from_fn(free.len(), free.len(), |i, j| {
            match (place(free[i]), place(free[j]), &own) {
                (Some(a), Some(b), Some(own)) => own[(a, b)],
                _ => f64::from(u8::from(i == j)),
            }
        });
        chains(plan, &population, &at, &shape, &done)
    });
    let undetermined = match (&precision, &covariance) {
        (Some(Ok(precision)), Some(Err(_))) => {
            precision.undetermined().into_iter().map(|k| inside[k]).collect()
        }
        _ => vec![],
    };
    let precision = match (precision, covariance) {
        (Some(Ok(_)), Some(Err(why))) => Some(Err(why)),
        (other, _) => other,
    };
    if plan.simulations > 0 {
        progress(Progress::Begins("simulated data set", plan.simulations));
    }
    let typical = diagnosis.residuals.iter().flatten().map(|row| row.population);
    let check = check(plan, &point, &typical.collect::<Vec<f64>>(), &done);
    let doses = doses(plan, &point, &marginal)?;
    Ok(Found {
        at,
        maximum,
        marginal,
        precision,
        undetermined,
        estimates,
        profiles: followed,
        diagnosis,
        chains,
        check,
        doses,
    })
}
