//! Sensitivities compared with closed forms and with central differences of the reference
//! integrator.

mod problems;

use il2_engine::dependence::Dependence;
use il2_engine::network::{Rate, Reaction};
use il2_engine::reference::{simulate, system::System};
use il2_engine::{
    Backend, Change, Ensemble, Event, Expression, Lane, LaneFailure, Network, ParameterId, Program,
    SpeciesId, Tolerance, Trajectory,
};
use problems::{PLAIN, lane, rate};

const FINE: Tolerance = Tolerance { relative: 1e-9, absolute: 1e-12, most_steps: 100_000 };

fn run(n: &Network, by: &[ParameterId], lane: Lane) -> Result<Trajectory, LaneFailure> {
    let program = Program::with_sensitivities(n, by, Backend::Fastest);
    Ensemble::new(&program, FINE).run_all(&[lane]).remove(0).map_err(LaneFailure::from)
}

/// A network with everything through which a derivative has to pass: a parameter derived from
/// another, an initial value that depends on one, a scale, a Hill law, a power whose exponent is a
/// parameter, time, the smaller of two, doses, an infusion, and a flow that several species share
/// in unequal numbers, one of them with a scale that depends on the state and one held constant.
fn rich() -> (Network, Vec<ParameterId>) {
    let mut n = Network::default();
    let [l, r, c, z] = ["l", "r", "c", "z"].map(|name| n.add_species(name, PLAIN));
    let on = n.add_parameter("on", PLAIN, 0.02);
    let affinity = n.add_parameter("affinity", PLAIN, 40.0);
    let off = n.add_derived("off", PLAIN, Expression::from(on) * affinity.into());
    let number = n.add_parameter("number", PLAIN, 100.0);
    let volume = n.add_parameter("volume", PLAIN, 3.0);
    let exponent = n.add_parameter("exponent", PLAIN, 1.7);
    let wave = n.add_parameter("wave", PLAIN, 0.3);
    let input = n.add_parameter("input", PLAIN, 0.1);
    n.species[r.0].initial = Expression::from(number) * Expression::Number(2.0);
    n.species[l.0].scale = Expression::Number(1.0) / Expression::from(volume);
    n.add_reaction("bind", &[l, r], &[c], on);
    n.add_reaction("part", &[c], &[l, r], off);
    n.add_reaction("lose", &[c], &[], 0.05);
    n.add_law("enter", &[], &[l], input.into());
    let power = |e: Expression| Expression::Power(Box::new(e), Box::new(exponent.into()));
    let relative = Expression::from(c) / Expression::from(affinity);
    let hill = power(relative.clone()) / (Expression::Number(1.0) + power(relative));
    let decay = Expression::Number(-1.0) * Expression::from(wave) * Expression::Time;
    n.add_law("signal", &[], &[z], hill * Expression::Exponential(Box::new(decay.clone())));
    n.add_law("forget", &[z], &[], Expression::Number(0.3) * Expression::from(z));
    let [density, medium, held] = ["density", "medium", "held"].map(|m| n.add_species(m, PLAIN));
    for (s, start) in [(density, 1.0), (medium, 30.0), (held, 4.0)] {
        n.species[s.0].initial = Expression::Number(start);
    }
    n.species[medium.0].scale = Expression::from(density) / Expression::from(volume);
    n.species[held.0].scale = Expression::Number(0.0);
    n.add_law("grow", &[], &[density], Expression::from(wave) * density.into());
    let [a, b] = [medium, held].map(Expression::from);
    let wanes = Expression::Exponential(Box::new(decay));
    let most = Expression::Minimum(Box::new(a), Box::new(Expression::Number(1e3)));
    let swap = Expression::from(on) * most * b * Expression::from(c) * wanes;
    n.reactions.push(Reaction {
        name: "swap".into(),
        reactants: vec![(medium, 1), (held, 1), (c, 2)],
        products: vec![(z, 3), (r, 1)],
        rate: Rate::Law(swap),
    });
    (n, vec![on, affinity, number, volume, exponent, wave, input])
}

