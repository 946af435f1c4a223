//! The doses of a regimen as a table, for `il2 check` and the report.

use crate::patients;
use crate::regimen::arm::Arm;
use crate::regimen::plan::Plan;
use il2::patient::rules::Criterion;
use il2::treatment::regimen::{Planned, Route};
use il2_answer::labels::time_text;

/// A planned dose of the typical patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dose {
    /// Time of the dose (min).
    pub time: f64,
    /// Cycle, from 1.
    pub cycle: u32,
    /// Amount (pmol).
    pub amount: f64,
    /// Amount in IU, if the library has the specific activity of the molecule.
    pub activity: Option<f64>,
    /// Its route.
    pub route: Route,
}

/// Every planned dose of an arm, in order of time.
pub fn doses(arm: &Arm) -> Vec<Dose> {
    let person = arm.patients.cohort.typical();
    let dose = |p: Planned| {
        let amount = p.amount_for(person.weight, person.surface);
        let activity = arm.patients.preparation.activity(amount);
        Dose { time: p.time, cycle: p.cycle + 1, amount, activity, route: p.route }
    };
    arm.regimen.planned().into_iter().map(dose).collect()
}

/// The route of a dose, in words.
pub fn route(route: &Route) -> String {
    match route {
        Route::Bolus => "intravenous bolus".into(),
        Route::Subcutaneous => "subcutaneous".into(),
        Route::Infusion(minutes) => format!("intravenous infusion over {}", time_text(*minutes)),
    }
}

/// When doses are withheld, in words; none if never.
pub fn rules(plan: &Plan) -> Option<String> {
    let rules = plan.rules.as_ref()?;
    let observables = &plan.arms[0].patients.cohort.body.network.observables;
    let words = |c: &Criterion| {
        let observable = observables.iter().find(|o| o.name == c.readout).expect("an observable");
        let (name, unit) = patients::words(observable);
        let side = if c.high_is_bad { "or above" } else { "or below" };
        let stop = c.stop.map_or(String::new(), |stop| format!(" ({stop} {side} ends the cycle)"));
        format!("{name} of {} {unit} {side}{stop}", c.hold).replace("  ", " ")
    };
    let all: Vec<String> = rules.criteria.iter().map(words).collect();
    Some(format!(
        "a dose is withheld at any of these limits: {}; {} of them at the same time, or {} withheld \
         doses, end a cycle",
        all.join(", "),
        rules.criteria_to_stop,
        rules.withheld_to_stop
    ))
}
