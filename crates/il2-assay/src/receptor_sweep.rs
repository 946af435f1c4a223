//! EC50 as the number of one chain changes.

use crate::answer::AssayResult;
use crate::curves;
use crate::labels::{cell_label, chain_title, readout_axis, time_text};
use crate::wells::curve_lanes;
use il2::culture::{Setup, Well};
use il2::parameter::Parameter;
use il2::quantity::{column_suffix, readable_concentration, three_digits};
use il2_engine::Dimension;
use il2_inference::curve::{Curve, read_curve};
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_output::table::Table;
use il2_study::choose::{curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::ReceptorSweepPart;
use il2_study::values::{Spacing, quantity, unknown};
use serde_json::json;

/// A ligand on a cell.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Label of the ligand.
    pub ligand: String,
    /// Label of the cell.
    pub cell: String,
    /// Model, ligand, cell and medium with the fewest chains and with the most. Those between are put
    /// together when they run: a network each would fill the memory.
    pub ends: [Setup; 2],
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
}

/// A sweep put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell and ligand.
    pub pairs: Vec<Pair>,
    /// Chains per cell.
    pub numbers: Vec<f64>,
    /// The chain whose number changes.
    pub chain: String,
    time: f64,
    readout: String,
    /// What the readout measures.
    pub dimension: Dimension,
}

impl Plan {
    /// Lanes that it will run.
    pub fn lanes(&self) -> usize {
        self.pairs.iter().map(|p| self.numbers.len() * (p.doses.len() + 1)).sum()
    }
}

/// Puts the assay together.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &ReceptorSweepPart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let ligands = il2_study::choose::ligands(study, at, part.ligands.as_ref())?;
    let cells = il2_study::choose::cells(study, at, entry, part.cells.as_ref())?;
    let numbers = il2_study::values::grid(
        &format!("{at}.numbers"),
        &part.numbers,
        Spacing::Logarithmic,
        |at, t| quantity(at, t, Dimension::PER_CELL),
    )?;
    let set = |what: &str| {
        entry.model.overrides.iter().any(|(n, _)| *n == format!("{}_{what}", part.chain))
    };
    if set("number") || set("synthesis") {
        let message =
            "is set by the model's parameters too, which would hold it still; remove it there";
        return Err(StudyError::at(format!("{at}.chain"), message));
    }
    let readout_name = part.readout.as_deref().unwrap_or("signalling_complexes");
    let all = ligands.len() * cells.len();
    il2_study::choose::at_most(
        at,
        "pairs of a ligand and a cell",
        all,
        il2_study::choose::MOST_PAIRS,
    )?;
    il2_study::choose::at_most(at, "curves", numbers.len() * all, il2_study::choose::MOST_SWEPT)?;
    let mut pairs = vec![];
    let mut dimension = Dimension::DIMENSIONLESS;
    for cell in cells {
        let Some(cell) = cell else {
            let model = &entry.model.name;
            return Err(StudyError::at(
                format!("{at}.model"),
                format!(
                    "model {model} brings its own cell, whose chains cannot be swept; use gamma-chain"
                ),
            ));
        };
        let own =
            cell.chains().map_err(|e| StudyError::model(format!("{at}.cells"), e.to_string()))?;
        if !own.iter().any(|(chain, _)| *chain == part.chain) {
            let known = own.iter().map(|(c, _)| c.as_str());
            return Err(unknown(&format!("{at}.chain"), "chain", &part.chain, known, "this cell"));
        }
        if cell.quantitation.is_none() {
            return Err(StudyError::at(
                format!("{at}.cells"),
                format!("{} is known by synthesis rates; give it receptors to sweep", cell.label),
            ));
        }
        for ligand in &ligands {
            let doses = curve_doses(at, ligand, &part.doses)?;
            il2_study::choose::at_most(
                at,
                "lanes",
                numbers.len() * all * (doses.len() + 1),
                il2_study::choose::MOST_LANES,
            )?;
            let own = study.setup(&entry.model, vec![(*ligand).clone()], Some(cell));
            let end = |number: Option<&f64>| {
                let number = number.copied().expect("a grid has values");
                with_number(&own, &part.chain, number)
            };
            let ends = [end(numbers.first()), end(numbers.last())];
            for setup in &ends {
                let prepared = prepare(at, setup)?;
                dimension = prepared.readouts[readout(at, &prepared, readout_name)?].1;
            }
            let (ligand, cell) = (ligand.label.clone(), cell_label(Some(cell)));
            pairs.push(Pair { ligand, cell, ends, doses });
        }
    }
    Ok(Plan {
        name: name.to_string(),
        pairs,
        numbers,
        chain: part.chain.clone(),
        time: il2_study::choose::time(&format!("{at}.time"), &part.time)?,
        readout: readout_name.to_string(),
        dimension,
    })
}

