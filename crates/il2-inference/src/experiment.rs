//! The simulations behind tables of measurements: the model's value for each row, and its
//! derivatives.

use crate::no_answer::NoAnswer;
use crate::reading::{Modelled, Place, Reading, When};
use il2_engine::dependence::{Dependence, Readout};
use il2_engine::network::{Network, ParameterId, ParameterValue, SpeciesId};
use il2_engine::program::shared::shared_with;
use il2_engine::{
    Change, Dimension, Ensemble, Event, Expression, Lane, Program, Survey, Tolerance, Trajectory,
};
use std::sync::Arc;

/// One network with its fitted parameters, for a molecule on a cell or a patient under a regimen.
#[derive(Clone, Debug)]
pub struct System {
    network: Network,
    program: Arc<Program>,
    /// The program without sensitivities, which finds the times of extremes.
    plain: Arc<Program>,
    dependence: Dependence,
    by: Vec<ParameterId>,
    follows: Vec<(usize, f64)>,
    /// Readouts, by name.
    pub readouts: Vec<(String, Readout)>,
}

/// One simulation of a system.
#[derive(Clone, Debug)]
pub struct Course {
    /// Index of the system simulated.
    pub system: usize,
    /// Species whose initial value differs from that of the network, and the value.
    pub start: Vec<(SpeciesId, f64)>,
    /// Doses.
    pub events: Vec<Event>,
    /// Output times (min), in order.
    pub times: Vec<f64>,
    /// Intervals in which extremes are read.
    pub stretches: Vec<Stretch>,
}

/// An interval of a course: its readout, by index in the system, and its ends (min).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Index of the readout.
    pub readout: usize,
    /// Start of the interval (min).
    pub from: f64,
    /// End of the interval (min).
    pub to: f64,
}

/// All simulations for an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// Networks.
    pub systems: Vec<System>,
    /// Simulations.
    pub courses: Vec<Course>,
}

impl Course {
    /// Index of an interval in the course, which is added if it is new.
    pub fn stretch(&mut self, stretch: Stretch) -> usize {
        let known = self.stretches.iter().position(|s| *s == stretch);
        known.unwrap_or_else(|| {
            self.stretches.push(stretch);
            self.stretches.len() - 1
        })
    }

    /// Inserts an event in order of time.
    pub fn begin(&mut self, event: Option<Event>) {
        let Some(event) = event else { return };
        let place = self.events.partition_point(|other| other.time <= event.time);
        self.events.insert(place, event);
    }
}

impl System {
    /// A system from a checked network with the given parameters. `fitted` lists the parameters
    /// that follow each fitted number, and the factor between them (as between a clearance per
    /// surface area and that of a patient).
    pub fn new(mut network: Network, fitted: &[(ParameterId, usize, f64)]) -> Self {
        // A derived parameter that is fitted is no longer derived.
        for (id, ..) in fitted {
            let parameter = &mut network.parameters[id.0];
            if let ParameterValue::Derived(_) = parameter.value {
                parameter.value = ParameterValue::Given(f64::NAN);
            }
        }
        let by: Vec<ParameterId> = fitted.iter().map(|f| f.0).collect();
        Self {
            program: shared_with(&network, &by),
            plain: shared_with(&network, &[]),
            dependence: Dependence::new(&network, &by),
            follows: fitted.iter().map(|f| (f.1, f.2)).collect(),
            by,
            network,
            readouts: vec![],
        }
    }

    /// Adds the area under a readout from a time that [`System::area_start`] marks in a course. The
    /// area is an additional species, as precise as the model and with derivatives. Returns the
    /// index of the area among the readouts; none if the network has no such readout.
    pub fn area(&mut self, name: &str, from: f64) -> Option<usize> {
        let area = format!("area under {name} from {from} min");
        if let Some(place) = self.readout(&area) {
            return Some(place);
        }
        let readout = self.readout(name)?;
        let n = &mut self.network;
        let dimension = n.observable_named(name).map(|o| n.observables[o.0].dimension);
        let dimension = dimension.or(n.species_named(name).map(|s| n.species[s.0].dimension))?;
        let species = n.add_species(area.as_str(), dimension * Dimension::TIME);
        n.species[species.0].signed = true;
        n.add_law(
            format!("{area} grows"),
            &[],
            &[species],
            self.readouts[readout].1.value.as_ref().clone(),
        );
        self.program = shared_with(n, &self.by);
        self.plain = shared_with(n, &[]);
        self.dependence = Dependence::new(n, &self.by);
        self.readout(&area)
    }

