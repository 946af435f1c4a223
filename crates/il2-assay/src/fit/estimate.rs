//! Prior and posterior of each unknown, and predictive intervals of the rows.

use crate::fit::outcome::Outcome;
use crate::fit::plan::Plan;
use il2_inference::quantiles::{Z_975, interval, quantile};

/// Prior, best fit and posterior of an unknown.
pub struct Estimate {
    /// Its name.
    pub name: String,
    /// Unit; empty if it has none.
    pub unit: String,
    /// Centre and 95 % ends of the prior.
    pub prior: [f64; 3],
    /// Value at the best fit.
    pub best: f64,
    /// Median and ends of the posterior at the level of the fit; NaN without chains.
    pub posterior: [f64; 3],
    /// 95 % ends of the posterior, for comparison with those of prior and profile.
    pub posterior_95: [f64; 2],
    /// Maximum of the profile likelihood, which does not include the prior; NaN without a profile.
    pub likeliest: f64,
    /// Ends of the 95 % profile-likelihood interval; NaN where an end is open.
    pub profile: [f64; 2],
    /// Standard deviation of the posterior divided by that of the prior, on the prior's scale; NaN
    /// without chains.
    pub left: f64,
    /// Split R-hat.
    pub r_hat: f64,
    /// Effective number of draws.
    pub effective: f64,
}

/// Estimates of the unknowns, with numbers of the model first.
pub fn estimates(plan: &Plan, outcome: &Outcome) -> Vec<Estimate> {
    let best = &outcome.starts[outcome.best].at;
    let of = |i: usize| {
        let unknown = &plan.posterior.unknowns[i];
        let draws: Vec<f64> = outcome.draws(plan, i).concat();
        let z: Vec<f64> =
            outcome.chains.iter().flat_map(|c| c.draws.iter().map(|d| d[i])).collect();
        let (low, high) = outcome.profile_ends(i);
        let end = |z: Option<f64>| z.map_or(f64::NAN, |z| plan.in_study_unit(i, z));
        let (r_hat, effective) = outcome.mixing(i);
        let [from, to] = interval(&draws, effective, plan.level);
        Estimate {
            name: unknown.name.clone(),
            unit: plan.unit(i).0.to_string(),
            prior: [0.0, -Z_975, Z_975].map(|z| plan.in_study_unit(i, z)),
            best: plan.in_study_unit(i, best[i]),
            posterior: [quantile(&draws, 0.5), from, to],
            posterior_95: interval(&draws, effective, 0.95),
            likeliest: end(outcome.likeliest(i)),
            profile: [end(low), end(high)],
            left: deviation(&z),
            r_hat,
            effective,
        }
    };
    (0..plan.posterior.unknowns.len()).map(of).collect()
}

/// Ends of the predictive interval of a row. Scatter is drawn anew for each draw, which makes the
/// draws independent.
pub fn predicted(plan: &Plan, draws: &[f64]) -> [f64; 2] {
    interval(draws, draws.len() as f64, plan.level)
}

/// Standard deviation; NaN for an empty list, like the other numbers of chains.
fn deviation(values: &[f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}
