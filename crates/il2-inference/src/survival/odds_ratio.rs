//! Odds ratios from two-by-two tables.

use super::distributions::{ChiSquared, halve, normal_width, ratio_around};
use super::error::{StatisticsError, inner_part};
use crate::bootstrap::Estimate;
use il2_engine::math;

/// Counts for two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoByTwo {
    /// First group: number with the outcome, and without.
    pub first: (u64, u64),
    /// Second group: number with the outcome, and without.
    pub second: (u64, u64),
}

/// An odds ratio from the distribution of the table with fixed margins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExactOddsRatio {
    /// The maximum likelihood estimate, with exact limits; 0 or infinite if a cell is empty.
    pub ratio: Estimate,
    /// Fisher's exact test: two-sided probability of tables at most as likely as this one if there
    /// is no effect.
    pub p: f64,
}

fn cells(table: &TwoByTwo) -> [f64; 4] {
    let TwoByTwo { first: (a, b), second: (c, d) } = *table;
    [a, b, c, d].map(|count| count as f64)
}

/// The odds of the first group divided by those of the second, with the interval of Woolf (1955,
/// Ann. Hum. Genet. 19:251). Rejects an empty cell.
pub fn woolf(table: &TwoByTwo, level: f64) -> Result<Estimate, StatisticsError> {
    let [a, b, c, d] = cells(table);
    if [a, b, c, d].contains(&0.0) {
        return Err(StatisticsError::Value {
            what: "a cell of the table",
            row: None,
            value: 0.0,
            allowed: "a count above 0; with an empty cell use the exact odds ratio or Firth's logistic regression",
        });
    }
    let width = normal_width(level)? * (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
    Ok(ratio_around(math::ln(a * d / (b * c)), width))
}

/// The conditional odds ratio with exact limits (Fisher 1935; Cornfield 1956). Rejects a table with
/// an empty margin, which carries no information.
pub fn exact_odds_ratio(table: &TwoByTwo, level: f64) -> Result<ExactOddsRatio, StatisticsError> {
    let tail = 0.5 - 0.5 * inner_part("the level of an interval", level)?;
    let Weights { least, most, logs: weights } = Weights::of(table)?;
    let a = table.first.0;
    let chances = |log_ratio: f64| {
        let logs = weights.iter().enumerate().map(|(i, weight)| weight + i as f64 * log_ratio);
        let logs: Vec<f64> = logs.collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let parts: Vec<f64> = logs.iter().map(|log| math::exp(log - top)).collect();
        let sum: f64 = parts.iter().sum();
        parts.into_iter().map(|part| part / sum).collect::<Vec<f64>>()
    };
    let here = (a - least) as usize;
    let mean = |log| chances(log).iter().enumerate().map(|(i, p)| i as f64 * p).sum::<f64>();
    let at_least = |log| chances(log)[here..].iter().sum::<f64>();
    let at_most = |log| chances(log)[..=here].iter().sum::<f64>();
    let solved = |holds: &dyn Fn(f64) -> bool| math::exp(halve(-700.0, 700.0, holds));
    let (lowest, highest) = (a == least, a == most);
    let value = match (lowest, highest) {
        (true, _) => 0.0,
        (_, true) => f64::INFINITY,
        _ => solved(&|log| mean(log) < here as f64),
    };
    let low = if lowest { 0.0 } else { solved(&|log| at_least(log) < tail) };
    let high = if highest { f64::INFINITY } else { solved(&|log| at_most(log) > tail) };
    Ok(ExactOddsRatio { ratio: Estimate { value, low, high }, p: fisher(table)? })
}

/// Fisher's exact test: two-sided probability of tables at most as likely as this one if there is
/// no effect. Rejects a table with an empty margin.
pub fn fisher(table: &TwoByTwo) -> Result<f64, StatisticsError> {
    let Weights { least, logs, .. } = Weights::of(table)?;
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logs.iter().map(|log| math::exp(log - top)).collect();
    let sum: f64 = parts.iter().sum();
    // The probabilities of equally likely tables may differ in the last digits.
    let here = parts[(table.first.0 - least) as usize] * (1.0 + 1e-7);
    Ok(parts.iter().filter(|part| **part <= here).map(|part| part / sum).sum())
}

/// The tables that have the margins of a table.
struct Weights {
    /// Least and greatest count in the first cell.
    least: u64,
    most: u64,
    /// Logarithms of the number of tables by the count in the first cell, from the least, relative
    /// to the first.
    logs: Vec<f64>,
}

impl Weights {
    fn of(table: &TwoByTwo) -> Result<Self, StatisticsError> {
        let TwoByTwo { first: (a, b), second: (c, d) } = *table;
        let (rows, with) = ([a + b, c + d], a + c);
        let (least, most) = (with.saturating_sub(rows[1]), with.min(rows[0]));
        if least == most {
            return Err(StatisticsError::Empty { what: "a row or a column of the table".into() });
        }
        let mut logs = vec![0.0];
        for x in least..most {
            let more = (rows[0] - x) as f64 * (with - x) as f64;
            let fewer = (x + 1) as f64 * (rows[1] + x + 1 - with) as f64;
            logs.push(logs[logs.len() - 1] + math::ln(more / fewer));
        }
        Ok(Weights { least, most, logs })
    }
}

/// The common odds ratio of several tables (Mantel & Haenszel 1959), with the interval of Robins,
/// Breslow & Greenland 1986 (Biometrics 42:311), which is valid for few large tables and for many
/// small ones. Rejects tables that together contain no pair of opposite outcomes.
pub fn mantel_haenszel(tables: &[TwoByTwo], level: f64) -> Result<Estimate, StatisticsError> {
    let z = normal_width(level)?;
    let (mut r, mut s, mut pr, mut mixed, mut qs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for [a, b, c, d] in tables.iter().map(cells) {
        let n = a + b + c + d;
        if n == 0.0 {
            continue;
        }
        let (along, across) = (a * d / n, b * c / n);
        let (p, q) = ((a + d) / n, (b + c) / n);
        r += along;
        s += across;
        pr += p * along;
        mixed += p * across + q * along;
        qs += q * across;
    }
    if r == 0.0 || s == 0.0 {
        return Err(StatisticsError::Empty {
            what: "the set of discordant pairs between the groups over all tables".into(),
        });
    }
    let variance = 0.5 * (pr / (r * r) + mixed / (r * s) + qs / (s * s));
    Ok(ratio_around(math::ln(r / s), z * variance.sqrt()))
}

/// Whether the odds of the two groups differ within tables (Cochran 1954; Mantel & Haenszel 1959),
/// without a correction for continuity. Rejects tables none of which carries information.
pub fn cochran_mantel_haenszel(tables: &[TwoByTwo]) -> Result<ChiSquared, StatisticsError> {
    let (mut excess, mut variance) = (0.0, 0.0);
    for [a, b, c, d] in tables.iter().map(cells) {
        let n = a + b + c + d;
        // A table of one subject has no variance.
        if n > 1.0 {
            excess += a - (a + b) * (a + c) / n;
            variance += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1.0));
        }
    }
    match variance > 0.0 {
        true => Ok(ChiSquared::new(excess * excess / variance, 1)),
        false => Err(StatisticsError::Empty { what: "a row or a column of every table".into() }),
    }
}
