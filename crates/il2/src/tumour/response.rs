//! Converts sizes of lesions on scans to a response: the WHO criteria (Miller 1981) and RECIST 1.1
//! (Eisenhauer 2009). A partial and a complete response count when later scans confirm each of them;
//! progression is measured from the smallest sum.

use crate::parameter::MissingParameter;
use crate::tumour::disease::Entry;
use il2_engine::{Dimension, math};

/// The measure that is summed over lesions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Diameters.
    Diameter,
    /// Areas: products of two diameters.
    Area,
}

/// Criteria for a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Criteria {
    /// The measure that is summed.
    pub measure: Measure,
    /// For a partial response the sum is at most this fraction of that at the start.
    pub partial: f64,
    /// For progression the sum is at least this multiple of the smallest sum.
    pub progression: f64,
    /// For progression the sum also exceeds the smallest sum by at least this (cm, or cm2).
    pub progression_least: f64,
    /// Diameter below which lesions are not visible (cm).
    pub visible: f64,
    /// Time after which a scan that shows a response is repeated (min).
    pub confirmed_after: f64,
}

/// Category of response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Progressive disease.
    Progressive,
    /// Stable disease.
    Stable,
    /// Partial response.
    Partial,
    /// Complete response: no lesion is visible.
    Complete,
}

impl Category {
    /// Abbreviation used in tables of trials.
    pub fn short(self) -> &'static str {
        match self {
            Category::Progressive => "PD",
            Category::Stable => "SD",
            Category::Partial => "PR",
            Category::Complete => "CR",
        }
    }
}

impl Criteria {
    /// Criteria in the library.
    pub fn of(entry: &Entry) -> Result<Self, MissingParameter> {
        let measure = match entry.plain("diameters")? {
            2.0 => Measure::Area,
            _ => Measure::Diameter,
        };
        Ok(Self {
            measure,
            partial: entry.plain("partial")?,
            progression: entry.plain("progression")?,
            progression_least: entry.plain("progression_least_cm")?,
            visible: entry.plain("visible_cm")?,
            confirmed_after: entry.number("confirmed_after", Dimension::TIME)?,
        })
    }

    /// The sum that a scan shows for lesions with these diameters (cm).
    pub fn sum(&self, diameters: impl Iterator<Item = f64>) -> f64 {
        let seen = diameters.filter(|d| *d >= self.visible);
        seen.map(|d| if self.measure == Measure::Area { d * d } else { d }).sum()
    }
}

/// Diameter (cm) of a sphere with this volume (L).
pub fn diameter(volume: f64) -> f64 {
    const CM3_PER_L: f64 = 1000.0;
    math::pow(6.0 * volume.max(0.0) * CM3_PER_L / std::f64::consts::PI, 1.0 / 3.0)
}

/// The results of a patient's scans so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Assessment {
    /// Sum at the start.
    pub baseline: f64,
    /// Smallest sum so far.
    pub nadir: f64,
    /// Category of the last scan after the start, if there was one.
    pub last: Option<Category>,
    /// Best response, which is confirmed if it is partial or complete.
    pub best: Option<Category>,
    /// Time at which a response that was later confirmed was first seen.
    pub response: Option<f64>,
    /// Time at which a complete response that was later confirmed was first seen.
    pub complete: Option<f64>,
    /// Time of progression.
    pub progression: Option<f64>,
    /// Time since which all scans have shown a partial or complete response.
    pub responding: Option<f64>,
    /// Time since which all scans have shown a complete response.
    pub without_lesions: Option<f64>,
}

/// Times of scans before `end`, and whether each only confirms a response. A planned scan is always
/// made, also where another one would confirm a response.
pub fn scan_times(planned: &[f64], confirmed_after: f64, end: f64) -> Vec<(f64, bool)> {
    let is_planned = |time: &f64| planned.iter().any(|p| (p - time).abs() < ROUNDING);
    let confirming = planned.iter().map(|time| time + confirmed_after);
    let confirming = confirming.filter(|time| !is_planned(time)).map(|time| (time, true));
    let mut times: Vec<(f64, bool)> = planned.iter().map(|time| (*time, false)).collect();
    times.extend(confirming);
    times.retain(|(time, _)| *time > 0.0 && *time < end);
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    times
}

