//! How high and how low the first subjects go, at records and between them, for terminal and report.

use super::Plan;
use crate::event_table::Subject;
use crate::table::{Table, Value};
use il2::quantity::three_digits;
use il2_engine::lane::Surveyed;

/// Subjects whose extremes are told.
pub const MOST_TOLD: usize = 10;

/// One quantity of one subject from its first record to its last: value and time as the table counts it.
pub struct Extreme {
    subject: String,
    quantity: String,
    most: (f64, f64),
    least: (f64, f64),
    last: f64,
    /// Area under it in its unit times the table's unit of time, where that means something.
    area: Option<f64>,
}

impl Extreme {
    /// What a survey found, in units of `one`; `last` is at the last record, in the unit already.
    pub fn new(
        plan: &Plan,
        subject: &Subject,
        (quantity, one): (String, f64),
        (found, last): (&Surveyed, f64),
        area: bool,
    ) -> Self {
        let origin = subject.records[0].time;
        let time = plan.factors.time;
        let at = |e: il2_engine::lane::Extreme| (e.value / one, (e.time + origin) / time);
        Self {
            subject: subject.id.clone(),
            quantity,
            most: at(found.highest),
            least: at(found.lowest),
            last,
            area: area.then(|| found.area / one / time),
        }
    }

    /// Where it is highest and lowest, as points of a curve: time and value.
    pub fn points(&self) -> [(f64, f64); 2] {
        [self.most, self.least].map(|(value, time)| (time, value))
    }
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
        row.extend([e.most.0, e.most.1, e.least.0, e.least.1, e.last, area].map(Value::from));
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
    for e in extremes {
        if subject != e.subject {
            subject = &e.subject;
            let head = crate::assay::cut(&format!("subject {subject}"), 40);
            text += &format!(
                "{head:<40} {:>10} {at:>8} {:>10} {at:>8} {:>10}\n",
                "highest", "lowest", "last"
            );
        }
        let [a, b, c, d, last] =
            [e.most.0, e.most.1, e.least.0, e.least.1, e.last].map(three_digits);
        text += &format!("  {:<38} {a:>10} {b:>8} {c:>10} {d:>8} {last:>10}\n", e.quantity);
        if let Some(area) = e.area {
            let area = three_digits(area);
            text += &format!("  {:<38} {area:>10} times {}\n", "  area under it", plan.units[0]);
        }
    }
    text
}
