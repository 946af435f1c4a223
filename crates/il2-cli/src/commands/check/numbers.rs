//! The numbers of the library and the study, one on each line.

use crate::commands::wrapped;
use il2::parameter::{Parameter, Parameters};
use il2_engine::words::shown;
use il2_report::inputs::{Input, interval_text};
use il2_study::Library;

/// A ligand, a cell, a model or a group of the patient's numbers, one number on each line.
pub fn input(input: &Input) -> String {
    let mark = if input.used { "" } else { " (no assay uses it)" };
    let mut text = format!("\n{} {}: {}{mark}\n", input.kind, input.name, input.title);
    for (title, numbers) in &input.tables {
        if !title.is_empty() {
            text += &wrapped(title, 2);
        }
        text += &table(numbers);
    }
    text + &caveats(&input.caveats)
}

/// Value, interval, how it was obtained, and source of each parameter, one on each line.
pub fn table(parameters: &Parameters) -> String {
    let line = |(name, p): (&String, &Parameter)| {
        let source = p.source.as_ref().map_or(String::new(), |key| {
            Library::builtin().references.get(key).map_or(key.clone(), |r| r.short())
        });
        // The notes of the library begin with the body surface to which a number applies.
        let of_surface = if p.note.starts_with("per m2") { " per m2" } else { "" };
        let value = match interval_text(p) {
            none if none.is_empty() => format!("{}{of_surface}", p.with_unit()),
            interval => format!("{}{of_surface} [{interval}]", p.with_unit()),
        };
        let name = shown(name);
        // Long names and values get a line of their own, so that the columns stay aligned.
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

/// Caveats, one on each line.
pub fn caveats(all: &[String]) -> String {
    all.iter().map(|c| wrapped(&format!("! {c}"), 2)).collect()
}
