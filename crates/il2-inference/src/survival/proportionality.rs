//! Tests whether hazards are proportional: the score test for coefficients that change with time,
//! from Schoenfeld residuals (Grambsch & Therneau 1994, Biometrika 81:515).

use super::cox::Cox;
use super::distributions::ChiSquared;
use super::error::StatisticsError;
use super::kaplan_meier::kaplan_meier;
use super::newton::{Factor, zeros};
use super::partial_likelihood::{CoxData, Ordered};
use super::residuals::schoenfeld_residuals;
use il2_engine::math;

/// The time scale on which the change of a coefficient is linear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeScale {
    /// One minus the fraction that was free of the event just before, so that late events, of which
    /// there are few, do not outweigh the others.
    #[default]
    KaplanMeier,
    /// Time itself.
    Time,
    /// The logarithm of time; rejects events at time 0.
    LogTime,
}

/// Tests of proportional hazards.
#[derive(Clone, Debug, PartialEq)]
pub struct Proportionality {
    /// The test for each covariate.
    pub covariates: Vec<ChiSquared>,
    /// The test for all covariates together.
    pub all: ChiSquared,
}

/// Tests whether the coefficients of a model change along a time scale: the score test of adding
/// `covariate x scale` to the model, using the information of both together. `data` is the data to
/// which the model was fitted. Rejects events that all have one time, and events at time 0 on the
/// logarithmic scale.
pub fn proportionality(
    fit: &Cox,
    data: &CoxData,
    scale: TimeScale,
) -> Result<Proportionality, StatisticsError> {
    let curve = kaplan_meier(data.records)?;
    let place = |time: f64| match scale {
        TimeScale::KaplanMeier => {
            let next = curve.steps.partition_point(|step| step.time < time);
            1.0 - next.checked_sub(1).map_or(1.0, |before| curve.steps[before].survival)
        }
        TimeScale::Time => time,
        TimeScale::LogTime => math::ln(time),
    };
    let residuals = schoenfeld_residuals(fit, data)?;
    let places: Vec<f64> = residuals.iter().map(|event| place(event.time)).collect();
    if let Some(event) = residuals.iter().find(|event| !place(event.time).is_finite()) {
        return Err(StatisticsError::Value {
            what: "the time",
            row: Some(event.subject),
            value: event.time,
            allowed: "above 0, because the scale of time is logarithmic",
        });
    }
    // The mean is subtracted, so that the information of both halves is as far from singular as
    // possible.
    let middle = places.iter().sum::<f64>() / places.len() as f64;
    let columns = fit.coefficients.len();
    let mut slope = vec![0.0; 2 * columns];
    for (event, place) in residuals.iter().zip(&places) {
        for c in 0..columns {
            slope[columns + c] += (place - middle) * event.residual[c];
        }
    }
    let mut information = zeros(2 * columns);
    Ordered::new(data, fit.ties)?.each_risk_set(&fit.coefficients, |set| {
        let powers = [1.0, place(set.tied.time) - middle];
        for i in 0..2 * columns {
            for j in 0..2 * columns {
                let by = set.events * powers[i / columns] * powers[j / columns];
                information[i][j] += by * set.covariance[i % columns][j % columns];
            }
        }
    });
    let test = |tested: Vec<usize>| -> Result<ChiSquared, StatisticsError> {
        let kept: Vec<usize> = (0..columns).chain(tested.iter().map(|c| columns + c)).collect();
        let row = |i: &usize| kept.iter().map(|j| information[*i][*j]).collect();
        let part = kept.iter().map(row).collect();
        let slope: Vec<f64> = kept.iter().map(|i| slope[*i]).collect();
        // Events at a single time contain no information on a change.
        let none = |_| StatisticsError::NotConverged { what: "a change with time" };
        Ok(ChiSquared::new(Factor::of(&part).map_err(none)?.form(&slope), tested.len()))
    };
    Ok(Proportionality {
        covariates: (0..columns).map(|c| test(vec![c])).collect::<Result<_, _>>()?,
        all: test((0..columns).collect())?,
    })
}
