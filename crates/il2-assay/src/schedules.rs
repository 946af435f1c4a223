//! Schedules of doses and outputs that can be run but are probably not intended.

use crate::kinds::Plan;
use il2::patient::individual::COMPARTMENTS;
use il2::treatment::regimen::{Regimen, Route};
use il2_answer::labels::time_text;
use il2_clinic::regimen;
use il2_engine::words::shown;
use il2_study::event_table::{absorbed, place_named};
use il2_study::study::Study;
use il2_study::study::file::AssayPart;
use indexmap::IndexMap;

/// Warnings about the times of an assay.
pub fn warnings(study: &Study, plan: &Plan) -> Vec<String> {
    let mut said = vec![];
    match plan {
        Plan::EventTable(p) => {
            if let AssayPart::EventTable(part) = &study.assays[&p.name] {
                let at = format!("assay.{}", p.name);
                said.extend(into_blood(&at, &part.compartments, p.model.compartments()));
            }
        }
        Plan::Regimen(p) => {
            for arm in &p.arms {
                let part = &study.regimens[&arm.regimen.name];
                let at = format!("regimens.{}", shown(&arm.regimen.name));
                said.extend(into_blood(&at, &part.compartments, &COMPARTMENTS));
            }
            said.extend(p.arms.iter().flat_map(|arm| of_regimen(&arm.regimen)));
            said.extend(p.arms.iter().filter_map(|arm| ends_before(p, arm)));
        }
        Plan::Fit(p) => said.extend(p.arms.iter().flat_map(|arm| of_regimen(&arm.regimen))),
        _ => {}
    }
    said
}

/// Words for an absorbed dose that the study assigns to the blood compartment.
fn into_blood(at: &str, told: &IndexMap<String, String>, compartments: &[&str]) -> Option<String> {
    let blood = |word: &str| {
        let place = place_named(word, compartments).map(|place| compartments[place]);
        place.is_some_and(|place| ["plasma", "central"].contains(&place))
    };
    let (key, word) = told.iter().find(|(key, word)| absorbed(key) && blood(word))?;
    Some(format!(
        "{at}.compartments: \"{}\" stands for {}, so such a dose enters the blood immediately and \
         completely, like an intravenous dose; is this intended?",
        shown(key),
        shown(word)
    ))
}

/// Warning about an assay that ends before its last dose.
fn ends_before(plan: &regimen::Plan, arm: &regimen::arm::Arm) -> Option<String> {
    let after = plan.after_the_end(arm);
    let all = arm.regimen.planned();
    let (end, last) = (plan.times.last()?, all.last()?.time);
    let say = || {
        format!(
            "assay.{}: the assay ends at {}, but the last dose of {} is at {}: {after} of {} doses \
             would fall at or after the end and will not be given; set later times to include them",
            plan.name,
            time_text(*end),
            shown(&arm.regimen.name),
            time_text(last),
            all.len()
        )
    };
    (after > 0).then(say)
}

/// Doses of one part of a regimen that begin before the previous one has ended; each kind of
/// overlap is reported once.
fn of_regimen(regimen: &Regimen) -> Vec<String> {
    let mut said: Vec<String> = vec![];
    for part in std::iter::once(regimen).chain(&regimen.then) {
        let flows = if let Route::Infusion(duration) = part.route { duration } else { 0.0 };
        let (begun, name) = (part.every * f64::from(part.doses - 1), shown(&part.name));
        let longer = |a: f64, b: f64| a > b * (1.0 + 1e-9);
        let mut say = |what: String| {
            if !said.contains(&what) && said.len() < 3 {
                said.push(what);
            }
        };
        if part.doses > 1 && longer(flows, part.every) {
            say(format!(
                "regimens.{name}: an infusion takes {}, but the next infusion begins after {}: the \
                 two overlap and their rates add up; is the duration right?",
                time_text(flows),
                time_text(part.every)
            ));
        }
        if part.cycles > 1 && part.doses > 1 && !longer(part.cycle, begun) {
            say(format!(
                "regimens.{name}: the last dose of a cycle and the first dose of the next cycle \
                 are given at the same time ({} after the start of the cycle); lengthen the cycle \
                 if only one dose is intended",
                time_text(begun)
            ));
        } else if part.cycles > 1 && longer(begun + flows, part.cycle) {
            say(format!(
                "regimens.{name}: the last infusion of a cycle is still running when the next \
                 cycle begins; is the duration right?"
            ));
        }
    }
    said
}
