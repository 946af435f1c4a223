//! Plans a fit: checks and assembles unknowns with their priors and rows with their simulations.

use crate::fit::network::{FitNetwork, Fitting, Stands, network, sets, unmatched_parameter};
use crate::fit::observe::observe;
use crate::fit::plan::{Fitted, Measured, Plan, part_name};
use il2::parameter::within;
use il2::quantity::Quantity;
use il2_engine::Limits;
use il2_engine::words::shown;
use il2_inference::experiment::Experiment;
use il2_inference::posterior::{Posterior, Scale, Unknown};
use il2_inference::quantiles::Z_975;
use il2_inference::sample::ChainSettings;
use il2_study::choose::{at_most, fewer};
use il2_study::error::StudyError;
use il2_study::measurements as data;
use il2_study::measurements::{MOST_MEASURED, Row};
use il2_study::study::fitting::{FitPart, FittedPart, MeasuredPart};
use il2_study::study::{Study, label};
use il2_study::values::unknown;
use il2_study::whole;

/// Largest number of numbers drawn by all chains together: 40 MB.
pub const MOST_DRAWN: usize = 5_000_000;

/// Plans a fit.
pub fn plan(study: &Study, at: &str, name: &str, part: &FitPart) -> Result<Plan, StudyError> {
    let whole = |key: &str, given: Option<u32>, usual: u32| {
        whole::checked(&format!("{at}.{key}"), given.unwrap_or(usual))
    };
    let starts = whole("starts", part.starts, 20)?;
    let chains = whole("chains", part.chains, 4)?;
    let warmup = whole("warmup", part.warmup, 300)?;
    let draws = whole("draws", part.draws, 500)?;
    if chains == 1 {
        let message = "1 is not allowed, because a single chain cannot be compared with others; \
                       use 2 or more, or 0 for no chains";
        return Err(StudyError::at(format!("{at}.chains"), message));
    }
    let level = part.level.map_or(0.9, |f| f.0);
    if !(0.1..1.0).contains(&level) {
        let message = format!("{level} is not allowed; use a fraction below 1, such as 0.9");
        return Err(StudyError::at(format!("{at}.level"), message));
    }
    for (key, empty) in
        [("parameters", part.parameters.is_empty()), ("measured", part.measured.is_empty())]
    {
        if empty {
            return Err(StudyError::at(format!("{at}.{key}"), "is empty; add at least one entry"));
        }
    }
    for name in part.parameters.keys() {
        parameter_name(&format!("{at}.parameters.{name}"), name)?;
    }
    let mut stands: Vec<Option<Stands>> = vec![None; part.parameters.len()];
    let mut plan = Plan {
        name: name.to_string(),
        fitted: vec![],
        measured: vec![],
        rows: vec![],
        posterior: Posterior {
            unknowns: vec![],
            numbers: part.parameters.len(),
            observed: vec![],
            experiment: Experiment::default(),
            tolerance: study.tolerance,
            evaluations: Default::default(),
        },
        prepared: vec![],
        arms: vec![],
        starts,
        chains,
        asked: ChainSettings { warmup, draws, seed: study.seed },
        threads: study.threads,
        profiles: part.profiles.unwrap_or(true),
        level,
    };
    let mut making: Vec<FitNetwork> = vec![];
    for (table, (name, measured)) in part.measured.iter().enumerate() {
        let at = format!("{at}.measured.{name}");
        label(&at, name)?;
        let data = rows(study, &at, measured, &mut plan)?;
        for mut row in data {
            if measured.culture.is_some() {
                of_culture(&mut row);
            }
            let key = (table, row.given.clone(), row.cell.clone());
            if !making.iter().any(|m| m.key == key) {
                let fitting = Fitting { at: &at, parts: &part.parameters };
                making.push(network(study, &fitting, measured, key, &mut stands, &mut plan)?);
            }
            plan.rows.push((table, row));
        }
    }
    at_most(at, "rows of measurements", plan.rows.len(), MOST_MEASURED)?;
    for (i, (name, fitted)) in part.parameters.iter().enumerate() {
        let at = format!("{at}.parameters.{name}");
        let Some(stands) = &stands[i] else {
            return Err(StudyError::at(at, unmatched_parameter(study, name, fitted, &making)));
        };
        let (fitted, unknown) = number(&at, name, fitted, stands)?;
        plan.fitted.push(fitted);
        plan.posterior.unknowns.push(unknown);
    }
    observe(at, part, making, &mut plan)?;
    let drawn = chains * draws * plan.posterior.unknowns.len();
    fewer(at, ("numbers (chains × draws × unknowns)", drawn), MOST_DRAWN, "chains or draws")?;
    Ok(plan)
}

