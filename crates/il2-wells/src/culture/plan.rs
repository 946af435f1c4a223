//! The plan of a culture.

use crate::culture::kind::{PlannedKind, Read, count, missing_number, read_kind, suppressed};
use crate::culture::near;
use crate::medium::{self, MediumPlan};
use il2::culture::kinds::behaviour::Behaviour;
use il2::culture::kinds::{Culture, CultureWell, Diffusion, Kind, PreparedCulture, signal_of};
use il2::culture::{Model, ModelKind, Prepared, Setup, Well};
use il2::ligand::Ligand;
use il2::receptor::{Medium, ModelError};
use il2_answer::labels::named;
use il2_engine::Dimension;
use il2_study::choose::{self, at_most, fewer};
use il2_study::study::Study;
use il2_study::study::cultures::{CultureAssayPart, MapPart};
use il2_study::study::text::QuantityText;
use il2_study::values::{self, Spacing, quantity, unknown};
use il2_study::{Library, StudyError};
use std::sync::Arc;

/// Keys of a culture as the study writes them.
pub type Request<'a> = &'a CultureAssayPart;

/// Largest number of kinds of cells in a well: the network grows with each.
const MOST_KINDS: usize = 20;
/// Largest number of wells of a map.
const MOST_WELLS: usize = 20_000;

/// The same well over a grid of doses and of numbers of cells of one kind.
#[derive(Clone, Debug)]
pub struct Map {
    /// The ligand whose concentration at the start changes.
    pub ligand: String,
    /// Concentrations of the ligand (pM).
    pub doses: Vec<f64>,
    /// The kinds whose numbers change, each with its share of the changing number.
    pub shares: Vec<(String, f64)>,
    /// Numbers of cells of these kinds together in the well.
    pub cells: Vec<f64>,
}

/// Name by which a map changes the numbers of all kinds together, in the ratio of the well.
const ALL_KINDS: &str = "all";

/// A planned culture.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Kinds of cells in the order of the study.
    pub kinds: Vec<PlannedKind>,
    /// Volume of the well (L).
    pub volume: f64,
    /// Reaction network of the culture.
    pub culture: Box<PreparedCulture>,
    /// Contents of the well, and output times.
    pub well: CultureWell,
    /// Additions to the medium and changes of it.
    pub medium: MediumPlan,
    /// Time at which the EC50 of each kind is read (min).
    pub ec50_time: f64,
    /// A grid of further wells, if any.
    pub map: Option<Map>,
    /// Diffusion of ligands between cells, if the medium is not well mixed.
    pub diffusion: Option<Diffusion>,
}

/// Fewest doses above zero from which an EC50 is read.
const FEWEST_OF_A_CURVE: usize = 4;

impl Map {
    /// Whether there are enough doses for EC50s.
    pub fn has_curves(&self) -> bool {
        self.doses.iter().filter(|dose| **dose > 0.0).count() >= FEWEST_OF_A_CURVE
    }

    /// Title of the axis of numbers of cells.
    pub fn in_the_well(&self) -> String {
        match self.shares.as_slice() {
            [(kind, _)] => format!("{kind} in the well"),
            _ => "cells of all kinds in the well".into(),
        }
    }

    /// The doses that are run; a curve also needs the well without ligand.
    pub fn run(&self) -> Vec<f64> {
        let none = (self.has_curves() && self.doses[0] > 0.0).then_some(0.0);
        none.into_iter().chain(self.doses.iter().copied()).collect()
    }
}

impl Plan {
    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        1 + self.map.as_ref().map_or(0, |map| map.run().len() * map.cells.len())
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let divides = self.kinds.iter().any(|kind| kind.divides);
        let divisions = divides.then_some("divisions");
        let map = self.map.as_ref().map(|_| "map");
        let curves = self.map.as_ref().filter(|map| map.has_curves()).map(|_| "map_ec50");
        let map = move || map.into_iter().chain(curves);
        let tables = ["", "medium", "shares", "ec50"].into_iter().chain(divisions).chain(map());
        let figures = ["", "ligand"].into_iter().chain(divisions).chain(map());
        let all = |ends: Vec<&str>| named(&self.name, &ends);
        (all(tables.collect()), all(figures.collect()))
    }

    /// The prepared setup of one cell of each kind.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.kinds.iter().map(|kind| &*kind.prepared).collect()
    }

    /// Kinds with cells in the well, with their indices in the prepared culture.
    pub fn present(&self) -> impl Iterator<Item = (&PlannedKind, usize)> {
        let place = |name: &str| self.culture.kinds.iter().position(|k| k.name == name);
        self.kinds.iter().filter_map(move |kind| Some((kind, place(&kind.name)?)))
    }

    /// Time of the last output (min).
    pub fn end(&self) -> f64 {
        self.well.well.times.last().copied().unwrap_or(0.0)
    }
}

