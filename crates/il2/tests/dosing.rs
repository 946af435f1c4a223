//! The meaning of the columns of an event table in NONMEM, compared with closed forms: one
//! compartment, in which the remaining amount decays exponentially.

use il2::patient::compartments::{Compartments, Structure};
use il2::treatment::record::{Delivery, Kind, Rate, Record, Steady};
use il2::treatment::schedule::{elapsed, schedule};
use il2_engine::{Dimension, Tolerance};

const CLEARANCE: f64 = 0.02;
const VOLUME: f64 = 5.0;
const K: f64 = CLEARANCE / VOLUME;
const MASS: Dimension = Dimension { mass: 1, ..Dimension::DIMENSIONLESS };

/// Amount remaining of a bolus of 1.
fn left(since: f64) -> f64 {
    if since < 0.0 { 0.0 } else { (-K * since).exp() }
}

/// Amount remaining of an infusion at rate 1.
fn flowed(since: f64, duration: f64) -> f64 {
    let whole = |t: f64| if t <= 0.0 { 0.0 } else { (1.0 - (-K * t).exp()) / K };
    whole(since) - whole(since - duration)
}

fn run_with(records: &[Record], values: &[Vec<f64>]) -> Vec<f64> {
    for record in records {
        assert_eq!(record.problem(), None, "{record:?}");
    }
    let model = Compartments::new(Structure::One, MASS);
    let dose_events = schedule(records).unwrap();
    let tolerance = Tolerance { relative: 1e-9, absolute: 1e-9, ..Tolerance::default() };
    let states = model.run(&dose_events, values, (&[], &[]), tolerance).records;
    assert_eq!(states.len(), records.len());
    for x in &states {
        assert!((x[0] + x[1] - x[2]).abs() <= 1e-9 * x[2].max(1.0), "not balanced: {x:?}");
    }
    states.iter().map(|x| x[0]).collect()
}

fn run(records: &[Record]) -> Vec<f64> {
    run_with(records, &vec![vec![CLEARANCE, VOLUME]; records.len()])
}

fn look(time: f64) -> Record {
    Record::observation(time)
}

fn dose(time: f64, amount: f64) -> Record {
    Record::dose(time, 0, amount)
}

fn agree(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    for (k, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() <= 1e-6 * (1.0 + wanted.abs()), "{k}: {found} {wanted}");
    }
}

#[test]
fn bioavailability_scales_the_duration_where_a_rate_is_given() {
    let half = Delivery { bioavailability: 0.5, ..Delivery::default() };
    let given = Record { rate: Rate::Given(2.0), delivery: half, ..dose(0.0, 100.0) };
    let wanted: Vec<f64> = [10.0, 25.0, 40.0].map(|t| 2.0 * flowed(t, 25.0)).to_vec();
    agree(&run(&[given, look(10.0), look(25.0), look(40.0)])[1..], &wanted);
    // The same with the rate of the compartment.
    let delivery = Delivery { rate: 2.0, ..half };
    let modelled = Record { rate: Rate::Modelled, delivery, ..dose(0.0, 100.0) };
    agree(&run(&[modelled, look(10.0), look(25.0), look(40.0)])[1..], &wanted);
}

#[test]
fn bioavailability_scales_the_rate_where_a_duration_is_given() {
    let delivery = Delivery { bioavailability: 0.5, duration: 20.0, ..Delivery::default() };
    let given = Record { rate: Rate::ModelledDuration, delivery, ..dose(0.0, 100.0) };
    let wanted: Vec<f64> = [10.0, 20.0, 40.0].map(|t| 2.5 * flowed(t, 20.0)).to_vec();
    agree(&run(&[given, look(10.0), look(20.0), look(40.0)])[1..], &wanted);
}

#[test]
fn a_steady_state_with_a_delay_is_taken_as_late_in_the_cycle() {
    let delivery = Delivery { lag: 15.0, ..Delivery::default() };
    let steady = Record { steady: Steady::Replaces, interval: 60.0, delivery, ..dose(0.0, 100.0) };
    let since_ever = |since: f64| 100.0 * left(since) / (1.0 - left(60.0));
    // At the record the last dose was given 45 min ago; the record's own dose follows 15 min later.
    let found = run(&[steady, look(10.0), look(15.0), look(30.0)]);
    let wanted = [since_ever(45.0), since_ever(55.0), since_ever(0.0), since_ever(15.0)];
    agree(&found, &wanted);
}

