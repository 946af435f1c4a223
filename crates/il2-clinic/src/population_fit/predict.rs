//! Predicted levels of a subject from its numbers.

use crate::population_fit::endpoints::{Endpoint, Readout};
use crate::population_fit::numbers::{Individual, Target};
use crate::population_fit::patient::STEP;
use crate::population_fit::plan::Plan;
use crate::population_fit::system::System;
use il2::patient::course::{Doses, Held, NoCourse, Number, course};
use il2::treatment::record::Record;
use il2_engine::LaneFailure;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::Prediction;

impl Plan {
    /// Predictions of a subject's measurements, and their derivatives with respect to its random
    /// effects.
    pub fn predict(
        &self,
        subject: usize,
        fixed: &[f64],
        effects: &[f64],
    ) -> Result<Prediction, NoAnswer> {
        let records = &self.table.subjects[subject].records;
        let seen = self.seen(subject, (fixed, effects), (records, None), true)?;
        let (mut values, mut by_effect) = (vec![], vec![]);
        for (row, &r) in self.subjects[subject].rows.iter().zip(&self.places[subject]) {
            let (value, by) = &seen[row.endpoint][r];
            values.push(*value);
            by_effect.push(by.clone());
        }
        Ok(Prediction { values, by_effect })
    }

    /// Predictions without derivatives.
    pub fn levels(
        &self,
        subject: usize,
        fixed: &[f64],
        effects: &[f64],
    ) -> Result<Vec<f64>, NoAnswer> {
        let records = &self.table.subjects[subject].records;
        let seen = self.seen(subject, (fixed, effects), (records, None), false)?;
        let rows = self.subjects[subject].rows.iter().zip(&self.places[subject]);
        Ok(rows.map(|(row, &r)| seen[row.endpoint][r].0).collect())
    }

    /// Every quantity at every record, each in its own unit, with derivatives with respect to the
    /// random effects if requested: `[quantity][record]`. If records were inserted between those of
    /// the table, `of` gives the record of the table whose numbers apply.
    pub(super) fn seen(
        &self,
        subject: usize,
        (fixed, effects): (&[f64], &[f64]),
        (records, of): (&[Record], Option<&[usize]>),
        derivatives: bool,
    ) -> Result<Vec<Vec<Seen>>, NoAnswer> {
        match &self.system {
            System::Plain(model) => {
                let mut held = self.held(subject, fixed, effects);
                if !derivatives {
                    held.iter_mut().for_each(forget);
                }
                let held = spread(held, of);
                let directions = if derivatives { effects.len() } else { 0 };
                let found = course(model, records, &held, directions).map_err(told)?;
                let seen = |endpoint: &Endpoint| {
                    let (values, by) = match endpoint.of {
                        Readout::Effect => (&found.effects, &found.effects_by),
                        _ => (&found.levels, &found.by),
                    };
                    let unit = 1.0 / endpoint.factor;
                    let one = |(value, by): (&f64, &Vec<f64>)| {
                        (value * unit, by.iter().map(|b| b * unit).collect())
                    };
                    values.iter().zip(by).map(one).collect()
                };
                Ok(self.endpoints.iter().map(seen).collect())
            }
            System::Patient(body) => {
                let table = &self.table.subjects[subject];
                let people = |effects: &[f64]| {
                    let about = (table, self.occasions[subject].as_slice());
                    let people = body.people(&self.numbers, about, (fixed, effects))?;
                    Ok::<_, NoAnswer>(spread(people, of))
                };
                let count = if derivatives { effects.len() } else { 0 };
                let mut variants: Vec<Vec<_>> = vec![people(effects)?];
                for k in 0..2 * count {
                    let mut beside = effects.to_vec();
                    beside[k / 2] += if k % 2 == 0 { STEP } else { -STEP };
                    variants.push(people(&beside)?);
                }
                let read = body.read(records, table.says_what_arrives, &variants)?;
                let concentration = body.patient.observable("concentration").0;
                let seen = |endpoint: &Endpoint| {
                    let place = match endpoint.of {
                        Readout::Observable(place) => place,
                        _ => concentration,
                    };
                    let value =
                        |variant: usize, r: usize| read[variant][r][place] / endpoint.factor;
                    let slope = |k: usize, r: usize| {
                        (value(2 * k + 1, r) - value(2 * k + 2, r)) / (2.0 * STEP)
                    };
                    let one = |r| (value(0, r), (0..count).map(|k| slope(k, r)).collect());
                    (0..records.len()).map(one).collect()
                };
                Ok(self.endpoints.iter().map(seen).collect())
            }
        }
    }

    /// Numbers at every record of a subject.
    pub fn held(&self, subject: usize, fixed: &[f64], effects: &[f64]) -> Vec<Held> {
        let of = &self.table.subjects[subject];
        let mut all: Vec<Held> = vec![];
        for r in 0..of.records.len() {
            let same = r > 0
                && of.covariates(r) == of.covariates(r - 1)
                && self.occasions[subject][r] == self.occasions[subject][r - 1];
            let held = match all.last().filter(|_| same) {
                Some(before) => before.clone(),
                None => {
                    let occasion = self.occasions[subject][r];
                    self.arranged(&self.numbers.of(fixed, effects, occasion, of.covariates(r)))
                }
            };
            all.push(held);
        }
        all
    }

    /// Numbers of a subject in the order of the model.
    pub fn arranged(&self, individual: &Individual) -> Held {
        let number =
            |p: usize| Number { value: individual.values[p], by: individual.by[p].clone() };
        let find = |target: Target| {
            self.numbers.parameters.iter().position(|p| p.of == target).map(number)
        };
        let directions = individual.by.first().map_or(0, Vec::len);
        let of_model = |(k, usual): (usize, &Option<f64>)| {
            let usual = || Number::fixed(usual.expect("checked in the plan"), directions);
            find(Target::Model(k)).unwrap_or_else(usual)
        };
        Held {
            numbers: self.usual.iter().enumerate().map(of_model).collect(),
            doses: Doses {
                lag: find(Target::Lag),
                bioavailability: find(Target::Bioavailability),
                duration: find(Target::Duration),
                rate: find(Target::Rate),
            },
        }
    }
}

/// A value and its derivatives by the random effects.
type Seen = (f64, Vec<f64>);

/// Extends values at the records of the table to the records inserted between them.
fn spread<T: Clone>(held: Vec<T>, of: Option<&[usize]>) -> Vec<T> {
    match of {
        None => held,
        Some(of) => of.iter().map(|r| held[*r].clone()).collect(),
    }
}

/// Removes derivatives.
fn forget(held: &mut Held) {
    let doses = &mut held.doses;
    let of_doses =
        [&mut doses.lag, &mut doses.bioavailability, &mut doses.duration, &mut doses.rate];
    let all = held.numbers.iter_mut().chain(of_doses.into_iter().flatten());
    all.for_each(|number| number.by.clear());
}

/// The reason why there is no prediction, in the form that searches expect.
pub fn told(why: NoCourse) -> NoAnswer {
    let failed = |why: &str| NoAnswer::Lane(LaneFailure::NoSteadyState(why.into()));
    match why {
        NoCourse::NoNumber => NoAnswer::Beyond,
        NoCourse::Endless => failed("repeated doses accumulate without limit"),
        NoCourse::NoSteadyState => {
            failed("a nonlinear model has no steady state in closed form; give the doses with ADDL")
        }
        NoCourse::TooManySteps { time, steps } => {
            NoAnswer::Lane(LaneFailure::TooManySteps { time, steps })
        }
    }
}
