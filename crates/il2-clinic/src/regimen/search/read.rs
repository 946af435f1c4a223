//! Reads a regimen search from a study and refuses what cannot be tried.

use crate::patients::{readout_value, words};
use crate::regimen::arm::Arm;
use crate::regimen::search::plan::{Of, Requirement, Schedule, Search, Unit, in_days, rounded};
use il2::quantity::three_digits;
use il2_engine::network::Observable;
use il2_engine::words::shown;
use il2_engine::{Dimension, math};
use il2_study::choose;
use il2_study::error::StudyError;
use il2_study::regimen::{dose_above_zero, regimen};
use il2_study::study::Study;
use il2_study::study::dosing::{RegimenPart, RequirementPart, SearchPart};
use il2_study::study::text::{Grid, QuantityText};
use il2_study::values::{self, Spacing, quantity, unknown};
use il2_study::whole::MOST_DOSES;

/// Largest number of requirements: a curve of the figure for each.
const MOST_REQUIREMENTS: usize = 8;
/// Largest number of times between doses: a panel of the figure for each.
const MOST_INTERVALS: usize = 12;
/// Largest number of doses that are tried before the search is refined.
const MOST_GRID: usize = 100;
/// Reads a search; `at` is the key path of the assay, `end` its last output (min).
pub fn search(
    study: &Study,
    at: &str,
    part: &SearchPart,
    arms: &[Arm],
    end: f64,
) -> Result<Search, StudyError> {
    let at = format!("{at}.search");
    let arm = varied_arm(&at, part, arms)?;
    let name = &arms[arm].regimen.name;
    let given = &study.regimens[name];
    let refuse = |key: &str, message: String| Err(StudyError::at(format!("{at}.{key}"), message));
    if part.dose.is_none() && part.every.is_none() {
        let message = "varies nothing; add dose, such as { from = \"0.1 MIU\", to = \"10 MIU\", \
                       points = 9 }, or every, such as [\"1 d\", \"7 d\"]";
        return Err(StudyError::at(at, message));
    }
    if given.table.is_some() {
        let key = if part.dose.is_some() { "dose" } else { "every" };
        let message = format!(
            "cannot vary {name}, whose doses are in a table; write this regimen with dose, route \
             and every"
        );
        return refuse(key, message);
    }
    let schedules = schedules(study, &at, (name, given), part)?;
    if schedules.iter().any(|s| s.last < s.first) {
        let message = format!(
            "cannot vary {name}, whose only dose is its loading_dose; give it more doses, or leave \
             loading_dose out"
        );
        return refuse("dose", message);
    }
    let (doses, refined, unit) = doses(study, &at, (name, given), part)?;
    choose::at_most(&format!("{at}.dose"), "doses", doses.len(), MOST_GRID)?;
    let observables = &arms[arm].patients.cohort.body.network.observables;
    let of = |(name, part): (&String, &RequirementPart)| {
        requirement(&format!("{at}.requirements.{name}"), (name, part), observables, end)
    };
    let requirements: Vec<Requirement> =
        part.requirements.iter().map(of).collect::<Result<_, _>>()?;
    if requirements.is_empty() {
        let message = format!(
            "is empty; add for example [{at}.requirements.treg_doubled] with readout, at_least and \
             share"
        );
        return refuse("requirements", message);
    }
    let most = format!("{at}.requirements");
    choose::at_most(&most, "requirements", requirements.len(), MOST_REQUIREMENTS)?;
    Ok(Search { arm, schedules, doses, refined, unit, requirements })
}

/// Index of the arm whose regimen is varied.
fn varied_arm(at: &str, part: &SearchPart, arms: &[Arm]) -> Result<usize, StudyError> {
    let names = arms.iter().map(|a| a.regimen.name.as_str());
    match &part.regimen {
        Some(name) => names
            .clone()
            .position(|n| n == name)
            .ok_or_else(|| unknown(&format!("{at}.regimen"), "regimen", name, names, "this assay")),
        None if arms.len() == 1 => Ok(0),
        None => {
            let message = format!(
                "is missing; the assay has several regimens: say which is varied, for example \
                 \"{}\"",
                arms[0].regimen.name
            );
            Err(StudyError::at(format!("{at}.regimen"), message))
        }
    }
}

