//! Symbols of points, and how a legend shows a style.

use super::Sign;
use super::axes::fill;
use super::bars;
use super::canvas::{Area, Canvas, stroke};
use super::style::{self, BLACK, INK, PAPER, colour, dash, marker};

/// Width of a curve's stroke, px.
pub(super) const LINE_WIDTH: f64 = 1.9;
/// Radius of a symbol, px.
pub(super) const RADIUS: f64 = 3.4;
/// Radius of a dot at a computed point of a line, or of one of very many points, px.
const DOT_RADIUS: f64 = 2.1;

/// How a curve or its points look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub style: usize,
    pub line: bool,
    pub markers: bool,
    pub measured: bool,
    /// Whether there are so many points that each is drawn small.
    pub many: bool,
    pub patch: Patch,
    /// The sign of an event, in place of line and symbol.
    pub sign: Option<Sign>,
}

/// A filled area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Patch {
    #[default]
    None,
    /// A band around a curve.
    Band,
    /// A band that has a name of its own, in its own colour.
    OwnBand,
    /// A ribbon from the troughs of a curve to its peaks.
    Ribbon,
    /// A part of a whole, in its own colour.
    Part,
    /// A bar, in its own colour.
    Bar,
    /// The background of a span of an axis.
    Span,
}

/// Opacity of a band that is alone.
pub(super) const BAND: f64 = 0.17;

/// Opacity of a part of a whole.
pub(super) const PART: f64 = 0.55;

/// Opacity of a ribbon.
pub(super) const RIBBON: f64 = 0.45;

impl Look {
    /// The symbol of one of very many points: a small open circle if it was measured.
    fn small(&self, at: (f64, f64)) -> String {
        let ink = colour(self.style);
        let look = match self.measured {
            true => format!(" fill=\"none\"{} stroke-opacity=\"0.6\"", stroke(ink, 0.9, "")),
            false => format!(" fill=\"{ink}\" fill-opacity=\"0.6\""),
        };
        marker(0, at.0, at.1, DOT_RADIUS, &look)
    }

    /// The symbol of a point: open if it was measured, a dot if it was computed along a line.
    pub fn symbol(&self, at: (f64, f64)) -> String {
        if self.many {
            return self.small(at);
        }
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
    let look = format!(" fill=\"{}\"{}", colour(style), stroke(PAPER, 0.7, ""));
    marker(style, at.0, at.1, radius, &look)
}

/// An open symbol of a style.
pub(super) fn open(style: usize, at: (f64, f64), radius: f64) -> String {
    let look = format!("{}{}", fill(PAPER), stroke(colour(style), 1.4, ""));
    marker(style, at.0, at.1, radius, &look)
}

/// The sign of an event, in black and with a white edge, so that it is visible on a bar of any
/// colour.
pub(super) fn draw_sign(canvas: &mut Canvas, sign: Sign, at: (f64, f64)) {
    let radius = RADIUS + 0.6;
    match sign {
        Sign::Filled(shape) => {
            let look = format!("{}{}", fill(BLACK), stroke(PAPER, 0.9, ""));
            canvas.add(&marker(shape, at.0, at.1, radius + 0.4, &look));
        }
        Sign::Open(shape) => {
            let look = format!("{}{}", fill(PAPER), stroke(BLACK, 1.4, ""));
            canvas.add(&marker(shape, at.0, at.1, radius, &look));
        }
        Sign::Arrow => {
            let head = [(at.0 + 5.0, at.1 - 4.0), (at.0 + 10.0, at.1), (at.0 + 5.0, at.1 + 4.0)];
            let look = stroke(BLACK, 1.5, "");
            canvas.line(at, head[1], &look);
            canvas.polyline(&head, &look);
        }
    }
}

/// Line and symbol as shown in a legend, centred on a point, 26 px wide.
pub(super) fn draw_swatch(canvas: &mut Canvas, look: Look, at: (f64, f64)) {
    let opacity = match look.patch {
        Patch::None => None,
        Patch::Band | Patch::OwnBand => Some(BAND),
        Patch::Ribbon => Some(RIBBON),
        Patch::Part => Some(PART),
        Patch::Bar => Some(bars::OPACITY),
        Patch::Span => Some(style::SPAN_OPACITY),
    };
    if let Some(opacity) = opacity {
        let patch =
            Area { left: at.0 - 13.0, top: at.1 - 5.0, right: at.0 + 13.0, bottom: at.1 + 5.0 };
        // A band has the colour of its curve, so that one patch in the legend represents all
        // colours.
        let ink = match look.patch {
            Patch::OwnBand | Patch::Part | Patch::Bar => colour(look.style),
            Patch::Span => style::SPAN,
            _ => INK,
        };
        canvas.rect(&patch, &format!("{} fill-opacity=\"{opacity}\"", fill(ink)));
    }
    if look.line {
        let line = stroke(colour(look.style), LINE_WIDTH, dash(look.style));
        canvas.line((at.0 - 13.0, at.1), (at.0 + 13.0, at.1), &line);
    }
    if look.markers {
        canvas.add(&look.symbol(at));
    }
    match look.sign {
        Some(Sign::Arrow) => draw_sign(canvas, Sign::Arrow, (at.0 - 5.0, at.1)),
        Some(sign) => draw_sign(canvas, sign, at),
        None => {}
    }
}
