//! A dose-response run: every curve and every draw of it, and what comes of them.

use crate::answer::AssayResult;
use crate::dose_response::ec50::ec50_table;
use crate::dose_response::plan::{Pair, Plan};
use crate::dose_response::reading::Reading;
use crate::dose_response::report;
use crate::wells::{Responses, curve_lanes};
use il2::culture::Well;
use il2::culture::uncertainty::drawn;
use il2::quantity::column_suffix;
use il2_inference::curve::{Curve, read_curve};
use il2_inference::statistics::central_interval;
use il2_output::table::Table;
use il2_study::study::Study;

/// Column of the draws behind an interval.
const SOLVED: &str = "draws_solved";

/// Runs every lane.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let tasks: Vec<(usize, usize)> =
        (0..plan.pairs.len()).flat_map(|p| (0..=plan.draws).map(move |d| (p, d))).collect();
    let all: Vec<Responses> = study
        .threads
        .map(&tasks, |&(pair, draw)| responses_of(study, plan, &plan.pairs[pair], draw, progress));
    let of = |pair: usize, draw: usize| &all[pair * (plan.draws + 1) + draw];

    let column = format!("{}{}", plan.readout, column_suffix(plan.dimension));
    let (low, high) = (format!("{column}_low"), format!("{column}_high"));
    let mut columns =
        vec![("ligand", true), ("cell", true), ("dose_pm", false), ("time_min", false)];
    columns.push((&column, false));
    if plan.draws > 0 {
        columns.extend([(low.as_str(), false), (high.as_str(), false), (SOLVED, false)]);
    }
    columns.push(("status", true));
    let mut responses = Table::new(&plan.name, &columns);
    let mut readings: Vec<Vec<Reading>> = vec![];
    for (p, pair) in plan.pairs.iter().enumerate() {
        let middle = of(p, 0);
        let mut pair_readings = vec![];
        for (t, &time) in plan.times.iter().enumerate() {
            let mut band = vec![];
            for (d, value) in middle.at(t).enumerate() {
                let dose = if d == 0 { 0.0 } else { pair.doses[d - 1] };
                let place = d * plan.times.len() + t;
                // A draw that was not solved says nothing of the response; how many is a column.
                let spread = (1..=plan.draws).map(|k| of(p, k).values[place]);
                let spread: Vec<f64> = spread.filter(|v| v.is_finite()).collect();
                let solved = spread.len();
                let (low, high) = central_interval(spread, plan.level);
                let mut row = vec![
                    pair.ligand.as_str().into(),
                    pair.cell.as_str().into(),
                    dose.into(),
                    time.into(),
                    value.into(),
                ];
                if plan.draws > 0 {
                    row.extend([low.into(), high.into(), (solved as f64).into()]);
                    band.push((dose, low, high));
                }
                row.push(middle.status(d).as_str().into());
                responses.push(row);
            }
            let read = |draw: usize| {
                let values: Vec<f64> = of(p, draw).at(t).collect();
                read_curve(&pair.doses, &values[1..], values[0], &study.tolerance)
            };
            let drawn: Vec<Curve> = (1..=plan.draws).map(read).collect();
            pair_readings.push(Reading {
                curve: read(0),
                drawn: drawn.iter().map(|curve| curve.ec50).collect(),
                across: drawn.iter().filter(|curve| curve.gap.is_some()).count(),
                band: band.into_iter().skip(1).collect(),
            });
        }
        readings.push(pair_readings);
    }
    let ec50 = ec50_table(plan, &readings);
    AssayResult {
        figures: report::figures(study, plan, &all, &readings),
        summary: report::summary(plan, &ec50),
        text: report::text(plan, &readings, &ec50),
        warnings: report::warnings(plan, &readings),
        picture: Some(report::forest(plan, &readings, plan.times.len() - 1)),
        tables: vec![responses, ec50],
        failed: all.iter().step_by(plan.draws + 1).map(|r| r.failures.len()).sum(),
        failed_draws: failed_draws(&all, plan.draws),
        ..AssayResult::default()
    }
}

/// Lanes of draws that were not solved, and the reason of the first.
fn failed_draws(all: &[Responses], draws: usize) -> (usize, String) {
    let drawn = all.iter().enumerate().filter(|(k, _)| k % (draws + 1) > 0);
    let mut reasons = drawn.flat_map(|(_, responses)| responses.failures.values());
    let first = reasons.next();
    (
        usize::from(first.is_some()) + reasons.count(),
        first.map(ToString::to_string).unwrap_or_default(),
    )
}

fn responses_of(
    study: &Study,
    plan: &Plan,
    pair: &Pair,
    draw: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Responses {
    let drawn = (draw > 0)
        .then(|| drawn(&pair.setup, &plan.posterior, study.seed, draw as u64).prepare())
        .map(|p| p.expect("a draw changes numbers, not what goes together"));
    let prepared = drawn.as_ref().unwrap_or(&pair.prepared);
    let place = prepared.readout(&plan.readout).expect("checked in the plan");
    let wells = std::iter::once(0.0).chain(pair.doses.iter().copied()).map(|dose| {
        let mut doses = vec![(pair.ligand.clone(), dose)];
        doses.extend(plan.background.iter().cloned());
        Well { doses, wash: None, times: plan.times.clone() }
    });
    curve_lanes(prepared, study, wells, place, progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_that_was_not_solved_is_left_out_and_counted() {
        let curve = |failed: Option<(usize, &str)>| Responses {
            values: vec![1.0; 2],
            times: 1,
            failures: failed
                .map(|(dose, why)| (dose, il2_engine::LaneFailure::NoSteadyState(why.into())))
                .into_iter()
                .collect(),
        };
        // Two pairs of a middle curve and two draws.
        let lanes = [
            curve(Some((1, "the middle fails"))),
            curve(None),
            curve(Some((1, "too many steps"))),
            curve(None),
            curve(Some((0, "too small a step"))),
            curve(None),
        ];
        assert_eq!(
            failed_draws(&lanes, 2),
            (2, "no steady state was found: too many steps".into())
        );
        assert_eq!(failed_draws(&lanes[..1], 0), (0, String::new()));
    }
}
