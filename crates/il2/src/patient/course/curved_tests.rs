//! Nonlinear models are compared with networks that the engine integrates, and derivatives with
//! finite differences.

use super::*;
use crate::patient::compartments::Structure;
use crate::treatment::record::{Kind, Rate, Record};
use il2_engine::{
    Backend, Change, Dimension, Ensemble, Event, Expression, Lane, Network, Program, Tolerance,
};

/// Number of transit steps in the network; the number of compartments as counted by Savic is one
/// less.
const STEPS: usize = 4;

fn known(name: &str) -> f64 {
    let all = [
        ("clearance", 0.05),
        ("volume", 20.0),
        ("absorption_rate", 0.02),
        ("intercompartmental_clearance", 0.08),
        ("peripheral_volume", 30.0),
        ("second_intercompartmental_clearance", 0.01),
        ("second_peripheral_volume", 60.0),
        ("maximum_rate", 0.4),
        ("michaelis_constant", 1.5),
        ("transit_compartments", STEPS as f64 - 1.0),
        ("mean_transit_time", 45.0),
        ("baseline", 96.0),
        ("turnover_rate", 0.004),
        ("half_effect_concentration", 1.1),
        ("maximum_effect", 0.8),
        ("hill_coefficient", 1.7),
    ];
    all.into_iter().find(|(n, _)| *n == name).expect("a number").1
}

fn mass() -> Dimension {
    Dimension { mass: 1, ..Dimension::DIMENSIONLESS }
}

fn models() -> Vec<Model> {
    let mut all = vec![];
    for (_, structure) in Structure::ALL {
        for saturates in [false, true] {
            for transit in [false, structure.central() == 1] {
                let effects = Effect::ALL.map(|(_, e)| Some(e)).into_iter().chain([None]);
                let made = effects.map(|effect| Model { structure, saturates, transit, effect });
                all.extend(made.filter(|m| !m.is_linear()));
            }
        }
    }
    all
}

/// Numbers of every record, and the same numbers changed along one direction each.
fn held(model: &Model, records: usize, moved: &[f64]) -> Vec<Held> {
    let numbers = model.numbers(mass(), Dimension::DIMENSIONLESS);
    let number = |(d, n): (usize, &Needed)| {
        let value = known(n.number.name);
        let mut number = Number::fixed(value * (1.0 + moved[d]), moved.len());
        number.by[d] = value;
        number
    };
    let one: Vec<Number> = numbers.iter().enumerate().map(number).collect();
    (0..records).map(|_| Held { numbers: one.clone(), doses: Doses::default() }).collect()
}

/// A dose into the first compartment, an infusion into the second, and another dose.
fn records() -> Vec<Record> {
    let infusion = Record { rate: Rate::Given(1.5), ..Record::dose(30.0, 0, 90.0) };
    let infusion = Record { compartment: 1, ..infusion };
    let times = [5.0, 20.0, 60.0, 200.0, 520.0, 1000.0, 3000.0];
    let mut all = vec![Record::dose(0.0, 0, 100.0), infusion, Record::dose(500.0, 0, 60.0)];
    all.extend(times.map(Record::observation));
    all.sort_by(|a, b| a.time.total_cmp(&b.time));
    all
}

