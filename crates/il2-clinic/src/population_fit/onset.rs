//! Where a subject's most probable effects may lie if they move the time at which a dose begins to
//! arrive.
//!
//! Levels change abruptly at the end of an absorption lag. The joint density of a subject therefore
//! has a mode of its own for almost every interval between two measurements in which that time may
//! lie, and a search that climbs from one of them finds only the nearest. The end of an infusion
//! moves levels less, and one search is enough.

use crate::population_fit::numbers::Target;
use crate::population_fit::plan::Plan;
use il2::treatment::record::Record;
use il2::treatment::schedule::elapsed;
use il2_inference::population::Point;

/// Range of an effect, in standard deviations to both sides of zero.
const REACH: f64 = 3.0;
/// Distance of a start below or above all measurements in this range from the nearest of them, and
/// of two measurements that count as one, in standard deviations.
const BEYOND: f64 = 1.0;
const CLOSE: f64 = 0.01;
/// Largest number of starts for an effect; with more measurements in its range, the density of the subject is
/// smoother, and every few of them are enough.
const MOST: usize = 8;

impl Plan {
    /// Whether the time at which doses begin to arrive is estimated.
    pub fn has_onsets(&self) -> bool {
        self.system.plain().is_some() && self.lag().is_some()
    }

    fn lag(&self) -> Option<usize> {
        self.numbers.parameters.iter().position(|p| p.of == Target::Lag)
    }

    /// Effects from which the search for a subject's mode starts as well: those of the given mode,
    /// with one of them moved so that the time is in another interval between measurements.
    pub fn elsewhere(&self, subject: usize, point: &Point, effects: &[f64]) -> Vec<Vec<f64>> {
        let Some(lag) = self.lag() else { return vec![] };
        let sds = point.covariance.sds(self.subjects[subject].occasions);
        let mut all = vec![];
        for (k, cuts) in self.cuts(subject, lag, (&point.fixed, effects)).into_iter().enumerate() {
            for place in starts(cuts, effects[k], sds[k]) {
                let mut moved = effects.to_vec();
                moved[k] = place;
                all.push(moved);
            }
        }
        all
    }

    /// For each effect, the values at which a lag ends at a measurement.
    fn cuts(
        &self,
        subject: usize,
        lag: usize,
        (fixed, effects): (&[f64], &[f64]),
    ) -> Vec<Vec<f64>> {
        let of = &self.table.subjects[subject];
        let since = elapsed(&of.records).expect("checked in the plan");
        let mut cuts = vec![vec![]; effects.len()];
        let given = |r: &usize| of.records[*r].gives() && of.records[*r].compartment == 0;
        let doses: Vec<usize> = (0..of.records.len()).filter(given).collect();
        for &r in &self.places[subject] {
            // The dose before the measurement, and the time since it.
            let passed = |&d: &usize| {
                last_before(&of.records[d], since[r] - since[d]).map(|passed| (d, passed))
            };
            let last = doses.iter().filter_map(passed).min_by(|a, b| a.1.total_cmp(&b.1));
            let Some((dose, passed)) = last else { continue };
            let occasion = self.occasions[subject][dose];
            let numbers = self.numbers.of(fixed, effects, occasion, of.covariates(dose));
            let scale = self.numbers.parameters[lag].scale;
            let Some((effect, pace)) = scale.effect_between(numbers.values[lag], passed) else {
                continue;
            };
            for (k, by) in numbers.by[lag].iter().enumerate() {
                // A formula may make the lag change faster or slower with the effect.
                let slope = by / pace;
                if slope != 0.0 && slope.is_finite() {
                    cuts[k].push(effects[k] + effect / slope);
                }
            }
        }
        cuts
    }
}

/// The time since the last of a record's doses, if one is before this time since the first.
fn last_before(record: &Record, passed: f64) -> Option<f64> {
    if passed <= 0.0 {
        return None;
    }
    let repeats = f64::from(record.additional);
    let given = match record.interval > 0.0 {
        true => (passed / record.interval).ceil() - 1.0,
        false => 0.0,
    };
    Some(passed - given.min(repeats) * record.interval)
}

/// A start in each interval between the cuts, except in that of the present value.
fn starts(mut cuts: Vec<f64>, present: f64, sd: f64) -> Vec<f64> {
    cuts.retain(|cut| cut.abs() < REACH * sd);
    cuts.sort_by(f64::total_cmp);
    cuts.dedup_by(|b, a| *b - *a < CLOSE * sd);
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return vec![] };
    let middles = cuts.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
    let below = first - BEYOND * sd;
    let all: Vec<f64> = [below].into_iter().chain(middles).chain([last + BEYOND * sd]).collect();
    let here = cuts.iter().filter(|cut| **cut <= present).count();
    let others = (0..all.len()).filter(|place| *place != here).map(|place| all[place]);
    others.step_by(all.len().div_ceil(MOST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_lies_in_every_other_interval() {
        assert_eq!(starts(vec![0.5, -0.5, 0.5, 7.0], 0.1, 1.0), [-1.5, 1.5]);
        assert_eq!(starts(vec![0.5, -0.5], 2.9, 1.0), [-1.5, 0.0]);
        // No measurement is early enough to tell where the lag ends.
        assert!(starts(vec![4.0], 0.0, 1.0).is_empty());
        let many: Vec<f64> = (0..50).map(|k| f64::from(k) / 50.0).collect();
        assert_eq!(starts(many, 0.5, 1.0).len(), MOST);
    }

    #[test]
    fn the_last_dose_before_a_measurement_counts() {
        let mut dose = Record::observation(0.0);
        (dose.interval, dose.additional) = (12.0, 2);
        for (passed, wanted) in [(5.0, 5.0), (12.0, 12.0), (12.5, 0.5), (30.0, 6.0), (50.0, 26.0)] {
            assert_eq!(last_before(&dose, passed), Some(wanted), "{passed}");
        }
        assert_eq!(last_before(&dose, 0.0), None);
    }
}
