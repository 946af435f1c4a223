//! A state and its derivatives over a stretch without events, where a model is not linear.
//!
//! A fit takes differences of levels and of their derivatives, so that the derivatives have to be those of the
//! levels as they are computed: both go through the same steps of the same method, and the error that it leaves
//! moves with the numbers as they do. The engine's integrator, whose steps are made for stiff networks of many
//! species, answers the same question and is what tests compare with.

use super::field::Field;
use super::number::NoCourse;

/// Error of a step, relative to amounts; differences of a fit divide it by their step.
pub const ACCURACY: f64 = 1e-9;
/// Amounts below this part of what was given need no relative accuracy.
const FLOOR: f64 = 1e-4;
/// Most steps of a stretch.
const MOST_STEPS: usize = 20_000;

/// Method of Dormand & Prince 1980, J Comput Appl Math 6:19: times and weights of the stages, and what the
/// fourth order differs by.
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

/// Moves a state with its derivatives from one time to another. `scale` is the size of each entry of the state,
/// `step` the length to begin with, and afterwards that to go on with.
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
        // The last stage stands at the end of the step.
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
        // The fifth root, without a power: bits are the same on every machine.
        let root = il2_engine::math::exp(0.2 * il2_engine::math::ln(error.max(1e-10)));
        let grown = h * (0.9 / root).clamp(0.2, 5.0);
        if error > 1.0 {
            *step = grown;
            continue;
        }
        std::mem::swap(state, &mut next);
        if last {
            // A stretch that ends soon says nothing about how long a step may be.
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
