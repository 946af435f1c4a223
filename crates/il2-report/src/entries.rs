//! Entries of the library by their name: a molecule and its pharmacokinetics, a cell and its
//! population, or a species and its compartment model may share one.

use il2::cell::Cell;
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2::patient::physiology::{Entry, Physiology};
use il2_study::library::ModelEntry;
use il2_study::{Library, StudyError};
use serde_json::json;

/// An entry of the library.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Kind, name and title of the entry.
    pub head: String,
    /// What it is.
    pub description: String,
    /// Tables of numbers with their titles; the title of the main table is empty.
    pub tables: Vec<(String, Parameters)>,
    /// What is uncertain about the entry.
    pub caveats: Vec<String>,
}

/// All entries of a name as one, as JSON: the first, with the others under `others`.
///
/// # Errors
/// If there is none; the error names the closest.
pub fn entry_json(library: &Library, id: &str) -> Result<serde_json::Value, StudyError> {
    let all = named(library, id);
    let Some((first, others)) = all.split_first() else { return Err(unknown(library, id)) };
    let mut first = first.json();
    first["others"] = others.iter().map(Listed::json).collect();
    Ok(first)
}

/// All entries with this name.
pub fn named(library: &Library, id: &str) -> Vec<Listed> {
    let physiology = &library.physiology;
    let mut all = vec![];
    all.extend(library.ligand(id).map(|l| ligand(library, l)));
    all.extend(library.cell(id).map(|c| cell(library, c)));
    all.extend(library.models.get(id).map(|m| Listed {
        head: format!("model {id}: {}", m.title),
        description: m.description.clone(),
        tables: vec![(String::new(), m.model.parameters.clone())],
        caveats: m.caveats.clone(),
    }));
    all.extend(library.culture_models.get(id).map(|m| Listed {
        head: format!("model {id} of a whole well: {}", m.title),
        description: m.description.clone(),
        tables: vec![(String::new(), m.parameters.clone())],
        caveats: m.caveats.clone(),
    }));
    all.extend(library.tumour_models.get(id).map(|m| Listed {
        head: format!("model {id} of a tumour: {}", m.title),
        description: m.description.clone(),
        tables: vec![(String::new(), m.parameters.clone())],
        caveats: m.caveats.clone(),
    }));
    let of_tumour = library.tumours.all().find(|(_, known, _)| *known == id);
    all.extend(of_tumour.map(|(kind, _, e)| Listed {
        head: format!("{kind} {id}: {}", e.name),
        description: e.description.clone(),
        tables: vec![(String::new(), e.parameters.clone())],
        caveats: e.caveats.clone(),
    }));
    all.extend(library.behaviours.get(id).map(|b| Listed {
        head: format!("behaviour {id}: {}", b.title),
        description: b.description.clone(),
        tables: vec![(String::new(), b.numbers.clone())],
        caveats: b.caveats.clone(),
    }));
    let of_name = sets(physiology).filter(|(_, (name, _))| *name == id);
    all.extend(of_name.map(|(kind, (_, e))| of_the_patient(kind, id, e)));
    all.extend(physiology.populations.get(id).map(|e| of_the_patient("population", id, e)));
    all.extend(physiology.groups.get(id).map(|numbers| Listed {
        head: format!("patient {id}: parameters of the patient"),
        tables: vec![(String::new(), numbers.clone())],
        ..Listed::default()
    }));
    all
}

impl Listed {
    /// All of it, numbers by name.
    pub fn json(&self) -> serde_json::Value {
        let mut parameters = serde_json::Map::new();
        for (title, numbers) in &self.tables {
            let serde_json::Value::Object(numbers) = numbers_json(numbers) else { continue };
            let named =
                numbers.into_iter().map(|(name, p)| (format!("{title} {name}").trim().into(), p));
            parameters.extend(named);
        }
        json!({
            "entry": self.head,
            "description": self.description,
            "parameters": parameters,
            "caveats": self.caveats
        })
    }
}

fn ligand(library: &Library, l: &Ligand) -> Listed {
    let compared = l.parent.as_ref().map_or(String::new(), |parent| {
        format!(" It is compared with {} ({}).", parent.id, parent.name)
    });
    let own = |owner: &str, name: &str| l.private_chain.cytokine() == owner && l.knows(name);
    let mut tables = vec![(String::new(), l.parameters.clone())];
    tables.extend(fitted_with(library, own));
    Listed {
        head: format!("ligand {}: {}", l.id, l.name),
        description: format!("{}{compared}", l.description).trim().to_string(),
        tables,
        caveats: l.caveats.clone(),
    }
}