/// A setup whose cell has another number of a chain.
fn with_number(setup: &Setup, chain: &str, number: f64) -> Setup {
    let mut changed = setup.clone();
    if let Some(cell) = &mut changed.cell
        && let Some(table) = cell.quantitation.as_ref().and_then(|q| cell.receptors.get_mut(q))
    {
        table.insert(chain.to_string(), swept(number));
    }
    changed
}

fn swept(number: f64) -> Parameter {
    Parameter::from_study(number, Dimension::PER_CELL, format!("{number} /cell"))
}

/// Runs and reads one curve of a sweep; shared by both sweeps. Also how many lanes failed, and why.
pub fn sweep_curve(
    study: &Study,
    setup: &Setup,
    ligand: &str,
    doses: &[f64],
    (time, name): (f64, &str),
    progress: &(dyn Fn(usize) + Sync),
) -> (Curve, usize, String) {
    let nothing = |reason: String| {
        let values = vec![f64::NAN; doses.len()];
        (read_curve(doses, &values, f64::NAN, &study.tolerance), doses.len() + 1, reason)
    };
    let prepared = match setup.prepare() {
        Ok(prepared) => prepared,
        Err(e) => return nothing(e.to_string()),
    };
    let Some(place) = prepared.readout(name) else {
        return nothing(format!("{name} is not there"));
    };
    let wells = std::iter::once(0.0).chain(doses.iter().copied()).map(|dose| Well {
        doses: vec![(ligand.to_string(), dose)],
        wash: None,
        times: vec![time],
    });
    let lanes = curve_lanes(&prepared, study, wells, place, progress);
    let reason = crate::answer::status(lanes.failures.values().next());
    let curve = read_curve(doses, &lanes.values[1..], lanes.values[0], &study.tolerance);
    (curve, lanes.failures.len(), reason)
}

