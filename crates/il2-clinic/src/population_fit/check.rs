//! The visual predictive check: the data simulated again, many times, and compared in intervals of
//! time (Holford 2005; Bergstrand, Hooker, Wallin & Karlsson 2011, AAPS J 13:143).

use crate::population_fit::bins::{after_washout, bins, doses, times};
use crate::population_fit::plan::Plan;
use il2_inference::bound::Bound;
use il2_inference::draws::normal;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::Row;
use il2_inference::population::model::Point;
use il2_inference::quantiles::{quantile, quantiles};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Percentiles that are compared.
pub const PARTS: [f64; 3] = [0.05, 0.5, 0.95];
/// Fraction of the simulated data sets inside a band.
pub const BAND: f64 = 0.95;

/// A time interval with the measurements of one quantity.
#[derive(Clone, Debug)]
pub struct Bin {
    /// Index of the quantity.
    pub endpoint: usize,
    /// Start, end, and mean time of the measurements, in the table's unit.
    pub time: [f64; 3],
    /// Number of measurements in the interval.
    pub rows: usize,
    /// Whether a washout lies between the interval before and this one.
    pub after_washout: bool,
    /// Percentiles of the measured values.
    pub measured: [f64; 3],
    /// For each percentile: lower end, median and upper end over the simulated data sets.
    pub simulated: [[f64; 3]; 3],
}

/// A simulated subject for whom the model could not be solved; its measurements are missing from
/// its data set.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The data set, from 0.
    pub set: usize,
    /// The subject.
    pub subject: usize,
    /// Why.
    pub why: NoAnswer,
}

/// The check.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Its intervals.
    pub bins: Vec<Bin>,
    /// What each measurement, in the order of the table, is multiplied by: 1 unless the check is
    /// prediction-corrected.
    pub factors: Vec<f64>,
    /// What is missing from the data sets.
    pub failed: Vec<Failed>,
}

/// Simulates the data and compares them.
///
/// `typical` are the typical predictions of all measurements in the order of the table, by which a
/// prediction-corrected check divides them.
pub fn check(
    plan: &Plan,
    point: &Point,
    typical: &[f64],
    progress: &(dyn Fn(usize) + Sync),
) -> Check {
    if plan.simulations == 0 {
        return Check::default();
    }
    let times = times(plan);
    let limits = limits(plan);
    let rows: Vec<&Row> = plan.subjects.iter().flat_map(|s| &s.rows).collect();
    let mut all: Vec<(usize, Vec<usize>)> = vec![];
    for endpoint in 0..plan.endpoints.len() {
        let own: Vec<usize> = (0..rows.len()).filter(|r| rows[*r].endpoint == endpoint).collect();
        if !own.is_empty() {
            all.extend(bins(plan.bins, own, &times).into_iter().map(|bin| (endpoint, bin)));
        }
    }
    let factors = match plan.prediction_corrected {
        true => correction(all.iter().map(|(_, rows)| rows.as_slice()), typical),
        false => vec![1.0; rows.len()],
    };
    let percentiles = |values: &[f64]| -> Vec<[f64; 3]> {
        let of = |(endpoint, rows): &(usize, Vec<usize>)| {
            let [low, high] = limits[*endpoint];
            let solved = rows.iter().filter(|r| !values[**r].is_nan() && !factors[**r].is_nan());
            quantiles(solved.map(|r| values[*r].clamp(low, high) * factors[*r]).collect(), PARTS)
        };
        all.iter().map(of).collect()
    };
    let numbers: Vec<usize> = (0..plan.simulations).collect();
    let sets = plan.threads.map(&numbers, |&n| {
        let (set, failed) = simulated(plan, point, n);
        progress(1);
        (percentiles(&set), failed)
    });
    let (sets, failed): (Vec<_>, Vec<_>) = sets.into_iter().unzip();
    let measured: Vec<f64> = rows.iter().map(|r| r.value).collect();
    let measured = percentiles(&measured);
    let band = |b: usize, p: usize| {
        let all = sets.iter().map(|set: &Vec<[f64; 3]>| set[b][p]).filter(|v| !v.is_nan());
        quantiles(all.collect(), [0.5 - 0.5 * BAND, 0.5, 0.5 + 0.5 * BAND])
    };
    let ends: Vec<[f64; 2]> = all
        .iter()
        .map(|(_, rows)| {
            let all = rows.iter().map(|r| times[*r]);
            all.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], t| [a.min(t), b.max(t)])
        })
        .collect();
    let apart = apart(plan, &all, &ends);
    let made = all.iter().enumerate().map(|(b, (endpoint, rows))| {
        let mean = rows.iter().map(|r| times[*r]).sum::<f64>() / rows.len() as f64;
        Bin {
            endpoint: *endpoint,
            time: [ends[b][0], ends[b][1], mean],
            rows: rows.len(),
            after_washout: apart[b],
            measured: measured[b],
            simulated: [0, 1, 2].map(|p| band(b, p)),
        }
    });
    let bins = made.collect();
    Check { bins, factors, failed: failed.into_iter().flatten().collect() }
}

