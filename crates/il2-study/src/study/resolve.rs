//! Parts of a study, started from the library or from each other, with what the study changes.

use super::file::{CellPart, LigandPart, QuantityText, StudyFile};
use super::{Study, quantity, sha256, unknown};
use crate::error::StudyError;
use crate::library::Library;
use il2::cell::Cell;
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2::quantity::{Quantity, shown};
use il2::receptor::Medium;
use il2_engine::{Dimension, Tolerance};
use indexmap::IndexMap;
use std::path::Path;

const CELLS: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };

pub fn study(
    path: &Path,
    text: &str,
    file: &StudyFile,
    library: &Library,
) -> Result<Study, StudyError> {
    if file.question.trim().is_empty() {
        return Err(StudyError::at("question", "is empty; say in a sentence what is asked"));
    }
    if file.assay.is_empty() {
        return Err(StudyError::at("assay", "is empty; add a part such as [assay.main]"));
    }
    let mut ligands = IndexMap::new();
    for name in file.ligands.keys() {
        label(&format!("ligands.{name}"), name)?;
        let mut seen = vec![];
        ligands.insert(name.clone(), ligand(file, library, name, &mut seen)?);
    }
    let mut cells = IndexMap::new();
    for name in file.cells.keys() {
        label(&format!("cells.{name}"), name)?;
        let mut seen = vec![];
        cells.insert(name.clone(), cell(file, library, name, &mut seen)?);
    }
    for name in file.regimens.keys() {
        label(&format!("regimens.{name}"), name)?;
    }
    for name in file.assay.keys() {
        label(&format!("assay.{name}"), name)?;
    }
    let mut models = library.models.clone();
    for (name, part) in &file.models {
        let at = format!("models.{name}");
        label(&at, name)?;
        if library.models.contains_key(name) {
            return Err(StudyError::at(
                at,
                "is a name of the library; give the changed model another, such as mine",
            ));
        }
        let known = library.models.keys().map(String::as_str);
        let mut entry = library
            .models
            .get(&part.from)
            .ok_or_else(|| {
                unknown(&format!("{at}.from"), "model", &part.from, known, "the library")
            })?
            .clone();
        for parameter in part.parameters.keys() {
            // `il2.k_on` belongs to a ligand of the study; what belongs to none would never be read.
            if let Some((prefix, _)) = parameter.split_once('.')
                && prefix != "stat5"
                && !file.ligands.contains_key(prefix)
            {
                let known = file.ligands.keys().map(String::as_str);
                let at = format!("{at}.parameters.{parameter}");
                return Err(unknown(&at, "ligand", prefix, known, "[ligands]"));
            }
        }
        entry.model.name = name.clone();
        entry.model.stat5 = part.stat5.then(|| library.stat5.clone());
        entry.model.overrides =
            part.parameters.iter().map(|(k, v)| (k.clone(), v.0.clone())).collect();
        models.insert(name.clone(), entry);
    }
    Ok(Study {
        path: path.to_path_buf(),
        question: file.question.trim().to_string(),
        hash: sha256(text.as_bytes()),
        seed: file.seed.unwrap_or(1),
        ligands,
        cells,
        models,
        medium: medium(file)?,
        tolerance: tolerance(file)?,
        regimens: file.regimens.clone(),
        assays: file.assay.clone(),
        figures: file.output.as_ref().and_then(|o| o.figures).unwrap_or(true),
        text: text.to_string(),
    })
}

/// Names become parts of column and file names.
fn label(at: &str, name: &str) -> Result<(), StudyError> {
    let fine = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 40
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fine {
        return Ok(());
    }
    let name = shown(name);
    Err(StudyError::at(
        at,
        format!(
            "the name \"{name}\" cannot stand in a column name; use letters, digits, _ and -, at most 40"
        ),
    ))
}

