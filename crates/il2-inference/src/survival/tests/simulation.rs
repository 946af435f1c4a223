//! Replicates of trials: type I errors and power.

use super::{Even, follow_ups, near};
use crate::survival::error::StatisticsError;
use crate::survival::log_rank::{Weight, log_rank};
use crate::survival::power::{
    LogRankDesign, chance_of_event, power_by_simulation, subjects_by_simulation,
};
use crate::survival::turnbull::{Between, compare_intervals};
use il2_engine::math;

/// The p value of a replicate of two arms; the times of the first arm are divided by a hazard
/// ratio, and the end of follow-up differs between subjects.
fn replicate(
    seed: u64,
    subjects: usize,
    hazard_ratio: f64,
    cut: f64,
) -> Result<f64, StatisticsError> {
    let mut even = Even(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let one = |i: usize| {
        let time = even.wait() / if i.is_multiple_of(2) { hazard_ratio } else { 1.0 };
        let end = cut * (0.5 + even.next());
        (time.min(end), time < end)
    };
    let records: Vec<(f64, bool)> = (0..subjects).map(one).collect();
    let groups: Vec<usize> = (0..subjects).map(|i| i % 2).collect();
    Ok(log_rank(&follow_ups(&records), &groups, None, Weight::default())?.test.p)
}

#[test]
fn arms_that_are_alike_differ_in_five_trials_of_a_hundred() {
    let found = power_by_simulation(2000, 0.05, 0.95, |seed| replicate(seed, 200, 1.0, 1.0));
    let found = found.unwrap();
    assert!((found.value - 0.05).abs() <= 0.01, "{found:?}");
    assert!(found.low < 0.05 && 0.05 < found.high, "{found:?}");
}

/// All subjects are followed to their event, so that the numbers of events and subjects are equal.
#[test]
fn power_is_schoenfeld_s() {
    for (hazard_ratio, power) in [(0.7, 0.8), (0.75, 0.5)] {
        let design = LogRankDesign { hazard_ratio, allocation: 0.5, alpha: 0.05 };
        let events = design.events(power).unwrap();
        near(design.power(events).unwrap(), power, 1e-12);
        let n = 2 * (events / 2.0).round() as usize;
        let found = power_by_simulation(5000, 0.05, 0.95, |seed| {
            replicate(seed, n, hazard_ratio, f64::MAX / 4.0)
        });
        let found = found.unwrap();
        assert!((found.value - design.power(n as f64).unwrap()).abs() < 0.02, "{found:?}");
    }
}

/// Schoenfeld 1981 by hand: (1.959964 + 0.841621)^2 / (0.25 ln(0.7)^2) = 246.8; for arms in the
/// ratio one to three, 4/3 of this.
#[test]
fn events_needed_are_as_by_hand() {
    let design = LogRankDesign { hazard_ratio: 0.7, allocation: 0.5, alpha: 0.05 };
    near(design.events(0.8).unwrap(), 246.7857, 1e-5);
    let uneven = LogRankDesign { allocation: 0.25, ..design };
    near(uneven.events(0.8).unwrap(), design.events(0.8).unwrap() * 4.0 / 3.0, 1e-12);
    let inverse = LogRankDesign { hazard_ratio: 1.0 / 0.7, ..design };
    // If events are observed in half of one arm and a quarter of the other, 16 subjects give six
    // events.
    let subjects = design.subjects(0.8, [0.5, 0.25]).unwrap();
    near(subjects, design.events(0.8).unwrap() * 16.0 / 6.0, 1e-12);
    near(inverse.events(0.8).unwrap(), design.events(0.8).unwrap(), 1e-12);
}

#[test]
fn the_chance_of_an_event_is_that_of_simulated_entries() {
    let (hazard, drop_out, accrual, follow_up) = (0.08, 0.02, 12.0, 6.0);
    let chance = chance_of_event(hazard, drop_out, accrual, follow_up).unwrap();
    // Midpoints of a thousand intervals of the time of entry.
    let after = |i: i32| follow_up + accrual * (f64::from(i) + 0.5) / 1000.0;
    let seen = |i: i32| 0.8 * -math::exp_m1(-0.1 * after(i));
    near(chance, (0..1000).map(seen).sum::<f64>() / 1000.0, 1e-6);
    near(chance_of_event(0.1, 0.0, 0.0, 10.0).unwrap(), 1.0 - math::exp(-1.0), 1e-14);
}

/// A test whose statistic is `0.3 sqrt(n)` plus standard normal scatter needs (1.959964 +
/// 0.841621)^2 / 0.09 = 87.2 subjects.
#[test]
fn the_least_number_of_subjects_is_that_of_the_closed_form() {
    let p = |n: u64, seed: u64| {
        let scatter = math::normal_quantile(Even(seed).next());
        Ok(math::erfc((0.3 * (n as f64).sqrt() + scatter).abs() / 2_f64.sqrt()))
    };
    let (n, power) = subjects_by_simulation(0.8, (2, 500), 20_000, 0.05, 0.95, p).unwrap().unwrap();
    assert!((86..=89).contains(&n), "{n}");
    assert!(power.value >= 0.8 && power.low < 0.8);
    assert!(subjects_by_simulation(0.8, (2, 50), 1000, 0.05, 0.95, p).unwrap().is_none());
}

/// Events are observed at the next visit; visits are a quarter of a time unit apart.
#[test]
fn the_comparison_between_visits_holds_its_level() {
    let found = power_by_simulation(1000, 0.05, 0.95, |seed| {
        let mut even = Even(seed.wrapping_mul(0x9e6c_63d0_876a_3f6b));
        let one = |_| {
            let after = (4.0 * even.wait()).floor() / 4.0;
            let until = if after < 1.5 { after + 0.25 } else { f64::INFINITY };
            Between { after: after.min(1.5), until }
        };
        let intervals: Vec<Between> = (0..80).map(one).collect();
        let groups: Vec<usize> = (0..80).map(|i| i % 2).collect();
        Ok(compare_intervals(&intervals, &groups)?.p)
    });
    let found = found.unwrap();
    assert!((0.035..0.065).contains(&found.value), "{found:?}");
}
