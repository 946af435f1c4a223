//! The measured quantities, each with its unit and residual error.

use crate::event_table::Patient;
use crate::event_table::units;
use crate::patients;
use crate::population_fit::readout_unit::ReadoutUnit;
use il2::quantity::Quantity;
use il2_engine::Dimension;
use il2_engine::network::Observable;
use il2_engine::words::counted;
use il2_inference::population::Residual;
use il2_output::figure::Axis;
use il2_study::csv_file;
use il2_study::error::StudyError;
use il2_study::event_table::EventTable;
use il2_study::study::population::{ObservedPart, PopulationFitPart, ResidualPart};
use il2_study::study::text::{Fraction, QuantityText};
use il2_study::values::{quantity, unknown};
use std::path::Path;

/// The output of a model that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readout {
    /// The concentration.
    Level,
    /// The effect.
    Effect,
    /// A readout of a patient, by its index.
    Observable(usize),
}

/// A quantity that is measured.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Name in DVID; empty if there is only one quantity.
    pub name: String,
    /// Which output of the model it measures.
    pub of: Readout,
    /// What is measured, in words.
    pub word: String,
    /// Its unit as the study writes it; empty for a plain number.
    pub unit: String,
    /// Its unit on axes: a change from baseline is a plain number in the table.
    pub axis_unit: String,
    /// One such unit in base units.
    pub factor: f64,
    /// Residual error model.
    pub residual: Residual,
    /// Starting values of its standard deviations; an additive one is in its unit.
    pub sds: Vec<f64>,
    /// Lower limit of quantification that the study gives, in its unit.
    pub lower_limit: Option<f64>,
}

impl Endpoint {
    /// What is measured, with the value of DVID if there are several quantities.
    pub fn told(&self) -> String {
        match &self.name {
            none if none.is_empty() => self.word.clone(),
            name if name.eq_ignore_ascii_case(&self.word) => self.word.clone(),
            name => format!("{} (DVID {name})", self.word),
        }
    }

    /// Its axis.
    pub fn axis(&self, before: &str) -> Axis {
        Axis::linear(format!("{before}{}", self.word), self.axis_unit.as_str())
    }

    /// Name of a standard deviation of the residual error.
    pub fn residual_name(&self, own: &str) -> String {
        if self.name.is_empty() { own.to_string() } else { format!("{} {own}", self.name) }
    }

    /// Whether a prediction of zero leaves no scatter.
    pub fn scatters_in_proportion(&self) -> bool {
        matches!(self.residual, Residual::Proportional | Residual::LogAdditive)
    }
}

/// All measured quantities of a study, in the order of DVID's names.
pub fn endpoints(
    at: &str,
    part: &PopulationFitPart,
    (patient, concentration): (Option<&Patient>, f64),
) -> Result<Vec<Endpoint>, StudyError> {
    let written = units::concentration(&part.units);
    let level = |at: &str, name: &str, given: Scatter| {
        let mut level = endpoint(at, name, (Readout::Level, "concentration"), (&written, given))?;
        // Amounts of a molecule are converted by its preparation.
        level.factor = concentration;
        Ok::<Endpoint, StudyError>(level)
    };
    let missing = |key: &str, message: String| Err(StudyError::at(format!("{at}.{key}"), message));
    if part.observed.is_empty() {
        let Some(residual) = &part.residual else {
            let message =
                "is missing; set the residual error, for example residual = { proportional = 0.2 }";
            return missing("residual", message.into());
        };
        if part.effect.is_some() {
            let message = "is set, but it is not stated which measurements are effects; add \
                           observed.NAME for each value of DVID, with of = \"concentration\" or of \
                           = \"effect\"";
            return missing("effect", message.into());
        }
        return Ok(vec![level(at, "", (residual, part.lloq.as_ref()))?]);
    }
    for (key, given) in [("residual", part.residual.is_some()), ("lloq", part.lloq.is_some())] {
        if given {
            let message = "is set in each part of `observed`; leave it out here".to_string();
            return missing(key, message);
        }
    }
    let mut all = vec![];
    for (name, given) in &part.observed {
        let at = format!("{at}.observed.{name}");
        let unit = given.unit.as_deref().unwrap_or("");
        let scatter = (&given.residual, given.lloq.as_ref());
        let of_level = given.of == "concentration";
        if of_level && given.unit.is_some() {
            let message = "is not allowed here, because units.concentration is the unit of \
                           concentrations; leave it out";
            return Err(StudyError::at(format!("{at}.unit"), message));
        }
        all.push(match (given.of.as_str(), patient) {
            ("concentration", _) => level(&at, name, scatter)?,
            ("effect", None) if part.effect.is_none() => {
                let message = "is \"effect\", but the model has no effect; add `effect` to the \
                               assay, for example effect = \"inhibits-production\"";
                return Err(StudyError::at(format!("{at}.of"), message));
            }
            ("effect", None) => endpoint(&at, name, (Readout::Effect, "effect"), (unit, scatter))?,
            (other, None) => {
                let known = ["concentration", "effect"].into_iter();
                return Err(unknown(&format!("{at}.of"), "quantity", other, known, "this model"));
            }
            (other, Some(patient)) => {
                let observables = &patient.patients.cohort.body.network.observables;
                let place = observables.iter().position(|o| o.name == other);
                let known = observables.iter().map(|o| o.name.as_str());
                let place = place.ok_or_else(|| {
                    unknown(&format!("{at}.of"), "readout", other, known, "a patient")
                })?;
                observable(&at, name, (place, &observables[place]), given)?
            }
        });
    }
    let of_effect: Vec<&Endpoint> = all.iter().filter(|e| e.of == Readout::Effect).collect();
    if let [_, second, ..] = of_effect.as_slice() {
        let message =
            "is \"effect\", which another part of `observed` already measures; keep one of the two";
        return missing(&format!("observed.{}.of", second.name), message.into());
    }
    if part.effect.is_some() && of_effect.is_empty() {
        let names: Vec<&str> = part.observed.keys().map(String::as_str).collect();
        let message = format!(
            "is not measured by any of {}; specify which DVID measures it: observed.NAME.of = \
             \"effect\"",
            names.join(", ")
        );
        return missing("effect", message);
    }
    Ok(all)
}

