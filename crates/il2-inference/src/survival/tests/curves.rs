//! Curves and areas.

use super::{Even, follow_ups, near, subjects};
use crate::survival::aalen_johansen::{CauseRecord, aalen_johansen};
use crate::survival::kaplan_meier::{IntervalForm, kaplan_meier};
use crate::survival::nelson_aalen::nelson_aalen;
use crate::survival::restricted_mean::{difference, ratio, restricted_mean, shared_horizon};
use il2_engine::math;

/// Computed with lifelines 0.30.3 (intervals of the curve) and statsmodels 0.15.0 (interval of the
/// median).
#[test]
fn a_curve_and_its_median_have_the_intervals_of_other_programs() {
    let curve = kaplan_meier(&subjects()).unwrap();
    near(curve.survival(20.0), 0.382169117647, 1e-11);
    let (low, high) = curve.interval(20.0, IntervalForm::LogLog, 0.95).unwrap().unwrap();
    near(low, 0.178697385087, 1e-10);
    near(high, 0.58433306849, 1e-10);
    assert_eq!(curve.median(), Some(18.0));
    let median = |form| curve.quantile_interval(0.5, form, 0.95).unwrap();
    assert_eq!(median(IntervalForm::LogLog), (Some(11.0), Some(25.0)));
    assert_eq!(median(IntervalForm::Log), (Some(13.0), None));
    assert_eq!(median(IntervalForm::Plain), (Some(13.0), Some(25.0)));
}

#[test]
fn a_median_on_a_level_piece_is_its_middle() {
    let median = |all: &[(f64, bool)]| kaplan_meier(&follow_ups(all)).unwrap().median();
    assert_eq!(median(&[(1.0, true), (2.0, true), (4.0, true), (9.0, false)]), Some(3.0));
    assert_eq!(median(&[(1.0, true), (2.0, true), (4.0, false), (9.0, false)]), Some(2.0));
    assert_eq!(median(&[(1.0, true), (2.0, false), (4.0, false), (9.0, false)]), None);
    // 0.9 x 8/9 x ... does not equal 0.5 to the last bit.
    let ten: Vec<(f64, bool)> = (1..=10).map(|i| (f64::from(i), true)).collect();
    assert_eq!(median(&ten), Some(5.5));
}

#[test]
fn who_is_censored_at_a_time_is_still_at_risk_then() {
    let records = follow_ups(&[(2.0, true), (2.0, false), (3.0, true), (5.0, false)]);
    let curve = kaplan_meier(&records).unwrap();
    assert_eq!([0.0, 2.0, 2.5, 3.0, 5.0, 5.1].map(|t| curve.at_risk(t)), [4, 4, 2, 2, 1, 0]);
    assert_eq!([1.9, 2.0, 3.0].map(|t| curve.survival(t)), [1.0, 0.75, 0.375]);
    assert_eq!((curve.steps[0].events, curve.steps[0].censored), (1, 1));
}

#[test]
fn intervals_stay_between_zero_and_one_and_end_where_nobody_is_left() {
    let curve = kaplan_meier(&follow_ups(&[(1.0, true), (2.0, true), (3.0, true)])).unwrap();
    for form in [IntervalForm::Plain, IntervalForm::Log, IntervalForm::LogLog] {
        assert_eq!(curve.interval(0.5, form, 0.95).unwrap(), Some((1.0, 1.0)));
        let (low, high) = curve.interval(1.0, form, 0.95).unwrap().unwrap();
        assert!((0.0..2.0 / 3.0).contains(&low), "{form:?} {low}");
        assert!(high > 2.0 / 3.0 && high <= 1.0, "{form:?} {high}");
        assert_eq!(curve.interval(3.0, form, 0.95).unwrap(), None);
    }
}

#[test]
fn without_censoring_the_standard_error_is_the_binomial_one() {
    let records: Vec<_> = (1..=20).map(|i| (f64::from(i), true)).collect();
    let curve = kaplan_meier(&follow_ups(&records)).unwrap();
    for step in &curve.steps[..19] {
        let part = step.survival;
        near(step.standard_error(), (part * (1.0 - part) / 20.0).sqrt(), 1e-12);
    }
}

/// Without ties the hazard was computed with lifelines 0.30.3, which uses another variance; Aalen's
/// variance is checked by hand.
#[test]
fn a_cumulative_hazard_is_the_sum_of_its_parts() {
    let untied = nelson_aalen(&super::untied()).unwrap();
    near(untied.hazard(50.0), 1.622350674146, 1e-11);
    let all = nelson_aalen(&subjects()).unwrap();
    near(all.survival(20.0), math::exp(-all.hazard(20.0)), 1e-15);
    let few = [(1.0, true), (1.0, true), (2.0, false), (3.0, true)];
    let few = nelson_aalen(&follow_ups(&few)).unwrap();
    near(few.hazard(3.0), 1.5, 1e-15);
    let (low, high) = few.interval(3.0, 0.95).unwrap();
    // Variance 2/16 + 1, so that the standard error divided by the hazard is the square root of a
    // half.
    near(low, 1.5 / math::exp(1.959963984540054 * 0.5_f64.sqrt()), 1e-12);
    near(low * high, 2.25, 1e-12);
    assert_eq!(few.interval(0.5, 0.95).unwrap(), (0.0, 0.0));
}

