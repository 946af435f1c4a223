//! Pharmacokinetic models with one, two and three compartments, with or without absorption, for all
//! kinds of doses.

use crate::patient::dose_events::{AND_AFTER, Inputs, begin, begun, events};
use crate::treatment::schedule::{Cycle, Timed};
use il2_engine::lane::Surveyed;
use il2_engine::linear::Lu;
use il2_engine::{
    Backend, Change, Dimension, Ensemble, Event, Expression, Lane, LaneFailure, Limits, Network,
    ParameterId, Program, SpeciesId, Survey, Tolerance,
};
use std::sync::Arc;

/// The compartments of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// Central.
    One,
    /// Depot, central.
    OneOral,
    /// Central, peripheral.
    Two,
    /// Depot, central, peripheral.
    TwoOral,
    /// Central, two peripheral.
    Three,
    /// Depot, central, two peripheral.
    ThreeOral,
}

/// A parameter of such a model, with the names by which users give it.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Name in a study.
    pub name: &'static str,
    /// Names of its columns in an event table, in capitals.
    pub columns: &'static [&'static str],
    /// Dimension of the parameter.
    pub dimension: Dimension,
    /// Whether it has a default.
    pub optional: bool,
}

impl Named {
    /// Its limits.
    pub fn limits(&self) -> Limits {
        match self.dimension == Dimension::VOLUME {
            true => Limits::Positive,
            false => Limits::NotNegative,
        }
    }
}

const fn needed(
    name: &'static str,
    columns: &'static [&'static str],
    dimension: Dimension,
) -> Named {
    Named { name, columns, dimension, optional: false }
}

const CLEARANCE: Dimension = Dimension { length: 3, time: -1, ..Dimension::DIMENSIONLESS };
const CENTRAL: Named = needed("volume", &["V", "V1", "VC"], Dimension::VOLUME);
/// If the depot is compartment 1, NONMEM's parameter names are numbered accordingly.
const CENTRAL_SECOND: Named = needed("volume", &["V", "V2", "VC"], Dimension::VOLUME);
const CLEARS: Named = needed("clearance", &["CL"], CLEARANCE);
const ABSORBS: Named = needed("absorption_rate", &["KA"], Dimension::RATE);
const EXCHANGES: Named = needed("intercompartmental_clearance", &["Q"], CLEARANCE);
const PERIPHERAL: Named = needed("peripheral_volume", &["V2", "VP"], Dimension::VOLUME);
const PERIPHERAL_THIRD: Named = needed("peripheral_volume", &["V3", "VP"], Dimension::VOLUME);
/// With two peripheral compartments each flow is numbered by its compartment.
const EXCHANGES_SECOND: Named = needed("intercompartmental_clearance", &["Q2", "Q"], CLEARANCE);
const EXCHANGES_THIRD: Named = needed("intercompartmental_clearance", &["Q3", "Q"], CLEARANCE);
const FURTHER: &str = "second_intercompartmental_clearance";
const FURTHER_EXCHANGES: Named = needed(FURTHER, &["Q3"], CLEARANCE);
const FURTHER_EXCHANGES_FOURTH: Named = needed(FURTHER, &["Q4"], CLEARANCE);
const FURTHER_VOLUME: &str = "second_peripheral_volume";
const FURTHER_PERIPHERAL: Named = needed(FURTHER_VOLUME, &["V3"], Dimension::VOLUME);
const FURTHER_PERIPHERAL_FOURTH: Named = needed(FURTHER_VOLUME, &["V4"], Dimension::VOLUME);

impl Structure {
    /// The models by their names in a study.
    pub const ALL: [(&'static str, Structure); 6] = [
        ("one-compartment", Structure::One),
        ("one-compartment-oral", Structure::OneOral),
        ("two-compartment", Structure::Two),
        ("two-compartment-oral", Structure::TwoOral),
        ("three-compartment", Structure::Three),
        ("three-compartment-oral", Structure::ThreeOral),
    ];

    /// Compartments in NONMEM's order.
    pub fn compartments(self) -> &'static [&'static str] {
        match self {
            Structure::One => &["central"],
            Structure::OneOral => &["depot", "central"],
            Structure::Two => &["central", "peripheral"],
            Structure::TwoOral => &["depot", "central", "peripheral"],
            Structure::Three => &["central", "peripheral", "second_peripheral"],
            Structure::ThreeOral => &["depot", "central", "peripheral", "second_peripheral"],
        }
    }

