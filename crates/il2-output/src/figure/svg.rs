//! Page layout: titles, rows of panels, shared legend and footnote.

use super::axes::{self, fill};
use super::canvas::{Anchor, Area, Canvas};
use super::scale::Map;
use super::style::{AXIS_TITLE, EMPTY, FIGURE_TITLE, FONT, INK, MUTED, PAPER, TICK, TITLE};
use super::text::{coordinate, escape, wrap};
use super::{
    Axis, Content, Figure, Panel, content, counts, forest, heat, legend, lines, multiples, shared,
};

const MARGIN: f64 = 16.0;
const GAP: f64 = 26.0;
/// Largest factor by which a page may enlarge a figure.
const MOST_ENLARGED: f64 = 1.25;
/// Height of square axes as a fraction of the width of their panel.
const SQUARE: f64 = 0.75;

/// Draws a figure as a complete SVG document.
///
/// The same figure always gives the same text; coordinates are in px with at most two decimals.
/// A panel is 360 px wide (600 px in a figure of one column) with axes 200 px (300 px) high, and
/// grows with wrapped titles and with the rows of a forest plot.
pub fn to_svg(figure: &Figure) -> String {
    draw(figure, "il2", true)
}

/// Draws a figure for a page that itself shows the title, subtitle and footnote. Every id begins
/// with `ids`, which must differ from that of every other figure on the page.
pub fn to_inline_svg(figure: &Figure, ids: &str) -> String {
    draw(figure, ids, false)
}

fn draw(figure: &Figure, ids: &str, words: bool) -> String {
    let (figure, said) = shared::settled(&multiples::apart(figure));
    let figure = &figure;
    let columns = columns(figure);
    let cell = cell_width(columns);
    let page = columns as f64 * (cell + GAP) - GAP;
    let mut canvas = Canvas { ids: ids.to_string(), ..Canvas::default() };
    let mut y = MARGIN;
    if words {
        y = paragraph(&mut canvas, &figure.title, FIGURE_TITLE, y, page, INK);
        y = paragraph(&mut canvas, &figure.subtitle, AXIS_TITLE, y, page, MUTED);
    }
    y += if y > MARGIN { 10.0 } else { 0.0 };
    if figure.panels.is_empty() {
        y = paragraph(&mut canvas, "no data", AXIS_TITLE, y, page, MUTED);
    }
    let shared = !figure.legend.is_empty();
    for (i, row) in figure.panels.chunks(columns).enumerate() {
        y += if i > 0 { GAP - 6.0 } else { 0.0 };
        y = draw_row(&mut canvas, figure, row, cell, y, !shared);
    }
    let mut entries = match shared {
        true => legend::shared_entries(&figure.legend, &figure.panels),
        false => vec![],
    };
    entries.extend(legend::areas(figure, canvas.ribbons));
    if !entries.is_empty() {
        y += 14.0;
        legend::draw_rows(&mut canvas, &entries, (MARGIN, y), page);
        y += legend::rows_height(&entries, page);
    }
    let under = "Where curves coincide, the curve underneath is drawn wider and paler.";
    let said: Vec<&str> = said.into_iter().chain(canvas.wide_lines.then_some(under)).collect();
    if !said.is_empty() {
        y = paragraph(&mut canvas, &said.join(" "), TICK, y + 12.0, page, MUTED);
    }
    if words && !figure.footnote.trim().is_empty() {
        y = paragraph(&mut canvas, &figure.footnote, TICK, y + 12.0, page, MUTED);
    }
    document(figure, &canvas, page + 2.0 * MARGIN, (y + MARGIN - 4.0).ceil(), !words)
}

fn cell_width(columns: usize) -> f64 {
    match columns {
        1 => 600.0,
        2 | 3 => 360.0,
        _ => 250.0,
    }
}

fn standard_height(cell: f64) -> f64 {
    match cell {
        wide if wide > 400.0 => 300.0,
        usual if usual > 300.0 => 200.0,
        _ => 140.0,
    }
}

