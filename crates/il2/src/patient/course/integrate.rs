//! Integrates a state and its derivatives over an interval without events, for a nonlinear model.
//!
//! A fit takes differences of levels and of their derivatives, so the derivatives must be those of
//! the computed levels. Both are therefore computed with the same steps of the same method, so that
//! its error changes with the numbers in the same way in both. The engine's integrator, whose steps
//! are designed for stiff networks of many species, solves the same problem and is the reference in
//! tests.

use super::field::Field;
use super::number::NoCourse;

/// Error of a step, relative to the amounts; finite differences in a fit divide it by their step.
pub const ACCURACY: f64 = 1e-9;
/// Amounts below this fraction of the amount given need no relative accuracy.
const FLOOR: f64 = 1e-4;
/// Largest number of steps in an interval.
const MOST_STEPS: usize = 20_000;

/// Method of Dormand & Prince 1980, J Comput Appl Math 6:19: times and weights of the stages, and
/// the difference from the fourth order.
const TIMES: [f64; 7] = [0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0];
const STAGES: [&[f64]; 7] = [
    &[],
    &[0.2],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
const ERROR: [f64; 7] = [
    71.0 / 57600.0,
    0.0,
    -71.0 / 16695.0,
    71.0 / 1920.0,
    -17253.0 / 339200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

/// Advances a state with its derivatives from one time to another. `scale` is the size of each
/// entry of the state; `step` is the first step length and, afterwards, the one to continue with.
pub fn integrate(
    field: &Field,
    (from, to): (f64, f64),
    state: &mut Vec<f64>,
    scale: &[f64],
    step: &mut f64,
) -> Result<(), NoCourse> {
    let all = state.len();
    let mut stages = vec![vec![0.0; all]; STAGES.len()];
    let mut next = vec![0.0; all];
    let mut now = from;
    field.at(now, state, &mut stages[0]);
    for _ in 0..MOST_STEPS {
        let left = to - now;
        let asked = step.min(field.longest(now));
        let last = asked >= left * (1.0 - 1e-12);
        let h = if last { left } else { asked };
        for k in 1..STAGES.len() {
            let (known, own) = stages.split_at_mut(k);
            for (i, next) in next.iter_mut().enumerate() {
                let sum: f64 = STAGES[k].iter().zip(known.iter()).map(|(w, s)| w * s[i]).sum();
                *next = state[i] + h * sum;
            }
            field.at(now + TIMES[k] * h, &next, &mut own[0]);
        }
        // The last stage is at the end of the step.
        let error = (0..field.size()).map(|i| {
            let off: f64 = ERROR.iter().zip(&stages).map(|(w, s)| w * s[i]).sum();
            let size = state[i].abs().max(next[i].abs()) + FLOOR * scale[i];
            (h * off / (ACCURACY * size)).abs()
        });
        let error = error.fold(0.0, f64::max);
        if !error.is_finite() {
            if h < 1e-9 * (to - from) {
                return Err(NoCourse::NoNumber);
            }
            *step = 0.1 * h;
            continue;
        }
        // The fifth root, computed without a power so that the bits are the same on every machine.
        let root = il2_engine::math::exp(0.2 * il2_engine::math::ln(error.max(1e-10)));
        let grown = h * (0.9 / root).clamp(0.2, 5.0);
        if error > 1.0 {
            *step = grown;
            continue;
        }
        std::mem::swap(state, &mut next);
        if last {
            // An interval that ends soon says nothing about how long a step may be.
            *step = step.max(grown);
            return Ok(());
        }
        *step = grown;
        now += h;
        let (first, others) = stages.split_at_mut(1);
        std::mem::swap(&mut first[0], &mut others[STAGES.len() - 2]);
    }
    Err(NoCourse::TooManySteps { time: now, steps: MOST_STEPS })
}
