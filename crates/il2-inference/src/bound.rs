//! Censored measurements: their likelihood and its derivatives.
//!
//! The likelihood of a value below a limit is its probability (method M3 of Beal 2001, J Pharmacokinet
//! Pharmacodyn 28:481), with a normal error of the value or of its logarithm.

use il2_engine::math;
use std::f64::consts::{PI, SQRT_2};

/// Whether a value is a measurement or a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Bound {
    /// The value was measured.
    #[default]
    None,
    /// The true value is below the given value.
    Below,
    /// The true value is above the given value.
    Above,
    /// The true value is between this number and the given value.
    Between(f64),
}

impl Bound {
    /// The word for it in a table of results.
    pub fn word(self) -> &'static str {
        match self {
            Bound::None => "value",
            Bound::Below => "upper bound",
            Bound::Above => "lower bound",
            Bound::Between(_) => "range",
        }
    }
}

/// Contribution of a row to a log density; the mean is in standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The log density, up to a constant.
    pub log: f64,
    /// Derivative of `log` with respect to the mean.
    pub by_mean: f64,
    /// Negative second derivative of `log` with respect to the mean.
    pub information: f64,
    /// Derivative of `log` with respect to the logarithm of the standard deviation.
    pub by_scatter: f64,
    /// Curvature used for the logarithm of the standard deviation.
    pub scatter_information: f64,
    /// The density at the lower and at the upper end, over the probability between them; zero for a
    /// measured value.
    pub at_ends: [f64; 2],
}

impl Term {
    /// For a measured value that is `residual` standard deviations above the mean.
    pub fn measured(residual: f64, sd: f64) -> Self {
        let square = residual * residual;
        Self {
            log: -0.5 * square - math::ln(sd),
            by_mean: residual,
            information: 1.0,
            by_scatter: square - 1.0,
            scatter_information: 2.0,
            at_ends: [0.0; 2],
        }
    }

    /// For a value between two ends, given in standard deviations from the mean; either may be
    /// infinite.
    pub fn between(low: f64, high: f64) -> Self {
        // Small probabilities keep their precision in the lower tail.
        if low + high > 0.0 {
            let mirrored = Self::between(-high, -low);
            let [high, low] = mirrored.at_ends;
            return Self { by_mean: -mirrored.by_mean, at_ends: [low, high], ..mirrored };
        }
        // Density at each end divided by the probability between the ends, and its product with the
        // end.
        let (log, at_low, at_high) = if low == f64::NEG_INFINITY {
            (log_normal_below(high), 0.0, 1.0 / probability_over_density(high))
        } else {
            let steep = 0.5 * (high - low) * (high + low);
            let (p_low, p_high) = (probability_over_density(low), probability_over_density(high));
            // Probability below one end as a fraction of that below the other.
            let part = -math::exp_m1(steep + math::ln(p_low) - math::ln(p_high));
            let at_high = 1.0 / (p_high * part);
            (log_normal_below(high) + math::ln(part), at_high * math::exp(steep), at_high)
        };
        let times = |end: f64, density: f64| if density == 0.0 { 0.0 } else { end * density };
        let moment = times(high, at_high) - times(low, at_low);
        let by_mean = at_low - at_high;
        Self {
            log,
            by_mean,
            // Between 0 and 1 apart from rounding, because the logarithm is concave and no
            // observation has more information than a measured value.
            information: (moment + by_mean * by_mean).clamp(0.0, 1.0),
            by_scatter: -moment,
            scatter_information: moment * moment,
            at_ends: [at_low, at_high],
        }
    }

    /// Negative curvature of the log density of a value between two ends (as for
    /// [`Term::between`]), with respect to a quantity that moves the ends at these rates.
    pub fn information_of(&self, ends: [f64; 2], rates: [f64; 2]) -> f64 {
        let pull = self.at_ends[0] * rates[0] - self.at_ends[1] * rates[1];
        let part = |k: usize| match self.at_ends[k] == 0.0 {
            true => 0.0,
            false => ends[k] * self.at_ends[k] * rates[k] * rates[k],
        };
        let found = pull * pull + part(1) - part(0);
        // No more than a measured value has, apart from rounding; far from both ends nothing moves,
        // however small the standard deviation is.
        let most = rates.map(|rate| rate * rate).into_iter().fold(0.0, f64::max);
        if found > 0.0 { found.min(most) } else { 0.0 }
    }
}

fn log_density(x: f64) -> f64 {
    -0.5 * x * x - 0.5 * math::ln(2.0 * PI)
}

