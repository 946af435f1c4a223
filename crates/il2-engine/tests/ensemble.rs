//! Tests of the ensemble engine; exceeds 400 lines because all tests run the same problems. It is
//! compared with published solutions, the reference integrator and an independent solver; the bits
//! are the same however it is run; lanes fail; events of every kind occur.

mod problems;

use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::lane::{Controller, Crossing, Decision, Trigger};
use il2_engine::program::readouts::Readouts;
use il2_engine::reference::{simulate, system::System};
use il2_engine::stop::Stop;
use il2_engine::{
    Backend, Change, Ensemble, Event, Expression, Lane, LaneFailure, Network, Program, SpeciesId,
    Threads, Tolerance, Trajectory,
};
use problems::{
    PLAIN, closed_network, hires, lane, oregonator, pollution, rate, robertson, van_der_pol,
    with_diffsol,
};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::Arc;

fn tolerance(relative: f64, absolute: f64) -> Tolerance {
    Tolerance { relative, absolute, ..Tolerance::default() }
}

fn run(n: &Network, lane: &Lane, tolerance: Tolerance) -> Result<Trajectory, LaneFailure> {
    let program = Program::new(n, Backend::Fastest);
    Ensemble::new(&program, tolerance)
        .run_all(std::slice::from_ref(lane))
        .remove(0)
        .map_err(LaneFailure::from)
}

fn worst(found: &[f64], wanted: &[f64], floor: f64) -> f64 {
    let miss = |(a, b): (&f64, &f64)| (a - b).abs() / (b.abs() + floor);
    found.iter().zip(wanted).map(miss).fold(0.0, f64::max)
}

/// Solutions at the end of the interval, published in the test set for IVP solvers (Mazzia &
/// Magherini 2008) and in Hairer & Wanner II, section IV.10.
fn published() -> Vec<(&'static str, Network, f64, Vec<f64>, f64)> {
    vec![
        (
            "Robertson",
            robertson(),
            1e11,
            vec![2.083_340_149_701_255e-8, 8.333_360_770_334_713e-14, 0.999_999_979_166_515_6],
            1e-18,
        ),
        (
            "van der Pol",
            van_der_pol(),
            2.0,
            vec![1.706_167_732_170_483, -0.892_809_701_024_797_5],
            1e-9,
        ),
        (
            "HIRES",
            hires(),
            321.8122,
            vec![
                0.737_131_257_332_566_8e-3,
                0.144_248_572_631_618_5e-3,
                0.588_872_974_096_757_5e-4,
                0.117_565_134_328_314_9e-2,
                0.238_635_619_883_133_1e-2,
                0.623_896_825_274_279_6e-2,
                0.284_999_839_518_576_9e-2,
                0.285_000_160_481_423_1e-2,
            ],
            1e-9,
        ),
        (
            "Oregonator",
            oregonator(),
            360.0,
            vec![1.000_814_870_318_523, 1_228.178_521_549_917, 132.055_494_284_670_6],
            1e-9,
        ),
        (
            "pollution",
            pollution(),
            60.0,
            vec![
                0.564_625_548_002_276_9e-1,
                0.134_248_413_042_233_9,
                0.413_973_433_109_942_7e-8,
                0.552_314_020_748_435_9e-2,
            ],
            1e-14,
        ),
    ]
}

#[test]
fn classic_stiff_problems_meet_their_published_solutions() {
    for (name, n, end, wanted, absolute) in published() {
        let found = run(&n, &lane(&n, &[end]), tolerance(1e-8, absolute)).unwrap();
        let error = worst(&found.states[0], &wanted, absolute);
        println!("{name}: {error:.1e} in {} steps", found.steps);
        assert!(error < 2e-6, "{name}: {error:.1e} {:?}", found.states[0]);
    }
}

