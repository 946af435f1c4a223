//! Tables of a sensitivity analysis: the effect of each number, and the sets of numbers.

use crate::sensitivity::plan::{Method, Output, Plan};
use crate::sensitivity::run::{Answer, Sensitivities};
use crate::vary::Varied;
use il2::quantity::column_suffix;
use il2_answer::answer::status;
use il2_output::column::Value;
use il2_output::table::Table;

/// The effect of each number at each time.
pub fn indices(plan: &Plan, answer: &Answer) -> Table {
    let own: &[&str] = match plan.method {
        Method::Local => &["relative_sensitivity"],
        Method::Morris(_) => &["mu_star", "mu_star_low", "mu_star_high", "mu", "sigma", "effects"],
        Method::Sobol(_) => {
            &["first", "first_low", "first_high", "total", "total_low", "total_high", "rows"]
        }
    };
    let mut columns = vec![("parameter", true), ("time_min", false)];
    columns.extend(own.iter().map(|name| (*name, false)));
    columns.push(("status", true));
    let mut table = Table::new(&plan.name, &columns);
    for (time, found) in answer.found.iter().enumerate() {
        for (number, varied) in plan.varied.iter().enumerate() {
            let (numbers, status) = row(found, number);
            let mut row: Vec<Value> = vec![varied.name.as_str().into(), plan.times[time].into()];
            row.extend(numbers.into_iter().map(Value::from));
            row.push(status.as_str().into());
            table.push(row);
        }
    }
    table
}

fn row(found: &Sensitivities, number: usize) -> (Vec<f64>, String) {
    let known = |numbers: Vec<f64>, why: &str| {
        let failed = (!numbers[0].is_finite()).then_some(why);
        (numbers, status(failed.as_ref()))
    };
    match found {
        Sensitivities::Local(Ok(slopes)) => known(vec![slopes.relative[number]], "no derivative"),
        Sensitivities::Local(Err(why)) => (vec![f64::NAN], why.to_string()),
        Sensitivities::Morris(all) => {
            let effect = &all[number];
            let size = effect.size;
            let counted = effect.effects as f64;
            let numbers =
                vec![size.value, size.low, size.high, effect.mean, effect.spread, counted];
            known(numbers, "no effect has results at both ends")
        }
        Sensitivities::Sobol(all) => {
            let (first, total) = (all.of[number].first, all.of[number].total);
            let mut numbers = vec![first.value, first.low, first.high];
            numbers.extend([total.value, total.low, total.high, all.rows as f64]);
            known(numbers, "too few rows have results, or the result does not vary")
        }
    }
}

/// Name of the column of the result.
fn result(plan: &Plan) -> String {
    match plan.asked {
        Output::Ec50 => "ec50_pm".into(),
        Output::Selectivity => {
            format!("ec50_{}_over_{}", plan.cells[1].label, plan.cells[0].label)
        }
        Output::Response => format!("{}{}", plan.readout, column_suffix(plan.dimension)),
    }
}

/// Every set of numbers with its result at each time.
pub fn samples(plan: &Plan, answer: &Answer) -> Table {
    let evenly = matches!(plan.method, Method::Morris(_));
    let name = |v: &Varied| format!("{}{}", v.name, column_suffix(v.dimension));
    let names: Vec<String> = plan.varied.iter().map(name).collect();
    let result = result(plan);
    let mut columns = vec![("sample", false)];
    columns.extend(names.iter().map(|name| (name.as_str(), false)));
    columns.extend([("time_min", false), (result.as_str(), false), ("status", true)]);
    let mut table = Table::new(&format!("{}_samples", plan.name), &columns);
    for (point, results) in answer.results.iter().enumerate() {
        let at = plan.point(point);
        for (time, result) in results.iter().enumerate() {
            let mut row: Vec<Value> = vec![(point as f64).into()];
            let numbers = plan.varied.iter().zip(&at);
            row.extend(numbers.map(|(number, part)| Value::from(number.at(*part, evenly))));
            row.push(plan.times[time].into());
            row.push(result.as_ref().map_or(f64::NAN, |v| *v).into());
            row.push(answer.status(point, time).as_str().into());
            table.push(row);
        }
    }
    table
}
