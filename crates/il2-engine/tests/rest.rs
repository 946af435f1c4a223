//! Steady states of lanes: closed forms, basins of attraction, and networks that never rest.

mod problems;

use il2_engine::{Backend, Ensemble, Expression, Lane, LaneFailure, Network, Program, Tolerance};
use problems::{PLAIN, lane, rate};

fn rest(n: &Network, lanes: &[Lane]) -> Vec<Result<Vec<f64>, LaneFailure>> {
    let program = Program::new(n, Backend::Fastest);
    Ensemble::new(&program, Tolerance::default()).rest(lanes)
}

fn near(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()), "{found} {wanted}");
    }
}

#[test]
fn lanes_come_to_rest_where_the_reference_does() {
    // A receptor that is synthesised, binds and is degraded, in a medium that conserves the total
    // ligand.
    let mut n = Network::default();
    let [l, r, c] = ["l", "r", "c"].map(|name| n.add_species(name, PLAIN));
    let made = n.add_parameter("made", il2_engine::Dimension::RATE, 30.0);
    let on = rate(&mut n, "on", 0.01);
    let off = rate(&mut n, "off", 0.5);
    let lost = rate(&mut n, "lost", 0.05);
    n.add_law("make", &[], &[r], made.into());
    n.add_reaction("bind", &[l, r], &[c], on);
    n.add_reaction("part", &[c], &[l, r], off);
    n.add_reaction("lose", &[r], &[], lost);
    let lanes: Vec<Lane> = (0..30)
        .map(|k| {
            let mut one = lane(&n, &[]);
            one.parameters[made.0] = 10_f64.powf(f64::from(k % 7) - 2.0);
            one.initial[l.0] = 10_f64.powf(f64::from(k % 5) - 1.0);
            one
        })
        .collect();
    let found = rest(&n, &lanes);
    for (one, rested) in lanes.iter().zip(&found) {
        let receptor = one.parameters[made.0] / 0.05;
        let total = one.initial[l.0];
        let free = total / (1.0 + receptor * 0.01 / 0.5);
        let exact = [free, receptor, total - free];
        near(rested.as_ref().unwrap(), &exact);
    }
    // A network that never rests is reported as such; a lane that starts at rest stays there.
    let mut endless = Network::default();
    let a = endless.add_species("a", PLAIN);
    let b = endless.add_species("b", PLAIN);
    endless.add_reaction("grow", &[a], &[a, a], 1e-3);
    endless.add_reaction("count", &[a], &[a, b], 1.0);
    let mut one = lane(&endless, &[]);
    assert_eq!(rest(&endless, std::slice::from_ref(&one))[0].as_ref().unwrap(), &[0.0, 0.0]);
    one.initial[0] = 1.0;
    assert!(rest(&endless, &[one])[0].is_err());
}

#[test]
fn what_is_only_counted_rests_where_its_total_says() {
    let mut n = Network::default();
    let [a, b, c] = ["a", "b", "c"].map(|s| n.add_species(s, PLAIN));
    n.species[a.0].initial = Expression::Number(5.0);
    n.species[b.0].initial = Expression::Number(3.0);
    let k = rate(&mut n, "k", 1.0);
    n.add_law("bind", &[a, b], &[c], k * Expression::from(a) * Expression::from(b));
    let found = rest(&n, &[lane(&n, &[1.0])]);
    let found = found[0].clone().unwrap();
    for (found, wanted) in found.iter().zip([2.0, 0.0, 3.0]) {
        assert!((found - wanted).abs() < 1e-4, "{found} {wanted}");
    }
}

#[test]
fn a_signed_species_may_rest_below_zero() {
    let mut n = Network::default();
    let v = n.add_species("v", PLAIN);
    n.species[v.0].signed = true;
    n.add_law("to", &[], &[v], Expression::Number(-1.0) - Expression::from(v));
    let found = rest(&n, &[lane(&n, &[1.0])]);
    assert!((found[0].clone().unwrap()[0] + 1.0).abs() < 1e-6);
}

#[test]
fn a_lane_rests_in_the_basin_of_its_start() {
    // x' = -(x - 1)(x - 2)(x - 3): 2 separates the basins of attraction of 1 and 3.
    let mut n = Network::default();
    let x = n.add_species("x", PLAIN);
    let from = |v: f64| Expression::from(x) - Expression::Number(v);
    n.add_law("fall", &[], &[x], Expression::Number(-1.0) * from(1.0) * from(2.0) * from(3.0));
    let starts = [0.0, 1.5, 1.99, 1.9999, 1.999_999, 2.000_001, 2.01, 2.5, 10.0];
    let lanes = starts.map(|start| Lane { initial: vec![start], ..lane(&n, &[]) });
    for (start, found) in starts.iter().zip(rest(&n, &lanes)) {
        near(&found.unwrap(), &[if *start < 2.0 { 1.0 } else { 3.0 }]);
    }
    // Two genes that repress each other, so that only one of them can be on. The first start is
    // nearly on the line that leads to the saddle point.
    let mut n = Network::default();
    let [u, v] = ["u", "v"].map(|s| n.add_species(s, PLAIN));
    let cube = |s| Expression::from(s) * Expression::from(s) * Expression::from(s);
    let made = |by| Expression::Number(10.0) / (Expression::Number(1.0) + cube(by));
    n.add_law("make u", &[], &[u], made(v));
    n.add_law("make v", &[], &[v], made(u));
    n.add_law("lose u", &[u], &[], u.into());
    n.add_law("lose v", &[v], &[], v.into());
    let starts = [[0.1, 0.100_01], [5.0, 5.5], [20.0, 21.0], [3.0, 1.0], [0.0, 0.01]];
    let lanes = starts.map(|start| Lane { initial: start.to_vec(), ..lane(&n, &[]) });
    for (start, found) in starts.iter().zip(rest(&n, &lanes)) {
        let found = found.unwrap();
        assert_eq!(found[0] > found[1], start[0] > start[1], "{start:?}: {found:?}");
        assert!((found[0] - found[1]).abs() > 9.0, "{found:?} is the saddle");
    }
}

#[test]
fn what_swings_for_ever_or_follows_the_clock_has_no_rest() {
    // The Brusselator with b > 1 + a^2 oscillates around an unstable point.
    let mut n = Network::default();
    let [x, y] = ["x", "y"].map(|s| n.add_species(s, PLAIN));
    let product = || Expression::from(x) * Expression::from(x) * Expression::from(y);
    n.add_law("feed", &[], &[x], Expression::Number(1.0) - Expression::Number(4.0) * x.into());
    n.add_law("turn", &[], &[y], Expression::Number(3.0) * x.into());
    n.add_law("back", &[y], &[x], product());
    let start = Lane { initial: vec![0.5, 2.0], ..lane(&n, &[]) };
    let found = rest(&n, &[start]).remove(0);
    assert!(matches!(found, Err(LaneFailure::NoSteadyState(_))), "{found:?}");

    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let fades = Expression::Number(-1.0) * Expression::Time;
    n.add_law("in", &[], &[a], Expression::Exponential(Box::new(fades)));
    let found = rest(&n, &[lane(&n, &[])]).remove(0);
    assert!(matches!(found, Err(LaneFailure::NoSteadyState(_))), "{found:?}");
}