fn cell(library: &Library, c: &Cell) -> Listed {
    let of_counts = |(q, p): (&String, &Parameters)| (format!("receptors, {q}"), p.clone());
    let mut tables: Vec<(String, Parameters)> = c.receptors.iter().map(of_counts).collect();
    tables.push(("synthesis".into(), c.synthesis.clone()));
    tables.push(("other".into(), c.parameters.clone()));
    let effect = c.effect.as_ref();
    tables.extend(effect.map(|effect| {
        let title = format!("effect: {} {}", effect.what, effect.direction);
        (title, effect.parameters.clone())
    }));
    tables.extend(fitted_with(library, |owner, _| c.id.starts_with(owner)));
    Listed {
        head: format!("cell {}: {} ({}, {})", c.id, c.name, c.organism, c.markers),
        description: c.description.clone(),
        tables,
        caveats: c.caveats.clone(),
    }
}

/// A set of pharmacokinetics, a species, an animal or a population of the patient.
fn of_the_patient(kind: &str, id: &str, e: &Entry) -> Listed {
    let made_for = match e.molecules.is_empty() {
        true => String::new(),
        false => format!(" (made for {})", e.molecules.join(", ")),
    };
    Listed {
        head: format!("{kind} {id}: {}{made_for}", e.name),
        description: e.description.clone(),
        tables: vec![
            (String::new(), e.parameters.clone()),
            ("stated for the molecule".into(), e.stated.clone()),
        ],
        caveats: e.caveats.clone(),
    }
}

/// Numbers of a ligand or a cell that were fitted together with those of a model, which uses them
/// in place of the published ones; `own` says whether a number of an owner belongs to this entry.
fn fitted_with(library: &Library, own: impl Fn(&str, &str) -> bool) -> Vec<(String, Parameters)> {
    let of_entry = |(name, p): (&String, &Parameter)| {
        let (owner, name) = name.split_once('.')?;
        own(owner, name).then(|| (name.to_string(), p.clone()))
    };
    let of = |(id, m): (&String, &ModelEntry)| {
        let numbers: Parameters = m.model.fitted_with.iter().filter_map(&of_entry).collect();
        (!numbers.is_empty())
            .then(|| (format!("in model {id}, instead of the values above"), numbers))
    };
    library.models.iter().filter_map(of).collect()
}

/// Numbers with how they were obtained.
pub fn numbers_json(numbers: &Parameters) -> serde_json::Value {
    let one = |(name, p): (&String, &Parameter)| {
        let number = json!({"value": p.with_unit(), "how": p.how.word(), "source": p.source, "note": p.note});
        (name.clone(), number)
    };
    numbers.iter().map(one).collect::<serde_json::Map<_, _>>().into()
}

/// Sets of numbers of which an assay uses one: their purpose and name.
pub fn sets(all: &Physiology) -> impl Iterator<Item = (&'static str, (&String, &Entry))> {
    let kinetics = all.pharmacokinetics.iter().map(|set| ("pharmacokinetics", set));
    let species = all.species.iter().map(|set| ("species", set));
    let animals = all.animals.iter().map(|set| ("animal for compartment models", set));
    kinetics.chain(species).chain(animals)
}

/// The error for a name that no entry has.
pub fn unknown(library: &Library, id: &str) -> StudyError {
    let physiology = &library.physiology;
    let of_patient = sets(physiology).map(|(_, (name, _))| name);
    let of_patient =
        of_patient.chain(physiology.populations.keys()).chain(physiology.groups.keys());
    let cells = library.cells.keys().chain(library.behaviours.keys());
    let models = library.models.keys().chain(library.culture_models.keys());
    let models = models.chain(library.tumour_models.keys());
    let models = models.chain(library.tumours.all().map(|(_, id, _)| id));
    let ids = library.ligands.keys().chain(cells).chain(models).chain(of_patient);
    let near = il2_engine::words::closest(id, ids.map(String::as_str));
    let hint =
        near.map_or("`il2 list` shows all entries".to_string(), |n| format!("did you mean {n}?"));
    let id = il2_engine::words::shown(id);
    StudyError::at("", format!("the library has no entry \"{id}\"; {hint}"))
}
