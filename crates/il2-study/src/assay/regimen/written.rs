//! A regimen as the study writes it, every quantity checked.

use crate::error::StudyError;
use crate::study::dosing::RegimenPart;
use crate::study::file::QuantityText;
use crate::study::{Study, quantity, unknown};
use il2::treatment::regimen::{Per, Regimen, Route};
use il2_engine::Dimension;

/// More doses than this in a regimen are a slip of the pen.
const MOST_DOSES: u64 = 10_000;

/// A regimen of the study with all that follows in it, every quantity checked.
pub fn regimen(study: &Study, name: &str, part: &RegimenPart) -> Result<Regimen, StudyError> {
    let (mut parts, mut next) = (vec![one(study, name, part)?], part.then.as_ref());
    let mut last = name;
    while let Some(then) = next {
        let at = format!("regimens.{last}.then");
        let known = study.regimens.keys().map(String::as_str);
        let part = study.regimens.get(then);
        let part = part.ok_or_else(|| unknown(&at, "regimen", then, known, "[regimens]"))?;
        if parts.iter().any(|p| p.name == *then) {
            let message = format!("comes back to {then}; a regimen cannot follow itself");
            return Err(StudyError::at(at, message));
        }
        if part.ligand != parts[0].ligand {
            let message = format!(
                "gives {}, and {name} gives {}; doses of one regimen are of one ligand",
                part.ligand, parts[0].ligand
            );
            return Err(StudyError::at(at, message));
        }
        let own = study.regimens[name].pharmacokinetics.as_ref();
        if part.pharmacokinetics.as_ref().is_some_and(|set| Some(set) != own) {
            let message =
                format!("has pharmacokinetics of its own; those of {name} hold for all its doses");
            return Err(StudyError::at(format!("regimens.{then}.pharmacokinetics"), message));
        }
        parts.push(one(study, then, part)?);
        (next, last) = (part.then.as_ref(), then);
    }
    let all: u64 = parts.iter().map(|p| u64::from(p.doses) * u64::from(p.cycles)).sum();
    if all > MOST_DOSES {
        let message = format!("has {all} doses in all; use {MOST_DOSES} at most");
        return Err(StudyError::at(format!("regimens.{name}"), message));
    }
    let mut regimen = parts.pop().expect("one at least");
    while let Some(before) = parts.pop() {
        regimen = Regimen { then: Some(Box::new(regimen)), ..before };
    }
    Ok(regimen)
}

fn one(study: &Study, name: &str, part: &RegimenPart) -> Result<Regimen, StudyError> {
    let at = format!("regimens.{name}");
    let ligand = study.ligand(&format!("{at}.ligand"), &part.ligand)?;
    let text = part.dose.0.trim();
    let (amount, per) = match text.rsplit_once('/') {
        Some((amount, "kg")) => (amount, Per::Weight),
        Some((amount, "m2" | "m^2")) => (amount, Per::Surface),
        _ => (text, Per::Person),
    };
    let place = format!("{at}.dose");
    let amount = ligand.preparation().amount(amount).map_err(|e| {
        StudyError::at(&place, format!("{} (a dose is an amount, alone or with /kg or /m2)", e.0))
    })?;
    if amount <= 0.0 {
        return Err(StudyError::at(
            place,
            format!("\"{text}\" is no dose; write an amount above zero"),
        ));
    }
    let time = |key: &str, given: Option<&QuantityText>| {
        given.map(|t| quantity(&format!("{at}.{key}"), t, Dimension::TIME)).transpose()
    };
    let needs =
        |key: &str, why: &str| StudyError::at(format!("{at}.{key}"), format!("is missing; {why}"));
    let duration = time("duration", part.duration.as_ref())?;
    let route = match (part.route.as_str(), duration) {
        ("bolus", None) => Route::Bolus,
        ("subcutaneous", None) => Route::Subcutaneous,
        ("infusion", Some(d)) if d > 0.0 => Route::Infusion(d),
        ("infusion", _) => {
            return Err(needs(
                "duration",
                "an infusion takes a time above zero, such as \"15 min\"",
            ));
        }
        ("bolus" | "subcutaneous", Some(_)) => {
            return Err(StudyError::at(
                format!("{at}.duration"),
                "belongs to an infusion; leave it out",
            ));
        }
        (other, _) => {
            let known = ["bolus", "infusion", "subcutaneous"];
            return Err(unknown(
                &format!("{at}.route"),
                "route",
                other,
                known.into_iter(),
                "a regimen",
            ));
        }
    };
    let (doses, cycles) = (part.doses.unwrap_or(1), part.cycles.unwrap_or(1));
    if doses == 0 || cycles == 0 || u64::from(doses) * u64::from(cycles) > MOST_DOSES {
        return Err(StudyError::at(
            &at,
            format!("has {doses} doses in {cycles} cycles; use 1 to {MOST_DOSES} doses in all"),
        ));
    }
    let every = time("every", part.every.as_ref())?;
    let cycle = time("cycle", part.cycle.as_ref())?;
    let above = |v: Option<f64>| v.filter(|v| *v > 0.0);
    if doses > 1 && above(every).is_none() {
        return Err(needs(
            "every",
            "more than one dose needs the time between them, such as \"8 h\"",
        ));
    }
    if cycles > 1 && above(cycle).is_none() {
        return Err(needs(
            "cycle",
            "more than one cycle needs the time from one start to the next, such as \"14 d\"",
        ));
    }
    let (every, cycle) = (every.unwrap_or(0.0), cycle.unwrap_or(0.0));
    if cycles > 1 && cycle < every * f64::from(doses - 1) {
        return Err(StudyError::at(
            format!("{at}.cycle"),
            "is shorter than the doses of a cycle take; lengthen it or give fewer doses",
        ));
    }
    Ok(Regimen {
        name: name.to_string(),
        ligand: part.ligand.clone(),
        amount,
        per,
        route,
        start: time("start", part.start.as_ref())?.unwrap_or(0.0),
        every,
        doses,
        cycles,
        cycle,
        then: None,
    })
}
