//! Output of a culture: tables, figures, sentences, and a summary.

use crate::culture::figures::figures;
use crate::culture::near::GRADIENTS;
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use crate::culture::sentence::{WELL_MIXED, falls_below, secreted, sentences};
use crate::culture::tables::tables;
use il2_answer::answer::{AssayResult, Check, status};
use il2_answer::labels::{cut, resolved, time_text};
use il2_engine::Tolerance;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// Largest relative error of the balance of a ligand.
const BALANCED: f64 = 1e-8;

/// Turns an answer into tables, figures, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    let figures = figures(study, plan, &answer);
    let failures = usize::from(answer.ran.failure.is_some());
    let of_map = answer.map.iter().filter(|well| well.failure.is_some()).count();
    let mixing = if plan.diffusion.is_some() { GRADIENTS } else { WELL_MIXED };
    let ligands = 0..plan.culture.ligands.len();
    let secretes = ligands.into_iter().any(|ligand| secreted(&answer, ligand));
    AssayResult {
        sentences: sentences(plan, &answer),
        text: text(study.tolerance, plan, &answer),
        answer: vec![(format!("At {}", time_text(plan.end())), at_the_end(plan, &answer))],
        warnings: secretes.then(|| mixing.to_string()).into_iter().collect(),
        checks: checks(plan, &answer),
        picture: figures.first().and_then(|(_, figure)| figure.panels.first().cloned()),
        figures,
        tables: tables(plan, &answer),
        summary: summary(plan, &answer),
        failed: failures + of_map,
        ..AssayResult::default()
    }
}

/// Signal, number of cells and share of ligand of each kind at the last time.
fn ends<'a>(plan: &'a Plan, answer: &'a Answer) -> impl Iterator<Item = (&'a str, [f64; 4])> {
    let last = answer.ran.rows.last().filter(|_| answer.ran.failure.is_none());
    plan.present().map(move |(kind, place)| {
        let read = |name: &str| {
            let place = plan.culture.readout(&format!("{}.{name}", kind.name));
            last.zip(place).map_or(f64::NAN, |(row, place)| row[place])
        };
        let balances = answer.ran.balances.last().filter(|_| last.is_some());
        let part = balances.and_then(|all| all.first()?.part(place)).unwrap_or(f64::NAN);
        let alpha = read("il2r_alpha_surface_total");
        (kind.name.as_str(), [read(&kind.signal), alpha, read("cells") * plan.volume, part])
    })
}

fn first_ligand(plan: &Plan) -> &str {
    plan.culture.ligands.first().map_or("", |ligand| &ligand.label)
}

fn at_the_end(plan: &Plan, answer: &Answer) -> Table {
    let part = format!("share of the {} taken up (%)", first_ligand(plan));
    let columns = [
        ("kind", true),
        ("pSTAT5 (/cell)", false),
        ("CD25 (/cell)", false),
        ("cells", false),
        (part.as_str(), false),
    ];
    let mut table = Table::new("answer", &columns);
    for (kind, [signal, alpha, cells, part]) in ends(plan, answer) {
        let numbers = [signal, alpha, cells, 100.0 * part].map(Value::Number);
        table.push([vec![Value::from(kind)], numbers.to_vec()].concat());
    }
    table
}

fn text(tolerance: Tolerance, plan: &Plan, answer: &Answer) -> String {
    if answer.ran.failure.is_some() {
        return format!("not solved: {}\n", cut(&status(answer.ran.failure.as_ref()), 88));
    }
    let mut out = format!("At {}\n", time_text(plan.end()));
    let part = format!("share of {}", cut(first_ligand(plan), 16));
    out += &format!(
        "{:<20}  {:>16}  {:>16}  {:>14}  {:>24}\n",
        "kind", "pSTAT5 /cell", "CD25 /cell", "cells", part
    );
    for (kind, [signal, alpha, cells, part]) in ends(plan, answer) {
        let [signal, alpha, cells] = [signal, alpha, cells].map(|v| resolved(tolerance, v));
        // Nothing has been taken up, so that there are no shares.
        let part = if part.is_nan() { "-".into() } else { il2_answer::sentence::percent(part) };
        out +=
            &format!("{:<20}  {signal:>16}  {alpha:>16}  {cells:>14}  {part:>24}\n", cut(kind, 20));
    }
    out
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
    let kinds: Vec<_> = ends(plan, answer)
        .zip(plan.present())
        .map(|((name, [signal, alpha, cells, _]), (kind, _))| {
            json!({"kind": name, "cell": kind.cell, "signal": kind.signal,
                "signal_per_cell": signal, "cd25_per_cell": alpha,
                "cells_at_start": kind.count, "cells": cells})
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
                let below = all[i].and_then(|ec50| falls_below(answer, ligand.free.0, ec50));
                json!({"kind": kind.name, "made_pm": share.made, "taken_pm": share.taken(),
                    "part_of_taken": part, "ec50_pm": all[i], "medium_below_ec50_from_min": below})
            };
            let kinds: Vec<_> = plan.present().zip(&answer.ec50).map(of_kind).collect();
            let balance = last.map(|all| all[i].clone()).unwrap_or_default();
            json!({"ligand": ligand.label, "given_pm": balance.given, "in_medium_pm": balance.medium,
                "removed_pm": balance.removed, "lost_pm": balance.lost, "kinds": kinds})
        })
        .collect();
    json!({"kind": "culture", "time_min": plan.end(), "kinds": kinds, "ligands": ligands,
        "wells_of_map": answer.map.len()})
}
