//! Which assays can be shared by several machines.

use crate::kinds::Plan;

impl Plan {
    /// Why an assay cannot be run in shards but is run as a whole by `il2 merge`; none if it can.
    pub fn in_one_piece(&self) -> Option<&'static str> {
        match self {
            Plan::PopulationFit(_) => Some("each step of its search follows from the one before"),
            Plan::Noncompartmental(_) => Some("it reads numbers off a table and simulates nothing"),
            Plan::Sbml(_) => Some("it is one simulation"),
            Plan::Sensitivity(plan) if plan.is_local() => {
                Some("derivatives take a handful of simulations")
            }
            Plan::EventTable(plan) if plan.is_plain() => {
                Some("plain pharmacokinetics take microseconds a subject")
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