fn lane_of(n: &Network, parameters: Vec<f64>) -> Lane {
    let initial = n.initial_state(&parameters);
    let infuse =
        Change::Infuse { parameter: n.parameter_named("input").unwrap(), rate: 2.0, duration: 1.5 };
    let events = vec![
        Event::new(0.0, Change::Add(SpeciesId(0), 50.0)),
        Event::new(2.0, infuse),
        Event::new(4.0, Change::Add(SpeciesId(0), 20.0)),
        Event::new(5.0, Change::Set(SpeciesId(3), 0.5)),
    ];
    Lane {
        parameters,
        initial,
        events,
        times: vec![0.0, 0.5, 2.5, 4.0, 5.0, 9.0],
        ..Lane::default()
    }
}

#[test]
fn decay_has_the_sensitivity_of_its_closed_form() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    n.species[a.0].initial = Expression::Number(5.0);
    let k = rate(&mut n, "k", 0.3);
    n.add_reaction("decay", &[a], &[], k);
    let by = [n.parameter_named("k").unwrap()];
    let times = [0.0, 1.0, 10.0];
    let found = run(&n, &by, lane(&n, &times)).unwrap();
    for (t, s) in times.iter().zip(&found.sensitivities) {
        let exact = -5.0 * t * (-0.3 * t).exp();
        assert!((s[0][0] - exact).abs() < 1e-8, "{t}: {} {exact}", s[0][0]);
    }
}

#[test]
fn a_rich_network_agrees_with_central_differences_of_the_reference() {
    let (n, by) = rich();
    let values = n.parameter_values(&[]);
    let mut lane = lane_of(&n, values.clone());
    lane.initial_sensitivities = Dependence::new(&n, &by).of_start(&values);
    let found = run(&n, &by, lane).unwrap();
    let system = System::new(&n);
    let tight = Tolerance { relative: 1e-12, absolute: 1e-14, ..FINE };
    for (k, &p) in by.iter().enumerate() {
        let h = 1e-4 * values[p.0];
        let at = |value: f64| {
            simulate(&system, &lane_of(&n, n.parameter_values(&[(p, value)])), tight)
                .unwrap()
                .states
        };
        let (plus, minus) = (at(values[p.0] + h), at(values[p.0] - h));
        for t in 0..plus.len() {
            for s in 0..n.species.len() {
                let difference = (plus[t][s] - minus[t][s]) / (2.0 * h);
                let ours = found.sensitivities[t][k][s];
                let size = difference.abs() + 1e-3 * (plus[t][s].abs() / values[p.0]);
                assert!(
                    (ours - difference).abs() <= 1e-5 * size + 1e-9,
                    "{} of {} at {t}: {ours} {difference}",
                    n.species[s].name,
                    n.parameters[p.0].name
                );
            }
        }
    }
}

#[test]
fn sensitivities_are_of_the_order_of_the_method() {
    // Any product that a stage leaves out reduces the order: the error control then has to take
    // many more steps than the states alone need, whatever the answer is.
    let (n, by) = rich();
    let values = n.parameter_values(&[]);
    let steps = |program: &Program, relative: f64| {
        let tolerance = Tolerance { relative, absolute: 1e-3 * relative, ..FINE };
        let lane = lane_of(&n, values.clone());
        Ensemble::new(program, tolerance).run_all(&[lane]).remove(0).unwrap().steps as f64
    };
    let with = Program::with_sensitivities(&n, &by, Backend::Fastest);
    let without = Program::new(&n, Backend::Fastest);
    for relative in [1e-4, 1e-6, 1e-8, 1e-10] {
        let (with, without) = (steps(&with, relative), steps(&without, relative));
        assert!(with < 1.3 * without, "{relative}: {with} steps for {without}");
    }
}

