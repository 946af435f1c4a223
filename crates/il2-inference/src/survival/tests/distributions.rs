//! Parametric distributions of times, and tail probabilities.

use super::{SUBJECTS, near, subjects};
use crate::survival::distributions::{beta_quantile, chi_squared_tail, normal_below, two_sided};
use crate::survival::parametric::{Family, parametric};
use il2_engine::math;

/// Computed with SciPy 1.17.1.
#[test]
fn tails_are_those_of_another_program() {
    near(chi_squared_tail(7.3, 3), 0.06292623645904312, 1e-12);
    near(chi_squared_tail(25.0, 5), 0.0001393337911856263, 1e-12);
    near(chi_squared_tail(0.02, 1), 0.887537083981715, 1e-12);
    assert_eq!(chi_squared_tail(0.0, 2), 1.0);
    assert!(chi_squared_tail(f64::NAN, 2).is_nan());
    near(normal_below(1.959963984540054), 0.975, 1e-15);
    near(two_sided(-1.959963984540054), 0.05, 1e-14);
    // A beta distribution with one parameter equal to 1 has a closed form.
    near(beta_quantile(0.3, 1.0, 4.0), 1.0 - math::pow(0.7, 0.25), 1e-13);
}

/// Maxima and curvatures of likelihoods that were programmed and maximised in SciPy 1.17.1, to
/// about 1e-7 and 1e-5.
#[test]
fn fits_and_their_covariances_are_those_of_another_search() {
    let covariates: Vec<Vec<f64>> = SUBJECTS.iter().map(|row| vec![row.5]).collect();
    for (family, at, log, covariance) in [
        (
            Family::Weibull,
            [3.166016054548, -0.346620721059, -0.589174556462],
            -62.652228774589,
            [0.02259509215, -0.009886220189, 0.001639225972, 0.029163129783, 0.040017906642],
        ),
        (
            Family::LogNormal,
            [2.880033618581, -0.300463915958, -0.30022900377],
            -62.856382455942,
            [0.030084690036, -0.008087127037, 0.007430909318, 0.030786116979, 0.032758565839],
        ),
        (
            Family::LogLogistic,
            [2.906450310307, -0.304272407145, -0.879271597242],
            -62.695227152111,
            [0.026948006676, -0.008006341168, 0.003702938793, 0.025015883939, 0.043412070191],
        ),
    ] {
        let fit = parametric(&subjects(), &covariates, family).unwrap();
        near(fit.coefficients[0], at[0], 1e-6);
        near(fit.coefficients[1], at[1], 1e-6);
        near(math::ln(fit.scale), at[2], 1e-6);
        near(fit.log_likelihood, log, 1e-11);
        let found = &fit.covariance;
        let found = [found[0][0], found[0][1], found[0][2], found[1][1], found[2][2]];
        for (found, given) in found.into_iter().zip(covariance) {
            near(found, given, 1e-4);
        }
    }
}

#[test]
fn a_constant_hazard_is_events_over_time() {
    let records = subjects();
    let (events, time) = (16.0, records.iter().map(|record| record.time).sum::<f64>());
    let fit = parametric(&records, &vec![vec![]; 24], Family::Exponential).unwrap();
    near(fit.coefficients[0], math::ln(time / events), 1e-12);
    near(fit.covariance[0][0], 1.0 / events, 1e-12);
    near(fit.log_likelihood, events * math::ln(events / time) - events, 1e-12);
    assert_eq!((fit.scale, fit.covariance.len()), (1.0, 1));
}

#[test]
fn a_quantile_is_where_so_many_have_had_the_event() {
    let covariates: Vec<Vec<f64>> = SUBJECTS.iter().map(|row| vec![row.5]).collect();
    for family in [Family::Weibull, Family::Exponential, Family::LogNormal, Family::LogLogistic] {
        let fit = parametric(&subjects(), &covariates, family).unwrap();
        for part in [0.01, 0.5, 0.999] {
            let time = fit.quantile(part, &[0.3]).unwrap();
            near(fit.survival(time, &[0.3]), 1.0 - part, 1e-10);
        }
    }
}

/// Changing the unit of time changes only the intercept and the density, even for times far in the
/// tail of the fitted distribution.
#[test]
fn the_unit_of_time_does_not_matter() {
    let covariates: Vec<Vec<f64>> = SUBJECTS.iter().map(|row| vec![row.5]).collect();
    let mut minutes = subjects();
    minutes.iter_mut().for_each(|record| record.time *= 43_200.0);
    for family in [Family::Weibull, Family::LogNormal, Family::LogLogistic] {
        let [a, b] = [subjects(), minutes.clone()]
            .map(|records| parametric(&records, &covariates, family).unwrap());
        near(b.coefficients[0] - a.coefficients[0], math::ln(43_200.0), 1e-9);
        near(b.coefficients[1], a.coefficients[1], 1e-9);
        near(b.scale, a.scale, 1e-9);
        near(b.log_likelihood, a.log_likelihood - 16.0 * math::ln(43_200.0), 1e-11);
    }
    // The tail of the normal logarithm is continuous where its series begins.
    let fit = parametric(&subjects(), &covariates, Family::LogNormal).unwrap();
    let at =
        |z: f64| math::ln(fit.survival(math::exp(fit.coefficients[0] + fit.scale * z), &[0.0]));
    near(at(19.999999), at(20.000001), 3e-7);
    near(at(20.000001), -203.917155, 1e-6);
}
