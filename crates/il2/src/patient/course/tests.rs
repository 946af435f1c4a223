//! Comparison with the integrated models, and of derivatives with finite differences.

use super::*;
use crate::patient::compartments::{Compartments, Structure};
use crate::treatment::record::{Kind, Rate, Record, Steady};
use crate::treatment::schedule::schedule;
use il2_engine::{Dimension, Tolerance};

fn observed(times: &[f64], doses: Vec<Record>) -> Vec<Record> {
    let mut all = doses;
    all.extend(times.iter().map(|t| Record::observation(*t)));
    all.sort_by(|a, b| a.time.total_cmp(&b.time));
    all
}

/// Numbers, each of which changes along its own direction; from the third record on they have other
/// values.
fn held(structure: Structure, records: usize, by: &[f64]) -> Vec<Held> {
    let known = [("clearance", 0.05), ("volume", 20.0), ("absorption_rate", 0.02)];
    let known = known.into_iter().chain([
        ("intercompartmental_clearance", 0.08),
        ("peripheral_volume", 30.0),
        ("second_intercompartmental_clearance", 0.01),
        ("second_peripheral_volume", 60.0),
    ]);
    let known: Vec<(&str, f64)> = known.collect();
    let of = |record: usize| {
        let number = |(d, p): (usize, &crate::patient::compartments::Named)| {
            let (_, value) = known.iter().find(|(n, _)| *n == p.name).expect("a number");
            let value = value * if record > 2 { 1.2 } else { 1.0 } * (1.0 + by[d]);
            let mut number = Number::fixed(value, by.len());
            number.by[d] = value / (1.0 + by[d]);
            number
        };
        let numbers = structure.parameters().iter().enumerate().map(number).collect();
        Held { numbers, doses: Doses::default() }
    };
    (0..records).map(of).collect()
}

/// Bolus, infusion, repeated doses, a steady state and a reset.
fn schedules() -> Vec<Vec<Record>> {
    let times = [0.0, 10.0, 55.0, 200.0, 431.0, 1000.0, 2000.0];
    let bolus = Record::dose(0.0, 0, 100.0);
    let infusion = Record { rate: Rate::Given(1.5), ..Record::dose(30.0, 0, 200.0) };
    let repeated = Record { interval: 300.0, additional: 4, ..bolus.clone() };
    let steady =
        Record { steady: Steady::Replaces, interval: 300.0, additional: 3, ..bolus.clone() };
    let fed = Record {
        steady: Steady::Replaces,
        interval: 480.0,
        rate: Rate::Given(0.5),
        ..bolus.clone()
    };
    let anew = Record { kind: Kind::ResetAndDose, ..Record::dose(500.0, 0, 50.0) };
    vec![
        observed(&times, vec![bolus.clone()]),
        observed(&times, vec![infusion.clone(), bolus]),
        observed(&times, vec![repeated.clone(), infusion]),
        observed(&times, vec![steady]),
        observed(&times, vec![fed]),
        observed(&times, vec![repeated, anew]),
    ]
}

#[test]
fn levels_are_those_of_the_integrated_model() {
    let mass = Dimension { mass: 1, ..Dimension::DIMENSIONLESS };
    let tolerance = Tolerance { relative: 1e-10, ..Tolerance::default() };
    for (_, structure) in Structure::ALL {
        let model = Compartments::new(structure, mass);
        for records in schedules() {
            let by = vec![0.0; structure.parameters().len()];
            let held = held(structure, records.len(), &by);
            let values: Vec<Vec<f64>> =
                held.iter().map(|h| h.numbers.iter().map(|n| n.value).collect()).collect();
            let dose_events = schedule(&records).expect("in order");
            let wanted = model.run(&dose_events, &values, (&[], &[]), tolerance);
            let found =
                course(&Model::plain(structure), &records, &held, by.len()).expect("a course");
            let place = structure.parameters().iter().position(|p| p.name == "volume").unwrap();
            for (r, level) in found.levels.iter().enumerate() {
                let wanted = wanted.records[r][structure.central()] / values[r][place];
                let off = (level - wanted).abs();
                assert!(off < 1e-7 * wanted + 1e-9, "{structure:?} {r}: {level} {wanted}");
            }
        }
    }
}

