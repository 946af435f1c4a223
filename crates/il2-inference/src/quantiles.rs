//! Quantiles of very many numbers, computed in little memory and accurate to a tenth of a per cent.
//!
//! Up to a thousand numbers are kept exactly. If there are more, the numbers in each of very many
//! narrow bins are counted (after the idea of DDSketch, Masson, Rim & Lee 2019). A bin is given by
//! a value's sign, its exponent and the first ten bits of its fraction, so that no logarithm is
//! taken and the ends of a bin are less than 0.1 % apart. Numbers are assumed to be uniformly
//! distributed inside a bin, so that quantiles vary without steps. Frequent values are counted
//! separately and returned exactly. Counts do not depend on threads, nor on the order of the
//! numbers, except for which values are counted as frequent.

/// Half-width of the 95 % interval of a normal distribution, in standard deviations.
pub const Z_975: f64 = 1.959_963_984_540_054;

/// Number of low bits that are dropped: 42 of the 52 bits of the fraction.
const DROPPED: u32 = 42;
/// Values smaller than this count as zero; it is far below the tolerance of any simulation.
const NOTHING: f64 = 1e-18;
/// Number of bins in a block, a quarter of a factor of two.
const PAGE: usize = 256;
/// Up to this number of values are kept exactly.
pub const KEPT: usize = 1000;
/// A value is frequent if at least one in this many of the kept values, and at least
/// [`LEAST_SHARED`] of them, equal it.
const SHARED: usize = 50;
/// Fewer values may be equal by chance, as on a coarse scale.
const LEAST_SHARED: usize = 5;

/// Quantile by linear interpolation between order statistics; NaN for an empty sample.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    quantiles(values.to_vec(), [part])[0]
}

/// Several quantiles of the same values. Only the sign of an infinite value is known: a quantile
/// that falls between an infinite and a finite value is the one that widens the interval.
pub fn quantiles<const N: usize>(mut values: Vec<f64>, parts: [f64; N]) -> [f64; N] {
    let Some(last) = values.len().checked_sub(1) else { return [f64::NAN; N] };
    parts.map(|part| {
        let place = part * last as f64;
        // Only two of many order statistics are needed, and there may be thousands of such lists:
        // sorting each took a tenth of the time of a cohort.
        let (_, low, above) = values.select_nth_unstable_by(place.floor() as usize, f64::total_cmp);
        let low = *low;
        let next = above.iter().copied().min_by(f64::total_cmp);
        let high = if place.fract() > 0.0 { next.unwrap_or(low) } else { low };
        match place.fract() {
            fract if low.is_finite() && high.is_finite() => low + (high - low) * fract,
            0.0 => low,
            _ if part < 0.5 => low,
            _ => high,
        }
    })
}

/// Interval that contains another draw with probability `level`, from draws equivalent to
/// `effective` independent ones (their number, if this is not known). Order statistics of n draws
/// exclude slightly more than requested: the interval from [`quantile`] contains (n - 1)/(n + 1) of
/// the level, 87 instead of 90 % with 60 draws. The level is raised to correct for this; with too
/// few draws the result is their whole range.
pub fn interval(draws: &[f64], effective: f64, level: f64) -> [f64; 2] {
    let count = draws.len() as f64;
    let n = if effective.is_nan() { count } else { effective.min(count) };
    let level = if n > 1.0 { (level * (n + 1.0) / (n - 1.0)).min(1.0) } else { 1.0 };
    quantiles(draws.to_vec(), [0.5 - 0.5 * level, 0.5 + 0.5 * level])
}

/// Counts of numbers; values that are not finite are left out.
#[derive(Clone, Debug, Default)]
pub struct Quantiles {
    exact: Vec<f64>,
    /// Multiplicity of each number; empty as long as every number counts once.
    times: Vec<u64>,
    /// In increasing order. The bands of a large cohort contain some ten thousand of these.
    pages: Vec<Page>,
    /// Whether numbers are counted in bins.
    binned: bool,
    /// Frequent values, in increasing order, with their counts.
    shared: Vec<(f64, u64)>,
    ends: Option<(f64, f64)>,
    count: u64,
}

#[derive(Clone, Debug)]
struct Page {
    number: i32,
    counts: Counts,
    /// Count of the bins and of the frequent values in them.
    total: u64,
}

