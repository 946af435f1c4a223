//! The patients of a study, for a molecule and a set of pharmacokinetics. Above 400 lines: what a study may set of
//! patients is checked beside where they are made of it.

use il2::ligand::Ligand;
use il2::parameter::{How, Parameter, Parameters, in_place_of};
use il2::patient::cohort::{Cohort, Draws};
use il2::patient::physiology::{Entry, Physiology, Population};
use il2::patient::sensing::{Capture, Sensed, Uptake, capture, sensed, uptake};
use il2::quantity::{Preparation, base_unit, column_suffix, three_digits};
use il2::receptor::ModelError;
use il2_engine::network::Observable;
use il2_engine::{Dimension, Limits, ParameterId};
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
    /// Converts its amounts.
    pub preparation: Preparation,
    /// Set of pharmacokinetics.
    pub kinetics: String,
    /// Animal species, if not human.
    pub species: Option<String>,
    /// The patients themselves.
    pub cohort: Arc<Cohort>,
    /// Sensitivity of each population to the molecule, in the order of the library.
    pub sensed: Vec<(String, Capture)>,
    /// What each takes up of it, in the same order.
    pub uptakes: Vec<Uptake>,
    /// Warnings about numbers of the study that are far from those that they replace.
    pub far: Vec<String>,
}

/// How patients are to be made.
#[derive(Clone, Copy, Debug)]
pub struct CohortOptions<'a> {
    /// The place that names a set of pharmacokinetics, and the set if it does: that of the molecule otherwise.
    pub kinetics: (&'a str, Option<&'a str>),
    /// The place that names an animal, and the animal if it does.
    pub species: (&'a str, Option<&'a str>),
    /// How they are drawn.
    pub draws: Draws,
    /// Whether they also differ by the uncertainty of the fitted numbers.
    pub uncertain: bool,
    /// Numbers that replace the library's, and the place that names them.
    pub numbers: Option<(&'a str, &'a IndexMap<String, QuantityText>)>,
}

/// Patients who are given a ligand of the study; `at` is the place that names it.
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
            "\"{ligand}\" releases {released} in a medium; in a patient the pharmacokinetics say how a masked \
             form is released: take {released} with kinetics such as \"masked\""
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
            let unit = base_unit(cohort.body.network.parameters[parameter.0].dimension);
            let of_library = format!("{} {unit}", three_digits(before));
            // The library's stands for a depot that nothing saturates.
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

/// Numbers of the patient that a study may set.
pub fn settable(cohort: &Cohort) -> Vec<&str> {
    let network = &cohort.body.network;
    let fixed = |id: ParameterId| {
        matches!(network.parameters[id.0].limits, Limits::Constant | Limits::Follows)
    };
    let all = (0..network.parameters.len()).map(ParameterId);
    let named = all.map(|id| (id, network.parameters[id.0].name.as_str()));
    let settable = named
        .filter(|(id, name)| !fixed(*id) && (is_forming(name) || may_be_set(cohort, *id).is_ok()));
    settable.map(|(_, name)| name).collect()
}

/// Numbers of a set of pharmacokinetics that decide which equations there are: whether the drug is masked, and how
/// many compartments it passes. Patients are made anew where a study sets one.
const FORMING: [&str; 2] = ["release_rate", "transit_compartments"];
/// Most that kidneys filter, relative to the usual: more is a percentage.
const MOST_RENAL_FUNCTION: f64 = 2.0;
/// Most compartments in a row.
const MOST_TRANSITS: f64 = 30.0;

fn is_forming(name: &str) -> bool {
    name.strip_prefix("pharmacokinetics.").is_some_and(|name| FORMING.contains(&name))
}

/// The weight and the height of the usual patient, which a study may set for people: `covariates.weight`.
const SIZES: [(&str, &str); 2] = [("weight", "kg"), ("height", "cm")];

fn is_size(name: &str) -> bool {
    name.strip_prefix("covariates.")
        .is_some_and(|size| SIZES.iter().any(|(known, _)| *known == size))
}

