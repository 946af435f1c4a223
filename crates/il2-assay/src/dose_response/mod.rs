//! Dose-response: each ligand alone on each cell, EC50s, their intervals and their ratios.

mod report;

use crate::answer::AssayResult;
use crate::curves;
use crate::labels::cell_label;
use crate::wells::{Responses, curve_lanes};
use il2::culture::uncertainty::{Posterior, drawn};
use il2::culture::{Prepared, Setup, Well};
use il2::quantity::column_suffix;
use il2_engine::Dimension;
use il2_inference::curve::{Curve, HalfMaximal, read_curve};
use il2_inference::statistics::central_interval;
use il2_output::table::Table;
use il2_study::choose::{curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::DoseResponsePart;
use il2_study::values::unknown;

/// One ligand on one cell.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Label of the ligand.
    pub ligand: String,
    /// Label of the cell.
    pub cell: String,
    /// Model, ligands, cell, medium.
    pub setup: Setup,
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
    prepared: Prepared,
}

/// A dose-response put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell, then by ligand.
    pub pairs: Vec<Pair>,
    /// When the response is read (min).
    pub times: Vec<f64>,
    /// What the response is.
    pub readout: String,
    background: Vec<(String, f64)>,
    draws: usize,
    level: f64,
    posterior: Posterior,
    reference: String,
    dimension: Dimension,
}

impl Plan {
    /// Lanes that it will run.
    pub fn lanes(&self) -> usize {
        self.pairs.iter().map(|p| (p.doses.len() + 1) * (1 + self.draws)).sum()
    }

    /// Names of the figures of curves, one a time.
    pub(super) fn figure_names(&self) -> Vec<String> {
        if self.times.len() == 1 {
            return vec![self.name.clone()];
        }
        let texts =
            crate::labels::time_texts(&self.times).into_iter().take(report::MOST_TIMES_DRAWN);
        texts.map(|time| format!("{}_{}", self.name, time.replace(' ', ""))).collect()
    }
}

/// Puts the assay together.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &DoseResponsePart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let background =
        il2_study::choose::mixture(study, &format!("{at}.background"), &part.background)?;
    let ligands = il2_study::choose::ligands(study, at, part.ligands.as_ref())?;
    let cells = il2_study::choose::cells(study, at, entry, part.cells.as_ref())?;
    let wanted = part.readout.as_deref().unwrap_or("signalling_complexes");
    il2_study::choose::at_most(
        at,
        "pairs of a ligand and a cell",
        ligands.len() * cells.len(),
        il2_study::choose::MOST_PAIRS,
    )?;
    let mut pairs = vec![];
    for cell in &cells {
        for ligand in &ligands {
            let mut all = vec![(*ligand).clone()];
            if let Some((double, _)) = background.iter().find(|(b, _)| b.label == ligand.label) {
                let at = format!("{at}.background.{}", double.label);
                return Err(StudyError::at(
                    at,
                    "is a ligand of the doses too; give it another name in [ligands]",
                ));
            }
            all.extend(background.iter().map(|(l, _)| l.clone()));
            let setup = study.setup(&entry.model, all, *cell);
            let prepared = prepare(at, &setup)?;
            readout(at, &prepared, wanted)?;
            pairs.push(Pair {
                ligand: ligand.label.clone(),
                cell: cell_label(*cell),
                setup,
                doses: curve_doses(at, ligand, &part.doses)?,
                prepared,
            });
        }
    }
    let times = times(at, &part.times)?;
    let labels: Vec<String> = cells.iter().map(|c| cell_label(*c)).collect();
    let reference = part.reference_cell.clone().unwrap_or_else(|| labels[0].clone());
    if !labels.contains(&reference) {
        let known = labels.iter().map(String::as_str);
        return Err(unknown(
            &format!("{at}.reference_cell"),
            "cell",
            &reference,
            known,
            "this assay",
        ));
    }
    let (draws, level) = match &part.intervals {
        None => (0, 0.95),
        Some(i) => (i.draws as usize, i.level.unwrap_or(0.95)),
    };
    let at_intervals = format!("{at}.intervals");
    if part.intervals.is_some() && !(10..=2000).contains(&draws) {
        return Err(StudyError::at(
            at_intervals + ".draws",
            format!("{draws} is not allowed; use 10 to 2000"),
        ));
    }
    if !(0.5..1.0).contains(&level) {
        return Err(StudyError::at(
            at_intervals + ".level",
            format!("{level} is not allowed; use 0.5 to 0.99"),
        ));
    }
    let posterior = match (&entry.posterior, draws) {
        (_, 0) => Posterior::default(),
        (Some(name), _) => il2_study::Library::builtin().posteriors[name].clone(),
        (None, _) => {
            let model = &entry.model.name;
            return Err(StudyError::at(
                at_intervals,
                format!(
                    "no posterior is known for model {model}; leave intervals out or use gamma-chain"
                ),
            ));
        }
    };
    let place = pairs[0].prepared.readout(wanted).expect("checked above");
    let curves: usize = pairs.iter().map(|p| p.doses.len() + 1).sum();
    il2_study::choose::at_most(at, "lanes", curves * (1 + draws), il2_study::choose::MOST_LANES)?;
    let what = "responses, one for each dose, time and draw";
    il2_study::choose::at_most(
        at,
        what,
        curves * (1 + draws) * times.len(),
        il2_study::choose::MOST_ROWS,
    )?;
    Ok(Plan {
        name: name.to_string(),
        dimension: pairs[0].prepared.readouts[place].1,
        pairs,
        times,
        readout: wanted.to_string(),
        background: background.into_iter().map(|(l, d)| (l.label, d)).collect(),
        draws,
        level,
        posterior,
        reference,
    })
}

