//! Numbers in the sentences at the beginning of every answer.

use il2::quantity::{readable_unit, three_digits};

/// A number and the ends of its interval: NaN if there is no interval, infinite where an end is
/// beyond the tested range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The best value or the median.
    pub middle: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Spread {
    /// A number without an interval.
    pub fn exact(middle: f64) -> Self {
        Self { middle, low: f64::NAN, high: f64::NAN }
    }

    /// Whether there is an interval, which may be open on one side: an end beyond the doses is
    /// infinite.
    pub fn has_ends(self) -> bool {
        self.low.is_finite() || self.high.is_finite()
    }

    /// Whether the interval excludes a value: only then is a difference claimed. An interval whose
    /// nearer end is beyond the tested range excludes nothing.
    pub fn excludes(self, value: f64) -> bool {
        (self.low.is_finite() && self.low > value) || (self.high.is_finite() && self.high < value)
    }

    /// The reciprocal.
    pub fn inverse(self) -> Self {
        // An open end remains open, but on the other side.
        let end = |v: f64, open: f64| match v {
            v if v.is_nan() => v,
            v if v.is_infinite() => open,
            v => 1.0 / v,
        };
        Self {
            middle: 1.0 / self.middle,
            low: end(self.high, f64::NEG_INFINITY),
            high: end(self.low, f64::INFINITY),
        }
    }

    /// `2.41-fold`, or `2.41-fold (1.90 to 3.10)`. A unit that is a separate word follows a space.
    pub fn said(self, unit: &str) -> String {
        let gap = if unit.is_empty() || unit.starts_with("-fold") { "" } else { " " };
        let middle = format!("{}{gap}{unit}", number(self.middle));
        match self.has_ends() {
            true => format!("{middle} ({})", self.ends()),
            false => middle,
        }
    }

    /// `1.90 to 3.10`, or `at least 1.90` if the upper end is open.
    pub fn ends(self) -> String {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, false) => format!("at least {}", number(self.low)),
            (false, true) => format!("at most {}", number(self.high)),
            _ => format!("{} to {}", number(self.low), number(self.high)),
        }
    }
}

/// A concentration (pM) in the unit that keeps it short, and the ends of its interval in the same
/// unit: `1.80 nM (0.696 to 2.72)`.
pub fn concentration(of: Spread) -> String {
    let (one, unit) = readable_unit(of.middle);
    let at = |pm: f64| three_digits(pm / one);
    let middle = format!("{} {unit}", at(of.middle));
    match (of.low.is_finite(), of.high.is_finite()) {
        (true, true) => format!("{middle} ({} to {})", at(of.low), at(of.high)),
        (true, false) => format!("{middle} (at least {})", at(of.low)),
        (false, true) => format!("{middle} (at most {})", at(of.high)),
        (false, false) => middle,
    }
}

/// A whole number unchanged, any other rounded to three digits, without zeros before an exponent:
/// 1e10. Rounding errors may keep a sum from being exactly whole, so a tolerance prevents 14 % in
/// one place and 14.0 % in the next.
pub fn number(value: f64) -> String {
    let whole = value.round();
    if (value - whole).abs() <= 1e-12 * whole.abs() && value.abs() < 1e6 {
        return format!("{whole}");
    }
    let (short, text) = (format!("{value:e}"), three_digits(value));
    if text.contains('e') && short.len() < text.len() { short } else { text }
}

/// A fraction as a percentage, never rounded to 0 or 100 %.
pub fn percent(part: f64) -> String {
    match 100.0 * part {
        p if p > 0.0 && p < 0.1 => "less than 0.1 %".into(),
        p if p > 99.9 && p < 100.0 => "more than 99.9 %".into(),
        p if (p - p.round()).abs() > 1e-9 && !(10.0..=90.0).contains(&p) => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// A duration in the unit that keeps it short.
pub fn span(minutes: f64) -> String {
    match minutes {
        m if m >= 2880.0 => format!("{} d", number(m / 1440.0)),
        m if m >= 120.0 => format!("{} h", number(m / 60.0)),
        m => format!("{} min", number(m)),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_said_with_its_interval_where_it_has_one() {
        let spread = Spread { middle: 10.81, low: 4.0, high: 16.2 };
        assert_eq!(spread.said("-fold"), "10.8-fold (4 to 16.2)");
        assert_eq!(Spread::exact(84.0).said("pM"), "84 pM");
        assert_eq!(Spread::exact(0.5).said(""), "0.500");
        assert_eq!([100.0 * 0.14, 100.0 * 0.07, 0.0, -2.0].map(number), ["14", "7", "0", "-2"]);
    }

    #[test]
    fn the_ends_of_a_concentration_have_its_unit() {
        let of = |low, high| concentration(Spread { middle: 1800.0, low, high });
        assert_eq!(of(696.0, 2720.0), "1.80 nM (0.696 to 2.72)");
        assert_eq!(of(696.0, f64::INFINITY), "1.80 nM (at least 0.696)");
        assert_eq!(of(f64::NAN, f64::NAN), "1.80 nM");
    }

    #[test]
    fn a_difference_is_claimed_only_where_the_interval_leaves_the_value_out() {
        let of = |low, high| Spread { middle: 1.5, low, high };
        assert!(of(1.1, 2.0).excludes(1.0) && of(0.2, 0.9).excludes(1.0));
        assert!(!of(0.9, 2.0).excludes(1.0) && !of(1.0, 2.0).excludes(1.0));
        assert!(!Spread::exact(1.5).excludes(1.0), "nothing is known of how sure it is");
        let open = of(2.0, f64::INFINITY);
        assert!(open.excludes(1.0) && !of(f64::NEG_INFINITY, f64::INFINITY).excludes(1.0));
        let ends = [open, open.inverse()].map(Spread::ends);
        assert_eq!(ends, ["at least 2", "at most 0.500"]);
    }

    #[test]
    fn a_part_is_never_rounded_to_all_or_to_nothing() {
        let said = |p| percent(p);
        assert_eq!(
            [0.0, 1e-6, 0.0123, 0.456, 0.9512, 0.99999, 1.0].map(said),
            ["0 %", "less than 0.1 %", "1.2 %", "46 %", "95.1 %", "more than 99.9 %", "100 %"]
        );
    }

    #[test]
    fn times_and_lists_are_short() {
        assert_eq!([35.21, 312.0, 10_080.0].map(span), ["35.2 min", "5.20 h", "7 d"]);
        let words =
            |n: usize| ["a", "b", "c"][..n].iter().map(|w| w.to_string()).collect::<Vec<_>>();
        assert_eq!([0, 1, 2, 3].map(|n| listed(&words(n))), ["", "a", "a and b", "a, b and c"]);
    }
}
