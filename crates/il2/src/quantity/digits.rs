//! Numbers formatted for readers.

use il2_engine::math;

/// A concentration for readers: three digits and the unit that keeps it between 1 and 1000.
pub fn readable_concentration(pm: f64) -> String {
    let (factor, unit) = readable_unit(pm);
    format!("{} {unit}", three_digits(pm / factor))
}

/// The unit that keeps a concentration (pM) short, preceded by its size in pM.
pub fn readable_unit(pm: f64) -> (f64, &'static str) {
    let units = [(1e-3, "fM"), (1.0, "pM"), (1e3, "nM"), (1e6, "uM"), (1e9, "mM")];
    let fits = |(factor, _): &(f64, &str)| pm.abs() >= *factor * 0.9995;
    units.into_iter().rev().find(fits).unwrap_or(units[0])
}

/// Three significant digits, without an exponent if the result is short.
pub fn three_digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = math::log10(value.abs()).floor() as i32;
    if !(-4..=6).contains(&digits) {
        return format!("{value:.2e}");
    }
    // Rounded first: 9.996 with three digits is 10.0, not 10.00.
    let rounded: f64 = format!("{value:.2e}").parse().expect("a number as printed");
    let decimals = (2 - math::log10(rounded.abs()).floor() as i32).max(0) as usize;
    format!("{value:.decimals$}")
}
