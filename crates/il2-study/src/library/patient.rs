//! `patient.toml`: sets of pharmacokinetics, populations of cells, groups of numbers, and draws of
//! the fitted numbers.

use crate::error::StudyError;
use crate::library::numbers::{Number, given, tables_of_numbers};
use il2::parameter::Parameters;
use il2::patient::physiology::{Entry, Physiology};
use il2::quantity::Quantity;
use indexmap::IndexMap;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPatient {
    pharmacokinetics: IndexMap<String, WrittenKinetics>,
    animal: IndexMap<String, WrittenKinetics>,
    species: IndexMap<String, WrittenSpecies>,
    population: IndexMap<String, WrittenPopulation>,
    #[serde(deserialize_with = "absorption")]
    absorption: Parameters,
    #[serde(deserialize_with = "sensing")]
    sensing: Parameters,
    #[serde(deserialize_with = "presentation")]
    presentation: Parameters,
    #[serde(deserialize_with = "migration")]
    migration: Parameters,
    #[serde(deserialize_with = "eosinophils")]
    eosinophils: Parameters,
    #[serde(deserialize_with = "toxicity")]
    toxicity: Parameters,
    #[serde(deserialize_with = "rules")]
    rules: Parameters,
    #[serde(deserialize_with = "range")]
    range: Parameters,
    #[serde(deserialize_with = "soluble_cd25")]
    soluble_cd25: Parameters,
    #[serde(deserialize_with = "tumour")]
    tumour: Parameters,
    #[serde(deserialize_with = "covariates")]
    covariates: Parameters,
    #[serde(deserialize_with = "variability")]
    variability: Parameters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKinetics {
    name: String,
    description: String,
    #[serde(default)]
    molecules: Vec<String>,
    #[serde(default)]
    misfit: String,
    #[serde(default)]
    caveats: Vec<String>,
    volume: Number,
    clearance: Number,
    intercompartmental_clearance: Number,
    peripheral_volume: Number,
    absorption_rate: Option<Number>,
    transit_compartments: Option<Number>,
    absorption_half_amount: Option<Number>,
    bioavailability: Option<Number>,
    release_rate: Option<Number>,
    prodrug_clearance: Option<Number>,
    anchor: Option<Number>,
    renal_part: Option<Number>,
    #[serde(default, deserialize_with = "states")]
    states: Parameters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSpecies {
    name: String,
    description: String,
    #[serde(default)]
    caveats: Vec<String>,
    weight: Number,
    height: Number,
    volume_exponent: Number,
    clearance_exponent: Number,
    /// Numbers by their names in the patient's network; a test builds the patients of every animal.
    numbers: IndexMap<String, Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPopulation {
    name: String,
    cell: String,
    matures_into: Option<String>,
    maturation: Option<Number>,
    count: Number,
    in_blood: Number,
    turnover: Number,
    growth: Number,
    crowding: Number,
    cd25_gain: Number,
    longer_life: Option<Number>,
    longevity_loss: Option<Number>,
}

tables_of_numbers! {
    states(None): "half_life", "lowest_dose", "highest_dose";
    absorption(None): "absorption_rate", "transit_compartments", "absorption_half_amount", "bioavailability", "release_rate", "prodrug_clearance",
        "anchor", "renal_part";
    sensing(None): "pair_constant", "capture_number", "cd25_rate", "activation_rate", "half_growth",
        "desensitisation_rate", "desensitisation", "uptake";
    presentation(None): "most", "rate";
    migration(None): "blood_volume", "leaving", "margination", "activation_constant",
        "activation_rate";
    eosinophils(None): "delay_rate", "loss", "gain";
    toxicity(None): "leak_rate", "pressure", "pressure_floor", "pressure_fall", "pressure_held",
        "vasopressor_per_pressure", "fluid_rate", "weight_gain", "weight_most", "albumin",
        "albumin_floor", "albumin_turnover", "albumin_loss", "renal_function", "creatinine",
        "creatinine_clearance", "kidney_injury", "kidney_injury_most", "kidney_recovery",
        "urine_output", "urine_saving", "dialysis";
    rules(None): "vasopressor_hold", "vasopressor_stop", "creatinine_hold", "creatinine_stop",
        "urine_output_hold", "urine_output_stop", "weight_gain_hold", "criteria_to_stop",
        "withheld_to_stop";
    range(None): "concentration_most", "treg_total_fold_most", "nk_fold_most", "cd8_fold_most",
        "lymphocytes_fold_most", "mean_arterial_pressure_least", "albumin_least", "creatinine_most",
        "weight_gain_most", "days_most";
    soluble_cd25(None): "level", "loss", "constant";
    tumour(None): "volume", "exchange", "anchor_on", "anchor_constant", "internalisation_rate";
    covariates(None): "weight", "weight_spread", "height", "height_spread", "surface_factor", "slenderest";
    variability(None): "clearance", "volume", "clearance_with_volume", "absorption_rate",
        "bioavailability", "count", "growth", "cd25", "leak", "kidney_recovery";
}

impl WrittenPatient {
    /// The patient without the draws.
    pub fn physiology(self) -> Physiology {
        let sets = |all: IndexMap<String, WrittenKinetics>| {
            all.into_iter().map(|(id, set)| (id, set.entry())).collect()
        };
        let groups = [
            ("absorption", self.absorption),
            ("sensing", self.sensing),
            ("presentation", self.presentation),
            ("migration", self.migration),
            ("eosinophils", self.eosinophils),
            ("toxicity", self.toxicity),
            ("rules", self.rules),
            ("range", self.range),
            ("soluble_cd25", self.soluble_cd25),
            ("tumour", self.tumour),
            ("covariates", self.covariates),
            ("variability", self.variability),
        ];
        Physiology {
            pharmacokinetics: sets(self.pharmacokinetics),
            animals: sets(self.animal),
            species: self.species.into_iter().map(|(id, s)| (id, s.entry())).collect(),
            populations: self.population.into_iter().map(|(id, p)| (id, p.entry())).collect(),
            groups: groups.map(|(name, group)| (name.to_string(), group)).into(),
            draws: vec![],
        }
    }
}

impl WrittenKinetics {
    fn entry(self) -> Entry {
        let numbers = [
            ("volume", Some(self.volume)),
            ("clearance", Some(self.clearance)),
            ("intercompartmental_clearance", Some(self.intercompartmental_clearance)),
            ("peripheral_volume", Some(self.peripheral_volume)),
            ("absorption_rate", self.absorption_rate),
            ("transit_compartments", self.transit_compartments),
            ("absorption_half_amount", self.absorption_half_amount),
            ("bioavailability", self.bioavailability),
            ("release_rate", self.release_rate),
            ("prodrug_clearance", self.prodrug_clearance),
            ("anchor", self.anchor),
            ("renal_part", self.renal_part),
        ];
        Entry {
            name: self.name,
            description: self.description,
            caveats: self.caveats,
            molecules: self.molecules,
            misfit: self.misfit,
            stated: self.states,
            parameters: given(numbers).collect(),
            ..Entry::default()
        }
    }
}

impl WrittenSpecies {
    fn entry(self) -> Entry {
        let body = [
            ("weight", self.weight),
            ("height", self.height),
            ("volume_exponent", self.volume_exponent),
            ("clearance_exponent", self.clearance_exponent),
        ];
        let body = body.map(|(name, number)| (name.to_string(), number.0));
        Entry {
            name: self.name,
            description: self.description,
            caveats: self.caveats,
            parameters: body
                .into_iter()
                .chain(self.numbers.into_iter().map(|(name, number)| (name, number.0)))
                .collect(),
            ..Entry::default()
        }
    }
}

impl WrittenPopulation {
    fn entry(self) -> Entry {
        let numbers = [
            ("maturation", self.maturation),
            ("count", Some(self.count)),
            ("in_blood", Some(self.in_blood)),
            ("turnover", Some(self.turnover)),
            ("growth", Some(self.growth)),
            ("crowding", Some(self.crowding)),
            ("cd25_gain", Some(self.cd25_gain)),
            ("longer_life", self.longer_life),
            ("longevity_loss", self.longevity_loss),
        ];
        Entry {
            name: self.name,
            cell: self.cell,
            matures_into: self.matures_into.unwrap_or_default(),
            parameters: given(numbers).collect(),
            ..Entry::default()
        }
    }
}

/// Draws of fitted numbers as `il2 fit` writes them, with one column for each number,
/// `treg.growth (/d)`.
pub fn draws(file: &Path, text: &str) -> Result<Vec<Vec<(String, f64)>>, StudyError> {
    let wrong = |line: usize, what: String| StudyError {
        line: Some(line),
        ..StudyError::of_file(file, format!("{what}; create it again with `il2 fit`"))
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let column = |name: &str| -> Result<(String, f64), StudyError> {
        let (name, unit) = name.split_once(" (").unwrap_or((name, ")"));
        let one = Quantity::parse(&format!("1 {}", unit.trim_end_matches(')')));
        Ok((name.to_string(), one.map_err(|e| wrong(1, format!("column {name}: {e}")))?.value))
    };
    let header = reader.headers().map_err(|e| wrong(1, e.to_string()))?.clone();
    let columns: Vec<(String, f64)> = header.iter().map(column).collect::<Result<_, _>>()?;
    let draw = |(row, record): (usize, csv::Result<csv::StringRecord>)| {
        let line = row + 2;
        let record = record.map_err(|e| wrong(line, e.to_string()))?;
        let value = |((name, one), text): (&(String, f64), &str)| {
            let value = text.parse::<f64>().ok().filter(|v| v.is_finite());
            let value = value.ok_or_else(|| wrong(line, format!("\"{text}\" is not a number")))?;
            Ok((name.clone(), value * one))
        };
        columns.iter().zip(record.iter()).map(value).collect::<Result<Vec<_>, StudyError>>()
    };
    reader.records().enumerate().map(draw).collect()
}