/// Levels and effects of the same model as a network in which the transit chain is written out.
fn integrated(model: &Model, records: &[Record]) -> Vec<[f64; 2]> {
    let mut n = Network::default();
    let plain = Dimension::DIMENSIONLESS;
    let names = model.structure.compartments();
    let species: Vec<_> = names.iter().map(|name| n.add_species(*name, plain)).collect();
    let number = |name: &str| Expression::Number(known(name));
    let central = species[model.structure.central()];
    let level = Expression::from(central) / number("volume");
    let mut rate = level.clone() * number("clearance");
    if model.saturates {
        rate = rate
            + number("maximum_rate") * level.clone()
                / (number("michaelis_constant") + level.clone());
    }
    n.add_law("clear", &[central], &[], rate);
    if model.structure.central() == 1 {
        let law = number("absorption_rate") * species[0].into();
        n.add_law("absorb", &[species[0]], &[central], law);
    }
    let exchanges = [
        ("intercompartmental_clearance", "peripheral_volume"),
        ("second_intercompartmental_clearance", "second_peripheral_volume"),
    ];
    for (&far, (flow, own)) in species[model.structure.central() + 1..].iter().zip(exchanges) {
        let out = number(flow) * level.clone();
        n.add_law(format!("out {own}"), &[central], &[far], out);
        let back = number(flow) * Expression::from(far) / number(own);
        n.add_law(format!("back {own}"), &[far], &[central], back);
    }
    let input = n.add_parameter("input", plain / Dimension::TIME, 0.0);
    n.add_law("infuse", &[], &[species[1.min(species.len() - 1)]], input.into());
    let mut first = species[0];
    if model.transit {
        for step in 0..STEPS {
            let chain = n.add_species(format!("chain {step}"), plain);
            let rate = Expression::Number(STEPS as f64) / number("mean_transit_time");
            n.add_law(format!("step {step}"), &[chain], &[first], rate * chain.into());
            first = chain;
        }
    }
    let effect = n.add_species("effect", plain);
    if let Some(kind) = model.effect {
        let relative = level / number("half_effect_concentration");
        let odds = Expression::Power(Box::new(relative), Box::new(number("hill_coefficient")));
        let part = odds.clone() / (Expression::Number(1.0) + odds);
        let sign = Expression::Number(if kind.inhibits() { -1.0 } else { 1.0 });
        let changed = Expression::Number(1.0) + sign * number("maximum_effect") * part;
        let made = number("turnover_rate") * number("baseline");
        let lost = number("turnover_rate") * effect.into();
        let (made, lost) = match kind.of_production() {
            true => (made * changed, lost),
            false => (made, lost * changed),
        };
        n.add_law("make", &[], &[effect], made);
        n.add_law("lose", &[effect], &[], lost);
    }
    let mut initial = vec![0.0; n.species.len()];
    initial[effect.0] = known("baseline");
    let mut events = vec![];
    for record in records {
        let mut at = |change: Change| events.push(Event::new(record.time, change));
        match (record.kind, record.rate) {
            (Kind::Dose, Rate::Given(rate)) => {
                let duration = record.amount / rate;
                at(Change::Infuse { parameter: input, rate, duration });
            }
            (Kind::Dose, _) => at(Change::Add(first, record.amount)),
            _ => {}
        }
        at(Change::Record);
    }
    let parameters = n.parameter_values(&[]);
    let times = vec![records.last().expect("some").time];
    let lane = Lane { initial, parameters, events, times, ..Lane::default() };
    let program = Program::new(&n, Backend::Fastest);
    let tolerance = Tolerance { relative: 1e-10, ..Tolerance::default() };
    let found = Ensemble::new(&program, tolerance).run_all(&[lane]).remove(0).expect("runs");
    let seen = |x: &Vec<f64>| [x[central.0] / known("volume"), x[effect.0]];
    found.recorded.iter().map(seen).collect()
}

#[test]
fn courses_are_those_of_the_integrated_network() {
    let records = records();
    for model in models() {
        // A one-compartment model has no second compartment for the infusion.
        let mut own = records.clone();
        let last = model.structure.compartments().len() - 1;
        own.iter_mut().for_each(|r| r.compartment = r.compartment.min(last));
        let none = vec![0.0; model.numbers(mass(), Dimension::DIMENSIONLESS).len()];
        let found = course(&model, &own, &held(&model, own.len(), &none), none.len());
        let found = found.expect("a course");
        for (r, [level, effect]) in integrated(&model, &own).into_iter().enumerate() {
            let off = (found.levels[r] - level).abs();
            assert!(off < 1e-6 * level + 1e-7, "{model:?} {r}: {} {level}", found.levels[r]);
            if model.effect.is_some() {
                let off = (found.effects[r] - effect).abs();
                assert!(off < 1e-6 * effect, "{model:?} {r}: {} {effect}", found.effects[r]);
            }
        }
    }
}

/// Fits need derivatives that agree with the levels to at least six digits.
#[test]
fn derivatives_are_those_of_courses_that_are_not_linear() {
    let records = records();
    let some = |m: &Model| match m.structure {
        Structure::TwoOral => m.effect.is_some_and(Effect::inhibits),
        Structure::One => m.effect == Some(Effect::StimulatesLoss),
        _ => false,
    };
    for model in models().into_iter().filter(some) {
        let n = model.numbers(mass(), Dimension::DIMENSIONLESS).len();
        let mut own = records.clone();
        let last = model.structure.compartments().len() - 1;
        own.iter_mut().for_each(|r| r.compartment = r.compartment.min(last));
        // The last numbers are the delay and the fraction of doses.
        let at = |moved: &[f64]| {
            let mut held = held(&model, own.len(), moved);
            let number = |value: f64, d: usize| {
                let mut number = Number::fixed(value + moved[d], moved.len());
                number.by[d] = 1.0;
                Some(number)
            };
            for held in &mut held {
                held.numbers.truncate(n);
                held.doses.lag = number(12.0, n);
                held.doses.bioavailability = number(0.7, n + 1);
            }
            course(&model, &own, &held, moved.len()).expect("a course")
        };
        let here = at(&vec![0.0; n + 2]);
        for d in 0..n + 2 {
            let h = if d == n { 0.05 } else { 1e-3 };
            let moved = |h: f64| {
                let mut moved = vec![0.0; n + 2];
                moved[d] = h;
                at(&moved)
            };
            let (after, before) = (moved(h), moved(-h));
            for r in 0..own.len() {
                let near = |after: f64, before: f64, by: f64, size: f64, what: &str| {
                    let slope = (after - before) / (2.0 * h);
                    // The allowed error is the square of the step, plus the accuracy divided by the
                    // step.
                    let off = (slope - by).abs();
                    assert!(
                        off < 1e-5 * (size + by.abs()),
                        "{model:?} {what} {r} {d}: {slope} {by}"
                    );
                };
                near(after.levels[r], before.levels[r], here.by[r][d], 1.0, "level");
                if model.effect.is_some() {
                    let by = here.effects_by[r][d];
                    near(after.effects[r], before.effects[r], by, 96.0, "effect");
                }
            }
        }
    }
}

