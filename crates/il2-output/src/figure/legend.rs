//! Legends: inside a panel if a free place is found, otherwise in rows below it.

use super::axes::fill;
use super::bars;
use super::canvas::{Anchor, Area, Canvas};
use super::lines::{bands, many, runs};
use super::scale::Map;
use super::style::{INK, PAPER, TICK};
use super::symbols::{Look, Patch, draw_swatch};
use super::text::{width, wrap};
use super::{Content, Figure, Panel, Series};
use il2_engine::math;

/// One legend entry.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub text: String,
    pub look: Look,
}

const SIZE: f64 = TICK + 0.5;
const LEADING: f64 = 14.5;
const SWATCH: f64 = 34.0;
const GAP: f64 = 20.0;

/// Entries of a panel's own legend; empty if no legend is needed.
pub(super) fn panel_entries(panel: &Panel) -> Vec<Entry> {
    let Content::Lines(series) = &panel.content else { return Vec::new() };
    let named = series.iter().filter(|s| !s.label.trim().is_empty());
    let entries: Vec<Entry> =
        named.map(|s| Entry { text: s.label.clone(), look: look(s) }).collect();
    let mut entries = if series.len() > 1 { each_measured_once(entries) } else { Vec::new() };
    // Parts of a whole are listed from the top of their stack downwards, in the order in which they
    // are drawn.
    if entries.iter().all(|e| e.look.patch == Patch::Part) {
        entries.reverse();
    }
    entries
}

fn look(series: &Series) -> Look {
    let Series { style, line, markers, measured, filled, .. } = *series;
    let single = series.points.len() == 1;
    if series.points.is_empty() && !series.band.is_empty() && !filled {
        return Look { style, patch: Patch::OwnBand, ..Look::default() };
    }
    match (series.bars, filled) {
        (Some(_), _) => Look { style, patch: Patch::Bar, ..Look::default() },
        (None, true) => {
            Look { style, line: line && !single, patch: Patch::Part, ..Look::default() }
        }
        (None, false) => Look {
            style,
            line: line && !single,
            markers: markers || !line || single,
            measured,
            many: many(series),
            ..Look::default()
        },
    }
}

// Measured points of several curves with the same look share one entry.
fn each_measured_once(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen: Vec<String> = vec![];
    entries.retain(|entry| {
        let again = entry.look.measured && seen.contains(&entry.text);
        seen.push(entry.text.clone());
        !again
    });
    entries
}

/// Entries of the shared legend, in the style used in the panels.
pub(super) fn shared_entries(legend: &[(String, usize)], panels: &[Panel]) -> Vec<Entry> {
    let entry = |(text, style): &(String, usize)| {
        let (mut line, mut markers, mut measured) = (false, false, false);
        for panel in panels {
            match &panel.content {
                Content::Lines(series) => {
                    for s in series.iter().filter(|s| s.style == *style && !own_entry(s)) {
                        line |= s.line;
                        markers |= s.markers || !s.line;
                        measured |= s.measured;
                    }
                }
                Content::Intervals(rows) => markers |= rows.iter().any(|r| r.style == *style),
                Content::HeatMap(_) => {}
            }
        }
        let unused = !line && !markers;
        let line = line || unused;
        let look = Look { style: *style, line, markers, measured, ..Look::default() };
        Entry { text: text.clone(), look }
    };
    let all = panels.iter().flat_map(|panel| match &panel.content {
        Content::Lines(series) => series.as_slice(),
        _ => &[],
    });
    let measured = all.filter(|s| own_entry(s)).map(|s| Entry {
        text: s.label.clone(),
        look: Look { style: s.style, markers: true, measured: true, ..Look::default() },
    });
    each_measured_once(legend.iter().map(entry).chain(measured).collect())
}

/// Explanations of the filled areas of a figure: its bands, the spans of its axes, and ribbons if
/// any were drawn; and of the signs of events.
pub(super) fn areas(figure: &Figure, ribbons: bool) -> Vec<Entry> {
    let entry = |text: &str, patch| {
        let look = Look { patch, ..Look::default() };
        Entry { text: text.to_string(), look }
    };
    let banded = |panel: &Panel| match &panel.content {
        Content::Lines(series) => bands(series) > 0,
        _ => false,
    };
    let mut all = vec![];
    if !figure.bands.is_empty() && figure.panels.iter().any(banded) {
        all.push(entry(&figure.bands, Patch::Band));
    }
    if !figure.spans.is_empty() && figure.panels.iter().any(|p| !p.x.spans.is_empty()) {
        all.push(entry(&figure.spans, Patch::Span));
    }
    let swings = "from trough to peak, where a curve oscillates rapidly";
    all.extend(ribbons.then(|| entry(swings, Patch::Ribbon)));
    all.extend(signs(&figure.panels));
    all
}

// The events that are marked along rows, each once, in the order in which they first occur.
fn signs(panels: &[Panel]) -> Vec<Entry> {
    let mut all: Vec<Entry> = vec![];
    for panel in panels {
        let Content::Intervals(rows) = &panel.content else { continue };
        for mark in rows.iter().flat_map(|row| &row.marks) {
            if all.iter().all(|entry| entry.text != mark.means) {
                let look = Look { sign: Some(mark.sign), ..Look::default() };
                all.push(Entry { text: mark.means.clone(), look });
            }
        }
    }
    all
}

// Measured points that have a name of their own have a separate entry from the curve of their
// style.
fn own_entry(series: &Series) -> bool {
    series.measured && !series.label.trim().is_empty()
}

