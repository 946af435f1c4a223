//! Wells beside one another: who took up how much, the signal of each kind, and when the ligand
//! was used up.

use crate::culture::draws::{Quantity, between, share};
use crate::culture::figures::{band, fates, figure, time_axis};
use crate::culture::map_figures::Drawing;
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use crate::culture::sentence::{LEAST_TAKEN, gone, parts, sentences, spans};
use crate::culture::show::of_well;
use crate::culture::spreads::what_varies;
use crate::culture::tables::SOLVED;
use crate::culture::text::{End, ends};
use il2_answer::answer::AssayResult;
use il2_answer::labels::{readout_axis, time_text, written};
use il2_answer::sentence::{Spread, concentration, listed};
use il2_engine::Dimension;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Panel, Series};
use il2_output::table::Table;
use il2_study::study::Study;
use serde_json::json;

/// A well and its answer.
type Well<'a> = (&'a Plan, &'a Answer);

fn wells<'a>(plan: &'a Plan, answer: &'a Answer) -> Vec<Well<'a>> {
    plan.wells().zip(std::iter::once(answer).chain(&answer.beside)).collect()
}

/// Name of a well.
pub fn label(plan: &Plan) -> &str {
    plan.label.as_deref().unwrap_or(&plan.name)
}

/// Turns an answer into tables, figures, text and sentences; for several wells, first the
/// comparison, then each well.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    match plan.beside.is_empty() {
        true => of_well(study, plan, &answer),
        false => side_by_side(study, plan, &answer),
    }
}

fn side_by_side(study: &Study, plan: &Plan, answer: &Answer) -> AssayResult {
    let wells = wells(plan, answer);
    let shown: Vec<AssayResult> =
        wells.iter().map(|(plan, answer)| of_well(study, plan, answer)).collect();
    let over_time = figure(study, plan, over_time(&wells), None);
    let ligand = figure(study, plan, fates_side_by_side(&wells), None);
    let mut all = AssayResult {
        sentences: compared(&wells),
        tables: vec![table(&wells)],
        picture: over_time.panels.first().cloned(),
        figures: vec![(plan.name.clone(), over_time), (format!("{}_ligand", plan.name), ligand)],
        summary: json!({"kind": "culture", "wells": wells.iter().zip(&shown)
            .map(|((plan, _), shown)| json!({"well": label(plan), "summary": shown.summary}))
            .collect::<Vec<_>>()}),
        ..AssayResult::default()
    };
    for ((plan, answer), shown) in wells.iter().zip(shown) {
        let name = label(plan);
        let own = sentences(plan, answer)
            .into_iter()
            .filter(|said| what_varies(plan).as_ref() != Some(said));
        all.sentences.extend(own.map(|said| format!("Well {name}. {said}")));
        all.text += &format!("Well {name}. {}", shown.text);
        all.answer.extend(
            shown.answer.into_iter().map(|(title, t)| (format!("Well {name}. {title}"), t)),
        );
        all.checks.extend(shown.checks.into_iter().map(|mut check| {
            check.what = format!("well {name}: {}", check.what);
            check
        }));
        all.tables.extend(shown.tables);
        all.figures.extend(shown.figures);
        all.failed += shown.failed;
        all.failed_draws.0 += shown.failed_draws.0;
        if all.failed_draws.1.is_empty() {
            all.failed_draws.1 = shown.failed_draws.1;
        }
        for warning in shown.warnings {
            if !all.warnings.contains(&warning) {
                all.warnings.push(warning);
            }
        }
    }
    all
}

