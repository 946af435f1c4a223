//! Quantities that are reported for each arm, and their intervals over trials.

use crate::trial::compare::{LEVEL, MONTH, Trial, YEARS, median};
use crate::trial::plan::Plan;
use il2::quantity::DAY;
use il2_inference::bootstrap::Estimate;
use il2_inference::quantiles::Quantiles;
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

fn exact(value: f64) -> Estimate {
    Estimate { value, low: f64::NAN, high: f64::NAN }
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
    if curve.last_time() < months {
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
    all.into_iter().map(|(name, unit, of)| Quantity { name, unit, of }).collect()
}

/// With fewer trials the range is reported: the ends of the central 90 % would be between the two
/// outermost values.
pub const FEW: usize = 20;

/// A quantity over trials: for one trial, its value and confidence interval; for a few, the median
/// and the range; for many, the median and the central 90 % of trials.
pub fn over_trials(values: impl Iterator<Item = Option<Estimate>>) -> (Estimate, usize) {
    let all: Vec<Estimate> = values.flatten().filter(|e| !e.value.is_nan()).collect();
    match &all[..] {
        [] => (exact(f64::NAN), 0),
        [one] => (*one, 1),
        many => {
            let mut q = Quantiles::default();
            many.iter().for_each(|e| q.push(e.value, 1));
            let tail = if many.len() < FEW { 0.0 } else { 0.05 };
            (Estimate { value: q.at(0.5), low: q.at(tail), high: q.at(1.0 - tail) }, many.len())
        }
    }
}

/// Name of the kind of interval in the tables.
pub fn interval(plan: &Plan) -> &'static str {
    match plan.replicates {
        1 => "95 % confidence interval",
        2..FEW => "range over trials",
        _ => "central 90 % of trials",
    }
}
