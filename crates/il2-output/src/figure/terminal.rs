//! Plots as Unicode text: curves, and the text around every kind of plot.

use super::grid::{
    BLANK, Cell, Widths, framed, letter, painted, print_row, widths, x_axis, y_rows,
};
use super::scale::{Map, Tick};
use super::style::terminal_colour;
use super::text::wrap_columns;
use super::{Content, Panel, Series, bars, content, counts, lines, terminal_kinds};
use il2_engine::words::{cut, visible};

/// Draws a panel as text for a terminal.
///
/// Lines are at most `width` columns wide (limited to 24 to 100) and the plot itself is `height`
/// rows high (limited to 4 to 60); title, axis labels and key are added to this. Curves are drawn
/// in braille dots and have a letter that the key below explains, so that they can be distinguished
/// without `colour`, which adds 256-colour escape sequences. Bands and error bars are left out. A
/// forest plot has one row per estimate, whatever the `height`.
pub fn terminal_plot(panel: &Panel, width: usize, height: usize, colour: bool) -> String {
    let (width, height) = (width.clamp(24, 100), height.clamp(4, 60));
    let panel = &without_hidden(panel);
    let mut out = wrap_columns(&panel.title, width);
    if !content::has_data(panel) {
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

/// Largest number of characters of a label of a figure on the terminal.
const MOST_OF_A_LABEL: usize = 120;

/// The panel without control characters in its text, since names of subjects come from files.
fn without_hidden(panel: &Panel) -> Panel {
    let mut panel = panel.clone();
    let Panel { title, x, y, content, .. } = &mut panel;
    let words = [title, &mut x.label, &mut x.unit, &mut y.label, &mut y.unit];
    let mut all: Vec<&mut String> = words.into_iter().collect();
    match content {
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

const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

// Braille dots, two to a column and four to a row, and the curve that last touched each cell.
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
    let (x_range, y_range) = content::ranges(panel);
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
    for s in series {
        for bar in bars::rectangles(s, &area, &x, &y) {
            let columns = ((bar.width() * 2.0).round() as usize).max(1);
            for k in 0..columns {
                let at = bar.left + bar.width() * (k as f64 + 0.5) / columns as f64;
                grid.line((at, bar.bottom), (at, bar.top), s.style);
            }
        }
    }
    for s in series.iter().filter(|s| s.line && s.bars.is_none()) {
        for run in lines::runs(&s.points, &x, &y) {
            run.first().into_iter().for_each(|p| grid.dot(*p, s.style));
            for part in super::canvas::clip_line(&run, &area) {
                part.windows(2).for_each(|pair| grid.line(pair[0], pair[1], s.style));
            }
        }
    }
    // The letters of points have fixed positions; the letter of a joined curve can move along it.
    for joined in [false, true] {
        for (i, s) in series.iter().enumerate().filter(|(_, s)| s.line == joined) {
            place_letters(&mut grid, s, letter(i), &x, &y);
        }
    }
    let rows: Vec<String> = (0..height).map(|row| grid.print(row, colour)).collect();
    let mut out = wrap_columns(&content::y_title(panel), width);
    out.extend(framed(&rows, &y_ticks, labels));
    out.extend(x_axis((&panel.x, &content::x_title(panel)), x_range, labels, plot));
    out.extend(counts::printed(panel, series, labels, plot, &x));
    out.extend(key(panel, series, width, colour));
    out
}

// Places a letter at the end of a joined curve, or further back where curves meet; otherwise at
// every point.
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

fn key(panel: &Panel, series: &[Series], width: usize, colour: bool) -> Vec<String> {
    let mut out = Vec::new();
    for (i, s) in series.iter().enumerate() {
        let mut text = s.label.clone();
        if let Some((mx, _)) = s.mark_x.filter(|m| m.0.is_finite()) {
            text.push_str(&format!(", ○ at {} {}", super::scale::number(mx), panel.x.unit));
        }
        for (k, line) in wrap_columns(&text, width - 4).into_iter().enumerate() {
            let name = if k == 0 { letter(i) } else { ' ' };
            out.push(format!("  {} {line}", painted(&name.to_string(), s.style, colour)));
        }
    }
    out
}
