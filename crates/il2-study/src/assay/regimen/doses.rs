//! The table of doses that a regimen stands for, as `il2 check` and the report show it.

use super::Plan;
use super::arm::Arm;
use crate::assay::time_text;
use il2::treatment::regimen::{Planned, Route};

/// A planned dose of the typical patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dose {
    /// When (min).
    pub time: f64,
    /// Cycle, from 1.
    pub cycle: u32,
    /// How much (pmol).
    pub amount: f64,
    /// How it goes in.
    pub route: Route,
}

/// Every planned dose of an arm, in order of time.
pub fn doses(arm: &Arm) -> Vec<Dose> {
    let person = arm.patients.cohort.typical();
    let dose = |p: Planned| {
        let amount = p.amount_for(person.weight, person.surface);
        Dose { time: p.time, cycle: p.cycle + 1, amount, route: p.route }
    };
    arm.regimen.planned().into_iter().map(dose).collect()
}

/// How a dose goes in, in words.
pub fn route(route: &Route) -> String {
    match route {
        Route::Bolus => "into a vein at once".into(),
        Route::Subcutaneous => "under the skin".into(),
        Route::Infusion(minutes) => format!("into a vein over {}", time_text(*minutes)),
    }
}

/// When doses are withheld, in words; none if never.
pub fn rules(plan: &Plan) -> Option<String> {
    plan.rules.as_ref().map(|rules| {
        format!(
            "doses are withheld below a mean pressure of {} mmHg or from a creatinine of {} mg/dL; \
             {} doses withheld end a cycle",
            rules.pressure, rules.creatinine, rules.most_held
        )
    })
}
