//! Statistics of samples, and the linear algebra for them.

use crate::quantiles::quantiles;

/// Lower triangle `L` such that `L L^T` is the covariance of `n` quantities. The conditional
/// variance of each quantity, given the others, is at least `least(variance)`; a quantity without
/// conditional variance does not affect any other.
pub fn cholesky(
    n: usize,
    covariance: impl Fn(usize, usize) -> f64,
    least: impl Fn(f64) -> f64,
) -> Vec<Vec<f64>> {
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let left = covariance(i, j) - known;
            lower[i][j] = match (i == j, lower[j][j]) {
                (true, _) => left.max(least(covariance(i, i))).sqrt(),
                // A variance that is only rounding error carries no information.
                (false, d) if d > 1e-8 * covariance(j, j).sqrt() => left / d,
                _ => 0.0,
            };
        }
    }
    lower
}

/// Solves `L L^T x = b`.
pub fn solved(lower: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i][i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i][i];
    }
    x
}

/// Central interval of a sample by linear interpolation between order statistics; NaN for an empty
/// sample. Values beyond a range are infinite, and so is an end of the interval that falls on one
/// of them.
pub fn central_interval(values: Vec<f64>, level: f64) -> (f64, f64) {
    let [low, high] = quantiles(values, [0.5 - 0.5 * level, 0.5 + 0.5 * level]);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_gives_back_its_covariance() {
        let covariance = [[4.0, 2.0, 0.4], [2.0, 2.0, 0.1], [0.4, 0.1, 1.0]];
        let lower = cholesky(3, |i, j| covariance[i][j], |_| 0.0);
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| lower[i][k] * lower[j][k]).sum();
                assert!((product - covariance[i][j]).abs() < 1e-14, "{i} {j}: {product}");
            }
        }
        let x = solved(&lower, &[1.0, -2.0, 0.5]);
        for i in 0..3 {
            let product: f64 = (0..3).map(|j| covariance[i][j] * x[j]).sum();
            assert!((product - [1.0, -2.0, 0.5][i]).abs() < 1e-14, "{i}: {product}");
        }
        // The second equals the first: it has no conditional variance, or the smallest one
        // required.
        let same = |_, _| 1.0;
        assert_eq!(cholesky(2, same, |_| 0.0), [[1.0, 0.0], [1.0, 0.0]]);
        assert_eq!(cholesky(2, same, |variance| 0.25 * variance), [[1.0, 0.0], [1.0, 0.5]]);
    }

    #[test]
    fn a_value_beyond_the_range_opens_the_end_on_its_side() {
        let (low, high) = central_interval(vec![1.0, f64::INFINITY, 2.0], 0.9);
        assert!((low - 1.1).abs() < 1e-12 && high == f64::INFINITY);
        let (low, high) = central_interval(vec![1.0, f64::NEG_INFINITY, 2.0], 0.9);
        assert!(low == f64::NEG_INFINITY && (high - 1.9).abs() < 1e-12);
        assert!(central_interval(vec![], 0.9).0.is_nan());
    }
}