/// Everything after a dose moves with its delay: the derivative of a level by the delay is the slope of the level
/// over time, upside down. Without any transit compartment the level is a sum of three exponentials; with fewer than
/// one compartment the rate of arrival rises without limit at first, and its slope is infinite there.
#[test]
fn a_delay_before_few_transit_compartments_moves_the_levels() {
    let model = Model { transit: true, ..Model::plain(Structure::OneOral) };
    let (mtt, lag) = (45.0, 12.0);
    let at = |count: f64, lag: f64, times: &[f64]| {
        let mut records = vec![Record::dose(0.0, 0, 100.0)];
        records.extend(times.iter().map(|t| Record::observation(*t)));
        let values = [0.05, 20.0, 0.02, count, mtt];
        let numbers: Vec<Number> = values.iter().map(|v| Number::fixed(*v, 1)).collect();
        let doses = Doses { lag: Some(Number { value: lag, by: vec![1.0] }), ..Doses::default() };
        let held = vec![Held { numbers, doses }; records.len()];
        course(&model, &records, &held, 1).expect("a course")
    };
    let times = [12.5, 20.0, 60.0, 200.0, 700.0];
    for count in [0.0, 0.1, 0.5, 0.9, 3.0] {
        let found = at(count, lag, &times);
        for (r, t) in times.iter().enumerate() {
            let h = 1e-2;
            let near = at(count, lag, &[t - h, t + h]);
            let slope = -(near.levels[2] - near.levels[1]) / (2.0 * h);
            let by = found.by[r + 1][0];
            // The step takes part of the curvature near the beginning.
            let within = if *t < 13.0 { 2e-3 } else { 1e-5 };
            assert!((by - slope).abs() < within * slope.abs() + 1e-9, "{count} {t}: {by} {slope}");
        }
        if count > 0.0 {
            continue;
        }
        // Three rate constants in a row: each exponential over the differences from the others.
        let rates: [f64; 3] = [1.0 / mtt, 0.02, 0.05 / 20.0];
        for (r, t) in times.iter().enumerate() {
            let passed = t - lag;
            let one = |i: usize| {
                let others = (0..3).filter(|j| *j != i).map(|j| rates[j] - rates[i]);
                il2_engine::math::exp(-rates[i] * passed) / others.product::<f64>()
            };
            let scale = 100.0 / 20.0 * rates[0] * rates[1];
            let level = scale * (0..3).map(one).sum::<f64>();
            let by = scale * (0..3).map(|i| rates[i] * one(i)).sum::<f64>();
            let off = (found.levels[r + 1] / level - 1.0).abs();
            assert!(off < 1e-6, "{t}: {} {level}", found.levels[r + 1]);
            let off = (found.by[r + 1][0] / by - 1.0).abs();
            assert!(off < 1e-6, "{t}: {} {by}", found.by[r + 1][0]);
        }
    }
}

/// A rate constant of absorption that is ten million times that of elimination asks for more steps than any search
/// can wait for: the reason says so, and not that a number is too large.
#[test]
fn too_many_steps_are_the_reason_that_is_given() {
    let model = Model { saturates: true, ..Model::plain(Structure::OneOral) };
    let values = [0.05, 20.0, 100.0, 0.4, 1.5];
    let numbers: Vec<Number> = values.iter().map(|v| Number::fixed(*v, 0)).collect();
    let records = [Record::dose(0.0, 0, 100.0), Record::observation(1e4)];
    let held = vec![Held { numbers, doses: Doses::default() }; 2];
    let found = course(&model, &records, &held, 0);
    let Err(NoCourse::TooManySteps { time, steps }) = found else { panic!("{found:?}") };
    assert!(steps == 20_000 && time > 0.0 && time < 1e4, "{time} {steps}");
}
