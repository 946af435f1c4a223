//! Reads the library; exceeds 400 lines because each kind of entry has its own short function. Each
//! file is read as a whole, every entry after those that it starts from, and the names are checked.

use crate::error::StudyError;
use crate::library::entry::{
    BehaviourEntry, Library, ModelEntry, PublishedModelEntry, Range, Stat5Entry, Tumours, key,
};
use crate::library::files::FILES;
use crate::library::names::{in_turn, populations_stand, sources_stand, spreads_stand, stands};
use crate::library::numbers::{Number, below, given};
use crate::library::patient::{self, WrittenPatient};
use crate::library::written::{
    Direction, Scaling, WrittenBehaviour, WrittenCell, WrittenLigand, WrittenModel,
    WrittenPosterior, WrittenRange, WrittenReference, WrittenTumour, WrittenTumours,
    numbers_of_models,
};
use crate::typed;
use crate::values::unknown;
use il2::cell::{Cell, Effect};
use il2::culture::kinds::behaviour::{Behaviour, dimension_of};
use il2::culture::uncertainty::Posterior;
use il2::culture::{Model, ModelKind, Stat5, Stat5Kind};
use il2::ligand::{Ligand, PrivateChain};
use il2::parameter::{Parameters, Reference};
use il2::quantity::Quantity;
use il2::receptor::bonds::ASSOCIATION;
use il2::receptor::fallon2000::Encoding;
use il2::receptor::gamma_chain::FusionScaling;
use il2::tumour::disease as tumour;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::LazyLock;
use toml::{Table, Value};

const DRAWS: &str = "calibration/immune/draws.csv";

impl Library {
    /// The library built into the program.
    pub fn builtin() -> &'static Library {
        static BUILTIN: LazyLock<Library> = LazyLock::new(|| {
            let read = Library::read(FILES);
            read.unwrap_or_else(|e| panic!("a test reads the library before it ships: {e}"))
        });
        &BUILTIN
    }

    /// Reads a library from files with their names below `library/`; the error gives file, line and
    /// entry.
    pub fn read(files: &[(&str, &str)]) -> Result<Library, StudyError> {
        let mut library = Library::default();
        // Entries that others refer to are read first.
        let first = ["references.toml", "posteriors/", "cells.toml"];
        let turn =
            |name: &str| first.iter().position(|f| name.starts_with(f)).unwrap_or(first.len());
        let mut files: Vec<&(&str, &str)> = files.iter().collect();
        files.sort_by_key(|(name, _)| turn(name));
        for (name, text) in &files {
            let path = Path::new("library").join(name);
            add(&mut library, name, &path, text).map_err(|e| e.located(&path, text))?;
        }
        for (name, text) in &files {
            let Some(posterior) = posterior_of(name) else { continue };
            let path = Path::new("library").join(name);
            spreads_stand(&library, posterior).map_err(|e| e.located(&path, text))?;
        }
        Ok(library)
    }
}

/// Name of the posterior in a file, if it contains one.
fn posterior_of(file: &str) -> Option<&str> {
    file.strip_prefix("posteriors/")?.strip_suffix(".toml")
}

