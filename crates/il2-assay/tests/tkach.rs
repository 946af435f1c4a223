//! The model of Tkach et al. 2014 compared with the paper: how the maximum of interleukin-2 in a
//! well depends on antigen and cells, with and without feedbacks.

use il2::culture::tkach2014;
use il2_engine::{Backend, Ensemble, Event, Lane, Network, ParameterId, Program, Tolerance};
use il2_study::Library;

const VOLUME: f64 = 2e-4;
/// Number of cells that represent all cells of a well, as in the methods of the paper.
const SIMULATED: usize = 20;

struct Model {
    network: Network,
    program: Program,
    events: Vec<Event>,
}

fn model() -> Model {
    of_clones(1)
}

fn of_clones(clones: usize) -> Model {
    of("tkach2014", clones, false)
}

/// Effector cells with Treg, whose number a well sets.
fn with_treg() -> Model {
    of("feinerman2010", 1, true)
}

fn of(model: &str, clones: usize, treg: bool) -> Model {
    let numbers = &Library::builtin().culture_models[model].parameters;
    let (network, events) = tkach2014::network(numbers, SIMULATED, clones, treg, None).unwrap();
    network.check().unwrap();
    let program = Program::new(&network, Backend::Fastest);
    Model { network, program, events }
}

impl Model {
    fn number(&self, name: &str) -> ParameterId {
        self.network.parameter_named(name).unwrap_or_else(|| panic!("{name}"))
    }

    /// Simulates wells with these cells and antigen, and with some numbers changed; returns an
    /// observable or the medium by `[well][time]`.
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
        // States are counts of molecules, so a millionth of one is negligible.
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

    /// Maximum of interleukin-2 (pM) in each well by 72 h.
    fn most(&self, all: &[(f64, f64)], set: &[(&str, f64)]) -> Vec<f64> {
        let wells = self.wells(all, set, "il2_medium");
        let by_72h = |course: &Vec<f64>| course[..=288].iter().copied().fold(0.0, f64::max);
        wells.iter().map(by_72h).collect()
    }
}

/// Wells of 1,000 to 100,000 cells and 10 million to a billion molecules of antigen: five of each,
/// because slopes over three are those of their ends.
fn grid() -> Vec<(f64, f64)> {
    let half_decades = |from: f64| (0..5).map(move |k| from * 10_f64.powf(0.5 * f64::from(k)));
    half_decades(1e3).flat_map(|n| half_decades(1e7).map(move |antigen| (n, antigen))).collect()
}

/// Slopes of log `most` with respect to log cells and log antigen, over a grid whose axes are
/// independent.
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
    // A thousand cells with much antigen hardly respond to the interleukin-2 that they secrete, so
    // an inhibitor changes little.
    let folds: Vec<f64> = with.iter().zip(&without).map(|(a, b)| a / b).collect();
    let enough = wells.iter().zip(&folds).filter(|((n, _), _)| *n > 1e3).map(|(_, fold)| *fold);
    let middle = {
        let mut all: Vec<f64> = enough.collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    assert!(middle > 10.0, "{folds:?}");
}

/// In the paper, a thousand cells reach the maximum of a hundred thousand with about twenty times
/// fewer producers, which the model reproduces, and in less than twice the time, which it does not
/// at this antigen (70 against 24 h; the antigen of that comparison could not be read). The row is
/// a known misfit in the book.
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

/// The course of a readout in one well of these clones.
fn course(model: &Model, clones: &[(f64, f64)], read: &str) -> Vec<f64> {
    let second = clones.get(1).copied().unwrap_or((0.0, 0.0));
    let second = [("second.cells", second.0), ("second.antigen", second.1)];
    model.wells(&clones[..1], &second, read).remove(0)
}

#[test]
fn two_halves_of_a_clone_are_the_clone_and_a_clone_without_cells_is_none() {
    let (one, two) = (model(), of_clones(2));
    let whole = course(&one, &[(1e4, 1e8)], "il2_medium");
    for clones in [[(5e3, 5e7), (5e3, 5e7)], [(1e4, 1e8), (0.0, 0.0)], [(0.0, 0.0), (1e4, 1e8)]] {
        let split = course(&two, &clones, "il2_medium");
        let top = whole.iter().copied().fold(0.0, f64::max);
        let differ = whole.iter().zip(&split).map(|(a, b)| (a - b).abs() / top);
        let most = differ.fold(0.0, f64::max);
        assert!(most < 1e-4, "{clones:?}: {most}");
    }
}

