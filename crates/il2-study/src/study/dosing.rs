//! Doses as a study writes them.

use super::file::QuantityText;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A plain pharmacokinetic model under any event table, record by record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventTablePart {
    /// CSV with NONMEM's columns (ID, TIME, EVID, AMT, CMT, RATE, SS, II, ADDL), beside the study.
    pub table: String,
    /// "one-compartment", "one-compartment-oral", "two-compartment" or "two-compartment-oral".
    pub model: String,
    /// What the numbers of the table are counted in.
    pub units: TableUnitsPart,
    /// Numbers of the model that no column of the table gives, for example clearance = "1.1 L/h".
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
    /// Columns of the table under other names: which of NONMEM's names each stands for, for example
    /// LAGT = "ALAG2".
    #[serde(default)]
    pub columns: IndexMap<String, String>,
}

/// Units of an event table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableUnitsPart {
    /// Of TIME, II and delays, for example "h".
    pub time: String,
    /// Of AMT: mass, substance or activity, for example "mg".
    pub amount: String,
    /// Of volumes and, per time, of clearances; "L" if left out.
    #[serde(default)]
    pub volume: Option<String>,
    /// In which concentrations are written; amount per volume if left out.
    #[serde(default)]
    pub concentration: Option<String>,
}
