//! The simulations of candidates: their numbers, their wells as members of one ensemble, and the
//! results that are kept.

use crate::design::molecule::Given;
use crate::design::objective::{Objective, Of};
use crate::design::plan::{Candidate, Plan};
use il2::culture::{Well, lane};
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::lane::Survey;
use il2_engine::program::shared::shared;
use il2_engine::{Ensemble, Expression, Lane, ParameterId, Program, SpeciesId, shard};
use il2_inference::no_answer::NoAnswer;
use il2_study::study::Study;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

/// A candidate to be simulated, with the numbers of the study or of a draw.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub candidate: &'a Candidate,
    pub draw: Option<usize>,
}

/// Results of a well: every readout at every time, then the means up to each time.
pub(super) type Response = Result<Vec<f64>, NoAnswer>;

/// A job on one cell of one donor.
pub(super) struct Item {
    pub job: usize,
    pub cell: usize,
    pub person: usize,
    pub values: Vec<f64>,
}

/// Simulates candidates.
pub(super) struct Simulator<'a> {
    pub study: &'a Study,
    pub plan: &'a Plan,
    /// Numbers replaced in each draw.
    pub draws: &'a [Given],
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Number of failed simulations of candidates and of draws, and the reason for the first.
    pub failed: &'a [Mutex<(usize, String)>; 2],
}

impl Simulator<'_> {
    fn place(&self, job: &Job, cell: usize) -> usize {
        job.candidate.molecule * self.plan.cells.len() + cell
    }

    /// Values of the parameters of the network of a job on a cell of a donor.
    pub fn values(&self, job: &Job, cell: usize, person: usize) -> Vec<f64> {
        let (plan, place) = (self.plan, self.place(job, cell));
        let prepared = &plan.on[place].prepared;
        let (model, _) = prepared.network().expect("checked in the plan");
        let mut given: Vec<(ParameterId, f64)> =
            job.draw.map_or(vec![], |draw| self.draws[draw][place].clone());
        let set = prepared.parameters.iter().enumerate().filter(|(_, p)| p.overridden);
        given.extend(set.map(|(i, p)| (ParameterId(i), p.value)));
        if let Some(donor) = person.checked_sub(1) {
            given.extend(&plan.donors[donor][place]);
        }
        for (number, value) in plan.varied.iter().zip(&job.candidate.numbers) {
            given.extend(number.sets[place].map(|(id, _)| (id, *value)));
        }
        model.network.parameter_values(&given)
    }

    /// Results of the requested wells, each an item at a dose, in order. Molecules and cells whose
    /// networks have the same structure run together.
    pub fn responses(&self, jobs: &[Job], items: &[Item], asked: &[(usize, f64)]) -> Vec<Response> {
        let program = |on: &crate::vary::OnCell| {
            shared(&on.prepared.network().expect("checked in the plan").0.network)
        };
        let own: Vec<Arc<Program>> = self.plan.on.iter().map(program).collect();
        let mut programs: Vec<(&Arc<Program>, Vec<usize>)> = vec![];
        for (place, (item, _)) in asked.iter().enumerate() {
            let item = &items[*item];
            let program = &own[self.place(&jobs[item.job], item.cell)];
            match programs.iter_mut().find(|(known, _)| Arc::ptr_eq(known, program)) {
                Some((_, lanes)) => lanes.push(place),
                None => programs.push((program, vec![place])),
            }
        }
        let mut all: Vec<Response> = vec![Err(NoAnswer::NoEc50); asked.len()];
        for (program, lanes) in &programs {
            let make = |lane: usize| {
                let (item, dose) = asked[lanes[lane]];
                self.lane(&jobs[items[item].job], &items[item], dose)
            };
            let reduce = |lane: usize, answer: Answer| {
                let item = &items[asked[lanes[lane]].0];
                Reduced::small(self.reduced(&jobs[item.job], item, answer))
            };
            let (threads, tolerance) = (self.study.threads, self.study.tolerance);
            let ensemble = Ensemble { threads, ..Ensemble::new(program, tolerance) };
            let _ = ensemble.run(0..lanes.len(), make, reduce, |lane, response| {
                all[lanes[lane]] = response;
                ControlFlow::Continue(())
            });
            (self.progress)(lanes.len());
        }
        // The next candidates depend on these results.
        shard::settled();
        for ((item, _), response) in asked.iter().zip(&all) {
            let Err(why) = response else { continue };
            let draws = usize::from(jobs[items[*item].job].draw.is_some());
            let mut failed =
                self.failed[draws].lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            if failed.0 == 0 {
                failed.1 = why.to_string();
            }
            failed.0 += 1;
        }
        all
    }

    fn lane(&self, job: &Job, item: &Item, dose: f64) -> Lane {
        let plan = self.plan;
        let (model, _) =
            plan.on[self.place(job, item.cell)].prepared.network().expect("checked in the plan");
        let name = plan.names[job.candidate.molecule].clone();
        let doses = vec![(name, dose)];
        let well = plan.medium.well(Well { doses, times: plan.times.clone(), ..Well::default() });
        let surveys = self.means().map(|o| Survey {
            of: Arc::new(self.law(job, item, o.readout)),
            from: well.lead(),
            to: well.lead() + plan.times[o.time],
            area: true,
        });
        Lane { surveys: surveys.collect(), ..lane(model, &item.values, &well) }
    }

    /// Objectives for which the area under the readout is integrated during the simulation.
    pub fn means(&self) -> impl Iterator<Item = &Objective> {
        self.plan.objectives.iter().filter(|o| o.of == Of::MeanResponse)
    }

    fn law(&self, job: &Job, item: &Item, readout: usize) -> Expression {
        let prepared = &self.plan.on[self.place(job, item.cell)].prepared;
        let (model, _) = prepared.network().expect("checked in the plan");
        let place = prepared.readout(&self.plan.readouts[readout]).expect("checked in the plan");
        match place.checked_sub(model.network.species.len()) {
            None => Expression::Species(SpeciesId(place)),
            Some(place) => model.network.observables[place].value.clone(),
        }
    }

    fn reduced(&self, job: &Job, item: &Item, answer: Answer) -> Response {
        let plan = self.plan;
        let (found, failure) = il2_engine::lane::found(answer);
        if let Some(why) = failure {
            return Err(NoAnswer::Lane(why));
        }
        let mut seen = vec![];
        for readout in 0..plan.readouts.len() {
            let law = self.law(job, item, readout);
            let states = found.states.iter().zip(&plan.times);
            seen.extend(states.map(|(state, time)| law.value(state, &item.values, *time)));
        }
        let areas = found.surveyed.iter().zip(self.means());
        seen.extend(areas.map(|(found, o)| found.area / plan.times[o.time]));
        Ok(seen)
    }
}
