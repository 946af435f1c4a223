//! The library's TOML.

use crate::library::entry::{Library, ModelEntry, Range, key};
use crate::library::files::FILES;
use crate::library::numbers::{parameter, parameters, sub_parameters, word, words};
use crate::library::patient;
use il2::cell::{Cell, Effect};
use il2::culture::uncertainty::Posterior;
use il2::culture::{Model, ModelKind};
use il2::ligand::{AlphaChain, Ligand};
use il2::parameter::{Parameter, Parameters, Reference};
use il2::receptor::fallon2000::Encoding;
use il2::receptor::gamma_chain::FusionScaling;
use indexmap::IndexMap;
use std::sync::LazyLock;
use toml::{Table, Value};

impl Library {
    /// The library built into the program.
    pub fn builtin() -> &'static Library {
        static BUILTIN: LazyLock<Library> = LazyLock::new(|| {
            Library::read(FILES).expect("a test reads the embedded library before it ships")
        });
        &BUILTIN
    }

    /// Reads a library from named files; the error says in which file and entry.
    pub fn read(files: &[(&str, &str)]) -> Result<Library, String> {
        library(files)
    }
}

fn library(files: &[(&str, &str)]) -> Result<Library, String> {
    let mut library = Library::default();
    let mut waiting = vec![];
    for (file, text) in files {
        if *file == "calibration/immune/draws.csv" {
            library.physiology.draws = patient::draws(text)?;
            continue;
        }
        let table: Table = toml::from_str(text).map_err(|e| format!("{file}: {e}"))?;
        if let Some(name) = file.strip_prefix("posteriors/") {
            let name = name.trim_end_matches(".toml").to_string();
            library
                .posteriors
                .insert(name, posterior(&table).ok_or(format!("{file}: incomplete"))?);
            continue;
        }
        if *file == "patient.toml" {
            library.physiology = patient::physiology(&table)?;
            continue;
        }
        for (id, value) in table {
            let entry = value.as_table().cloned().ok_or(format!("{file}: {id} is not a table"))?;
            let place = |problem: String| format!("{file}: {id}: {problem}");
            match *file {
                "references.toml" => {
                    library.references.insert(id.clone(), reference(&id, &entry));
                }
                "ranges.toml" => {
                    library.ranges.insert(id.clone(), range(&entry).map_err(place)?);
                }
                "models/stat5.toml" => {
                    library.stat5 = sub_parameters(&entry, "parameters").map_err(place)?;
                    library.stat5_caveats = words(&entry, "caveats");
                }
                _ => waiting.push((file.to_string(), id, entry)),
            }
        }
    }
    // `like` and `parent` may refer to later entries: repeat until all are resolved.
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = vec![];
        for (file, id, entry) in waiting {
            let place = |problem: String| format!("{file}: {id}: {problem}");
            let done = match file.as_str() {
                "ligands.toml" => ligand(&mut library, &id, &entry).map_err(place)?,
                "cells.toml" => cell(&mut library, &id, &entry).map_err(place)?,
                _ => model(&mut library, &id, &entry).map_err(place)?,
            };
            if !done {
                later.push((file, id, entry));
            }
        }
        if later.len() == before {
            return Err(format!("{}: {}: like or parent names no entry", later[0].0, later[0].1));
        }
        waiting = later;
    }
    // Entries that had to wait come after the others now: restore the order of the file.
    let order = |file: &str| -> Vec<String> {
        let text = files.iter().find(|(name, _)| *name == file).map_or("", |f| f.1);
        toml::from_str::<Table>(text).map_or(vec![], |t| t.keys().cloned().collect())
    };
    let place = |all: &[String], id: &String| all.iter().position(|x| x == id);
    let (ligands, cells) = (order("ligands.toml"), order("cells.toml"));
    library.ligands.sort_by_cached_key(|id, _| place(&ligands, id));
    library.cells.sort_by_cached_key(|id, _| place(&cells, id));
    Ok(library)
}