/// In the paper, two clones in one well have as much interleukin-2 as both clones separately until
/// about 50 h, and much less later; many weakly activated cells take most from few strongly
/// activated ones. In the model, they add up for a day, and no longer than 36 h; the cells and
/// antigen of the paper's mixture could not be read.
#[test]
fn two_clones_add_up_early_and_hold_less_together_later() {
    let (one, two) = (model(), of_clones(2));
    let part = |first: (f64, f64), second: (f64, f64)| -> Vec<f64> {
        let together = course(&two, &[first, second], "il2_medium");
        let apart = one.wells(&[first, second], &[], "il2_medium");
        let sum = apart[0].iter().zip(&apart[1]).map(|(a, b)| a + b);
        together.iter().zip(sum).map(|(t, s)| t / s).collect()
    };
    let at = |course: &[f64], hours: usize| course[4 * hours];
    let many_weak = part((1e5, 1e7), (1e3, 1e9));
    let alike = part((1e4, 1e8), (1e4, 1e8));
    for course in [&many_weak, &alike] {
        assert!((at(course, 24) - 1.0).abs() < 0.05, "{} at 24 h", at(course, 24));
        assert!(at(course, 72) < 0.5, "{} at 72 h", at(course, 72));
    }
    let [weak, same] = [&many_weak, &alike].map(|course| at(course, 48));
    assert!(weak < 0.5 * same, "{weak} and {same} at 48 h");
}

/// The paper added 10 pM of human interleukin-2 at 12 h: hardly any was consumed before the well
/// reached its maximum.
#[test]
fn hardly_any_is_used_before_a_well_has_its_most() {
    let model = model();
    let [il2, uptake] = ["il2_medium", "uptake"].map(|read| model.wells(&grid(), &[], read));
    for (well, (il2, uptake)) in grid().iter().zip(il2.iter().zip(&uptake)) {
        let most = (0..il2.len()).max_by(|a, b| il2[*a].total_cmp(&il2[*b])).unwrap();
        // The remaining fraction of a trace added at 12 h, by the trapezoidal rule with steps of a
        // quarter of an hour.
        let taken: f64 = (4 * 12..most).map(|k| 7.5 * (uptake[k] + uptake[k + 1])).sum();
        let left = (-taken).exp();
        assert!(left > 0.8, "{well:?}: {left} left");
    }
}

/// Cells after 48 h with different antigen are given interleukin-2, with the receptors R that they
/// then have: the half-maximum of c / (half + c) is at L = K half / (half + R). The model agrees at
/// 100,000 cells; with a tenth of the cells and the most antigen, CD25 has not yet been
/// upregulated, and 1.5 times as much is needed.
#[test]
fn antigen_does_not_move_the_ec50_of_the_signal() {
    let model = model();
    let wells = [1e7, 1e8, 1e9].map(|antigen| (1e5, antigen));
    let at_48_h = |read: &str| -> Vec<f64> {
        model.wells(&wells, &[], read).iter().map(|course| course[4 * 48]).collect()
    };
    let number = |name: &str| {
        let network = &model.network;
        network.parameter_values(&[])[network.parameter_named(name).unwrap().0]
    };
    let (half, pairing) = (number("signal_half"), number("chains_half_binding"));
    let ec50 = |(a, b): (f64, f64)| {
        let sum = a + b + pairing;
        1.0 / (half + 0.5 * (sum - (sum * sum - 4.0 * a * b).sqrt()))
    };
    let all = at_48_h("cd25.0").into_iter().zip(at_48_h("cd122.0"));
    let all: Vec<f64> = all.map(ec50).collect();
    for other in &all {
        assert!((other / all[0] - 1.0).abs() < 0.25, "{all:?}");
    }
}

#[test]
fn a_well_without_treg_is_the_published_one_without_its_feedbacks() {
    let (without, with) = (model(), with_treg());
    let neither = [("antigen_inhibition", 0.0), ("acceleration_most", 0.0)];
    let wells = [(1e4, 1e8), (1e5, 1e7)];
    let [plain, none] = [(&without, &neither[..]), (&with, &[][..])]
        .map(|(model, set)| model.wells(&wells, set, "il2_medium"));
    for (plain, none) in plain.iter().zip(&none) {
        let top = plain.iter().copied().fold(0.0, f64::max);
        for (a, b) in plain.iter().zip(none) {
            assert!((a - b).abs() < 1e-4 * top, "{a} {b}");
        }
    }
}

/// All interleukin-2 that was secreted is free, bound or consumed, by effector cells or by Treg.
#[test]
fn what_effectors_made_is_found_again_beside_treg() {
    let model = with_treg();
    let wells = [(1e4, 1e8), (1e5, 1e6)];
    let treg = [("treg.cells", 1e5)];
    let of = |read: &str| model.wells(&wells, &treg, read);
    let made = of("il2_made");
    let parts = [
        "il2_medium",
        "il2_held_by_effectors",
        "il2_used_by_effectors",
        "il2_held_by_treg",
        "il2_used_by_treg",
    ]
    .map(of);
    for well in 0..wells.len() {
        let end = made[well].len() - 1;
        for time in [end / 4, end / 2, end] {
            let found: f64 = parts.iter().map(|part| part[well][time]).sum();
            let made = made[well][time];
            assert!(made > 1.0 && (found / made - 1.0).abs() < 1e-5, "{found} of {made}");
            assert!(parts.iter().all(|part| part[well][time] > -1e-6), "at {time}");
        }
        assert!(parts[4][well][end] > 0.05 * made[well][end], "Treg take some");
    }
}

