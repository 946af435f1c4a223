//! Triggers fire once for every crossing that counts, wherever the steps end.

mod problems;

use il2_engine::lane::{Crossing, Trigger};
use il2_engine::{
    Backend, Change, Ensemble, Event, Expression, Lane, LaneFailure, Network, Program, SpeciesId,
    Tolerance, Trajectory,
};
use problems::{PLAIN, lane, rate};
use std::f64::consts::PI;

fn run(n: &Network, lane: &Lane, relative: f64) -> Result<Trajectory, LaneFailure> {
    let program = Program::new(n, Backend::Fastest);
    let tolerance = Tolerance { relative, absolute: relative * 1e-3, ..Tolerance::default() };
    Ensemble::new(&program, tolerance)
        .run_all(std::slice::from_ref(lane))
        .remove(0)
        .map_err(LaneFailure::from)
}

/// Eight units of `a`, which decay, and a counter `b`.
fn decay(k: f64) -> (Network, SpeciesId, SpeciesId) {
    let mut n = Network::default();
    let [a, b] = ["a", "b"].map(|s| n.add_species(s, PLAIN));
    n.species[a.0].initial = Expression::Number(8.0);
    let k = rate(&mut n, "k", k);
    n.add_reaction("decay", &[a], &[], k);
    (n, a, b)
}

fn below_one(a: SpeciesId, crossing: Crossing, change: Change) -> Trigger {
    Trigger { watch: Expression::from(a) - Expression::Number(1.0), crossing, change }
}

/// The cosine is above a threshold near one for a short time in each turn, within one step; and below
/// the negative threshold half a turn later.
#[test]
fn a_threshold_that_is_exceeded_for_an_instant_is_not_missed() {
    let mut n = Network::default();
    let [a, b] = ["a", "b"].map(|s| n.add_species(s, PLAIN));
    n.species.iter_mut().for_each(|s| s.signed = true);
    n.species[b.0].initial = Expression::Number(-1.0);
    n.add_law("da", &[], &[a], b.into());
    n.add_law("db", &[], &[b], Expression::Number(-1.0) * Expression::from(a));
    for (threshold, relative) in [(0.9, 1e-6), (0.999, 1e-6), (0.99999, 1e-9), (0.9999999, 1e-10)] {
        for crossing in [Crossing::Up, Crossing::Down] {
            let mut l = lane(&n, &[63.0]);
            let watch = Expression::from(b) - Expression::Number(threshold);
            let sign = if crossing == Crossing::Up { 1.0 } else { -1.0 };
            let watch = Expression::Number(sign) * watch;
            l.triggers = vec![Trigger { watch, crossing, change: Change::Nothing }];
            let found = run(&n, &l, relative).unwrap().crossings;
            // -cos(t) has its peaks at odd multiples of pi.
            let before = f64::acos(threshold);
            let wanted: Vec<f64> = (0..10).map(|k| PI * f64::from(2 * k + 1) - before).collect();
            assert_eq!(found.len(), wanted.len(), "{threshold} {crossing:?}: {found:?}");
            for ((_, found), wanted) in found.iter().zip(wanted) {
                assert!((found - wanted).abs() < 0.1 * before, "{threshold}: {found} {wanted}");
            }
        }
    }
}

#[test]
fn an_oscillator_crosses_both_ways() {
    let mut n = Network::default();
    let [a, b] = ["a", "b"].map(|s| n.add_species(s, PLAIN));
    n.species.iter_mut().for_each(|s| s.signed = true);
    n.species[a.0].initial = Expression::Number(1.0);
    n.add_law("da", &[], &[a], b.into());
    n.add_law("db", &[], &[b], Expression::Number(-1.0) * Expression::from(a));
    // The cosine is zero at odd multiples of pi / 2; it falls at the first and rises at the second.
    for (crossing, first, every) in
        [(Crossing::Down, 0.5, 2.0), (Crossing::Up, 1.5, 2.0), (Crossing::Both, 0.5, 1.0)]
    {
        let mut l = lane(&n, &[40.0]);
        l.triggers = vec![Trigger { watch: a.into(), crossing, change: Change::Nothing }];
        let found = run(&n, &l, 1e-9).unwrap().crossings;
        let wanted = (0..).map(|k| (first + every * f64::from(k)) * PI).take_while(|&t| t < 40.0);
        let wanted: Vec<f64> = wanted.collect();
        assert_eq!(found.len(), wanted.len(), "{crossing:?}: {found:?}");
        for ((_, found), wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{crossing:?}: {found} {wanted}");
        }
    }
}

#[test]
fn one_crossing_is_one_dose_at_any_tolerance() {
    for relative in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9] {
        for k in 1..=40 {
            let (n, a, b) = decay(0.1 * f64::from(k));
            let mut l = lane(&n, &[30.0]);
            l.triggers = vec![below_one(a, Crossing::Down, Change::Add(b, 1.0))];
            let found = run(&n, &l, relative).unwrap_or_else(|e| panic!("{relative} {k}: {e}"));
            assert_eq!(found.states[0][1], 1.0, "{relative} {k}: {:?}", found.crossings);
        }
    }
}

#[test]
fn triggers_of_one_instant_all_fire() {
    for change in [Change::Nothing, Change::Add(SpeciesId(1), 1.0)] {
        let (n, a, b) = decay(1.0);
        let mut l = lane(&n, &[20.0]);
        l.triggers = vec![
            below_one(a, Crossing::Down, change),
            below_one(a, Crossing::Down, Change::Add(b, 10.0)),
        ];
        let found = run(&n, &l, 1e-6).unwrap();
        let wanted = if matches!(change, Change::Nothing) { 10.0 } else { 11.0 };
        assert_eq!(found.states[0][1], wanted, "{:?}", found.crossings);
    }
}

#[test]
fn triggers_look_after_what_happens_at_the_start() {
    for (crossing, times) in [(Crossing::Down, 1), (Crossing::Up, 0), (Crossing::Both, 1)] {
        let (mut n, a, b) = decay(1.0);
        n.species[a.0].initial = Expression::Number(0.0);
        let mut l = lane(&n, &[20.0]);
        l.events = vec![Event::new(0.0, Change::Add(a, 8.0))];
        l.triggers = vec![below_one(a, crossing, Change::Add(b, 1.0))];
        let found = run(&n, &l, 1e-6).unwrap();
        assert_eq!(found.states[0][1], f64::from(times), "{crossing:?}: {:?}", found.crossings);
    }
}

#[test]
fn a_trigger_that_watches_nothing_is_refused() {
    let (n, _, b) = decay(1.0);
    let mut l = lane(&n, &[20.0]);
    l.triggers = vec![below_one(SpeciesId(7), Crossing::Down, Change::Add(b, 1.0))];
    assert!(matches!(run(&n, &l, 1e-6), Err(LaneFailure::Shape(..))));
}

#[test]
fn a_lane_may_end_where_it_crosses() {
    let (n, a, _) = decay(0.5);
    let mut l = lane(&n, &[1.0, 40.0]);
    l.triggers = vec![below_one(a, Crossing::Down, Change::Stop)];
    let found = run(&n, &l, 1e-9).unwrap();
    // Eight units fall to one: the output before this is present, the one after is left out.
    let when = 8.0_f64.ln() / 0.5;
    assert_eq!((found.states.len(), found.recorded.len()), (1, 1));
    assert!((found.recorded[0][a.0] - 1.0).abs() < 1e-6, "{:?}", found.recorded);
    assert!((found.crossings[0].1 - when).abs() < 1e-6, "{:?}", found.crossings);
}
