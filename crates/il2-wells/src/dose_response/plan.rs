//! The plan of a dose-response.

use crate::dose_response::rank_by::{RankBy, rank_by};
use crate::dose_response::single_cells::plan::{SingleCells, single_cells};
use crate::medium::{self, MediumPlan};
use il2::culture::uncertainty::Posterior;
use il2::culture::{Prepared, Well};
use il2_answer::labels::{cell_label, named, time_texts};
use il2_engine::Dimension;
use il2_study::choose::{curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::DoseResponsePart;
use il2_study::study::text::{Grid, QuantityText};
use il2_study::values::{Spacing, grid, level, unknown};
use il2_study::whole;

/// Largest number of times whose curves are drawn, each in a separate figure.
pub const MOST_TIMES_DRAWN: usize = 24;

/// One ligand on one cell.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Label of the ligand.
    pub ligand: String,
    /// Label of the cell.
    pub cell: String,
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
    /// Model, ligands, cell and medium, ready to run.
    pub prepared: Prepared,
}

/// A planned dose-response.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Pairs by cell, then by ligand.
    pub pairs: Vec<Pair>,
    /// Times at which the response is read (min).
    pub times: Vec<f64>,
    /// Species or observable that is the response.
    pub readout: String,
    pub(super) background: Vec<(String, f64)>,
    pub(super) medium: MediumPlan,
    pub(super) draws: usize,
    pub(super) level: f64,
    pub(super) posterior: Posterior,
    pub(super) reference: String,
    /// How the ligands are ranked, if at all.
    pub rank_by: Option<RankBy>,
    /// Settings for single cells, if requested.
    pub single_cells: Option<SingleCells>,
    /// Dimension of the readout.
    pub dimension: Dimension,
}

impl Plan {
    /// The prepared cells and ligands.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.pairs.iter().map(|pair| &pair.prepared).collect()
    }

    /// The numbers that are drawn for intervals, in words.
    pub fn what_is_drawn(&self) -> &'static str {
        self.posterior.what_is_drawn(self.pairs.iter().map(|pair| &pair.prepared.setup))
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let ranking = self.rank_by.as_ref().map(|_| format!("{}_ranking", self.name));
        let cells = self.single_cells.as_ref().map(|_| format!("{}_cells", self.name));
        let more = || ranking.clone().into_iter().chain(cells.clone());
        let figures = self.figure_names().into_iter().chain(named(&self.name, &["ec50"]));
        let tables = named(&self.name, &["", "ec50"]).into_iter().chain(more());
        (tables.collect(), figures.chain(more()).collect())
    }

    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        let of_cells = self.single_cells.as_ref().map_or(0, |asked| asked.count);
        let of = |pair: &Pair| {
            let varies = pair.prepared.setup.cell.as_ref().is_some_and(|c| !c.spread.is_empty());
            (pair.doses.len() + 1) * (1 + self.draws + if varies { of_cells } else { 0 })
        };
        self.pairs.iter().map(of).sum()
    }

    /// The wells of a curve: without ligand first, then by dose.
    pub(super) fn wells(&self, pair: &Pair) -> Vec<Well> {
        let well = |dose| {
            let mut doses = vec![(pair.ligand.clone(), dose)];
            doses.extend(self.background.iter().cloned());
            self.medium.well(Well { doses, times: self.times.clone(), ..Well::default() })
        };
        std::iter::once(0.0).chain(pair.doses.iter().copied()).map(well).collect()
    }

    /// Names of the figures of curves, one for each time.
    pub fn figure_names(&self) -> Vec<String> {
        if self.times.len() == 1 {
            return vec![self.name.clone()];
        }
        let texts = time_texts(&self.times).into_iter().take(MOST_TIMES_DRAWN);
        texts.map(|time| format!("{}_{}", self.name, time.replace(' ', ""))).collect()
    }
}

