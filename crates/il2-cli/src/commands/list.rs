//! `il2 list`: what is in the library.

use super::check::{caveats, input, table};
use super::{Done, print, print_json, wrapped};
use il2::parameter::{Parameter, Parameters};
use il2::patient::physiology::Entry;
use il2_report::inputs::of_the_patient;
use il2_study::library::ModelEntry;
use il2_study::{Library, StudyError};
use serde_json::json;

/// Prints the library, one kind of it, or one entry.
pub fn list(what: Option<&str>, as_json: bool) -> Done {
    let library = Library::builtin();
    let section = |wanted: &str| what.is_none() || what == Some(wanted);
    if what == Some("patient") {
        return patient(library, as_json);
    }
    let sections = ["ligands", "cells", "behaviours", "models", "references"];
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
                        .chain(library.culture_models.iter().map(|(i, m)| (i, &m.title)))
                        .collect(),
                ),
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
        text += "behaviours (what cells of a culture do beside binding)\n";
        for (id, b) in &library.behaviours {
            text += &format!("  {id:<24} {}\n", cut(&b.title, 70));
        }
    }
    if section("models") {
        text += "models\n";
        for (id, m) in &library.models {
            text += &format!("  {id:<24} {}\n", cut(&m.title, 70));
        }
        for (id, m) in &library.culture_models {
            text += &format!("  {id:<24} {}\n", cut(&m.title, 70));
        }
    }
    if what.is_none() {
        text += "pharmacokinetics of patients\n";
        for (id, set) in &library.physiology.pharmacokinetics {
            text += &format!("  {id:<24} {}\n", cut(&set.name, 70));
        }
        text += "species in place of people\n";
        for (id, species) in &library.physiology.species {
            text += &format!("  {id:<24} {}\n", cut(&species.name, 70));
        }
    }
    if section("references") {
        text += "references\n";
        for (key, r) in &library.references {
            text += &format!("  {key:<22} {:<28} {}\n", cut(&r.short(), 28), cut(&r.title, 46));
        }
    }
    text += "\n`il2 list ID` shows one entry with every number and its source, `il2 list \
             patient` the \
             patient.\n";
    print(&text)
}

/// Every number of the patient: sets of pharmacokinetics, populations of cells, everything else.
fn patient(library: &Library, as_json: bool) -> Done {
    let physiology = &library.physiology;
    if as_json {
        let json = |numbers: &Parameters| -> serde_json::Value {
            let one = |(name, p): (&String, &il2::parameter::Parameter)| {
                (
                    name.clone(),
                    json!({"value": p.with_unit(), "how": p.how.word(), "source": p.source, "note": p.note}),
                )
            };
            numbers.iter().map(one).collect::<serde_json::Map<_, _>>().into()
        };
        let entry = |(id, e): (&String, &Entry)| {
            (id.clone(), json!({"name": e.name, "cell": e.cell, "parameters": json(&e.parameters)}))
        };
        let sets: serde_json::Map<_, _> = physiology.pharmacokinetics.iter().map(entry).collect();
        let animals: serde_json::Map<_, _> = physiology.animals.iter().map(entry).collect();
        let cells: serde_json::Map<_, _> = physiology.populations.iter().map(entry).collect();
        let groups: serde_json::Map<_, _> =
            physiology.groups.iter().map(|(name, numbers)| (name.clone(), json(numbers))).collect();
        let all = json!({"pharmacokinetics": sets, "animals": animals, "populations": cells, "groups": groups});
        return print_json(&json!(all));
    }
    let mut text = String::new();
    let sets = physiology.pharmacokinetics.iter().map(|set| ("pharmacokinetics", set));
    let animals = physiology.animals.iter().map(|set| ("animal", set));
    for (kind, (id, set)) in sets.chain(animals) {
        text += &format!("  {kind} {id}: {}\n", set.name);
        text += &wrapped(&set.description, 2);
        text += &table(&set.parameters);
        text += &caveats(&set.caveats);
    }
    of_the_patient().iter().for_each(|part| text += &input(part));
    print(&text)
}

/// A set of pharmacokinetics, an animal or a population of the patient, and what it is.
fn of_patient<'a>(library: &'a Library, id: &str) -> Option<(&'static str, &'a Entry)> {
    let physiology = &library.physiology;
    let kinds = [
        ("pharmacokinetics", &physiology.pharmacokinetics),
        ("species", &physiology.species),
        ("animal", &physiology.animals),
        ("population", &physiology.populations),
    ];
    kinds.into_iter().find_map(|(kind, all)| all.get(id).map(|entry| (kind, entry)))
}

