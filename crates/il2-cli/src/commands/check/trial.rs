//! What `il2 check` prints about a trial: its arms, and who enters.

use crate::commands::wrapped;
use il2::quantity::{DAY, three_digits};
use il2_clinic::regimen::doses::route;
use il2_clinic::trial::Plan;
use il2_clinic::trial::markers::show::described;
use il2_clinic::trial::plan::Arm;
use il2_engine::words::counted;

/// The trial, its markers and its arms.
pub fn arms(name: &str, plan: &Plan) -> String {
    let of_one: usize = plan.arms.iter().map(|arm| arm.patients).sum();
    let mut text = format!(
        "\nassay {name}: {} of {} with {}, {} of enrolled patients\n",
        counted(plan.replicates, "trial"),
        counted(of_one, "patient"),
        plan.disease,
        counted(plan.lanes(), "simulation")
    );
    text += &wrapped(&design(plan), 2);
    for marker in &plan.markers.all {
        text += &wrapped(&format!("marker {}", described(marker)), 2);
    }
    for arm in &plan.arms {
        text += &wrapped(&of_arm(plan, arm), 2);
    }
    text
}

/// Times and rules of the trial.
fn design(plan: &Plan) -> String {
    let days = |minutes: f64| format!("{} d", three_digits(minutes / DAY));
    let mut all = vec![plan.accrual.said()];
    all.push(format!("the last patient is followed for {}", days(plan.follow_up)));
    all.extend(plan.cut_off.as_ref().map(|c| format!("or the trial ends at {} events", c.events)));
    all.push(format!("response by {}", plan.criteria));
    let named = |of: &[usize]| {
        let names = of.iter().map(|k| plan.markers.all[*k].name.as_str());
        names.collect::<Vec<_>>().join(" and ")
    };
    if !plan.markers.eligible.is_empty() {
        all.push(format!("only patients positive for {} enter", named(&plan.markers.eligible)));
    }
    all.extend(plan.block.map(|length| format!("allocation in blocks of {length}")));
    if !plan.markers.strata.is_empty() {
        all.push(format!("strata by {}", named(&plan.markers.strata)));
    }
    if plan.paired {
        all.push("every arm has the same patients".into());
    }
    all.join("; ")
}

fn of_arm(plan: &Plan, arm: &Arm) -> String {
    let mut given = vec![];
    if let Some((patients, regimen)) = &arm.drug {
        let person = patients.cohort.typical();
        let doses = regimen.planned();
        if let (Some(first), Some(last)) = (doses.first(), doses.last()) {
            given.push(format!(
                "{} of {} over {} d, the first of {} nmol, {}, for a patient of {} kg",
                counted(doses.len(), "dose"),
                patients.ligand,
                three_digits((last.time - first.time) / DAY),
                three_digits(first.amount_for(person.weight, person.surface) / 1000.0),
                route(&first.route),
                three_digits(person.weight),
            ));
            let until = if arm.beyond_progression { "continue after" } else { "end at" };
            given.push(format!("doses {until} progression"));
        }
    }
    given.extend(arm.partners.iter().map(|(partner, _)| format!("partner {partner}")));
    if given.is_empty() {
        given.push("no treatment".into());
    }
    given.extend(plan.own_numbers(arm));
    format!("arm {}: {}; {}", arm.name, counted(arm.patients, "patient"), given.join("; "))
}
