//! Resolves the parts of a study, which are based on the library or on one another, with the
//! changes made in the study.

use crate::error::StudyError;
use crate::hash::sha256;
use crate::library::Library;
use crate::renamed::as_written;
use crate::study::Study;
use crate::study::arms;
use crate::study::file::{CellPart, LigandPart, Stat5Text, StudyFile};
use crate::study::like::{label, made};
use crate::study::masked;
use crate::study::molecule::{constants, give, set};
use crate::study::panel::{self, in_table};
use crate::study::read;
use crate::study::request::Request;
use crate::study::spread::{spread, uncertainty};
use crate::study::tables::Tables;
use crate::study::text::QuantityText;
use crate::values::{quantity, unknown};
use crate::whole;
use il2::cell::Cell;
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2::quantity::Like;
use il2::receptor::Medium;
use il2::receptor::bonds::ASSOCIATION;
use il2_engine::words::{closest, shown};
use il2_engine::{Dimension, Threads, Tolerance};
use indexmap::IndexMap;
use std::path::Path;

const CELLS: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };

impl Study {
    /// Reads and resolves a study file, or a request written from one.
    pub fn read(path: &Path) -> Result<Study, StudyError> {
        let text = read::text_of(path)?;
        match text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
            true => Request::from_json(path, &text)?.resolve(path, Library::builtin()),
            false => Study::parse(path, &text, Library::builtin()),
        }
    }

    /// Resolves a study from text; `path` is used only as its name. The assays of the study are
    /// planned later.
    pub fn parse(path: &Path, text: &str, library: &Library) -> Result<Study, StudyError> {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Study::parse_with(path, text, library, Tables::Folder(folder))
    }

    /// Resolves a study from text and the tables that it names.
    pub fn parse_with(
        path: &Path,
        text: &str,
        library: &Library,
        tables: Tables,
    ) -> Result<Study, StudyError> {
        let file = read::parse(path, text)?;
        study(path, text, &file, library, tables)
            .map_err(|e| as_written(e, text).located(path, text))
    }
}

