//! Heat maps with a colour bar, contour lines and marked points.

use super::axes::{TITLE_LEADING, fill, vertical_text, widest, y_ticks};
use super::canvas::{Anchor, Area, Canvas, clip_line, stroke};
use super::contour;
use super::scale::{Decades, Map, backward, extent, fit, forward, number};
use super::style::{
    self, AXIS_TITLE, BLACK, ColourMap, DIVERGING, MISSING, PAPER, SEQUENTIAL, TICK, hex,
    map_colour,
};
use super::text::{width, wrap};
use super::{Axis, Content, Figure, HeatMap, Scale};

const BAR_GAP: f64 = 14.0;
const BAR_WIDTH: f64 = 13.0;

fn values(map: &HeatMap) -> impl Iterator<Item = f64> + '_ {
    (0..map.y.len()).flat_map(move |iy| (0..map.x.len()).map(move |ix| map.value(ix, iy)))
}

/// Whether any cell has a colour.
pub(super) fn has_data(map: &HeatMap, x: &Axis, y: &Axis) -> bool {
    extent(values(map), map.scale).is_some()
        && extent(map.x.iter().copied(), x.scale).is_some()
        && extent(map.y.iter().copied(), y.scale).is_some()
}

/// Ranges of both axes: the outer edges of the cells.
pub(super) fn ranges(map: &HeatMap, x: &Axis, y: &Axis) -> ((f64, f64), (f64, f64)) {
    (axis_range(&map.x, x), axis_range(&map.y, y))
}

fn axis_range(centres: &[f64], axis: &Axis) -> (f64, f64) {
    let all = edges(centres, axis.scale);
    let ends = all.into_iter().flatten().flat_map(|(a, b)| [a, b]);
    fit(axis.range, extent(ends, axis.scale), axis.scale, 0.0)
}

/// Both edges of each cell, midway to its neighbours on the scale.
pub(super) fn edges(centres: &[f64], scale: Scale) -> Vec<Option<(f64, f64)>> {
    let at: Vec<Option<f64>> = centres.iter().map(|c| forward(*c, scale)).collect();
    let neighbour = |i: Option<usize>| i.and_then(|i| at.get(i).copied().flatten());
    (0..at.len())
        .map(|i| {
            let here = at[i]?;
            let (before, after) = (neighbour(i.checked_sub(1)), neighbour(Some(i + 1)));
            // A single cell needs some width: one unit, or a factor of ten on a log axis.
            let half = match (before, after) {
                (None, None) => (0.5, 0.5),
                (Some(b), None) => ((here - b) / 2.0, (here - b) / 2.0),
                (None, Some(a)) => ((a - here) / 2.0, (a - here) / 2.0),
                (Some(b), Some(a)) => ((here - b) / 2.0, (a - here) / 2.0),
            };
            Some((backward(here - half.0, scale), backward(here + half.1, scale)))
        })
        .collect()
}

/// Range of the colours; for a diverging map both sides of the centre are equally long.
pub(super) fn colour_range(map: &HeatMap) -> (f64, f64) {
    let (lo, hi) = fit(map.range, extent(values(map), map.scale), map.scale, 0.0);
    let centre = map.diverging_at.and_then(|c| forward(c, map.scale));
    let (Some(centre), Some(a), Some(b)) = (centre, forward(lo, map.scale), forward(hi, map.scale))
    else {
        return (lo, hi);
    };
    let reach = (a - centre).abs().max((b - centre).abs());
    let end = |measured: f64| match map.scale {
        Scale::Linear => measured,
        // Values far from the centre may exceed the range of floating-point numbers.
        Scale::Log => backward(measured.clamp(-149.0, 149.0), Scale::Log),
    };
    (end(centre - reach), end(centre + reach))
}

/// The colour map in use.
pub(super) fn colours(map: &HeatMap) -> &'static ColourMap {
    let usable = map.diverging_at.and_then(|c| forward(c, map.scale)).is_some();
    if usable { &DIVERGING } else { &SEQUENTIAL }
}

fn bar_axis(map: &HeatMap) -> Axis {
    Axis { scale: map.scale, ..Axis::default() }
}

fn has_gaps(map: &HeatMap) -> bool {
    values(map).any(|v| forward(v, map.scale).is_none())
}

