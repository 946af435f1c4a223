//! Curves, points, bands, bars and error bars.

use super::axes::fill;
use super::canvas::{Area, Canvas, clip_line, clip_polygon, stroke};
use super::multiples::MOST_TOGETHER;
use super::ribbon::{self, Part};
use super::scale::{Map, extent, fit, forward};
use super::style::{self, PAPER, colour, dash};
use super::symbols::{BAND, LINE_WIDTH, Look, PART, RADIUS, RIBBON, filled};
use super::{Axis, Scale, Series, bars};
use il2_engine::math;

fn shown(v: f64, scale: Scale) -> bool {
    forward(v, scale).is_some()
}

/// Ranges of both axes.
pub(super) fn ranges(series: &[Series], x: &Axis, y: &Axis) -> ((f64, f64), (f64, f64)) {
    // Only points that both axes can show count: a skipped point must not widen an axis.
    let points: Vec<(f64, f64)> = series
        .iter()
        .flat_map(|s| {
            let bars = s.band.iter().chain(&s.error_bars);
            let ends = bars.flat_map(|&(at, low, high)| [(at, low), (at, high)]);
            let corners = bars::corners(s, y.scale);
            s.points.iter().copied().chain(ends).chain(corners).chain(s.mark_x)
        })
        .filter(|p| shown(p.0, x.scale) && shown(p.1, y.scale))
        .collect();
    let x_range = fit(x.range, extent(points.iter().map(|p| p.0), x.scale), x.scale, 0.0);
    // If the x range is given, the y axis is fitted to the data within that range.
    let inside = |p: &&(f64, f64)| x.range.is_none() || (x_range.0..=x_range.1).contains(&p.0);
    let visible = extent(points.iter().filter(inside).map(|p| p.1), y.scale);
    (x_range, fit(y.range, visible, y.scale, 0.05))
}

/// Whether any point, band or error bar can be shown.
pub(super) fn has_data(series: &[Series], x: &Axis, y: &Axis) -> bool {
    series.iter().any(|s| {
        s.points.iter().any(|p| shown(p.0, x.scale) && shown(p.1, y.scale))
            || s.band
                .iter()
                .chain(&s.error_bars)
                .any(|b| shown(b.0, x.scale) && (shown(b.1, y.scale) || shown(b.2, y.scale)))
    })
}

/// Draws all series: bands first, so that no band covers a curve.
pub(super) fn draw(canvas: &mut Canvas, series: &[Series], area: &Area, x: &Map, y: &Map) {
    let bands = bands(series);
    for s in series {
        draw_band(canvas, s, bands, area, x, y);
    }
    for s in series {
        draw_drop_line(canvas, s, area, x, y);
    }
    let crowd = crowd(series);
    let widths = if crowd { vec![] } else { widths(series, area, x, y) };
    for (k, s) in series.iter().enumerate() {
        draw_error_bars(canvas, s, area, x, y);
        if s.bars.is_some() {
            bars::draw(canvas, s, area, x, y);
            continue;
        }
        if s.line && crowd {
            draw_thin(canvas, s, area, x, y);
        } else if s.line {
            draw_curve(canvas, s, &widths[k], area, x, y);
        }
        draw_strokes(canvas, s, area, x, y);
        draw_markers(canvas, s, area, x, y);
    }
    for s in series {
        draw_ring(canvas, s, area, x, y);
    }
}

