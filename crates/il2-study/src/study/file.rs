//! A study file as it is written. Same names as the command line; unknown keys are errors.
//!
//! Doc comments here become the descriptions of the published JSON Schema.

use crate::strict::Strict;
use crate::study::cultures::{ActivationPart, CultureAssayPart};
use crate::study::design::DesignPart;
use crate::study::dosing::{EventTablePart, NoncompartmentalPart, RegimenAssayPart, RegimenPart};
use crate::study::figures::FiguresPart;
use crate::study::fitting::FitPart;
use crate::study::panel::PanelPart;
use crate::study::population::PopulationFitPart;
use crate::study::sbml::SbmlPart;
use crate::study::sensitivity::SensitivityPart;
use crate::study::text::{Grid, QuantityText};
use crate::study::trial::{TrialPart, TumourModelPart};
use crate::study::wells::{IntervalsPart, MediumPart, PretreatmentPart};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::fmt;

/// An il2 study: a question, the molecules and cells that it is about, and the assays that answer it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyFile {
    /// Version of the study format; 1.
    pub version: u32,
    /// The question that this study answers, in a sentence.
    pub question: String,
    /// Seed of every random draw; 1 if left out.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Molecules by the name that the study gives them.
    #[serde(default)]
    pub ligands: IndexMap<String, LigandPart>,
    /// Cells by the name that the study gives them.
    #[serde(default)]
    pub cells: IndexMap<String, CellPart>,
    /// Tables of ligands or of cells, by a name of your choice, which stands for all of them.
    #[serde(default)]
    pub panel: IndexMap<String, PanelPart>,
    /// Models with numbers of their own, by the name that the study gives them.
    #[serde(default)]
    pub models: IndexMap<String, ModelPart>,
    /// The medium; if left out, the ligand is not depleted.
    #[serde(default)]
    pub culture: Option<CulturePart>,
    /// Accuracy of the integration.
    #[serde(default)]
    pub solver: Option<SolverPart>,
    /// Doses by the name that the study gives them.
    #[serde(default)]
    pub regimens: IndexMap<String, RegimenPart>,
    /// Assays by name, under which their tables appear.
    pub assay: IndexMap<String, AssayPart>,
    /// How figures look, by the name of their assay.
    #[serde(default)]
    pub figures: IndexMap<String, FiguresPart>,
    /// What files are written.
    #[serde(default)]
    pub output: Option<OutputPart>,
    /// A notice for each old name that the file uses.
    #[serde(skip)]
    pub notices: Vec<String>,
}

