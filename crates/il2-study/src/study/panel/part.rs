//! A table of ligands or of cells as a study names it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A table of ligands or of cells: each row is one, as if it stood below [ligands.NAME] or [cells.NAME].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelPart {
    /// CSV file beside the study, with one row for each ligand or cell.
    pub table: String,
    /// "ligands" (columns name, from or like, valency, il2r_beta (nM), k_on_il2r_beta (/M/s) and so on) or
    /// "cells" (columns name, from or like, quantitation, il2r_alpha (/cell) and so on).
    pub of: String,
    /// Library id from which rows start that do not name their own, for example "il2".
    #[serde(default)]
    pub from: Option<String>,
    /// The same, another ligand or cell of this study.
    #[serde(default)]
    pub like: Option<String>,
    /// Columns under other names, for example il2r_beta = "SPR beta".
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Units of columns whose headings have none, for example il2r_beta = "nM".
    #[serde(default)]
    pub units: IndexMap<String, String>,
    /// Columns of numbers that are not read; columns of text are read only where they have a meaning.
    #[serde(default)]
    pub leave_out: Vec<String>,
}
