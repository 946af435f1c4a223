//! The doses that an event table describes, one by one, as `il2 check` and the report show them.

use crate::event_table::plan::Plan;
use il2::treatment::schedule::{DoseEvent, Timed};
use il2_study::event_table::{Factors, Subject};

/// The expanded table of a subject, in the table's units: time, kind, amount, compartment, rate; at
/// most the first `most` rows, and the number of all rows.
pub fn expanded(plan: &Plan, subject: usize, most: usize) -> (Vec<[String; 4]>, usize) {
    let dose_events = plan.dose_events(subject);
    let Subject { lines, times, records, .. } = &plan.table.subjects[subject];
    let Factors { time, amount, .. } = plan.factors;
    // Six digits, so that 28.15 h is not shown as 28.2 h.
    let number = |v: f64| format!("{v:.5e}").parse::<f64>().expect("a number").to_string();
    let origin = records[0].time;
    let row = |t: &Timed| {
        let place = |c: usize| plan.model.compartments()[c];
        let (what, how) = match &t.what {
            DoseEvent::Give { compartment, amount: a } => {
                (format!("{} into {}", number(a / amount), place(*compartment)), "at once".into())
            }
            DoseEvent::Infuse { compartment, rate, duration, .. } => (
                format!("{} into {}", number(rate * duration / amount), place(*compartment)),
                format!("over {}", number(duration / time)),
            ),
            DoseEvent::Reset => ("reset".into(), "all compartments are emptied".into()),
            DoseEvent::Saturate(c) => (
                "steady state".into(),
                match c.adds {
                    true => "is added to the current state".into(),
                    false => "replaces the current state".to_string(),
                },
            ),
            DoseEvent::Parameters(_) | DoseEvent::Look(_) => return None,
        };
        let when = (t.time + origin) / time;
        // If TIME was set back, the table's own time is more useful.
        let when = if records[t.record].time == origin + t.time { times[t.record] } else { when };
        Some([number(when), format!("line {}", lines[t.record]), what, how])
    };
    let told = |t: &&Timed| !matches!(t.what, DoseEvent::Parameters(_) | DoseEvent::Look(_));
    let all = dose_events.iter().filter(told);
    (all.clone().take(most).filter_map(row).collect(), all.count())
}
