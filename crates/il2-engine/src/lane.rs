//! A lane: one independent copy of a network with its own parameters, events and output times.

use crate::expression::Expression;
use crate::id::{ParameterId, SpeciesId};
use std::sync::Arc;

/// The input of a lane.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// All parameter values in base units, as [`crate::Network::parameter_values`] gives them.
    pub parameters: Vec<f64>,
    /// State at time zero.
    pub initial: Vec<f64>,
    /// Dependence of the state at time zero on each parameter of the program's sensitivities; empty
    /// if there is none. Used only by programs with sensitivities.
    pub initial_sensitivities: Vec<Vec<f64>>,
    /// Changes at given times, in order of time; changes at the same time happen in the order
    /// given.
    pub events: Vec<Event>,
    /// Changes when the state crosses a threshold. The reference integrator does not support them.
    pub triggers: Vec<Trigger>,
    /// Decides whether the events that require a decision take place.
    pub controller: Option<Controller>,
    /// Output times (min), in ascending order, none below zero. An output at the time of an event
    /// shows the state before the change.
    pub times: Vec<f64>,
    /// Observables followed between outputs; they have no effect on the steps. The reference
    /// integrator does not support them.
    pub surveys: Vec<Survey>,
}

/// An observable of a lane over an interval of time: its highest and lowest value and the area
/// under it, independent of output times. If an event makes it jump, the values before and after
/// both count; at the end of the interval, as for outputs, only the value before the event counts.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The observable, as a law over species, parameters and time.
    pub of: Arc<Expression>,
    /// Start of the interval (min).
    pub from: f64,
    /// End of the interval (min); the last output, if that is earlier.
    pub to: f64,
    /// Whether the area is computed as well.
    pub area: bool,
}

/// What a survey found. Extremes are taken at the ends of steps, on both sides of events and on the
/// dense output between, whose error is several times that of a step; areas are integrals of the
/// dense output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surveyed {
    /// Highest value and its time; minus infinity if the interval was not reached.
    pub highest: Extreme,
    /// Lowest value and its time; infinity if the interval was not reached.
    pub lowest: Extreme,
    /// Integral over time (min) until the lane ended; zero if not requested.
    pub area: f64,
}

/// A change at a time.
#[derive(Clone, Debug)]
pub struct Event {
    /// When (min).
    pub time: f64,
    /// What changes.
    pub change: Change,
    /// Whether the lane's controller has to decide first.
    pub asks: bool,
}

impl Event {
    /// A change that happens whatever the state is.
    pub fn new(time: f64, change: Change) -> Self {
        Self { time, change, asks: false }
    }
}

/// What an event does.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Does nothing, although the controller may still read the state: an assessment.
    Nothing,
    /// Does nothing but record the state between several changes at one time, which [`Lane::times`]
    /// cannot express.
    Record,
    /// Ends the lane: the state is recorded as by [`Change::Record`], and later outputs are left
    /// out. For a caller that continues from this state with a lane of another kind.
    Stop,
    /// Sets a species to a value.
    Set(SpeciesId, f64),
    /// Adds to a species.
    Add(SpeciesId, f64),
    /// Multiplies a species, for example when a vessel is replaced by one of another size. Not
    /// supported by programs with sensitivities.
    Multiply(SpeciesId, f64),
    /// Sets a parameter from then on, for example a rate that is switched. Parameters derived from
    /// it keep the values that the lane was given.
    SetParameter(ParameterId, f64),
    /// Adds `rate` to a parameter for `duration` (min): an infusion. Infusions may overlap; when
    /// the last one ends, the parameter has exactly its former value.
    Infuse {
        /// The rate that a reaction of the network reads.
        parameter: ParameterId,
        /// Rate added during the infusion, in the unit of the parameter.
        rate: f64,
        /// Duration of the infusion (min).
        duration: f64,
    },
}

/// The highest or the lowest point that a survey found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme {
    /// When (min).
    pub time: f64,
    /// Value of the observable.
    pub value: f64,
    /// Whether the value is reached only after the events at that time.
    pub after: bool,
}

/// A change that happens when an expression crosses zero; the crossing is located to the accuracy
/// of a step. A jump across zero (a dose) does not fire a trigger; two crossings within a quarter
/// of a step are missed.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The expression watched, over species, parameters and time.
    pub watch: Expression,
    /// The direction of crossings that count.
    pub crossing: Crossing,
    /// What changes; the controller is not asked.
    pub change: Change,
}

/// Direction of a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// From below zero to above.
    Up,
    /// From above zero to below.
    Down,
    /// In either direction.
    Both,
}

