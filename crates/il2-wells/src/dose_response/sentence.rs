//! What a dose-response answers, in sentences: which cell each ligand prefers, and whether ligands differ.

use il2::quantity::{readable_concentration, readable_unit};
use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, concentration, listed, number, percent};
use il2_inference::curve::Bell;

/// Most ligands in the sentences; the table has all.
const MOST: usize = 4;

/// A ligand on the two cells that the sentences compare, and relative to the first ligand.
#[derive(Clone, Debug)]
pub struct Ligand {
    /// Its label.
    pub name: String,
    /// EC50 on the reference cell (pM), or in words why there is none.
    pub ec50: Result<Spread, String>,
    /// EC50 on the other cells on which it has one (pM).
    pub elsewhere: Vec<(String, Spread)>,
    /// The unit in which the study writes its doses, and how many pM one is.
    pub unit: (String, f64),
    /// EC50 on the other cell over that on the reference cell, or why there is none; nothing where there is
    /// one cell.
    pub preference: Option<Result<Spread, String>>,
    /// That ratio over the same of the first ligand, draw by draw.
    pub preference_over_first: Option<Spread>,
    /// EC50 on the reference cell over that of the first ligand there, draw by draw.
    pub ec50_over_first: Option<Spread>,
}

/// Words between the name of a ligand and how much more of it is needed.
const NEEDS: &str = " needs ";
/// Words behind a multiple.
const TIMES: &str = "times as much";

/// The ligands on the cells that the sentences compare.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The reference cell.
    pub reference: String,
    /// The cell that the first ligand prefers least or most, if there is another.
    pub other: Option<String>,
    /// How many other cells there are.
    pub others: usize,
    /// Readout and time: `signalling complexes after 1 h`.
    pub of: String,
    /// In the order of the study.
    pub ligands: Vec<Ligand>,
    /// Central fraction of the draws in the intervals; none without draws.
    pub level: Option<f64>,
}

/// The answer.
pub fn sentences(told: &Comparison) -> Vec<String> {
    let shown = &told.ligands[..told.ligands.len().min(MOST)];
    let mut all = vec![];
    // Without an EC50 on the reference cell there is no ratio at all, which is said there.
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

/// Which curves fall again at high doses, and from where; none if no curve does.
pub fn bells(of: &[(String, Bell)]) -> Option<String> {
    let one = |(pair, bell): &(String, Bell)| {
        let (from, left) = (readable_concentration(bell.from), percent(bell.left.max(0.0)));
        format!("that to {} from {from}, to {left} of its height", cut(pair, 40))
    };
    let mut all: Vec<String> = of.iter().take(MOST).map(one).collect();
    if of.len() > MOST {
        all.push(format!("{} more", of.len() - MOST));
    }
    (!all.is_empty()).then(|| {
        let (all, highest) = (listed(&all), "at the highest dose");
        format!("The response falls again at high doses: {all} {highest}.")
    })
}

/// Which cell is preferred and by how much, ligand by ligand, each against the first.
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
            first = false;
            return format!("{begin}{name} has no ratio{why}.");
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
                " (no interval, since in too many draws an EC50 lies beyond the doses)"
            }
            Some(_) if !ratio.excludes(1.0) => " (not distinguishable from 1)",
            _ => "",
        };
        let against = against_first(told, ligand, &ligands[0]);
        let and = if against.is_empty() { "" } else { "; " };
        // As printed: 1-fold more potent is no more potent.
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

/// How the selectivity of a ligand differs from that of the first, where both have one.
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
        return format!("whether it is more or less selective than {than} cannot be said");
    }
    if !over.excludes(1.0) {
        return format!("its selectivity does not differ detectably from that of {than}");
    }
    let size = if over.middle < 1.0 { over.inverse() } else { over };
    let size = size.said("-fold");
    let more = match (own.middle >= 1.0, firsts.middle >= 1.0, over.middle >= 1.0) {
        // Both prefer one cell: the further from 1, the more selective.
        (true, true, more) => more,
        (false, false, less) => !less,
        _ => return format!("its selectivity differs {size} from that of {than}"),
    };
    format!("it is {size} {} selective than {than}", if more { "more" } else { "less" })
}

/// How potent the first ligand is on the reference cell, and how much more the others need.
fn potencies(told: &Comparison, ligands: &[Ligand]) -> String {
    let (first, others) = (&ligands[0], &ligands[1..]);
    let cell = cut(&told.reference, 20);
    let name = |ligand: &Ligand| cut(&ligand.name, 20);
    let base = match &first.ec50 {
        Err(why) if told.other.is_some() => {
            format!("{} has no EC50 on {cell}, the reference_cell ({why})", name(first))
        }
        Err(why) => format!("{} has no EC50 on {cell} ({why})", name(first)),
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
                    over.inverse().said("-fold").replacen("-fold", "-fold less", 1)
                }
                same if same < 1.005 => {
                    format!("as much{}", over.said("").replacen(&number(same), "", 1))
                }
                _ => over.said(TIMES),
            };
            format!("{}{NEEDS}{times}{verdict}", name(ligand))
        }
        (Ok(ec50), _) => {
            format!("that of {} is {}", name(ligand), readable_concentration(ec50.middle))
        }
    };
    // The verb stands once for all, and so do the words of a multiple.
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

/// Where ligands without an EC50 on the reference cell have one.
fn elsewhere(told: &Comparison, ligands: &[Ligand]) -> Option<String> {
    let without = || ligands.iter().filter(|l| l.ec50.is_err() && !l.elsewhere.is_empty());
    let one = |ligand: &Ligand| {
        let all = ligand.elsewhere.iter().take(MOST);
        let all =
            all.map(|(cell, ec50)| format!("{} on {}", both_units(ligand, *ec50), cut(cell, 20)));
        let more = match ligand.elsewhere.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" (and on {more} more)"),
        };
        format!("{} {}{more}", cut(&ligand.name, 20), listed(&all.collect::<Vec<_>>()))
    };
    let all: Vec<String> = without().map(one).collect();
    let cell = &without().next()?.elsewhere[0].0;
    Some(format!(
        "EC50s on other cells: {}; for ratios to one of them write for example reference_cell = \"{cell}\" \
         in place of \"{}\".",
        all.join("; "),
        told.reference
    ))
}

/// What brackets are, where intervals are printed.
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
        Some(level) if intervals => format!("; brackets: {} intervals", percent(level)),
        Some(_) => String::new(),
        None => "; no intervals were asked for".into(),
    }
}

/// An EC50 in pM (or nM), and in the unit in which the study writes its doses where that is another.
fn both_units(ligand: &Ligand, ec50: Spread) -> String {
    let text = concentration(ec50);
    let (unit, one) = &ligand.unit;
    // pM is read beside any.
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