/// The comparison in sentences: signals, uptake, and when the ligand was used up.
fn compared(wells: &[Well]) -> Vec<String> {
    let (first, _) = wells[0];
    let solved = |(_, answer): &&Well| answer.ran.failure.is_none();
    let solved: Vec<&Well> = wells.iter().filter(solved).collect();
    let by = time_text(first.end());
    let mut all = vec![];
    let signal = first.kinds.first().map_or("pstat5", |kind| &kind.signal);
    let kinds = kinds_of(wells);
    let of_kind = |kind: &String| {
        let values: Vec<String> = solved
            .iter()
            .filter_map(|(plan, answer)| {
                let spread = signal_of(plan, answer, kind)?;
                let ratio = match label(plan) == label(first) {
                    true => None,
                    false => ratio(wells[0], (plan, answer), kind),
                };
                let fold =
                    ratio.map_or(String::new(), |ratio| format!(", {}", ratio.said("-fold")));
                Some(format!("{} in {}{fold}", spread.said(""), label(plan)))
            })
            .collect();
        (!values.is_empty()).then(|| format!("{kind} {}", listed(&values)))
    };
    let signals: Vec<String> = kinds.iter().filter_map(of_kind).collect();
    if !signals.is_empty() {
        all.push(format!(
            "{} per cell at {by} (-fold: relative to well {}): {}.",
            written(signal),
            label(first),
            signals.join("; ")
        ));
    }
    let (mut taken, mut times, mut not_yet) = (vec![], vec![], vec![]);
    for (plan, answer) in &solved {
        for (i, ligand) in plan.culture.ligands.iter().enumerate() {
            let Some((end, last)) = answer.balances(i).last() else { continue };
            let all: f64 = last.kinds.iter().map(|kind| kind.taken()).sum();
            let (well, ligand) = (label(plan), &ligand.label);
            if last.all() <= 0.0 {
                continue;
            }
            if all < LEAST_TAKEN {
                taken.push(format!("none of the {ligand} in {well}"));
                continue;
            }
            let part = share(answer.spread(&plan.draws, Quantity::Used(i), end));
            let of = concentration(Spread::exact(last.all()));
            let whose = parts(plan, answer, i, end);
            taken.push(format!("{part} of {of} {ligand} in {well} ({whose})"));
            if let Some(half) = gone(plan, answer, i, 0.5) {
                let most = gone(plan, answer, i, 0.9);
                let most =
                    most.map_or(String::new(), |most| format!(" (90 % after {})", spans(most)));
                times.push(format!("after {} in {well}{most}", spans(half)));
            } else if !plan.medium.changes() && last.kinds.iter().all(|kind| kind.made <= 0.0) {
                not_yet.push(well.to_string());
            }
        }
    }
    if !taken.is_empty() {
        all.push(format!("By {by}, cells had taken up {}.", taken.join("; ")));
    }
    if !times.is_empty() || !not_yet.is_empty() {
        not_yet.dedup();
        let not_yet = match not_yet.is_empty() {
            true => None,
            false => Some(format!("later than {by} in {}", listed(&not_yet))),
        };
        times.extend(not_yet);
        all.push(format!("Half of the dose had left the medium {}.", listed(&times)));
    }
    all.extend(what_varies(first));
    all
}

/// Names of the kinds with cells in any well, in the order of the study.
fn kinds_of(wells: &[Well]) -> Vec<String> {
    let mut all: Vec<String> = vec![];
    for (kind, _) in wells.iter().flat_map(|(plan, _)| plan.present()) {
        if !all.contains(&kind.name) {
            all.push(kind.name.clone());
        }
    }
    // A kind may have cells in a later well only.
    let place = |name: &String| wells[0].0.kinds.iter().position(|kind| kind.name == *name);
    all.sort_by_key(place);
    all
}

fn signal_place(plan: &Plan, kind: &str) -> Option<usize> {
    let (kind, _) = plan.present().find(|(k, _)| k.name == kind)?;
    plan.culture.readout(&format!("{}.{}", kind.name, kind.signal))
}

fn signal_of(plan: &Plan, answer: &Answer, kind: &str) -> Option<Spread> {
    let place = signal_place(plan, kind)?;
    Some(answer.spread(&plan.draws, Quantity::Readout(place), plan.end()))
}

/// The signal of a kind relative to that in another well, draw by draw: what varies in both wells
/// cancels.
fn ratio((one, of_one): Well, (other, of_other): Well, kind: &str) -> Option<Spread> {
    let places = (signal_place(one, kind)?, signal_place(other, kind)?);
    let (a, b) = (Quantity::Readout(places.0), Quantity::Readout(places.1));
    let end = one.end();
    let below = of_one.in_draws(a, end);
    let drawn = of_other.in_draws(b, end).into_iter().zip(below).map(|(b, a)| b / a).collect();
    let middle = of_other.value(b, end) / of_one.value(a, end);
    middle.is_finite().then(|| between(&one.draws, middle, drawn))
}