#[test]
fn classic_stiff_problems_agree_with_the_reference_on_the_way() {
    for (name, n, end, _, absolute) in published() {
        let times: Vec<f64> = (1..=20).map(|k| end * f64::from(k) / 20.0).collect();
        let l = lane(&n, &times);
        let found = run(&n, &l, tolerance(1e-8, absolute)).unwrap();
        let truth = simulate(&System::new(&n), &l, tolerance(1e-10, absolute * 1e-2)).unwrap();
        for (a, b) in found.states.iter().zip(&truth.states) {
            // Both problems are sensitive to the phase on a limit cycle: a jump magnifies errors.
            assert!(worst(a, b, absolute * 1e3) < 2e-5, "{name}: {a:?} {b:?}");
        }
    }
}

#[test]
fn an_independent_solver_agrees() {
    for (n, absolute) in [(robertson(), 1e-12), (van_der_pol(), 1e-8), (pollution(), 1e-14)] {
        let times = [0.1, 0.5, 0.7];
        let ours = run(&n, &lane(&n, &times), tolerance(1e-8, absolute)).unwrap();
        for (a, b) in ours.states.iter().zip(with_diffsol(&n, &times, absolute)) {
            assert!(worst(a, &b, absolute) < 2e-5, "{a:?} {b:?}");
        }
    }
}

#[test]
fn what_is_read_between_steps_is_as_good_as_what_steps_end_on() {
    // With many outputs the dense output is read; with one output the step ends there.
    let (n, lanes) = binding(3);
    let times: Vec<f64> = (1..400).map(|k| 0.05 * f64::from(k)).collect();
    let lane = |times: &[f64]| Lane { times: times.to_vec(), ..lanes[1].clone() };
    let at = |times: &[f64], relative: f64| {
        run(&n, &lane(times), tolerance(relative, 1e-3 * relative)).unwrap().states
    };
    let (fine, many) = (at(&times, 1e-11), at(&times, 1e-5));
    let error = |found: &[f64], k: usize| worst(found, &fine[k], 1e-3);
    let dense = (0..times.len()).map(|k| error(&many[k], k)).fold(0.0, f64::max);
    let alone = (0..times.len()).map(|k| error(&at(&times[k..=k], 1e-5)[0], k)).fold(0.0, f64::max);
    assert!(dense < 2.0 * alone, "{dense:e} {alone:e}");
}

#[test]
fn the_error_falls_with_the_tolerance() {
    let n = hires();
    let truth = &published()[2].3;
    let errors: Vec<f64> = [1e-3, 1e-5, 1e-7, 1e-9]
        .iter()
        .map(|&r| run(&n, &lane(&n, &[321.8122]), tolerance(r, r * 1e-4)).unwrap())
        .map(|found| worst(&found.states[0], truth, 1e-9))
        .collect();
    assert!(errors.windows(2).all(|e| e[1] < 0.2 * e[0]), "{errors:?}");
}

/// A binding network, in lanes that differ in dose and in one rate, with a second dose later on.
fn binding(count: usize) -> (Network, Vec<Lane>) {
    let mut n = Network::default();
    let [l, r, c] = ["l", "r", "c"].map(|name| n.add_species(name, PLAIN));
    n.species[r.0].initial = Expression::Number(1000.0);
    let on = rate(&mut n, "on", 0.01);
    let off = n.add_parameter("off", il2_engine::Dimension::RATE, 1.0);
    let lost = rate(&mut n, "lost", 0.1);
    n.add_reaction("bind", &[l, r], &[c], on);
    n.add_reaction("part", &[c], &[l, r], off);
    n.add_reaction("lose", &[c], &[], lost);
    let lanes = (0..count).map(|k| {
        let mut one = lane(&n, &[0.5, 2.0, 5.0, 24.0]);
        one.parameters[off.0] = 10_f64.powf(k as f64 / count as f64 * 4.0 - 2.0);
        one.initial[l.0] = 10.0 * (k % 17) as f64;
        one.events = vec![Event::new(1.0 + (k % 5) as f64, Change::Add(l, 300.0))];
        one
    });
    let lanes = lanes.collect();
    (n, lanes)
}

fn bits(answers: &[Answer]) -> Vec<String> {
    let state =
        |s: &Vec<f64>| s.iter().map(|v| format!("{:016x}", v.to_bits())).collect::<String>();
    answers
        .iter()
        .map(|answer| match answer {
            Ok(t) => t.states.iter().map(state).collect::<Vec<_>>().join(" "),
            Err(failure) => failure.to_string(),
        })
        .collect()
}

