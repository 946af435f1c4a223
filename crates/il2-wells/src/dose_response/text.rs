//! The terminal's table of half-maximal doses.

use crate::dose_response::answer::{Answer, Potency};
use crate::dose_response::plan::{Plan, reference_of};
use il2::cell::Cell;
use il2::culture::Prepared;
use il2::parameter::{How, Parameter};
use il2::quantity::{readable_concentration, readable_unit, three_digits};
use il2_answer::curves::{self, first_of};
use il2_answer::labels::{MOST_TOLD, WIDTH, cut, readout_axis, time_text, written};
use il2_answer::sentence::{Spread, percent};
use il2_engine::words::counted;

/// Half-maximal doses, their intervals and their ratios, one per line.
pub fn text(plan: &Plan, answer: &Answer) -> String {
    let width = |of: &dyn Fn(usize) -> usize, least: usize| {
        (0..plan.pairs.len()).map(of).max().unwrap_or(0).clamp(least, 16)
    };
    let lw = width(&|p| plan.pairs[p].ligand.chars().count(), 6);
    let cw = width(&|p| plan.pairs[p].cell.chars().count(), 4);
    let interval = match plan.draws {
        0 => String::new(),
        _ => format!("{:.0} % interval", plan.level * 100.0),
    };
    // The heading is as wide as a line of 100 columns allows.
    let against = format!("/ {}", plan.reference);
    let rw = against.chars().count().clamp(12, (WIDTH - lw - cw - 56).max(12));
    let against = cut(&against, rw);
    let mut out = format!(
        "EC50 of {} (half-maximal dose), and its ratio to that on {}\n",
        written(&plan.readout),
        plan.reference
    );
    out += &format!(
        "{:<lw$}  {:<cw$}  {:>6}  {:>10}  {:<22} {:>rw$}  {:>9}\n",
        "ligand", "cell", "time", "EC50", interval, against, "top"
    );
    let all = plan.pairs.len() * plan.times.len();
    for row in 0..all.min(MOST_TOLD) {
        let (p, t) = (row / plan.times.len(), row % plan.times.len());
        let (pair, potency) = (&plan.pairs[p], &answer.potencies[p][t]);
        let of = reference_of(plan, pair);
        let (ec50, ratio) = (answer.ec50(plan, (p, t)), answer.ratio(plan, (p, of, t)));
        let number = |v: f64, text: String| if v.is_finite() { text } else { "-".into() };
        let mut marks = vec![curves::marks(&potency.curve)];
        // For a falling response, the column of tops shows where it ends, but not how far it fell.
        if let Some(part) = potency.curve.fall().filter(|_| ec50.middle.is_finite()) {
            marks.push(format!("{} lower", percent(part)));
        }
        if ec50.middle.is_finite() && potency.interval_across(plan.level) {
            marks.push("interval gap".into());
        }
        if of != p && ratio.middle.is_finite() && answer.potencies[of][t].curve.gap.is_some() {
            marks.push("ratio gap".into());
        }
        marks.retain(|mark| !mark.is_empty());
        let ends = match ec50.middle.is_finite() {
            true => ends(plan, potency, ec50),
            false => curves::whereabouts(&potency.curve),
        };
        let line = format!(
            "{:<lw$}  {:<cw$}  {:>6}  {:>10}  {:<22} {:>rw$}  {:>9}",
            cut(&pair.ligand, lw),
            cut(&pair.cell, cw),
            time_text(plan.times[t]),
            number(ec50.middle, readable_concentration(ec50.middle)),
            ends,
            number(ratio.middle, format!("{}x", three_digits(ratio.middle))),
            number(potency.curve.top, three_digits(potency.curve.top)),
        );
        // Marks that would exceed the width of the terminal are printed on the next line.
        let marks = marks.join(", ");
        out += &match line.chars().count() + 2 + marks.chars().count() > WIDTH {
            true => format!("{line}\n    {marks}\n"),
            false => format!("{}\n", format!("{line}  {marks}").trim_end()),
        };
    }
    if let Some(more @ 1..) = all.checked_sub(MOST_TOLD) {
        out += &format!("{} in {}_ec50.csv\n", counted(more, "more row"), plan.name);
    }
    if plan.draws > 0 {
        let top = readout_axis(&plan.readout, plan.dimension).title();
        out += &format!("{}top: {top}\n", what_is_drawn(plan));
    }
    out
}

/// The numbers that were drawn for the intervals, and the cells whose counts are exact because the
/// study sets them without uncertainty.
pub fn what_is_drawn(plan: &Plan) -> String {
    let exact = |prepared: &&Prepared| {
        let numbers = prepared.setup.cell.as_ref().and_then(Cell::numbers);
        let held = |p: &Parameter| p.how == How::Study && p.interval.is_none() && p.value > 0.0;
        numbers.is_some_and(|numbers| numbers.values().any(held))
    };
    let mut cells: Vec<String> = vec![];
    for prepared in plan.prepared().into_iter().filter(exact) {
        let label = prepared.setup.cell.as_ref().map_or("", |cell| &cell.label);
        if !cells.iter().any(|known| known == label) {
            cells.push(cut(label, 20));
        }
    }
    let mut said = format!(
        "Intervals are based on {} draws of {}.\nAffinities are fixed.\n",
        plan.draws,
        plan.what_is_drawn()
    );
    if !cells.is_empty() {
        said += &format!(
            "Counts set in the study (on {}) are taken as exact; to vary them, set uncertainty for \
             the cell.\n",
            first_of(&cells)
        );
    }
    said
}

/// The ends of an interval, in the unit of the EC50 to which it belongs.
pub fn ends(plan: &Plan, potency: &Potency, ec50: Spread) -> String {
    let [low_unknown, _] = potency.undetermined(plan.level);
    let at = |pm: f64| three_digits(pm / readable_unit(ec50.middle).0);
    match (ec50.low.is_finite(), ec50.high.is_finite()) {
        (true, true) => format!("{} .. {}", at(ec50.low), at(ec50.high)),
        (true, false) => format!("{} .. undetermined", at(ec50.low)),
        (false, true) if low_unknown => format!("undetermined .. {}", at(ec50.high)),
        (false, true) => format!("below doses .. {}", at(ec50.high)),
        (false, false) if plan.draws > 0 => "undetermined".into(),
        (false, false) => String::new(),
    }
}
