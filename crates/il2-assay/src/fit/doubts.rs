//! Warnings about the result of a fit: numbers outside their priors, factors and backgrounds far
//! from what the measurements suggest, and tables that the model does not describe.

use crate::fit::outcome::Outcome;
use crate::fit::plan::Plan;
use crate::magnitude::fitted;
use il2::quantity::three_digits;
use il2_answer::answer::Check;
use il2_engine::math;
use il2_engine::words::shown;
use il2_inference::bound::Bound;
use il2_inference::posterior::{ErrorModel, Observed};
use il2_inference::quantiles::Z_975;

/// Twice the distance of the 95 % ends from the centre of the prior: a chance of one in ten
/// thousand.
const FAR: f64 = 2.0 * Z_975;
/// Root mean square of log residuals above which a model is typically off by more than a factor of three.
const MOST_LOG: f64 = 3.0;
/// The same limit in standard deviations, for tables that state their scatter.
const MOST_DEVIATIONS: f64 = 5.0;
/// Fraction of the mean square that may remain unexplained; above it, the model hardly describes
/// the table.
const MOST_LEFT: f64 = 0.5;
/// Largest number of tables or numbers that are named in a check.
const MOST_NAMED: usize = 3;

/// Warnings about the result, and checks for the report.
#[derive(Clone, Debug, Default)]
pub struct Doubts {
    /// Warnings, each in a sentence.
    pub warnings: Vec<String>,
    /// One check for numbers, one for tables.
    pub checks: Vec<Check>,
}

/// Examines the result of a fit.
pub fn doubts(plan: &Plan, outcome: &Outcome) -> Doubts {
    let odd: Vec<(String, String)> =
        (0..plan.posterior.unknowns.len()).filter_map(|k| odd(plan, outcome, k)).collect();
    let missed: Vec<(String, String)> =
        (0..plan.measured.len()).filter_map(|table| missed(plan, outcome, table)).collect();
    let check = |what: &str, odd: &[(String, String)], all: usize| {
        let named = odd.iter().take(MOST_NAMED).map(|(name, _)| name.as_str());
        let mut named = named.collect::<Vec<_>>().join(", ");
        if odd.len() > MOST_NAMED {
            named += &format!(" and {} more (all have a warning)", odd.len() - MOST_NAMED);
        }
        let found = match odd.len() {
            0 => format!("{all} of {all}"),
            n => format!("{} of {all}; not {named}", all - n),
        };
        Check { what: what.into(), found, holds: odd.is_empty() }
    };
    let checks = vec![
        check("fitted numbers in their expected ranges", &odd, plan.posterior.unknowns.len()),
        check("measured tables that the model describes", &missed, plan.measured.len()),
    ];
    let warnings = odd.into_iter().chain(missed).map(|(_, said)| said).collect();
    Doubts { warnings, checks }
}

/// The name of an unknown and a warning, if its best fit is outside its prior or from the usual
/// range of such a number.
fn odd(plan: &Plan, outcome: &Outcome, k: usize) -> Option<(String, String)> {
    let z = outcome.starts[outcome.best].at[k];
    let unknown = &plan.posterior.unknowns[k];
    let unit = plan.unit(k).0;
    let told =
        |z: f64| format!("{} {unit}", three_digits(plan.in_study_unit(k, z))).trim().to_string();
    let name = shown(&unknown.name);
    let prior = format!("{} to {}", three_digits(plan.in_study_unit(k, -Z_975)), told(Z_975));
    let said = if k < plan.posterior.numbers {
        let value = unknown.value(z);
        let usual = fitted::fitted(plan, k, value);
        if z.abs() <= Z_975 && usual.is_none() {
            return None;
        }
        let far = match z.abs() {
            z if z > FAR => format!(", far from its prior ({prior})"),
            z if z > Z_975 => format!(", outside its prior ({prior})"),
            _ => String::new(),
        };
        let usual = usual.map_or(String::new(), |usual| format!(", {usual}"));
        format!(
            "{name}: the best fit is {}{far}{usual}; are the units of the table (dose, time, \
             value) right, and does the model describe the experiment?",
            told(z)
        )
    } else if z.abs() > Z_975 && !name.starts_with("scatter") {
        // Their priors were set from the measurements, so a value outside them means that model and
        // table disagree.
        format!(
            "{name}: the best fit is {}, outside {prior}, the range suggested by the measurements \
             and the model; are the units of the table right?",
            told(z)
        )
    } else {
        return None;
    };
    Some((name, said))
}

/// The name of a table and a warning, if the model does not describe the table.
fn missed(plan: &Plan, outcome: &Outcome, table: usize) -> Option<(String, String)> {
    let rows = plan.rows.iter().zip(plan.posterior.observed.iter().zip(&outcome.expected));
    let own = rows.filter(|((of, _), (o, _))| *of == table && !o.held_out).map(|(_, row)| row);
    // Residuals in standard deviations if these are known; otherwise of logarithms, or differences
    // relative to the measurements.
    let (mut deviations, mut logarithms, mut differences) = (vec![], vec![], vec![]);
    for (observed, expected) in own {
        // A limit that the prediction respects is not a misfit.
        let Some(off) = beyond(observed, observed.residual(expected).ok()) else { continue };
        match (observed.sd, observed.error_model) {
            (Some(_), _) => deviations.push(off),
            (None, ErrorModel::Relative) => logarithms.push(off * expected.sd),
            (None, ErrorModel::Absolute) => differences.push((off * expected.sd, observed.value)),
        }
    }
    let root = |all: &[f64]| (all.iter().map(|v| v * v).sum::<f64>() / all.len() as f64).sqrt();
    let measured = &plan.measured[table];
    let how = if root(&deviations) > MOST_DEVIATIONS {
        format!(
            "deviates by a root mean square of {} standard deviations of the table",
            three_digits(root(&deviations))
        )
    } else if root(&logarithms) > math::ln(MOST_LOG) {
        let root = root(&logarithms);
        format!(
            "deviates by a typical factor of {} (root mean square of log residuals {})",
            three_digits(math::exp(root)),
            three_digits(root)
        )
    } else {
        let (off, all): (Vec<f64>, Vec<f64>) = differences.into_iter().unzip();
        let left = root(&off) / root(&all);
        let left = left * left;
        // NaN, the mean of no values, is included.
        if left.is_nan() || left <= MOST_LEFT {
            return None;
        }
        format!("leaves {} % of their mean square unexplained", three_digits(100.0 * left.min(1.0)))
    };
    let name = shown(&measured.name);
    let said = format!(
        "{name}: the model does not describe the measurements: it {how}; find the cause before you \
         use its numbers: check the units of dose, time and value, the words in the columns, \
         outliers, and the model"
    );
    Some((name, said))
}

/// Residual of a row in standard deviations; zero for a limit that the prediction respects, none if
/// the model gives no value to compare.
fn beyond(observed: &Observed, residual: Option<f64>) -> Option<f64> {
    let residual = residual?;
    match observed.bound {
        Bound::None => Some(residual),
        Bound::Below => Some(residual.min(0.0)),
        Bound::Above => Some(residual.max(0.0)),
        Bound::Between(_) => None,
    }
}
