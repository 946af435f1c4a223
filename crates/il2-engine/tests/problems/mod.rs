//! Networks that several tests run: classic stiff problems, random networks, and an independent
//! solver for comparison.
#![allow(dead_code)]

use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason};
use il2_engine::reference::system::System;
use il2_engine::{Dimension, Expression, Lane, Network, SpeciesId};
use proptest::prelude::*;

pub const PLAIN: Dimension = Dimension::DIMENSIONLESS;

pub fn rate(n: &mut Network, name: &str, value: f64) -> Expression {
    n.add_parameter(name, Dimension::RATE, value).into()
}

pub fn lane(n: &Network, times: &[f64]) -> Lane {
    let parameters = n.parameter_values(&[]);
    let initial = n.initial_state(&parameters);
    Lane { parameters, initial, times: times.to_vec(), ..Lane::default() }
}

/// Robertson 1966: three species, with rates that span nine decades.
pub fn robertson() -> Network {
    let mut n = Network::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| n.add_species(name, PLAIN));
    n.species[a.0].initial = Expression::Number(1.0);
    let k1 = rate(&mut n, "k1", 0.04);
    let k2 = rate(&mut n, "k2", 3e7);
    let k3 = rate(&mut n, "k3", 1e4);
    n.add_reaction("r1", &[a], &[b], k1);
    n.add_reaction("r2", &[b, b], &[b, c], k2);
    n.add_reaction("r3", &[b, c], &[a, c], k3);
    n
}

/// Van der Pol with mu = 1000 on the slow time scale, as two laws.
pub fn van_der_pol() -> Network {
    let mut n = Network::default();
    let [x, y] = ["x", "y"].map(|name| n.add_species(name, PLAIN));
    n.species.iter_mut().for_each(|s| s.signed = true);
    n.species[x.0].initial = Expression::Number(2.0);
    let k = rate(&mut n, "k", 1.0);
    let stiff = rate(&mut n, "stiff", 1e6);
    let (ex, ey) = (Expression::from(x), Expression::from(y));
    n.add_law("dx", &[], &[x], k * ey.clone());
    let one = Expression::Number(1.0);
    n.add_law("dy", &[], &[y], stiff * ((one - ex.clone() * ex.clone()) * ey - ex));
    n
}

/// One species and its rate of change as a law.
fn law(n: &mut Network, id: SpeciesId, law: Expression) {
    let name = format!("law {}", n.reactions.len());
    n.add_law(name, &[], &[id], law);
}

/// A sum of terms, each a number times a product of species.
fn polynomial(terms: &[(f64, &[usize])]) -> Expression {
    terms.iter().fold(Expression::Number(0.0), |sum, (k, factors)| {
        let start = Expression::Number(*k);
        sum + factors.iter().fold(start, |product, &s| product * SpeciesId(s - 1).into())
    })
}

/// Species `y1`, `y2`, ... of either sign, with their initial values.
fn plain(initial: &[f64]) -> Network {
    let mut n = Network::default();
    for (i, &value) in initial.iter().enumerate() {
        let id = n.add_species(format!("y{}", i + 1), PLAIN);
        n.species[id.0].initial = Expression::Number(value);
        n.species[id.0].signed = true;
    }
    n
}

/// HIRES (Schaefer 1975; test set for IVP solvers): growth of plant tissue; eight species.
pub fn hires() -> Network {
    let mut n = plain(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057]);
    let laws: [&[(f64, &[usize])]; 8] = [
        &[(-1.71, &[1]), (0.43, &[2]), (8.32, &[3]), (0.0007, &[])],
        &[(1.71, &[1]), (-8.75, &[2])],
        &[(-10.03, &[3]), (0.43, &[4]), (0.035, &[5])],
        &[(8.32, &[2]), (1.71, &[3]), (-1.12, &[4])],
        &[(-1.745, &[5]), (0.43, &[6]), (0.43, &[7])],
        &[(-280.0, &[6, 8]), (0.69, &[4]), (1.71, &[5]), (-0.43, &[6]), (0.69, &[7])],
        &[(280.0, &[6, 8]), (-1.81, &[7])],
        &[(-280.0, &[6, 8]), (1.81, &[7])],
    ];
    for (i, terms) in laws.iter().enumerate() {
        law(&mut n, SpeciesId(i), polynomial(terms));
    }
    n
}

/// The Oregonator (Field & Noyes 1974; Hairer & Wanner II, section IV.10): a stiff limit cycle.
pub fn oregonator() -> Network {
    let mut n = plain(&[1.0, 2.0, 3.0]);
    let (s, q, w) = (77.27, 8.375e-6, 0.161);
    let laws: [&[(f64, &[usize])]; 3] = [
        &[(s, &[2]), (s, &[1]), (-s * q, &[1, 1]), (-s, &[1, 2])],
        &[(1.0 / s, &[3]), (-1.0 / s, &[2]), (-1.0 / s, &[1, 2])],
        &[(w, &[1]), (-w, &[3])],
    ];
    for (i, terms) in laws.iter().enumerate() {
        law(&mut n, SpeciesId(i), polynomial(terms));
    }
    n
}

