//! What the panels of all figures of a population fit share: names, titles, times, points and curves.

use crate::population_fit::plan::Plan;
use il2_output::figure::{Axis, Series};

/// Largest number of points of a panel; more could not be distinguished.
const MOST_POINTS: usize = 5_000;

/// Name of a panel of one quantity; it contains the value of DVID if there are several.
pub fn named(plan: &Plan, endpoint: usize, text: &str) -> String {
    let name = &plan.endpoints[endpoint].name;
    if name.is_empty() { text.to_string() } else { format!("{text}_{name}") }
}

/// Title of a panel of one quantity; it contains the quantity if there are several.
pub fn titled(plan: &Plan, endpoint: usize, text: &str) -> String {
    let of = &plan.endpoints[endpoint];
    if of.name.is_empty() { text.to_string() } else { format!("{text}, {}", of.told()) }
}

/// The axis of time, which begins at 0 if the first of these times is close to it.
pub fn time_axis(plan: &Plan, times: impl Iterator<Item = f64>) -> Axis {
    /// Largest part of the axis that may be left empty.
    const CLOSE: f64 = 0.05;
    let ends = times.fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), t| (a.min(t), b.max(t)));
    let close = ends.0 > 0.0 && ends.0 <= CLOSE * ends.1;
    Axis {
        range: close.then_some((0.0, f64::INFINITY)),
        ..Axis::linear("time", plan.units[0].as_str())
    }
}

/// Measured points.
pub fn points(label: &str, style: usize, mut points: Vec<(f64, f64)>) -> Series {
    points.truncate(MOST_POINTS);
    Series {
        label: label.into(),
        style,
        points,
        markers: true,
        line: false,
        measured: true,
        ..Series::default()
    }
}

/// A curve.
pub fn line(label: &str, style: usize, points: Vec<(f64, f64)>) -> Series {
    Series { label: label.into(), style, points, ..Series::default() }
}
