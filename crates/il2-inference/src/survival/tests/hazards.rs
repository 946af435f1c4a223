//! Proportional hazards.

use super::{SUBJECTS, covariates, near, subjects, untied};
use crate::survival::cox::cox;
use crate::survival::follow_up::FollowUp;
use crate::survival::kaplan_meier::kaplan_meier;
use crate::survival::log_rank::{Weight, log_rank};
use crate::survival::nelson_aalen::nelson_aalen;
use crate::survival::partial_likelihood::{CoxData, Ties};
use crate::survival::proportionality::{TimeScale, proportionality};
use crate::survival::residuals::{robust_covariance, schoenfeld_residuals, score_residuals};
use il2_engine::math;

fn strata() -> Vec<usize> {
    SUBJECTS.iter().map(|row| row.3).collect()
}

fn clusters() -> Vec<usize> {
    SUBJECTS.iter().map(|row| row.4).collect()
}

/// Computed with statsmodels 0.15.0.
#[test]
fn ties_and_strata_are_counted_as_in_another_program() {
    let (records, covariates, strata) = (subjects(), covariates(), strata());
    for (ties, strata, coefficients, errors, log) in [
        (
            Ties::Efron,
            Some(&strata[..]),
            [-0.065084165543, 0.696085528967],
            [0.578349212641, 0.354838587007],
            -26.513762673699,
        ),
        (
            Ties::Efron,
            None,
            [-0.10295608391, 0.599890843376],
            [0.546287633853, 0.332945918422],
            -37.982165867202,
        ),
        (
            Ties::Breslow,
            Some(&strata[..]),
            [-0.040637819282, 0.674170429009],
            [0.57927659012, 0.354789413373],
            -26.81294262698,
        ),
        (
            Ties::Breslow,
            None,
            [-0.079664514004, 0.560998321229],
            [0.544462786079, 0.328439273099],
            -38.441761236156,
        ),
    ] {
        let data = CoxData { records: &records, covariates: &covariates, strata };
        let fit = cox(&data, ties).unwrap();
        for column in 0..2 {
            near(fit.coefficients[column], coefficients[column], 1e-9);
            near(fit.standard_error(column), errors[column], 1e-9);
        }
        near(fit.log_likelihood, log, 1e-11);
        let residuals = score_residuals(&fit, &data).unwrap();
        for column in 0..2 {
            let sum: f64 = residuals.iter().map(|row| row[column]).sum();
            assert!(sum.abs() < 1e-8, "{ties:?} {sum}");
        }
    }
}

/// Computed with lifelines 0.30.3, with its search set to eight digits.
#[test]
fn robust_errors_concordance_and_hazard_are_those_of_another_program() {
    let (records, covariates, strata) = (untied(), covariates(), strata());
    let data = CoxData { records: &records, covariates: &covariates, strata: None };
    let fit = cox(&data, Ties::Efron).unwrap();
    near(fit.concordance, 0.648780487805, 1e-11);
    let clusters = clusters();
    for (clusters, errors) in [
        (None, [0.549387209592, 0.28092564642]),
        (Some(&clusters[..]), [0.387659834446, 0.21654077665]),
    ] {
        let robust = robust_covariance(&fit, &data, clusters).unwrap();
        for column in 0..2 {
            near(robust[column][column].sqrt(), errors[column], 2e-8);
        }
    }
    let steps = fit.hazard(&data, &[1.0, 0.5]).unwrap();
    let at = |time: f64| steps.iter().rfind(|step| step.time <= time).unwrap().hazard;
    for (time, hazard) in [(8.005, 0.226253059606), (13.01, 0.433511235885), (36.1, 2.017949171878)]
    {
        near(at(time), hazard, 2e-8);
    }
    let data = CoxData { strata: Some(&strata), ..data };
    let fit = cox(&data, Ties::Efron).unwrap();
    let robust = robust_covariance(&fit, &data, None).unwrap();
    near(robust[0][0].sqrt(), 0.542328719667, 2e-8);
    near(robust[1][1].sqrt(), 0.337942066047, 2e-8);
}

/// The derivative of the coefficients with respect to the weight of each subject: differences of a
/// weighted score programmed in NumPy 2.4.6.
#[test]
fn robust_errors_with_ties_are_those_of_reweighted_subjects() {
    let (records, covariates) = (subjects(), covariates());
    let data = CoxData { records: &records, covariates: &covariates, strata: None };
    let fit = cox(&data, Ties::Efron).unwrap();
    let clusters = clusters();
    for (clusters, errors) in [
        (None, [0.545340830092, 0.295499702061]),
        (Some(&clusters[..]), [0.387701056968, 0.233638247328]),
    ] {
        let robust = robust_covariance(&fit, &data, clusters).unwrap();
        for column in 0..2 {
            near(robust[column][column].sqrt(), errors[column], 1e-8);
        }
    }
}

#[test]
fn the_score_test_of_two_groups_without_ties_is_the_log_rank_test() {
    let records = untied();
    let groups: Vec<usize> = SUBJECTS.iter().map(|row| usize::from(row.2 == 1)).collect();
    let covariates: Vec<Vec<f64>> = groups.iter().map(|group| vec![*group as f64]).collect();
    let strata = strata();
    for strata in [None, Some(&strata[..])] {
        let data = CoxData { records: &records, covariates: &covariates, strata };
        let compared = log_rank(&records, &groups, strata, Weight::default()).unwrap();
        for ties in [Ties::Efron, Ties::Breslow] {
            let fit = cox(&data, ties).unwrap();
            near(fit.score.statistic, compared.test.statistic, 1e-11);
            near(fit.score.p, compared.test.p, 1e-11);
        }
    }
}

