//! Proportions of subjects, with intervals.

use super::distributions::{beta_quantile, normal_width};
use super::error::{StatisticsError, inner_part};
use crate::bootstrap::Estimate;
use statrs::function::beta::beta_reg;

/// Rejects a proportion of no subjects, and counts above the number of subjects.
fn check(count: u64, of: u64) -> Result<(f64, f64), StatisticsError> {
    match (of, count <= of) {
        (0, _) => Err(StatisticsError::Empty { what: "the sample".into() }),
        (_, true) => Ok((count as f64, of as f64)),
        (_, false) => Err(StatisticsError::Value {
            what: "the count",
            row: None,
            value: count as f64,
            allowed: "no larger than the number of subjects",
        }),
    }
}

/// The exact interval of a proportion (Clopper & Pearson 1934, Biometrika 26:404), whose coverage
/// is at least the level.
pub fn clopper_pearson(count: u64, of: u64, level: f64) -> Result<Estimate, StatisticsError> {
    let (x, n) = check(count, of)?;
    let tail = 0.5 - 0.5 * inner_part("the level of an interval", level)?;
    Ok(Estimate {
        value: x / n,
        low: if count == 0 { 0.0 } else { beta_quantile(tail, x, n - x + 1.0) },
        high: if count == of { 1.0 } else { beta_quantile(1.0 - tail, x + 1.0, n - x) },
    })
}

/// The score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22:209), whose average
/// coverage is the level.
pub fn wilson(count: u64, of: u64, level: f64) -> Result<Estimate, StatisticsError> {
    let (x, n) = check(count, of)?;
    let (z, part) = (normal_width(level)?, x / n);
    let middle = (x + 0.5 * z * z) / (n + z * z);
    let width = z / (n + z * z) * (n * part * (1.0 - part) + 0.25 * z * z).sqrt();
    let low = if count == 0 { 0.0 } else { middle - width };
    let high = if count == of { 1.0 } else { middle + width };
    Ok(Estimate { value: part, low, high })
}

/// Probability that a proportion observed in `of` subjects is from `low` to `high`, both included,
/// if each has the event with probability `part`.
pub fn within(of: u64, part: f64, low: f64, high: f64) -> Result<f64, StatisticsError> {
    let (_, n) = check(0, of)?;
    if !(0.0..=1.0).contains(&part) {
        return Err(StatisticsError::Value {
            what: "the proportion",
            row: None,
            value: part,
            allowed: "from 0 to 1",
        });
    }
    // An end that is itself a possible proportion must not be lost by its last digit.
    let nearly = 1e-9 * n;
    let from = (low * n - nearly).ceil().max(0.0);
    let to = (high * n + nearly).floor().min(n);
    // The probability of at least k events.
    let at_least = |k: f64| match k {
        k if k <= 0.0 => 1.0,
        k if k > n || part == 0.0 => 0.0,
        _ if part == 1.0 => 1.0,
        k => beta_reg(k, n - k + 1.0, part),
    };
    Ok(if from > to { 0.0 } else { (at_least(from) - at_least(to + 1.0)).clamp(0.0, 1.0) })
}

/// The first proportion minus the second, with an interval from their score intervals (Newcombe
/// 1998, Stat. Med. 17:873, method 10).
pub fn newcombe(
    first: (u64, u64),
    second: (u64, u64),
    level: f64,
) -> Result<Estimate, StatisticsError> {
    let (a, b) = (wilson(first.0, first.1, level)?, wilson(second.0, second.1, level)?);
    let value = a.value - b.value;
    let far = |x: f64, y: f64| (x * x + y * y).sqrt();
    Ok(Estimate {
        value,
        low: value - far(a.value - a.low, b.high - b.value),
        high: value + far(a.high - a.value, b.value - b.low),
    })
}
