//! Runs a search: candidates generation by generation, then a closer examination of the Pareto
//! front.

use crate::design::evaluate::{Evaluator, Results, finer};
use crate::design::molecule;
use crate::design::objective::{Objective, Of};
use crate::design::plan::{Candidate, Form, Plan};
use crate::design::simulate::{Job, Simulator};
use il2_answer::sentence::Spread;
use il2_engine::math;
use il2_inference::no_answer::NoAnswer;
use il2_inference::nsga2;
use il2_inference::statistics::central_interval;
use il2_study::study::Study;
use std::sync::Mutex;

/// Step of a finite difference, on the logarithm of a number: small enough for the curvature of results, large
/// compared with the errors of the solver.
const STEP: f64 = 0.02;
/// Number of doses added between two doses of a curve for the check of EC50s.
const FINER: usize = 4;

/// A molecule with its results, their intervals and slopes.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The molecule.
    pub candidate: Candidate,
    /// By objective: the result in base units.
    pub results: Results,
    /// By objective: the result with its interval over the draws.
    pub spread: Vec<Spread>,
    /// By objective: number of draws with a result.
    pub solved: Vec<usize>,
    /// By objective: the result of each draw; NaN if there is none.
    pub drawn: Vec<Vec<f64>>,
    /// By objective and number (with the dose last if it is chosen): d ln result / d ln number.
    pub slopes: Vec<Vec<f64>>,
    /// Whether the molecule keeps all limits.
    pub allowed: bool,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Every candidate in the order in which it was tried, its results, and its violation of
    /// limits.
    pub tried: Vec<(Candidate, Results, f64)>,
    /// Number of candidates on the Pareto front.
    pub front: usize,
    /// Designs on the front that are shown, ordered by the first objective with a goal, the best
    /// first.
    pub designs: Vec<Evaluated>,
    /// Known molecules.
    pub known: Vec<Evaluated>,
    /// Largest relative change of a result on the front when many more doses are used.
    pub finer: f64,
    /// Number of failed simulations of candidates and of draws, and the reason for the first.
    pub failed: [(usize, String); 2],
}

/// Runs a search; `progress` is called with the number of finished wells.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let failed = [(); 2].map(|()| Mutex::new((0, String::new())));
    let draws = molecule::draws(study, &plan.on, &plan.posterior, plan.draws);
    let evaluator = |doses: Vec<f64>| Evaluator {
        simulator: Simulator { study, plan, draws: &draws, progress, failed: &failed },
        wells: (0..plan.cells.len()).map(|cell| plan.wells(cell, doses.len())).collect(),
        doses,
    };
    let usual = evaluator(plan.doses.clone());
    let mut all: Vec<(Candidate, Results, f64)> = vec![];
    let tried = plan.search.run(std::slice::from_ref(&plan.start), |generation| {
        let candidates: Vec<Candidate> =
            generation.iter().map(|genes| Candidate::of_genes(plan, genes)).collect();
        let results = usual.results(&jobs(&candidates, None));
        let worths = results.iter().map(|results| usual.worth(results)).collect::<Vec<_>>();
        let tried = candidates.into_iter().zip(results).zip(&worths);
        all.extend(
            tried.map(|((candidate, results), worth)| (candidate, results, worth.violation)),
        );
        worths
    });
    let front = nsga2::front(&tried);
    let shown = nsga2::thinned(&tried, front.clone(), plan.designs);
    let chosen: Vec<Candidate> = shown.iter().map(|i| all[*i].0.clone()).collect();
    let known: Vec<Candidate> = plan.known().map(|place| Candidate::known(plan, place)).collect();
    let own: Vec<Results> = shown.iter().map(|i| all[*i].1.clone()).collect();
    let fine = evaluator(finer(&plan.doses, FINER)).results(&jobs(&chosen, None));
    let designs = looked_at(&usual, &chosen, own.clone(), true);
    let of_known = usual.results(&jobs(&known, None));
    let known = looked_at(&usual, &known, of_known, false);
    Answer {
        tried: all,
        front: front.len(),
        designs,
        known,
        finer: apart(&own, &fine),
        failed: failed.map(|found| found.into_inner().unwrap_or_else(|p| p.into_inner())),
    }
}

fn jobs(candidates: &[Candidate], draw: Option<usize>) -> Vec<Job<'_>> {
    candidates.iter().map(|candidate| Job { candidate, draw }).collect()
}

