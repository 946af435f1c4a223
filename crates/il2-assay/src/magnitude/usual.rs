//! The usual value of a fitted number.

use crate::fit::plan::Plan;

/// The value of a fitted number in the library, if the models have a number with this name.
pub fn usual_of(plan: &Plan, name: &str) -> Option<f64> {
    let in_wells = plan
        .prepared
        .first()
        .and_then(|prepared| prepared.parameters.iter().find(|p| p.name == name).map(|p| p.value));
    in_wells.or_else(|| {
        let cohort = &plan.arms.first()?.patients.cohort;
        Some(cohort.usual()[cohort.body.network.parameter_named(name)?.0])
    })
}
