//! Triggers: state-dependent events, found as crossings within a step.

use super::seat::{Landing, Seat};
use super::work::Work;
use crate::lane::Crossing;
use crate::program::Program;

impl Seat {
    /// Whether a trigger fires within the step just taken, before the point at which the step was
    /// meant to end; if so, the step is repeated so that it ends at the crossing.
    pub fn finds_crossing<const W: usize>(
        &mut self,
        program: &Program,
        work: &Work<W>,
        place: usize,
        (time, step): (f64, f64),
    ) -> bool {
        let parameters = work.column(program.layout.parameters.clone(), place);
        let values = |seat: &Seat, part: f64| {
            let state = work.at_part(program, place, part);
            seat.values(&state, &parameters, time + part * step)
        };
        let sides = |seat: &Seat, part: f64| above(&values(seat, part));
        if self.landing.is_some() {
            // The step ends at the crossing found before, unless it was shortened in the meantime.
            self.turn(&sides(self, 1.0));
            return false;
        }
        let mut from = self.above.clone();
        let (mut found, mut looks) = (None, vec![values(self, 0.0)]);
        for (before, after) in [(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)] {
            looks.push(values(self, after));
            let here = above(&looks[looks.len() - 1]);
            if let Some(trigger) = self.fired(&from, &here) {
                found = Some((before, after, trigger));
                break;
            }
            from = here;
        }
        // Crossings in both directions between two of these points, at a peak of what is watched.
        if found.is_none() {
            found = (0..self.above.len()).find_map(|k| {
                let sign = if self.above[k] { -1.0 } else { 1.0 };
                let may = self.fires(k, self.above[k], !self.above[k]);
                let of: Vec<f64> = looks.iter().map(|all| sign * all[k]).collect();
                let at = |part: f64| sign * values(self, part)[k];
                let (before, peak) = may.then(|| peak(&of, at))??;
                Some((before, peak, k))
            });
            if let Some((before, ..)) = found {
                from = sides(self, before);
            }
        }
        let Some((mut before, mut after, mut trigger)) = found else {
            self.above = from;
            return false;
        };
        while after - before > 1e-14 * after && time + after * step > time {
            let middle = 0.5 * (before + after);
            if middle <= before || middle >= after {
                break;
            }
            match self.fired(&from, &sides(self, middle)) {
                Some(earlier) => (after, trigger) = (middle, earlier),
                None => before = middle,
            }
        }
        let end = time + after * step;
        self.landing = Some(Landing { trigger, time: end, above: sides(self, after)[trigger] });
        self.step = Some(self.step.expect("guessed").max(end - time));
        let earlier = end < time + step;
        if earlier {
            self.course.found.steps -= 1;
            self.course.found.rejected += 1;
        } else {
            self.turn(&sides(self, 1.0));
        }
        earlier
    }

    /// Present values of the expressions that the triggers watch.
    pub fn watched(&self, state: &[f64], parameters: &[f64]) -> Vec<f64> {
        let triggers = self.course.lane.triggers.iter();
        triggers.map(|t| t.watch.value(state, parameters, self.course.time)).collect()
    }

    /// What each trigger watches, at a state.
    fn values(&self, state: &[f64], parameters: &[f64], time: f64) -> Vec<f64> {
        let triggers = self.course.lane.triggers.iter();
        triggers.map(|t| t.watch.value(state, parameters, time)).collect()
    }

    /// Whether each trigger is above zero at a state.
    pub fn sides(&self, state: &[f64], parameters: &[f64], time: f64) -> Vec<bool> {
        above(&self.values(state, parameters, time))
    }

    /// Sets the sides of triggers to those at the end of a step, except for triggers that have yet
    /// to fire: the one at which the step ended, and others that cross at the same instant.
    fn turn(&mut self, sides: &[bool]) {
        for (k, &side) in sides.iter().enumerate() {
            if self.landing.is_none_or(|landing| landing.trigger != k)
                && !self.fires(k, self.above[k], side)
            {
                self.above[k] = side;
            }
        }
    }

    /// Whether a change of side fires a trigger.
    fn fires(&self, trigger: usize, before: bool, after: bool) -> bool {
        match self.course.lane.triggers[trigger].crossing {
            Crossing::Up => after && !before,
            Crossing::Down => !after && before,
            Crossing::Both => after != before,
        }
    }

    /// The first trigger that a change of sides fires.
    fn fired(&self, before: &[bool], sides: &[bool]) -> Option<usize> {
        (0..sides.len()).find(|&k| self.fires(k, before[k], sides[k]))
    }
}

fn above(values: &[f64]) -> Vec<bool> {
    values.iter().map(|value| *value > 0.0).collect()
}

/// Where an expression that is below zero at quarters of a step has a peak above zero between them,
/// with a place before it: the vertex of the parabola through the highest of these points and its
/// neighbours, taken repeatedly.
fn peak(quarters: &[f64], at: impl Fn(f64) -> f64) -> Option<(f64, f64)> {
    const TRIES: usize = 12;
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = (vec![], vec![]);
    let fold = |f: fn(f64, f64) -> f64, from: f64| quarters.iter().copied().fold(from, f);
    let (low, high) = (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY));
    // Nothing is spent on a trigger that is far from its threshold.
    if high > 0.0 || -high > high - low {
        return None;
    }
    let top = quarters.iter().position(|v| *v == high)?;
    let part = |k: usize| k as f64 / (quarters.len() - 1) as f64;
    match top {
        // The peak may be next to the start or the end of the step.
        0 => x.extend([0.0, 0.05, part(1)]),
        k if k + 1 == quarters.len() => x.extend([part(k - 1), 0.95, 1.0]),
        k => x.extend([part(k - 1), part(k), part(k + 1)]),
    }
    y.extend(x.iter().map(|part| at(*part)));
    for _ in 0..TRIES {
        if y[1] > 0.0 {
            return Some((x[0], x[1]));
        }
        if y[1] < y[0].max(y[2]) {
            return None;
        }
        let (left, right) = (x[1] - x[0], x[2] - x[1]);
        let (a, b) = (left * (y[1] - y[2]), right * (y[1] - y[0]));
        let vertex = x[1] - 0.5 * (left * a - right * b) / (a + b);
        if vertex.is_nan() || vertex <= x[0] || vertex >= x[2] || vertex == x[1] {
            return None;
        }
        let height = at(vertex);
        let place = if vertex < x[1] { 1 } else { 2 };
        x.insert(place, vertex);
        y.insert(place, height);
        // The highest of the four keeps its neighbours.
        let drop = if y[2] > y[1] { 0 } else { 3 };
        x.remove(drop);
        y.remove(drop);
    }
    None
}
