//! Exposure of each subject: highest concentration, area, terminal half-life, accumulation.

use crate::event_table::course::since_first;
use crate::event_table::extremes::Extreme;
use crate::event_table::plan::Plan;
use il2::treatment::record::{Kind, Record, Steady};
use il2::treatment::schedule::{DoseEvent, Timed};
use il2_answer::answer::status;
use il2_answer::half_life::half_life;
use il2_answer::labels::column_ending;
use il2_engine::lane::Surveyed;
use il2_engine::{LaneFailure, Tolerance};
use il2_output::column::Value;
use il2_output::table::Table;

/// Time windows of a subject, from first record to last (min since the first).
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    /// The time from the first dose to the second, and the time after the last; or why accumulation
    /// cannot be computed.
    pub repeats: Result<[(f64, f64); 2], &'static str>,
    /// End of the last dose; none if there was no dose.
    pub dosed_until: Option<f64>,
    /// Number of doses.
    pub doses: usize,
}

/// A dose: its time, compartment, amount and duration.
type Dose = (f64, usize, f64, f64);

impl Windows {
    /// The windows that follow from a subject's events.
    pub fn of(dose_events: &[Timed]) -> Self {
        let dose = |timed: &Timed| -> Option<Dose> {
            match timed.what {
                DoseEvent::Give { compartment, amount } => {
                    Some((timed.time, compartment, amount, 0.0))
                }
                DoseEvent::Infuse { compartment, rate, duration, .. } => {
                    Some((timed.time, compartment, rate * duration, duration))
                }
                _ => None,
            }
        };
        let doses: Vec<Dose> =
            dose_events.iter().filter_map(dose).filter(|(_, _, amount, _)| *amount > 0.0).collect();
        let any = |of: fn(&DoseEvent) -> bool| dose_events.iter().any(|timed| of(&timed.what));
        // Dosing to steady state at the start includes the repeated doses.
        let repeats = if any(|what| matches!(what, DoseEvent::Saturate(_))) {
            Err("dosed to steady state from the start")
        } else if any(|what| matches!(what, DoseEvent::Reset)) {
            Err("a reset empties all compartments")
        } else {
            repeats(&doses)
        };
        let dosed_until = doses.iter().map(|(time, _, _, over)| time + over).reduce(f64::max);
        Self { repeats, dosed_until, doses: doses.len() }
    }

    /// Intervals in which the concentration is followed; the first is the whole window.
    pub fn stretches(&self) -> Vec<(f64, f64)> {
        let whole = (0.0, f64::INFINITY);
        [whole].into_iter().chain(self.repeats.iter().flatten().copied()).collect()
    }
}

fn repeats(doses: &[Dose]) -> Result<[(f64, f64); 2], &'static str> {
    let (Some(first), Some(last)) = (doses.first(), doses.last()) else { return Err("no dose") };
    let second = doses.iter().find(|dose| dose.0 > first.0).ok_or("one dose")?;
    let same = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let alike = |dose: &Dose| first.1 == dose.1 && same(first.2, dose.2) && same(first.3, dose.3);
    // With a loading dose, or an extra dose in between, no ratio would be accumulation.
    if !doses.iter().all(alike) {
        return Err("doses differ");
    }
    let interval = second.0 - first.0;
    if !doses.windows(2).all(|two| (two[1].0 - two[0].0 - interval).abs() <= 1e-9 * last.0.abs()) {
        return Err("intervals between doses differ");
    }
    Ok([(first.0, second.0), (last.0, f64::INFINITY)])
}

/// What follows from the whole area after a single dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Once {
    /// Area to infinity: beyond the last record, the concentration falls with the terminal
    /// half-life.
    pub area: f64,
    /// Dose over this area (L per unit of time): clearance over bioavailability.
    pub clearance: f64,
    /// Volume of the terminal phase (L), over bioavailability.
    pub volume: f64,
}

/// The amount of the only dose of a subject (base units), or why no amount stands for all drug.
fn only_dose(records: &[Record]) -> Result<f64, &'static str> {
    let mut given = records.iter().filter(|r| r.gives());
    let dose = given.next().ok_or("no dose")?;
    if records.iter().any(|r| r.kind == Kind::Reset) {
        return Err("a reset empties all compartments");
    }
    match (dose.steady, given.next().is_some() || dose.additional > 0) {
        (Steady::No, false) if dose.amount > 0.0 => Ok(dose.amount),
        (Steady::No, false) => Err("no dose"),
        (Steady::No, true) => Err("several doses"),
        _ => Err("dosed to steady state from the start"),
    }
}

