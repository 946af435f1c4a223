//! The reference integrator compared with analytic solutions, classic stiff problems, conservation
//! laws and an independent solver.

mod problems;

use il2_engine::reference::steady::steady_state;
use il2_engine::reference::{simulate, system::System};
use il2_engine::{Change, Event, Expression, LaneFailure, Network, Tolerance};
use problems::{
    PLAIN, closed_network, conversions, lane, rate, robertson, van_der_pol, with_diffsol,
};
use proptest::prelude::*;

const TIGHT: Tolerance = Tolerance { relative: 1e-10, absolute: 1e-14, most_steps: 100_000 };

#[test]
fn exponential_decay_is_exact_to_tolerance() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    n.species[a.0].initial = Expression::Number(5.0);
    let k = rate(&mut n, "k", 0.3);
    n.add_reaction("decay", &[a], &[], k);
    n.check().unwrap();
    let times = [0.0, 1.0, 10.0, 40.0];
    let found = simulate(&System::new(&n), &lane(&n, &times), TIGHT).unwrap();
    for (t, state) in times.iter().zip(&found.states) {
        let exact = 5.0 * (-0.3 * t).exp();
        assert!((state[0] - exact).abs() < 1e-9 * exact.max(1e-3), "{t}: {} {exact}", state[0]);
    }
}

#[test]
fn the_error_falls_with_the_tolerance() {
    let n = robertson();
    let system = System::new(&n);
    let at = |relative: f64| {
        let tolerance = Tolerance { relative, absolute: relative * 1e-6, ..TIGHT };
        simulate(&system, &lane(&n, &[40.0]), tolerance).unwrap().states[0].clone()
    };
    let truth = at(1e-12);
    let errors: Vec<f64> =
        [1e-4, 1e-6, 1e-8].iter().map(|&r| (at(r)[1] / truth[1] - 1.0).abs()).collect();
    assert!(errors[0] < 1e-3 && errors[1] < 1e-5 && errors[2] < 1e-7, "{errors:?}");
}

#[test]
fn robertson_meets_the_published_solution() {
    // Test set for IVP solvers (Mazzia & Magherini 2008), problem ROBER, t = 1e11.
    let n = robertson();
    let tolerance = Tolerance { relative: 1e-9, absolute: 1e-18, ..TIGHT };
    let found = simulate(&System::new(&n), &lane(&n, &[40.0, 1e11]), tolerance).unwrap();
    // At t = 40: Hairer & Wanner II, section IV.10 (0.7158, 9.186e-6, 0.2842).
    let early = [0.715_827, 9.185_5e-6, 0.284_164];
    let late = [2.083_340_149_701_255e-8, 8.333_360_770_334_713e-14, 0.999_999_979_166_515_6];
    for i in 0..3 {
        assert!((found.states[0][i] / early[i] - 1.0).abs() < 2e-5, "{:?}", found.states[0]);
        assert!((found.states[1][i] / late[i] - 1.0).abs() < 1e-6, "{:?}", found.states[1]);
    }
}

#[test]
fn van_der_pol_meets_the_published_solution() {
    // Test set for IVP solvers, problem VDPOL (epsilon 1e-6), t = 2.
    let n = van_der_pol();
    let found = simulate(&System::new(&n), &lane(&n, &[2.0]), TIGHT).unwrap();
    let published = [1.706_167_732_170_483, -0.892_809_701_024_797_5];
    for i in 0..2 {
        assert!((found.states[0][i] / published[i] - 1.0).abs() < 1e-6, "{:?}", found.states[0]);
    }
}

