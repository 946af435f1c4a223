//! The half-life of a drug after its last dose, read from a course in the usual pharmacokinetic
//! way.

use il2_engine::math;

/// Concentrations below this fraction of the highest are not used for a half-life, because they are
/// not measurable.
const LEAST: f64 = 1e-4;
/// Why a half-life is not given.
const TOO_FEW: &str = "too few records after the last dose";
const TOO_FEW_ABOVE: &str = "too few records above 1e-4 of Cmax after the last dose";
/// Slopes with a smaller relative difference belong to the same phase.
const ALIKE: f64 = 0.05;
/// Number of half-lives that the first and the last record of a phase must span for the slope between them to count.
const HALF_LIVES: f64 = 2.0;

/// The phase from which a half-life is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// The half-life (min).
    pub minutes: f64,
    /// Levels at its first and last record.
    pub levels: [f64; 2],
}

/// Half-life of the terminal phase, or why it is unknown, from levels at times (min). Only
/// levels after `until`, the end of the last dose, are used. `slowest` is the smallest rate of a
/// model that is linear (/min).
pub fn half_life(
    levels: &[(f64, f64)],
    (until, highest): (f64, f64),
    slowest: Option<f64>,
) -> Result<Phase, &'static str> {
    let after = || levels.iter().copied().filter(|(t, _)| *t > until);
    let seen: Vec<(f64, f64)> = after().filter(|(_, level)| *level > LEAST * highest).collect();
    let faint = after().any(|(_, level)| level <= LEAST * highest);
    match last_phase(&seen, slowest) {
        Err(TOO_FEW) if faint => Err(TOO_FEW_ABOVE),
        found => found,
    }
}

/// The same for levels after the last dose. A linear model has a known half-life, which is returned
/// if the decline between the last two records agrees with it. For any other model, three records
/// must fall at the same rate and far enough: the last, the latest that is high enough above it,
/// and the one midway between them.
fn last_phase(points: &[(f64, f64)], slowest: Option<f64>) -> Result<Phase, &'static str> {
    const NOT_REACHED: &str = "the terminal phase is not reached by the last record";
    let slope = |a: (f64, f64), b: (f64, f64)| (math::ln(a.1) - math::ln(b.1)) / (b.0 - a.0);
    let alike = |a: f64, b: f64| a > 0.0 && b > 0.0 && (a / b - 1.0).abs() <= ALIKE;
    // Of several records at the same time, the last is used.
    let mut distinct: Vec<(f64, f64)> = vec![];
    for &point in points {
        if distinct.last().is_some_and(|before| before.0 == point.0) {
            distinct.pop();
        }
        distinct.push(point);
    }
    match (slowest, distinct.as_slice()) {
        (Some(rate), [.., a, b]) => match alike(slope(*a, *b), rate) {
            true => Ok(Phase { minutes: math::ln(2.0) / rate, levels: [a.1, b.1] }),
            false => Err(NOT_REACHED),
        },
        (None, [before @ .., _, c]) if !before.is_empty() => {
            let spans = |a: &(f64, f64)| math::ln(a.1 / c.1) >= HALF_LIVES * math::ln(2.0);
            let first = before.iter().rposition(spans).ok_or(NOT_REACHED)?;
            let (a, between) = (before[first], &distinct[first + 1..distinct.len() - 1]);
            let middle = 0.5 * (a.0 + c.0);
            let off = |point: &&(f64, f64)| (point.0 - middle).abs();
            let b = between.iter().min_by(|x, y| off(x).total_cmp(&off(y)));
            let b = *b.expect("the last but one at least");
            let last = slope(b, *c);
            match alike(slope(a, b), last) {
                true => Ok(Phase { minutes: math::ln(2.0) / last, levels: [a.1, c.1] }),
                false => Err(NOT_REACHED),
            }
        }
        _ => Err(TOO_FEW),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponential(times: &[f64], of: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        times.iter().map(|&t| (t, of(t))).collect()
    }

    #[test]
    fn a_linear_model_tells_its_own_half_life_once_it_is_reached() {
        let two = |t: f64| 100.0 * math::exp(-0.1 * t) + math::exp(-0.01 * t);
        let early = exponential(&[1.0, 5.0, 10.0], two);
        assert_eq!(
            last_phase(&early, Some(0.01)),
            Err("the terminal phase is not reached by the last record")
        );
        let late = exponential(&[100.0, 200.0], two);
        let found = last_phase(&late, Some(0.01)).expect("a half-life");
        assert_eq!(found.minutes, math::ln(2.0) / 0.01);
        assert_eq!(found.levels, [late[0].1, late[1].1]);
        assert_eq!(last_phase(&late[..1], Some(0.01)), Err("too few records after the last dose"));
    }

    #[test]
    fn any_other_model_needs_three_records_that_fall_alike_and_far_enough() {
        let one = |t: f64| math::exp(-0.1 * t);
        let found = last_phase(&exponential(&[0.0, 10.0, 20.0], one), None).expect("a half-life");
        assert!((found.minutes - 10.0 * math::ln(2.0)).abs() < 1e-9, "{found:?}");
        assert_eq!(found.levels, [1.0, math::exp(-2.0)]);
        // This must not depend on how dense the outputs are.
        let dense: Vec<f64> = (0..100).map(f64::from).collect();
        let found = last_phase(&exponential(&dense, one), None).expect("a half-life");
        assert!((found.minutes - 10.0 * math::ln(2.0)).abs() < 1e-9, "{found:?}");
        // Over a short time, every curve looks straight.
        assert!(last_phase(&exponential(&[0.0, 0.1, 0.2], one), None).is_err());
        assert!(last_phase(&exponential(&[0.0, 10.0], one), None).is_err());
        let rising = |t: f64| math::exp(0.1 * t);
        assert!(last_phase(&exponential(&[0.0, 10.0, 20.0], rising), None).is_err());
        // A duplicated record counts once.
        assert!(last_phase(&[(0.0, 1.0), (0.0, 1.0), (10.0, 0.4)], None).is_err());
    }

    #[test]
    fn only_what_could_be_measured_after_the_last_dose_is_read() {
        // Rises up to the dose at 10, then falls at a rate of 0.1.
        let course = |t: f64| if t <= 10.0 { t } else { 10.0 * math::exp(-0.1 * (t - 10.0)) };
        let of = |times: &[f64]| half_life(&exponential(times, course), (10.0, 10.0), None);
        let found = of(&[0.0, 5.0, 20.0, 30.0, 40.0]).expect("a half-life");
        assert!((found.minutes - 10.0 * math::ln(2.0)).abs() < 1e-9, "{found:?}");
        assert_eq!(of(&[0.0, 5.0, 10.0, 20.0]), Err("too few records after the last dose"));
        let late = of(&[20.0, 30.0, 110.0]);
        assert_eq!(late, Err("too few records above 1e-4 of Cmax after the last dose"));
    }
}