#[test]
fn without_censoring_a_restricted_mean_is_the_mean_of_the_times_cut_at_the_horizon() {
    let mut even = Even(7);
    let times: Vec<f64> = (0..50).map(|_| even.wait()).collect();
    let records: Vec<_> = times.iter().map(|time| (*time, true)).collect();
    let curve = kaplan_meier(&follow_ups(&records)).unwrap();
    for horizon in [0.1, 0.7, 100.0] {
        let cut: Vec<f64> = times.iter().map(|time| time.min(horizon)).collect();
        let mean = cut.iter().sum::<f64>() / 50.0;
        let variance = cut.iter().map(|t| (t - mean) * (t - mean)).sum::<f64>() / 2500.0;
        let found = restricted_mean(&curve, horizon).unwrap();
        near(found.mean, mean, 1e-12);
        near(found.standard_error, variance.sqrt(), 1e-9);
        assert!(!found.beyond_follow_up);
    }
}

#[test]
fn restricted_means_are_compared_at_one_horizon() {
    let early = follow_ups(&[(1.0, true), (2.0, true), (3.0, true)]);
    let late = follow_ups(&[(2.0, true), (4.0, true), (6.0, true), (7.0, false)]);
    let [early, late] = [early, late].map(|records| kaplan_meier(&records).unwrap());
    assert_eq!(shared_horizon(&early, &late), 3.0);
    let of = |curve| restricted_mean(curve, 3.0).unwrap();
    let (first, second) = (of(&late), of(&early));
    // The areas are 2 + 3/4, and 1 + 2/3 + 1/3.
    near(first.mean, 2.75, 1e-15);
    near(second.mean, 2.0, 1e-15);
    let error = (3.0 / 64.0 + 2.0 / 9.0_f64).sqrt();
    let found = difference(&first, &second, 0.95).unwrap();
    near(found.estimate.value, 0.75, 1e-14);
    near(found.estimate.high - found.estimate.low, 2.0 * 1.959963984540054 * error, 1e-12);
    near(found.p, math::erfc(0.75 / error / 2_f64.sqrt()), 1e-12);
    let found = ratio(&first, &second, 0.95).unwrap();
    near(found.estimate.value, 1.375, 1e-14);
    let relative = (3.0 / 64.0 / (2.75 * 2.75) + 2.0 / 36.0_f64).sqrt();
    near(
        math::ln(found.estimate.high / found.estimate.low),
        2.0 * 1.959963984540054 * relative,
        1e-12,
    );
    assert!(difference(&first, &restricted_mean(&early, 2.0).unwrap(), 0.95).is_err());
    assert!(restricted_mean(&late, 9.0).unwrap().beyond_follow_up);
    assert!(!restricted_mean(&early, 9.0).unwrap().beyond_follow_up);
}

/// Causes 0 to `causes` - 1 and, if requested, censoring, at times with ties.
fn records(causes: usize, censored: bool, n: usize) -> Vec<CauseRecord> {
    let mut even = Even(11);
    let one = |_| {
        let cause = even.below(causes + usize::from(censored));
        CauseRecord { time: even.below(30) as f64, cause: (cause < causes).then_some(cause) }
    };
    (0..n).map(one).collect()
}

#[test]
fn incidences_and_the_part_free_of_all_causes_sum_to_one() {
    let found = aalen_johansen(&records(3, true, 200), 3).unwrap();
    for step in &found.steps {
        near(step.survival + step.incidence.iter().sum::<f64>(), 1.0, 1e-13);
    }
    assert!(found.at(29.0).unwrap().incidence.iter().all(|part| *part > 0.1));
}

#[test]
fn without_a_competing_cause_the_incidence_is_what_the_curve_leaves() {
    let records = records(1, true, 200);
    let found = aalen_johansen(&records, 1).unwrap();
    let same: Vec<_> = records.iter().map(|r| (r.time, r.cause.is_some())).collect();
    let curve = kaplan_meier(&follow_ups(&same)).unwrap();
    for (step, kept) in found.steps.iter().zip(&curve.steps) {
        near(step.incidence[0], 1.0 - kept.survival, 1e-12);
        if kept.survival > 0.0 {
            near(step.standard_error[0], kept.standard_error(), 1e-9);
        }
    }
    let (low, high) = found.interval(0, 10.0, 0.95).unwrap();
    let (other, one) = curve.interval(10.0, IntervalForm::LogLog, 0.95).unwrap().unwrap();
    near(low, 1.0 - one, 1e-9);
    near(high, 1.0 - other, 1e-9);
}

#[test]
fn without_censoring_an_incidence_is_a_part_of_a_count() {
    let records = records(3, false, 120);
    let found = aalen_johansen(&records, 3).unwrap();
    for step in &found.steps {
        for cause in 0..3 {
            let had = |r: &&CauseRecord| r.cause == Some(cause) && r.time <= step.time;
            let part = records.iter().filter(had).count() as f64 / 120.0;
            near(step.incidence[cause], part, 1e-12);
            near(step.standard_error[cause], (part * (1.0 - part) / 120.0).sqrt(), 1e-9);
        }
    }
}
