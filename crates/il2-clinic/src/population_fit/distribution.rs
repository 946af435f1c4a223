//! How a parameter is distributed among subjects, and the scale on which it is searched for.

use crate::population_fit::numbers::{Numbers, Parameter, Scale};
use il2::patient::course::{Effect, Model};
use il2_engine::Dimension;
use il2_study::error::StudyError;
use il2_study::study::population::{PopulationFitPart, PopulationParameterPart};
use il2_study::values::unknown;

/// Whether the log-odds of a parameter's position between two ends is normal, instead of its
/// logarithm.
pub fn logit_normal(at: &str, given: &PopulationParameterPart) -> Result<bool, StudyError> {
    match given.distribution.as_deref() {
        None | Some("log-normal") => Ok(false),
        Some("logit-normal") => Ok(true),
        Some(other) => {
            let known = ["log-normal", "logit-normal"].into_iter();
            Err(unknown(&format!("{at}.distribution"), "distribution", other, known, "a parameter"))
        }
    }
}

/// Ends between which the values of all subjects lie, if the parameter is logit-normal.
pub fn range(
    at: &str,
    given: &PopulationParameterPart,
    (coefficient, dimension): (bool, Dimension),
    bounds: Option<(f64, f64)>,
) -> Result<Option<(f64, f64)>, StudyError> {
    let refuse = |message: &str| Err(StudyError::at(format!("{at}.distribution"), message));
    let varies = given.between_subjects.is_some() || given.between_occasions.is_some();
    if given.distribution.is_some() && coefficient {
        return refuse(
            "applies only to parameters of the model, because a coefficient is the same in all \
             subjects; leave it out",
        );
    }
    if given.distribution.is_some() && !varies {
        return refuse(
            "applies only to a parameter that varies; add for example between_subjects = 0.3, or \
             leave it out",
        );
    }
    if !logit_normal(at, given)? {
        return Ok(None);
    }
    match bounds {
        Some(ends) => Ok(Some(ends)),
        None if dimension == Dimension::DIMENSIONLESS => Ok(Some((0.0, 1.0))),
        None => refuse(
            "is \"logit-normal\", which needs the two ends between which the values of all \
             subjects lie; add them as bounds, for example bounds = [\"1 L\", \"9 L\"] with the \
             unit of start",
        ),
    }
}

/// Refuses a largest inhibition that no drug has, and keeps the search for it below 1: a search
/// without this bound would end where its finite differences cross 1.
pub fn inhibition(
    at: &str,
    part: &PopulationFitPart,
    model: &Model,
    numbers: &mut Numbers,
) -> Result<(), StudyError> {
    let inhibits = model.effect.is_some_and(Effect::inhibits);
    let most = |p: &&mut Parameter| {
        ["maximum_effect", "EMAX", "IMAX"].iter().any(|n| n.eq_ignore_ascii_case(&p.name))
    };
    let found = numbers.parameters.iter_mut().find(most).filter(|_| inhibits);
    let Some(p) = found else { return Ok(()) };
    let name = p.name.clone();
    let refuse = |key: &str, message: &str| {
        Err(StudyError::at(format!("{at}.parameters.{name}.{key}"), message))
    };
    if p.start > 1.0 {
        return refuse("start", "is above 1 (complete inhibition); give 1 or less");
    }
    match p.scale {
        Scale::LogarithmWithin(_, high) | Scale::EvenWithin(_, high) if high > 1.0 => {
            let message = "is above 1 (complete inhibition); give 1 or less";
            return refuse("bounds[1]", message);
        }
        Scale::Logarithm if !p.fixed && p.start == 1.0 => {
            let message = "is complete inhibition, where a search cannot start; give a value below \
                           1, or set fixed = true";
            return refuse("start", message);
        }
        Scale::Logarithm if !p.fixed => p.scale = Scale::EvenWithin(0.0, 1.0),
        _ => {}
    }
    let given = &part.parameters[&name];
    if logit_normal(&format!("{at}.parameters.{name}"), given)? {
        return Ok(());
    }
    for (key, varies) in [
        ("between_subjects", given.between_subjects.is_some()),
        ("between_occasions", given.between_occasions.is_some()),
    ] {
        if varies {
            let message = "would give some subjects values above 1 (complete inhibition), because \
                           its variability is log-normal; add distribution = \"logit-normal\", or \
                           leave it out";
            return refuse(key, message);
        }
    }
    Ok(())
}
