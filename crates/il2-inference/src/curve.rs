//! EC50, top and steepness of a curve; exceeds 400 lines because its tests draw the same Hill
//! curves with the same few helpers. They are read from a dose-response curve without fitting a
//! model.

use il2_engine::{Tolerance, math};

/// The position of an EC50 relative to the doses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HalfMaximal {
    /// Within the range of doses (unit of the doses).
    At(f64),
    /// Below the lowest dose, which is given.
    Below(f64),
    /// The curve has not levelled off, so that there is no top of which to take half. The EC50 is
    /// above the given dose, at which half of the largest observed response is reached (zero if the
    /// lowest dose already exceeds it), because the true top cannot be lower.
    Above(f64),
    /// There is no response.
    Flat,
    /// A response is not a number because its simulation was not solved, so the curve has no EC50.
    Unknown,
}

impl HalfMaximal {
    /// The EC50, if it was found.
    pub fn value(self) -> Option<f64> {
        if let HalfMaximal::At(dose) = self { Some(dose) } else { None }
    }
}

/// A response that falls again at high doses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bell {
    /// Dose of the top (unit of the doses), above which the response falls again.
    pub from: f64,
    /// Response at the highest dose, as a fraction of the height of the top above the baseline.
    pub left: f64,
}

/// The values read from a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// EC50: the dose that gives the response half-way between the baseline and the top.
    pub ec50: HalfMaximal,
    /// Largest response.
    pub top: f64,
    /// Response without ligand.
    pub baseline: f64,
    /// `log 81 / log (EC90 / EC10)`: the Hill coefficient of a Hill curve; none if EC10 or EC90 is
    /// not within the doses.
    pub steepness: Option<f64>,
    /// Present if the response falls again, by more than a tenth of its height, above the dose of
    /// its top.
    pub bell: Option<Bell>,
    /// The doses on either side of the EC50, if they are so far apart that the curve between them
    /// is a guess.
    pub gap: Option<(f64, f64)>,
    /// The EC50 was found, but the response still rises a little at the highest dose: the true top and EC50
    /// are higher, most of all for a shallow curve.
    pub rises: bool,
    /// The EC50 was found, but the response rises in two steps, as with receptors of two
    /// affinities: the EC50 is on one of them or between them, and doses for other fractions of the
    /// top may compare differently.
    pub two_steps: bool,
}

impl Curve {
    /// Whether the response falls with increasing dose, so that its top is its lowest value.
    pub fn descends(&self) -> bool {
        self.top < self.baseline
    }

    /// For a falling response, the fall as a fraction of the response without ligand; none for a
    /// rising response.
    pub fn fall(&self) -> Option<f64> {
        (self.descends() && self.baseline > 0.0).then(|| 1.0 - self.top / self.baseline)
    }
}

/// A curve that rises by more than this fraction of its height over the last [`SPAN`] of the doses
/// has not levelled off. A Hill curve of coefficient 1 then ends below 94.7 % of its plateau.
const RISING: f64 = 0.05;
/// A curve that rises by more than this fraction has only nearly levelled off. A Hill curve of
/// coefficient 1 then ends at 98 to 99 % of its plateau, and its EC50 errs by 2 %; one of
/// coefficient 0.5 by a tenth, one of 0.3 by a quarter. A curve with two steps may have its second
/// step at higher doses.
const STILL_RISING: f64 = 0.01;
/// Whether a curve has levelled off is judged over this last factor of dose, whatever the spacing
/// of doses.
const SPAN: f64 = 2.0;
/// A curve has two steps if its slope against the logarithm of the dose falls between them to less
/// than this fraction of the smaller of their two slopes.
const PLATEAU: f64 = 0.8;
/// Least height of a step, as a fraction of the whole: from EC20 to EC80, a curve with a smaller
/// step is on its other step.
const STEP_HEIGHT: f64 = 0.2;
/// Two successive doses that differ by more than this factor leave a gap. Across half a decade the
/// EC50 of a Hill curve of coefficient 1 errs by 1 % (coefficient 2: 4 %), across a decade by 9 %
/// (26 %).
pub const GAP: f64 = 3.2;
/// Smallest height of a response, in units of the solver's tolerance, because errors of steps add
/// up, as do those of the species in a readout.
const TOLERANCES: f64 = 10.0;

