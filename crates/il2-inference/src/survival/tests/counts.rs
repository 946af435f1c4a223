//! Counts and scores.

use super::{Even, SUBJECTS, covariates, near};
use crate::survival::logistic::{Penalty, logistic};
use crate::survival::odds_ratio::{
    TwoByTwo, cochran_mantel_haenszel, exact_odds_ratio, mantel_haenszel, woolf,
};
use crate::survival::proportions::{clopper_pearson, newcombe, wilson};
use crate::survival::roc::{at_threshold, auc, delong, roc};
use il2_engine::math;

/// Exact limits in per cent as published for SELECT (McDermott 2015): 30 of 120, 17.5 to 33.7. The
/// others, and Wilson's, were computed with SciPy 1.17.1.
#[test]
fn intervals_of_parts_are_those_of_another_program() {
    for (count, of, exact, score) in [
        (30, 120, [0.17546461903, 0.337269216292], [0.181098216568, 0.334411366641]),
        (43, 270, [0.117717696342, 0.208464845552], [0.120437090728, 0.20764127698]),
        (17, 270, [0.037102625127, 0.098897689295], [0.039679088652, 0.098508382974]),
        (10, 17, [0.329247153947, 0.815563038216], [0.36005442643, 0.783889432098]),
        (27, 33, [0.64539944055, 0.930212116334], [0.656117683653, 0.913892317911]),
        (20, 93, [0.136586381991, 0.312405585363], [0.143750220069, 0.308963517978]),
    ] {
        for (found, given) in
            [(clopper_pearson(count, of, 0.95), exact), (wilson(count, of, 0.95), score)]
        {
            let found = found.unwrap();
            near(found.low, given[0], 1e-10);
            near(found.high, given[1], 1e-10);
            near(found.value, count as f64 / of as f64, 1e-15);
        }
    }
}

#[test]
fn none_and_all_have_closed_limits() {
    for n in [1, 8, 400] {
        let [none, all] = [0, n].map(|count| clopper_pearson(count, n, 0.95).unwrap());
        near(none.high, 1.0 - math::pow(0.025, 1.0 / n as f64), 1e-12);
        near(all.low, math::pow(0.025, 1.0 / n as f64), 1e-12);
        assert_eq!((none.low, all.high), (0.0, 1.0));
        let [none, all] = [0, n].map(|count| wilson(count, n, 0.95).unwrap());
        assert_eq!((none.low, all.high), (0.0, 1.0));
        near(none.high, 1.0 - all.low, 1e-12);
    }
}

/// 56 of 70 compared with 48 of 80, an example of Newcombe 1998 (0.0524 to 0.3339), with the digits
/// of statsmodels 0.15.0.
#[test]
fn the_interval_of_a_difference_is_newcombe_s() {
    let found = newcombe((56, 70), (48, 80), 0.95).unwrap();
    near(found.value, 0.2, 1e-14);
    near(found.low, 0.052431472402, 1e-10);
    near(found.high, 0.333872654037, 1e-10);
}

fn table(a: u64, b: u64, c: u64, d: u64) -> TwoByTwo {
    TwoByTwo { first: (a, b), second: (c, d) }
}

