//! Runs wells of activated cells.

use crate::activation::plan::{Cells, Plan};
use il2_engine::{Ensemble, LaneFailure, Tolerance, math};
use il2_study::study::Study;

/// Readouts of a well: interleukin-2 in the medium (pM), mean signal, producing cells, mean CD25,
/// remaining antigen. With Treg also their signal and CD25, and the interleukin-2 (pM) that was
/// secreted, that effector cells have bound and consumed, and that Treg have bound and consumed.
pub const READ: [&str; 12] = [
    "il2_medium",
    "signal",
    "producers",
    "cd25",
    "antigen_left",
    "treg_signal",
    "treg_cd25",
    "il2_made",
    "il2_held_by_effectors",
    "il2_used_by_effectors",
    "il2_held_by_treg",
    "il2_used_by_treg",
];
/// Number of wells that a thread runs together.
const SIDE_BY_SIDE: usize = 16;
/// Number of times at which a course is computed to find its maximum.
const BETWEEN: usize = 600;
/// Number of minutes after a block of antigen in which a course is computed every minute.
const AFTER: u32 = 360;
/// Absolute tolerance of the solver for molecules of a cell and of antigen.
const ABSOLUTE: f64 = 1e-6;

/// The results of all wells, in the order of the plan.
pub struct Answer {
    /// Results of each well.
    pub wells: Vec<Well>,
    /// How the maximum of interleukin-2 in a well depends on antigen and on cells: slopes of the
    /// logarithms over the grid; none for an axis with a single value, or if a well was not solved.
    pub slopes: [Option<f64>; 2],
}

/// Values of [`READ`].
pub type Row = [f64; READ.len()];

/// Interleukin-2 (pM) taken up by effector cells, and by Treg, in a row; none without Treg.
pub fn taken(row: &Row) -> [f64; 2] {
    [row[8] + row[9], row[10] + row[11]]
}

/// Results of a well.
pub struct Well {
    /// Number of cells.
    pub cells: f64,
    /// Amount of antigen (molecules).
    pub antigen: f64,
    /// Values of [`READ`] by `[time]`, at the times that the study requests.
    pub rows: Vec<Row>,
    /// Times (min) and free interleukin-2 (pM), closely spaced.
    pub course: Vec<(f64, f64)>,
    /// Mean signal of effector cells with and without Treg, at the times of `course`; empty for
    /// wells without Treg.
    pub signal: Vec<[f64; 2]>,
    /// Sum of the interleukin-2 (pM) that each of two clones has in a separate well, at the times
    /// of `course`; empty for one clone.
    pub apart: Vec<f64>,
    /// Largest number of cells that produced at the same time.
    pub producers: f64,
    /// Time (min) from the block of antigen until a 1/e of the producers is left; none without a
    /// block, without producers at that time, or if more are left at the end.
    pub gone: Option<f64>,
    /// Why the simulation failed, if it did.
    pub failure: Option<LaneFailure>,
}