/// Reads EC50, top and steepness from a curve. `doses` are positive and increasing; `responses`
/// correspond to them; `baseline` is the response without ligand; `tolerance` is the tolerance of
/// the solver: a height below it is not a response.
///
/// Between doses the response is interpolated against the logarithm of the dose by monotone cubics
/// (Fritsch & Butland 1984), so that no overshoot creates a spurious crossing. From five doses per
/// decade upwards, the EC50 of a Hill curve (with a coefficient up to 4) changes by less than 1.5 %
/// when doses are added. The marks of a curve that rises over all doses do not change, unless the
/// rise over its last factor of two is within 0.001 of a limit.
pub fn read_curve(doses: &[f64], responses: &[f64], baseline: f64, tolerance: &Tolerance) -> Curve {
    let far = |r: &f64| (r - baseline).abs();
    let peak =
        (0..responses.len()).max_by(|&i, &j| far(&responses[i]).total_cmp(&far(&responses[j])));
    let Some(peak) = peak else {
        return Curve {
            ec50: HalfMaximal::Flat,
            top: baseline,
            baseline,
            steepness: None,
            bell: None,
            gap: None,
            rises: false,
            two_steps: false,
        };
    };
    let top = responses[peak];
    let height = top - baseline;
    let last = responses.len() - 1;
    let whole = Interpolant::new(doses, responses, baseline, height);
    // The part of the curve up to the top.
    let limb = Interpolant::new(&doses[..=peak], &responses[..=peak], baseline, height);
    let least = tolerance.absolute + tolerance.relative * top.abs().max(baseline.abs());
    let mut gap = None;
    // A curve that has turned back has its top within the doses, however it continues.
    let back = whole.y[last] < 0.9;
    let ec50 = if !height.is_finite() || !responses.iter().all(|r| r.is_finite()) {
        HalfMaximal::Unknown
    } else if height.abs() <= TOLERANCES * least {
        HalfMaximal::Flat
    } else if whole.rise_at_the_end() > RISING && !back {
        HalfMaximal::Above(limb.crossing(0.5).map_or(0.0, |(log, _)| math::exp(log)))
    } else if limb.y[0] > 0.5 {
        HalfMaximal::Below(doses[0])
    } else {
        match limb.crossing(0.5) {
            Some((log, i)) => {
                gap = Some((doses[i - 1], doses[i])).filter(|(low, high)| high / low > GAP);
                HalfMaximal::At(math::exp(log))
            }
            None => HalfMaximal::Below(doses[0]),
        }
    };
    let limbs = limb.crossing(0.1).zip(limb.crossing(0.9));
    let limbs = limbs.map(|(low, high)| (low.0, high.0)).filter(|(low, high)| high > low);
    let responds = matches!(ec50, HalfMaximal::At(_) | HalfMaximal::Below(_));
    Curve {
        ec50,
        top,
        baseline,
        steepness: limbs
            .filter(|_| matches!(ec50, HalfMaximal::At(_)))
            .map(|(low, high)| math::ln(81.0) / (high - low)),
        bell: (responds && back).then(|| Bell { from: doses[peak], left: whole.y[last] }),
        gap,
        rises: matches!(ec50, HalfMaximal::At(_))
            && !back
            && whole.rise_at_the_end() > STILL_RISING,
        two_steps: matches!(ec50, HalfMaximal::At(_)) && limb.has_two_steps(),
    }
}

