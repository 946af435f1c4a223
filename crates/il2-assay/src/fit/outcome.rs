//! The results of a fit.

use crate::fit::plan::Plan;
use il2_inference::posterior::Expected;
use il2_inference::sample::{ChainDraws, effective, r_hat};
use il2_inference::search::{Optimum, ProfilePoint};

/// A profile is computed until the log likelihood has fallen by slightly more than half of the 95 %
/// quantile of chi-squared with one degree of freedom.
pub const HALF_CHI2_95: f64 = 0.5 * 3.841_458_820_694_124;
/// All results of a fit.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Searches, by start.
    pub starts: Vec<Optimum>,
    /// Index of the best one.
    pub best: usize,
    /// Rows at the best fit.
    pub expected: Vec<Expected>,
    /// Profiles by number of the model; empty if none were requested.
    pub profiles: Vec<Vec<ProfilePoint>>,
    /// Chains.
    pub chains: Vec<ChainDraws>,
    /// Predicted measurements with scatter, by row and draw.
    pub predicted: Vec<Vec<f64>>,
    /// For each independent combination of parameters, the information of the measurements divided
    /// by that of the priors, in decreasing order.
    pub directions: Vec<f64>,
}

impl Outcome {
    /// The draws of an unknown in the unit of its prior, chain by chain.
    pub fn draws(&self, plan: &Plan, unknown: usize) -> Vec<Vec<f64>> {
        let value = |draw: &Vec<f64>| plan.in_study_unit(unknown, draw[unknown]);
        self.chains.iter().map(|c| c.draws.iter().map(value).collect()).collect()
    }

    /// R-hat and effective number of draws of an unknown, on the scale of its prior; NaN without
    /// chains of sufficient length.
    pub fn mixing(&self, unknown: usize) -> (f64, f64) {
        let of = |c: &ChainDraws| c.draws.iter().map(|d| d[unknown]).collect::<Vec<f64>>();
        let chains: Vec<Vec<f64>> = self.chains.iter().map(of).collect();
        if chains.len() < 2 || chains.iter().any(|c| c.len() < 8) {
            return (f64::NAN, f64::NAN);
        }
        (r_hat(&chains), effective(&chains))
    }

    /// Number of searches that ended within 0.1 of the best log density.
    pub fn agreeing(&self) -> usize {
        let best = self.starts[self.best].log_density;
        self.starts.iter().filter(|s| best - s.log_density < 0.1).count()
    }

    /// The value at which the profile of a number is highest, in units of its prior.
    pub fn likeliest(&self, number: usize) -> Option<f64> {
        let points = self.profiles.get(number)?;
        let top = points.iter().max_by(|a, b| a.log_likelihood.total_cmp(&b.log_likelihood));
        top.map(|point| point.z)
    }

    /// Ends of the 95 % profile-likelihood interval of a number, in units of its prior; none where
    /// an end is open.
    pub fn profile_ends(&self, number: usize) -> (Option<f64>, Option<f64>) {
        let Some(points) = self.profiles.get(number).filter(|p| !p.is_empty()) else {
            return (None, None);
        };
        let top = (0..points.len())
            .max_by(|a, b| points[*a].log_likelihood.total_cmp(&points[*b].log_likelihood))
            .expect("points");
        let limit = points[top].log_likelihood - HALF_CHI2_95;
        let crossing = |from: ProfilePoint, to: ProfilePoint| {
            let part = (from.log_likelihood - limit) / (from.log_likelihood - to.log_likelihood);
            from.z + part * (to.z - from.z)
        };
        let crosses = |a: &ProfilePoint, b: &ProfilePoint| {
            a.log_likelihood >= limit && b.log_likelihood < limit
        };
        let high = points[top..].windows(2).find(|w| crosses(&w[0], &w[1]));
        let low = points[..=top].windows(2).rev().find(|w| crosses(&w[1], &w[0]));
        (low.map(|w| crossing(w[1], w[0])), high.map(|w| crossing(w[0], w[1])))
    }
}
