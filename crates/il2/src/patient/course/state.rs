//! Amounts with their derivatives.

/// Amounts (and an effect), and their derivatives along the directions.
pub struct State {
    pub amounts: Vec<f64>,
    pub by: Vec<Vec<f64>>,
}

impl State {
    /// The amounts, then their derivatives along each direction.
    pub fn whole(&self) -> Vec<f64> {
        self.amounts.iter().chain(self.by.iter().flatten()).copied().collect()
    }

    pub fn of(whole: &[f64], size: usize) -> Self {
        let (amounts, by) = whole.split_at(size);
        Self { amounts: amounts.to_vec(), by: by.chunks(size).map(<[f64]>::to_vec).collect() }
    }
}
