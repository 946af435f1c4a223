//! A regimen in words whose doses fall on days of the week, or whose first dose differs in size.

use super::part::{amount_of, one};
use crate::error::StudyError;
use crate::study::Study;
use crate::study::dosing::RegimenPart;
use crate::study::text::QuantityText;
use crate::values::unknown;
use crate::whole;
use il2::quantity::DAY;
use il2::treatment::regimen::Regimen;

/// Days of the week as a regimen names them, in full or by their first three letters.
const WEEK: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A regimen in words as parts: each day of the week is a part, and so is a first dose of another size.
pub(super) fn in_words(
    study: &Study,
    name: &str,
    part: &RegimenPart,
) -> Result<Vec<Regimen>, StudyError> {
    let at = format!("regimens.{name}");
    let refuse = |key: &str, message: &str| Err(StudyError::at(format!("{at}.{key}"), message));
    let mut parts = match (&part.weekdays, part.weeks) {
        (None, None) => vec![one(study, name, part)?],
        (None, Some(_)) => {
            return refuse(
                "weeks",
                "also needs weekdays, such as [\"Mon\", \"Wed\", \"Fri\"]; add them",
            );
        }
        (Some(_), None) => {
            return refuse("weeks", "is missing; give the number of weeks of dosing, such as 12");
        }
        (Some(days), Some(weeks)) => {
            whole::checked(&format!("{at}.weeks"), weeks)?;
            let beside = [
                ("every", part.every.is_some()),
                ("doses", part.doses.is_some()),
                ("cycles", part.cycles.is_some()),
                ("cycle", part.cycle.is_some()),
            ];
            if let Some((key, _)) = beside.iter().find(|(_, given)| *given) {
                return refuse(
                    key,
                    "cannot be combined with weekdays, which already determine when doses are \
                     given; leave it out",
                );
            }
            let (every, doses) = (Some(QuantityText("7 d".into())), Some(weeks));
            let plain = RegimenPart { weekdays: None, weeks: None, every, doses, ..part.clone() };
            let first = one(study, name, &plain)?;
            let offsets = weekdays(&format!("{at}.weekdays"), days)?;
            let day = |offset: f64| Regimen {
                start: first.start + offset * DAY,
                same_cycles: offset > 0.0,
                ..first.clone()
            };
            offsets.into_iter().map(day).collect()
        }
    };
    if let Some(text) = &part.loading_dose {
        let place = format!("{at}.loading_dose");
        let (amount, per) = amount_of(study, &at, &part.ligand, &place, text.0.trim())?;
        if amount < 0.0 {
            return refuse("loading_dose", "is below zero; give an amount of zero or more");
        }
        // The first dose of every cycle; a regimen on days of the week has one cycle.
        let first = &mut parts[0];
        let rest = Regimen {
            start: first.start + first.every,
            doses: first.doses - 1,
            same_cycles: true,
            ..first.clone()
        };
        *first = Regimen { amount, per, doses: 1, ..first.clone() };
        if rest.doses > 0 {
            parts.push(rest);
        }
    }
    Ok(parts)
}

/// Days from the first named day to each of the days.
fn weekdays(at: &str, days: &[String]) -> Result<Vec<f64>, StudyError> {
    let number = |day: &String| {
        let named =
            |known: &&str| [known, &known[..3]].iter().any(|k| k.eq_ignore_ascii_case(day.trim()));
        let found = WEEK.iter().position(named);
        found.ok_or_else(|| unknown(at, "day", day, WEEK.into_iter(), "days"))
    };
    let numbers: Vec<usize> = days.iter().map(number).collect::<Result<_, _>>()?;
    let Some(&first) = numbers.first() else {
        return Err(StudyError::at(
            at,
            "contains no day; write for example [\"Mon\", \"Wed\", \"Fri\"]",
        ));
    };
    let mut offsets: Vec<usize> = numbers.iter().map(|day| (day + 7 - first) % 7).collect();
    offsets.sort_unstable();
    if offsets.windows(2).any(|two| two[0] == two[1]) {
        return Err(StudyError::at(at, "contains a day twice; name each day once"));
    }
    Ok(offsets.into_iter().map(|days| days as f64).collect())
}