/// Computed with SciPy 1.17.1. The upper limit `x` for the first table, Fisher's tea test, solves
/// `x^4 = 39 (1 + 16 x + 36 x^2 + 16 x^3)`.
#[test]
fn exact_odds_ratios_are_those_of_another_program() {
    for (table, value, limits, p) in [
        (table(3, 1, 1, 3), 6.4083196582, [0.211735595447, 626.243530588814], 0.485714285714),
        (table(26, 1, 18, 21), 28.960975283606, [3.960481281789, 1301.30188827441], 1.1752858e-05),
        (table(10, 2, 3, 15), 21.30531755675, [2.753382788249, 301.462337971516], 0.000536724119),
    ] {
        let found = exact_odds_ratio(&table, 0.95).unwrap();
        near(found.ratio.value, value, 1e-6);
        near(found.ratio.low, limits[0], 1e-6);
        near(found.ratio.high, limits[1], 1e-6);
        near(found.p, p, 1e-6);
        // With the groups exchanged the ratio is the inverse.
        let TwoByTwo { first, second } = table;
        let swapped = TwoByTwo { first: second, second: first };
        let swapped = exact_odds_ratio(&swapped, 0.95).unwrap();
        near(swapped.ratio.value, 1.0 / found.ratio.value, 1e-9);
        near(swapped.ratio.high, 1.0 / found.ratio.low, 1e-9);
    }
    let x = exact_odds_ratio(&table(3, 1, 1, 3), 0.95).unwrap().ratio.high;
    near(x * x * x * x, 39.0 * (1.0 + x * (16.0 + x * (36.0 + x * 16.0))), 1e-11);
    let empty = exact_odds_ratio(&table(5, 0, 2, 6), 0.95).unwrap().ratio;
    assert_eq!((empty.value, empty.high), (f64::INFINITY, f64::INFINITY));
    assert!(empty.low > 1.0);
    assert_eq!(exact_odds_ratio(&table(0, 5, 6, 2), 0.95).unwrap().ratio.low, 0.0);
}

/// Computed with statsmodels 0.15.0.
#[test]
fn odds_ratios_of_one_and_of_several_tables_are_those_of_another_program() {
    let one = woolf(&table(10, 20, 5, 30), 0.95).unwrap();
    near(one.value, 3.0, 1e-14);
    near(one.low, 0.891474701096, 1e-10);
    near(one.high, 10.095631417172, 1e-10);
    let tables = [table(10, 20, 5, 30), table(8, 12, 6, 18), table(3, 9, 4, 25), table(0, 5, 2, 7)];
    let found = mantel_haenszel(&tables, 0.95).unwrap();
    near(found.value, 2.038400400718, 1e-10);
    near(found.low, 0.967712093927, 1e-10);
    near(found.high, 4.293711135495, 1e-10);
    // A single table has Woolf's interval.
    let alone = mantel_haenszel(&tables[..1], 0.95).unwrap();
    near(alone.value, one.value, 1e-14);
    near(alone.low, one.low, 1e-12);
}

/// Admissions to six departments at Berkeley, by sex (Bickel, Hammel & O'Connell 1975, Science
/// 187:398), an example of R's `mantelhaen.test`: common odds ratio 0.9046968 (0.7719074 to
/// 1.0603298), and 1.5246 with p 0.2169 without a correction for continuity.
#[test]
fn the_test_over_tables_is_that_of_another_program() {
    let table = |a, b, c, d| TwoByTwo { first: (a, b), second: (c, d) };
    let departments = [
        table(512, 313, 89, 19),
        table(353, 207, 17, 8),
        table(120, 205, 202, 391),
        table(138, 279, 131, 244),
        table(53, 138, 94, 299),
        table(22, 351, 24, 317),
    ];
    let ratio = mantel_haenszel(&departments, 0.95).unwrap();
    near(ratio.value, 0.9046968, 1e-6);
    near(ratio.low, 0.7719074, 1e-6);
    near(ratio.high, 1.0603298, 1e-6);
    let test = cochran_mantel_haenszel(&departments).unwrap();
    near(test.statistic, 1.5246, 1e-4);
    near(test.p, 0.2169, 1e-3);
    // Two of four against none of four: one is expected, with variance 3/7.
    near(cochran_mantel_haenszel(&[table(2, 2, 0, 4)]).unwrap().statistic, 7.0 / 3.0, 1e-12);
    assert!(cochran_mantel_haenszel(&[table(2, 0, 3, 0), table(1, 0, 0, 0)]).is_err());
}

