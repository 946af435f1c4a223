//! Reading a dose-response curve: half-maximal dose, top, steepness, without a model of the curve.

/// Where a half-maximal dose lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HalfMaximal {
    /// Inside the doses tried (unit of the doses).
    At(f64),
    /// Below the lowest dose, which is given.
    Below(f64),
    /// Beyond the highest dose, which is given: the curve has not levelled off.
    Above(f64),
    /// The response does not move.
    Flat,
    /// Some response is not a number: its lane was not solved, so the curve has no half.
    Unknown,
}

impl HalfMaximal {
    /// The dose itself, where it was found.
    pub fn value(self) -> Option<f64> {
        if let HalfMaximal::At(dose) = self { Some(dose) } else { None }
    }
}

/// What a curve says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// Dose at half of the way from the baseline to the top.
    pub ec50: HalfMaximal,
    /// Largest response.
    pub top: f64,
    /// Response without ligand.
    pub baseline: f64,
    /// `log 81 / log (EC90 / EC10)`: the Hill coefficient of a Hill curve; none if a limb is not
    /// inside the doses.
    pub steepness: Option<f64>,
    /// The response falls again by more than a tenth beyond its top (a bell).
    pub falls: bool,
}

/// Reads a curve. `doses` increase and are positive; `responses` belong to them; `baseline` is the
/// response without ligand.
///
/// Between doses the response is interpolated against the logarithm of the dose by monotone cubics
/// (Fritsch & Carlson 1980), so that no overshoot invents a crossing. A curve whose last step still
/// rises by more than a twentieth of its height has no top to take half of.
pub fn read_curve(doses: &[f64], responses: &[f64], baseline: f64) -> Curve {
    let logs: Vec<f64> = doses.iter().map(|d| d.ln()).collect();
    let far = |r: &f64| (r - baseline).abs();
    let peak =
        (0..responses.len()).max_by(|&i, &j| far(&responses[i]).total_cmp(&far(&responses[j])));
    let Some(peak) = peak else {
        return Curve {
            ec50: HalfMaximal::Flat,
            top: baseline,
            baseline,
            steepness: None,
            falls: false,
        };
    };
    let top = responses[peak];
    let height = top - baseline;
    let last = responses.len() - 1;
    let still_rising =
        peak == last && last > 0 && (responses[last] - responses[last - 1]) / height > 0.05;
    // The limb up to the top, as a part of the way to it.
    let part: Vec<f64> = responses[..=peak].iter().map(|r| (r - baseline) / height).collect();
    let cross = |level: f64| crossing(&logs[..=peak], &part, level);
    let ec50 = if !height.is_finite() || !responses.iter().all(|r| r.is_finite()) {
        HalfMaximal::Unknown
    } else if height.abs() <= 1e-9 * (top.abs() + baseline.abs()) {
        HalfMaximal::Flat
    } else if still_rising {
        HalfMaximal::Above(doses[last])
    } else if part[0] > 0.5 {
        HalfMaximal::Below(doses[0])
    } else {
        cross(0.5).map_or(HalfMaximal::Below(doses[0]), |l| HalfMaximal::At(l.exp()))
    };
    let limbs = cross(0.1).zip(cross(0.9)).filter(|(low, high)| high > low);
    Curve {
        ec50,
        top,
        baseline,
        steepness: limbs
            .filter(|_| matches!(ec50, HalfMaximal::At(_)))
            .map(|(low, high)| 81_f64.ln() / (high - low)),
        falls: (responses[last] - baseline) / height < 0.9,
    }
}

/// How the half-maximal dose of a curve moves with its baseline and with each response; none where it
/// has none. The top stays where it is: of doses that all but reach it, any gives the same.
pub fn half_maximal_slopes(
    doses: &[f64],
    responses: &[f64],
    baseline: f64,
) -> Option<(f64, Vec<f64>)> {
    /// By how much a part of the way to the top is moved. The crossing is a smooth function of few
    /// numbers, without an integrator's noise: a central difference is right to some eight digits.
    const STEP: f64 = 1e-4;
    let curve = read_curve(doses, responses, baseline);
    let half = curve.ec50.value()?;
    let height = curve.top - baseline;
    let peak = responses.iter().rposition(|r| *r == curve.top)?;
    let logs: Vec<f64> = doses[..=peak].iter().map(|d| d.ln()).collect();
    let part: Vec<f64> = responses[..=peak].iter().map(|r| (r - baseline) / height).collect();
    let (mut by_baseline, mut by_response) = (0.0, vec![0.0; responses.len()]);
    for j in 0..=peak {
        let at = |by: f64| {
            let mut moved = part.clone();
            moved[j] += by;
            crossing(&logs, &moved, 0.5)
        };
        let slope = half * (at(STEP)? - at(-STEP)?) / (2.0 * STEP * height);
        by_response[j] += slope;
        by_response[peak] -= slope * part[j];
        by_baseline -= slope * (1.0 - part[j]);
    }
    Some((by_baseline, by_response))
}

/// First place where the interpolant reaches a level.
fn crossing(x: &[f64], y: &[f64], level: f64) -> Option<f64> {
    let i = (1..y.len()).find(|&i| y[i] >= level && y[i - 1] < level)?;
    let slopes = monotone_slopes(x, y);
    let h = x[i] - x[i - 1];
    let at = |s: f64| {
        let (a, b) = (y[i - 1], y[i]);
        let (da, db) = (slopes[i - 1] * h, slopes[i] * h);
        let (s2, s3) = (s * s, s * s * s);
        a * (2.0 * s3 - 3.0 * s2 + 1.0)
            + da * (s3 - 2.0 * s2 + s)
            + b * (3.0 * s2 - 2.0 * s3)
            + db * (s3 - s2)
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if at(middle) < level { low = middle } else { high = middle }
    }
    Some(x[i - 1] + 0.5 * (low + high) * h)
}

