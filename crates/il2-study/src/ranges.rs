//! Plausible ranges of numbers (`library/ranges.toml`): examples for errors, and a check for
//! numbers far outside these ranges.

use crate::library::{Library, Range};
use il2::ligand::Ligand;
use il2::quantity::{Like, three_digits};
use il2_engine::words::shown;

/// The range of a key, with its example, for a remedy.
pub fn like(at: &str) -> Option<(&'static Range, Like<'static>)> {
    let key = at.split('.').map(|part| part.split('[').next().unwrap_or(part).to_string());
    let mut key: Vec<String> = key.collect();
    if key.last().is_some_and(|last| last == "from" || last == "to") {
        key.pop();
    }
    let range = Library::builtin().ranges.values().find(|r| {
        r.ending.is_empty()
            && r.molecules.is_empty()
            && r.usual.text != "1"
            && r.keys.iter().any(|k| matches(k, &key))
    })?;
    Some((range, like_of(range)))
}

/// The dose of a person, per person, per kg or per m2, according to the ending of its unit.
pub fn like_dose(ending: &str) -> Like<'static> {
    like_of(range_dose(ending, None))
}

/// The range of a patient's dose of a molecule, or of any molecule. Doses of wells are concentrations.
pub fn range_dose(ending: &str, ligand: Option<&Ligand>) -> &'static Range {
    let mut all = Library::builtin().ranges.values();
    let of = all.find(|r| {
        r.ending == ending
            && r.keys.iter().any(|key| key[0] == "regimens" && key.ends_with(&["dose".into()]))
            && made_for(&r.molecules, ligand)
    });
    of.expect("a test checks every ending")
}

/// Whether a range for some molecules, or for all, applies to a ligand: this is decided by the
/// library entry from which the ligand descends, irrespective of its name in a study. Only a
/// molecule without such an entry is recognised by name.
pub fn made_for(molecules: &[String], ligand: Option<&Ligand>) -> bool {
    let holds = |molecule: &String| {
        ligand.is_some_and(|l| {
            *molecule == l.id
                || (*molecule == l.label && Library::builtin().ligand(molecule).is_none())
                || (molecule == "fusion" && l.parent.is_some())
        })
    };
    molecules.is_empty() || molecules.iter().any(holds)
}

fn like_of(range: &'static Range) -> Like<'static> {
    let (low, high) = ends(range);
    Like { example: &range.example, low, high }
}

/// Ends of a range.
pub fn ends(range: &Range) -> (f64, f64) {
    let interval = range.usual.interval.as_ref().expect("the reader requires it");
    (interval.low, interval.high)
}

/// Whether a key matches a pattern; `**` at its end matches any remainder.
pub fn matches(pattern: &[String], key: &[String]) -> bool {
    match pattern.split_last() {
        Some((last, head)) if last == "**" => {
            key.len() > head.len() && matches(head, &key[..head.len()])
        }
        _ => pattern.len() == key.len() && pattern.iter().zip(key).all(|(p, k)| p == "*" || p == k),
    }
}

/// A number with few digits.
pub fn short(value: f64) -> String {
    let text = three_digits(value);
    let without_zeros = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", without_zeros(digits)),
        None => without_zeros(&text),
    }
}

/// Factors by which a number may lie below or above the value of the library.
pub fn of_library() -> (f64, f64) {
    ends(&Library::builtin().ranges["of_the_library"])
}

/// The ratio of a number to another, if they are far apart.
pub fn times(value: f64, before: f64) -> Option<String> {
    let (low, high) = of_library();
    let ratio = value / before;
    if !ratio.is_finite() || ratio == 0.0 || (low..=high).contains(&ratio) {
        return None;
    }
    Some(match ratio > 1.0 {
        true => format!("{} times as much as", short(ratio)),
        false => format!("1/{} of", short(1.0 / ratio)),
    })
}

/// A warning about a number that replaces one of the library and is far from it.
pub fn far(at: &str, text: &str, value: f64, of_library: &str, before: f64) -> Option<String> {
    let times = times(value, before)?;
    Some(format!(
        "{at}: \"{}\" is {times} the library value, {of_library}; is the unit right?",
        shown(text)
    ))
}