    /// The event of a course that starts an area of its system at a later time.
    pub fn area_start(&self, place: usize, from: f64) -> Option<Event> {
        let species = self.network.species_named(&self.readouts[place].0)?;
        (from > 0.0).then(|| Event::new(from, Change::Set(species, 0.0)))
    }

    /// Index of a readout of this name, if the network has one.
    pub fn readout(&mut self, name: &str) -> Option<usize> {
        if let Some(place) = self.readouts.iter().position(|(n, _)| n == name) {
            return Some(place);
        }
        let n = &self.network;
        let observable = n.observable_named(name).map(|o| n.observables[o.0].value.clone());
        let value = observable.or_else(|| n.species_named(name).map(Into::into))?;
        self.readouts.push((name.to_string(), Readout::new(value)));
        Some(self.readouts.len() - 1)
    }

    /// Names of the parameters of its network.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.network.parameters.iter().map(|p| p.name.as_str())
    }

    /// Whether anything depends on each parameter, in the same order.
    pub fn read(&self) -> Vec<bool> {
        self.network.read()
    }

    /// The parameters with the fitted numbers inserted.
    fn values(&self, fitted: &[f64]) -> Vec<f64> {
        let of =
            |(id, (place, factor)): (&ParameterId, &(usize, f64))| (*id, fitted[*place] * factor);
        let given: Vec<(ParameterId, f64)> = self.by.iter().zip(&self.follows).map(of).collect();
        self.network.parameter_values(&given)
    }
}

impl Experiment {
    /// The model's values for these rows, or why a simulation failed. Courses that no row uses are
    /// not run. Runs on one thread, because searches and chains run in parallel.
    pub fn run(
        &self,
        fitted: &[f64],
        rows: &[&Reading],
        tolerance: Tolerance,
    ) -> Result<Vec<Modelled>, NoAnswer> {
        let values: Vec<Vec<f64>> = self.systems.iter().map(|s| s.values(fitted)).collect();
        let places = || rows.iter().flat_map(|row| &row.places);
        // The derivative of an extreme does not depend on that of its time. The time is therefore
        // found without derivatives; the value and its derivatives are then read at that time.
        let extremes = places().filter(|p| !matches!(p.when, When::At(_))).map(|p| p.course);
        let surveyed = self.all(
            extremes.collect(),
            tolerance,
            |s| &s.plain,
            |course| Lane {
                surveys: self.surveys(course),
                initial_sensitivities: vec![],
                ..self.lane(course, &values, &[])
            },
        )?;
        let extra: Vec<Vec<f64>> = surveyed.iter().map(looked_at).collect();
        let courses = places().map(|p| p.course).collect();
        let lane = |course: usize| self.lane(course, &values, &extra[course]);
        let found = self.all(courses, tolerance, |s| &s.program, lane)?;
        let moves: Vec<Vec<Vec<f64>>> =
            self.systems.iter().zip(&values).map(|(s, v)| s.dependence.of_parameters(v)).collect();
        let read = |place: &Place| {
            let course = &self.courses[place.course];
            let system = &self.systems[course.system];
            let (times, extra) = (&course.times, &extra[place.course]);
            let t = match place.when {
                When::At(time) => times[time],
                When::Highest(k) => extra[2 * k],
                When::Lowest(k) => extra[2 * k + 1],
            };
            let p = &values[course.system];
            let trajectory = found[place.course].as_ref().expect("every course ran");
            let time = merged(times, extra).partition_point(|other| *other < t);
            let x = &trajectory.states[time];
            let readout = &system.readouts[place.readout].1;
            let mut slopes = vec![0.0; fitted.len()];
            for (j, (&id, &(follows, _))) in system.by.iter().zip(&system.follows).enumerate() {
                let dx = &trajectory.sensitivities[time][j];
                slopes[follows] +=
                    p[id.0] * readout.slope((x, dx), (p, &moves[course.system][j]), t);
            }
            Modelled { value: readout.value(x, p, t), slopes }
        };
        let of =
            |row: &&Reading| row.of(&row.places.iter().map(read).collect::<Vec<_>>(), &tolerance);
        rows.iter().map(of).collect()
    }

