//! `il2 list ID`: all entries with this name.

use crate::commands::check::{caveats, table};
use crate::commands::{Done, print, print_json, wrapped};
use il2_report::entries::{Listed, entry_json, named, sets, unknown};
use il2_study::{Library, StudyError};

/// Prints all entries of a name.
pub fn entry(library: &Library, id: &str, as_json: bool) -> Done {
    let all = named(library, id);
    if as_json && !all.is_empty() {
        return print_json(&entry_json(library, id)?);
    }
    let mut texts: Vec<String> = all.iter().map(text).collect();
    texts.extend(library.references.get(id).map(|reference| reference.bibtex()));
    if texts.is_empty() {
        texts.extend(mentions(library, id, as_json)?);
    }
    match texts.is_empty() {
        true => Err(unknown(library, id)),
        false => print(&texts.join("\n")),
    }
}

fn text(of: &Listed) -> String {
    let mut text = wrapped(&of.head, 0) + &wrapped(&of.description, 2);
    for (title, parameters) in of.tables.iter().filter(|(_, p)| !p.is_empty()) {
        if !title.is_empty() {
            text += &format!("  {title}\n");
        }
        text += &table(parameters);
    }
    text + &caveats(&of.caveats)
}

/// Shortest text that is looked for in names and descriptions.
const SHORTEST_WORD: usize = 3;

/// A list of the ligands, sets of pharmacokinetics, species and cells whose name, title or
/// description contains a text, whatever its case; nothing if there are none.
fn mentions(library: &Library, text: &str, as_json: bool) -> Result<Option<String>, StudyError> {
    let wanted = text.to_lowercase();
    if as_json || wanted.chars().count() < SHORTEST_WORD {
        return Ok(None);
    }
    let has = |parts: &[&str]| parts.iter().any(|part| part.to_lowercase().contains(&wanted));
    let mut found: Vec<(&str, &str, &str)> = vec![];
    for (id, l) in &library.ligands {
        let aliases =
            library.aliases.iter().filter(|(_, of)| *of == id).map(|(alias, _)| alias.as_str());
        let aliases: Vec<&str> = aliases.chain([id.as_str(), &l.name, &l.description]).collect();
        if has(&aliases) {
            found.push(("ligand", id, &l.name));
        }
    }
    for (kind, (id, e)) in sets(&library.physiology) {
        if has(&[id, &e.name, &e.description, &e.molecules.join(" ")]) {
            found.push((kind, id, &e.name));
        }
    }
    for (id, c) in &library.cells {
        if has(&[id, &c.name, &c.description]) {
            found.push(("cell", id, &c.name));
        }
    }
    let lines = found.iter().map(|(kind, id, name)| wrapped(&format!("{kind} {id}: {name}"), 2));
    let shown = il2_engine::words::shown(text);
    let head = format!("no entry has the name \"{shown}\"; it occurs in the text of\n");
    Ok((!found.is_empty()).then(|| head + &lines.collect::<String>()))
}
