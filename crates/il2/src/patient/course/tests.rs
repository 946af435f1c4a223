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
            let happenings = schedule(&records).expect("in order");
            let wanted = model.run(&happenings, &values, (&[], &[]), tolerance);
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

/// Delay, fraction and duration of doses change the levels as their derivatives say.
#[test]
fn derivatives_hold_for_what_doses_are_like() {
    let structure = Structure::TwoOral;
    let n = structure.parameters().len();
    let times = [0.0, 15.0, 50.0, 200.0, 431.0, 1000.0];
    for rate in [Rate::AtOnce, Rate::ModelledDuration, Rate::Given(2.0)] {
        let dose = Record { rate, interval: 300.0, additional: 2, ..Record::dose(0.0, 0, 100.0) };
        let records = observed(&times, vec![dose]);
        let level = |moved: [f64; 3]| {
            let mut held = held(structure, records.len(), &vec![0.0; n]);
            for h in &mut held {
                h.numbers.iter_mut().for_each(|n| n.by = vec![0.0; 3]);
                let number = |value: f64, d: usize| {
                    let mut number = Number::fixed(value + moved[d], 3);
                    number.by[d] = 1.0;
                    Some(number)
                };
                h.doses = Doses {
                    lag: number(20.0, 0),
                    bioavailability: number(0.7, 1),
                    duration: number(45.0, 2).filter(|_| rate != Rate::AtOnce),
                };
            }
            course(&Model::plain(structure), &records, &held, 3).expect("a course")
        };
        let here = level([0.0; 3]);
        for d in 0..3 {
            let moved = |h: f64| {
                let mut by = [0.0; 3];
                by[d] = h;
                level(by).levels
            };
            let (after, before) = (moved(1e-4), moved(-1e-4));
            for r in 0..records.len() {
                let slope = (after[r] - before[r]) / 2e-4;
                let off = (slope - here.by[r][d]).abs();
                assert!(off < 1e-7, "{rate:?} {r} {d}: {slope} {}", here.by[r][d]);
            }
        }
    }
}
