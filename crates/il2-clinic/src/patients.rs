//! The patients of a study, for a molecule and a set of pharmacokinetics; `numbers`: the numbers that a study
//! sets.

mod numbers;

pub use numbers::{may_be_set, number_unit, set_by_study, settable};

pub(crate) use numbers::{is_forming, of_two_bodies};

use crate::patients::numbers::{form, is_size, number, sized};
use il2::ligand::Ligand;
use il2::parameter::{How, Parameter, Parameters};
use il2::patient::cohort::{Cohort, Draws};
use il2::patient::individual::RENAL_FUNCTION;
use il2::patient::physiology::{Entry, Physiology, Population};
use il2::patient::sensing::{Capture, Sensed, Uptake, capture, presentation, sensed, uptake};
use il2::quantity::{Preparation, base_unit, column_suffix, three_digits};
use il2::receptor::ModelError;
use il2_engine::network::Observable;
use il2_engine::words::shown as shown_text;
use il2_output::figure::{Axis, Scale, Series};
use il2_study::error::StudyError;
use il2_study::library::Library;
use il2_study::ranges::{self, made_for};
use il2_study::study::Study;
use il2_study::study::text::QuantityText;
use il2_study::values::unknown;
use indexmap::IndexMap;
use std::sync::Arc;

/// Patients for a molecule.
#[derive(Clone, Debug)]
pub struct Patients {
    /// Ligand by its label.
    pub ligand: String,
    /// Converts amounts of the ligand.
    pub preparation: Preparation,
    /// Set of pharmacokinetics.
    pub kinetics: String,
    /// Animal species, if not human.
    pub species: Option<String>,
    /// The patients themselves.
    pub cohort: Arc<Cohort>,
    /// Sensitivity of each population to the molecule, in the order of the library.
    pub sensed: Vec<(String, Capture)>,
    /// Uptake of the molecule by each population, in the same order.
    pub uptakes: Vec<Uptake>,
    /// Warnings about numbers of the study that are far from the library's numbers that they
    /// replace.
    pub far: Vec<String>,
}

/// How patients are generated.
#[derive(Clone, Copy, Debug)]
pub struct CohortOptions<'a> {
    /// The key that may name a set of pharmacokinetics, and the set that it names, if any;
    /// otherwise the molecule's set is used.
    pub kinetics: (&'a str, Option<&'a str>),
    /// The key that may name an animal, and the animal that it names, if any.
    pub species: (&'a str, Option<&'a str>),
    /// How patients are drawn.
    pub draws: Draws,
    /// Whether patients also differ by the uncertainty of the fitted numbers.
    pub uncertain: bool,
    /// Numbers that replace the library's, and the key that names them.
    pub numbers: Option<(&'a str, &'a IndexMap<String, QuantityText>)>,
}

/// Largest number of copies of the cytokine in a molecule that patients are given. The receptor layer is
/// solved at about a hundred doses for each population: three copies take ten seconds on one processor, and
/// four were stopped after eighty.
const MOST_COPIES: u32 = 3;