/// As printed by NONMEM 7.6 (tests `ss_lag_ge_ii` and `ss_lag_infusion` of ferx-core): no dose is
/// pending, the state is that at the start of a cycle, and an infusion continues for its duration
/// minus the interval plus the delay.
#[test]
fn a_delay_longer_than_the_interval_is_taken_as_nonmem_takes_it() {
    let delivery = Delivery { lag: 70.0, ..Delivery::default() };
    let steady = Record { steady: Steady::Replaces, interval: 60.0, delivery, ..dose(0.0, 100.0) };
    let start = 100.0 / (1.0 - left(60.0));
    let found = run(&[steady.clone(), look(10.0), look(70.0)]);
    agree(&found, &[start, start * left(10.0), start * left(70.0) + 100.0]);
    // An infusion at 2 per minute over 50 min.
    let infusion = Record { rate: Rate::Given(2.0), ..steady };
    let ever: f64 = (1..20_000).map(|k| 2.0 * flowed(60.0 * f64::from(k), 50.0)).sum();
    let found = run(&[infusion, look(20.0), look(65.0), look(80.0)]);
    let after = |t: f64| ever * left(t) + 2.0 * flowed(t, 60.0) + 2.0 * flowed(t - 70.0, 50.0);
    agree(&found, &[ever, after(20.0), after(65.0), after(80.0)]);
}

/// One compartment of 10 L and one of 50 L, in litres and hours: concentrations from NONMEM 7.6.
#[test]
fn delays_beyond_the_interval_meet_nonmems_output() {
    let hours = 60.0;
    let delivery = Delivery { lag: 15.0 * hours, ..Delivery::default() };
    let interval = 12.0 * hours;
    let bolus = Record { steady: Steady::Replaces, interval, delivery, ..dose(0.0, 600.0) };
    let values = vec![vec![10.0 / hours, 50.0]; 2];
    let found = run_with(&[bolus, look(4.0 * hours)], &values);
    let printed = [13.197, 5.9299];
    assert!(found.iter().zip(printed).all(|(x, c)| (x / 50.0 / c - 1.0).abs() < 2e-4), "{found:?}");
    let delivery = Delivery { lag: 14.0 * hours, ..Delivery::default() };
    let rate = Rate::Given(100.0 / hours);
    let infusion =
        Record { steady: Steady::Replaces, interval, delivery, rate, ..dose(0.0, 600.0) };
    let found = run_with(&[infusion, look(0.5 * hours)], &values);
    let printed = [2.3148, 3.0461];
    assert!(found.iter().zip(printed).all(|(x, c)| (x / 50.0 / c - 1.0).abs() < 2e-4), "{found:?}");
}

#[test]
fn infusions_longer_than_their_interval_overlap_and_go_on() {
    let (rate, duration, interval) = (2.0, 150.0, 60.0);
    let steady = Record {
        steady: Steady::Replaces,
        interval,
        rate: Rate::Given(rate),
        ..dose(0.0, rate * duration)
    };
    // Three infusions are in progress at any time; each began a whole number of intervals ago.
    let ever = |now: f64| -> f64 {
        (0..20_000).map(|k| rate * flowed(now + interval * f64::from(k), duration)).sum()
    };
    let found = run(&[steady, look(20.0), look(45.0), look(100.0), look(200.0)]);
    agree(&found, &[ever(0.0), ever(20.0), ever(45.0), ever(100.0), ever(200.0)]);
}

#[test]
fn a_steady_infusion_that_is_delayed_flows_on_from_the_cycle_before() {
    let delivery = Delivery { lag: 15.0, bioavailability: 0.8, ..Delivery::default() };
    let steady = Record {
        steady: Steady::Replaces,
        interval: 60.0,
        rate: Rate::Given(2.0),
        delivery,
        additional: 1,
        ..dose(0.0, 125.0)
    };
    // Of 125, 100 are absorbed, over 50 min: the last infusion began 45 min ago and continues for 5
    // more.
    let ever = |now: f64| -> f64 {
        (0..20_000).map(|k| 2.0 * flowed(now - 15.0 - 60.0 + 60.0 * f64::from(k), 50.0)).sum()
    };
    let found = run(&[steady, look(2.0), look(10.0), look(15.0), look(70.0), look(130.0)]);
    agree(&found, &[ever(0.0), ever(2.0), ever(10.0), ever(15.0), ever(70.0), ever(130.0)]);
}

