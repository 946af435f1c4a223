//! The model of Tkach et al. 2014 against what the paper says of it: how the most interleukin-2 of a well depends on
//! antigen and on cells, with and without its feedbacks.

use il2::culture::tkach2014;
use il2_engine::{Backend, Ensemble, Event, Lane, Network, ParameterId, Program, Tolerance};
use il2_study::Library;

const VOLUME: f64 = 2e-4;
/// Cells that stand for all of a well: as the methods of the paper.
const SIMULATED: usize = 20;

struct Model {
    network: Network,
    program: Program,
    events: Vec<Event>,
}

fn model() -> Model {
    let numbers = &Library::builtin().culture_models["tkach2014"].parameters;
    let (network, events) = tkach2014::network(numbers, SIMULATED).unwrap();
    network.check().unwrap();
    let program = Program::new(&network, Backend::Fastest);
    Model { network, program, events }
}

impl Model {
    fn number(&self, name: &str) -> ParameterId {
        self.network.parameter_named(name).unwrap_or_else(|| panic!("{name}"))
    }

    /// Wells of so many cells and antigen, with other numbers; `[well][time]` of an observable or the medium.
    fn wells(&self, all: &[(f64, f64)], set: &[(&str, f64)], read: &str) -> Vec<Vec<f64>> {
        let times: Vec<f64> = (0..=480).map(|k| 15.0 * f64::from(k)).collect();
        let lanes: Vec<Lane> = all
            .iter()
            .map(|(cells, antigen)| {
                let well = [("cells", *cells), ("antigen", *antigen), ("volume", VOLUME)];
                let given = well.iter().chain(set);
                let given: Vec<_> = given.map(|(name, v)| (self.number(name), *v)).collect();
                let parameters = self.network.parameter_values(&given);
                Lane {
                    initial: self.network.initial_state(&parameters),
                    parameters,
                    events: self.events.clone(),
                    times: times.clone(),
                    ..Lane::default()
                }
            })
            .collect();
        // Counts of molecules: a millionth of one is nothing.
        let tolerance = Tolerance { absolute: 1e-6, ..Tolerance::default() };
        let answers = Ensemble::new(&self.program, tolerance).run_all(&lanes);
        let of = |(answer, lane): (il2_engine::ensemble::Answer, &Lane)| {
            let states = answer.unwrap_or_else(|stopped| panic!("{}", stopped.why)).states;
            let value = |(state, time): (&Vec<f64>, &f64)| match self.network.observable_named(read)
            {
                Some(o) => {
                    self.network.observables[o.0].value.value(state, &lane.parameters, *time)
                }
                None => state[self.network.species_named(read).unwrap().0],
            };
            states.iter().zip(&times).map(value).collect()
        };
        answers.into_iter().zip(&lanes).map(of).collect()
    }

    /// The most interleukin-2 (pM) of each well.
    fn most(&self, all: &[(f64, f64)], set: &[(&str, f64)]) -> Vec<f64> {
        let wells = self.wells(all, set, "il2_medium");
        wells.iter().map(|course| course.iter().copied().fold(0.0, f64::max)).collect()
    }
}

/// Wells of 1,000 to 100,000 cells and 10 million to a billion molecules of antigen.
fn grid() -> Vec<(f64, f64)> {
    let cells = [1e3, 1e4, 1e5];
    cells.iter().flat_map(|n| [1e7, 1e8, 1e9].map(|antigen| (*n, antigen))).collect()
}

/// Slopes of the logarithm of `most` along those of cells and antigen, over a grid whose axes are independent.
fn slopes(all: &[(f64, f64)], most: &[f64]) -> (f64, f64) {
    let along = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let x: Vec<f64> = all.iter().map(|well| of(well).log10()).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let above: f64 = x.iter().zip(most).map(|(x, m)| (x - mean) * m.log10()).sum();
        above / x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
    };
    (along(&|well| well.0), along(&|well| well.1))
}

#[test]
fn interleukin_2_counts_antigen_and_not_cells() {
    let model = model();
    let (cells, antigen) = slopes(&grid(), &model.most(&grid(), &[]));
    assert!((antigen - 0.82).abs() < 0.08, "antigen {antigen}, in the paper 0.82");
    assert!((cells + 0.12).abs() < 0.2, "cells {cells}, in the paper -0.12");
}

#[test]
fn without_its_feedbacks_a_well_counts_cells_and_hardly_antigen() {
    let model = model();
    let wells = grid();
    let no_cross_talk = [("antigen_inhibition", 0.0)];
    let no_acceleration = [("acceleration_most", 0.0)];
    let most = model.most(&wells, &no_cross_talk);
    let (cells, antigen) = slopes(&wells, &most);
    assert!(cells > 0.2 && antigen < 0.4, "without cross-talk: cells {cells}, antigen {antigen}");
    assert!(most.iter().all(|pm| *pm < 30.0), "it flattens at some 10 pM: {most:?}");
    let (cells, _) = slopes(&wells, &model.most(&wells, &no_acceleration));
    assert!(cells > 0.2, "without acceleration small populations fail to catch up: {cells}");
    let neither = [no_cross_talk, no_acceleration].concat();
    let most = model.most(&wells, &neither);
    let (cells, antigen) = slopes(&wells, &most);
    assert!((cells - 0.25).abs() < 0.1, "classical: cells {cells}, in the paper 0.25");
    assert!((antigen - 0.32).abs() < 0.15, "classical: antigen {antigen}, in the paper 0.32");
}

#[test]
fn a_jak_inhibitor_leaves_more_and_large_populations_most() {
    let model = model();
    let wells = grid();
    let (with, without) = (model.most(&wells, &[("jak_inhibition", 1.0)]), model.most(&wells, &[]));
    let (cells, _) = slopes(&wells, &with);
    assert!(cells > 0.0, "{cells}");
    // A thousand cells with much antigen hardly answer to what they make: an inhibitor changes little there.
    let folds: Vec<f64> = with.iter().zip(&without).map(|(a, b)| a / b).collect();
    let enough = wells.iter().zip(&folds).filter(|((n, _), _)| *n > 1e3).map(|(_, fold)| *fold);
    let middle = {
        let mut all: Vec<f64> = enough.collect();
        all.sort_by(f64::total_cmp);
        all[3]
    };
    assert!(middle > 10.0, "{folds:?}");
}

/// The paper has a thousand cells reach the most interleukin-2 of a hundred thousand with some twenty times fewer
/// producers, which holds, and in less than twice the time, which does not at this antigen (70 against 24 h; the antigen
/// of that comparison was not read): the row is a known misfit of the book.
#[test]
fn few_cells_make_as_much_with_twenty_times_fewer_producers() {
    let model = model();
    let wells = [(1e3, 1e8), (1e5, 1e8)];
    let most = |c: &Vec<f64>| c.iter().copied().fold(0.0, f64::max);
    let producers: Vec<f64> = model.wells(&wells, &[], "producers").iter().map(most).collect();
    let fewer = producers[1] / producers[0];
    assert!(fewer > 10.0 && fewer < 40.0, "{fewer} times the producers");
    let il2 = model.most(&wells, &[]);
    assert!(il2[0] > il2[1], "{il2:?}");
}
