//! Tables of a population fit.

use crate::population_fit::chains;
use crate::population_fit::check::{BAND, PARTS};
use crate::population_fit::endpoints::Endpoint;
use crate::population_fit::estimates::Estimate;
use crate::population_fit::plan::Plan;
use crate::population_fit::profiles;
use crate::population_fit::run::Found;
use il2_answer::answer::status;
use il2_answer::labels::column_ending;
use il2_engine::math;
use il2_inference::bound::Bound;
use il2_inference::population::Level;
use il2_output::column::Value;
use il2_output::table::Table;

/// All tables, in the order of the plan's names.
pub fn tables(plan: &Plan, found: &Found) -> Vec<Table> {
    let mut all = vec![parameters(plan, found), subjects(plan, found), predictions(plan, found)];
    if plan.profiles {
        all.push(profiles::table(plan, &found.profiles));
    }
    if plan.simulations > 0 {
        all.push(check(plan, found));
    }
    if plan.dose.is_some() {
        all.push(doses(plan, found));
    }
    if let Some(chains) = &found.chains {
        all.push(chains::table(plan, chains.as_ref().ok()));
        all.push(chains::draws(plan, chains.as_ref().ok()));
    }
    all
}

fn named(name: &str, columns: &[(String, bool)]) -> Table {
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    Table::new(name, &columns)
}

/// Coefficient of variation (%) of the log-normal parameter whose variability is estimated; NaN for
/// other estimates.
pub fn variation(plan: &Plan, e: &Estimate) -> f64 {
    match e.what.starts_with("between") && !plan.is_logit_normal(&e.name) {
        true => 100.0 * math::exp_m1(e.value * e.value).sqrt(),
        false => f64::NAN,
    }
}

/// Shrinkage (%) of the random effect or residual that an estimate describes; NaN for other
/// estimates.
pub fn shrinkage(plan: &Plan, found: &Found, estimate: &Estimate) -> f64 {
    let of = |all: &[usize], first: usize| {
        let place = all.iter().position(|p| plan.numbers.parameters[*p].name == estimate.name);
        place.map_or(f64::NAN, |k| 100.0 * found.diagnosis.effect_shrinkage[first + k])
    };
    match estimate.what {
        "between subjects" => of(&plan.numbers.of_subjects, 0),
        "between occasions" => of(&plan.numbers.of_occasions, plan.effects.count(Level::Subject)),
        "residual" => {
            let own = |e: &Endpoint| {
                e.residual.names().iter().any(|n| e.residual_name(n) == estimate.name)
            };
            let place = plan.endpoints.iter().position(own);
            place.map_or(f64::NAN, |e| 100.0 * found.diagnosis.residual_shrinkage[e])
        }
        _ => f64::NAN,
    }
}

/// Every parameter with its standard error, interval and shrinkage.
pub fn parameters(plan: &Plan, found: &Found) -> Table {
    let columns = [
        ("parameter", true),
        ("what", true),
        ("unit", true),
        ("estimate", false),
        ("standard_error", false),
        ("relative_standard_error_percent", false),
        ("low", false),
        ("high", false),
        ("level", false),
        ("variation_percent", false),
        ("shrinkage_percent", false),
        ("fixed", true),
        ("profile_low", false),
        ("profile_high", false),
    ];
    // Columns of profiles only where they were asked for.
    let columns = &columns[..columns.len() - if plan.profiles { 0 } else { 2 }];
    let mut table = Table::new(&plan.name, columns);
    for e in &found.estimates {
        let mut row: Vec<Value> =
            vec![e.name.as_str().into(), e.what.into(), e.unit.as_str().into()];
        row.extend([e.value, e.error, e.relative_error()].map(Value::from));
        row.extend([e.ends[0], e.ends[1], plan.level].map(Value::from));
        row.extend([variation(plan, e), shrinkage(plan, found, e)].map(Value::from));
        row.push(if e.fixed { "yes" } else { "no" }.into());
        if plan.profiles {
            let own = profiles::of(&found.profiles, e);
            row.extend(own.map_or([f64::NAN; 2], |p| p.ends).map(Value::from));
        }
        table.push(row);
    }
    table
}