fn spread<const W: usize>(program: &Program, lanes: &[Lane], threads: usize) -> Vec<Answer> {
    let threads = Threads::new(threads);
    let ensemble = Ensemble { threads, ..Ensemble::new(program, Tolerance::default()) };
    let mut answers = vec![];
    let _ = ensemble.run_wide::<W, Answer>(
        0..lanes.len(),
        |k| lanes[k].clone(),
        Reduced::whole,
        |k, answer| {
            assert_eq!(k, answers.len(), "answers come in order");
            answers.push(answer);
            ControlFlow::Continue(())
        },
    );
    answers
}

#[test]
fn every_width_backend_and_number_of_threads_gives_the_same_bits() {
    let (n, lanes) = binding(300);
    let fast = Program::new(&n, Backend::Fastest);
    let narrow = Program::new(&n, Backend::Avx2);
    let plain = Program::new(&n, Backend::Interpreter);
    let wanted = bits(&spread::<8>(&plain, &lanes, 1));
    assert_eq!(wanted, bits(&spread::<1>(&plain, &lanes[..], 1)));
    assert_eq!(wanted, bits(&spread::<3>(&plain, &lanes, 2)));
    assert_eq!(wanted, bits(&spread::<16>(&plain, &lanes, 3)));
    // The width at which each program runs machine code, if it can, and other widths.
    for program in [&fast, &narrow] {
        for threads in [1, 2] {
            let lanes =
                [spread::<4>(program, &lanes, threads), spread::<8>(program, &lanes, threads)];
            assert_eq!(lanes.map(|found| bits(&found)), [wanted.clone(), wanted.clone()]);
        }
    }
}

#[test]
fn order_and_failing_neighbours_change_no_bit() {
    let (n, lanes) = binding(64);
    let program = Program::new(&n, Backend::Fastest);
    let wanted = bits(&spread::<8>(&program, &lanes, 1));
    let mut backwards: Vec<Lane> = lanes.clone();
    backwards.reverse();
    let mut turned = bits(&spread::<8>(&program, &backwards, 2));
    turned.reverse();
    assert_eq!(wanted, turned);
    // Every second lane fails: immediately, after a while, or because a state is infinite from the
    // start.
    let mut mixed = vec![];
    for (k, one) in lanes.iter().enumerate() {
        let mut bad = one.clone();
        match k % 3 {
            0 => bad.parameters[0] = f64::NAN,
            1 => bad.initial[0] = 1e300,
            _ => bad.parameters[2] = -60.0,
        }
        mixed.extend([bad, one.clone()]);
    }
    let answers = spread::<8>(&program, &mixed, 1);
    let kept: Vec<_> = bits(&answers).into_iter().skip(1).step_by(2).collect();
    assert_eq!(wanted, kept);
    assert!(answers.iter().step_by(2).filter(|a| a.is_err()).count() > 30);
}

