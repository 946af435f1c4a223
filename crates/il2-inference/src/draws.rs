//! Random draws with the same bits on every machine.

use il2_engine::math;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rand_distr::{Distribution, StandardNormal};

/// A draw from 0 (inclusive) to 1 (exclusive).
pub fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 * (0.5 * f64::EPSILON)
}

/// A draw from the standard normal distribution, with the same bits on every machine.
///
/// The ziggurat method of `rand_distr` calls the C library for logarithms if a draw falls beyond
/// its last layer, once in 4,000 draws; such a draw is repeated from the same random bits with the
/// logarithm of this project. The exponential of the C library decides only whether a draw is
/// accepted, and a difference in the last bit would change this once in 1e15 draws.
pub fn normal(rng: &mut ChaCha8Rng) -> f64 {
    /// Position of the end of the last layer.
    const END: f64 = 3.654152885361008796;
    /// Width of the lowest box of the ziggurat.
    const WIDTH: f64 = 3.910757959537090045;
    let mut again = rng.clone();
    let drawn: f64 = StandardNormal.sample(rng);
    if drawn.abs() <= END {
        return drawn;
    }
    // 52 random bits as the fraction of a number from 2 to 4, or from 1 to 2.
    let from_two = |bits: u64| f64::from_bits(0x4000_0000_0000_0000 | bits >> 12);
    let from_one = |bits: u64| f64::from_bits(0x3FF0_0000_0000_0000 | bits >> 12);
    loop {
        let bits = again.next_u64();
        let place = from_two(bits) - 3.0;
        if bits & 0xFF != 0 || (place * WIDTH).abs() < END {
            // The draw was rejected in its layer, which used one more random number.
            again.next_u64();
            continue;
        }
        loop {
            let mut log = || math::ln(from_one(again.next_u64()) - (1.0 - f64::EPSILON / 2.0));
            let (x, y) = (log() / END, log());
            if -2.0 * y >= x * x {
                return if place < 0.0 { x - END } else { END - x };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn normal_draws_are_those_of_the_ziggurat_to_their_far_ends() {
        let mut ours = ChaCha8Rng::seed_from_u64(3);
        let mut theirs = ours.clone();
        let mut far = 0;
        for _ in 0..200_000 {
            let (a, b): (f64, f64) = (normal(&mut ours), StandardNormal.sample(&mut theirs));
            // The logarithms of two libraries differ in the last bit.
            assert!((a - b).abs() <= 4.0 * f64::EPSILON * b.abs(), "{a} {b}");
            far += usize::from(a.abs() > 3.7);
        }
        // Of 200,000 draws, 2.2e-4 are expected beyond 3.7.
        assert!((20..70).contains(&far), "{far}");
    }
}
