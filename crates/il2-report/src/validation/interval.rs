//! Intervals of simulated numbers, and numbers as text.

use il2_engine::math;

/// The interval of a simulated number that its table has beside it, such as the range over the
/// trials that were simulated, in the unit of the row.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Lower end; not finite if the table has none.
    pub low: f64,
    /// Upper end; not finite if the table has none or it was not reached.
    pub high: f64,
    /// What it contains, such as "range over trials".
    pub kind: String,
}

impl Interval {
    /// Both ends in words; an upper end that was not reached is left out.
    pub fn ends(&self) -> String {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => format!("{} to {}", digits(self.low), digits(self.high)),
            (true, false) => format!("at least {}", digits(self.low)),
            (false, _) => format!("at most {}", digits(self.high)),
        }
    }
}

/// A number with four digits.
pub(super) fn digits(value: f64) -> String {
    if !value.is_finite() {
        return "-".into();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals =
        if size == 0.0 { 0 } else { (3 - math::log10(size).floor() as i32).clamp(0, 5) as usize };
    format!("{value:.decimals$}")
}