#[test]
fn a_lane_that_cannot_be_solved_is_a_row_with_a_reason() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    n.species[a.0].initial = Expression::Number(1.0);
    let k = rate(&mut n, "k", 1.0);
    n.add_law("explosion", &[], &[a], k * Expression::from(a) * Expression::from(a));
    let usual = Tolerance::default();
    // x' = x^2 reaches infinity at t = 1.
    let blown = run(&n, &lane(&n, &[2.0]), usual).unwrap_err();
    assert!(
        matches!(&blown, LaneFailure::StepTooSmall { time, species, .. } if (time - 1.0).abs() < 1e-3 && species == "a"),
        "{blown:?}"
    );
    let mut wrong = lane(&n, &[0.5]);
    wrong.parameters[0] = f64::NAN;
    let named = |name: &'static str| move |f: LaneFailure| matches!(f, LaneFailure::NotFinite(n, _) if n == name);
    assert!(run(&n, &wrong, usual).is_err_and(named("k")));
    wrong = lane(&n, &[0.5]);
    wrong.events = vec![Event::new(0.1, Change::Add(a, f64::INFINITY))];
    assert!(run(&n, &wrong, usual).is_err_and(named("a change of a")));
    assert_eq!(run(&n, &lane(&n, &[0.5, 0.2]), usual).unwrap_err(), LaneFailure::Times(0.2));
    for impossible in [tolerance(1e-20, 1e-9), tolerance(1e-6, 0.0), tolerance(f64::NAN, 1e-9)] {
        assert!(run(&n, &lane(&n, &[0.5]), impossible).is_err());
    }
    let few = Tolerance { most_steps: 5, ..tolerance(1e-9, 1e-12) };
    assert!(matches!(run(&n, &lane(&n, &[0.9]), few), Err(LaneFailure::TooManySteps { .. })));
    // A lane that was made for another network.
    let mut short = lane(&n, &[0.5]);
    short.parameters.clear();
    assert_eq!(run(&n, &short, usual), Err(LaneFailure::Shape("parameters".into(), 0, 1)));
    let mut far = lane(&n, &[0.5]);
    far.events = vec![Event::new(0.1, Change::Add(SpeciesId(7), 1.0))];
    assert!(matches!(run(&n, &far, usual), Err(LaneFailure::Shape(_, 7, 1))));
    // Simulations over a span of zero length, or without any span, have answers and do not fail.
    assert_eq!(run(&n, &lane(&n, &[0.0]), usual).unwrap().states, [[1.0]]);
    assert!(run(&n, &lane(&n, &[]), usual).unwrap().states.is_empty());
}

#[test]
fn ten_thousand_doses_at_one_instant_are_one_jump() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let k = rate(&mut n, "k", 1.0);
    n.add_reaction("decay", &[a], &[], k);
    let mut l = lane(&n, &[1.0, 2.0]);
    l.events = vec![Event::new(1.0, Change::Add(a, 0.5)); 10_000];
    let found = run(&n, &l, tolerance(1e-8, 1e-10)).unwrap();
    assert_eq!(found.states[0], [0.0]);
    assert!((found.states[1][0] / (5_000.0 * (-1.0_f64).exp()) - 1.0).abs() < 1e-7);
    assert!(found.steps < 60, "{}", found.steps);
}

#[test]
fn a_species_that_is_multiplied_goes_on_from_there() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let k = rate(&mut n, "k", 1.0);
    n.add_reaction("decay", &[a], &[], k);
    let mut l = lane(&n, &[2.0]);
    l.initial[a.0] = 8.0;
    l.events = vec![Event::new(1.0, Change::Multiply(a, 0.25))];
    let found = run(&n, &l, tolerance(1e-8, 1e-10)).unwrap();
    assert!((found.states[0][0] / (2.0 * (-2.0_f64).exp()) - 1.0).abs() < 1e-7);
    l.events = vec![Event::new(1.0, Change::Multiply(a, f64::NAN))];
    assert!(run(&n, &l, tolerance(1e-8, 1e-10)).is_err());
}

#[test]
fn an_infusion_is_met_exactly_and_leaves_nothing_behind() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let infused = n.add_parameter("infused", il2_engine::Dimension::RATE, 0.0);
    let k = rate(&mut n, "k", 0.7);
    n.add_law("infusion", &[], &[a], infused.into());
    n.add_reaction("decay", &[a], &[], k);
    let times = [0.5, 1.0, 2.0, 3.0, 4.0, 6.0];
    let mut l = lane(&n, &times);
    let infuse = |rate: f64, duration: f64| Change::Infuse { parameter: infused, rate, duration };
    l.events = vec![
        Event::new(1.0, infuse(0.1, 2.0)),
        Event::new(2.0, infuse(0.2, 2.0)),
        Event::new(5.0, infuse(0.3, 0.0)),
    ];
    // Superposition of the responses to rectangular inputs.
    let one = |t: f64, start: f64, end: f64, rate: f64| match t {
        t if t <= start => 0.0,
        t if t <= end => rate / 0.7 * (1.0 - (-0.7 * (t - start)).exp()),
        t => rate / 0.7 * (1.0 - (-0.7 * (end - start)).exp()) * (-0.7 * (t - end)).exp(),
    };
    let found = run(&n, &l, tolerance(1e-9, 1e-12)).unwrap();
    let slow = simulate(&System::new(&n), &l, tolerance(1e-9, 1e-12)).unwrap();
    for (k, &t) in times.iter().enumerate() {
        let exact = one(t, 1.0, 3.0, 0.1) + one(t, 2.0, 4.0, 0.2);
        assert!((found.states[k][0] - exact).abs() < 1e-9, "{t}: {} {exact}", found.states[k][0]);
        assert!((slow.states[k][0] - exact).abs() < 1e-9, "{t}");
    }
}

