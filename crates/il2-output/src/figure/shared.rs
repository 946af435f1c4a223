//! Scales that panels share, so that the same height means the same value.

use super::content::ranges;
use super::data::{Axis, Content, Figure, HeatMap, Panel, Scale};
use super::heat;

/// A panel whose curves fill less than this fraction of a shared axis is too flat to read.
const FLAT: f64 = 0.2;

type Range = (f64, f64);

/// The figure with its shared ranges set, and a note if panels are comparable but do not share a
/// range.
pub(super) fn settled(figure: &Figure) -> (Figure, Option<&'static str>) {
    let mut out = figure.clone();
    if figure.shared_scales == Some(false) {
        return (out, None);
    }
    let found: Vec<(Range, Range)> = figure.panels.iter().map(ranges).collect();
    share(&mut out.panels, &found, |p| &p.x, |p| &mut p.x, |f| f.0);
    // If x is shared, y is fitted to the data within the shared x range.
    let found: Vec<(Range, Range)> = out.panels.iter().map(ranges).collect();
    let mut own = false;
    let forced = figure.shared_scales == Some(true);
    for group in alike(&out.panels, |p| &p.y) {
        let ranges: Vec<Range> = group.iter().map(|i| found[*i].1).collect();
        let both = union(&ranges);
        let linear = out.panels[group[0]].y.scale == Scale::Linear;
        let flat = |i: &usize| {
            let drawn = height_of_curves(&out.panels[*i]).unwrap_or(found[*i].1);
            linear && drawn.1 - drawn.0.min(found[*i].1.0) < FLAT * (both.1 - both.0)
        };
        match !forced && group.iter().any(flat) {
            true => own = true,
            false => group.iter().for_each(|i| out.panels[*i].y.range = Some(both)),
        }
    }
    share_colours(&mut out.panels);
    let said = "Vertical scales differ between panels, because some curves would look flat on a \
                shared scale.";
    (out, own.then_some(said))
}

// Range from the lowest to the highest point of the curves of a panel; bands are ignored, because a
// wide band around a flat curve does not make the curve legible.
fn height_of_curves(panel: &Panel) -> Option<Range> {
    let Content::Lines(series) = &panel.content else { return None };
    let all = series.iter().flat_map(|s| &s.points).map(|p| p.1).filter(|v| v.is_finite());
    all.fold(None, |found: Option<Range>, v| match found {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

fn share(
    panels: &mut [Panel],
    found: &[(Range, Range)],
    axis: impl Fn(&Panel) -> &Axis,
    change: impl Fn(&mut Panel) -> &mut Axis,
    range: impl Fn(&(Range, Range)) -> Range,
) {
    for group in alike(panels, axis) {
        let all: Vec<Range> = group.iter().map(|i| range(&found[*i])).collect();
        let both = union(&all);
        group.iter().for_each(|i| change(&mut panels[*i]).range = Some(both));
    }
}

fn union(ranges: &[Range]) -> Range {
    ranges.iter().fold((f64::MAX, f64::MIN), |all, r| (all.0.min(r.0), all.1.max(r.1)))
}

// Groups of two or more panels of curves whose axes show the same quantity in the same unit and
// scale, with no given limit or the same single one.
fn alike(panels: &[Panel], axis: impl Fn(&Panel) -> &Axis) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, panel) in panels.iter().enumerate() {
        let fits = matches!(panel.content, Content::Lines(_)) && super::content::has_data(panel);
        let given = axis(panel).range.is_some_and(|(lo, hi)| lo.is_finite() && hi.is_finite());
        if !fits || given || axis(panel).label.is_empty() {
            continue;
        }
        let same = |g: &&mut Vec<usize>| measured(axis(&panels[g[0]])) == measured(axis(panel));
        match groups.iter_mut().find(same) {
            Some(group) => group.push(i),
            None => groups.push(vec![i]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

// The quantity along an axis, and how it is shown.
fn measured(axis: &Axis) -> (&str, &str, Scale, Option<(f64, f64)>) {
    let what = if axis.measures.is_empty() { &axis.label } else { &axis.measures };
    (what, &axis.unit, axis.scale, axis.range)
}

fn share_colours(panels: &mut [Panel]) {
    let map = |p: &Panel| match &p.content {
        Content::HeatMap(map) if map.range.is_none() && heat::has_data(map, &p.x, &p.y) => {
            Some(map.clone())
        }
        _ => None,
    };
    let maps: Vec<Option<HeatMap>> = panels.iter().map(map).collect();
    for (i, own) in maps.iter().enumerate() {
        let Some(own) = own else { continue };
        let same = |other: &&HeatMap| {
            (&other.colour_label, other.scale, other.diverging_at)
                == (&own.colour_label, own.scale, own.diverging_at)
        };
        let all: Vec<Range> = maps.iter().flatten().filter(same).map(heat::colour_range).collect();
        if let Content::HeatMap(map) = &mut panels[i].content
            && all.len() > 1
        {
            map.range = Some(union(&all));
        }
    }
}