/// Plans the assay.
pub fn plan(study: &Study, at: &str, name: &str, asked: Request) -> Result<Plan, StudyError> {
    let entry = study.model(at, asked.model.as_deref())?;
    let model = with_stat5(at, &entry.model)?;
    let volume = quantity(&format!("{at}.volume"), &asked.volume, Dimension::VOLUME)?;
    if volume == 0.0 {
        let message = "is zero; give the volume of the well, for example \"0.2 mL\"";
        return Err(StudyError::at(format!("{at}.volume"), message));
    }
    let times = values::grid(&format!("{at}.times"), &asked.times, Spacing::Even, choose::time)?;
    if asked.kinds.is_empty() {
        let message = "contains no kinds of cells; add one, for example [assay.NAME.kinds.treg] with \
                       cells = \"20000 cells\"";
        return Err(StudyError::at(format!("{at}.kinds"), message));
    }
    at_most(at, "kinds of cells", asked.kinds.len(), MOST_KINDS)?;
    fewer(at, ("rows", 16 * asked.kinds.len() * times.len()), choose::MOST_ROWS, "kinds or times")?;
    let medium = medium::plan(study, at, &model, &[], &asked.medium)?;
    medium.by(at, times.last().copied().unwrap_or(0.0))?;
    if let Some(i) = medium.changes.iter().position(|change| change.ramp.is_some()) {
        let message = "requires a medium that cells do not deplete; leave ramp out";
        return Err(StudyError::at(format!("{at}.medium[{i}].ramp"), message));
    }
    let doses = choose::mixture(study, &format!("{at}.mixture"), &asked.mixture)?;
    let read: Vec<Read> = asked
        .kinds
        .iter()
        .map(|(kind, part)| {
            let in_well = (volume, asked.volume.0.as_str());
            read_kind(study, &format!("{at}.kinds.{kind}"), kind, part, in_well)
        })
        .collect::<Result<_, _>>()?;
    let mut ligands: Vec<Ligand> = doses.iter().map(|(ligand, _)| ligand.clone()).collect();
    for made in read.iter().filter_map(|kind| kind.secretes.as_ref()) {
        if !ligands.iter().any(|l| l.label == made.0.label) {
            ligands.push(made.0.clone());
        }
    }
    let ligands = medium.with_own(ligands);
    if ligands.is_empty() {
        let message = "the well has no ligand; give a mixture, add a ligand to the medium, or let cells secrete one";
        return Err(StudyError::at(at, message));
    }
    at_most(at, "ligands in one well", ligands.len(), choose::MOST_MIXED)?;
    let mut kinds: Vec<PlannedKind> = vec![];
    let mut all = Culture::default();
    for kind in read {
        let at = format!("{at}.kinds.{}", kind.name);
        let setup = study.setup(&model, ligands.clone(), Some(kind.cell));
        let setup = Setup { medium: Medium::Constant, ..setup };
        let secretes = kind.secretes.as_ref().map(|(ligand, by)| (ligand.label.as_str(), *by));
        let owner = format!("kind {}", kind.name);
        let behaviour = Behaviour::of(&kind.numbers, &owner, secretes);
        let behaviour = behaviour.map_err(|missing| missing_number(&at, &missing.name))?;
        let part = &asked.kinds[&kind.name];
        let suppression = part.suppressed_by.as_ref();
        let suppression =
            suppression.map(|by| suppressed(&at, &kind.name, by, asked)).transpose()?;
        let behaviour = Behaviour { spares_ligand: part.spares_ligand, suppression, ..behaviour };
        all.kinds.push(Kind {
            name: kind.name.clone(),
            setup: setup.clone(),
            spread: kind.spread,
            cell_density: kind.count / volume,
            behaviour: behaviour.clone(),
        });
        let prepared = choose::prepare(&at, setup)?;
        let signal = prepared.network().and_then(|(one, _)| signal_of(one));
        kinds.push(PlannedKind {
            cell: kind.cell.label.clone(),
            count: kind.count,
            behaviour: kind.behaviour,
            numbers: kind.numbers,
            divides: behaviour.division.is_some(),
            grows: behaviour.grows(),
            secretes: kind.secretes.map(|(ligand, _)| ligand.label),
            signal: signal.unwrap_or("signalling_complexes").into(),
            prepared: Arc::new(prepared),
            name: kind.name,
        });
    }
    for (label, text) in &asked.loss {
        let at = format!("{at}.loss.{label}");
        study.ligand(&at, label)?;
        if !ligands.iter().any(|l| l.label == *label) {
            let message = "is not in this well; leave it out, or add it to mixture";
            return Err(StudyError::at(at, message));
        }
        all.lost.push((label.clone(), quantity(&at, text, Dimension::RATE)?));
    }
    let diffusion = near::plan(at, asked, &kinds)?;
    all.diffusion.clone_from(&diffusion);
    let culture = all.prepare().map_err(|error| refused(at, &model, error))?;
    let ec50_time = match &asked.ec50_time {
        Some(text) => choose::time(&format!("{at}.ec50_time"), text)?,
        None => 60.0,
    };
    let well = medium.well(Well {
        doses: doses.iter().map(|(l, dose)| (l.label.clone(), *dose)).collect(),
        times,
        ..Well::default()
    });
    let map = asked.map.as_ref().map(|part| {
        let in_well = (volume, asked.volume.0.as_str());
        map(study, &format!("{at}.map"), part, &kinds, &ligands, in_well)
    });
    Ok(Plan {
        name: name.to_string(),
        kinds,
        volume,
        culture: Box::new(culture),
        well: CultureWell { well, cell_density: vec![] },
        medium,
        ec50_time,
        map: map.transpose()?,
        diffusion,
    })
}

