//! A study file as it is written, with the same names as on the command line. Unknown keys are
//! errors.
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

/// An il2 study: a question, the molecules and cells concerned, and the assays that answer the
/// question.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyFile {
    /// Version of the study format: 1.
    pub version: u32,
    /// The question that this study answers, in one sentence.
    pub question: String,
    /// Seed of all random draws (default: 1).
    #[serde(default)]
    pub seed: Option<u64>,
    /// Molecules, by their names in the study.
    #[serde(default)]
    pub ligands: IndexMap<String, LigandPart>,
    /// Cells, by their names in the study.
    #[serde(default)]
    pub cells: IndexMap<String, CellPart>,
    /// Tables of ligands or cells, by names of your choice; the name of a table stands for all its
    /// rows.
    #[serde(default)]
    pub panel: IndexMap<String, PanelPart>,
    /// Models with changed parameters, by their names in the study.
    #[serde(default)]
    pub models: IndexMap<String, ModelPart>,
    /// The medium; by default, the ligand is not depleted.
    #[serde(default)]
    pub culture: Option<CulturePart>,
    /// Accuracy of the integration.
    #[serde(default)]
    pub solver: Option<SolverPart>,
    /// Doses, by the names of the regimens in the study.
    #[serde(default)]
    pub regimens: IndexMap<String, RegimenPart>,
    /// Assays by name; the tables of an assay are named after the assay.
    pub assay: IndexMap<String, AssayPart>,
    /// Layout of figures, by the name of the assay.
    #[serde(default)]
    pub figures: IndexMap<String, FiguresPart>,
    /// Which files are written.
    #[serde(default)]
    pub output: Option<OutputPart>,
    /// A notice for each outdated name in the file.
    #[serde(skip)]
    pub notices: Vec<String>,
}

/// A molecule based on the library or on another ligand of the study, with changes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LigandPart {
    /// Library id, for example "il2" or "v91k-c-fc".
    #[serde(default)]
    pub from: Option<String>,
    /// Another ligand of this study on which this one is based.
    #[serde(default)]
    pub like: Option<String>,
    /// Arms of a molecule that is made of several: other ligands of this study or of the library,
    /// in place of `from` and `like`. An arm that is listed twice has two copies (model
    /// gamma-chain).
    #[serde(default)]
    pub arms: Vec<String>,
    /// Number of copies of the cytokine on one molecule: 1 to 6 in the polyvalent models, up to 4
    /// in gamma-chain.
    #[serde(default)]
    pub valency: Option<u32>,
    /// Dissociation constants in solution by chain (il2r_beta and the ligand's own chain, for
    /// example il2r_alpha); "none" for a chain that is not bound.
    #[serde(default)]
    pub affinity: IndexMap<String, QuantityText>,
    /// Association rate constants in solution by chain, for example il2r_beta = "1e5 /M/s".
    /// Dissociation constants stay the same unless `k_off` is also given. By default, the rate
    /// constant is the same for all chains.
    #[serde(default)]
    pub k_on: IndexMap<String, QuantityText>,
    /// Dissociation rate constants by chain, given together with `k_on` in place of `affinity`, for
    /// example il2r_beta = "1e-2 /s".
    #[serde(default)]
    pub k_off: IndexMap<String, QuantityText>,
    /// Association rate constants on the membrane by bond, for example gamma_from_beta_gamma =
    /// "1e-3 cell/molecule/min" (default: k_forward of the model).
    #[serde(default)]
    pub k_forward: IndexMap<String, QuantityText>,
    /// Factor by which a bond breaks faster in the endosome than on the surface, by bond (alpha,
    /// beta, gamma_from_alpha_gamma, gamma_from_beta_gamma, gamma_from_trimer,
    /// beta_from_alpha_beta), for example alpha = "20" (default: endosomal_off_ratio of the model).
    #[serde(default)]
    pub endosomal_off_ratio: IndexMap<String, QuantityText>,
    /// Whether complexes of the ligand recruit gamma_c; false for an antagonist that does not.
    #[serde(default)]
    pub joins_gamma_c: Option<bool>,
    /// Dissociation constants of each binding site for the chain that it is not meant for
    /// (il2r_alpha, il2r_beta_gamma; polyvalent models). By default, such bonds are ignored.
    #[serde(default)]
    pub wrong_partner_affinity: IndexMap<String, QuantityText>,
    /// Dissociation constants measured on a fusion (il2r_alpha, il2r_beta_gamma).
    #[serde(default)]
    pub fusion_affinity: IndexMap<String, QuantityText>,
    /// Another ligand of this study, which this masked form releases in the medium (model
    /// gamma-chain).
    #[serde(default)]
    pub releases: Option<String>,
    /// Rate at which the masked form releases the other ligand, for example "0.02 /h".
    #[serde(default)]
    pub release_rate: Option<QuantityText>,
    /// Any other parameter of the ligand by its library name, for example "molar_mass" or
    /// "fallon2000.dissociation_constant_endosome".
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// A cell based on the library or on another cell of the study, with changes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellPart {
    /// Library id, for example "treg".
    #[serde(default)]
    pub from: Option<String>,
    /// Another cell of this study on which this one is based.
    #[serde(default)]
    pub like: Option<String>,
    /// Published receptor counts to use, for example "farhat2021".
    #[serde(default)]
    pub quantitation: Option<String>,
    /// Receptor counts at the surface that replace the published ones, by chain, for example
    /// il2r_alpha = "8000 /cell".
    #[serde(default)]
    pub receptors: IndexMap<String, QuantityText>,
    /// Synthesis rates in place of receptor counts, by chain, for example il2r_alpha = "4.5
    /// /cell/min".
    #[serde(default)]
    pub synthesis: IndexMap<String, QuantityText>,
    /// Uncertainty of the count of a chain, for example il2r_alpha = "30 %" (coefficient of
    /// variation) or "0.3" (standard deviation of the logarithm). Intervals include this
    /// uncertainty; counts of the study without it are taken as exact.
    #[serde(default)]
    pub uncertainty: IndexMap<String, QuantityText>,
    /// Variation of the count of a chain between the cells of the population, for example
    /// il2r_alpha = "0.5" (standard deviation of the logarithm) or "50 %" (coefficient of
    /// variation). The key `single_cells` uses this variation.
    #[serde(default)]
    pub spread: IndexMap<String, QuantityText>,
    /// Correlation between the logarithms of the counts of two chains, for example
    /// il2r_beta_with_gamma_c = "0.6" (default: no correlation).
    #[serde(default)]
    pub correlation: IndexMap<String, QuantityText>,
}

