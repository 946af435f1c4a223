//! The power of a row: the probability that its rule fails for a trial of the published size in
//! which the alternative is true, such as a drug without effect. A row that an alternative model
//! would pass as well is weak evidence, even if it fits.

use crate::validation::simulated::simulated;
use il2_answer::published::{Expectation, Null, Order, Row, Tolerance};
use il2_engine::math;
use il2_inference::survival::distributions::normal_below;
use il2_inference::survival::proportions::within;
use il2_output::table::Table;
use il2_study::study::Study;

/// The power of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    /// Probability that the rule fails if the alternative is true.
    pub value: f64,
    /// The alternative.
    pub against: String,
}

/// Half of the width of a 95 % interval, in standard errors.
const HALF_WIDTH: f64 = 1.96;

/// The power of a row against its alternative, whose number is in `table` unless it is given.
pub fn of_row(row: &Row, null: &Null, table: &Table, study: &Study) -> Result<Power, String> {
    let value = match (&null.value, &null.at) {
        (Some(value), None) => *value,
        (None, Some(at)) => {
            let row = Row {
                at: at.clone(),
                over: null.over.clone(),
                column: null.column.clone().unwrap_or(row.column.clone()),
                ..row.clone()
            };
            simulated(&row, table, study)?
        }
        _ => {
            return Err("null needs either `value` or `at`, the place of the number under the \
                        alternative; give one of the two"
                .into());
        }
    };
    let (low, high) = allowed(row.asked()?);
    let scale = |x: f64| if null.ratio { math::ln(x) } else { x };
    let error = match (null.standard_error, low.is_finite() && high.is_finite()) {
        (Some(error), _) => Some(error),
        (None, true) => Some((scale(high) - scale(low)) / (2.0 * HALF_WIDTH)),
        (None, false) => None,
    };
    let passes = match (null.patients, error) {
        (Some(patients), _) => {
            let size = if row.unit == "%" { 100.0 } else { 1.0 };
            within(u64::from(patients), value / size, low / size, high / size)
                .map_err(|e| format!("null: {e}"))?
        }
        (None, Some(error)) if error != 0.0 => {
            let below = |x: f64| normal_below((scale(x) - scale(value)) / error);
            // The logarithm of a bound that is missing has no value.
            let [to, from] = [(high, 1.0), (low, 0.0)]
                .map(|(end, beyond)| if end.is_finite() { below(end) } else { beyond });
            to - from
        }
        _ => f64::from(u8::from((low..=high).contains(&value))),
    };
    if !passes.is_finite() {
        return Err(format!(
            "null: the value {value} of the alternative gives no power; with ratio = true, give a \
             value and a range above zero"
        ));
    }
    Ok(Power { value: (1.0 - passes).clamp(0.0, 1.0), against: null.model.clone() })
}

/// The power of an order against the assumption that every order of the numbers is equally likely;
/// only one of them passes.
pub fn of_order(order: &Order) -> Power {
    let orders: f64 = (1..=order.increasing.len()).map(|k| k as f64).product();
    Power { value: 1.0 - 1.0 / orders, against: "every order equally likely".into() }
}

/// The numbers that a rule accepts.
fn allowed(asked: Expectation) -> (f64, f64) {
    match asked {
        Expectation::Number(p, Tolerance::Relative(r)) => (p - r * p.abs(), p + r * p.abs()),
        Expectation::Number(p, Tolerance::Absolute(a)) => (p - a, p + a),
        Expectation::Number(p, Tolerance::Factor(f)) => (p / f, p * f),
        Expectation::Range(low, high) => (low, high),
        Expectation::AtLeast(low) => (low, f64::INFINITY),
        Expectation::AtMost(high) => (f64::NEG_INFINITY, high),
    }
}
