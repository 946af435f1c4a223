//! What a dose-response answers, in sentences: which cell each ligand prefers, and whether ligands differ.

use crate::labels::cut;
use crate::sentence::{Spread, listed};
use il2::quantity::readable_concentration;

/// Ligands that are told; the table has all.
const MOST: usize = 3;

/// A ligand on the two cells that are told, and beside the first ligand.
#[derive(Clone, Debug)]
pub struct Ligand {
    /// Its label.
    pub name: String,
    /// EC50 on the reference cell (pM), or in words why there is none.
    pub ec50: Result<Spread, String>,
    /// EC50 on the other cell over that on the reference cell, or why there is none; nothing where there is
    /// one cell.
    pub preference: Option<Result<Spread, String>>,
    /// That ratio over the same of the first ligand, draw by draw.
    pub preference_over_first: Option<Spread>,
    /// EC50 on the reference cell over that of the first ligand there, draw by draw.
    pub ec50_over_first: Option<Spread>,
}

/// Between a ligand and how much more of it is needed.
const NEEDS: &str = " needs ";

/// What is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The reference cell.
    pub reference: String,
    /// The cell that the first ligand prefers least or most, if there is another.
    pub other: Option<String>,
    /// In the order of the study.
    pub ligands: Vec<Ligand>,
    /// Whether there are draws.
    pub intervals: bool,
}

/// The answer.
pub fn sentences(told: &Told) -> Vec<String> {
    let shown = &told.ligands[..told.ligands.len().min(MOST)];
    let mut all = vec![];
    if let Some(other) = &told.other {
        all.push(preferences(told, shown, other));
    }
    all.push(potencies(told, shown));
    all
}

/// Which cell is preferred and by how much, ligand by ligand, each against the first.
fn preferences(told: &Told, ligands: &[Ligand], other: &str) -> String {
    let (reference, other) = (cut(&told.reference, 20), cut(other, 20));
    let inverted = matches!(ligands[0].preference, Some(Ok(ratio)) if ratio.middle < 1.0);
    let (liked, disliked) = if inverted { (other, reference) } else { (reference, other) };
    let turned = |ratio: Spread| if inverted { ratio.inverse() } else { ratio };
    let one = |(i, ligand): (usize, &Ligand)| {
        let name = cut(&ligand.name, 20);
        let ratio = match &ligand.preference {
            Some(Ok(ratio)) => turned(*ratio),
            Some(Err(why)) => return format!("{name} has no ratio ({why})"),
            None => return format!("{name} has no ratio"),
        };
        let said = ratio.said("-fold");
        let text = match i {
            0 => format!("{name} prefers {liked} over {disliked} {said}"),
            _ => format!("{name} {said}"),
        };
        let verdict = match (i, ligand.preference_over_first.map(turned)) {
            (0, _) if told.intervals && !ratio.excludes(1.0) => {
                ": no preference that these data can tell".to_string()
            }
            (0, _) | (_, None) => String::new(),
            (_, Some(_)) if !told.intervals => String::new(),
            (_, Some(over)) if !over.excludes(1.0) => {
                ": no difference that these data can tell".to_string()
            }
            (_, Some(over)) if over.middle < 1.0 => {
                format!(": less selective, {}", over.inverse().said("-fold"))
            }
            (_, Some(over)) => format!(": more selective, {}", over.said("-fold")),
        };
        text + &verdict
    };
    let parts: Vec<String> = ligands.iter().enumerate().map(one).collect();
    format!("{}.", parts.join("; "))
}

