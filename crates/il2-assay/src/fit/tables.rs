//! Tables of a fit.

use crate::fit::estimate::{Estimate, predicted};
use crate::fit::outcome::Outcome;
use crate::fit::plan::Plan;
use il2_inference::bound::Bound;
use il2_inference::quantiles::quantile;
use il2_output::column::Value;
use il2_output::table::Table;

/// Prior and posterior of every unknown.
pub fn parameters(plan: &Plan, estimates: &[Estimate]) -> Table {
    let columns = [
        ("unknown", true),
        ("unit", true),
        ("prior_median", false),
        ("prior_low_95", false),
        ("prior_high_95", false),
        ("best", false),
        ("median", false),
        ("low", false),
        ("high", false),
        ("level", false),
        ("profile_low_95", false),
        ("profile_high_95", false),
        ("spread_left", false),
        ("r_hat", false),
        ("effective_draws", false),
    ];
    let mut table = Table::new(&format!("{}_parameters", plan.name), &columns);
    for e in estimates {
        let mut row: Vec<Value> = vec![e.name.as_str().into(), e.unit.as_str().into()];
        row.extend(e.prior.map(Value::from));
        row.push(e.best.into());
        row.extend(e.posterior.map(Value::from));
        row.push(plan.level.into());
        row.extend(e.profile.map(Value::from));
        row.extend([e.left, e.r_hat, e.effective].map(Value::from));
        table.push(row);
    }
    table
}

/// Prior and posterior of the model's numbers, for a report.
pub fn answer(plan: &Plan, estimates: &[Estimate]) -> Table {
    let columns = [
        ("number", true),
        ("unit", true),
        ("prior from", false),
        ("prior to", false),
        ("best fit", false),
        ("posterior median", false),
        ("posterior from", false),
        ("posterior to", false),
        ("profile from", false),
        ("profile to", false),
        ("posterior SD / prior SD", false),
        ("R-hat", false),
    ];
    let mut table = Table::new("numbers", &columns);
    for e in &estimates[..plan.posterior.numbers] {
        let mut row: Vec<Value> = vec![e.name.as_str().into(), e.unit.as_str().into()];
        row.extend([e.prior[1], e.prior[2], e.best].map(Value::from));
        row.extend(e.posterior.map(Value::from));
        row.extend(e.profile.map(Value::from));
        row.extend([e.left, e.r_hat].map(Value::from));
        table.push(row);
    }
    table
}

/// Every row with measured and modelled value, and whether it was fitted or predicted.
pub fn predictions(plan: &Plan, outcome: &Outcome) -> Table {
    let columns = [
        ("table", true),
        ("line", false),
        ("given", true),
        ("cell", true),
        ("dose_pm", false),
        ("from_min", false),
        ("time_min", false),
        ("readout", true),
        ("reduce", true),
        ("factor", true),
        ("measured", false),
        ("measured_from", false),
        ("measured_is", true),
        ("best", false),
        ("median", false),
        ("low", false),
        ("high", false),
        ("level", false),
        ("deviations", false),
        ("row_is", true),
    ];
    let mut table = Table::new(&format!("{}_predictions", plan.name), &columns);
    for (i, ((of, row), observed)) in plan.rows.iter().zip(&plan.posterior.observed).enumerate() {
        let expected = &outcome.expected[i];
        let mut cells: Vec<Value> = vec![
            plan.measured[*of].name.as_str().into(),
            (row.line as f64).into(),
            row.given.as_str().into(),
            row.cell.as_str().into(),
            if plan.measured[*of].wells && row.curve.is_empty() { row.dose } else { f64::NAN }
                .into(),
            row.from.into(),
            row.time.into(),
            row.readout.as_str().into(),
            row.reduce.word().into(),
            row.group.as_str().into(),
            row.value.into(),
            if let Bound::Between(low) = row.bound { low } else { f64::NAN }.into(),
            row.bound.word().into(),
            expected.mean.into(),
        ];
        let draws = &outcome.predicted[i];
        let [low, high] = predicted(plan, draws);
        cells.extend([quantile(draws, 0.5), low, high].map(Value::from));
        cells.push(plan.level.into());
        let measured = observed.bound == Bound::None;
        let residual = observed.residual(expected).ok().filter(|_| measured);
        cells.push(residual.unwrap_or(f64::NAN).into());
        cells.push(if row.held_out { "predicted" } else { "fitted" }.into());
        table.push(cells);
    }
    table
}

/// The result of each search.
pub fn starts(plan: &Plan, outcome: &Outcome) -> Table {
    let mut columns: Vec<(String, bool)> = [
        ("start", false),
        ("log_density", false),
        ("below_best", false),
        ("steps", false),
        ("status", true),
    ]
    .map(|(n, t)| (n.to_string(), t))
    .to_vec();
    columns.extend(named(plan));
    let mut table = table(plan, "starts", &columns);
    for (i, start) in outcome.starts.iter().enumerate() {
        let status = match (start.log_density == f64::NEG_INFINITY, start.converged) {
            (true, _) => "not solved at the start",
            (_, true) => "converged",
            _ => "stopped after the maximum number of steps",
        };
        let below = outcome.starts[outcome.best].log_density - start.log_density;
        let mut row: Vec<Value> = vec![(i as f64).into()];
        row.extend([start.log_density, below, start.steps as f64].map(Value::from));
        row.push(status.into());
        row.extend(told(plan, &start.at));
        table.push(row);
    }
    table
}

/// The profile likelihood of each number.
pub fn profiles(plan: &Plan, outcome: &Outcome) -> Table {
    let columns = [("parameter", true), ("unit", true), ("value", false), ("below_highest", false)];
    let mut table = Table::new(&format!("{}_profiles", plan.name), &columns);
    for (k, points) in outcome.profiles.iter().enumerate() {
        let highest = points.iter().map(|p| p.log_likelihood).fold(f64::MIN, f64::max);
        for point in points {
            table.push(vec![
                plan.fitted[k].name.as_str().into(),
                plan.unit(k).0.into(),
                plan.in_study_unit(k, point.z).into(),
                (highest - point.log_likelihood).into(),
            ]);
        }
    }
    table
}

/// Draws of the posterior.
pub fn draws(plan: &Plan, outcome: &Outcome) -> Table {
    let mut columns = vec![("chain".to_string(), false), ("draw".to_string(), false)];
    columns.extend(named(plan));
    let mut table = table(plan, "draws", &columns);
    for (c, chain) in outcome.chains.iter().enumerate() {
        for (d, draw) in chain.draws.iter().enumerate() {
            let place = [(c as f64).into(), (d as f64).into()];
            table.push(place.into_iter().chain(told(plan, draw)).collect());
        }
    }
    table
}

/// The unknowns as columns of a table, with their units.
fn named(plan: &Plan) -> Vec<(String, bool)> {
    let name = |(i, u): (usize, &il2_inference::posterior::Unknown)| match plan.unit(i).0 {
        "" => (u.name.clone(), false),
        unit => (format!("{} ({unit})", u.name), false),
    };
    plan.posterior.unknowns.iter().enumerate().map(name).collect()
}

/// The coordinates of a point in the units of these columns.
fn told<'a>(plan: &'a Plan, z: &'a [f64]) -> impl Iterator<Item = Value> + 'a {
    z.iter().enumerate().map(|(i, z)| plan.in_study_unit(i, *z).into())
}

fn table(plan: &Plan, name: &str, columns: &[(String, bool)]) -> Table {
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    Table::new(&format!("{}_{name}", plan.name), &columns)
}
