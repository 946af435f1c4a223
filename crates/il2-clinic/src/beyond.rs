//! Detects patients outside the range in which the model was fitted or patients were followed
//! (`[range]` of the library), which the answer reports in a sentence, a warning, the summary, the
//! table of patients and the figure.

use crate::patients::{unit, words};
use il2::patient::cohort::Cohort;
use il2::quantity::DAY;
use il2_study::library::Library;
use il2_study::ranges::short;

/// A limit of a readout.
#[derive(Clone, Debug)]
struct Limit {
    readout: String,
    /// Index among the observables.
    place: usize,
    /// Whether values above the limit are outside, rather than values below it.
    most: bool,
    value: f64,
    /// Name and unit as shown to users.
    words: (String, String),
}

/// Limits of a patient's readouts.
#[derive(Clone, Debug)]
pub struct Range {
    limits: Vec<Limit>,
    days: f64,
}

/// Extremes of one patient by limit: the value reached if it is outside, none if it is inside. The
/// last item is the duration of dosing (min), if that is too long.
pub type Left = Vec<Option<f64>>;

impl Range {
    /// The limits for the patients of a cohort.
    pub fn of(cohort: &Cohort) -> Self {
        let observables = &cohort.body.network.observables;
        let group = &Library::builtin().physiology.groups["range"];
        let limit = |(key, number): (&String, &il2::parameter::Parameter)| {
            let most = key.ends_with("_most");
            let readout = key.trim_end_matches("_most").trim_end_matches("_least");
            let place = observables.iter().position(|o| o.name == readout)?;
            let name = words(&observables[place]).0;
            let words = (name, unit(&observables[place]));
            Some(Limit { readout: readout.into(), place, most, value: number.value, words })
        };
        let days = group["days_most"].value / DAY;
        Self { limits: group.iter().filter_map(limit).collect(), days }
    }

    /// The extremes outside the range among consecutive rows of observables, and the time of the
    /// last dose (min) if it is too late.
    pub fn left(&self, rows: &[f64], observables: usize, last_dose: f64) -> Left {
        let of = |limit: &Limit| {
            let values = rows.chunks_exact(observables).map(|row| row[limit.place]);
            let farthest = |a: f64, b: f64| if limit.most { a.max(b) } else { a.min(b) };
            values.filter(|v| v.is_finite()).reduce(farthest).filter(|&v| limit.beyond(v))
        };
        let days = Some(last_dose).filter(|time| time / DAY > self.days);
        self.limits.iter().map(of).chain([days]).collect()
    }

    /// Indices of the observables with limits, without repetition.
    pub fn places(&self) -> Vec<usize> {
        let mut places: Vec<usize> = self.limits.iter().map(|limit| limit.place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Adds an extreme that was found between the rows.
    pub fn add(&self, left: &mut Left, place: usize, (lowest, highest): (f64, f64)) {
        for (limit, left) in self.limits.iter().zip(left).filter(|(l, _)| l.place == place) {
            let value = if limit.most { highest } else { lowest };
            if limit.beyond(value) {
                *left = Some(value);
            }
        }
    }

    /// The readout at this place if an end of its band is outside the range, and `days` if doses
    /// have been given for too long by this time (min); for a table.
    pub fn of_band(&self, place: usize, ends: [f64; 2], (time, last_dose): (f64, f64)) -> String {
        let mut of_place = self.limits.iter().filter(|limit| limit.place == place);
        let outside = of_place.find(|limit| ends.iter().any(|&end| limit.beyond(end)));
        let days = time.min(last_dose) / DAY > self.days;
        let names =
            outside.map(|limit| limit.readout.as_str()).into_iter().chain(days.then_some("days"));
        names.collect::<Vec<_>>().join(" ")
    }

    /// The readouts that left the range, for a table.
    pub fn names(&self, left: &Left) -> String {
        let names = self.limits.iter().map(|limit| limit.readout.as_str()).chain(["days"]);
        let left = names.zip(left).filter(|(_, left)| left.is_some());
        left.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    }
}

impl Limit {
    fn beyond(&self, value: f64) -> bool {
        if self.most { value > self.value } else { value < self.value }
    }
}

/// Counts over the patients of an arm or a table.
#[derive(Clone, Debug, Default)]
pub struct Beyond {
    /// By limit: number of patients outside it.
    of: Vec<u64>,
    any: u64,
    all: u64,
}

impl Beyond {
    /// Counts a patient.
    pub fn count(&mut self, left: &Left, weight: u64) {
        self.of.resize(left.len(), 0);
        self.all += weight;
        self.any += weight * u64::from(left.iter().any(Option::is_some));
        for (count, value) in self.of.iter_mut().zip(left) {
            *count += weight * u64::from(value.is_some());
        }
    }

    /// Fraction of the patients outside the range.
    pub fn part(&self) -> f64 {
        if self.all == 0 { 0.0 } else { self.any as f64 / self.all as f64 }
    }

    /// The sentence about an arm with its last dose at a given time (min), if any patient is
    /// outside.
    pub fn sentence(&self, range: &Range, arm: &str, last_dose: f64) -> Option<String> {
        let mut said = vec![];
        for (limit, count) in range.limits.iter().zip(&self.of).filter(|(_, n)| **n > 0) {
            let (name, unit) = &limit.words;
            let side = if limit.most { "above" } else { "below" };
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            let part = match self.all {
                1 => String::new(),
                all => format!(" in {} %", short(100.0 * *count as f64 / all as f64)),
            };
            said.push(format!("{name} {side} {}{unit}{part}", short(limit.value)));
        }
        if self.of.last().is_some_and(|count| *count > 0) {
            let days = short(last_dose / DAY);
            said.push(format!("dosing for {days} d, longer than {} d", short(range.days)));
        }
        if said.is_empty() {
            return None;
        }
        let who = match self.all {
            1 => "the patient leaves".to_string(),
            _ => format!("{} % of patients leave", short(100.0 * self.part())),
        };
        Some(format!(
            "Under {arm}, {who} the range in which the model was fitted or patients were followed: \
             {}. Outside this range, the results are not predictions.",
            said.join(", ")
        ))
    }
}

/// The footnote of a figure.
pub const IN_FIGURE: &str = "some values are beyond the fitted or observed range and are not \
                             predictions";
