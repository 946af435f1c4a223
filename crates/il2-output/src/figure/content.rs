//! What the content of a panel requires of its axes: their ranges, and the room around them.

use super::axes::{TICK_ROOM, TITLE_LEADING, widest, y_ticks};
use super::scale::{cut_off, few_decades, number};
use super::style::AXIS_TITLE;
use super::text::wrap;
use super::{Content, Panel, counts, forest, heat, lines};

/// Ranges of the x and y axis.
pub(super) fn ranges(panel: &Panel) -> ((f64, f64), (f64, f64)) {
    match &panel.content {
        Content::Lines(series) => lines::ranges(series, &panel.x, &panel.y),
        Content::HeatMap(map) => heat::ranges(map, &panel.x, &panel.y),
        Content::Intervals(rows) => (forest::range(rows, &panel.x), (0.0, 1.0)),
    }
}

/// Whether a panel has anything to show.
pub(super) fn has_data(panel: &Panel) -> bool {
    match &panel.content {
        Content::Lines(series) => lines::has_data(series, &panel.x, &panel.y),
        Content::HeatMap(map) => heat::has_data(map, &panel.x, &panel.y),
        Content::Intervals(rows) => !rows.is_empty(),
    }
}

/// Room to the left of the axes for tick labels and the axis title.
pub(super) fn left_room(panel: &Panel, height: f64) -> f64 {
    let (_, range) = ranges(panel);
    let labels = widest(&y_ticks(range, &panel.y, height));
    let title = wrap(&y_title(panel), AXIS_TITLE, height).len() as f64 * TITLE_LEADING;
    (labels + title + 14.0).max(counts::left_room(panel))
}

/// Room below the axes for tick labels and the axis title.
pub(super) fn bottom_room(panel: &Panel, width: f64) -> f64 {
    TICK_ROOM + wrap(&x_title(panel), AXIS_TITLE, width).len() as f64 * TITLE_LEADING
}

/// Where each axis begins if not at zero; the axes of heat maps and the rows of forest plots do not
/// show amounts and have no such value.
pub(super) fn cut_offs(panel: &Panel) -> (Option<f64>, Option<f64>) {
    let (x, y) = ranges(panel);
    match &panel.content {
        Content::Lines(_) => (cut_off(x, panel.x.scale), cut_off(y, panel.y.scale)),
        Content::Intervals(_) => (cut_off(x, panel.x.scale), None),
        Content::HeatMap(_) => (None, None),
    }
}

fn title(label: String, cut_off: Option<f64>, few_decades: bool) -> String {
    match cut_off {
        Some(start) => format!("{label}; axis starts at {}", number(start)),
        None if few_decades && !label.is_empty() => format!("{label}; log scale"),
        None => label,
    }
}

/// Title of the x axis. It says where the axis begins if not at zero, and that it is logarithmic if
/// its ticks do not show this.
pub(super) fn x_title(panel: &Panel) -> String {
    title(panel.x.title(), cut_offs(panel).0, few_decades(ranges(panel).0, panel.x.scale))
}

/// Title of the y axis, with the same additions.
pub(super) fn y_title(panel: &Panel) -> String {
    title(panel.y.title(), cut_offs(panel).1, few_decades(ranges(panel).1, panel.y.scale))
}
