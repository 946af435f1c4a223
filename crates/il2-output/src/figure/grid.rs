//! The grid of characters of a plot on a terminal, and its axes.

use super::Axis;
use super::scale::{Map, Tick, ticks};
use super::style::terminal_colour;
use super::text::wrap_columns;

/// One character cell with its colour in the 256-colour palette.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub letter: char,
    pub ink: Option<u8>,
    pub paper: Option<u8>,
}

/// An empty cell.
pub(super) const BLANK: Cell = Cell { letter: ' ', ink: None, paper: None };

/// A row of cells as text, with escape sequences if in colour.
pub(super) fn print_row(cells: &[Cell], colour: bool) -> String {
    let mut out = String::new();
    let mut now: (Option<u8>, Option<u8>) = (None, None);
    for cell in cells {
        let look = (cell.ink, cell.paper);
        if colour && look != now {
            out.push_str("\u{1b}[0m");
            if let Some(ink) = cell.ink {
                out.push_str(&format!("\u{1b}[38;5;{ink}m"));
            }
            if let Some(paper) = cell.paper {
                out.push_str(&format!("\u{1b}[48;5;{paper}m"));
            }
            now = look;
        }
        out.push(cell.letter);
    }
    if now != (None, None) {
        out.push_str("\u{1b}[0m");
    }
    out
}

/// Text in a style's colour.
pub(super) fn painted(text: &str, style: usize, colour: bool) -> String {
    match terminal_colour(style).filter(|_| colour) {
        Some(ink) => format!("\u{1b}[38;5;{ink}m{text}\u{1b}[0m"),
        None => text.to_string(),
    }
}

/// Letter of the n-th curve or row: a to z, A to Z, then "?".
pub(super) fn letter(n: usize) -> char {
    ('a'..='z').chain('A'..='Z').nth(n).unwrap_or('?')
}

/// Column widths of a plot: tick labels on the left, then the plot between its two edges.
pub(super) struct Widths {
    pub labels: usize,
    pub plot: usize,
}

/// Room for y tick labels, and the remaining width for the plot.
pub(super) fn widths(y: &[Tick], width: usize) -> Widths {
    let widest = y.iter().map(|t| t.label.chars().count()).max().unwrap_or(0);
    let labels = widest.min(width / 3);
    Widths { labels, plot: width - labels - 2 }
}

/// Ticks of the y axis, each with its row.
pub(super) fn y_rows(map: &Map, height: usize) -> Vec<(usize, Tick)> {
    let wanted = ticks((map.lo, map.hi), map.scale, "", (height / 3).max(2));
    let row = |t: &Tick| {
        let part = map.fraction(t.value)?;
        Some((((1.0 - part) * height as f64) as usize).min(height - 1))
    };
    wanted.into_iter().filter_map(|t| Some((row(&t)?, t))).collect()
}

/// The plot rows with the y axis on the left and a bar on the right.
pub(super) fn framed(rows: &[String], y: &[(usize, Tick)], labels: usize) -> Vec<String> {
    let axis = |row: usize| {
        let here = y.iter().filter(|(at, _)| *at == row);
        let named = here.clone().find(|(_, t)| !t.label.is_empty());
        match named {
            Some((_, t)) => format!("{:>labels$}┤", t.label),
            None => format!("{:labels$}│", ""),
        }
    };
    rows.iter().enumerate().map(|(i, row)| format!("{}{row}│", axis(i))).collect()
}

/// The x axis with its ticks, their labels and the axis title.
pub(super) fn x_axis(
    (axis, title): (&Axis, &str),
    range: (f64, f64),
    labels: usize,
    plot: usize,
) -> Vec<String> {
    let map = Map::new(range, axis.scale, 0.0, plot as f64);
    let width = labels + plot + 2;
    let mut rule: Vec<char> = "─".repeat(plot).chars().collect();
    let mut names = vec![' '; width];
    let mut free = 0;
    for tick in ticks(range, axis.scale, &axis.unit, (plot / 7).max(2)) {
        let Some(at) = map.at(tick.value) else { continue };
        let column = (at.max(0.0) as usize).min(plot - 1);
        if tick.label.is_empty() {
            continue;
        }
        let name: Vec<char> = tick.label.chars().collect();
        let middle = labels + 1 + column;
        let start = middle.saturating_sub(name.len() / 2).min(width.saturating_sub(name.len()));
        if start < free || name.len() > width {
            continue;
        }
        rule[column] = '┬';
        names[start..start + name.len()].copy_from_slice(&name);
        free = start + name.len() + 1;
    }
    let mut out = vec![format!("{:labels$}└{}┘", "", String::from_iter(rule))];
    out.push(String::from_iter(names));
    for line in wrap_columns(title, plot) {
        let shift = labels + 1 + (plot - line.chars().count()) / 2;
        out.push(format!("{:shift$}{line}", ""));
    }
    out
}
