//! The networks behind the rows of a fit: which parameter of each follows which fitted number.

use super::data::Row;
use super::experiment::System;
use super::plan::Plan;
use crate::assay::model_error;
use crate::assay::patients::{Made, USUAL_KINETICS, kinetics_of};
use crate::assay::regimen::arm::arm;
use crate::error::StudyError;
use crate::study::Study;
use crate::study::fitting::{FittedPart, MeasuredPart};
use il2::patient::cohort::Draws;
use il2::quantity::{closest, shown};
use il2_engine::Dimension;
use il2_engine::network::{Network, ParameterId, ParameterValue, SpeciesId};
use indexmap::IndexMap;

/// A network under way: what it is of, and its lanes by dose.
pub struct Making {
    /// Table, ligand or regimen, cell.
    pub key: (usize, String, String),
    /// The network with what is fitted in it.
    pub system: System,
    /// Where the dose of a well stands.
    pub medium: Option<SpeciesId>,
    /// Doses of a regimen.
    pub events: Vec<il2_engine::Event>,
    /// What may be read off, and what it measures.
    pub dimensions: IndexMap<String, Dimension>,
}

/// What is fitted, and the place of the table for which a network is made.
pub struct Fitting<'a> {
    /// Key path of the table's part.
    pub at: &'a str,
    /// What is fitted.
    pub parts: &'a IndexMap<String, FittedPart>,
}

/// The network behind rows of one ligand and cell, or of one regimen.
pub fn network(
    study: &Study,
    fitting: &Fitting,
    part: &MeasuredPart,
    key: (usize, String, String),
    dimensions: &mut [Option<Dimension>],
    plan: &mut Plan,
) -> Result<Making, StudyError> {
    let at = fitting.at;
    let (mut network, medium, events, factors);
    if part.of == "wells" {
        let entry = study.model(at, part.model.as_deref())?;
        let cell = study.cells.get(&key.2);
        let setup = study.setup(&entry.model, vec![study.ligands[&key.1].clone()], cell);
        let made = setup.network().map_err(|e| model_error(at, &setup, e))?;
        let given = setup.overrides(&made).map_err(|e| model_error(at, &setup, e))?;
        medium = made.medium.iter().find(|(label, _)| *label == key.1).map(|(_, s)| *s);
        network = made.network;
        for (id, value) in given {
            network.parameters[id.0].value = ParameterValue::Given(value);
        }
        factors = vec![1.0; network.parameters.len()];
        events = vec![];
        plan.setups.push(setup);
    } else {
        let place = format!("{at}.table");
        let named = format!("{at}.pharmacokinetics");
        let set = part.pharmacokinetics.as_deref().unwrap_or(USUAL_KINETICS);
        kinetics_of(&named, set)?;
        let made = Made {
            kinetics: (&named, set),
            draws: Draws::Typical,
            uncertain: false,
            numbers: None,
        };
        let arm = arm(study, &place, &key.1, &made)?;
        let person = arm.patients.cohort.typical();
        events = arm.patients.cohort.lane(&person, &arm.regimen, None, &[]).events;
        network = arm.patients.cohort.body.network.clone();
        for (parameter, &value) in network.parameters.iter_mut().zip(&person.values) {
            parameter.value = ParameterValue::Given(value);
        }
        let ratio = |(own, usual): (&f64, &f64)| if *usual == 0.0 { 1.0 } else { own / usual };
        factors = person.values.iter().zip(arm.patients.cohort.usual()).map(ratio).collect();
        medium = None;
        plan.arms.push(arm);
    }
    let mut fitted: Vec<(ParameterId, usize, f64)> = vec![];
    for (i, (name, part)) in fitting.parts.iter().enumerate() {
        let place = fitting.at.split(".measured.").next().unwrap_or("");
        let place = format!("{place}.parameters.{name}");
        for cell in part.cells.iter().flatten() {
            study.cell(&format!("{place}.cells"), cell)?;
        }
        if part.cells.as_ref().is_some_and(|cells| !cells.contains(&key.2)) {
            continue;
        }
        for set in sets(name, part) {
            let Some(id) = network.parameter_named(set) else { continue };
            let last = set.rsplit('.').next().unwrap_or(set);
            if il2::receptor::gamma_chain::CLOSING.contains(&last) {
                let message = format!(
                    "{set} closes a cycle of bonds and follows from the others by detailed balance; fit \
                     another dissociation constant"
                );
                return Err(StudyError::at(place, message));
            }
            if fitted.iter().any(|f| f.0 == id) {
                let message = format!("{set} is set by two fitted parameters; let one of them go");
                return Err(StudyError::at(place, message));
            }
            let dimension = network.parameters[id.0].dimension;
            if dimensions[i].is_some_and(|d| d != dimension) {
                let message = format!("{set} measures something else than what stands beside it");
                return Err(StudyError::at(format!("{place}.sets"), message));
            }
            dimensions[i] = Some(dimension);
            fitted.push((id, i, factors[id.0]));
        }
    }
    let dimensions = readable(&network);
    Ok(Making { key, system: System::new(network, &fitted), medium, events, dimensions })
}

/// Names of the numbers that a fitted one stands for.
pub fn sets<'a>(name: &'a str, part: &'a FittedPart) -> Vec<&'a str> {
    part.sets.as_ref().map_or(vec![name], |all| all.iter().map(String::as_str).collect())
}

fn readable(network: &Network) -> IndexMap<String, Dimension> {
    let species = network.species.iter().map(|s| (s.name.clone(), s.dimension));
    let observables = network.observables.iter().map(|o| (o.name.clone(), o.dimension));
    species.chain(observables).collect()
}

/// Why a fitted number stands for nothing.
pub fn nowhere(name: &str, part: &FittedPart, making: &[Making]) -> String {
    let wanted = sets(name, part);
    let known: Vec<&str> = making.iter().flat_map(|m| m.system.parameters()).collect();
    let near = wanted.iter().find_map(|w| closest(w, known.iter().copied()));
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("they have {}, ...", known[..known.len().min(8)].join(", ")),
    };
    let names = wanted.iter().map(|w| shown(w)).collect::<Vec<_>>().join(", ");
    format!("no model of the measured tables has a number {names} (key sets); {hint}")
}

/// Place of the network of a row.
pub fn position(making: &[Making], table: usize, row: &Row) -> usize {
    let same = |m: &Making| m.key.0 == table && m.key.1 == row.given && m.key.2 == row.cell;
    making.iter().position(same).expect("a network for every row")
}