/// Numbers of a ligand or a cell that were fitted together with those of a model, which uses them in place of the
/// published ones.
fn fitted_with(library: &Library, id: &str) -> Vec<(String, Parameters)> {
    let (ligand, cell) = (library.ligand(id), library.cell(id));
    let own = |(name, p): (&String, &Parameter)| {
        let (owner, name) = name.split_once('.')?;
        let of_ligand =
            ligand.is_some_and(|l| l.private_chain.cytokine() == owner && l.knows(name));
        let of_cell = cell.is_some_and(|c| c.id.starts_with(owner));
        (of_ligand || of_cell).then(|| (name.to_string(), p.clone()))
    };
    let of = |(id, m): (&String, &ModelEntry)| {
        let numbers: Parameters = m.model.fitted_with.iter().filter_map(own).collect();
        (!numbers.is_empty()).then(|| (format!("in model {id}, in place of those above"), numbers))
    };
    library.models.iter().filter_map(of).collect()
}

fn entry(library: &Library, id: &str, as_json: bool) -> Done {
    let (head, description, mut tables, doubts): (
        String,
        &str,
        Vec<(String, &Parameters)>,
        &[String],
    ) = if let Some(l) = library.ligand(id) {
        (
            format!("ligand {}: {}", l.id, l.name),
            &l.description,
            vec![(String::new(), &l.parameters)],
            &l.caveats,
        )
    } else if let Some(c) = library.cell(id) {
        let mut tables: Vec<(String, &Parameters)> =
            c.receptors.iter().map(|(q, p)| (format!("receptors, {q}"), p)).collect();
        tables.push(("synthesis".into(), &c.synthesis));
        tables.push(("other".into(), &c.parameters));
        if let Some(effect) = &c.effect {
            tables.push((
                format!("effect: {} {}", effect.what, effect.direction),
                &effect.parameters,
            ));
        }
        (
            format!("cell {}: {} ({}, {})", c.id, c.name, c.organism, c.markers),
            &c.description,
            tables,
            &c.caveats,
        )
    } else if let Some(m) = library.models.get(id) {
        (
            format!("model {id}: {}", m.title),
            &m.description,
            vec![(String::new(), &m.model.parameters)],
            &m.caveats,
        )
    } else if let Some((kind, e)) = of_patient(library, id) {
        let made_for = match e.molecules.is_empty() {
            true => String::new(),
            false => format!(" (made for {})", e.molecules.join(", ")),
        };
        (
            format!("{kind} {id}: {}{made_for}", e.name),
            if e.description.is_empty() { &e.name } else { &e.description },
            vec![(String::new(), &e.parameters)],
            &e.caveats,
        )
    } else if let Some(m) = library.culture_models.get(id) {
        let title = format!("model {id} of a whole well: {}", m.title);
        (title, &m.description, vec![(String::new(), &m.parameters)], &m.caveats)
    } else if let Some(b) = library.behaviours.get(id) {
        let title = format!("behaviour {id}: {}", b.title);
        (title, &b.description, vec![(String::new(), &b.numbers)], &b.caveats)
    } else if let Some(r) = library.references.get(id) {
        return print(&r.bibtex());
    } else {
        let physiology = &library.physiology;
        let of_patient = physiology.pharmacokinetics.keys().chain(physiology.animals.keys());
        let of_patient = of_patient.chain(physiology.populations.keys());
        let cells = library.cells.keys().chain(library.behaviours.keys());
        let cells = cells.chain(library.culture_models.keys());
        let ids = library.ligands.keys().chain(cells).chain(library.models.keys());
        let ids = ids.chain(of_patient);
        let near = il2_engine::words::closest(id, ids.map(String::as_str));
        let hint = near
            .map_or("`il2 list` shows what there is".to_string(), |n| format!("did you mean {n}?"));
        let id = il2_engine::words::shown(id);
        return Err(StudyError::at(
            "",
            format!("nothing in the library is called \"{id}\"; {hint}"),
        ));
    };
    let fitted = fitted_with(library, id);
    tables.extend(fitted.iter().map(|(title, numbers)| (title.clone(), numbers)));
    if as_json {
        let parameters: serde_json::Map<String, serde_json::Value> = tables
            .iter()
            .flat_map(|(title, p)| p.iter().map(move |(name, p)| (format!("{title} {name}").trim().to_string(), json!({"value": p.with_unit(), "how": p.how.word(), "source": p.source, "note": p.note}))))
            .collect();
        let all = json!({"entry": head, "description": description, "parameters": parameters, "caveats": doubts});
        return print_json(&json!(all));
    }
    let mut text = wrapped(&head, 0) + &wrapped(description, 2);
    if let Some(parent) = library.ligand(id).and_then(|l| l.parent.as_ref()) {
        text += &format!("  compared with: {} ({})\n", parent.id, parent.name);
    }
    for (title, parameters) in tables.iter().filter(|(_, p)| !p.is_empty()) {
        if !title.is_empty() {
            text += &format!("  {title}\n");
        }
        text += &table(parameters);
    }
    print(&(text + &caveats(doubts)))
}
