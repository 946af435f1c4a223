//! Bars from zero, one for each point of a series.

use super::canvas::{Area, Canvas};
use super::scale::Map;
use super::style::colour;
use super::{Scale, Series, axes};

/// Opacity of a bar, so that grid lines are visible behind it.
pub(super) const OPACITY: f64 = 0.8;
/// Bars narrower than this (px) have no gap between them.
const NARROW: f64 = 4.0;

/// The corners that an axis must include to show the bars from foot to end.
pub(super) fn corners(series: &Series, y: Scale) -> Vec<(f64, f64)> {
    let Some(width) = series.bars else { return vec![] };
    let foot = |top: f64| if y == Scale::Log { top } else { 0.0 };
    let of = |&(x, top): &(f64, f64)| [(x - width / 2.0, foot(top)), (x + width / 2.0, top)];
    series.points.iter().filter(|p| p.1.is_finite()).flat_map(of).collect()
}

/// The visible bars of a series, as rectangles in px.
pub(super) fn rectangles(series: &Series, area: &Area, x: &Map, y: &Map) -> Vec<Area> {
    let Some(width) = series.bars else { return vec![] };
    let foot = y.at(0.0).unwrap_or(area.bottom).clamp(area.top, area.bottom);
    let of = |&(at, top): &(f64, f64)| {
        let (left, right) = (x.at(at - width / 2.0)?, x.at(at + width / 2.0)?);
        let top = y.at(top)?.clamp(area.top, area.bottom);
        let gap = if right - left > NARROW { 0.5 } else { 0.0 };
        let bar = Area {
            left: left.max(area.left) + gap,
            right: right.min(area.right) - gap,
            top: top.min(foot),
            bottom: top.max(foot),
        };
        (bar.width() > 0.0).then_some(bar)
    };
    series.points.iter().filter_map(of).collect()
}

/// Draws the bars of a series.
pub(super) fn draw(canvas: &mut Canvas, series: &Series, area: &Area, x: &Map, y: &Map) {
    let ink = colour(series.style);
    for bar in rectangles(series, area, x, y) {
        canvas.rect(&bar, &format!("{} fill-opacity=\"{OPACITY}\"", axes::fill(ink)));
    }
}