    /// Runs the requested courses, each once, with a program of their systems; the results are
    /// indexed by course.
    fn all(
        &self,
        mut left: Vec<usize>,
        tolerance: Tolerance,
        program: impl Fn(&System) -> &Arc<Program>,
        lane: impl Fn(usize) -> Lane,
    ) -> Result<Vec<Option<Trajectory>>, NoAnswer> {
        let mut found: Vec<Option<Trajectory>> = vec![None; self.courses.len()];
        left.sort_unstable();
        left.dedup();
        let of = |course: usize| program(&self.systems[self.courses[course].system]);
        // Systems of the same structure share a program, so that their lanes fill free seats of one
        // group.
        while let Some(&first) = left.first() {
            let same = |c: &usize| Arc::ptr_eq(of(*c), of(first));
            let (now, later): (Vec<usize>, Vec<usize>) = left.iter().partition(|c| same(c));
            let lanes: Vec<Lane> = now.iter().map(|&c| lane(c)).collect();
            let ensemble = Ensemble::new(of(first), tolerance);
            for (&course, answer) in now.iter().zip(ensemble.run_all(&lanes)) {
                found[course] = Some(answer.map_err(|stopped| stopped.why)?);
            }
            left = later;
        }
        Ok(found)
    }

    fn surveys(&self, course: usize) -> Vec<Survey> {
        let course = &self.courses[course];
        let readouts = &self.systems[course.system].readouts;
        let of = |s: &Stretch| -> Arc<Expression> { readouts[s.readout].1.value.clone() };
        let stretches = course.stretches.iter();
        stretches.map(|s| Survey { of: of(s), from: s.from, to: s.to, area: false }).collect()
    }

    fn lane(&self, course: usize, values: &[Vec<f64>], extra: &[f64]) -> Lane {
        let course = &self.courses[course];
        let system = &self.systems[course.system];
        let parameters = values[course.system].clone();
        let mut initial = system.network.initial_state(&parameters);
        let mut initial_sensitivities = system.dependence.of_start(&parameters);
        for (species, value) in &course.start {
            initial[species.0] = *value;
            initial_sensitivities.iter_mut().for_each(|of| of[species.0] = 0.0);
        }
        Lane {
            parameters,
            initial,
            initial_sensitivities,
            events: course.events.clone(),
            times: merged(&course.times, extra),
            ..Lane::default()
        }
    }
}

/// Times of a course and additional times, in order and without duplicates.
fn merged(times: &[f64], extra: &[f64]) -> Vec<f64> {
    let mut all = [times, extra].concat();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// An output at the time of a dose is the state before the dose. This much later (as a fraction of
/// the time, and in min) it is the state after the dose; no tolerance resolves so small a
/// difference.
const JUST_AFTER: (f64, f64) = (1e-12, 1e-9);

/// Output times of a surveyed course: highest and lowest point of each interval in turn.
fn looked_at(surveyed: &Option<Trajectory>) -> Vec<f64> {
    let all = surveyed.iter().flat_map(|found| &found.surveyed);
    let when = |e: il2_engine::lane::Extreme| match e.after {
        true => e.time + e.time * JUST_AFTER.0 + JUST_AFTER.1,
        false => e.time,
    };
    all.flat_map(|s| [when(s.highest), when(s.lowest)]).collect()
}
