//! The levels after a dose, and the numbers computed from them.

use crate::noncompartmental::plan::{Plan, Route};
use il2::treatment::record::Steady;
use il2::treatment::schedule::{DoseEvent, schedule};
use il2_engine::math;
use il2_inference::bound::Bound;
use il2_inference::noncompartmental::{Terminal, after_bolus, area, highest, terminal};

/// Levels after a dose, in the table's units; times count from the dose.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Subject.
    pub subject: usize,
    /// Number of the dose; the first is 1.
    pub dose: usize,
    /// Amount of the dose.
    pub amount: f64,
    /// Whether the dose is an intravenous bolus.
    pub bolus: bool,
    /// Time of the dose since the first record, as the table counts time.
    pub given: f64,
    /// Time to the next dose; none for the last dose of a series and for a single dose.
    pub interval: Option<f64>,
    /// Whether earlier doses were given.
    pub repeated: bool,
    /// Levels above the limit, and the level assumed at the time of the dose.
    pub points: Vec<(f64, f64)>,
    /// Whether the first point was assumed.
    pub assumed: bool,
    /// Number of measured levels, including those below the limit.
    pub measured: usize,
}

/// The numbers of a profile; none where one cannot be computed.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Highest measured level and its time.
    pub highest: Option<(f64, f64)>,
    /// Area to the last level above the limit.
    pub area_to_last: Option<f64>,
    /// Area over the interval between doses.
    pub area_of_interval: Option<f64>,
    /// Area extrapolated to infinity, and its fraction beyond the last level.
    pub area: Option<(f64, f64)>,
    /// The terminal phase.
    pub terminal: Option<Terminal>,
    /// Clearance (divided by bioavailability after an extravascular dose).
    pub clearance: Option<f64>,
    /// Volume of the terminal phase (likewise divided by bioavailability).
    pub volume: Option<f64>,
    /// Reasons for missing numbers.
    pub note: Vec<&'static str>,
}

/// The profiles of a subject: after the first dose, and after the last dose if there are several.
pub fn profiles(plan: &Plan, subject: usize) -> Vec<Profile> {
    let of = &plan.table.subjects[subject];
    let dose_events = schedule(&of.records).expect("checked in the plan");
    let unit = 1.0 / plan.factors.time;
    let mut doses: Vec<Given> = vec![];
    for (order, timed) in dose_events.iter().enumerate() {
        let record = &of.records[timed.record];
        let steady = record.steady != Steady::No;
        let interval = record.interval;
        let (amount, bolus) = match &timed.what {
            DoseEvent::Give { amount, .. } => (*amount, plan.route == Route::Intravenous),
            DoseEvent::Infuse { rate, duration, .. } => (rate * duration, false),
            DoseEvent::Saturate(cycle) if cycle.amount > 0.0 || cycle.duration > 0.0 => {
                (cycle.amount + cycle.rate * cycle.duration, cycle.amount > 0.0)
            }
            _ => continue,
        };
        // At steady state, the dose is the one given in the record with SS.
        let bolus = bolus && plan.route == Route::Intravenous;
        match doses.last_mut() {
            Some(last) if last.time == timed.time => {
                last.amount += amount;
                last.order = order;
            }
            _ => doses.push(Given { time: timed.time, amount, bolus, steady, interval, order }),
        }
    }
    let looks: Vec<(f64, usize, usize)> = dose_events
        .iter()
        .enumerate()
        .filter_map(|(order, t)| match t.what {
            DoseEvent::Look(record) => Some((t.time, order, record)),
            _ => None,
        })
        .collect();
    let last = doses.len().saturating_sub(1);
    let mut chosen: Vec<usize> = if doses.is_empty() { vec![] } else { vec![0, last] };
    chosen.dedup();
    let profile = |d: usize| {
        let Given { time: given, amount, bolus, steady, interval: ii, order } = doses[d];
        let after = doses.get(d + 1);
        let next = after.map(|next| next.time);
        let before = d.checked_sub(1).map(|b| given - doses[b].time);
        let interval = match next {
            Some(next) => Some(next - given),
            None => before.or((steady && ii > 0.0).then_some(ii)),
        };
        // At the time of a dose, a row before a bolus has the level at the end of the interval
        // before, and a row after it the level at the start. Other doses do not change the level
        // at once.
        let inside = |time: f64, row: usize| {
            let begun = time > given || (time == given && (!bolus || row > order));
            let ended = |next: &Given| {
                time > next.time || (time == next.time && next.bolus && row > next.order)
            };
            begun && !after.is_some_and(ended)
        };
        let (mut points, mut measured) = (vec![], 0);
        let mut seen = false;
        let own = looks.iter().filter(|(time, row, _)| inside(*time, *row));
        for (time, record) in own.map(|(time, _, record)| (*time, *record)) {
            let Some(value) = of.measured.get(record).copied().filter(|v| !v.is_nan()) else {
                continue;
            };
            measured += 1;
            let bound = of.bounds.get(record).copied().unwrap_or(Bound::None);
            let since = (time - given) * unit;
            // A value below the limit counts as zero before the first level, and is left out later.
            match bound {
                Bound::None => points.push((since, value.max(0.0))),
                Bound::Below | Bound::Between(_) if !seen => points.push((since, 0.0)),
                _ => continue,
            }
            seen |= bound == Bound::None && value > 0.0;
        }
        // Of two levels at the same time, such as one before and one after the dose, the later row
        // is used.
        points.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                *earlier = *later;
            }
            same
        });
        let at_dose = points.first().is_some_and(|p| p.0 == 0.0);
        let assumed = !at_dose && !points.is_empty();
        if !at_dose && bolus {
            let start = after_bolus(&points);
            points.splice(0..0, start.map(|level| (0.0, level)));
        } else if !at_dose && !points.is_empty() {
            // The level at the dose: zero before the first dose, and at steady state that at the
            // end of the interval.
            let start = if d > 0 || steady { lowest(&points) } else { 0.0 };
            points.insert(0, (0.0, start));
        }
        while points.last().is_some_and(|p| p.1 <= 0.0) {
            points.pop();
        }
        Profile {
            subject,
            dose: d + 1,
            amount: amount / plan.factors.amount,
            bolus,
            given: given * unit,
            interval: interval.map(|i| i * unit),
            repeated: d > 0 || steady,
            points,
            assumed,
            measured,
        }
    };
    chosen.into_iter().map(profile).collect()
}

