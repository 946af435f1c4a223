//! Curves that oscillate too rapidly to be drawn, such as concentrations under repeated doses: a
//! ribbon from trough to peak replaces strokes that would merge.

/// Oscillations smaller than this (px) are ignored.
const LEAST_SWING: f64 = 0.75;
/// Distance between peaks (px) below which strokes merge.
const CLOSE: f64 = 8.0;
/// Smallest number of turning points of a ribbon: four peaks and four troughs.
const LEAST_TURNS: usize = 8;

type Point = (f64, f64);

/// A section of a curve.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// Drawn as a line.
    Line(Vec<Point>),
    /// Drawn as a ribbon from trough to peak; both edges run from left to right.
    Ribbon { upper: Vec<Point>, lower: Vec<Point> },
}

/// Sections of a run of points in px; each begins at the end of the one before.
pub(super) fn parts(run: &[Point]) -> Vec<Part> {
    let turns = turns(run);
    let mut parts = Vec::new();
    let mut from = 0;
    for (first, last) in close(run, &turns) {
        let own = &turns[first..=last];
        let (start, end) = (own[0], own[own.len() - 1]);
        if start > from {
            parts.push(Part::Line(run[from..=start].to_vec()));
        }
        // In px, y increases downwards, so that a peak has the smaller y.
        let peaks_first = run[own[0]].1 < run[own[1]].1;
        let edge = |peaks: bool| {
            let skip = usize::from(peaks != peaks_first);
            let mut edge: Vec<Point> = own.iter().skip(skip).step_by(2).map(|i| run[*i]).collect();
            // Both edges span the same stretch: they meet where the curve continues, and stay apart
            // where it ends.
            let (left, right) = (edge[0], edge[edge.len() - 1]);
            if skip == 1 {
                edge.insert(0, if start == 0 { (run[0].0, left.1) } else { run[start] });
            }
            if (own.len() - skip).is_multiple_of(2) {
                let last = end + 1 == run.len();
                edge.push(if last { (run[end].0, right.1) } else { run[end] });
            }
            edge
        };
        parts.push(Part::Ribbon { upper: edge(true), lower: edge(false) });
        from = end;
    }
    if from + 1 < run.len() || from == 0 {
        parts.push(Part::Line(run[from..].to_vec()));
    }
    parts
}

/// A segment whose rapid oscillations are replaced by their envelope; `lower` takes the lower edge.
pub(super) fn outer(run: &[Point], lower: bool) -> Vec<Point> {
    let points = |part: Part| match part {
        Part::Line(points) => points,
        Part::Ribbon { lower: edge, .. } if lower => edge,
        Part::Ribbon { upper: edge, .. } => edge,
    };
    parts(run).into_iter().flat_map(points).collect()
}

// Indices of peaks and troughs in turn. The ends of a run count as turning points: a course that
// ends between two doses ends inside its ribbon.
fn turns(run: &[Point]) -> Vec<usize> {
    let mut turns = Vec::new();
    if run.windows(2).any(|pair| pair[1].0 < pair[0].0) {
        return turns;
    }
    // The most extreme point since the last turning point, and whether the curve runs down the
    // page.
    let mut extreme = 0;
    let mut down: Option<bool> = None;
    for (i, point) in run.iter().enumerate() {
        let beyond = point.1 - run[extreme].1;
        match down {
            None if beyond.abs() >= LEAST_SWING => {
                turns.push(0);
                (down, extreme) = (Some(beyond > 0.0), i);
            }
            Some(true) if beyond >= 0.0 => extreme = i,
            Some(false) if beyond <= 0.0 => extreme = i,
            Some(falls) if beyond.abs() >= LEAST_SWING => {
                turns.push(extreme);
                (down, extreme) = (Some(!falls), i);
            }
            _ => {}
        }
    }
    if down.is_some() {
        turns.push(run.len() - 1);
    }
    turns
}

// First and last turning point of every section in which peaks are too close together.
fn close(run: &[Point], turns: &[usize]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut first = 0;
    for k in 0..turns.len() {
        let ends = turns.get(k + 2).is_none_or(|next| run[*next].0 - run[turns[k]].0 >= CLOSE);
        if ends {
            let last = (k + 1).min(turns.len() - 1);
            if last + 1 >= first + LEAST_TURNS {
                all.push((first, last));
            }
            first = k + 1;
        }
    }
    all
}
