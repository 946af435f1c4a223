//! What earlier doses contribute to the levels after a dose.

use crate::noncompartmental::doses::{Before, Given, before};
use il2_engine::math;

/// What earlier doses contribute to the levels after a dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// No dose was given before.
    Single,
    /// Earlier doses have left nothing that counts.
    WashedOut,
    /// Steady state.
    Steady,
    /// Earlier doses contribute, and the area over an interval is this fraction of dose over
    /// clearance, as superposition with lambda z predicts.
    Repeated(f64),
    /// Earlier doses contribute, and there is no lambda z that tells how much.
    Unknown,
    /// A constant infusion, which has no dose.
    Constant,
}

/// Half-lives after which nothing that counts is left of a dose (less than 1 %).
const HALF_LIVES: f64 = 7.0;
/// The largest level before a dose, as a fraction of the highest after it, that does not count: as
/// in studies of bioequivalence (FDA, Guidance for Industry, 2003: 5 % of Cmax).
const LEFT: f64 = 0.05;
/// Steady state is reached if the area differs by less than this fraction from its limit.
const NEAR: f64 = 0.05;

/// What is known of the levels before and after a dose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// The last level before the dose, if it follows the highest after the dose before: zero if
    /// below the limit.
    pub left: Option<f64>,
    /// The highest level after the dose.
    pub highest: Option<f64>,
    /// The area that is left of earlier doses, as a fraction of that after this one.
    pub share: Option<f64>,
    /// Lambda z before the dose, or after it (/min).
    pub rate: Option<f64>,
    /// Lambda z after the dose (/min).
    pub own_rate: Option<f64>,
    /// Interval between doses (min).
    pub interval: Option<f64>,
}

impl Standing {
    /// Whether only this dose contributes.
    pub fn alone(self) -> bool {
        matches!(self, Standing::Single | Standing::WashedOut)
    }
}

/// What earlier doses contribute to the levels after dose `d`.
pub fn standing(doses: &[Given], d: usize, known: &Known) -> Standing {
    let own = &doses[d];
    let last = match (own.before, before(doses, d)) {
        (Before::Constant, _) => return Standing::Constant,
        (Before::Unsaid, None) => return Standing::Single,
        (Before::Unsaid, Some(last)) => Some(last),
        _ => None,
    };
    if let Some(last) = last {
        // A slow last phase can have a low level and still a large area.
        let low = known.left.zip(known.highest).is_some_and(|(left, top)| left <= LEFT * top)
            && known.share.is_none_or(|share| share <= LEFT);
        let since = own.time - last.time - last.duration.unwrap_or(0.0);
        let long = known.rate.is_some_and(|k| k * since > HALF_LIVES * std::f64::consts::LN_2);
        if (low || long) && last.before != Before::Constant {
            return Standing::WashedOut;
        }
    }
    let Some(interval) = known.interval else { return Standing::Unknown };
    let Some(equal) = equal_before(doses, d, interval) else { return Standing::Steady };
    let Some(rate) = known.own_rate else { return Standing::Unknown };
    let fraction = of_limit(doses, d, interval, rate);
    // What was before the equal doses has this weight.
    let weight = math::exp(-rate * equal as f64 * interval);
    match weight <= NEAR && (fraction - 1.0).abs() <= NEAR {
        true => Standing::Steady,
        false => Standing::Repeated(fraction),
    }
}

/// Number of equal doses at this interval up to dose `d`; none if they began at steady state.
fn equal_before(doses: &[Given], d: usize, interval: f64) -> Option<usize> {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
    let (mut at, mut count) = (d, 1);
    loop {
        match doses[at].before {
            Before::Every(every) if near(every, interval) => return None,
            Before::Unsaid => {}
            _ => return Some(count),
        }
        let equal = before(doses, at).is_some_and(|b| {
            near(b.amount, doses[d].amount)
                && near(doses[at].time - b.time, interval)
                && (b.bolus, b.duration.is_some()) == (doses[d].bolus, doses[d].duration.is_some())
        });
        if !equal {
            return Some(count);
        }
        at -= 1;
        count += 1;
    }
}