/// The regimen with every time between doses.
fn schedules(
    study: &Study,
    at: &str,
    (name, given): (&str, &RegimenPart),
    part: &SearchPart,
) -> Result<Vec<Schedule>, StudyError> {
    let schedule = |every: Option<f64>, part: &RegimenPart| {
        let own = part.every.as_ref().filter(|_| every.is_some());
        let text = own.map_or("-".into(), |text| text.0.trim().to_string());
        let (regimen, _) = regimen(study, name, part)?;
        let first = usize::from(part.loading_dose.is_some());
        let last = regimen.then.iter().take_while(|part| part.name == name).count();
        Ok(Schedule { every, text, regimen, first, last })
    };
    let Some(all) = &part.every else {
        let own = given.every.as_ref().filter(|_| given.doses.is_some_and(|n| n > 1));
        let at = format!("regimens.{name}.every");
        let own = own.map(|text| quantity(&at, text, Dimension::TIME)).transpose()?;
        return Ok(vec![schedule(own, given)?]);
    };
    let at = format!("{at}.every");
    let Some(every) = given.every.as_ref().filter(|_| given.doses.is_some_and(|n| n > 1)) else {
        let message = format!(
            "cannot vary {name}, which has no time between doses; give the regimen every and more \
             than one dose (doses)"
        );
        return Err(StudyError::at(at, message));
    };
    if all.is_empty() {
        return Err(StudyError::at(
            at,
            "is an empty list; give at least one time, or leave it out",
        ));
    }
    choose::at_most(&at, "times between doses", all.len(), MOST_INTERVALS)?;
    let every = quantity(&format!("regimens.{name}.every"), every, Dimension::TIME)?;
    let period = every * f64::from(given.doses.unwrap_or(1));
    let times = values::grid(&at, &Grid::List(all.clone()), Spacing::Even, choose::time)?;
    let mut schedules = vec![];
    for (i, (text, time)) in all.iter().zip(times).enumerate() {
        let at = format!("{at}[{i}]");
        let (text, over) = (shown(text.0.trim()), in_days(period));
        if time <= 0.0 || time > period {
            let message = format!(
                "\"{text}\" is not possible; {name} gives its doses over {over}, so use a time above \
                 zero and up to {over}"
            );
            return Err(StudyError::at(at, message));
        }
        // A whole number of intervals may be missed by a rounding error.
        let count = (period / time * (1.0 - 1e-12)).ceil();
        if count > f64::from(MOST_DOSES) {
            let message = format!(
                "\"{text}\" means {count} doses over {over}; use a longer time, with at most \
                 {MOST_DOSES} doses"
            );
            return Err(StudyError::at(at, message));
        }
        let (every, doses) = (Some(QuantityText(text.to_string())), Some(count as u32));
        schedules.push(schedule(Some(time), &RegimenPart { every, doses, ..given.clone() })?);
    }
    Ok(schedules)
}

/// The doses that are tried first, whether they are refined, and their unit.
fn doses(
    study: &Study,
    at: &str,
    (name, given): (&str, &RegimenPart),
    part: &SearchPart,
) -> Result<(Vec<f64>, bool, Unit), StudyError> {
    let at = format!("{at}.dose");
    let read = |at: &str, text: &QuantityText| dose_above_zero(study, &given.ligand, at, &text.0);
    let (first, others): (&QuantityText, Vec<(String, &QuantityText)>) = match &part.dose {
        None => (given.dose.as_ref().expect("a regimen in words"), vec![]),
        Some(Grid::Range(range)) => (&range.from, vec![(format!("{at}.to"), &range.to)]),
        Some(Grid::List(all)) => {
            let Some(first) = all.first() else {
                return Err(StudyError::at(at, "is an empty list; give at least one dose"));
            };
            let item = |(i, text)| (format!("{at}[{i}]"), text);
            (first, all.iter().enumerate().skip(1).map(item).collect())
        }
    };
    let place = match &part.dose {
        None => format!("regimens.{name}.dose"),
        Some(Grid::Range(_)) => format!("{at}.from"),
        Some(Grid::List(_)) => format!("{at}[0]"),
    };
    let (amount, per) = read(&place, first)?;
    for (place, other) in others {
        if read(&place, other)?.1 != per {
            let message = format!(
                "\"{}\" and \"{}\" are doses for different body sizes; write both with the same \
                 ending (/kg, /m2 or none)",
                shown(&first.0),
                shown(&other.0)
            );
            return Err(StudyError::at(place, message));
        }
    }
    // The number that begins the text, which was read before.
    let written = first.0.trim();
    let is_number =
        |&end: &usize| written.get(..end).is_some_and(|t| t.trim().parse::<f64>().is_ok());
    let number = (1..=written.len()).rev().find(is_number).unwrap_or(0);
    let one = amount / written[..number].trim().parse::<f64>().unwrap_or(1.0);
    let unit = Unit { text: written[number..].trim().to_string(), one, per };
    let Some(grid) = &part.dose else { return Ok((vec![amount / one], false, unit)) };
    let amounts = values::grid(&at, grid, Spacing::Logarithmic, |at, text| Ok(read(at, text)?.0))?;
    let exactly = |amount: f64| math::fifteen_digits(amount / unit.one);
    let last = amounts.len() - 1;
    let dose = |(i, amount): (usize, f64)| match grid {
        Grid::Range(_) if i > 0 && i < last => rounded(exactly(amount)),
        _ => exactly(amount),
    };
    let mut doses: Vec<f64> = amounts.into_iter().enumerate().map(dose).collect();
    doses.dedup();
    Ok((doses, matches!(grid, Grid::Range(_)), unit))
}

