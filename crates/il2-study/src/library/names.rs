//! Names in the library that refer to other entries: sources, and entries that others start from or
//! belong to.

use crate::error::StudyError;
use crate::library::entry::Library;
use il2::parameter::{Parameters, Reference};
use il2_engine::words::closest;
use indexmap::IndexMap;
use toml::{Table, Value};

/// Checks that every source of a table, at any depth, is a known reference.
pub fn sources_stand(
    references: &IndexMap<String, Reference>,
    table: &Table,
    at: &str,
) -> Result<(), StudyError> {
    for (name, value) in table {
        let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        match value {
            Value::Table(inner) => sources_stand(references, inner, &at)?,
            Value::String(source) if name == "source" => {
                stands(&at, "reference", source, references.keys())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses an unknown name.
pub fn stands<'a>(
    at: &str,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a String> + Clone,
) -> Result<(), StudyError> {
    if known.clone().any(|k| k == name) {
        return Ok(());
    }
    let hint = match closest(name, known.map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => "the library has no such entry; add it".to_string(),
    };
    Err(StudyError::at(at, format!("unknown {what} \"{name}\"; {hint}")))
}

/// Names of entries, each after the entries from which it starts.
pub fn in_turn<Entry, const N: usize>(
    entries: &IndexMap<String, Entry>,
    what: &str,
    behind: impl Fn(&Entry) -> [(&'static str, Option<String>); N],
) -> Result<Vec<String>, StudyError> {
    let mut done: Vec<String> = vec![];
    while done.len() < entries.len() {
        let before = done.len();
        for (id, entry) in entries {
            let named = behind(entry);
            for (key, name) in &named {
                if let Some(name) = name {
                    stands(&format!("{id}.{key}"), what, name, entries.keys())?;
                }
            }
            let ready =
                named.iter().all(|(_, name)| name.as_ref().is_none_or(|n| done.contains(n)));
            if ready && !done.contains(id) {
                done.push(id.clone());
            }
        }
        if done.len() == before {
            let waits = entries.keys().find(|id| !done.contains(id)).expect("not all are done");
            let message =
                "starts from itself, directly or through others; give one of them its own numbers";
            return Err(StudyError::at(waits, message));
        }
    }
    Ok(done)
}

/// Checks that each population has a cell of the library, and matures into an existing population.
pub fn populations_stand(library: &Library) -> Result<(), StudyError> {
    let all = &library.physiology.populations;
    for (id, population) in all {
        let at = format!("population.{id}");
        stands(&format!("{at}.cell"), "cell", &population.cell, library.cells.keys())?;
        if !population.matures_into.is_empty() {
            let other = &population.matures_into;
            stands(&format!("{at}.matures_into"), "population", other, all.keys())?;
        }
    }
    Ok(())
}

/// Checks that each spread of a posterior belongs to a number of a model, ligand or cell.
pub fn spreads_stand(library: &Library, posterior: &str) -> Result<(), StudyError> {
    let names = [
        owned(library.models.iter().map(|(id, m)| (id, &m.model.parameters)), ""),
        owned(library.ligands.iter().map(|(id, l)| (id, &l.parameters)), ""),
        owned(library.cells.iter().map(|(id, c)| (id, &c.synthesis)), "synthesis."),
        owned(library.stat5.iter().map(|(id, s)| (id, &s.stat5.parameters)), ""),
    ]
    .concat();
    for name in &library.posteriors[posterior].names {
        stands(&format!("spread.{name}"), "number", name, names.iter())?;
    }
    Ok(())
}

/// Names of numbers, each prefixed with the name of its owner.
fn owned<'a>(all: impl Iterator<Item = (&'a String, &'a Parameters)>, table: &str) -> Vec<String> {
    let of = |(id, numbers): (&String, &Parameters)| {
        numbers.keys().map(|name| format!("{id}.{table}{name}")).collect::<Vec<_>>()
    };
    all.flat_map(of).collect()
}
