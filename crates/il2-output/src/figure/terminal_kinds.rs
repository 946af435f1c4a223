//! Heat maps and forest plots as Unicode text.

use super::grid::{BLANK, Cell, Widths, framed, letter, print_row, widths, x_axis, y_rows};
use super::heat;
use super::scale::{Map, forward, number};
use super::style::{map_colour, terminal_colour};
use super::text::wrap_columns;
use super::{HeatMap, Interval, Panel, Sign, content};

const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];
const NO_VALUE: char = '?';

/// Rows of a heat map: shades without colour, coloured blanks with colour.
pub(super) fn heat_map(
    panel: &Panel,
    map: &HeatMap,
    width: usize,
    height: usize,
    colour: bool,
) -> Vec<String> {
    let (x_range, y_range) = content::ranges(panel);
    let y = Map::new(y_range, panel.y.scale, height as f64, 0.0);
    let y_ticks = y_rows(&y, height);
    let names: Vec<_> = y_ticks.iter().map(|(_, t)| t.clone()).collect();
    let Widths { labels, plot } = widths(&names, width);
    let x = Map::new(x_range, panel.x.scale, 0.0, plot as f64);
    let columns = cells(&map.x, &x, plot);
    let rows = cells(&map.y, &y, height);
    let range = heat::colour_range(map);
    let part = Map::new(range, map.scale, 0.0, 1.0);
    let mut printed = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let mut line: Vec<Cell> = columns
            .iter()
            .map(|column| match (row, column) {
                (Some(iy), Some(ix)) => shade(part.at(map.value(*ix, *iy)), map, colour),
                _ => BLANK,
            })
            .collect();
        for (n, (mx, my, _)) in map.marked.iter().enumerate() {
            let (Some(mx), Some(my)) = (x.at(*mx), y.at(*my)) else { continue };
            let here = my >= 0.0 && my as usize == i && mx >= 0.0;
            if let Some(cell) = line.get_mut(mx as usize).filter(|_| here) {
                *cell = Cell { letter: letter(n), ink: Some(16), paper: Some(231) };
            }
        }
        printed.push(print_row(&line, colour));
    }
    let mut out = wrap_columns(&panel.y.title(), width);
    out.extend(framed(&printed, &y_ticks, labels));
    out.extend(x_axis((&panel.x, &panel.x.title()), x_range, labels, plot));
    out.extend(colour_key(map, range, width, colour));
    out
}

// The cell of the grid that each character shows, which is the cell that contains the centre of the
// character.
fn cells(centres: &[f64], map: &Map, count: usize) -> Vec<Option<usize>> {
    let edges = heat::edges(centres, map.scale);
    let spans: Vec<Option<(f64, f64)>> = edges
        .iter()
        .map(|e| {
            let (a, b) = e.as_ref().copied()?;
            let (a, b) = (map.at(a)?, map.at(b)?);
            Some((a.min(b), a.max(b)))
        })
        .collect();
    (0..count)
        .map(|i| {
            let middle = i as f64 + 0.5;
            spans.iter().position(|s| s.is_some_and(|(a, b)| a <= middle && middle <= b))
        })
        .collect()
}

fn shade(part: Option<f64>, map: &HeatMap, colour: bool) -> Cell {
    let Some(part) = part else { return Cell { letter: NO_VALUE, ..BLANK } };
    if colour {
        let paper = Some(palette_index(map_colour(heat::colours(map), part)));
        return Cell { letter: ' ', ink: None, paper };
    }
    Cell { letter: SHADES[((part * 5.0) as usize).min(4)], ..BLANK }
}

// The nearest entry of the palette's 6 by 6 by 6 colour cube.
fn palette_index(rgb: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let [r, g, b] = rgb.map(|c| {
        let nearest = (0..6).min_by_key(|i| LEVELS[*i].abs_diff(c));
        nearest.unwrap_or(0) as u8
    });
    16 + 36 * r + 6 * g + b
}

