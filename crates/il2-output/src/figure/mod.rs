//! Figures of simulation results: SVG and PNG files, and plots for a terminal.
//!
//! A [`Figure`] is plain data; [`to_svg`] draws it, [`to_png`] turns this SVG into pixels with only
//! the embedded font, and [`terminal_plot`] prints one panel as Unicode text. All three give the
//! same bytes for the same input on any machine.

mod axes;
mod bars;
mod canvas;
mod content;
mod contour;
mod counts;
mod data;
mod forest;
mod grid;
mod heat;
mod legend;
mod lines;
mod multiples;
mod png;
mod ribbon;
mod scale;
mod shared;
mod style;
mod svg;
mod symbols;
mod terminal;
mod terminal_kinds;
#[cfg(test)]
mod tests;
mod text;

pub use data::{
    Axis, Content, Counts, Figure, HeatMap, Interval, Mark, Panel, Scale, Series, Sign,
};
pub use multiples::{MOST_TOGETHER, most_curves};
pub use png::{PngError, to_png};
pub use svg::{to_inline_svg, to_svg};
pub use terminal::terminal_plot;
