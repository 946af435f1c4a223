//! The tables of a dose-response: responses, half-maximal doses and their ratios.

use crate::dose_response::answer::{Answer, Potency};
use crate::dose_response::compare::over_first;
use crate::dose_response::plan::{Plan, reference_of};
use il2::quantity::column_suffix;
use il2_answer::curves;
use il2_output::column::Value;
use il2_output::table::Table;

/// Column with the number of draws behind an interval.
const SOLVED: &str = "draws_solved";

/// Every response, with its interval if there are draws.
pub fn responses(plan: &Plan, answer: &Answer) -> Table {
    let column = format!("{}{}", plan.readout, column_suffix(plan.dimension));
    let (low, high) = (format!("{column}_low"), format!("{column}_high"));
    let mut columns =
        vec![("ligand", true), ("cell", true), ("dose_pm", false), ("time_min", false)];
    columns.push((&column, false));
    if plan.draws > 0 {
        columns.extend([(low.as_str(), false), (high.as_str(), false), (SOLVED, false)]);
    }
    columns.push(("status", true));
    let mut table = Table::new(&plan.name, &columns);
    for (p, pair) in plan.pairs.iter().enumerate() {
        let curve = &answer.curves[p][0];
        for (t, &time) in plan.times.iter().enumerate() {
            for (d, value) in curve.at(t).enumerate() {
                let dose = if d == 0 { 0.0 } else { pair.doses[d - 1] };
                let mut row: Vec<Value> = vec![
                    pair.ligand.as_str().into(),
                    pair.cell.as_str().into(),
                    dose.into(),
                    time.into(),
                    value.into(),
                ];
                if let Some(band) = answer.potencies[p][t].bands.get(d) {
                    row.extend([band.low, band.high, band.solved as f64].map(Value::from));
                }
                row.push(curve.status(d).as_str().into());
                table.push(row);
            }
        }
    }
    table
}

/// Columns of the ratio to the first ligand on the same cell; none if there is no other ligand.
fn beside_first(plan: &Plan, other: &str) -> Vec<String> {
    let first = &plan.pairs[0].ligand;
    if plan.pairs.iter().all(|pair| pair.ligand == *first) {
        return vec![];
    }
    let name = format!("ec50_over_{first}");
    // A ligand may have the same name as the reference cell.
    let name = if name == other { format!("ec50_over_ligand_{first}") } else { name };
    ["", "_low", "_high"].map(|end| format!("{name}{end}")).to_vec()
}

/// Half-maximal doses of every pair at every time.
pub fn ec50(plan: &Plan, answer: &Answer) -> Table {
    let ratio = format!("ec50_over_{}", plan.reference.replace("model's own", "self"));
    let (ratio_low, ratio_high) = (format!("{ratio}_low"), format!("{ratio}_high"));
    let suffix = column_suffix(plan.dimension);
    let beside = beside_first(plan, &ratio);
    let (top, baseline) = (format!("top{suffix}"), format!("baseline{suffix}"));
    let mut columns = vec![
        ("ligand", true),
        ("cell", true),
        ("time_min", false),
        ("ec50_pm", false),
        ("ec50_low_pm", false),
        ("ec50_high_pm", false),
        ("ec50_is", true),
        (&ratio, false),
        (&ratio_low, false),
        (&ratio_high, false),
        (&top, false),
        (&baseline, false),
        ("steepness", false),
        ("falls_beyond_top", true),
        ("interval_is", true),
        ("ratio_is", true),
    ];
    columns.extend(beside.iter().map(|name| (name.as_str(), false)));
    let mut table = Table::new(&format!("{}_ec50", plan.name), &columns);
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    let gap = |is: bool| if is { "across a gap" } else { "" };
    let interval = |potency: &Potency| {
        let [low, high] = potency.undetermined(plan.level);
        let said = [
            gap(potency.interval_across(plan.level)),
            if low { "lower end not determined" } else { "" },
            if high { "upper end not determined" } else { "" },
        ];
        let said: Vec<&str> = said.into_iter().filter(|said| !said.is_empty()).collect();
        Value::from(said.join("; ").as_str())
    };
    for (p, pair) in plan.pairs.iter().enumerate() {
        let of = reference_of(plan, pair);
        for (t, &time) in plan.times.iter().enumerate() {
            let (potency, base) = (&answer.potencies[p][t], &answer.potencies[of][t]);
            let (ec50, ratio) = (answer.ec50(plan, (p, t)), answer.ratio(plan, (p, of, t)));
            let mut row: Vec<Value> = vec![
                pair.ligand.as_str().into(),
                pair.cell.as_str().into(),
                time.into(),
                ec50.middle.into(),
                finite(ec50.low).into(),
                finite(ec50.high).into(),
                curves::whereabouts(&potency.curve).as_str().into(),
                ratio.middle.into(),
                finite(ratio.low).into(),
                finite(ratio.high).into(),
                potency.curve.top.into(),
                potency.curve.baseline.into(),
                potency.curve.steepness.unwrap_or(f64::NAN).into(),
                if potency.curve.bell.is_some() { "yes".into() } else { "no".into() },
                interval(potency),
                gap(base.curve.gap.or(potency.curve.gap).is_some()).into(),
            ];
            if !beside.is_empty() {
                let over = over_first(plan, answer, (p, t));
                row.extend([over.middle, finite(over.low), finite(over.high)].map(Value::from));
            }
            table.push(row);
        }
    }
    table
}
