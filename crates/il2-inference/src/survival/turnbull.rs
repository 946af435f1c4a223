//! Times that are known only to be between two visits: the nonparametric maximum likelihood
//! estimate of their distribution (Turnbull 1976, J. R. Stat. Soc. B 38:290), and a comparison of
//! groups.

use super::distributions::ChiSquared;
use super::error::{StatisticsError, inner_part, same_length, within};
use super::newton::{Factor, Matrix};
use il2_engine::math;
use std::collections::BTreeMap;

/// The interval in which an event happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// The last time at which the event had not happened, at least 0.
    pub after: f64,
    /// The first time at which the event had happened: infinite if it was not observed, the same as
    /// `after` if the time is exact.
    pub until: f64,
}

/// An interval of time that contains a fraction of the events; their position within it cannot be
/// determined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mass {
    /// Later than this time, or exactly at it if both ends are the same.
    pub after: f64,
    /// Not later than this time, which may be infinite.
    pub until: f64,
    /// Fraction of the events (0 to 1).
    pub part: f64,
}

/// The maximum likelihood estimate of the distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Turnbull {
    /// Intervals that contain a fraction of the events, in order; the fractions sum to 1.
    pub masses: Vec<Mass>,
    /// Logarithm of the likelihood.
    pub log_likelihood: f64,
}

impl Turnbull {
    /// Smallest and largest possible fraction free of the event after a time, which differ within
    /// an interval.
    pub fn survival(&self, time: f64) -> (f64, f64) {
        let started = |m: &&Mass| m.after < time || m.until <= time;
        let sum = |masses: &mut dyn Iterator<Item = &Mass>| masses.map(|m| m.part).sum::<f64>();
        let low = 1.0 - sum(&mut self.masses.iter().filter(started));
        let high = 1.0 - sum(&mut self.masses.iter().filter(|m| m.until <= time));
        (low.max(0.0), high.min(1.0))
    }

    /// The interval in which this fraction of the events is reached.
    pub fn quantile(&self, part: f64) -> Result<Mass, StatisticsError> {
        inner_part("the probability of a quantile", part)?;
        let mut so_far = 0.0;
        let reached = self.masses.iter().find(|m| {
            so_far += m.part;
            so_far >= part - 1e-9
        });
        Ok(*reached.unwrap_or(&self.masses[self.masses.len() - 1]))
    }
}

/// Intervals of the estimate, and the range of them that each subject's interval contains.
struct Pieces {
    ends: Vec<(f64, f64)>,
    held: Vec<(usize, usize)>,
}

/// Orders the ends of intervals: at the same time exact ones start first, then intervals end, then
/// others start.
fn places(one: &Between) -> [(f64, u8); 2] {
    [(one.after, if one.after == one.until { 0 } else { 2 }), (one.until, 1)]
}

impl Pieces {
    /// Mass can be only where a start is followed by an end: elsewhere it would be in fewer
    /// subjects' intervals.
    fn of(intervals: &[Between]) -> Self {
        let order = |a: &(f64, u8), b: &(f64, u8)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let mut all: Vec<(f64, u8)> = intervals.iter().flat_map(places).collect();
        all.sort_by(order);
        all.dedup();
        let inner = all.windows(2).filter(|pair| pair[0].1 != 1 && pair[1].1 == 1);
        let inner: Vec<[(f64, u8); 2]> = inner.map(|pair| [pair[0], pair[1]]).collect();
        let held = intervals.iter().map(places).map(|[start, end]| {
            let first = inner.partition_point(|piece| order(&piece[0], &start).is_lt());
            let past = inner.partition_point(|piece| order(&piece[1], &end).is_le());
            (first, past - 1)
        });
        let held = held.collect();
        Self { ends: inner.iter().map(|piece| (piece[0].0, piece[1].0)).collect(), held }
    }
}

/// Number of rounds after which the search is abandoned.
const ROUNDS: usize = 20_000;
/// Upper limit on the gain per subject from moving mass, at which the search ends.
const GAIN: f64 = 1e-9;

/// The maximum likelihood estimate by alternating expectation steps and convex minorant steps
/// (Wellner & Zhan 1997, J. Am. Stat. Assoc. 92:945): the former never fail but are slow, the
/// latter are fast close to the maximum. The search has converged when no move of mass can increase
/// the likelihood (Gentleman & Geyer 1994, Biometrika 81:618). Rejects an empty sample and
/// intervals whose ends are negative, not numbers, or in the wrong order.
pub fn turnbull(intervals: &[Between]) -> Result<Turnbull, StatisticsError> {
    let (pieces, parts, log_likelihood) = likeliest(intervals)?;
    let masses = pieces.ends.iter().zip(&parts).filter(|(_, part)| **part > 0.0);
    let masses =
        masses.map(|((after, until), part)| Mass { after: *after, until: *until, part: *part });
    Ok(Turnbull { masses: masses.collect(), log_likelihood })
}

