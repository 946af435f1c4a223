//! Output of patients under regimens.

use crate::event_table::with_turns;
use crate::patients;
use crate::regimen::plan::Plan;
use crate::regimen::treat::Outcome;
use il2::quantity::HOUR;
use il2_answer::half_life::Phase;
use il2_answer::labels::resolved;
use il2_answer::sentence::span;
use il2_engine::network::Observable;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale, Series, most_curves};
use il2_study::study::Study;
use serde_json::json;

pub fn place(plan: &Plan, name: &str) -> usize {
    let all = &plan.arms[0].patients.cohort.body.network.observables;
    all.iter().position(|o| o.name == name).expect("checked in the plan")
}

fn observable<'a>(plan: &'a Plan, name: &str) -> &'a Observable {
    &plan.arms[0].patients.cohort.body.network.observables[place(plan, name)]
}

/// Name and unit of an observable.
pub fn words(plan: &Plan, name: &str) -> (String, String) {
    patients::words(observable(plan, name))
}

impl Plan {
    /// The vertical axis of a readout.
    pub fn axis(&self, name: &str) -> Axis {
        patients::axis(observable(self, name))
    }
}

/// Arms that the figure shows.
fn drawn_arms(plan: &Plan) -> usize {
    most_curves(plan.show.len() + usize::from(plan.rules.is_some()))
}

/// One observable of all arms over time.
pub fn panel(plan: &Plan, outcomes: &[Outcome], name: &str) -> Panel {
    let at = shown(plan, name);
    let series = |(i, (arm, outcome)): (usize, (&crate::regimen::arm::Arm, &Outcome))| {
        let drawn = || outcome.drawn[at].iter();
        let many = plan.patients > 1;
        let points = drawn().map(|(t, b)| (*t, b.median)).collect();
        // The course of a single patient also passes through its extremes.
        let turns =
            (!many).then(|| [true, false].map(|highest| extreme(plan, outcome, name, highest)));
        Series {
            label: arm.regimen.name.clone(),
            style: i,
            points: with_turns(points, turns.as_ref()),
            band: match many {
                true => drawn().map(|(t, b)| (*t, b.low, b.high)).collect(),
                false => vec![],
            },
            ..Series::default()
        }
    };
    let content: Vec<Series> =
        plan.arms.iter().zip(outcomes).enumerate().take(drawn_arms(plan)).map(series).collect();
    let mut y = plan.axis(name);
    patients::above_floor(&mut y, &content, patients::FLOOR);
    // Without any drug, a logarithmic axis would show decades that no curve is in.
    if !content.iter().flat_map(|s| &s.points).any(|point| point.1 > 0.0) {
        y.scale = Scale::Linear;
    }
    Panel {
        name: name.into(),
        title: String::new(),
        x: Axis::linear("time", "d"),
        y,
        content: Content::Lines(content),
    }
}

/// Fraction of the patients who were given each dose.
fn doses(plan: &Plan, outcomes: &[Outcome]) -> Panel {
    let series = |(i, (arm, outcome)): (usize, (&crate::regimen::arm::Arm, &Outcome))| Series {
        label: arm.regimen.name.clone(),
        style: i,
        points: outcome
            .doses
            .iter()
            .enumerate()
            .filter(|(_, (_, asked))| *asked > 0)
            .map(|(k, (given, asked))| (k as f64 + 1.0, 100.0 * *given as f64 / *asked as f64))
            .collect(),
        ..Series::default()
    };
    Panel {
        name: "doses".into(),
        title: String::new(),
        x: Axis::linear("dose number", ""),
        y: Axis {
            range: Some((0.0, 100.0)),
            ..Axis::linear("patients who received the dose", "%")
        },
        content: Content::Lines(
            plan.arms.iter().zip(outcomes).enumerate().take(drawn_arms(plan)).map(series).collect(),
        ),
    }
}

pub fn figure(study: &Study, plan: &Plan, counted: usize, outcomes: &[Outcome]) -> Figure {
    let mut panels: Vec<Panel> = plan.show.iter().map(|name| panel(plan, outcomes, name)).collect();
    if plan.rules.is_some() {
        panels.push(doses(plan, outcomes));
    }
    let unshown = plan.arms.len().saturating_sub(drawn_arms(plan));
    let unshown = match unshown {
        0 => String::new(),
        more => {
            format!("; {} only in the tables", il2_engine::words::counted(more, "more regimen"))
        }
    };
    let unshown = match panels.iter().any(|p| p.y.scale == Scale::Log && p.y.range.is_some()) {
        true => format!("{unshown}; concentrations below 1/100,000 of the highest are not shown"),
        false => unshown,
    };
    let subtitle = match plan.patients {
        1 => format!(
            "{}: regimens, model of the whole patient, the typical patient; pharmacokinetics {}{unshown}",
            plan.name,
            plan.kinetics().join(", ")
        ),
        made => format!(
            "{}: regimens, model of the whole patient, medians of {}; pharmacokinetics {}{unshown}",
            plan.name,
            patients_counted(made, counted),
            plan.kinetics().join(", ")
        ),
    };
    Figure {
        title: study.question.clone(),
        subtitle,
        panels,
        columns: 3,
        bands: match plan.patients {
            1 => String::new(),
            _ => format!("central {:.0} % of patients", 100.0 * plan.level),
        },
        footnote: format!(
            "study {} · il2 {} · most parameters of the patient are assumed",
            &study.hash[..12],
            env!("CARGO_PKG_VERSION")
        ),
        legend: plan
            .arms
            .iter()
            .take(drawn_arms(plan))
            .enumerate()
            .map(|(i, a)| (a.regimen.name.clone(), i))
            .collect(),
        ..Figure::default()
    }
}

