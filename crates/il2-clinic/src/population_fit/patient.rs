//! The whole patient as the model of a population fit: numbers of a subject replace the library's,
//! and readouts are computed with them.
//!
//! Derivatives with respect to random effects are central differences: the patient, and two
//! variants for each effect, are simulated together.

use crate::event_table::Patient;
use crate::population_fit::numbers::{Numbers, Target};
use il2::patient::cohort::Person;
use il2::patient::individual::Individual;
use il2::treatment::record::Record;
use il2::treatment::schedule::schedule;
use il2_engine::{Ensemble, ParameterId, Threads, Tolerance};
use il2_inference::no_answer::NoAnswer;
use il2_study::event_table::Subject;
use std::sync::Arc;

/// Step of finite differences, both of random effects (which are logarithms) for first derivatives,
/// and of the fit for derivatives of these. With [`ACCURACY`], the error of both is about 1e-4.
pub const STEP: f64 = 1e-2;
/// Relative accuracy of a simulation.
const ACCURACY: f64 = 1e-8;

/// The patient of a study, and which of its numbers are fitted.
#[derive(Clone, Debug)]
pub struct Body {
    /// The patient.
    pub patient: Patient,
    /// Parameter of the network, by index of the model's number.
    pub numbers: Vec<ParameterId>,
    /// Tolerance of a simulation, as requested by the study.
    pub tolerance: Tolerance,
}

impl Body {
    /// The patient up to each record of a subject.
    pub fn people(
        &self,
        numbers: &Numbers,
        (of, occasions): (&Subject, &[usize]),
        (fixed, effects): (&[f64], &[f64]),
    ) -> Result<Vec<Arc<Person>>, NoAnswer> {
        let bits = |r: usize| of.values(r).iter().map(|v| v.to_bits());
        let mut people: Vec<Arc<Person>> = vec![];
        for r in 0..of.records.len() {
            let same = r > 0
                && occasions[r] == occasions[r - 1]
                && bits(r).eq(bits(r - 1))
                && of.covariates(r) == of.covariates(r - 1);
            let person = match people.last().filter(|_| same) {
                Some(before) => before.clone(),
                None => {
                    let own = numbers.of(fixed, effects, occasions[r], of.covariates(r)).values;
                    Arc::new(self.person(numbers, of.values(r), &own)?)
                }
            };
            people.push(person);
        }
        Ok(people)
    }

    fn person(&self, numbers: &Numbers, body: &[f64], own: &[f64]) -> Result<Person, NoAnswer> {
        let cohort = &self.patient.patients.cohort;
        let mut person = self.patient.person(body);
        for (p, &value) in numbers.parameters.iter().zip(own) {
            let Target::Model(place) = p.of else { continue };
            let id = self.numbers[place];
            // Some numbers scale with body surface; the fitted value is for a surface of 1 m2, as
            // in the library.
            let usual = cohort.usual()[id.0];
            let grown = if usual > 0.0 { person.values[id.0] / usual } else { 1.0 };
            person.values[id.0] = value * grown;
            if !value.is_finite() || !cohort.body.network.parameters[id.0].limits.allow(value) {
                return Err(NoAnswer::Beyond);
            }
        }
        Ok(person)
    }

    /// All readouts at every record, for several variants of a subject:
    /// `[variant][record][readout]`.
    pub fn read(
        &self,
        records: &[Record],
        arrives_by_table: bool,
        variants: &[Vec<Arc<Person>>],
    ) -> Result<Vec<Vec<Vec<f64>>>, NoAnswer> {
        let dose_events = schedule(records).map_err(|_| NoAnswer::Beyond)?;
        let cohort = &self.patient.patients.cohort;
        let relative = self.tolerance.relative.min(ACCURACY);
        let tolerance = Tolerance { relative, ..self.tolerance };
        let of = |people| Individual {
            cohort: cohort.as_ref(),
            people,
            dose_events: &dose_events,
            arrives_by_table,
        };
        let lanes = variants.iter().map(|people| of(people).lane(&[], &[], tolerance));
        let lanes = lanes.collect::<Result<Vec<_>, _>>()?;
        let ensemble =
            Ensemble { threads: Threads::ONE, ..Ensemble::new(&cohort.program, tolerance) };
        let width = cohort.body.network.observables.len();
        let answers = ensemble.run_all(&lanes).into_iter().zip(variants);
        let seen = answers.map(|(answer, people)| {
            let found = answer.map_err(|stopped| stopped.why)?;
            let states: Vec<(usize, &[f64])> =
                found.recorded.iter().map(Vec::as_slice).enumerate().collect();
            let all = of(people).observe(&states);
            Ok(all.chunks(width).map(<[f64]>::to_vec).collect())
        });
        seen.collect()
    }
}
