//! Noncompartmental analysis of a concentration curve: area, terminal phase, and derived quantities
//! (Gabrielsson & Weiner 2016, Pharmacokinetic and Pharmacodynamic Data Analysis, chapter 2).

use il2_engine::math;

/// The terminal phase of a curve, in which the logarithm falls along a straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terminal {
    /// Rate constant of the phase (lambda z).
    pub rate: f64,
    /// Level of the fitted line at time 0.
    pub start: f64,
    /// Number of points in the fit, which are the last points of the curve.
    pub points: usize,
    /// Squared correlation, adjusted for the number of points.
    pub fits: f64,
}

/// Area under the points from the first to the last: linear trapezoids where they rise, logarithmic
/// ones where they fall.
pub fn area(points: &[(f64, f64)]) -> f64 {
    let part = |pair: &[(f64, f64)]| {
        let ((t0, c0), (t1, c1)) = (pair[0], pair[1]);
        match c1 < c0 && c1 > 0.0 {
            true => (t1 - t0) * (c0 - c1) / math::ln(c0 / c1),
            false => 0.5 * (t1 - t0) * (c0 + c1),
        }
    };
    points.windows(2).map(part).sum()
}

/// The highest point; the first if there are several.
pub fn highest(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    points.iter().copied().reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Area under level times time (AUMC) from the first point to the last, by the same trapezoids.
pub fn moment(points: &[(f64, f64)]) -> f64 {
    let part = |pair: &[(f64, f64)]| {
        let ((t0, c0), (t1, c1)) = (pair[0], pair[1]);
        let width = t1 - t0;
        if c1 < c0 && c1 > 0.0 {
            let rate = math::ln(c0 / c1) / width;
            return (t0 * c0 - t1 * c1) / rate + (c0 - c1) / (rate * rate);
        }
        0.5 * width * (t0 * c0 + t1 * c1)
    };
    points.windows(2).map(part).sum()
}

/// The level at a time between two points, as the trapezoids have it.
pub fn level_at(time: f64, (t0, c0): (f64, f64), (t1, c1): (f64, f64)) -> f64 {
    let part = (time - t0) / (t1 - t0);
    match c1 < c0 && c1 > 0.0 {
        true => c0 * math::exp(part * math::ln(c1 / c0)),
        false => c0 + part * (c1 - c0),
    }
}

/// A falling line through the logarithms of the last points after the highest: at least three
/// points, chosen for the largest adjusted squared correlation and, among nearly equal fits, for
/// the most points. `with_highest` lets the line begin with the highest point, as after a bolus.
pub fn terminal(points: &[(f64, f64)], with_highest: bool) -> Option<Terminal> {
    const EQUAL: f64 = 1e-4;
    let top = highest(points)?.0;
    let from = |time: f64| time > top || (with_highest && time == top);
    let after: Vec<(f64, f64)> =
        points.iter().copied().filter(|p| from(p.0) && p.1 > 0.0).collect();
    let mut best: Option<Terminal> = None;
    for count in 3..=after.len() {
        let Some(line) = line(&after[after.len() - count..]) else { continue };
        // A rising line is no elimination, however well it fits.
        if line.rate <= 0.0 {
            continue;
        }
        if best.is_none_or(|b| line.fits > b.fits - EQUAL) {
            // Compared with the best fit so far, since otherwise a series of near equals could lead
            // to a much worse fit.
            let fits = best.map_or(line.fits, |b| b.fits.max(line.fits));
            best = Some(Terminal { fits, ..line });
        }
    }
    let found = best?;
    line(&after[after.len() - found.points..])
}

fn line(points: &[(f64, f64)]) -> Option<Terminal> {
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (time, log) = (mean(&|p| p.0), mean(&|p| math::ln(p.1)));
    let times = mean(&|p| (p.0 - time) * (p.0 - time));
    let logs = mean(&|p| (math::ln(p.1) - log) * (math::ln(p.1) - log));
    let both = mean(&|p| (p.0 - time) * (math::ln(p.1) - log));
    let slope = both / times;
    let square = both * both / (times * logs);
    let fits = 1.0 - (1.0 - square) * (n - 1.0) / (n - 2.0);
    let start = math::exp(log - slope * time);
    (slope.is_finite() && fits.is_finite()).then_some(Terminal {
        rate: -slope,
        start,
        points: points.len(),
        fits,
    })
}

/// The level right after a bolus: from the line through the logarithms of the first two points, or
/// the first point if they do not fall.
pub fn after_bolus(points: &[(f64, f64)]) -> Option<f64> {
    let first = points.first()?;
    let falling = points.get(1).filter(|second| second.1 < first.1 && second.1 > 0.0);
    let back = |second: &(f64, f64)| {
        let rate = math::ln(first.1 / second.1) / (second.0 - first.0);
        first.1 * math::exp(rate * first.0)
    };
    Some(falling.map_or(first.1, back))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_has_its_area_and_half_life() {
        let points: Vec<(f64, f64)> =
            [0.0, 1.0, 2.5, 6.0, 12.0].map(|t| (t, 8.0 * math::exp(-0.2 * t))).to_vec();
        let wanted = 8.0 / 0.2 * (1.0 - math::exp(-2.4));
        assert!((area(&points) - wanted).abs() < 1e-12, "{}", area(&points));
        let found = terminal(&points, false).expect("it falls");
        assert!((found.rate - 0.2).abs() < 1e-12 && found.points == 4, "{found:?}");
        assert!((found.start - 8.0).abs() < 1e-11);
        let start = after_bolus(&points[1..]).expect("points");
        assert!((start - 8.0).abs() < 1e-12, "{start}");
    }

    /// Subject 1 of the theophylline data (Boeckmann, Sheiner & Beal 1994); values from numpy 2 by
    /// the definitions above.
    #[test]
    fn theophylline_of_one_person() {
        let points = [
            (0.0, 0.74),
            (0.25, 2.84),
            (0.57, 6.57),
            (1.12, 10.5),
            (2.02, 9.66),
            (3.82, 8.58),
            (5.1, 8.36),
            (7.03, 7.47),
            (9.05, 6.89),
            (12.12, 5.94),
            (24.37, 3.28),
        ];
        assert_eq!(highest(&points), Some((1.12, 10.5)));
        let found = terminal(&points, false).expect("it falls");
        assert!((area(&points) / 147.23474853700378 - 1.0).abs() < 1e-9, "{}", area(&points));
        assert!(
            (found.rate / 0.048456996965774955 - 1.0).abs() < 1e-9 && found.points == 3,
            "{found:?}"
        );
    }

    #[test]
    fn what_does_not_fall_has_no_terminal_phase() {
        assert_eq!(terminal(&[(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)], false), None);
        assert_eq!(terminal(&[(0.0, 4.0), (1.0, 2.0), (2.0, 1.0)], false), None);
        assert_eq!(terminal(&[], false), None);
    }
    /// The last three points rise along a perfect line; of the falling lines, that through the last
    /// five of six fits best (values from numpy 2).
    #[test]
    fn a_rising_end_is_no_terminal_phase() {
        let points = [(1.0, 10.0), (2.0, 8.0), (4.0, 5.1), (8.0, 2.0), (12.0, 2.2), (16.0, 2.42)];
        let found = terminal(&points, false).expect("it falls");
        assert_eq!(found.points, 5);
        assert!(
            (found.rate / 0.08536023865240439 - 1.0).abs() < 1e-9
                && (found.fits / 0.5262541050801597 - 1.0).abs() < 1e-9
        );
    }

    /// A bolus of 100 into 20 with rate 0.2: the moment to a time is that of the closed form.
    #[test]
    fn an_exponential_has_its_moment() {
        let points: Vec<(f64, f64)> =
            [0.0, 1.0, 2.5, 6.0, 12.0].map(|t| (t, 5.0 * math::exp(-0.2 * t))).to_vec();
        let wanted = 5.0 / 0.04 * (1.0 - math::exp(-2.4) * (1.0 + 2.4));
        assert!((moment(&points) / wanted - 1.0).abs() < 1e-12);
        let between = level_at(4.0, points[2], points[3]);
        assert!((between - 5.0 * math::exp(-0.8)).abs() < 1e-12, "{between}");
        assert_eq!(level_at(1.0, (0.0, 2.0), (2.0, 6.0)), 4.0);
        let found = terminal(&points[2..], true).expect("three points from the highest on");
        assert!((found.rate - 0.2).abs() < 1e-12 && terminal(&points[2..], false).is_none());
    }
}