/// Decides whether the events that require a decision take place, from the state at their time; may
/// keep its own numbers between decisions.
#[derive(Clone)]
pub struct Controller {
    /// Numbers that the controller keeps between decisions.
    pub memory: Vec<f64>,
    /// The function that decides.
    pub decide: Arc<Decide>,
    /// What the decision depends on: controllers of one network with the same text make the same
    /// decisions.
    pub by: Arc<dyn std::fmt::Debug + Send + Sync>,
}

/// How a controller decides; its second argument is its memory.
pub type Decide = dyn Fn(&Moment, &mut [f64]) -> Decision + Send + Sync;

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Controller").field("memory", &self.memory).finish_non_exhaustive()
    }
}

/// The information that a controller receives.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Present time (min).
    pub time: f64,
    /// State before the event.
    pub state: &'a [f64],
    /// Parameters of the lane.
    pub parameters: &'a [f64],
    /// Index of the event that requires the decision.
    pub event: usize,
}

/// What a controller decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The event happens.
    Give,
    /// The event does not happen; the next event that requires a decision asks again.
    Skip,
    /// Cancels this event and every later event that requires a decision.
    Stop,
}

/// Required accuracy of each step.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Allowed error of a step relative to the value.
    pub relative: f64,
    /// Allowed absolute error of a step, in the species' own unit; values below it count as zero.
    pub absolute: f64,
    /// Number of steps without an event or output after which a lane is abandoned.
    pub most_steps: usize,
}

impl Lane {
    /// Rejects numbers that are not finite and times that are out of order.
    pub fn check(
        &self,
        parameter_names: &[String],
        species_names: &[String],
    ) -> Result<(), LaneFailure> {
        let wrong = |what: &str, found: usize, needed: usize| {
            Err(LaneFailure::Shape(what.into(), found, needed))
        };
        // With too few numbers, those of another lane would remain in their place.
        if self.parameters.len() != parameter_names.len() {
            return wrong("parameters", self.parameters.len(), parameter_names.len());
        }
        if self.initial.len() != species_names.len() {
            return wrong("initial values", self.initial.len(), species_names.len());
        }
        let names = parameter_names.iter().chain(species_names);
        for (name, &value) in names.zip(self.parameters.iter().chain(&self.initial)) {
            if !value.is_finite() {
                return Err(LaneFailure::NotFinite(name.clone(), value));
            }
        }
        let events: Vec<f64> = self.events.iter().map(|event| event.time).collect();
        for times in [&self.times, &events] {
            let mut last = 0.0;
            for &t in times {
                if !t.is_finite() || t < last {
                    return Err(LaneFailure::Times(t));
                }
                last = t;
            }
        }
        let watched = self.triggers.iter().map(|t| &t.watch);
        let watched = watched.chain(self.surveys.iter().map(|s| s.of.as_ref()));
        for law in watched {
            if let Some(species) = law.species().last().filter(|s| s.0 >= species_names.len()) {
                return wrong("index of a watched species", species.0, species_names.len());
            }
            if let Some(p) = law.parameters().last().filter(|p| p.0 >= parameter_names.len()) {
                return wrong("index of a watched parameter", p.0, parameter_names.len());
            }
        }
        let ends = self.surveys.iter().flat_map(|s| [(s.from, 0.0), (s.to, s.from)]);
        if let Some((time, _)) = ends.into_iter().find(|(t, least)| !(t >= least && t.is_finite()))
        {
            return Err(LaneFailure::Times(time));
        }
        let changes = self.events.iter().map(|e| e.change);
        for change in changes.chain(self.triggers.iter().map(|t| t.change)) {
            let (species, parameter) = match change {
                Change::Nothing | Change::Record | Change::Stop => (None, None),
                Change::Set(s, _) | Change::Add(s, _) | Change::Multiply(s, _) => (Some(s.0), None),
                Change::SetParameter(p, _) | Change::Infuse { parameter: p, .. } => {
                    (None, Some(p.0))
                }
            };
            if let Some(place) = species.filter(|&s| s >= species_names.len()) {
                return wrong("index of a changed species", place, species_names.len());
            }
            if let Some(place) = parameter.filter(|&p| p >= parameter_names.len()) {
                return wrong("index of a changed parameter", place, parameter_names.len());
            }
            let (name, value) = match change {
                Change::Nothing | Change::Record | Change::Stop => continue,
                Change::Set(s, value) | Change::Add(s, value) | Change::Multiply(s, value) => {
                    (&species_names[s.0], value)
                }
                Change::SetParameter(p, value) => (&parameter_names[p.0], value),
                Change::Infuse { parameter, rate, duration } => {
                    if !(duration >= 0.0 && duration.is_finite()) {
                        return Err(LaneFailure::Duration(duration));
                    }
                    (&parameter_names[parameter.0], rate)
                }
            };
            if !value.is_finite() {
                return Err(LaneFailure::NotFinite(format!("a change of {name}"), value));
            }
        }
        Ok(())
    }
}

