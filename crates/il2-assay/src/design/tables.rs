//! Tables of a search: the designs, how their results depend on their numbers, known molecules, all candidates.

use crate::design::evaluate::Results;
use crate::design::plan::{Candidate, Form, Plan};
use crate::design::run::{Answer, Evaluated};
use il2::quantity::column_suffix;
use il2_answer::answer::status;
use il2_output::column::Value;
use il2_output::table::Table;

/// Columns that describe a candidate.
fn numbers(plan: &Plan) -> Vec<(String, bool)> {
    let own = plan.varied.iter();
    let own = own.map(|v| (format!("{}{}", v.name, column_suffix(v.dimension)), false));
    let dose = plan.dose.map(|_| ("dose_pm".to_string(), false));
    let several = plan.forms.first().filter(|_| plan.forms.len() > 1);
    let is_text = |form: &Form| matches!(form, Form::Ligand(_));
    let form = several.map(|form| (form.heading().to_string(), is_text(form)));
    own.chain(dose).chain(form).collect()
}

fn numbers_of(plan: &Plan, candidate: &Candidate) -> Vec<Value> {
    let own = candidate.numbers.iter().copied();
    let dose = plan.dose.map(|_| candidate.dose);
    let form = plan.form(candidate).map(|form| match form {
        Form::Copies(copies) => Value::from(f64::from(*copies)),
        Form::Ligand(label) => Value::from(label.as_str()),
    });
    own.chain(dose).map(Value::from).chain(form).collect()
}

/// Name of the column of an objective.
fn result(plan: &Plan, o: usize, end: &str) -> String {
    let objective = &plan.objectives[o];
    format!("{}{end}{}", objective.name, column_suffix(objective.dimension))
}

fn results(plan: &Plan, draws: bool) -> Vec<(String, bool)> {
    let of = |o: usize| {
        let ends: &[&str] = if draws { &["", "_low", "_high"] } else { &[""] };
        let solved = (draws && plan.draws > 0)
            .then(|| (format!("{}_draws_solved", plan.objectives[o].name), false));
        let objective = &plan.objectives[o];
        let kept = (draws && plan.draws > 0 && objective.has_limits())
            .then(|| (format!("{}_within_limits", objective.name), false));
        let ends = ends.iter().map(move |end| (result(plan, o, end), false));
        ends.chain(solved).chain(kept).collect::<Vec<_>>()
    };
    (0..plan.objectives.len()).flat_map(of).collect()
}

fn table(name: String, columns: Vec<(String, bool)>) -> Table {
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, text)| (n.as_str(), *text)).collect();
    Table::new(&name, &columns)
}

fn spreads(plan: &Plan, found: &Evaluated) -> Vec<Value> {
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    let mut row: Vec<Value> = vec![];
    for (o, (spread, solved)) in found.spread.iter().zip(&found.solved).enumerate() {
        let objective = &plan.objectives[o];
        row.extend([spread.middle, spread.low, spread.high].map(finite).map(Value::from));
        row.extend((plan.draws > 0).then_some(*solved as f64).map(Value::from));
        let kept = found.within_limits(o, objective).unwrap_or(f64::NAN);
        row.extend((plan.draws > 0 && objective.has_limits()).then_some(kept).map(Value::from));
    }
    row
}

fn why(results: &Results) -> String {
    status(results.iter().find_map(|result| result.as_ref().err()))
}

/// The designs of the front.
pub fn designs(plan: &Plan, answer: &Answer) -> Table {
    let columns = [("design".to_string(), false)].into_iter().chain(numbers(plan));
    let mut table = table(plan.name.clone(), columns.chain(results(plan, true)).collect());
    for (i, design) in answer.designs.iter().enumerate() {
        let mut row: Vec<Value> = vec![((i + 1) as f64).into()];
        row.extend(numbers_of(plan, &design.candidate));
        row.extend(spreads(plan, design));
        table.push(row);
    }
    table
}

/// How the results of each design change with each of its numbers.
pub fn sensitivity(plan: &Plan, answer: &Answer) -> Table {
    let columns =
        [("design", false), ("objective", true), ("number", true), ("relative_sensitivity", false)];
    let mut table = Table::new(&format!("{}_sensitivity", plan.name), &columns);
    let names: Vec<&str> =
        plan.varied.iter().map(|v| v.name.as_str()).chain(plan.dose.map(|_| "dose")).collect();
    for (i, design) in answer.designs.iter().enumerate() {
        for (objective, slopes) in plan.objectives.iter().zip(&design.slopes) {
            for (name, slope) in names.iter().zip(slopes) {
                let design = (i + 1) as f64;
                let objective = objective.name.as_str();
                table.push(vec![design.into(), objective.into(), (*name).into(), (*slope).into()]);
            }
        }
    }
    table
}

/// Known molecules with predicted and measured results.
pub fn known(plan: &Plan, answer: &Answer) -> Table {
    let mut columns = vec![("molecule".to_string(), true)];
    columns.extend(plan.dose.map(|_| ("dose_pm".to_string(), false)));
    columns.extend(results(plan, true));
    columns.extend((0..plan.objectives.len()).map(|o| (result(plan, o, "_measured"), false)));
    columns.extend([("keeps_limits".to_string(), true), ("status".to_string(), true)]);
    let mut table = table(format!("{}_known", plan.name), columns);
    for (known, measured) in answer.known.iter().zip(&plan.measured) {
        let mut row: Vec<Value> = vec![plan.names[known.candidate.molecule].as_str().into()];
        row.extend(plan.dose.map(|_| Value::from(known.candidate.dose)));
        row.extend(spreads(plan, known));
        row.extend(measured.iter().copied().map(Value::from));
        row.push((if known.allowed { "yes" } else { "no" }).into());
        row.push(why(&known.results).as_str().into());
        table.push(row);
    }
    table
}

/// Every candidate in the order in which it was tried.
pub fn candidates(plan: &Plan, answer: &Answer) -> Table {
    let mut columns = vec![("candidate".to_string(), false)];
    columns.extend(numbers(plan));
    columns.extend(results(plan, false));
    columns.extend([("keeps_limits".to_string(), true), ("status".to_string(), true)]);
    let mut table = table(format!("{}_candidates", plan.name), columns);
    for (i, (candidate, results, violation)) in answer.tried.iter().enumerate() {
        let mut row: Vec<Value> = vec![((i + 1) as f64).into()];
        row.extend(numbers_of(plan, candidate));
        row.extend(results.iter().map(|r| Value::from(r.as_ref().map_or(f64::NAN, |v| *v))));
        row.push((if *violation == 0.0 { "yes" } else { "no" }).into());
        row.push(why(results).as_str().into());
        table.push(row);
    }
    table
}