/// One row for each subject and occasion: its numbers and random effects (empirical Bayes
/// estimates).
fn subjects(plan: &Plan, found: &Found) -> Table {
    let several = !plan.numbers.of_occasions.is_empty();
    let mut columns = vec![("id".to_string(), true)];
    if several {
        columns.push(("occasion".into(), false));
    }
    for p in &plan.numbers.parameters {
        let unit = match p.unit.is_empty() {
            true => String::new(),
            false => format!("_{}", column_ending(&p.unit).trim_start_matches('_')),
        };
        columns.push((format!("{}{unit}", p.name), false));
    }
    let name = |p: &usize| plan.numbers.parameters[*p].name.clone();
    columns.extend(plan.numbers.of_subjects.iter().map(|p| (format!("eta_{}", name(p)), false)));
    columns.extend(plan.numbers.of_occasions.iter().map(|p| (format!("kappa_{}", name(p)), false)));
    columns.extend([("measurements".into(), false), ("minus_2_log_likelihood".into(), false)]);
    let mut table = named(&format!("{}_subjects", plan.name), &columns);
    let fixed = &found.at[..plan.numbers.parameters.len()];
    for (i, subject) in plan.subjects.iter().enumerate() {
        let of = &plan.table.subjects[i];
        let mode = &found.marginal.modes[i];
        let (own, each) = (plan.numbers.of_subjects.len(), plan.numbers.of_occasions.len());
        for occasion in 0..subject.occasions {
            // Numbers at the last record of the occasion.
            let last = plan.occasions[i].iter().rposition(|o| *o == occasion).unwrap_or(0);
            let numbers = plan.numbers.of(fixed, &mode.effects, occasion, of.covariates(last));
            let mut row: Vec<Value> = vec![of.id.as_str().into()];
            if several {
                row.push((occasion as f64 + 1.0).into());
            }
            let told = numbers.values.iter().zip(&plan.numbers.parameters);
            row.extend(told.map(|(v, p)| Value::from(v / p.factor)));
            row.extend(mode.effects[..own].iter().copied().map(Value::from));
            let first = own + occasion * each;
            row.extend(mode.effects[first..first + each].iter().copied().map(Value::from));
            // Of the subject, not of the occasion: once, so that sums over the rows are right.
            let once = |value: f64| if occasion == 0 { value } else { f64::NAN };
            row.push(once(subject.rows.len() as f64).into());
            row.push(once(-2.0 * found.marginal.logs[i]).into());
            table.push(row);
        }
    }
    table
}

/// How a table shows the quantity of a row: if there are several, each row names its quantity and
/// unit; otherwise the headings contain the unit.
struct Measured {
    several: bool,
    ending: String,
}

impl Measured {
    fn of(plan: &Plan) -> Self {
        let several = plan.endpoints.len() > 1;
        let ending = match several {
            true => String::new(),
            false => format!("_{}", column_ending(&plan.endpoints[0].unit)),
        };
        Self { several, ending: ending.trim_end_matches('_').to_string() }
    }

    fn columns(&self) -> Vec<(String, bool)> {
        let all = ["dvid", "unit"].map(|name| (name.to_string(), true));
        all.into_iter().filter(|_| self.several).collect()
    }

    fn values(&self, endpoint: &Endpoint) -> Vec<Value> {
        let all = [endpoint.name.as_str(), endpoint.unit.as_str()].map(Value::from);
        all.into_iter().filter(|_| self.several).collect()
    }
}

/// One row for each measurement.
fn predictions(plan: &Plan, found: &Found) -> Table {
    let time = column_ending(&plan.units[0]);
    let measured = Measured::of(plan);
    let level = &measured.ending;
    let mut columns =
        vec![("id".to_string(), true), ("line".into(), false), (format!("time_{time}"), false)];
    columns.extend(measured.columns());
    columns.extend([
        (format!("measured{level}"), false),
        ("bound".into(), true),
        (format!("pred{level}"), false),
        (format!("ipred{level}"), false),
        ("iwres".into(), false),
        ("cwres".into(), false),
    ]);
    let mut table = named(&format!("{}_predictions", plan.name), &columns);
    for (i, subject) in plan.subjects.iter().enumerate() {
        let of = &plan.table.subjects[i];
        for ((row, r), told) in
            subject.rows.iter().zip(&plan.places[i]).zip(&found.diagnosis.residuals[i])
        {
            let mut cells: Vec<Value> =
                vec![of.id.as_str().into(), f64::from(of.lines[*r]).into(), of.times[*r].into()];
            cells.extend(measured.values(&plan.endpoints[row.endpoint]));
            cells.extend([
                row.value.into(),
                Bound::word(row.bound).into(),
                told.population.into(),
                told.individual.into(),
                told.individual_weighted.unwrap_or(f64::NAN).into(),
                told.conditional_weighted.unwrap_or(f64::NAN).into(),
            ]);
            table.push(cells);
        }
    }
    table
}