/// Patients treated with a ligand of the study; `at` is the key that names it.
pub fn patients(
    study: &Study,
    at: &str,
    ligand: &str,
    made: &CohortOptions,
) -> Result<Patients, StudyError> {
    let physiology = &Library::builtin().physiology;
    let populations = populations(physiology);
    let molecule = study.ligand(at, ligand)?;
    if let Some(released) = &molecule.releases {
        let message = format!(
            "\"{ligand}\" releases {released} in a medium, but in a patient the pharmacokinetics \
             describe the release; use {released} with pharmacokinetics such as \"masked\""
        );
        return Err(StudyError::at(at, message));
    }
    let copies = molecule.valency.max(molecule.parts.len() as u32);
    if copies > MOST_COPIES {
        let message = format!(
            "\"{ligand}\" has {copies} copies or arms, but patients can be given a molecule of at most \
             {MOST_COPIES}: solving the binding of more to every cell of a patient takes too long; use \
             valency = {MOST_COPIES} as the nearest molecule, or run this one on cells, for example with \
             kind = \"dose-response\""
        );
        return Err(StudyError::at(at, message));
    }
    let found =
        sensing(study, molecule, &populations).map_err(|e| StudyError::model(at, e.to_string()))?;
    let kinetics = kinetics_for(made.kinetics, molecule)?;
    let mut set = kinetics_of(made.kinetics.0, kinetics)?;
    let species = species_of(made.species)?;
    let body = match (species, made.numbers) {
        (Some(species), _) => Some(physiology.with_body(species)),
        (None, Some((at, numbers))) => sized(at, numbers, physiology)?,
        (None, None) => None,
    };
    let body = body.as_ref().unwrap_or(physiology);
    let mut cohort = Cohort::new(body, &set, &populations, &found, made.draws);
    if let Some((at, numbers)) = made.numbers
        && form(at, numbers, &cohort, &mut set)?
    {
        cohort = Cohort::new(body, &set, &populations, &found, made.draws);
    }
    if let Some(species) = species {
        as_species(&mut cohort, physiology, species);
    }
    if made.uncertain {
        cohort = cohort.uncertain();
    }
    let mut far = vec![];
    if let Some((at, numbers)) = made.numbers {
        for (name, text) in numbers.iter().filter(|(name, _)| species.is_some() || !is_size(name)) {
            let at = format!("{at}.{name}");
            let (parameter, value) = number(&at, &cohort, &set, name, text)?;
            let before = cohort.usual()[parameter.0];
            if name == RENAL_FUNCTION && value != before {
                far.push(KIDNEYS_ASSUMED.into());
            }
            let unit = base_unit(cohort.body.network.parameters[parameter.0].dimension);
            let of_library = format!("{} {unit}", three_digits(before));
            // The library's number means a depot that does not saturate.
            if !name.ends_with("absorption_half_amount") {
                far.extend(ranges::far(&at, &text.0, value, of_library.trim(), before));
            }
            cohort.set(parameter, value);
        }
    }
    let (ligand, kinetics) = (ligand.to_string(), kinetics.to_string());
    let preparation = molecule.preparation();
    let ids = populations.iter().map(|p| p.id.clone());
    let sensed = ids.zip(found.captures).collect();
    let (cohort, uptakes) = (Arc::new(cohort), found.uptakes);
    let species = made.species.1.map(String::from);
    Ok(Patients { ligand, preparation, kinetics, species, cohort, sensed, uptakes, far })
}

/// A warning for patients with reduced kidney function.
pub const KIDNEYS_ASSUMED: &str = "The fraction of the drug that the kidneys clear is assumed \
                                   (renal_part), and two patients without kidneys cleared the drug \
                                   several times faster than in the model (Schiphorst 1999): with \
                                   impaired kidneys, concentrations are upper bounds.";

/// A warning in every result about patients.
pub const MOSTLY_ASSUMED: &str =
    "Most parameters of the patient are assumed, not fitted; `il2 list patient` shows which.";

/// Quantities in a figure of patients by default.
const USUALLY_SHOWN: [&str; 10] = [
    "concentration",
    "treg_fold",
    "tconv_fold",
    "cd8_fold",
    "nk_fold",
    "lymphocytes_fold",
    "eosinophils_fold",
    "mean_arterial_pressure",
    "creatinine",
    "urine_output",
];

/// Quantities in a figure of patients, every name checked.
pub fn shown(
    at: &str,
    asked: Option<&Vec<String>>,
    patients: &Patients,
) -> Result<Vec<String>, StudyError> {
    let all = &patients.cohort.body.network.observables;
    asked.map_or(Ok(()), |names| il2_study::choose::each_once(&format!("{at}.show"), names))?;
    let show = asked.cloned().unwrap_or(USUALLY_SHOWN.map(String::from).to_vec());
    for (i, name) in show.iter().enumerate() {
        if !all.iter().any(|o| o.name == *name) {
            let known = all.iter().map(|o| o.name.as_str());
            return Err(unknown(&format!("{at}.show[{i}]"), "readout", name, known, "a patient"));
        }
    }
    Ok(show)
}

/// Readouts in clinical units, which are dimensionless in the engine: name, unit, and ending of the column.
const CLINICAL: [(&str, &str, &str); 7] = [
    ("mean_arterial_pressure", "mmHg", "mmhg"),
    ("vasopressor", "ug/kg/min", "ug_per_kg_min"),
    ("weight_gain", "% of body weight", "percent"),
    ("albumin", "g/dL", "g_per_dl"),
    ("creatinine", "mg/dL", "mg_per_dl"),
    ("urine_output", "mL in 8 h", "ml_per_8h"),
    ("treg_of_cd4", "% of CD4 T cells", "percent"),
];

