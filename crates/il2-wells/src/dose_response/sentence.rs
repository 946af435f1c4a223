//! The answer of a dose-response in sentences: which cell each ligand prefers, and whether ligands
//! differ.

use il2::quantity::{readable_concentration, readable_unit};
use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, concentration, listed, number, percent};
use il2_engine::words::counted;
use il2_inference::curve::Bell;

/// Largest number of ligands in the sentences; the table has all of them.
const MOST: usize = 4;

/// Results of a ligand on the two cells that the sentences compare, also relative to the first
/// ligand.
#[derive(Clone, Debug)]
pub struct Ligand {
    /// Label of the ligand.
    pub name: String,
    /// EC50 on the reference cell (pM), or the reason why there is none.
    pub ec50: Result<Spread, String>,
    /// EC50 on the other cells, where one exists (pM).
    pub elsewhere: Vec<(String, Spread)>,
    /// Unit of doses in the study, and one such unit in pM.
    pub unit: (String, f64),
    /// EC50 on the other cell divided by that on the reference cell, or why there is none; `None`
    /// if there is only one cell.
    pub preference: Option<Result<Spread, String>>,
    /// This ratio divided by that of the first ligand, computed within each draw.
    pub preference_over_first: Option<Spread>,
    /// EC50 on the reference cell divided by that of the first ligand, computed within each draw.
    pub ec50_over_first: Option<Spread>,
}

/// Words between the name of a ligand and the multiple of the dose that it needs.
const NEEDS: &str = " needs ";
/// Words after a multiple.
const TIMES: &str = "times this dose";

/// The ligands on the cells that the sentences compare.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The reference cell.
    pub reference: String,
    /// The other cell on which the EC50 of the first ligand differs most from the reference, if
    /// any.
    pub other: Option<String>,
    /// Number of other cells.
    pub others: usize,
    /// Readout and time: `signalling complexes after 1 h`.
    pub of: String,
    /// Ligands in the order of the study.
    pub ligands: Vec<Ligand>,
    /// Central fraction of the draws in the intervals; none without draws.
    pub level: Option<f64>,
}

/// The answer.
pub fn sentences(told: &Comparison) -> Vec<String> {
    let shown = &told.ligands[..told.ligands.len().min(MOST)];
    let mut all = vec![];
    // Without an EC50 on the reference cell there are no ratios, as the sentence on potency says.
    if let Some(other) = &told.other
        && shown.iter().any(|ligand| ligand.ec50.is_ok())
    {
        all.push(preferences(told, shown, other));
    }
    all.push(potencies(told, shown));
    all.extend(elsewhere(told, shown));
    let last = all.last_mut().expect("potencies are told");
    last.truncate(last.trim_end_matches('.').len());
    *last += &format!("{}.", unsure(told, shown));
    all
}

/// The sentence about curves that fall again at high doses, and from which dose; none if no curve
/// does.
pub fn bells(of: &[(String, Bell)]) -> Option<String> {
    let one = |(pair, bell): &(String, Bell)| {
        let (from, left) = (readable_concentration(bell.from), percent(bell.left.max(0.0)));
        format!("for {} above {from} (to {left} of its height at the highest dose)", cut(pair, 40))
    };
    let mut all: Vec<String> = of.iter().take(MOST).map(one).collect();
    if of.len() > MOST {
        all.push(format!("for {}", counted(of.len() - MOST, "more curve")));
    }
    (!all.is_empty()).then(|| format!("The response falls again at high doses: {}.", listed(&all)))
}

