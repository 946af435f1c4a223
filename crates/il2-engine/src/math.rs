//! Exponentials, logarithms and powers with the same bits on every machine.
//!
//! The methods of `f64` call the C library, whose last bit depends on the vendor, the release and
//! whether the processor has fused multiply-add, so that a dose grid would differ between machines.
//! `libm` is Rust code that uses only additions and multiplications, which every processor rounds
//! in the same way. `powi` is unspecified in its last bits even within one compiler. A test of the
//! source tree rejects these methods outside tests; square roots and `mul_add` are rounded
//! correctly everywhere and are allowed.

pub use libm::{
    atan, cos, erfc, exp, exp2, expm1 as exp_m1, hypot, lgamma as ln_gamma, log as ln,
    log1p as ln_1p, log2, log10, pow, sin,
};

/// A power with a whole exponent, by repeated squaring.
pub fn whole_power(base: f64, exponent: i32) -> f64 {
    let (mut square, mut left, mut product) = (base, exponent.unsigned_abs(), 1.0);
    while left > 0 {
        if left & 1 == 1 {
            product *= square;
        }
        square *= square;
        left >>= 1;
    }
    if exponent < 0 { 1.0 / product } else { product }
}

/// The base to be used in a power: a value below zero, which the integrator allows within its
/// tolerance, counts as zero if the exponent is not whole. Otherwise the power would be NaN, which
/// no shorter step can repair.
pub fn base(base: f64, exponent: f64) -> f64 {
    if base < 0.0 && exponent.fract() != 0.0 { 0.0 } else { base }
}

/// The floating-point number nearest to a power of ten.
pub fn power_of_ten(exponent: i32) -> f64 {
    // Parsing a number is exact; repeated squaring is not beyond 10^22.
    format!("1e{exponent}").parse().expect("a number")
}

/// Rounds to fifteen decimal digits, all of which an `f64` can represent: a result computed from
/// round numbers is round again, 3720 and not 3720.0000000000005.
pub fn fifteen_digits(value: f64) -> f64 {
    format!("{value:.14e}").parse().expect("a number")
}

/// The digamma function (derivative of the logarithm of the gamma function) for arguments above
/// zero, to 1e-13: recurrence up to 10, then the Stirling series.
pub fn digamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < 10.0 {
        below += 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let terms = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0];
    let series = terms.into_iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    ln(x) - 0.5 / x - series - below
}

/// The normal quantile: the number of standard deviations below which this fraction (0 to 1,
/// exclusive) of the distribution lies, accurate to 1e-15; algorithm AS 241, Wichura 1988.
pub fn normal_quantile(part: f64) -> f64 {
    let ratio = |x: f64, above: [f64; 8], below: [f64; 8]| {
        let at = |all: [f64; 8]| all.into_iter().rev().fold(0.0, |sum, c| sum * x + c);
        at(above) / at(below)
    };
    let from_middle = part - 0.5;
    if from_middle.abs() <= 0.425 {
        let x = 0.180625 - from_middle * from_middle;
        return from_middle * ratio(x, MIDDLE_ABOVE, MIDDLE_BELOW);
    }
    let tail = (-ln(if from_middle < 0.0 { part } else { 1.0 - part })).sqrt();
    let size = if tail <= 5.0 {
        ratio(tail - 1.6, TAIL_ABOVE, TAIL_BELOW)
    } else {
        ratio(tail - 5.0, FAR_ABOVE, FAR_BELOW)
    };
    if from_middle < 0.0 { -size } else { size }
}

const MIDDLE_ABOVE: [f64; 8] = [
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
];
const MIDDLE_BELOW: [f64; 8] = [
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
];
const TAIL_ABOVE: [f64; 8] = [
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
];
const TAIL_BELOW: [f64; 8] = [
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_power_is_the_product() {
        for base in [1.1, -0.3, 7.0] {
            for n in 0..20 {
                let product: f64 = (0..n).map(|_| base).product();
                // Each multiplication adds an error of half a unit in the last place.
                let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-14, "{base}^{n}");
                near(whole_power(base, n), product);
                near(whole_power(base, -n), 1.0 / product);
            }
        }
        assert_eq!(whole_power(10.0, -3), 1e-3);
        assert_eq!(fifteen_digits(0.1 + 0.2), 0.3);
        assert_eq!(fifteen_digits(-3720.0000000000005), -3720.0);
        assert!(fifteen_digits(f64::NAN).is_nan() && fifteen_digits(f64::INFINITY).is_infinite());
        assert_eq!([power_of_ten(23), power_of_ten(-9), power_of_ten(0)], [1e23, 1e-9, 1.0]);
    }

    /// Half the complementary error function gives the same distribution by another method.
    #[test]
    fn the_quantile_of_a_normal_distribution_turns_its_distribution_round() {
        let mut parts: Vec<f64> = (1..1000).map(|k| f64::from(k) / 1000.0).collect();
        parts.extend((3..300).map(|k| power_of_ten(-k)));
        for part in parts {
            let back = 0.5 * erfc(-normal_quantile(part) / 2_f64.sqrt());
            // In the far tail a relative error e of the quantile z changes the fraction by z^2 e,
            // here up to 1400 e.
            assert!((back / part - 1.0).abs() < 1e-12, "{part}: {back}");
        }
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn digamma_is_the_slope_of_the_gamma_function() {
        let euler = 0.577_215_664_901_532_9;
        assert!((digamma(1.0) + euler).abs() < 1e-13);
        assert!((digamma(0.5) + euler + 2.0 * ln(2.0)).abs() < 1e-13);
        for x in [0.3, 1.7, 6.0, 25.0, 300.0] {
            assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() < 1e-13, "{x}");
            let slope = (ln_gamma(x + 1e-4) - ln_gamma(x - 1e-4)) / 2e-4;
            assert!((slope - digamma(x)).abs() < 1e-6, "{x}: {slope}");
        }
    }

    /// Values from the machine on which this test was written; any other machine must give the
    /// same.
    #[test]
    fn the_bits_are_those_of_every_machine() {
        let mut hash = 0_u64;
        for k in 1..20_000 {
            let x = f64::from(k) * 0.0137;
            for y in [
                exp(x),
                ln(x),
                pow(x, 0.37),
                log10(x),
                exp_m1(-x),
                ln_1p(x),
                normal_quantile(x / 280.0),
            ] {
                hash = hash.rotate_left(5) ^ y.to_bits();
            }
        }
        assert_eq!(hash, 0x49f9_ddfb_da66_848d, "{hash:#x}");
    }
}