impl Tolerance {
    /// Rejects tolerances that no step can meet.
    pub fn check(&self) -> Result<(), LaneFailure> {
        if !(1e-13..=0.1).contains(&self.relative) {
            return Err(LaneFailure::Tolerance(self.relative));
        }
        if !(self.absolute > 0.0 && self.absolute.is_finite()) {
            return Err(LaneFailure::AbsoluteTolerance(self.absolute));
        }
        Ok(())
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { relative: 1e-6, absolute: 1e-9, most_steps: 100_000 }
    }
}

/// States of a lane at its output times, and how much work the solution took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trajectory {
    /// `states[time, species]` in base units.
    pub states: Vec<Vec<f64>>,
    /// `recorded[place, species]`: the state at every [`Change::Record`] and [`Change::Stop`], in
    /// order.
    pub recorded: Vec<Vec<f64>>,
    /// `sensitivities[time][parameter, species]`: derivatives of the states with respect to the
    /// parameters of the program's sensitivities, in base units; empty if the program has none.
    pub sensitivities: Vec<Vec<Vec<f64>>>,
    /// Accepted steps.
    pub steps: usize,
    /// Rejected steps.
    pub rejected: usize,
    /// Evaluations of the right-hand side.
    pub evaluations: usize,
    /// Factorisations of the iteration matrix.
    pub factorisations: usize,
    /// How often values below zero by less than the tolerance were set to zero, which changes the
    /// totals of the network by as much.
    pub set_to_zero: usize,
    /// Every event that required a decision, by its index, and the decision.
    pub decisions: Vec<(usize, Decision)>,
    /// Every trigger that fired, by its index, and its time (min).
    pub crossings: Vec<(usize, f64)>,
    /// Result of every survey.
    pub surveyed: Vec<Surveyed>,
}

/// The outcome of a lane.
pub type Answer = Result<Trajectory, Box<Stopped>>;

/// The results of a lane and, if it was abandoned, the reason.
pub fn found(answer: Answer) -> (Trajectory, Option<LaneFailure>) {
    match answer {
        Ok(found) => (found, None),
        Err(stopped) => (stopped.found, Some(stopped.why)),
    }
}

/// A lane that was abandoned: the reason, and its results until then.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct Stopped {
    /// The reason.
    pub why: LaneFailure,
    /// Results until then.
    pub found: Trajectory,
}

impl From<LaneFailure> for Box<Stopped> {
    fn from(why: LaneFailure) -> Self {
        Box::new(Stopped { why, found: Trajectory::default() })
    }
}

impl From<Box<Stopped>> for LaneFailure {
    fn from(stopped: Box<Stopped>) -> Self {
        stopped.why
    }
}

/// Why a lane has no answer; returned as data, so that the other lanes continue.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LaneFailure {
    /// A parameter or initial value is NaN or infinite.
    #[error("{0} is {1}, which is not a finite number")]
    NotFinite(String, f64),
    /// The step became too small to advance the time.
    #[error("the step fell below {step:.1e} min at {time:.6} min; {species} changes fastest there")]
    StepTooSmall {
        /// Time reached (min).
        time: f64,
        /// Last step tried (min).
        step: f64,
        /// Species with the largest scaled error.
        species: String,
    },
    /// More steps were taken than are allowed.
    #[error(
        "no event or output was reached within {steps} steps; the simulation stopped at {time:.6} min"
    )]
    TooManySteps {
        /// Time that the lane reached (min).
        time: f64,
        /// Steps taken.
        steps: usize,
    },
    /// A lane that was made for another network: the quantity that does not fit, the number or
    /// index given, and the number in the network.
    #[error("{0}: {1} given, but the network has {2}")]
    Shape(String, usize, usize),
    /// Output or event times that are out of order or not finite.
    #[error("times must be finite, in order and not below zero; {0} is out of order")]
    Times(f64),
    /// An infusion whose duration is negative or not finite.
    #[error("the duration of an infusion is {0} min; it must be finite and not below zero")]
    Duration(f64),
    /// A tolerance that no step can meet.
    #[error("a relative tolerance of {0} cannot be met; use 1e-13 to 0.1")]
    Tolerance(f64),
    /// A lane with triggers or surveys, given to the reference integrator.
    #[error(
        "the reference solver supports no triggers or surveys; run this simulation in an ensemble"
    )]
    Triggers,
    /// An event or law that cannot be differentiated.
    #[error("sensitivities cannot be computed for {0}")]
    Sensitivity(String),
    /// An absolute tolerance that is not a positive number.
    #[error("an absolute tolerance of {0} cannot be met; use a positive number")]
    AbsoluteTolerance(f64),
    /// No steady state was found.
    #[error("no steady state was found: {0}")]
    NoSteadyState(String),
    /// The lane belongs to another [shard](crate::shard), which runs it.
    #[error("this simulation belongs to another shard")]
    Elsewhere,
}