impl Well {
    /// Time and value of the maximum of interleukin-2.
    pub fn most(&self) -> Option<(f64, f64)> {
        let solved = self.failure.is_none();
        self.course.iter().copied().filter(|_| solved).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Signal of effector cells with Treg divided by that without, at a given time, if both
    /// simulations reached it.
    pub fn signal_left(&self, time: f64) -> Option<f64> {
        let [with, without] =
            *self.signal.get(self.course.iter().position(|(t, _)| *t == time)?)?;
        (without > 0.0).then(|| with / without)
    }

    /// The same ratio for the mean over the whole course.
    pub fn mean_signal_left(&self) -> Option<f64> {
        let area = |of: usize| -> f64 {
            let steps = self.course.windows(2).zip(self.signal.windows(2));
            steps.map(|(t, s)| 0.5 * (t[1].0 - t[0].0) * (s[0][of] + s[1][of])).sum()
        };
        let whole = self.failure.is_none() && self.signal.len() == self.course.len();
        (whole && area(1) > 0.0).then(|| area(0) / area(1))
    }
}

/// Runs every simulation; `progress` is called after each simulation.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let end = plan.times.last().copied().unwrap_or(0.0);
    let between = (0..=BETWEEN).map(|k| end * k as f64 / BETWEEN as f64);
    let after = plan.blocked.iter().flat_map(|at| (0..=AFTER).map(move |k| at + f64::from(k)));
    let after = after.filter(|time| *time <= end);
    let mut times: Vec<f64> = plan.times.iter().copied().chain(between).chain(after).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let all: Vec<(f64, f64)> = plan.wells().collect();
    let none = (0.0, 0.0);
    let second = plan.second.unwrap_or(none);
    let treg = plan.treg.as_ref().map_or(0.0, |treg| treg.cells);
    let wells =
        |of: &(dyn Fn((f64, f64)) -> Cells + Sync)| solve(study, plan, &times, progress, of, &all);
    let together = wells(&|well| Cells { clones: [well, second], treg });
    let alone = plan.second.map(|second| {
        let first = wells(&|well| Cells { clones: [well, none], treg });
        // The second clone alone is the same for every first clone.
        (first, wells(&|_| Cells { clones: [none, second], treg }))
    });
    let without =
        plan.treg.as_ref().map(|_| wells(&|well| Cells { clones: [well, second], treg: 0.0 }));
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
            signal: without
                .iter()
                .flat_map(|without| {
                    let both = solved.rows.iter().zip(&without[i].rows);
                    both.map(|(with, without)| [with[1], without[1]])
                })
                .collect(),
            apart: apart.collect(),
            gone: plan.blocked.and_then(|at| gone(&times, &solved.rows, at)),
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

struct Solved {
    /// Values of [`READ`] by `[time]`.
    rows: Vec<Row>,
    failure: Option<LaneFailure>,
}

/// Solves wells; `of` gives the cells of a well from the number of cells and the antigen of its
/// first clone.
fn solve(
    study: &Study,
    plan: &Plan,
    times: &[f64],
    progress: &(dyn Fn(usize) + Sync),
    of: &(dyn Fn((f64, f64)) -> Cells + Sync),
    all: &[(f64, f64)],
) -> Vec<Solved> {
    let n = &plan.network;
    let places = READ.map(|name| (n.species_named(name), n.observable_named(name)));
    let tolerance = Tolerance { absolute: ABSOLUTE, ..study.tolerance };
    let some: Vec<&[(f64, f64)]> = all.chunks(SIDE_BY_SIDE).collect();
    let found = study.threads.map(&some, |wells| {
        let lane = |well: &(f64, f64)| plan.lane(of(*well), times);
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

/// Time from `start` until the producers have fallen to 1/e of those at this time.
fn gone(times: &[f64], rows: &[Row], start: f64) -> Option<f64> {
    let course = times.iter().zip(rows).map(|(time, row)| (time - start, row[2]));
    let course: Vec<(f64, f64)> = course.filter(|(time, _)| *time >= 0.0).collect();
    let level = course.first()?.1 * math::exp(-1.0);
    let pair = course.windows(2).find(|pair| pair[0].1 > level && pair[1].1 <= level)?;
    let [(from, before), (to, after)] = [pair[0], pair[1]];
    Some(from + (before - level) / (before - after) * (to - from))
}

/// Slope of a straight line by least squares; none if all points are at one place. Over a full
/// grid, the slope along one axis does not depend on the other axis.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / count, y + p.1 / count));
    let spread: f64 = points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum();
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    // The mean of equal numbers is not exactly that number, so their spread is not exactly zero.
    let differ = points.iter().any(|p| p.0 != points[0].0);
    differ.then(|| above / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn producers_that_decay_are_gone_after_their_time_constant() {
        let times: Vec<f64> = (0..600).map(f64::from).collect();
        let row = |time: &f64| {
            let mut row = [0.0; READ.len()];
            row[2] = 5000.0 * (-(time - 100.0).max(0.0) / 45.0).exp();
            row
        };
        let rows: Vec<Row> = times.iter().map(row).collect();
        assert!((gone(&times, &rows, 100.0).unwrap() - 45.0).abs() < 0.01);
        assert_eq!(gone(&times[..130], &rows, 100.0), None);
    }

    #[test]
    fn a_line_has_its_slope_and_a_point_none() {
        assert_eq!(slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), Some(2.0));
        assert_eq!(slope(&[(1.0, 3.0), (1.0, 4.0)]), None);
        let of_one: Vec<(f64, f64)> = (0..9).map(|i| (5000_f64.ln(), f64::from(i))).collect();
        assert_eq!(slope(&of_one), None);
        assert_eq!(slope(&[]), None);
    }
}
