//! Selects and weights patients so that they reproduce published distributions of a trial.

use crate::regimen::choice::{Choice, Method, Wanted};
use crate::regimen::plan::Plan;
use il2::quantity::three_digits;
use il2_answer::answer::{AssayResult, Check};
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::{Ensemble, math, shard};
use il2_inference::weigh as population;
use il2_inference::weigh::Target;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;
use std::ops::ControlFlow;

/// Result of the selection: which patients are counted.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Weights, by patient.
    pub weights: Vec<u64>,
    /// Patients that were solved and are inside every plausible range.
    pub plausible: usize,
    /// Logarithms of the values, `[patient][target]`; none if the patient is not plausible.
    values: Vec<Option<Vec<f64>>>,
}

impl Wanted {
    fn title(&self, plan: &Plan) -> String {
        let arm = &plan.arms[self.arm].regimen.name;
        format!("{} of {arm} at {}", self.readout, il2_answer::labels::time_text(self.time))
    }
}

/// Runs every patient once and selects patients. Only the numbers needed for selection are kept,
/// one row for each patient.
pub fn choose(
    study: &Study,
    plan: &Plan,
    choice: &Choice,
    progress: &(dyn Fn(usize) + Sync),
) -> Chosen {
    let asked: Vec<&Wanted> = choice.targets.iter().chain(&choice.plausible).collect();
    let mut seen: Vec<Vec<f64>> = vec![vec![f64::NAN; asked.len()]; plan.patients];
    for (index, arm) in plan.arms.iter().enumerate() {
        let mut times: Vec<f64> = asked.iter().filter(|w| w.arm == index).map(|w| w.time).collect();
        if times.is_empty() {
            continue;
        }
        times.sort_by(f64::total_cmp);
        times.dedup();
        let cohort = &arm.patients.cohort;
        let make = |i: usize| {
            cohort.lane(&cohort.person(i as u64), &arm.regimen, plan.rules.as_ref(), &times)
        };
        let here = || asked.iter().enumerate().filter(|(_, wanted)| wanted.arm == index);
        let width = cohort.body.network.observables.len();
        let reduce = |i: usize, found: Answer| {
            let rows = match found {
                Ok(found) => cohort.observe(&cohort.person(i as u64), &found, &times),
                Err(_) => return Reduced::small(vec![]),
            };
            let value = |wanted: &Wanted| {
                let time = times.iter().position(|t| *t == wanted.time).expect("asked for");
                rows[time * width + wanted.place]
            };
            let values: Vec<f64> = here().map(|(_, wanted)| value(wanted)).collect();
            Reduced { bytes: size_of_val(&*values), result: values }
        };
        let take = |i: usize, values: Vec<f64>| {
            here().zip(values).for_each(|((k, _), value)| seen[i][k] = value);
            progress(1);
            ControlFlow::Continue(())
        };
        let threads = study.threads;
        let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
        let _ = ensemble.run(0..plan.patients, make, reduce, take);
    }
    shard::settled();
    let targets = choice.targets.len();
    let values: Vec<Option<Vec<f64>>> = seen
        .iter()
        .map(|row| {
            let inside = |(w, v): (&&Wanted, &f64)| (w.range[0]..=w.range[1]).contains(v);
            let plausible = asked.iter().zip(row).skip(targets).all(inside);
            let answers = row[..targets].iter().all(|v| *v > 0.0 && v.is_finite());
            (plausible && answers).then(|| row[..targets].iter().map(|v| math::ln(*v)).collect())
        })
        .collect();
    let known: Vec<Vec<f64>> = values.iter().flatten().cloned().collect();
    let wanted: Vec<Target> = choice.targets.iter().map(Wanted::target).collect();
    let counts = match choice.method {
        Method::Accept => population::accept(&known, &wanted, study.seed),
        Method::Walk => population::walk(&known, &wanted, study.seed),
    };
    let mut counts = counts.into_iter();
    let weight = |v: &Option<Vec<f64>>| v.as_ref().map_or(0, |_| counts.next().unwrap_or(0));
    let weights = values.iter().map(weight).collect();
    Chosen { weights, plausible: known.len(), values }
}

/// The result if no patient is counted: the reason, and no bands.
pub fn nobody(plan: &Plan, choice: &Choice, chosen: &Chosen) -> AssayResult {
    let why = match chosen.plausible {
        0 => format!(
            "none of the {} patients is plausible and has all target readouts; widen the ranges of \
             `plausible`",
            plan.patients
        ),
        some => format!("none of the {some} plausible patients was accepted; widen the targets"),
    };
    AssayResult {
        sentences: vec![format!("No answer: {why}.")],
        warnings: vec![why.clone()],
        summary: serde_json::json!({"kind": "regimen", "patients": plan.patients, "failed": why,
            "population": summary(plan, choice, chosen)}),
        tables: vec![table(plan, choice, chosen)],
        failed: plan.patients,
        checks: checks(plan, choice, chosen),
        ..AssayResult::default()
    }
}

/// One target: the published range, and the simulated ranges before and after weighting.
struct Met {
    title: String,
    wanted: [f64; 3],
    drawn: [f64; 3],
    counted: [f64; 3],
    distance: f64,
    holds: bool,
}

