//! Progression-free survival with the event known only to lie between two scans.

use crate::trial::hazards::{MONTH, exact};
use crate::trial::subject::Subject;
use il2::quantity::DAY;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::turnbull::{Between, Turnbull, compare_intervals, turnbull};

fn interval(s: &&Subject) -> Between {
    let (after, until) = s.between_scans();
    Between { after: after / DAY / MONTH, until: until / DAY / MONTH }
}

/// The distribution in an arm (months); none without patients, or if it cannot be estimated.
pub fn distribution(all: &[&Subject]) -> Option<Turnbull> {
    let all: Vec<Between> = all.iter().map(interval).collect();
    turnbull(&all).ok()
}

/// The median in months, interpolated evenly within the interval that contains it; infinite if it
/// was not reached.
pub fn median(of: &Turnbull) -> f64 {
    let Ok(mass) = of.quantile(0.5) else { return f64::NAN };
    let before = 1.0 - of.survival(mass.after).1;
    let share = if mass.part > 0.0 { (0.5 - before) / mass.part } else { 1.0 };
    match mass.until.is_finite() {
        true => mass.after + share.clamp(0.0, 1.0) * (mass.until - mass.after),
        false => f64::INFINITY,
    }
}

/// The median of an arm minus that of the first (months), without an interval.
pub fn longer(arm: Option<&Turnbull>, control: Option<&Turnbull>) -> Option<Estimate> {
    Some(exact(median(arm?) - median(control?)))
}

/// p value of the difference between two arms.
pub fn p(arm: &[&Subject], control: &[&Subject]) -> Option<f64> {
    let all: Vec<Between> = control.iter().chain(arm).map(interval).collect();
    let groups: Vec<usize> = control.iter().map(|_| 0).chain(arm.iter().map(|_| 1)).collect();
    compare_intervals(&all, &groups).ok().map(|test| test.p)
}
