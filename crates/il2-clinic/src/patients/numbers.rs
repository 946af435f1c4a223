//! Numbers of the patient that a study sets: which ones it may set, in which units, and which
//! require new equations, because body size and the form of the kinetics are built into the
//! equations.

use il2::parameter::{Parameter, Parameters, in_place_of};
use il2::patient::cohort::Cohort;
use il2::patient::physiology::Physiology;
use il2::quantity::{base_unit, three_digits};
use il2_engine::words::shown;
use il2_engine::{Dimension, Limits, ParameterId};
use il2_study::error::StudyError;
use il2_study::library::Library;
use il2_study::study::text::QuantityText;
use il2_study::values::unknown;
use indexmap::IndexMap;

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

/// Numbers of a set of pharmacokinetics that determine the equations: whether the drug is masked,
/// how many transit compartments it passes, and whether it enters a tumour. If a study sets one of these numbers, the patients
/// are rebuilt.
const FORMING: [&str; 3] = ["release_rate", "transit_compartments", "anchor"];
/// Largest number of transit compartments.
const MOST_TRANSITS: f64 = 30.0;

pub(crate) fn is_forming(name: &str) -> bool {
    name.strip_prefix("pharmacokinetics.").is_some_and(|name| FORMING.contains(&name))
}

/// The weight and height of the usual patient, which a study may set for human patients:
/// `covariates.weight`.
const SIZES: [&str; 2] = ["weight", "height"];

pub(super) fn is_size(name: &str) -> bool {
    name.strip_prefix("covariates.").is_some_and(|size| SIZES.contains(&size))
}

/// The numbers of human patients with the weight and height that a study sets, if any.
pub(super) fn sized(
    at: &str,
    numbers: &IndexMap<String, QuantityText>,
    people: &Physiology,
) -> Result<Option<Physiology>, StudyError> {
    let mut body = None;
    for size in SIZES {
        let name = format!("covariates.{size}");
        let Some(text) = numbers.get(&name) else { continue };
        let value = without_clinical_unit(&name, &text.0).parse().unwrap_or(f64::NAN);
        possible(&format!("{at}.{name}"), size, &text.0, value)?;
        let all = body.get_or_insert_with(|| people.clone());
        let group = all.groups.get_mut("covariates").expect("of every patient");
        group.get_mut(size).expect("a size of every patient").value = value;
    }
    if let Some(body) = &mut body {
        if !numbers.contains_key("covariates.height") {
            let weight = body.number("covariates", "weight");
            let height = people.height_of(weight);
            let group = body.groups.get_mut("covariates").expect("of every patient");
            group.get_mut("height").expect("a size of every patient").value = height;
        }
        let [weight, height] = SIZES.map(|size| body.number("covariates", size));
        if let Some(why) = of_two_bodies(weight, height) {
            let message = format!("{why}; set both covariates.weight and covariates.height");
            return Err(StudyError::at(at, message));
        }
    }
    Ok(body)
}

/// Why a weight (kg) and a height (cm) cannot belong to one person; none if they can. If only a height is
/// given, the weight is that of a usual adult.
pub(crate) fn of_two_bodies(weight: f64, height: f64) -> Option<String> {
    let range = Library::builtin().ranges["body_mass_index"].possible.as_ref();
    let range = range.expect("has a possible range");
    let metres = 0.01 * height;
    let index = weight / (metres * metres);
    (!(range.low..=range.high).contains(&index)).then(|| {
        format!(
            "a body of {} kg and {} cm has a body mass index of {} kg/m2, but only {} to {} kg/m2 \
             are possible",
            three_digits(weight),
            three_digits(height),
            three_digits(index),
            range.low,
            range.high
        )
    })
}

/// Refuses a number outside the range of the library that has this name, if there is one.
fn possible(at: &str, range: &str, text: &str, value: f64) -> Result<(), StudyError> {
    let Some(range) = Library::builtin().ranges.get(range) else { return Ok(()) };
    let Some(ends) = range.possible.as_ref().or(range.usual.interval.as_ref()) else {
        return Ok(());
    };
    if (ends.low..=ends.high).contains(&value) {
        return Ok(());
    }
    let message = format!(
        "\"{}\" is not {} from {} to {}; write for example \"{}\"",
        shown(text),
        range.what,
        ends.low,
        ends.high,
        range.example
    );
    Err(StudyError::at(at, message))
}

