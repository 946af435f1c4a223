//! What every model under an event table shows: what was not read, codes of records, the figure.

use crate::event_table::plan::Plan;
use il2::treatment::record::Kind;
use il2_engine::words::counted;
use il2_output::figure::{Figure, Panel};
use il2_study::headings;
use il2_study::study::Study;

/// What of the table was not read, and what stands for what it does not say.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let table = &plan.table;
    let mut all: Vec<String> =
        headings::not_read_of(&plan.file, &table.not_read).into_iter().collect();
    if table.left_out > 0 {
        let rows = counted(table.left_out, "row");
        all.push(format!("{rows} of {} left out: a column or a # says so", plan.file));
    }
    if table.not_compared > 0 {
        all.push(format!(
            "{} of {} not compared: marked as missing, censored or beyond a limit, not above zero, of \
             another compartment, or in a row that is no observation",
            counted(table.not_compared, "measurement"),
            plan.file
        ));
    }
    all.extend(table.idle.iter().map(|idle| format!("{}: {idle}", plan.file)));
    for (name, (count, one)) in &table.without {
        all.push(format!(
            "{} of {} without {name} (such as {one}): the usual one is taken",
            counted(*count, "subject"),
            plan.file
        ));
    }
    all
}

/// The number that NONMEM gives a kind of record.
pub fn evid(kind: Kind) -> u8 {
    match kind {
        Kind::Observation => 0,
        Kind::Dose => 1,
        Kind::Other => 2,
        Kind::Reset => 3,
        Kind::ResetAndDose => 4,
    }
}

/// The figure of these panels.
pub fn figure(study: &Study, plan: &Plan, panels: Vec<Panel>) -> Figure {
    let subjects = &plan.table.subjects;
    let shown = subjects.len().min(crate::labels::MOST_CURVES);
    let subtitle = match shown < subjects.len() {
        true => format!("{shown} of {} subjects are drawn; the table has all", subjects.len()),
        false => plan.file.clone(),
    };
    Figure {
        title: study.question.clone(),
        subtitle,
        panels,
        columns: 2,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: subjects[..shown]
            .iter()
            .enumerate()
            .map(|(i, s)| (format!("subject {}", s.id), i))
            .collect(),
    }
}

/// A unit as the end of a column name: `ug/L` is `ug_per_l`.
pub fn column_ending(unit: &str) -> String {
    let text = unit.to_lowercase().replace('/', "_per_");
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
