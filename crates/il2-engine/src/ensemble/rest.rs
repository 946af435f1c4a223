//! Where lanes come to rest: a damped Newton iteration with the factors of the step, and
//! integration where that does not lead there.
//!
//! With `rate` on the diagonal a Newton step is a step of the linearly implicit Euler method. The
//! rate falls as the iteration converges (pseudo-transient continuation, Kelley & Keyes 1998), so
//! that far from rest it follows the lane and near it it is Newton's. Such steps keep linear totals,
//! as the lane itself does: a network whose Jacobian is singular needs no rows replaced.

use super::group::show;
use super::step::{Task, Work, largest};
use super::{Ensemble, INTERPRETED_WIDTH};
use crate::lane::{Lane, LaneFailure};
use crate::native::{self, memory::perform};
use crate::program::interpret::Row;

/// A state at which nothing moves, or why none was found.
pub type Rested = Result<Vec<f64>, LaneFailure>;

/// Newton steps before integration takes over.
const MOST_STEPS: usize = 120;
/// A lane rests when a Newton step moves no species by more than this part of it.
const STILL: f64 = 1e-11;
/// The rate is never less than this part of what it was at first.
const LEAST_RATE: f64 = 1e-12;
/// The same where totals are kept: the smaller the rate, the more does rounding move them.
const LEAST_RATE_WITH_TOTALS: f64 = 1e-6;

impl Ensemble<'_> {
    /// Where each lane comes to rest from its start, doses and times apart: parameters and start
    /// are read, events are not. Laws that read time are taken at time zero.
    pub fn rest(&self, lanes: &[Lane]) -> Vec<Rested> {
        if self.program.is_native() {
            self.rest_wide::<{ native::WIDTH }>(lanes)
        } else {
            self.rest_wide::<INTERPRETED_WIDTH>(lanes)
        }
    }

    fn rest_wide<const W: usize>(&self, lanes: &[Lane]) -> Vec<Rested> {
        let mut work: Work<W> = Work::new(self.program);
        lanes.chunks(W).flat_map(|lanes| self.rest_group(&mut work, lanes)).collect()
    }

    fn rest_group<const W: usize>(&self, work: &mut Work<W>, lanes: &[Lane]) -> Vec<Rested> {
        let (program, layout) = (self.program, &self.program.layout);
        let checks: Vec<Result<(), LaneFailure>> = lanes
            .iter()
            .map(|lane| lane.check(&program.parameter_names, &program.species_names))
            .collect();
        for (l, lane) in lanes.iter().enumerate() {
            for (row, &v) in work.rows[layout.parameters.clone()].iter_mut().zip(&lane.parameters) {
                row.0[l] = v;
            }
            for (row, &v) in work.rows[layout.start.clone()].iter_mut().zip(&lane.initial) {
                row.0[l] = v;
            }
        }
        perform(work, program, Task::Prologue);
        // As a first rate what would move the fastest species by all it has.
        perform(work, program, Task::Slope([0.0; W]));
        let mut first = [1e-6_f64; W];
        for i in 0..program.size() {
            let (x, f) = (work.rows[layout.start.start + i].0, work.rows[layout.slope.start + i].0);
            let rates: [f64; W] = std::array::from_fn(|l| f[l].abs() / (x[l].abs() + 1e-3));
            largest(&mut first, &rates);
        }
        let mut rate = first;
        let mut done = [false; W];
        for _ in 0..MOST_STEPS {
            work.rows[layout.rate] = Row(rate);
            perform(work, program, Task::Newton);
            for l in (0..lanes.len()).filter(|&l| checks[l].is_ok()) {
                self.newton_step(work, l, first[l], &mut rate[l], &mut done[l]);
            }
            if (0..lanes.len()).all(|l| done[l] || checks[l].is_err()) {
                break;
            }
        }
        let answer = |(l, (lane, check)): (usize, (&Lane, Result<(), LaneFailure>))| {
            check?;
            if !done[l] {
                return self.rest_by_integration(lane);
            }
            let mut state: Vec<f64> =
                work.rows[layout.start.clone()].iter().map(|row| row.0[l]).collect();
            show(&mut state, &self.program.signed);
            Ok(state)
        };
        lanes.iter().zip(checks).enumerate().map(answer).collect()
    }

    /// Takes a Newton step of one lane if it stays among the states that can be.
    fn newton_step<const W: usize>(
        &self,
        work: &mut Work<W>,
        l: usize,
        first: f64,
        rate: &mut f64,
        done: &mut bool,
    ) {
        if *done {
            return;
        }
        let (program, layout) = (self.program, &self.program.layout);
        let (mut size, mut possible) = (0.0_f64, true);
        let mut next = vec![];
        for i in 0..program.size() {
            let x = work.rows[layout.start.start + i].0[l];
            // The factors are those of `J - rate I`, so the step is taken away.
            let step = work.rows[layout.slope.start + i].0[l];
            let to = x - step;
            possible &= to.is_finite() && (program.signed[i] || to >= -1e-9 * (x.abs() + 1e-9));
            // What nothing reads may grow for ever, and stays where it was.
            let moves = program.rests[i];
            if moves {
                size = size.max(step.abs() / (x.abs() + 1e-6));
            }
            next.push(if moves { to } else { x });
        }
        if !possible {
            *rate = (*rate * 10.0).min(first * 1e9);
            return;
        }
        // A species that shrinks towards nothing moves by a large part of it for ever.
        *done = size < STILL && *rate <= first * 1e-3;
        let factor = if size < 1e-3 { 1e-3 } else { (size * 0.3).clamp(0.1, 2.0) };
        let least = if program.keeps_totals { LEAST_RATE_WITH_TOTALS } else { LEAST_RATE };
        *rate = (*rate * factor).max(first * least);
        for (row, x) in work.rows[layout.start.clone()].iter_mut().zip(next) {
            row.0[l] = x;
        }
    }

    /// Follows a lane to ever later times until it stands still.
    fn rest_by_integration(&self, lane: &Lane) -> Rested {
        let tolerance = crate::Tolerance { relative: 1e-9, absolute: 1e-12, ..self.tolerance };
        let slow = Ensemble { tolerance, ..*self };
        let mut still = Lane { parameters: lane.parameters.clone(), ..Lane::default() };
        still.initial.clone_from(&lane.initial);
        let mut moving = String::new();
        for decade in 0..9 {
            let end = 10_f64.powi(decade + 1);
            still.times = vec![0.5 * end, end];
            let found = slow.run_all(std::slice::from_ref(&still)).remove(0)?.states;
            let moved = |i: &usize| {
                let (a, b) = (found[0][*i], found[1][*i]);
                if self.program.rests[*i] { (a - b).abs() / (b.abs() + 1e-6) } else { 0.0 }
            };
            let most = (0..self.program.size()).max_by(|i, j| moved(i).total_cmp(&moved(j)));
            match most {
                Some(i) if moved(&i) > 1e-7 => moving = self.program.species_name(i).into(),
                _ => return Ok(found.into_iter().next_back().expect("two times")),
            }
        }
        Err(LaneFailure::NoSteadyState(format!("{moving} still moves after 1e9 min")))
    }
}
