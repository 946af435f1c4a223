//! Symbols of points, and what a legend shows of a style.

use super::canvas::{Canvas, stroke};
use super::style::{colour, dash, marker};

/// Width of a curve's stroke, px.
pub(super) const LINE_WIDTH: f64 = 1.9;
/// Radius of a symbol, px.
pub(super) const RADIUS: f64 = 3.4;
/// Radius of a dot at a computed point of a line, px.
const DOT_RADIUS: f64 = 2.1;

/// How a curve or its points look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub style: usize,
    pub line: bool,
    pub markers: bool,
    pub measured: bool,
}

impl Look {
    /// The symbol of a point: open where it was measured, a dot where it was computed along a line.
    pub fn symbol(&self, at: (f64, f64)) -> String {
        match (self.measured, self.line) {
            (true, _) => open(self.style, at, RADIUS),
            (false, true) => {
                let fill = format!(" fill=\"{}\"", colour(self.style));
                marker(0, at.0, at.1, DOT_RADIUS, &fill)
            }
            (false, false) => filled(self.style, at, RADIUS),
        }
    }
}

/// A filled symbol of a style.
pub(super) fn filled(style: usize, at: (f64, f64), radius: f64) -> String {
    let look = format!(" fill=\"{}\"{}", colour(style), stroke("#ffffff", 0.7, ""));
    marker(style, at.0, at.1, radius, &look)
}

/// An open symbol of a style.
pub(super) fn open(style: usize, at: (f64, f64), radius: f64) -> String {
    let look = format!(" fill=\"#ffffff\"{}", stroke(colour(style), 1.4, ""));
    marker(style, at.0, at.1, radius, &look)
}

/// Line and symbol as a legend shows them, centred on a point, 26 px wide.
pub(super) fn draw_swatch(canvas: &mut Canvas, look: Look, at: (f64, f64)) {
    if look.line {
        let line = stroke(colour(look.style), LINE_WIDTH, dash(look.style));
        canvas.line((at.0 - 13.0, at.1), (at.0 + 13.0, at.1), &line);
    }
    if look.markers {
        canvas.add(&look.symbol(at));
    }
}
