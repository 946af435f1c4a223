//! Whole numbers below the horizontal axis of a panel: a heading, then a row for each group.

use super::axes::fill;
use super::canvas::{Anchor, Area, Canvas};
use super::grid::letter;
use super::scale::Map;
use super::style::{AXIS_TITLE, INK, TICK, colour};
use super::text::width;
use super::{Counts, Panel, Series};

const LEADING: f64 = 15.0;
/// Space between the axis title and the heading, px.
const ABOVE: f64 = 8.0;

/// Height of the rows and their heading; 0 if there are none.
pub(super) fn height(panel: &Panel) -> f64 {
    let Some(counts) = &panel.x.counts else { return 0.0 };
    ABOVE + LEADING * (counts.rows.len() + 1) as f64
}

/// Room to the left of the axes for the names of the rows.
pub(super) fn left_room(panel: &Panel) -> f64 {
    let Some(counts) = &panel.x.counts else { return 0.0 };
    let names = counts.rows.iter().map(|row| width(&row.0, TICK)).fold(0.0, f64::max);
    names + widest_number(counts) / 2.0 + 10.0
}

fn widest_number(counts: &Counts) -> f64 {
    let numbers = counts.rows.iter().flat_map(|row| &row.2);
    numbers.map(|n| width(&n.to_string(), TICK)).fold(0.0, f64::max)
}

/// Draws the rows from `top` downwards; a number that would touch the one before it is left out.
pub(super) fn draw(canvas: &mut Canvas, panel: &Panel, area: &Area, x: &Map, top: f64) {
    let Some(counts) = &panel.x.counts else { return };
    let apart = widest_number(counts) + 6.0;
    let names = area.left - widest_number(counts) / 2.0 - 8.0;
    let mut y = top + ABOVE + AXIS_TITLE;
    canvas.text((area.left, y), TICK, Anchor::Start, &fill(INK), &counts.title);
    for (name, style, numbers) in &counts.rows {
        y += LEADING;
        canvas.text((names, y), TICK, Anchor::End, &fill(colour(*style)), name);
        let mut last = f64::NEG_INFINITY;
        for (at, number) in counts.at.iter().zip(numbers) {
            let place = x.at(*at).filter(|at| (area.left - 0.5..=area.right + 0.5).contains(at));
            let Some(at) = place.filter(|at| *at >= last + apart) else { continue };
            canvas.text((at, y), TICK, Anchor::Middle, &fill(INK), &number.to_string());
            last = at;
        }
    }
}

/// The same below a plot on a terminal; each row has the letter of its curve.
pub(super) fn printed(
    panel: &Panel,
    series: &[Series],
    labels: usize,
    plot: usize,
    x: &Map,
) -> Vec<String> {
    let Some(counts) = &panel.x.counts else { return vec![] };
    let row = |(name, _, numbers): &(String, usize, Vec<usize>)| {
        let place = series.iter().position(|s| s.label == *name);
        let mut line = vec![' '; labels + plot + 2];
        line[labels.saturating_sub(1)] = place.map_or('?', letter);
        let mut free = labels + 1;
        for (at, number) in counts.at.iter().zip(numbers) {
            let Some(at) = x.at(*at).filter(|at| (0.0..=plot as f64).contains(at)) else {
                continue;
            };
            let text: Vec<char> = number.to_string().chars().collect();
            let start = (labels + 1 + at as usize).saturating_sub(text.len() / 2).max(labels + 1);
            if start >= free && start + text.len() <= line.len() {
                line[start..start + text.len()].copy_from_slice(&text);
                free = start + text.len() + 1;
            }
        }
        String::from_iter(line)
    };
    let heading = format!("{:shift$}{}", "", counts.title, shift = labels + 1);
    std::iter::once(heading).chain(counts.rows.iter().map(row)).collect()
}