#[test]
fn a_controller_skips_and_stops_by_the_state_it_sees() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let k = rate(&mut n, "k", 0.2);
    n.add_reaction("decay", &[a], &[], k);
    let mut l = lane(&n, &[10.5]);
    l.events = (0..10)
        .map(|d| Event { asks: true, ..Event::new(f64::from(d), Change::Add(a, 1.0)) })
        .collect();
    // Skips a dose while more than two units are present; stops after the second skipped dose.
    l.controller = Some(Controller {
        memory: vec![0.0],
        decide: Arc::new(|moment, memory| {
            if moment.state[0] <= 2.0 {
                return Decision::Give;
            }
            memory[0] += 1.0;
            if memory[0] < 2.0 { Decision::Skip } else { Decision::Stop }
        }),
        by: Arc::new("two units, two holds"),
    });
    let mut expected = vec![];
    let (mut level, mut holds) = (0.0_f64, 0);
    for _ in 0..10 {
        let decision = match level {
            _ if holds >= 2 => Decision::Stop,
            l if l <= 2.0 => Decision::Give,
            _ => {
                holds += 1;
                if holds < 2 { Decision::Skip } else { Decision::Stop }
            }
        };
        if decision == Decision::Give {
            level += 1.0;
        }
        level *= (-0.2_f64).exp();
        expected.push(decision);
    }
    let both = [
        run(&n, &l, tolerance(1e-9, 1e-12)).unwrap(),
        simulate(&System::new(&n), &l, tolerance(1e-9, 1e-12)).unwrap(),
    ];
    for found in both {
        let made: Vec<Decision> = found.decisions.iter().map(|(_, d)| *d).collect();
        assert_eq!(made, expected);
        assert!(expected.contains(&Decision::Skip) && expected.contains(&Decision::Stop));
        let exact = level / (-0.2_f64).exp() * (-0.2 * 1.5_f64).exp();
        assert!((found.states[0][0] - exact).abs() < 1e-8, "{} {exact}", found.states[0][0]);
    }
}

#[test]
fn a_trigger_fires_where_the_state_crosses() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    n.species[a.0].initial = Expression::Number(8.0);
    let k = rate(&mut n, "k", 1.0);
    n.add_reaction("decay", &[a], &[], k);
    let mut l = lane(&n, &[1.0, 3.0, 5.0]);
    // Whenever the amount has fallen to one unit, seven are added: every ln 8.
    l.triggers = vec![Trigger {
        watch: Expression::from(a) - Expression::Number(1.0),
        crossing: Crossing::Down,
        change: Change::Add(a, 7.0),
    }];
    let found = run(&n, &l, tolerance(1e-9, 1e-12)).unwrap();
    let period = 8.0_f64.ln();
    let wanted: Vec<f64> = (1..=2).map(|k| period * f64::from(k)).collect();
    let times: Vec<f64> = found.crossings.iter().map(|(_, t)| *t).collect();
    assert_eq!(times.len(), 2);
    assert!(worst(&times, &wanted, 0.0) < 1e-7, "{times:?} {wanted:?}");
    for (t, state) in [1.0, 3.0, 5.0].iter().zip(&found.states) {
        let exact = 8.0 * (-(t % period)).exp();
        assert!((state[0] / exact - 1.0).abs() < 1e-6, "{t}: {} {exact}", state[0]);
    }
    let refused = simulate(&System::new(&n), &l, Tolerance::default());
    assert_eq!(refused.unwrap_err(), LaneFailure::Triggers);
}

