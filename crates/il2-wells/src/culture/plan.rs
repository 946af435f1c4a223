//! The plan of a culture.

use crate::culture::draws::{self, Draws};
use crate::culture::followed::followed;
use crate::culture::kind::{
    PlannedKind, Read, carrying_density, missing_number, read_kind, suppressed,
};
use crate::culture::map::{self, Map};
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
use il2_study::study::cultures::CultureAssayPart;
use il2_study::values::{self, Spacing, quantity};
use il2_study::{Library, StudyError};
use std::sync::Arc;

/// Keys of a culture as the study writes them.
pub type Request<'a> = &'a CultureAssayPart;

/// Largest number of kinds of cells in a well: the network grows with each.
const MOST_KINDS: usize = 20;
/// A planned culture.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Name of the well, if the assay compares several.
    pub label: Option<String>,
    /// The wells with which this one is compared.
    pub beside: Vec<Plan>,
    /// Kinds of cells in the order of the study.
    pub kinds: Vec<PlannedKind>,
    /// Volume of the well (L).
    pub volume: f64,
    /// The kinds and the medium, from which the network and the draws for intervals are built.
    pub described: Culture,
    /// Reaction network of the culture.
    pub culture: Box<PreparedCulture>,
    /// Draws for intervals.
    pub draws: Draws,
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
    /// The same culture with secreted molecules followed by their source, if a ligand has several
    /// sources and the medium is well mixed.
    pub followed: Option<Box<PreparedCulture>>,
}

impl Plan {
    /// This well and those with which it is compared.
    pub fn wells(&self) -> impl Iterator<Item = &Plan> {
        std::iter::once(self).chain(&self.beside)
    }

    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        let of_map = self.map.as_ref().map_or(0, |map| map.run().len() * map.cells.len());
        self.wells().count() * (1 + self.draws.count) + of_map
    }

    /// The beginning of the names of a well's files.
    pub fn file(&self) -> String {
        match &self.label {
            Some(label) => format!("{}_{label}", self.name),
            None => self.name.clone(),
        }
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        if self.beside.is_empty() {
            return self.own_names();
        }
        let mut tables = vec![self.name.clone()];
        let mut figures = named(&self.name, &["", "ligand"]);
        for (own_tables, own_figures) in self.wells().map(Plan::own_names) {
            tables.extend(own_tables);
            figures.extend(own_figures);
        }
        (tables, figures)
    }

    /// File names of the tables and figures of this well alone.
    pub fn own_names(&self) -> (Vec<String>, Vec<String>) {
        let divides = self.kinds.iter().any(|kind| kind.divides);
        let divisions = divides.then_some("divisions");
        let map = self.map.as_ref().map(|_| "map");
        let curves = self.map.as_ref().filter(|map| map.has_curves()).map(|_| "map_ec50");
        let map = move || map.into_iter().chain(curves);
        let sources = self.followed.as_ref().map(|_| "sources");
        let tables = ["", "medium", "shares"].into_iter().chain(sources).chain(["ec50"]);
        let tables = tables.chain(divisions).chain(map());
        let figures = ["", "ligand"].into_iter().chain(divisions).chain(map());
        let all = |ends: Vec<&str>| named(&self.file(), &ends);
        (all(tables.collect()), all(figures.collect()))
    }

    /// The prepared setup of one cell of each kind.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.wells().flat_map(|well| &well.kinds).map(|kind| &*kind.prepared).collect()
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

/// Volume of the well of an assay (L).
pub fn volume(at: &str, asked: Request) -> Result<f64, StudyError> {
    match quantity(&format!("{at}.volume"), &asked.volume, Dimension::VOLUME)? {
        0.0 => {
            let message = "is zero; give the volume of the well, for example \"0.2 mL\"";
            Err(StudyError::at(format!("{at}.volume"), message))
        }
        volume => Ok(volume),
    }
}

/// Plans a single well.
pub fn one_well(study: &Study, at: &str, name: &str, asked: Request) -> Result<Plan, StudyError> {
    let entry = study.model(at, asked.model.as_deref())?;
    let model = with_stat5(at, &entry.model)?;
    let draws = draws::plan(study, at, asked)?;
    let volume = volume(at, asked)?;
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
        .map(|(kind, part)| read_kind(study, &format!("{at}.kinds.{kind}"), kind, part, volume))
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
    all.carries = carrying_density(at, asked, &kinds)?;
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
        map::plan(study, &format!("{at}.map"), part, (&kinds, &ligands), (volume, &all))
    });
    let followed = followed(&all, &kinds, &doses, &medium);
    let followed = followed.map(|all| all.prepare()).transpose();
    let followed = followed.map_err(|error| refused(at, &model, error))?.map(Box::new);
    Ok(Plan {
        name: name.to_string(),
        label: None,
        beside: vec![],
        kinds,
        volume,
        map: map.transpose()?,
        described: all,
        culture: Box::new(culture),
        draws,
        well: CultureWell { well, cell_density: vec![] },
        medium,
        ec50_time,
        diffusion,
        followed,
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
