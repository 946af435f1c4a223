//! A study, read and resolved.

use crate::error::StudyError;
use crate::library::ModelEntry;
use crate::renamed::as_written;
use crate::study::cultures::CultureAssayPart;
use crate::study::dosing::RegimenPart;
use crate::study::figures::FiguresPart;
use crate::study::file::AssayPart;
use crate::study::panel::{self, Panel};
use crate::study::tables::Tables;
use crate::values::unknown;
use il2::cell::Cell;
use il2::culture::{Model, Setup};
use il2::ligand::Ligand;
use il2::receptor::Medium;
use il2_engine::{Threads, Tolerance};
use indexmap::IndexMap;
use std::path::PathBuf;

/// A study whose parts are all resolved.
#[derive(Clone, Debug)]
pub struct Study {
    /// Where it was read.
    pub path: PathBuf,
    /// Where the tables that it names are found.
    pub tables: Tables,
    /// Its question.
    pub question: String,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
    /// Seed of every draw.
    pub seed: u64,
    /// By the study's name.
    pub ligands: IndexMap<String, Ligand>,
    /// By the study's name.
    pub cells: IndexMap<String, Cell>,
    /// Tables of ligands and cells, whose rows are among those above.
    pub panels: IndexMap<String, Panel>,
    /// Regimens by the study's name, as written.
    pub regimens: IndexMap<String, RegimenPart>,
    /// The study's own models and every model of the library.
    pub models: IndexMap<String, ModelEntry>,
    /// The medium of the ligand.
    pub medium: Medium,
    /// Accuracy of the integration.
    pub tolerance: Tolerance,
    /// Threads that its assays may use; all that the machine offers unless the caller sets fewer.
    pub threads: Threads,
    /// By name, in the order of the file.
    pub assays: IndexMap<String, AssayPart>,
    /// Whether figures are wanted.
    pub figures: bool,
    /// How those of an assay look, by its name.
    pub figure_shapes: IndexMap<String, FiguresPart>,
    /// As it was written.
    pub text: String,
    /// A notice for each old name that it uses.
    pub notices: Vec<String>,
    /// The request that carried it, if one did.
    pub request: Option<PathBuf>,
}

impl Study {
    /// Adds file and line to an error that was found later.
    pub fn located(&self, error: StudyError) -> StudyError {
        let error = panel::in_table(&self.panels, error);
        let error = as_written(error, &self.text).located(&self.path, &self.text);
        match &self.request {
            Some(request) => error.carried_in(request),
            None => error,
        }
    }

    /// The model that an assay names.
    pub fn model(&self, at: &str, name: Option<&str>) -> Result<&ModelEntry, StudyError> {
        let name = name.unwrap_or("gamma-chain");
        self.models.get(name).ok_or_else(|| {
            let known = self.models.keys().map(String::as_str);
            unknown(&format!("{at}.model"), "model", name, known, "models")
        })
    }

    /// The culture of a name.
    pub fn culture(&self, name: &str) -> Option<&CultureAssayPart> {
        match self.assays.get(name) {
            Some(AssayPart::Culture(part)) => Some(part),
            _ => None,
        }
    }

    /// The ligand that an assay names.
    pub fn ligand(&self, at: &str, name: &str) -> Result<&Ligand, StudyError> {
        self.ligands.get(name).ok_or_else(|| {
            unknown(at, "ligand", name, self.ligands.keys().map(String::as_str), "[ligands]")
        })
    }

    /// The cell that an assay names.
    pub fn cell(&self, at: &str, name: &str) -> Result<&Cell, StudyError> {
        self.cells.get(name).ok_or_else(|| {
            unknown(at, "cell", name, self.cells.keys().map(String::as_str), "[cells]")
        })
    }

    /// A model with ligands and a cell in this study's medium; ligands that masked forms release are
    /// included.
    pub fn setup(&self, model: &Model, mut ligands: Vec<Ligand>, cell: Option<&Cell>) -> Setup {
        let mut next = 0;
        while let Some(ligand) = ligands.get(next) {
            let released = ligand.releases.as_ref().map(|label| &self.ligands[label]);
            if let Some(new) = released.filter(|new| !ligands.iter().any(|l| l.label == new.label))
            {
                ligands.push(new.clone());
            }
            next += 1;
        }
        Setup { model: model.clone(), ligands, cell: cell.cloned(), medium: self.medium }
    }
}
