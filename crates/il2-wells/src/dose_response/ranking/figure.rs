//! Figure of the ranked ligands: selectivity and potency side by side, best at the top.

use crate::dose_response::answer::Answer;
use crate::dose_response::figures::ARROW;
use crate::dose_response::plan::Plan;
use crate::dose_response::rank_by::RankBy;
use crate::dose_response::ranking::rank::{Ranked, Ranking};
use il2::quantity::{readable_concentration, three_digits};
use il2_answer::caption;
use il2_answer::labels::time_text;
use il2_answer::sentence::Spread;
use il2_inference::curve::HalfMaximal;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel};
use il2_study::study::Study;

/// Score of the ranked ligands, and their EC50s on the reference cell, with intervals.
pub fn figure(
    study: &Study,
    plan: &Plan,
    by: &RankBy,
    answer: &Answer,
    ranking: &Ranking,
) -> (String, Figure) {
    let assay = caption::kind_and_model(study, &plan.name);
    let reference = &plan.reference;
    let potency = Panel {
        name: "potency".into(),
        title: format!("EC50 on {reference}"),
        x: Axis::log("EC50", "pM"),
        content: Content::Intervals(potencies(plan, answer, ranking)),
        ..Panel::default()
    };
    let selectivity = Panel {
        name: "selectivity".into(),
        title: match by {
            RankBy::Against(cell) => format!("selectivity over {cell}"),
            _ => "selectivity over the most sensitive other cell".into(),
        },
        x: Axis::log(format!("EC50 on the other cell / EC50 on {reference}"), ""),
        content: Content::Intervals(selectivities(plan, ranking)),
        ..Panel::default()
    };
    let open = |panel: &Panel| match &panel.content {
        Content::Intervals(rows) => {
            rows.iter().any(|row| row.low.is_finite() && row.high == f64::INFINITY)
        }
        _ => false,
    };
    let arrow =
        if open(&potency) || *by != RankBy::Potency && open(&selectivity) { ARROW } else { "" };
    let panels = match by {
        RankBy::Potency => vec![potency],
        _ => vec![selectivity, potency],
    };
    let figure = Figure {
        title: format!(
            "Ligands ranked by {} at {}",
            if *by == RankBy::Potency { "potency" } else { "selectivity" },
            time_text(plan.times[ranking.time])
        ),
        subtitle: match plan.draws {
            0 => format!("{assay}; best values, no intervals{arrow}"),
            n => format!(
                "{assay}; central {:.0} % of {n} draws of {}{arrow}",
                plan.level * 100.0,
                plan.what_is_drawn()
            ),
        },
        columns: panels.len(),
        panels,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        ..Figure::default()
    };
    (format!("{}_ranking", plan.name), figure)
}

fn selectivities(plan: &Plan, ranking: &Ranking) -> Vec<Interval> {
    let row = |ligand: &Ranked| {
        let Spread { middle, low, high } = ligand.score.spread(plan.level);
        let least = ligand.least.clone().unwrap_or_default();
        let at_least = ligand.score.at_least();
        let note = match middle.is_finite() {
            true => least,
            false if at_least > 0.0 => format!("> {} on {least}", three_digits(at_least)),
            false => "not ranked".into(),
        };
        interval(&ligand.ligand, middle, (low, high), note)
    };
    ranking.ligands.iter().map(row).collect()
}

fn potencies(plan: &Plan, answer: &Answer, ranking: &Ranking) -> Vec<Interval> {
    let row = |ligand: &Ranked| {
        let Spread { middle, low, high } = answer.ec50(plan, (ligand.pair, ranking.time));
        let note = match answer.potencies[ligand.pair][ranking.time].curve.ec50 {
            HalfMaximal::At(_) => String::new(),
            HalfMaximal::Below(dose) => format!("< {}", readable_concentration(dose)),
            HalfMaximal::Above(dose) => format!("> {}", readable_concentration(dose)),
            HalfMaximal::Flat => "no response".into(),
            HalfMaximal::Unknown => "not solved".into(),
        };
        interval(&ligand.ligand, middle, (low, high), note)
    };
    ranking.ligands.iter().map(row).collect()
}

/// A row of the figure; without draws, the ends are the value itself.
fn interval(label: &str, value: f64, (low, high): (f64, f64), note: String) -> Interval {
    let unknown = value.is_finite() && low.is_infinite() && high.is_infinite();
    let note = match (unknown, note.is_empty()) {
        (false, _) => note,
        (true, true) => "interval unknown".into(),
        (true, false) => format!("{note}, interval unknown"),
    };
    let end = |end: f64| if end.is_nan() { value } else { end };
    Interval {
        label: label.into(),
        value,
        low: end(low),
        high: end(high),
        note,
        ..Interval::default()
    }
}