/// A molecule, from the library or from another part of the study, with changes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LigandPart {
    /// Library id, for example "il2" or "v91k-c-fc".
    #[serde(default)]
    pub from: Option<String>,
    /// Another ligand of this study to start from.
    #[serde(default)]
    pub like: Option<String>,
    /// The arms of a molecule made of several: other ligands of this study or of the library, in place of
    /// `from` and `like`; one that is listed twice has two copies (model gamma-chain).
    #[serde(default)]
    pub arms: Vec<String>,
    /// Copies of the cytokine on one molecule, 1 to 6 (models polyvalent; up to 4 in gamma-chain).
    #[serde(default)]
    pub valency: Option<u32>,
    /// Dissociation constants in solution by chain (il2r_beta and the ligand's own, for example il2r_alpha);
    /// "none" for a chain that is not bound.
    #[serde(default)]
    pub affinity: IndexMap<String, QuantityText>,
    /// Association rate constants from solution by chain, for example il2r_beta = "1e5 /M/s"; the
    /// dissociation constants stay the same unless `k_off` is given, too. All chains have the same rate if
    /// left out.
    #[serde(default)]
    pub k_on: IndexMap<String, QuantityText>,
    /// Dissociation rate constants by chain, together with `k_on` and in place of `affinity`, for example
    /// il2r_beta = "1e-2 /s".
    #[serde(default)]
    pub k_off: IndexMap<String, QuantityText>,
    /// Association rate constants on the membrane by bond, for example gamma_from_beta_gamma =
    /// "1e-3 cell/molecule/min"; k_forward of the model if left out.
    #[serde(default)]
    pub k_forward: IndexMap<String, QuantityText>,
    /// How many times faster a bond breaks in the endosome than on the surface, by bond (alpha, beta,
    /// gamma_from_alpha_gamma, gamma_from_beta_gamma, gamma_from_trimer, beta_from_alpha_beta), for example
    /// alpha = "20"; endosomal_off_ratio of the model if left out.
    #[serde(default)]
    pub endosomal_off_ratio: IndexMap<String, QuantityText>,
    /// Whether its complexes join gamma_c; false for an antagonist that does not.
    #[serde(default)]
    pub joins_gamma_c: Option<bool>,
    /// Dissociation constants of the sites of a molecule for the other site's chain (il2r_alpha,
    /// il2r_beta_gamma; models polyvalent); such bonds are ignored if left out.
    #[serde(default)]
    pub wrong_partner_affinity: IndexMap<String, QuantityText>,
    /// Dissociation constants of a fusion (il2r_alpha, il2r_beta_gamma), as measured.
    #[serde(default)]
    pub fusion_affinity: IndexMap<String, QuantityText>,
    /// Another ligand of this study that this one, a masked form, releases in the medium (model gamma-chain).
    #[serde(default)]
    pub releases: Option<String>,
    /// The rate of that release, for example "0.02 /h".
    #[serde(default)]
    pub release_rate: Option<QuantityText>,
    /// Any other number of the ligand by its library name, for example "molar_mass" or
    /// "fallon2000.dissociation_constant_endosome".
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// A cell, from the library or from another part of the study, with changes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellPart {
    /// Library id, for example "treg".
    #[serde(default)]
    pub from: Option<String>,
    /// Another cell of this study to start from.
    #[serde(default)]
    pub like: Option<String>,
    /// Which published receptor count to use, for example "farhat2021".
    #[serde(default)]
    pub quantitation: Option<String>,
    /// Surface numbers that replace the published ones, by chain, for example il2r_alpha = "8000 /cell".
    #[serde(default)]
    pub receptors: IndexMap<String, QuantityText>,
    /// Synthesis rates in place of surface numbers, by chain, for example il2r_alpha = "4.5 /cell/min".
    #[serde(default)]
    pub synthesis: IndexMap<String, QuantityText>,
    /// How well the number of a chain is known, for example il2r_alpha = "30 %" (coefficient of variation) or
    /// "0.3" (standard deviation of its logarithm): intervals include it. Otherwise a number of the study
    /// counts as exact.
    #[serde(default)]
    pub uncertainty: IndexMap<String, QuantityText>,
    /// How the number of a chain varies between the cells of the population, for example il2r_alpha = "0.5":
    /// the standard deviation of its logarithm; or "50 %": its coefficient of variation. Used by
    /// `single_cells`.
    #[serde(default)]
    pub spread: IndexMap<String, QuantityText>,
    /// Correlation between the logarithms of two of these numbers, for example il2r_beta_with_gamma_c = "0.6";
    /// none if left out.
    #[serde(default)]
    pub correlation: IndexMap<String, QuantityText>,
}

/// A model with numbers of its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelPart {
    /// Library name, for example "gamma-chain".
    pub from: String,
    /// STAT5 downstream of the receptor: true for the equations that were fitted with the default model, or
    /// "gcsolver-jl" for those published with gcSolver.jl.
    #[serde(default)]
    pub stat5: Stat5Text,
    /// Any parameter of the model by name, as `il2 check --full` prints it.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// Whether STAT5 is included, and by which equations.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[serde(untagged)]
pub enum Stat5Text {
    /// The default ones, or none.
    Follows(bool),
    /// By name.
    Named(String),
}

impl Default for Stat5Text {
    fn default() -> Self {
        Self::Follows(false)
    }
}

impl<'de> Deserialize<'de> for Stat5Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct YesOrName;
        impl Visitor<'_> for YesOrName {
            type Value = Stat5Text;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("true, false or the name of equations, for example \"gcsolver-jl\"")
            }

            fn visit_bool<E>(self, follows: bool) -> Result<Stat5Text, E> {
                Ok(Stat5Text::Follows(follows))
            }

            fn visit_str<E>(self, name: &str) -> Result<Stat5Text, E> {
                Ok(Stat5Text::Named(name.into()))
            }
        }
        deserializer.deserialize_any(YesOrName)
    }
}

/// The medium that the cells share with the ligand.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CulturePart {
    /// Cells per volume, for example "1e6 /mL".
    #[serde(default)]
    pub cell_density: Option<QuantityText>,
    /// Volume of the well, together with `cells`.
    #[serde(default)]
    pub volume: Option<QuantityText>,
    /// Cells in the well, together with `volume`, for example "200000 cells".
    #[serde(default)]
    pub cells: Option<QuantityText>,
}

/// Accuracy of the integration.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SolverPart {
    /// Relative error allowed in a step; 1e-6 if left out.
    #[serde(default)]
    pub relative_tolerance: Option<f64>,
    /// Absolute error allowed in a step, in base units; 1e-9 if left out.
    #[serde(default)]
    pub absolute_tolerance: Option<f64>,
}

/// What files are written.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputPart {
    /// Whether figures are drawn; true if left out.
    #[serde(default)]
    pub figures: Option<bool>,
}

