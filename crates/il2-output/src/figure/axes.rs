//! Ticks of axes and their drawing.

use super::canvas::{Anchor, Area, Canvas, stroke};
use super::scale::{self, Map, Tick};
use super::style::{self, AXIS_TITLE, PAPER, TICK};
use super::text::{coordinate, width, wrap};
use super::{Axis, Panel};

/// Distance between lines of an axis title, px.
pub(super) const TITLE_LEADING: f64 = 15.0;
const TICK_LENGTH: f64 = 5.0;
/// Height of ticks and their labels under an axis, px.
pub(super) const TICK_ROOM: f64 = 22.0;

/// Horizontal ticks, as many as there is room for labels.
pub(super) fn x_ticks(range: (f64, f64), axis: &Axis, length: f64) -> Vec<Tick> {
    let mut most = (length / 34.0).clamp(2.0, 9.0) as usize;
    loop {
        let ticks = scale::ticks(range, axis.scale, &axis.unit, most);
        let map = Map::new(range, axis.scale, 0.0, length);
        if most <= 2 || labels_fit(&ticks, &map) {
            return without_overlap(ticks, &map);
        }
        most -= 1;
    }
}

fn labels_fit(ticks: &[Tick], map: &Map) -> bool {
    let spans: Vec<(f64, f64)> = ticks.iter().filter_map(|t| label_span(t, map)).collect();
    spans.windows(2).all(|pair| pair[0].1 + 9.0 <= pair[1].0)
}

fn label_span(tick: &Tick, map: &Map) -> Option<(f64, f64)> {
    let half = width(&tick.label, TICK) / 2.0;
    let middle = map.at(tick.value).filter(|_| half > 0.0)?;
    Some((middle - half, middle + half))
}

// Even two labels may be too long for a short axis: the tick is then kept without its label.
fn without_overlap(mut ticks: Vec<Tick>, map: &Map) -> Vec<Tick> {
    let mut end = f64::NEG_INFINITY;
    for tick in &mut ticks {
        if let Some((left, right)) = label_span(tick, map) {
            if left < end + 4.0 {
                tick.label.clear();
            } else {
                end = right;
            }
        }
    }
    ticks
}

/// Vertical ticks.
pub(super) fn y_ticks(range: (f64, f64), axis: &Axis, length: f64) -> Vec<Tick> {
    scale::ticks(range, axis.scale, &axis.unit, (length / 32.0).clamp(2.0, 9.0) as usize)
}

/// Width of the widest label.
pub(super) fn widest(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|t| width(&t.label, TICK)).fold(0.0, f64::max)
}

/// Light lines across the area at labelled vertical ticks.
pub(super) fn draw_grid(canvas: &mut Canvas, panel: &Panel, area: &Area, y: &Map) {
    for tick in y_ticks((y.lo, y.hi), &panel.y, area.height()) {
        let at = y.at(tick.value).filter(|_| !tick.label.is_empty());
        let Some(at) = at.filter(|at| *at < area.bottom - 1.0) else { continue };
        canvas.line((area.left, at), (area.right, at), &stroke(style::GRID, 1.0, ""));
    }
}

/// The coloured background of the spans of the horizontal axis, below everything else.
pub(super) fn draw_spans(canvas: &mut Canvas, panel: &Panel, area: &Area, x: &Map) {
    let look = format!("{} fill-opacity=\"{}\"", fill(style::SPAN), style::SPAN_OPACITY);
    for &(from, to) in &panel.x.spans {
        let (Some(from), Some(to)) = (x.at(from), x.at(to)) else { continue };
        let [left, right] = [from, to].map(|at| at.clamp(area.left, area.right));
        let span = Area { left, right, ..*area };
        canvas.rect(&span, &look);
        // The edges are visible without colour, and so is a span of a single value.
        for at in [left, right] {
            canvas.line((at, area.top), (at, area.bottom), &stroke(style::MUTED, 0.7, "1.5 2.5"));
        }
    }
}

