//! Kinds of cells that share a culture, as written in a study.

use crate::study::text::{Fraction, Grid, QuantityText};
use crate::study::wells::MediumPart;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Several kinds of cells in one well.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CultureAssayPart {
    /// A model of the library or of this study for the receptors of all kinds; "gamma-chain" if left out.
    /// pSTAT5 is always included.
    #[serde(default)]
    pub model: Option<String>,
    /// Volume of the well, for example "0.2 mL".
    pub volume: QuantityText,
    /// Kinds of cells by a name of your choice.
    pub kinds: IndexMap<String, KindPart>,
    /// What the medium holds at the start: concentration by ligand. Cells may secrete into a medium without any.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Additions and changes of the medium: feeding, washes.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Rates at which ligands are lost in the medium itself, for example { il2 = "0.01 /h" }; none if left out.
    #[serde(default)]
    pub loss: IndexMap<String, QuantityText>,
    /// Diffusion of ligands between cells, each of which then meets what there is at its own surface; { } takes the
    /// numbers of Busse et al. 2010. The same everywhere in the medium if left out.
    #[serde(default)]
    pub diffusion: Option<DiffusionPart>,
    /// A list, or { from, to, points } spaced evenly.
    pub times: Grid,
    /// Time at which the EC50 of each kind is read, with which the medium is compared; "1 h" if left out.
    #[serde(default)]
    pub ec50_time: Option<QuantityText>,
    /// The same well over a grid of doses and of numbers of one kind.
    #[serde(default)]
    pub map: Option<MapPart>,
}

/// Diffusion of ligands around cells.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiffusionPart {
    /// Coefficient of diffusion of all ligands; "10 um^2/s" if left out.
    #[serde(default)]
    pub coefficient: Option<QuantityText>,
    /// Radius of a cell; "5 um" if left out.
    #[serde(default)]
    pub cell_radius: Option<QuantityText>,
}

/// A cell at the side of another.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BesidePart {
    /// The kind of which each cell has one of these at its side.
    pub kind: String,
    /// Between their centres, for example "10 um".
    pub distance: QuantityText,
}

/// A grid of wells.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapPart {
    /// The ligand whose concentration at the start changes; the only one if left out.
    #[serde(default)]
    pub ligand: Option<String>,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub doses: Grid,
    /// The kind whose number of cells changes.
    pub kind: String,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub cells: Grid,
}

/// A kind of cells in a well.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindPart {
    /// A cell of this study; that of the kind's name if left out.
    #[serde(default)]
    pub cell: Option<String>,
    /// How many are in the well at the start, for example "20000 cells".
    pub cells: QuantityText,
    /// What they do besides binding ligand, from the library: "cd4-activated", "cd8-activated",
    /// "treg-resting" or "nk-resting"; they only bind if left out. The tables below change its numbers, or
    /// can be used without it.
    #[serde(default)]
    pub behaviour: Option<String>,
    /// Antigen that they encounter.
    #[serde(default)]
    pub antigen: Option<AntigenPart>,
    /// The ligand that they secrete.
    #[serde(default)]
    pub secretion: Option<SecretionPart>,
    /// Chains that they upregulate, for example il2r_alpha.
    #[serde(default)]
    pub up_regulation: IndexMap<String, UpRegulationPart>,
    /// How they divide.
    #[serde(default)]
    pub division: Option<DivisionPart>,
    /// How they die.
    #[serde(default)]
    pub death: Option<DeathPart>,
    /// How many cells represent the population, 2 to 20, with the `spread` of their numbers of chains; one at
    /// the medians if left out.
    #[serde(default)]
    pub representatives: Option<u32>,
    /// Whether they bind ligand without removing it from the medium: a switch that shows what their capture
    /// of ligand does to others; false if left out.
    #[serde(default)]
    pub spares_ligand: bool,
    /// Other kinds that suppress them, by contact or a cytokine.
    #[serde(default)]
    pub suppressed_by: Option<SuppressionPart>,
    /// The kind of which each cell has one of these at its side, and how far away; needs diffusion.
    #[serde(default)]
    pub beside: Option<BesidePart>,
}

/// Suppression by contact, by a cytokine, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionPart {
    /// The kinds that suppress.
    pub kinds: Vec<String>,
    /// How strongly by contact: secretion and division are divided by 1 + contact x suppressors / all other cells; not
    /// at all if left out.
    #[serde(default)]
    pub contact: Option<QuantityText>,
    /// A cytokine with which they suppress; none if left out.
    #[serde(default)]
    pub cytokine: Option<SuppressiveCytokinePart>,
}

/// A suppressive cytokine that accumulates in the medium.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressiveCytokinePart {
    /// Density of suppressors that halves secretion and division, for example "1e6 /mL".
    pub half_at: QuantityText,
    /// Half-life in the medium, for example "12 h".
    pub half_life: QuantityText,
}

