//! Plots as Unicode text: the character grid, axes and curves.

use super::scale::{Map, Tick, ticks};
use super::style::terminal_colour;
use super::terminal_kinds;
use super::text::wrap_columns;
use super::{Axis, Content, Panel, Series, axes, lines};
use il2_engine::words::{cut, visible};

/// Draws a panel as text for a terminal.
///
/// Lines are at most `width` columns wide (held between 24 and 100) and the plot itself is
/// `height` rows high (held between 4 and 60); title, axis labels and key come on top of that.
/// Curves are braille dots and carry a letter that the key below explains, so they can be told
/// apart without `colour`, which adds 256-colour escape sequences. Bands and error bars are left
/// out. A forest plot has one row per estimate whatever the `height`.
pub fn terminal_plot(panel: &Panel, width: usize, height: usize, colour: bool) -> String {
    let (width, height) = (width.clamp(24, 100), height.clamp(4, 60));
    let panel = &without_hidden(panel);
    let mut out = wrap_columns(&panel.title, width);
    if !axes::has_data(panel) {
        out.push("no data".to_string());
        return finish(out);
    }
    match &panel.content {
        Content::Lines(series) => out.extend(curves(panel, series, width, height, colour)),
        Content::HeatMap(map) => {
            out.extend(terminal_kinds::heat_map(panel, map, width, height, colour));
        }
        Content::Intervals(rows) => {
            out.extend(terminal_kinds::intervals(panel, rows, width, colour));
        }
    }
    finish(out)
}

/// Characters of a word of a figure on the terminal.
const MOST_OF_A_LABEL: usize = 120;

/// The panel with nothing in its words that a terminal would obey: names of subjects come from files.
fn without_hidden(panel: &Panel) -> Panel {
    let mut panel = panel.clone();
    let words = [&mut panel.title, &mut panel.x.label, &mut panel.y.label];
    let mut all: Vec<&mut String> = words.into_iter().collect();
    match &mut panel.content {
        Content::Lines(series) => all.extend(series.iter_mut().map(|s| &mut s.label)),
        Content::HeatMap(map) => {
            all.push(&mut map.colour_label);
            all.extend(map.marked.iter_mut().map(|(_, _, name)| name));
        }
        Content::Intervals(rows) => {
            all.extend(rows.iter_mut().flat_map(|r| [&mut r.label, &mut r.group, &mut r.note]));
        }
    }
    for text in all {
        *text = cut(&visible(text).replace('\n', " "), MOST_OF_A_LABEL);
    }
    panel
}

fn finish(lines: Vec<String>) -> String {
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// One character cell with its colour in the 256-colour palette.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub letter: char,
    pub ink: Option<u8>,
    pub paper: Option<u8>,
}

/// A cell with nothing in it.
pub(super) const BLANK: Cell = Cell { letter: ' ', ink: None, paper: None };

/// A row of cells as text, with escape sequences when in colour.
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

/// Column widths of a plot: tick labels at the left, then the plot between its two edges.
pub(super) struct Widths {
    pub labels: usize,
    pub plot: usize,
}

/// Room for y tick labels and what is left for the plot.
pub(super) fn widths(y: &[Tick], width: usize) -> Widths {
    let widest = y.iter().map(|t| t.label.chars().count()).max().unwrap_or(0);
    let labels = widest.min(width / 3);
    Widths { labels, plot: width - labels - 2 }
}

/// Ticks of the y axis with the row each falls on.
pub(super) fn y_rows(map: &Map, height: usize) -> Vec<(usize, Tick)> {
    let wanted = ticks((map.lo, map.hi), map.scale, (height / 3).max(2));
    let row = |t: &Tick| {
        let part = map.fraction(t.value)?;
        Some((((1.0 - part) * height as f64) as usize).min(height - 1))
    };
    wanted.into_iter().filter_map(|t| Some((row(&t)?, t))).collect()
}

