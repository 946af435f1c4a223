//! Comparisons of groups by the log-rank test.

use super::{SUBJECTS, near, subjects};
use crate::survival::follow_up::FollowUp;
use crate::survival::log_rank::{Weight, log_rank};

const EVEN: Weight = Weight { rho: 0.0, gamma: 0.0 };

fn groups() -> Vec<usize> {
    SUBJECTS.iter().map(|row| row.2).collect()
}

fn strata() -> Vec<usize> {
    SUBJECTS.iter().map(|row| row.3).collect()
}

/// Computed with statsmodels 0.15.0; the first test and those with gamma with lifelines 0.30.3.
#[test]
fn three_groups_compare_as_in_other_programs() {
    let (records, groups, strata) = (subjects(), groups(), strata());
    let statistic = |strata, rho, gamma| {
        log_rank(&records, &groups, strata, Weight { rho, gamma }).unwrap().test.statistic
    };
    let plain = log_rank(&records, &groups, None, EVEN).unwrap().test;
    near(plain.statistic, 0.268527792647, 1e-10);
    near(plain.p, 0.874359293952, 1e-10);
    assert_eq!(plain.degrees, 2);
    near(statistic(None, 1.0, 0.0), 0.204002649172, 1e-10);
    near(statistic(Some(&strata[..]), 0.0, 0.0), 0.427865866331, 1e-10);
    near(statistic(Some(&strata[..]), 1.0, 0.0), 0.157195329533, 1e-10);
    near(statistic(None, 0.0, 1.0), 0.248507295049, 1e-10);
    near(statistic(None, 1.0, 1.0), 0.84078018354, 1e-10);
}

#[test]
fn strata_add_their_sums() {
    let (records, groups, strata) = (subjects(), groups(), strata());
    let whole = log_rank(&records, &groups, Some(&strata), EVEN).unwrap();
    let part = |wanted: usize| {
        let kept: Vec<usize> = (0..24).filter(|i| strata[*i] == wanted).collect();
        let records: Vec<FollowUp> = kept.iter().map(|i| records[*i]).collect();
        let groups: Vec<usize> = kept.iter().map(|i| groups[*i]).collect();
        log_rank(&records, &groups, None, EVEN).unwrap()
    };
    let (first, second) = (part(0), part(1));
    for g in 0..3 {
        near(whole.observed[g], first.observed[g] + second.observed[g], 1e-14);
        near(whole.expected[g], first.expected[g] + second.expected[g], 1e-13);
        for h in 0..3 {
            near(whole.variance[g][h], first.variance[g][h] + second.variance[g][h], 1e-13);
        }
    }
    // In a stratum with one subject there is no other subject to compare with.
    let mut more = (records.clone(), groups.clone(), strata.clone());
    more.0.push(FollowUp { time: 1.0, event: true });
    more.1.push(0);
    more.2.push(2);
    let same = log_rank(&more.0, &more.1, Some(&more.2), EVEN).unwrap();
    near(same.test.statistic, whole.test.statistic, 1e-13);
}

/// Two subjects per group, by hand: at time 1 half of the 4 subjects are in the first group, at
/// time 2 a third of the 3.
#[test]
fn a_small_sample_compares_as_by_hand() {
    let records = [1.0, 3.0, 2.0, 4.0].map(|time| FollowUp { time, event: time < 2.5 });
    let found = log_rank(&records, &[0, 0, 1, 1], None, EVEN).unwrap();
    near(found.expected[0], 0.5 + 1.0 / 3.0, 1e-15);
    near(found.variance[0][0], 0.25 + 2.0 / 9.0, 1e-15);
    near(found.z(0), (1.0 - 5.0 / 6.0) / (17.0 / 36.0_f64).sqrt(), 1e-14);
    near(found.test.statistic, found.z(0) * found.z(0), 1e-14);
    near(found.z(1), -found.z(0), 1e-12);
    // Weight of late events: zero for the first event, before which the curve is still 1, a quarter
    // for the second.
    let late = log_rank(&records, &[0, 0, 1, 1], None, Weight { rho: 0.0, gamma: 1.0 }).unwrap();
    near(late.observed[1], 0.25, 1e-15);
    near(late.expected[0], 0.25 / 3.0, 1e-15);
    assert_eq!(late.observed[0], 0.0);
}
