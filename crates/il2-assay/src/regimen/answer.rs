//! Results of a regimen assay, as tables for the report, and its checks.

use crate::answer::Check;
use crate::event_table;
use crate::regimen::doses;
use crate::regimen::plan::Plan;
use crate::regimen::report::{extreme, last, words};
use crate::regimen::sentence::{self, Arm as Told, Told as All};
use crate::regimen::treat::{Outcome, ends};
use crate::sentence::Spread;
use il2_inference::quantiles::Quantiles;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;
use std::collections::HashMap;

/// The arms side by side, then each arm: highest, lowest and last median of the quantities shown.
pub fn tables(study: &Study, plan: &Plan, outcomes: &[Outcome]) -> Vec<(String, Table)> {
    let mut arms = Table::new(
        "arms",
        &[
            ("arm", true),
            ("ligand", true),
            ("dose", true),
            ("route", true),
            ("doses planned", false),
            ("given (median)", false),
            ("given (lower quartile)", false),
            ("given (upper quartile)", false),
            ("patients", false),
        ],
    );
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        arms.push(vec![
            arm.regimen.name.as_str().into(),
            arm.regimen.ligand.as_str().into(),
            study.regimens[&arm.regimen.name].dose_text().into(),
            doses::route(&arm.regimen.route).as_str().into(),
            (outcome.planned as f64).into(),
            outcome.doses_given(0.5).into(),
            outcome.doses_given(0.25).into(),
            outcome.doses_given(0.75).into(),
            ((plan.patients - outcome.failed) as f64).into(),
        ]);
    }
    let mut all = vec![("Doses of every arm, planned and given".to_string(), arms)];
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        let columns = [
            ("quantity", true),
            ("unit", true),
            ("highest", false),
            ("day of highest", false),
            ("lowest", false),
            ("day of lowest", false),
            ("last", false),
        ];
        let mut table = Table::new(&arm.regimen.name, &columns);
        for name in &plan.show {
            let (title, unit) = words(plan, name);
            let high = extreme(plan, outcome, name, true);
            let low = extreme(plan, outcome, name, false);
            let last = last(plan, outcome, name);
            let mut row: Vec<Value> = vec![title.as_str().into(), unit.as_str().into()];
            row.extend([high.1, high.0, low.1, low.0, last].map(Value::from));
            table.push(row);
        }
        let whose = match plan.patients {
            1 => "the typical patient".to_string(),
            n => format!("medians over {n} patients of their own extremes, and at the last output"),
        };
        all.push((format!("{}: {whose}", arm.regimen.name), table));
    }
    all
}

/// The answer in sentences.
pub fn sentences(plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
    let name = plan.told();
    let (readout, unit) = words(plan, name);
    let place = plan.show.iter().position(|n| n == name).expect("one that is shown");
    let spread = |q: &Quantiles| match plan.patients {
        1 => Spread::exact(q.at(0.5)),
        _ => {
            let (low, high) = ends(plan.level);
            Spread { middle: q.at(0.5), low: q.at(low), high: q.at(high) }
        }
    };
    let arm = |(arm, outcome): (&crate::regimen::arm::Arm, &Outcome)| {
        let all = &outcome.extremes[place];
        let lowest_at = all.lowest_at.at(0.5);
        Told {
            name: arm.regimen.name.clone(),
            peak: spread(&all.highest),
            peak_day: all.highest_at.at(0.5),
            trough: (lowest_at > 0.0).then(|| (spread(&all.lowest), lowest_at)),
            doses: (outcome.doses_given(0.5), outcome.planned),
            limits: plan.rules.is_some().then(|| limits(plan, outcome)),
        }
    };
    let arms: Vec<Told> = plan.arms.iter().zip(outcomes).map(arm).collect();
    let medians = || {
        let known = arms.iter().enumerate().map(|(i, a)| (i, a.peak.middle));
        known.filter(|(_, median)| median.is_finite())
    };
    let low = medians().min_by(|a, b| a.1.total_cmp(&b.1));
    let high = medians().max_by(|a, b| a.1.total_cmp(&b.1));
    let ratio = low.zip(high).filter(|(low, high)| low.0 != high.0).map(|(low, high)| {
        let mut ratios = Quantiles::default();
        let below: HashMap<usize, f64> =
            outcomes[low.0].own.iter().map(|(patient, _, value)| (*patient, *value)).collect();
        for (patient, weight, value) in &outcomes[high.0].own {
            if let Some(below) = below.get(patient) {
                ratios.push(value / below, *weight);
            }
        }
        spread(&ratios)
    });
    let ratio = ratio.filter(|r| r.middle.is_finite());
    let level = plan.level;
    sentence::sentences(&All { readout: &readout, unit: &unit, level, arms, ratio })
}

/// Fraction of the patients who reached a limit for withholding, and the limit that most of them reached.
fn limits(plan: &Plan, outcome: &Outcome) -> (f64, Option<String>) {
    let all: u64 = outcome.own.iter().map(|(_, weight, _)| weight).sum();
    // The first of equals.
    let most = plan.criteria().iter().zip(&outcome.reached).rev().max_by_key(|(_, count)| **count);
    let which = most.filter(|(_, count)| **count > 0).map(|(criterion, count)| {
        let name = words(plan, criterion.readout).0;
        match *count == outcome.reached_any {
            true => name,
            false => format!("mostly {name}"),
        }
    });
    (outcome.reached_any as f64 / all as f64, which)
}

/// The mass balance of the drug in every arm.
pub fn checks(plan: &Plan, outcomes: &[Outcome]) -> Vec<Check> {
    let arms = plan.arms.iter().zip(outcomes);
    arms.map(|(arm, outcome)| {
        event_table::balance(&format!("arm {}", arm.regimen.name), outcome.worst_imbalance)
    })
    .collect()
}