/// Two scores with ties, each for subjects with an outcome and without it.
fn scores() -> [[Vec<f64>; 2]; 2] {
    let mut even = Even(3);
    let mut some = |n: usize, shift: f64| {
        let shared: Vec<f64> = (0..n).map(|_| 6.0 * even.next()).collect();
        [1.0, 0.4].map(|by| {
            let one = |x: &f64| (x + by * shift + 2.0 * even.next()).round();
            shared.iter().map(one).collect::<Vec<f64>>()
        })
    };
    [some(23, 2.0), some(31, 0.0)]
}

fn wins(x: f64, y: f64) -> f64 {
    if x > y { 1.0 } else { 0.5 * f64::from(u8::from(x == y)) }
}

/// The area by its definition, pair by pair.
#[test]
fn the_area_and_its_variance_are_those_of_all_pairs() {
    let [with, without] = scores();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let part = |k: usize| {
        let row = |x: &f64| mean(&without[k].iter().map(|y| wins(*x, *y)).collect::<Vec<_>>());
        let column = |y: &f64| mean(&with[k].iter().map(|x| wins(*x, *y)).collect::<Vec<_>>());
        [with[k].iter().map(row).collect(), without[k].iter().map(column).collect::<Vec<f64>>()]
    };
    let parts = [part(0), part(1)];
    let shared = |j: usize, k: usize| {
        let half = |side: usize| {
            let (a, b): (&Vec<f64>, &Vec<f64>) = (&parts[j][side], &parts[k][side]);
            let (p, q, n) = (mean(a), mean(b), a.len() as f64);
            a.iter().zip(b).map(|(a, b)| (a - p) * (b - q)).sum::<f64>() / (n - 1.0) / n
        };
        half(0) + half(1)
    };
    let found = delong([&with[0], &with[1]], [&without[0], &without[1]]).unwrap();
    for k in 0..2 {
        near(found.areas[k].area, mean(&parts[k][0]), 1e-13);
        near(found.areas[k].standard_error, shared(k, k).sqrt(), 1e-12);
        assert_eq!(auc(&with[k], &without[k]).unwrap(), found.areas[k]);
    }
    let error = (shared(0, 0) + shared(1, 1) - 2.0 * shared(0, 1)).sqrt();
    near(found.standard_error, error, 1e-11);
    near(found.p, math::erfc(found.difference.abs() / error / 2_f64.sqrt()), 1e-10);
    assert!(found.difference > 0.03 && found.areas[0].area < 0.95);
    let same = delong([&with[0], &with[0]], [&without[0], &without[0]]).unwrap();
    assert_eq!((same.difference, same.p), (0.0, 1.0));
}

#[test]
fn the_curve_encloses_the_area_and_holds_each_threshold() {
    let [with, without] = scores();
    let (with, without) = (&with[0], &without[0]);
    let points = roc(with, without).unwrap();
    let width = |a: f64, b: f64| b - a;
    let area: f64 = points
        .windows(2)
        .map(|p| {
            width(p[0].specificity, p[1].specificity) * 0.5 * (p[0].sensitivity + p[1].sensitivity)
        })
        .sum();
    near(area, auc(with, without).unwrap().area, 1e-13);
    assert_eq!((points[0].sensitivity, points[0].specificity), (1.0, 0.0));
    let last = points[points.len() - 1];
    assert_eq!((last.sensitivity, last.specificity), (0.0, 1.0));
    for point in &points {
        let [sensitivity, specificity] = at_threshold(with, without, point.above, 0.95).unwrap();
        near(sensitivity.value, point.sensitivity, 1e-12);
        near(specificity.value, point.specificity, 1e-12);
        assert!(sensitivity.low <= sensitivity.value && sensitivity.value <= sensitivity.high);
    }
}