/// The dimension of the effect, if an effect is measured.
pub fn effect_unit(endpoints: &[Endpoint]) -> Dimension {
    let effect = endpoints.iter().find(|e| e.of == Readout::Effect);
    let unit = effect.and_then(|e| Quantity::parse(format!("1 {}", e.unit).trim()).ok());
    unit.map_or(Dimension::DIMENSIONLESS, |unit| unit.dimension)
}

/// How a quantity scatters, and its lower limit of quantification.
type Scatter<'a> = (&'a ResidualPart, Option<&'a QuantityText>);

fn endpoint(
    at: &str,
    name: &str,
    (of, word): (Readout, &str),
    (unit, (given, limit)): (&str, Scatter),
) -> Result<Endpoint, StudyError> {
    let one = Quantity::parse(format!("1 {unit}").trim())
        .map_err(|e| StudyError::at(format!("{at}.unit"), e.0))?;
    let value = |at: &str, text: &QuantityText| Ok(quantity(at, text, one.dimension)? / one.value);
    let (residual, sds) = residual(at, given, &value)?;
    let lower_limit = limit.map(|text| lower_limit(at, text, &value)).transpose()?;
    let (name, word, unit) = (name.to_string(), word.to_string(), unit.to_string());
    let (axis_unit, factor) = (unit.clone(), one.value);
    Ok(Endpoint { name, of, word, unit, axis_unit, factor, residual, sds, lower_limit })
}

/// Reads a value with its unit as a number of the unit of DV.
type Value<'a> = dyn Fn(&str, &QuantityText) -> Result<f64, StudyError> + 'a;

fn lower_limit(at: &str, text: &QuantityText, value: &Value) -> Result<f64, StudyError> {
    let at = format!("{at}.lloq");
    let limit = value(&at, text)?;
    match limit > 0.0 && limit.is_finite() {
        true => Ok(limit),
        false => Err(StudyError::at(at, "must be above zero; leave it out if there is no limit")),
    }
}

/// A readout of a patient, in the unit of DV.
fn observable(
    at: &str,
    name: &str,
    (place, of): (usize, &Observable),
    given: &ObservedPart,
) -> Result<Endpoint, StudyError> {
    let unit = ReadoutUnit::read(at, given.unit.as_deref(), of)?;
    let value = |at: &str, text: &QuantityText| unit.value(at, text);
    let (residual, sds) = residual(at, &given.residual, &value)?;
    let limit = given.lloq.as_ref();
    let limit = limit.map(|text| lower_limit(at, text, &value)).transpose()?;
    let (unit, factor) = (unit.written.clone(), unit.factor);
    let axis_unit = match (patients::words(of).1.as_str(), unit.as_str()) {
        (patients::FOLD, "") => patients::FOLD.to_string(),
        (patients::FOLD, "%") => "% of baseline".to_string(),
        _ => unit.clone(),
    };
    let (word, of) = (patients::axis(of).label, Readout::Observable(place));
    let name = name.to_string();
    Ok(Endpoint { name, of, word, unit, axis_unit, factor, residual, sds, lower_limit: limit })
}