fn study(
    path: &Path,
    text: &str,
    file: &StudyFile,
    library: &Library,
    tables: Tables,
) -> Result<Study, StudyError> {
    if file.question.trim().is_empty() {
        return Err(StudyError::at("question", "is empty; state the question in one sentence"));
    }
    if file.assay.is_empty() {
        return Err(StudyError::at("assay", "is empty; add a part such as [assay.main]"));
    }
    let parts = panel::read(file, &tables)?;
    let (of_arms, of_one): (IndexMap<_, _>, IndexMap<_, _>) =
        parts.ligands.clone().into_iter().partition(|(_, part)| !part.arms.is_empty());
    let ligands = made(
        "ligands",
        &of_one,
        |p| (p.from.as_deref(), p.like.as_deref()),
        |name, like| ligand(library, name, &of_one[name], like),
    );
    let mut ligands = ligands.map_err(|e| in_table(&parts.panels, e))?;
    let joined: IndexMap<String, Ligand> = of_arms
        .iter()
        .map(|(name, part)| Ok((name.clone(), arms::joined(library, &ligands, name, part)?)))
        .collect::<Result<_, StudyError>>()?;
    ligands.extend(joined);
    ligands.sort_by_cached_key(|name, _| parts.ligands.get_index_of(name));
    masked::check(&ligands).map_err(|e| in_table(&parts.panels, e))?;
    let cells = made(
        "cells",
        &parts.cells,
        |p| (p.from.as_deref(), p.like.as_deref()),
        |name, like| cell(library, name, &parts.cells[name], like),
    );
    let cells = cells.map_err(|e| in_table(&parts.panels, e))?;
    for name in file.regimens.keys() {
        label(&format!("regimens.{name}"), name)?;
    }
    for name in file.assay.keys() {
        label(&format!("assay.{name}"), name)?;
    }
    if let Some(name) = file.figures.keys().find(|name| !file.assay.contains_key(*name)) {
        let known = file.assay.keys().map(String::as_str);
        return Err(unknown(&format!("figures.{name}"), "assay", name, known, "[assay]"));
    }
    let mut models = library.models.clone();
    for (name, part) in &file.models {
        let at = format!("models.{name}");
        label(&at, name)?;
        if library.models.contains_key(name) {
            return Err(StudyError::at(
                at,
                "is the name of a model in the library; give the changed model another name, such \
                 as mine",
            ));
        }
        let known = library.models.iter();
        let mut entry = library
            .models
            .get(&part.from)
            .ok_or_else(|| {
                let all = known.map(|(id, entry)| (id.as_str(), [entry.title.as_str(), ""]));
                no_entry(&at, "model", &part.from, all)
            })?
            .clone();
        for parameter in part.parameters.keys() {
            // `il2.k_on` must belong to a ligand of the study: a name without such a ligand would
            // have no effect.
            if let Some((prefix, _)) = parameter.split_once('.')
                && prefix != "stat5"
                && !ligands.contains_key(prefix)
            {
                let known = ligands.keys().map(String::as_str);
                let at = format!("{at}.parameters.{parameter}");
                return Err(unknown(&at, "ligand", prefix, known, "[ligands]"));
            }
        }
        entry.model.name = name.clone();
        entry.model.stat5 = match &part.stat5 {
            Stat5Text::Follows(follows) => follows.then(|| library.stat5["stat5"].stat5.clone()),
            Stat5Text::Named(name) => {
                let found = library.stat5.get(&format!("stat5-{name}"));
                let named = library.stat5.keys().filter_map(|known| known.strip_prefix("stat5-"));
                let unknown = || {
                    let named: Vec<String> = named.map(|name| format!("\"{name}\"")).collect();
                    let message = format!(
                        "\"{}\" is not known; use true, false or {}",
                        shown(name),
                        named.join(" or ")
                    );
                    StudyError::at(format!("{at}.stat5"), message)
                };
                Some(found.ok_or_else(unknown)?.stat5.clone())
            }
        };
        entry.model.overrides =
            part.parameters.iter().map(|(k, v)| (k.clone(), v.0.clone())).collect();
        models.insert(name.clone(), entry);
    }
    Ok(Study {
        path: path.to_path_buf(),
        tables,
        question: file.question.trim().to_string(),
        hash: sha256(text.as_bytes()),
        seed: file.seed.unwrap_or(1),
        ligands,
        cells,
        panels: parts.panels,
        models,
        medium: medium(file)?,
        tolerance: tolerance(file, Tolerance::default())?,
        fine_tolerance: tolerance(file, FINE)?,
        threads: Threads::offered(),
        regimens: file.regimens.clone(),
        assays: file.assay.clone(),
        figures: file.output.as_ref().and_then(|o| o.figures).unwrap_or(true),
        figure_shapes: file.figures.clone(),
        text: text.to_string(),
        notices: parts.notices,
        request: None,
    })
}

/// Maximum number of entries that an error suggests because their description contains the unknown
/// word.
const MOST_DESCRIBED: usize = 6;

/// The error for a part that is based on an unknown entry of the library. The error suggests
/// similar names, entries whose title or description contains the word, or some of all entries.
fn no_entry<'a>(
    at: &str,
    kind: &str,
    from: &str,
    all: impl Iterator<Item = (&'a str, [&'a str; 2])> + Clone,
) -> StudyError {
    let at = format!("{at}.from");
    let names = all.clone().map(|(id, _)| id);
    let error = unknown(&at, kind, from, names.clone(), "the library");
    if closest(from, names).is_some() {
        return error;
    }
    let list = format!("(`il2 list {kind}s` shows all)");
    let word = from.to_lowercase();
    let has = |texts: &[&str; 2]| texts.iter().any(|text| text.to_lowercase().contains(&word));
    let described: Vec<&str> = all.filter(|(_, texts)| has(texts)).map(|(id, _)| id).collect();
    match described.len() {
        1..=MOST_DESCRIBED if word.len() > 3 => {
            let described = described.join(", ");
            let message = format!(
                "unknown {kind} \"{}\"; this word occurs in the description of {described} {list}",
                shown(from)
            );
            StudyError::at(at, message)
        }
        _ => StudyError { message: format!("{} {list}", error.message), ..error },
    }
}

