//! Kinds of cells that share a culture, as written in a study.

use crate::study::text::{Fraction, Grid, QuantityText};
use crate::study::wells::{IntervalsPart, MediumPart};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Several kinds of cells in one well.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CultureAssayPart {
    /// Receptor model of all kinds of cells, from the library or this study (default:
    /// "gamma-chain"). pSTAT5 is always included.
    #[serde(default)]
    pub model: Option<String>,
    /// Volume of the well, for example "0.2 mL".
    pub volume: QuantityText,
    /// Kinds of cells, by names of your choice.
    pub kinds: IndexMap<String, KindPart>,
    /// Concentration of each ligand in the medium at the start; may be left out if cells secrete a
    /// ligand.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Additions to the medium and changes of the medium, such as feeding and washes.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Rates at which ligands are lost from the medium itself, for example { il2 = "0.01 /h" }
    /// (default: no loss).
    #[serde(default)]
    pub loss: IndexMap<String, QuantityText>,
    /// Diffusion of ligands between cells, so that each cell is exposed to the concentration at its
    /// own surface; { } uses the values of Busse et al. 2010. By default, concentrations are the
    /// same everywhere in the medium.
    #[serde(default)]
    pub diffusion: Option<DiffusionPart>,
    /// Density of all cells together at which none of them divides any more, for example
    /// "5e6 /mL": division slows in proportion to the room that is left (default: cells divide at
    /// any density).
    #[serde(default)]
    pub carrying_density: Option<QuantityText>,
    /// Output times: a list, or an evenly spaced range { from, to, points }.
    pub times: Grid,
    /// Time at which the EC50 of each kind is read for comparison with the concentration in the
    /// medium (default: "1 h").
    #[serde(default)]
    pub ec50_time: Option<QuantityText>,
    /// The same well for a grid of doses and of cell numbers of one kind.
    #[serde(default)]
    pub map: Option<MapPart>,
    /// Wells that are compared with one another, by names of your choice: each is the well
    /// described by the other keys, with its own ligands or numbers of cells.
    #[serde(default)]
    pub wells: IndexMap<String, WellPart>,
    /// Draws for intervals of signals, numbers of cells and uptake (default: none).
    #[serde(default)]
    pub intervals: Option<IntervalsPart>,
}

/// What differs in one of the compared wells.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WellPart {
    /// Concentration of each ligand in this well at the start (default: `mixture` of the assay).
    #[serde(default)]
    pub mixture: Option<IndexMap<String, QuantityText>>,
    /// Numbers of cells in this well at the start, by kind, for example { treg = "20000 cells" }
    /// (default: those of the kinds).
    #[serde(default)]
    pub cells: IndexMap<String, QuantityText>,
}

/// Diffusion of ligands around cells.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiffusionPart {
    /// Diffusion coefficient of all ligands (default: "10 um^2/s").
    #[serde(default)]
    pub coefficient: Option<QuantityText>,
    /// Radius of a cell (default: "5 um").
    #[serde(default)]
    pub cell_radius: Option<QuantityText>,
}

/// A cell placed next to a cell of another kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BesidePart {
    /// The other kind; each cell of that kind has one of these cells next to it.
    pub kind: String,
    /// Distance between the centres of the two cells, for example "10 um".
    pub distance: QuantityText,
}

/// A grid of wells.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapPart {
    /// Ligand whose initial concentration changes; may be left out if there is only one ligand.
    #[serde(default)]
    pub ligand: Option<String>,
    /// Doses: a list, or a logarithmically spaced range { from, to, points }.
    pub doses: Grid,
    /// Kind whose number of cells changes, or "all": the cells of all kinds together, in the ratio
    /// of the well.
    pub kind: String,
    /// Numbers of cells: a list, or a logarithmically spaced range { from, to, points }; densities
    /// such as "1e6 /mL" are also allowed, and a list of numbers of one kind may begin with zero.
    pub cells: Grid,
}