    /// Index of the central compartment, whose concentration is read; doses without a compartment
    /// go to the first compartment.
    pub fn central(self) -> usize {
        usize::from(matches!(self, Structure::OneOral | Structure::TwoOral | Structure::ThreeOral))
    }

    /// The parameters that the model needs.
    pub fn parameters(self) -> &'static [Named] {
        match self {
            Structure::One => &[CLEARS, CENTRAL],
            Structure::OneOral => &[CLEARS, CENTRAL_SECOND, ABSORBS],
            Structure::Two => &[CLEARS, CENTRAL, EXCHANGES, PERIPHERAL],
            Structure::TwoOral => &[CLEARS, CENTRAL_SECOND, ABSORBS, EXCHANGES, PERIPHERAL_THIRD],
            Structure::Three => &[
                CLEARS,
                CENTRAL,
                EXCHANGES_SECOND,
                PERIPHERAL,
                FURTHER_EXCHANGES,
                FURTHER_PERIPHERAL,
            ],
            Structure::ThreeOral => &[
                CLEARS,
                CENTRAL_SECOND,
                ABSORBS,
                EXCHANGES_THIRD,
                PERIPHERAL_THIRD,
                FURTHER_EXCHANGES_FOURTH,
                FURTHER_PERIPHERAL_FOURTH,
            ],
        }
    }

    /// The rate of the terminal phase: the smallest of the rates (/min) at which amounts fall after
    /// the last dose. `values` are the values of [`Structure::parameters`].
    pub fn slowest_rate(self, values: &[f64]) -> f64 {
        let of = |name: &str| {
            let place = self.parameters().iter().position(|p| p.name == name);
            place.map(|place| values[place])
        };
        let [clearance, volume] = ["clearance", "volume"].map(|n| of(n).expect("every model's"));
        let eliminated = clearance / volume;
        let exchange = |flow: &str, own: &str| of(flow).zip(of(own));
        let near = exchange("intercompartmental_clearance", "peripheral_volume");
        let far = exchange(FURTHER, FURTHER_VOLUME);
        let pair = |(flow, own): (f64, f64)| (flow / volume, flow / own);
        let disposed = match (near.map(pair), far.map(pair)) {
            (None, _) => eliminated,
            (Some((out, back)), None) => {
                let sum = eliminated + out + back;
                // The smaller root of x^2 - sum x + eliminated back, computed without subtracting
                // nearly equal numbers.
                2.0 * eliminated * back / (sum + (sum * sum - 4.0 * eliminated * back).sqrt())
            }
            (Some(near), Some(far)) => slowest_of_three(eliminated, near, far),
        };
        of("absorption_rate").map_or(disposed, |absorbed| absorbed.min(disposed))
    }
}

/// The smallest root of x^3 - sum x^2 + pairs x - product, the rates of three compartments (Gibaldi
/// & Perrier 1982, Pharmacokinetics, appendix B). All roots are above zero, and between zero and
/// the smallest root the cubic is increasing and concave, so Newton's steps from zero never pass
/// the root.
fn slowest_of_three(eliminated: f64, near: (f64, f64), far: (f64, f64)) -> f64 {
    let ((out_near, near), (out_far, far)) = (near, far);
    let sum = eliminated + out_near + near + out_far + far;
    let pairs = eliminated * (near + far) + near * far + out_near * far + out_far * near;
    let product = eliminated * near * far;
    let mut x = 0.0;
    for _ in 0..100 {
        let value = ((x - sum) * x + pairs) * x - product;
        let slope = (3.0 * x - 2.0 * sum) * x + pairs;
        let next: f64 = x - value / slope;
        if !next.is_finite() || next <= x {
            break;
        }
        x = next;
    }
    x
}

/// A compartment model that is ready to simulate subjects.
#[derive(Debug)]
pub struct Compartments {
    /// The compartments of the model.
    pub structure: Structure,
    program: Program,
    parameters: Vec<ParameterId>,
    inputs: Vec<ParameterId>,
    concentration: Arc<Expression>,
}

/// Amounts in each compartment, then the amounts eliminated and given since the start or the last
/// reset, in the unit of the doses.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// States at every record of a subject, after the record.
    pub records: Vec<Vec<f64>>,
    /// States at the additional times, before any event at that time.
    pub between: Vec<Vec<f64>>,
    /// The survey of the concentration in each requested interval.
    pub surveyed: Vec<Surveyed>,
    /// Why the simulation ended before the last record, if it did.
    pub failure: Option<LaneFailure>,
}