/// Computes intervals and, for designs, slopes.
fn looked_at(
    evaluator: &Evaluator,
    candidates: &[Candidate],
    results: Vec<Results>,
    slopes: bool,
) -> Vec<Evaluated> {
    let plan = evaluator.simulator.plan;
    let drawn: Vec<Job> = (0..plan.draws).flat_map(|draw| jobs(candidates, Some(draw))).collect();
    let drawn = evaluator.results(&drawn);
    let moved: Vec<Candidate> = candidates
        .iter()
        .filter(|_| slopes)
        .flat_map(|c| {
            (0..numbers(plan)).flat_map(|n| [-STEP, STEP].map(|by| shifted(plan, c, n, by)))
        })
        .collect();
    let beside = evaluator.results(&jobs(&moved, None));
    let found = |(place, (candidate, results)): (usize, (&Candidate, Results))| {
        let of_draws = || drawn.iter().skip(place).step_by(candidates.len());
        let of = |o: usize| {
            let values: Vec<f64> =
                of_draws().filter_map(|results| as_end(&plan.objectives[o], &results[o])).collect();
            let solved = of_draws().filter(|results| results[o].is_ok()).count();
            let (low, high) = central_interval(values, plan.level);
            let middle = results[o].as_ref().map_or(f64::NAN, |v| *v);
            (Spread { middle, low, high }, solved)
        };
        let (spread, solved) = (0..plan.objectives.len()).map(of).unzip();
        let each = |o: usize| of_draws().map(|r| r[o].as_ref().map_or(f64::NAN, |v| *v)).collect();
        let drawn = (0..plan.objectives.len()).map(each).collect();
        let per = 2 * numbers(plan);
        let slope = |o: usize, n: usize| {
            let at = |side: usize| {
                let place = place * per + 2 * n + side;
                let value = beside[place][o].as_ref().map_or(f64::NAN, |v| math::ln(*v));
                (value, math::ln(number(plan, &moved[place], n)))
            };
            let ((low, from), (high, to)) = (at(0), at(1));
            (high - low) / (to - from)
        };
        let count = if slopes { numbers(plan) } else { 0 };
        let slopes = (0..plan.objectives.len()).map(|o| (0..count).map(|n| slope(o, n)).collect());
        Evaluated {
            candidate: candidate.clone(),
            spread,
            solved,
            drawn,
            slopes: slopes.collect(),
            allowed: evaluator.worth(&results).violation == 0.0,
            results,
        }
    };
    candidates.iter().zip(results).enumerate().map(found).collect()
}

/// Number of varied numbers of a design, including its dose if that is chosen.
fn numbers(plan: &Plan) -> usize {
    plan.varied.len() + usize::from(plan.dose.is_some())
}

fn number(plan: &Plan, candidate: &Candidate, n: usize) -> f64 {
    if n < plan.varied.len() { candidate.numbers[n] } else { candidate.dose }
}

fn shifted(plan: &Plan, candidate: &Candidate, n: usize, by: f64) -> Candidate {
    let mut moved = candidate.clone();
    match plan.varied.get(n) {
        Some(varied) => moved.numbers[n] = varied.shifted(candidate.numbers[n], by),
        None => moved.dose *= math::exp(by),
    }
    moved
}

/// The result of a draw as an end of an interval: an EC50 beyond the tested doses leaves that end
/// open. For a ratio, it is unknown which end is open.
fn as_end(objective: &Objective, result: &Result<f64, NoAnswer>) -> Option<f64> {
    let plain = objective.of == Of::Ec50 && objective.relative_to.is_none();
    match result {
        Ok(value) => Some(*value),
        Err(NoAnswer::AboveDoses(_)) if plain => Some(f64::INFINITY),
        Err(NoAnswer::BelowDoses(_)) if plain => Some(f64::NEG_INFINITY),
        Err(_) => None,
    }
}

/// The largest relative difference between two sets of results.
fn apart(some: &[Results], others: &[Results]) -> f64 {
    let pairs = some.iter().flatten().zip(others.iter().flatten());
    let differ = |(a, b): (&Result<f64, NoAnswer>, &Result<f64, NoAnswer>)| match (a, b) {
        (Ok(a), Ok(b)) if a != b => (a - b).abs() / b.abs(),
        (Ok(_), Ok(_)) => 0.0,
        _ => f64::INFINITY,
    };
    pairs.map(differ).fold(0.0, f64::max)
}

impl Evaluated {
    /// Part of the draws with a result in which an objective is within its limits; none without
    /// limits or draws.
    pub fn within_limits(&self, o: usize, objective: &Objective) -> Option<f64> {
        if !objective.has_limits() {
            return None;
        }
        let solved = self.drawn[o].iter().filter(|value| !value.is_nan());
        let kept = solved.clone().filter(|value| objective.violation(**value) == 0.0).count();
        let solved = solved.count();
        (solved > 0).then(|| kept as f64 / solved as f64)
    }
}

impl Plan {
    /// The numbers of a design that are at an end of their range, and which end.
    pub(super) fn at_ends(&self, candidate: &Candidate) -> Vec<(usize, bool)> {
        let own = self.varied.iter().zip(&candidate.numbers).enumerate();
        own.filter_map(|(n, (varied, value))| match varied.part(*value) {
            part if part < 1e-6 => Some((n, false)),
            part if part > 1.0 - 1e-6 => Some((n, true)),
            _ => None,
        })
        .collect()
    }

    /// The form of a design, if there are several forms.
    pub(super) fn form(&self, candidate: &Candidate) -> Option<&Form> {
        self.forms.get(candidate.molecule).filter(|_| self.forms.len() > 1)
    }
}
