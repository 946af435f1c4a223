//! Ligands, cells, models, references, ranges and posteriors as the files of the library write
//! them.

use crate::library::entry::ModelLimits;
use crate::library::numbers::{Number, tables_of_numbers};
use il2::ligand::PrivateChain;
use il2::parameter::Parameters;
use il2::receptor::trafficking::{solution_rate, surface_rate};
use il2_engine::Dimension;
use il2_engine::words::closest;
use indexmap::IndexMap;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenLigand {
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Ligand whose numbers are used if this one gives none.
    pub like: Option<String>,
    /// Native ligand relative to which a wild-type fusion counts.
    pub like_native: Option<String>,
    /// Wild-type fusion that was measured together with this one.
    pub parent: Option<String>,
    pub private_chain: Option<Private>,
    /// Whether its complexes join gamma_c; true if left out.
    pub joins_gamma_c: Option<bool>,
    /// Whether it is the private chain itself, dissolved in the medium.
    #[serde(default)]
    pub is_soluble_chain: bool,
    pub description: String,
    #[serde(default)]
    pub caveats: Vec<String>,
    pub valency: Option<u32>,
    pub molar_mass: Option<Number>,
    pub specific_activity: Option<Number>,
    /// Association from solution, relative to that of a ligand without this number.
    pub association: Option<Number>,
    #[serde(default, deserialize_with = "affinity")]
    pub affinity: Parameters,
    #[serde(default, deserialize_with = "fusion_affinity")]
    pub fusion_affinity: Parameters,
    #[serde(default, deserialize_with = "k_on")]
    pub k_on: Parameters,
    #[serde(default, deserialize_with = "k_forward")]
    pub k_forward: Parameters,
    #[serde(default, deserialize_with = "endosomal_off_ratio")]
    pub endosomal_off_ratio: Parameters,
    #[serde(default, deserialize_with = "gamma_chain_of_ligand")]
    pub gamma_chain: Parameters,
    #[serde(default, deserialize_with = "fallon2000_of_ligand")]
    pub fallon2000: Parameters,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Private(pub PrivateChain);

impl TryFrom<String> for Private {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = PrivateChain::ALL.map(PrivateChain::name);
        PrivateChain::named(&name).map(Private).ok_or_else(|| {
            let hint = match closest(&name, known) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known are {}", known.join(", ")),
            };
            format!("unknown chain \"{name}\"; {hint}")
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenCell {
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub markers: String,
    pub organism: String,
    /// The population of which this cell is a gate, by a name that all gates of the population
    /// share; its own name if left out.
    pub lineage: Option<String>,
    pub description: String,
    #[serde(default)]
    pub caveats: Vec<String>,
    /// Quantitation used where a study names none.
    pub default_receptors: Option<String>,
    /// By quantitation.
    #[serde(default)]
    pub receptors: IndexMap<String, Chains>,
    #[serde(default, deserialize_with = "synthesis")]
    pub synthesis: Parameters,
    #[serde(default, deserialize_with = "stat5_of_cell")]
    pub stat5: Parameters,
    /// Numbers from which a quantitation was calculated.
    #[serde(default, deserialize_with = "published")]
    pub published: Parameters,
    pub effect: Option<WrittenEffect>,
}

#[derive(Deserialize)]
#[serde(transparent)]
pub struct Chains(#[serde(deserialize_with = "chains")] pub Parameters);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenEffect {
    pub what: String,
    pub direction: Direction,
    /// Source where only the direction is known; numbers have sources of their own.
    #[serde(rename = "source")]
    pub _source: Option<String>,
    #[serde(rename = "note")]
    pub _note: Option<String>,
    pub fold: Option<Number>,
    pub at: Option<Number>,
    pub dissociation_constant: Option<Number>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBehaviour {
    pub name: String,
    pub description: String,
    #[serde(default)]
    pub caveats: Vec<String>,
    pub secretes: Option<String>,
    #[serde(default)]
    pub by_antigen: bool,
    /// Values, keyed by the names that `Behaviour::of` accepts.
    pub numbers: IndexMap<String, Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenTumours {
    pub diseases: IndexMap<String, WrittenTumour>,
    pub partners: IndexMap<String, WrittenTumour>,
    pub criteria: IndexMap<String, WrittenTumour>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenTumour {
    pub name: String,
    /// An earlier entry whose numbers are used where this one gives none.
    pub like: Option<String>,
    pub description: String,
    #[serde(default)]
    pub caveats: Vec<String>,
    pub numbers: IndexMap<String, Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenModel {
    pub name: String,
    /// Model whose words and numbers are used where this one gives none.
    pub like: Option<String>,
    pub description: String,
    #[serde(default)]
    pub caveats: Vec<String>,
    /// If left out, the limits of the model that this one is like.
    pub limits: Option<ModelLimits>,
    pub source: Option<String>,
    pub posterior: Option<String>,
    pub fusion_scaling: Option<Scaling>,
    /// Parameters; the allowed names depend on the file.
    #[serde(default)]
    pub parameters: IndexMap<String, Number>,
    /// Numbers of ligands and cells that were fitted together with those of the model, by the names
    /// of a posterior: `il2.gamma_chain.alpha_beta_ratio`.
    #[serde(default)]
    pub fitted_with: IndexMap<String, Number>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    Bond,
    Farhat2021,
}

/// A published work.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "fields of BibTeX are checked here and read in the order of the file")]
pub struct WrittenReference {
    pub kind: String,
    pub authors: Vec<String>,
    pub title: String,
    pub year: Option<i64>,
    pub verified: bool,
    pub journal: Option<String>,
    pub book: Option<String>,
    pub publisher: Option<String>,
    pub edition: Option<String>,
    pub volume: Option<String>,
    pub pages: Option<String>,
    pub doi: Option<String>,
    pub pmid: Option<String>,
    pub pmcid: Option<String>,
    pub url: Option<String>,
    pub licence: Option<String>,
    pub note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRange {
    pub what: String,
    #[serde(default)]
    pub keys: Vec<String>,
    #[serde(default)]
    pub kinds: Vec<String>,
    #[serde(default)]
    pub molecules: Vec<String>,
    #[serde(default)]
    pub ending: String,
    pub example: Option<String>,
    pub usual: Number,
    pub possible: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPosterior {
    #[serde(rename = "source")]
    pub _source: String,
    #[serde(rename = "how")]
    pub _how: String,
    #[serde(rename = "note")]
    pub _note: String,
    /// Standard deviations of the logarithms, by the number's name prefixed with that of its owner.
    pub spread: IndexMap<String, f64>,
    pub correlation: Correlation,
    /// Fraction of the variance of `experiment_factor` that is specific to each molecule on a
    /// lineage.
    #[serde(default)]
    pub part_of_molecule: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    pub rows: Vec<Vec<f64>>,
}

tables_of_numbers! {
    affinity(Some(Dimension::CONCENTRATION)): "il2r_alpha", "il2r_beta", "il15r_alpha", "il7r_alpha",
        "il9r_alpha", "il4r_alpha", "il21r_alpha", "antigen";
    k_on(Some(solution_rate())): "il2r_alpha", "il2r_beta", "il15r_alpha", "il7r_alpha", "il9r_alpha",
        "il4r_alpha", "il21r_alpha", "antigen";
    k_forward(Some(surface_rate())): "gamma_from_alpha_gamma", "gamma_from_beta_gamma", "gamma_from_trimer",
        "beta_from_alpha_beta", "alpha_from_alpha_beta", "beta_from_trimer", "alpha_from_trimer",
        "further_arm";
    endosomal_off_ratio(Some(Dimension::DIMENSIONLESS)): "alpha", "beta", "gamma_from_alpha_gamma",
        "gamma_from_beta_gamma", "gamma_from_trimer", "beta_from_alpha_beta";
    fusion_affinity(Some(Dimension::CONCENTRATION)): "il2r_alpha", "il2r_beta_gamma";
    gamma_chain_of_ligand(None): "k_off_gamma_from_alpha_gamma", "k_off_gamma_from_beta_gamma",
        "k_off_gamma_from_trimer", "k_off_beta_from_alpha_beta", "trimer_gamma_ratio",
        "alpha_beta_ratio", "beta_bond_ratio";
    fallon2000_of_ligand(None): "k_off_surface", "dissociation_constant_surface", "endosomal_off_ratio",
        "dissociation_constant_endosome";
    chains(Some(Dimension::PER_CELL)): "il2r_alpha", "il2r_beta", "gamma_c", "il15r_alpha", "il7r_alpha",
        "il9r_alpha", "il4r_alpha", "il21r_alpha", "antigen";
    synthesis(Some(Dimension::PER_CELL * Dimension::RATE)): "il2r_alpha", "il2r_beta", "gamma_c", "il15r_alpha", "il7r_alpha",
        "il9r_alpha", "il4r_alpha", "il21r_alpha", "antigen";
    stat5_of_cell(Some(Dimension::DIMENSIONLESS)): "total";
    published(None): "sites", "sites_kd", "alpha_sites", "high_affinity_sites", "high_affinity_kd",
        "intermediate_sites", "intermediate_kd";
}

/// Numbers that the models of a file may have; none for a file without models.
pub fn numbers_of_models(file: &str) -> Option<&'static [&'static str]> {
    Some(match file {
        "models/effect.toml" => &[],
        "models/fallon2000.toml" => &[
            "k_synthesise",
            "k_synthesise_induced",
            "k_internalise",
            "k_internalise_bound",
            "k_recycle_ligand",
            "k_degrade",
            "endosome_volume",
            "molecules_per_pmol",
            "growth_most",
            "growth_half",
            "death",
            "growth_scale",
            "receptor_start",
            "complex_start",
            "receptor_endosome_start",
            "complex_endosome_start",
            "degraded_start",
            "ligand_endosome_start",
            "cell_density_start",
        ],
        "models/gamma_chain.toml" => &[
            "k_on_ligand",
            "fusion_association",
            "fusion_beta_ratio",
            "experiment_factor",
            "k_forward",
            "k_internalise",
            "k_internalise_signalling",
            "k_recycle",
            "k_degrade",
            "sorting_fraction",
            "endosome_area_ratio",
            "endosomal_off_ratio",
            "endosome_volume",
            "k_recycle_ligand",
        ],
        "models/polyvalent.toml" => &[
            "k_on_alpha",
            "k_on_beta_gamma",
            "cross_linking_constant",
            "k_internalise",
            "k_internalise_signalling",
            "k_recycle",
            "k_degrade",
            "sorting_fraction",
            "endosome_area_ratio",
            "endosomal_off_ratio",
            "endosome_volume",
            "k_recycle_ligand",
        ],
        "models/busse2010.toml" => &["coefficient", "cell_radius"],
        "models/tkach2014.toml" => &[
            "t_cell_receptors",
            "antigen_half_binding",
            "antigen_half_life",
            "receptor_half_life",
            "complex_half_life",
            "chains_half_binding",
            "cd25_by_antigen",
            "cd25_by_signal",
            "cd122_at_rest",
            "cd122_by_antigen",
            "k_on",
            "signal_half",
            "antigen_inhibition",
            "signal_inhibition",
            "secretion",
            "acceleration_most",
            "acceleration_by_antigen",
            "acceleration_by_itself",
            "blocked_half_life",
            "acceleration_full",
            "first_antigen",
            "last_antigen",
            "treg_cd25",
            "treg_cd122",
        ],
        // Numbers of all models in this file; names shared by several models occur once.
        "models/classic_tumours.toml" => &[
            "tumour_at_start",
            "effectors_at_start",
            "il2_at_start",
            "antigenicity",
            "effector_loss",
            "proliferation",
            "il2_half",
            "growth",
            "inverse_capacity",
            "kill",
            "kill_half",
            "il2_secretion",
            "secretion_half",
            "il2_loss",
            "effector_infusion",
            "il2_infusion",
            "influx",
            "proliferation_half",
            "inactivation",
            "nk_at_start",
            "cd8_at_start",
            "nk_kill",
            "cd8_kill",
            "cd8_kill_power",
            "cd8_kill_half",
            "nk_influx",
            "nk_loss",
            "nk_recruitment",
            "nk_recruitment_half",
            "nk_inactivation",
            "cd8_loss",
            "cd8_recruitment",
            "cd8_recruitment_half",
            "cd8_inactivation",
            "cd8_by_nk",
            "lymphocytes_at_start",
            "chemotherapy_at_start",
            "nk_part",
            "nk_by_il2",
            "nk_il2_half",
            "il2_survival",
            "cd8_by_lymphocytes",
            "cd8_by_il2",
            "cd8_il2_half",
            "cd8_regulation",
            "regulation_half",
            "lymphocytes_at_rest",
            "lymphocyte_turnover",
            "il2_by_lymphocytes",
            "il2_by_cd8",
            "il2_feedback_half",
            "cd8_infusion",
            "chemo_infusion",
            "chemo_loss",
            "chemo_sensitivity",
            "chemo_tumour",
            "chemo_nk",
            "chemo_cd8",
            "chemo_lymphocytes",
        ],
        "models/stat5.toml" => &[
            // Numbers of all models in this file.
            "k_dephosphorylate",
            "k_desensitise",
            "desensitising_level",
            "k_phosphorylate",
            "k_pair",
            "k_enter_nucleus",
            "k_part",
            "k_leave_nucleus",
        ],
        _ => return None,
    })
}