fn ligand(
    library: &Library,
    name: &str,
    part: &LigandPart,
    like: Option<&Ligand>,
) -> Result<Ligand, StudyError> {
    let at = format!("ligands.{name}");
    let from = part.from.as_deref().unwrap_or_default();
    let start = like.or_else(|| library.ligand(from)).ok_or_else(|| {
        if library.physiology.pharmacokinetics.contains_key(from) {
            let message = format!(
                "\"{from}\" is a set of pharmacokinetics, not a ligand; give the ligand here and \
                 pharmacokinetics = \"{from}\" in the regimen (`il2 list {from}` shows the set)"
            );
            return StudyError::at(format!("{at}.from"), message);
        }
        let all = library.ligands.iter();
        no_entry(&at, "ligand", from, all.map(|(id, l)| (id.as_str(), [&*l.name, &*l.description])))
    });
    let mut ligand = start?.clone();
    ligand.label = name.to_string();
    if let Some(valency) = part.valency {
        whole::checked(&format!("{at}.valency"), valency)?;
        ligand.valency = valency;
    }
    if let Some(joins) = part.joins_gamma_c {
        ligand.joins_gamma_c = joins;
    }
    constants(&at, &mut ligand, part)?;
    masked::release(&at, &mut ligand, part)?;
    for (key, text) in &part.parameters {
        let at = format!("{at}.parameters.{key}");
        let known = ligand.parameters.keys().map(String::as_str);
        // The library omits this number for most ligands, which bind from solution at the common
        // rate.
        let usual =
            (key == ASSOCIATION).then(|| Parameter::from_study(1.0, Dimension::DIMENSIONLESS, "1"));
        let old = ligand.parameters.get(key).cloned().or(usual);
        let old = old.ok_or_else(|| unknown(&at, "parameter", key, known, "this ligand"))?;
        let like = Like { example: &old.text, low: old.value / 30.0, high: old.value * 30.0 };
        let like = Some(like).filter(|_| !old.absent && old.value > 0.0);
        let read = set(&at, text, old.dimension, true, like.as_ref())?;
        give(&mut ligand, key.clone(), read);
    }
    Ok(ligand)
}

fn cell(
    library: &Library,
    name: &str,
    part: &CellPart,
    like: Option<&Cell>,
) -> Result<Cell, StudyError> {
    let at = format!("cells.{name}");
    let from = part.from.as_deref().unwrap_or_default();
    let start = like.or_else(|| library.cell(from)).ok_or_else(|| {
        let all = library.cells.iter();
        no_entry(&at, "cell", from, all.map(|(id, c)| (id.as_str(), [&*c.name, &*c.description])))
    });
    let mut cell = start?.clone();
    cell.label = name.to_string();
    if let Some(wanted) = &part.quantitation {
        if !cell.receptors.contains_key(wanted) {
            let known = cell.receptors.keys().map(String::as_str);
            return Err(unknown(
                &format!("{at}.quantitation"),
                "quantitation",
                wanted,
                known,
                "this cell",
            ));
        }
        cell.quantitation = Some(wanted.clone());
    }
    if !part.receptors.is_empty() && !part.synthesis.is_empty() {
        let message = "has both receptors and synthesis; keep the one that is known";
        return Err(StudyError::at(at, message));
    }
    if !part.receptors.is_empty() {
        receptors(&at, &mut cell, part)?;
    }
    if !part.synthesis.is_empty() {
        let rate = Dimension::PER_CELL * Dimension::RATE;
        let old = std::mem::take(&mut cell.synthesis);
        cell.synthesis = carried(&format!("{at}.synthesis"), old, &part.synthesis, rate)?;
        cell.quantitation = None;
    }
    uncertainty(&at, &mut cell, part)?;
    spread(&at, &mut cell, part)?;
    Ok(cell)
}

