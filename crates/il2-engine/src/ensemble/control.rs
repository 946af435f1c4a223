//! Step control of a lane: whether a step is accepted, and which step length to try next.

use super::seat::Seat;
use super::verdict::LaneVerdict;
use crate::lane::Tolerance;
use crate::list::row::each;
use crate::rodas5p::STAGES;

/// Largest factor by which a step may grow; after a rejection a step does not grow.
const MOST_GROWTH: f64 = 8.0;
/// Smallest factor by which a step may shrink.
const MOST_SHRINKAGE: f64 = 0.1;
/// Upper limit on the growth allowed by the last error when it is compared with the growth allowed
/// by the next error.
const MOST_TREND: f64 = 2.25;
/// Safety factor: fraction of the largest step that the error allows.
const SAFETY: f64 = 0.9;
/// Fraction of the tolerance by which a linear solve may err before its step is rejected.
const WORST_RESIDUAL: f64 = 0.1;
/// Smallest error that is used to choose the first step after the next change.
const TELLING: f64 = 1e-3;

/// Outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Judgement {
    /// Accepted.
    Stands,
    /// Repeated with a shorter step.
    Again,
    /// Repeated from a state with small negative values set to zero.
    AgainFromZero,
    /// Too many steps without an event or output, so the lane fails.
    TooManySteps(usize),
    /// The next step would be too small to change time (min).
    StepTooSmall(f64),
}

impl Seat {
    /// Judges a step of this length; sets the step to try next.
    pub fn judge(&mut self, step: f64, verdict: &LaneVerdict, tolerance: &Tolerance) -> Judgement {
        let found = &mut self.course.found;
        if self.attempts >= tolerance.most_steps {
            return Judgement::TooManySteps(self.attempts);
        }
        self.attempts += 1;
        found.factorisations += 1;
        found.evaluations += STAGES;
        let error = verdict.error;
        let safe = verdict.below_zero <= 1.0 && verdict.residual <= WORST_RESIDUAL;
        // The error of a step grows with the fifth power of the step length.
        let allowed = SAFETY * verdict.growth;
        if error <= 1.0 && safe {
            found.steps += 1;
            self.lengthen(step, error, allowed);
            return Judgement::Stands;
        }
        found.rejected += 1;
        // A species that reproduces itself can amplify a small negative value until no step is
        // short enough. Values below zero by less than the tolerance are therefore set to zero.
        let stuck = self.refused && verdict.below_zero > 1.0;
        self.refused = true;
        let factor = if error.is_finite() { allowed.clamp(MOST_SHRINKAGE, 0.9) } else { 0.1 };
        let shorter = step * if safe { factor } else { factor.min(0.5) };
        self.step = Some(shorter);
        let least = 16.0 * f64::EPSILON * self.course.time.abs().max(1e-6);
        match stuck {
            _ if shorter < least || shorter.is_nan() => Judgement::StepTooSmall(shorter),
            true => Judgement::AgainFromZero,
            false => Judgement::Again,
        }
    }

    /// Sets the step to try after an accepted one.
    fn lengthen(&mut self, step: f64, error: f64, allowed: f64) {
        // Predictive control from the last two errors (Gustafsson 1994): where errors rise, the
        // next step is shorter than the last error alone would suggest.
        let trend = self
            .previous
            .map_or(1.0, |(old_step, old_allowed)| step / old_step * (allowed / old_allowed));
        let most = if self.refused { 1.0 } else { MOST_GROWTH };
        let next = step * (allowed * trend.min(1.0)).clamp(0.2, most);
        self.previous = Some((step, allowed.min(MOST_TREND)));
        // A step that was shortened by an event says little about the next step.
        self.step = Some(match self.step {
            Some(wanted) if wanted > step => wanted.max(next),
            _ => next,
        });
        // The next change can start with the first step whose error is informative.
        if self.fresh && error > TELLING {
            self.fresh = false;
            self.first_step = Some(step);
        }
        self.refused = false;
    }
}

/// The inverse fifth roots of positive numbers, by Newton's method from a guess that divides the
/// exponent. The result is accurate to 1e-9, is computed ten times faster than with powers, and has
/// the same bits on every machine. All lanes are computed at once: one after the other, each
/// waiting for its own products, they took as long as a stage.
#[inline(always)]
pub fn inverse_fifth_roots<const W: usize>(x: &[f64; W]) -> [f64; W] {
    // 6/5 of the bit pattern of 1, minus a fifth of the bit pattern of x, minus a constant that
    // centres the guess.
    let guess = |x: f64| f64::from_bits(0x4CB0_9999_9999_9800_u64.wrapping_sub(x.to_bits() / 5));
    let mut y: [f64; W] = each(|l| guess(x[l]));
    for _ in 0..6 {
        y = each(|l| {
            let y2 = y[l] * y[l];
            y[l] * (0.2 * (6.0 - x[l] * y2 * y2 * y[l]))
        });
    }
    y
}

#[cfg(test)]
mod tests {
    use super::{Judgement, inverse_fifth_roots};
    use crate::course::Course;
    use crate::ensemble::seat::Seat;
    use crate::ensemble::verdict::LaneVerdict;
    use crate::lane::{Lane, Tolerance};

    const GOOD: LaneVerdict = of_error(0.5, 1.15);

    const fn of_error(error: f64, growth: f64) -> LaneVerdict {
        LaneVerdict { error, growth, below_zero: 0.0, residual: 0.0 }
    }

    fn judge(seat: &mut Seat, verdict: LaneVerdict) -> Judgement {
        let step = seat.step.expect("given");
        seat.judge(step, &verdict, &Tolerance::default())
    }

    #[test]
    fn a_step_stands_only_if_its_factors_and_signs_are_right() {
        let mut seat = Seat::new(0, Course::new(Lane::default()));
        seat.step = Some(1.0);
        assert_eq!(judge(&mut seat, GOOD), Judgement::Stands);
        let tried = seat.step.unwrap();
        // Growth of pivots shows in the residual of the solve, even if the estimated error is
        // small.
        assert_eq!(judge(&mut seat, LaneVerdict { residual: 0.11, ..GOOD }), Judgement::Again);
        assert!(seat.step.unwrap() <= 0.5 * tried);
        assert_eq!(judge(&mut seat, GOOD), Judgement::Stands);
        assert_eq!(judge(&mut seat, LaneVerdict { below_zero: 1.1, ..GOOD }), Judgement::Again);
        let again = judge(&mut seat, LaneVerdict { below_zero: 1.1, ..GOOD });
        assert_eq!(again, Judgement::AgainFromZero);
        assert_eq!(judge(&mut seat, of_error(f64::NAN, 100.0)), Judgement::Again);
    }

    #[test]
    fn after_a_change_a_lane_starts_with_the_step_that_met_the_last_one() {
        let mut seat = Seat::new(0, Course::new(Lane::default()));
        seat.step = Some(0.01);
        judge(&mut seat, GOOD);
        for _ in 0..5 {
            judge(&mut seat, of_error(1e-6, 15.8));
        }
        assert!(seat.step.unwrap() > 1.0);
        seat.begin_anew();
        assert_eq!(seat.step, Some(0.01));
    }

    #[test]
    fn the_inverse_fifth_root_is_one() {
        for k in -100..=2000 {
            let x = 10_f64.powf(f64::from(k) * 0.1);
            let [y] = inverse_fifth_roots(&[x]);
            assert!((x * y.powi(5) - 1.0).abs() < 1e-7, "{x}: {y}");
        }
        assert!(inverse_fifth_roots(&[f64::NAN])[0].is_nan());
    }
}