fn check(plan: &Plan, found: &Found) -> Table {
    let time = column_ending(&plan.units[0]);
    let measured = Measured::of(plan);
    let level = &measured.ending;
    let mut columns = measured.columns();
    columns.extend([
        (format!("from_{time}"), false),
        (format!("to_{time}"), false),
        ("measurements".to_string(), false),
        ("percentile".into(), false),
        (format!("measured{level}"), false),
        (format!("simulated{level}"), false),
    ]);
    columns.extend(["low", "high"].map(|end| (format!("simulated_{end}{level}"), false)));
    columns.push(("band".into(), false));
    if plan.prediction_corrected {
        columns.push(("prediction_corrected".into(), true));
    }
    columns.extend([("inside".into(), true), ("status".into(), true)]);
    let mut table = named(&format!("{}_check", plan.name), &columns);
    for bin in &found.check.bins {
        for (p, part) in PARTS.iter().enumerate() {
            let [low, middle, high] = bin.simulated[p];
            let value = bin.measured[p];
            let mut row = measured.values(&plan.endpoints[bin.endpoint]);
            row.extend([bin.time[0], bin.time[1], bin.rows as f64, 100.0 * part].map(Value::from));
            row.extend([value, middle, low, high, BAND].map(Value::from));
            row.extend(plan.prediction_corrected.then(|| Value::from("yes")));
            row.push(if (low..=high).contains(&value) { "yes" } else { "no" }.into());
            row.push(status(None::<&String>).as_str().into());
            table.push(row);
        }
    }
    for failed in &found.check.failed {
        let nothing = |(_, text): &(String, bool)| if *text { "".into() } else { f64::NAN.into() };
        let mut row: Vec<Value> = columns.iter().map(nothing).collect();
        let id = &plan.table.subjects[failed.subject].id;
        let set = failed.set + 1;
        row.pop();
        row.push(
            format!("subject {id} of data set {set} is missing: {}", failed.why).as_str().into(),
        );
        table.push(row);
    }
    table
}

/// One row for each subject, and one for the population.
pub fn doses(plan: &Plan, found: &Found) -> Table {
    let [time, amount, level] = plan.units.each_ref().map(|u| column_ending(u));
    let word = plan.dose.as_ref().map_or("", |d| d.of.word());
    // Without digits that only come from converting units and counting draws.
    let rounded = |v: f64| if v.is_finite() { math::fifteen_digits(v) } else { v };
    let every = plan.dose.as_ref().map_or(f64::NAN, |d| rounded(d.every / plan.factors.time));
    let columns = [
        ("id".to_string(), true),
        (format!("dose_{amount}"), false),
        (format!("every_{time}"), false),
        (format!("{word}_{level}"), false),
        (format!("{word}_low_{level}"), false),
        (format!("{word}_high_{level}"), false),
        ("in_window_percent".into(), false),
        ("below_percent".into(), false),
        ("above_percent".into(), false),
        ("draws_solved".into(), false),
    ];
    let mut table = named(&format!("{}_doses", plan.name), &columns);
    for dose in &found.doses {
        let id = dose.subject.map_or("population", |i| plan.table.subjects[i].id.as_str());
        let mut row: Vec<Value> = vec![id.into(), rounded(dose.amount).into(), every.into()];
        row.extend(dose.level.map(|level| Value::from(rounded(level))));
        row.extend(dose.parts.map(|p| Value::from(rounded(100.0 * p))));
        row.push((dose.draws as f64).into());
        table.push(row);
    }
    table
}