/// A model with changed parameters.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelPart {
    /// Library name, for example "gamma-chain".
    pub from: String,
    /// STAT5 downstream of the receptor: true for the equations that were fitted with the default
    /// model, or "gcsolver-jl" for the equations published with gcSolver.jl.
    #[serde(default)]
    pub stat5: Stat5Text,
    /// Parameters of the model to change, named as in the output of `il2 check --full`.
    #[serde(default)]
    pub parameters: IndexMap<String, QuantityText>,
}

/// Whether STAT5 is included, and with which equations.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[serde(untagged)]
pub enum Stat5Text {
    /// true for the default equations, false for none.
    Follows(bool),
    /// Name of the equations.
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

/// The medium that contains the cells and the ligand.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CulturePart {
    /// Number of cells per volume, for example "1e6 /mL".
    #[serde(default)]
    pub cell_density: Option<QuantityText>,
    /// Volume of the well, given together with `cells`.
    #[serde(default)]
    pub volume: Option<QuantityText>,
    /// Number of cells in the well, given together with `volume`, for example "200000 cells".
    #[serde(default)]
    pub cells: Option<QuantityText>,
}

/// Accuracy of the integration.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SolverPart {
    /// Relative error allowed in one step (default: 1e-6).
    #[serde(default)]
    pub relative_tolerance: Option<f64>,
    /// Absolute error allowed in one step, in base units (default: 1e-9).
    #[serde(default)]
    pub absolute_tolerance: Option<f64>,
}

/// Which files are written.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputPart {
    /// Whether figures are drawn (default: true).
    #[serde(default)]
    pub figures: Option<bool>,
}

/// One assay.
#[derive(Clone, Debug, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant)] // a study has few of them
pub enum AssayPart {
    /// Response to each ligand alone, on each cell, over a range of doses.
    DoseResponse(DoseResponsePart),
    /// Time courses of all species and observables.
    TimeCourse(TimeCoursePart),
    /// A pulse of ligand, followed by medium without ligand.
    Washout(WashoutPart),
    /// Several kinds of cells in one well.
    Culture(CultureAssayPart),
    /// A published model of cells that encounter antigen, secrete interleukin-2 and share a well.
    Activation(ActivationPart),
    /// EC50 as a function of the count of one receptor chain.
    ReceptorSweep(ReceptorSweepPart),
    /// EC50 on one cell, or its ratio between two cells, over a grid of two affinities.
    AffinitySweep(AffinitySweepPart),
    /// A pharmacokinetic model dosed by an event table.
    EventTable(EventTablePart),
    /// Patients who receive regimens.
    Regimen(RegimenAssayPart),
    /// Parameters of a model, estimated from measurements.
    Fit(FitPart),
    /// Noncompartmental analysis of measured concentrations.
    Noncompartmental(NoncompartmentalPart),
    /// A model with variability between subjects, fitted to an event table.
    PopulationFit(PopulationFitPart),
    /// The parameters on which a result depends most.
    Sensitivity(SensitivityPart),
    /// A clinical trial in patients with a tumour.
    Trial(TrialPart),
    /// A published model of a tumour and the cells that attack it.
    TumourModel(TumourModelPart),
    /// A search for molecules whose parameters meet the objectives.
    Design(DesignPart),
    /// A published model in SBML.
    Sbml(SbmlPart),
}

