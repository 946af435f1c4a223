//! Covariates of a table with which the formulas of a study make sense.

use crate::population_fit::numbers::{Numbers, Scale, Target};
use il2_engine::{Expression, ParameterId};
use il2_study::csv_file;
use il2_study::error::StudyError;
use il2_study::event_table::EventTable;
use std::path::Path;

/// Numbers that tables use for a missing covariate, as in the guides of NONMEM.
const MISSING: [f64; 4] = [-9.0, -99.0, -999.0, -9999.0];

/// Refuses the first line whose covariates give a subject a number that no subject has: none at all, one below zero,
/// or one from a power or logarithm of what is not above zero, such as a weight of 0 that means a missing one.
pub fn check(numbers: &Numbers, file: &Path, table: &EventTable) -> Result<(), StudyError> {
    if numbers.covariates.is_empty() {
        return Ok(());
    }
    for s in &table.subjects {
        for r in 0..s.records.len() {
            let covariates = s.covariates(r);
            if r > 0 && covariates == s.covariates(r - 1) {
                continue;
            }
            let Some((covariate, what)) = trouble(numbers, covariates) else { continue };
            let message = format!(
                "{} {what}; correct it, leave it empty if it is unknown (the value on another line \
                 of the subject is then used), or leave the subject out",
                covariates[covariate]
            );
            let (line, column) = (s.lines[r] as usize, &numbers.covariates[covariate]);
            return Err(csv_file::at(file, line, column, message));
        }
    }
    Ok(())
}

/// The effect of each coefficient on the logarithm of the number whose formula it is in, at each
/// record of each subject and the starting values.
fn effects(numbers: &Numbers, table: &EventTable, coefficient: usize) -> Vec<f64> {
    let mut all = vec![];
    for s in &table.subjects {
        for r in 0..s.records.len() {
            let mut values: Vec<f64> = numbers.parameters.iter().map(|p| p.start).collect();
            values.extend(s.covariates(r));
            for formula in &numbers.formulas {
                let value = formula.law.value(&[], &values, 0.0);
                let by = formula.by.iter().filter(|(p, _)| *p == coefficient);
                all.extend(by.map(|(_, slope)| slope.value(&[], &values, 0.0) / value));
                values[formula.target] = value;
            }
        }
    }
    all
}

/// Sets the sizes of coefficients, by which they are searched for.
pub fn settle(numbers: &mut Numbers, table: &EventTable) {
    for k in 0..numbers.parameters.len() {
        if numbers.parameters[k].of != Target::Coefficient
            || !matches!(numbers.parameters[k].scale, Scale::Even(_))
        {
            continue;
        }
        let effects = effects(numbers, table, k);
        let most = effects.iter().map(|e| e.abs()).filter(|e| e.is_finite()).fold(0.0, f64::max);
        if most > 0.0 {
            numbers.parameters[k].scale = Scale::Even(1.0 / most);
        }
    }
}

/// Coefficients that have the same effect in all subjects, as they have if a covariate does not
/// vary: the data cannot distinguish them from the number itself.
pub fn without_contrast(numbers: &Numbers, table: &EventTable) -> Vec<String> {
    let same = |k: &usize| {
        let effects = effects(numbers, table, *k);
        let first = effects.first().copied().unwrap_or(0.0);
        effects.iter().all(|e| (e - first).abs() <= 1e-12 * first.abs())
    };
    let free = (0..numbers.parameters.len()).filter(|&k| {
        let p = &numbers.parameters[k];
        p.of == Target::Coefficient && !p.fixed
    });
    free.filter(same).map(|k| numbers.parameters[k].name.clone()).collect()
}

/// Which covariate is to blame, and for what.
fn trouble(numbers: &Numbers, covariates: &[f64]) -> Option<(usize, String)> {
    let count = numbers.parameters.len();
    let mut values: Vec<f64> = numbers.parameters.iter().map(|p| p.start).collect();
    values.extend(covariates);
    if let Some(place) = covariates.iter().position(|value| MISSING.contains(value)) {
        let what = "usually stands for a missing value, but a formula would use it as a number";
        return Some((place, what.to_string()));
    }
    for formula in &numbers.formulas {
        let name = &numbers.parameters[formula.target].name;
        let blamed = |law: &Expression| {
            let mut used = vec![];
            parameters(law, &mut used);
            used.into_iter().find_map(|p| p.checked_sub(count))
        };
        if let Some(base) = not_above_zero(&formula.law, &values)
            && let Some(covariate) = blamed(base)
        {
            let value = base.value(&[], &values, 0.0);
            let what = format!("makes the formula for {name} take a power or logarithm of {value}");
            return Some((covariate, what));
        }
        let value = formula.law.value(&[], &values, 0.0);
        let possible = value.is_finite() && value >= 0.0;
        if let Some(covariate) = blamed(&formula.law).filter(|_| !possible) {
            let unit = &numbers.parameters[formula.target];
            let what = format!(
                "gives {name} through its formula the impossible value {} {} at the starting values",
                value / unit.factor,
                unit.unit
            );
            return Some((covariate, what.replace("  ", " ")));
        }
        values[formula.target] = value;
    }
    None
}

fn parameters(of: &Expression, into: &mut Vec<usize>) {
    if let Expression::Parameter(ParameterId(place)) = of {
        into.push(*place);
    }
    of.operands().into_iter().for_each(|part| parameters(part, into));
}

/// The base of a power, or what a logarithm is taken of, where it is not above zero. Whole powers may be taken of
/// anything.
fn not_above_zero<'a>(of: &'a Expression, values: &[f64]) -> Option<&'a Expression> {
    let base = match of {
        Expression::Power(_, exponent) if matches!(**exponent, Expression::Number(n) if n.fract() == 0.0) => {
            None
        }
        Expression::Power(base, _) | Expression::Logarithm(base) => Some(&**base),
        _ => None,
    };
    let low = base.filter(|base| {
        let value = base.value(&[], values, 0.0);
        value.is_nan() || value <= 0.0
    });
    low.or_else(|| of.operands().into_iter().find_map(|part| not_above_zero(part, values)))
}