/// Position of a legend inside an area where it covers no curve and no line at a mark; `None` if there is none.
pub(super) fn place_inside(
    entries: &[Entry],
    panel: &Panel,
    area: &Area,
    x: &Map,
    y: &Map,
) -> Option<Area> {
    let limit = area.width() * 0.5 - SWATCH;
    let rows: Vec<Vec<String>> = entries.iter().map(|e| wrap(&e.text, SIZE, limit)).collect();
    let text = rows.iter().flatten().map(|l| width(l, SIZE)).fold(0.0, f64::max);
    let wide = SWATCH + text + 6.0;
    let high = rows.iter().map(|r| r.len() as f64 * LEADING + 2.0).sum::<f64>() + 4.0;
    if wide > area.width() * 0.6 || high > area.height() * 0.62 {
        return None;
    }
    let taken = occupied(panel, area, x, y);
    let columns = [area.left + 8.0, area.right - wide];
    let lines = [
        area.top + 2.0,
        area.bottom - high - 4.0,
        area.top + area.height() * 0.25,
        (area.top + area.bottom - high) / 2.0,
        area.top + area.height() * 0.75 - high,
    ];
    lines
        .iter()
        .flat_map(|top| columns.iter().map(move |left| (*left, *top)))
        .map(|(left, top)| Area { left, top, right: left + wide, bottom: top + high })
        .find(|place| {
            let roomy = Area {
                left: place.left - 5.0,
                top: place.top - 5.0,
                right: place.right + 5.0,
                bottom: place.bottom + 5.0,
            };
            !taken.iter().any(|p| roomy.holds(*p))
        })
}

// Points along everything drawn, dense enough that no legend fits between two points of a curve.
fn occupied(panel: &Panel, area: &Area, x: &Map, y: &Map) -> Vec<(f64, f64)> {
    let mut taken = Vec::new();
    for at in panel.x.marks.iter().filter_map(|mark| x.at(*mark)) {
        between((at, area.top), (at, area.bottom), &mut taken);
    }
    let Content::Lines(series) = &panel.content else { return taken };
    for s in series {
        for bar in bars::rectangles(s, area, x, y) {
            let middle = (bar.left + bar.right) / 2.0;
            between((middle, bar.top), (middle, bar.bottom), &mut taken);
        }
        let lower: Vec<(f64, f64)> = s.band.iter().map(|b| (b.0, b.1)).collect();
        let upper: Vec<(f64, f64)> = s.band.iter().map(|b| (b.0, b.2)).collect();
        for points in [&s.points, &lower, &upper] {
            for run in runs(points, x, y) {
                taken.extend(run.first());
                run.windows(2).for_each(|pair| between(pair[0], pair[1], &mut taken));
            }
        }
        let bars = s.error_bars.iter().map(|&(at, low, high)| ((at, low), (at, high)));
        let drop = s.mark_x.map(|(mx, my)| ((mx, my), (mx, y.lo)));
        for (a, b) in bars.chain(drop) {
            if let [a, b] = runs(&[a, b], x, y).concat()[..] {
                between(a, b, &mut taken);
            }
        }
    }
    taken
}

fn between(a: (f64, f64), b: (f64, f64), taken: &mut Vec<(f64, f64)>) {
    let steps = (math::hypot(b.0 - a.0, b.1 - a.1) / 5.0).ceil().clamp(1.0, 400.0) as usize;
    taken.extend((0..=steps).map(|i| {
        let t = i as f64 / steps as f64;
        (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
    }));
}

/// Draws a legend at its position inside a panel.
pub(super) fn draw_inside(canvas: &mut Canvas, entries: &[Entry], place: &Area) {
    canvas.rect(place, &format!("{} fill-opacity=\"0.85\"", fill(PAPER)));
    let mut y = place.top + 2.0;
    for entry in entries {
        let lines = wrap(&entry.text, SIZE, place.width() - SWATCH - 5.0);
        draw_entry(canvas, entry, (place.left, y), &lines);
        y += lines.len() as f64 * LEADING + 2.0;
    }
}

fn draw_entry(canvas: &mut Canvas, entry: &Entry, (x, y): (f64, f64), lines: &[String]) {
    let middle = (x + 15.0, y + LEADING / 2.0);
    draw_swatch(canvas, entry.look, middle);
    for (i, line) in lines.iter().enumerate() {
        let baseline = y + LEADING * (i as f64 + 0.5) + SIZE * 0.36;
        canvas.text((x + SWATCH, baseline), SIZE, Anchor::Start, &fill(INK), line);
    }
}

struct Placed {
    x: f64,
    y: f64,
    lines: Vec<String>,
}

fn flow(entries: &[Entry], room: f64) -> (Vec<Placed>, f64) {
    let limit = (room - SWATCH).min(300.0);
    let (mut x, mut y, mut high) = (0.0, 0.0, 0.0f64);
    let mut placed = Vec::new();
    for entry in entries {
        let lines = wrap(&entry.text, SIZE, limit);
        let wide = SWATCH + lines.iter().map(|l| width(l, SIZE)).fold(0.0, f64::max);
        if x > 0.0 && x + wide > room {
            (x, y, high) = (0.0, y + high + 3.0, 0.0);
        }
        high = high.max(lines.len().max(1) as f64 * LEADING);
        placed.push(Placed { x, y, lines });
        x += wide + GAP;
    }
    (placed, y + high)
}

/// Height of a legend in rows of a given width; 0 if there are no entries.
pub(super) fn rows_height(entries: &[Entry], room: f64) -> f64 {
    flow(entries, room).1
}

/// Draws a legend in rows from its top left corner.
pub(super) fn draw_rows(canvas: &mut Canvas, entries: &[Entry], at: (f64, f64), room: f64) {
    for (entry, place) in entries.iter().zip(flow(entries, room).0) {
        draw_entry(canvas, entry, (at.0 + place.x, at.1 + place.y), &place.lines);
    }
}