/// Runs every lane.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let curves: Vec<(&Pair, f64)> =
        plan.pairs.iter().flat_map(|p| plan.numbers.iter().map(move |n| (p, *n))).collect();
    let read: Vec<_> = study.threads.map(&curves, |(pair, number)| {
        let setup = with_number(&pair.ends[0], &plan.chain, *number);
        let at = (plan.time, plan.readout.as_str());
        sweep_curve(study, &setup, &pair.ligand, &pair.doses, at, progress)
    });
    let number = format!("{}_per_cell", plan.chain);
    let top = format!("top{}", column_suffix(plan.dimension));
    let mut table = Table::new(
        &plan.name,
        &[
            ("ligand", true),
            ("cell", true),
            (&number, false),
            ("time_min", false),
            ("ec50_pm", false),
            ("ec50_is", true),
            (&top, false),
            ("falls_beyond_top", true),
            ("status", true),
        ],
    );
    for ((pair, number), (curve, _, reason)) in curves.iter().zip(&read) {
        table.push(vec![
            pair.ligand.as_str().into(),
            pair.cell.as_str().into(),
            (*number).into(),
            plan.time.into(),
            curve.ec50.value().unwrap_or(f64::NAN).into(),
            curves::whereabouts(curve).as_str().into(),
            curve.top.into(),
            if curve.falls { "yes".into() } else { "no".into() },
            reason.as_str().into(),
        ]);
    }
    let mut labels: Vec<(String, String)> =
        plan.pairs.iter().map(|p| (p.ligand.clone(), p.cell.clone())).collect();
    let all = labels.len();
    labels.truncate(il2_output::figure::most_curves(2));
    // What all curves share stands in the subtitle.
    let several = |part: fn(&(String, String)) -> &String| {
        labels.iter().any(|label| part(label) != part(&labels[0]))
    };
    let (ligands, cells) = (several(|l| &l.0), several(|l| &l.1));
    let word = |(ligand, cell): (&String, &String)| match (ligands, cells) {
        (_, false) => ligand.clone(),
        (false, true) => cell.clone(),
        (true, true) => format!("{ligand}, {cell}"),
    };
    let series = |value: &dyn Fn(&Curve) -> f64| -> Vec<Series> {
        labels
            .iter()
            .enumerate()
            .map(|(i, (ligand, cell))| {
                let points = curves
                    .iter()
                    .zip(&read)
                    .filter(|((pair, _), _)| pair.ligand == *ligand && pair.cell == *cell);
                Series {
                    label: word((ligand, cell)),
                    style: i,
                    points: points
                        .map(|((_, number), (curve, ..))| (*number, value(curve)))
                        .collect(),
                    markers: true,
                    ..Series::default()
                }
            })
            .collect()
    };
    let x = Axis::log(format!("number of {}", chain_title(&plan.chain)), "/cell");
    let panel = |name: &str, y: Axis, content: Vec<Series>| Panel {
        name: name.into(),
        title: String::new(),
        x: x.clone(),
        y,
        content: Content::Lines(content),
    };
    let of = plan.readout.replace('_', " ");
    let ec50 = panel(
        "ec50",
        Axis::log(format!("EC50 of {of}"), "pM"),
        series(&|c| c.ec50.value().unwrap_or(f64::NAN)),
    );
    let mut largest = readout_axis(&plan.readout, plan.dimension);
    largest.label.insert_str(0, "largest ");
    let highest = panel("top", largest, series(&|c| c.top));
    let mut text =
        format!("EC50 of {of} at {} against {}\n", time_text(plan.time), number.replace('_', " "));
    text += &format!(
        "{:<18}  {:<18}  {:>10}  {:>10}  {:>10}\n",
        "ligand", "cell", "/cell", "EC50", "top"
    );
    for ((pair, number), (curve, ..)) in curves.iter().zip(&read) {
        let (shown, mark) = match curve.ec50.value() {
            Some(ec50) => (readable_concentration(ec50), curves::marks(curve)),
            None => ("-".into(), curves::whereabouts(curve)),
        };
        let line = format!(
            "{:<18}  {:<18}  {:>10}  {:>10}  {:>10}  {mark}",
            pair.ligand,
            pair.cell,
            three_digits(*number),
            shown,
            three_digits(curve.top),
        );
        text += &format!("{}\n", line.trim_end());
    }
    let named = curves.iter().zip(&read).map(|((pair, number), (curve, ..))| {
        let (ligand, cell, count) = (&pair.ligand, &pair.cell, three_digits(*number));
        (format!("{ligand} on {cell}, {count} /cell"), *curve)
    });
    let warnings = curves::warnings(&named.collect::<Vec<_>>());
    let legend = labels.iter().enumerate().map(|(i, (l, c))| (word((l, c)), i)).collect();
    let shared = match (ligands, cells) {
        (_, false) => format!(", cell {}", labels.first().map_or("", |l| &l.1)),
        (false, true) => format!(", ligand {}", labels.first().map_or("", |l| &l.0)),
        (true, true) => String::new(),
    };
    let assay = format!("{}{shared}", crate::caption::kind_and_model(study, &plan.name));
    AssayResult {
        summary: json!({"kind": "receptor-sweep", "chain": plan.chain, "curves": curves.len()}),
        text,
        warnings,
        picture: Some(ec50.clone()),
        figures: vec![(
            plan.name.clone(),
            Figure {
                title: study.question.clone(),
                subtitle: match all > labels.len() {
                    true => format!(
                        "{assay}; after {}; {} of {all} pairs are drawn, the table has all",
                        time_text(plan.time),
                        labels.len()
                    ),
                    false => format!("{assay}; after {}", time_text(plan.time)),
                },
                panels: vec![ec50, highest],
                columns: 2,
                footnote: format!(
                    "study {} · il2 {}",
                    &study.hash[..12],
                    env!("CARGO_PKG_VERSION")
                ),
                legend,
                ..Figure::default()
            },
        )],
        tables: vec![table],
        failed: read.iter().map(|r| r.1).sum(),
        ..AssayResult::default()
    }
}
