//! A fit put together: unknowns with their priors, rows with the lanes behind them, all checked.

use super::data::{self, Row};
use super::experiment::Experiment;
use super::network::{Fitting, Making, network, nowhere, sets};
use super::observe::observe;
use super::posterior::{Posterior, Unknown};
use super::sample::Asked;
use crate::assay::at_most;
use crate::assay::regimen::arm::Arm;
use crate::error::StudyError;
use crate::quantiles::HALF_OF_95;
use crate::study::fitting::{FitPart, FittedPart, MeasuredPart};
use crate::study::{Study, unknown};
use il2::culture::Setup;
use il2::quantity::{Quantity, base_unit};
use il2_engine::math;
use il2_engine::{Dimension, Threads};
use std::path::PathBuf;

/// A number of the model that is estimated.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Name in the study.
    pub name: String,
    /// What it measures; the density knows its values in base units.
    pub dimension: Dimension,
    /// Unit in which the study writes its prior and answers are told, and one of it in base units.
    pub unit: (String, f64),
    /// Ends that hold 95 % of the prior, base units.
    pub prior: [f64; 2],
    /// As the study writes it.
    pub text: String,
}

/// A table of measurements.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Name in the study.
    pub name: String,
    /// File as the study names it, and its SHA-256.
    pub file: (String, String),
    /// Where it was read.
    pub path: PathBuf,
    /// Rows that the study or a column leaves out.
    pub left_out: usize,
    /// What must be said of it.
    pub warnings: Vec<String>,
    /// Whether its rows are wells, with ligand, cell and dose.
    pub wells: bool,
    /// Unit of its values or, where they have none, the name of their column: for axes.
    pub unit: String,
}

/// A fit put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// What is estimated.
    pub fitted: Vec<Fitted>,
    /// From what.
    pub measured: Vec<Measured>,
    /// Rows with the place of their table, in the order of [`Posterior::observed`].
    pub rows: Vec<(usize, Row)>,
    /// The density.
    pub posterior: Posterior,
    /// Model, ligand, cell and medium of each network of wells.
    pub setups: Vec<Setup>,
    /// Regimens whose patients are read.
    pub arms: Vec<Arm>,
    /// Searches.
    pub starts: usize,
    /// Chains of the posterior.
    pub chains: usize,
    /// How each is run.
    pub asked: Asked,
    /// Threads on which searches, profiles and chains run side by side.
    pub threads: Threads,
    /// Whether the likelihood is followed along each number.
    pub profiles: bool,
    /// Part of the posterior inside intervals.
    pub level: f64,
}

impl Plan {
    /// The unit in which an unknown is told, empty for plain numbers, and one of it in base units.
    pub fn unit(&self, unknown: usize) -> (&str, f64) {
        self.fitted.get(unknown).map_or(("", 1.0), |f| (&f.unit.0, f.unit.1))
    }

    /// An unknown in that unit, at `z` spreads from the centre of its prior.
    pub fn told(&self, unknown: usize, z: f64) -> f64 {
        self.posterior.unknowns[unknown].value(z) / self.unit(unknown).1
    }
}