/// Values by receptor chain, in which those given in the study replace the others.
fn carried(
    at: &str,
    mut table: Parameters,
    given: &IndexMap<String, QuantityText>,
    dimension: Dimension,
) -> Result<Parameters, StudyError> {
    for (chain, text) in given {
        let at = format!("{at}.{chain}");
        let known = il2::ligand::chains();
        if !known.contains(&chain.as_str()) {
            return Err(unknown(&at, "chain", chain, known.iter().copied(), "a cell"));
        }
        table.insert(chain.clone(), set(&at, text, dimension, false, None)?);
    }
    Ok(table)
}

fn receptors(at: &str, cell: &mut Cell, part: &CellPart) -> Result<(), StudyError> {
    let table: Parameters = match &cell.quantitation {
        Some(q) => cell.receptors[q].clone(),
        None => Parameters::new(),
    };
    if table.is_empty() && !cell.synthesis.is_empty() {
        let known = cell.synthesis.keys().map(String::as_str);
        let missing: Vec<&str> = known.filter(|c| !part.receptors.contains_key(*c)).collect();
        if !missing.is_empty() {
            return Err(StudyError::at(
                format!("{at}.receptors"),
                format!(
                    "this cell has synthesis rates instead of receptor numbers; give the numbers \
                     of all chains ({} missing)",
                    missing.join(", ")
                ),
            ));
        }
    }
    let at = format!("{at}.receptors");
    let table = carried(&at, table, &part.receptors, Dimension::PER_CELL)?;
    cell.receptors.insert("study".into(), table);
    cell.quantitation = Some("study".into());
    Ok(())
}

fn medium(file: &StudyFile) -> Result<Medium, StudyError> {
    let Some(part) = &file.culture else { return Ok(Medium::Constant) };
    let density = match (&part.cell_density, &part.volume, &part.cells) {
        (Some(density), None, None) => {
            quantity("culture.cell_density", density, Dimension::CELL_DENSITY)?
        }
        (None, Some(volume), Some(cells)) => {
            let litres = quantity("culture.volume", volume, Dimension::VOLUME)?;
            if litres == 0.0 {
                return Err(StudyError::at(
                    "culture.volume",
                    "is zero; give the volume of the well, for example \"0.2 mL\"",
                ));
            }
            quantity("culture.cells", cells, CELLS)? / litres
        }
        (None, None, None) => {
            return Err(StudyError::at(
                "culture",
                "is empty; give cell_density, or volume and cells, or leave [culture] out for a \
                 ligand that is not depleted",
            ));
        }
        _ => {
            return Err(StudyError::at(
                "culture",
                "needs either cell_density or both volume and cells; give one or the other",
            ));
        }
    };
    // Without cells, nothing is depleted: the same as a constant medium.
    Ok(if density > 0.0 { Medium::Depleted { cell_density: density } } else { Medium::Constant })
}

/// Tolerances of models in which errors of the usual ones would be seen.
const FINE: Tolerance = Tolerance { relative: 1e-9, absolute: 1e-12, most_steps: 100_000 };

fn tolerance(file: &StudyFile, usual: Tolerance) -> Result<Tolerance, StudyError> {
    let mut tolerance = usual;
    let Some(part) = &file.solver else { return Ok(tolerance) };
    if let Some(relative) = part.relative_tolerance {
        if !(1e-13..=1e-2).contains(&relative) {
            return Err(StudyError::at(
                "solver.relative_tolerance",
                format!("{relative:e} is not allowed; use 1e-13 to 1e-2"),
            ));
        }
        tolerance.relative = relative;
    }
    if let Some(absolute) = part.absolute_tolerance {
        if !(1e-30..=1.0).contains(&absolute) {
            return Err(StudyError::at(
                "solver.absolute_tolerance",
                format!("{absolute:e} is not allowed; use 1e-30 to 1"),
            ));
        }
        tolerance.absolute = absolute;
    }
    Ok(tolerance)
}
