//! SVG elements as text, and clipping to a rectangle.

use std::fmt::Write;

use super::style::{self, PAPER};
use super::text::{coordinate, escape};

/// A rectangle in px; y increases downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left - 0.01..=self.right + 0.01).contains(&x)
            && (self.top - 0.01..=self.bottom + 0.01).contains(&y)
    }

    pub fn meets(&self, other: &Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// Which point of a text is at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The elements drawn so far.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    pub body: String,
    /// Prefix of every id, so that figures on one page do not share an id.
    pub ids: String,
    /// Whether any curve was drawn as a ribbon, which the figure then explains.
    pub ribbons: bool,
    /// Whether a curve was drawn wider because another curve lies on it.
    pub wide_lines: bool,
}

impl Canvas {
    /// Appends finished elements.
    pub fn add(&mut self, elements: &str) {
        self.body.push_str(elements);
    }

    /// One line of text with its baseline at (x, y); `attributes` start with a space.
    pub fn text(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        attributes: &str,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}{attributes}>{}</text>",
            coordinate(x),
            coordinate(y),
            coordinate(size),
            escape(text)
        );
    }

    /// Text with a white outline, readable on any background. The outline is a separate text,
    /// because many programs ignore `paint-order` and would draw it over the letters.
    pub fn halo_text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, text: &str) {
        let halo = format!(
            " fill=\"{PAPER}\" stroke=\"{PAPER}\" stroke-width=\"3\" stroke-opacity=\"0.85\" \
             stroke-linejoin=\"round\" aria-hidden=\"true\""
        );
        self.text(at, size, anchor, &halo, text);
        self.text(at, size, anchor, &format!(" fill=\"{}\"", style::INK), text);
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), attributes: &str) {
        let _ = writeln!(
            self.body,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{attributes}/>",
            coordinate(from.0),
            coordinate(from.1),
            coordinate(to.0),
            coordinate(to.1)
        );
    }

    /// A rectangle.
    pub fn rect(&mut self, area: &Area, attributes: &str) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{attributes}/>",
            coordinate(area.left),
            coordinate(area.top),
            coordinate(area.width().max(0.0)),
            coordinate(area.height().max(0.0))
        );
    }

    /// An open line through points.
    pub fn polyline(&mut self, points: &[(f64, f64)], attributes: &str) {
        let _ = writeln!(
            self.body,
            "<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{attributes}/>",
            point_list(points)
        );
    }

    /// A filled shape.
    pub fn polygon(&mut self, points: &[(f64, f64)], attributes: &str) {
        let _ = writeln!(self.body, "<polygon points=\"{}\"{attributes}/>", point_list(points));
    }
}

/// Stroke attributes; an empty dash pattern is a solid line.
pub(super) fn stroke(colour: &str, width: f64, dash: &str) -> String {
    let mut out = format!(" stroke=\"{colour}\" stroke-width=\"{}\"", coordinate(width));
    if !dash.is_empty() {
        let _ = write!(out, " stroke-dasharray=\"{dash}\"");
    }
    out
}

fn point_list(points: &[(f64, f64)]) -> String {
    let printed: Vec<String> =
        points.iter().map(|(x, y)| format!("{},{}", coordinate(*x), coordinate(*y))).collect();
    printed.join(" ")
}

/// The parts of a line through points that are inside an area, each of two or more points.
pub(super) fn clip_line(points: &[(f64, f64)], area: &Area) -> Vec<Vec<(f64, f64)>> {
    let mut parts = Vec::new();
    let mut part: Vec<(f64, f64)> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = clip_segment(pair[0], pair[1], area) else {
            parts.extend(finished(&mut part));
            continue;
        };
        if part.last() != Some(&from) {
            parts.extend(finished(&mut part));
            part.push(from);
        }
        if to != from {
            part.push(to);
        }
    }
    parts.extend(finished(&mut part));
    parts
}

fn finished(part: &mut Vec<(f64, f64)>) -> Option<Vec<(f64, f64)>> {
    let whole = std::mem::take(part);
    (whole.len() > 1).then_some(whole)
}

// The Liang-Barsky method.
fn clip_segment(a: (f64, f64), b: (f64, f64), area: &Area) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (step, room) in [
        (-dx, a.0 - area.left),
        (dx, area.right - a.0),
        (-dy, a.1 - area.top),
        (dy, area.bottom - a.1),
    ] {
        if step == 0.0 {
            if room < -1e-6 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    if enter > leave {
        return None;
    }
    // Ends inside the area are kept exactly, so that neighbouring segments join.
    let from = if enter == 0.0 { a } else { (a.0 + enter * dx, a.1 + enter * dy) };
    let to = if leave == 1.0 { b } else { (a.0 + leave * dx, a.1 + leave * dy) };
    Some((from, to))
}

/// The part of a shape inside an area, empty if there is none (Sutherland-Hodgman method).
pub(super) fn clip_polygon(points: &[(f64, f64)], area: &Area) -> Vec<(f64, f64)> {
    let mut shape = points.to_vec();
    for side in 0..4 {
        let depth = |p: (f64, f64)| match side {
            0 => p.0 - area.left,
            1 => area.right - p.0,
            2 => p.1 - area.top,
            _ => area.bottom - p.1,
        };
        let mut kept = Vec::with_capacity(shape.len());
        for (i, &b) in shape.iter().enumerate() {
            let a = shape[(i + shape.len() - 1) % shape.len()];
            let (da, db) = (depth(a), depth(b));
            if (da < 0.0) != (db < 0.0) {
                let t = da / (da - db);
                kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
            }
            if db >= 0.0 {
                kept.push(b);
            }
        }
        shape = kept;
    }
    shape
}