/// The numbers of people of the weight and height that a study sets, if it does.
fn sized(
    at: &str,
    numbers: &IndexMap<String, QuantityText>,
    people: &Physiology,
) -> Result<Option<Physiology>, StudyError> {
    let mut body = None;
    for (size, unit) in SIZES {
        let name = format!("covariates.{size}");
        let Some(text) = numbers.get(&name) else { continue };
        let range = &Library::builtin().ranges[size];
        let range =
            range.possible.as_ref().or(range.usual.interval.as_ref()).expect("body sizes have one");
        let value = text.0.trim().trim_end_matches(unit).trim().parse::<f64>().ok();
        let Some(value) = value.filter(|v| (range.low..=range.high).contains(v)) else {
            let message = format!(
                "\"{}\" is not a {size} of {} to {} {unit}; write for example \"{}\"",
                text.0,
                range.low,
                range.high,
                people.number("covariates", size)
            );
            return Err(StudyError::at(format!("{at}.{name}"), message));
        };
        let all = body.get_or_insert_with(|| people.clone());
        let group = all.groups.get_mut("covariates").expect("of every patient");
        group.get_mut(size).expect("a size of every patient").value = value;
    }
    Ok(body)
}

/// Lays the numbers of a study that decide on the equations over those of a set; says whether there are any.
fn form(
    at: &str,
    numbers: &IndexMap<String, QuantityText>,
    cohort: &Cohort,
    set: &mut Parameters,
) -> Result<bool, StudyError> {
    let mut any = false;
    for (name, text) in numbers.iter().filter(|(name, _)| is_forming(name)) {
        let at = format!("{at}.{name}");
        let (_, value) = number(&at, cohort, set, name, text)?;
        let whole = value.fract() == 0.0 && value <= MOST_TRANSITS;
        if name.ends_with("transit_compartments") && !whole {
            let message =
                format!("{value} is not a whole number from 0 to {MOST_TRANSITS}; use one of them");
            return Err(StudyError::at(&at, message));
        }
        let own = name.trim_start_matches("pharmacokinetics.");
        set.get_mut(own).expect("a number of every set").value = value;
        any = true;
    }
    Ok(any)
}

/// Whether a study may set or fit a number of the patient, or why not.
pub fn may_be_set(cohort: &Cohort, parameter: ParameterId) -> Result<(), &'static str> {
    let network = &cohort.body.network;
    let name = &network.parameters[parameter.0].name;
    if name.starts_with("infusion") {
        return Err("is set by doses; give an infusion instead");
    }
    if !network.reads(parameter) {
        return Err("is used only when patients are made, so that setting it would have no effect");
    }
    if name == "pharmacokinetics.release_rate" && cohort.body.arrives == cohort.body.active {
        return Err("belongs to a masked form; choose pharmacokinetics = \"masked\"");
    }
    Ok(())
}

/// A number of the patient that a study sets.
fn number(
    at: &str,
    cohort: &Cohort,
    set: &Parameters,
    name: &str,
    text: &QuantityText,
) -> Result<(ParameterId, f64), StudyError> {
    let network = &cohort.body.network;
    let known = network.parameters.iter().map(|p| p.name.as_str());
    let parameter = network.parameter_named(name);
    let id = parameter.ok_or_else(|| unknown(at, "number", name, known, "a patient"))?;
    if !is_forming(name) {
        may_be_set(cohort, id).map_err(|what| StudyError::at(at, what))?;
    }
    let parameter = &network.parameters[id.0];
    let usual = Some(cohort.usual()[id.0]);
    let written = usual.and_then(|usual| written(set, name, usual));
    let value = in_place_of(usual, written, &text.0, parameter.dimension, parameter.limits);
    let value = value.map_err(|e| StudyError::at(at, e.0))?;
    if name == "toxicity.renal_function" && value > MOST_RENAL_FUNCTION {
        let message = format!(
            "\"{}\" is more than kidneys filter; it is relative to the usual: write 0.5 for half of it",
            text.0
        );
        return Err(StudyError::at(at, message));
    }
    Ok((id, value))
}

/// A number of the patient as written in the library, where the equations use it unchanged.
fn written<'a>(set: &'a Parameters, name: &str, usual: f64) -> Option<&'a str> {
    let physiology = &Library::builtin().physiology;
    let (group, own) = name.split_once('.')?;
    let of_population = physiology.populations.get(group).map(|p| &p.parameters);
    let of_group = of_population.or_else(|| physiology.groups.get(group)).unwrap_or(set);
    let found = of_group.get(own).filter(|p| (p.value / usual - 1.0).abs() < 1e-9)?;
    Some(found.text.as_str())
}

/// A warning in every result about patients.
pub const MOSTLY_ASSUMED: &str =
    "Most numbers of the patient are assumed, not fitted: `il2 list patient` says which.";

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

