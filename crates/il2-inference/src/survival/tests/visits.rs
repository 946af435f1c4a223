//! Times that are known only to be between two visits.

use super::{Even, near, subjects};
use crate::survival::kaplan_meier::kaplan_meier;
use crate::survival::log_rank::{Weight, log_rank};
use crate::survival::turnbull::{Between, compare_intervals, turnbull};

const NEVER: f64 = f64::INFINITY;

fn between(all: &[(f64, f64)]) -> Vec<Between> {
    all.iter().map(|(after, until)| Between { after: *after, until: *until }).collect()
}

/// Invented data; the fractions at all interval ends and midpoints were found by 400,000
/// expectation steps in NumPy 2.4.6.
#[test]
fn the_likeliest_distribution_is_that_of_another_search() {
    let intervals = between(&[
        (0.0, 4.0),
        (2.0, 6.0),
        (2.0, 6.0),
        (4.0, 9.0),
        (3.0, 3.0),
        (5.0, NEVER),
        (6.0, 10.0),
        (8.0, 12.0),
        (9.0, NEVER),
        (0.0, 2.0),
        (7.0, 8.0),
        (10.0, NEVER),
        (4.0, 7.0),
        (6.0, 6.0),
        (11.0, 15.0),
        (1.0, 5.0),
        (3.0, 9.0),
        (8.0, 10.0),
        (12.0, NEVER),
        (2.0, 3.0),
    ]);
    let found = turnbull(&intervals).unwrap();
    near(found.masses.iter().map(|m| m.part).sum(), 1.0, 1e-12);
    near(found.log_likelihood, -27.78122104092691, 1e-10);
    for (time, part) in [
        (2.0, 0.9252946907927659),
        (3.0, 0.6976143525240343),
        (5.0, 0.6976143525240343),
        (6.0, 0.4906711837087116),
        (7.0, 0.4906711837087116),
        (8.0, 0.39645312306327124),
        (9.0, 0.23253811750801154),
        (10.0, 0.21688585657261816),
        (12.0, 0.19822656153163565),
    ] {
        let (low, high) = found.survival(time);
        near(high, part, 1e-6);
        near(low, part, 1e-6);
    }
    let median = found.quantile(0.5).unwrap();
    assert_eq!((median.after, median.until), (6.0, 6.0));
}

#[test]
fn exact_times_and_censored_ones_give_the_curve_of_kaplan_and_meier() {
    let records = subjects();
    let interval =
        |time: f64, event| Between { after: time, until: if event { time } else { NEVER } };
    let intervals: Vec<Between> = records.iter().map(|r| interval(r.time, r.event)).collect();
    let (found, curve) = (turnbull(&intervals).unwrap(), kaplan_meier(&records).unwrap());
    for step in &curve.steps {
        let (low, high) = found.survival(step.time);
        near(high, step.survival, 1e-6);
        near(low, step.survival, 1e-6);
    }
    let median = found.quantile(0.5).unwrap();
    assert_eq!((median.after, median.until), (18.0, 18.0));
}

#[test]
fn inside_of_a_piece_a_part_is_known_only_between_two_limits() {
    let found = turnbull(&between(&[(1.0, 3.0), (2.0, 4.0), (6.0, NEVER), (5.0, 7.0)])).unwrap();
    // One interval, from 2 to 3, contains two of the four events; another, from 6 to 7, contains
    // the others.
    assert_eq!(found.survival(2.0), (1.0, 1.0));
    let (low, high) = found.survival(2.5);
    near(low, 0.5, 1e-9);
    assert_eq!(high, 1.0);
    near(found.survival(3.0).1, 0.5, 1e-9);
    near(found.log_likelihood, -4.0 * il2_engine::math::ln(2.0), 1e-9);
}

/// All ways of assigning four of eight subjects to one of two groups: the mean of the statistic
/// equals its degrees of freedom.
#[test]
fn the_variance_of_the_comparison_is_that_over_permutations() {
    let intervals = between(&[
        (0.0, 2.0),
        (1.0, 3.0),
        (2.0, 5.0),
        (4.0, 6.0),
        (5.0, 9.0),
        (7.0, NEVER),
        (3.0, 4.0),
        (8.0, NEVER),
    ]);
    let (mut sum, mut count) = (0.0, 0.0);
    for ways in 0_u32..256 {
        if ways.count_ones() == 4 {
            let groups: Vec<usize> = (0..8).map(|i| (ways >> i & 1) as usize).collect();
            sum += compare_intervals(&intervals, &groups).unwrap().statistic;
            count += 1.0;
        }
    }
    assert_eq!(count, 70.0);
    near(sum / count, 1.0, 1e-9);
}

#[test]
fn without_intervals_the_comparison_is_close_to_the_log_rank_test() {
    let mut even = Even(5);
    let (mut records, mut groups) = (vec![], vec![]);
    for i in 0..300 {
        let time = even.wait() * if i % 2 == 0 { 1.0 } else { 1.4 };
        let end = 0.2 + 2.0 * even.next();
        records.push((time.min(end), time < end));
        groups.push(i % 2);
    }
    let intervals: Vec<Between> = records
        .iter()
        .map(|(time, event)| Between { after: *time, until: if *event { *time } else { NEVER } })
        .collect();
    let records = super::follow_ups(&records);
    let compared = log_rank(&records, &groups, None, Weight::default()).unwrap().test.statistic;
    let found = compare_intervals(&intervals, &groups).unwrap().statistic;
    assert!(compared > 2.0 && (found / compared - 1.0).abs() < 0.1, "{found} {compared}");
}