#[test]
fn a_law_that_reads_time_is_followed() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let k = rate(&mut n, "k", 3.0);
    // a' = exp(-k t) t - k a, so a = t^2 / 2 exp(-k t).
    let decayed =
        Expression::Exponential(Box::new(Expression::Number(-1.0) * k.clone() * Expression::Time));
    n.add_law("input", &[], &[a], decayed * Expression::Time);
    n.add_reaction("decay", &[a], &[], k);
    let times = [0.2, 0.9, 2.0];
    let found = run(&n, &lane(&n, &times), tolerance(1e-9, 1e-13)).unwrap();
    for (t, state) in times.iter().zip(&found.states) {
        let exact = 0.5 * t * t * (-3.0 * t).exp();
        assert!((state[0] / exact - 1.0).abs() < 1e-7, "{t}: {} {exact}", state[0]);
    }
}

#[test]
fn the_taker_may_stop_and_memory_stays_bounded() {
    let (n, lanes) = binding(200);
    let program = Program::new(&n, Backend::Fastest);
    for threads in [1, 2] {
        let threads = Threads::new(threads);
        let ensemble = Ensemble { threads, ..Ensemble::new(&program, Tolerance::default()) };
        let made = std::sync::atomic::AtomicUsize::new(0);
        let make = |k: usize| {
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            lanes[k % lanes.len()].clone()
        };
        let mut taken = 0;
        let flow = ensemble.run(0..1_000_000, make, Reduced::whole, |_, _| {
            taken += 1;
            if taken == 500 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(flow.is_break() && taken == 500);
        let made = made.load(std::sync::atomic::Ordering::Relaxed);
        assert!(made < 6_000, "{made} lanes were begun for 500 taken");
    }
}

/// The first lane requests the end of the run: all threads end long before the last lane is
/// started.
#[test]
fn a_run_ends_when_that_is_asked_for() {
    let (n, lanes) = binding(50);
    let program = Program::new(&n, Backend::Fastest);
    for threads in [1, 3] {
        let threads = Threads::new(threads);
        let ensemble = Ensemble { threads, ..Ensemble::new(&program, Tolerance::default()) };
        let (stop, made) = (Stop::default(), std::sync::atomic::AtomicUsize::new(0));
        let make = |k: usize| {
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            stop.ask();
            lanes[k % 50].clone()
        };
        let go_on = |_, _| ControlFlow::Continue(());
        assert!(stop.within(|| ensemble.run(0..1_000_000, make, Reduced::whole, go_on)).is_none());
        assert!(made.into_inner() < 6_000);
    }
}

#[test]
#[should_panic = "the taker gives up"]
fn a_taker_that_panics_does_not_leave_its_workers_waiting() {
    let (n, lanes) = binding(50);
    let program = Program::new(&n, Backend::Fastest);
    let threads = Threads::new(2);
    let ensemble = Ensemble { threads, ..Ensemble::new(&program, Tolerance::default()) };
    let _ = ensemble.run(
        0..1_000_000,
        |k| lanes[k % 50].clone(),
        Reduced::whole,
        |k, _| {
            assert!(k < 100, "the taker gives up");
            ControlFlow::Continue(())
        },
    );
}

/// Whichever thread makes the lane, the calling one or another, all threads end and the panic is
/// passed on.
#[test]
fn a_worker_that_panics_does_not_leave_others_waiting() {
    let (n, lanes) = binding(50);
    let program = Program::new(&n, Backend::Fastest);
    for (threads, bad) in [(1, 700), (2, 0), (2, 701), (3, 17), (3, 2_000), (4, 1_999)] {
        let threads = Threads::new(threads);
        let ensemble = Ensemble { threads, ..Ensemble::new(&program, Tolerance::default()) };
        let run = std::panic::AssertUnwindSafe(|| {
            let make = |k: usize| {
                assert!(k != bad, "this lane cannot be made");
                lanes[k % 50].clone()
            };
            ensemble.run(0..1_000_000, make, Reduced::whole, |_, _| ControlFlow::Continue(()))
        });
        assert!(std::panic::catch_unwind(run).is_err(), "lane {bad}");
    }
}

/// Random laws of every kind over three species, one parameter and time.
fn law() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        (0.1..3.0).prop_map(Expression::Number),
        (0..3_usize).prop_map(|s| Expression::Species(SpeciesId(s))),
        Just(Expression::Parameter(il2_engine::ParameterId(0))),
        Just(Expression::Time),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let one = || Expression::Number(1.0);
        prop_oneof![
            pair.clone().prop_map(|(a, b)| a + b),
            pair.clone().prop_map(|(a, b)| a - b),
            pair.clone().prop_map(|(a, b)| a * b),
            pair.clone().prop_map(move |(a, b)| a / (one() + b.clone() * b)),
            pair.clone().prop_map(|(a, b)| Expression::Minimum(Box::new(a), Box::new(b))),
            pair.clone().prop_map(|(a, b)| Expression::Maximum(Box::new(a), Box::new(b))),
            (inner.clone(), prop_oneof![Just(2.0), Just(-1.0), Just(0.5), Just(1.7)]).prop_map(
                move |(a, n)| Expression::Power(
                    Box::new(one() + a.clone() * a),
                    Box::new(Expression::Number(n))
                )
            ),
            inner.clone().prop_map(move |a| Expression::Logarithm(Box::new(one() + a.clone() * a))),
            inner.clone().prop_map(move |a| Expression::Exponential(Box::new(
                Expression::Number(-1.0) * a.clone() * a
            ))),
            (pair, (inner.clone(), inner)).prop_map(|((left, right), (then, otherwise))| {
                Expression::WhereAtLeast {
                    left: Box::new(left),
                    right: Box::new(right),
                    then: Box::new(then),
                    otherwise: Box::new(otherwise),
                }
            }),
        ]
    })
}