/// Times that differ by less (min) are one: those of scans are sums of intervals, and rounded.
const ROUNDING: f64 = 1e-3;

impl Assessment {
    /// The assessment before treatment.
    pub fn start(sum: f64) -> Self {
        Self { baseline: sum, nadir: sum, ..Self::default() }
    }

    /// Reads a scan; scans after progression do not count.
    pub fn see(&mut self, time: f64, sum: f64, criteria: &Criteria) {
        if self.progression.is_some() {
            return;
        }
        let grown = match self.nadir == 0.0 {
            true => sum > 0.0,
            false => {
                sum >= criteria.progression * self.nadir
                    && sum - self.nadir >= criteria.progression_least
            }
        };
        let category = match sum {
            _ if grown => Category::Progressive,
            0.0 => Category::Complete,
            _ if sum <= criteria.partial * self.baseline => Category::Partial,
            _ => Category::Stable,
        };
        self.nadir = self.nadir.min(sum);
        self.last = Some(category);
        let since = |at_least: Category, so_far: Option<f64>| {
            (category >= at_least).then(|| so_far.unwrap_or(time))
        };
        self.responding = since(Category::Partial, self.responding);
        self.without_lesions = since(Category::Complete, self.without_lesions);
        self.best = self.best.max(Some(category.min(Category::Stable)));
        if category == Category::Progressive {
            self.progression = Some(time);
        }
        let confirmed = |first: &f64| time >= first + criteria.confirmed_after - ROUNDING;
        if let Some(first) = self.responding.filter(confirmed) {
            self.best = self.best.max(Some(Category::Partial));
            self.response.get_or_insert(first);
        }
        if let Some(first) = self.without_lesions.filter(confirmed) {
            self.best = self.best.max(Some(Category::Complete));
            self.complete.get_or_insert(first);
        }
    }

    /// Whether a scan at this time, which is made only to confirm a response, is due: of a response
    /// that is not confirmed yet, or of a complete one after a partial one.
    pub fn needs_confirmation(&self, time: f64, criteria: &Criteria) -> bool {
        let due = |first: &f64| time >= first + criteria.confirmed_after - ROUNDING;
        let partial = self.responding.filter(|_| self.response.is_none());
        let complete = self.without_lesions.filter(|_| self.complete.is_none());
        partial.iter().chain(&complete).any(due)
    }

