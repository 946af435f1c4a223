//! What a well looks like at the last time: the table of the terminal and that of the report.

use crate::culture::draws::{Quantity, share};
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use il2_answer::answer::status;
use il2_answer::labels::{cut, resolved, time_text};
use il2_answer::sentence::{Spread, number};
use il2_engine::Tolerance;
use il2_output::column::Value;
use il2_output::table::Table;

/// Numbers of a kind at the last time.
pub struct End {
    /// Name of the kind.
    pub kind: String,
    /// Signal of a cell.
    pub signal: Spread,
    /// CD25 of a cell.
    pub cd25: Spread,
    /// Number of cells in the well.
    pub cells: Spread,
    /// Share of the uptake of each ligand.
    pub parts: Vec<Spread>,
}

/// Numbers of all kinds at the last time; NaN if the simulation failed.
pub fn ends(plan: &Plan, answer: &Answer) -> Vec<End> {
    let end = plan.end();
    let none = Spread::exact(f64::NAN);
    let spread = |of: Quantity| match answer.ran.failure {
        None => answer.spread(&plan.draws, of, end),
        Some(_) => none,
    };
    let of = |(kind, place): (&crate::culture::kind::PlannedKind, usize)| {
        let read = |name: &str| {
            let place = plan.culture.readout(&format!("{}.{name}", kind.name));
            place.map_or(none, |place| spread(Quantity::Readout(place)))
        };
        let cells = read("cells");
        let [middle, low, high] = [cells.middle, cells.low, cells.high].map(|v| v * plan.volume);
        let ligands = 0..plan.culture.ligands.len();
        End {
            kind: kind.name.clone(),
            signal: read(&kind.signal),
            cd25: read("il2r_alpha_surface_total"),
            cells: Spread { middle, low, high },
            parts: ligands.map(|l| spread(Quantity::Part { ligand: l, kind: place })).collect(),
        }
    };
    plan.present().map(of).collect()
}

/// The table of the report.
pub fn at_the_end(plan: &Plan, answer: &Answer) -> Table {
    let mut columns = vec!["kind".to_string()];
    let part = |label: &str| format!("share of the {label} taken up (%)");
    let parts = plan.culture.ligands.iter().map(|ligand| part(&ligand.label));
    let numbers = ["pSTAT5 (/cell)", "CD25 (/cell)", "cells"].map(String::from);
    for column in numbers.into_iter().chain(parts) {
        columns.push(column.clone());
        if plan.draws.count > 0 {
            columns.extend(["low", "high"].map(|end| format!("{column}, {end}")));
        }
    }
    let columns: Vec<(&str, bool)> = columns.iter().map(|c| (c.as_str(), c == "kind")).collect();
    let mut table = Table::new("answer", &columns);
    for end in ends(plan, answer) {
        let mut row: Vec<Value> = vec![end.kind.as_str().into()];
        let percent = |part: &Spread| Spread {
            middle: 100.0 * part.middle,
            low: 100.0 * part.low,
            high: 100.0 * part.high,
        };
        let parts = end.parts.iter().map(percent);
        for spread in [end.signal, end.cd25, end.cells].into_iter().chain(parts) {
            row.push(spread.middle.into());
            if plan.draws.count > 0 {
                row.extend([spread.low, spread.high].map(Value::Number));
            }
        }
        table.push(row);
    }
    table
}

/// The table of the terminal.
pub fn text(tolerance: Tolerance, plan: &Plan, answer: &Answer) -> String {
    if answer.ran.failure.is_some() {
        return format!("not solved: {}\n", cut(&status(answer.ran.failure.as_ref()), 88));
    }
    let ends = ends(plan, answer);
    let short = plan.draws.count == 0 && plan.culture.ligands.len() == 1;
    let mut out = format!("At {}\n", time_text(plan.end()));
    // Nothing has been taken up, so that there are no shares.
    let part = |part: Spread| if part.middle.is_nan() { "-".into() } else { share(part) };
    if short {
        let label = format!("share of {}", cut(&plan.culture.ligands[0].label, 16));
        out +=
            &line("kind", &[("pSTAT5 /cell", 16), ("CD25 /cell", 16), ("cells", 14), (&label, 24)]);
        for end in &ends {
            let [signal, cd25, cells] =
                [end.signal, end.cd25, end.cells].map(|v| resolved(tolerance, v.middle));
            let part = part(end.parts[0]);
            out += &line(&end.kind, &[(&signal, 16), (&cd25, 16), (&cells, 14), (&part, 24)]);
        }
        return out;
    }
    out += &line("kind", &[("pSTAT5 /cell", 24), ("CD25 /cell", 24), ("cells", 24)]);
    for end in &ends {
        let all = [end.signal, end.cd25, end.cells].map(|v| with_ends(tolerance, v));
        out += &line(&end.kind, &[(&all[0], 24), (&all[1], 24), (&all[2], 24)]);
    }
    let labels: Vec<&str> = plan.culture.ligands.iter().map(|l| l.label.as_str()).collect();
    // Two shares with their intervals fill a line, or three without.
    let (in_a_line, width) = if plan.draws.count > 0 { (2, 34) } else { (3, 24) };
    for (some, labels) in labels.chunks(in_a_line).enumerate() {
        let heads = labels.iter().map(|l| format!("share of {}", cut(l, 15)));
        out += &columns("kind", heads, width);
        for end in &ends {
            let parts = end.parts.iter().skip(some * in_a_line).take(in_a_line);
            out += &columns(&end.kind, parts.map(|spread| part(*spread)), width);
        }
    }
    out
}

fn with_ends(tolerance: Tolerance, of: Spread) -> String {
    let middle = resolved(tolerance, of.middle);
    // A number that is the same in all draws has no interval.
    match of.has_ends() && of.low < of.high {
        true => format!("{middle} ({} to {})", number(of.low), number(of.high)),
        false => middle,
    }
}

/// A line with columns of one width.
fn columns(name: &str, texts: impl Iterator<Item = String>, width: usize) -> String {
    let texts: Vec<String> = texts.collect();
    let cells: Vec<(&str, usize)> = texts.iter().map(|text| (text.as_str(), width)).collect();
    line(name, &cells)
}

/// A line of a table of the terminal: a name, and cells with their widths.
fn line(name: &str, cells: &[(&str, usize)]) -> String {
    let cells = cells.iter().map(|(text, width)| format!("  {text:>width$}"));
    format!("{:<20}{}\n", cut(name, 20), cells.collect::<String>())
}