/// The model with STAT5 added, if it supports it, so that pSTAT5 is the signal.
fn with_stat5(at: &str, model: &Model) -> Result<Model, StudyError> {
    match model.kind {
        ModelKind::GammaChain(_) | ModelKind::Polyvalent => {}
        ModelKind::PolyvalentEquilibrium | ModelKind::Fallon2000(_) | ModelKind::Effect => {
            let message = format!(
                "model {} cannot simulate cells that share a medium; use gamma-chain or polyvalent",
                model.name
            );
            return Err(StudyError::model(format!("{at}.model"), message));
        }
    }
    let stat5 = || Library::builtin().stat5["stat5"].stat5.clone();
    Ok(Model { stat5: Some(model.stat5.clone().unwrap_or_else(stat5)), ..model.clone() })
}

fn refused(at: &str, model: &Model, error: ModelError) -> StudyError {
    match error {
        ModelError::Parameter(name, what) => {
            StudyError::at(format!("models.{}.parameters.{name}", model.name), what)
        }
        other => StudyError::model(at, other.to_string()),
    }
}

fn map(
    study: &Study,
    at: &str,
    part: &MapPart,
    kinds: &[PlannedKind],
    ligands: &[Ligand],
    well: (f64, &str),
) -> Result<Map, StudyError> {
    let ligand = match (&part.ligand, ligands) {
        (Some(name), _) => study.ligand(&format!("{at}.ligand"), name)?,
        (None, [one]) => &study.ligands[&one.label],
        (None, _) => {
            let message =
                "is missing, and the well has several ligands; name the ligand whose dose varies";
            return Err(StudyError::at(format!("{at}.ligand"), message));
        }
    };
    if !ligands.iter().any(|l| l.label == ligand.label) {
        let message =
            "is not in this well; add it to mixture (the doses of the map replace its dose there)";
        return Err(StudyError::at(format!("{at}.ligand"), message));
    }
    let doses = choose::doses(at, ligand, &part.doses)?;
    let names = kinds.iter().map(|kind| kind.name.as_str()).chain([ALL_KINDS]);
    let mut varied: Vec<&PlannedKind> = kinds.iter().filter(|k| k.name == part.kind).collect();
    if varied.is_empty() && part.kind == ALL_KINDS {
        varied = kinds.iter().collect();
    }
    if varied.is_empty() {
        return Err(unknown(&format!("{at}.kind"), "kind", &part.kind, names, "the culture"));
    }
    let total: f64 = varied.iter().map(|kind| kind.count).sum();
    let number = |at: &str, text: &QuantityText| count(at, text, well);
    let cells = values::grid(&format!("{at}.cells"), &part.cells, Spacing::Logarithmic, number)?;
    if cells[0] == 0.0 || total == 0.0 {
        let message = "begins at zero; give numbers above zero, and simulate the well without this kind of \
                       cell in another assay";
        return Err(StudyError::at(format!("{at}.cells"), message));
    }
    fewer(at, ("wells", doses.len() * cells.len()), MOST_WELLS, "doses or numbers of cells")?;
    let shares = varied.iter().map(|kind| (kind.name.clone(), kind.count / total));
    Ok(Map { ligand: ligand.label.clone(), doses, shares: shares.collect(), cells })
}
