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
        let sides = |seat: &Seat, part: f64| {
            let state = work.at_part(program, place, part);
            seat.sides(&state, &parameters, time + part * step)
        };
        if self.landing.is_some() {
            // The step ends at the crossing found before, unless it was shortened in the meantime.
            self.turn(&sides(self, 1.0));
            return false;
        }
        // A trigger that crosses twice between two of these points is missed.
        let mut from = self.above.clone();
        let mut found = None;
        for (before, after) in [(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)] {
            let here = sides(self, after);
            if let Some(trigger) = self.fired(&from, &here) {
                found = Some((before, after, trigger));
                break;
            }
            from = here;
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

    /// Whether each trigger is above zero at a state.
    pub fn sides(&self, state: &[f64], parameters: &[f64], time: f64) -> Vec<bool> {
        let triggers = self.course.lane.triggers.iter();
        triggers.map(|t| t.watch.value(state, parameters, time) > 0.0).collect()
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
