//! The results of R's package `survival` for its data sets `lung` and `aml`, if they are present
//! beside the checkout. Without these files the tests print a note and pass.

use super::near;
use crate::survival::cox::{Cox, cox};
use crate::survival::follow_up::FollowUp;
use crate::survival::kaplan_meier::{IntervalForm, KaplanMeier, kaplan_meier};
use crate::survival::log_rank::{Weight, log_rank};
use crate::survival::parametric::{Family, parametric};
use crate::survival::partial_likelihood::{CoxData, Ties};
use crate::survival::proportionality::{TimeScale, proportionality};
use crate::survival::restricted_mean::restricted_mean;
use std::path::{Path, PathBuf};

/// Relative tolerance for the given numbers, as requested by their producers; they are printed with
/// twelve digits.
const GIVEN: f64 = 1e-6;

fn folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = here.ancestors().map(|a| a.join("shared/data/conformance/survival"));
    let found = all.find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: shared/data/conformance/survival is not available beside this checkout");
    }
    found
}

/// Fields of each row below the header; no field contains a comma.
fn rows(folder: &Path, file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let row = |line: &str| line.split(',').map(|field| field.trim_matches('"').into()).collect();
    text.lines().skip(1).map(row).collect()
}

/// The given numbers of a data set.
struct Given(Vec<Vec<String>>);

impl Given {
    fn of(folder: &Path, set: &str) -> Self {
        let all = rows(folder, "reference_numbers.csv");
        Self(all.into_iter().filter(|row| row[0] == set).collect())
    }

    fn text(&self, name: &str) -> &str {
        let row = self.0.iter().find(|row| row[1] == name);
        &row.unwrap_or_else(|| panic!("{name} is not given"))[2]
    }

    fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap()
    }

    #[track_caller]
    fn holds(&self, name: &str, found: f64) {
        near(found, self.number(name), GIVEN);
    }

    #[track_caller]
    fn holds_or_open(&self, name: &str, found: Option<f64>) {
        match found {
            Some(found) => self.holds(name, found),
            None => assert_eq!(self.text(name), "NA", "{name}"),
        }
    }
}

/// Subjects with three covariates; one subject lacks the last covariate.
fn lung(folder: &Path) -> (Vec<FollowUp>, Vec<[Option<f64>; 3]>) {
    let all = rows(folder, "lung.csv");
    let record =
        |row: &Vec<String>| FollowUp { time: row[0].parse().unwrap(), event: row[1] == "1" };
    let covariates = |row: &Vec<String>| [2, 3, 4].map(|column: usize| row[column].parse().ok());
    (all.iter().map(record).collect(), all.iter().map(covariates).collect())
}

/// Subjects of two groups.
fn aml(folder: &Path) -> (Vec<FollowUp>, Vec<usize>) {
    let all = rows(folder, "aml.csv");
    let record =
        |row: &Vec<String>| FollowUp { time: row[0].parse().unwrap(), event: row[1] == "1" };
    let group = |row: &Vec<String>| usize::from(row[2] == "Nonmaintained");
    (all.iter().map(record).collect(), all.iter().map(group).collect())
}

fn lung_by_sex(folder: &Path) -> (Vec<FollowUp>, Vec<usize>) {
    let (records, covariates) = lung(folder);
    (records, covariates.iter().map(|row| row[1].unwrap() as usize - 1).collect())
}

fn group(records: &[FollowUp], groups: &[usize], wanted: usize) -> Vec<FollowUp> {
    let all = records.iter().zip(groups);
    all.filter(|(_, group)| **group == wanted).map(|(record, _)| *record).collect()
}

/// Compares a curve with a table from R, whose intervals are computed on the logarithmic scale.
fn curve_is(curve: &KaplanMeier, table: &[Vec<String>], stratum: &str) -> usize {
    let events = curve.steps.iter().filter(|step| step.events > 0);
    let given: Vec<_> = table.iter().filter(|row| row[0] == stratum && row[3] != "0").collect();
    assert_eq!(events.clone().count(), given.len());
    for (step, row) in events.zip(&given) {
        let number = |column: usize| row[column].parse::<f64>();
        assert_eq!((step.time, step.at_risk as f64), (number(1).unwrap(), number(2).unwrap()));
        assert_eq!(step.events as f64, number(3).unwrap());
        near(step.survival, number(4).unwrap(), GIVEN);
        let interval = curve.interval(step.time, IntervalForm::Log, 0.95).unwrap();
        match interval {
            Some((low, high)) => {
                near(step.standard_error(), number(5).unwrap(), GIVEN);
                near(low, number(6).unwrap(), GIVEN);
                near(high, number(7).unwrap(), GIVEN);
            }
            None => assert_eq!(step.survival, 0.0),
        }
    }
    given.len()
}

