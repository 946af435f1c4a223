//! How far a readout goes from its value before treatment, and what its course does then.

use crate::regimen::treat::Band;
use il2_answer::sentence::Spread;

/// How far a readout goes, and when.
#[derive(Clone, Copy, Debug)]
pub struct Excursion {
    /// Patients' own extremes, and their central interval as set by the study.
    pub value: Spread,
    /// When (d), median; 0 where it never goes beyond its start.
    pub day: f64,
    /// What follows.
    pub after: After,
    /// Part of the patients who go from their start by more than a twentieth of it.
    pub share: f64,
}

/// What a course does behind its highest or lowest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It turns.
    Turns,
    /// It still goes further where it ends.
    GoesOn,
    /// It stays at its extreme until the end.
    Stays,
}

/// What the course of the medians does behind its extreme, which lies on that day. It goes on where the
/// extreme lies at its end and is further out than all before the last tenth.
pub fn after(course: &[(f64, Band)], end: f64, (day, extreme): (f64, f64), up: bool) -> After {
    let until = |most: f64| {
        let some = course.iter().filter(move |(time, _)| *time <= most);
        let some = some.map(|(_, band)| band.median);
        match up {
            true => some.fold(f64::NEG_INFINITY, f64::max),
            false => some.fold(f64::INFINITY, f64::min),
        }
    };
    let before = until(0.9 * end);
    let further = match up {
        true => extreme > 1.01 * before,
        false => extreme < before / 1.01,
    };
    let best = until(end);
    let near = |v: f64| if up { v >= 0.98 * best } else { v <= best / 0.98 };
    let left = course.iter().any(|(time, band)| *time >= day && !near(band.median));
    match day >= 0.98 * end {
        true if further => After::GoesOn,
        // Slower, it goes on as long as it has not been there for a fifth of the whole.
        true if near(until(0.8 * end)) => After::Stays,
        true => After::GoesOn,
        false if !left && (day <= 0.9 * end || near(until(0.8 * end))) => After::Stays,
        false => After::Turns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_that_ends_at_its_extreme_goes_on_only_where_it_still_moves() {
        let of = |values: [f64; 5]| -> Vec<(f64, Band)> {
            let band = |median| Band { median, low: median, high: median, patients: 1 };
            values.iter().enumerate().map(|(day, v)| (day as f64, band(*v))).collect()
        };
        let rising = of([1.0, 1.5, 2.0, 2.5, 3.0]);
        let up = |course: &[(f64, Band)], day: f64, top: f64| after(course, 4.0, (day, top), true);
        assert_eq!(up(&rising, 4.0, 3.0), After::GoesOn);
        assert_eq!(up(&rising, 2.0, 3.0), After::Turns, "its peak lies before the end");
        assert_eq!(up(&of([1.0, 2.9, 3.0, 3.0, 3.001]), 4.0, 3.001), After::Stays, "a plateau");
        assert_eq!(up(&of([1.0, 2.9, 3.0, 2.99, 2.98]), 2.0, 3.0), After::Stays);
        assert_eq!(up(&of([1.0, 2.9, 3.0, 2.9, 2.98]), 2.0, 3.0), After::Turns, "it left");
        // A top at the last output is no peak, however slowly the course came there.
        let slow: Vec<(f64, Band)> = (0..=84)
            .map(|day| {
                let median = 2.0 + 0.1 * f64::from(day) / 84.0;
                (f64::from(day), Band { median, low: median, high: median, patients: 1 })
            })
            .collect();
        assert_ne!(after(&slow, 84.0, (84.0, 2.1), true), After::Turns);
        let falling = of([5.0, 4.0, 3.0, 2.0, 1.0]);
        assert_eq!(after(&falling, 4.0, (4.0, 1.0), false), After::GoesOn);
    }
}