fn reference(id: &str, table: &Table) -> Reference {
    let own = ["kind", "authors", "title", "year", "verified"];
    let field = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_string);
    Reference {
        key: id.to_string(),
        kind: word(table, "kind"),
        authors: words(table, "authors"),
        title: word(table, "title"),
        year: table.get("year").and_then(Value::as_integer),
        fields: table
            .iter()
            .filter(|(k, _)| !own.contains(&k.as_str()))
            .map(|(k, v)| (k.clone(), field(v)))
            .collect(),
        verified: table.get("verified").and_then(Value::as_bool).unwrap_or(false),
    }
}

fn range(table: &Table) -> Result<Range, String> {
    let ends = |name: &str| -> Result<Option<Parameter>, String> {
        let Some(entry) = table.get(name).and_then(Value::as_table) else { return Ok(None) };
        let read = parameter(entry)?;
        match read.interval {
            Some(_) => Ok(Some(read)),
            None => Err(format!("{name} has no interval")),
        }
    };
    let parts = |key: &String| key.split('.').map(str::to_string).collect();
    let usual = ends("usual")?.ok_or("has no usual range")?;
    let example = word(table, "example");
    Ok(Range {
        what: word(table, "what"),
        keys: words(table, "keys").iter().map(parts).collect(),
        kinds: words(table, "kinds"),
        molecules: words(table, "molecules"),
        ending: word(table, "ending"),
        example: if example.is_empty() { usual.text.clone() } else { example },
        usual,
        possible: ends("possible")?.and_then(|p| p.interval),
    })
}

fn posterior(table: &Table) -> Option<Posterior> {
    let spread = table.get("spread")?.as_table()?;
    let rows = table.get("correlation")?.as_table()?.get("rows")?.as_array()?;
    let correlations: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| row.as_array().map(|r| r.iter().filter_map(Value::as_float).collect()))
        .collect::<Option<_>>()?;
    let n = spread.len();
    let square = correlations.len() == n && correlations.iter().all(|r| r.len() == n);
    let spreads = || spread.values().filter_map(Value::as_float);
    let finite = correlations.iter().flatten().copied().chain(spreads()).all(f64::is_finite);
    (square && finite && spreads().count() == n).then(|| Posterior {
        names: spread.keys().cloned().collect(),
        spreads: spreads().collect(),
        correlations,
    })
}

fn ligand(library: &mut Library, id: &str, table: &Table) -> Result<bool, String> {
    let like = word(table, "like");
    let base = match (like.is_empty(), library.ligands.get(&like)) {
        (true, _) => None,
        (false, Some(base)) => Some(base.clone()),
        (false, None) => return Ok(false),
    };
    let mut parent = base.as_ref().and_then(|b| b.parent.clone());
    for name in ["like_native", "parent"].map(|name| word(table, name)) {
        match library.ligands.get(&name) {
            Some(found) => parent = Some(Box::new(found.clone())),
            None if name.is_empty() => {}
            None => return Ok(false),
        }
    }
    let mut all = base.as_ref().map_or_else(Parameters::new, |b| b.parameters.clone());
    all.extend(parameters(table)?);
    let alpha = match word(table, "alpha_chain").as_str() {
        "il15r_alpha" => AlphaChain::Il15rAlpha,
        "" | "il2r_alpha" => base.as_ref().map_or(AlphaChain::Il2rAlpha, |b| b.alpha_chain),
        other => return Err(format!("unknown alpha_chain {other}")),
    };
    for alias in words(table, "aliases") {
        library.aliases.insert(key(&alias), id.to_string());
    }
    let valency = table.get("valency").and_then(Value::as_integer).unwrap_or(1);
    library.ligands.insert(
        id.to_string(),
        Ligand {
            id: id.to_string(),
            label: id.to_string(),
            name: word(table, "name"),
            description: word(table, "description"),
            caveats: words(table, "caveats"),
            alpha_chain: alpha,
            valency: u32::try_from(valency).map_err(|_| "valency is negative".to_string())?,
            parent,
            parameters: all,
        },
    );
    Ok(true)
}

