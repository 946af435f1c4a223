//! Which assays can be shared by several machines.

use crate::kinds::Plan;

impl Plan {
    /// Why an assay cannot be run in shards, and is run as a whole by `il2 merge` instead; none if
    /// it can be run in shards.
    pub fn in_one_piece(&self) -> Option<&'static str> {
        match self {
            Plan::PopulationFit(_) => Some("each step of its search depends on the previous step"),
            Plan::Noncompartmental(_) => Some("it evaluates a table of data without simulations"),
            Plan::Sbml(_) => Some("it is a single simulation"),
            Plan::Sensitivity(plan) if plan.is_local() => {
                Some("its derivatives need only a few simulations")
            }
            Plan::EventTable(plan) if plan.is_plain() => {
                Some("a compartment model takes only microseconds per subject")
            }
            Plan::EventTable(_)
            | Plan::Sensitivity(_)
            | Plan::DoseResponse(_)
            | Plan::TimeCourse(_)
            | Plan::Culture(_)
            | Plan::Activation(_)
            | Plan::ReceptorSweep(_)
            | Plan::AffinitySweep(_)
            | Plan::Regimen(_)
            | Plan::Trial(_)
            | Plan::TumourModel(_)
            | Plan::Fit(_)
            | Plan::Design(_) => None,
        }
    }
}
