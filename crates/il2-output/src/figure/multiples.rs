//! Figures with many curves: one small panel for each curve.

use super::data::{Content, Figure, Panel, Series};

/// Largest number of curves in one panel; with more, styles repeat.
pub const MOST_TOGETHER: usize = super::style::STYLES;
/// Largest number of small panels in one figure.
const MOST_PANELS: usize = 48;

/// Largest number of curves that a figure with this number of panels can show, together or in small
/// panels.
pub fn most_curves(panels: usize) -> usize {
    (MOST_PANELS / panels.max(1)).max(MOST_TOGETHER)
}

/// The figure as it is drawn: panels with too many curves are split, by curve and then by panel.
pub(super) fn apart(figure: &Figure) -> Figure {
    let mut out = figure.clone();
    let own = labelled(figure);
    let names = if figure.legend.is_empty() { &own } else { &figure.legend };
    let crowded = |panel: &Panel| styles(panel).len() > MOST_TOGETHER;
    // More names than styles do not by themselves mean too many curves, because measured points may
    // have their own name.
    if names.len() <= MOST_TOGETHER || !figure.panels.iter().any(crowded) {
        return out;
    }
    out.legend = Vec::new();
    let (crowded, mut others): (Vec<&Panel>, Vec<&Panel>) =
        figure.panels.iter().partition(|p| crowded(p));
    let mut panels = Vec::new();
    for (label, style) in names {
        for panel in &crowded {
            // If several panels are split, the title also says from which panel the curve comes,
            // for example the cell.
            let title = match crowded.len() > 1 && !panel.title.is_empty() {
                true => format!("{label}, {}", panel.title),
                false => label.clone(),
            };
            panels.push(Panel {
                title,
                content: Content::Lines(of_style(panel, *style, label)),
                ..(*panel).clone()
            });
        }
    }
    panels.extend(others.drain(..).map(|p| renumbered(p, names)));
    out.columns = match crowded.len() {
        // Three in a row if that leaves fewer places of the last row empty.
        1 | 2 if empty(panels.len(), 3) < empty(panels.len(), 4) => 3,
        1 | 2 => 4,
        several => several.min(4),
    };
    out.panels = panels;
    out
}

/// Empty places in the last row of a grid.
fn empty(panels: usize, columns: usize) -> usize {
    panels.next_multiple_of(columns) - panels
}

/// The curves of a figure without a shared legend, by the labels of the panel with the most curves.
fn labelled(figure: &Figure) -> Vec<(String, usize)> {
    let most = figure.panels.iter().max_by_key(|panel| styles(panel).len());
    let all = most.map_or(&[][..], series).iter().filter(|s| !s.label.is_empty());
    let mut names: Vec<(String, usize)> = all.map(|s| (s.label.clone(), s.style)).collect();
    names.dedup();
    names
}

fn series(panel: &Panel) -> &[Series] {
    match &panel.content {
        Content::Lines(series) => series,
        _ => &[],
    }
}

fn styles(panel: &Panel) -> Vec<usize> {
    let mut all: Vec<usize> = series(panel).iter().map(|s| s.style).collect();
    all.sort_unstable();
    all.dedup();
    all
}

// The title says which curve this is.
fn of_style(panel: &Panel, style: usize, label: &str) -> Vec<Series> {
    let own = series(panel).iter().filter(|s| s.style == style);
    let plain = |s: &Series| Series {
        style: 0,
        label: if s.label == label { String::new() } else { s.label.clone() },
        ..s.clone()
    };
    own.map(plain).collect()
}

// Styles renumbered by position in the panel, which then has its own legend.
fn renumbered(panel: &Panel, names: &[(String, usize)]) -> Panel {
    let mut panel = panel.clone();
    let own = styles(&panel);
    if let Content::Lines(series) = &mut panel.content {
        for s in series {
            let name = names.iter().find(|(_, style)| *style == s.style);
            let first = s.label.is_empty() && !s.measured;
            if let Some((name, _)) = name.filter(|_| first) {
                s.label.clone_from(name);
            }
            s.style = own.iter().position(|o| *o == s.style).unwrap_or(0);
        }
    }
    panel
}