/// How potent the first ligand is on the reference cell, and how much more the others need.
fn potencies(told: &Told, ligands: &[Ligand]) -> String {
    let (first, others) = (&ligands[0], &ligands[1..]);
    let cell = cut(&told.reference, 20);
    let name = |ligand: &Ligand| cut(&ligand.name, 20);
    let base = match &first.ec50 {
        Err(why) => format!("{} has no EC50 on {cell} ({why})", name(first)),
        Ok(ec50) => {
            let ends = match (ec50.low.is_finite(), ec50.high.is_finite()) {
                (true, true) => format!(
                    " ({} to {})",
                    readable_concentration(ec50.low),
                    readable_concentration(ec50.high)
                ),
                (true, false) => format!(" ({} or more)", readable_concentration(ec50.low)),
                (false, true) => format!(" ({} or less)", readable_concentration(ec50.high)),
                (false, false) => String::new(),
            };
            let ec50 = readable_concentration(ec50.middle);
            format!("On {cell}, the EC50 of {} is {ec50}{ends}", name(first))
        }
    };
    let needs = |ligand: &Ligand| match (&ligand.ec50, ligand.ec50_over_first) {
        (Err(why), _) => format!("{} has none ({why})", name(ligand)),
        (_, Some(over)) if over.middle.is_finite() => {
            let unsure = told.intervals && !over.excludes(1.0);
            let verdict = if unsure { ", which may be the same" } else { "" };
            format!("{}{NEEDS}{}{verdict}", name(ligand), over.said("times as much"))
        }
        (Ok(ec50), _) => {
            format!("that of {} is {}", name(ligand), readable_concentration(ec50.middle))
        }
    };
    // Said once of all.
    let mut said = false;
    let needs = |ligand: &Ligand| {
        let text = needs(ligand);
        let again = said;
        said |= text.contains(NEEDS);
        if again { text.replace(NEEDS, " ").replace("times as much", "times") } else { text }
    };
    let others = listed(&others.iter().map(needs).collect::<Vec<_>>());
    let more = match told.ligands.len() - ligands.len() {
        0 => String::new(),
        more => format!(" (and {more} more ligands in the table)"),
    };
    let unsure = match told.intervals || told.ligands.len() == 1 {
        true => "",
        false => "; without intervals nothing says how sure that is",
    };
    match others.is_empty() {
        true => format!("{base}."),
        false => format!("{base}; {others}{more}{unsure}."),
    }
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
            preference: Some(Ok(preference)),
            preference_over_first: over,
            ec50_over_first: over.map(|_| spread(2.66, 1.8, 3.9)),
        }
    }

    fn told(ligands: Vec<Ligand>) -> Told {
        let (reference, other) = ("treg".to_string(), Some("nk".to_string()));
        Told { reference, other, ligands, intervals: true }
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
                "native prefers treg over nk 10.8-fold (4 to 16); v91k 9.10-fold (3.40 to 14): no \
                 difference that these data can tell; blind 1.78-fold (1.10 to 2): less selective, \
                 6.06-fold (3.33 to 10).",
                "On treg, the EC50 of native is 19.5 pM (10.8 pM to 38.8 pM); v91k needs 2.66 times as \
                 much (1.80 to 3.90) and blind 2.66 times (1.80 to 3.90)."
            ]
        );
    }

    #[test]
    fn a_ligand_that_prefers_the_other_cell_is_told_from_its_side() {
        let all = vec![ligand("x", spread(0.5, 0.25, 0.8), None)];
        assert!(sentences(&told(all))[0].starts_with("x prefers nk over treg 2-fold (1.25 to 4)."));
    }

    #[test]
    fn one_ligand_on_one_cell_has_its_ec50_alone() {
        let all = vec![Ligand { preference: None, ..ligand("x", Spread::exact(1.0), None) }];
        let told = Told { other: None, ..told(all) };
        assert_eq!(sentences(&told), ["On treg, the EC50 of x is 19.5 pM (10.8 pM to 38.8 pM)."]);
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
                "native prefers treg over nk 10.8-fold (4 or more); far has no ratio (above doses (100 nM)).",
                "On treg, the EC50 of native is 19.5 pM (10.8 pM to 38.8 pM); far has none (above doses \
                 (100 nM))."
            ]
        );
    }

    #[test]
    fn without_draws_nothing_is_called_sure() {
        let over = Some(Spread::exact(0.5));
        let mut all =
            vec![ligand("a", Spread::exact(4.0), None), ligand("b", Spread::exact(2.0), over)];
        all.iter_mut().for_each(|l| l.ec50 = Ok(Spread::exact(20.0)));
        all[1].ec50_over_first = Some(Spread::exact(3.0));
        let said = sentences(&Told { intervals: false, ..told(all) });
        assert_eq!(
            said,
            [
                "a prefers treg over nk 4-fold; b 2-fold.",
                "On treg, the EC50 of a is 20.0 pM; b needs 3 times as much; without intervals nothing says \
                 how sure that is."
            ]
        );
    }
}
