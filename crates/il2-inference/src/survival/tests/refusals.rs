//! Which input is rejected, and how.

use super::{covariates, follow_ups, subjects};
use crate::survival::aalen_johansen::{CauseRecord, aalen_johansen};
use crate::survival::cox::cox;
use crate::survival::error::StatisticsError;
use crate::survival::kaplan_meier::kaplan_meier;
use crate::survival::log_rank::{Weight, log_rank};
use crate::survival::logistic::{Penalty, logistic};
use crate::survival::nelson_aalen::nelson_aalen;
use crate::survival::odds_ratio::{TwoByTwo, exact_odds_ratio, mantel_haenszel, woolf};
use crate::survival::parametric::{Family, parametric};
use crate::survival::partial_likelihood::{CoxData, Ties};
use crate::survival::power::{LogRankDesign, chance_of_event, power_by_simulation};
use crate::survival::proportionality::{TimeScale, proportionality};
use crate::survival::proportions::{clopper_pearson, wilson};
use crate::survival::roc::auc;
use crate::survival::turnbull::{Between, compare_intervals, turnbull};

#[track_caller]
fn says<T: std::fmt::Debug>(found: Result<T, StatisticsError>, words: &[&str]) {
    let sentence = found.unwrap_err().to_string();
    for word in words {
        assert!(sentence.contains(word), "no {word:?} in: {sentence}");
    }
}