/// Puts a fit together.
pub fn plan(study: &Study, at: &str, name: &str, part: &FitPart) -> Result<Plan, StudyError> {
    let whole = |key: &str, given: Option<u32>, usual: u32, from: u32, to: u32| {
        let n = given.unwrap_or(usual);
        let message = format!("{n} is not allowed; use {from} to {to}");
        let place = format!("{at}.{key}");
        if (from..=to).contains(&n) { Ok(n as usize) } else { Err(StudyError::at(place, message)) }
    };
    let starts = whole("starts", part.starts, 20, 1, 10_000)?;
    let chains = whole("chains", part.chains, 4, 0, 100)?;
    let warmup = whole("warmup", part.warmup, 300, 50, 100_000)?;
    let draws = whole("draws", part.draws, 500, 50, 100_000)?;
    if chains == 1 {
        let message =
            "1 is not allowed: one chain cannot be compared; use 2 or more, or 0 for none";
        return Err(StudyError::at(format!("{at}.chains"), message));
    }
    let level = part.level.unwrap_or(0.9);
    if !(0.1..1.0).contains(&level) {
        let message = format!("{level} is not allowed; use a part below 1, such as 0.9");
        return Err(StudyError::at(format!("{at}.level"), message));
    }
    for (key, empty) in
        [("parameters", part.parameters.is_empty()), ("measured", part.measured.is_empty())]
    {
        if empty {
            return Err(StudyError::at(format!("{at}.{key}"), "is empty; add a part to it"));
        }
    }
    let mut dimensions: Vec<Option<Dimension>> = vec![None; part.parameters.len()];
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
        setups: vec![],
        arms: vec![],
        starts,
        chains,
        asked: Asked { warmup, draws, seed: study.seed },
        threads: study.threads,
        profiles: part.profiles.unwrap_or(true),
        level,
    };
    let mut making: Vec<Making> = vec![];
    for (table, (name, measured)) in part.measured.iter().enumerate() {
        let at = format!("{at}.measured.{name}");
        let data = rows(study, &at, measured, &mut plan)?;
        for row in data {
            let key = (table, row.given.clone(), row.cell.clone());
            if !making.iter().any(|m| m.key == key) {
                let fitting = Fitting { at: &at, parts: &part.parameters };
                making.push(network(study, &fitting, measured, key, &mut dimensions, &mut plan)?);
            }
            plan.rows.push((table, row));
        }
    }
    at_most(at, "rows of measurements", plan.rows.len(), 200_000)?;
    for (i, (name, fitted)) in part.parameters.iter().enumerate() {
        let at = format!("{at}.parameters.{name}");
        let Some(dimension) = dimensions[i] else {
            return Err(StudyError::at(at, nowhere(name, fitted, &making)));
        };
        let (fitted, unknown) = number(&at, name, fitted, dimension)?;
        plan.fitted.push(fitted);
        plan.posterior.unknowns.push(unknown);
    }
    observe(at, part, making, &mut plan)?;
    Ok(plan)
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
            return Err(unknown(&format!("{at}.of"), "kind", other, known, "a table"));
        }
    };
    let known = ["relative", "absolute"];
    if let Some(error) = part.error.as_ref().filter(|e| !known.contains(&e.as_str())) {
        return Err(unknown(&format!("{at}.error"), "error", error, known.into_iter(), "a table"));
    }
    if part.background == Some(true) && part.scale.is_none() {
        let message = "needs a factor beside it: add scale, for example scale = []";
        return Err(StudyError::at(format!("{at}.background"), message));
    }
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
        unit: unit.to_string(),
    });
    Ok(data.rows)
}

/// The name behind a key path.
pub(super) fn part_name(at: &str) -> &str {
    at.rsplit('.').next().unwrap_or(at)
}

/// A number to fit: its prior is lognormal, or normal on the log-odds where it is a fraction.
fn number(
    at: &str,
    name: &str,
    part: &FittedPart,
    dimension: Dimension,
) -> Result<(Fitted, Unknown), StudyError> {
    let end = |i: usize| {
        let text = &part.prior[i].0;
        let value = Quantity::parse_as(text, dimension);
        value.map_err(|e| StudyError::at(format!("{at}.prior[{i}]"), e.0))
    };
    let prior = [end(0)?, end(1)?];
    let fraction =
        sets(name, part).iter().any(|s| s.ends_with("fraction") || s.ends_with("bioavailability"));
    let refuse = |what: &str| Err(StudyError::at(format!("{at}.prior"), what));
    if !(prior[0] > 0.0 && prior[1] > prior[0]) {
        return refuse("is no range; write a lower end above zero and an upper end above it");
    }
    if fraction && prior[1] >= 1.0 {
        return refuse("reaches 1, and this is a fraction; let both ends lie between 0 and 1");
    }
    let to = |v: f64| if fraction { math::ln(v / (1.0 - v)) } else { math::ln(v) };
    let (low, high) = (to(prior[0]), to(prior[1]));
    let spread = (high - low) / (2.0 * HALF_OF_95);
    let centre = 0.5 * (low + high);
    let written = part.prior[0].0.trim();
    let text = format!("{written} to {}", part.prior[1].0);
    let unit = written.split_once(' ').map_or("", |(_, unit)| unit.trim());
    let one = Quantity::parse_as(&format!("1 {unit}"), dimension);
    let unit = one.map_or((base_unit(dimension), 1.0), |one| (unit.to_string(), one));
    Ok((
        Fitted { name: name.to_string(), dimension, unit, prior, text },
        Unknown { name: name.to_string(), centre, spread, fraction },
    ))
}