/// Logarithm of the standard normal distribution function, also precise in the far tail.
fn log_normal_below(x: f64) -> f64 {
    if x < 0.0 {
        log_density(x) + math::ln(probability_over_density(x))
    } else {
        math::ln_1p(-math::exp(log_density(x)) * probability_over_density(-x))
    }
}

/// Probability that a standard normal variable is below x, divided by the density at x: Mills'
/// ratio.
fn probability_over_density(x: f64) -> f64 {
    // Where the two methods meet, both are accurate to fourteen digits.
    if x > -2.0 {
        // Odd powers over odd factorials (Marsaglia 2004, J Stat Softw 11:4): no term changes sign
        // above 0; below 0 terms cancel, and at -2 two digits are lost.
        let (mut term, mut sum) = (x, x);
        let mut k = 1.0;
        while term.abs() > 1e-17 * sum.abs() && k < 1e4 {
            k += 2.0;
            term *= x * x / k;
            sum += term;
        }
        return sum + 0.5 * SQRT_2 * PI.sqrt() * math::exp(0.5 * x * x);
    }
    // Laplace's continued fraction, evaluated from its far end; at -2 a hundred steps are enough.
    let x = -x;
    let far = (1..=100).rev().fold(x, |rest, k| x + f64::from(k) / rest);
    1.0 / far
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with values from mpmath with 30 digits.
    #[test]
    fn small_probabilities_keep_their_digits() {
        for (x, wanted) in [
            (-1e4, -50_000_010.129_278_915),
            (-40.0, -804.608_442_013_753_8),
            (-10.0, -53.231_285_150_512_47),
            (-2.000001, -3.783_186_706_898_008),
            (-1.999999, -3.783_181_960_466_942),
            (-1.0, -1.841_021_645_009_263_5),
            (0.0, -std::f64::consts::LN_2),
            (1.5, -0.069_143_455_612_233_98),
            (3.0, -0.001_350_809_964_748_193_8),
            (9.0, -1.128_588_405_953_840_6e-19),
        ] {
            let found = log_normal_below(x);
            assert!((found / wanted - 1.0).abs() < 2e-14, "{x}: {found} {wanted}");
        }
        assert_eq!(log_normal_below(f64::INFINITY), 0.0);
    }

    /// Slopes compared with differences, for ends near and far, one-sided and two-sided.
    #[test]
    fn a_bound_moves_as_its_derivatives_say() {
        let infinite = f64::INFINITY;
        for (low, high) in [
            (-infinite, -30.0),
            (-infinite, -1.0),
            (-infinite, 2.5),
            (-2.0, infinite),
            (6.0, infinite),
            (-1.0, 0.5),
            (3.0, 3.4),
            (-9.0, -8.0),
            (-12.0, 11.0),
        ] {
            let term = Term::between(low, high);
            let h = 1e-5;
            // If the mean rises, both ends fall; if the standard deviation grows, both ends move
            // towards the mean.
            let moved = |d: f64| Term::between(low - d, high - d);
            let slope = (moved(h).log - moved(-h).log) / (2.0 * h);
            let curve = -(moved(h).by_mean - moved(-h).by_mean) / (2.0 * h);
            let grown = |d: f64| Term::between(low * (-d).exp(), high * (-d).exp()).log;
            let scatter = (grown(h) - grown(-h)) / (2.0 * h);
            // Central differences with a step of 1e-5 are accurate to 1e-9 times the third
            // derivative, and to the rounding of the numbers subtracted.
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (a.abs() + b.abs()) + 1e-7;
            assert!(near(term.by_mean, slope), "{low} {high}: {} {slope}", term.by_mean);
            assert!(near(term.information, curve), "{low} {high}: {} {curve}", term.information);
            assert!(near(term.by_scatter, scatter), "{low} {high}: {} {scatter}", term.by_scatter);
        }
    }

    #[test]
    fn the_ends_of_a_range_join() {
        // The intervals below 0.3, between 0.3 and 1.2, and above 1.2 cover all values.
        let all = [(f64::NEG_INFINITY, 0.3), (0.3, 1.2), (1.2, f64::INFINITY)];
        let sum: f64 = all.iter().map(|&(a, b)| Term::between(a, b).log.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-14, "{sum}");
        // A certain outcome carries no information.
        let certain = Term::between(f64::NEG_INFINITY, f64::INFINITY);
        assert_eq!((certain.log, certain.by_mean, certain.information), (0.0, 0.0, 0.0));
    }
}
