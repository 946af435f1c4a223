//! Courses of the first patients of an arm.

use crate::regimen::arm::Arm;
use crate::regimen::looks::Look;
use crate::regimen::plan::Plan;
use il2::quantity::DAY;
use il2_engine::Ensemble;
use il2_engine::ensemble::Reduced;
use il2_engine::lane;
use il2_output::column::Value;
use il2_output::table::Table;
use std::ops::ControlFlow;

/// Largest number of values of courses in memory before they are written.
const MOST_NUMBERS: usize = 2 << 20;

/// Rows of individual patients, each with what of the whole course is outside the range, at every
/// output. They are simulated in the same rounds as all patients, so that with a single patient the
/// course equals the median to the last bit.
pub fn courses(
    plan: &Plan,
    arm: &Arm,
    individuals: &[(usize, String)],
    rounds: &[Vec<Look>],
    ensemble: &Ensemble,
    courses: &mut Table,
) {
    let cohort = &arm.patients.cohort;
    let width = cohort.body.network.observables.len();
    let numbers = plan.times.len() * width;
    let at_once = (MOST_NUMBERS / numbers.max(1)).clamp(1, 1024);
    for some in individuals.chunks(at_once) {
        let mut rows: Vec<Vec<(f64, Vec<f64>)>> = vec![vec![]; some.len()];
        for looks in rounds {
            let times: Vec<f64> = looks.iter().map(|look| look.time).collect();
            let person = |k: usize| cohort.person(some[k].0 as u64);
            let rules = plan.rules.as_ref();
            let make = |k: usize| cohort.lane(&person(k), &arm.regimen, rules, &times);
            let reduce = |k: usize, answer| {
                let seen = cohort.observe(&person(k), &lane::found(answer).0, &times);
                Reduced { bytes: size_of_val(&*seen), result: seen }
            };
            let take = |k: usize, seen: Vec<f64>| {
                let at_outputs =
                    looks.iter().zip(seen.chunks(width)).filter(|(look, _)| look.output);
                rows[k].extend(at_outputs.map(|(look, row)| (look.time, row.to_vec())));
                ControlFlow::Continue(())
            };
            let _ = ensemble.run(0..some.len(), make, reduce, take);
        }
        for ((i, beyond), rows) in some.iter().zip(rows) {
            for (time, row) in rows {
                let mut all: Vec<Value> =
                    vec![arm.regimen.name.as_str().into(), (*i as f64).into(), (time / DAY).into()];
                all.extend(row.into_iter().map(Value::from));
                all.push(beyond.as_str().into());
                courses.push(all);
            }
        }
    }
}