#[test]
fn a_constant_infusion_to_steady_state_is_switched_off_after_the_record() {
    let constant = Record { steady: Steady::Replaces, rate: Rate::Given(3.0), ..dose(0.0, 0.0) };
    agree(&run(&[constant, look(30.0)]), &[3.0 / K, 3.0 / K * left(30.0)]);
}

#[test]
fn a_second_steady_state_adds_and_a_first_replaces() {
    let steady = |steady| Record { steady, interval: 60.0, ..dose(30.0, 100.0) };
    let ever = 100.0 / (1.0 - left(60.0));
    let adds = run(&[dose(0.0, 40.0), steady(Steady::Adds), look(50.0)]);
    agree(&adds[1..], &[40.0 * left(30.0) + ever, 40.0 * left(50.0) + ever * left(20.0)]);
    // Amounts present, infusions in progress and pending doses are all removed.
    let before =
        Record { interval: 40.0, additional: 3, rate: Rate::Given(1.0), ..dose(0.0, 40.0) };
    let replaces = run(&[before, steady(Steady::Replaces), look(85.0)]);
    agree(&replaces[1..], &[ever, ever * left(55.0)]);
}

#[test]
fn a_reset_empties_and_calls_off() {
    let many = Record { interval: 24.0, additional: 5, ..dose(0.0, 100.0) };
    let reset = Record { kind: Kind::Reset, ..look(30.0) };
    agree(&run(&[many.clone(), reset.clone(), look(60.0)]), &[100.0, 0.0, 0.0]);
    // An infusion in progress, and a pending dose.
    let long = Record { rate: Rate::Given(1.0), ..dose(0.0, 100.0) };
    let late = Record { delivery: Delivery { lag: 40.0, ..Delivery::default() }, ..dose(0.0, 9.0) };
    agree(&run(&[long, late, reset, look(60.0)])[2..], &[0.0, 0.0]);
    let anew = Record { kind: Kind::ResetAndDose, ..dose(30.0, 50.0) };
    agree(&run(&[many, anew, look(60.0)])[1..], &[50.0, 50.0 * left(30.0)]);
}

#[test]
fn a_reset_may_begin_time_anew() {
    let anew = Record { kind: Kind::ResetAndDose, ..dose(0.0, 50.0) };
    agree(&run(&[dose(0.0, 100.0), look(30.0), anew, look(30.0)])[2..], &[50.0, 50.0 * left(30.0)]);
    assert_eq!(schedule(&[dose(5.0, 1.0), look(4.0)]), Err(1));
    // Also if its time is earlier than the start of the infusion.
    let anew = Record { kind: Kind::ResetAndDose, ..dose(0.0, 50.0) };
    agree(&run(&[dose(24.0, 9.0), anew, look(12.0)])[1..], &[50.0, 50.0 * left(12.0)]);
    assert_eq!(elapsed(&[dose(24.0, 9.0), look(30.0)]), Ok(vec![0.0, 6.0]));
}

#[test]
fn at_one_time_rows_act_in_the_order_of_the_file() {
    agree(&run(&[look(0.0), dose(0.0, 10.0), look(0.0)]), &[0.0, 10.0, 10.0]);
    agree(&run(&[dose(0.0, 10.0), look(20.0), dose(20.0, 10.0)])[1..2], &[10.0 * left(20.0)]);
}

#[test]
fn repeated_and_delayed_doses_act_before_every_row_of_their_time() {
    let twice = Record { interval: 20.0, additional: 1, ..dose(0.0, 10.0) };
    agree(&run(&[twice, look(20.0)])[1..], &[10.0 + 10.0 * left(20.0)]);
    let late =
        Record { delivery: Delivery { lag: 20.0, ..Delivery::default() }, ..dose(0.0, 10.0) };
    agree(&run(&[late, look(20.0)])[1..], &[10.0]);
}

#[test]
fn the_numbers_of_a_row_hold_over_the_interval_that_ends_with_it() {
    let records = [dose(0.0, 10.0), look(10.0), look(30.0)];
    let with = |clearance: f64| vec![clearance, VOLUME];
    let found = run_with(&records, &[with(CLEARANCE), with(2.0 * CLEARANCE), with(CLEARANCE)]);
    let first = 10.0 * left(20.0);
    agree(&found[1..], &[first, first * left(20.0)]);
}

