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
mod tests {
    use super::*;

    fn spread(middle: f64, low: f64, high: f64) -> Spread {
        Spread { middle, low, high }
    }

    fn ligand(name: &str, preference: Spread, over: Option<Spread>) -> Ligand {
        Ligand {
            name: name.into(),
            ec50: Ok(spread(19.5, 10.8, 38.8)),
            elsewhere: vec![],
            unit: ("pM".into(), 1.0),
            preference: Some(Ok(preference)),
            preference_over_first: over,
            ec50_over_first: over.map(|_| spread(2.66, 1.8, 3.9)),
        }
    }

    fn told(ligands: Vec<Ligand>) -> Comparison {
        Comparison {
            reference: "treg".into(),
            other: Some("nk".into()),
            others: 1,
            of: "signal after 1 h".into(),
            ligands,
            level: Some(0.95),
        }
    }

    #[test]
    fn a_difference_is_claimed_only_where_the_ratio_of_ratios_leaves_one_out() {
        let all = vec![
            ligand("native", spread(10.8, 4.0, 16.0), None),
            ligand("v91k", spread(9.1, 3.4, 14.0), Some(spread(0.84, 0.7, 1.1))),
            ligand("blind", spread(1.78, 1.1, 2.0), Some(spread(0.165, 0.1, 0.3))),
        ];
        assert_eq!(
            sentences(&told(all)),
            [
                "Judged by the EC50 of signal after 1 h, native is 10.8-fold (4 to 16) more potent on treg than \
                 on nk. v91k is 9.10-fold (3.40 to 14) more potent on treg; its selectivity does not differ \
                 detectably from that of native. blind is 1.78-fold (1.10 to 2) more potent on treg; it is \
                 6.06-fold (3.33 to 10) less selective than native.",
                "On treg, the EC50 of native is 19.5 pM (10.8 to 38.8); v91k needs 2.66 times as \
                 much (1.80 to 3.90) and blind 2.66 times (1.80 to 3.90); brackets: 95 % intervals."
            ]
        );
    }

    #[test]
    fn a_curve_that_falls_again_is_told_with_its_dose() {
        let of = |pair: &str, from: f64, left: f64| (pair.to_string(), Bell { from, left });
        assert_eq!(bells(&[]), None);
        assert_eq!(
            bells(&[of("native on treg", 316.0, 0.2), of("native on nk", 1e4, -0.1)]).unwrap(),
            "The response falls again at high doses: that to native on treg from 316 pM, to 20 % of its height \
             and that to native on nk from 10.0 nM, to 0 % of its height at the highest dose."
        );
    }

    #[test]
    fn a_ligand_that_prefers_the_other_cell_is_told_from_its_side() {
        let all = vec![ligand("x", spread(0.5, 0.25, 0.8), None)];
        assert!(
            sentences(&told(all))[0]
                .contains(", x is 2-fold (1.25 to 4) more potent on nk than on treg.")
        );
    }

    #[test]
    fn one_ligand_on_one_cell_has_its_ec50_alone() {
        let all = vec![Ligand { preference: None, ..ligand("x", Spread::exact(1.0), None) }];
        let told = Comparison { other: None, ..told(all) };
        let said = "On treg, the EC50 of x (signal after 1 h) is 19.5 pM (10.8 to 38.8); brackets: \
                    95 % intervals.";
        assert_eq!(sentences(&told), [said]);
        let mut told = told;
        told.ligands[0].unit = ("IU/mL".into(), 4.0);
        assert_eq!(
            sentences(&told),
            ["On treg, the EC50 of x (signal after 1 h) is 19.5 pM (10.8 to 38.8), which is 4.88 \
                 IU/mL (2.70 to 9.70); brackets: 95 % intervals."]
        );
    }

    #[test]
    fn what_lies_beyond_the_doses_is_said_and_not_guessed() {
        let mut far = ligand("far", Spread::exact(1.0), None);
        far.ec50 = Err("above doses (100 nM)".into());
        far.preference = Some(Err("above doses (100 nM)".into()));
        let open = spread(10.8, 4.0, f64::INFINITY);
        let said = sentences(&told(vec![ligand("native", open, None), far]));
        assert_eq!(
            said,
            [
                "Judged by the EC50 of signal after 1 h, native is 10.8-fold (4 or more) more potent on treg \
                 than on nk. far has no ratio (above doses (100 nM)).",
                "On treg, the EC50 of native is 19.5 pM (10.8 to 38.8); far has none (above doses \
                 (100 nM)); brackets: 95 % intervals."
            ]
        );
    }

