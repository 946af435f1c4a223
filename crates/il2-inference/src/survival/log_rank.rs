//! Comparison of times to an event between groups: the weighted log-rank test (Mantel 1966;
//! Harrington & Fleming 1982, Biometrika 69:553) with strata.

use super::distributions::ChiSquared;
use super::error::{StatisticsError, same_length};
use super::follow_up::{FollowUp, check_events};
use super::newton::{Factor, Matrix, zeros};
use il2_engine::math;

/// Weight of an event: `S^rho (1 - S)^gamma`, where `S` is the fraction of all groups together that
/// is free of the event just before it. With both 0 it is the log-rank test, with `rho` 1 the test
/// of Peto and Peto; `gamma` 1 emphasises late differences.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weight {
    /// Exponent of the fraction that is free of the event.
    pub rho: f64,
    /// Exponent of the fraction that has had the event.
    pub gamma: f64,
}

/// The comparison of groups.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRank {
    /// Weighted number of events: `observed[group]`.
    pub observed: Vec<f64>,
    /// Expected number without a difference: `expected[group]`.
    pub expected: Vec<f64>,
    /// Covariance of observed minus expected numbers: `variance[group][group]`.
    pub variance: Vec<Vec<f64>>,
    /// Test of the null hypothesis of no difference.
    pub test: ChiSquared,
}

impl LogRank {
    /// Number of standard deviations by which a group has more events than expected. For two groups
    /// its square is the statistic of the test.
    pub fn z(&self, group: usize) -> f64 {
        (self.observed[group] - self.expected[group]) / self.variance[group][group].sqrt()
    }
}

/// Compares groups, which are counted from 0 and must each have a subject. With strata, subjects
/// are compared only within their stratum, and the sums are added. Rejects samples without events,
/// groups without subjects, and groups that are never at risk together.
pub fn log_rank(
    records: &[FollowUp],
    groups: &[usize],
    strata: Option<&[usize]>,
    weight: Weight,
) -> Result<LogRank, StatisticsError> {
    check_events(records)?;
    same_length("the column of groups", groups.len(), records.len())?;
    same_length("the column of strata", strata.map_or(records.len(), <[_]>::len), records.len())?;
    let count = groups.iter().max().map_or(0, |last| last + 1);
    if let Some(empty) = (0..count).find(|group| !groups.contains(group)) {
        return Err(StatisticsError::Empty { what: format!("group {}", empty + 1) });
    }
    let stratum = |i: &usize| strata.map_or(0, |strata| strata[*i]);
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_by(|i, j| {
        let times = records[*i].time.total_cmp(&records[*j].time);
        stratum(i).cmp(&stratum(j)).then(times)
    });
    let mut sums = LogRank {
        observed: vec![0.0; count],
        expected: vec![0.0; count],
        variance: zeros(count),
        test: ChiSquared { statistic: 0.0, degrees: 0, p: 1.0 },
    };
    for one in order.chunk_by(|i, j| stratum(i) == stratum(j)) {
        sums.add_stratum(records, groups, one, weight);
    }
    sums.test = sums.test_of_no_difference()?;
    Ok(sums)
}

impl LogRank {
    /// Adds the subjects of one stratum, in order of time.
    fn add_stratum(
        &mut self,
        records: &[FollowUp],
        groups: &[usize],
        order: &[usize],
        weight: Weight,
    ) {
        let count = self.observed.len();
        let mut at_risk = vec![0.0; count];
        order.iter().for_each(|i| at_risk[groups[*i]] += 1.0);
        let mut survival = 1.0;
        for tied in order.chunk_by(|i, j| records[*i].time == records[*j].time) {
            let mut events = vec![0.0; count];
            tied.iter().filter(|i| records[**i].event).for_each(|i| events[groups[*i]] += 1.0);
            let (n, d) = (at_risk.iter().sum::<f64>(), events.iter().sum::<f64>());
            if d > 0.0 {
                let w = math::pow(survival, weight.rho) * math::pow(1.0 - survival, weight.gamma);
                let spread = if n > 1.0 { w * w * d * (n - d) / (n - 1.0) } else { 0.0 };
                for g in 0..count {
                    let part = at_risk[g] / n;
                    self.observed[g] += w * events[g];
                    self.expected[g] += w * d * part;
                    self.variance[g][g] += spread * part;
                    for h in 0..count {
                        self.variance[g][h] -= spread * part * at_risk[h] / n;
                    }
                }
                survival *= (n - d) / n;
            }
            tied.iter().for_each(|i| at_risk[groups[*i]] -= 1.0);
        }
    }

    /// The sums over the groups compared add up to zero, so that one group is left out.
    fn test_of_no_difference(&self) -> Result<ChiSquared, StatisticsError> {
        let compared = |g: &usize| self.variance[*g][*g] > 0.0;
        let mut kept: Vec<usize> = (0..self.observed.len()).filter(compared).collect();
        kept.pop();
        if kept.is_empty() {
            return Err(StatisticsError::OneGroup);
        }
        let excess: Vec<f64> = kept.iter().map(|g| self.observed[*g] - self.expected[*g]).collect();
        let row = |g: &usize| kept.iter().map(|h| self.variance[*g][*h]).collect::<Vec<f64>>();
        let variance: Matrix = kept.iter().map(row).collect();
        let factor = Factor::of(&variance).map_err(|_| StatisticsError::OneGroup)?;
        Ok(ChiSquared::new(factor.form(&excess), kept.len()))
    }
}