#[test]
fn additional_doses_come_after_the_first_and_need_an_interval() {
    let three = Record { interval: 10.0, additional: 2, ..dose(0.0, 1.0) };
    let found = run(&[three.clone(), look(100.0)]);
    agree(&found[1..], &[left(100.0) + left(90.0) + left(80.0)]);
    assert_eq!(Record { interval: 0.0, ..three }.problem().unwrap().0, "II");
    // The interval of a row that gives no dose has no meaning.
    assert_eq!(Record { interval: 10.0, ..look(0.0) }.problem(), None);
}

#[test]
fn records_that_make_no_sense_are_refused() {
    let refused = |record: Record| record.problem().unwrap().0;
    assert_eq!(refused(dose(0.0, 0.0)), "AMT");
    assert_eq!(refused(dose(0.0, -1.0)), "AMT");
    assert_eq!(refused(Record { amount: 1.0, ..look(0.0) }), "AMT");
    assert_eq!(refused(Record { rate: Rate::Given(-3.0), ..dose(0.0, 1.0) }), "RATE");
    assert_eq!(refused(Record { rate: Rate::Modelled, ..dose(0.0, 1.0) }), "RATE");
    assert_eq!(refused(Record { rate: Rate::ModelledDuration, ..dose(0.0, 1.0) }), "RATE");
    assert_eq!(refused(Record { steady: Steady::Adds, ..dose(0.0, 1.0) }), "II");
    let constant = Record { steady: Steady::Replaces, rate: Rate::Given(3.0), ..dose(0.0, 0.0) };
    assert_eq!(refused(Record { interval: 5.0, ..constant.clone() }), "II");
    assert_eq!(refused(Record { additional: 5, ..constant.clone() }), "ADDL");
    let delivery = Delivery { duration: 3.0, ..Delivery::default() };
    let endless = Record { rate: Rate::ModelledDuration, delivery, ..constant };
    assert_eq!(refused(endless), "RATE");
}

#[test]
fn two_compartments_and_a_depot_meet_their_closed_forms() {
    // The bolus curve of Konrad: A exp(-alpha t) + B exp(-beta t).
    let (cl, v1, q, v2) = (0.117, 2.66, 0.0212, 2.13);
    let (k10, k12, k21) = (cl / v1, q / v1, q / v2);
    let sum: f64 = k10 + k12 + k21;
    let root = (sum * sum - 4.0 * k10 * k21).sqrt();
    let (alpha, beta) = (0.5 * (sum + root), 0.5 * (sum - root));
    let curve = |t: f64| {
        ((alpha - k21) * (-alpha * t).exp() + (k21 - beta) * (-beta * t).exp()) / (alpha - beta)
    };
    let tolerance = Tolerance { relative: 1e-9, absolute: 1e-9, ..Tolerance::default() };
    let times = [5.0, 30.0, 120.0, 480.0];
    let mut records = vec![dose(0.0, 100.0)];
    records.extend(times.map(look));
    let model = Compartments::new(Structure::Two, MASS);
    let values = vec![vec![cl, v1, q, v2]; records.len()];
    let found = model.run(&schedule(&records).unwrap(), &values, (&[], &[]), tolerance).records;
    for (t, x) in times.iter().zip(&found[1..]) {
        assert!((x[0] - 100.0 * curve(*t)).abs() < 1e-6, "{t}: {x:?}");
    }
    let slowest = Structure::Two.slowest_rate(&[cl, v1, q, v2]);
    assert!((slowest / beta - 1.0).abs() < 1e-12, "{slowest} and {beta}");
    // A depot that is absorbed at rate ka into one compartment: the Bateman function.
    let ka = 0.03;
    let bateman = |t: f64| 100.0 * ka / (ka - K) * ((-K * t).exp() - (-ka * t).exp());
    let model = Compartments::new(Structure::OneOral, MASS);
    let values = vec![vec![CLEARANCE, VOLUME, ka]; records.len()];
    let found = model.run(&schedule(&records).unwrap(), &values, (&[], &[]), tolerance).records;
    for (t, x) in times.iter().zip(&found[1..]) {
        assert!((x[1] - bateman(*t)).abs() < 1e-6, "{t}: {x:?}");
    }
    // The slower of elimination and absorption.
    let slowest = |ka: f64| Structure::OneOral.slowest_rate(&[CLEARANCE, VOLUME, ka]);
    assert_eq!([slowest(2.0 * K), slowest(0.5 * K)], [CLEARANCE / VOLUME, 0.5 * K]);
}