/// Antigen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AntigenPart {
    /// From none (0) to maximal activation (1, if left out).
    #[serde(default)]
    pub level: Option<Fraction>,
    /// When they encounter it; from the start if left out.
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// When it is removed; never if left out.
    #[serde(default)]
    pub to: Option<QuantityText>,
}

/// Secretion of a ligand.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretionPart {
    /// Which ligand; that of the behaviour, or the only ligand of the study, if left out.
    #[serde(default)]
    pub ligand: Option<String>,
    /// Molecules per cell and time, for example "7.5 /cell/s".
    #[serde(default)]
    pub rate: Option<QuantityText>,
    /// Whether secretion is proportional to the antigen, or constant; as in the behaviour, or false, if left
    /// out.
    #[serde(default)]
    pub by_antigen: Option<bool>,
    /// The signal that halves it, for example "100 /cell"; no signal does if left out.
    #[serde(default)]
    pub inhibiting_signal: Option<QuantityText>,
    /// When it begins; at the start if left out.
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// When it ends; never if left out.
    #[serde(default)]
    pub to: Option<QuantityText>,
}

/// Upregulation of a chain.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpRegulationPart {
    /// Fold increase of its synthesis at maximal antigen.
    #[serde(default)]
    pub by_antigen: Option<QuantityText>,
    /// Fold increase of its synthesis at the strongest signal; needs half_at.
    #[serde(default)]
    pub by_signal: Option<QuantityText>,
    /// The signal that gives half of that increase, for example "60 /cell".
    #[serde(default)]
    pub half_at: Option<QuantityText>,
    /// Hill's exponent, 1 or more; 1 if left out.
    #[serde(default)]
    pub steepness: Option<QuantityText>,
}

/// Division.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DivisionPart {
    /// Division rate at the strongest signal, for example "1.4 /d".
    #[serde(default)]
    pub rate: Option<QuantityText>,
    /// The signal that gives half of that, for example "60 /cell".
    #[serde(default)]
    pub half_at: Option<QuantityText>,
    /// Hill's exponent, 1 or more; 1 if left out.
    #[serde(default)]
    pub steepness: Option<QuantityText>,
    /// When cells begin to divide; at the start if left out.
    #[serde(default)]
    pub from: Option<QuantityText>,
    /// When they stop dividing; never if left out.
    #[serde(default)]
    pub to: Option<QuantityText>,
}

/// Death.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathPart {
    /// Rate without a signal, for example "0.5 /d".
    #[serde(default)]
    pub rate: Option<QuantityText>,
    /// The signal that halves it, for example "20 /cell"; no signal does if left out.
    #[serde(default)]
    pub protecting_signal: Option<QuantityText>,
}

impl KindPart {
    /// Every number that the study gives, by its name in a behaviour, with its key below the kind.
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

/// Wells of CD4 cells that encounter antigen, secrete interleukin-2 and share it: a published model.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationPart {
    /// A published model of such wells: "tkach2014", or "feinerman2010", in which Treg compete; "tkach2014" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Volume of a well, for example "0.2 mL".
    pub volume: QuantityText,
    /// Cells in a well: a list, or { from, to, points } spaced evenly on the logarithm.
    pub cells: Grid,
    /// Antigen in a well: a list such as ["1e8 molecules"], or { from, to, points } spaced evenly on the logarithm.
    pub antigen: Grid,
    /// A second clone in each of these wells, which encounters an antigen of its own.
    #[serde(default)]
    pub second: Option<ClonePart>,
    /// Treg in each of these wells, which meet no antigen and secrete nothing.
    #[serde(default)]
    pub treg: Option<TregPart>,
    /// A list, or { from, to, points } spaced evenly.
    pub times: Grid,
    /// Whether antigen inhibits the signal of interleukin-2; true if left out.
    #[serde(default)]
    pub antigen_inhibits_signal: Option<bool>,
    /// Whether secretion accelerates; true if left out.
    #[serde(default)]
    pub secretion_accelerates: Option<bool>,
    /// Whether an inhibitor of JAK stops all signals; false if left out.
    #[serde(default)]
    pub jak_inhibitor: bool,
}

/// A clone of cells.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClonePart {
    /// Its cells in a well, for example "10000 cells".
    pub cells: QuantityText,
    /// Its antigen in a well, for example "1e8 molecules".
    pub antigen: QuantityText,
}

/// Treg that take interleukin-2 up.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TregPart {
    /// How many are in a well, for example "100000 cells".
    pub cells: QuantityText,
    /// CD25 of one without a signal, for example "30000 /cell"; that of the model if left out.
    #[serde(default)]
    pub cd25: Option<QuantityText>,
    /// CD122 of one, for example "1000 /cell"; that of the model if left out.
    #[serde(default)]
    pub cd122: Option<QuantityText>,
}
