//! The levels of a subject from its numbers.

use crate::population_fit::numbers::{Individual, Target};
use crate::population_fit::plan::Plan;
use il2::patient::course::{Doses, Held, Model, NoCourse, Number, course};
use il2::treatment::record::Record;
use il2_engine::LaneFailure;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::Prediction;

impl Plan {
    /// Predictions of a subject's measurements, and their derivatives by its random effects.
    pub fn predict(
        &self,
        subject: usize,
        fixed: &[f64],
        effects: &[f64],
    ) -> Result<Prediction, NoAnswer> {
        let of = &self.table.subjects[subject];
        let held = self.held(subject, fixed, effects);
        let found = course(&Model::plain(self.structure), &of.records, &held, effects.len())
            .map_err(told)?;
        let places = &self.places[subject];
        let unit = 1.0 / self.concentration;
        Ok(Prediction {
            values: places.iter().map(|&r| found.levels[r] * unit).collect(),
            by_effect: places
                .iter()
                .map(|&r| found.by[r].iter().map(|b| b * unit).collect())
                .collect(),
        })
    }

    /// Predictions alone.
    pub fn levels(
        &self,
        subject: usize,
        fixed: &[f64],
        effects: &[f64],
    ) -> Result<Vec<f64>, NoAnswer> {
        let of = &self.table.subjects[subject];
        let mut held = self.held(subject, fixed, effects);
        for held in &mut held {
            let doses = &mut held.doses;
            let of_doses = [&mut doses.lag, &mut doses.bioavailability, &mut doses.duration];
            let all = held.numbers.iter_mut().chain(of_doses.into_iter().flatten());
            all.for_each(|number| number.by.clear());
        }
        let found = course(&Model::plain(self.structure), &of.records, &held, 0).map_err(told)?;
        Ok(self.places[subject].iter().map(|&r| found.levels[r] / self.concentration).collect())
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
        let needed = 0..self.structure.parameters().len();
        Held {
            numbers: needed.map(|k| find(Target::Model(k)).expect("checked in the plan")).collect(),
            doses: Doses {
                lag: find(Target::Lag),
                bioavailability: find(Target::Bioavailability),
                duration: find(Target::Duration),
            },
        }
    }

    /// The curve of a subject between its first and last record: time in the table's unit, level in the
    /// unit of concentrations.
    pub fn curve(
        &self,
        subject: usize,
        fixed: &[f64],
        effects: &[f64],
        points: usize,
    ) -> Result<Vec<(f64, f64)>, NoAnswer> {
        let of = &self.table.subjects[subject];
        let held = self.held(subject, fixed, effects);
        let (mut records, mut numbers) = (vec![], vec![]);
        let whole = match (of.records.first(), of.records.last()) {
            (Some(first), Some(last)) => last.time - first.time,
            _ => return Ok(vec![]),
        };
        let step = whole / points as f64;
        for (r, record) in of.records.iter().enumerate() {
            if let Some(before) = r.checked_sub(1).map(|b| &of.records[b]) {
                let gap = record.time - before.time;
                let between = (gap / step).ceil().max(1.0) as usize;
                for k in 1..between {
                    let time = before.time + gap * k as f64 / between as f64;
                    records.push(Record::observation(time));
                    numbers.push(held[r].clone());
                }
            }
            records.push(record.clone());
            numbers.push(held[r].clone());
        }
        let found = course(&Model::plain(self.structure), &records, &numbers, effects.len())
            .map_err(told)?;
        let times = records.iter().map(|r| r.time / self.factors.time);
        Ok(times.zip(found.levels.iter().map(|l| l / self.concentration)).collect())
    }
}

/// Why there is no prediction, as every search understands it.
pub fn told(why: NoCourse) -> NoAnswer {
    match why {
        NoCourse::NoNumber => NoAnswer::Beyond,
        NoCourse::Endless => {
            NoAnswer::Lane(LaneFailure::NoSteadyState("repeated doses accumulate without limit".into()))
        }
        NoCourse::Unsupported => NoAnswer::Lane(LaneFailure::NoSteadyState(
            "a steady state (SS) whose delay or duration is estimated is not known in closed form; write \
             its doses out with ADDL"
                .into(),
        )),
    }
}