#[test]
fn a_network_that_rests_keeps_its_digits() {
    // Bindings in a closed vessel: totals never change, so the last pivot is the remainder of a
    // cancellation, with an error of the step length times the fastest rate in units of the last
    // digit. Only terms that are exactly zero survive division by this pivot.
    for coupled in [false, true] {
        let mut n = Network::default();
        let names = ["a", "b", "ab", "c", "ac"];
        let [a, b, ab, c, ac] = names.map(|name| n.add_species(name, PLAIN));
        let number = n.add_parameter("number", PLAIN, 100.0);
        n.species[a.0].initial = number.into();
        n.species[b.0].initial = Expression::Number(200.0);
        n.species[c.0].initial = Expression::Number(if coupled { 150.0 } else { 0.0 });
        let on = n.add_parameter("on", PLAIN, 10.0);
        let off = n.add_parameter("off", PLAIN, 1e3);
        n.add_reaction("bind", &[a, b], &[ab], on);
        n.add_reaction("part", &[ab], &[a, b], off);
        n.add_reaction("bind c", &[a, c], &[ac], Expression::from(on) * Expression::Number(0.3));
        n.add_reaction("part c", &[ac], &[a, c], off);
        let by = [number, on];
        let program = Program::with_sensitivities(&n, &by, Backend::Fastest);
        let plain = Program::new(&n, Backend::Fastest);
        let values = n.parameter_values(&[]);
        for (last, relative) in [(1e4, 1e-9), (1e6, 1e-9), (1e8, 1e-6)] {
            let mut one = lane(&n, &[1.0, last]);
            one.initial_sensitivities = Dependence::new(&n, &by).of_start(&values);
            let tolerance = Tolerance { relative, absolute: 1e-3 * relative, ..FINE };
            let alone = lane(&n, &[1.0, last]);
            let found = Ensemble::new(&program, tolerance).run_all(&[one]).remove(0).unwrap();
            let alone = Ensemble::new(&plain, tolerance).run_all(&[alone]).remove(0).unwrap();
            let s = &found.sensitivities[1];
            let total = |k: usize| s[k][a.0] + s[k][ab.0] + s[k][ac.0];
            let of_number = (total(0) - 1.0).abs();
            let of_rate = values[on.0] * total(1).abs() / values[number.0];
            assert!(of_number < 1e-10 && of_rate < 1e-10, "until {last}: {of_number} {of_rate}");
            let (with, without) = (found.steps as f64, alone.steps as f64);
            assert!(with <= 1.3 * without, "until {last}: {with} steps for {without}");
        }
    }
}

#[test]
fn order_and_number_of_the_parameters_change_nothing() {
    // Parameters are processed by the lists in blocks: nothing of one block may remain for the
    // next.
    let (n, by) = rich();
    let values = n.parameter_values(&[]);
    let found = |by: &[ParameterId]| {
        let mut lane = lane_of(&n, values.clone());
        lane.initial_sensitivities = Dependence::new(&n, by).of_start(&values);
        run(&n, by, lane).unwrap().sensitivities
    };
    let all = found(&by);
    let backwards: Vec<_> = by.iter().rev().copied().collect();
    for (forth, back) in all.iter().zip(found(&backwards)) {
        assert!(forth.iter().eq(back.iter().rev()));
    }
    for some in [&by[..1], &by[2..4], &by[1..4], &by[2..6], &by[..5]] {
        let first = by.iter().position(|p| *p == some[0]).unwrap();
        for (all, few) in all.iter().zip(found(some)) {
            for (all, few) in all[first..].iter().zip(&few).flat_map(|(a, f)| a.iter().zip(f)) {
                assert!(
                    (all - few).abs() <= 1e-6 * all.abs() + 1e-9,
                    "{}: {all} {few}",
                    some.len()
                );
            }
        }
    }
}

#[test]
fn sensitivities_have_the_same_bits_in_company_and_by_the_interpreter() {
    let (n, by) = rich();
    let lanes: Vec<Lane> = (0..20)
        .map(|k| {
            let affinity = (by[1], 10.0 + 7.0 * f64::from(k));
            lane_of(&n, n.parameter_values(&[affinity]))
        })
        .collect();
    let bits = |t: &Trajectory| -> Vec<u64> {
        t.sensitivities.iter().flatten().flatten().map(|v| v.to_bits()).collect()
    };
    let fast = Program::with_sensitivities(&n, &by, Backend::Fastest);
    let slow = Program::with_sensitivities(&n, &by, Backend::Interpreter);
    let together = Ensemble::new(&fast, FINE).run_all(&lanes);
    let interpreted = Ensemble::new(&slow, FINE).run_all(&lanes);
    for (k, one) in lanes.iter().enumerate() {
        let alone = Ensemble::new(&fast, FINE).run_all(std::slice::from_ref(one)).remove(0);
        let wanted = bits(&alone.unwrap());
        assert_eq!(wanted, bits(together[k].as_ref().unwrap()));
        assert_eq!(wanted, bits(interpreted[k].as_ref().unwrap()));
    }
}