#[test]
fn an_independent_solver_agrees() {
    for (n, absolute) in [(robertson(), 1e-12), (van_der_pol(), 1e-8)] {
        let times = [0.1, 0.5, 0.7];
        let ours = simulate(&System::new(&n), &lane(&n, &times), TIGHT).unwrap();
        for (a, b) in ours.states.iter().zip(with_diffsol(&n, &times, absolute)) {
            for i in 0..a.len() {
                assert!((a[i] - b[i]).abs() < 2e-5 * (a[i].abs() + absolute), "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn an_output_at_an_event_shows_the_state_before_it() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let k = rate(&mut n, "k", 1.0);
    n.add_reaction("decay", &[a], &[], k);
    let mut l = lane(&n, &[0.0, 1.0, 1.0, 2.0]);
    l.events = vec![
        Event::new(0.0, Change::Set(a, 3.0)),
        Event::new(1.0, Change::Add(a, 1.0)),
        Event::new(1.0, Change::Set(a, 8.0)),
    ];
    let found = simulate(&System::new(&n), &l, TIGHT).unwrap();
    let e = (-1.0_f64).exp();
    let exact = [0.0, 3.0 * e, 3.0 * e, 8.0 * e];
    for (state, exact) in found.states.iter().zip(exact) {
        assert!((state[0] - exact).abs() < 1e-8, "{:?}", found.states);
    }
}

#[test]
fn a_lane_that_cannot_be_solved_says_why() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    n.species[a.0].initial = Expression::Number(1.0);
    let k = rate(&mut n, "k", 1.0);
    n.add_law("explosion", &[], &[a], k * Expression::from(a) * Expression::from(a));
    let system = System::new(&n);
    // x' = x^2 reaches infinity at t = 1.
    let blown = simulate(&system, &lane(&n, &[2.0]), Tolerance::default()).unwrap_err();
    assert!(
        matches!(&blown, LaneFailure::StepTooSmall { time, species, .. } if (time - 1.0).abs() < 1e-3 && species == "a"),
        "{blown:?}"
    );
    let mut wrong = lane(&n, &[0.5]);
    wrong.parameters[0] = f64::NAN;
    assert!(matches!(
        simulate(&system, &wrong, Tolerance::default()),
        Err(LaneFailure::NotFinite(name, _)) if name == "k"
    ));
    let backwards = simulate(&system, &lane(&n, &[0.5, 0.2]), Tolerance::default());
    assert_eq!(backwards.unwrap_err(), LaneFailure::Times(0.2));
    let impossible = Tolerance { relative: 1e-20, ..Tolerance::default() };
    assert!(matches!(
        simulate(&system, &lane(&n, &[0.5]), impossible),
        Err(LaneFailure::Tolerance(_))
    ));
}

#[test]
fn a_steady_state_keeps_the_totals_of_the_start() {
    let mut n = Network::default();
    let [a, b, ab] = ["a", "b", "ab"].map(|name| n.add_species(name, PLAIN));
    n.species[a.0].initial = Expression::Number(3.0);
    n.species[b.0].initial = Expression::Number(2.0);
    let on = rate(&mut n, "on", 2.0);
    let off = rate(&mut n, "off", 1.0);
    n.add_reaction("bind", &[a, b], &[ab], on);
    n.add_reaction("part", &[ab], &[a, b], off);
    let totals = n.check().unwrap();
    let l = lane(&n, &[]);
    let found = steady_state(&n, &System::new(&n), &l.parameters, &l.initial, &totals).unwrap();
    // 2 (3 - c)(2 - c) = c
    let c = (11.0 - (121.0_f64 - 4.0 * 2.0 * 12.0).sqrt()) / 4.0;
    assert!((found[2] - c).abs() < 1e-9 && (found[0] + found[2] - 3.0).abs() < 1e-9, "{found:?}");
}

/// `s1` falls to almost nothing and then grows again. If it is lost below the tolerance, it stays
/// at zero: a negative value would decrease for ever.
#[test]
fn a_species_that_grows_by_itself_is_never_below_zero() {
    let n = conversions(&[
        (3, 3, 2, 2.6362594835037956),
        (1, 3, 0, 0.001),
        (5, 2, 3, 0.3201836111845304),
        (2, 1, 1, 3.2944576603189786),
        (3, 3, 5, 6.8919908635641285),
        (1, 5, 3, 5.585960704540108),
    ]);
    let mut l = lane(&n, &[0.5, 20.0]);
    l.initial = vec![0.01, 5.382076328950572, 0.01, 0.01, 0.01, 0.01];
    let at = |absolute| {
        let tolerance = Tolerance { absolute, ..TIGHT };
        simulate(&System::new(&n), &l, tolerance).unwrap().states[1].clone()
    };
    let coarse = simulate(&System::new(&n), &l, Tolerance::default()).unwrap();
    assert!(coarse.states[1].iter().all(|v| *v >= 0.0), "{coarse:?}");
    let (fine, finer) = (at(1e-20), at(1e-24));
    for (a, b) in fine.iter().zip(&finer) {
        assert!((a - b).abs() < 1e-4 && finer[1] > 0.2, "{fine:?} {finer:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn totals_are_kept_from_random_positive_states((n, start) in closed_network()) {
        let totals = n.check().unwrap();
        prop_assert!(!totals.is_empty());
        let mut l = lane(&n, &[0.5, 20.0]);
        l.initial = start;
        let found = simulate(&System::new(&n), &l, Tolerance::default()).unwrap();
        let lifted = found.set_to_zero as f64 * Tolerance::default().absolute;
        for total in &totals {
            let before = total.value(&n, &l.initial, &l.parameters);
            let size: f64 = total.terms.iter().map(|(s, w)| (*w as f64 * l.initial[s.0]).abs()).sum();
            for state in &found.states {
                let after = total.value(&n, state, &l.parameters);
                prop_assert!((after - before).abs() < 1e-11 * size + 6.0 * lifted, "{} {before} {after}", total.describe(&n));
            }
        }
    }

    #[test]
    fn the_jacobian_is_the_derivative_of_the_right_hand_side((n, x) in closed_network()) {
        let system = System::new(&n);
        let p = n.parameter_values(&[]);
        let j = system.jacobian(&x, &p, 0.0);
        let size = x.len();
        for column in 0..size {
            let h = 1e-6 * x[column];
            let at = |s: f64| {
                let mut moved = x.clone();
                moved[column] += s * h;
                let mut out = vec![0.0; size];
                system.derivative(&moved, &p, 0.0, &mut out);
                out
            };
            let (plus, minus) = (at(1.0), at(-1.0));
            for row in 0..size {
                let quotient = (plus[row] - minus[row]) / (2.0 * h);
                prop_assert!((j[row * size + column] - quotient).abs() < 1e-5 * (1.0 + quotient.abs()));
            }
        }
    }
}