/// Unit of an observable of a patient; empty for plain numbers.
pub fn unit(observable: &Observable) -> String {
    let clinical = CLINICAL.iter().find(|(name, ..)| *name == observable.name);
    clinical.map_or_else(|| base_unit(observable.dimension), |(_, unit, _)| (*unit).to_string())
}

/// Whether a readout is in a unit of the clinic that is no unit of the program, such as mmHg.
pub fn is_clinical(observable: &Observable) -> bool {
    CLINICAL.iter().any(|(name, ..)| *name == observable.name)
}

/// A value of a readout in its unit, which a study may leave out if it is a clinical one.
pub fn readout_value(
    at: &str,
    text: &QuantityText,
    observable: &Observable,
) -> Result<f64, StudyError> {
    let Some((name, unit, _)) = CLINICAL.iter().find(|(name, ..)| *name == observable.name) else {
        return il2_study::values::quantity(at, text, observable.dimension);
    };
    // A percentage is a number of this unit: 10 % is 10 and not 0.1.
    let text = text.0.trim();
    let first = unit.split(' ').next().unwrap_or_default();
    let plain = text.strip_suffix(unit).or_else(|| text.strip_suffix(first)).unwrap_or(text);
    match plain.trim_end().parse::<f64>() {
        Ok(value) if value >= 0.0 && value.is_finite() => Ok(value),
        _ => {
            let (text, name) = (shown_text(text), name.replace('_', " "));
            let message = format!(
                "\"{text}\" is not a value of {name}; write a number with {unit}, such as \"10 {unit}\""
            );
            Err(StudyError::at(at, message))
        }
    }
}

/// Column of an observable in a table: its name, followed by the unit.
pub fn column(observable: &Observable) -> String {
    let name = &observable.name;
    match CLINICAL.iter().find(|(clinical, ..)| clinical == name) {
        Some((.., ending)) => format!("{name}_{ending}"),
        None => format!("{name}{}", column_suffix(observable.dimension)),
    }
}

/// Unit of readouts relative to their value before treatment.
pub const FOLD: &str = "× baseline";

/// Name and unit of an observable of a patient, in words.
pub fn words(observable: &Observable) -> (String, String) {
    match (observable.name.as_str(), unit(observable)) {
        ("treg_of_cd4", unit) => ("Treg among CD4".into(), unit),
        (name, unit) if unit.is_empty() && name.ends_with("_fold") => {
            (name.trim_end_matches("_fold").replace('_', " "), FOLD.into())
        }
        (name, unit) => (name.replace('_', " "), unit),
    }
}

/// Axis of an observable of a patient; concentrations of drug span decades.
pub fn axis(observable: &Observable) -> Axis {
    let (label, unit) = words(observable);
    let name = &observable.name;
    let label = match name.as_str() {
        "concentration" => "concentration in plasma".into(),
        _ => il2_answer::labels::written(&label.replace(' ', "_")),
    };
    let logarithmic = name == "concentration" || name.ends_with("_ec50");
    if logarithmic { Axis::log(label, unit) } else { Axis::linear(label, unit) }
}

/// Lower end of an axis of drug levels as a fraction of the peak: five decades below the peak,
/// nothing can be measured.
pub const FLOOR: f64 = 1e-5;

/// Ends a logarithmic axis at a fraction of the highest point: curves that fall further leave the
/// panel there instead of seeming to stop.
pub fn above_floor(y: &mut Axis, content: &[Series], part: f64) {
    let levels = || content.iter().flat_map(|s| s.points.iter().map(|p| p.1)).filter(|v| *v > 0.0);
    let ends = content.iter().flat_map(|s| s.band.iter().map(|b| b.2));
    let peak = levels().fold(0.0, f64::max);
    if y.scale == Scale::Log && levels().fold(f64::MAX, f64::min) < peak * part {
        y.range = Some((peak * part, ends.fold(peak, f64::max) * 1.5));
    }
}

/// A set of pharmacokinetics of the library.
pub fn kinetics_of(at: &str, name: &str) -> Result<Parameters, StudyError> {
    let physiology = &Library::builtin().physiology;
    let known = physiology.pharmacokinetics.keys().map(String::as_str);
    physiology.kinetics(name).ok_or_else(|| unknown(at, "set", name, known, "the library"))
}