fn met(plan: &Plan, choice: &Choice, chosen: &Chosen) -> Vec<Met> {
    let effective = population::effective(&chosen.weights);
    let of = |(k, wanted): (usize, &Wanted)| {
        let pairs = chosen.values.iter().zip(&chosen.weights);
        let own: Vec<(f64, u64)> =
            pairs.filter_map(|(v, w)| v.as_ref().map(|v| (v[k], *w))).collect();
        let target = wanted.target();
        let distance = population::distance(own.clone(), &target);
        let all = own.iter().map(|(v, _)| (*v, 1)).collect();
        Met {
            title: wanted.title(plan),
            wanted: [wanted.range[0], math::exp(target.mean), wanted.range[1]],
            drawn: range(all),
            counted: range(own),
            distance,
            holds: population::meets(distance, effective),
        }
    };
    choice.targets.iter().enumerate().map(of).collect()
}

/// The 2.5, 50 and 97.5 % quantiles of weighted logarithms, converted back.
fn range(mut values: Vec<(f64, u64)>) -> [f64; 3] {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: u64 = values.iter().map(|v| v.1).sum();
    [0.025, 0.5, 0.975].map(|part| {
        let mut left = (part * all as f64).ceil() as u64;
        for (value, weight) in &values {
            if *weight > 0 && left <= *weight {
                return math::exp(*value);
            }
            left -= weight;
        }
        f64::NAN
    })
}

/// The targets as a table.
pub fn table(plan: &Plan, choice: &Choice, chosen: &Chosen) -> Table {
    let columns = [
        ("target", true),
        ("wanted_low_95", false),
        ("wanted_median", false),
        ("wanted_high_95", false),
        ("drawn_low_95", false),
        ("drawn_median", false),
        ("drawn_high_95", false),
        ("counted_low_95", false),
        ("counted_median", false),
        ("counted_high_95", false),
        ("distance", false),
        ("matched", true),
    ];
    let mut table = Table::new(&format!("{}_population", plan.name), &columns);
    for m in met(plan, choice, chosen) {
        let mut row: Vec<Value> = vec![m.title.as_str().into()];
        row.extend([m.wanted, m.drawn, m.counted].concat().into_iter().map(Value::from));
        row.push(m.distance.into());
        row.push(if m.holds { "yes" } else { "no" }.into());
        table.push(row);
    }
    table
}

/// Numbers of patients generated and counted, in a sentence.
fn counted(plan: &Plan, choice: &Choice, chosen: &Chosen) -> String {
    let some = chosen.weights.iter().filter(|w| **w > 0).count();
    let what = match choice.method {
        Method::Accept => "accepted",
        Method::Walk => "weighted",
    };
    format!(
        "{} patients simulated, {} plausible, {some} {what} (effective number {:.0})",
        plan.patients,
        chosen.plausible,
        population::effective(&chosen.weights)
    )
}

/// The selection as text for the terminal.
pub fn text(plan: &Plan, choice: &Choice, chosen: &Chosen) -> String {
    let mut out = format!("  {}\n", counted(plan, choice, chosen));
    out += &format!(
        "  {:<40} {:>18} {:>18} {:>18}\n",
        "95 % of patients", "target", "drawn", "selected"
    );
    let ends = |r: [f64; 3]| format!("{} to {}", three_digits(r[0]), three_digits(r[2]));
    for m in met(plan, choice, chosen) {
        out += &format!(
            "{} {:<40} {:>18} {:>18} {:>18}\n",
            if m.holds { " " } else { "!" },
            il2_answer::labels::cut(&m.title, 40),
            ends(m.wanted),
            ends(m.drawn),
            ends(m.counted)
        );
    }
    out
}

/// The selection for `summary.json`.
pub fn summary(plan: &Plan, choice: &Choice, chosen: &Chosen) -> serde_json::Value {
    let number =
        |v: f64| if v.is_finite() { serde_json::json!(v) } else { serde_json::Value::Null };
    let targets = met(plan, choice, chosen).into_iter().map(|m| {
        serde_json::json!({
            "target": m.title, "wanted": m.wanted.map(number), "drawn": m.drawn.map(number),
            "counted": m.counted.map(number), "distance": number(m.distance), "matched": m.holds,
        })
    });
    serde_json::json!({
        "made": plan.patients,
        "plausible": chosen.plausible,
        "counted": chosen.weights.iter().filter(|w| **w > 0).count(),
        "effective": number(population::effective(&chosen.weights)),
        "targets": targets.collect::<Vec<_>>(),
    })
}

/// Checks that every target is met and that there are enough effective patients.
pub fn checks(plan: &Plan, choice: &Choice, chosen: &Chosen) -> Vec<Check> {
    let effective = population::effective(&chosen.weights);
    let enough = Check {
        what: "the virtual population has at least 30 effective patients".into(),
        found: counted(plan, choice, chosen),
        holds: effective >= 30.0,
    };
    let of = |m: Met| Check {
        what: format!("target {} is matched", m.title),
        found: format!("distance of the distributions {:.3}", m.distance),
        holds: m.holds,
    };
    std::iter::once(enough).chain(met(plan, choice, chosen).into_iter().map(of)).collect()
}