/// One assay.
#[derive(Clone, Debug, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant)] // a study has a handful
pub enum AssayPart {
    /// Each ligand alone on each cell over a range of doses.
    DoseResponse(DoseResponsePart),
    /// Every species and observable over time.
    TimeCourse(TimeCoursePart),
    /// A pulse of ligand, then medium without it.
    Washout(WashoutPart),
    /// Several kinds of cells in one well.
    Culture(CultureAssayPart),
    /// Cells that encounter antigen, secrete and share a well: a published model.
    Activation(ActivationPart),
    /// EC50 as the number of one chain changes.
    ReceptorSweep(ReceptorSweepPart),
    /// EC50, and its ratio between two cells, over a grid of two affinities.
    AffinitySweep(AffinitySweepPart),
    /// A plain pharmacokinetic model dosed by an event table.
    EventTable(EventTablePart),
    /// Patients under regimens.
    Regimen(RegimenAssayPart),
    /// Numbers of a model estimated from measurements.
    Fit(FitPart),
    /// Noncompartmental analysis of measured levels.
    Noncompartmental(NoncompartmentalPart),
    /// A model with variability between subjects, fitted to an event table.
    PopulationFit(PopulationFitPart),
    /// On which numbers a result depends most.
    Sensitivity(SensitivityPart),
    /// Arms of patients with a tumour.
    Trial(TrialPart),
    /// A published model of a tumour and the cells that attack it.
    TumourModel(TumourModelPart),
    /// A search for numbers of a molecule that meet the objectives.
    Design(DesignPart),
    /// A published model in SBML.
    Sbml(SbmlPart),
}

/// Each ligand alone on each cell over a range of doses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseResponsePart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands of this study, each alone; all if left out.
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study; all if left out. Leave out for models that bring their own.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Media in which the cells are kept before time 0, one after the other.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions and changes of the medium after time 0.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Other ligands that are present in every well, at fixed concentrations.
    #[serde(default)]
    pub background: IndexMap<String, QuantityText>,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub doses: Grid,
    /// Time at which the response is read.
    pub times: Vec<QuantityText>,
    /// Species or observable that is the response; "signalling_complexes" if left out.
    #[serde(default)]
    pub readout: Option<String>,
    /// Draws from which intervals are computed; no intervals if left out.
    #[serde(default)]
    pub intervals: Option<IntervalsPart>,
    /// Cell with which EC50s are compared; the first if left out.
    #[serde(default)]
    pub reference_cell: Option<String>,
    /// Order of a ranked table of the ligands: "selectivity" (the least ratio of the EC50 on another cell to that
    /// on the reference cell), the name of one other cell (that ratio alone), or "potency" (EC50 on the reference
    /// cell). If left out, ligands of a table are ranked by selectivity, and others not at all.
    #[serde(default)]
    pub rank_by: Option<String>,
    /// Single cells of each population that has a spread: their mean, percentiles and the fraction that is
    /// positive.
    #[serde(default)]
    pub single_cells: Option<SingleCellsPart>,
}

/// Single cells of a population.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleCellsPart {
    /// Cells of each population, 20 to 2000; 200 if left out.
    #[serde(default)]
    pub cells: Option<u32>,
    /// Response above which a cell is positive: a value of the readout, for example "100 /cell", or a percentage
    /// such as "20 %" of the largest mean response of its population.
    pub positive_above: QuantityText,
}

/// Every species and observable over time, for one mixture or for each ligand at each dose.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeCoursePart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands, each alone at each of `doses`; all if left out.
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study; all if left out. Leave out for models that bring their own.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Doses for each ligand alone.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// One mixture instead: concentration by ligand.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Media in which the cells are kept before time 0, one after the other.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions and changes of the medium after time 0.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// A list, or { from, to, points } spaced evenly.
    pub times: Grid,
    /// Species and observables that the figure shows; the main ones if left out. The table has all of them.
    #[serde(default)]
    pub show: Option<Vec<String>>,
}

/// A pulse of ligand, then medium without it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WashoutPart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands, each alone at each of `doses`; all if left out.
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study; all if left out.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Doses for each ligand alone.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// One mixture instead: concentration by ligand.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Media in which the cells are kept before time 0, one after the other.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions and changes of the medium after time 0.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// How long the ligand is present.
    pub pulse: QuantityText,
    /// A list, or { from, to, points } spaced evenly.
    pub times: Grid,
    /// Species and observables that the figure shows; the main ones if left out. The table has all of them.
    #[serde(default)]
    pub show: Option<Vec<String>>,
}