fn likeliest(intervals: &[Between]) -> Result<(Pieces, Vec<f64>, f64), StatisticsError> {
    if intervals.is_empty() {
        return Err(StatisticsError::Empty { what: "the sample".into() });
    }
    for (row, one) in intervals.iter().enumerate() {
        within("the start of the interval", row, one.after, "a finite time, zero or later", |t| {
            t >= 0.0
        })?;
        if one.until.is_nan() || one.until < one.after {
            let (what, allowed) = ("the end of the interval", "a time not before its start");
            return Err(StatisticsError::Value { what, row: Some(row), value: one.until, allowed });
        }
    }
    let pieces = Pieces::of(intervals);
    let mut counts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    pieces.held.iter().for_each(|held| *counts.entry(*held).or_default() += 1.0);
    let counts: Vec<_> = counts.into_iter().collect();
    let (n, m) = (intervals.len() as f64, pieces.ends.len());
    let mut parts = vec![1.0 / m as f64; m];
    for _ in 0..ROUNDS {
        let gains = gains(&counts, &parts);
        if gains.iter().all(|gain| *gain <= n * (1.0 + GAIN)) {
            let log_likelihood = log_likelihood(&counts, &cumulative(&parts));
            return Ok((pieces, parts, log_likelihood));
        }
        parts.iter_mut().zip(&gains).for_each(|(part, gain)| *part *= gain / n);
        parts = minorant_step(&counts, &parts);
    }
    Err(StatisticsError::NotConverged { what: "the maximum-likelihood distribution" })
}

/// Cumulative sums: before each interval, then the total.
fn cumulative(parts: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    sums.extend(parts.iter().scan(0.0, |sum, part| {
        *sum += part;
        Some(*sum)
    }));
    sums
}

type Counts = [((usize, usize), f64)];

fn log_likelihood(counts: &Counts, sums: &[f64]) -> f64 {
    counts.iter().map(|((a, b), count)| count * math::ln((sums[b + 1] - sums[*a]).max(0.0))).sum()
}

/// Slope of the log likelihood with respect to the fraction of each interval.
fn gains(counts: &Counts, parts: &[f64]) -> Vec<f64> {
    let sums = cumulative(parts);
    let mut changes = vec![0.0; parts.len() + 1];
    for ((a, b), count) in counts {
        let gain = count / (sums[b + 1] - sums[*a]);
        changes[*a] += gain;
        changes[b + 1] -= gain;
    }
    cumulative(&changes)[1..=parts.len()].to_vec()
}

/// A Newton step on the cumulative fractions with the diagonal of the curvature, made monotone
/// again, and halved until the likelihood increases.
fn minorant_step(counts: &Counts, parts: &[f64]) -> Vec<f64> {
    let (sums, m) = (cumulative(parts), parts.len());
    let (mut slope, mut curvature) = (vec![0.0; m + 1], vec![0.0; m + 1]);
    for ((a, b), count) in counts {
        let gain = 1.0 / (sums[b + 1] - sums[*a]);
        for (end, sign) in [(*a, -1.0), (b + 1, 1.0)] {
            slope[end] += sign * count * gain;
            curvature[end] += count * gain * gain;
        }
    }
    // The cumulative fraction is 0 at the beginning and 1 at the end.
    let wanted = (1..m).map(|k| (sums[k] + slope[k] / curvature[k], curvature[k]));
    let mut wanted: Vec<f64> = increasing(wanted).iter().map(|y| y.clamp(0.0, 1.0)).collect();
    wanted.insert(0, 0.0);
    wanted.push(1.0);
    let before = log_likelihood(counts, &sums);
    let mut part = 1.0;
    while part > 1e-6 {
        let next: Vec<f64> = sums.iter().zip(&wanted).map(|(s, w)| s + part * (w - s)).collect();
        if log_likelihood(counts, &next) > before {
            return next.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect();
        }
        part *= 0.5;
    }
    parts.to_vec()
}

/// The closest nondecreasing values in weighted least squares: neighbours out of order are pooled.
fn increasing(values: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = vec![];
    for (value, weight) in values {
        let mut pool = (value, weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 >= pool.0) {
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
        }
        pools.push(pool);
    }
    pools.iter().flat_map(|pool| std::iter::repeat_n(pool.0, pool.2)).collect()
}

/// Tests whether groups, counted from 0, differ: the scores of a proportional-hazards model
/// (Finkelstein 1986, Biometrics 42:845) with their variance over permutations of the groups (Fay
/// 1996, Biometrics 52:811), which is valid if all groups have the same schedule of visits. For
/// exact times it is close to the log-rank test.
pub fn compare_intervals(
    intervals: &[Between],
    groups: &[usize],
) -> Result<ChiSquared, StatisticsError> {
    same_length("the column of groups", groups.len(), intervals.len())?;
    let (pieces, parts, _) = likeliest(intervals)?;
    let sums = cumulative(&parts);
    let entropy = |free: f64| if free > 0.0 { free * math::ln(free) } else { 0.0 };
    let score = |(a, b): &(usize, usize)| {
        let (before, after) = (1.0 - sums[*a], (1.0 - sums[b + 1]).max(0.0));
        (entropy(before) - entropy(after)) / (before - after)
    };
    let scores: Vec<f64> = pieces.held.iter().map(score).collect();
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let spread = scores.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / (n - 1.0);
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0.0; count];
    let mut excess = vec![0.0; count];
    for (group, score) in groups.iter().zip(&scores) {
        sizes[*group] += 1.0;
        excess[*group] += score - mean;
    }
    if let Some(empty) = sizes.iter().position(|size| *size == 0.0) {
        return Err(StatisticsError::Empty { what: format!("group {}", empty + 1) });
    }
    // The excesses sum to zero, so the last one is left out.
    let row = |g: usize| {
        let share = |h: usize| if g == h { sizes[g] } else { 0.0 } - sizes[g] * sizes[h] / n;
        (0..count - 1).map(|h| spread * share(h)).collect()
    };
    let variance: Matrix = (0..count - 1).map(row).collect();
    if count < 2 {
        return Err(StatisticsError::OneGroup);
    }
    let factor = Factor::of(&variance).map_err(|_| StatisticsError::OneGroup)?;
    Ok(ChiSquared::new(factor.form(&excess[..count - 1]), count - 1))
}