#[test]
fn what_the_clock_does_to_a_rate_is_differentiated_too() {
    // x' = -k t x: the sensitivity to k is -t^2/2 x. Without the sensitivity of the slope's time
    // derivative the method would lose its order and need 957 steps for the last lane instead of
    // 55.
    let mut n = Network::default();
    let x = n.add_species("x", PLAIN);
    n.species[x.0].initial = Expression::Number(1.0);
    let k = n.add_parameter("k", PLAIN, 0.5);
    n.add_law("fade", &[x], &[], Expression::from(k) * Expression::Time * x.into());
    let program = Program::with_sensitivities(&n, &[k], Backend::Fastest);
    let times: Vec<f64> = (1..8).map(|i| 0.5 * f64::from(i)).collect();
    for relative in [1e-4, 1e-6, 1e-8] {
        let loose = Tolerance { relative, absolute: 1e-3 * relative, ..FINE };
        let found = Ensemble::new(&program, loose).run_all(&[lane(&n, &times)]).remove(0).unwrap();
        let errors = times.iter().zip(&found.sensitivities).map(|(t, found)| {
            let exact = -0.5 * t * t * (-0.25 * t * t).exp();
            (found[0][0] - exact).abs()
        });
        let worst = errors.fold(0.0, f64::max);
        assert!(worst < 20.0 * relative, "{relative}: {worst}");
        assert!(found.steps < 100, "{} steps for {relative}", found.steps);
    }
}

#[test]
fn what_cannot_be_differentiated_is_refused() {
    let (n, by) = rich();
    let mut lane = lane_of(&n, n.parameter_values(&[]));
    lane.events.push(Event::new(6.0, Change::SetParameter(by[1], 5.0)));
    let refused = run(&n, &by, lane.clone()).unwrap_err().to_string();
    assert_eq!(refused, "sensitivities cannot be computed for affinity, which an event sets");
    // An event leaves the parameters derived from its parameter unchanged.
    lane.events.pop();
    for change in [
        Change::SetParameter(by[0], 0.05),
        Change::Multiply(SpeciesId(0), 0.5),
        Change::Infuse { parameter: by[0], rate: 0.01, duration: 1.0 },
        Change::SetParameter(n.parameter_named("off").unwrap(), 1.0),
    ] {
        lane.events.push(Event::new(6.0, change));
        let refused = run(&n, &by[1..2], lane.clone()).unwrap_err();
        assert!(matches!(refused, LaneFailure::Sensitivity(_)), "{refused}");
        lane.events.pop();
    }
    lane.initial_sensitivities = vec![vec![0.0; 3]];
    assert!(matches!(run(&n, &by, lane), Err(LaneFailure::Sensitivity(_))));
}

#[test]
fn a_readout_moves_as_its_differences_say() {
    use il2_engine::dependence::Readout;
    use il2_engine::{Dimension, Expression as E, Network};
    let plain = Dimension::DIMENSIONLESS;
    let mut n = Network::default();
    let k = n.add_parameter("k", plain, 0.7);
    let twice = n.add_derived("twice", plain, E::from(k) * E::from(k) + E::Number(1.0));
    let x = n.add_species("x", plain);
    n.species[x.0].initial = E::from(twice) * E::from(k);
    // State and parameters change together: x is the initial value, and the other two are read in
    // addition.
    let law = E::from(x) * E::from(x) / (E::from(twice) + E::from(k));
    let at = |value: f64| {
        let p = n.parameter_values(&[(k, value)]);
        (n.initial_state(&p), p)
    };
    let (state, values) = at(0.7);
    let dependence = Dependence::new(&n, &[k]);
    let readout = Readout::new(law);
    let slope = readout.slope(
        (&state, &dependence.of_start(&values)[0]),
        (&values, &dependence.of_parameters(&values)[0]),
        0.0,
    );
    let said = |value: f64| {
        let (state, values) = at(value);
        readout.value(&state, &values, 0.0)
    };
    let difference = (said(0.7 + 1e-5) - said(0.7 - 1e-5)) / 2e-5;
    assert!((slope / difference - 1.0).abs() < 1e-8, "{slope} {difference}");
    assert!(slope > 0.1);
}