fn add(library: &mut Library, name: &str, path: &Path, text: &str) -> Result<(), StudyError> {
    if name == DRAWS {
        library.physiology.draws = patient::draws(path, text)?;
        return Ok(());
    }
    let table = typed::table(path, text)?;
    sources_stand(&library.references, &table, "")?;
    match name {
        "references.toml" => {
            let entries: IndexMap<String, WrittenReference> = typed_read(table.clone())?;
            let of = |(id, entry)| reference(id, entry, &table);
            library.references = entries.into_iter().map(of).collect();
        }
        "ranges.toml" => {
            for (id, entry) in typed_read::<IndexMap<String, WrittenRange>>(table)? {
                library.ranges.insert(id.clone(), range(&id, entry)?);
            }
        }
        "patient.toml" => {
            let draws = std::mem::take(&mut library.physiology.draws);
            library.physiology = typed_read::<WrittenPatient>(table)?.physiology();
            library.physiology.draws = draws;
            populations_stand(library)?;
        }
        "ligands.toml" => {
            let entries: IndexMap<String, WrittenLigand> = typed_read(table)?;
            let behind = |e: &WrittenLigand| {
                [("like", &e.like), ("like_native", &e.like_native), ("parent", &e.parent)]
                    .map(|(key, name)| (key, name.clone()))
            };
            for id in in_turn(&entries, "ligand", behind)? {
                ligand(library, &id, &entries[&id]);
            }
            // An entry may come before the entry that it is like.
            library.ligands.sort_by_cached_key(|id, _| entries.get_index_of(id));
        }
        "cells.toml" => {
            for (id, entry) in typed_read::<IndexMap<String, WrittenCell>>(table)? {
                cell(library, id, entry)?;
            }
        }
        "behaviours.toml" => {
            for (id, entry) in typed_read::<IndexMap<String, WrittenBehaviour>>(table)? {
                let read = behaviour(&id, entry)?;
                library.behaviours.insert(id, read);
            }
        }
        "tumours.toml" => {
            let WrittenTumours { diseases, partners, criteria } = typed_read(table)?;
            library.tumours = Tumours {
                diseases: tumours(diseases)?,
                partners: tumours(partners)?,
                criteria: tumours(criteria)?,
            };
        }
        "models/stat5.toml" => {
            for (id, entry) in models(name, table)? {
                let kind = match id.as_str() {
                    "stat5" => Stat5Kind::Desensitising,
                    "stat5-gcsolver-jl" => Stat5Kind::GcsolverJl,
                    _ => {
                        let message = "has no equations; use stat5 or stat5-gcsolver-jl";
                        return Err(StudyError::at(id, message));
                    }
                };
                let stat5 = Stat5 { kind, parameters: plain(entry.parameters) };
                let read = Stat5Entry { title: entry.name, caveats: entry.caveats, stat5 };
                library.stat5.insert(id, read);
            }
        }
        "models/busse2010.toml" | "models/tkach2014.toml" | "models/classic_tumours.toml" => {
            let wells = name != "models/classic_tumours.toml";
            let mut entries = models(name, table)?;
            // A model that is like another model comes after it.
            for id in in_turn(&entries, "model", |e| [("like", e.like.clone())])? {
                let entry = entries.shift_remove(&id).expect("in_turn returns their names");
                let without = || StudyError::at(&id, "has no source; name its paper");
                let all = match wells {
                    true => &mut library.culture_models,
                    false => &mut library.tumour_models,
                };
                let base = entry.like.as_ref().map(|like| all[like].parameters.clone());
                let mut parameters = base.unwrap_or_default();
                parameters.extend(plain(entry.parameters));
                let read = PublishedModelEntry {
                    title: entry.name,
                    source: entry.source.ok_or_else(without)?,
                    description: entry.description,
                    caveats: entry.caveats,
                    parameters,
                };
                all.insert(id, read);
            }
        }
        _ if name.starts_with("models/") => {
            let entries = models(name, table)?;
            let order = in_turn(&entries, "model", |e| [("like", e.like.clone())])?;
            for id in order {
                model(library, &id, &entries[&id])?;
            }
        }
        _ => {
            let name = posterior_of(name).ok_or_else(|| {
                StudyError::at(
                    "",
                    "is not a file of the library; the library files are listed in FILES",
                )
            })?;
            library.posteriors.insert(name.to_string(), posterior(typed_read(table)?)?);
        }
    }
    Ok(())
}

/// Entries completed with the numbers of the entries that they are like, which come first.
fn tumours(
    written: IndexMap<String, WrittenTumour>,
) -> Result<IndexMap<String, tumour::Entry>, StudyError> {
    let mut all: IndexMap<String, tumour::Entry> = IndexMap::new();
    for (id, entry) in written {
        let mut parameters = Parameters::new();
        if let Some(like) = &entry.like {
            let known = all.keys().map(String::as_str);
            let missing =
                || unknown(&format!("{id}.like"), "entry", like, known, "those before it");
            parameters.extend(all.get(like).ok_or_else(missing)?.parameters.clone());
        }
        parameters.extend(plain(entry.numbers));
        let WrittenTumour { name, description, caveats, .. } = entry;
        all.insert(id, tumour::Entry { name, description, caveats, parameters });
    }
    Ok(all)
}

fn typed_read<T: DeserializeOwned>(table: Table) -> Result<T, StudyError> {
    typed::read(table, &typed::PLAIN)
}

fn plain(numbers: IndexMap<String, Number>) -> Parameters {
    numbers.into_iter().map(|(name, number)| (name, number.0)).collect()
}

fn reference(id: String, entry: WrittenReference, table: &Table) -> (String, Reference) {
    // BibTeX fields keep the order in which the file gives them.
    let own = ["kind", "authors", "title", "year", "verified"];
    let written = table[&id].as_table().into_iter().flatten();
    let fields = written.filter(|(name, _)| !own.contains(&name.as_str()));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let reference = Reference {
        key: id.clone(),
        kind: entry.kind,
        authors: entry.authors,
        title: entry.title,
        year: entry.year,
        fields: fields.map(|(name, value)| (name.clone(), text(value))).collect(),
        verified: entry.verified,
    };
    (id, reference)
}

