//! Numbers of an answer with their intervals.

use crate::culture::drawn::Drawn;
use crate::culture::draws::{Draws, Quantity, between};
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use il2_answer::sentence::{Spread, percent};

impl Answer {
    /// A number at one of the times of the course; NaN after a failure.
    pub fn value(&self, of: Quantity, time: f64) -> f64 {
        let Some(at) = self.times.iter().position(|t| *t == time) else { return f64::NAN };
        match of {
            Quantity::Readout(place) => self.ran.rows.get(at).map_or(f64::NAN, |row| row[place]),
            other => self.ran.balances.get(at).map_or(f64::NAN, |all| other.of_balances(all)),
        }
    }

    /// The number in each draw; empty without draws or between the times at which they were read.
    pub fn in_draws(&self, of: Quantity, time: f64) -> Vec<f64> {
        self.drawn.as_ref().map_or(vec![], |drawn| drawn.values(of, time))
    }

    /// In each solved draw, the time at which a number has fallen to a level, for good or not;
    /// infinite if it is above it throughout.
    pub fn draws_fall_to(&self, of: Quantity, level: f64) -> Vec<f64> {
        let times = self.drawn_times();
        let courses: Vec<Vec<f64>> = times.iter().map(|time| self.in_draws(of, *time)).collect();
        let count = courses.first().map_or(0, Vec::len);
        let time = |draw: usize| {
            let course: Vec<(f64, f64)> =
                times.iter().zip(&courses).map(|(time, all)| (*time, all[draw])).collect();
            if course.iter().any(|(_, value)| value.is_nan()) {
                return f64::NAN;
            }
            let falls = course.windows(2).find(|pair| pair[0].1 > level && pair[1].1 <= level);
            falls.map_or(f64::INFINITY, |pair| {
                let [(from, before), (to, after)] = [pair[0], pair[1]];
                from + (before - level) / (before - after) * (to - from)
            })
        };
        (0..count).map(time).collect()
    }

    /// A number with its interval.
    pub fn spread(&self, draws: &Draws, of: Quantity, time: f64) -> Spread {
        between(draws, self.value(of, time), self.in_draws(of, time))
    }

    /// Times at which draws are read.
    pub fn drawn_times(&self) -> &[f64] {
        self.drawn.as_ref().map_or(&[], Drawn::times)
    }

    /// Number of draws that were solved up to the last time.
    pub fn solved_draws(&self) -> usize {
        self.drawn.as_ref().map_or(0, Drawn::solved)
    }

    /// Number of draws that failed, and why the first did.
    pub fn failed_draws(&self) -> (usize, String) {
        self.drawn.as_ref().map_or((0, String::new()), Drawn::failed)
    }
}

/// What the intervals of a culture include and what not.
pub fn what_varies(plan: &Plan) -> Option<String> {
    let draws = &plan.draws;
    (draws.count > 0).then(|| {
        let setups = plan.described.kinds.iter().map(|kind| &kind.setup);
        let does = plan.kinds.iter().any(|kind| !kind.numbers.is_empty());
        format!(
            "In parentheses: {} intervals from {} draws of {}{}.",
            percent(draws.level),
            draws.count,
            draws.posterior.what_is_drawn(setups),
            match does {
                true => {
                    "; the numbers of secretion, growth and suppression are the same in all draws, \
                     because their uncertainty was not measured"
                }
                false => "",
            }
        )
    })
}