/// Index of an observable among those shown.
fn shown(plan: &Plan, name: &str) -> usize {
    plan.show.iter().position(|n| n == name).expect("only quantities that are shown")
}

/// Time (d) and value of the highest or lowest point of an observable: medians over patients of
/// their own extremes.
pub fn extreme(plan: &Plan, outcome: &Outcome, name: &str, highest: bool) -> (f64, f64) {
    let all = &outcome.extremes[shown(plan, name)];
    match highest {
        true => (all.highest_at.at(0.5), all.highest.at(0.5)),
        false => (all.lowest_at.at(0.5), all.lowest.at(0.5)),
    }
}

/// Median of an observable at the last output.
pub fn last(plan: &Plan, outcome: &Outcome, name: &str) -> f64 {
    outcome.last[place(plan, name)]
}

pub fn summary(plan: &Plan, outcomes: &[Outcome]) -> serde_json::Value {
    let arms: Vec<_> = plan
        .arms
        .iter()
        .zip(outcomes)
        .map(|(arm, outcome)| {
            let last = |name: &str| json!(last(plan, outcome, name));
            let shown: serde_json::Map<String, serde_json::Value> = plan
                .show
                .iter()
                .map(|name| {
                    let (high, low) = (extreme(plan, outcome, name, true), extreme(plan, outcome, name, false));
                    (
                        name.clone(),
                        json!({"median_highest": high.1, "highest_at_d": high.0, "median_lowest": low.1, "lowest_at_d": low.0, "last_median": last(name)}),
                    )
                })
                .collect();
            json!({
                "regimen": arm.regimen.name,
                "ligand": arm.regimen.ligand,
                "doses_planned": outcome.planned,
                "doses_given_median": outcome.doses_given(0.5),
                "half_life_h": outcome.half_life(plan, arm).map(|phase| phase.minutes / HOUR).ok(),
                "half_life_read_pm": outcome.half_life(plan, arm).map(|phase| phase.levels).ok(),
                "half_life_note": outcome.half_life(plan, arm).err(),
                "largest_imbalance": outcome.worst_imbalance,
                "failed": outcome.failed,
                "beyond_range": outcome.beyond.part(),
                "sensing": arm.patients.sensed.iter().map(|(id, c)| json!({"population": id, "ec50_without_cd25_pm": c.ec50_without_cd25, "per_cd25": c.per_cd25, "cd25_half_pm": c.cd25_half, "top": c.top})).collect::<Vec<_>>(),
                "shown": shown,
            })
        })
        .collect();
    json!({"kind": "regimen", "patients": plan.patients, "pharmacokinetics": plan.kinetics(), "arms": arms})
}

/// Number of patients from which a median is computed, in words.
fn patients_counted(made: usize, counted: usize) -> String {
    match (made, counted) {
        (1, _) => "1 patient".into(),
        (made, counted) if made == counted => format!("{made} patients"),
        (made, counted) => format!("{counted} of {made} patients counted"),
    }
}

pub fn text(study: &Study, plan: &Plan, counted: usize, outcomes: &[Outcome]) -> String {
    let resolved = |value: f64| resolved(study.tolerance, value);
    let mut out = format!(
        "{} per arm, pharmacokinetics {}; medians of each patient's extremes\n",
        patients_counted(plan.patients, counted),
        plan.kinetics().join(", ")
    );
    // Printed before the part that a terminal may cut.
    let worst = outcomes.iter().map(|o| o.worst_imbalance).fold(0.0, f64::max);
    out += &crate::event_table::balance_text(worst);
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        out += &format!(
            "{}: {} of {} doses given (median; interquartile range {} to {}){}\n",
            arm.regimen.name,
            outcome.doses_given(0.5),
            outcome.planned,
            outcome.doses_given(0.25),
            outcome.doses_given(0.75),
            match plan.after_the_end(arm) {
                0 => String::new(),
                after => format!("; {after} due at or after the last output"),
            }
        );
        let half_life = outcome.half_life(plan, arm);
        if let Ok(Phase { minutes, levels }) = half_life {
            let [from, to] = levels.map(resolved);
            out += &format!(
                "  half-life of the median concentration after the last dose: {} (from {from} to {to} \
                 pM)\n",
                span(minutes)
            );
        }
        out += &format!(
            "  {:<28} {:>10} {:>8} {:>10} {:>8} {:>10}\n",
            "", "highest", "at (d)", "lowest", "at (d)", "last"
        );
        for name in &plan.show {
            let (high, low) =
                (extreme(plan, outcome, name, true), extreme(plan, outcome, name, false));
            let last = last(plan, outcome, name);
            let unit = patients::unit(observable(plan, name));
            let name = if unit.is_empty() { name.clone() } else { format!("{name} ({unit})") };
            out += &format!(
                "  {name:<28} {:>10} {:>8} {:>10} {:>8} {:>10}\n",
                resolved(high.1),
                resolved(high.0),
                resolved(low.1),
                resolved(low.0),
                resolved(last)
            );
        }
        // Without drug, no half-life is missing.
        if let Err(why) = half_life
            && plan.dosed_until(arm).is_some()
            && outcome.doses_given(1.0) > 0.0
        {
            out += &format!("  no half-life of the median concentration: {why}\n");
        }
    }
    out
}
