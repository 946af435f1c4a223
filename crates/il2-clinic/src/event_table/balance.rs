//! The mass balance of the drug: the amount given must be in the body or eliminated.

use crate::event_table::plan::Plan;
use il2_answer::answer::Check;

/// Fraction of the dose that may be missing before the check fails.
const MOST_IMBALANCE: f64 = 1e-6;

/// The mass balance of the drug, for the terminal.
pub fn balance_text(worst: f64) -> String {
    let failed = if worst <= MOST_IMBALANCE { "" } else { " not met" };
    format!(
        "mass balance of the drug{failed}: given = in the body + eliminated, relative error \
         {worst:.1e}\n"
    )
}

/// The same, or a note if no simulation succeeded.
pub fn balance_or_failure(plan: &Plan, failed: usize, worst: f64) -> String {
    match failed < plan.table.subjects.len() {
        true => balance_text(worst),
        false => {
            "no subject could be simulated; the reasons are in the column `status` of the table\n"
                .into()
        }
    }
}

/// The mass balance of the drug as a check.
pub fn balance(whom: &str, worst: f64) -> Check {
    Check {
        what: format!("drug given = drug in the body + drug eliminated, {whom}"),
        found: format!("largest difference {worst:.1e} of the amount given"),
        holds: worst <= MOST_IMBALANCE,
    }
}