#[test]
fn curves_medians_and_means_are_those_of_r() {
    let Some(folder) = folder() else { return };
    let all = lung(&folder).0;
    let curve = kaplan_meier(&all).unwrap();
    let mut steps = curve_is(&curve, &rows(&folder, "lung_all_km.csv"), "all");
    let given = Given::of(&folder, "lung_all");
    given.holds_or_open("km_median_all", curve.median());
    let (low, high) = curve.quantile_interval(0.5, IntervalForm::Log, 0.95).unwrap();
    given.holds_or_open("km_median_lcl_log", low);
    given.holds_or_open("km_median_ucl_log", high);
    let mean = restricted_mean(&curve, curve.last_time()).unwrap();
    given.holds("km_rmean_to_max_all", mean.mean);
    for (set, (records, groups), names) in [
        ("lung_sex", lung_by_sex(&folder), ["sex=1", "sex=2"]),
        ("aml_x", aml(&folder), ["x=Maintained", "x=Nonmaintained"]),
    ] {
        let given = Given::of(&folder, set);
        let table = rows(&folder, &format!("{set}_km.csv"));
        let longest = records.iter().map(|record| record.time).fold(0.0, f64::max);
        for (i, name) in names.into_iter().enumerate() {
            let records = group(&records, &groups, i);
            let curve = kaplan_meier(&records).unwrap();
            steps += curve_is(&curve, &table, name);
            given.holds(&format!("km_records[{name}]"), records.len() as f64);
            let events = records.iter().filter(|record| record.event).count();
            given.holds(&format!("km_events[{name}]"), events as f64);
            given.holds_or_open(&format!("km_median[{name}]"), curve.median());
            let (low, high) = curve.quantile_interval(0.5, IntervalForm::Log, 0.95).unwrap();
            given.holds_or_open(&format!("km_0.95LCL[{name}]"), low);
            given.holds_or_open(&format!("km_0.95UCL[{name}]"), high);
            // R extends all curves of a table to the longest time of any of them.
            let mean = restricted_mean(&curve, longest).unwrap();
            given.holds(&format!("km_rmean[{name}]"), mean.mean);
            given.holds(&format!("km_se(rmean)[{name}]"), mean.standard_error);
        }
    }
    assert!(steps > 200, "{steps}");
}

#[test]
fn tests_of_groups_are_those_of_r() {
    let Some(folder) = folder() else { return };
    for (set, (records, groups), names) in [
        ("lung_sex", lung_by_sex(&folder), ["sex=1", "sex=2"]),
        ("aml_x", aml(&folder), ["x=Maintained", "x=Nonmaintained"]),
    ] {
        let given = Given::of(&folder, set);
        for rho in [0.0, 1.0] {
            let found = log_rank(&records, &groups, None, Weight { rho, gamma: 0.0 }).unwrap();
            given.holds(&format!("logrank_chisq_rho{rho}"), found.test.statistic);
            given.holds(&format!("logrank_p_rho{rho}"), found.test.p);
            for (i, name) in names.into_iter().enumerate() {
                given.holds(&format!("logrank_obs_rho{rho}[{name}]"), found.observed[i]);
                given.holds(&format!("logrank_exp_rho{rho}[{name}]"), found.expected[i]);
            }
        }
    }
}

fn model_is(given: &Given, ties: &str, names: &[&str], fit: &Cox, data: &CoxData) {
    let name = |rest: &str| format!("cox_{ties}_{rest}");
    for (i, column) in names.iter().enumerate() {
        let of = |rest: &str| name(&format!("{column}_{rest}"));
        let (coefficient, error) = (fit.coefficients[i], fit.standard_error(i));
        given.holds(&of("coef"), coefficient);
        given.holds(&of("exp(coef)"), fit.hazard_ratio(i, 0.95).unwrap().value);
        given.holds(&of("se(coef)"), error);
        given.holds(&of("z"), coefficient / error);
        given.holds(&of("Pr(>|z|)"), fit.p(i));
    }
    given.holds(&name("loglik_null"), fit.log_likelihood_without);
    given.holds(&name("loglik"), fit.log_likelihood);
    given.holds(&name("lrt"), fit.likelihood_ratio.statistic);
    given.holds(&name("score"), fit.score.statistic);
    given.holds(&name("concordance"), fit.concordance);
    // Printed with two decimal places.
    assert!((fit.wald.statistic - given.number(&name("wald"))).abs() <= 0.005 + 1e-9);
    let proportional = proportionality(fit, data, TimeScale::KaplanMeier).unwrap();
    given.holds(&name("zph_global_chisq"), proportional.all.statistic);
}

#[test]
fn cox_models_are_those_of_r() {
    let Some(folder) = folder() else { return };
    let (records, covariates) = lung(&folder);
    let known = records.iter().zip(&covariates).filter(|(_, row)| row[2].is_some());
    let (some, three): (Vec<FollowUp>, Vec<Vec<f64>>) =
        known.map(|(record, row)| (*record, row.map(Option::unwrap).to_vec())).unzip();
    let sex = covariates.iter().map(|row| vec![row[1].unwrap()]).collect();
    let (few, groups) = aml(&folder);
    let second = groups.iter().map(|group| vec![*group as f64]).collect();
    for (set, names, records, covariates) in [
        ("lung_age_sex_ecog", vec!["age", "sex", "ph.ecog"], &some, three),
        ("lung_sex", vec!["sex"], &records, sex),
        ("aml_x", vec!["xNonmaintained"], &few, second),
    ] {
        let data = CoxData { records, covariates: &covariates, strata: None };
        let given = Given::of(&folder, set);
        for (name, ties) in [("efron", Ties::Efron), ("breslow", Ties::Breslow)] {
            let fit = cox(&data, ties).unwrap();
            model_is(&given, name, &names, &fit, &data);
        }
    }
}

#[test]
fn distributions_are_those_of_r() {
    let Some(folder) = folder() else { return };
    let (records, covariates) = lung(&folder);
    let sex: Vec<Vec<f64>> = covariates.iter().map(|row| vec![row[1].unwrap()]).collect();
    let given = Given::of(&folder, "lung_sex");
    for (name, family) in [
        ("weibull", Family::Weibull),
        ("exponential", Family::Exponential),
        ("lognormal", Family::LogNormal),
        ("loglogistic", Family::LogLogistic),
    ] {
        let fit = parametric(&records, &sex, family).unwrap();
        given.holds(&format!("survreg_{name}_(Intercept)"), fit.coefficients[0]);
        given.holds(&format!("survreg_{name}_sex"), fit.coefficients[1]);
        given.holds(&format!("survreg_{name}_scale"), fit.scale);
        given.holds(&format!("survreg_{name}_loglik"), fit.log_likelihood);
    }
}