/// `litres`: one unit of amount over one unit of concentration.
fn once(
    dose: Result<f64, &'static str>,
    (area, last, half_life): (f64, f64, Result<f64, &'static str>),
    litres: f64,
) -> Result<Once, &'static str> {
    let (dose, slow) = (dose?, half_life? / std::f64::consts::LN_2);
    let area = area + last * slow;
    let clearance = dose / area * litres;
    let found = Once { area, clearance, volume: clearance * slow };
    if clearance.is_finite() { Ok(found) } else { Err("no drug in the plasma") }
}

/// The exposure of a subject, in the table's units.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// Name of the subject as in the table.
    pub subject: String,
    /// Number of doses given.
    pub doses: usize,
    /// Times of the first and last record since the first record, not changed by resets.
    pub window: [f64; 2],
    /// Highest concentration, and its time by the table.
    pub highest: (f64, f64),
    /// Area under the concentration over the window.
    pub area: f64,
    /// Half-life of the terminal phase, or why it is unknown.
    pub half_life: Result<f64, &'static str>,
    /// Ratio of the highest concentration after the last dose to the highest between the first two
    /// doses, or why it cannot be computed.
    pub accumulation: Result<f64, &'static str>,
    /// After a single dose, or why they cannot be computed.
    pub once: Result<Once, &'static str>,
    /// Why the simulation ended early, if it did.
    pub failure: Option<LaneFailure>,
}

impl Exposure {
    /// The exposure of a subject, from its surveys (one for each of [`Windows::stretches`]) and the
    /// concentrations at its records. `slowest` is the smallest rate of a linear model (/min).
    pub fn of(
        plan: &Plan,
        subject: usize,
        windows: &Windows,
        (surveyed, levels): (&[Surveyed], &[f64]),
        slowest: Option<f64>,
        (failure, tolerance): (Option<&LaneFailure>, Tolerance),
    ) -> Self {
        let of = &plan.table.subjects[subject];
        let since = since_first(of);
        let (time, origin) = (plan.factors.time, of.records[0].time);
        let solved = failure.is_none();
        let quantity = (String::new(), plan.concentration);
        let extreme = surveyed
            .first()
            .filter(|s| solved && s.highest.value.is_finite())
            .map(|s| Extreme::new(plan, of, quantity, (s, levels), (true, tolerance)));
        let (highest, at) = extreme.as_ref().map_or((f64::NAN, f64::NAN), Extreme::highest);
        let end = since.last().copied().unwrap_or(0.0);
        let points = || since.iter().copied().zip(levels.iter().copied());
        let area = extreme.as_ref().and_then(Extreme::area).unwrap_or(f64::NAN);
        let half_life = match (solved, windows.dosed_until) {
            (false, _) => Err("not solved"),
            (true, None) => Err("no dose"),
            (true, Some(until)) => {
                let points: Vec<(f64, f64)> = points().collect();
                half_life(&points, (until, highest), slowest).map(|phase| phase.minutes / time)
            }
        };
        let dose = only_dose(&of.records).map(|dose| dose / plan.factors.amount);
        let last = levels.last().copied().unwrap_or(f64::NAN);
        let litres = plan.factors.amount / plan.concentration;
        Self {
            subject: of.id.clone(),
            doses: windows.doses,
            window: [origin / time, (origin + end) / time],
            highest: (highest, at),
            area,
            once: once(dose, (area, last, half_life), litres),
            half_life,
            accumulation: match (solved, &windows.repeats, surveyed) {
                (false, ..) => Err("not solved"),
                (true, Err(why), _) => Err(why),
                (true, Ok(_), [_, first, last, ..]) => accumulation(first, last, end),
                (true, Ok(_), _) => Err("not solved"),
            },
            failure: failure.cloned(),
        }
    }
}

fn accumulation(first: &Surveyed, last: &Surveyed, end: f64) -> Result<f64, &'static str> {
    let ratio = last.highest.value / first.highest.value;
    if last.highest.time >= end && !last.highest.after {
        Err("the concentration still rises at the last record")
    } else if ratio.is_finite() && ratio > 0.0 {
        Ok(ratio)
    } else {
        Err("no drug between the first two doses")
    }
}

