//! The largest change of a readout from its value before treatment, and its course afterwards.

use crate::regimen::treat::Band;
use il2_answer::sentence::Spread;

/// The extreme of a readout, and the time at which it is reached.
#[derive(Clone, Copy, Debug)]
pub struct Excursion {
    /// Median of the patients' own extremes, and the central interval that the study requests.
    pub value: Spread,
    /// Median time of the extreme (d); 0 if the readout never goes beyond its start.
    pub day: f64,
    /// The course afterwards.
    pub after: After,
    /// Fraction of the patients whose readout moves by more than a twentieth of its start.
    pub share: f64,
}

/// Course of a readout after its highest or lowest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It turns back.
    Turns,
    /// It is still moving away at its end.
    GoesOn,
    /// It stays at its extreme until the end.
    Stays,
}

/// How the medians continue after their extreme on that day. The course is still moving if the
/// extreme is at its end and exceeds all values before the last tenth.
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
        // A slowly changing course is still moving unless it has been at its extreme for a fifth of
        // the whole time.
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
        // A maximum at the last output is not a peak, even if the course approached it slowly.
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