/// Which intervals come after a washout; those of each quantity follow one another.
fn apart(plan: &Plan, all: &[(usize, Vec<usize>)], ends: &[[f64; 2]]) -> Vec<bool> {
    let owner = plan.subjects.iter().enumerate().flat_map(|(i, s)| s.rows.iter().map(move |_| i));
    let owner: Vec<usize> = owner.collect();
    let owners = |(_, rows): &(usize, Vec<usize>)| {
        let mut own: Vec<usize> = rows.iter().map(|r| owner[*r]).collect();
        own.sort_unstable();
        own.dedup();
        own
    };
    let owners: Vec<Vec<usize>> = all.iter().map(owners).collect();
    let doses = doses(plan);
    let places: Vec<usize> = (0..all.len()).collect();
    let of_one = places.chunk_by(|a, b| all[*a].0 == all[*b].0);
    of_one
        .flat_map(|own| {
            let own = own[0]..own[0] + own.len();
            after_washout(&ends[own.clone()], &owners[own], &doses)
        })
        .collect()
}

/// What measurements are multiplied by in a prediction-corrected check: the median typical
/// prediction of their interval over their own typical prediction. Where this is not above zero, as
/// before the first dose, nothing is corrected; where there is none, NaN.
fn correction<'a>(bins: impl Iterator<Item = &'a [usize]>, typical: &[f64]) -> Vec<f64> {
    let mut factors = vec![1.0; typical.len()];
    for rows in bins {
        let own: Vec<f64> = rows.iter().map(|r| typical[*r]).filter(|v| !v.is_nan()).collect();
        let middle = quantile(&own, 0.5);
        for r in rows {
            factors[*r] = match typical[*r] {
                none if none.is_nan() => f64::NAN,
                own if own > 0.0 && middle > 0.0 => middle / own,
                _ => 1.0,
            };
        }
    }
    factors
}

/// The limits within which values of each quantity are compared: the highest limit that a value is
/// below, and the lowest that a value is above; infinite where there is none. Simulated and
/// measured values beyond a limit are both set to it, so that a percentile among them equals the
/// limit in both.
pub fn limits(plan: &Plan) -> Vec<[f64; 2]> {
    let of = |endpoint: usize| {
        let rows = || plan.subjects.iter().flat_map(|s| &s.rows).filter(|r| r.endpoint == endpoint);
        let below = rows().filter(|r| matches!(r.bound, Bound::Below | Bound::Between(_)));
        let above = rows().filter(|r| r.bound == Bound::Above);
        let low = below.map(|r| r.value).fold(f64::NEG_INFINITY, f64::max);
        [low, above.map(|r| r.value).fold(f64::INFINITY, f64::min).max(low)]
    };
    (0..plan.endpoints.len()).map(of).collect()
}

/// All measurements of a simulated data set, in the order of the table: NaN for those of subjects
/// that could not be simulated.
fn simulated(plan: &Plan, point: &Point, number: usize) -> (Vec<f64>, Vec<Failed>) {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x7670_6300);
    rng.set_stream(number as u64);
    let (mut all, mut failed) = (vec![], vec![]);
    for (i, subject) in plan.subjects.iter().enumerate() {
        let n = plan.effects.of_subject(subject.occasions);
        let drawn: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let effects = point.covariance.drawn(&drawn, subject.occasions);
        // Drawn for every subject, so that one that fails changes no other.
        let scatter: Vec<f64> = subject.rows.iter().map(|_| normal(&mut rng)).collect();
        let values = plan.levels(i, &point.fixed, &effects).and_then(|levels| {
            let rows = subject.rows.iter().zip(levels).zip(&scatter);
            let drawn = rows.map(|((row, level), normal)| {
                let residual = plan.endpoints[row.endpoint].residual;
                residual.drawn(level, &point.sd[row.endpoint], *normal)
            });
            drawn.collect::<Result<Vec<f64>, NoAnswer>>()
        });
        match values {
            Ok(values) => all.extend(values),
            Err(why) => {
                all.extend(subject.rows.iter().map(|_| f64::NAN));
                failed.push(Failed { set: number, subject: i, why });
            }
        }
    }
    (all, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_values_are_scaled_by_the_median_prediction_of_their_interval() {
        let typical = [2.0, 4.0, 8.0, 0.0, 10.0, f64::NAN];
        let bins: [&[usize]; 2] = [&[0, 1, 2], &[3, 4, 5]];
        let found = correction(bins.into_iter(), &typical);
        assert_eq!(found[..3], [2.0, 1.0, 0.5]);
        // The median of 0 and 10 is 5; a typical prediction of zero cannot be divided by.
        assert_eq!(found[3..5], [1.0, 0.5]);
        assert!(found[5].is_nan());
    }
}