/// Which cell each ligand prefers and by how much, compared with the first ligand.
fn preferences(told: &Comparison, ligands: &[Ligand], other: &str) -> String {
    let (reference, other) = (cut(&told.reference, 20), cut(other, 20));
    let known = |ligand: &Ligand| match &ligand.preference {
        Some(Ok(ratio)) => Some(*ratio),
        _ => None,
    };
    let mut first = true;
    let mut one = |ligand: &Ligand| {
        let name = cut(&ligand.name, 20);
        let begin = match first {
            true => format!("Judged by the EC50 of {}, ", told.of),
            false => String::new(),
        };
        let Some(ratio) = known(ligand) else {
            let why = match &ligand.preference {
                Some(Err(why)) => format!(" ({why})"),
                _ => String::new(),
            };
            let there = if first { "there" } else { "There" };
            first = false;
            return format!("{begin}{there} is no EC50 ratio for {name}{why}.");
        };
        let to_reference = ratio.middle >= 1.0;
        let size = if to_reference { ratio } else { ratio.inverse() };
        let cells = match (to_reference, first) {
            (true, true) => format!("{reference} than on {other}"),
            (false, true) => format!("{other} than on {reference}"),
            (true, false) => reference.clone(),
            (false, false) => other.clone(),
        };
        let furthest = match told.others {
            n if n > 1 && first => {
                format!("; of {n} other cells, {other} differs most from {reference}")
            }
            _ => String::new(),
        };
        first = false;
        let own = match told.level {
            Some(_) if !ratio.has_ends() => {
                " (no interval, because in too many draws the doses do not determine an EC50)"
            }
            Some(_) if !ratio.excludes(1.0) => " (not distinguishable from 1)",
            _ => "",
        };
        let against = against_first(told, ligand, &ligands[0]);
        let and = if against.is_empty() { "" } else { "; " };
        // Judged as printed: "1-fold more potent" is not a difference.
        if number(size.middle) == "1" || size.middle < 1.005 {
            let ends = if size.has_ends() { format!(" ({})", size.ends()) } else { String::new() };
            let both = format!("{reference} and {other}");
            return format!(
                "{begin}{name} is equally potent on {both}{ends}{and}{against}{furthest}."
            );
        }
        let size = size.said("-fold");
        format!("{begin}{name} is {size} more potent on {cells}{own}{and}{against}{furthest}.")
    };
    ligands.iter().map(&mut one).collect::<Vec<_>>().join(" ")
}

/// How the selectivity of a ligand differs from that of the first, if both have one.
fn against_first(told: &Comparison, ligand: &Ligand, first: &Ligand) -> String {
    let (Some(over), Some(Ok(own)), Some(Ok(firsts))) =
        (ligand.preference_over_first, &ligand.preference, &first.preference)
    else {
        return String::new();
    };
    if told.level.is_none() {
        return String::new();
    }
    let than = cut(&first.name, 20);
    if !over.has_ends() {
        return format!("the draws do not show whether it is more or less selective than {than}");
    }
    if !over.excludes(1.0) {
        return format!("its selectivity does not differ detectably from that of {than}");
    }
    let size = if over.middle < 1.0 { over.inverse() } else { over };
    let size = size.said("-fold");
    let more = match (own.middle >= 1.0, firsts.middle >= 1.0, over.middle >= 1.0) {
        // Both prefer the same cell: the ratio further from 1 is the more selective.
        (true, true, more) => more,
        (false, false, less) => !less,
        _ => return format!("its selectivity differs {size} from that of {than}"),
    };
    format!("it is {size} {} selective than {than}", if more { "more" } else { "less" })
}

