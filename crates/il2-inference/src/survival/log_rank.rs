//! Comparison of groups in their times to an event: the log-rank test with weights (Mantel 1966; Harrington &
//! Fleming 1982, Biometrika 69:553) and strata.

use super::distributions::ChiSquared;
use super::error::{StatisticsError, same_length};
use super::follow_up::{FollowUp, check_events};
use super::newton::{Factor, Matrix, zeros};
use il2_engine::math;

/// Weight of an event: `S^rho (1 - S)^gamma`, with `S` the part of all groups together that is free of the event
/// just before. Both 0 is the log-rank test, `rho` 1 Peto and Peto's, `gamma` 1 looks for late differences.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weight {
    /// Power of the part that is free of the event.
    pub rho: f64,
    /// Power of the part that is not.
    pub gamma: f64,
}

/// The comparison of groups.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRank {
    /// Weighted number of events: `observed[group]`.
    pub observed: Vec<f64>,
    /// What it would be without a difference: `expected[group]`.
    pub expected: Vec<f64>,
    /// Covariance of the observed less the expected: `variance[group][group]`.
    pub variance: Vec<Vec<f64>>,
    /// The test of no difference.
    pub test: ChiSquared,
}

impl LogRank {
    /// Standard deviations by which a group has more events than expected. Of two groups its square is the
    /// statistic of the test.
    pub fn z(&self, group: usize) -> f64 {
        (self.observed[group] - self.expected[group]) / self.variance[group][group].sqrt()
    }
}

/// Compares groups, counted from 0, of which each needs a subject; with strata, subjects are compared with those
/// of their own stratum only, and the sums are added. Refuses samples without events, groups without subjects,
/// and groups that are never at risk together.
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
    /// Adds the subjects of a stratum, in order of time.
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

    /// The sums add to zero over the groups that were compared, so that one of these is left out.
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