/// Counts of the bins of a page, in as few bytes as the largest count needs, because there are very
/// many pages.
#[derive(Clone, Debug)]
enum Counts {
    One(Box<[u8; PAGE]>),
    Two(Box<[u16; PAGE]>),
    Eight(Box<[u64; PAGE]>),
}

impl Counts {
    fn get(&self, place: usize) -> u64 {
        match self {
            Counts::One(all) => u64::from(all[place]),
            Counts::Two(all) => u64::from(all[place]),
            Counts::Eight(all) => all[place],
        }
    }

    fn add(&mut self, place: usize, times: u64) {
        let sum = self.get(place) + times;
        match self {
            Counts::One(all) if sum <= u64::from(u8::MAX) => all[place] = sum as u8,
            Counts::Two(all) if sum <= u64::from(u16::MAX) => all[place] = sum as u16,
            Counts::Eight(all) => all[place] = sum,
            Counts::One(all) => {
                *self = Counts::Two(Box::new(all.map(u16::from)));
                self.add(place, times);
            }
            Counts::Two(all) => {
                *self = Counts::Eight(Box::new(all.map(u64::from)));
                self.add(place, times);
            }
        }
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        match self {
            Counts::One(all) => size_of_val(&**all),
            Counts::Two(all) => size_of_val(&**all),
            Counts::Eight(all) => size_of_val(&**all),
        }
    }
}

/// The index of the bin of a value, which increases with the value and is 0 for zero.
fn bin(value: f64) -> i32 {
    let size = value.abs();
    if size < NOTHING {
        return 0;
    }
    let place = (size.to_bits() >> DROPPED) as i32 - (NOTHING.to_bits() >> DROPPED) as i32 + 1;
    if value < 0.0 { -place } else { place }
}

/// Where a bin begins and ends.
fn ends(bin: i32) -> (f64, f64) {
    let end = |place: i32| {
        f64::from_bits(
            ((NOTHING.to_bits() >> DROPPED) + u64::from(place.unsigned_abs())) << DROPPED,
        )
    };
    match bin {
        0 => (0.0, 0.0),
        above if above > 0 => (end(above - 1), end(above)),
        below => (-end(-below), -end(-below - 1)),
    }
}

impl Quantiles {
    /// Empty, with room for this many values that are kept exactly. Without reserved room, very
    /// many of these, growing in turn, would leave unused gaps in memory as large as themselves.
    pub fn with_room(numbers: usize) -> Self {
        Self { exact: Vec::with_capacity(numbers.min(KEPT)), ..Self::default() }
    }

    /// Counts a number with a multiplicity.
    pub fn push(&mut self, value: f64, times: u64) {
        if !value.is_finite() || times == 0 {
            return;
        }
        // A single zero, so that nothing depends on which of its two signs comes first.
        let value = value + 0.0;
        self.count += times;
        let (low, high) = self.ends.unwrap_or((value, value));
        self.ends = Some((low.min(value), high.max(value)));
        if self.binned {
            return self.add(value, times);
        }
        if times != 1 && self.times.is_empty() {
            self.times = vec![1; self.exact.len()];
        }
        if times != 1 || !self.times.is_empty() {
            self.times.push(times);
        }
        if self.exact.len() < KEPT {
            return self.exact.push(value);
        }
        self.times.pop();
        self.bin();
        self.add(value, times);
    }

    /// Puts all numbers that are kept exactly into bins, as happens when more than [`KEPT`] are
    /// counted. Which values count as frequent is decided here; the order of later values has no
    /// influence.
    pub fn bin(&mut self) {
        self.binned = true;
        let (exact, times) = (std::mem::take(&mut self.exact), std::mem::take(&mut self.times));
        let times = times.into_iter().chain(std::iter::repeat(1));
        let mut kept: Vec<(f64, u64)> = exact.into_iter().zip(times).collect();
        kept.sort_by(|a, b| a.0.total_cmp(&b.0));
        let frequent = (kept.len() / SHARED).max(LEAST_SHARED);
        for same in kept.chunk_by(|a, b| a.0 == b.0) {
            if same.len() >= frequent {
                self.shared.push((same[0].0, 0));
            }
            self.add(same[0].0, same.iter().map(|(_, times)| times).sum());
        }
    }

