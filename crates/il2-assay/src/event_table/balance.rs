//! The balance of drug: what was given is held or eliminated.

use crate::answer::Check;
use crate::event_table::plan::Plan;

/// Part of what was given that may be missing before a run is called wrong.
const MOST_IMBALANCE: f64 = 1e-6;

/// What the terminal says of the balance of drug.
pub fn balance_text(worst: f64) -> String {
    let verdict = if worst <= MOST_IMBALANCE { "balanced" } else { "not balanced" };
    format!("drug {verdict}: given = held + eliminated to {worst:.1e}\n")
}

/// The same, unless there is nothing to balance.
pub fn balance_or_failure(plan: &Plan, failed: usize, worst: f64) -> String {
    match failed < plan.table.subjects.len() {
        true => balance_text(worst),
        false => "no subject was solved; column status of the table says why\n".into(),
    }
}

/// The balance of drug as a check.
pub fn balance(whom: &str, worst: f64) -> Check {
    Check {
        what: format!("drug given = held + eliminated, {whom}"),
        found: format!("largest difference {worst:.1e} of what was given"),
        holds: worst <= MOST_IMBALANCE,
    }
}