/// The free ligand of all wells, and the signal of each kind in all wells.
fn over_time(wells: &[Well]) -> Drawing {
    let (first, _) = wells[0];
    let (x, one) = time_axis(first);
    let curve = |(style, (plan, answer)): (usize, &Well), place: usize, of: Option<&str>| Series {
        label: match of {
            Some(ligand) => format!("{}: {ligand}", label(plan)),
            None => label(plan).to_string(),
        },
        style,
        points: answer.course(place).map(|(t, v)| (t / one, v)).collect(),
        band: band(plan, answer, Quantity::Readout(place), (one, 1.0)),
        ..Series::default()
    };
    let several = wells.iter().any(|(plan, _)| plan.culture.ligands.len() > 1);
    let mut free = vec![];
    for (style, well) in wells.iter().enumerate() {
        for ligand in &well.0.culture.ligands {
            let style = if several { free.len() } else { style };
            free.push(curve((style, well), ligand.free.0, Some(&ligand.label)));
        }
    }
    let medium = Panel {
        name: "medium".into(),
        title: "Free ligand in the medium".into(),
        x: x.clone(),
        y: Axis::linear("free ligand", "pM"),
        content: Content::Lines(free),
    };
    let of_kind = |kind: &String| {
        let signal = first.kinds.iter().find(|k| k.name == *kind).map_or("", |k| &k.signal);
        let series = wells.iter().enumerate();
        let series = series
            .filter_map(|(i, well)| Some(curve((i, well), signal_place(well.0, kind)?, None)));
        Panel {
            name: format!("signal_{kind}"),
            title: format!("Signal of {}", written(kind)),
            x: x.clone(),
            y: readout_axis(signal, Dimension::PER_CELL),
            content: Content::Lines(series.collect()),
        }
    };
    let kinds = kinds_of(wells);
    let panels = std::iter::once(medium).chain(kinds.iter().map(of_kind)).collect();
    (panels, "wells beside one another".into(), 0)
}

/// Who has the ligand, for each well.
fn fates_side_by_side(wells: &[Well]) -> Drawing {
    let of = |(plan, answer): &Well| {
        let all = fates(plan, answer).into_iter().map(|mut panel| {
            panel.title = format!("{}: {}", label(plan), panel.title);
            panel.name = format!("{}_{}", label(plan), panel.name);
            panel
        });
        all.collect::<Vec<_>>()
    };
    let panels: Vec<Panel> = wells.iter().flat_map(of).collect();
    (panels, "fate of the ligand over time, wells beside one another".into(), 0)
}

/// One row for each well, kind and ligand at the last time.
fn table(wells: &[Well]) -> Table {
    let (first, _) = wells[0];
    let columns = [
        ("well", true),
        ("kind", true),
        ("cell", true),
        ("ligand", true),
        ("time_min", false),
        ("given_pm", false),
        ("made_pm", false),
        ("taken_pm", false),
        ("part_of_taken", false),
        ("signal_per_cell", false),
        ("cd25_per_cell", false),
        ("cells", false),
        ("half_gone_min", false),
        ("nine_tenths_gone_min", false),
        ("signal_over_first_well", false),
        ("part_of_taken_low", false),
        ("part_of_taken_high", false),
        ("signal_per_cell_low", false),
        ("signal_per_cell_high", false),
        ("signal_over_first_well_low", false),
        ("signal_over_first_well_high", false),
        (SOLVED, false),
    ];
    let columns = if first.draws.count > 0 { &columns[..] } else { &columns[..15] };
    let mut table = Table::new(&first.name, columns);
    for (plan, answer) in wells {
        let last = answer.ran.balances.last().filter(|_| answer.ran.failure.is_none());
        for (i, ligand) in plan.culture.ligands.iter().enumerate() {
            let ends: Vec<End> = ends(plan, answer);
            for ((kind, place), end) in plan.present().zip(ends) {
                let balance = last.map(|all| &all[i]);
                let of = |number: &dyn Fn(&il2::culture::kinds::Balance) -> f64| {
                    balance.map_or(f64::NAN, number)
                };
                let ratio = ratio(wells[0], (plan, answer), &kind.name);
                let ratio = ratio.unwrap_or(Spread::exact(f64::NAN));
                let gone = |part: f64| gone(plan, answer, i, part).map_or(f64::NAN, |at| at.middle);
                let mut row: Vec<Value> = vec![
                    label(plan).into(),
                    kind.name.as_str().into(),
                    kind.cell.as_str().into(),
                    ligand.label.as_str().into(),
                ];
                let numbers = [
                    plan.end(),
                    of(&|balance| balance.given),
                    of(&|balance| balance.kinds.iter().map(|kind| kind.made).sum()),
                    of(&|balance| balance.kinds[place].taken()),
                    end.parts[i].middle,
                    end.signal.middle,
                    end.cd25.middle,
                    end.cells.middle,
                    gone(0.5),
                    gone(0.9),
                    ratio.middle,
                ];
                row.extend(numbers.map(Value::Number));
                if plan.draws.count > 0 {
                    let all = [end.parts[i], end.signal, ratio];
                    row.extend(all.iter().flat_map(|s| [s.low, s.high]).map(Value::Number));
                    row.push((answer.solved_draws() as f64).into());
                }
                table.push(row);
            }
        }
    }
    table
}