fn colour_key(map: &HeatMap, range: (f64, f64), width: usize, colour: bool) -> Vec<String> {
    let (low, high) = (number(range.0), number(range.1));
    let room = width.saturating_sub(low.chars().count() + high.chars().count() + 2);
    let steps = if colour { room.min(20) } else { SHADES.len() };
    let bar: Vec<Cell> =
        (0..steps).map(|i| shade(Some((i as f64 + 0.5) / steps as f64), map, colour)).collect();
    let mut out = wrap_columns(&map.colour_label, width);
    let gaps =
        map.y.iter().enumerate().any(|(iy, _)| {
            (0..map.x.len()).any(|ix| forward(map.value(ix, iy), map.scale).is_none())
        });
    if room < SHADES.len() {
        out.extend(wrap_columns(&format!("{low} to {high}"), width));
    } else {
        out.push(format!("{low} {} {high}", print_row(&bar, colour)));
    }
    if gaps {
        out.push(format!("{NO_VALUE} no value"));
    }
    for (n, (_, _, text)) in map.marked.iter().enumerate() {
        let name = format!("{} {text}", letter(n));
        out.extend(wrap_columns(&name, width));
    }
    out
}

/// Rows of a forest plot: name, interval and note.
pub(super) fn intervals(
    panel: &Panel,
    rows: &[Interval],
    width: usize,
    colour: bool,
) -> Vec<String> {
    let longest = |text: fn(&Interval) -> &str| {
        rows.iter().map(|r| text(r).chars().count()).max().unwrap_or(0)
    };
    let names = (longest(|r| &r.label) + 2).min(width * 2 / 5);
    let notes = (longest(|r| &r.note) + 1).min(width / 4);
    let plot = width - names - notes - 2;
    let (range, _) = content::ranges(panel);
    let x = Map::new(range, panel.x.scale, 0.0, plot as f64);
    let mut out = Vec::new();
    let mut group = "";
    for row in rows {
        if row.group != group && !row.group.trim().is_empty() {
            out.extend(wrap_columns(&row.group, width));
        }
        group = &row.group;
        let name = wrap_columns(&row.label, names.saturating_sub(2));
        let note = wrap_columns(&row.note, notes.saturating_sub(1));
        for i in 0..name.len().max(note.len()).max(1) {
            let cells = if i == 0 { interval(row, &x, plot) } else { vec![BLANK; plot] };
            let text = |lines: &[String]| lines.get(i).cloned().unwrap_or_default();
            out.push(format!(
                "  {:<space$}│{}│ {}",
                text(&name),
                print_row(&cells, colour),
                text(&note),
                space = names.saturating_sub(2)
            ));
        }
    }
    out.extend(x_axis((&panel.x, &content::x_title(panel)), range, names, plot));
    out
}

fn interval(row: &Interval, x: &Map, plot: usize) -> Vec<Cell> {
    let mut cells = vec![BLANK; plot];
    let ink = terminal_colour(row.style);
    let column = |v: f64| match forward(v, x.scale) {
        Some(_) => x.at(v),
        None if v.is_nan() => None,
        None => Some(if v > 0.0 { f64::INFINITY } else { f64::NEG_INFINITY }),
    };
    let held = |at: f64| (at.max(0.0) as usize).min(plot - 1);
    let beyond = |at: f64| at < -0.01 || at > plot as f64 + 0.01;
    for bar in &row.bars {
        let Some((zero, to)) = column(0.0).zip(column(*bar)) else { continue };
        let letter = if bar == &row.bars[0] && row.bars.len() > 1 { '░' } else { '▒' };
        cells[held(zero.min(to))..=held(zero.max(to))].fill(Cell { letter, ink, paper: None });
    }
    if let (Some(low), Some(high)) = (column(row.low), column(row.high))
        && low <= high
    {
        cells[held(low)..=held(high)].fill(Cell { letter: '─', ink, paper: None });
        cells[held(low)].letter = if beyond(low) { '◀' } else { '├' };
        cells[held(high)].letter = if beyond(high) { '▶' } else { '┤' };
    }
    if let Some(at) = column(row.value).filter(|at| !beyond(*at)) {
        cells[held(at)] = Cell { letter: '●', ink, paper: None };
    }
    for mark in &row.marks {
        let Some(at) = column(mark.at).filter(|at| !beyond(*at)) else { continue };
        let letter = match mark.sign {
            Sign::Filled(_) => '●',
            Sign::Open(_) => '○',
            Sign::Arrow => '▶',
        };
        cells[held(at)] = Cell { letter, ink: None, paper: None };
    }
    cells
}