    #[test]
    fn brackets_are_explained_only_where_there_are_intervals() {
        let mut none = ligand("blind", Spread::exact(1.0), None);
        none.ec50 = Err("below doses (1.00 nM)".into());
        none.preference = None;
        let said = sentences(&Comparison { other: None, ..told(vec![none]) });
        assert_eq!(said, ["blind has no EC50 on treg (below doses (1.00 nM))."]);
    }

    #[test]
    fn without_an_ec50_on_the_reference_cell_the_other_cells_are_told_and_the_key_is_named() {
        let mut native = ligand("native", Spread::exact(1.0), None);
        native.ec50 = Err("above the highest dose, 1.00 nM".into());
        native.preference = Some(Err("no EC50 on treg: above the highest dose, 1.00 nM".into()));
        let nk = ("nk".to_string(), spread(300.0, 200.0, 400.0));
        native.elsewhere = vec![nk, ("cd8".into(), spread(500.0, 400.0, f64::INFINITY))];
        assert_eq!(
            sentences(&Comparison { others: 2, ..told(vec![native]) }),
            [
                "native has no EC50 on treg, the reference_cell (above the highest dose, 1.00 nM).",
                "EC50s on other cells: native 300 pM (200 to 400) on nk and 500 pM (400 or more) on \
                 cd8; for ratios to one of them write for example reference_cell = \"nk\" in place of \
                 \"treg\"; brackets: 95 % intervals."
            ]
        );
    }

    #[test]
    fn less_is_said_as_less_and_equal_as_equal() {
        let mut all = vec![
            ligand("a", spread(1.001, 0.9, 1.1), None),
            ligand("b", spread(4.0, 3.0, 5.0), None),
            ligand("c", spread(4.0, 3.0, 5.0), None),
            ligand("d", spread(4.0, 3.0, 5.0), None),
        ];
        all[1].ec50_over_first = Some(spread(0.0147, 0.01, 0.02));
        all[2].ec50_over_first = Some(spread(2.0, 1.5, 3.0));
        all[3].ec50_over_first = Some(spread(1.0, 0.9, 1.2));
        let said = sentences(&told(all));
        assert!(
            said[0].contains("a is equally potent on treg and nk (0.900 to 1.10)."),
            "{}",
            said[0]
        );
        assert!(
            said[1].contains(
                "; b needs 68-fold less (50 to 100), c 2 times as much (1.50 to 3) and d as much \
                 (0.900 to 1.20): no detectable difference;"
            ),
            "{}",
            said[1]
        );
    }

    #[test]
    fn without_draws_nothing_is_called_sure() {
        let over = Some(Spread::exact(0.5));
        let mut all =
            vec![ligand("a", Spread::exact(4.0), None), ligand("b", Spread::exact(2.0), over)];
        all.iter_mut().for_each(|l| l.ec50 = Ok(Spread::exact(20.0)));
        all[1].ec50_over_first = Some(Spread::exact(3.0));
        let said = sentences(&Comparison { level: None, ..told(all) });
        assert_eq!(
            said,
            [
                "Judged by the EC50 of signal after 1 h, a is 4-fold more potent on treg than on nk. b is \
                 2-fold more potent on treg.",
                "On treg, the EC50 of a is 20.0 pM; b needs 3 times as much; no intervals were asked for."
            ]
        );
    }

    #[test]
    fn each_ligand_has_its_own_direction_and_its_own_doubt() {
        let all = vec![
            ligand("a", spread(2.0, 0.8, 3.0), None),
            ligand("b", spread(0.05, 0.03, 0.08), Some(spread(0.025, 0.01, 0.05))),
            ligand("c", spread(1.6, 0.7, 2.1), Some(spread(0.8, 0.7, 0.9))),
        ];
        let all = Comparison { others: 3, ..told(all) };
        assert_eq!(
            sentences(&all)[0],
            "Judged by the EC50 of signal after 1 h, a is 2-fold (0.800 to 3) more potent on treg than on nk (not \
             distinguishable from 1); of 3 other cells, nk differs most from treg. b is 20-fold (12.5 to 33.3) \
             more potent on nk; its selectivity differs 40-fold (20 to 100) from that of a. c is 1.60-fold (0.700 \
             to 2.10) more potent on treg (not distinguishable from 1); it is 1.25-fold (1.11 to 1.43) less \
             selective than a."
        );
        // Where the first has none, the next carries the direction.
        let mut all = told(all.ligands);
        all.ligands[0].preference = Some(Err("above doses".into()));
        let said = sentences(&all)[0].clone();
        assert!(said.contains("a has no ratio (above doses). b is 20-fold"), "{said}");
        assert!(said.contains("c is 1.60-fold (0.700 to 2.10) more potent on treg"), "{said}");
    }
}
