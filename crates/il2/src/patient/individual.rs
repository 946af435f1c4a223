//! One patient with an individual dosing table, whose body size may change.

use crate::patient::cohort::{Cohort, Person};
use crate::patient::compartments::Named;
use crate::patient::dose_events::{AND_AFTER, Inputs, begin, begun, events};
use crate::quantity::DAY;
use crate::treatment::schedule::{Cycle, DoseEvent, Timed};
use il2_engine::{
    Change, Dimension, Ensemble, Event, Lane, LaneFailure, ParameterId, SpeciesId, Survey,
    Tolerance, Trajectory,
};
use std::sync::Arc;

/// Compartments of a dosing table, in NONMEM's order.
pub const COMPARTMENTS: [&str; 2] = ["skin depot", "plasma"];

const fn covariate(name: &'static str, columns: &'static [&'static str]) -> Named {
    Named { name, columns, dimension: Dimension::DIMENSIONLESS, optional: true }
}

/// Covariates of a patient in a table: weight (kg), height (cm), body surface area (m2), and kidney
/// filtration before treatment, relative to the usual.
pub const COVARIATES: [Named; 4] = [
    covariate("weight", &["WT", "WGT"]),
    covariate("height", &["HT", "HGT"]),
    covariate("surface", &["BSA"]),
    covariate("renal function", &["RENAL"]),
];

/// Name of the patient's kidney filtration before treatment, relative to the usual.
pub const RENAL_FUNCTION: &str = "toxicity.renal_function";

/// A steady state is reached when no state changes by more than this fraction in one round.
const AT_REST: f64 = 1e-6;
/// Length of a round of repeated doses (min): a year, in which cells with a turnover of weeks reach
/// a steady state.
const ROUND: f64 = 365.0 * DAY;
/// Largest number of rounds.
const MOST_ROUNDS: usize = 20;
/// Largest number of doses in a round; with short dosing intervals, rounds are shorter.
const MOST_DOSES: f64 = 5_000.0;

/// A patient and the events of the table.
#[derive(Clone, Copy, Debug)]
pub struct Individual<'a> {
    /// The cohort of the patient.
    pub cohort: &'a Cohort,
    /// The patient up to each record; records with the same body size share it.
    pub people: &'a [Arc<Person>],
    /// The events, from [`crate::treatment::schedule::schedule`].
    pub dose_events: &'a [Timed],
    /// Whether the table gives the bioavailability, which then replaces that of the patient.
    pub arrives_by_table: bool,
}