fn lawful(laws: &[Expression]) -> Network {
    let mut n = Network::default();
    n.add_parameter("p", PLAIN, 0.7);
    for k in 0..3 {
        let id = n.add_species(format!("s{k}"), PLAIN);
        n.species[id.0].signed = true;
    }
    n.species[2].scale = Expression::Number(0.5);
    for (k, law) in laws.iter().enumerate() {
        n.add_law(format!("law {k}"), &[], &[SpeciesId(k % 3)], law.clone());
    }
    n
}

/// Slope, Jacobian and solution of a network of three species, in one lane of several.
fn run_lists<const W: usize>(
    program: &Program,
    p: f64,
    x: &[f64; 3],
    t: f64,
) -> (Vec<f64>, [f64; 9], Vec<f64>) {
    let layout = &program.layout;
    let mut rows = program.workspace::<W>();
    let mut put = |at: usize, value: f64| rows[at][3] = value;
    put(layout.parameters.start, p);
    x.iter().enumerate().for_each(|(i, &v)| put(layout.state.start + i, v));
    put(layout.time, t);
    put(layout.rate, 10.0);
    for list in [&program.prologue, &program.matrix, &program.slope] {
        list.run(&mut rows);
    }
    let slope = layout.slope.clone().map(|at| rows[at][3]).collect();
    let mut jacobian = [0.0; 9];
    for &(i, j, at) in &program.jacobian {
        jacobian[3 * i + j] = rows[at][3];
    }
    program.solve.run(&mut rows);
    (slope, jacobian, layout.slope.clone().map(|at| rows[at][3]).collect())
}