/// Area over the interval after dose `d`, as a fraction of dose over clearance, if what each dose
/// of the series leaves falls with this rate.
fn of_limit(doses: &[Given], d: usize, interval: f64, rate: f64) -> f64 {
    let own = &doses[d];
    let part = |given: &Given| {
        let since = own.time - given.time;
        let earlier = match given.before {
            Before::Every(every) | Before::EveryAndOthers(every) => -math::exp_m1(-rate * every),
            _ => 1.0,
        };
        given.amount / own.amount / earlier
            * math::exp(-rate * since)
            * -math::exp_m1(-rate * interval)
    };
    doses[..=d].iter().rev().take_while(|given| given.series == own.series).map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_12(amounts: &[f64]) -> Vec<Given> {
        let dose = |(i, amount): (usize, &f64)| Given {
            time: 12.0 * i as f64,
            amount: *amount,
            bolus: true,
            duration: None,
            before: Before::Unsaid,
            period: 0,
            series: 0,
            order: i,
        };
        amounts.iter().enumerate().map(dose).collect()
    }

    fn known(rate: f64) -> Known {
        let rate = Some(rate);
        Known { rate, own_rate: rate, interval: Some(12.0), ..Known::default() }
    }

    /// With half of a dose left after an interval, n doses reach 1 - 2^-n of the limit: 0.75 after
    /// two and 0.969 after five.
    #[test]
    fn equal_doses_approach_the_limit_as_a_geometric_series() {
        let rate = std::f64::consts::LN_2 / 12.0;
        let Standing::Repeated(part) = standing(&every_12(&[1.0; 2]), 1, &known(rate)) else {
            panic!("two doses")
        };
        assert!((part - 0.75).abs() < 1e-12, "{part}");
        assert!(matches!(standing(&every_12(&[1.0; 4]), 3, &known(rate)), Standing::Repeated(_)));
        assert_eq!(standing(&every_12(&[1.0; 5]), 4, &known(rate)), Standing::Steady);
    }

    /// A loading dose of twice the others is at the limit at once, but one earlier dose does not
    /// show that it stays there.
    #[test]
    fn a_loading_dose_does_not_make_a_steady_state() {
        let rate = std::f64::consts::LN_2 / 12.0;
        let found = standing(&every_12(&[2.0, 1.0]), 1, &known(rate));
        assert!(matches!(found, Standing::Repeated(part) if (part - 1.0).abs() < 1e-12));
        let found = standing(&every_12(&[3.0, 1.0, 1.0]), 2, &known(0.1));
        let wanted = -(-1.2_f64).exp_m1() * (1.0 + (-1.2_f64).exp() + 3.0 * (-2.4_f64).exp());
        assert!(matches!(found, Standing::Repeated(part) if (part - wanted).abs() < 1e-12));
    }

    #[test]
    fn a_dose_after_seven_half_lives_or_a_low_level_stands_alone() {
        let two = every_12(&[1.0; 2]);
        assert_eq!(standing(&two, 1, &known(0.41)), Standing::WashedOut);
        assert_ne!(standing(&two, 1, &known(0.40)), Standing::WashedOut);
        let low = |left| Known { left: Some(left), highest: Some(10.0), ..known(0.1) };
        assert_eq!(standing(&two, 1, &low(0.5)), Standing::WashedOut);
        assert_ne!(standing(&two, 1, &low(0.51)), Standing::WashedOut);
        let slow = |share| Known { share: Some(share), ..low(0.4) };
        assert_eq!(standing(&two, 1, &slow(0.04)), Standing::WashedOut);
        assert_ne!(standing(&two, 1, &slow(0.06)), Standing::WashedOut);
    }
}