/// Room to the right of the axes for the colour bar.
pub(super) fn right_room(map: &HeatMap, height: f64) -> f64 {
    let labels = widest(&y_ticks(colour_range(map), &bar_axis(map), height));
    let gap_key = if has_gaps(map) { width("no value", TICK) + 3.0 - labels } else { 0.0 };
    let title = wrap(&map.colour_label, AXIS_TITLE, height).len() as f64 * TITLE_LEADING;
    BAR_GAP + BAR_WIDTH + 9.0 + labels + gap_key.max(title + 3.0)
}

/// Gradients and patterns to which heat maps refer, with ids that begin with `ids`; empty for a
/// figure without heat maps.
pub(super) fn definitions(figure: &Figure, ids: &str) -> String {
    if !figure.panels.iter().any(|p| matches!(p.content, Content::HeatMap(_))) {
        return String::new();
    }
    let gradient = |name: &str, map: &ColourMap| {
        let stops: String = map
            .iter()
            .enumerate()
            .map(|(i, c)| {
                format!("<stop offset=\"{}%\" stop-color=\"{}\"/>", i as f64 * 12.5, hex(*c))
            })
            .collect();
        format!(
            "<linearGradient id=\"{ids}-{name}\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">{stops}</linearGradient>\n"
        )
    };
    let [ground, lines] = MISSING;
    format!(
        "<defs>\n{}{}<pattern id=\"{ids}-gap\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
         <rect width=\"6\" height=\"6\" fill=\"{ground}\"/>\
         <path d=\"M-1,1L1,-1M0,6L6,0M5,7L7,5\" stroke=\"{lines}\" stroke-width=\"1\"/></pattern>\n\
         </defs>\n",
        gradient("sequential", &SEQUENTIAL),
        gradient("diverging", &DIVERGING)
    )
}

/// Draws cells, contours, marked points and the colour bar.
pub(super) fn draw(canvas: &mut Canvas, map: &HeatMap, area: &Area, x: &Map, y: &Map) {
    let range = colour_range(map);
    let part = Map::new(range, map.scale, 0.0, 1.0);
    canvas.add("<g shape-rendering=\"crispEdges\">\n");
    let (columns, rows) = (edges(&map.x, x.scale), edges(&map.y, y.scale));
    for (iy, row) in rows.iter().enumerate() {
        for (ix, column) in columns.iter().enumerate() {
            let (Some(column), Some(row)) = (column, row) else { continue };
            let Some(cell) = cell(column, row, area, x, y) else { continue };
            let colour = match part.at(map.value(ix, iy)) {
                Some(part) => hex(map_colour(colours(map), part)),
                None => format!("url(#{}-gap)", canvas.ids),
            };
            canvas.rect(&cell, &fill(&colour));
        }
    }
    canvas.add("</g>\n");
    let mut taken = marked_places(map, area, x, y);
    draw_contours(canvas, map, area, x, y, &mut taken);
    draw_marked(canvas, map, area, x, y);
    canvas.rect(area, &format!(" fill=\"none\"{}", stroke(style::AXIS, 1.0, "")));
    draw_bar(canvas, map, area, range);
}

fn cell(column: &(f64, f64), row: &(f64, f64), area: &Area, x: &Map, y: &Map) -> Option<Area> {
    let place = Area {
        left: x.at(column.0)?.max(area.left),
        right: x.at(column.1)?.min(area.right),
        top: y.at(row.1)?.max(area.top),
        bottom: y.at(row.0)?.min(area.bottom),
    };
    (place.width() > 0.0 && place.height() > 0.0).then_some(place)
}

fn draw_contours(
    canvas: &mut Canvas,
    map: &HeatMap,
    area: &Area,
    x: &Map,
    y: &Map,
    taken: &mut Vec<Area>,
) {
    let mut labels = Vec::new();
    for &level in &map.contours {
        let mut longest: Vec<(f64, f64)> = Vec::new();
        for curve in contour::curves(map, level, x, y) {
            for part in clip_line(&curve, area) {
                let halo = format!("{} stroke-opacity=\"0.6\"", stroke(PAPER, 3.0, ""));
                canvas.polyline(&part, &halo);
                canvas.polyline(&part, &stroke(BLACK, 1.2, ""));
                if part.len() > longest.len() {
                    longest = part;
                }
            }
        }
        let text = match map.scale {
            Scale::Log => Decades::of(colour_range(map)).number(level),
            Scale::Linear => number(level),
        };
        if let Some(place) = contour_label(&text, &longest, area, taken) {
            taken.push(place);
            labels.push((text, place));
        }
    }
    for (text, place) in labels {
        let at = ((place.left + place.right) / 2.0, place.bottom - 3.5);
        canvas.halo_text(at, TICK, Anchor::Middle, &text);
    }
}

