//! Runs wells of activated cells.

use crate::activation::plan::Plan;
use il2_engine::{Ensemble, LaneFailure, Tolerance, math};
use il2_study::study::Study;

/// What is read of a well: the medium (pM), the mean signal, cells that produce, mean CD25, antigen that is left.
pub const READ: [&str; 5] = ["il2_medium", "signal", "producers", "cd25", "antigen_left"];
/// Wells that a thread runs side by side.
const SIDE_BY_SIDE: usize = 16;
/// Number of times at which a course is computed to find its maximum.
const BETWEEN: usize = 600;
/// Absolute tolerance of the solver for molecules of a cell and of antigen.
const ABSOLUTE: f64 = 1e-6;

/// The results of all wells, in the order of the plan.
pub struct Answer {
    /// The wells.
    pub wells: Vec<Well>,
    /// How the most interleukin-2 of a well depends on antigen and on cells: slopes of the logarithms over the grid; none
    /// along one that does not change, or where a well was not solved.
    pub slopes: [Option<f64>; 2],
}

/// A well.
pub struct Well {
    /// Its cells.
    pub cells: f64,
    /// Its antigen (molecules).
    pub antigen: f64,
    /// `[time]` of [`READ`], at times that the study asks for.
    pub rows: Vec<[f64; 5]>,
    /// Times (min) and free interleukin-2 (pM), closely.
    pub course: Vec<(f64, f64)>,
    /// The sum of what each of two clones has in a well alone (pM), as `course`; empty for one clone.
    pub apart: Vec<f64>,
    /// The most cells that produced at once.
    pub producers: f64,
    /// Why it was not solved, if it was not.
    pub failure: Option<LaneFailure>,
}

impl Well {
    /// When there was most interleukin-2, and how much.
    pub fn most(&self) -> Option<(f64, f64)> {
        let solved = self.failure.is_none();
        self.course.iter().copied().filter(|_| solved).max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Runs every simulation; `progress` is called for each that is done.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let end = plan.times.last().copied().unwrap_or(0.0);
    let between = (0..=BETWEEN).map(|k| end * k as f64 / BETWEEN as f64);
    let mut times: Vec<f64> = plan.times.iter().copied().chain(between).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let all: Vec<(f64, f64)> = plan.wells().collect();
    let none = (0.0, 0.0);
    let together =
        solve(study, plan, &times, progress, &|well| [well, plan.second.unwrap_or(none)], &all);
    let alone = plan.second.map(|second| {
        let first = solve(study, plan, &times, progress, &|well| [well, none], &all);
        // A clone alone is the same beside every other.
        (first, solve(study, plan, &times, progress, &|_| [none, second], &all))
    });
    let well = |(i, ((cells, antigen), solved)): (usize, (&(f64, f64), &Solved))| {
        let at = |time: &f64| solved.rows.get(times.partition_point(|t| t < time)).copied();
        let apart = alone.iter().flat_map(|(first, second)| {
            let both = first[i].rows.iter().zip(&second[i].rows);
            both.map(|(first, second)| first[0] + second[0])
        });
        Well {
            cells: *cells,
            antigen: *antigen,
            rows: plan.times.iter().map_while(at).collect(),
            course: times.iter().zip(&solved.rows).map(|(time, row)| (*time, row[0])).collect(),
            apart: apart.collect(),
            producers: solved.rows.iter().map(|row| row[2]).fold(0.0, f64::max),
            failure: solved.failure.clone(),
        }
    };
    let wells: Vec<Well> = all.iter().zip(&together).enumerate().map(well).collect();
    let slopes = [|well: &Well| well.antigen, |well: &Well| well.cells].map(|of| {
        let point = |well: &Well| {
            let most = well.most().map(|(_, most)| most).filter(|most| *most > 0.0)?;
            Some((math::ln(of(well)), math::ln(most)))
        };
        let points: Option<Vec<(f64, f64)>> = wells.iter().map(point).collect();
        points.and_then(|points| slope(&points))
    });
    Answer { wells, slopes }
}

/// Cells of a clone and its antigen (molecules).
type Cells = (f64, f64);

struct Solved {
    /// `[time]` of [`READ`].
    rows: Vec<[f64; 5]>,
    failure: Option<LaneFailure>,
}

/// Solves wells, which `of` makes of cells and antigen of the first clone: those of each clone.
fn solve(
    study: &Study,
    plan: &Plan,
    times: &[f64],
    progress: &(dyn Fn(usize) + Sync),
    of: &(dyn Fn(Cells) -> [Cells; 2] + Sync),
    all: &[(f64, f64)],
) -> Vec<Solved> {
    let n = &plan.network;
    let places = READ.map(|name| (n.species_named(name), n.observable_named(name)));
    let tolerance = Tolerance { absolute: ABSOLUTE, ..study.tolerance };
    let some: Vec<&[(f64, f64)]> = all.chunks(SIDE_BY_SIDE).collect();
    let found = study.threads.map(&some, |wells| {
        let lane = |well: &(f64, f64)| {
            let [first, second] = of(*well);
            plan.lane(first, second, times)
        };
        let lanes: Vec<_> = wells.iter().map(lane).collect();
        let answers = Ensemble::new(&plan.program, tolerance).run_all(&lanes);
        progress(wells.len());
        let read = |(answer, lane): (_, &il2_engine::Lane)| {
            let (found, failure) = il2_engine::lane::found(answer);
            let value = |(state, time): (&Vec<f64>, &f64)| {
                places.map(|(species, observable)| match (species, observable) {
                    (Some(s), _) => state[s.0],
                    (None, Some(o)) => {
                        n.observables[o.0].value.value(state, &lane.parameters, *time)
                    }
                    (None, None) => f64::NAN,
                })
            };
            Solved { rows: found.states.iter().zip(times).map(value).collect(), failure }
        };
        answers.into_iter().zip(&lanes).map(read).collect::<Vec<Solved>>()
    });
    found.into_iter().flatten().collect()
}

/// Slope of a straight line by least squares. Over a grid that along one axis does not depend on the other.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / count, y + p.1 / count));
    let spread: f64 = points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum();
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    (spread > 0.0).then(|| above / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_and_a_point_none() {
        assert_eq!(slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), Some(2.0));
        assert_eq!(slope(&[(1.0, 3.0), (1.0, 4.0)]), None);
    }
}
