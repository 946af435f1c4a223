//! `il2 check`: what a study resolves to, before anything runs.

mod dosing;
mod fitting;
mod short;

use super::{Done, MOST_OF_A_QUESTION, print, print_json, wrapped};
use il2::culture::{Resolved, Setup};
use il2::parameter::{Parameter, Parameters};
use il2::quantity::base_unit;
use il2_engine::words::{counted, cut, shown};
use il2_study::assay::{self, Plan};
use il2_study::inputs::{Input, inputs, interval_text, plain};
use il2_study::{Library, Study};
use serde_json::json;
use std::path::Path;

/// Prints what will run and what is doubtful; `full`, every resolved value with unit and source.
pub fn check(path: &Path, full: bool, as_json: bool) -> Done {
    let study = Study::read(path)?;
    let mut text = wrapped(&cut(&study.question, MOST_OF_A_QUESTION), 0);
    text += &format!(
        "seed {}, relative tolerance {:e}, absolute tolerance {:e} (base units)\n",
        study.seed, study.tolerance.relative, study.tolerance.absolute
    );
    let plans = assay::plans(&study)?;
    let inputs = inputs(&study, &plans);
    if !full && !as_json {
        return print(&(text + &short::text(&study, &plans, &inputs)));
    }
    inputs.iter().for_each(|part| text += &input(part));
    let mut assays = serde_json::Map::new();
    for (name, plan) in &plans {
        if let Plan::EventTable(plan) = plan {
            text += &dosing::subjects(name, plan, &dosing::FULL);
            // Every dose of every subject: nothing to make that nobody prints.
            if as_json {
                assays.insert(name.clone(), dosing::subjects_json(plan));
            }
            continue;
        }
        if let Plan::Regimen(plan) = plan {
            text += &dosing::arms(name, plan, &dosing::FULL);
            assays.insert(name.clone(), dosing::arms_json(plan));
            continue;
        }
        if let Plan::Fit(plan) = plan {
            text += &fitting::text(name, plan, true);
            assays.insert(name.clone(), fitting::json(plan));
            continue;
        }
        let setups = plan.setups();
        let model = &setups[0].model;
        text += &format!(
            "\nassay {name}: {}, {} of model {}\n",
            counted(plan.lanes(), "lane"),
            counted(setups.len(), "setup"),
            model.name
        );
        text += &network(setups[0]);
        for other in &setups[1..] {
            text += &differences(setups[0], other);
        }
        let all: Vec<_> = setups.iter().map(|s| setup_json(s)).collect();
        assays.insert(
            name.clone(),
            json!({"model": model.name, "lanes": plan.lanes(), "setups": all}),
        );
    }
    for (name, plan) in &plans {
        let doubts = plan.doubts(&study);
        assays.entry(name).or_insert(json!({}))["warnings"] = json!(doubts);
        let said = doubts.iter().map(|doubt| wrapped(&format!("! {name}: {doubt}"), 0));
        text += &said.collect::<String>();
    }
    if as_json {
        let all = json!({"study_sha256": study.hash, "question": study.question, "assays": assays});
        return print_json(&all);
    }
    print(&text)
}

/// A ligand, a cell, a model or a group of the patient's numbers, number by number.
pub fn input(input: &Input) -> String {
    let mark = if input.used { "" } else { " (no assay reads it)" };
    let mut text = format!("\n{} {}: {}{mark}\n", input.kind, input.name, input.title);
    for (title, numbers) in &input.tables {
        if !title.is_empty() {
            text += &wrapped(title, 2);
        }
        text += &table(numbers);
    }
    text + &caveats(&input.caveats)
}

/// Who is in a setup: `il2 + il15 on treg`.
fn members(setup: &Setup) -> String {
    let ligands: Vec<&str> = setup.ligands.iter().map(|l| l.label.as_str()).collect();
    let cell = setup.cell.as_ref().map_or("its own cell", |c| c.label.as_str());
    format!("{} on {cell}", ligands.join(" + "))
}

/// The numbers that go into the equations, under the names that a study may override.
fn network(setup: &Setup) -> String {
    let Ok(prepared) = setup.prepare() else { return String::new() };
    let mut text = format!("  numbers in the equations, for {}\n", members(setup));
    prepared.parameters.iter().for_each(|p| text += &number(p));
    text += "  readouts\n";
    let names: Vec<&str> = prepared.readouts.iter().map(|(n, _)| n.as_str()).collect();
    text += &wrapped(&names.join("  "), 4);
    text += "  conserved totals (concentrations count with their volume)\n";
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

/// What another setup of the same assay has otherwise; the names of its ligands count as the same.
fn differences(first: &Setup, other: &Setup) -> String {
    let (Ok(a), Ok(b)) = (first.prepare(), other.prepare()) else { return String::new() };
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
        return format!("  the same numbers for {}\n", members(other));
    }
    format!("  otherwise for {}\n{lines}{without}", members(other))
}

fn setup_json(setup: &Setup) -> serde_json::Value {
    let Ok(prepared) = setup.prepare() else { return json!(null) };
    let value = |p: &Resolved| {
        let unit = base_unit(p.dimension);
        (p.name.clone(), json!({"value": p.value, "unit": unit, "set_by_study": p.overridden}))
    };
    let values: serde_json::Map<String, serde_json::Value> =
        prepared.parameters.iter().map(value).collect();
    let readouts: Vec<&str> = prepared.readouts.iter().map(|(n, _)| n.as_str()).collect();
    json!({
        "setup": members(setup),
        "parameters": values,
        "readouts": readouts,
        "conserved": prepared.totals,
    })
}

/// Value, interval, how and source of each parameter, one a line.
pub fn table(parameters: &Parameters) -> String {
    let line = |(name, p): (&String, &Parameter)| {
        let source = p.source.as_ref().map_or(String::new(), |key| {
            Library::builtin().references.get(key).map_or(key.clone(), |r| r.short())
        });
        let value = match interval_text(p) {
            none if none.is_empty() => p.text.clone(),
            interval => format!("{} [{interval}]", p.text),
        };
        let name = shown(name);
        // Long names and values get a line of their own, so that the columns stay columns.
        let head = if name.chars().count() > 28 {
            format!("  {name}\n  {:28}", "")
        } else {
            format!("  {name:<28}")
        };
        let value = if value.chars().count() > 30 {
            format!("{value}\n  {:28} {:30}", "", "")
        } else {
            format!("{value:<30}")
        };
        format!("{head} {value} {:<8} {source}\n", p.how.word())
    };
    parameters.iter().map(line).collect()
}

/// What is uncertain, one a line.
pub fn caveats(all: &[String]) -> String {
    all.iter().map(|c| wrapped(&format!("! {c}"), 2)).collect()
}
