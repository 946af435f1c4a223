//! Covariates as models use them: checked, and centred so that sums of values far from zero keep
//! their digits.

use super::error::{StatisticsError, same_length, within};
use super::newton::Matrix;

/// Centred covariates.
pub(super) struct Centred {
    /// `rows[subject][column]`.
    pub rows: Matrix,
    pub means: Vec<f64>,
}

/// Rejects tables of a different length, rows of unequal length, and values that are not finite.
pub(super) fn centred(
    covariates: &[Vec<f64>],
    subjects: usize,
) -> Result<Centred, StatisticsError> {
    same_length("the table of covariates", covariates.len(), subjects)?;
    let columns = covariates.first().map_or(0, Vec::len);
    for (row, x) in covariates.iter().enumerate() {
        same_length("a row of covariates", x.len(), columns)?;
        for value in x {
            within("a covariate", row, *value, "a finite number", |_| true)?;
        }
    }
    let mean = |c: usize| covariates.iter().map(|x| x[c]).sum::<f64>() / subjects as f64;
    let means: Vec<f64> = (0..columns).map(mean).collect();
    let less = |x: &Vec<f64>| x.iter().zip(&means).map(|(x, m)| x - m).collect();
    Ok(Centred { rows: covariates.iter().map(less).collect(), means })
}
