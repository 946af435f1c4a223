//! Setups of an assay: their ligands and cell, the numbers in their equations, and how they differ.

use crate::commands::wrapped;
use il2::culture::{Prepared, Resolved, Setup};
use il2::quantity::base_unit;
use il2_report::inputs::plain;
use serde_json::json;

/// Ligands and cell of a setup: `il2 + il15 on treg`.
pub fn members(setup: &Setup) -> String {
    let ligands: Vec<&str> = setup.ligands.iter().map(|l| l.label.as_str()).collect();
    let cell = setup.cell.as_ref().map_or("its own cell", |c| c.label.as_str());
    format!("{} on {cell}", ligands.join(" + "))
}

/// The numbers that go into the equations, under the names that a study may override.
pub fn network(prepared: &Prepared) -> String {
    let mut text = format!("  parameters in the equations, for {}\n", members(&prepared.setup));
    prepared.parameters.iter().for_each(|p| text += &number(p));
    text += "  readouts\n";
    let names: Vec<&str> = prepared.readouts.iter().map(|(n, _)| n.as_str()).collect();
    text += &wrapped(&names.join("  "), 4);
    text += "  conserved totals (concentrations weighted by their volume)\n";
    if prepared.totals.is_empty() {
        text += "    none\n";
    }
    for total in &prepared.totals {
        text += &wrapped(total, 4);
    }
    text
}

fn number(p: &Resolved) -> String {
    let mark = if p.overridden { "  (set by the study)" } else { "" };
    format!("    {:<44} {:>12} {}{mark}\n", p.name, plain(p.value), base_unit(p.dimension))
}

/// How another setup of the same assay differs; the names of the ligands are ignored.
pub fn differences(a: &Prepared, b: &Prepared) -> String {
    let (first, other) = (&a.setup, &b.setup);
    let plain = |setup: &Setup, name: &str| {
        let own = setup.ligands.first().map_or("", |l| l.label.as_str());
        name.strip_prefix(own).filter(|rest| rest.starts_with('.')).unwrap_or(name).to_string()
    };
    let known = |p: &Resolved| {
        let name = plain(other, &p.name);
        a.parameters.iter().any(|q| plain(first, &q.name) == name && q.value == p.value)
    };
    let lines: String = b.parameters.iter().filter(|p| !known(p)).map(number).collect();
    let missing: Vec<String> = a
        .parameters
        .iter()
        .map(|p| plain(first, &p.name))
        .filter(|name| !b.parameters.iter().any(|q| plain(other, &q.name) == *name))
        .map(|name| name.trim_start_matches('.').to_string())
        .collect();
    let without = match missing.is_empty() {
        true => String::new(),
        false => wrapped(&format!("without {}", missing.join(", ")), 4),
    };
    if lines.is_empty() && without.is_empty() {
        return format!("  the same parameters for {}\n", members(other));
    }
    format!("  different parameters for {}\n{lines}{without}", members(other))
}

/// A setup as JSON.
pub fn json(prepared: &Prepared) -> serde_json::Value {
    let value = |p: &Resolved| {
        let unit = base_unit(p.dimension);
        (p.name.clone(), json!({"value": p.value, "unit": unit, "set_by_study": p.overridden}))
    };
    let values: serde_json::Map<String, serde_json::Value> =
        prepared.parameters.iter().map(value).collect();
    let readouts: Vec<&str> = prepared.readouts.iter().map(|(n, _)| n.as_str()).collect();
    json!({
        "setup": members(&prepared.setup),
        "parameters": values,
        "readouts": readouts,
        "conserved": prepared.totals,
    })
}
