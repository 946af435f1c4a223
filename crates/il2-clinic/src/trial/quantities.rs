//! Quantities that are reported for each arm, and their intervals over trials.

use crate::trial::between_scans;
use crate::trial::compare::{Trial, YEARS, median};
use crate::trial::hazards::{LEVEL, MONTH, exact};
use crate::trial::horizon::{CAUSES, with_interval, within};
use crate::trial::plan::Plan;
use il2::quantity::DAY;
use il2_answer::sentence::{Spread, number};
use il2_inference::bootstrap::Estimate;
use il2_inference::quantiles::quantiles;
use il2_inference::survival::kaplan_meier::{IntervalForm, KaplanMeier};

/// Function that reads a quantity of an arm in a trial.
pub type Read = Box<dyn Fn(&Trial, usize) -> Option<Estimate>>;

/// A quantity of an arm: name, unit, and its value in a trial.
pub struct Quantity {
    /// Its name in tables.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Value for an arm of a trial and, if there is one trial, its interval.
    pub of: Read,
}

pub(super) fn percent(of: Option<Estimate>) -> Option<Estimate> {
    let e = of?;
    Some(Estimate { value: 100.0 * e.value, low: 100.0 * e.low, high: 100.0 * e.high })
}

fn middle(curve: &Option<KaplanMeier>) -> Option<Estimate> {
    let (value, low, high) = median(curve.as_ref()?);
    let open = |end: Option<f64>| end.unwrap_or(f64::INFINITY);
    Some(Estimate { value: open(value), low: low.unwrap_or(f64::NAN), high: open(high) })
}

fn at(curve: &Option<KaplanMeier>, months: f64) -> Option<Estimate> {
    let curve = curve.as_ref()?;
    // After the last observation the fraction is unknown, unless nobody is left.
    if curve.last_time() < months && curve.survival(months) > 0.0 {
        return None;
    }
    let ends = curve.interval(months, IntervalForm::LogLog, LEVEL).ok().flatten();
    let (low, high) = ends.unwrap_or((f64::NAN, f64::NAN));
    percent(Some(Estimate { value: curve.survival(months), low, high }))
}

/// The quantities that are reported for every arm.
pub fn quantities(plan: &Plan) -> Vec<Quantity> {
    let mut all: Vec<(String, &'static str, Read)> = vec![
        ("objective response".into(), "%", Box::new(|t, a| percent(t.arms[a].response))),
        ("complete response".into(), "%", Box::new(|t, a| percent(t.arms[a].complete))),
        ("median survival".into(), "months", Box::new(|t, a| middle(&t.arms[a].survival))),
        (
            "median progression-free survival".into(),
            "months",
            Box::new(|t, a| middle(&t.arms[a].progression_free)),
        ),
        (
            "median duration of response".into(),
            "months",
            Box::new(|t, a| middle(&t.arms[a].duration)),
        ),
        (
            "complete responses ongoing at 39 months".into(),
            "%",
            Box::new(|t, a| at(&t.arms[a].complete_duration, 39.0)),
        ),
        ("doses of interleukin-2".into(), "", Box::new(|t, a| Some(exact(t.arms[a].doses)))),
        (
            "treatment-related deaths".into(),
            "%",
            Box::new(|t, a| {
                let arm = &t.arms[a];
                Some(exact(100.0 * arm.deaths_of_drug as f64 / arm.patients as f64))
            }),
        ),
    ];
    let years = plan.duration() / DAY / MONTH / 12.0;
    for year in YEARS.into_iter().filter(|year| *year <= years) {
        let months = 12.0 * year;
        all.push((
            format!("survival at {year} y"),
            "%",
            Box::new(move |t, a| at(&t.arms[a].survival, months)),
        ));
    }
    let within = within(plan);
    all.push((
        format!("mean survival to {within}"),
        "months",
        Box::new(|t, a| with_interval(t.arms[a].within.survival)),
    ));
    all.push((
        format!("mean progression-free survival to {within}"),
        "months",
        Box::new(|t, a| with_interval(t.arms[a].within.progression_free)),
    ));
    for (cause, (name, _)) in CAUSES.into_iter().enumerate() {
        all.push((
            format!("{name} by {within}"),
            "%",
            Box::new(move |t, a| percent(t.arms[a].within.incidence(cause))),
        ));
    }
    if plan.between_scans {
        all.push((
            "progression-free median between scans".into(),
            "months",
            Box::new(|t, a| t.arms[a].between_scans.as_ref().map(between_scans::median).map(exact)),
        ));
    }
    all.into_iter().map(|(name, unit, of)| Quantity { name, unit, of }).collect()
}