#[test]
fn derivatives_are_those_of_the_levels() {
    for (_, structure) in Structure::ALL {
        let n = structure.parameters().len();
        for records in schedules() {
            let level = |by: &[f64]| {
                let held = held(structure, records.len(), by);
                course(&Model::plain(structure), &records, &held, n).expect("a course")
            };
            let here = level(&vec![0.0; n]);
            for d in 0..n {
                let moved = |h: f64| {
                    let mut by = vec![0.0; n];
                    by[d] = h;
                    level(&by).levels
                };
                let (after, before) = (moved(1e-5), moved(-1e-5));
                for r in 0..records.len() {
                    let slope = (after[r] - before[r]) / 2e-5;
                    let off = (slope - here.by[r][d]).abs();
                    assert!(
                        off < 1e-7 * (1.0 + here.levels[r]),
                        "{structure:?} {r} {d}: {slope} {}",
                        here.by[r][d]
                    );
                }
            }
        }
    }
}

/// Delay, fraction, duration and rate of doses change the levels as their derivatives say, also at a
/// steady state: with a delay and an infusion shorter and longer than the interval.
#[test]
fn derivatives_hold_for_what_doses_are_like() {
    let structure = Structure::TwoOral;
    let n = structure.parameters().len();
    let times = [0.0, 15.0, 50.0, 200.0, 431.0, 1000.0];
    let rates = [Rate::AtOnce, Rate::ModelledDuration, Rate::Given(2.0), Rate::Modelled];
    let states = [Steady::No, Steady::Replaces, Steady::Adds];
    let all = rates.into_iter().flat_map(|rate| states.into_iter().map(move |s| (rate, s)));
    let delays = [(20.0, 45.0, 1.5), (310.0, 340.0, 0.2), (20.0, 320.0, 0.21)];
    for ((rate, steady), (lag, duration, modelled)) in
        all.flat_map(|one| delays.into_iter().map(move |other| (one, other)))
    {
        let dose =
            Record { rate, steady, interval: 300.0, additional: 2, ..Record::dose(0.0, 0, 100.0) };
        let before = Record::dose(0.0, 1, 30.0);
        let records = observed(&times, vec![before, dose]);
        let level = |moved: [f64; 4]| {
            let mut held = held(structure, records.len(), &vec![0.0; n]);
            for h in &mut held {
                h.numbers.iter_mut().for_each(|n| n.by = vec![0.0; 4]);
                let number = |value: f64, d: usize| {
                    let mut number = Number::fixed(value + moved[d], 4);
                    number.by[d] = 1.0;
                    Some(number)
                };
                h.doses = Doses {
                    lag: number(lag, 0),
                    bioavailability: number(0.7, 1),
                    duration: number(duration, 2),
                    rate: number(modelled, 3),
                };
            }
            course(&Model::plain(structure), &records, &held, 4).expect("a course")
        };
        let here = level([0.0; 4]);
        for d in 0..4 {
            let moved = |h: f64| {
                let mut by = [0.0; 4];
                by[d] = h;
                level(by).levels
            };
            let (after, before) = (moved(1e-5), moved(-1e-5));
            for r in 0..records.len() {
                let slope = (after[r] - before[r]) / 2e-5;
                let off = (slope - here.by[r][d]).abs();
                assert!(
                    off < 1e-6 * (0.1 + slope.abs()),
                    "{rate:?} {steady:?} {lag} {duration} {r} {d}: {slope} {}",
                    here.by[r][d]
                );
            }
        }
    }
}

/// One compartment, a bolus every 300 min with a delay of 20: before the delay has passed the level is that late
/// in the cycle before, `D / V exp(-k (300 - 20 + t)) / (1 - exp(-300 k))`, and rises with the delay as that does.
#[test]
fn a_steady_state_with_a_delay_has_its_closed_form() {
    let structure = Structure::One;
    let dose = Record { steady: Steady::Replaces, interval: 300.0, ..Record::dose(0.0, 0, 100.0) };
    let records = observed(&[5.0, 12.0, 40.0], vec![dose]);
    let mut held = held(structure, records.len(), &[0.0; 2]);
    for h in &mut held {
        h.numbers = vec![Number::fixed(0.05, 1), Number::fixed(20.0, 1)];
        h.doses.lag = Some(Number { value: 20.0, by: vec![1.0] });
    }
    let found = course(&Model::plain(structure), &records, &held, 1).expect("a course");
    let k: f64 = 0.05 / 20.0;
    let whole = 1.0 - (-300.0 * k).exp();
    for (r, t) in [(1, 5.0), (2, 12.0), (3, 40.0)] {
        let since = if t < 20.0 { 280.0 + t } else { t - 20.0 };
        let wanted = 100.0 / 20.0 * (-k * since).exp() / whole;
        assert!(
            (found.levels[r] / wanted - 1.0).abs() < 1e-12,
            "{t}: {} {wanted}",
            found.levels[r]
        );
        assert!((found.by[r][0] / (k * wanted) - 1.0).abs() < 1e-10, "{t}: {}", found.by[r][0]);
    }
}