/// Plans the assay.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &DoseResponsePart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let background =
        il2_study::choose::mixture(study, &format!("{at}.background"), &part.background)?;
    let ligands = il2_study::choose::ligands(study, at, part.ligands.as_ref())?;
    let cells = il2_study::choose::cells(study, at, entry, part.cells.as_ref())?;
    let wanted = part.readout.as_deref().unwrap_or("signalling_complexes");
    il2_study::choose::fewer(
        at,
        ("pairs of a ligand and a cell", ligands.len() * cells.len()),
        il2_study::choose::MOST_PAIRS,
        "ligands or cells",
    )?;
    let medium = medium::plan(study, at, &entry.model, &part.pretreatment, &part.medium)?;
    let mut pairs = vec![];
    for cell in &cells {
        for ligand in &ligands {
            let mut all = vec![(*ligand).clone()];
            if let Some((double, _)) = background.iter().find(|(b, _)| b.label == ligand.label) {
                let at = format!("{at}.background.{}", double.label);
                return Err(StudyError::at(
                    at,
                    "is also a ligand of the doses; give it another name in [ligands]",
                ));
            }
            all.extend(background.iter().map(|(l, _)| l.clone()));
            let all = medium.with_own(all);
            let setup = medium.setup(at, study.setup(&entry.model, all, *cell))?;
            let prepared = prepare(at, setup)?;
            readout(at, &prepared, wanted)?;
            pairs.push(Pair {
                ligand: ligand.label.clone(),
                cell: cell_label(*cell),
                doses: curve_doses(at, ligand, &part.doses)?,
                prepared,
            });
        }
    }
    let times = times(at, &part.times)?;
    medium.by(at, times.last().copied().unwrap_or(0.0))?;
    let labels: Vec<String> = cells.iter().map(|c| cell_label(*c)).collect();
    let reference = part.reference_cell.clone().unwrap_or_else(|| labels[0].clone());
    if !labels.contains(&reference) {
        let known = labels.iter().map(String::as_str);
        return Err(unknown(
            &format!("{at}.reference_cell"),
            "cell",
            &reference,
            known,
            "this assay",
        ));
    }
    let named = (labels.as_slice(), reference.as_str());
    let rank_by = rank_by(study, at, part.rank_by.as_deref(), &ligands, named)?;
    let (draws, level) = match &part.intervals {
        None => (0, 0.95),
        Some(i) => {
            (i.draws as usize, level(&format!("{at}.intervals.level"), i.level.map(|f| f.0))?)
        }
    };
    let at_intervals = format!("{at}.intervals");
    if let Some(i) = &part.intervals {
        whole::checked(&format!("{at_intervals}.draws"), i.draws)?;
    }
    let posterior = match (&entry.posterior, draws) {
        (_, 0) => Posterior::default(),
        (Some(name), _) => il2_study::Library::builtin().posteriors[name].clone(),
        (None, _) => {
            let model = &entry.model.name;
            return Err(StudyError::model(
                at_intervals,
                format!(
                    "no posterior is known for model {model}; leave intervals out or use gamma-chain"
                ),
            ));
        }
    };
    let place = pairs[0].prepared.readout(wanted).expect("checked above");
    let curves: usize = pairs.iter().map(|p| p.doses.len() + 1).sum();
    let what = "responses, one for each dose, time and draw";
    il2_study::choose::fewer(
        at,
        (what, curves * (1 + draws) * times.len()),
        il2_study::choose::MOST_ROWS,
        "doses, times or draws",
    )?;
    let asked = part.single_cells.as_ref();
    let of_cells = |part| single_cells(at, part, &cells, pairs[0].prepared.readouts[place].1);
    let single_cells = asked.map(of_cells).transpose()?;
    let plan = Plan {
        name: name.to_string(),
        dimension: pairs[0].prepared.readouts[place].1,
        pairs,
        times,
        readout: wanted.to_string(),
        background: background.into_iter().map(|(l, d)| (l.label, d)).collect(),
        medium,
        draws,
        level,
        posterior,
        reference,
        rank_by,
        single_cells,
    };
    let lanes = plan.lanes();
    il2_study::choose::fewer(
        at,
        ("simulations", lanes),
        il2_study::choose::MOST_LANES,
        "doses, ligands, cells or draws",
    )?;
    Ok(plan)
}

fn times(at: &str, all: &[QuantityText]) -> Result<Vec<f64>, StudyError> {
    let list = Grid::List(all.to_vec());
    grid(&format!("{at}.times"), &list, Spacing::Even, il2_study::choose::time)
}

/// Index of the pair of the same ligand with the reference cell.
pub fn reference_of(plan: &Plan, pair: &Pair) -> usize {
    plan.pairs
        .iter()
        .position(|p| p.cell == plan.reference && p.ligand == pair.ligand)
        .expect("the reference is a cell of the assay")
}
