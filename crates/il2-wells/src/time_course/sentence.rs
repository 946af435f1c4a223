//! The answer of a time course and of a washout in sentences.

use il2_answer::labels::time_text;
use il2_answer::sentence::{listed, number, percent, span};

/// Largest number of conditions that are listed; if there are more, only the extremes.
const MOST: usize = 3;
/// Smaller fractions of a dose do not count as used, because they may be solver errors.
pub const LEAST_USED: f64 = 1e-3;

/// Results of a condition.
#[derive(Clone, Debug)]
pub struct Course {
    /// Name of the condition in legends.
    pub label: String,
    /// Depletion of each ligand in the medium.
    pub used: Vec<Used>,
    /// The first readout that is shown; none if it was not recorded between outputs.
    pub peak: Option<Peak>,
    /// The readout at the last time.
    pub last: f64,
}

/// Depletion of a ligand in the medium.
#[derive(Clone, Debug)]
pub struct Used {
    /// Name of the ligand.
    pub ligand: String,
    /// Fraction of the dose used, at the last time.
    pub part: f64,
    /// Time at which half of the dose was gone (min).
    pub half: Option<f64>,
}

/// The highest value of a readout.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    /// Value at the peak.
    pub value: f64,
    /// Time of the peak (min).
    pub time: f64,
    /// Whether the peak is at the last time, so that the readout may still rise.
    pub at_the_end: bool,
}

/// The readout of the courses: name in words, unit, and last time (min).
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The readout in words.
    pub readout: &'a str,
    /// Unit; empty for plain numbers.
    pub unit: &'a str,
    /// Time at which the course ends (min).
    pub end: f64,
}

impl Shown<'_> {
    fn value(&self, value: f64) -> String {
        format!("{} {}", number(value), self.unit).trim_end().to_string()
    }

    /// The form of a verb that agrees with the readout.
    fn verb(&self, one: &'static str, several: &'static str) -> &'static str {
        if self.readout.ends_with('s') { several } else { one }
    }
}

/// Sentences on how much ligand was used, and on the peak of the readout.
pub fn courses(shown: Shown, all: &[Course]) -> Vec<String> {
    match all {
        [] => vec!["All simulations failed, so there is no answer.".into()],
        few if few.len() <= MOST => few.iter().map(|course| one(shown, course)).collect(),
        many => ranges(shown, many),
    }
}

fn one(shown: Shown, course: &Course) -> String {
    let end = time_text(shown.end);
    let mut parts = vec![];
    let used = course.used.iter().filter(|u| u.part >= LEAST_USED).map(|used| {
        let whose = match course.used.len() {
            1 => " of the ligand".to_string(),
            _ => format!(" of {}", used.ligand),
        };
        let half = used.half.map_or(String::new(), |half| format!(" (50 % after {})", span(half)));
        (format!("{}{whose}", percent(used.part)), half)
    });
    let used: Vec<(String, String)> = used.collect();
    match used.as_slice() {
        [] => {}
        [(part, half)] => parts.push(format!("{part} was used by {end}{half}")),
        several => {
            let each: Vec<String> =
                several.iter().map(|(part, half)| part.clone() + half).collect();
            parts.push(format!("{} were used by {end}", listed(&each)));
        }
    }
    parts.push(match course.peak {
        Some(peak) if peak.time == 0.0 && course.last < peak.value => {
            let (from, to) = (shown.value(peak.value), shown.value(course.last));
            format!("{} fell from {from} to {to} by {end}", shown.readout)
        }
        Some(peak) if !peak.at_the_end => {
            let (value, time) = (shown.value(peak.value), span(peak.time));
            format!("{} {} at {value} after {time}", shown.readout, shown.verb("peaks", "peak"))
        }
        _ => {
            let (value, is) = (shown.value(course.last), shown.verb("is", "are"));
            format!("{} {is} {value} at {end}", shown.readout)
        }
    });
    format!("{}: {}.", course.label, parts.join("; "))
}