    fn add(&mut self, value: f64, times: u64) {
        let bin = bin(value);
        let (number, place) = (bin.div_euclid(PAGE as i32), bin.rem_euclid(PAGE as i32) as usize);
        let at =
            self.pages.binary_search_by_key(&number, |page| page.number).unwrap_or_else(|at| {
                let counts = Counts::One(Box::new([0; PAGE]));
                self.pages.insert(at, Page { number, counts, total: 0 });
                at
            });
        let page = &mut self.pages[at];
        page.total += times;
        match self.shared.iter_mut().find(|(shared, _)| *shared == value) {
            Some((_, count)) => *count += times,
            None => page.counts.add(place, times),
        }
    }

    /// The quantile at this fraction, by linear interpolation between order statistics; NaN if
    /// nothing was counted.
    pub fn at(&self, part: f64) -> f64 {
        if !self.binned && self.times.is_empty() {
            return quantile(&self.exact, part);
        }
        if self.count == 0 {
            return f64::NAN;
        }
        let place = part * (self.count - 1) as f64;
        let (low, high) = (self.ranked(place.floor() as u64), self.ranked(place.ceil() as u64));
        low + (high - low) * place.fract()
    }

    /// The number of this rank, from 0.
    fn ranked(&self, rank: u64) -> f64 {
        let (least, most) = self.ends.unwrap_or((f64::NAN, f64::NAN));
        if rank == 0 {
            return least;
        }
        if rank + 1 >= self.count {
            return most;
        }
        if !self.binned {
            return self.kept(rank);
        }
        let mut left = rank;
        for page in &self.pages {
            if left >= page.total {
                left -= page.total;
                continue;
            }
            for place in 0..PAGE {
                let number = page.number * PAGE as i32 + place as i32;
                let count = page.counts.get(place);
                if left < count {
                    let (low, high) = ends(number);
                    let inside = low + (high - low) * ((left as f64 + 0.5) / count as f64);
                    return inside.clamp(least, most);
                }
                left -= count;
                for (value, count) in self.shared.iter().filter(|(value, _)| bin(*value) == number)
                {
                    if left < *count {
                        return *value;
                    }
                    left -= count;
                }
            }
        }
        f64::NAN
    }

    /// The number of this rank, if numbers are kept exactly and may count several times.
    fn kept(&self, rank: u64) -> f64 {
        let mut kept: Vec<(f64, u64)> =
            self.exact.iter().copied().zip(self.times.iter().copied()).collect();
        kept.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut upto = 0;
        let found = kept.iter().find(|(_, times)| {
            upto += times;
            rank < upto
        });
        found.map_or(f64::NAN, |(value, _)| *value)
    }