fn columns(figure: &Figure) -> usize {
    let wanted = match (figure.columns, figure.panels.len()) {
        (0, 0..=1) => 1,
        (0, 2 | 4) => 2,
        (0, _) => 3,
        (columns, _) => columns,
    };
    wanted.min(figure.panels.len().max(1))
}

fn document(figure: &Figure, canvas: &Canvas, width: f64, height: f64, inline: bool) -> String {
    let Canvas { body, ids, .. } = canvas;
    // A page stretches a figure to its own width, which a narrow figure should not fill.
    let at_most = match inline {
        true => format!(" style=\"max-width:{}px\"", coordinate(MOST_ENLARGED * width)),
        false => String::new(),
    };
    let on_paper = match figure.width_mm.filter(|mm| mm.is_finite() && *mm > 0.0) {
        Some(mm) => {
            [format!("{}mm", coordinate(mm)), format!("{}mm", coordinate(mm * height / width))]
        }
        None => [coordinate(width), coordinate(height)],
    };
    let [paper_width, paper_height] = on_paper;
    let (width, height) = (coordinate(width), coordinate(height));
    let name = if figure.title.trim().is_empty() { "Figure" } else { figure.title.trim() };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{paper_width}\" height=\"{paper_height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}\" role=\"img\"{at_most}>\n\
         <title>{}</title>\n{}<rect width=\"{width}\" height=\"{height}\" fill=\"{PAPER}\"/>\n\
         {body}</svg>\n",
        escape(name),
        heat::definitions(figure, ids)
    )
}

fn paragraph(
    canvas: &mut Canvas,
    text: &str,
    size: f64,
    mut y: f64,
    page: f64,
    colour: &str,
) -> f64 {
    // The subset font has no bold face; a thin outline is used instead.
    let weight = match size >= TITLE {
        true => format!(" stroke=\"{colour}\" stroke-width=\"0.45\""),
        false => String::new(),
    };
    for line in wrap(text, size, page - 4.0) {
        let look = format!("{}{weight}", fill(colour));
        canvas.text((MARGIN, y + size), size, Anchor::Start, &look, &line);
        y += (size * 1.3).ceil();
    }
    y
}

/// Whether both axes have the same given ends and unit, so that equal values are on the diagonal of
/// a square.
fn is_square(panel: &Panel) -> bool {
    let (x, y) = (&panel.x, &panel.y);
    let ends = |axis: &Axis| (axis.range, axis.scale, axis.unit.clone());
    matches!(panel.content, Content::Lines(_)) && x.range.is_some() && ends(x) == ends(y)
}

fn title_lines(panel: &Panel, cell: f64) -> Vec<String> {
    wrap(&panel.title, TITLE, cell - 4.0)
}

fn draw_row(
    canvas: &mut Canvas,
    figure: &Figure,
    row: &[Panel],
    cell: f64,
    top: f64,
    own_legends: bool,
) -> f64 {
    let titles = row.iter().map(|p| title_lines(p, cell).len()).max().unwrap_or(0);
    let plot_top = top + titles as f64 * 19.0 + if titles > 0 { 6.0 } else { 4.0 };
    let standard = standard_height(cell);
    let height = row
        .iter()
        .map(|panel| match &panel.content {
            Content::Intervals(rows) if !rows.is_empty() => forest::height(rows, cell),
            _ if is_square(panel) => SQUARE * cell,
            _ => standard,
        })
        .fold(0.0, f64::max);
    let mut bottom = plot_top + height;
    for (i, panel) in row.iter().enumerate() {
        let left = MARGIN + i as f64 * (cell + GAP);
        for (k, line) in title_lines(panel, cell).iter().enumerate() {
            // One-line titles are next to their axes, even beside a longer title.
            let above = (titles - title_lines(panel, cell).len() + k) as f64 * 19.0;
            let look = format!("{} stroke=\"{INK}\" stroke-width=\"0.3\"", fill(INK));
            canvas.text((left, top + above + TITLE), TITLE, Anchor::Start, &look, line);
        }
        let own_height = match &panel.content {
            Content::Intervals(rows) if !rows.is_empty() => forest::height(rows, cell),
            _ if is_square(panel) => height,
            // Beside a long forest plot, other axes grow only up to a usual shape.
            _ => height.min(standard * 1.4),
        };
        let (left_room, right_room) =
            side_rooms(figure, panel, i, columns(figure), cell, own_height);
        let right = left + cell - right_room;
        let area = Area {
            left: left + left_room,
            top: plot_top,
            right: match is_square(panel) {
                true => right.min(left + left_room + own_height),
                false => right,
            },
            bottom: plot_top + own_height,
        };
        bottom = bottom.max(draw_panel(canvas, panel, &area, cell, own_legends));
    }
    bottom
}