/// EC50 as the number of one chain changes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptorSweepPart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands of this study; all if left out.
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study; all if left out.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// The chain whose number changes, for example "il2r_alpha".
    pub chain: String,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub numbers: Grid,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub doses: Grid,
    /// Time at which the response is read.
    pub time: QuantityText,
    /// Species or observable that is the response; "signalling_complexes" if left out.
    #[serde(default)]
    pub readout: Option<String>,
}

/// EC50 over a grid of two affinities, on one cell or compared between two.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffinitySweepPart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// The ligand whose affinities change.
    pub ligand: String,
    /// One cell, or two whose EC50s are compared (second over first).
    pub cells: Vec<String>,
    /// Dissociation constants for the private alpha chain.
    pub alpha: Grid,
    /// Dissociation constants for beta (model gamma-chain) or the beta-gamma pair (model polyvalent).
    pub beta: Grid,
    /// A list, or { from, to, points } spaced evenly on the logarithm.
    pub doses: Grid,
    /// Time at which the response is read.
    pub time: QuantityText,
    /// Species or observable that is the response; "signalling_complexes" if left out.
    #[serde(default)]
    pub readout: Option<String>,
}

/// Written by hand, because serde's tagged enums lose the position in the file.
impl<'de> Deserialize<'de> for AssayPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const KINDS: [&str; 17] = [
            "dose-response",
            "time-course",
            "washout",
            "culture",
            "activation",
            "receptor-sweep",
            "affinity-sweep",
            "event-table",
            "regimen",
            "trial",
            "tumour-model",
            "noncompartmental",
            "fit",
            "population-fit",
            "sensitivity",
            "design",
            "sbml",
        ];
        struct Tagged;
        impl<'de> Visitor<'de> for Tagged {
            type Value = AssayPart;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a table with kind = one of {}", KINDS.join(", "))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AssayPart, A::Error> {
                let mut kind = None;
                let mut rest = toml::Table::new();
                while let Some((name, value)) = map.next_entry::<String, toml::Value>()? {
                    if name == "kind" {
                        kind = value.as_str().map(str::to_string);
                    } else {
                        rest.insert(name, value);
                    }
                }
                let Some(kind) = kind else {
                    return Err(de::Error::custom(format!(
                        "the assay has no kind; write kind = one of {}",
                        KINDS.join(", ")
                    )));
                };
                fn part<T: de::DeserializeOwned, E: de::Error>(rest: toml::Table) -> Result<T, E> {
                    serde_path_to_error::deserialize(Strict(toml::Value::Table(rest))).map_err(
                        |e| {
                            // The path inside the assay is passed in the message; the reader takes it out again.
                            let path = e.path().to_string();
                            E::custom(format!("@{path}@{}", e.into_inner().message()))
                        },
                    )
                }
                match kind.as_str() {
                    "dose-response" => part(rest).map(AssayPart::DoseResponse),
                    "time-course" => part(rest).map(AssayPart::TimeCourse),
                    "washout" => part(rest).map(AssayPart::Washout),
                    "culture" => part(rest).map(AssayPart::Culture),
                    "activation" => part(rest).map(AssayPart::Activation),
                    "receptor-sweep" => part(rest).map(AssayPart::ReceptorSweep),
                    "affinity-sweep" => part(rest).map(AssayPart::AffinitySweep),
                    "event-table" => part(rest).map(AssayPart::EventTable),
                    "regimen" => part(rest).map(AssayPart::Regimen),
                    "trial" => part(rest).map(AssayPart::Trial),
                    "tumour-model" => part(rest).map(AssayPart::TumourModel),
                    "fit" => part(rest).map(AssayPart::Fit),
                    "noncompartmental" => part(rest).map(AssayPart::Noncompartmental),
                    "population-fit" => part(rest).map(AssayPart::PopulationFit),
                    "sensitivity" => part(rest).map(AssayPart::Sensitivity),
                    "design" => part(rest).map(AssayPart::Design),
                    "sbml" => part(rest).map(AssayPart::Sbml),
                    other => {
                        let near = il2_engine::words::closest(other, KINDS);
                        let hint = near.map_or(format!("use one of {}", KINDS.join(", ")), |n| {
                            format!("did you mean \"{n}\"?")
                        });
                        let other = il2_engine::words::shown(other);
                        Err(de::Error::custom(format!("@kind@unknown kind \"{other}\"; {hint}")))
                    }
                }
            }
        }
        deserializer.deserialize_map(Tagged)
    }
}

/// The JSON Schema of a study file, for editors.
pub fn schema() -> String {
    let mut text =
        serde_json::to_string_pretty(&schemars::schema_for!(StudyFile)).expect("a schema is JSON");
    text.push('\n');
    text
}
