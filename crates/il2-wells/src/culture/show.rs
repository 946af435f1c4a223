//! Output of a culture: tables, figures, sentences, and a summary.

use crate::culture::crowding;
use crate::culture::draws::Quantity;
use crate::culture::figures::figures;
use crate::culture::near::GRADIENTS;
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use crate::culture::sentence::{WELL_MIXED, falls_below, secreted, sentences};
use crate::culture::sources::by_source;
use crate::culture::tables::tables;
use crate::culture::text::{at_the_end, ends, text};
use il2_answer::answer::{AssayResult, Check};
use il2_answer::labels::time_text;
use il2_answer::sentence::Spread;
use il2_study::study::Study;
use serde_json::json;

/// Largest relative error of the balance of a ligand.
const BALANCED: f64 = 1e-8;

/// The result of a single well.
pub fn of_well(study: &Study, plan: &Plan, answer: &Answer) -> AssayResult {
    let figures = figures(study, plan, answer);
    let failures = usize::from(answer.ran.failure.is_some());
    let of_map = answer.map.iter().filter(|well| well.failure.is_some()).count();
    let mixing = if plan.diffusion.is_some() { GRADIENTS } else { WELL_MIXED };
    let ligands = 0..plan.culture.ligands.len();
    let secretes = ligands.into_iter().any(|ligand| secreted(answer, ligand));
    AssayResult {
        sentences: sentences(plan, answer),
        text: text(study.tolerance, plan, answer),
        answer: vec![(format!("At {}", time_text(plan.end())), at_the_end(plan, answer))],
        warnings: secretes
            .then(|| mixing.to_string())
            .into_iter()
            .chain(crowding::beyond(plan, answer))
            .collect(),
        checks: checks(plan, answer),
        picture: figures.first().and_then(|(_, figure)| figure.panels.first().cloned()),
        figures,
        tables: tables(plan, answer),
        summary: summary(plan, answer),
        failed: failures + of_map,
        failed_draws: answer.failed_draws(),
        ..AssayResult::default()
    }
}

/// Checks that every ligand that was given or secreted is accounted for.
fn checks(plan: &Plan, answer: &Answer) -> Vec<Check> {
    let of = |(i, ligand): (usize, &il2::culture::kinds::Free)| {
        let missed = |all: &Vec<il2::culture::kinds::Balance>| {
            let balance = &all[i];
            (balance.found() - balance.all()).abs() / balance.all().max(f64::MIN_POSITIVE)
        };
        let most = answer.ran.balances.iter().map(missed).fold(0.0, f64::max);
        Check {
            what: format!(
                "all {} that was given or secreted is in the medium, on or in cells, removed or \
                 lost",
                ligand.label
            ),
            found: format!("differs by {most:.0e} at most"),
            holds: most < BALANCED,
        }
    };
    plan.culture.ligands.iter().enumerate().map(of).collect()
}

fn summary(plan: &Plan, answer: &Answer) -> serde_json::Value {
    let last = answer.ran.balances.last();
    let ends_of = |spread: Spread| match spread.has_ends() {
        true => json!([spread.low, spread.high]),
        false => serde_json::Value::Null,
    };
    let kinds: Vec<_> = ends(plan, answer)
        .into_iter()
        .zip(plan.present())
        .map(|(end, (kind, _))| {
            json!({"kind": kind.name, "cell": kind.cell, "signal": kind.signal,
                "signal_per_cell": end.signal.middle, "signal_interval": ends_of(end.signal),
                "cd25_per_cell": end.cd25.middle, "cd25_interval": ends_of(end.cd25),
                "cells_at_start": kind.count, "cells": end.cells.middle,
                "cells_interval": ends_of(end.cells)})
        })
        .collect();
    let ligands: Vec<_> = plan
        .culture
        .ligands
        .iter()
        .enumerate()
        .map(|(i, ligand)| {
            let of_kind = |((kind, place), all): ((&crate::culture::kind::PlannedKind, usize), &Vec<Option<f64>>)| {
                let share = last.map(|balances| balances[i].kinds[place]).unwrap_or_default();
                let part = last.and_then(|balances| balances[i].part(place));
                let of = Quantity::Part { ligand: i, kind: place };
                let interval = ends_of(answer.spread(&plan.draws, of, plan.end()));
                let below = all[i].and_then(|ec50| falls_below(answer, ligand.free.0, ec50));
                json!({"kind": kind.name, "made_pm": share.made, "taken_pm": share.taken(),
                    "part_of_taken": part, "part_of_taken_interval": interval, "ec50_pm": all[i], "medium_below_ec50_from_min": below})
            };
            let kinds: Vec<_> = plan.present().zip(&answer.ec50).map(of_kind).collect();
            let balance = last.map(|all| all[i].clone()).unwrap_or_default();
            json!({"ligand": ligand.label, "given_pm": balance.given, "in_medium_pm": balance.medium,
                "removed_pm": balance.removed, "lost_pm": balance.lost, "kinds": kinds})
        })
        .collect();
    let sources: Vec<_> = by_source(plan, answer)
        .iter()
        .filter_map(|from| {
            let last = from.taken.len().checked_sub(1)?;
            let kinds: Vec<_> = plan
                .present()
                .map(|(kind, place)| {
                    json!({"kind": kind.name, "taken_pm": from.taken[last][place],
                        "part_of_source": from.parts(last)[place]})
                })
                .collect();
            let label = &plan.culture.ligands[from.ligand].label;
            Some(json!({"ligand": label, "source": from.source, "kinds": kinds}))
        })
        .collect();
    let level = (plan.draws.count > 0).then_some(plan.draws.level);
    json!({"kind": "culture", "time_min": plan.end(), "kinds": kinds, "ligands": ligands,
        "sources": sources, "wells_of_map": answer.map.len(), "draws": plan.draws.count, "interval_level": level})
}
