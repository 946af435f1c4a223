//! Numbers of a fit as a study gives them: starts, bounds, formulas of covariates, and which
//! numbers vary.

use crate::population_fit::distribution::range;
use crate::population_fit::numbers::{Formula, Numbers, Parameter, Scale, Target};
use crate::population_fit::system::Known;
use il2::quantity::Quantity;
use il2_engine::words::{closest, shown};
use il2_engine::{Dimension, ParameterId};
use il2_inference::population::{Block, Effects, Level};
use il2_study::error::StudyError;
use il2_study::formula;
use il2_study::study::population::{PopulationFitPart, PopulationParameterPart};
use il2_study::study::text::{Fraction, QuantityText};
use il2_study::values::{quantity, unknown};

/// Numbers of doses that a study may estimate in addition to those of the model, with
/// NONMEM's names.
const OF_DOSES: [(&str, &str, Target); 4] = [
    ("absorption_lag", "ALAG1", Target::Lag),
    ("bioavailability", "F1", Target::Bioavailability),
    ("absorption_duration", "D1", Target::Duration),
    ("infusion_rate", "R1", Target::Rate),
];
/// Largest number of parameters of a fit.
const MOST_PARAMETERS: usize = 30;
/// Columns that are never covariates, even if a formula names them.
const NOT_COVARIATES: [&str; 12] =
    ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "SS", "II", "ADDL", "DV", "MDV", "DVID"];

fn target(known: &[Known], name: &str) -> Option<Target> {
    if let Some(place) = known.iter().position(|p| p.is_called(name)) {
        return Some(Target::Model(place));
    }
    OF_DOSES.iter().find(|d| d.0 == name || d.1.eq_ignore_ascii_case(name)).map(|d| d.2)
}

/// The dimension of a number of a model whose amounts have the dimension `amount`.
fn dimension(of: Target, known: &[Known], amount: Dimension) -> Dimension {
    match of {
        Target::Model(place) => known[place].dimension,
        Target::Lag | Target::Duration => Dimension::TIME,
        Target::Rate => amount / Dimension::TIME,
        Target::Bioavailability | Target::Coefficient => Dimension::DIMENSIONLESS,
    }
}

pub fn parameters(
    at: &str,
    part: &PopulationFitPart,
    (known, amount): (&[Known], Dimension),
) -> Result<Numbers, StudyError> {
    let mut all = Numbers::default();
    if part.parameters.len() > MOST_PARAMETERS {
        let message =
            format!("has {} parameters; use at most {MOST_PARAMETERS}", part.parameters.len());
        return Err(StudyError::at(format!("{at}.parameters"), message));
    }
    for (name, given) in &part.parameters {
        let at = format!("{at}.parameters.{name}");
        let of = target(known, name).unwrap_or(Target::Coefficient);
        let found = match none_fixed(&at, name, given, known, of) {
            Some(found) => found?,
            // A coefficient that no formula reads, and with a unit, is a misspelt parameter.
            None if of == Target::Coefficient && given.start.0.trim().parse::<f64>().is_err() => {
                return Err(no_number(&at, part, known, name));
            }
            None => parameter(&at, name, given, (of, dimension(of, known, amount)))?,
        };
        let twice = |p: &&Parameter| found.of != Target::Coefficient && p.of == found.of;
        if let Some(other) = all.parameters.iter().find(twice) {
            let message = format!("is the same parameter as {}; keep one of the two", other.name);
            return Err(StudyError::at(at, message));
        }
        all.parameters.push(found);
    }
    for (place, number) in known.iter().enumerate().filter(|(_, n)| n.usual.is_none()) {
        if !all.parameters.iter().any(|p| p.of == Target::Model(place)) {
            let example = il2::quantity::example(number.dimension);
            let message = format!(
                "is missing, but the model {} needs it; add for example {} = {{ start = \
                 \"{example}\", between_subjects = 0.3 }}",
                part.model, number.name
            );
            return Err(StudyError::at(format!("{at}.parameters.{}", number.name), message));
        }
    }
    Ok(all)
}

/// A chain of no transit compartments, which only a fixed number can mean: a dose then passes one
/// step into the depot. Searches are on a logarithmic scale, which has no zero.
fn none_fixed(
    at: &str,
    name: &str,
    given: &PopulationParameterPart,
    known: &[Known],
    of: Target,
) -> Option<Result<Parameter, StudyError>> {
    let Target::Model(place) = of else { return None };
    let none = known[place].name == "transit_compartments"
        && given.start.0.trim().parse::<f64>() == Ok(0.0);
    if !none {
        return None;
    }
    let varies = given.between_subjects.is_some() || given.between_occasions.is_some();
    if given.fixed != Some(true) || varies || given.bounds.is_some() {
        let message = "is 0, where a search on a logarithmic scale cannot start; use start = \"0\" \
                       with fixed = true and no other key, or give a start above zero";
        return Some(Err(StudyError::at(format!("{at}.start"), message)));
    }
    Some(Ok(Parameter {
        name: name.to_string(),
        unit: String::new(),
        factor: 1.0,
        start: 0.0,
        scale: Scale::Even(1.0),
        fixed: true,
        of: Target::Model(place),
    }))
}

