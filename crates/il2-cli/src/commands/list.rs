//! `il2 list`: the contents of the library; `entry`: all entries with one name.

mod entry;

use self::entry::entry;
use super::check::{caveats, input, table};
use super::{Done, print, print_json, wrapped};
use il2::patient::physiology::Entry;
use il2_report::entries::{numbers_json, sets};
use il2_report::inputs::of_the_patient;
use il2_study::Library;
use serde_json::json;

/// Prints the library, one kind of entry, or one entry.
pub fn list(what: Option<&str>, as_json: bool) -> Done {
    let library = Library::builtin();
    let section = |wanted: &str| what.is_none() || what == Some(wanted);
    if what == Some("patient") {
        return patient(library, as_json);
    }
    let sections = ["ligands", "cells", "behaviours", "models", "tumours", "references"];
    if let Some(id) = what.filter(|w| !sections.contains(w)) {
        return entry(library, id, as_json);
    }
    if as_json {
        let rows = |names: Vec<(&String, &String)>| -> serde_json::Value {
            names.into_iter().map(|(id, name)| json!({"id": id, "name": name})).collect()
        };
        let mut all = serde_json::Map::new();
        if section("ligands") {
            all.insert(
                "ligands".into(),
                rows(library.ligands.iter().map(|(i, l)| (i, &l.name)).collect()),
            );
        }
        if section("cells") {
            all.insert(
                "cells".into(),
                rows(library.cells.iter().map(|(i, c)| (i, &c.name)).collect()),
            );
        }
        if section("behaviours") {
            all.insert(
                "behaviours".into(),
                rows(library.behaviours.iter().map(|(i, b)| (i, &b.title)).collect()),
            );
        }
        if section("models") {
            all.insert(
                "models".into(),
                rows(
                    library
                        .models
                        .iter()
                        .map(|(i, m)| (i, &m.title))
                        .chain(library.published_models().map(|(i, m)| (i, &m.title)))
                        .collect(),
                ),
            );
        }
        if section("tumours") {
            all.insert(
                "tumours".into(),
                rows(library.tumours.all().map(|(_, id, e)| (id, &e.name)).collect()),
            );
        }
        if section("references") {
            all.insert(
                "references".into(),
                rows(library.references.iter().map(|(i, r)| (i, &r.title)).collect()),
            );
        }
        return print_json(&json!(all));
    }
    let cut = |text: &str, most: usize| -> String {
        if text.chars().count() <= most {
            text.into()
        } else {
            text.chars().take(most - 1).collect::<String>() + "…"
        }
    };
    let mut text = String::new();
    if section("ligands") {
        text += "ligands\n";
        for (id, l) in &library.ligands {
            text += &format!("  {id:<24} {}\n", cut(&l.name, 70));
        }
    }
    if section("cells") {
        text += "cells (receptor counts: alpha / beta / gamma_c per cell)\n";
        for (id, c) in &library.cells {
            let counts = c.quantitation.as_ref().map(|q| {
                let n = |chain: &str| {
                    c.receptors[q].get(chain).map_or("-".to_string(), |p| format!("{:.0}", p.value))
                };
                format!("{} / {} / {}", n("il2r_alpha"), n("il2r_beta"), n("gamma_c"))
            });
            let counts = counts.unwrap_or_else(|| {
                if c.effect.is_some() { "effect only".into() } else { "by synthesis".into() }
            });
            text += &format!("  {id:<30} {:<42} {counts}\n", cut(&c.name, 42));
        }
    }
    if section("behaviours") {
        text += "behaviours (processes of cells in a culture other than binding)\n";
        for (id, b) in &library.behaviours {
            text += &format!("  {id:<24} {}\n", cut(&b.title, 70));
        }
    }
    if section("models") {
        text += "models\n";
        for (id, m) in &library.models {
            text += &format!("  {id:<24} {}\n", cut(&m.title, 70));
        }
        for (id, m) in library.published_models() {
            text += &format!("  {id:<24} {}\n", cut(&m.title, 70));
        }
    }
    if what.is_none() {
        text += "pharmacokinetics of patients\n";
        for (id, set) in &library.physiology.pharmacokinetics {
            text += &format!("  {id:<24} {}\n", cut(&set.name, 70));
        }
        text += "animals in place of patients\n";
        for (id, species) in &library.physiology.species {
            text += &format!("  {id:<24} {}\n", cut(&species.name, 70));
        }
        text += "animals for the compartment models of event tables\n";
        for (id, animal) in &library.physiology.animals {
            text += &format!("  {id:<24} {}\n", cut(&animal.name, 70));
        }
        text += "parameters of the patient, by group\n";
        let groups = library.physiology.groups.keys().chain(library.physiology.populations.keys());
        text += &wrapped(&groups.map(String::as_str).collect::<Vec<_>>().join(", "), 2);
    }
    if section("tumours") {
        text +=
            "tumours, treatments given with or instead of interleukin-2, and response criteria\n";
        for (kind, id, e) in library.tumours.all() {
            text += &format!("  {id:<24} {kind:<9} {}\n", cut(&e.name, 60));
        }
    }
    if section("references") {
        text += "references\n";
        for (key, r) in &library.references {
            text += &format!("  {key:<22} {:<28} {}\n", cut(&r.short(), 28), cut(&r.title, 46));
        }
    }
    text += "\n`il2 list ID` shows all entries with this name and the sources of their numbers;\n\
             `il2 list patient` shows the patient.\n";
    print(&text)
}

/// Prints every number of the patient: sets of pharmacokinetics, cell populations, and all others.
fn patient(library: &Library, as_json: bool) -> Done {
    let physiology = &library.physiology;
    if as_json {
        let json = numbers_json;
        let entry = |(id, e): (&String, &Entry)| {
            (id.clone(), json!({"name": e.name, "cell": e.cell, "parameters": json(&e.parameters)}))
        };
        let sets: serde_json::Map<_, _> = physiology.pharmacokinetics.iter().map(entry).collect();
        let animals: serde_json::Map<_, _> = physiology.animals.iter().map(entry).collect();
        let species: serde_json::Map<_, _> = physiology.species.iter().map(entry).collect();
        let cells: serde_json::Map<_, _> = physiology.populations.iter().map(entry).collect();
        let groups: serde_json::Map<_, _> =
            physiology.groups.iter().map(|(name, numbers)| (name.clone(), json(numbers))).collect();
        let all = json!({
            "pharmacokinetics": sets,
            "species": species,
            "animals": animals,
            "populations": cells,
            "groups": groups
        });
        return print_json(&json!(all));
    }
    let mut text = String::new();
    for (kind, (id, set)) in sets(physiology) {
        text += &format!("  {kind} {id}: {}\n", set.name);
        text += &wrapped(&set.description, 2);
        text += &table(&set.parameters);
        text += &caveats(&set.caveats);
    }
    of_the_patient().iter().for_each(|part| text += &input(part));
    text += "  Every population also has growth_strength (1), by which a study or a fit multiplies\n  \
             its division, for example treg.growth_strength.\n";
    print(&text)
}