fn ranges(shown: Shown, all: &[Course]) -> Vec<String> {
    let end = time_text(shown.end);
    let mut sentences = vec![];
    let used = |c: &Course| c.used.first().map(|u| u.part).filter(|p| p.is_finite());
    let used: Vec<(&str, f64)> =
        all.iter().filter_map(|c| used(c).map(|p| (c.label.as_str(), p))).collect();
    if let Some([(least, low), (most, high)]) = ends(&used)
        && high >= LEAST_USED
    {
        let (low, high) = (percent(low), percent(high));
        sentences.push(format!(
            "The fraction of ligand used by {end} ranges from {low} ({least}) to {high} ({most})."
        ));
    }
    let last: Vec<(&str, f64)> = all.iter().map(|c| (c.label.as_str(), c.last)).collect();
    if let Some([(least, low), (most, high)]) = ends(&last) {
        let (low, high, readout) = (shown.value(low), shown.value(high), shown.readout);
        let range = shown.verb("ranges", "range");
        sentences
            .push(format!("At {end}, {readout} {range} from {low} ({least}) to {high} ({most})."));
    }
    sentences
}

/// The least and the greatest of the finite numbers.
fn ends<'a>(all: &[(&'a str, f64)]) -> Option<[(&'a str, f64); 2]> {
    let known = || all.iter().copied().filter(|(_, v)| v.is_finite());
    let least = known().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = known().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some([least, most])
}

/// The decline of a readout after the ligand is removed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fall {
    /// Time to half of the value at the wash (min).
    Halved(f64),
    /// More than half is left after this time (min), at which the course ends.
    NotBy(f64),
    /// The value at the wash was zero.
    Nothing,
}

/// Half-life of a readout after the wash, by condition.
pub fn washed(readout: &str, all: &[(String, Fall)]) -> String {
    let mut halved: Vec<(&str, f64)> = vec![];
    let (mut lasting, mut longest, mut nothing) = (vec![], 0.0_f64, vec![]);
    for (label, fall) in all {
        match *fall {
            Fall::Halved(time) => halved.push((label, time)),
            Fall::NotBy(time) => {
                lasting.push(label.clone());
                longest = longest.max(time);
            }
            Fall::Nothing => nothing.push(label.clone()),
        }
    }
    halved.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut parts = vec![];
    if !lasting.is_empty() {
        parts.push(format!("did not halve within {} for {}", span(longest), some(&lasting)));
    }
    let told = |(label, time): &(&str, f64)| format!("{} for {label}", span(*time));
    match halved.as_slice() {
        [] => {}
        [(longest, time), .., (shortest, least)] if halved.len() > 2 * MOST => parts.push(format!(
            "halved in {} for {longest} (the longest) to {} for {shortest}",
            span(*time),
            span(*least)
        )),
        all => {
            let times = listed(&all.iter().map(told).collect::<Vec<_>>());
            // Readouts that did not halve last longer than all that did.
            let most = match (all, lasting.is_empty()) {
                ([(longest, one), (_, other), ..], true) if one > other => {
                    format!("; by this measure, the signal lasts longest for {longest}")
                }
                _ => String::new(),
            };
            parts.push(format!("halved in {times}{most}"));
        }
    }
    if !nothing.is_empty() {
        parts.push(format!("was zero at the wash for {}", some(&nothing)));
    }
    match parts.is_empty() {
        true => "All simulations failed, so there is no answer.".into(),
        false => format!("After the wash, {readout} {}.", parts.join("; ")),
    }
}

/// The first of several conditions, and the number of the others.
fn some(labels: &[String]) -> String {
    match labels.len() > MOST {
        true => {
            let more = labels.len() - MOST;
            format!("{} and {more} more in the table", labels[..MOST].join(", "))
        }
        false => listed(labels),
    }
}

