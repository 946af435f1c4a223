//! House style: sizes, colours, dash patterns, marker shapes and colour maps.

use super::text::coordinate;

/// Font family of all text, the embedded font first.
pub(super) const FONT: &str = "DejaVu Sans, Helvetica, Arial, sans-serif";
/// Font sizes in px.
pub(super) const FIGURE_TITLE: f64 = 17.0;
pub(super) const TITLE: f64 = 15.0;
pub(super) const AXIS_TITLE: f64 = 12.5;
pub(super) const TICK: f64 = 11.0;
/// Text and line colours.
pub(super) const INK: &str = "#222222";
pub(super) const MUTED: &str = "#555555";
pub(super) const AXIS: &str = "#444444";
pub(super) const GRID: &str = "#e4e4e4";
/// The page, and lines that must be visible on any colour.
pub(super) const PAPER: &str = "#ffffff";
pub(super) const BLACK: &str = "#111111";
/// The background of a span of an axis: the yellow of Okabe and Ito.
pub(super) const SPAN: &str = "#f0e442";
pub(super) const SPAN_OPACITY: f64 = 0.28;
/// A panel without data, and the hatching of a missing cell of a map.
pub(super) const EMPTY: &str = "#f6f6f6";
pub(super) const MISSING: [&str; 2] = ["#dddddd", "#8f8f8f"];

/// Number of styles before they repeat.
pub(super) const STYLES: usize = 8;

// Colour-blind safe palette of Okabe and Ito, with the strongest contrast on white first; its
// yellow, which is too faint on white, is replaced by a grey.
const COLOURS: [&str; STYLES] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9", "#6b6b6b"];

const DASHES: [&str; STYLES] =
    ["", "7 3", "2.5 2.5", "9 3 2.5 3", "14 4", "4.5 4.5", "9 3 2 3 2 3", "1.5 4"];

// Nearest entries of the 256-colour terminal palette; black is the terminal's own text colour.
const TERMINAL: [u8; STYLES] = [32, 166, 36, 175, 0, 178, 117, 245];

/// Colour of a style as "#rrggbb".
pub(super) fn colour(style: usize) -> &'static str {
    COLOURS[style % STYLES]
}

/// SVG dash pattern of a style; empty for a solid line.
pub(super) fn dash(style: usize) -> &'static str {
    DASHES[style % STYLES]
}

/// Index into the 256-colour terminal palette; `None` is the terminal's own text colour.
pub(super) fn terminal_colour(style: usize) -> Option<u8> {
    Some(TERMINAL[style % STYLES]).filter(|c| *c != 0)
}

/// Marker of a style as an SVG element centred on (x, y), with the given `attributes`.
pub(super) fn marker(style: usize, x: f64, y: f64, radius: f64, attributes: &str) -> String {
    let outline: &[(f64, f64)] = match style % STYLES {
        0 => {
            return format!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{attributes}/>\n",
                coordinate(x),
                coordinate(y),
                coordinate(radius)
            );
        }
        1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        2 => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
        3 => &[(0.0, -1.3), (1.15, 0.0), (0.0, 1.3), (-1.15, 0.0)],
        4 => &[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
        5 => &[
            (-0.4, -1.2),
            (0.4, -1.2),
            (0.4, -0.4),
            (1.2, -0.4),
            (1.2, 0.4),
            (0.4, 0.4),
            (0.4, 1.2),
            (-0.4, 1.2),
            (-0.4, 0.4),
            (-1.2, 0.4),
            (-1.2, -0.4),
            (-0.4, -0.4),
        ],
        6 => &[(0.0, -1.2), (1.14, -0.37), (0.71, 0.97), (-0.71, 0.97), (-1.14, -0.37)],
        _ => &[
            (0.0, -0.55),
            (0.65, -1.2),
            (1.2, -0.65),
            (0.55, 0.0),
            (1.2, 0.65),
            (0.65, 1.2),
            (0.0, 0.55),
            (-0.65, 1.2),
            (-1.2, 0.65),
            (-0.55, 0.0),
            (-1.2, -0.65),
            (-0.65, -1.2),
        ],
    };
    let corners: Vec<String> = outline
        .iter()
        .map(|(dx, dy)| format!("{},{}", coordinate(x + dx * radius), coordinate(y + dy * radius)))
        .collect();
    format!("<polygon points=\"{}\"{attributes}/>\n", corners.join(" "))
}

/// Equally spaced anchor colours of a colour map, as red, green and blue.
pub(super) type ColourMap = [[u8; 3]; 9];

/// The viridis map: perceptually uniform, with increasing lightness.
pub(super) const SEQUENTIAL: ColourMap = [
    [0x44, 0x01, 0x54],
    [0x47, 0x2d, 0x7b],
    [0x3b, 0x52, 0x8b],
    [0x2c, 0x72, 0x8e],
    [0x21, 0x91, 0x8c],
    [0x28, 0xae, 0x80],
    [0x5e, 0xc9, 0x62],
    [0xad, 0xdc, 0x30],
    [0xfd, 0xe7, 0x25],
];

/// From blue through near-white to red, equally dark at both ends.
pub(super) const DIVERGING: ColourMap = [
    [0x05, 0x30, 0x61],
    [0x21, 0x66, 0xac],
    [0x43, 0x93, 0xc3],
    [0x92, 0xc5, 0xde],
    [0xf7, 0xf7, 0xf7],
    [0xf4, 0xa5, 0x82],
    [0xd6, 0x60, 0x4d],
    [0xb2, 0x18, 0x2b],
    [0x67, 0x00, 0x1f],
];

/// Colour at a fraction (0 to 1) of a map; values beyond the ends have the colour of the end.
pub(super) fn map_colour(map: &ColourMap, part: f64) -> [u8; 3] {
    let place = part.clamp(0.0, 1.0) * 8.0;
    let low = (place.floor() as usize).min(7);
    let rest = place - low as f64;
    std::array::from_fn(|i| {
        let (a, b) = (f64::from(map[low][i]), f64::from(map[low + 1][i]));
        (a + (b - a) * rest).round() as u8
    })
}

/// A colour as "#rrggbb".
pub(super) fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