impl Compartments {
    /// Builds the network; doses are amounts of dimension `amount` (substance, mass or activity).
    pub fn new(structure: Structure, amount: Dimension) -> Self {
        let mut n = Network::default();
        let species: Vec<SpeciesId> =
            structure.compartments().iter().map(|name| n.add_species(*name, amount)).collect();
        let given = structure.parameters();
        // Every simulation sets these numbers.
        let parameters: Vec<ParameterId> =
            given.iter().map(|p| n.add_parameter(p.name, p.dimension, 1.0)).collect();
        // The amounts eliminated and given, which must balance with the amounts present.
        let [gone, given_in_all] = ["eliminated", "given"].map(|name| n.add_species(name, amount));
        let inputs = structure
            .compartments()
            .iter()
            .map(|name| n.add_parameter(format!("input_{name}"), amount / Dimension::TIME, 0.0));
        let inputs: Vec<ParameterId> = inputs.collect();
        for (&input, &into) in inputs.iter().zip(&species) {
            let name = format!("into_{}", n.species[into.0].name);
            n.add_law(name, &[], &[into, given_in_all], input.into());
        }
        let of = |name: &str| {
            let place = given.iter().position(|p| p.name == name).expect("a number of the model");
            Expression::from(parameters[place])
        };
        let central = species[structure.central()];
        let volume = of("volume");
        let concentration = Arc::new(Expression::from(central) / volume.clone());
        n.add_reaction("clear", &[central], &[gone], of("clearance") / volume.clone());
        if structure.central() == 1 {
            n.add_reaction("absorb", &[species[0]], &[central], of("absorption_rate"));
        }
        let peripheral = [
            ("leave", "return", "intercompartmental_clearance", "peripheral_volume"),
            ("leave_further", "return_further", FURTHER, FURTHER_VOLUME),
        ];
        for (&into, (leave, back, flow, own)) in
            species[structure.central() + 1..].iter().zip(peripheral)
        {
            n.add_reaction(leave, &[central], &[into], of(flow) / volume.clone());
            n.add_reaction(back, &[into], &[central], of(flow) / of(own));
        }
        n.check().expect("our own network");
        let followed = std::slice::from_ref(&concentration);
        let program = Program::following(&n, followed, Backend::Fastest);
        Self { structure, program, parameters, inputs, concentration }
    }

    /// Simulates one subject.
    ///
    /// `dose_events` come from [`crate::treatment::schedule::schedule`]; `values[record]` are the
    /// numbers of [`Structure::parameters`] that apply up to that record, in base units. `between`
    /// are additional output times (min since the first record); `stretches` are the time intervals
    /// in which the extremes of the concentration are requested, and for the first interval also
    /// the area.
    pub fn run(
        &self,
        dose_events: &[Timed],
        values: &[Vec<f64>],
        (between, stretches): (&[f64], &[(f64, f64)]),
        tolerance: Tolerance,
    ) -> Found {
        let mut lane = match self.dosed(dose_events, values, between, tolerance) {
            Ok(Some(lane)) => lane,
            Ok(None) => return Found::default(),
            Err(why) => return Found { failure: Some(why), ..Found::default() },
        };
        if let Some(&end) = lane.times.last() {
            let survey = |(i, &(from, to)): (usize, &(f64, f64))| {
                let to = to.min(end + AND_AFTER);
                Survey { of: self.concentration.clone(), from: from.min(to), to, area: i == 0 }
            };
            lane.surveys = stretches.iter().enumerate().map(survey).collect();
        }
        let (found, failure) = match self.ensemble(tolerance).run_all(&[lane]).remove(0) {
            Ok(mut found) => {
                found.states.pop();
                (found, None)
            }
            Err(stopped) => (stopped.found, Some(stopped.why)),
        };
        let (records, between) = (found.recorded, found.states);
        Found { records, between, surveyed: found.surveyed, failure }
    }