/// Slopes at the nodes: harmonic means where the data are monotone, zero at their extremes.
fn monotone_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    if n < 2 {
        return vec![0.0; n];
    }
    let width = |i: usize| x[i + 1] - x[i];
    let secant = |i: usize| (y[i + 1] - y[i]) / width(i);
    let mut slopes = vec![0.0; n];
    for i in 1..n - 1 {
        let (left, right) = (secant(i - 1), secant(i));
        if left * right > 0.0 {
            let (w1, w2) = (2.0 * width(i) + width(i - 1), width(i) + 2.0 * width(i - 1));
            slopes[i] = (w1 + w2) / (w1 / left + w2 / right);
        }
    }
    slopes[0] = secant(0);
    slopes[n - 1] = secant(n - 2);
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hill(dose: f64, ec50: f64, n: f64) -> f64 {
        dose.powf(n) / (dose.powf(n) + ec50.powf(n))
    }

    fn doses() -> Vec<f64> {
        (0..25).map(|i| 10_f64.powf(-2.0 + 0.25 * f64::from(i))).collect()
    }

    #[test]
    fn a_hill_curve_gives_back_its_half_dose_and_coefficient() {
        for (ec50, n) in [(0.5, 1.0), (33.6, 1.7), (3.0, 0.8)] {
            let responses: Vec<f64> =
                doses().iter().map(|&d| 7.0 + 3.0 * hill(d, ec50, n)).collect();
            let curve = read_curve(&doses(), &responses, 7.0);
            let found = curve.ec50.value().unwrap();
            assert!((found / ec50 - 1.0).abs() < 0.01, "{found} for {ec50}");
            assert!((curve.steepness.unwrap() / n - 1.0).abs() < 0.1, "{curve:?}");
        }
    }

    #[test]
    fn a_falling_response_has_a_half_dose_too() {
        let responses: Vec<f64> =
            doses().iter().map(|&d| 10.0 - 6.0 * hill(d, 10.0, 1.0)).collect();
        let found = read_curve(&doses(), &responses, 10.0).ec50.value().unwrap();
        assert!((found / 10.0 - 1.0).abs() < 0.02, "{found}");
    }

    #[test]
    fn a_half_dose_moves_with_the_curve() {
        let doses: Vec<f64> = (0..35).map(|i| 10_f64.powf(-2.0 + 0.2 * f64::from(i))).collect();
        let of = |shift: &dyn Fn(usize) -> f64, baseline: f64| {
            let value = |(i, d): (usize, &f64)| 7.0 + 3.0 * hill(*d, 2.0, 1.0) + shift(i);
            let responses: Vec<f64> = doses.iter().enumerate().map(value).collect();
            (read_curve(&doses, &responses, baseline).ec50.value().unwrap(), responses)
        };
        let (_, responses) = of(&|_| 0.0, 7.0);
        let (by_baseline, by_response) = half_maximal_slopes(&doses, &responses, 7.0).unwrap();
        let h = 1e-4;
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-5 * (1.0 + b.abs()), "{a} {b}");
        near(by_baseline, (of(&|_| 0.0, 7.0 + h).0 - of(&|_| 0.0, 7.0 - h).0) / (2.0 * h));
        // The whole curve moves: no change of the dose where the baseline moves along.
        near(by_baseline + by_response.iter().sum::<f64>(), 0.0);
        // All responses grow by a factor, and those of low doses by another.
        let along = |weight: &dyn Fn(usize) -> f64| {
            let slope: f64 = by_response.iter().enumerate().map(|(i, s)| s * weight(i)).sum();
            let moved = |h: f64| of(&|i| h * weight(i), 7.0).0;
            near(slope, (moved(h) - moved(-h)) / (2.0 * h));
        };
        along(&|i| 0.1 * (responses[i] - 7.0));
        along(&|i| (-(i as f64) / 8.0).exp());
    }

    #[test]
    fn doses_that_miss_the_curve_say_on_which_side() {
        let at = |ec50: f64| {
            let r: Vec<f64> = doses().iter().map(|&d| hill(d, ec50, 1.0)).collect();
            read_curve(&doses(), &r, 0.0).ec50
        };
        assert_eq!(at(1e6), HalfMaximal::Above(1e4));
        assert_eq!(at(1e-4), HalfMaximal::Below(0.01));
        assert_eq!(read_curve(&doses(), &[2.0; 25], 2.0).ec50, HalfMaximal::Flat);
        assert_eq!(read_curve(&doses(), &[f64::NAN; 25], 2.0).ec50, HalfMaximal::Unknown);
        let mut one = doses();
        one[7] = f64::NAN;
        assert_eq!(read_curve(&doses(), &one, 2.0).ec50, HalfMaximal::Unknown);
    }

    #[test]
    fn a_bell_is_read_up_to_its_top_and_said_to_fall() {
        let responses: Vec<f64> =
            doses().iter().map(|&d| hill(d, 1.0, 1.0) * (1.0 - hill(d, 1e3, 1.0))).collect();
        let curve = read_curve(&doses(), &responses, 0.0);
        assert!(curve.falls && curve.top < 1.0, "{curve:?}");
        assert!((0.7..1.1).contains(&curve.ec50.value().unwrap()), "{curve:?}");
    }
}
