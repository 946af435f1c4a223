//! Quantiles of very many numbers in little memory: counts in bins of equal ratio.
//!
//! Up to a hundred numbers are kept as they are. Of more, what stands in a bin is taken for the mean of
//! what was counted there, so that a quantile errs by one percent of itself at most and mostly by far
//! less (after the idea of DDSketch, Masson, Rim & Lee 2019); numbers that are all the same stay what
//! they are.

/// Half of the width of a 95 % interval of a normal distribution, in standard deviations.
pub const HALF_OF_95: f64 = 1.959_963_984_540_054;

/// Ratio of the ends of a bin.
const RATIO: f64 = 1.01;
/// What is smaller counts as nothing.
const NOTHING: f64 = 1e-12;

/// So many are kept exactly: one patient is himself, a small cohort needs no rounding.
const KEPT: usize = 100;

/// Quantile by linear interpolation between order statistics; NaN of nothing.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part * last as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

/// Counts of numbers that are zero or more; what is no finite number is left out.
#[derive(Clone, Debug, Default)]
pub struct Quantiles {
    exact: Vec<f64>,
    /// Number of the first of `bins`.
    first: i32,
    /// One beside the other: bands of a large cohort are some ten thousand of these, and what is
    /// counted lies within few hundred bins.
    bins: Vec<u32>,
    /// The first number of each, and by how much the others differ from it in all: numbers that are all
    /// the same come back to the bit.
    held: Vec<(f64, f64)>,
    nothing: u64,
    count: u64,
}

impl Quantiles {
    /// Counts a number so many times.
    pub fn push(&mut self, value: f64, times: u64) {
        // An infinite number would ask for bins without end.
        if !value.is_finite() {
            return;
        }
        self.count += times;
        if self.count as usize <= KEPT {
            self.exact.extend((0..times).map(|_| value));
            return;
        }
        // The first that is too many: all go into bins.
        for kept in std::mem::take(&mut self.exact) {
            self.bin(kept, 1);
        }
        self.bin(value, times);
    }

    fn bin(&mut self, value: f64, times: u64) {
        if value <= NOTHING {
            self.nothing += times;
            return;
        }
        let bin = (value.ln() / RATIO.ln()).floor() as i32;
        if self.bins.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            let more = (self.first - bin) as usize;
            self.bins.splice(..0, std::iter::repeat_n(0, more));
            self.held.splice(..0, std::iter::repeat_n((0.0, 0.0), more));
            self.first = bin;
        }
        let place = (bin - self.first) as usize;
        if place >= self.bins.len() {
            self.bins.reserve_exact(place + 1 - self.bins.len());
            self.bins.resize(place + 1, 0);
            self.held.reserve_exact(place + 1 - self.held.len());
            self.held.resize(place + 1, (0.0, 0.0));
        }
        if self.bins[place] == 0 {
            self.held[place].0 = value;
        }
        self.held[place].1 += (value - self.held[place].0) * times as f64;
        self.bins[place] += u32::try_from(times).expect("fewer patients than that");
    }

    /// The number below which this part of all lies; NaN where none was counted.
    pub fn at(&self, part: f64) -> f64 {
        if self.count == 0 {
            return f64::NAN;
        }
        let mut left = (part * (self.count - 1) as f64).round() as u64;
        if !self.exact.is_empty() {
            let mut sorted = self.exact.clone();
            sorted.sort_by(f64::total_cmp);
            return sorted[left as usize];
        }
        if left < self.nothing {
            return 0.0;
        }
        left -= self.nothing;
        for (&count, (first, differences)) in self.bins.iter().zip(&self.held) {
            if left < u64::from(count) {
                return first + differences / f64::from(count);
            }
            left -= u64::from(count);
        }
        f64::NAN
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_err_by_one_percent_at_most() {
        let mut q = Quantiles::default();
        let values: Vec<f64> = (0..1001).map(|k| 10_f64.powf(f64::from(k) / 100.0 - 5.0)).collect();
        // Any order will do.
        (0..1001).for_each(|k| q.push(values[k * 3 % 1001], 1));
        q.push(f64::NAN, 1);
        assert_eq!(q.count(), 1001);
        for (part, wanted) in
            [(0.0, values[0]), (0.05, values[50]), (0.5, values[500]), (1.0, values[1000])]
        {
            assert!((q.at(part) / wanted - 1.0).abs() < 0.0051, "{part}: {} {wanted}", q.at(part));
        }
        let mut same = Quantiles::default();
        (0..1000).for_each(|_| same.push(90.3, 1));
        assert_eq!(same.at(0.5), 90.3);
        q.push(0.0, 3000);
        assert_eq!(q.at(0.5), 0.0);
        assert!(Quantiles::default().at(0.5).is_nan());
    }

    #[test]
    fn few_are_exact() {
        let mut q = Quantiles::default();
        [3.0, -1.0, 90.0].into_iter().for_each(|v| q.push(v, 1));
        assert_eq!([q.at(0.0), q.at(0.5), q.at(1.0)], [-1.0, 3.0, 90.0]);
    }
}