/// Units of numbers that are dimensionless in the engine, by their name in the network.
const CLINICAL_NUMBERS: [(&str, &str); 10] = [
    ("toxicity.pressure", "mmHg"),
    ("toxicity.pressure_floor", "mmHg"),
    ("toxicity.pressure_held", "mmHg"),
    ("toxicity.vasopressor_per_pressure", "ug/kg/min/mmHg"),
    ("toxicity.albumin", "g/dL"),
    ("toxicity.albumin_floor", "g/dL"),
    ("toxicity.creatinine", "mg/dL"),
    ("toxicity.urine_output", "mL in 8 h"),
    ("toxicity.weight_gain", "% of body weight"),
    ("toxicity.weight_most", "% of body weight"),
];

/// Unit of a number of a patient; empty for plain numbers.
pub fn number_unit(name: &str, dimension: Dimension) -> String {
    let clinical = CLINICAL_NUMBERS.iter().find(|(known, _)| *known == name);
    clinical.map_or_else(|| base_unit(dimension), |(_, unit)| (*unit).to_string())
}

/// Unit of an observable of a patient; empty for plain numbers.
pub fn unit(observable: &Observable) -> String {
    let clinical = CLINICAL.iter().find(|(name, ..)| *name == observable.name);
    clinical.map_or_else(|| base_unit(observable.dimension), |(_, unit, _)| (*unit).to_string())
}

/// Its column in a table, with the unit behind the name.
pub fn column(observable: &Observable) -> String {
    let name = &observable.name;
    match CLINICAL.iter().find(|(clinical, ..)| clinical == name) {
        Some((.., ending)) => format!("{name}_{ending}"),
        None => format!("{name}{}", column_suffix(observable.dimension)),
    }
}

/// Unit of what is counted relative to the value before treatment.
pub const FOLD: &str = "× baseline";

/// Name and unit of an observable of a patient.
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
        _ => crate::labels::written(&label.replace(' ', "_")),
    };
    let logarithmic = name == "concentration" || name.ends_with("_ec50");
    if logarithmic { Axis::log(label, unit) } else { Axis::linear(label, unit) }
}

/// Part of the peak to which an axis of levels of drug goes down: five decades below it nothing is
/// measured any more.
pub const FLOOR: f64 = 1e-5;

/// Ends a logarithmic axis at a part of the highest point: curves that fall further leave it there, and
/// do not seem to stop.
pub fn above_floor(y: &mut Axis, content: &[Series], part: f64) {
    let levels = || content.iter().flat_map(|s| s.points.iter().map(|p| p.1)).filter(|v| *v > 0.0);
    let ends = content.iter().flat_map(|s| s.band.iter().map(|b| b.2));
    let peak = levels().fold(0.0, f64::max);
    if y.scale == Scale::Log && levels().fold(f64::MAX, f64::min) < peak * part {
        y.range = Some((peak * part, ends.fold(peak, f64::max) * 1.5));
    }
}

/// Numbers that a study sets, for the list of inputs.
pub fn set_by_study(patients: &Patients, numbers: &IndexMap<String, QuantityText>) -> Parameters {
    let network = &patients.cohort.body.network;
    let one = |(name, text): (&String, &QuantityText)| {
        let id = network.parameter_named(name).expect("checked when patients were made");
        let (value, dimension) =
            (patients.cohort.usual()[id.0], network.parameters[id.0].dimension);
        (name.clone(), Parameter::from_study(value, dimension, text.0.clone()))
    };
    numbers.iter().map(one).collect()
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

/// Numbers of an animal in place of people's, and kinetics carried over to its size.
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

/// The set of pharmacokinetics of a molecule: the one that the study names, or the first that was made for it.
/// Those of another molecule are not taken unless the study names them.
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

/// Whether a study made another form of a molecule: of several copies or arms, or one that approaches receptors at
/// another rate, as with polyethylene glycol. Of a fusion all forms are fusions.
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

/// The population whose sensitivity to a molecule, relative to native, the endothelium shares: the one rich in
/// CD25 whose receptors were counted.
const LIKE_ENDOTHELIUM: &str = "treg";

/// What every population does with a ligand, from the receptor layer.
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
    };
    let model = &study.models["gamma-chain"].model;
    let mut all = Sensed { endothelium: 1.0, ..Sensed::default() };
    for p in populations {
        let usual = p.count("il2r_alpha");
        let of = capture(model, ligand, &p.cell, usual)?;
        let found = sensed(of, capture(model, native, &p.cell, usual)?, measured);
        all.captures.push(found);
        all.uptakes.push(uptake(model, ligand, &p.cell, of, usual)?);
        if p.id == LIKE_ENDOTHELIUM {
            all.endothelium = found.ec50(usual) / measured.ec50(usual);
        }
    }
    Ok(all)
}
