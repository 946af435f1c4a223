//! `il2 check`: what a study resolves to, before anything runs.

use super::{Done, print, wrapped};
use il2::culture::Setup;
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2::quantity::{base_unit, shown};
use il2_study::{Library, Study, assay};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// Prints every resolved value with unit and source.
pub fn check(path: &Path, as_json: bool) -> Done {
    let study = Study::read(path)?;
    let mut text = wrapped(&study.question, 0);
    let mut assays = serde_json::Map::new();
    for ligand in study.ligands.values() {
        text += &format!("\nligand {}: {}\n", ligand.label, ligand.name);
        text += &table(&ligand.parameters);
        text += &caveats(&ligand.caveats);
    }
    for cell in study.cells.values() {
        let counts = cell.quantitation.as_deref().unwrap_or("no receptor counts");
        text += &format!("\ncell {}: {} ({counts})\n", cell.label, cell.name);
        if let Some(receptors) = cell.quantitation.as_ref().map(|q| &cell.receptors[q]) {
            text += &table(receptors);
        }
        text += &table(&cell.synthesis);
        text += &cell.effect.as_ref().map_or(String::new(), |e| table(&e.parameters));
        text += &caveats(&cell.caveats);
    }
    let mut models = BTreeSet::new();
    for name in study.assays.keys() {
        let plan = assay::plan(&study, name).map_err(|e| study.located(e))?;
        let setups = plan.setups();
        let model = &setups[0].model;
        if models.insert(model.name.clone()) {
            let entry = &study.models[&model.name];
            text += &format!("\nmodel {}: {}\n", model.name, entry.title);
            text += &table(&model.parameters);
            text += &caveats(&entry.caveats);
        }
        text += &format!(
            "\nassay {name}: {} lanes, {} setups of model {}\n",
            plan.lanes(),
            setups.len(),
            model.name
        );
        let (resolved, shown) = network(setups[0]);
        text += &shown;
        assays.insert(
            name.clone(),
            json!({"model": model.name, "lanes": plan.lanes(), "first_setup": resolved}),
        );
    }
    if as_json {
        let all = json!({"study_sha256": study.hash, "question": study.question, "assays": assays});
        return print(&format!("{}\n", serde_json::to_string_pretty(&all).expect("JSON")));
    }
    print(&text)
}

/// The numbers that go into the equations, under the names that a study may override.
fn network(setup: &Setup) -> (serde_json::Value, String) {
    let Ok(prepared) = setup.prepare() else { return (json!(null), String::new()) };
    let ligands: Vec<&str> = setup.ligands.iter().map(|l: &Ligand| l.label.as_str()).collect();
    let cell = setup.cell.as_ref().map_or("its own cell", |c| c.label.as_str());
    let mut text = format!("  numbers in the equations, for {} on {cell}\n", ligands.join(" + "));
    for p in &prepared.parameters {
        let mark = if p.overridden { "  (set by the study)" } else { "" };
        text += &format!(
            "    {:<44} {:>12} {}{mark}\n",
            p.name,
            shorten(p.value),
            base_unit(p.dimension)
        );
    }
    text += "  readouts\n";
    let names: Vec<&str> = prepared.readouts.iter().map(|(n, _)| n.as_str()).collect();
    text += &wrapped(&names.join("  "), 4);
    text += "  conserved totals\n";
    if prepared.totals.is_empty() {
        text += "    none\n";
    }
    for total in &prepared.totals {
        text += &wrapped(total, 4);
    }
    let values: serde_json::Map<String, serde_json::Value> = prepared
        .parameters
        .iter()
        .map(|p| (p.name.clone(), json!({"value": p.value, "unit": base_unit(p.dimension), "set_by_study": p.overridden})))
        .collect();
    (
        json!({"ligands": ligands, "cell": cell, "parameters": values, "readouts": names, "conserved": prepared.totals}),
        text,
    )
}

fn shorten(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        let text = format!("{value:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        format!("{value:.5e}")
    }
}

/// Value, interval, how and source of each parameter, one a line.
pub fn table(parameters: &Parameters) -> String {
    let line = |(name, p): (&String, &Parameter)| {
        let source = p.source.as_ref().map_or(String::new(), |key| {
            Library::builtin().references.get(key).map_or(key.clone(), |r| r.short())
        });
        let interval = p.interval.as_ref().map_or(String::new(), |i| {
            let unit = if p.value == 0.0 { 1.0 } else { text_factor(p) };
            format!("[{} .. {}]", shorten(i.low / unit), shorten(i.high / unit))
        });
        let value = format!("{} {interval}", p.text);
        format!("  {:<38} {:<34} {:<9} {}\n", shown(name), value.trim_end(), p.how.word(), source)
    };
    parameters.iter().map(line).collect()
}

/// Base units in one unit of the parameter's own text.
fn text_factor(p: &Parameter) -> f64 {
    let number: String = p.text.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
    number.parse::<f64>().ok().filter(|n| *n != 0.0).map_or(1.0, |n| p.value / n)
}

/// What is uncertain, one a line.
pub fn caveats(all: &[String]) -> String {
    all.iter().map(|c| wrapped(&format!("! {c}"), 2)).collect()
}
