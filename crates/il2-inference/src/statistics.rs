//! Statistics of samples, and the linear algebra for them.

/// Lower triangle of a correlation matrix; directions without variance give zeros.
pub fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let left: f64 = matrix[i][j] - sum;
            lower[i][j] = match (i == j, lower[j][j]) {
                (true, _) => left.max(0.0).sqrt(),
                (false, d) if d > 1e-8 => left / d,
                _ => 0.0,
            };
        }
    }
    lower
}

/// Central interval of a sample by linear interpolation between order statistics; NaN of nothing. Values
/// beyond a range are infinite, and so is an end that falls on them.
pub fn central_interval(mut values: Vec<f64>, level: f64) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |p: f64| {
        let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
        let place = p * last as f64;
        let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
        match place.fract() {
            0.0 => low,
            part if low.is_finite() && high.is_finite() => low + (high - low) * part,
            // The wider of the two possible ones.
            _ if p < 0.5 => low,
            _ => high,
        }
    };
    (at(0.5 - 0.5 * level), at(0.5 + 0.5 * level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_beyond_the_range_opens_the_end_on_its_side() {
        let (low, high) = central_interval(vec![1.0, f64::INFINITY, 2.0], 0.9);
        assert!((low - 1.1).abs() < 1e-12 && high == f64::INFINITY);
        let (low, high) = central_interval(vec![1.0, f64::NEG_INFINITY, 2.0], 0.9);
        assert!(low == f64::NEG_INFINITY && (high - 1.9).abs() < 1e-12);
        assert!(central_interval(vec![], 0.9).0.is_nan());
    }
}