/// Runs of drawable points in px, broken where a point is skipped.
pub(super) fn runs(points: &[(f64, f64)], x: &Map, y: &Map) -> Vec<Vec<(f64, f64)>> {
    let mut runs = Vec::new();
    let mut run = Vec::new();
    for p in points {
        match (x.at(p.0), y.at(p.1)) {
            (Some(px), Some(py)) => run.push((px, py)),
            _ => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

// An end that a log axis cannot show is infinitely low, so the bar extends to the axis edge.
fn low_end(value: f64, y: &Map) -> Option<f64> {
    match y.scale {
        Scale::Log if value <= 0.0 => Some(y.from),
        _ => y.at(value),
    }
}

fn bar(&(at, low, high): &(f64, f64, f64), x: &Map, y: &Map) -> Option<(f64, f64, f64)> {
    Some((x.at(at)?, low_end(low, y)?, y.at(high)?))
}

/// Number of series of a panel with a band around their curve.
pub(super) fn bands(series: &[Series]) -> usize {
    series.iter().filter(|s| !s.band.is_empty() && !s.filled).count()
}

// Where bands overlap, only their edges show to which curve each belongs.
fn draw_band(canvas: &mut Canvas, series: &Series, bands: usize, area: &Area, x: &Map, y: &Map) {
    // The more bands there are, the paler they are drawn, because overlapping fills mix to a grey
    // that belongs to no curve.
    let (opacity, edge_opacity) = match bands {
        _ if series.filled => (PART, "0"),
        1 => (BAND, "0"),
        2 => (0.12, "0.7"),
        _ => (0.07, "0.45"),
    };
    let ink = colour(series.style);
    let look = format!("{} fill-opacity=\"{opacity}\"", fill(ink));
    let edge =
        format!("{} stroke-opacity=\"{edge_opacity}\"", stroke(ink, 0.8, dash(series.style)));
    for run in series.band.iter().map(|b| bar(b, x, y)).collect::<Vec<_>>().split(Option::is_none) {
        let ends: Vec<(f64, f64, f64)> = run.iter().flatten().copied().collect();
        let lower: Vec<(f64, f64)> = ends.iter().map(|e| (e.0, e.1)).collect();
        let upper: Vec<(f64, f64)> = ends.iter().map(|e| (e.0, e.2)).collect();
        // The lower edge has the larger y, because y increases downwards on the page.
        let (lower, upper) = (ribbon::outer(&lower, true), ribbon::outer(&upper, false));
        let outline: Vec<(f64, f64)> =
            lower.iter().copied().chain(upper.iter().rev().copied()).collect();
        let visible = clip_polygon(&outline, area);
        if visible.len() > 2 {
            canvas.polygon(&visible, &look);
        }
        // A band that extends below the axis has no edge there.
        let gone = |a: &(f64, f64), b: &(f64, f64)| a.1.min(b.1) >= area.bottom;
        for line in [lower, upper].iter().filter(|_| bands > 1 && !series.filled) {
            for seen in line.chunk_by(|a, b| !gone(a, b)) {
                for part in clip_line(seen, area) {
                    canvas.polyline(&part, &edge);
                }
            }
        }
    }
}

// Draws a ribbon from the troughs of a curve to its peaks, where these are too close to be drawn.
fn draw_ribbon(
    canvas: &mut Canvas,
    style: usize,
    upper: &[(f64, f64)],
    lower: &[(f64, f64)],
    area: &Area,
) {
    let outline: Vec<(f64, f64)> =
        lower.iter().copied().chain(upper.iter().rev().copied()).collect();
    let visible = clip_polygon(&outline, area);
    if visible.len() > 2 {
        canvas.polygon(&visible, &format!("{} fill-opacity=\"{RIBBON}\"", fill(colour(style))));
        canvas.ribbons = true;
    }
    for part in [upper, lower].into_iter().flat_map(|line| clip_line(line, area)) {
        canvas.polyline(&part, &stroke(colour(style), 1.1, ""));
    }
}

/// Curves that are closer than this (px) cannot be distinguished.
const COINCIDE: f64 = 1.0;
/// Number of positions along a panel at which curves are compared.
const COMPARED: usize = 60;

/// Smallest number of successive positions at which curves must coincide to be drawn as a casing:
/// curves that only cross, or meet at their ends, can both be seen elsewhere.
const STRETCH: usize = COMPARED / 4;

/// Width at which a curve is drawn, from one position along the panel to another.
#[derive(Clone, Copy)]
struct Width {
    from: usize,
    to: usize,
    width: f64,
}

// A curve on which a later one lies would be hidden, or would mix with its dashes: along the
// stretch where they coincide, it is drawn wider and paler, as a casing.
fn widths(series: &[Series], area: &Area, x: &Map, y: &Map) -> Vec<Vec<Width>> {
    let heights: Vec<Vec<Option<f64>>> = series.iter().map(|s| heights(s, area, x, y)).collect();
    let covered = |k: usize| -> Vec<usize> {
        let mut over = vec![0; COMPARED];
        for other in &heights[k + 1..] {
            let close = |at: usize| {
                let both = heights[k][at].zip(other[at]);
                both.is_some_and(|(a, b)| (a - b).abs() < COINCIDE)
            };
            let places: Vec<usize> = (0..COMPARED).collect();
            let together =
                places.chunk_by(|a, b| close(*a) == close(*b)).filter(|run| close(run[0]));
            for run in together.filter(|run| run.len() >= STRETCH) {
                // The curves separate at the ends of the stretch; a steep fall there must not be
                // drawn as a casing.
                let parts = |at: &usize| *at > 0 && *at < COMPARED - 1;
                let end = |at: &usize| (*at == run[0] || *at == run[run.len() - 1]) && parts(at);
                run.iter().filter(|at| !end(at)).for_each(|at| over[*at] += 1);
            }
        }
        over
    };
    let of = |k: usize| {
        let over = covered(k);
        let places: Vec<usize> = (0..COMPARED).collect();
        let runs = places.chunk_by(|a, b| over[*a] == over[*b]);
        let width = |run: &[usize]| Width {
            from: run[0],
            to: run[run.len() - 1] + 1,
            width: LINE_WIDTH + 1.7 * over[run[0]].min(2) as f64,
        };
        runs.map(width).collect()
    };
    (0..series.len()).map(of).collect()
}

// The height of a curve at positions along the panel; none where the curve is missing, outside the
// panel, or on the axis, like everything that has fallen to zero.
fn heights(series: &Series, area: &Area, x: &Map, y: &Map) -> Vec<Option<f64>> {
    let runs = if series.line { runs(&series.points, x, y) } else { vec![] };
    // A curve that runs backwards, or whose oscillations are drawn as a ribbon, has no single
    // height.
    let plain = |run: &Vec<(f64, f64)>| {
        run.windows(2).all(|pair| pair[0].0 <= pair[1].0)
            && ribbon::parts(run).iter().all(|part| matches!(part, Part::Line(_)))
    };
    let runs: Vec<Vec<(f64, f64)>> = runs.into_iter().filter(plain).collect();
    let at = |k: usize| {
        let place = area.left + area.width() * (k as f64 + 0.5) / COMPARED as f64;
        let pair = runs.iter().find_map(|run| {
            let next = run.partition_point(|p| p.0 < place);
            (next > 0 && next < run.len()).then(|| (run[next - 1], run[next]))
        });
        let ((x0, y0), (x1, y1)) = pair?;
        let height = y0 + (y1 - y0) * (place - x0) / (x1 - x0);
        (height > area.top && height < area.bottom - 2.0).then_some(height)
    };
    (0..COMPARED).map(at).collect()
}

fn draw_curve(
    canvas: &mut Canvas,
    series: &Series,
    widths: &[Width],
    area: &Area,
    x: &Map,
    y: &Map,
) {
    let whole = runs(&series.points, x, y);
    for run in &whole {
        for part in ribbon::parts(run) {
            match part {
                Part::Line(points) => {
                    for width in widths {
                        draw_stretch(canvas, series, *width, &points, area);
                    }
                }
                Part::Ribbon { upper, lower } => {
                    draw_ribbon(canvas, series.style, &upper, &lower, area);
                }
            }
        }
        // A single point has no line that would make it visible.
        if run.len() == 1 && !series.markers && area.holds(run[0]) {
            canvas.add(&filled(series.style, run[0], RADIUS));
        }
    }
}

/// Whether a panel shows many curves without names, e.g. one for each patient: these are thin and
/// solid, since neither dashes nor drawing order would distinguish them.
fn crowd(series: &[Series]) -> bool {
    series.len() > MOST_TOGETHER && series.iter().all(|s| s.label.is_empty())
}

fn draw_thin(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    let look = format!("{} stroke-opacity=\"0.6\"", stroke(colour(series.style), 1.0, ""));
    for part in runs(&series.points, x, y).iter().flat_map(|run| clip_line(run, area)) {
        canvas.polyline(&part, &look);
    }
}

fn draw_strokes(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    let look = stroke(colour(series.style), 1.2, "");
    for at in runs(&series.strokes, x, y).into_iter().flatten().filter(|at| area.holds(*at)) {
        let ends = ((at.1 - 4.0).max(area.top), (at.1 + 4.0).min(area.bottom));
        canvas.line((at.0, ends.0), (at.0, ends.1), &look);
    }
}

fn draw_stretch(
    canvas: &mut Canvas,
    series: &Series,
    Width { from, to, width }: Width,
    points: &[(f64, f64)],
    area: &Area,
) {
    let at = |place: usize| area.left + area.width() * place as f64 / COMPARED as f64;
    let stretch = Area { left: at(from), right: at(to), ..*area };
    let wide = width > LINE_WIDTH;
    // Drawn pale, so that the dashes of the curve on it are visible.
    let pale = if wide { " stroke-opacity=\"0.5\"" } else { "" };
    let look = format!("{}{pale}", stroke(colour(series.style), width, dash(series.style)));
    for visible in clip_line(points, &stretch) {
        canvas.wide_lines |= wide;
        canvas.polyline(&visible, &look);
    }
}

/// Whether a series has so many points that each is drawn small to stay visible.
pub(super) fn many(series: &Series) -> bool {
    !series.line && series.points.len() > 100
}

fn draw_markers(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    if !series.markers && series.line {
        return;
    }
    let look = Look {
        style: series.style,
        line: series.line,
        markers: true,
        measured: series.measured,
        many: many(series),
        ..Look::default()
    };
    let mut last: Option<(f64, f64)> = None;
    for at in runs(&series.points, x, y).into_iter().flatten().filter(|p| area.holds(*p)) {
        // Dots on a line only show where it was computed: if they were closer than this, they would
        // hide it.
        let near = last.is_some_and(|l| math::hypot(at.0 - l.0, at.1 - l.1) < 14.0);
        if series.line && near && !series.measured {
            continue;
        }
        canvas.add(&look.symbol(at));
        last = Some(at);
    }
}

fn draw_error_bars(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    let look = stroke(colour(series.style), 1.2, "");
    for (at, low, high) in series.error_bars.iter().filter_map(|b| bar(b, x, y)) {
        for part in clip_line(&[(at, low), (at, high)], area) {
            canvas.polyline(&part, &look);
        }
        for end in [low, high] {
            for cap in clip_line(&[(at - 3.0, end), (at + 3.0, end)], area) {
                canvas.polyline(&cap, &look);
            }
        }
    }
}

fn mark(series: &Series, area: &Area, x: &Map, y: &Map) -> Option<(f64, f64)> {
    let (mx, my) = series.mark_x?;
    Some((x.at(mx)?, y.at(my)?)).filter(|p| area.holds(*p))
}

fn draw_drop_line(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    let Some(at) = mark(series, area, x, y) else { return };
    canvas.line(at, (at.0, area.bottom), &stroke(colour(series.style), 0.9, "2 2"));
}

fn draw_ring(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    let Some(at) = mark(series, area, x, y) else { return };
    let look = format!("{}{}", fill(PAPER), stroke(colour(series.style), 1.8, ""));
    canvas.add(&style::marker(0, at.0, at.1, 4.2, &look));
    // A filled dot, since an open symbol would look measured.
    let dot = format!(" fill=\"{}\"", colour(series.style));
    canvas.add(&style::marker(0, at.0, at.1, 1.5, &dot));
}
