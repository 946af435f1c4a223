//! A table of ligands or of cells, as named in a study.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A table of ligands or of cells, in which each row has the same meaning as a part [ligands.NAME]
/// or [cells.NAME].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelPart {
    /// CSV file in the folder of the study, with one row for each ligand or cell.
    pub table: String,
    /// "ligands" (columns such as name, from or like, valency, il2r_beta (nM), k_on_il2r_beta
    /// (/M/s)) or "cells" (columns such as name, from or like, quantitation, il2r_alpha (/cell)).
    pub of: String,
    /// Library id on which rows without their own `from` or `like` are based, for example "il2".
    #[serde(default)]
    pub from: Option<String>,
    /// Ligand or cell of this study on which rows without their own `from` or `like` are based.
    #[serde(default)]
    pub like: Option<String>,
    /// Columns that have other names in the table, for example il2r_beta = "SPR beta".
    #[serde(default)]
    pub columns: IndexMap<String, String>,
    /// Units of columns whose headings contain no unit, for example il2r_beta = "nM".
    #[serde(default)]
    pub units: IndexMap<String, String>,
    /// Numerical columns to ignore; text columns are always ignored unless their heading has a
    /// meaning.
    #[serde(default)]
    pub leave_out: Vec<String>,
}