/// Derivatives of the EC50 of a curve with respect to its baseline and to each response; none if
/// the curve has no EC50. The dose of the top is held fixed, since any dose that almost reaches the
/// top gives the same EC50.
pub fn half_maximal_slopes(
    doses: &[f64],
    responses: &[f64],
    baseline: f64,
    tolerance: &Tolerance,
) -> Option<(f64, Vec<f64>)> {
    /// Step of a numerical derivative, as a fraction of the height. The crossing is a smooth
    /// function of a few numbers, without the noise of an integrator, so that a central difference
    /// is accurate to about eight digits.
    const STEP: f64 = 1e-4;
    let curve = read_curve(doses, responses, baseline, tolerance);
    let half = curve.ec50.value()?;
    let height = curve.top - baseline;
    let peak = responses.iter().rposition(|r| *r == curve.top)?;
    let limb = Interpolant::new(&doses[..=peak], &responses[..=peak], baseline, height);
    let (_, crossed) = limb.crossing(0.5)?;
    let (mut by_baseline, mut by_response) = (0.0, vec![0.0; responses.len()]);
    // A cubic between two doses depends on these two and on the next dose on each side; at the end
    // of the doses it depends on the slope there, which follows from three doses.
    for j in crossed.saturating_sub(3)..=(crossed + 2).min(peak) {
        let at = |by: f64| {
            let mut moved = limb.y.clone();
            moved[j] += by;
            let moved = Interpolant::through(limb.x.clone(), moved);
            moved.crossing(0.5).map(|(log, _)| log)
        };
        let slope = half * (at(STEP)? - at(-STEP)?) / (2.0 * STEP * height);
        by_response[j] += slope;
        by_response[peak] -= slope * limb.y[j];
        by_baseline -= slope * (1.0 - limb.y[j]);
    }
    Some((by_baseline, by_response))
}

/// Responses as fractions of the height, against logarithms of doses, with slopes at the doses.
struct Interpolant {
    x: Vec<f64>,
    y: Vec<f64>,
    slopes: Vec<f64>,
}

impl Interpolant {
    fn new(doses: &[f64], responses: &[f64], baseline: f64, height: f64) -> Self {
        let logs = doses.iter().map(|d| math::ln(*d)).collect();
        Self::through(logs, responses.iter().map(|r| (r - baseline) / height).collect())
    }

    fn through(x: Vec<f64>, y: Vec<f64>) -> Self {
        let slopes = monotone_slopes(&x, &y);
        Self { x, y, slopes }
    }

    /// The value at a fraction of the way to the point `next`.
    fn between(&self, next: usize, s: f64) -> f64 {
        let h = self.x[next] - self.x[next - 1];
        let (a, b) = (self.y[next - 1], self.y[next]);
        let (da, db) = (self.slopes[next - 1] * h, self.slopes[next] * h);
        let (s2, s3) = (s * s, s * s * s);
        a * (2.0 * s3 - 3.0 * s2 + 1.0)
            + da * (s3 - 2.0 * s2 + s)
            + b * (3.0 * s2 - 2.0 * s3)
            + db * (s3 - s2)
    }

    /// First crossing of a level by the interpolant, and the index of the point after it.
    fn crossing(&self, level: f64) -> Option<(f64, usize)> {
        let (x, y) = (&self.x, &self.y);
        let i = (1..y.len()).find(|&i| y[i] >= level && y[i - 1] < level)?;
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.between(i, middle) < level { low = middle } else { high = middle }
        }
        Some((x[i - 1] + 0.5 * (low + high) * (x[i] - x[i - 1]), i))
    }

    /// Whether the curve rises steeply twice, with a flatter part between. Slopes are those between
    /// successive points: whatever the doses, they have one maximum if the curve itself has one
    /// steepest dose.
    fn has_two_steps(&self) -> bool {
        let points = self.x.iter().zip(&self.y);
        let slopes: Vec<f64> = points
            .clone()
            .zip(points.skip(1))
            .map(|((x0, y0), (x1, y1))| (y1 - y0) / (x1 - x0))
            .collect();
        let running = |all: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
            all.scan(f64::NEG_INFINITY, |most, slope| {
                *most = most.max(slope);
                Some(*most)
            })
            .collect()
        };
        let before = running(&mut slopes.iter().copied());
        let mut after = running(&mut slopes.iter().rev().copied());
        after.reverse();
        slopes.iter().enumerate().any(|(i, slope)| {
            let middle = 0.5 * (self.y[i] + self.y[i + 1]);
            let high = middle > STEP_HEIGHT && middle < 1.0 - STEP_HEIGHT;
            high && *slope < PLATEAU * before[i].min(after[i])
        })
    }

    /// The rise over the last [`SPAN`], scaled in proportion if the doses span less.
    fn rise_at_the_end(&self) -> f64 {
        let last = self.x.len() - 1;
        let span = math::ln(SPAN);
        let from = self.x[last] - span;
        if last == 0 {
            return 0.0;
        }
        if from <= self.x[0] {
            return (self.y[last] - self.y[0]) * span / (self.x[last] - self.x[0]);
        }
        let next = self.x.partition_point(|x| *x < from).max(1);
        let part = (from - self.x[next - 1]) / (self.x[next] - self.x[next - 1]);
        self.y[last] - self.between(next, part)
    }
}

