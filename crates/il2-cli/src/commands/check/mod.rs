//! `il2 check`: the plan of a study, before anything runs.

mod dosing;
mod fitting;
mod numbers;
mod setups;
mod short;
mod trial;

use super::{Done, MOST_OF_A_QUESTION, print, print_json, wrapped};
use il2_assay::{Plan, plans};
use il2_engine::words::{counted, cut};
use il2_report::inputs::inputs;
use il2_study::Study;
pub use numbers::{caveats, input, table};
use serde_json::json;
use std::path::Path;

/// Prints what will run and any warnings; with `full`, every resolved value with unit and source.
pub fn check(path: &Path, full: bool, as_json: bool) -> Done {
    let study = Study::read(path)?;
    let mut text = wrapped(&cut(&study.question, MOST_OF_A_QUESTION), 0);
    let plans = plans(&study)?;
    text += &wrapped(&format!("seed {}, {}", study.seed, study.accuracy()), 0);
    let inputs = inputs(&study, &plans);
    if !full && !as_json {
        return print(&(text + &short::text(&study, &plans, &inputs)));
    }
    inputs.iter().for_each(|part| text += &input(part));
    let mut assays = serde_json::Map::new();
    for (name, plan) in &plans {
        if let Plan::EventTable(plan) = plan {
            text += &dosing::subjects(name, plan, &dosing::FULL);
            // Every dose of every subject is listed only if it will be printed.
            if as_json {
                assays.insert(name.clone(), dosing::subjects_json(plan));
            }
            continue;
        }
        if let Plan::Regimen(plan) = plan {
            text += &dosing::arms(name, plan, &dosing::FULL);
            assays.insert(name.clone(), dosing::arms_json(plan));
            continue;
        }
        if let Plan::Fit(plan) = plan {
            text += &fitting::text(name, plan, true);
            assays.insert(name.clone(), fitting::json(plan));
            continue;
        }
        if let Plan::PopulationFit(plan) = plan {
            text += &fitting::of_people(&study, plan);
        }
        if let Plan::Trial(plan) = plan {
            text += &trial::arms(name, plan);
            assays.insert(name.clone(), json!({"simulations": plan.lanes()}));
            continue;
        }
        if let Plan::Noncompartmental(plan) = plan {
            text += &dosing::levels(name, plan);
            assays.insert(name.clone(), json!({"subjects": plan.lanes(), "simulations": 0}));
            continue;
        }
        let all = plan.prepared();
        // A published model of a whole well has no setups of receptors.
        let Some(first) = all.first() else {
            if !matches!(plan, Plan::PopulationFit(_)) {
                text += &format!("\nassay {name}: {}\n", counted(plan.lanes(), "simulation"));
            }
            assays.insert(name.clone(), json!({"simulations": plan.lanes()}));
            continue;
        };
        let model = &first.setup.model;
        text += &format!(
            "\nassay {name}: {}, {} of model {}\n",
            counted(plan.lanes(), "simulation"),
            counted(all.len(), "setup"),
            model.name
        );
        text += &setups::network(first);
        for other in &all[1..] {
            text += &setups::differences(first, other);
        }
        let described: Vec<_> = all.iter().map(|s| setups::json(s)).collect();
        assays.insert(
            name.clone(),
            json!({"model": model.name, "simulations": plan.lanes(), "setups": described}),
        );
    }
    for (name, plan) in &plans {
        let doubts = plan.doubts(&study);
        assays.entry(name).or_insert(json!({}))["warnings"] = json!(doubts);
        let said = doubts.iter().map(|doubt| wrapped(&format!("! {name}: {doubt}"), 0));
        text += &said.collect::<String>();
    }
    if as_json {
        let all = json!({"study_sha256": study.hash, "question": study.question, "assays": assays});
        return print_json(&all);
    }
    print(&text)
}
