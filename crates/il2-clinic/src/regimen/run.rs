//! Runs patients under regimens: first the selection of patients, then every arm, then a search.

use crate::patients::column;
use crate::regimen::people::{BANDS, PEOPLE};
use crate::regimen::plan::Plan;
use crate::regimen::population::{self, Chosen};
use crate::regimen::search::edges::Tried;
use crate::regimen::search::tries::tries;
use crate::regimen::treat::{Outcome, run_arm};
use il2_output::table::Table;
use il2_study::study::Study;

/// The results of patients under regimens.
pub struct Answer {
    /// Tables of bands over the patients, of patients, and of the courses of the first patients.
    pub tables: [Table; 3],
    /// Which patients represent those of a trial, if the study requests a selection.
    pub chosen: Option<Chosen>,
    /// Outcomes by arm; empty if no patient was selected.
    pub outcomes: Vec<Outcome>,
    /// Number of patients with a nonzero weight.
    pub counted: usize,
    /// Doses that were tried, if the study requests a search; empty if no patient was selected.
    pub tried: Vec<Tried>,
}

/// Selects patients if the study requests it, runs every arm, and searches for the dose.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let observables = &plan.arms[0].patients.cohort.body.network.observables;
    let names: Vec<String> = observables.iter().map(column).collect();
    let mut columns: Vec<(&str, bool)> = vec![("arm", true), ("patient", false), ("time_d", false)];
    columns.extend(names.iter().map(|n| (n.as_str(), false)));
    columns.push(("beyond_range", true));
    let mut tables = [
        Table::new(&plan.name, &BANDS),
        Table::new(&format!("{}_patients", plan.name), &PEOPLE),
        Table::new(&format!("{}_courses", plan.name), &columns),
    ];
    let choice = plan.choice.as_ref();
    let chosen = choice.map(|choice| population::choose(study, plan, choice, progress));
    let weights = chosen.as_ref().map_or(vec![1; plan.patients], |c| c.weights.clone());
    let counted = weights.iter().filter(|w| **w > 0).count();
    let mut outcomes = vec![];
    for arm in plan.arms.iter().filter(|_| counted > 0) {
        outcomes.push(run_arm(study, plan, arm, &weights, &mut tables, progress));
    }
    let search = plan.search.as_ref().filter(|_| counted > 0);
    let tried = search.map_or(vec![], |search| tries(study, plan, search, &weights, progress));
    Answer { tables, chosen, outcomes, counted, tried }
}
