//! Points and curves outside the limits of a panel.

use il2_output::figure::{Axis, Content, Panel, Scale};

/// The ends of the range that an axis shows.
fn window(axis: &Axis) -> (f64, f64) {
    let (low, high) = axis.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    // A logarithmic axis cannot show values below zero.
    (if axis.scale == Scale::Log { low.max(f64::MIN_POSITIVE) } else { low }, high)
}

/// Measured points that a panel does not show, and the reason, in words.
pub fn without_place(panel: &Panel) -> Option<String> {
    let Content::Lines(all) = &panel.content else { return None };
    let points: Vec<(f64, f64)> =
        all.iter().filter(|s| s.measured).flat_map(|s| s.points.iter().copied()).collect();
    let none = |v: f64, axis: &Axis| axis.scale == Scale::Log && v <= 0.0;
    let beyond = |v: f64, (low, high): (f64, f64)| v < low || v > high;
    let (x, y) = (window(&panel.x), window(&panel.y));
    let mut counts = [0, 0];
    for p in &points {
        match none(p.0, &panel.x) || none(p.1, &panel.y) {
            true => counts[0] += 1,
            false if beyond(p.0, x) || beyond(p.1, y) => counts[1] += 1,
            false => {}
        }
    }
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    let all = points.len();
    let log = |n| format!("{} at or below 0 and cannot be shown on a logarithmic axis", are(n));
    match counts {
        [0, 0] => None,
        [n, 0] => Some(format!("{n} of {all} measured points {}", log(n))),
        [0, m] => Some(format!("{m} of {all} measured points {} outside its limits", are(m))),
        [n, m] => Some(format!(
            "{n} of {all} measured points {}, and {m} of {all} {} outside its limits",
            log(n),
            are(m)
        )),
    }
}

/// Description of the curves of a panel that lie completely outside its limits.
pub fn left_out(panel: &Panel) -> Option<String> {
    let (x, y) = (window(&panel.x), window(&panel.y));
    let beyond = |all: &[f64], (low, high): (f64, f64)| {
        !all.is_empty() && all.iter().all(|v| *v < low || *v > high)
    };
    let all = match &panel.content {
        Content::Lines(all) => all,
        Content::Intervals(rows) => {
            let values: Vec<f64> =
                rows.iter().map(|row| row.value).filter(|v| v.is_finite()).collect();
            return beyond(&values, x).then(|| "its rows".into());
        }
        Content::HeatMap(map) => {
            return (beyond(&map.x, x) || beyond(&map.y, y)).then(|| "the map".into());
        }
    };
    // A segment between two points may cross a window that contains neither.
    let crosses = |(low, high): (f64, f64), a: f64, b: f64| a.max(b) >= low && a.min(b) <= high;
    let hidden = |points: &[(f64, f64)]| {
        let known: Vec<&(f64, f64)> =
            points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
        let ends = known.iter().zip(known.iter().skip(1)).chain(known.first().zip(known.first()));
        let mut shown = ends.filter(|(a, b)| crosses(x, a.0, b.0) && crosses(y, a.1, b.1));
        !known.is_empty() && shown.next().is_none()
    };
    let names: Vec<String> = all
        .iter()
        .filter(|s| hidden(&s.points))
        .map(|s| if s.label.is_empty() { "a curve".to_string() } else { s.label.clone() })
        .collect();
    (!names.is_empty()).then(|| il2_answer::curves::first_of_table(&names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(name: &str) -> Panel {
        Panel { name: name.into(), ..Panel::default() }
    }

    #[test]
    fn curves_that_the_limits_leave_out_are_named() {
        let curve = |label: &str, points: &[(f64, f64)]| il2_output::figure::Series {
            label: label.into(),
            points: points.to_vec(),
            ..Default::default()
        };
        let all = vec![
            curve("low", &[(0.0, 1.0), (9.0, 2.0)]),
            curve("high", &[(0.0, 50.0), (9.0, 80.0)]),
        ];
        let mut panel = Panel { content: Content::Lines(all), ..panel("a") };
        assert_eq!(left_out(&panel), None);
        panel.y.range = Some((f64::NEG_INFINITY, 10.0));
        assert_eq!(left_out(&panel).as_deref(), Some("high"));
        panel.x.range = Some((20.0, 30.0));
        assert_eq!(left_out(&panel).as_deref(), Some("low; high"));
        // A curve may cross the visible range between two points.
        panel.x.range = Some((4.0, 5.0));
        assert_eq!(left_out(&panel).as_deref(), Some("high"));
    }

    #[test]
    fn a_map_and_rows_beyond_the_limits_are_named() {
        let map =
            il2_output::figure::HeatMap { x: vec![1.0, 2.0], y: vec![1.0], ..Default::default() };
        let mut panel = Panel { content: Content::HeatMap(map), ..panel("a") };
        assert_eq!(left_out(&panel), None);
        panel.x.range = Some((5.0, 6.0));
        assert_eq!(left_out(&panel).as_deref(), Some("the map"));
        let row = il2_output::figure::Interval { value: 3.0, ..Default::default() };
        panel.content = Content::Intervals(vec![row]);
        assert_eq!(left_out(&panel).as_deref(), Some("its rows"));
    }

    #[test]
    fn measured_points_that_have_no_place_are_counted() {
        let measured = il2_output::figure::Series {
            points: vec![(0.0, 1.0), (1.0, 2.0), (10.0, 50.0)],
            measured: true,
            ..Default::default()
        };
        let content = Content::Lines(vec![measured]);
        let mut panel = Panel { x: Axis::log("dose", "pM"), content, ..panel("a") };
        assert_eq!(
            without_place(&panel).as_deref(),
            Some(
                "1 of 3 measured points is at or below 0 and cannot be shown on a logarithmic axis"
            )
        );
        panel.y.range = Some((0.0, 10.0));
        assert_eq!(
            without_place(&panel).as_deref(),
            Some(
                "1 of 3 measured points is at or below 0 and cannot be shown on a logarithmic \
                 axis, and 1 of 3 is outside its limits"
            )
        );
        panel.x.scale = Scale::Linear;
        panel.y.range = None;
        assert_eq!(without_place(&panel), None);
    }
}
