//! Proportional hazards (Cox 1972, J. R. Stat. Soc. B 34:187): coefficients are logarithms of hazard ratios.

use super::distributions::{ChiSquared, normal_width, ratio_around, two_sided};
use super::error::{StatisticsError, same_length};
use super::newton::{Factor, dot, highest};
use super::partial_likelihood::{CoxData, Ordered, Ties};
use crate::bootstrap::Estimate;
use il2_engine::math;

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Cox {
    /// How ties were handled.
    pub ties: Ties,
    /// Logarithm of the hazard ratio per unit of each covariate.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, the inverse of the information.
    pub covariance: Vec<Vec<f64>>,
    /// Log partial likelihood without an effect.
    pub log_likelihood_without: f64,
    /// Log partial likelihood.
    pub log_likelihood: f64,
    /// Likelihood-ratio test: twice the difference of the two log likelihoods.
    pub likelihood_ratio: ChiSquared,
    /// Wald test of the distance of the coefficients from 0.
    pub wald: ChiSquared,
    /// Score test, from the slope of the log partial likelihood at zero effect; for one 0-1
    /// covariate without ties it is the log-rank test.
    pub score: ChiSquared,
    /// Concordance: the fraction of pairs with a known order in time in which the subject at higher
    /// risk had the event first; ties of risk count half (Harrell 1982).
    pub concordance: f64,
}

/// A step of a cumulative baseline hazard, valid from one time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaselineStep {
    /// Stratum.
    pub stratum: usize,
    /// Time of an event in this stratum.
    pub time: f64,
    /// Cumulative hazard.
    pub hazard: f64,
}

/// Fits the model. Rejects samples without events, covariates that are not finite, constant, or
/// linearly dependent, and a likelihood that increases without limit (a group without events).
pub fn cox(data: &CoxData, ties: Ties) -> Result<Cox, StatisticsError> {
    let ordered = Ordered::new(data, ties)?;
    let columns = ordered.means.len();
    let without = ordered.likelihood(&vec![0.0; columns]);
    // A covariate that is constant, overall or in every stratum, leaves only rounding errors.
    let events = data.records.iter().filter(|record| record.event).count() as f64;
    let n = data.records.len() as f64;
    let variance = |c: usize| ordered.centred.iter().map(|x| x[c] * x[c]).sum::<f64>() / n;
    let rounding = |c: &usize| without.information[*c][*c] <= 1e-10 * events * variance(*c);
    if let Some(column) = (0..columns).find(rounding) {
        return Err(StatisticsError::Collinear { column });
    }
    let score = Factor::of(&without.information)?.form(&without.slope);
    let (coefficients, there) =
        highest("a Cox model", vec![0.0; columns], |beta| ordered.likelihood(beta))?;
    let gained = 2.0 * (there.value - without.value);
    let wald = (0..columns).map(|i| coefficients[i] * dot(&there.information[i], &coefficients));
    Ok(Cox {
        ties,
        covariance: Factor::of(&there.information)?.inverse(),
        log_likelihood_without: without.value,
        log_likelihood: there.value,
        likelihood_ratio: ChiSquared::new(gained, columns),
        wald: ChiSquared::new(wald.sum(), columns),
        score: ChiSquared::new(score, columns),
        concordance: concordance(&ordered, &coefficients),
        coefficients,
    })
}

impl Cox {
    /// Standard error of a coefficient.
    pub fn standard_error(&self, column: usize) -> f64 {
        self.covariance[column][column].sqrt()
    }

    /// Wald test: the probability of a coefficient at least this large if there is no effect.
    pub fn p(&self, column: usize) -> f64 {
        two_sided(self.coefficients[column] / self.standard_error(column))
    }

    /// Hazard ratio per unit of a covariate, with its Wald interval at a given level.
    pub fn hazard_ratio(&self, column: usize, level: f64) -> Result<Estimate, StatisticsError> {
        let width = normal_width(level)? * self.standard_error(column);
        Ok(ratio_around(self.coefficients[column], width))
    }

    /// Cumulative hazard of a subject with these covariates, by stratum and time; `exp(-hazard)` is
    /// the fraction free of the event. `data` is the data to which the model was fitted.
    pub fn hazard(
        &self,
        data: &CoxData,
        covariates: &[f64],
    ) -> Result<Vec<BaselineStep>, StatisticsError> {
        same_length("a row of covariates", covariates.len(), self.coefficients.len())?;
        let ordered = Ordered::new(data, self.ties)?;
        let from_mean: Vec<f64> =
            covariates.iter().zip(&ordered.means).map(|(x, mean)| x - mean).collect();
        let risk = math::exp(dot(&from_mean, &self.coefficients));
        let mut steps: Vec<BaselineStep> = vec![];
        ordered.each_risk_set(&self.coefficients, |set| {
            let (stratum, time) = (set.tied.stratum, set.tied.time);
            let hazard = risk * set.events / set.risk;
            match steps.last_mut().filter(|last| (last.stratum, last.time) == (stratum, time)) {
                Some(last) => last.hazard += hazard,
                None => steps.push(BaselineStep { stratum, time, hazard }),
            }
        });
        // The steps were collected from the last time to the first.
        steps.sort_by(|a, b| a.stratum.cmp(&b.stratum).then(a.time.total_cmp(&b.time)));
        for i in 1..steps.len() {
            if steps[i].stratum == steps[i - 1].stratum {
                steps[i].hazard += steps[i - 1].hazard;
            }
        }
        Ok(steps)
    }
}

/// Goes from the last time to the first, with a tree of sums over ranks of risk (Fenwick 1994).
fn concordance(ordered: &Ordered, coefficients: &[f64]) -> f64 {
    let risks = ordered.risks(coefficients);
    let mut sorted = risks.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let rank = |i: usize| sorted.partition_point(|risk| *risk < risks[i]) + 1;
    let mut tree = vec![0_u64; sorted.len() + 1];
    let below = |tree: &[u64], mut at: usize| {
        let mut sum = 0;
        while at > 0 {
            sum += tree[at];
            at &= at - 1;
        }
        sum
    };
    let add = |tree: &mut [u64], mut at: usize| {
        while at < tree.len() {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    };
    let (mut right, mut pairs) = (0.0, 0.0);
    for tied in &ordered.tied {
        if tied.starts_stratum {
            tree.fill(0);
        }
        tied.censored.iter().for_each(|i| add(&mut tree, rank(*i)));
        let later = below(&tree, sorted.len());
        for i in &tied.events {
            let (lower, up_to) = (below(&tree, rank(*i) - 1), below(&tree, rank(*i)));
            right += 0.5 * (lower + up_to) as f64;
            pairs += later as f64;
        }
        tied.events.iter().for_each(|i| add(&mut tree, rank(*i)));
    }
    right / pairs
}
