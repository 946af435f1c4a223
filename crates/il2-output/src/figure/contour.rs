//! Contour lines of a grid by marching squares.

use std::collections::BTreeMap;

use super::HeatMap;
use super::scale::{Map, forward};

// Grid edges by number: even ones run along x from their grid point, odd ones along y.
type EdgeNumber = usize;

/// Lines, in px, along which the grid, interpolated between cell centres, has a given level.
///
/// Values are interpolated on the colour scale. Cells without a value interrupt the lines.
pub(super) fn curves(map: &HeatMap, level: f64, x: &Map, y: &Map) -> Vec<Vec<(f64, f64)>> {
    let Some(level) = forward(level, map.scale) else { return Vec::new() };
    let (nx, ny) = (map.x.len(), map.y.len());
    let mut points: BTreeMap<EdgeNumber, (f64, f64)> = BTreeMap::new();
    let mut joined: BTreeMap<EdgeNumber, Vec<EdgeNumber>> = BTreeMap::new();
    for iy in 0..ny.saturating_sub(1) {
        for ix in 0..nx.saturating_sub(1) {
            let Some(corners) = corners(map, ix, iy, x, y) else { continue };
            let numbers = [
                (iy * nx + ix) * 2,
                (iy * nx + ix + 1) * 2 + 1,
                ((iy + 1) * nx + ix) * 2,
                (iy * nx + ix) * 2 + 1,
            ];
            // Corners are numbered around the square; edge i joins corners ENDS[i].
            const ENDS: [(usize, usize); 4] = [(0, 1), (1, 2), (3, 2), (0, 3)];
            let crossed: Vec<usize> = (0..4)
                .filter(|&i| {
                    let (a, b) = ENDS[i];
                    (corners[a].2 >= level) != (corners[b].2 >= level)
                })
                .collect();
            for &i in &crossed {
                let (a, b) = (corners[ENDS[i].0], corners[ENDS[i].1]);
                let t = (level - a.2) / (b.2 - a.2);
                points.insert(numbers[i], (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
            }
            let pairs: &[(usize, usize)] = match crossed[..] {
                [a, b] => &[(a, b)],
                // A saddle: the value at its middle decides which corners are connected.
                [_, _, _, _] => {
                    let middle = corners.iter().map(|c| c.2).sum::<f64>() / 4.0;
                    if (middle >= level) == (corners[0].2 >= level) {
                        &[(0, 1), (2, 3)]
                    } else {
                        &[(0, 3), (1, 2)]
                    }
                }
                _ => &[],
            };
            for &(a, b) in pairs {
                joined.entry(numbers[a]).or_default().push(numbers[b]);
                joined.entry(numbers[b]).or_default().push(numbers[a]);
            }
        }
    }
    chain(joined).iter().map(|line| line.iter().map(|n| points[n]).collect()).collect()
}

type Corner = (f64, f64, f64);

fn corners(map: &HeatMap, ix: usize, iy: usize, x: &Map, y: &Map) -> Option<[Corner; 4]> {
    let corner = |dx: usize, dy: usize| {
        let v = forward(map.value(ix + dx, iy + dy), map.scale)?;
        Some((x.at(map.x[ix + dx])?, y.at(map.y[iy + dy])?, v))
    };
    Some([corner(0, 0)?, corner(1, 0)?, corner(1, 1)?, corner(0, 1)?])
}

// Open lines are chained first, from their ends; the remaining lines are closed.
fn chain(mut joined: BTreeMap<EdgeNumber, Vec<EdgeNumber>>) -> Vec<Vec<EdgeNumber>> {
    let mut lines = Vec::new();
    let ends: Vec<EdgeNumber> =
        joined.iter().filter(|(_, next)| next.len() == 1).map(|(n, _)| *n).collect();
    let all: Vec<EdgeNumber> = joined.keys().copied().collect();
    for start in ends.into_iter().chain(all) {
        let mut line = vec![start];
        let mut here = start;
        while let Some(next) = joined.get_mut(&here).and_then(Vec::pop) {
            if let Some(back) = joined.get_mut(&next)
                && let Some(i) = back.iter().position(|n| *n == here)
            {
                back.remove(i);
            }
            line.push(next);
            here = next;
        }
        if line.len() > 1 {
            lines.push(line);
        }
    }
    lines
}