    /// Whether a response was confirmed.
    pub fn responded(&self) -> bool {
        self.best >= Some(Category::Partial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recist() -> Criteria {
        Criteria {
            measure: Measure::Diameter,
            partial: 0.7,
            progression: 1.2,
            progression_least: 0.5,
            visible: 0.5,
            confirmed_after: 28.0,
        }
    }

    fn after(sums: &[f64]) -> Assessment {
        let mut seen = Assessment::start(10.0);
        sums.iter()
            .enumerate()
            .for_each(|(k, sum)| seen.see(56.0 * (k + 1) as f64, *sum, &recist()));
        seen
    }

    #[test]
    fn responses_are_confirmed_and_progression_counts_from_the_smallest_sum() {
        let cases = [
            (&[9.0, 9.5, 12.0][..], Category::Stable, None, None, Some(168.0)),
            (&[12.0], Category::Progressive, None, None, Some(56.0)),
            // A response that the next scan does not show is not confirmed.
            (&[6.0, 8.0], Category::Stable, None, None, Some(112.0)),
            (&[6.0, 6.5, 7.1, 7.3], Category::Partial, Some(56.0), None, Some(224.0)),
            (&[6.0, 0.0, 0.0], Category::Complete, Some(56.0), Some(112.0), None),
            // A single complete scan confirms only a partial response.
            (&[0.0, 0.6], Category::Stable, None, None, Some(112.0)),
            // An increase by a fifth, but by less than half a centimetre.
            (&[2.0, 2.0, 2.45], Category::Partial, Some(56.0), None, None),
        ];
        for (sums, best, response, complete, progression) in cases {
            let seen = after(sums);
            let found = (seen.best, seen.response, seen.complete, seen.progression);
            assert_eq!(found, (Some(best), response, complete, progression), "{sums:?}");
        }
    }

    /// Weekly scans: four weeks have to pass, in all of which the response is seen.
    #[test]
    fn a_scan_confirms_a_response_only_after_the_interval() {
        let weekly = |sums: &[f64]| {
            let mut seen = Assessment::start(10.0);
            let times = (1..).map(|week| 7.0 * f64::from(week));
            times.zip(sums).for_each(|(time, sum)| seen.see(time, *sum, &recist()));
            (seen.best, seen.response, seen.responding)
        };
        let (stable, partial) = (Some(Category::Stable), Some(Category::Partial));
        assert_eq!(weekly(&[6.0]), (stable, None, Some(7.0)));
        assert_eq!(weekly(&[6.0; 4]), (stable, None, Some(7.0)));
        assert_eq!(weekly(&[6.0; 5]), (partial, Some(7.0), Some(7.0)));
        // 7.1 is neither a response nor an increase by a fifth.
        assert_eq!(weekly(&[9.0, 6.9, 6.9, 7.1, 6.9]), (stable, None, Some(35.0)));
        // A complete response needs its own four weeks, also after a confirmed partial one.
        let complete = |sums: &[f64]| {
            let mut seen = Assessment::start(10.0);
            let times = (1..).map(|week| 7.0 * f64::from(week));
            times.zip(sums).for_each(|(time, sum)| seen.see(time, *sum, &recist()));
            let asks = seen.needs_confirmation(77.0, &recist());
            (seen.best, seen.response, seen.complete, asks)
        };
        let mut sums = vec![6.0; 6];
        sums.extend([0.0; 4]);
        assert_eq!(complete(&sums), (partial, Some(7.0), None, true));
        sums.push(0.0);
        let all = Some(Category::Complete);
        assert_eq!(complete(&sums), (all, Some(7.0), Some(49.0), false));
        // Scans that are twice at one time are one.
        let mut seen = Assessment::start(10.0);
        [7.0, 7.0 + 1e-14].into_iter().for_each(|time| seen.see(time, 6.0, &recist()));
        assert_eq!((seen.best, seen.response), (stable, None));
    }

    #[test]
    fn planned_scans_are_all_made_and_others_only_between_them() {
        let every = |days: f64| -> Vec<f64> { (1..=6).map(|k| days * f64::from(k)).collect() };
        for (days, between) in [(7.0, 0), (14.0, 0), (28.0, 0), (21.0, 4), (42.0, 5)] {
            // Rounding, as of a sum of intervals.
            let planned: Vec<f64> = every(days).iter().map(|time| time * (1.0 + 1e-15)).collect();
            let times = scan_times(&planned, 28.0, 6.0 * days + 0.1);
            let made: Vec<f64> = times.iter().filter(|(_, c)| !c).map(|(time, _)| *time).collect();
            assert_eq!(made, planned, "{days}");
            let confirming = times.iter().filter(|(time, c)| *c && *time < 6.0 * days);
            assert_eq!(confirming.count(), between, "{days}");
        }
    }

    #[test]
    fn a_first_response_asks_for_a_scan_that_confirms_it() {
        for (sums, due) in [
            (&[6.0][..], Some(84.0)),
            (&[6.0, 6.0], None),
            (&[9.0], None),
            (&[6.0, 6.0, 0.0], Some(196.0)),
            (&[6.0, 6.0, 0.0, 0.0], None),
            // A response that was confirmed once needs no second confirmation.
            (&[6.0, 6.0, 7.1, 6.9], None),
        ] {
            let seen = after(sums);
            let asks = |time| seen.needs_confirmation(time, &recist());
            assert_eq!(asks(1e9), due.is_some(), "{sums:?}");
            let due = due.unwrap_or(0.0);
            assert!(due == 0.0 || asks(due) && !asks(due - 1.0), "{sums:?}");
        }
    }

    #[test]
    fn lesions_that_are_not_seen_do_not_count() {
        let all = [3.0, 0.4, 1.0];
        assert_eq!(recist().sum(all.into_iter()), 4.0);
        assert_eq!(Criteria { measure: Measure::Area, ..recist() }.sum(all.into_iter()), 10.0);
        // 33.5 mL is the volume of a sphere of 4 cm.
        assert!((diameter(0.033_510_3) - 4.0).abs() < 1e-5);
    }
}
