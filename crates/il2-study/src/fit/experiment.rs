//! The lanes behind tables of measurements: what the model gives for each row, and its slopes.

use super::reading::Reading;
use il2_engine::dependence::{Dependence, Readout};
use il2_engine::network::{Network, ParameterId, ParameterValue, SpeciesId};
use il2_engine::program::shared::shared_with;
use il2_engine::{Ensemble, Event, Lane, Program, Tolerance};
use std::sync::Arc;

/// One network with what is fitted in it: a molecule on a cell, or a patient under a regimen.
#[derive(Clone, Debug)]
pub struct System {
    network: Network,
    program: Arc<Program>,
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
}

/// Where a row of a table is read: course, place of its time, readout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Place of its course.
    pub course: usize,
    /// Place of its time among those of the course.
    pub time: usize,
    /// Place of its readout among those of the system.
    pub readout: usize,
}

/// What the model gives for a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Modelled {
    /// Base units.
    pub value: f64,
    /// Its derivatives by the logarithm of each fitted number.
    pub slopes: Vec<f64>,
}

/// Everything that runs in an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// Networks.
    pub systems: Vec<System>,
    /// Lanes.
    pub courses: Vec<Course>,
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
            dependence: Dependence::new(&network, &by),
            follows: fitted.iter().map(|f| (f.1, f.2)).collect(),
            by,
            network,
            readouts: vec![],
        }
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
    ) -> Result<Vec<Modelled>, String> {
        let values: Vec<Vec<f64>> = self.systems.iter().map(|s| s.values(fitted)).collect();
        let mut found: Vec<Option<il2_engine::Trajectory>> = vec![None; self.courses.len()];
        let places = rows.iter().flat_map(|row| &row.places);
        let mut left: Vec<usize> = places.map(|p| p.course).collect();
        left.sort_unstable();
        left.dedup();
        // Systems of one shape share a program, whose lanes then fill each other's gaps.
        while let Some(&first) = left.first() {
            let program = &self.systems[self.courses[first].system].program;
            let same =
                |c: &usize| Arc::ptr_eq(&self.systems[self.courses[*c].system].program, program);
            let (now, later): (Vec<usize>, Vec<usize>) = left.iter().partition(|c| same(c));
            let lanes: Vec<Lane> = now.iter().map(|&c| self.lane(c, &values)).collect();
            let ensemble = Ensemble::new(program, tolerance);
            for (&course, answer) in now.iter().zip(ensemble.run_all(&lanes)) {
                found[course] = Some(answer.map_err(|e| e.to_string())?);
            }
            left = later;
        }
        let moves: Vec<Vec<Vec<f64>>> =
            self.systems.iter().zip(&values).map(|(s, v)| s.dependence.of_parameters(v)).collect();
        let read = |place: &Place| {
            let course = &self.courses[place.course];
            let system = &self.systems[course.system];
            let (p, t) = (&values[course.system], course.times[place.time]);
            let trajectory = found[place.course].as_ref().expect("every course ran");
            let x = &trajectory.states[place.time];
            let readout = &system.readouts[place.readout].1;
            let mut slopes = vec![0.0; fitted.len()];
            for (j, (&id, &(follows, _))) in system.by.iter().zip(&system.follows).enumerate() {
                let dx = &trajectory.sensitivities[place.time][j];
                slopes[follows] +=
                    p[id.0] * readout.slope((x, dx), (p, &moves[course.system][j]), t);
            }
            Modelled { value: readout.value(x, p, t), slopes }
        };
        let of = |row: &&Reading| row.of(&row.places.iter().map(read).collect::<Vec<_>>());
        rows.iter().map(of).collect()
    }

    fn lane(&self, course: usize, values: &[Vec<f64>]) -> Lane {
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
            times: course.times.clone(),
            ..Lane::default()
        }
    }
}