// Position of a contour label: near the middle of its line, inside the axes and away from other
// texts.
fn contour_label(text: &str, line: &[(f64, f64)], area: &Area, taken: &[Area]) -> Option<Area> {
    let (half, tall) = (width(text, TICK) / 2.0 + 3.0, 7.5);
    [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9]
        .iter()
        .filter_map(|part| line.get((part * line.len() as f64) as usize))
        .map(|&(x, y)| Area { left: x - half, right: x + half, top: y - tall, bottom: y + tall })
        .find(|p| {
            let inside = area.holds((p.left, p.top)) && area.holds((p.right, p.bottom));
            inside && !taken.iter().any(|t| t.meets(p))
        })
}

fn marked_points(map: &HeatMap, area: &Area, x: &Map, y: &Map) -> Vec<((f64, f64), String)> {
    let place = |(mx, my, text): &(f64, f64, String)| {
        Some(((x.at(*mx)?, y.at(*my)?), text.clone())).filter(|(at, _)| area.holds(*at))
    };
    map.marked.iter().filter_map(place).collect()
}

// The text is to the right of its point, or to the left if it would otherwise leave the axes.
fn marked_places(map: &HeatMap, area: &Area, x: &Map, y: &Map) -> Vec<Area> {
    let place = |(at, text): ((f64, f64), String)| {
        let wide = width(&text, TICK) + 10.0;
        let right = at.0 + wide < area.right || at.0 - wide < area.left;
        let (left, right) =
            if right { (at.0 - 6.0, at.0 + wide) } else { (at.0 - wide, at.0 + 6.0) };
        Area { left, right, top: at.1 - 8.0, bottom: at.1 + 8.0 }
    };
    marked_points(map, area, x, y).into_iter().map(place).collect()
}

fn draw_marked(canvas: &mut Canvas, map: &HeatMap, area: &Area, x: &Map, y: &Map) {
    let places = marked_places(map, area, x, y);
    for ((at, text), place) in marked_points(map, area, x, y).into_iter().zip(places) {
        let look = format!("{}{}", fill(PAPER), stroke(BLACK, 1.5, ""));
        canvas.add(&style::marker(0, at.0, at.1, 4.0, &look));
        let base = at.1 + TICK * 0.36;
        if place.right > at.0 + 6.5 {
            canvas.halo_text((at.0 + 8.0, base), TICK, Anchor::Start, &text);
        } else {
            canvas.halo_text((at.0 - 8.0, base), TICK, Anchor::End, &text);
        }
    }
}

fn draw_bar(canvas: &mut Canvas, map: &HeatMap, area: &Area, range: (f64, f64)) {
    let gaps = has_gaps(map);
    let left = area.right + BAR_GAP;
    let bottom = if gaps { area.bottom - 24.0 } else { area.bottom };
    let bar = Area { left, top: area.top, right: left + BAR_WIDTH, bottom };
    let name = if colours(map) == &DIVERGING { "diverging" } else { "sequential" };
    let edge = stroke(style::AXIS, 1.0, "");
    let ids = canvas.ids.clone();
    canvas.rect(&bar, &format!(" fill=\"url(#{ids}-{name})\"{edge}"));
    let along = Map::new(range, map.scale, bar.bottom, bar.top);
    let ticks = y_ticks(range, &bar_axis(map), area.height());
    for tick in &ticks {
        let Some(at) = along.at(tick.value) else { continue };
        let length = if tick.label.is_empty() { 2.5 } else { 4.0 };
        canvas.line((bar.right, at), (bar.right + length, at), &edge);
        let place = (bar.right + 7.0, at + TICK * 0.36);
        if !tick.label.is_empty() {
            canvas.text(place, TICK, Anchor::Start, &fill(style::INK), &tick.label);
        }
    }
    if gaps {
        let key = Area { top: area.bottom - 11.0, bottom: area.bottom, ..bar };
        canvas.rect(&key, &format!(" fill=\"url(#{ids}-gap)\"{edge}"));
        let place = (bar.right + 7.0, area.bottom - 5.5 + TICK * 0.36);
        canvas.text(place, TICK, Anchor::Start, &fill(style::INK), "no value");
    }
    let nearest = bar.right + 7.0 + widest(&ticks) + 5.0 + AXIS_TITLE;
    for (i, line) in wrap(&map.colour_label, AXIS_TITLE, bar.height()).iter().enumerate() {
        let at = (nearest + i as f64 * TITLE_LEADING, (bar.top + bar.bottom) / 2.0);
        vertical_text(canvas, at, line);
    }
}
