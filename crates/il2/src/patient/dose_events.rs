//! Converts the events of an event table to events of a simulation.

use crate::treatment::schedule::{Cycle, DoseEvent, Timed};
use il2_engine::{Change, Event, LaneFailure, ParameterId, SpeciesId};

/// A survey ends this long after the last record (min), so that, like the record, it includes the
/// events at this time.
pub(super) const AND_AFTER: f64 = 1.0;

/// The species and parameters on which the events of a model act.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Compartments in the order of their numbers in the table.
    pub compartments: &'a [SpeciesId],
    /// Infusion rate into each compartment.
    pub inputs: &'a [ParameterId],
    /// The count of bolus amounts, if the model has one.
    pub given: Option<SpeciesId>,
}

/// Separates the events at the very start, which determine the initial state of a simulation, from
/// the others.
pub fn begun(dose_events: &[Timed]) -> (&[Timed], &[Timed]) {
    let makes =
        |t: &&Timed| t.time == 0.0 && matches!(t.what, DoseEvent::Reset | DoseEvent::Saturate(_));
    dose_events.split_at(dose_events.iter().take_while(makes).count())
}

/// Applies events to the initial state of a simulation.
pub fn begin(events: Vec<Event>, initial: &mut [f64]) {
    for event in events {
        match event.change {
            Change::Set(s, value) => initial[s.0] = value,
            Change::Add(s, value) => initial[s.0] += value,
            _ => unreachable!("resets and steady states change only species"),
        }
    }
}

/// Converts scheduled dose_events to simulation events, in the same order. `numbers` are the changes
/// that set the numbers up to a record, `at_rest` is the state after a reset at a record, and
/// `saturated` is the state after dosing to steady state.
///
/// # Errors
/// Any error returned by `saturated`.
pub fn events(
    dose_events: &[Timed],
    inputs: &Inputs,
    numbers: impl Fn(usize) -> Vec<Change>,
    at_rest: impl Fn(usize) -> Vec<f64>,
    mut saturated: impl FnMut(&Cycle) -> Result<Vec<f64>, LaneFailure>,
) -> Result<Vec<Event>, LaneFailure> {
    let mut all = vec![];
    for timed in dose_events {
        let mut at = |change: Change| all.push(Event::new(timed.time, change));
        match &timed.what {
            DoseEvent::Give { compartment, amount } => {
                at(Change::Add(inputs.compartments[*compartment], *amount));
                inputs.given.iter().for_each(|&given| at(Change::Add(given, *amount)));
            }
            DoseEvent::Infuse { compartment, rate, duration, .. } => at(Change::Infuse {
                parameter: inputs.inputs[*compartment],
                rate: *rate,
                duration: *duration,
            }),
            DoseEvent::Reset => {
                let state = at_rest(timed.record).into_iter().enumerate();
                state.for_each(|(s, value)| at(Change::Set(SpeciesId(s), value)));
            }
            DoseEvent::Saturate(cycle) => {
                for (s, value) in saturated(cycle)?.into_iter().enumerate() {
                    at(match cycle.adds {
                        true => Change::Add(SpeciesId(s), value),
                        false => Change::Set(SpeciesId(s), value),
                    });
                }
            }
            DoseEvent::Parameters(record) => {
                numbers(*record).into_iter().for_each(at);
            }
            DoseEvent::Look(_) => at(Change::Record),
        }
    }
    Ok(all)
}