/// The animal that a study names, if it does.
fn species_of((at, named): (&str, Option<&str>)) -> Result<Option<&'static Entry>, StudyError> {
    let Some(named) = named else { return Ok(None) };
    let all = &Library::builtin().physiology.species;
    let known = all.keys().map(String::as_str);
    all.get(named).map(Some).ok_or_else(|| unknown(at, "species", named, known, "the library"))
}

/// Numbers of an animal in place of human ones, and kinetics scaled to its size.
fn as_species(cohort: &mut Cohort, people: &Physiology, species: &Entry) {
    let of = |name: &str| people.number("covariates", name);
    let surface = of("surface_factor") * (of("weight") * of("height")).sqrt();
    let exponent = |name: &str| species.parameters[name].value;
    let (volume, clearance) = (exponent("volume_exponent"), exponent("clearance_exponent"));
    cohort.carry_over((of("weight"), surface), volume, clearance);
    for (name, number) in &species.parameters {
        if let Some(parameter) = cohort.body.network.parameter_named(name) {
            cohort.set(parameter, number.value);
        }
    }
}

/// The set of pharmacokinetics of a molecule: the one that the study names, or the first set made
/// for the molecule. A set for another molecule is used only if the study names it.
pub fn kinetics_for<'a>(
    (at, named): (&str, Option<&'a str>),
    molecule: &Ligand,
) -> Result<&'a str, StudyError> {
    if let Some(named) = named {
        return kinetics_of(at, named).map(|_| named);
    }
    let sets = &Library::builtin().physiology.pharmacokinetics;
    let made = |set: &Entry| {
        !set.molecules.is_empty()
            && made_for(&set.molecules, Some(molecule))
            && !is_reshaped(molecule)
    };
    let found = sets.iter().find(|(_, set)| made(set)).map(|(name, _)| name.as_str());
    found.ok_or_else(|| {
        let sets: Vec<&str> = sets.keys().map(String::as_str).collect();
        let message = format!(
            "is missing: the library has no pharmacokinetics for {}; choose the set to assume: {}",
            molecule.name,
            sets.join(", ")
        );
        StudyError::at(at, message)
    })
}

/// Whether a study made another form of a molecule: one of several copies or arms, or one with
/// another association rate, as with polyethylene glycol attached. All forms of a fusion are
/// fusions.
fn is_reshaped(molecule: &Ligand) -> bool {
    let set = |p: &Parameter| p.how == How::Study;
    let approaches = molecule.parameters.get("association").is_some_and(set);
    molecule.parent.is_none() && (molecule.valency > 1 || !molecule.parts.is_empty() || approaches)
}

fn populations(physiology: &Physiology) -> Vec<Population> {
    let of = |(id, entry): (&String, &Entry)| {
        let cell = Library::builtin().cell(&entry.cell).expect("a test checks every cell").clone();
        Population { id: id.clone(), entry: entry.clone(), cell }
    };
    physiology.populations.iter().map(of).collect()
}

/// The population whose sensitivity to a molecule, relative to native interleukin-2, represents
/// that of the endothelium: the CD25-rich population whose receptors were counted.
const LIKE_ENDOTHELIUM: &str = "treg";

/// Sensitivity and uptake of every population for a ligand, from the receptor model.
fn sensing(
    study: &Study,
    ligand: &Ligand,
    populations: &[Population],
) -> Result<Sensed, ModelError> {
    let library = Library::builtin();
    let native = library.ligand("il2").expect("native interleukin-2");
    let number = |name: &str| library.physiology.number("sensing", name);
    let measured = Capture {
        ec50_without_cd25: number("pair_constant"),
        per_cd25: 1.0 / number("capture_number"),
        cd25_half: f64::INFINITY,
        top: 1.0,
    };
    let model = &study.models["gamma-chain"].model;
    let mut all = Sensed { presentation: presentation(ligand), ..Sensed::default() };
    for p in populations {
        let usual = p.count("il2r_alpha");
        let of = capture(model, ligand, &p.cell, usual)?;
        let as_native = capture(model, native, &p.cell, usual)?;
        let found = sensed(of, as_native, measured);
        all.captures.push(found);
        all.uptakes.push(uptake(model, ligand, &p.cell, of, usual)?);
        if p.id == LIKE_ENDOTHELIUM {
            let native = sensed(as_native, as_native, measured);
            all.endothelium = (found.ec50(usual) / native.ec50(usual), found.top);
        }
    }
    Ok(all)
}
