//! The model's value for a row, with derivatives: a readout at one time, or a summary of a course
//! or of a dose-response curve.

use crate::curve::{HalfMaximal, half_maximal_slopes, read_curve};
use crate::no_answer::NoAnswer;
use il2_engine::Tolerance;

/// The time at which a row is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At a time, given by its index in the course.
    At(usize),
    /// At the highest point of an interval of the course.
    Highest(usize),
    /// At the lowest point of an interval of the course.
    Lowest(usize),
}

/// The simulated value to which a row of a table refers, by course, time and readout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of its course.
    pub course: usize,
    /// Time at which it is read.
    pub when: When,
    /// Index of its readout in the system.
    pub readout: usize,
}

/// The model's value for a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Modelled {
    /// Value in base units.
    pub value: f64,
    /// Derivatives with respect to the logarithm of each fitted number.
    pub slopes: Vec<f64>,
}

/// How a row summarises the model's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// The value at one time.
    At,
    /// Highest value of a course, at any time.
    Max,
    /// Lowest value of a course, at any time.
    Min,
    /// Area under a course, integrated together with the model.
    Area,
    /// EC50 of a curve.
    Ec50,
}

impl Reduce {
    /// Words that may be used in a table, and their meaning.
    pub const WORDS: [(&'static str, Reduce); 4] = [
        ("max", Reduce::Max),
        ("min", Reduce::Min),
        ("area", Reduce::Area),
        ("ec50", Reduce::Ec50),
    ];

    /// The word for it in a table; empty for a value at one time.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, r)| *r == self).map_or("", |(word, _)| word)
    }
}

/// Where and how a row is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// How the values become one number.
    pub reduce: Reduce,
    /// One well and time, or the wells of a curve, beginning with the well without ligand.
    pub places: Vec<Place>,
    /// Doses of a curve (pM), in the order of `places`.
    pub along: Vec<f64>,
}

impl Reading {
    /// The row's number and its derivatives, from the model's values. `tolerance` is the tolerance
    /// of the solver.
    pub fn of(&self, all: &[Modelled], tolerance: &Tolerance) -> Result<Modelled, NoAnswer> {
        match self.reduce {
            Reduce::Ec50 => self.half_maximal(all, tolerance),
            Reduce::At | Reduce::Max | Reduce::Min | Reduce::Area => {
                Ok(all.first().expect("every row is read somewhere").clone())
            }
        }
    }

    fn half_maximal(&self, all: &[Modelled], tolerance: &Tolerance) -> Result<Modelled, NoAnswer> {
        let values: Vec<f64> = all.iter().map(|m| m.value).collect();
        let half = match read_curve(&self.along[1..], &values[1..], values[0], tolerance).ec50 {
            HalfMaximal::At(dose) => dose,
            HalfMaximal::Below(dose) => return Err(NoAnswer::BelowDoses(dose)),
            HalfMaximal::Above(dose) => return Err(NoAnswer::AboveDoses(dose)),
            HalfMaximal::Flat => return Err(NoAnswer::Flat),
            HalfMaximal::Unknown => return Err(NoAnswer::NoEc50),
        };
        let moves = half_maximal_slopes(&self.along[1..], &values[1..], values[0], tolerance);
        let (by_baseline, by_response) = moves.ok_or(NoAnswer::NoEc50)?;
        let weights = std::iter::once(by_baseline).chain(by_response);
        let slopes = pooled(all, weights).slopes;
        Ok(Modelled { value: half, slopes })
    }
}

/// A weighted sum.
fn pooled(all: &[Modelled], weights: impl Iterator<Item = f64>) -> Modelled {
    let mut sum = Modelled { value: 0.0, slopes: vec![0.0; all[0].slopes.len()] };
    for (one, weight) in all.iter().zip(weights) {
        sum.value += weight * one.value;
        sum.slopes.iter_mut().zip(&one.slopes).for_each(|(s, o)| *s += weight * o);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(reduce: Reduce, along: &[f64]) -> Reading {
        Reading { reduce, places: vec![], along: along.to_vec() }
    }

    fn modelled(value: f64, slope: f64) -> Modelled {
        Modelled { value, slopes: vec![slope] }
    }

    /// A Hill curve whose EC50 `k` is fitted: the dose read is `k`, with derivative 1.
    #[test]
    fn a_half_maximal_dose_moves_with_its_curve() {
        let k = 37.0;
        let doses: Vec<f64> = (0..33).map(|i| 10_f64.powf(f64::from(i) / 8.0 - 0.5)).collect();
        let point = |d: f64| modelled(100.0 * d / (d + k), -100.0 * d * k / (d + k).powi(2));
        let all: Vec<Modelled> =
            std::iter::once(0.0).chain(doses.iter().copied()).map(point).collect();
        let along: Vec<f64> = std::iter::once(0.0).chain(doses).collect();
        let found = reading(Reduce::Ec50, &along).of(&all, &Tolerance::default()).unwrap();
        // At the highest dose, 3,200 pM, the curve is 1.2 % below its top.
        assert!((found.value / k - 1.0).abs() < 0.03, "{}", found.value);
        assert!((found.slopes[0] / k - 1.0).abs() < 0.06, "{}", found.slopes[0]);
        let low =
            reading(Reduce::Ec50, &along[..9]).of(&all[..9], &Tolerance::default()).unwrap_err();
        assert!(matches!(low, NoAnswer::AboveDoses(_)), "{low}");
    }
}