/// First time after `from` at which a course falls to a value, by exponential interpolation.
pub fn falls_to(points: &[(f64, f64)], from: f64, level: f64) -> Option<f64> {
    let after = points.iter().position(|(t, v)| *t > from && *v <= level)?;
    let (t1, v1) = points[after];
    // A course that is below the value at its first point fell earlier.
    let (t0, v0) = points[after.checked_sub(1)?];
    let log = |v: f64| il2_engine::math::ln(v);
    let part = match v1 > 0.0 && level > 0.0 && v0 > v1 {
        true => (log(v0) - log(level)) / (log(v0) - log(v1)),
        false => 1.0,
    };
    Some(t0 + part.clamp(0.0, 1.0) * (t1 - t0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: Shown = Shown { readout: "signalling complexes", unit: "/cell", end: 1440.0 };

    fn course(label: &str, part: f64, half: Option<f64>) -> Course {
        let used = vec![Used { ligand: "il2".into(), part, half }];
        let peak = Some(Peak { value: 130.4, time: 24.12, at_the_end: false });
        Course { label: label.into(), used, peak, last: 12.0 }
    }

    #[test]
    fn what_was_used_by_when_and_the_peak_are_told() {
        let all = [course("10 pM", 0.9999, Some(35.2)), course("1 nM", 0.21, None)];
        let said = courses(SHOWN, &all);
        assert_eq!(
            said,
            [
                "10 pM: more than 99.9 % of the ligand was used by 24 h (50 % after 35.2 min); \
                 signalling complexes peak at 130 /cell after 24.1 min.",
                "1 nM: 21 % of the ligand was used by 24 h; signalling complexes peak at 130 /cell \
                 after 24.1 min."
            ]
        );
    }

    #[test]
    fn of_a_mixture_each_ligand_has_its_part() {
        let mut mixture = course("both", 0.13, None);
        mixture.used.push(Used { ligand: "il15".into(), part: 0.62, half: Some(35.2) });
        assert!(courses(SHOWN, &[mixture])[0].starts_with(
            "both: 13 % of il2 and 62 % of il15 (50 % after 35.2 min) were used by 24 h; "
        ));
    }

    #[test]
    fn what_is_highest_at_the_start_falls() {
        let peak = Some(Peak { value: 657.0, time: 0.0, at_the_end: false });
        let all = [Course { peak, ..course("native", 1e-9, None) }];
        let said = courses(SHOWN, &all);
        assert_eq!(said, ["native: signalling complexes fell from 657 /cell to 12 /cell by 24 h."]);
    }

    #[test]
    fn a_medium_that_never_runs_out_is_not_called_used_and_a_rise_is_no_peak() {
        let peak = Some(Peak { value: 12.0, time: 1440.0, at_the_end: true });
        let all = [Course { peak, ..course("native", 1e-9, None) }];
        assert_eq!(courses(SHOWN, &all), ["native: signalling complexes are 12 /cell at 24 h."]);
    }

    #[test]
    fn many_conditions_are_told_by_what_lies_furthest_apart() {
        let mut all: Vec<Course> =
            (1..6).map(|i| course(&format!("{i} pM"), f64::from(i) * 0.1, None)).collect();
        all[4].last = 90.0;
        assert_eq!(
            courses(SHOWN, &all),
            [
                "The fraction of ligand used by 24 h ranges from 10 % (1 pM) to 50 % (5 pM).",
                "At 24 h, signalling complexes range from 12 /cell (1 pM) to 90 /cell (5 pM)."
            ]
        );
    }

    #[test]
    fn where_nothing_was_solved_there_is_no_answer() {
        assert_eq!(courses(SHOWN, &[]), ["All simulations failed, so there is no answer."]);
        assert_eq!(washed("pstat5", &[]), "All simulations failed, so there is no answer.");
    }

    #[test]
    fn the_longest_signal_after_a_wash_comes_first() {
        let of = |label: &str, fall| (label.to_string(), fall);
        let all = [
            of("treg", Fall::Halved(8.12)),
            of("nk", Fall::Halved(15.3)),
            of("cd8", Fall::NotBy(210.0)),
            of("b", Fall::Nothing),
        ];
        assert_eq!(
            washed("pstat5", &all),
            "After the wash, pstat5 did not halve within 3.50 h for cd8; halved in 15.3 min for nk \
             and 8.12 min for treg; was zero at the wash for b."
        );
    }

    #[test]
    fn an_exponential_halves_after_its_half_life() {
        let points: Vec<(f64, f64)> =
            (0..20).map(|k| (f64::from(k), il2_engine::math::exp(-0.1 * f64::from(k)))).collect();
        let half = falls_to(&points, 2.0, 0.5 * points[2].1).expect("it falls");
        assert!((half - 2.0 - 10.0 * il2_engine::math::ln(2.0)).abs() < 1e-9);
        assert_eq!(falls_to(&points, 2.0, 1e-3), None);
    }
}