fn times(at: &str, all: &[il2_study::study::text::QuantityText]) -> Result<Vec<f64>, StudyError> {
    let list = il2_study::study::text::Grid::List(all.to_vec());
    il2_study::values::grid(
        &format!("{at}.times"),
        &list,
        il2_study::values::Spacing::Even,
        il2_study::choose::time,
    )
}

/// Column of the draws behind an interval.
const SOLVED: &str = "draws_solved";

/// Everything read off one pair at one time.
struct Reading {
    curve: Curve,
    /// Half-maximal dose of every draw.
    drawn: Vec<HalfMaximal>,
    /// Draws whose half-maximal dose is read across a gap.
    across: usize,
    /// Dose, and the interval of the response over the draws.
    band: Vec<(f64, f64, f64)>,
}

impl Reading {
    /// Whether an end of the interval over the draws is read across a gap that the curve's own EC50 is not.
    fn interval_across(&self, level: f64) -> bool {
        let tail = 0.5 * (1.0 - level) * self.drawn.len() as f64;
        self.curve.gap.is_none() && self.across as f64 > tail
    }

    /// EC50s of the draws that were solved; infinite on its side where one lies beyond the doses.
    fn solved(&self) -> Vec<f64> {
        self.drawn.iter().filter_map(|ec50| sided(*ec50)).collect()
    }
}

/// A half-maximal dose, infinite on its side where it lies beyond the doses.
fn sided(ec50: HalfMaximal) -> Option<f64> {
    match ec50 {
        HalfMaximal::At(dose) => Some(dose),
        HalfMaximal::Below(_) => Some(f64::NEG_INFINITY),
        HalfMaximal::Above(_) | HalfMaximal::Flat => Some(f64::INFINITY),
        HalfMaximal::Unknown => None,
    }
}

/// Interval of the ratio of two half-maximal doses over the draws, in which both stand on the same rates
/// and counts. Where both lie beyond the doses on one side, their ratio may be anything.
fn ratio_interval(above: &Reading, below: &Reading, level: f64) -> (f64, f64) {
    let both = above.drawn.iter().zip(&below.drawn);
    let both = both.filter_map(|(a, b)| sided(*a).zip(sided(*b)));
    let ratios = |unknown: f64| {
        both.clone().map(move |(a, b)| match (a.is_finite(), b.is_finite()) {
            (true, true) => a / b,
            (false, true) => a,
            (true, false) => -b,
            (false, false) if a == b => unknown,
            (false, false) => a,
        })
    };
    let low = central_interval(ratios(f64::NEG_INFINITY).collect(), level).0;
    let high = central_interval(ratios(f64::INFINITY).collect(), level).1;
    (low, high)
}

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
                row.push(middle.status(d).into());
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
    (usize::from(first.is_some()) + reasons.count(), first.cloned().unwrap_or_default())
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