fn requirement(
    at: &str,
    (name, part): (&str, &RequirementPart),
    observables: &[Observable],
    end: f64,
) -> Result<Requirement, StudyError> {
    let refuse = |key: &str, message: String| Err(StudyError::at(format!("{at}.{key}"), message));
    let place = observables.iter().position(|o| o.name == part.readout).ok_or_else(|| {
        let known = observables.iter().map(|o| o.name.as_str());
        unknown(&format!("{at}.readout"), "readout", &part.readout, known, "a patient")
    })?;
    let limit = |key: &str, text: &Option<QuantityText>, open: f64| match text {
        Some(text) => readout_value(&format!("{at}.{key}"), text, &observables[place]),
        None => Ok(open),
    };
    if part.at_least.is_none() && part.at_most.is_none() {
        let message = "has no limit; add at_least, at_most, or both";
        return Err(StudyError::at(at, message));
    }
    let low = limit("at_least", &part.at_least, f64::NEG_INFINITY)?;
    let high = limit("at_most", &part.at_most, f64::INFINITY)?;
    if low > high {
        let [low, high] = [low, high].map(three_digits);
        return refuse("at_most", format!("{high} is below at_least, {low}; swap them"));
    }
    let of = match part.of.as_deref() {
        None if part.time.is_some() => Of::Time,
        None | Some("throughout") => Of::Throughout,
        Some("trough") => Of::Trough,
        Some("peak") => Of::Peak,
        Some("average") => Of::Average,
        Some(other) => {
            let known = ["throughout", "trough", "peak", "average"].into_iter();
            return Err(unknown(&format!("{at}.of"), "value", other, known, "a requirement"));
        }
    };
    if of == Of::Trough && part.at_most.is_some() {
        let message = "cannot be combined with of = \"trough\", the lowest value of the span, which one \
                       low value keeps below any limit, such as that before the first dose; for the level \
                       before a dose use time, and for a limit that is never exceeded use \"throughout\"";
        return refuse("at_most", message.into());
    }
    if part.time.is_some() {
        let beside =
            [("of", part.of.is_some()), ("from", part.from.is_some()), ("to", part.to.is_some())];
        if let Some((key, _)) = beside.iter().find(|(_, given)| *given) {
            let message =
                "is given together with time, which is a single time; leave one of them out";
            return refuse(key, message.into());
        }
    }
    let time = |key: &str, text: Option<&QuantityText>, usual: f64| {
        let Some(text) = text else { return Ok(usual) };
        let time = choose::time(&format!("{at}.{key}"), text)?;
        if time <= end {
            return Ok(time);
        }
        let end = in_days(end);
        let message = format!(
            "\"{}\" is after the last output of the assay, {end}; use an earlier time, or add later times",
            shown(&text.0)
        );
        Err(StudyError::at(format!("{at}.{key}"), message))
    };
    let span = match &part.time {
        Some(text) => [time("time", Some(text), end)?; 2],
        None => [time("from", part.from.as_ref(), 0.0)?, time("to", part.to.as_ref(), end)?],
    };
    if part.time.is_none() && span[1] <= span[0] {
        let [from, to] = span.map(in_days);
        let message = format!(
            "{to} is not after from, {from}; write a later time, or time = \"{from}\" for a single one"
        );
        return refuse("to", message);
    }
    let share = part.share.0;
    if !(share > 0.0 && share <= 1.0) {
        let meant = match share > 1.0 && share <= 100.0 {
            true => format!("; did you mean {}?", share / 100.0),
            false => String::new(),
        };
        return refuse(
            "share",
            format!("{share} is not allowed; use a fraction above 0 and up to 1{meant}"),
        );
    }
    let words = words(&observables[place]);
    Ok(Requirement { name: name.into(), place, words, of, span, window: [low, high], share })
}
