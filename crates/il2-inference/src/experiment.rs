//! The lanes behind tables of measurements: what the model gives for each row, and its slopes.

use crate::no_answer::NoAnswer;
use crate::reading::{Modelled, Place, Reading, When};
use il2_engine::dependence::{Dependence, Readout};
use il2_engine::network::{Network, ParameterId, ParameterValue, SpeciesId};
use il2_engine::program::shared::shared_with;
use il2_engine::{
    Change, Dimension, Ensemble, Event, Expression, Lane, Program, Survey, Tolerance, Trajectory,
};
use std::sync::Arc;

/// One network with what is fitted in it: a molecule on a cell, or a patient under a regimen.
#[derive(Clone, Debug)]
pub struct System {
    network: Network,
    program: Arc<Program>,
    /// Without sensitivities: finds where extremes stand.
    plain: Arc<Program>,
    dependence: Dependence,
    by: Vec<ParameterId>,
    follows: Vec<(usize, f64)>,
    /// What is read off, by name.
    pub readouts: Vec<(String, Readout)>,
}

/// One lane of a system.
#[derive(Clone, Debug)]
pub struct Course {
    /// Place of its system.
    pub system: usize,
    /// Species that do not start as the network says, and as what.
    pub start: Vec<(SpeciesId, f64)>,
    /// Doses.
    pub events: Vec<Event>,
    /// When it is read (min), in order.
    pub times: Vec<f64>,
    /// Stretches whose extremes are read.
    pub stretches: Vec<Stretch>,
}

/// A stretch of a course: its readout, as a place among those of the system, and its ends (min).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// What is followed.
    pub readout: usize,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// Everything that runs in an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// Networks.
    pub systems: Vec<System>,
    /// Lanes.
    pub courses: Vec<Course>,
}

impl Course {
    /// Place of a stretch among those of the course.
    pub fn stretch(&mut self, stretch: Stretch) -> usize {
        let known = self.stretches.iter().position(|s| *s == stretch);
        known.unwrap_or_else(|| {
            self.stretches.push(stretch);
            self.stretches.len() - 1
        })
    }

    /// Adds an event in its place among the others.
    pub fn begin(&mut self, event: Option<Event>) {
        let Some(event) = event else { return };
        let place = self.events.partition_point(|other| other.time <= event.time);
        self.events.insert(place, event);
    }
}

impl System {
    /// A system of a checked network whose given parameters hold. `fitted` says which parameter
    /// follows which of the fitted numbers, and by what factor (a clearance per surface and that
    /// of a patient).
    pub fn new(mut network: Network, fitted: &[(ParameterId, usize, f64)]) -> Self {
        // A derived parameter that is fitted is derived no longer.
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

    /// Adds the area under a readout, from a time on that [`System::area_start`] marks in a course: a
    /// species beside the model, as exact as the model and with slopes. The place of the area among the
    /// readouts; none where the network has no such readout.
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

    /// What a course has to do for the areas of its system that begin later than it.
    pub fn area_start(&self, place: usize, from: f64) -> Option<Event> {
        let species = self.network.species_named(&self.readouts[place].0)?;
        (from > 0.0).then(|| Event::new(from, Change::Set(species, 0.0)))
    }

    /// Place of a readout of this name; none where the network has none.
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

    /// Whether anything depends on each of them, in the same order.
    pub fn read(&self) -> Vec<bool> {
        self.network.read()
    }

    /// The parameters with the fitted numbers put in.
    fn values(&self, fitted: &[f64]) -> Vec<f64> {
        let of =
            |(id, (place, factor)): (&ParameterId, &(usize, f64))| (*id, fitted[*place] * factor);
        let given: Vec<(ParameterId, f64)> = self.by.iter().zip(&self.follows).map(of).collect();
        self.network.parameter_values(&given)
    }
}

impl Experiment {
    /// What the model gives for rows that are read so, or why a lane gave nothing. Courses that no row
    /// asks for are not run. On one thread: searches and chains run side by side.
    pub fn run(
        &self,
        fitted: &[f64],
        rows: &[&Reading],
        tolerance: Tolerance,
    ) -> Result<Vec<Modelled>, NoAnswer> {
        let values: Vec<Vec<f64>> = self.systems.iter().map(|s| s.values(fitted)).collect();
        let places = || rows.iter().flat_map(|row| &row.places);
        // Where an extreme stands moves nothing of its height, so that it can be looked for without
        // slopes; the height and its slopes are then read there.
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
            let time = together(times, extra).partition_point(|other| *other < t);
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

    /// Runs courses that are asked for, each once, with a program of their systems; by course.
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
        // Systems of one shape share a program, whose lanes then fill each other's gaps.
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
            times: together(&course.times, extra),
            ..Lane::default()
        }
    }
}

/// Times of a course and further ones, in order, each once.
fn together(times: &[f64], extra: &[f64]) -> Vec<f64> {
    let mut all = [times, extra].concat();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// An output at the time of a dose shows what was before it; so long after (as part of the time, and
/// min) it shows what is then: less than any tolerance resolves.
const JUST_AFTER: (f64, f64) = (1e-12, 1e-9);

/// When to look at a course that was surveyed: highest and lowest of each stretch in turn.
fn looked_at(surveyed: &Option<Trajectory>) -> Vec<f64> {
    let all = surveyed.iter().flat_map(|found| &found.surveyed);
    let when = |e: il2_engine::lane::Extreme| match e.after {
        true => e.time + e.time * JUST_AFTER.0 + JUST_AFTER.1,
        false => e.time,
    };
    all.flat_map(|s| [when(s.highest), when(s.lowest)]).collect()
}
