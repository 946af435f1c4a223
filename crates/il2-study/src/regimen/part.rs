//! One part of a regimen in words: its dose, route, times and cycles.

use crate::error::StudyError;
use crate::ranges;
use crate::study::Study;
use crate::study::dosing::RegimenPart;
use crate::study::text::QuantityText;
use crate::values::{quantity, unknown};
use crate::whole::{self, MOST_DOSES};
use il2::ligand::Ligand;
use il2::quantity::DAY;
use il2::treatment::regimen::{Per, Regimen, Route};
use il2_engine::Dimension;
use il2_engine::words::shown;

/// An amount, either absolute or per body weight or surface.
pub(super) fn amount_of(
    study: &Study,
    at: &str,
    ligand: &str,
    place: &str,
    text: &str,
) -> Result<(f64, Per), StudyError> {
    let ligand = study.ligand(&format!("{at}.ligand"), ligand)?;
    amount_in(ligand, text).map_err(|message| {
        // Without its ending, the amount would mean another dose.
        let plain =
            text.replace('²', "2").replace(" per ", "/").replace(" /", "/").replace("/ ", "/");
        let message = match plain != text && amount_in(ligand, &plain).is_ok() {
            true => format!(
                "\"{}\" is not a recognised form of this unit; did you mean \"{plain}\"?",
                shown(text)
            ),
            false => message,
        };
        StudyError::at(place, message)
    })
}

/// The same, with an error that ends with the remedy.
fn amount_in(ligand: &Ligand, text: &str) -> Result<(f64, Per), String> {
    let endings =
        [("/kg", Per::Weight), ("/m2", Per::Surface), ("/m^2", Per::Surface), ("", Per::Person)];
    let (ending, per) = *endings.iter().find(|(e, _)| text.trim().ends_with(e)).expect("the last");
    let like = ranges::like_dose(if ending == "/m^2" { "/m2" } else { ending });
    let amount = ligand.preparation().amount_like(text, ending, &like).map_err(|e| {
        e.0.replace("an amount is needed", "an amount, with or without /kg or /m2, is needed")
    })?;
    Ok((amount, per))
}

/// Words for intervals, and the times that they mean.
const INTERVALS: [(&str, &str); 3] = [("hourly", "1 h"), ("daily", "1 d"), ("weekly", "7 d")];

/// A part with one size of dose.
pub(super) fn one(study: &Study, name: &str, part: &RegimenPart) -> Result<Regimen, StudyError> {
    let at = format!("regimens.{name}");
    let place = format!("{at}.dose");
    let missing = |key: &str, what: &str| {
        StudyError::at(format!("{at}.{key}"), format!("is missing; {what}"))
    };
    let dose = part.dose.as_ref();
    let dose = dose.ok_or_else(|| {
        missing("dose", "give an amount such as \"1 MIU/m2\", or a table of doses")
    })?;
    let route = part.route.as_deref();
    let route = route.ok_or_else(|| missing("route", "use bolus, infusion or subcutaneous"))?;
    if part.units.is_some() {
        let message = "applies only to a table of doses; leave it out";
        return Err(StudyError::at(format!("{at}.units"), message));
    }
    if !part.compartments.is_empty() {
        let message = "applies only to a table of doses; leave it out";
        return Err(StudyError::at(format!("{at}.compartments"), message));
    }
    let text = dose.0.trim();
    let (amount, per) = amount_of(study, &at, &part.ligand, &place, text)?;
    // Zero is a placebo.
    if amount < 0.0 {
        return Err(StudyError::at(
            place,
            format!(
                "\"{}\" is not a dose; give an amount above zero (or zero for a placebo), for \
                 example \"{}\"",
                shown(text),
                ranges::like_dose("").example
            ),
        ));
    }
    let time = |key: &str, given: Option<&QuantityText>| {
        let Some(text) = given else { return Ok(None) };
        let at = format!("{at}.{key}");
        let word = INTERVALS.iter().find(|(word, _)| text.0.trim().eq_ignore_ascii_case(word));
        match word {
            Some((word, meant)) => {
                let message = format!("\"{word}\" is not a time; write \"{meant}\"");
                Err(StudyError::at(at, message))
            }
            None => quantity(&at, text, Dimension::TIME).map(Some),
        }
    };
    let needs =
        |key: &str, why: &str| StudyError::at(format!("{at}.{key}"), format!("is missing; {why}"));
    let duration = time("duration", part.duration.as_ref())?;
    let route = match (route, duration) {
        ("bolus", None) => Route::Bolus,
        ("subcutaneous", None) => Route::Subcutaneous,
        ("infusion", Some(d)) if d > 0.0 => Route::Infusion(d),
        ("infusion", _) => {
            return Err(needs(
                "duration",
                "an infusion needs a duration above zero, such as \"15 min\"",
            ));
        }
        ("bolus" | "subcutaneous", Some(_)) => {
            return Err(StudyError::at(
                format!("{at}.duration"),
                "applies only to an infusion; leave it out (doses and every determine how long \
                 dosing continues)",
            ));
        }
        ("continuous", _) => {
            let message =
                "\"continuous\" is not a route; use infusion with a duration such as \"5 d\"";
            return Err(StudyError::at(format!("{at}.route"), message));
        }
        (other, _) => {
            let known = ["bolus", "infusion", "subcutaneous"];
            return Err(unknown(
                &format!("{at}.route"),
                "route",
                other,
                known.into_iter(),
                "routes",
            ));
        }
    };
    let (doses, cycles) = (part.doses.unwrap_or(1), part.cycles.unwrap_or(1));
    whole::checked(&format!("{at}.doses"), doses)?;
    whole::checked(&format!("{at}.cycles"), cycles)?;
    if u64::from(doses) * u64::from(cycles) > u64::from(MOST_DOSES) {
        return Err(StudyError::at(
            format!("{at}.doses"),
            format!(
                "{doses} doses in {cycles} cycles are too many; use 1 to {MOST_DOSES} (doses times cycles)"
            ),
        ));
    }
    let every = time("every", part.every.as_ref())?;
    let cycle = time("cycle", part.cycle.as_ref())?;
    let above = |key: &str, given: Option<f64>, needed: bool, what: &str| match given {
        Some(v) if v > 0.0 => Ok(v),
        None if !needed => Ok(0.0),
        None => Err(needs(key, what)),
        Some(_) => {
            let message = format!("is not a time above zero; {what}");
            Err(StudyError::at(format!("{at}.{key}"), message))
        }
    };
    let what = "with more than one dose, give the time between doses, such as \"8 h\"";
    let every = above("every", every, doses > 1, what)?;
    let what = "with more than one cycle, give the time from the start of one cycle to the start \
                of the next, such as \"14 d\"";
    let cycle = above("cycle", cycle, cycles > 1, what)?;
    if cycles > 1 && cycle < every * f64::from(doses - 1) {
        return Err(StudyError::at(
            format!("{at}.cycle"),
            format!(
                "is shorter than the time from the first to the last dose of a cycle, {} d; \
                 lengthen it or give fewer doses",
                ranges::short(every * f64::from(doses - 1) / DAY)
            ),
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
        same_cycles: false,
        then: vec![],
    })
}
