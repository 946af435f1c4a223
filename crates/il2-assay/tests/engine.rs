//! Every built-in model on the ensemble engine: it agrees with the reference integrator and an
//! independent solver, and its sensitivities agree with central differences of the reference.

#[path = "../../il2-engine/tests/problems/mod.rs"]
mod problems;

use il2::culture::{ModelKind, Setup};
use il2::receptor::{Medium, ReceptorModel};
use il2_engine::dependence::Dependence;
use il2_engine::network::ParameterValue;
use il2_engine::reference::{simulate, system::System};
use il2_engine::{Backend, Ensemble, Lane, ParameterId, Program, Tolerance};
use il2_study::Library;

/// Every model that has a network, on a suitable cell, with and without depletion of the medium.
fn built_in() -> Vec<(String, ReceptorModel)> {
    let library = Library::builtin();
    let mut all = vec![];
    for (name, entry) in &library.models {
        let model = entry.model.clone();
        let media = [Medium::Constant, Medium::Depleted { cell_density: 1e9 }];
        for medium in media.into_iter().filter(|_| model.kind != ModelKind::PolyvalentEquilibrium) {
            // The first cell and ligand that the model accepts.
            let cells = library.cells.values();
            let mut cell = match model.kind {
                ModelKind::Effect => cells.clone().find(|c| c.effect.is_some()).cloned(),
                _ => library.cells.get("treg").cloned(),
            };
            cell = cell.filter(|_| !model.kind.brings_its_cell());
            let made = library.ligands.values().find_map(|ligand| {
                let (ligands, cell) = (vec![ligand.clone()], cell.clone());
                Setup { model: model.clone(), ligands, cell, medium }.network().ok()
            });
            match made {
                Some(network) => all.push((format!("{name}, {medium:?}"), network)),
                // Models without a shared medium refuse a medium that is depleted.
                None => assert!(medium != Medium::Constant, "{name} takes no ligand"),
            }
        }
    }
    assert!(all.len() >= 8, "{:?}", all.iter().map(|(n, _)| n).collect::<Vec<_>>());
    all
}

fn lane(model: &ReceptorModel, values: Vec<f64>) -> Lane {
    let mut initial = model.network.initial_state(&values);
    for (_, species) in &model.medium {
        initial[species.0] = 100.0;
    }
    Lane { parameters: values, initial, times: vec![5.0, 60.0, 480.0], ..Lane::default() }
}

fn fine(relative: f64) -> Tolerance {
    Tolerance { relative, absolute: relative * 1e-3, ..Tolerance::default() }
}

/// Largest difference relative to the size of each species over the course.
fn worst(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    let size = |s: usize| b.iter().map(|x| x[s].abs()).fold(1e-9, f64::max);
    let of = |s: usize| a.iter().zip(b).map(|(a, b)| (a[s] - b[s]).abs()).fold(0.0, f64::max);
    (0..a[0].len()).map(|s| of(s) / size(s)).fold(0.0, f64::max)
}

#[test]
fn every_model_agrees_with_the_reference_and_with_an_independent_solver() {
    for (name, model) in built_in() {
        let n = &model.network;
        let l = lane(&model, n.parameter_values(&[]));
        let program = Program::new(n, Backend::Fastest);
        let fast = Ensemble::new(&program, fine(1e-8)).run_all(std::slice::from_ref(&l)).remove(0);
        let fast = fast.unwrap_or_else(|e| panic!("{name}: {e}")).states;
        let slow = simulate(&System::new(n), &l, fine(1e-10)).unwrap().states;
        assert!(worst(&fast, &slow) < 1e-6, "{name}: {:.1e}", worst(&fast, &slow));
        let other = problems::with_diffsol_from(n, &l, 1e-8);
        assert!(worst(&fast, &other) < 1e-5, "{name}: {:.1e} from diffsol", worst(&fast, &other));
    }
}

/// Tests that take minutes: `cargo test --workspace -- --ignored long::`.
mod long {
    use super::*;

    #[test]
    #[ignore = "takes minutes"]
    fn sensitivities_of_every_model_are_central_differences_of_the_reference() {
        let of = |(name, model): &(String, ReceptorModel)| {
            let n = &model.network;
            let values = n.parameter_values(&[]);
            let given =
                |p: &ParameterId| matches!(n.parameters[p.0].value, ParameterValue::Given(_));
            let by: Vec<ParameterId> = (0..values.len())
                .map(ParameterId)
                .filter(|p| given(p) && values[p.0] != 0.0)
                .collect();
            let program = Program::with_sensitivities(n, &by, Backend::Fastest);
            let mut l = lane(model, values.clone());
            l.initial_sensitivities = Dependence::new(n, &by).of_start(&values);
            for (_, species) in &model.medium {
                l.initial_sensitivities.iter_mut().for_each(|of| of[species.0] = 0.0);
            }
            let found =
                Ensemble::new(&program, fine(1e-9)).run_all(std::slice::from_ref(&l)).remove(0);
            let found = found.unwrap_or_else(|e| panic!("{name}: {e}"));
            let system = System::new(n);
            for (k, &p) in by.iter().enumerate() {
                let h = 1e-3 * values[p.0];
                let at = |part: f64| {
                    let moved = n.parameter_values(&[(p, values[p.0] + part * h)]);
                    simulate(&system, &lane(model, moved), fine(1e-12)).unwrap().states
                };
                // Fourth-order differences: the step can be large enough to make rounding
                // negligible.
                let (p1, m1, p2, m2) = (at(1.0), at(-1.0), at(2.0), at(-2.0));
                for s in 0..n.species.len() {
                    let size = found.states.iter().map(|x| x[s].abs()).fold(1e-6, f64::max);
                    for t in 0..l.times.len() {
                        let difference =
                            (8.0 * (p1[t][s] - m1[t][s]) - (p2[t][s] - m2[t][s])) / (12.0 * h);
                        let ours = found.sensitivities[t][k][s];
                        let miss = (ours - difference).abs() * values[p.0].abs();
                        assert!(
                            miss <= 1e-5 * (difference.abs() * values[p.0].abs()).max(1e-2 * size),
                            "{name}: {} by {} at {}: {ours:e} {difference:e}, size {size:e}",
                            n.species[s].name,
                            n.parameters[p.0].name,
                            l.times[t]
                        );
                    }
                }
            }
        };
        il2_engine::Threads::offered().map(&built_in(), of);
    }
}
