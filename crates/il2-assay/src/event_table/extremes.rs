//! How high and how low the first subjects go, at records and between them, for terminal and report.

use crate::event_table::course::since_first;
use crate::event_table::plan::Plan;
use crate::labels::noise;
use il2::quantity::three_digits;
use il2::treatment::record::Kind;
use il2_engine::Tolerance;
use il2_engine::lane::{self, Surveyed};
use il2_engine::words::counted;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::event_table::Subject;

/// Subjects whose extremes are told.
pub const MOST_TOLD: usize = 10;

/// One quantity of one subject from its first record to its last: value and time as the table counts it.
pub struct Extreme {
    subject: String,
    quantity: String,
    most: Turn,
    least: Turn,
    last: f64,
    /// Area under it in its unit times the table's unit of time, where that means something.
    area: Option<f64>,
}

/// The highest or the lowest of a quantity.
struct Turn {
    value: f64,
    /// As the table counts it.
    time: f64,
    /// On an axis that no reset sets back.
    on_axis: f64,
}

impl Extreme {
    /// What a survey found, in units of `one`; `seen` is what records show, in the unit already.
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
        // Below what the solver was asked for nothing is known but that it is nothing.
        let known = |value: f64| if value.abs() < least { 0.0 } else { value };
        let turn = |e: lane::Extreme| {
            let found = e.value / one;
            let noise = noise(tolerance, e.value) / one;
            // What is no further from a record is that record's.
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

    /// How high it goes, and when as the table counts it.
    pub fn highest(&self) -> (f64, f64) {
        (self.most.value, self.most.time)
    }

    /// Area under it, where that was asked for.
    pub fn area(&self) -> Option<f64> {
        self.area
    }

    /// Where it is highest and lowest, as points of a curve: time and value.
    pub fn points(&self) -> [(f64, f64); 2] {
        [&self.most, &self.least].map(|turn| (turn.on_axis, turn.value))
    }
}

/// The record at a time since the first, but for rounding.
fn near(since: &[f64], time: f64) -> Option<usize> {
    let rounding = 1e-9 * since.last().copied().unwrap_or(0.0);
    since.iter().position(|s| (s - time).abs() <= rounding)
}

/// A time (min) as the table counts it: from the reset before it that set TIME back, if one did.
fn in_table(subject: &Subject, since: &[f64], e: lane::Extreme) -> f64 {
    let anew = |r: &usize| {
        let begins = matches!(subject.records[*r].kind, Kind::Reset | Kind::ResetAndDose);
        begins && (since[*r] < e.time || since[*r] == e.time && e.after)
    };
    let begun = (0..since.len()).rev().find(anew).unwrap_or(0);
    e.time - since[begun] + subject.records[begun].time
}

/// What the table of the report shows, and of whom.
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
    let title = format!("{whose}: most and least from first record to last, and at the last");
    (title, table)
}

/// The same for the terminal.
pub fn block(plan: &Plan, extremes: &[Extreme]) -> String {
    let at = format!("at {}", plan.units[0]);
    let (mut text, mut subject) = (String::new(), "");
    if plan.table.subjects.len() > MOST_TOLD {
        let all = counted(plan.table.subjects.len(), "subject");
        text += &format!(
            "most and least of the first {MOST_TOLD} of {all}; the table has every record\n"
        );
    }
    for e in extremes {
        if subject != e.subject {
            subject = &e.subject;
            let head = crate::labels::cut(&format!("subject {subject}"), 40);
            text += &format!(
                "{head:<40} {:>10} {at:>8} {:>10} {at:>8} {:>10}\n",
                "highest", "lowest", "last"
            );
        }
        let [a, b, c, d, last] =
            [e.most.value, e.most.time, e.least.value, e.least.time, e.last].map(three_digits);
        text += &format!("  {:<38} {a:>10} {b:>8} {c:>10} {d:>8} {last:>10}\n", e.quantity);
        if let Some(area) = e.area {
            let area = three_digits(area);
            text += &format!("  {:<38} {area:>10} times {}\n", "  area under it", plan.units[0]);
        }
    }
    text
}