    /// The number of values counted.
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pseudo-random numbers that are the same on every machine: between 0 and 1, without the ends.
    fn parts(n: u64) -> impl Iterator<Item = f64> {
        (0..n).map(|k| {
            let mut x = (k + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((x ^ (x >> 31)) >> 11) as f64 * 2_f64.powi(-53) + 2_f64.powi(-54)
        })
    }

    #[test]
    fn quantiles_of_every_distribution_err_by_less_than_a_tenth_of_a_percent() {
        let normal = il2_engine::math::normal_quantile;
        let distributions: [(&str, &dyn Fn(f64) -> f64); 8] = [
            ("log-normal", &|u| (0.5 * normal(u)).exp()),
            ("wide log-normal", &|u| (4.0 * normal(u)).exp()),
            ("twelve decades", &|u| 10_f64.powf(12.0 * u - 6.0)),
            ("normal about nothing", &|u| normal(u)),
            ("negative", &|u| -1e5 * u),
            ("two peaks with a gap", &|u| if u < 0.5 { 1.0 + u } else { 1000.0 + u }),
            ("half nothing", &|u| (u - 0.5).max(0.0)),
            ("steps", &|u| (u * 7.3).floor() / 3.0),
        ];
        for (name, of) in distributions {
            for n in [1, 2, 57, 1000, 1001, 1300, 20_000] {
                let values: Vec<f64> = parts(n).map(of).collect();
                let mut counted = Quantiles::default();
                values.iter().for_each(|v| counted.push(*v, 1));
                assert_eq!(counted.count(), n);
                for part in [0.0, 0.001, 0.025, 0.05, 0.25, 0.4999, 0.5, 0.75, 0.95, 0.975, 1.0] {
                    let (found, exact) = (counted.at(part), quantile(&values, part));
                    // Between two numbers that are far apart the error is a fraction of the larger
                    // number.
                    let place = part * (n - 1) as f64;
                    let most = quantile(&values, place.ceil() / ((n - 1) as f64).max(1.0));
                    let size = exact.abs().max(if place.fract() > 0.0 { most.abs() } else { 0.0 });
                    assert!(
                        (found - exact).abs() <= 1e-3 * size,
                        "{name} {n} {part}: {found} {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_quantile_moves_without_steps() {
        let at = |shift: f64| {
            let mut counted = Quantiles::default();
            parts(5000).for_each(|u| counted.push(3.0 + shift + u, 1));
            counted.at(0.5)
        };
        let medians: Vec<f64> = (0..200).map(|k| at(f64::from(k) * 1e-4)).collect();
        for pair in medians.windows(2) {
            // The numbers change by 1e-4. About ten are in a bin of 0.002: one that leaves it
            // shifts the positions of the others by a tenth of that, and again when it enters the
            // next bin.
            assert!((pair[1] - pair[0]).abs() < 1e-3, "{pair:?}");
        }
        let distinct = medians.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(distinct > 100, "{distinct}");
    }

    #[test]
    fn an_interval_of_few_draws_holds_the_next_one_as_often_as_it_says() {
        // For numbers that are uniform between 0 and 1, the width is the probability that the next
        // one is in the interval.
        let numbers: Vec<f64> = parts(60 * 2000).collect();
        let mean =
            |width: &dyn Fn(&[f64]) -> f64| numbers.chunks(60).map(width).sum::<f64>() / 2000.0;
        let held = mean(&|draws| {
            let [low, high] = interval(draws, 60.0, 0.9);
            high - low
        });
        assert!((held - 0.9).abs() < 0.003, "{held}");
        let between = mean(&|draws| quantile(draws, 0.95) - quantile(draws, 0.05));
        assert!((between - 0.9 * 59.0 / 61.0).abs() < 0.003, "{between}");
        // Correlated draws are equivalent to fewer independent ones.
        let draws = &numbers[..60];
        let [fewer, all] = [20.0, f64::NAN].map(|n| interval(draws, n, 0.9));
        assert!(fewer[0] < all[0] && fewer[1] > all[1], "{fewer:?} {all:?}");
        assert_eq!(interval(&[3.0, 1.0], 2.0, 0.9), [1.0, 3.0]);
    }

    #[test]
    fn numbers_counted_many_times_are_as_many_numbers() {
        let (mut weighted, mut one_by_one) = (Quantiles::default(), vec![]);
        for (k, value) in parts(3000).map(|u| 1.0 / u).enumerate() {
            weighted.push(value, k as u64 % 4);
            one_by_one.extend((0..k % 4).map(|_| value));
        }
        assert_eq!(weighted.count() as usize, one_by_one.len());
        for part in [0.05, 0.5, 0.95] {
            let exact = quantile(&one_by_one, part);
            assert!((weighted.at(part) / exact - 1.0).abs() < 1e-3, "{part}");
        }
        // More than two bytes can count.
        let mut many = Quantiles::default();
        (0..900).for_each(|k| many.push(f64::from(k) + 0.5, 1));
        many.push(7.0, 1_000_000_000);
        many.push(9000.0, 2);
        assert!((many.at(0.5) / 7.0 - 1.0).abs() < 1e-3 && many.at(1.0) == 9000.0);
    }

    #[test]
    fn values_that_many_share_come_back_to_the_bit() {
        let mut counted = Quantiles::default();
        for u in parts(10_000) {
            counted.push(if u < 0.3 { 90.3 - 10.0 * u } else { 90.3 }, 1);
            counted.push(f64::NAN, 1);
        }
        assert_eq!([counted.at(0.31), counted.at(0.5), counted.at(1.0)], [90.3; 3]);
        assert!(counted.at(0.05) < 89.9);
        counted.push(0.0, 30_000);
        assert_eq!(counted.at(0.5), 0.0);
        assert!(Quantiles::default().at(0.5).is_nan());
    }

    #[test]
    fn memory_does_not_grow_with_numbers() {
        let mut counted = Quantiles::default();
        parts(200_000).for_each(|u| {
            counted.push(il2_engine::math::exp(0.5 * il2_engine::math::normal_quantile(u)), 1)
        });
        // The most extreme of 200,000 are at 4.4 standard deviations: 6.3 factors of two.
        let bytes: usize = counted.pages.iter().map(|page| page.counts.bytes()).sum();
        assert!(bytes < 16_000 && counted.exact.is_empty(), "{bytes}");
    }
}