fn residual(
    at: &str,
    given: &ResidualPart,
    value: &Value,
) -> Result<(Residual, Vec<f64>), StudyError> {
    let at = format!("{at}.residual");
    let additive = given.additive.as_ref();
    let additive = additive.map(|text| value(&format!("{at}.additive"), text)).transpose()?;
    if additive == Some(0.0) {
        let message = "must be above zero; leave it out if there is no additive error";
        return Err(StudyError::at(format!("{at}.additive"), message));
    }
    for (key, value) in [("proportional", given.proportional), ("logarithmic", given.logarithmic)] {
        if value.is_some_and(|Fraction(v)| !(1e-4..=10.0).contains(&v)) {
            let message = "must be from 0.0001 to 10, for example 0.2";
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
    }
    let both = match given.sum_of.as_deref() {
        None | Some("variances") => Residual::Combined,
        Some("standard-deviations") => Residual::Summed,
        Some(other) => {
            let known = ["variances", "standard-deviations"].into_iter();
            return Err(unknown(&format!("{at}.sum_of"), "sum", other, known, "a residual error"));
        }
    };
    if given.sum_of.is_some() && (additive.is_none() || given.proportional.is_none()) {
        let message = "applies only to `additive` together with `proportional`; leave it out";
        return Err(StudyError::at(format!("{at}.sum_of"), message));
    }
    match (additive, given.proportional, given.logarithmic) {
        (Some(a), None, None) => Ok((Residual::Additive, vec![a])),
        (None, Some(Fraction(b)), None) => Ok((Residual::Proportional, vec![b])),
        (Some(a), Some(Fraction(b)), None) => Ok((both, vec![a, b])),
        (None, None, Some(Fraction(s))) => Ok((Residual::LogAdditive, vec![s])),
        _ => {
            let message = "must contain `additive`, `proportional`, both of these, or only \
                           `logarithmic`";
            Err(StudyError::at(at, message))
        }
    }
}

/// How many measurements a table has of each quantity.
pub fn counts(endpoints: &[Endpoint], table: &EventTable) -> Vec<usize> {
    let mut counts = vec![0; endpoints.len()];
    for s in &table.subjects {
        for (r, _) in s.measured.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            counts[s.kinds.get(r).copied().unwrap_or(0)] += 1;
        }
    }
    counts
}

/// Warns of concentrations below zero. Assays without a limit of quantification report small ones,
/// which an additive error fits; a change of an effect may be negative.
pub fn below_zero(file: &str, endpoints: &[Endpoint], table: &EventTable) -> Option<String> {
    /// Largest number of values that the warning lists.
    const TOLD: usize = 3;
    let (mut found, mut levels) = (vec![], 0);
    for s in &table.subjects {
        for (r, value) in s.measured.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            let endpoint = &endpoints[s.kinds.get(r).copied().unwrap_or(0)];
            if endpoint.of != Readout::Level {
                continue;
            }
            levels += 1;
            if *value < 0.0 {
                found.push(format!("{value} {} in line {}", endpoint.unit, s.lines[r]));
            }
        }
    }
    let more = match found.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(", and in {}", counted(more, "more line")),
    };
    // Noise around zero makes few values negative.
    const FEW: usize = 5;
    let logarithm = match found.len() > FEW.max(levels / 10) {
        true => " DV may be a logarithm: if so, write the concentrations themselves.",
        false => "",
    };
    found.truncate(TOLD);
    (!found.is_empty()).then(|| {
        format!(
            "{file}: DV has negative concentrations: {}{more}.{logarithm} They are fitted unchanged; \
             if they are not noise of the assay, correct them, set MDV to 1, or mark them as below the \
             limit of quantification (BLQ as DV, or BLQ 1, with an LLOQ)",
            found.join(", "),
        )
    })
}

/// Refuses values that the residual error of their quantity makes impossible, and quantities
/// without a value, whose residual error cannot be estimated.
pub fn check(
    at: &str,
    endpoints: &[Endpoint],
    estimates: bool,
    (file, table): (&Path, &EventTable),
) -> Result<(), StudyError> {
    for s in &table.subjects {
        for (r, value) in s.measured.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            let endpoint = &endpoints[s.kinds.get(r).copied().unwrap_or(0)];
            if endpoint.scatters_in_proportion() && *value <= 0.0 {
                let logarithm = match endpoint.residual {
                    Residual::LogAdditive if *value < 0.0 => {
                        " (DV is the value itself, not its logarithm)"
                    }
                    _ => "",
                };
                let message = format!(
                    "{value} is impossible with a residual error that is proportional to the \
                     prediction{logarithm}; set MDV to 1 on this line, give the limit of \
                     quantification (CENS or LLOQ), or use an additive error"
                );
                return Err(csv_file::at(file, s.lines[r] as usize, "DV", message));
            }
        }
    }
    for (endpoint, count) in endpoints.iter().zip(counts(endpoints, table)) {
        if count == 0 && estimates && !endpoint.name.is_empty() {
            let message = format!(
                "is not measured: no line of {} with a DV has DVID {}; correct the name, or leave \
                 this part out",
                file.display(),
                endpoint.name
            );
            return Err(StudyError::at(format!("{at}.observed.{}", endpoint.name), message));
        }
    }
    Ok(())
}