/// Replaces those numbers of a parameter set that enter the equations by the study's values; returns whether
/// the study sets any.
pub(super) fn form(
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
                format!("{value} is not allowed; use a whole number from 0 to {MOST_TRANSITS}");
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
        return Err("is used only to generate patients, so setting it would have no effect");
    }
    if name == "pharmacokinetics.release_rate" && cohort.body.arrives == cohort.body.active {
        return Err(
            "applies only to a masked form of the drug; choose pharmacokinetics = \"masked\"",
        );
    }
    Ok(())
}

/// A number of the patient that a study sets.
pub(super) fn number(
    at: &str,
    cohort: &Cohort,
    set: &Parameters,
    name: &str,
    text: &QuantityText,
) -> Result<(ParameterId, f64), StudyError> {
    let network = &cohort.body.network;
    let known = network.parameters.iter().map(|p| p.name.as_str());
    let parameter = network.parameter_named(name);
    let id = parameter.ok_or_else(|| unknown(at, "parameter", name, known, "a patient"))?;
    if !is_forming(name) {
        may_be_set(cohort, id).map_err(|what| StudyError::at(at, what))?;
    }
    let parameter = &network.parameters[id.0];
    let usual = Some(cohort.usual()[id.0]);
    let written = usual.and_then(|usual| written(set, name, usual));
    let plain = without_clinical_unit(name, &text.0);
    let (dimension, limits) = (parameter.dimension, parameter.limits);
    let value = in_place_of(usual, written.as_deref(), plain, dimension, limits);
    let value = value.map_err(|e| StudyError::at(at, e.0))?;
    possible(at, name, &text.0, value)?;
    Ok((id, value))
}

/// A number of the patient as written in the library, if the equations use it unchanged.
fn written(set: &Parameters, name: &str, usual: f64) -> Option<String> {
    let physiology = &Library::builtin().physiology;
    let (group, own) = name.split_once('.')?;
    let of_population = physiology.populations.get(group).map(|p| &p.parameters);
    let of_group = of_population.or_else(|| physiology.groups.get(group)).unwrap_or(set);
    let found = of_group.get(own).filter(|p| (p.value / usual - 1.0).abs() < 1e-9)?;
    Some(found.with_unit())
}

/// Unit in which clinicians give a number that is dimensionless in the equations; empty for all
/// others.
fn clinical_unit(name: &str) -> &'static str {
    let of_group = |(group, own): (&str, &str)| {
        Library::builtin().physiology.groups.get(group)?.get(own).map(|p| p.clinical_unit.as_str())
    };
    name.split_once('.').and_then(of_group).unwrap_or_default()
}

/// The text of a number without its clinical unit, which equations do not know.
fn without_clinical_unit<'a>(name: &str, text: &'a str) -> &'a str {
    let text = text.trim();
    text.strip_suffix(clinical_unit(name)).unwrap_or(text).trim_end()
}

/// Unit of a number of a patient; empty for plain numbers.
pub fn number_unit(name: &str, dimension: Dimension) -> String {
    match clinical_unit(name) {
        "" => base_unit(dimension),
        unit => unit.to_string(),
    }
}

/// Numbers that a study sets, for the list of inputs.
pub fn set_by_study(cohort: &Cohort, numbers: &IndexMap<String, QuantityText>) -> Parameters {
    let network = &cohort.body.network;
    let one = |(name, text): (&String, &QuantityText)| {
        let (value, dimension) = match network.parameter_named(name) {
            Some(id) => (cohort.usual()[id.0], network.parameters[id.0].dimension),
            // A body size, which occurs in no equation.
            None => {
                let value = without_clinical_unit(name, &text.0).parse();
                (value.expect("checked when patients were made"), Dimension::DIMENSIONLESS)
            }
        };
        (name.clone(), Parameter::from_study(value, dimension, text.0.clone()))
    };
    numbers.iter().map(one).collect()
}
