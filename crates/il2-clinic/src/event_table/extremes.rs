//! Highest and lowest values of the first subjects, at records and between them, for terminal and report.

use crate::event_table::course::since_first;
use crate::event_table::plan::Plan;
use crate::event_table::units::area_unit;
use il2::quantity::three_digits;
use il2::treatment::record::Kind;
use il2_answer::labels::noise;
use il2_engine::Tolerance;
use il2_engine::lane::{self, Surveyed};
use il2_engine::words::counted;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::event_table::Subject;

/// Largest number of subjects whose extremes are shown.
pub const MOST_TOLD: usize = 10;

/// One quantity of one subject from its first record to its last, in the units of the table.
pub struct Extreme {
    subject: String,
    quantity: String,
    most: Turn,
    least: Turn,
    last: f64,
    /// Area under the curve (unit of the quantity times the table's unit of time), where it is
    /// meaningful.
    area: Option<f64>,
}

/// The highest or the lowest value of a quantity.
struct Turn {
    value: f64,
    /// Time by the table.
    time: f64,
    /// Time on an axis that a reset does not change.
    on_axis: f64,
}

impl Extreme {
    /// Extremes found by a survey, in units of `one`; `seen` contains the values at records,
    /// already in that unit.
    pub fn new(
        plan: &Plan,
        subject: &Subject,
        (quantity, one): (String, f64),
        (found, seen): (&Surveyed, &[f64]),
        (area, tolerance): (bool, Tolerance),
    ) -> Self {
        let since = since_first(subject);
        let time = plan.factors.time;
        let least = tolerance.absolute / one;
        // Values below the tolerance of the solver count as zero.
        let known = |value: f64| if value.abs() < least { 0.0 } else { value };
        let turn = |e: lane::Extreme| {
            let found = e.value / one;
            let noise = noise(tolerance, e.value) / one;
            // An extreme within the tolerance of a record is taken at that record.
            let record = seen.iter().position(|value| (value - found).abs() <= noise);
            let (value, at) = record.map_or((found, e.time), |r| (seen[r], since[r]));
            let record = record.or_else(|| near(&since, e.time));
            Turn {
                value: known(value),
                time: record
                    .map_or_else(|| in_table(subject, &since, e) / time, |r| subject.times[r]),
                on_axis: (at + subject.records[0].time) / time,
            }
        };
        Self {
            subject: subject.id.clone(),
            quantity,
            most: turn(found.highest),
            least: turn(found.lowest),
            last: known(seen.last().copied().unwrap_or(f64::NAN)),
            area: area.then(|| found.area / one / time),
        }
    }

    /// Highest value, and its time by the table.
    pub fn highest(&self) -> (f64, f64) {
        (self.most.value, self.most.time)
    }

    /// Area under the curve, where requested.
    pub fn area(&self) -> Option<f64> {
        self.area
    }

    /// The highest and lowest points of a curve: time and value.
    pub fn points(&self) -> [(f64, f64); 2] {
        [&self.most, &self.least].map(|turn| (turn.on_axis, turn.value))
    }
}

/// The record at a given time since the first record, within rounding.
fn near(since: &[f64], time: f64) -> Option<usize> {
    let rounding = 1e-9 * since.last().copied().unwrap_or(0.0);
    since.iter().position(|s| (s - time).abs() <= rounding)
}

/// A time (min) by the table: since the last reset that set TIME back, if there was one.
fn in_table(subject: &Subject, since: &[f64], e: lane::Extreme) -> f64 {
    let anew = |r: &usize| {
        let begins = matches!(subject.records[*r].kind, Kind::Reset | Kind::ResetAndDose);
        begins && (since[*r] < e.time || since[*r] == e.time && e.after)
    };
    let begun = (0..since.len()).rev().find(anew).unwrap_or(0);
    e.time - since[begun] + subject.records[begun].time
}

/// Title and content of the table of extremes in the report.
pub fn told(plan: &Plan, extremes: &[Extreme]) -> (String, Table) {
    let [most, least] = ["highest", "lowest"].map(|w| format!("time of {w} ({})", plan.units[0]));
    let area = format!("area ({})", plan.units[0]);
    let columns = [
        ("subject", true),
        ("quantity", true),
        ("highest", false),
        (most.as_str(), false),
        ("lowest", false),
        (least.as_str(), false),
        ("last", false),
        (area.as_str(), false),
    ];
    let mut table = Table::new("extremes", &columns);
    for e in extremes {
        let mut row: Vec<Value> = vec![e.subject.as_str().into(), e.quantity.as_str().into()];
        let area = e.area.unwrap_or(f64::NAN);
        let (most, least) = (&e.most, &e.least);
        row.extend([most.value, most.time, least.value, least.time, e.last, area].map(Value::from));
        table.push(row);
    }
    let whose = match plan.table.subjects.len() > MOST_TOLD {
        true => format!("The first {MOST_TOLD} subjects"),
        false => "Every subject".to_string(),
    };
    let title = format!(
        "{whose}: highest and lowest value from the first to the last record, and the last value"
    );
    (title, table)
}

/// Fraction of the highest value below which the last value is not shown.
const NOTHING: f64 = 1e-9;

/// The same for the terminal.
pub fn block(plan: &Plan, extremes: &[Extreme]) -> String {
    let at = format!("at ({})", plan.units[0]);
    let (mut text, mut subject) = (String::new(), "");
    if plan.table.subjects.len() > MOST_TOLD {
        let all = counted(plan.table.subjects.len(), "subject");
        text += &format!(
            "highest and lowest values of the first {MOST_TOLD} of {all}; the table has every \
             record\n"
        );
    }
    for e in extremes {
        if subject != e.subject {
            subject = &e.subject;
            let head = il2_answer::labels::cut(&il2_answer::labels::subject(subject), 40);
            text += &format!(
                "{head:<40} {:>10} {at:>8} {:>10} {at:>8} {:>10}\n",
                "highest", "lowest", "last"
            );
        }
        let [a, b, c, d] =
            [e.most.value, e.most.time, e.least.value, e.least.time].map(three_digits);
        // Values this far below the peak can neither be measured nor be resolved by the solver.
        let least = NOTHING * e.most.value.abs();
        let last = match e.last != 0.0 && e.last.abs() < least {
            true => format!("<{least:.0e}"),
            false => three_digits(e.last),
        };
        text += &format!("  {:<38} {a:>10} {b:>8} {c:>10} {d:>8} {last:>10}\n", e.quantity);
        if let Some(area) = e.area {
            let area = three_digits(area);
            // A quantity carries its unit in brackets.
            let unit =
                e.quantity.rsplit_once('(').map_or("", |(_, unit)| unit.trim_end_matches(')'));
            let unit = area_unit(&plan.units[0], unit);
            text += &format!("  {:<38} {area:>10} {unit}\n", "  area under the curve");
        }
    }
    text
}
