//! Dense LU decomposition with partial pivoting for small matrices, written for clarity rather than
//! speed.

/// A factorised square matrix.
pub struct Lu {
    size: usize,
    factors: Vec<f64>,
    rows: Vec<usize>,
}

impl Lu {
    /// Factorises a row-major matrix; `None` if it is singular or not finite.
    pub fn new(size: usize, mut a: Vec<f64>) -> Option<Self> {
        let mut rows: Vec<usize> = (0..size).collect();
        for k in 0..size {
            let pivot = (k..size)
                .max_by(|&i, &j| a[i * size + k].abs().total_cmp(&a[j * size + k].abs()))?;
            let largest = a[pivot * size + k];
            if largest == 0.0 || !largest.is_finite() {
                return None;
            }
            if pivot != k {
                rows.swap(pivot, k);
                for c in 0..size {
                    a.swap(pivot * size + c, k * size + c);
                }
            }
            let (upper, lower) = a.split_at_mut((k + 1) * size);
            let pivot_row = &upper[k * size..];
            for row in lower.chunks_exact_mut(size) {
                // Networks are sparse: most entries below a pivot are zero.
                if row[k] == 0.0 {
                    continue;
                }
                let factor = row[k] / largest;
                row[k] = factor;
                for c in k + 1..size {
                    row[c] -= factor * pivot_row[c];
                }
            }
        }
        Some(Self { size, factors: a, rows })
    }

    /// Solves for one right-hand side.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x: Vec<f64> = self.rows.iter().map(|&r| b[r]).collect();
        for i in 0..n {
            let row = &self.factors[i * n..(i + 1) * n];
            let sum: f64 = row[..i].iter().zip(&x[..i]).map(|(a, x)| a * x).sum();
            x[i] -= sum;
        }
        for i in (0..n).rev() {
            let row = &self.factors[i * n..(i + 1) * n];
            let sum: f64 = row[i + 1..].iter().zip(&x[i + 1..]).map(|(a, x)| a * x).sum();
            x[i] = (x[i] - sum) / row[i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_that_needs_pivoting_is_solved() {
        let a = vec![0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 4.0, 0.0, -3.0];
        let x = [1.0, -2.0, 3.0];
        let b: Vec<f64> = (0..3).map(|i| (0..3).map(|j| a[i * 3 + j] * x[j]).sum()).collect();
        let found = Lu::new(3, a).unwrap().solve(&b);
        assert!(found.iter().zip(x).all(|(f, x)| (f - x).abs() < 1e-14), "{found:?}");
    }

    #[test]
    fn a_singular_or_infinite_matrix_is_none() {
        assert!(Lu::new(2, vec![1.0, 2.0, 2.0, 4.0]).is_none());
        assert!(Lu::new(2, vec![1.0, 2.0, f64::NAN, 4.0]).is_none());
    }
}
