//! Forest plots: estimates with intervals, one per row, in groups.

use super::axes::{TICK_ROOM, TITLE_LEADING, fill, x_ticks};
use super::canvas::{Anchor, Area, Canvas, stroke};
use super::scale::{Map, extent, fit, forward};
use super::style::{AXIS_TITLE, GRID, INK, MUTED, TICK, colour};
use super::text::{width, wrap};
use super::{Axis, Interval, Panel, symbols};

const SIZE: f64 = TICK + 0.5;
const LEADING: f64 = 14.0;
const PADDING: f64 = 7.0;
const INDENT: f64 = 10.0;

/// Range of the axis.
pub(super) fn range(rows: &[Interval], axis: &Axis) -> (f64, f64) {
    let bars = rows.iter().flat_map(|r| r.bars.iter().copied().chain(r.bars.first().map(|_| 0.0)));
    let estimates = rows.iter().flat_map(|r| [r.value, r.low, r.high]);
    let marks = rows.iter().flat_map(|r| r.marks.iter().map(|mark| mark.at));
    let data = extent(estimates.chain(bars).chain(marks), axis.scale);
    fit(axis.range, data, axis.scale, 0.06)
}

fn label_limit(cell: f64) -> f64 {
    cell * 0.4
}

fn note_limit(cell: f64) -> f64 {
    cell * 0.24
}

struct Line {
    heading: bool,
    label: Vec<String>,
    note: Vec<String>,
}

impl Line {
    fn height(&self) -> f64 {
        self.label.len().max(self.note.len()).max(1) as f64 * LEADING + PADDING
    }
}

// Headings and rows from top to bottom; each row has the index of its interval.
fn lines(rows: &[Interval], cell: f64) -> Vec<(Line, Option<usize>)> {
    let mut out = Vec::new();
    let mut group = "";
    for (i, row) in rows.iter().enumerate() {
        if row.group != group && !row.group.trim().is_empty() {
            let label = wrap(&row.group, SIZE, label_limit(cell));
            out.push((Line { heading: true, label, note: Vec::new() }, None));
        }
        group = &row.group;
        let label = wrap(&row.label, SIZE, label_limit(cell) - INDENT);
        let note = wrap(&row.note, TICK, note_limit(cell));
        out.push((Line { heading: false, label, note }, Some(i)));
    }
    out
}

/// Height of all rows.
pub(super) fn height(rows: &[Interval], cell: f64) -> f64 {
    lines(rows, cell).iter().map(|(line, _)| line.height()).sum::<f64>() + 6.0
}

fn heading_lines(heading: &str, cell: f64) -> Vec<String> {
    wrap(heading, AXIS_TITLE, label_limit(cell))
}

/// Room below the axis for the heading of the row names.
pub(super) fn bottom_room(heading: &str, cell: f64) -> f64 {
    TICK_ROOM + heading_lines(heading, cell).len() as f64 * TITLE_LEADING
}

/// Room for row names on the left and notes on the right.
pub(super) fn side_rooms(rows: &[Interval], heading: &str, cell: f64) -> (f64, f64) {
    let all = lines(rows, cell);
    let widest = |texts: &[String], size| texts.iter().map(|t| width(t, size)).fold(0.0, f64::max);
    let labels = all.iter().map(|(l, _)| widest(&l.label, SIZE)).fold(0.0, f64::max);
    let notes = all.iter().map(|(l, _)| widest(&l.note, TICK)).fold(0.0, f64::max);
    let heading = widest(&heading_lines(heading, cell), AXIS_TITLE);
    let left = (labels + INDENT).max(heading) + 12.0;
    (left, if notes > 0.0 { notes + 12.0 } else { 14.0 })
}

