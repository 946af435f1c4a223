//! Residuals of each subject and each event in a Cox model, and the robust standard errors that
//! follow from them.

use super::cox::Cox;
use super::error::{StatisticsError, same_length};
use super::newton::{Matrix, add_outer, dot, zeros};
use super::partial_likelihood::{CoxData, Ordered};
use std::collections::BTreeMap;

/// Covariates of a subject with the event, minus their mean over those at risk (Schoenfeld 1982, Biometrika
/// 69:239).
#[derive(Clone, Debug, PartialEq)]
pub struct SchoenfeldResidual {
    /// Row of the subject.
    pub subject: usize,
    /// Time of the event.
    pub time: f64,
    /// `residual[column]`; the residuals of all events sum to 0.
    pub residual: Vec<f64>,
}

/// Sums over the risk sets at one time.
#[derive(Clone)]
struct Here {
    /// Mean of the covariates to which those of the events are compared.
    mean: Vec<f64>,
    /// For subjects who stay: `events / risk`, and this times the mean.
    stay: (f64, Vec<f64>),
    /// The same for subjects who have the event. With tied events, it is reduced by the fraction of
    /// these subjects that each event removes from the risk set.
    leave: (f64, Vec<f64>),
}

/// The sums for each time, in order. Times without events have empty sums.
fn sums(fit: &Cox, ordered: &Ordered) -> Vec<Here> {
    let zero = vec![0.0; fit.coefficients.len()];
    let none = Here { mean: zero.clone(), stay: (0.0, zero.clone()), leave: (0.0, zero) };
    let mut all = vec![none; ordered.tied.len()];
    ordered.each_risk_set(&fit.coefficients, |set| {
        let here = &mut all[set.place];
        let by = set.events / set.risk;
        add(&mut here.mean, set.events / set.tied.events.len() as f64, set.mean);
        for (sums, by) in [(&mut here.stay, by), (&mut here.leave, by * (1.0 - set.taken))] {
            sums.0 += by;
            add(&mut sums.1, by, set.mean);
        }
    });
    all
}

fn add(sum: &mut [f64], by: f64, values: &[f64]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += by * value);
}

/// Residuals of all events, by stratum and time. `data` is the data to which the model was fitted.
pub fn schoenfeld_residuals(
    fit: &Cox,
    data: &CoxData,
) -> Result<Vec<SchoenfeldResidual>, StatisticsError> {
    let ordered = Ordered::new(data, fit.ties)?;
    let mut all = vec![];
    for (tied, here) in ordered.tied.iter().zip(sums(fit, &ordered)) {
        for i in &tied.events {
            let residual = ordered.centred[*i].iter().zip(&here.mean).map(|(x, m)| x - m).collect();
            let residual = SchoenfeldResidual { subject: *i, time: tied.time, residual };
            all.push((tied.stratum, residual));
        }
    }
    all.sort_by(|(s, a), (t, b)| s.cmp(t).then(a.time.total_cmp(&b.time)));
    Ok(all.into_iter().map(|(_, residual)| residual).collect())
}

/// What each subject adds to the gradient of the likelihood: `residual[subject][column]`; the sum
/// over subjects is 0. `data` is the data to which the model was fitted.
pub fn score_residuals(fit: &Cox, data: &CoxData) -> Result<Vec<Vec<f64>>, StatisticsError> {
    let ordered = Ordered::new(data, fit.ties)?;
    let columns = fit.coefficients.len();
    let risks = ordered.risks(&fit.coefficients);
    let mut residuals: Matrix = vec![vec![0.0; columns]; data.records.len()];
    let mut so_far = (0.0, vec![0.0; columns]);
    // From the first time of a stratum to its last, which is the reverse of the stored order.
    for (tied, here) in ordered.tied.iter().zip(sums(fit, &ordered)).rev() {
        for i in &tied.events {
            for c in 0..columns {
                let x = ordered.centred[*i][c];
                let expected = x * (so_far.0 + here.leave.0) - so_far.1[c] - here.leave.1[c];
                residuals[*i][c] = x - here.mean[c] - risks[*i] * expected;
            }
        }
        so_far.0 += here.stay.0;
        add(&mut so_far.1, 1.0, &here.stay.1);
        for i in &tied.censored {
            for c in 0..columns {
                let expected = ordered.centred[*i][c] * so_far.0 - so_far.1[c];
                residuals[*i][c] = -risks[*i] * expected;
            }
        }
        if tied.starts_stratum {
            so_far = (0.0, vec![0.0; columns]);
        }
    }
    Ok(residuals)
}

/// Covariance of the coefficients that is valid if subjects of a cluster are correlated, or if the
/// hazards are not proportional (Lin & Wei 1989, J. Am. Stat. Assoc. 84:1074). Without clusters
/// each subject is its own cluster. `data` is the data to which the model was fitted.
pub fn robust_covariance(
    fit: &Cox,
    data: &CoxData,
    clusters: Option<&[usize]>,
) -> Result<Vec<Vec<f64>>, StatisticsError> {
    let (n, columns) = (data.records.len(), fit.coefficients.len());
    same_length("the column of clusters", clusters.map_or(n, <[_]>::len), n)?;
    let mut sums: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (i, residual) in score_residuals(fit, data)?.iter().enumerate() {
        let cluster = clusters.map_or(i, |clusters| clusters[i]);
        add(sums.entry(cluster).or_insert_with(|| vec![0.0; columns]), 1.0, residual);
    }
    let mut covariance = zeros(columns);
    for sum in sums.values() {
        let change: Vec<f64> = fit.covariance.iter().map(|row| dot(row, sum)).collect();
        add_outer(&mut covariance, 1.0, &change);
    }
    Ok(covariance)
}