proptest! {
    /// Readouts with shared parts, at every position of a chunk, in lists of any backend.
    #[test]
    fn a_readout_has_the_bits_of_its_expression(
        laws in proptest::collection::vec(law(), 1..6),
        states in proptest::collection::vec(proptest::collection::vec(-1.0..9.0f64, 3), 1..20),
        parameter in -2.0..2.0f64,
    ) {
        let time = |k: usize| 0.3 * k as f64;
        let wanted: Vec<u64> = states
            .iter()
            .enumerate()
            .flat_map(|(k, x)| laws.iter().map(move |law| law.value(x, &[parameter], time(k)).to_bits()))
            .collect();
        for backend in [Backend::Fastest, Backend::Avx2, Backend::Interpreter] {
            let readouts = Readouts::new(&laws, (3, 1), backend);
            let at = states.iter().enumerate().map(|(k, x)| (x.as_slice(), time(k)));
            let found = readouts.values(&[parameter], at);
            let found: Vec<u64> = found.into_iter().map(f64::to_bits).collect();
            prop_assert_eq!(&found, &wanted);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Slope and Jacobian of the lists are compared with the expression trees, and machine code
    /// with the interpreter.
    #[test]
    fn lists_say_what_the_laws_say(
        laws in prop::collection::vec(law(), 1..6),
        x in prop::array::uniform3(-2.0..2.0f64),
        t in 0.0..2.0f64,
    ) {
        let n = lawful(&laws);
        let system = System::new(&n);
        let p = n.parameter_values(&[]);
        let mut slope = vec![0.0; 3];
        system.derivative(&x, &p, t, &mut slope);
        let jacobian = system.jacobian(&x, &p, t);
        let mut results = vec![];
        for backend in [Backend::Interpreter, Backend::Avx2, Backend::Fastest] {
            let program = Program::new(&n, backend);
            let run = match program.native_lanes() {
                Some(4) => run_lists::<4>,
                _ => run_lists::<8>,
            };
            let (before, dense, solved) = run(&program, p[0], &x, t);
            for i in 0..3 {
                let size = 1e-9 * (1.0 + slope[i].abs());
                prop_assert!((before[i] - slope[i]).abs() < size || !slope[i].is_finite(), "{before:?} {slope:?}");
            }
            for k in 0..9 {
                let size = 1e-8 * (1.0 + jacobian[k].abs());
                prop_assert!((dense[k] - jacobian[k]).abs() < size || !jacobian[k].is_finite(), "{dense:?} {jacobian:?}");
            }
            results.push((before, dense, solved));
        }
        let as_bits = |(a, b, c): &(Vec<f64>, [f64; 9], Vec<f64>)| -> Vec<u64> {
            // The bit pattern of a NaN has no meaning.
            let all = a.iter().chain(b).chain(c);
            all.map(|v| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() }).collect()
        };
        prop_assert_eq!(as_bits(&results[0]), as_bits(&results[1]));
        prop_assert_eq!(as_bits(&results[0]), as_bits(&results[2]));
    }

    #[test]
    fn random_networks_agree_with_the_reference((n, start) in closed_network()) {
        let mut l = lane(&n, &[0.5, 3.0, 20.0]);
        l.initial = start;
        // In some of these networks a species grows exponentially from almost nothing, and errors
        // grow with it.
        let fast = run(&n, &l, tolerance(1e-9, 1e-15)).unwrap();
        // At a tolerance at which such species are lost, there is still an answer.
        prop_assert!(run(&n, &l, tolerance(1e-4, 1e-4)).is_ok());
        prop_assert!(run(&n, &l, tolerance(1e-8, 1e-10)).is_ok());
        let system = System::new(&n);
        let slow = |relative: f64| simulate(&system, &l, tolerance(relative, 1e-6 * relative));
        if let (Ok(slow), Ok(coarse)) = (slow(1e-11), slow(1e-9)) {
            for ((a, b), c) in fast.states.iter().zip(&slow.states).zip(&coarse.states) {
                // If the reference does not agree with itself, the network magnifies rounding
                // errors.
                if worst(c, b, 1e-3) < 1e-7 && b.iter().all(|v| *v > -1e-9) {
                    prop_assert!(worst(a, b, 1e-3) < 1e-5, "{a:?} {b:?}");
                }
            }
        }
        for total in &n.check().unwrap() {
            let before = total.value(&n, &l.initial, &l.parameters);
            for state in &fast.states {
                let after = total.value(&n, state, &l.parameters);
                let size: f64 = l.initial.iter().map(|v| v.abs()).sum();
                // Linear totals are conserved by the method itself, except for rounding and values
                // set to zero.
                prop_assert!((after - before).abs() < 1e-9 * size, "{before} {after}");
            }
        }
    }
}
