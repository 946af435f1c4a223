//! The table of EC50s, their intervals and their ratios.

use crate::curves;
use crate::dose_response::plan::{Plan, reference_of};
use crate::dose_response::reading::{Reading, ratio_interval};
use il2::quantity::column_suffix;
use il2_inference::statistics::central_interval;
use il2_output::table::Table;

/// EC50s of every pair at every time.
pub fn ec50_table(plan: &Plan, readings: &[Vec<Reading>]) -> Table {
    let ratio = format!("ec50_over_{}", plan.reference.replace("model's own", "self"));
    let (ratio_low, ratio_high) = (format!("{ratio}_low"), format!("{ratio}_high"));
    let suffix = column_suffix(plan.dimension);
    let (top, baseline) = (format!("top{suffix}"), format!("baseline{suffix}"));
    let mut table = Table::new(
        &format!("{}_ec50", plan.name),
        &[
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
        ],
    );
    let or_nan = |v: Option<f64>| v.unwrap_or(f64::NAN);
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    for (p, pair) in plan.pairs.iter().enumerate() {
        for (t, &time) in plan.times.iter().enumerate() {
            let r = &readings[p][t];
            let base = &readings[reference_of(plan, pair)][t];
            let (low, high) = central_interval(r.solved(), plan.level);
            let (ratio_low, ratio_high) = ratio_interval(r, base, plan.level);
            let ratio = r.curve.ec50.value().zip(base.curve.ec50.value()).map(|(a, b)| a / b);
            table.push(vec![
                pair.ligand.as_str().into(),
                pair.cell.as_str().into(),
                time.into(),
                r.curve.ec50.value().unwrap_or(f64::NAN).into(),
                finite(low).into(),
                finite(high).into(),
                curves::whereabouts(&r.curve).as_str().into(),
                or_nan(ratio).into(),
                finite(ratio_low).into(),
                finite(ratio_high).into(),
                r.curve.top.into(),
                r.curve.baseline.into(),
                or_nan(r.curve.steepness).into(),
                if r.curve.falls { "yes".into() } else { "no".into() },
                if r.interval_across(plan.level) { "across a gap" } else { "" }.into(),
                if base.curve.gap.or(r.curve.gap).is_some() { "across a gap" } else { "" }.into(),
            ]);
        }
    }
    table
}