fn range(id: &str, entry: WrittenRange) -> Result<Range, StudyError> {
    let without = |name: &str| {
        StudyError::at(format!("{id}.{name}"), "has no interval; add it, with interval_kind")
    };
    let parts = |key: &String| key.split('.').map(str::to_string).collect();
    let possible = match entry.possible {
        Some(number) => Some(number.0.interval.ok_or_else(|| without("possible"))?),
        None => None,
    };
    if entry.usual.0.interval.is_none() {
        return Err(without("usual"));
    }
    Ok(Range {
        what: entry.what,
        keys: entry.keys.iter().map(parts).collect(),
        kinds: entry.kinds,
        molecules: entry.molecules,
        ending: entry.ending,
        example: entry.example.unwrap_or(entry.usual.0.text.clone()),
        usual: entry.usual.0,
        possible,
    })
}

fn posterior(entry: WrittenPosterior) -> Result<Posterior, StudyError> {
    let (spread, rows) = (entry.spread, entry.correlation.rows);
    let n = spread.len();
    for (name, value) in &spread {
        if !(value.is_finite() && *value > 0.0) {
            let message = format!("{value} is not a spread; use a number above zero");
            return Err(StudyError::at(format!("spread.{name}"), message));
        }
    }
    let fits = |row: &Vec<f64>| row.len() == n && row.iter().all(|r| (-1.0..=1.0).contains(r));
    if rows.len() != n || !rows.iter().all(fits) {
        let message =
            format!("is not a table of correlations; give {n} rows of {n} numbers from -1 to 1");
        return Err(StudyError::at("correlation.rows", message));
    }
    let part_of_molecule = entry.part_of_molecule;
    if !(0.0..=1.0).contains(&part_of_molecule) {
        let message = format!("{part_of_molecule} is not a fraction; use a number from 0 to 1");
        return Err(StudyError::at("part_of_molecule", message));
    }
    let (names, spreads) = spread.into_iter().unzip();
    Ok(Posterior { names, spreads, correlations: rows, part_of_molecule })
}

fn ligand(library: &mut Library, id: &str, entry: &WrittenLigand) {
    let find = |name: &Option<String>| name.as_ref().map(|name| library.ligands[name].clone());
    let base = find(&entry.like);
    let parent = find(&entry.parent).or(find(&entry.like_native)).map(Box::new);
    let mut parameters = base.as_ref().map_or_else(Parameters::new, |b| b.parameters.clone());
    parameters.extend(given([
        ("molar_mass", entry.molar_mass.clone()),
        ("specific_activity", entry.specific_activity.clone()),
        (ASSOCIATION, entry.association.clone()),
    ]));
    for (table, numbers) in [
        ("affinity", &entry.affinity),
        ("fusion_affinity", &entry.fusion_affinity),
        ("k_on", &entry.k_on),
        ("k_forward", &entry.k_forward),
        ("endosomal_off_ratio", &entry.endosomal_off_ratio),
        ("gamma_chain", &entry.gamma_chain),
        ("fallon2000", &entry.fallon2000),
    ] {
        parameters.extend(below(table, numbers.clone()));
    }
    let private_chain = match entry.private_chain {
        Some(chain) => chain.0,
        None => base.as_ref().map_or(PrivateChain::Il2rAlpha, |b| b.private_chain),
    };
    let joins = base.as_ref().or(parent.as_deref()).is_none_or(|b| b.joins_gamma_c);
    let read = Ligand {
        id: id.to_string(),
        label: id.to_string(),
        name: entry.name.clone(),
        description: entry.description.clone(),
        caveats: entry.caveats.clone(),
        private_chain,
        joins_gamma_c: entry.joins_gamma_c.unwrap_or(joins),
        is_soluble_chain: entry.is_soluble_chain,
        valency: entry.valency.unwrap_or(1),
        parts: vec![],
        parent: parent.or(base.and_then(|b| b.parent)),
        releases: None,
        parameters,
    };
    alias(library, id, &entry.aliases);
    library.ligands.insert(id.to_string(), read);
}

fn alias(library: &mut Library, id: &str, aliases: &[String]) {
    library.aliases.extend(aliases.iter().map(|alias| (key(alias), id.to_string())));
}