/// How potent the first ligand is on the reference cell, and how much more of the others is needed.
fn potencies(told: &Comparison, ligands: &[Ligand]) -> String {
    let (first, others) = (&ligands[0], &ligands[1..]);
    let cell = cut(&told.reference, 20);
    let name = |ligand: &Ligand| cut(&ligand.name, 20);
    let base = match &first.ec50 {
        Err(why) => {
            let reference = if told.other.is_some() { ", the reference_cell," } else { "" };
            match why.starts_with("below") || why.starts_with("above") {
                true => format!("The EC50 of {} on {cell}{reference} is {why}", name(first)),
                false => format!("{} on {cell}{reference} has no EC50 ({why})", name(first)),
            }
        }
        Ok(ec50) => {
            let of = match told.other {
                Some(_) => String::new(),
                None => format!(" ({})", told.of),
            };
            format!("On {cell}, the EC50 of {}{of} is {}", name(first), both_units(first, *ec50))
        }
    };
    let needs = |ligand: &Ligand| match (&ligand.ec50, ligand.ec50_over_first) {
        (Err(why), _) => format!("{} has none ({why})", name(ligand)),
        (_, Some(over)) if over.middle.is_finite() => {
            let unsure = told.level.is_some() && !over.excludes(1.0);
            let verdict = if unsure { ": no detectable difference" } else { "" };
            let times = match over.middle {
                less if less < 0.995 => {
                    over.inverse().said("-fold").replacen("-fold", "-fold lower doses", 1)
                }
                same if same < 1.005 => {
                    format!("the same dose{}", over.said("").replacen(&number(same), "", 1))
                }
                _ => over.said(TIMES),
            };
            format!("{}{NEEDS}{times}{verdict}", name(ligand))
        }
        (Ok(ec50), _) => {
            format!("that of {} is {}", name(ligand), readable_concentration(ec50.middle))
        }
    };
    // The verb and the words after a multiple are written only once.
    let (mut verb, mut multiple) = (false, false);
    let needs = |ligand: &Ligand| {
        let mut text = needs(ligand);
        let own = (text.contains(NEEDS), text.contains(TIMES));
        if verb {
            text = text.replace(NEEDS, " ");
        }
        if multiple {
            text = text.replace(TIMES, "times");
        }
        (verb, multiple) = (verb || own.0, multiple || own.1);
        text
    };
    let others = listed(&others.iter().map(needs).collect::<Vec<_>>());
    let more = match told.ligands.len() - ligands.len() {
        0 => String::new(),
        1 => " (and 1 more ligand in the table)".to_string(),
        more => format!(" (and {more} more ligands in the table)"),
    };
    match others.is_empty() {
        true => format!("{base}."),
        false => format!("{base}; {others}{more}."),
    }
}

/// On which cells ligands without an EC50 on the reference cell have one.
fn elsewhere(told: &Comparison, ligands: &[Ligand]) -> Option<String> {
    let without = || ligands.iter().filter(|l| l.ec50.is_err() && !l.elsewhere.is_empty());
    let one = |ligand: &Ligand| {
        let all = ligand.elsewhere.iter().take(MOST);
        let all =
            all.map(|(cell, ec50)| format!("{} on {}", both_units(ligand, *ec50), cut(cell, 20)));
        let more = match ligand.elsewhere.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" (and on {more} more in the table)"),
        };
        format!("{} {}{more}", cut(&ligand.name, 20), listed(&all.collect::<Vec<_>>()))
    };
    let all: Vec<String> = without().map(one).collect();
    let cell = &without().next()?.elsewhere[0].0;
    Some(format!(
        "EC50s on other cells: {}; for ratios to one of them, set for example reference_cell = \
         \"{cell}\" instead of \"{}\".",
        all.join("; "),
        told.reference
    ))
}

/// Explains the brackets, if intervals are printed.
fn unsure(told: &Comparison, ligands: &[Ligand]) -> String {
    let intervals = ligands.iter().any(|ligand| {
        let has = |spread: &Spread| spread.middle.is_finite() && spread.has_ends();
        let ratio = ligand.preference.as_ref().filter(|_| told.other.is_some());
        ligand.ec50.as_ref().is_ok_and(has)
            || ligand.ec50_over_first.as_ref().is_some_and(has) && ligand.ec50.is_ok()
            || ratio.is_some_and(|ratio| ratio.as_ref().is_ok_and(has))
            || ligand.ec50.is_err() && ligand.elsewhere.iter().any(|(_, ec50)| has(ec50))
    });
    match told.level {
        Some(level) if intervals => format!("; in parentheses: {} intervals", percent(level)),
        Some(_) => String::new(),
        None => "; no intervals were requested".into(),
    }
}

/// An EC50 in pM (or nM) and, if it differs, in the unit in which the study writes its doses.
fn both_units(ligand: &Ligand, ec50: Spread) -> String {
    let text = concentration(ec50);
    let (unit, one) = &ligand.unit;
    // A value in pM needs no second unit.
    if unit == "pM" || unit == readable_unit(ec50.middle).1 {
        return text;
    }
    let part = |v: f64| v / one;
    let Spread { middle: m, low, high } = ec50;
    let own = Spread { middle: part(m), low: part(low), high: part(high) };
    format!("{text}, which is {}", own.said(unit))
}

#[cfg(test)]
mod tests;