/// A dose of a subject, or several at one time.
#[derive(Clone, Copy)]
struct Given {
    /// Time (min).
    time: f64,
    amount: f64,
    /// Whether it is an intravenous bolus.
    bolus: bool,
    steady: bool,
    /// Interval between doses before it at steady state (min).
    interval: f64,
    /// Place among all events of the subject, of which those at the same time are in order.
    order: usize,
}

fn lowest(points: &[(f64, f64)]) -> f64 {
    points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min)
}

impl Profile {
    /// The numbers of the profile. `volume` is one unit of amount divided by one unit of
    /// concentration, in the unit of volumes.
    pub fn numbers(&self, volume: f64) -> Numbers {
        let measured = self.points.get(usize::from(self.assumed)..).unwrap_or(&[]);
        let mut found = Numbers { highest: highest(measured), ..Numbers::default() };
        let Some(&(end, last)) = self.points.last() else {
            found.note.push("no concentration above the limit of quantification");
            return found;
        };
        found.area_to_last = Some(area(&self.points));
        found.terminal = terminal(&self.points);
        if found.terminal.is_none() {
            found.note.push("fewer than three falling concentrations after the highest");
        }
        // The whole interval between doses, of which less than a quarter is extrapolated.
        if let Some(interval) = self.interval {
            let within: Vec<(f64, f64)> =
                self.points.iter().copied().filter(|p| p.0 <= interval * (1.0 + 1e-9)).collect();
            let ends = within.last().map_or(0.0, |p| p.0);
            let rest = match (found.terminal, ends >= interval * (1.0 - 1e-9)) {
                (_, true) => Some(0.0),
                (Some(t), false) if ends > 0.75 * interval => {
                    let from = within.last().map_or(0.0, |p| p.1);
                    Some(from / t.rate * -math::exp_m1(-t.rate * (interval - ends)))
                }
                _ => None,
            };
            found.area_of_interval = rest.map(|rest| area(&within) + rest);
        }
        let beyond = found.terminal.map(|t| last / t.rate);
        if let Some((beyond, before)) = beyond.zip(found.area_to_last).filter(|_| end > 0.0) {
            found.area = Some((before + beyond, beyond / (before + beyond)));
        }
        // After repeated doses, only the area over an interval gives the clearance.
        let whole = match self.repeated {
            true => found.area_of_interval,
            false => found.area.map(|a| a.0),
        };
        match (self.repeated, found.area_of_interval) {
            (false, _) => {}
            (true, Some(_)) => found.note.push("after repeated doses auc_tau in place of auc_inf"),
            (true, None) => found.note.push(
                "after repeated doses no auc_inf, and no auc_tau without a concentration in the last \
                 quarter of the interval",
            ),
        }
        found.clearance = whole.map(|area| self.amount / area * volume);
        found.volume = found.clearance.zip(found.terminal).map(|(cl, t)| cl / t.rate);
        found
    }
}