/// Slopes at the nodes: harmonic means where the data are monotone, zero at their extremes; at the
/// ends the slope of a parabola, unless it has the wrong sign.
fn monotone_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    if n < 2 {
        return vec![0.0; n];
    }
    let width = |i: usize| x[i + 1] - x[i];
    let secant = |i: usize| (y[i + 1] - y[i]) / width(i);
    let mut slopes = vec![secant(0); n];
    if n == 2 {
        return slopes;
    }
    for i in 1..n - 1 {
        let (left, right) = (secant(i - 1), secant(i));
        let (w1, w2) = (2.0 * width(i) + width(i - 1), width(i) + 2.0 * width(i - 1));
        slopes[i] = if left * right > 0.0 { (w1 + w2) / (w1 / left + w2 / right) } else { 0.0 };
    }
    let end = |outer: usize, inner: usize| {
        let (own, other) = (secant(outer), secant(inner));
        let (h, further) = (width(outer), width(inner));
        let slope = ((2.0 * h + further) * own - h * other) / (h + further);
        match slope * own > 0.0 {
            true if own * other <= 0.0 && slope.abs() > 3.0 * own.abs() => 3.0 * own,
            true => slope,
            false => 0.0,
        }
    };
    slopes[0] = end(0, 1);
    slopes[n - 1] = end(n - 2, n - 3);
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(doses: &[f64], responses: &[f64], baseline: f64) -> Curve {
        read_curve(doses, responses, baseline, &Tolerance::default())
    }

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
            let curve = read(&doses(), &responses, 7.0);
            let found = curve.ec50.value().unwrap();
            assert!((found / ec50 - 1.0).abs() < 0.01, "{found} for {ec50}");
            assert!((curve.steepness.unwrap() / n - 1.0).abs() < 0.1, "{curve:?}");
        }
    }

    #[test]
    fn a_falling_response_has_a_half_dose_too() {
        let responses: Vec<f64> =
            doses().iter().map(|&d| 10.0 - 6.0 * hill(d, 10.0, 1.0)).collect();
        let found = read(&doses(), &responses, 10.0).ec50.value().unwrap();
        assert!((found / 10.0 - 1.0).abs() < 0.02, "{found}");
    }

    #[test]
    fn a_half_dose_moves_with_the_curve() {
        let doses: Vec<f64> = (0..35).map(|i| 10_f64.powf(-2.0 + 0.2 * f64::from(i))).collect();
        let of = |shift: &dyn Fn(usize) -> f64, baseline: f64| {
            let value = |(i, d): (usize, &f64)| 7.0 + 3.0 * hill(*d, 2.0, 1.0) + shift(i);
            let responses: Vec<f64> = doses.iter().enumerate().map(value).collect();
            (read(&doses, &responses, baseline).ec50.value().unwrap(), responses)
        };
        let (_, responses) = of(&|_| 0.0, 7.0);
        let (by_baseline, by_response) =
            half_maximal_slopes(&doses, &responses, 7.0, &Tolerance::default()).unwrap();
        let h = 1e-4;
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-5 * (1.0 + b.abs()), "{a} {b}");
        near(by_baseline, (of(&|_| 0.0, 7.0 + h).0 - of(&|_| 0.0, 7.0 - h).0) / (2.0 * h));
        // If the whole curve moves together with its baseline, the dose does not change.
        near(by_baseline + by_response.iter().sum::<f64>(), 0.0);
        // All responses are scaled by one factor, and those at low doses by another.
        let along = |weight: &dyn Fn(usize) -> f64| {
            let slope: f64 = by_response.iter().enumerate().map(|(i, s)| s * weight(i)).sum();
            let moved = |h: f64| of(&|i| h * weight(i), 7.0).0;
            near(slope, (moved(h) - moved(-h)) / (2.0 * h));
        };
        along(&|i| 0.1 * (responses[i] - 7.0));
        along(&|i| (-(i as f64) / 8.0).exp());
    }

    /// Receptors of two affinities that differ enough give two steps; one kind of receptor gives
    /// one, however steep or shallow the curve and wherever its doses stand.
    #[test]
    fn a_curve_of_two_sites_has_two_steps_and_a_curve_of_one_site_has_one() {
        for a_decade in [4.0, 5.0, 7.3, 12.0, 40.0, 130.0] {
            let doses = grid(-4.0, 6.0, a_decade);
            let of = |value: &dyn Fn(f64) -> f64| {
                let responses: Vec<f64> = doses.iter().map(|d| 7.0 + 30.0 * value(*d)).collect();
                read(&doses, &responses, 7.0).two_steps
            };
            let two = |part: f64, apart: f64| {
                move |d: f64| part * hill(d, 1.0, 1.0) + (1.0 - part) * hill(d, apart, 1.0)
            };
            for part in [0.3, 0.4, 0.5, 0.6, 0.7] {
                assert!(of(&two(part, 300.0)), "{a_decade} {part}");
                // One curve, though wider than either site's own.
                assert!(!of(&two(part, 5.0)), "{a_decade} {part}");
            }
            // A shoulder below a fifth of the height does not carry the EC50.
            assert!(!of(&two(0.9, 300.0)) && !of(&two(0.1, 300.0)));
            for n in [0.5, 0.7, 1.0, 2.0, 4.0] {
                assert!(!of(&|d| hill(d, 1.0, n)), "{a_decade} {n}");
            }
            // A bell is judged up to its top.
            assert!(!of(&|d| hill(d, 1.0, 1.0) * (1.0 - 0.6 * hill(d, 1e3, 1.0))));
        }
    }

    /// The true half-maximal dose is 1, whatever the highest dose is.
    #[test]
    fn a_half_dose_without_a_mark_is_near_that_of_the_whole_curve() {
        for (n, within) in [(0.3, 0.27), (0.5, 0.1), (0.7, 0.05), (1.0, 0.025), (2.0, 0.015)] {
            let (mut marked, mut unmarked) = (0, 0);
            for end in 0..140 {
                let end = 0.05 * f64::from(end);
                let doses: Vec<f64> = (0..)
                    .map(|i| -8.0 + 0.1 * f64::from(i))
                    .take_while(|log| *log <= end + 1e-9)
                    .map(|log| 10_f64.powf(log))
                    .collect();
                let responses: Vec<f64> = doses.iter().map(|d| hill(*d, 1.0, n)).collect();
                let curve = read(&doses, &responses, 0.0);
                match curve.ec50.value() {
                    Some(ec50) if !curve.rises => {
                        unmarked += 1;
                        assert!((ec50 - 1.0).abs() < within, "{n} to 1e{end}: {ec50}");
                    }
                    Some(_) => marked += 1,
                    None => (),
                }
            }
            assert!(marked > 3 && unmarked > 3, "{n}: {marked} {unmarked}");
        }
    }

    #[test]
    fn doses_that_miss_the_curve_say_on_which_side() {
        let at = |ec50: f64| {
            let r: Vec<f64> = doses().iter().map(|&d| hill(d, ec50, 1.0)).collect();
            read(&doses(), &r, 0.0).ec50
        };
        // Half of the response to 1e4 needs at least half the dose, so the EC50 is not less.
        let HalfMaximal::Above(least) = at(1e6) else { panic!("{:?}", at(1e6)) };
        assert!((least / 5e3 - 1.0).abs() < 0.02, "{least}");
        // An EC50 within the doses whose curve has no top yet is not reported as above the doses.
        let HalfMaximal::Above(least) = at(2e3) else { panic!("{:?}", at(2e3)) };
        assert!((1e3..2e3).contains(&least), "{least}");
        assert_eq!(at(1e-4), HalfMaximal::Below(0.01));
        assert_eq!(read(&doses(), &[2.0; 25], 2.0).ec50, HalfMaximal::Flat);
        assert_eq!(read(&doses(), &[f64::NAN; 25], 2.0).ec50, HalfMaximal::Unknown);
        let mut one = doses();
        one[7] = f64::NAN;
        assert_eq!(read(&doses(), &one, 2.0).ec50, HalfMaximal::Unknown);
    }

    #[test]
    fn a_bell_is_read_up_to_its_top_and_said_to_fall() {
        let responses: Vec<f64> =
            doses().iter().map(|&d| hill(d, 1.0, 1.0) * (1.0 - hill(d, 1e3, 1.0))).collect();
        let curve = read(&doses(), &responses, 0.0);
        let bell = curve.bell.expect("a bell");
        // The top of dose / (1 + dose) / (1 + dose / 1000) is at the square root of 1000, 31.6.
        assert!((17.0..57.0).contains(&bell.from) && curve.top < 1.0, "{curve:?}");
        let end = responses.last().unwrap() / curve.top;
        assert!((bell.left - end).abs() < 1e-12, "{bell:?} {end}");
        assert!((0.7..1.1).contains(&curve.ec50.value().unwrap()), "{curve:?}");
    }

    #[test]
    fn a_bell_whose_tail_creeps_up_has_its_top_inside_the_doses() {
        let tail = |d: f64| {
            hill(d, 1.0, 1.0) * (1.0 - 0.6 * hill(d, 100.0, 1.0)) + 0.4 * hill(d, 1e5, 1.0)
        };
        let responses: Vec<f64> = doses().iter().map(|&d| tail(d)).collect();
        let curve = read(&doses(), &responses, 0.0);
        let end = responses.last().unwrap() / curve.top;
        assert!(end < 0.9 && !curve.rises, "{curve:?} {end}");
        assert!(curve.bell.is_some() && curve.ec50.value().is_some(), "{curve:?}");
    }

    /// A number of doses per decade, between two decimal logarithms.
    fn grid(from: f64, to: f64, a_decade: f64) -> Vec<f64> {
        let last = ((to - from) * a_decade).ceil();
        let part = |i: usize| i as f64 / last;
        // Both ends are exact to the last bit.
        let log = |i: usize| from * (1.0 - part(i)) + to * part(i);
        (0..=last as usize).map(|i| 10_f64.powf(log(i))).collect()
    }

    /// The values read from a curve do not depend on the spacing of its doses. Tested are Hill
    /// curves of all steepnesses, over ranges that contain the whole curve, only its middle or one
    /// limb, and bell-shaped curves.
    #[test]
    fn what_a_curve_says_does_not_depend_on_how_densely_doses_stand() {
        let mut verdicts = [0; 4];
        for n in [0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0] {
            for falling in [f64::INFINITY, 1e4, 300.0, 30.0] {
                for (from, to) in
                    [(-3.0, 4.7), (-3.0, 1.31), (-2.2, 0.2), (-1.0, -0.3), (0.4, 3.1), (-4.0, 0.77)]
                {
                    let bell =
                        |d: f64| if falling.is_finite() { 1.0 - hill(d, falling, n) } else { 1.0 };
                    let value = |d: f64| 40.0 + 700.0 * hill(d, 1.0, n) * bell(d);
                    let end = 10_f64.powf(to);
                    let of = |a_decade: f64| {
                        let doses = grid(from, to, a_decade);
                        let responses: Vec<f64> = doses.iter().map(|d| value(*d)).collect();
                        read(&doses, &responses, 40.0)
                    };
                    let fine = of(500.0);
                    let rise = (value(end) - value(0.5 * end)) / (fine.top - 40.0);
                    if (rise - RISING).abs() < 1e-3 {
                        continue;
                    }
                    // The top of a bell that lies between two doses is cut off, by less than 2 %
                    // for these curves.
                    let within = if falling.is_finite() { 0.03 } else { 0.015 };
                    for a_decade in [5.0, 7.3, 12.0, 40.0, 130.0] {
                        let found = of(a_decade);
                        let what =
                            format!("{n} {falling} {from} {to} {a_decade}: {found:?} {fine:?}");
                        match (found.ec50, fine.ec50) {
                            (HalfMaximal::At(a), HalfMaximal::At(b)) => {
                                assert!((a / b - 1.0).abs() < within, "{what}");
                            }
                            (HalfMaximal::Above(a), HalfMaximal::Above(b)) => {
                                // A bound that is read where a curve may be steep.
                                assert!((a - b).abs() <= 0.05 * b, "{what}");
                            }
                            (a, b) => assert_eq!(a, b, "{what}"),
                        }
                        let part = (value(end) - 40.0) / (fine.top - 40.0);
                        assert!(
                            found.bell.is_some() == fine.bell.is_some()
                                || (part - 0.9).abs() < 0.03,
                            "{what}"
                        );
                        assert_eq!(found.gap, None, "{what}");
                    }
                    verdicts[match fine.ec50 {
                        HalfMaximal::At(_) => 0,
                        HalfMaximal::Below(_) => 1,
                        HalfMaximal::Above(_) => 2,
                        _ => 3,
                    }] += 1;
                }
            }
        }
        assert!(verdicts[..3].iter().all(|n| *n >= 15) && verdicts[3] == 0, "{verdicts:?}");
    }

    #[test]
    fn a_straight_line_has_no_half_however_fine_its_steps() {
        for points in [4, 9, 100, 5000] {
            let doses: Vec<f64> = grid(-2.0, 0.0, f64::from(points - 1) / 2.0);
            let responses: Vec<f64> = doses.iter().map(|d| 49.2 * d).collect();
            let HalfMaximal::Above(least) = read(&doses, &responses, 0.0).ec50 else {
                panic!("{points}")
            };
            assert!((least - 0.5).abs() < 0.1, "{points}: {least}");
        }
    }

    #[test]
    fn a_height_below_the_tolerance_is_no_response() {
        let of = |height: f64, baseline: f64| {
            let responses: Vec<f64> =
                doses().iter().map(|&d| baseline + height * hill(d, 1.0, 1.0)).collect();
            read(&doses(), &responses, baseline).ec50
        };
        let Tolerance { absolute, relative, .. } = Tolerance::default();
        assert_eq!(of(6.3e-15, 0.0), HalfMaximal::Flat);
        assert_eq!(of(absolute, 0.0), HalfMaximal::Flat);
        assert!(of(100.0 * absolute, 0.0).value().is_some());
        assert_eq!(of(5000.0 * relative, 5000.0), HalfMaximal::Flat);
        assert!(of(50_000.0 * 2.0 * relative, 5000.0).value().is_some());
    }

    #[test]
    fn a_half_dose_between_far_doses_says_so() {
        let doses: Vec<f64> = [1e-2, 1e-1, 1.0, 2.0, 30.0, 300.0, 1e4].into();
        let of = |ec50: f64| {
            let responses: Vec<f64> = doses.iter().map(|&d| hill(d, ec50, 1.0)).collect();
            read(&doses, &responses, 0.0)
        };
        let wide = of(10.0);
        assert_eq!(wide.gap, Some((2.0, 30.0)));
        assert_eq!(wide.gap, Some((2.0, 30.0)));
        let narrow = of(1.4);
        assert_eq!(narrow.gap, None);
    }

    /// Solver noise on a plateau may put the top at any dose.
    #[test]
    fn a_top_that_falls_before_the_last_dose_by_a_hair_changes_nothing() {
        for end in [0.2, 3.0] {
            let doses = grid(-2.0, end, 20.0);
            let mut responses: Vec<f64> = doses.iter().map(|&d| hill(d, 1.0, 1.0)).collect();
            let before = read(&doses, &responses, 0.0);
            let last = responses.len() - 1;
            responses[last - 1] = responses[last] * (1.0 + 1e-9);
            let after = read(&doses, &responses, 0.0);
            assert_eq!(before.ec50.value().is_some(), after.ec50.value().is_some());
            assert_eq!(before.bell.is_some(), after.bell.is_some());
            if let (Some(a), Some(b)) = (before.ec50.value(), after.ec50.value()) {
                assert!((a / b - 1.0).abs() < 1e-6, "{a} {b}");
            }
        }
    }
}