    /// The simulation of a subject; none for a subject without records.
    fn dosed(
        &self,
        dose_events: &[Timed],
        values: &[Vec<f64>],
        between: &[f64],
        tolerance: Tolerance,
    ) -> Result<Option<Lane>, LaneFailure> {
        let Some(first) = values.first() else { return Ok(None) };
        let mut lane = self.lane(first);
        let size = self.program.size();
        let species: Vec<SpeciesId> = (0..self.inputs.len()).map(SpeciesId).collect();
        let inputs = Inputs {
            compartments: &species,
            inputs: &self.inputs,
            given: Some(SpeciesId(size - 1)),
        };
        let numbers = |record: usize| {
            let pairs = values[record - 1].iter().zip(&values[record]).zip(&self.parameters);
            let changed = pairs.filter(|((before, now), _)| before != now);
            changed.map(|((_, &now), &p)| Change::SetParameter(p, now)).collect()
        };
        let mut saturated = |cycle: &Cycle| {
            // Earlier doses are not counted; the amount now present counts as given.
            let mut state = self.saturated(cycle, &values[cycle.record], tolerance)?;
            state.extend([0.0, state.iter().sum()]);
            Ok::<_, LaneFailure>(state)
        };
        let (first, rest) = begun(dose_events);
        let mut of =
            |some: &[Timed]| events(some, &inputs, numbers, |_| vec![0.0; size], &mut saturated);
        begin(of(first)?, &mut lane.initial);
        lane.events = of(rest)?;
        let end = dose_events.last().map_or(0.0, |last| last.time);
        lane.times = between.iter().copied().filter(|t| *t <= end).chain([end]).collect();
        Ok(Some(lane))
    }

    fn ensemble(&self, tolerance: Tolerance) -> Ensemble<'_> {
        Ensemble::new(&self.program, tolerance)
    }

    fn lane(&self, values: &[f64]) -> Lane {
        let mut parameters = vec![0.0; self.program.parameter_names.len()];
        for (p, &value) in self.parameters.iter().zip(values) {
            parameters[p.0] = value;
        }
        Lane { parameters, initial: vec![0.0; self.program.size()], ..Lane::default() }
    }

    /// The steady state under repeated doses. The model is linear, so a cycle maps a state to `M
    /// state + b`. Simulations from the empty state and from each compartment alone give M and b,
    /// from which the steady state follows directly.
    fn saturated(
        &self,
        cycle: &Cycle,
        values: &[f64],
        tolerance: Tolerance,
    ) -> Result<Vec<f64>, LaneFailure> {
        let (n, size) = (self.inputs.len(), self.program.size());
        let fine = Tolerance { relative: tolerance.relative.min(1e-9), ..tolerance };
        let input = self.inputs[cycle.compartment];
        let mut template = self.lane(values);
        template.parameters[input.0] = cycle.steady_rate;
        let given = Change::Add(SpeciesId(cycle.compartment), cycle.amount);
        let flows = Change::Infuse { parameter: input, rate: cycle.rate, duration: cycle.duration };
        let fed = |initial: Vec<f64>, time: f64| Lane {
            initial,
            events: vec![Event::new(0.0, given), Event::new(0.0, flows)],
            times: vec![time],
            ..template.clone()
        };
        // The decay of an amount alone in a compartment is proportional to the amount.
        let scale = cycle.amount + (cycle.steady_rate + cycle.rate) * cycle.interval;
        let mut lanes = vec![fed(vec![0.0; size], cycle.interval)];
        for s in 0..n {
            let mut alone = self.lane(values);
            alone.initial[s] = scale;
            alone.times = vec![cycle.interval];
            lanes.push(alone);
        }
        let mut ends = vec![];
        for found in self.ensemble(fine).run_all(&lanes) {
            ends.push(found?.states.swap_remove(0));
        }
        let matrix: Vec<f64> = (0..n * n)
            .map(|k| f64::from(u8::from(k / n == k % n)) - ends[1 + k % n][k / n] / scale)
            .collect();
        let endless = || {
            let why = "repeated doses accumulate without limit: elimination is absent or far too \
                       slow";
            LaneFailure::NoSteadyState(why.into())
        };
        let mut state = Lu::new(n, matrix).ok_or_else(endless)?.solve(&ends[0][..n]);
        if state.iter().any(|x| !x.is_finite() || *x < -1e-6 * scale) {
            return Err(endless());
        }
        state.iter_mut().for_each(|x| *x = x.max(0.0));
        if cycle.phase == 0.0 {
            state[cycle.compartment] += cycle.amount;
            return Ok(state);
        }
        state.resize(size, 0.0);
        let found = self.ensemble(fine).run_all(&[fed(state, cycle.phase)]).remove(0)?;
        let mut state = found.states.into_iter().next_back().expect("one time");
        state.truncate(n);
        Ok(state)
    }
}