/// Lines across the area at the marks of both axes; marks of the vertical axis are limits, and
/// their lines are dashed.
pub(super) fn draw_marks(canvas: &mut Canvas, panel: &Panel, area: &Area, x: &Map, y: &Map) {
    let inside = |at: &f64| (area.left..=area.right).contains(at);
    for at in panel.x.marks.iter().filter_map(|mark| x.at(*mark)).filter(inside) {
        canvas.line((at, area.top), (at, area.bottom), &stroke(style::MUTED, 1.0, ""));
    }
    let inside = |at: &f64| (area.top..=area.bottom).contains(at);
    for at in panel.y.marks.iter().filter_map(|mark| y.at(*mark)).filter(inside) {
        canvas.line((area.left, at), (area.right, at), &stroke(style::MUTED, 1.0, "5 4"));
    }
}

/// The vertical axis with ticks, labels and title.
pub(super) fn draw_y(canvas: &mut Canvas, (panel, title): (&Panel, &str), area: &Area, y: &Map) {
    let ticks = y_ticks((y.lo, y.hi), &panel.y, area.height());
    let axis = stroke(style::AXIS, 1.0, "");
    canvas.line((area.left, area.top), (area.left, area.bottom), &axis);
    for tick in &ticks {
        let Some(at) = y.at(tick.value) else { continue };
        let length = if tick.label.is_empty() { TICK_LENGTH * 0.6 } else { TICK_LENGTH };
        canvas.line((area.left - length, at), (area.left, at), &axis);
        if !tick.label.is_empty() {
            let place = (area.left - TICK_LENGTH - 3.0, at + TICK * 0.36);
            canvas.text(place, TICK, Anchor::End, &fill(style::INK), &tick.label);
        }
    }
    let lines = wrap(title, AXIS_TITLE, area.height());
    let nearest = area.left - TICK_LENGTH - 3.0 - widest(&ticks) - 7.0;
    let middle = (area.top + area.bottom) / 2.0;
    for (i, line) in lines.iter().enumerate() {
        let x = nearest - (lines.len() - 1 - i) as f64 * TITLE_LEADING;
        vertical_text(canvas, (x, middle), line);
    }
}

/// Text rotated to read upwards, with its baseline at x and its middle at y.
pub(super) fn vertical_text(canvas: &mut Canvas, (x, y): (f64, f64), text: &str) {
    let turned = format!(
        " transform=\"rotate(-90 {} {})\"{}",
        coordinate(x),
        coordinate(y),
        fill(style::INK)
    );
    canvas.text((x, y), AXIS_TITLE, Anchor::Middle, &turned, text);
}

/// The horizontal axis with ticks, labels and title.
pub(super) fn draw_x(canvas: &mut Canvas, (panel, title): (&Panel, &str), area: &Area, x: &Map) {
    let axis = stroke(style::AXIS, 1.0, "");
    canvas.line((area.left, area.bottom), (area.right, area.bottom), &axis);
    for tick in x_ticks((x.lo, x.hi), &panel.x, area.width()) {
        let Some(at) = x.at(tick.value) else { continue };
        let length = if tick.label.is_empty() { TICK_LENGTH * 0.6 } else { TICK_LENGTH };
        canvas.line((at, area.bottom), (at, area.bottom + length), &axis);
        if !tick.label.is_empty() {
            let place = (at, area.bottom + TICK_LENGTH + TICK + 1.0);
            canvas.text(place, TICK, Anchor::Middle, &fill(style::INK), &tick.label);
        }
    }
    let middle = (area.left + area.right) / 2.0;
    for (i, line) in wrap(title, AXIS_TITLE, area.width()).iter().enumerate() {
        let y = area.bottom + TICK_ROOM + AXIS_TITLE + i as f64 * TITLE_LEADING;
        canvas.text((middle, y), AXIS_TITLE, Anchor::Middle, &fill(style::INK), line);
    }
}

/// A fill attribute.
pub(super) fn fill(colour: &str) -> String {
    format!(" fill=\"{colour}\"")
}

/// Two slanted strokes at the foot of an axis that does not begin at zero.
pub(super) fn draw_break(canvas: &mut Canvas, area: &Area, along_x: bool) {
    let at = |along: f64, across: f64| match along_x {
        true => (area.left + along, area.bottom - across),
        false => (area.left + across, area.bottom - along),
    };
    let gap = [at(5.0, -4.0), at(9.0, 4.0), at(13.0, 4.0), at(9.0, -4.0)];
    canvas.polygon(&gap, &fill(PAPER));
    let look = stroke(style::AXIS, 1.2, "");
    canvas.line(gap[0], gap[1], &look);
    canvas.line(gap[3], gap[2], &look);
}