#[test]
fn times_that_are_none_are_refused_with_their_row() {
    for (time, shown) in [(-1.5, "-1.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let mut records = subjects();
        records[4].time = time;
        let words = ["row 5", shown, "at least 0", "leave it out"];
        says(kaplan_meier(&records), &words);
        says(nelson_aalen(&records), &words);
        says(log_rank(&records, &[0; 24], None, Weight::default()), &words);
        says(parametric(&records, &covariates(), Family::Weibull), &words);
        let data = CoxData { records: &records, covariates: &covariates(), strata: None };
        says(cox(&data, Ties::Efron), &words);
        let causes = [CauseRecord { time, cause: None }];
        says(aalen_johansen(&causes, 1), &["row 1", shown]);
    }
    says(kaplan_meier(&[]), &["the sample is empty", "at least one row"]);
}

#[test]
fn samples_without_events_are_refused_where_one_is_needed() {
    let records = follow_ups(&[(1.0, false), (2.0, false), (3.0, false), (4.0, false)]);
    let words = ["no event", "all of its times are censored", "longer follow-up"];
    says(log_rank(&records, &[0, 1, 0, 1], None, Weight::default()), &words);
    let x = [1.0, 2.0, 5.0, 3.0].map(|x| vec![x]);
    says(cox(&CoxData { records: &records, covariates: &x, strata: None }, Ties::Efron), &words);
    says(parametric(&records, &x, Family::Weibull), &words);
    // A curve does not need events.
    assert_eq!(kaplan_meier(&records).unwrap().survival(9.0), 1.0);
}

#[test]
fn groups_that_cannot_be_compared_are_refused() {
    let records = follow_ups(&[(1.0, true), (2.0, true), (3.0, false), (4.0, true)]);
    let compare = |groups: &[usize], strata| log_rank(&records, groups, strata, Weight::default());
    says(compare(&[0, 0, 0, 0], None), &["two groups", "second group"]);
    says(compare(&[0, 2, 0, 2], None), &["group 2 is empty"]);
    says(compare(&[0, 0, 1, 1], Some(&[0, 0, 1, 1])), &["strata that contain more than one"]);
    says(compare(&[0, 1], None), &["the column of groups has 2 rows instead of 4"]);
    says(compare(&[0, 1, 0, 1], Some(&[0])), &["the column of strata has 1 rows instead of 4"]);
}

#[test]
fn a_group_without_events_has_no_hazard_ratio() {
    let mut records = subjects();
    let covariates = covariates();
    for (record, x) in records.iter_mut().zip(&covariates) {
        record.event &= x[0] == 0.0;
    }
    let words = ["increases without limit", "covariate 1", "no event", "log-rank", "Firth"];
    for ties in [Ties::Efron, Ties::Breslow] {
        let data = CoxData { records: &records, covariates: &covariates, strata: None };
        says(cox(&data, ties), &words);
    }
    // Separation along a combination of two covariates, neither of which separates the outcomes
    // alone.
    let combined: Vec<Vec<f64>> = covariates.iter().map(|x| vec![x[0] + x[1], x[1]]).collect();
    let data = CoxData { records: &records, covariates: &combined, strata: None };
    says(cox(&data, Ties::Efron), &["increases without limit"]);
    says(parametric(&records, &covariates, Family::Weibull), &words[..2]);
    let outcomes: Vec<bool> = covariates.iter().map(|x| x[0] > 0.5).collect();
    says(logistic(&outcomes, &covariates, Penalty::None), &words[..2]);
    assert!(logistic(&outcomes, &covariates, Penalty::Firth).is_ok());
}

#[test]
fn covariates_that_follow_from_others_are_named() {
    let (records, mut covariates) = (subjects(), covariates());
    covariates.iter_mut().for_each(|row| row.push(2.0 * row[0] - 3.0 * row[1] + 1.0));
    let words = ["covariate 3", "a linear combination of earlier covariates", "leave it out"];
    let fit = |covariates: &[Vec<f64>]| {
        cox(&CoxData { records: &records, covariates, strata: None }, Ties::Efron)
    };
    says(fit(&covariates), &words);
    says(parametric(&records, &covariates, Family::LogNormal), &words);
    let outcomes: Vec<bool> = records.iter().map(|record| record.event).collect();
    says(logistic(&outcomes, &covariates, Penalty::Firth), &words);
    covariates.iter_mut().for_each(|row| *row = vec![row[0], 7.0]);
    says(fit(&covariates), &["covariate 2", "constant"]);
    // A constant that is not a binary fraction, and a covariate that is constant in each stratum.
    covariates.iter_mut().for_each(|row| row[1] = 0.1);
    let constant = ["covariate 2", "constant"];
    says(fit(&covariates), &constant);
    says(parametric(&records, &covariates, Family::Weibull), &constant);
    for penalty in [Penalty::None, Penalty::Firth] {
        says(logistic(&outcomes, &covariates, penalty), &constant);
    }
    let strata: Vec<usize> = (0..24).map(|i| i % 2).collect();
    for (row, stratum) in covariates.iter_mut().zip(&strata) {
        row[1] = 0.1 * (*stratum as f64 + 3.0);
    }
    let data = CoxData { records: &records, covariates: &covariates, strata: Some(&strata) };
    says(cox(&data, Ties::Efron), &["covariate 2", "constant"]);
    covariates[3][1] = f64::NAN;
    says(fit(&covariates), &["row 4 is NaN"]);
    covariates[3].pop();
    says(fit(&covariates), &["1 rows instead of 2"]);
}

#[test]
fn distributions_refuse_time_zero_and_times_that_are_all_the_same() {
    let none = |n| vec![vec![]; n];
    let zero = follow_ups(&[(0.0, true), (1.0, true)]);
    says(parametric(&zero, &none(2), Family::Weibull), &["row 1 is 0", "above 0"]);
    let same = follow_ups(&[(2.0, true); 5]);
    says(parametric(&same, &none(5), Family::LogNormal), &["times are the same"]);
    assert!(parametric(&same, &none(5), Family::Exponential).is_ok());
}

#[test]
fn counts_and_levels_are_held_to_their_limits() {
    says(clopper_pearson(5, 4, 0.95), &["count is 5", "no larger than the number of subjects"]);
    says(wilson(0, 0, 0.95), &["empty"]);
    says(clopper_pearson(1, 4, 95.0), &["level", "95", "between 0 and 1"]);
    let table = TwoByTwo { first: (5, 0), second: (2, 6) };
    says(woolf(&table, 0.95), &["a cell of the table is 0", "exact"]);
    let margin = TwoByTwo { first: (5, 0), second: (2, 0) };
    says(exact_odds_ratio(&margin, 0.95), &["row or a column", "empty"]);
    says(mantel_haenszel(&[margin], 0.95), &["discordant pairs"]);
    says(auc(&[1.0], &[1.0, 2.0]), &["with the outcome is 1", "at least 2"]);
    says(auc(&[1.0, 2.0], &[1.0, f64::NAN]), &["row 2 is NaN"]);
    let design = LogRankDesign { hazard_ratio: 1.0, allocation: 0.5, alpha: 0.05 };
    says(design.events(0.8), &["hazard ratio is 1", "other than 1"]);
    says(chance_of_event(0.0, 0.0, 1.0, 1.0), &["the hazard is 0", "above 0"]);
    says(power_by_simulation(0, 0.05, 0.95, |_| Ok(0.5)), &["empty"]);
}

#[test]
fn intervals_in_the_wrong_order_are_refused() {
    let one = |after, until| [Between { after: 0.0, until: 1.0 }, Between { after, until }];
    says(turnbull(&one(3.0, 2.0)), &["end of the interval of row 2 is 2", "not before its start"]);
    says(turnbull(&one(3.0, f64::NAN)), &["end of the interval of row 2 is NaN"]);
    says(turnbull(&one(-1.0, 2.0)), &["start of the interval of row 2 is -1"]);
    says(turnbull(&[]), &["empty"]);
    says(compare_intervals(&one(1.0, 2.0), &[0, 0]), &["two groups"]);
    says(compare_intervals(&one(1.0, 2.0), &[0, 2]), &["group 2 is empty"]);
}

#[test]
fn causes_beyond_their_number_are_refused() {
    let records = [CauseRecord { time: 1.0, cause: Some(2) }];
    says(aalen_johansen(&records, 2), &["cause of row 1 is 2", "below the number of causes"]);
}

#[test]
fn a_change_with_time_needs_times_that_can_be_told_apart() {
    let covariates: Vec<Vec<f64>> = [1.0, 3.0, 2.0, 5.0, 4.0].map(|x| vec![x]).into();
    let change = |times: [f64; 5], scale| {
        let all: Vec<(f64, bool)> = times.map(|time| (time, time < 3.0)).into();
        let records = follow_ups(&all);
        let data = CoxData { records: &records, covariates: &covariates, strata: None };
        proportionality(&cox(&data, Ties::Efron).unwrap(), &data, scale)
    };
    let zero = [1.0, 0.0, 2.0, 4.0, 5.0];
    says(
        change(zero, TimeScale::LogTime),
        &["time of row 2 is 0", "above 0, because the scale of time is logarithmic"],
    );
    assert!(change(zero, TimeScale::Time).is_ok());
    let one = [1.0, 1.0, 4.0, 4.0, 5.0];
    says(change(one, TimeScale::Time), &["a change with time was not found", "times are the same"]);
}