/// Draws rows, intervals and notes.
pub(super) fn draw(
    canvas: &mut Canvas,
    panel: &Panel,
    rows: &[Interval],
    cell: f64,
    area: &Area,
    x: &Map,
) {
    for tick in x_ticks((x.lo, x.hi), &panel.x, area.width()) {
        let at = x.at(tick.value).filter(|_| !tick.label.is_empty());
        let Some(at) = at else { continue };
        canvas.line((at, area.top), (at, area.bottom), &stroke(GRID, 1.0, ""));
    }
    let (names, _) = side_rooms(rows, &panel.y.label, cell);
    let start = area.left - names;
    // The heading of the row names is below the names, level with the axis title.
    for (i, line) in heading_lines(&panel.y.label, cell).iter().enumerate() {
        let y = area.bottom + TICK_ROOM + AXIS_TITLE + i as f64 * TITLE_LEADING;
        canvas.text((start, y), AXIS_TITLE, Anchor::Start, &fill(INK), line);
    }
    let mut y = area.top + 3.0;
    for (line, row) in lines(rows, cell) {
        let middle = y + line.height() / 2.0;
        if line.heading && y > area.top + 4.0 {
            canvas.line((start, y), (area.right, y), &stroke(GRID, 1.0, ""));
        }
        let indent = if line.heading { 0.0 } else { INDENT };
        let look = match line.heading {
            true => format!("{} stroke=\"{INK}\" stroke-width=\"0.35\"", fill(INK)),
            false => fill(INK),
        };
        text_block(canvas, &line.label, (start + indent, middle), SIZE, &look);
        text_block(canvas, &line.note, (area.right + 10.0, middle), TICK, &fill(MUTED));
        if let Some(row) = row.and_then(|i| rows.get(i)) {
            draw_interval(canvas, row, middle, area, x);
        }
        y += line.height();
    }
}

fn text_block(
    canvas: &mut Canvas,
    lines: &[String],
    (x, middle): (f64, f64),
    size: f64,
    look: &str,
) {
    let first = middle - (lines.len() as f64 - 1.0) / 2.0 * LEADING + size * 0.36;
    for (i, line) in lines.iter().enumerate() {
        canvas.text((x, first + i as f64 * LEADING), size, Anchor::Start, look, line);
    }
}

// Position of an interval end, and whether it is beyond the axis.
fn end(value: f64, area: &Area, x: &Map) -> Option<(f64, bool)> {
    if value.is_nan() {
        return None;
    }
    let at = match forward(value, x.scale) {
        Some(_) => x.at(value)?,
        None if value > 0.0 => f64::INFINITY,
        None => f64::NEG_INFINITY,
    };
    let held = at.clamp(area.left, area.right);
    Some((held, (at - held).abs() > 0.5))
}

/// Half the height of a bar.
const BAR: f64 = 6.5;

fn draw_bars(canvas: &mut Canvas, row: &Interval, y: f64, area: &Area, x: &Map) {
    for (i, bar) in row.bars.iter().enumerate() {
        let (Some((zero, _)), Some((to, _))) = (end(0.0, area, x), end(*bar, area, x)) else {
            continue;
        };
        let opacity = if i == 0 && row.bars.len() > 1 { "0.35" } else { "0.85" };
        let look = format!(" fill=\"{}\" fill-opacity=\"{opacity}\"", colour(row.style));
        let half = if i == 0 { BAR } else { 0.6 * BAR };
        let (left, right) = (zero.min(to), zero.max(to));
        canvas.rect(&Area { left, right, top: y - half, bottom: y + half }, &look);
    }
}

fn draw_interval(canvas: &mut Canvas, row: &Interval, y: f64, area: &Area, x: &Map) {
    draw_bars(canvas, row, y, area, x);
    let ink = if row.bars.is_empty() { colour(row.style) } else { INK };
    let look = stroke(ink, 1.6, "");
    // An interval open on both sides carries no information, and arrows would look like a result.
    let known = row.low.is_finite() || row.high.is_finite();
    if let (Some((low, below)), Some((high, above)), true) =
        (end(row.low, area, x), end(row.high, area, x), known)
    {
        if high > low {
            canvas.line((low, y), (high, y), &look);
        }
        for (at, beyond, inward) in [(low, below, 1.0), (high, above, -1.0)] {
            if beyond {
                let head = [(at + inward * 6.0, y - 4.0), (at, y), (at + inward * 6.0, y + 4.0)];
                canvas.polyline(&head, &look);
            } else {
                canvas.line((at, y - 4.0), (at, y + 4.0), &look);
            }
        }
    }
    let at = x.at(row.value).filter(|at| row.bars.is_empty() && area.holds((*at, y)));
    if let Some(at) = at {
        let symbol = if row.measured { symbols::open } else { symbols::filled };
        canvas.add(&symbol(row.style, (at, y), symbols::RADIUS + 0.8));
    }
    for mark in &row.marks {
        let at = x.at(mark.at).filter(|at| area.holds((*at, y)));
        at.into_iter().for_each(|at| symbols::draw_sign(canvas, mark.sign, (at, y)));
    }
}