fn cell(library: &mut Library, id: String, entry: WrittenCell) -> Result<(), StudyError> {
    let receptors: IndexMap<String, Parameters> =
        entry.receptors.into_iter().map(|(name, chains)| (name, chains.0)).collect();
    if let Some(name) = &entry.default_receptors {
        let at = format!("{id}.default_receptors");
        stands(&at, "quantitation", name, receptors.keys())?;
    }
    let quantitation = entry.default_receptors.or(receptors.keys().next().cloned());
    let effect = entry.effect.map(|effect| Effect {
        what: effect.what,
        direction: match effect.direction {
            Direction::Up => "up".to_string(),
            Direction::Down => "down".to_string(),
        },
        parameters: given([
            ("fold", effect.fold),
            ("at", effect.at),
            ("dissociation_constant", effect.dissociation_constant),
        ])
        .collect(),
    });
    alias(library, &id, &entry.aliases);
    let read = Cell {
        id: id.clone(),
        label: id.clone(),
        name: entry.name,
        markers: entry.markers,
        lineage: entry.lineage.unwrap_or(id.clone()),
        organism: entry.organism,
        description: entry.description,
        caveats: entry.caveats,
        receptors,
        quantitation,
        synthesis: entry.synthesis,
        spread: Parameters::new(),
        correlation: Parameters::new(),
        effect,
        parameters: below("stat5", entry.stat5)
            .chain(below("published", entry.published))
            .collect(),
    };
    library.cells.insert(id, read);
    Ok(())
}

fn behaviour(id: &str, entry: WrittenBehaviour) -> Result<BehaviourEntry, StudyError> {
    for (name, number) in &entry.numbers {
        let at = format!("{id}.numbers.{name}");
        let Some(needed) = dimension_of(name) else {
            let message = "is not a parameter of a behaviour; use names such as division.rate";
            return Err(StudyError::at(at, message));
        };
        Quantity::parse_as(&number.0.text, needed).map_err(|e| StudyError::at(at, e.0))?;
    }
    let read = BehaviourEntry {
        title: entry.name,
        description: entry.description,
        caveats: entry.caveats,
        secretes: entry.secretes,
        by_antigen: entry.by_antigen,
        numbers: plain(entry.numbers),
    };
    let secretes = read.secretes.as_deref().map(|ligand| (ligand, read.by_antigen));
    let whole = Behaviour::of(&read.numbers, &format!("behaviour {id}"), secretes);
    whole.map_err(|e| StudyError::at(id, e.to_string()))?;
    Ok(read)
}

/// The models of a file; their numbers are those that their equations use.
fn models(file: &str, table: Table) -> Result<IndexMap<String, WrittenModel>, StudyError> {
    let known = numbers_of_models(file).ok_or_else(|| {
        StudyError::at("", "contains no models for which the program has equations")
    })?;
    let entries: IndexMap<String, WrittenModel> = typed_read(table)?;
    for (id, entry) in &entries {
        let odd = entry.parameters.keys().find(|name| !known.contains(&name.as_str()));
        if let Some(name) = odd {
            let message = typed::unknown_key(name, known.iter().copied());
            return Err(StudyError::at(format!("{id}.parameters.{name}"), message));
        }
    }
    Ok(entries)
}

fn model(library: &mut Library, name: &str, entry: &WrittenModel) -> Result<(), StudyError> {
    let base = entry.like.as_ref().map(|like| library.models[like].clone());
    let kind = match (name, entry.fusion_scaling) {
        (_, Some(Scaling::Bond)) => ModelKind::GammaChain(FusionScaling::Bond),
        (_, Some(Scaling::Farhat2021)) => ModelKind::GammaChain(FusionScaling::Farhat2021),
        ("polyvalent", _) => ModelKind::Polyvalent,
        ("polyvalent-equilibrium", _) => ModelKind::PolyvalentEquilibrium,
        ("fallon2000", _) => ModelKind::Fallon2000(Encoding::Corrected),
        ("fallon2000-cellml", _) => ModelKind::Fallon2000(Encoding::CellMl),
        ("fallon2000-biomodels", _) => ModelKind::Fallon2000(Encoding::BioModels),
        ("effect", _) => ModelKind::Effect,
        _ => return Err(StudyError::at(name, "has no equations of that name; add fusion_scaling")),
    };
    if let Some(posterior) = &entry.posterior {
        let at = format!("{name}.posterior");
        stands(&at, "posterior", posterior, library.posteriors.keys())?;
    }
    let mut parameters = base.as_ref().map_or_else(Parameters::new, |b| b.model.parameters.clone());
    parameters.extend(plain(entry.parameters.clone()));
    let or = |own: &Option<String>, of: fn(&ModelEntry) -> String| {
        own.clone().or(base.as_ref().map(of)).unwrap_or_default()
    };
    let read = ModelEntry {
        title: entry.name.clone(),
        description: entry.description.clone(),
        caveats: entry.caveats.clone(),
        limits: entry
            .limits
            .clone()
            .or(base.as_ref().map(|b| b.limits.clone()))
            .unwrap_or_default(),
        source: or(&entry.source, |b| b.source.clone()),
        // Without the posterior of the base model, because other numbers have another posterior.
        posterior: entry.posterior.clone(),
        model: Model {
            name: name.to_string(),
            kind,
            parameters,
            fitted_with: plain(entry.fitted_with.clone()),
            stat5: None,
            overrides: vec![],
        },
    };
    library.models.insert(name.to_string(), read);
    Ok(())
}
