//! Cost of a forward sensitivity, relative to a plain solve, for the built-in models and the two
//! workloads.

use crate::time::rows;
use crate::{w1, w2};
use il2::culture::{ModelKind, Setup};
use il2::receptor::Medium;
use il2_engine::network::{Network, ParameterValue};
use il2_engine::{Backend, Ensemble, Lane, ParameterId, Program, Tolerance};
use il2_study::Library;
use std::time::Instant;

/// A network with the simulations to be solved.
struct Case {
    name: String,
    network: Network,
    lanes: Vec<Lane>,
}

/// Every built-in model with a network, with doses over four decades.
fn built_in() -> Vec<Case> {
    let library = Library::builtin();
    let mut cases = vec![];
    for (name, entry) in &library.models {
        let model = entry.model.clone();
        let cell = match model.kind {
            _ if model.kind.brings_its_cell() => None,
            ModelKind::Effect => library.cells.values().find(|c| c.effect.is_some()).cloned(),
            _ => library.cells.get("treg").cloned(),
        };
        for medium in [Medium::Constant, Medium::Depleted { cell_density: 1e9 }] {
            let made = library.ligands.values().find_map(|ligand| {
                let (ligands, cell) = (vec![ligand.clone()], cell.clone());
                Setup { model: model.clone(), ligands, cell, medium }.network().ok()
            });
            let Some(made) = made else { continue };
            let parameters = made.network.parameter_values(&[]);
            let lane = |k: i32| {
                let mut initial = made.network.initial_state(&parameters);
                for (_, species) in &made.medium {
                    initial[species.0] = 10.0_f64.powf(f64::from(k) / 8.0);
                }
                let times = vec![60.0, 480.0];
                Lane { parameters: parameters.clone(), initial, times, ..Lane::default() }
            };
            let lanes = (0..32).map(lane).collect();
            let network = made.network.clone();
            let medium = if medium == Medium::Constant { "constant" } else { "depleted" };
            cases.push(Case { name: format!("{name}, {medium}"), network, lanes });
        }
    }
    cases
}

/// Numbers of parameters with sensitivities: one, one block of the instruction lists, and two
/// blocks; finally all.
const ASKED: [usize; 3] = [1, 3, 6];

/// Seconds of one run, and the number of steps of all simulations.
fn seconds(program: &Program, lanes: &[Lane]) -> (f64, usize) {
    let ensemble = Ensemble::new(program, Tolerance::default());
    let start = Instant::now();
    let found = ensemble.run_all(lanes);
    let steps = found.iter().flatten().map(|t| t.steps).sum();
    (start.elapsed().as_secs_f64(), steps)
}

/// The fastest of many short runs of every program. Programs alternate, so that all run under the
/// same conditions, and some runs are undisturbed by other processes.
fn fastest(programs: &[Program], lanes: &[Lane]) -> Vec<(f64, usize)> {
    let mut best = vec![(f64::INFINITY, 0); programs.len()];
    for _ in 0..60 {
        for (best, program) in best.iter_mut().zip(programs) {
            let found = seconds(program, lanes);
            if found.0 < best.0 {
                *best = found;
            }
        }
    }
    best
}

/// This number of parameters, spread evenly over all.
fn some(of: &[ParameterId], count: usize) -> Vec<ParameterId> {
    (0..count).map(|k| of[(2 * k + 1) * of.len() / (2 * count)]).collect()
}

/// Prints one line for each case. `tables` are the parameter tables of the workloads.
pub fn run(tables: &[&str]) {
    let mut cases = built_in();
    for (table, workload) in tables.iter().zip([w1::workload(), w2::workload()]) {
        let rows = rows(&workload, table);
        let lanes = rows.iter().take(32).map(|r| (workload.lane)(&workload, r)).collect();
        let network = workload.network.clone();
        cases.push(Case { name: (*table).to_owned(), network, lanes });
    }
    println!(
        "Cost of one of so many sensitivities, in plain solves; steps of a plain solve, and with all"
    );
    let of: String = ASKED.iter().map(|k| format!("{k:>6}")).collect();
    println!(
        "{:34}{:>8}{:>11}{:>9}{:>6}{:>6}{of}{:>6}",
        "model", "species", "parameters", "plain us", "steps", "steps", "all"
    );
    for case in cases {
        let parameters = case.network.parameters.iter().enumerate();
        // Parameters that are given and not zero, because a relative accuracy of zero is undefined.
        let by: Vec<_> = parameters
            .filter(|(_, p)| matches!(p.value, ParameterValue::Given(v) if v != 0.0))
            .map(|(k, _)| ParameterId(k))
            .collect();
        let counts: Vec<usize> =
            ASKED.into_iter().filter(|&k| k < by.len()).chain([by.len()]).collect();
        let mut programs = vec![Program::new(&case.network, Backend::Fastest)];
        programs.extend(
            counts.iter().map(|&k| {
                Program::with_sensitivities(&case.network, &some(&by, k), Backend::Fastest)
            }),
        );
        let found = fastest(&programs, &case.lanes);
        let (plain, few) = found[0];
        let lanes = case.lanes.len();
        let cost = |k: usize| {
            let of = counts.iter().position(|&count| count == k)?;
            Some((found[1 + of].0 - plain) / plain / k as f64)
        };
        let costs: String = ASKED
            .iter()
            .map(|&k| cost(k).filter(|_| k < by.len()))
            .map(|cost| cost.map_or_else(|| format!("{:>6}", "-"), |cost| format!("{cost:>6.2}")))
            .collect();
        println!(
            "{:34}{:>8}{:>11}{:>9.1}{:>6}{:>6}{costs}{:>6.2}",
            case.name,
            case.network.species.len(),
            by.len(),
            plain * 1e6 / lanes as f64,
            few / lanes,
            found[found.len() - 1].1 / lanes,
            cost(by.len()).expect("all were asked for"),
        );
    }
}