/// The plot rows with the y axis at their left and a bar at their right.
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
pub(super) fn x_axis(axis: &Axis, range: (f64, f64), labels: usize, plot: usize) -> Vec<String> {
    let map = Map::new(range, axis.scale, 0.0, plot as f64);
    let width = labels + plot + 2;
    let mut rule: Vec<char> = "─".repeat(plot).chars().collect();
    let mut names = vec![' '; width];
    let mut free = 0;
    for tick in ticks(range, axis.scale, (plot / 7).max(2)) {
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
    for line in wrap_columns(&axis.label, plot) {
        let shift = labels + 1 + (plot - line.chars().count()) / 2;
        out.push(format!("{:shift$}{line}", ""));
    }
    out
}

const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

// Dots two to a column and four to a row, and the curve that last touched each cell.
struct Braille {
    columns: usize,
    rows: usize,
    dots: Vec<u8>,
    owner: Vec<usize>,
    letters: Vec<Option<(char, usize)>>,
}

impl Braille {
    fn cell(&self, (x, y): (f64, f64)) -> Option<usize> {
        let inside = x >= 0.0 && y >= 0.0 && x <= self.columns as f64 && y <= self.rows as f64;
        let column = (x as usize).min(self.columns - 1);
        inside.then(|| (y as usize).min(self.rows - 1) * self.columns + column)
    }

    fn dot(&mut self, at: (f64, f64), style: usize) {
        let Some(cell) = self.cell(at) else { return };
        let (column, row) = (cell % self.columns, cell / self.columns);
        let right = (((at.0 - column as f64) * 2.0) as usize).min(1);
        let down = (((at.1 - row as f64) * 4.0) as usize).min(3);
        self.dots[cell] |= DOTS[down][right];
        self.owner[cell] = style;
    }

    fn line(&mut self, a: (f64, f64), b: (f64, f64), style: usize) {
        let long = ((b.0 - a.0).abs() * 2.0).max((b.1 - a.1).abs() * 4.0);
        let steps = long.ceil().clamp(1.0, 4000.0) as usize;
        for i in 0..=steps {
            let t = i as f64 / steps as f64;
            self.dot((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)), style);
        }
    }

    fn print(&self, row: usize, colour: bool) -> String {
        let cells: Vec<Cell> = (row * self.columns..(row + 1) * self.columns)
            .map(|i| match (self.letters[i], self.dots[i]) {
                (Some((letter, style)), _) => {
                    Cell { letter, ink: terminal_colour(style), paper: None }
                }
                (None, 0) => BLANK,
                (None, dots) => Cell {
                    letter: char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
                    ink: terminal_colour(self.owner[i]),
                    paper: None,
                },
            })
            .collect();
        print_row(&cells, colour)
    }
}

fn curves(
    panel: &Panel,
    series: &[Series],
    width: usize,
    height: usize,
    colour: bool,
) -> Vec<String> {
    let (x_range, y_range) = axes::ranges(panel);
    let y = Map::new(y_range, panel.y.scale, height as f64, 0.0);
    let y_ticks = y_rows(&y, height);
    let labels: Vec<Tick> = y_ticks.iter().map(|(_, t)| t.clone()).collect();
    let Widths { labels, plot } = widths(&labels, width);
    let x = Map::new(x_range, panel.x.scale, 0.0, plot as f64);
    let mut grid = Braille {
        columns: plot,
        rows: height,
        dots: vec![0; plot * height],
        owner: vec![0; plot * height],
        letters: vec![None; plot * height],
    };
    let area =
        super::canvas::Area { left: 0.0, top: 0.0, right: plot as f64, bottom: height as f64 };
    for s in series.iter().filter(|s| s.line) {
        for run in lines::runs(&s.points, &x, &y) {
            run.first().into_iter().for_each(|p| grid.dot(*p, s.style));
            for part in super::canvas::clip_line(&run, &area) {
                part.windows(2).for_each(|pair| grid.line(pair[0], pair[1], s.style));
            }
        }
    }
    // Points have one place each; the letter of a joined curve can move along it.
    for joined in [false, true] {
        for (i, s) in series.iter().enumerate().filter(|(_, s)| s.line == joined) {
            place_letters(&mut grid, s, letter(i), &x, &y);
        }
    }
    let rows: Vec<String> = (0..height).map(|row| grid.print(row, colour)).collect();
    let mut out = wrap_columns(&panel.y.label, width);
    out.extend(framed(&rows, &y_ticks, labels));
    out.extend(x_axis(&panel.x, x_range, labels, plot));
    out.extend(key(panel, series, width, colour));
    out
}

// At the end of a joined curve, further back where curves meet; at every point otherwise.
fn place_letters(grid: &mut Braille, series: &Series, letter: char, x: &Map, y: &Map) {
    let ring = series.mark_x.and_then(|(mx, my)| grid.cell((x.at(mx)?, y.at(my)?)));
    if let Some(cell) = ring {
        grid.letters[cell].get_or_insert(('○', series.style));
    }
    let points = lines::runs(&series.points, x, y).concat();
    let cells: Vec<usize> = points.iter().filter_map(|p| grid.cell(*p)).collect();
    let free = cells.iter().rev().find(|c| grid.letters[**c].is_none());
    let chosen = if series.line { free.into_iter().copied().collect() } else { cells.clone() };
    for cell in chosen {
        grid.letters[cell] = Some((letter, series.style));
    }
}

// An axis title ends in its unit in brackets.
fn unit(label: &str) -> String {
    let inside = label.trim_end().strip_suffix(')').and_then(|l| l.rsplit_once('('));
    inside.map(|(_, unit)| format!(" {unit}")).unwrap_or_default()
}

fn key(panel: &Panel, series: &[Series], width: usize, colour: bool) -> Vec<String> {
    let mut out = Vec::new();
    for (i, s) in series.iter().enumerate() {
        let mut text = s.label.clone();
        if let Some((mx, _)) = s.mark_x.filter(|m| m.0.is_finite()) {
            text.push_str(&format!(", ○ at {}{}", super::scale::number(mx), unit(&panel.x.label)));
        }
        for (k, line) in wrap_columns(&text, width - 4).into_iter().enumerate() {
            let name = if k == 0 { letter(i) } else { ' ' };
            out.push(format!("  {} {line}", painted(&name.to_string(), s.style, colour)));
        }
    }
    out
}