/// The pollution problem (Verwer 1994; test set for IVP solvers): 25 reactions of 20 species.
pub fn pollution() -> Network {
    let mut start = [0.0; 20];
    for (species, value) in [(2, 0.2), (4, 0.04), (7, 0.1), (8, 0.3), (9, 0.01), (17, 0.007)] {
        start[species - 1] = value;
    }
    let mut n = plain(&start);
    n.species.iter_mut().for_each(|s| s.signed = false);
    let reactions: [(f64, &[usize], &[usize]); 25] = [
        (0.35, &[1], &[2, 3]),
        (26.6, &[2, 4], &[1]),
        (12_300.0, &[5, 2], &[6, 1]),
        (0.000_86, &[7], &[5, 5, 8]),
        (0.000_82, &[7], &[8]),
        (15_000.0, &[7, 6], &[8, 5]),
        (0.000_13, &[9], &[10, 8, 5]),
        (24_000.0, &[9, 6], &[11]),
        (16_500.0, &[11, 2], &[10, 12, 1]),
        (9_000.0, &[11, 1], &[13]),
        (0.022, &[13], &[11, 1]),
        (12_000.0, &[10, 2], &[14, 1]),
        (1.88, &[14], &[7, 5]),
        (16_300.0, &[1, 6], &[15]),
        (4_800_000.0, &[3], &[4]),
        (0.000_35, &[4], &[16]),
        (0.0175, &[4], &[3]),
        (100_000_000.0, &[16], &[6, 6]),
        (444_000_000_000.0, &[16], &[3]),
        (1_240.0, &[17, 6], &[18, 5]),
        (2.1, &[19], &[2]),
        (5.78, &[19], &[1, 3]),
        (0.0474, &[1, 4], &[19]),
        (1_780.0, &[19, 1], &[20]),
        (3.12, &[20], &[19, 1]),
    ];
    for (i, (k, from, to)) in reactions.into_iter().enumerate() {
        let species = |list: &[usize]| list.iter().map(|s| SpeciesId(s - 1)).collect::<Vec<_>>();
        n.add_reaction(format!("r{}", i + 1), &species(from), &species(to), k);
    }
    n
}

/// The same network solved by the BDF method of diffsol.
pub fn with_diffsol(n: &Network, times: &[f64], absolute: f64) -> Vec<Vec<f64>> {
    with_diffsol_from(n, &lane(n, times), absolute)
}

/// The same for a lane without events.
pub fn with_diffsol_from(n: &Network, start: &Lane, absolute: f64) -> Vec<Vec<f64>> {
    let system = System::new(n);
    let times = &start.times;
    let (p, initial) = (start.parameters.clone(), start.initial.clone());
    let size = initial.len();
    let (s1, p1, s2, p2) = (system.clone(), p.clone(), system, p);
    let problem = OdeBuilder::<NalgebraMat<f64>>::new()
        .rtol(1e-8)
        .atol([absolute])
        .h0(1e-11)
        .rhs_implicit(
            move |x, _p, t, y| s1.derivative(x, &p1, t, y),
            move |x, _p, t, v, y| {
                let j = s2.jacobian(x, &p2, t);
                for r in 0..size {
                    y[r] = (0..size).map(|c| j[r * size + c] * v[c]).sum();
                }
            },
        )
        .init(move |_p, _t, y| (0..size).for_each(|i| y[i] = initial[i]), size)
        .build()
        .unwrap();
    let mut solver = problem.bdf::<NalgebraLU<f64>>().unwrap();
    let mut found = vec![];
    for &t in times {
        solver.set_stop_time(t).unwrap();
        while !matches!(solver.step().unwrap(), OdeSolverStopReason::TstopReached) {}
        found.push((0..size).map(|i| solver.state().y[i]).collect());
    }
    found
}

/// Closed random networks of unimolecular and bimolecular steps over six species.
pub fn closed_network() -> impl Strategy<Value = (Network, Vec<f64>)> {
    let step = (0..6_usize, 0..6_usize, 0..6_usize, 1e-3..10.0f64);
    (prop::collection::vec(step, 1..12), prop::collection::vec(0.01..10.0f64, 6))
        .prop_map(|(steps, start)| (conversions(&steps), start))
}

/// Six species and steps `from + with -> to + with` at a rate: mass is conserved, and catalysis
/// makes the network nonlinear.
pub fn conversions(steps: &[(usize, usize, usize, f64)]) -> Network {
    let mut n = Network::default();
    let s: Vec<SpeciesId> = (0..6).map(|i| n.add_species(format!("s{i}"), PLAIN)).collect();
    for (i, &(from, with, to, k)) in steps.iter().enumerate() {
        let k = rate(&mut n, &format!("k{i}"), k);
        n.add_reaction(format!("r{i}"), &[s[from], s[with]], &[s[to], s[with]], k);
    }
    n
}