fn parameter(
    at: &str,
    name: &str,
    given: &PopulationParameterPart,
    (target, dimension): (Target, Dimension),
) -> Result<Parameter, StudyError> {
    let fixed = given.fixed.unwrap_or(false);
    let coefficient = target == Target::Coefficient;
    let read = |key: &str, text: &QuantityText| -> Result<f64, StudyError> {
        let at = format!("{at}.{key}");
        if coefficient {
            let number = text.0.trim().parse::<f64>().ok().filter(|v| v.is_finite());
            return number.ok_or_else(|| {
                let message = format!(
                    "\"{}\" is not a plain number; a coefficient has no unit (parameters of the \
                     model have the names in the book's table of models)",
                    shown(&text.0)
                );
                StudyError::at(at, message)
            });
        }
        quantity(&at, text, dimension)
    };
    let start = read("start", &given.start)?;
    let ends = match &given.bounds {
        None => None,
        Some([low, high]) => Some((read("bounds[0]", low)?, read("bounds[1]", high)?)),
    };
    if !coefficient && start <= 0.0 {
        let message =
            format!("\"{}\" is not above zero; give a value above zero", shown(&given.start.0));
        return Err(StudyError::at(format!("{at}.start"), message));
    }
    let range = range(at, given, (coefficient, dimension), ends)?;
    // The logarithm of a value has no place for zero, log-odds between two ends have.
    let lowest = |low: f64| match range {
        _ if coefficient => true,
        Some(_) => low >= 0.0,
        None => low > 0.0,
    };
    let possible = |(low, high): (f64, f64)| low < start && start < high && lowest(low);
    if ends.is_some_and(|ends| !possible(ends)) {
        let [low, high] = given.bounds.as_ref().expect("it has ends").each_ref();
        let message = format!(
            "are \"{}\" and \"{}\" with the start \"{}\"; give a lower and a higher value with the \
             start between them, both above zero (a coefficient may have any, a logit-normal \
             parameter also zero)",
            shown(&low.0),
            shown(&high.0),
            shown(&given.start.0)
        );
        return Err(StudyError::at(format!("{at}.bounds"), message));
    }
    if let Some(usual) = range.filter(|ends| !possible(*ends)) {
        let message = format!(
            "\"{}\" is not between {} and {}, where a logit-normal parameter without bounds lies; \
             give a start between them, or add bounds",
            shown(&given.start.0),
            usual.0,
            usual.1
        );
        return Err(StudyError::at(format!("{at}.start"), message));
    }
    for (key, sd) in [
        ("between_subjects", given.between_subjects),
        ("between_occasions", given.between_occasions),
    ] {
        let Some(Fraction(sd)) = sd else { continue };
        if coefficient {
            let message = "applies only to parameters of the model; a coefficient is the same in all subjects";
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
        if !(0.01..=3.0).contains(&sd) {
            let message = format!(
                "{sd} is not allowed; give a standard deviation from 0.01 to 3, of the logarithm \
                 or, if the parameter is logit-normal, of the log-odds"
            );
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
    }
    let unit = given.start.0.trim().split_once(char::is_whitespace).map_or("", |(_, unit)| unit);
    let factor = match (coefficient, unit.is_empty()) {
        (false, false) => Quantity::parse_as(&format!("1 {unit}"), dimension)
            .map_err(|e| StudyError::at(format!("{at}.start"), e.0))?,
        _ => 1.0,
    };
    Ok(Parameter {
        name: name.to_string(),
        unit: unit.trim().to_string(),
        factor,
        start,
        scale: match (coefficient, range.or(ends)) {
            (false, None) => Scale::Logarithm,
            (false, Some((low, high))) if range.is_none() => Scale::LogarithmWithin(low, high),
            // Its size is known only when the covariates have been read.
            (true, None) => Scale::Even(1.0),
            (_, Some((low, high))) => Scale::EvenWithin(low, high),
        },
        fixed,
        of: target,
    })
}

pub fn formulas(
    at: &str,
    part: &PopulationFitPart,
    known: &[Known],
    numbers: &mut Numbers,
) -> Result<(), StudyError> {
    const MOST: usize = 30;
    if part.covariates.len() > MOST {
        let message = format!("has {} formulas; use at most {MOST}", part.covariates.len());
        return Err(StudyError::at(format!("{at}.covariates"), message));
    }
    let count = numbers.parameters.len();
    let mut used = vec![false; count];
    for (i, text) in part.covariates.iter().enumerate() {
        let parameters = &numbers.parameters;
        let covariates = &mut numbers.covariates;
        let mut name = |word: &str| -> Result<ParameterId, String> {
            let same = |p: &Parameter| p.name == word || target(known, word) == Some(p.of);
            if let Some(place) = parameters.iter().position(same) {
                used[place] = true;
                return Ok(ParameterId(place));
            }
            if target(known, word).is_some() {
                return Err(format!("uses {word}, which is not in `parameters`; add {word} there"));
            }
            if NOT_COVARIATES.iter().any(|c| c.eq_ignore_ascii_case(word)) {
                return Err(format!(
                    "uses {word}, which is not a property of a subject; use only parameters and \
                     columns of covariates"
                ));
            }
            let place = covariates.iter().position(|c| c.eq_ignore_ascii_case(word));
            let place = place.unwrap_or_else(|| {
                covariates.push(word.to_string());
                covariates.len() - 1
            });
            Ok(ParameterId(count + place))
        };
        let at = format!("{at}.covariates[{i}]");
        let refuse = |why: String| StudyError::at(&at, format!("\"{}\" {why}", shown(text)));
        let (target, law) = formula::assignment(text, &mut name).map_err(refuse)?;
        if target.0 >= count || numbers.parameters[target.0].of == Target::Coefficient {
            let names: Vec<&str> = numbers
                .parameters
                .iter()
                .filter(|p| p.of != Target::Coefficient)
                .map(|p| p.name.as_str())
                .collect();
            return Err(refuse(format!("must assign a value to one of {}", names.join(", "))));
        }
        numbers.formulas.push(Formula::new(target, law, count));
    }
    let idle = |(p, used): &(&Parameter, &bool)| p.of == Target::Coefficient && !**used;
    match numbers.parameters.iter().zip(&used).find(idle) {
        None => Ok(()),
        Some((p, _)) => Err(not_a_number(at, part, known, &p.name)),
    }
}

/// The error for a name with a unit that is not a number of the model.
fn no_number(at: &str, part: &PopulationFitPart, known: &[Known], name: &str) -> StudyError {
    let near = closest(name, known.iter().map(|k| k.name.as_str()));
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    let names: Vec<&str> = known.iter().map(|k| k.name.as_str()).collect();
    let message = format!(
        "is not a parameter of the model {}, which has {}{near} (a coefficient of a covariate has any \
         name, but its start is a number without unit)",
        part.model,
        names.join(", ")
    );
    StudyError::at(at, message)
}

/// The error for a name that is neither a number of the model nor used in a formula, so that it
/// would change nothing.
fn not_a_number(at: &str, part: &PopulationFitPart, known: &[Known], name: &str) -> StudyError {
    let at = format!("{at}.parameters.{name}");
    let near = closest(name, known.iter().map(|k| k.name.as_str()));
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    let message = format!(
        "is not a parameter of the model {}, and no formula in `covariates` uses it as a \
         coefficient{near} (which parameters a model has depends on other keys, for example \
         `effect`; see the book's page on population fits)",
        part.model
    );
    StudyError::at(at, message)
}

/// Starting values of covariances, by block.
pub type Starts = Vec<Vec<Vec<f64>>>;

pub fn effects(
    at: &str,
    part: &PopulationFitPart,
    numbers: &mut Numbers,
) -> Result<(Effects, Starts), StudyError> {
    let given: Vec<&PopulationParameterPart> = part.parameters.values().collect();
    let (mut effects, mut omegas) = (Effects::default(), vec![]);
    for (i, group) in part.correlated.iter().enumerate() {
        let at = format!("{at}.correlated[{i}]");
        let mut sds = vec![];
        for name in group {
            let place = numbers.parameters.iter().position(|p| p.name == *name);
            let known = part.parameters.keys().map(String::as_str);
            let place =
                place.ok_or_else(|| unknown(&at, "parameter", name, known, "parameters"))?;
            if numbers.of_subjects.contains(&place) {
                let message = format!("contains {} twice; list each parameter once", shown(name));
                return Err(StudyError::at(at, message));
            }
            let Some(Fraction(sd)) = given[place].between_subjects else {
                let message = format!(
                    "contains {0}, which does not vary between subjects; set for example \
                             {0}.between_subjects = 0.3",
                    shown(name)
                );
                return Err(StudyError::at(at, message));
            };
            numbers.of_subjects.push(place);
            sds.push(sd);
        }
        if sds.len() < 2 {
            return Err(StudyError::at(at, "must list at least two parameters"));
        }
        let n = sds.len();
        let entry = |i: usize, j: usize| if i == j { sds[i] * sds[i] } else { 0.0 };
        omegas.push((0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect());
        effects.blocks.push(Block { size: n, level: Level::Subject });
    }
    for (place, part) in given.iter().enumerate() {
        let Some(Fraction(sd)) = part.between_subjects else { continue };
        if !numbers.of_subjects.contains(&place) {
            numbers.of_subjects.push(place);
            effects.blocks.push(Block { size: 1, level: Level::Subject });
            omegas.push(vec![vec![sd * sd]]);
        }
    }
    for (place, given) in given.iter().enumerate() {
        let Some(Fraction(sd)) = given.between_occasions else { continue };
        if part.occasion.is_none() {
            let message = "is missing, but a parameter varies between occasions; name the column \
                           that distinguishes them: occasion = \"OCC\"";
            return Err(StudyError::at(format!("{at}.occasion"), message));
        }
        numbers.of_occasions.push(place);
        effects.blocks.push(Block { size: 1, level: Level::Occasion });
        omegas.push(vec![vec![sd * sd]]);
    }
    Ok((effects, omegas))
}