/// With fewer trials the range is reported: the ends of the central 90 % would be between the two
/// outermost values.
pub const FEW: usize = 20;

/// A quantity over trials.
#[derive(Clone, Copy, Debug)]
pub struct OverTrials {
    /// For one trial, the value and its confidence interval; for a few, the median and the range;
    /// for many, the median and the central 90 % of trials. Infinite if it was not reached.
    pub estimate: Estimate,
    /// Number of trials that have the quantity.
    pub trials: usize,
    /// Number of trials that were simulated.
    pub of: usize,
    /// Number of these trials in which it was not reached, such as a median survival that exceeds
    /// the follow-up.
    pub not_reached: usize,
}

/// Summarises a quantity over trials; there is no value if less than half of them have it, such as
/// the survival at a time that only the trials reach whose last patient has died. Trials in which it was not reached count as the largest: if
/// they were left out, the median over trials would be the smaller, the better an arm is.
pub fn over_trials(values: impl Iterator<Item = Option<Estimate>>) -> OverTrials {
    let every: Vec<Option<Estimate>> = values.collect();
    let of = every.len();
    let all: Vec<Estimate> = every.into_iter().flatten().filter(|e| !e.value.is_nan()).collect();
    let estimate = match &all[..] {
        few if 2 * few.len() < of || few.is_empty() => exact(f64::NAN),
        [one] => *one,
        many => {
            let tail = if many.len() < FEW { 0.0 } else { 0.05 };
            let values = many.iter().map(|e| e.value).collect();
            let [low, value, high] = quantiles(values, [tail, 0.5, 1.0 - tail]);
            Estimate { value, low, high }
        }
    };
    let not_reached = all.iter().filter(|e| e.value.is_infinite()).count();
    OverTrials { estimate, trials: all.len(), of, not_reached }
}

impl OverTrials {
    /// The value with its interval, for example `22.6 months (at least 11.8; reached in 44 of 80
    /// trials)`; none if no trial has the quantity.
    pub fn said(&self, unit: &str) -> Option<String> {
        let Estimate { value, low, high } = self.estimate;
        let ends = Spread { middle: value, low, high };
        let mut notes = vec![];
        notes.extend((low.is_finite() || high.is_finite()).then(|| ends.ends()));
        if self.trials < self.of {
            notes.push(format!("known in {} of {} trials", self.trials, self.of));
        }
        let reached = self.trials - self.not_reached;
        if self.trials > 1 && reached < self.trials {
            notes.push(format!("reached in {reached} of {} trials", self.trials));
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        match value {
            v if v.is_nan() => None,
            v if v.is_infinite() => Some(format!("not reached{notes}")),
            v if unit.is_empty() => Some(format!("{}{notes}", number(v))),
            v => Some(format!("{} {unit}{notes}", number(v))),
        }
    }
}

/// Median number of patients of an arm, over trials, who entered before the end of the trial and
/// could be simulated.
pub fn patients(trials: &[Trial], arm: usize) -> f64 {
    let all = trials.iter().map(|t| t.arms[arm].patients as f64);
    quantiles(all.collect(), [0.5])[0]
}

/// Name of the kind of interval in the tables.
pub fn interval(plan: &Plan) -> &'static str {
    match plan.replicates {
        1 => "95 % confidence interval",
        2..FEW => "range over trials",
        _ => "central 90 % of trials",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_most_trials_lack_is_none() {
        let known = |v: f64| Some(exact(v));
        let few = over_trials([known(0.0), None, None, None].into_iter());
        assert!(few.estimate.value.is_nan() && few.said("%").is_none(), "{few:?}");
        let most = over_trials([known(30.0), known(20.0), None].into_iter());
        let said = most.said("%").unwrap();
        assert!(said.starts_with("25 %") && said.contains("known in 2 of 3 trials"), "{said}");
        let all = over_trials([known(30.0), known(20.0)].into_iter());
        assert!(!all.said("%").unwrap().contains("known"), "{all:?}");
    }
}
