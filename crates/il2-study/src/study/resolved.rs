//! A study that has been read and resolved.

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

/// A study in which all parts are resolved.
#[derive(Clone, Debug)]
pub struct Study {
    /// Path from which the study was read.
    pub path: PathBuf,
    /// Location of the tables that the study names.
    pub tables: Tables,
    /// The question of the study.
    pub question: String,
    /// SHA-256 of the text of the study, in hexadecimal.
    pub hash: String,
    /// Seed of all random draws.
    pub seed: u64,
    /// Ligands, by their names in the study.
    pub ligands: IndexMap<String, Ligand>,
    /// Cells, by their names in the study.
    pub cells: IndexMap<String, Cell>,
    /// Tables of ligands and cells, whose rows are included in `ligands` and `cells`.
    pub panels: IndexMap<String, Panel>,
    /// Regimens as written, by their names in the study.
    pub regimens: IndexMap<String, RegimenPart>,
    /// The study's own models and every model of the library.
    pub models: IndexMap<String, ModelEntry>,
    /// The medium that contains the ligand.
    pub medium: Medium,
    /// Accuracy of the integration.
    pub tolerance: Tolerance,
    /// The same for models whose states differ by many orders of magnitude, or whose courses spread
    /// small errors: tighter if the study sets nothing.
    pub fine_tolerance: Tolerance,
    /// Threads that the assays may use; all threads of the machine unless the caller sets a lower
    /// number.
    pub threads: Threads,
    /// Assays by name, in the order of the file.
    pub assays: IndexMap<String, AssayPart>,
    /// Whether figures are drawn.
    pub figures: bool,
    /// Layout of the figures of each assay, by the name of the assay.
    pub figure_shapes: IndexMap<String, FiguresPart>,
    /// Text of the study, as written.
    pub text: String,
    /// A notice for each outdated name that the study uses.
    pub notices: Vec<String>,
    /// Path of the request that contained the study, if there was one.
    pub request: Option<PathBuf>,
}

impl Study {
    /// The accuracy of the integration in words, with the assays that have a finer one.
    pub fn accuracy(&self) -> String {
        let of = |t: &Tolerance| {
            format!("relative tolerance {:e}, absolute tolerance {:e}", t.relative, t.absolute)
        };
        let (usual, fine) = (of(&self.tolerance), of(&self.fine_tolerance));
        let is_fine =
            |part: &AssayPart| matches!(part, AssayPart::Sbml(_) | AssayPart::TumourModel(_));
        let finer: Vec<&str> = self
            .assays
            .iter()
            .filter(|(_, part)| usual != fine && is_fine(part))
            .map(|(name, _)| name.as_str())
            .collect();
        match finer.len() {
            0 => format!("{usual} (base units)"),
            n if n == self.assays.len() => format!("{fine} (base units)"),
            _ => format!("{usual} (base units); in {}, {fine}", finer.join(", ")),
        }
    }

    /// Adds the file and line to an error that was found after reading.
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

    /// The culture called `name`.
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

    /// A model with ligands and a cell in the medium of this study, including the ligands that
    /// masked forms release.
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