fn start<'a>(
    at: &str,
    from: Option<&'a String>,
    like: Option<&'a String>,
) -> Result<(Option<&'a String>, Option<&'a String>), StudyError> {
    match (from, like) {
        (Some(_), Some(_)) => {
            Err(StudyError::at(at, "has both from and like; keep the one to start from"))
        }
        (None, None) => Err(StudyError::at(
            at,
            "starts from nothing; add from = \"...\" (`il2 list` shows what there is) or like = \"...\"",
        )),
        either => Ok(either),
    }
}

fn ligand(
    file: &StudyFile,
    library: &Library,
    name: &str,
    seen: &mut Vec<String>,
) -> Result<Ligand, StudyError> {
    let at = format!("ligands.{name}");
    if seen.iter().any(|s| s == name) {
        return Err(StudyError::at(at, "is like itself; start one of the circle from the library"));
    }
    seen.push(name.to_string());
    let part: &LigandPart = &file.ligands[name];
    let mut ligand = match start(&at, part.from.as_ref(), part.like.as_ref())? {
        (Some(from), _) => {
            let known = library.ligands.keys().map(String::as_str);
            library
                .ligand(from)
                .ok_or_else(|| {
                    unknown(&format!("{at}.from"), "ligand", from, known, "the library")
                })?
                .clone()
        }
        (_, like) => {
            let like = like.expect("one of the two");
            if !file.ligands.contains_key(like) {
                let known = file.ligands.keys().map(String::as_str);
                return Err(unknown(&format!("{at}.like"), "ligand", like, known, "[ligands]"));
            }
            ligand(file, library, like, seen)?
        }
    };
    ligand.label = name.to_string();
    if let Some(valency) = part.valency {
        if !(1..=il2::receptor::polyvalent::MOST_VALENCY).contains(&valency) {
            return Err(StudyError::at(
                format!("{at}.valency"),
                format!("{valency} is not allowed; use 1 to 6"),
            ));
        }
        ligand.valency = valency;
    }
    for (table, given, chains) in [
        ("affinity", &part.affinity, &["il2r_alpha", "il15r_alpha", "il2r_beta"][..]),
        ("fusion_affinity", &part.fusion_affinity, &["il2r_alpha", "il2r_beta_gamma"][..]),
    ] {
        for (chain, text) in given {
            let at = format!("{at}.{table}.{chain}");
            if !chains.contains(&chain.as_str()) {
                return Err(unknown(&at, "chain", chain, chains.iter().copied(), table));
            }
            fits_ligand(&at, &ligand, table, chain)?;
            let read = set(&at, text, Dimension::CONCENTRATION, true)?;
            if table == "affinity" && chain == "il2r_beta" && !read.absent {
                ligand.set_beta_affinity(read);
            } else {
                ligand.parameters.insert(format!("{table}.{chain}"), read);
            }
        }
    }
    for (key, text) in &part.parameters {
        let at = format!("{at}.parameters.{key}");
        let known = ligand.parameters.keys().map(String::as_str);
        let old = ligand
            .parameters
            .get(key)
            .ok_or_else(|| unknown(&at, "parameter", key, known, "this ligand"))?;
        let read = set(&at, text, old.dimension, true)?;
        ligand.parameters.insert(key.clone(), read);
    }
    Ok(ligand)
}

/// An affinity that no model would read for this ligand is refused, not ignored.
fn fits_ligand(at: &str, ligand: &Ligand, table: &str, chain: &str) -> Result<(), StudyError> {
    if table == "affinity" && ligand.parent.is_some() {
        let message =
            "has no effect on a ligand that was measured as a fusion; set fusion_affinity instead";
        return Err(StudyError::at(at, message));
    }
    let own = ligand.alpha_chain.name();
    if chain.ends_with("r_alpha") && chain != own {
        let message =
            format!("is not a chain of this ligand, which binds {own} and il2r_beta; set {own}");
        return Err(StudyError::at(at, message));
    }
    Ok(())
}