fn cell(library: &mut Library, id: &str, table: &Table) -> Result<bool, String> {
    let mut receptors = IndexMap::new();
    if let Some(tables) = table.get("receptors").and_then(Value::as_table) {
        for (quantitation, chains) in tables {
            let chains = chains.as_table().ok_or("receptors are tables by quantitation")?;
            receptors.insert(quantitation.clone(), parameters(chains)?);
        }
    }
    let default = word(table, "default_receptors");
    let quantitation = match (default.is_empty(), receptors.contains_key(&default)) {
        (true, _) => receptors.keys().next().cloned(),
        (false, true) => Some(default),
        (false, false) => return Err(format!("default_receptors names no table: {default}")),
    };
    let effect = match table.get("effect").and_then(Value::as_table) {
        None => None,
        Some(effect) => Some(Effect {
            what: word(effect, "what"),
            direction: word(effect, "direction"),
            parameters: parameters(effect)?,
        }),
    };
    for alias in words(table, "aliases") {
        library.aliases.insert(key(&alias), id.to_string());
    }
    let mut rest = table.clone();
    ["receptors", "effect", "synthesis"].into_iter().for_each(|name| {
        rest.remove(name);
    });
    library.cells.insert(
        id.to_string(),
        Cell {
            id: id.to_string(),
            label: id.to_string(),
            name: word(table, "name"),
            markers: word(table, "markers"),
            organism: word(table, "organism"),
            description: word(table, "description"),
            caveats: words(table, "caveats"),
            receptors,
            quantitation,
            synthesis: sub_parameters(table, "synthesis")?,
            effect,
            parameters: parameters(&rest)?,
        },
    );
    Ok(true)
}

fn model(library: &mut Library, name: &str, table: &Table) -> Result<bool, String> {
    let like = word(table, "like");
    let base = match (like.is_empty(), library.models.get(&like)) {
        (true, _) => None,
        (false, Some(base)) => Some(base.clone()),
        (false, None) => return Ok(false),
    };
    let kind = match (name, word(table, "fusion_scaling").as_str()) {
        (_, "bond") => ModelKind::GammaChain(FusionScaling::Bond),
        (_, "farhat2021") => ModelKind::GammaChain(FusionScaling::Farhat2021),
        ("polyvalent", _) => ModelKind::Polyvalent,
        ("polyvalent-equilibrium", _) => ModelKind::PolyvalentEquilibrium,
        ("fallon2000", _) => ModelKind::Fallon2000(Encoding::Corrected),
        ("fallon2000-cellml", _) => ModelKind::Fallon2000(Encoding::CellMl),
        ("fallon2000-biomodels", _) => ModelKind::Fallon2000(Encoding::BioModels),
        ("effect", _) => ModelKind::Effect,
        _ => return Err("no equations of that name".into()),
    };
    let mut numbers = base.as_ref().map_or_else(Parameters::new, |b| b.model.parameters.clone());
    numbers.extend(sub_parameters(table, "parameters")?);
    let or = |own: String, of: fn(&ModelEntry) -> String| {
        if own.is_empty() { base.as_ref().map_or(own, of) } else { own }
    };
    let posterior = or(word(table, "posterior"), |b| b.posterior.clone().unwrap_or_default());
    let entry = ModelEntry {
        title: word(table, "name"),
        description: word(table, "description"),
        caveats: words(table, "caveats"),
        of_fusions: or(word(table, "of_fusions"), |b| b.of_fusions.clone()),
        source: or(word(table, "source"), |b| b.source.clone()),
        posterior: (!posterior.is_empty()).then_some(posterior),
        model: Model {
            name: name.to_string(),
            kind,
            parameters: numbers,
            stat5: None,
            overrides: vec![],
        },
    };
    library.models.insert(name.to_string(), entry);
    Ok(true)
}