// Curve panels in one column share their left edge; other content needs its own edge.
fn side_rooms(
    figure: &Figure,
    panel: &Panel,
    column: usize,
    columns: usize,
    cell: f64,
    height: f64,
) -> (f64, f64) {
    match &panel.content {
        Content::Lines(_) => {
            let beside = figure.panels.iter().skip(column).step_by(columns);
            let curves = beside.filter(|p| matches!(p.content, Content::Lines(_)));
            (curves.map(|p| content::left_room(p, height)).fold(0.0, f64::max), 14.0)
        }
        Content::HeatMap(map) => (content::left_room(panel, height), heat::right_room(map, height)),
        Content::Intervals(rows) => forest::side_rooms(rows, &panel.y.label, cell),
    }
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, area: &Area, cell: f64, own_legend: bool) -> f64 {
    let (x_range, y_range) = content::ranges(panel);
    let x = Map::new(x_range, panel.x.scale, area.left, area.right);
    let y = Map::new(y_range, panel.y.scale, area.bottom, area.top);
    let mut bottom = area.bottom + content::bottom_room(panel, area.width());
    let (x_title, y_title) = (content::x_title(panel), content::y_title(panel));
    if !content::has_data(panel) {
        canvas.rect(area, &fill(EMPTY));
        let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
        canvas.text(middle, AXIS_TITLE, Anchor::Middle, &fill(MUTED), "no data");
        axes::draw_x(canvas, (panel, &x_title), area, &x);
        if !matches!(panel.content, Content::Intervals(_)) {
            axes::draw_y(canvas, (panel, &y_title), area, &y);
        }
        return bottom;
    }
    match &panel.content {
        Content::Lines(series) => {
            axes::draw_spans(canvas, panel, area, &x);
            axes::draw_grid(canvas, panel, area, &y);
            axes::draw_marks(canvas, panel, area, &x, &y);
            lines::draw(canvas, series, area, &x, &y);
            axes::draw_x(canvas, (panel, &x_title), area, &x);
            axes::draw_y(canvas, (panel, &y_title), area, &y);
            counts::draw(canvas, panel, area, &x, bottom);
            bottom += counts::height(panel);
            let entries = if own_legend { legend::panel_entries(panel) } else { Vec::new() };
            if !entries.is_empty() {
                match legend::place_inside(&entries, panel, area, &x, &y) {
                    Some(place) => legend::draw_inside(canvas, &entries, &place),
                    None => {
                        let at = (area.left, bottom + 6.0);
                        legend::draw_rows(canvas, &entries, at, area.width());
                        bottom = at.1 + legend::rows_height(&entries, area.width());
                    }
                }
            }
        }
        Content::HeatMap(map) => {
            heat::draw(canvas, map, area, &x, &y);
            axes::draw_x(canvas, (panel, &x_title), area, &x);
            axes::draw_y(canvas, (panel, &y_title), area, &y);
        }
        Content::Intervals(rows) => {
            bottom = bottom.max(area.bottom + forest::bottom_room(&panel.y.label, cell));
            forest::draw(canvas, panel, rows, cell, area, &x);
            axes::draw_x(canvas, (panel, &x_title), area, &x);
        }
    }
    let (x_cut, y_cut) = content::cut_offs(panel);
    if x_cut.is_some() {
        axes::draw_break(canvas, area, true);
    }
    if y_cut.is_some() {
        axes::draw_break(canvas, area, false);
    }
    bottom
}