/// All kinds of a culture are read from one network, in which the readouts of each kind begin with
/// the name of the kind.
fn of_culture(row: &mut Row) {
    let kind = std::mem::take(&mut row.cell);
    if !row.readout.ends_with("_medium") {
        row.readout = format!("{kind}.{}", row.readout);
    }
}

/// Reads a table.
fn rows(
    study: &Study,
    at: &str,
    part: &MeasuredPart,
    plan: &mut Plan,
) -> Result<Vec<Row>, StudyError> {
    let wells = match part.of.as_str() {
        "wells" => true,
        "patients" => false,
        other => {
            let known = ["wells", "patients"].into_iter();
            return Err(unknown(&format!("{at}.of"), "kind", other, known, "kinds"));
        }
    };
    let known = ["relative", "absolute"];
    if let Some(error) = part.error.as_ref().filter(|e| !known.contains(&e.as_str())) {
        return Err(unknown(&format!("{at}.error"), "error", error, known.into_iter(), "errors"));
    }
    if part.background == Some(true) && part.scale.is_none() {
        let message = "needs a scale factor; add scale, for example scale = []";
        return Err(StudyError::at(format!("{at}.background"), message));
    }
    data::all_read(study, at, part)?;
    let data = data::read(study, at, part)?;
    let column = part.columns.get("value").map_or("value", String::as_str);
    let unit = part.units.get("value").filter(|u| !u.is_empty()).map_or(column, String::as_str);
    plan.measured.push(Measured {
        name: part_name(at).to_string(),
        file: (part.table.clone(), data.hash),
        path: data.path,
        left_out: data.left_out,
        warnings: data.warnings,
        wells,
        counted_in: (part.units.get("value").cloned().unwrap_or_default(), 1.0),
        dose_unit: part.units.get("dose").cloned().unwrap_or("pM".into()),
        unit: unit.to_string(),
    });
    Ok(data.rows)
}

/// Columns of tables in addition to those named after fitted numbers.
const COLUMNS: [&str; 7] =
    ["start", "log_density", "below_best", "steps", "status", "chain", "draw"];

/// Checks the name of a fitted number, which becomes a column of tables.
fn parameter_name(at: &str, name: &str) -> Result<(), StudyError> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let problem = if COLUMNS.iter().any(|c| c.eq_ignore_ascii_case(name)) {
        "is already a column in the tables of a fit"
    } else if name.is_empty() || name.len() > 80 || !name.chars().all(fine) {
        "cannot be part of a column name"
    } else {
        return Ok(());
    };
    let message = format!(
        "the name \"{}\" {problem}; use another name of at most 80 letters, digits, _, - and ., \
         and give the number that it stands for in the key sets",
        shown(name)
    );
    Err(StudyError::at(at, message))
}

/// A number to fit: its prior is log-normal or, for a fraction, normal on the log-odds.
fn number(
    at: &str,
    name: &str,
    part: &FittedPart,
    (dimension, limits): &Stands,
) -> Result<(Fitted, Unknown), StudyError> {
    let end = |i: usize| {
        let (text, at) = (&part.prior[i].0, format!("{at}.prior[{i}]"));
        let value = Quantity::parse_as(text, *dimension).map_err(|e| StudyError::at(&at, e.0))?;
        // A prior must not end at a limit, where its logarithm or log-odds would be infinite.
        let open = |limits: &Limits| match limits {
            Limits::Fraction { .. } => Limits::Fraction { zero: false, one: false },
            _ => Limits::Positive,
        };
        for limits in limits {
            within(open(limits), value, text).map_err(|e| StudyError::at(&at, e.0))?;
        }
        Ok(value)
    };
    let prior = [end(0)?, end(1)?];
    if prior[1] <= prior[0] {
        let message = format!(
            "\"{}\" to \"{}\" is not a range; give the lower end first and then a higher value",
            shown(&part.prior[0].0),
            shown(&part.prior[1].0)
        );
        return Err(StudyError::at(format!("{at}.prior"), message));
    }
    let fraction = limits.iter().any(|l| matches!(l, Limits::Fraction { .. }));
    let scale = if fraction { Scale::LogOdds } else { Scale::Logarithm };
    let (low, high) = (scale.of(prior[0]), scale.of(prior[1]));
    let spread = (high - low) / (2.0 * Z_975);
    let centre = 0.5 * (low + high);
    let (unit, one) = Quantity::unit_of(&part.prior[0].0).map_err(|e| StudyError::at(at, e.0))?;
    Ok((
        Fitted {
            name: name.to_string(),
            sets: sets(name, part).into_iter().map(String::from).collect(),
            dimension: *dimension,
            unit: (unit.to_string(), one),
            prior,
        },
        Unknown { name: name.to_string(), centre, spread, scale },
    ))
}
