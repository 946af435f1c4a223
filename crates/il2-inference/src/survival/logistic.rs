//! Logistic regression, and Firth's penalised version, which gives an answer even if all or none of
//! a group have the outcome.

use super::covariates::{Centred, centred};
use super::distributions::{ChiSquared, normal_width, ratio_around};
use super::error::StatisticsError;
use super::newton::{Factor, Likelihood, add_outer, dot, highest, zeros};
use crate::bootstrap::Estimate;
use il2_engine::math;

/// The penalty of the likelihood that is maximised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Penalty {
    /// The likelihood without a penalty.
    None,
    /// The likelihood times the square root of the determinant of the information (Firth 1993,
    /// Biometrika 80:27; Heinze & Schemper 2002, Stat. Med. 21:2409): less biased in small samples,
    /// and always finite.
    #[default]
    Firth,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// First the log odds when all covariates are 0, then the log odds ratio per unit of each
    /// covariate.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, the inverse of the information.
    pub covariance: Vec<Vec<f64>>,
    /// Logarithm of the function that was maximised.
    pub log_likelihood: f64,
    /// Likelihood-ratio test of each covariate, based on the function that was maximised; Wald
    /// tests fail if odds ratios are large.
    pub tests: Vec<ChiSquared>,
}

/// Fits the model; `covariates[subject][column]` may have no columns. Rejects an empty sample,
/// covariates that are not finite, constant or linearly dependent, and, without a penalty, outcomes
/// that a covariate separates.
pub fn logistic(
    outcomes: &[bool],
    covariates: &[Vec<f64>],
    penalty: Penalty,
) -> Result<Logistic, StatisticsError> {
    if outcomes.is_empty() {
        return Err(StatisticsError::Empty { what: "the sample".into() });
    }
    let Centred { rows, means } = centred(covariates, outcomes.len())?;
    let row = |x: &Vec<f64>| std::iter::once(1.0).chain(x.iter().copied()).collect();
    let rows: Vec<Vec<f64>> = rows.iter().map(row).collect();
    let all: Vec<usize> = (0..=means.len()).collect();
    let (mut coefficients, there) = maximise(outcomes, &rows, &all, penalty)?;
    let test = |column: &usize| {
        let others: Vec<usize> = all.iter().copied().filter(|c| c != column).collect();
        let without = maximise(outcomes, &rows, &others, penalty)?.1.value;
        Ok(ChiSquared::new(2.0 * (there.value - without), 1))
    };
    let tests = all[1..].iter().map(test).collect::<Result<_, StatisticsError>>()?;
    // The intercept is converted back to covariates of 0.
    let inverse = Factor::of(&there.information).map_err(covariate)?.inverse();
    let back: Vec<f64> = std::iter::once(1.0).chain(means.iter().map(|m| -m)).collect();
    let mut covariance = inverse.clone();
    for i in 1..all.len() {
        covariance[0][i] = dot(&back, &inverse[i]);
        covariance[i][0] = covariance[0][i];
    }
    let along: Vec<f64> = inverse.iter().map(|row| dot(&back, row)).collect();
    covariance[0][0] = dot(&back, &along);
    coefficients[0] = dot(&back, &coefficients);
    Ok(Logistic { coefficients, covariance, log_likelihood: there.value, tests })
}

impl Logistic {
    /// Odds ratio per unit of a covariate (counted from 0), with its Wald interval at a given
    /// level.
    pub fn odds_ratio(&self, column: usize, level: f64) -> Result<Estimate, StatisticsError> {
        let log = self.coefficients[column + 1];
        let width = normal_width(level)? * self.covariance[column + 1][column + 1].sqrt();
        Ok(ratio_around(log, width))
    }
}

/// The intercept is not a covariate.
fn covariate(error: StatisticsError) -> StatisticsError {
    match error {
        StatisticsError::Collinear { column } => {
            StatisticsError::Collinear { column: column.max(1) - 1 }
        }
        StatisticsError::Monotone { column } => {
            StatisticsError::Monotone { column: column.max(1) - 1 }
        }
        other => other,
    }
}

/// The maximum with some coefficients free and the others 0. The penalty is computed with all
/// coefficients.
fn maximise(
    outcomes: &[bool],
    rows: &[Vec<f64>],
    free: &[usize],
    penalty: Penalty,
) -> Result<(Vec<f64>, Likelihood), StatisticsError> {
    let whole = |at: &[f64]| {
        let mut all = vec![0.0; rows[0].len()];
        free.iter().zip(at).for_each(|(column, value)| all[*column] = *value);
        all
    };
    let of = |at: &[f64]| {
        let there = likelihood(outcomes, rows, &whole(at), penalty);
        let row = |i: &usize| free.iter().map(|j| there.information[*i][*j]).collect();
        Likelihood {
            value: there.value,
            slope: free.iter().map(|i| there.slope[*i]).collect(),
            information: free.iter().map(row).collect(),
        }
    };
    let (at, there) = highest("a logistic model", vec![0.0; free.len()], of).map_err(covariate)?;
    Ok((whole(&at), there))
}

fn likelihood(
    outcomes: &[bool],
    rows: &[Vec<f64>],
    coefficients: &[f64],
    penalty: Penalty,
) -> Likelihood {
    let columns = coefficients.len();
    let (mut value, mut slope) = (0.0, vec![0.0; columns]);
    let mut information = zeros(columns);
    let mut chances = vec![];
    for (outcome, x) in outcomes.iter().zip(rows) {
        let odds = dot(x, coefficients);
        let signed = if *outcome { odds } else { -odds };
        let wrong = math::exp(-signed.abs());
        value += signed.min(0.0) - math::ln_1p(wrong);
        let p = if odds > 0.0 { 1.0 / (1.0 + wrong) } else { wrong / (1.0 + wrong) };
        let left = f64::from(u8::from(*outcome)) - p;
        slope.iter_mut().zip(x).for_each(|(sum, x)| *sum += left * x);
        add_outer(&mut information, p * (1.0 - p), x);
        chances.push(p);
    }
    if penalty == Penalty::Firth {
        let Ok(factor) = Factor::of(&information) else {
            return Likelihood { value: f64::NEG_INFINITY, slope, information };
        };
        value += factor.half_ln_determinant();
        for (p, x) in chances.iter().zip(rows) {
            let leverage = p * (1.0 - p) * factor.form(x);
            let pull = leverage * (0.5 - p);
            slope.iter_mut().zip(x).for_each(|(sum, x)| *sum += pull * x);
        }
    }
    Likelihood { value, slope, information }
}