/// The table of subjects.
pub fn table(plan: &Plan, all: &[Exposure]) -> Table {
    let [time, _, level] = plan.units.each_ref().map(|unit| column_ending(unit));
    let columns = [
        ("id".to_string(), true),
        ("doses".into(), false),
        (format!("from_{time}"), false),
        (format!("to_{time}"), false),
        (format!("cmax_{level}"), false),
        (format!("tmax_{time}"), false),
        (format!("auc_{level}_{time}"), false),
        (format!("half_life_{time}"), false),
        ("half_life_note".into(), true),
        ("accumulation".into(), false),
        ("accumulation_note".into(), true),
        (format!("auc_inf_{level}_{time}"), false),
        (format!("clearance_over_f_l_per_{time}"), false),
        ("volume_z_over_f_l".into(), false),
        ("clearance_note".into(), true),
        ("status".into(), true),
    ];
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&format!("{}_subjects", plan.name), &columns);
    for e in all {
        let (half_life, why_half_life) = told(e.half_life);
        let (accumulation, why_accumulation) = told(e.accumulation);
        let mut row: Vec<Value> = vec![e.subject.as_str().into(), (e.doses as f64).into()];
        row.extend([e.window[0], e.window[1], e.highest.0, e.highest.1, e.area].map(Value::from));
        row.extend([half_life, why_half_life, accumulation, why_accumulation]);
        let once = e.once.map_or([f64::NAN; 3], |o| [o.area, o.clearance, o.volume]);
        row.extend(once.map(Value::from));
        row.push(e.once.err().unwrap_or("").into());
        row.push(status(e.failure.as_ref()).as_str().into());
        table.push(row);
    }
    table
}

/// A number, or the reason why there is none, as values of two columns.
fn told(found: Result<f64, &'static str>) -> (Value, Value) {
    match found {
        Ok(value) => (value.into(), "".into()),
        Err(why) => (f64::NAN.into(), why.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_engine::math;

    /// 100 mg into 20 L, eliminated at 0.2 /h and followed for 5 h: by the formulas of one
    /// compartment, 25 mg h/L, 4 L/h and 20 L.
    #[test]
    fn a_single_dose_has_the_clearance_of_its_whole_area() {
        let (k, level) = (0.2_f64, 5.0 * math::exp(-1.0));
        let area = (5.0 - level) / k;
        let half_life = std::f64::consts::LN_2 / k;
        let found = once(Ok(100.0), (area, level, Ok(half_life)), 1.0).unwrap();
        for (value, wanted) in [(found.area, 25.0), (found.clearance, 4.0), (found.volume, 20.0)] {
            assert!((value / wanted - 1.0).abs() < 1e-12, "{value} {wanted}");
        }
        assert_eq!(once(Ok(1.0), (1.0, 1.0, Err("why")), 1.0), Err("why"));
        let with = |records: Vec<Record>| only_dose(&records);
        let dose = || Record::dose(0.0, 0, 5.0);
        assert_eq!(with(vec![dose(), Record::observation(9.0)]), Ok(5.0));
        assert_eq!(with(vec![dose(), dose()]), Err("several doses"));
        assert_eq!(
            with(vec![Record { additional: 2, interval: 9.0, ..dose() }]),
            Err("several doses")
        );
        assert_eq!(with(vec![]), Err("no dose"));
    }

    #[test]
    fn doses_accumulate_only_where_all_are_the_same_at_equal_intervals() {
        let at = |time: f64| (time, 0, 10.0, 0.0);
        assert_eq!(
            repeats(&[at(0.0), at(480.0), at(960.0)]),
            Ok([(0.0, 480.0), (960.0, f64::INFINITY)])
        );
        assert_eq!(repeats(&[at(0.0)]), Err("one dose"));
        assert_eq!(repeats(&[at(0.0), at(0.0)]), Err("one dose"), "at one time");
        assert_eq!(repeats(&[]), Err("no dose"));
        let more = |time: f64| (time, 0, 20.0, 0.0);
        assert_eq!(repeats(&[at(0.0), more(480.0)]), Err("doses differ"));
        assert_eq!(repeats(&[at(0.0), more(480.0), at(960.0)]), Err("doses differ"));
        assert_eq!(repeats(&[at(0.0), more(0.0), at(480.0)]), Err("doses differ"), "loading");
        let uneven = [at(0.0), at(240.0), at(241.0)];
        assert_eq!(repeats(&uneven), Err("intervals between doses differ"));
    }
}
