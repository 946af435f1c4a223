//! Which kind secreted what each kind takes up, if a ligand has several sources.

use crate::culture::plan::Plan;
use crate::culture::run::Answer;

/// Name of what was given rather than secreted, in the place of a kind.
pub const GIVEN: &str = "given";

/// What the kinds have taken up of the molecules of one source, at the times of the study.
pub struct FromSource {
    /// Index of the ligand.
    pub ligand: usize,
    /// Name of the kind that secreted them, or [`GIVEN`].
    pub source: String,
    /// `[time][kind]`: amounts (pM), by index of the kind in the prepared culture.
    pub taken: Vec<Vec<f64>>,
}

impl FromSource {
    /// The share of each kind in what all kinds have taken up of these molecules; NaN if none have.
    pub fn parts(&self, time: usize) -> Vec<f64> {
        let all: f64 = self.taken[time].iter().sum();
        let part = |taken: &f64| if all > 0.0 { taken / all } else { f64::NAN };
        self.taken[time].iter().map(part).collect()
    }
}

/// Every source of every ligand that has several, what was given last; empty if no ligand has.
pub fn by_source(plan: &Plan, answer: &Answer) -> Vec<FromSource> {
    let (Some(culture), Some(ran)) = (&plan.followed, &answer.followed) else { return vec![] };
    let mut all: Vec<FromSource> = vec![];
    for (ligand, free) in culture.ligands.iter().enumerate() {
        let own: Vec<usize> =
            (0..culture.tagged.len()).filter(|i| culture.tagged[*i].ligand == ligand).collect();
        let secreted = own.iter().map(|i| FromSource {
            ligand,
            source: culture.kinds[culture.tagged[*i].source].name.clone(),
            taken: ran.by_source.iter().map(|row| row[*i].clone()).collect(),
        });
        let given = |(row, balances): (&Vec<Vec<f64>>, &Vec<il2::culture::kinds::Balance>)| {
            let left = |(kind, share): (usize, &il2::culture::kinds::Share)| {
                let secreted: f64 = own.iter().map(|i| row[*i][kind]).sum();
                // Both numbers have a numerical error, so that the rest of nothing is not zero.
                (share.taken() - secreted).max(0.0)
            };
            balances[ligand].kinds.iter().enumerate().map(left).collect::<Vec<f64>>()
        };
        let was_given = ran.balances.last().is_some_and(|all| all[ligand].given > 0.0);
        let rest = FromSource {
            ligand,
            source: GIVEN.into(),
            taken: ran.by_source.iter().zip(&ran.balances).map(given).collect(),
        };
        let sources = secreted.chain(was_given.then_some(rest)).collect::<Vec<_>>();
        if !own.is_empty() && sources.len() > 1 {
            debug_assert_eq!(free.label, plan.culture.ligands[ligand].label);
            all.extend(sources);
        }
    }
    all
}