/// A hand-made table: 3 of 4 with the outcome and 1 of 5 without it above the threshold.
#[test]
fn a_score_of_two_values_has_the_area_of_its_table() {
    let (with, without) = ([1.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]);
    near(auc(&with, &without).unwrap().area, 0.5 * (0.75 + 0.8), 1e-15);
    let [sensitivity, specificity] = at_threshold(&with, &without, 0.5, 0.95).unwrap();
    assert_eq!((sensitivity.value, specificity.value), (0.75, 0.8));
}

/// Values without a penalty were computed with statsmodels 0.15.0; with a penalty, the penalised
/// likelihood was programmed and maximised in SciPy 1.17.1.
#[test]
fn logistic_models_are_those_of_other_programs() {
    let outcomes: Vec<bool> = SUBJECTS.iter().map(|row| row.1).collect();
    let swapped: Vec<Vec<f64>> = covariates().iter().map(|row| vec![row[1], row[0]]).collect();
    let plain = logistic(&outcomes, &swapped, Penalty::None).unwrap();
    let firth = logistic(&outcomes, &swapped, Penalty::Firth).unwrap();
    let given = [0.439987367729, 0.495826991747, 0.583563323339];
    let errors = [0.531015855839, 0.510587761773, 0.982558640263];
    let penalised = [0.393675515161, 0.414725670188, 0.469066812899];
    for i in 0..3 {
        near(plain.coefficients[i], given[i], 1e-9);
        near(plain.covariance[i][i].sqrt(), errors[i], 1e-9);
        near(firth.coefficients[i], penalised[i], 1e-6);
    }
    near(plain.log_likelihood, -14.585292131317, 1e-11);
    near(firth.log_likelihood, -13.042419564266, 1e-11);
    near(firth.tests[0].statistic, 0.831476197285, 1e-9);
}

/// For one covariate with two values, Firth's penalty adds half a subject to each cell (Heinze &
/// Schemper 2002).
#[test]
fn a_table_with_an_empty_cell_has_a_finite_odds_ratio() {
    for (a, b, c, d) in [(26_u8, 1_u8, 18_u8, 21_u8), (5, 0, 2, 6), (0, 7, 4, 9)] {
        let cells = [(a, true, 1.0), (b, false, 1.0), (c, true, 0.0), (d, false, 0.0)];
        let (mut outcomes, mut x) = (vec![], vec![]);
        for (count, outcome, value) in cells {
            outcomes.extend(vec![outcome; count.into()]);
            x.extend(vec![vec![value]; count.into()]);
        }
        let [a, b, c, d] = [a, b, c, d].map(|count| f64::from(count) + 0.5);
        let fit = logistic(&outcomes, &x, Penalty::Firth).unwrap();
        near(fit.coefficients[1], math::ln(a * d / (b * c)), 1e-9);
        near(fit.odds_ratio(0, 0.95).unwrap().value, a * d / (b * c), 1e-9);
    }
}

/// Shifting the origin of a covariate changes only the intercept.
#[test]
fn the_origin_of_a_covariate_does_not_matter() {
    let outcomes: Vec<bool> = SUBJECTS.iter().map(|row| row.1).collect();
    let far: Vec<Vec<f64>> = covariates().iter().map(|x| vec![x[0], x[1] + 1e4]).collect();
    for penalty in [Penalty::None, Penalty::Firth] {
        let [a, b] = [covariates(), far.clone()].map(|x| logistic(&outcomes, &x, penalty).unwrap());
        near(b.coefficients[2], a.coefficients[2], 1e-7);
        near(b.coefficients[0], a.coefficients[0] - 1e4 * a.coefficients[2], 1e-7);
        near(b.log_likelihood, a.log_likelihood, 1e-10);
        near(b.tests[1].statistic, a.tests[1].statistic, 1e-7);
        let c = &a.covariance;
        let moved = c[0][0] - 2e4 * c[0][2] + 1e8 * c[2][2];
        near(b.covariance[0][0], moved, 1e-7);
        near(b.covariance[0][2], c[0][2] - 1e4 * c[2][2], 1e-7);
    }
}