/// Treg at steady state with a trace of interleukin-2: CD25 stays constant, and the medium falls at
/// the rate k_on R, with R the pairs of CD25 and CD122.
#[test]
fn a_trace_falls_by_the_receptors_of_treg_in_closed_form() {
    let model = with_treg();
    let number = |name: &str| model.network.parameter_values(&[])[model.number(name).0];
    let [a, b, k] = ["treg_cd25", "treg_cd122", "chains_half_binding"].map(number);
    let pairs = 0.5 * (a + b + k - ((a + b + k) * (a + b + k) - 4.0 * a * b).sqrt());
    let treg = 1e6;
    // The model counts in molecules, hence the factor of molecules per pmol.
    let rate = number("k_on") * pairs * treg / (VOLUME * number("molecules_per_pmol"));
    let given = [("treg.cells", treg), ("volume", VOLUME)];
    let given: Vec<_> = given.map(|(name, v)| (model.number(name), v)).to_vec();
    let parameters = model.network.parameter_values(&given);
    let mut initial = model.network.initial_state(&parameters);
    initial[model.network.species_named("il2_medium").unwrap().0] = 1e-3;
    let times = vec![0.5 / rate, 1.0 / rate, 2.0 / rate];
    let lane = Lane { initial, parameters, times, ..Lane::default() };
    let tolerance = Tolerance { relative: 1e-9, absolute: 1e-12, ..Tolerance::default() };
    let answer = Ensemble::new(&model.program, tolerance).run_all(&[lane]).remove(0);
    let states = answer.unwrap_or_else(|stopped| panic!("{}", stopped.why)).states;
    for (state, turns) in states.iter().zip([0.5_f64, 1.0, 2.0]) {
        let left = state[model.network.species_named("il2_medium").unwrap().0] / 1e-3;
        assert!((left / (-turns).exp() - 1.0).abs() < 1e-4, "{left} after {turns}");
    }
}

/// Feinerman et al. 2010: Treg suppress survival signals of weakly activated effector cells, but
/// not those of strongly activated ones. There are as many Treg as effector cells; weak means ten
/// molecules of antigen per cell.
#[test]
fn treg_take_the_signal_of_weakly_activated_cells_and_leave_that_of_strongly_activated_ones() {
    let model = with_treg();
    let wells = [1e6, 1e7, 1e8, 1e9, 1e10].map(|antigen| (1e5, antigen));
    let mean = |treg: f64| -> Vec<f64> {
        let all = model.wells(&wells, &[("treg.cells", treg)], "signal");
        all.iter().map(|course| course.iter().sum()).collect()
    };
    let left: Vec<f64> = mean(1e5).iter().zip(mean(0.0)).map(|(a, b)| a / b).collect();
    assert!(left.windows(2).all(|pair| pair[0] < pair[1]), "{left:?}");
    let more = mean(1e6)[0] / mean(0.0)[0];
    assert!(left[0] < 0.6 && more < 0.1, "{left:?} {more}");
    assert!(left[4] > 0.8 && left[4] < 1.0, "{left:?}");
}

/// After a block of antigen, interleukin-2 ends secretion sooner than antigen that is lost: the
/// times are those of the same equations in another program (SciPy, BDF).
#[test]
fn producers_go_sooner_after_a_block_of_antigen_if_they_have_a_signal() {
    let gone = |jak: bool| {
        let text = format!(
            "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[assay.a]\n\
             kind = \"activation\"\nvolume = \"0.2 mL\"\ncells = [\"30000 cells\", \"100000 cells\"]\n\
             antigen = [\"4e9 molecules\"]\ntimes = [\"34 h\"]\njak_inhibitor = {jak}\n\
             antigen_blocked_at = \"30 h\"\n"
        );
        let (study, plans) =
            il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
        let result = plans[0].1.run(&study, &|_| {});
        let said = "After the antigen was blocked at 30 h";
        assert!(result.sentences.iter().any(|s| s.contains(said)), "{:?}", result.sentences);
        [0, 1].map(|row| result.tables[1].number(row, "producers_gone_min") / 60.0)
    };
    for (found, wanted) in [(gone(false), [0.723, 0.576]), (gone(true), [2.206, 2.095])] {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found / wanted - 1.0).abs() < 0.02, "{found} {wanted}");
        }
    }
}
