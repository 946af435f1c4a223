//! ROC analysis: how well a score distinguishes subjects with an outcome from those without.

use super::distributions::{normal_width, two_sided};
use super::error::{StatisticsError, same_length, within};
use super::proportions::clopper_pearson;
use crate::bootstrap::Estimate;

/// Sensitivity and specificity at a threshold; scores above the threshold count as positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// The threshold: an observed score, or minus infinity.
    pub above: f64,
    /// Fraction of subjects with the outcome that is positive.
    pub sensitivity: f64,
    /// Fraction of subjects without the outcome that is negative.
    pub specificity: f64,
}

/// The area under the ROC curve: the probability that a subject with the outcome has a higher score
/// than one without it; ties count half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auc {
    /// The area (0 to 1; 0.5 is no better than chance).
    pub area: f64,
    /// Its standard error (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837).
    pub standard_error: f64,
}

/// The areas of two scores of the same subjects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AucDifference {
    /// The first and the second.
    pub areas: [Auc; 2],
    /// The first area minus the second.
    pub difference: f64,
    /// Standard error of the difference, which takes the correlation of the scores into account.
    pub standard_error: f64,
    /// p value: probability of a difference at least this large if there is none; 1 if both scores
    /// give the same order.
    pub p: f64,
}

/// Rejects samples without variance, and scores that are not numbers.
fn check(with: &[f64], without: &[f64]) -> Result<(), StatisticsError> {
    let counts =
        ["the number of subjects with the outcome", "the number of subjects without the outcome"];
    for (scores, what) in [with, without].into_iter().zip(counts) {
        if scores.len() < 2 {
            return Err(StatisticsError::Value {
                what,
                row: None,
                value: scores.len() as f64,
                allowed: "at least 2",
            });
        }
        for (row, score) in scores.iter().enumerate() {
            within("a score", row, *score, "a finite number", |_| true)?;
        }
    }
    Ok(())
}

/// For each score, the fraction of the other scores that is below it; ties count half.
fn placements(scores: &[f64], others: &[f64]) -> Vec<f64> {
    let mut sorted = others.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = |score: &f64| {
        let below = sorted.partition_point(|other| other < score);
        let up_to = sorted.partition_point(|other| other <= score);
        0.5 * (below + up_to) as f64 / others.len() as f64
    };
    scores.iter().map(place).collect()
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (p, q) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    a.iter().zip(b).map(|(a, b)| (a - p) * (b - q)).sum::<f64>() / (n - 1.0)
}

/// Placements for one score: subjects with the outcome among those without it, and the reverse.
struct Placed {
    with: Vec<f64>,
    without: Vec<f64>,
}

impl Placed {
    fn new(with: &[f64], without: &[f64]) -> Result<Self, StatisticsError> {
        check(with, without)?;
        let mut reverse = placements(without, with);
        reverse.iter_mut().for_each(|place| *place = 1.0 - *place);
        Ok(Self { with: placements(with, without), without: reverse })
    }

    fn area(&self) -> f64 {
        self.with.iter().sum::<f64>() / self.with.len() as f64
    }

    /// Covariance of two areas.
    fn shared(&self, other: &Self) -> f64 {
        covariance(&self.with, &other.with) / self.with.len() as f64
            + covariance(&self.without, &other.without) / self.without.len() as f64
    }

    fn auc(&self) -> Auc {
        Auc { area: self.area(), standard_error: self.shared(self).sqrt() }
    }
}

/// The area of a score whose high values indicate the outcome; the run time grows as `n ln n`.
/// Rejects fewer than two subjects with the outcome or without it, and scores that are not finite.
pub fn auc(with: &[f64], without: &[f64]) -> Result<Auc, StatisticsError> {
    Ok(Placed::new(with, without)?.auc())
}

impl Auc {
    /// The area with its interval at a given level, cut at 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Estimate, StatisticsError> {
        let width = normal_width(level)? * self.standard_error;
        let (low, high) = ((self.area - width).max(0.0), (self.area + width).min(1.0));
        Ok(Estimate { value: self.area, low, high })
    }
}

/// Compares two scores of the same subjects (DeLong 1988): `with[score][subject]`, `without[score][subject]`.
pub fn delong(with: [&[f64]; 2], without: [&[f64]; 2]) -> Result<AucDifference, StatisticsError> {
    same_length("the second score with the outcome", with[1].len(), with[0].len())?;
    same_length("the second score without it", without[1].len(), without[0].len())?;
    let [a, b] = [Placed::new(with[0], without[0])?, Placed::new(with[1], without[1])?];
    let difference = a.area() - b.area();
    let variance = a.shared(&a) + b.shared(&b) - 2.0 * a.shared(&b);
    let standard_error = variance.max(0.0).sqrt();
    let p = if difference == 0.0 { 1.0 } else { two_sided(difference / standard_error) };
    Ok(AucDifference { areas: [a.auc(), b.auc()], difference, standard_error, p })
}

/// The curve, from all subjects positive to none. Rejects the same input as [`auc`].
pub fn roc(with: &[f64], without: &[f64]) -> Result<Vec<RocPoint>, StatisticsError> {
    check(with, without)?;
    let sorted = |scores: &[f64]| {
        let mut sorted = scores.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    let mut thresholds = sorted(&[with, without].concat());
    thresholds.dedup();
    thresholds.insert(0, f64::NEG_INFINITY);
    let (with, without) = (sorted(with), sorted(without));
    let part = |scores: &[f64], above: f64| {
        scores.partition_point(|score| *score <= above) as f64 / scores.len() as f64
    };
    let point = |above: f64| RocPoint {
        above,
        sensitivity: 1.0 - part(&with, above),
        specificity: part(&without, above),
    };
    Ok(thresholds.into_iter().map(point).collect())
}

/// Sensitivity and specificity at a threshold, with exact intervals at a given level. The intervals
/// are valid for a threshold that was fixed beforehand: one chosen on the same subjects looks
/// better than it is.
pub fn at_threshold(
    with: &[f64],
    without: &[f64],
    above: f64,
    level: f64,
) -> Result<[Estimate; 2], StatisticsError> {
    check(with, without)?;
    let count = |scores: &[f64], positive: bool| {
        scores.iter().filter(|score| (**score > above) == positive).count() as u64
    };
    Ok([
        clopper_pearson(count(with, true), with.len() as u64, level)?,
        clopper_pearson(count(without, false), without.len() as u64, level)?,
    ])
}