#[test]
fn hazards_of_all_up_to_their_own_times_sum_to_the_events() {
    let (records, covariates) = (subjects(), covariates());
    let data = CoxData { records: &records, covariates: &covariates, strata: None };
    let fit = cox(&data, Ties::Breslow).unwrap();
    let mut sum = 0.0;
    for (record, x) in records.iter().zip(&covariates) {
        let steps = fit.hazard(&data, x).unwrap();
        sum += steps.iter().rfind(|step| step.time <= record.time).map_or(0.0, |s| s.hazard);
    }
    near(sum, records.iter().filter(|record| record.event).count() as f64, 1e-10);
}

#[test]
fn a_covariate_without_effect_leaves_the_hazard_of_nelson_and_aalen() {
    // Every subject twice, once with each value, so that the covariate carries no information.
    let records = [subjects(), subjects()].concat();
    let covariates: Vec<Vec<f64>> = (0..48).map(|i| vec![f64::from(u8::from(i < 24))]).collect();
    let data = CoxData { records: &records, covariates: &covariates, strata: None };
    let fit = cox(&data, Ties::Breslow).unwrap();
    assert!(fit.coefficients[0].abs() < 1e-12);
    near(fit.concordance, 0.5, 1e-12);
    let curve = nelson_aalen(&records).unwrap();
    for step in fit.hazard(&data, &[0.5]).unwrap() {
        near(step.hazard, curve.hazard(step.time), 1e-12);
    }
}

/// Breslow's log partial likelihood with coefficients `b` and, for the first covariate, `b + theta
/// place`, by its definition.
fn changing(records: &[FollowUp], x: &[Vec<f64>], place: &dyn Fn(f64) -> f64, at: [f64; 3]) -> f64 {
    let mut value = 0.0;
    for (i, event) in records.iter().enumerate().filter(|(_, record)| record.event) {
        let first = at[0] + at[2] * place(event.time);
        let score = |j: usize| x[j][0] * first + x[j][1] * at[1];
        let at_risk = (0..records.len()).filter(|j| records[*j].time >= event.time);
        value += score(i) - math::ln(at_risk.map(|j| math::exp(score(j))).sum());
    }
    value
}

/// The score test of the third coefficient of [`changing`], by finite differences.
fn score_of_change(of: &dyn Fn([f64; 3]) -> f64) -> f64 {
    let step = [1e-3, 1e-3, 1e-3];
    let unit = |i: usize, sign: f64| {
        let mut by = [0.0; 3];
        by[i] = sign * step[i];
        by
    };
    let slope = (of(unit(2, 1.0)) - of(unit(2, -1.0))) / (2.0 * step[2]);
    let curvature = |i: usize, j: usize| {
        let both = |s: f64, t: f64| {
            let (a, b) = (unit(i, s), unit(j, t));
            of([a[0] + b[0], a[1] + b[1], a[2] + b[2]])
        };
        -(both(1.0, 1.0) - both(1.0, -1.0) - both(-1.0, 1.0) + both(-1.0, -1.0))
            / (4.0 * step[i] * step[j])
    };
    // The information on the third coefficient that remains after adjusting for the first two.
    let [a, c, d] = [curvature(0, 0), curvature(0, 1), curvature(1, 1)];
    let [p, q] = [curvature(0, 2), curvature(1, 2)];
    let taken = (d * p * p - 2.0 * c * p * q + a * q * q) / (a * d - c * c);
    slope * slope / (curvature(2, 2) - taken)
}

#[test]
fn the_test_of_proportionality_is_the_score_test_of_a_coefficient_that_changes() {
    let covariates = covariates();
    let curve = kaplan_meier(&subjects()).unwrap();
    // The fraction that was free of the event just before; times of `subjects` are whole numbers.
    let before = |time: f64| 1.0 - curve.survival(time - 0.5);
    let tenth = |time: f64| 0.1 * time;
    let of: [(_, _, _, &dyn Fn(f64) -> f64); 3] = [
        (subjects(), Ties::Breslow, TimeScale::KaplanMeier, &before),
        (subjects(), Ties::Breslow, TimeScale::LogTime, &math::ln),
        (untied(), Ties::Efron, TimeScale::Time, &tenth),
    ];
    for (records, ties, scale, place) in of {
        let data = CoxData { records: &records, covariates: &covariates, strata: None };
        let fit = cox(&data, ties).unwrap();
        let b = &fit.coefficients;
        let at = |by: [f64; 3]| {
            changing(&records, &covariates, place, [b[0] + by[0], b[1] + by[1], by[2]])
        };
        let found = proportionality(&fit, &data, scale).unwrap();
        near(found.covariates[0].statistic, score_of_change(&at), 1e-4);
        assert_eq!((found.covariates[0].degrees, found.all.degrees), (1, 2));
    }
}

#[test]
fn residuals_of_events_sum_to_nothing_and_test_one_covariate_once() {
    let (records, covariates) = (subjects(), covariates());
    let data = CoxData { records: &records, covariates: &covariates, strata: None };
    let fit = cox(&data, Ties::Efron).unwrap();
    let residuals = schoenfeld_residuals(&fit, &data).unwrap();
    assert_eq!(residuals.len(), 16);
    for column in 0..2 {
        assert!(residuals.iter().map(|r| r.residual[column]).sum::<f64>().abs() < 1e-9);
    }
    // With one covariate both tests are the same.
    let one: Vec<Vec<f64>> = covariates.iter().map(|row| vec![row[1]]).collect();
    let data = CoxData { covariates: &one, ..data };
    let fit = cox(&data, Ties::Efron).unwrap();
    let found = proportionality(&fit, &data, TimeScale::LogTime).unwrap();
    near(found.covariates[0].statistic, found.all.statistic, 1e-14);
}