/// A kind of cells in a well.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindPart {
    /// A cell of this study (default: the cell with the name of the kind).
    #[serde(default)]
    pub cell: Option<String>,
    /// Number of these cells in the well at the start, for example "20000 cells", or their density,
    /// for example "1e6 /mL".
    pub cells: QuantityText,
    /// Behaviour of the cells in addition to ligand binding, from the library: "cd4-activated",
    /// "cd8-activated", "treg-resting" or "nk-resting". By default, the cells only bind ligand. The
    /// tables below change parameters of the behaviour, or can be used without one.
    #[serde(default)]
    pub behaviour: Option<String>,
    /// Antigen that the cells encounter.
    #[serde(default)]
    pub antigen: Option<AntigenPart>,
    /// Ligand that the cells secrete.
    #[serde(default)]
    pub secretion: Option<SecretionPart>,
    /// Receptor chains that the cells upregulate, for example il2r_alpha.
    #[serde(default)]
    pub up_regulation: IndexMap<String, UpRegulationPart>,
    /// Division of the cells.
    #[serde(default)]
    pub division: Option<DivisionPart>,
    /// Death of the cells.
    #[serde(default)]
    pub death: Option<DeathPart>,
    /// Number of simulated cells that represent the population, 2 to 20, with the `spread` of
    /// receptor counts. By default, one cell with median counts is simulated.
    #[serde(default)]
    pub representatives: Option<u32>,
    /// Whether the cells bind ligand without removing it from the medium, which shows how their
    /// consumption affects other cells (default: false).
    #[serde(default)]
    pub spares_ligand: bool,
    /// Other kinds that suppress these cells, by contact or by a cytokine.
    #[serde(default)]
    pub suppressed_by: Option<SuppressionPart>,
    /// Kind and distance of neighbouring cells, each of which has one of these cells next to it;
    /// needs `diffusion`.
    #[serde(default)]
    pub beside: Option<BesidePart>,
}

/// Suppression by contact, by a cytokine, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionPart {
    /// Kinds that suppress these cells.
    pub kinds: Vec<String>,
    /// Strength of suppression by contact: secretion and division are divided by 1 + contact x
    /// suppressors / all other cells (default: no suppression by contact).
    #[serde(default)]
    pub contact: Option<QuantityText>,
    /// Suppressive cytokine that the suppressors release into the medium (default: none).
    #[serde(default)]
    pub cytokine: Option<SuppressiveCytokinePart>,
}

/// A suppressive cytokine that accumulates in the medium.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressiveCytokinePart {
    /// Density of suppressors at which secretion and division are halved, for example "1e6 /mL".
    pub half_at: QuantityText,
    /// Half-life of the cytokine in the medium, for example "12 h".
    pub half_life: QuantityText,
}

/// Exposure of the cells to antigen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AntigenPart {
    /// Antigen level, from 0 (no antigen) to 1 (maximal activation, the default).
    #[serde(default)]
    pub level: Option<Fraction>,
    /// Time at which the cells first encounter antigen (default: the start).
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// Time at which the antigen is removed (default: never).
    #[serde(default)]
    pub to: Option<QuantityText>,
}

/// Secretion of a ligand.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretionPart {
    /// Secreted ligand (default: the ligand of the behaviour, or the only ligand of the study).
    #[serde(default)]
    pub ligand: Option<String>,
    /// Molecules secreted per cell and unit of time, for example "7.5 /cell/s".
    #[serde(default)]
    pub rate: Option<QuantityText>,
    /// Whether secretion is proportional to the antigen level rather than constant (default: as in
    /// the behaviour, or false).
    #[serde(default)]
    pub by_antigen: Option<bool>,
    /// Signal at which secretion is halved, for example "100 /cell" (default: no inhibition by the
    /// signal).
    #[serde(default)]
    pub inhibiting_signal: Option<QuantityText>,
    /// Time at which secretion begins (default: the start).
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// Time at which secretion ends (default: never).
    #[serde(default)]
    pub to: Option<QuantityText>,
}

/// Upregulation of a receptor chain.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpRegulationPart {
    /// Fold increase in synthesis of the chain at maximal antigen.
    #[serde(default)]
    pub by_antigen: Option<QuantityText>,
    /// Fold increase in synthesis of the chain at the strongest signal; needs `half_at`.
    #[serde(default)]
    pub by_signal: Option<QuantityText>,
    /// Signal that gives half of the increase `by_signal`, for example "60 /cell".
    #[serde(default)]
    pub half_at: Option<QuantityText>,
    /// Hill coefficient, 1 or more (default: 1).
    #[serde(default)]
    pub steepness: Option<QuantityText>,
}

/// Division of the cells.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DivisionPart {
    /// Division rate at the strongest signal, for example "1.4 /d".
    #[serde(default)]
    pub rate: Option<QuantityText>,
    /// Signal that gives half of the maximal division rate, for example "60 /cell".
    #[serde(default)]
    pub half_at: Option<QuantityText>,
    /// Hill coefficient, 1 or more (default: 1).
    #[serde(default)]
    pub steepness: Option<QuantityText>,
    /// Time at which the cells begin to divide (default: the start).
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// Time at which the cells stop dividing (default: never).
    #[serde(default)]
    pub to: Option<QuantityText>,
}