/// Response to each ligand alone, on each cell, over a range of doses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseResponsePart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands of this study, each given alone (default: all).
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study (default: all). Leave this key out for models that define their own
    /// cells.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Media in which the cells are kept before time 0, one after another.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions to the medium and changes of the medium after time 0.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Other ligands that are present in every well at fixed concentrations.
    #[serde(default)]
    pub background: IndexMap<String, QuantityText>,
    /// Doses: a list, or a logarithmically spaced range { from, to, points }.
    pub doses: Grid,
    /// Times at which the response is read.
    pub times: Vec<QuantityText>,
    /// Species or observable used as the response (default: "signalling_complexes").
    #[serde(default)]
    pub readout: Option<String>,
    /// Draws from which intervals are computed (default: no intervals).
    #[serde(default)]
    pub intervals: Option<IntervalsPart>,
    /// Cell with which EC50s are compared (default: the first).
    #[serde(default)]
    pub reference_cell: Option<String>,
    /// Order of a ranked table of the ligands: "selectivity" (the lowest ratio of the EC50 on
    /// another cell to the EC50 on the reference cell), the name of one other cell (that ratio
    /// alone), or "potency" (EC50 on the reference cell). By default, ligands of a panel are ranked
    /// by selectivity, and other ligands are not ranked.
    #[serde(default)]
    pub rank_by: Option<String>,
    /// Simulation of single cells for each population with a `spread`: their mean response,
    /// percentiles and the fraction of positive cells.
    #[serde(default)]
    pub single_cells: Option<SingleCellsPart>,
}

/// Single cells of a population.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleCellsPart {
    /// Number of cells simulated for each population, 20 to 2000 (default: 200).
    #[serde(default)]
    pub cells: Option<u32>,
    /// Response above which a cell is positive: a value of the readout, for example "100 /cell", or
    /// a percentage of the largest mean response of the population, for example "20 %".
    pub positive_above: QuantityText,
}

/// Time courses of all species and observables, for one mixture or for each ligand at each dose.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeCoursePart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands, each given alone at each of the `doses` (default: all).
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study (default: all). Leave this key out for models that define their own
    /// cells.
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Doses at which each ligand is given alone.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Concentration of each ligand in a mixture, in place of `doses`.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Media in which the cells are kept before time 0, one after another.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions to the medium and changes of the medium after time 0.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Output times: a list, or an evenly spaced range { from, to, points }.
    pub times: Grid,
    /// Species and observables in the figure (default: the main ones). The table has all species
    /// and observables.
    #[serde(default)]
    pub show: Option<Vec<String>>,
}

/// A pulse of ligand, followed by medium without ligand.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WashoutPart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands, each given alone at each of the `doses` (default: all).
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study (default: all).
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Doses at which each ligand is given alone.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Concentration of each ligand in a mixture, in place of `doses`.
    #[serde(default)]
    pub mixture: IndexMap<String, QuantityText>,
    /// Media in which the cells are kept before time 0, one after another.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions to the medium and changes of the medium after time 0.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Duration of the exposure to the ligand.
    pub pulse: QuantityText,
    /// Output times: a list, or an evenly spaced range { from, to, points }.
    pub times: Grid,
    /// Species and observables in the figure (default: the main ones). The table has all species
    /// and observables.
    #[serde(default)]
    pub show: Option<Vec<String>>,
}

/// EC50 as a function of the count of one receptor chain.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptorSweepPart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// Ligands of this study (default: all).
    #[serde(default)]
    pub ligands: Option<Vec<String>>,
    /// Cells of this study (default: all).
    #[serde(default)]
    pub cells: Option<Vec<String>>,
    /// Receptor chain whose count changes, for example "il2r_alpha".
    pub chain: String,
    /// Counts of the chain: a list, or a logarithmically spaced range { from, to, points }.
    pub numbers: Grid,
    /// Doses: a list, or a logarithmically spaced range { from, to, points }.
    pub doses: Grid,
    /// Time at which the response is read.
    pub time: QuantityText,
    /// Species or observable used as the response (default: "signalling_complexes").
    #[serde(default)]
    pub readout: Option<String>,
}

/// EC50 on one cell, or its ratio between two cells, over a grid of two affinities.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffinitySweepPart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// Ligand whose affinities change.
    pub ligand: String,
    /// One cell, or two cells whose EC50s are compared (second divided by first).
    pub cells: Vec<String>,
    /// Dissociation constants for the private alpha chain.
    pub alpha: Grid,
    /// Dissociation constants for beta (model gamma-chain) or for the beta-gamma pair (model
    /// polyvalent).
    pub beta: Grid,
    /// Doses: a list, or a logarithmically spaced range { from, to, points }.
    pub doses: Grid,
    /// Time at which the response is read.
    pub time: QuantityText,
    /// Species or observable used as the response (default: "signalling_complexes").
    #[serde(default)]
    pub readout: Option<String>,
}

/// Written by hand because serde's tagged enums lose the position in the file.
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
                        "the assay has no kind; set kind to one of {}",
                        KINDS.join(", ")
                    )));
                };
                fn part<T: de::DeserializeOwned, E: de::Error>(rest: toml::Table) -> Result<T, E> {
                    serde_path_to_error::deserialize(Strict(toml::Value::Table(rest))).map_err(
                        |e| {
                            // The path inside the assay is passed in the message; the reader
                            // extracts it.
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