/// EC50 of the reference cell for the same ligand.
fn reference_of(plan: &Plan, pair: &Pair) -> usize {
    plan.pairs
        .iter()
        .position(|p| p.cell == plan.reference && p.ligand == pair.ligand)
        .expect("the reference is a cell of the assay")
}

fn ec50_table(plan: &Plan, readings: &[Vec<Reading>]) -> Table {
    let ratio = format!("ec50_over_{}", plan.reference.replace("model's own", "self"));
    let (ratio_low, ratio_high) = (format!("{ratio}_low"), format!("{ratio}_high"));
    let suffix = column_suffix(plan.dimension);
    let (top, baseline) = (format!("top{suffix}"), format!("baseline{suffix}"));
    let mut table = Table::new(
        &format!("{}_ec50", plan.name),
        &[
            ("ligand", true),
            ("cell", true),
            ("time_min", false),
            ("ec50_pm", false),
            ("ec50_low_pm", false),
            ("ec50_high_pm", false),
            ("ec50_is", true),
            (&ratio, false),
            (&ratio_low, false),
            (&ratio_high, false),
            (&top, false),
            (&baseline, false),
            ("steepness", false),
            ("falls_beyond_top", true),
            ("interval_is", true),
            ("ratio_is", true),
        ],
    );
    let or_nan = |v: Option<f64>| v.unwrap_or(f64::NAN);
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    for (p, pair) in plan.pairs.iter().enumerate() {
        for (t, &time) in plan.times.iter().enumerate() {
            let r = &readings[p][t];
            let base = &readings[reference_of(plan, pair)][t];
            let (low, high) = central_interval(r.solved(), plan.level);
            let (ratio_low, ratio_high) = ratio_interval(r, base, plan.level);
            let ratio = r.curve.ec50.value().zip(base.curve.ec50.value()).map(|(a, b)| a / b);
            table.push(vec![
                pair.ligand.as_str().into(),
                pair.cell.as_str().into(),
                time.into(),
                r.curve.ec50.value().unwrap_or(f64::NAN).into(),
                finite(low).into(),
                finite(high).into(),
                curves::whereabouts(&r.curve).as_str().into(),
                or_nan(ratio).into(),
                finite(ratio_low).into(),
                finite(ratio_high).into(),
                r.curve.top.into(),
                r.curve.baseline.into(),
                or_nan(r.curve.steepness).into(),
                if r.curve.falls { "yes".into() } else { "no".into() },
                if r.interval_across(plan.level) { "across a gap" } else { "" }.into(),
                if base.curve.gap.or(r.curve.gap).is_some() { "across a gap" } else { "" }.into(),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_engine::Tolerance;

    #[test]
    fn draws_beyond_the_doses_open_an_interval_on_their_side() {
        let reading = |drawn: Vec<HalfMaximal>| Reading {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn,
            across: 0,
            band: vec![],
        };
        let (at, below, above) =
            (HalfMaximal::At, HalfMaximal::Below(1.0), HalfMaximal::Above(3.0));
        let low = reading(vec![below, at(2.0), at(2.0)]);
        let high = reading(vec![at(1.5), above, at(2.5)]);
        assert_eq!(central_interval(low.solved(), 0.9), (f64::NEG_INFINITY, 2.0));
        assert_eq!(ratio_interval(&low, &high, 0.9), (f64::NEG_INFINITY, 0.8));
    }

    #[test]
    fn a_draw_that_was_not_solved_is_left_out_and_counted() {
        let curve = |failed: Option<(usize, &str)>| Responses {
            values: vec![1.0; 2],
            times: 1,
            failures: failed.into_iter().map(|(dose, why)| (dose, why.to_string())).collect(),
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
        assert_eq!(failed_draws(&lanes, 2), (2, "too many steps".to_string()));
        assert_eq!(failed_draws(&lanes[..1], 0), (0, String::new()));
        let reading = Reading {
            curve: read_curve(&[1.0, 2.0, 3.0], &[0.1, 0.5, 1.0], 0.0, &Tolerance::default()),
            drawn: vec![HalfMaximal::At(2.0), HalfMaximal::Unknown, HalfMaximal::Above(3.0)],
            across: 0,
            band: vec![],
        };
        // What lies beyond the doses counts, what is not known does not.
        assert_eq!(reading.solved(), [2.0, f64::INFINITY]);
    }
}