/// A number that the study gives in place of the library's.
fn set(
    at: &str,
    text: &QuantityText,
    needed: Dimension,
    above_zero: bool,
) -> Result<Parameter, StudyError> {
    let absent = text.0.trim() == "none";
    let value = if absent { f64::NAN } else { quantity(at, text, needed)? };
    if above_zero && value == 0.0 {
        let message = format!(
            "\"{}\" is zero; write a value above zero, or \"none\" for no binding",
            shown(&text.0)
        );
        return Err(StudyError::at(at, message));
    }
    let dimension = Quantity::parse(&text.0).map_or(needed, |q| q.dimension);
    Ok(Parameter::from_study(value, dimension, text.0.clone()))
}

fn cell(
    file: &StudyFile,
    library: &Library,
    name: &str,
    seen: &mut Vec<String>,
) -> Result<Cell, StudyError> {
    let at = format!("cells.{name}");
    if seen.iter().any(|s| s == name) {
        return Err(StudyError::at(at, "is like itself; start one of the circle from the library"));
    }
    seen.push(name.to_string());
    let part: &CellPart = &file.cells[name];
    let mut cell = match start(&at, part.from.as_ref(), part.like.as_ref())? {
        (Some(from), _) => {
            let known = library.cells.keys().map(String::as_str);
            library
                .cell(from)
                .ok_or_else(|| unknown(&format!("{at}.from"), "cell", from, known, "the library"))?
                .clone()
        }
        (_, like) => {
            let like = like.expect("one of the two");
            if !file.cells.contains_key(like) {
                let known = file.cells.keys().map(String::as_str);
                return Err(unknown(&format!("{at}.like"), "cell", like, known, "[cells]"));
            }
            cell(file, library, like, seen)?
        }
    };
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
    if !part.receptors.is_empty() {
        receptors(&at, &mut cell, part)?;
    }
    Ok(cell)
}

const CHAINS: [&str; 4] = ["il2r_alpha", "il2r_beta", "gamma_c", "il15r_alpha"];

fn receptors(at: &str, cell: &mut Cell, part: &CellPart) -> Result<(), StudyError> {
    let mut table: Parameters = match &cell.quantitation {
        Some(q) => cell.receptors[q].clone(),
        None => Parameters::new(),
    };
    if table.is_empty() && !cell.synthesis.is_empty() {
        let missing: Vec<&str> =
            CHAINS.into_iter().filter(|c| !part.receptors.contains_key(*c)).collect();
        if !missing.is_empty() {
            return Err(StudyError::at(
                format!("{at}.receptors"),
                format!(
                    "this cell is known by synthesis rates; give all surface numbers ({} missing)",
                    missing.join(", ")
                ),
            ));
        }
    }
    for (chain, text) in &part.receptors {
        let at = format!("{at}.receptors.{chain}");
        if !CHAINS.contains(&chain.as_str()) {
            return Err(unknown(&at, "chain", chain, CHAINS.into_iter(), "a cell"));
        }
        table.insert(chain.clone(), set(&at, text, Dimension::PER_CELL, false)?);
    }
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
                    "is zero; give the volume of the well",
                ));
            }
            quantity("culture.cells", cells, CELLS)? / litres
        }
        (None, None, None) => {
            return Err(StudyError::at(
                "culture",
                "says nothing; give cell_density, or volume and cells, or leave [culture] out for a ligand that never runs out",
            ));
        }
        _ => {
            return Err(StudyError::at(
                "culture",
                "needs either cell_density or both volume and cells; remove what is too much or add what is missing",
            ));
        }
    };
    // No cells deplete nothing: the same as a medium that never runs out.
    Ok(if density > 0.0 { Medium::Depleted { cell_density: density } } else { Medium::Constant })
}

fn tolerance(file: &StudyFile) -> Result<Tolerance, StudyError> {
    let mut tolerance = Tolerance::default();
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
