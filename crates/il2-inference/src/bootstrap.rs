//! Intervals of estimates by the bootstrap: rows of a sample are drawn again, with replacement
//! (Efron & Tibshirani, An Introduction to the Bootstrap, 1993).

use crate::quantiles::interval;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Number of bootstrap samples drawn from the rows.
const RESAMPLES: u64 = 400;

/// An estimate and the ends of its interval; NaN if it cannot be estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Estimate from all rows.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A whole number below `count`, all equally likely to within one part in 2^32.
pub fn below(rng: &mut ChaCha8Rng, count: usize) -> usize {
    let bits = rng.next_u64() >> 32;
    ((bits * count as u64) >> 32) as usize
}

/// The estimates that `of` makes from all `rows` rows, with intervals of the given `level`. `of`
/// receives the rows to use, some of them several times, and returns one number for each quantity.
/// Bootstrap sample `i` does not depend on the other samples.
pub fn estimates(
    rows: usize,
    level: f64,
    seed: u64,
    of: impl Fn(&[usize]) -> Vec<f64>,
) -> Vec<Estimate> {
    let all: Vec<usize> = (0..rows).collect();
    let drawn = (0..RESAMPLES).map(|stream| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x626f_6f74);
        rng.set_stream(stream);
        let places: Vec<usize> = all.iter().map(|_| below(&mut rng, rows)).collect();
        of(&places)
    });
    let drawn: Vec<Vec<f64>> = if rows > 1 { drawn.collect() } else { vec![] };
    let estimate = |(i, value): (usize, f64)| {
        let spread: Vec<f64> = drawn.iter().map(|one| one[i]).filter(|v| v.is_finite()).collect();
        let [low, high] = interval(&spread, spread.len() as f64, level);
        Estimate { value, low, high }
    };
    of(&all).into_iter().enumerate().map(estimate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of a hundred numbers between 0 and 1, whose standard error is known from a formula.
    #[test]
    fn an_interval_is_as_wide_as_the_standard_error_says() {
        let values: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        let mean = |rows: &[usize]| {
            vec![rows.iter().map(|row| values[*row]).sum::<f64>() / rows.len() as f64]
        };
        let found = estimates(100, 0.95, 1, mean)[0];
        let width = 2.0 * 1.96 / 1200_f64.sqrt();
        assert!((found.value - 0.5).abs() < 1e-12);
        // 400 bootstrap samples give the width of such an interval to within some eight per cent.
        assert!(((found.high - found.low) / width - 1.0).abs() < 0.25, "{found:?} {width}");
    }
}
