//! Runs a sensitivity analysis: every set of numbers at every dose, and computes the indices from
//! the results.

use crate::sensitivity::local::{Slopes, slopes};
use crate::sensitivity::plan::{Method, Output, Plan};
use crate::vary::OnCell;
use il2::culture::{Well, lane};
use il2_answer::answer::status;
use il2_engine::ensemble::Reduced;
use il2_engine::program::shared::shared;
use il2_engine::{Ensemble, Lane, ParameterId, math};
use il2_inference::curve::{HalfMaximal, read_curve};
use il2_inference::morris::{self, Effect};
use il2_inference::no_answer::NoAnswer;
use il2_inference::sobol::{self, Indices};
use il2_study::study::Study;
use std::ops::ControlFlow;

/// The result of a sensitivity analysis.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Sensitivities by time.
    pub found: Vec<Sensitivities>,
    /// Results of the sets of numbers, `[point][time]` in base units, or why there are none; empty
    /// for derivatives.
    pub results: Vec<Vec<Result<f64, NoAnswer>>>,
    /// Number of simulations that failed.
    pub failed: usize,
}

/// Sensitivities of the result at one time.
#[derive(Clone, Debug)]
pub enum Sensitivities {
    /// Derivatives.
    Local(Result<Slopes, NoAnswer>),
    /// Elementary effects, by number.
    Morris(Vec<Effect>),
    /// Fractions of the variance (Sobol indices).
    Sobol(Indices),
}

/// Runs every set of numbers; `progress` is called with the number of finished wells.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    if let Method::Local = plan.method {
        let found = slopes(study, plan).into_iter().map(Sensitivities::Local).collect();
        progress(plan.lanes());
        return Answer { found, ..Answer::default() };
    }
    let responses: Vec<_> = plan
        .cells
        .iter()
        .enumerate()
        .map(|(c, cell)| on_cell(study, plan, c, cell, progress))
        .collect();
    let wells = plan.doses.len();
    let times = 0..plan.times.len();
    let point = |point: usize| -> Vec<Result<f64, NoAnswer>> {
        let own: Vec<&[Response]> =
            responses.iter().map(|all| &all[point * wells..(point + 1) * wells]).collect();
        times.clone().map(|time| result(study, plan, &own, time)).collect()
    };
    let results: Vec<Vec<_>> = (0..plan.points()).map(point).collect();
    let found = times.clone().map(|time| found(plan, &results, time)).collect();
    let failed = responses.iter().flatten().filter(|response| response.is_err()).count();
    Answer { found, results, failed }
}

/// The readout of a well at every time, or why it was not solved.
type Response = Result<Vec<f64>, NoAnswer>;

/// Simulates every well of every set of numbers on a cell in one ensemble.
fn on_cell(
    study: &Study,
    plan: &Plan,
    place: usize,
    cell: &OnCell,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Response> {
    let (model, _) = cell.prepared.network().expect("checked in the plan");
    let set = cell.prepared.setup.overrides(model).expect("checked in the plan");
    let evenly = matches!(plan.method, Method::Morris(_));
    let wells = plan.doses.len();
    let values = |index: usize| {
        let point = plan.point(index / wells);
        let varied = plan.varied.iter().zip(point);
        let own = varied.filter_map(|(number, part)| {
            number.sets[place].map(|(id, _)| (id, number.at(part, evenly)))
        });
        let given: Vec<(ParameterId, f64)> = set.iter().copied().chain(own).collect();
        model.network.parameter_values(&given)
    };
    let well = |index: usize| Well {
        doses: vec![(plan.ligand.clone(), plan.doses[index % wells])],
        times: plan.times.clone(),
        ..Well::default()
    };
    let make = |index: usize| -> Lane { lane(model, &values(index), &well(index)) };
    let species = model.network.species.len();
    let readout = cell.prepared.readout(&plan.readout).expect("checked in the plan");
    let reduce = |index: usize, answer: il2_engine::ensemble::Answer| {
        let (found, failure) = il2_engine::lane::found(answer);
        if let Some(why) = failure {
            return Reduced::small(Err(NoAnswer::Lane(why)));
        }
        let values = values(index);
        let of = |(state, time): (&Vec<f64>, &f64)| match readout.checked_sub(species) {
            None => state[readout],
            Some(place) => model.network.observables[place].value.value(state, &values, *time),
        };
        Reduced::small(Ok(found.states.iter().zip(&plan.times).map(of).collect()))
    };
    let program = shared(&model.network);
    let ensemble = Ensemble { threads: study.threads, ..Ensemble::new(&program, study.tolerance) };
    let mut all: Vec<Response> = Vec::with_capacity(plan.points() * wells);
    let _ = ensemble.run(0..plan.points() * wells, make, reduce, |_, response| {
        all.push(response);
        if all.len().is_multiple_of(wells) {
            progress(wells);
        }
        ControlFlow::Continue(())
    });
    all
}

/// The result of a set of numbers at a time, from its wells on each cell.
fn result(study: &Study, plan: &Plan, cells: &[&[Response]], time: usize) -> Result<f64, NoAnswer> {
    let mut of_cells = vec![];
    for wells in cells {
        let mut values = vec![];
        for response in *wells {
            values.push(response.as_ref().map_err(Clone::clone)?[time]);
        }
        of_cells.push(match plan.asked {
            Output::Response => values[0],
            Output::Ec50 | Output::Selectivity => {
                match read_curve(&plan.doses[1..], &values[1..], values[0], &study.tolerance).ec50 {
                    HalfMaximal::At(dose) => dose,
                    HalfMaximal::Below(dose) => return Err(NoAnswer::BelowDoses(dose)),
                    HalfMaximal::Above(dose) => return Err(NoAnswer::AboveDoses(dose)),
                    HalfMaximal::Flat => return Err(NoAnswer::Flat),
                    HalfMaximal::Unknown => return Err(NoAnswer::NoEc50),
                }
            }
        });
    }
    match of_cells[..] {
        [first, second] => Ok(second / first),
        _ => Ok(of_cells[0]),
    }
}

/// The sensitivities at one time, from the results of all sets of numbers.
fn found(plan: &Plan, results: &[Vec<Result<f64, NoAnswer>>], time: usize) -> Sensitivities {
    let scaled = |value: f64| if plan.logarithm() { math::log10(value) } else { value };
    let value =
        |of: &Vec<Result<f64, NoAnswer>>| of[time].as_ref().map_or(f64::NAN, |v| scaled(*v));
    let values: Vec<f64> = results.iter().map(value).collect();
    match &plan.method {
        Method::Morris(design) => {
            Sensitivities::Morris(morris::effects(design, &values, plan.level))
        }
        Method::Sobol(design) => Sensitivities::Sobol(sobol::indices(design, &values, plan.level)),
        Method::Local => unreachable!("derivatives have no sets of numbers"),
    }
}

impl Answer {
    /// Number of sets without a result at a time, and the reason for the first.
    pub fn without(&self, time: usize) -> (usize, String) {
        let all = self.results.iter().filter_map(|of| of[time].as_ref().err());
        let mut all = all.peekable();
        let first = all.peek().map(|why| why.to_string()).unwrap_or_default();
        (all.count(), first)
    }

    /// `ok`, or why a set of numbers has no result at a time.
    pub fn status(&self, point: usize, time: usize) -> String {
        status(self.results[point][time].as_ref().err())
    }
}