/// Death of the cells.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathPart {
    /// Death rate without a signal, for example "0.5 /d".
    #[serde(default)]
    pub rate: Option<QuantityText>,
    /// Signal at which the death rate is halved, for example "20 /cell" (default: no protection by
    /// the signal).
    #[serde(default)]
    pub protecting_signal: Option<QuantityText>,
}

impl KindPart {
    /// All parameters that the study gives, by their names in a behaviour, with their keys under
    /// the kind.
    pub fn numbers(&self) -> Vec<(String, QuantityText)> {
        let mut all: Vec<(String, Option<QuantityText>)> = vec![];
        let mut add = |name: &str, text: &Option<QuantityText>| {
            all.push((name.to_string(), text.clone()));
        };
        if let Some(of) = &self.antigen {
            let level = of.level.map_or(1.0, |level| level.0);
            add("antigen.level", &Some(QuantityText(level.to_string())));
            add("antigen.from", &of.from);
            add("antigen.to", &of.to);
        }
        if let Some(of) = &self.secretion {
            add("secretion.rate", &of.rate);
            add("secretion.inhibiting_signal", &of.inhibiting_signal);
            add("secretion.from", &of.from);
            add("secretion.to", &of.to);
        }
        for (chain, of) in &self.up_regulation {
            for (name, text) in [
                ("by_antigen", &of.by_antigen),
                ("by_signal", &of.by_signal),
                ("half_at", &of.half_at),
                ("steepness", &of.steepness),
            ] {
                add(&format!("up_regulation.{chain}.{name}"), text);
            }
        }
        if let Some(of) = &self.division {
            add("division.rate", &of.rate);
            add("division.half_at", &of.half_at);
            add("division.steepness", &of.steepness);
            add("division.from", &of.from);
            add("division.to", &of.to);
        }
        if let Some(of) = &self.death {
            add("death.rate", &of.rate);
            add("death.protecting_signal", &of.protecting_signal);
        }
        all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

/// A published model of wells in which CD4 T cells encounter antigen and secrete and share
/// interleukin-2.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationPart {
    /// Published model: "tkach2014" (default), or "feinerman2010", in which regulatory T cells
    /// compete for interleukin-2.
    #[serde(default)]
    pub model: Option<String>,
    /// Volume of a well, for example "0.2 mL".
    pub volume: QuantityText,
    /// Numbers of cells in a well, or their densities: a list, or a logarithmically spaced range
    /// { from, to, points }.
    pub cells: Grid,
    /// Amounts of antigen in a well: a list such as ["1e8 molecules"], or a logarithmically spaced
    /// range { from, to, points }.
    pub antigen: Grid,
    /// A second clone in each of these wells, with its own antigen.
    #[serde(default)]
    pub second: Option<ClonePart>,
    /// Regulatory T cells in each of these wells, which encounter no antigen and secrete no ligand.
    #[serde(default)]
    pub treg: Option<TregPart>,
    /// Output times: a list, or an evenly spaced range { from, to, points }.
    pub times: Grid,
    /// Whether antigen inhibits the signal of interleukin-2 (default: true).
    #[serde(default)]
    pub antigen_inhibits_signal: Option<bool>,
    /// Whether secretion accelerates (default: true).
    #[serde(default)]
    pub secretion_accelerates: Option<bool>,
    /// Whether a JAK inhibitor blocks all signals (default: false).
    #[serde(default)]
    pub jak_inhibitor: bool,
    /// Time at which an antibody blocks the antigen, for example "30 h" (default: never).
    #[serde(default)]
    pub antigen_blocked_at: Option<QuantityText>,
}

/// A clone of cells.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClonePart {
    /// Number of cells of the clone in a well, for example "10000 cells", or their density.
    pub cells: QuantityText,
    /// Amount of antigen of the clone in a well, for example "1e8 molecules".
    pub antigen: QuantityText,
}

/// Regulatory T cells that take up interleukin-2.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TregPart {
    /// Number of regulatory T cells in a well, for example "100000 cells", or their density.
    pub cells: QuantityText,
    /// CD25 per cell without a signal, for example "30000 /cell" (default: the value of the model).
    #[serde(default)]
    pub cd25: Option<QuantityText>,
    /// CD122 per cell, for example "1000 /cell" (default: the value of the model).
    #[serde(default)]
    pub cd122: Option<QuantityText>,
}
