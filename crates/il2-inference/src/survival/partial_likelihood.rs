//! The data of a Cox model and its sums over risk sets, from which the partial likelihood (Cox
//! 1975, Biometrika 62:269) and all related quantities are computed.

use super::covariates::{Centred, centred};
use super::error::{StatisticsError, same_length};
use super::follow_up::{FollowUp, check_events};
use super::newton::{Likelihood, Matrix, add_outer, dot, zeros};
use il2_engine::math;

/// How tied events are handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// As if the tied events occurred one after another in random order (Efron 1977, J. Am. Stat.
    /// Assoc. 72:557).
    #[default]
    Efron,
    /// As if all subjects with tied events were still at risk at each of them (Breslow 1974,
    /// Biometrics 30:89); effects are underestimated if many events tie.
    Breslow,
}

/// Subjects with covariates of the hazard.
#[derive(Clone, Copy, Debug)]
pub struct CoxData<'a> {
    /// Times and events.
    pub records: &'a [FollowUp],
    /// `covariates[subject][column]`.
    pub covariates: &'a [Vec<f64>],
    /// Strata, each with its own baseline hazard.
    pub strata: Option<&'a [usize]>,
}

/// Subjects of one stratum who left at the same time.
pub(super) struct Tied {
    pub stratum: usize,
    pub time: f64,
    pub events: Vec<usize>,
    pub censored: Vec<usize>,
    /// Whether this is the first time of its stratum in this order, which is the last in time.
    pub starts_stratum: bool,
}

/// Subjects in order: strata one after another, each from the last time to the first, so that the
/// risk set only grows.
pub(super) struct Ordered {
    pub ties: Ties,
    pub tied: Vec<Tied>,
    /// Centred covariates, which keep exponentials in range.
    pub centred: Matrix,
    pub means: Vec<f64>,
}

/// One event (or one of several tied events) and those at risk.
pub(super) struct RiskSet<'a> {
    /// Index of its time among all times, and the subjects who left then.
    pub place: usize,
    pub tied: &'a Tied,
    /// Number of events that it represents: one (Efron), or all tied events (Breslow).
    pub events: f64,
    /// Fraction of the tied events that is removed from those at risk.
    pub taken: f64,
    /// Sum of the relative risks.
    pub risk: f64,
    /// Mean of the covariates, weighted by risk, minus their means over all subjects.
    pub mean: &'a [f64],
    /// Covariance of the covariates, weighted by risk.
    pub covariance: &'a Matrix,
}

/// Sums over subjects of risk, risk times covariates, and risk times products of covariates.
struct Sums {
    risk: f64,
    first: Vec<f64>,
    second: Matrix,
}

impl Sums {
    fn none(columns: usize) -> Self {
        Self { risk: 0.0, first: vec![0.0; columns], second: zeros(columns) }
    }

    fn add(&mut self, risk: f64, x: &[f64]) {
        self.risk += risk;
        self.first.iter_mut().zip(x).for_each(|(sum, x)| *sum += risk * x);
        add_outer(&mut self.second, risk, x);
    }
}

impl Ordered {
    /// Rejects samples without events, data without covariates, and whatever [`super::covariates`]
    /// rejects.
    pub fn new(data: &CoxData, ties: Ties) -> Result<Self, StatisticsError> {
        check_events(data.records)?;
        let n = data.records.len();
        let Centred { rows: centred, means } = centred(data.covariates, n)?;
        same_length("the column of strata", data.strata.map_or(n, <[_]>::len), n)?;
        if means.is_empty() {
            return Err(StatisticsError::Empty { what: "the table of covariates".into() });
        }
        let stratum = |i: &usize| data.strata.map_or(0, |strata| strata[*i]);
        let time = |i: &usize| data.records[*i].time;
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|i, j| stratum(i).cmp(&stratum(j)).then(time(j).total_cmp(&time(i))));
        let mut before = None;
        let groups = order.chunk_by(|i, j| stratum(i) == stratum(j) && time(i) == time(j));
        let tied = groups.map(|group| {
            let (events, censored) = group.iter().partition(|i| data.records[**i].event);
            let (stratum, time) = (stratum(&group[0]), time(&group[0]));
            let starts_stratum = before.replace(stratum) != Some(stratum);
            Tied { stratum, time, events, censored, starts_stratum }
        });
        let tied = tied.collect();
        Ok(Self { ties, tied, centred, means })
    }

    /// Risk of each subject relative to one with mean covariates.
    pub fn risks(&self, coefficients: &[f64]) -> Vec<f64> {
        self.centred.iter().map(|x| math::exp(dot(x, coefficients))).collect()
    }

    /// Visits the risk sets of all events, later events first.
    pub fn each_risk_set(&self, coefficients: &[f64], mut visit: impl FnMut(RiskSet)) {
        let columns = self.means.len();
        let risks = self.risks(coefficients);
        let mut all = Sums::none(columns);
        for (place, tied) in self.tied.iter().enumerate() {
            if tied.starts_stratum {
                all = Sums::none(columns);
            }
            let mut leaving = Sums::none(columns);
            tied.events.iter().for_each(|i| leaving.add(risks[*i], &self.centred[*i]));
            for i in tied.events.iter().chain(&tied.censored) {
                all.add(risks[*i], &self.centred[*i]);
            }
            let count = tied.events.len();
            let (sets, events) = match self.ties {
                Ties::Efron => (count, 1.0),
                Ties::Breslow => (count.min(1), count as f64),
            };
            for set in 0..sets {
                let taken = set as f64 / count as f64;
                let risk = all.risk - taken * leaving.risk;
                let mean: Vec<f64> = (0..columns)
                    .map(|c| (all.first[c] - taken * leaving.first[c]) / risk)
                    .collect();
                let mut covariance = zeros(columns);
                for i in 0..columns {
                    for j in 0..columns {
                        let second = all.second[i][j] - taken * leaving.second[i][j];
                        covariance[i][j] = second / risk - mean[i] * mean[j];
                    }
                }
                let (mean, covariance) = (&mean, &covariance);
                visit(RiskSet { place, tied, events, taken, risk, mean, covariance });
            }
        }
    }

    /// Logarithm of the partial likelihood.
    pub fn likelihood(&self, coefficients: &[f64]) -> Likelihood {
        let columns = coefficients.len();
        let (mut value, mut slope) = (0.0, vec![0.0; columns]);
        let mut information = zeros(columns);
        for i in self.tied.iter().flat_map(|tied| &tied.events) {
            value += dot(&self.centred[*i], coefficients);
            slope.iter_mut().zip(&self.centred[*i]).for_each(|(sum, x)| *sum += x);
        }
        self.each_risk_set(coefficients, |set| {
            value -= set.events * math::ln(set.risk);
            for i in 0..columns {
                slope[i] -= set.events * set.mean[i];
                for j in 0..columns {
                    information[i][j] += set.events * set.covariance[i][j];
                }
            }
        });
        Likelihood { value, slope, information }
    }
}