impl Individual<'_> {
    /// Parameters that apply up to a record.
    pub fn values(&self, record: usize) -> Vec<f64> {
        let mut values = self.people[record].values.clone();
        if self.arrives_by_table {
            let name = "pharmacokinetics.bioavailability";
            let part = self.cohort.body.network.parameter_named(name);
            values[part.expect("of every form").0] = 1.0;
        }
        values
    }

    fn at_rest(&self, record: usize) -> Vec<f64> {
        self.cohort.body.network.initial_state(&self.values(record))
    }

    /// Changes at a record whose body size differs from that before: the numbers change, and so do
    /// the cells, in proportion to the volumes, so that a state at rest stays at rest. The amounts
    /// of drug do not change, and creatinine follows the kidneys with its own time course.
    fn grown(&self, record: usize) -> Vec<Change> {
        if Arc::ptr_eq(&self.people[record - 1], &self.people[record]) {
            return vec![];
        }
        let [before, now] = [record - 1, record].map(|r| self.values(r));
        let pairs = before.clone().into_iter().zip(now.clone()).enumerate();
        let numbers = pairs.filter(|(_, (a, b))| a != b);
        let numbers = numbers.map(|(p, (_, b))| Change::SetParameter(ParameterId(p), b));
        let network = &self.cohort.body.network;
        let kidneys = network.parameter_named(RENAL_FUNCTION).expect("of every patient").0;
        let mut larger = now.clone();
        larger[kidneys] = before[kidneys];
        let rests = network.initial_state(&before).into_iter();
        let rests = rests.zip(network.initial_state(&larger)).enumerate();
        let cells = rests.filter(|(_, (a, b))| *a > 0.0 && a != b);
        let cells = cells.map(|(s, (a, b))| Change::Multiply(SpeciesId(s), b / a));
        numbers.chain(cells).collect()
    }

    /// The simulation: states are recorded after every record, and at the additional times (min
    /// since the first record); the given observables are surveyed from the first record to the
    /// last.
    ///
    /// # Errors
    /// If repeated doses do not reach a steady state, or are to be added to the present state,
    /// which is impossible because the equations are not linear.
    pub fn lane(
        &self,
        between: &[f64],
        surveyed: &[usize],
        tolerance: Tolerance,
    ) -> Result<Lane, LaneFailure> {
        let body = &self.cohort.body;
        let inputs = Inputs {
            compartments: &[body.depot, body.arrives],
            inputs: &[body.infusion_under_skin, body.infusion],
            given: None,
        };
        let mut saturated = |cycle: &Cycle| self.saturated(cycle, &inputs, tolerance);
        let (first, rest) = begun(self.dose_events);
        let mut of = |some: &[Timed]| {
            let (grown, at_rest) = (|r| self.grown(r), |r| self.at_rest(r));
            events(some, &inputs, grown, at_rest, &mut saturated)
        };
        let mut initial = self.at_rest(0);
        begin(of(first)?, &mut initial);
        let events = of(rest)?;
        let end = self.dose_events.last().map_or(0.0, |last| last.time);
        Ok(Lane {
            parameters: self.values(0),
            initial,
            events,
            times: between.iter().copied().filter(|t| *t <= end).chain([end]).collect(),
            surveys: surveyed
                .iter()
                .map(|&o| self.cohort.survey(o, 0.0, end + AND_AFTER))
                .collect(),
            ..Lane::default()
        })
    }

    /// Follows an observable, and the area under its curve if requested, in an interval of time
    /// (min since the first record).
    pub fn survey(&self, observable: usize, (from, to): (f64, f64), area: bool) -> Survey {
        let end = self.dose_events.last().map_or(0.0, |last| last.time);
        let to = to.min(end + AND_AFTER);
        Survey { area, ..self.cohort.survey(observable, from.min(to), to) }
    }

    /// The steady state, found by giving doses until the state repeats. Earlier elimination is not
    /// counted; the amount present counts as given.
    fn saturated(
        &self,
        cycle: &Cycle,
        inputs: &Inputs,
        tolerance: Tolerance,
    ) -> Result<Vec<f64>, LaneFailure> {
        let failure = |why: String| Err(LaneFailure::NoSteadyState(why));
        if cycle.adds {
            let why = "SS 2 adds the steady state to the present state, which is valid only for \
                       linear models; use SS 1";
            return failure(why.into());
        }
        let body = &self.cohort.body;
        let (compartment, input) =
            (inputs.compartments[cycle.compartment], inputs.inputs[cycle.compartment]);
        let doses = (ROUND / cycle.interval).clamp(1.0, MOST_DOSES).floor();
        let mut parameters = self.values(cycle.record);
        parameters[input.0] += cycle.steady_rate;
        let (rate, duration) = (cycle.rate, cycle.duration);
        let feed = |time: f64| {
            let flows = Change::Infuse { parameter: input, rate, duration };
            [Change::Add(compartment, cycle.amount), flows].map(|change| Event::new(time, change))
        };
        let run = |initial: Vec<f64>, doses: f64, time: f64| {
            let starts = (0..doses as usize).map(|k| k as f64 * cycle.interval);
            let lane = Lane {
                parameters: parameters.clone(),
                initial,
                events: starts.flat_map(feed).collect(),
                times: vec![time],
                ..Lane::default()
            };
            let ensemble = Ensemble::new(&self.cohort.program, tolerance);
            let found = ensemble.run_all(&[lane]).remove(0)?;
            Ok::<_, LaneFailure>(found.states.into_iter().next_back().expect("one time"))
        };
        let forget = |state: &mut [f64]| {
            for name in ["eliminated", "taken_up"] {
                let place = body.network.species_named(name).expect("of every patient");
                state[place.0] = 0.0;
            }
        };
        let mut state = self.at_rest(cycle.record);
        for _ in 0..MOST_ROUNDS {
            let mut next = run(state.clone(), doses, doses * cycle.interval)?;
            forget(&mut next);
            let least = AT_REST.max(10.0 * tolerance.relative);
            let rests = state.iter().zip(&next).all(|(before, after): (&f64, &f64)| {
                let size = before.abs().max(after.abs()).max(tolerance.absolute);
                (before - after).abs() <= least * size
            });
            state = next;
            if rests {
                if cycle.phase == 0.0 {
                    state[compartment.0] += cycle.amount;
                } else {
                    state = run(state, 1.0, cycle.phase)?;
                    forget(&mut state);
                }
                return Ok(state);
            }
        }
        failure(format!(
            "repeated doses (SS 1) had not reached a steady state after {:.0} days",
            MOST_ROUNDS as f64 * doses * cycle.interval / DAY
        ))
    }

    /// Observables of states, each with the record up to which the patient's numbers apply:
    /// `[state][observable]`, row by row.
    pub fn observe(&self, states: &[(usize, &[f64])]) -> Vec<f64> {
        let mut seen = vec![];
        let same =
            |a: &(usize, _), b: &(usize, _)| Arc::ptr_eq(&self.people[a.0], &self.people[b.0]);
        for of_one_body in states.chunk_by(same) {
            // No observable depends explicitly on time.
            let at = of_one_body.iter().map(|(_, state)| (*state, 0.0));
            seen.extend(self.cohort.readouts.values(&self.values(of_one_body[0].0), at));
        }
        seen
    }

    /// Largest relative error of the mass balance since the last reset, over the records that were reached.
    pub fn imbalance(&self, found: &Trajectory) -> f64 {
        let held = |state: &[f64]| self.cohort.body.drug.iter().map(|s| state[s.0]).sum::<f64>();
        let (mut worst, mut looks) = (0.0_f64, found.recorded.iter());
        let (mut at_once, mut flowing) = (0.0, vec![]);
        for timed in self.dose_events {
            match &timed.what {
                DoseEvent::Give { amount, .. } => at_once += amount,
                DoseEvent::Infuse { rate, duration, .. } => {
                    flowing.push((timed.time, *rate, *duration));
                }
                DoseEvent::Reset => (at_once, flowing) = (0.0, vec![]),
                // The amounts after dosing to steady state are read at the next observation.
                DoseEvent::Saturate(_) => (at_once, flowing) = (f64::NAN, vec![]),
                DoseEvent::Parameters(_) => {}
                DoseEvent::Look(_) => {
                    let Some(state) = looks.next() else { return worst };
                    let flowed = |(start, rate, duration): &(f64, f64, f64)| {
                        rate * (timed.time - start).clamp(0.0, *duration)
                    };
                    let flowed: f64 = flowing.iter().map(flowed).sum();
                    if at_once.is_nan() {
                        at_once = held(state) - flowed;
                    }
                    let given: f64 = at_once + flowed;
                    let missing = (held(state) - given).abs();
                    worst = worst.max(if given > 0.0 { missing / given } else { missing });
                }
            }
        }
        worst
    }
}
