//! Plans a model in SBML: reads it and turns it into a network of the engine.

use il2::culture::Prepared;
use il2_answer::labels::named;
use il2_sbml::evaluate::Start;
use il2_sbml::network::lower::local_name;
use il2_sbml::simulate::Dose;
use il2_sbml::{Model, Run, SbmlError, SbmlNetwork};
use il2_study::StudyError;
use il2_study::choose::{at_most, fewer};
use il2_study::study::Study;
use il2_study::study::sbml::SbmlPart;
use il2_study::values::unknown;
use il2_study::whole::checked;
use std::sync::Arc;

/// Default number of outputs.
const POINTS: u32 = 101;
/// Largest number of ids that a table shows.
const MOST_SHOWN: usize = 500;
/// Largest number of numbers in a table.
const MOST_NUMBERS: usize = 5_000_000;
/// Largest number of doses of a run.
const MOST_DOSES: usize = 10_000;

/// A planned model.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Path of the model's file, as the study names it.
    pub path: String,
    /// The model as written in its file.
    pub model: Arc<Model>,
    /// The model converted to a network.
    pub network: Arc<SbmlNetwork>,
    /// Settings of the requested run.
    pub run: Run,
    /// Ids that are shown.
    pub shown: Vec<String>,
}

impl Plan {
    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        1
    }

    /// Always empty: no cells or ligands of the library are used.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &["", "events", "audit"]), named(&self.name, &[""]))
    }
}

/// Plans the assay.
pub fn plan(study: &Study, at: &str, name: &str, part: &SbmlPart) -> Result<Plan, StudyError> {
    let text = study.tables.text(&part.model).map_err(|e| e.named_at(format!("{at}.model")))?;
    let path = study.tables.path(&part.model);
    let wrong = |e: SbmlError| StudyError::of_file(&path, e.to_string());
    let mut model = il2_sbml::read(&text).map_err(wrong)?;
    give(&mut model, part);
    let network = il2_sbml::network(&model).map_err(wrong)?;
    let ids = || network.symbols.keys().map(String::as_str);
    let shown = match &part.show {
        None => usual(&model, &network),
        Some(all) => {
            for (k, id) in all.iter().enumerate() {
                if !network.symbols.contains_key(id) {
                    return Err(unknown(&format!("{at}.show[{k}]"), "id", id, ids(), "the model"));
                }
            }
            all.clone()
        }
    };
    if shown.is_empty() {
        let (key, message) = match &part.show {
            Some(_) => ("show", "is empty; list ids of the model, or leave out show"),
            None => (
                "model",
                "has no element with a value to show; give the file of a model that has species, \
                      compartments, parameters or reactions",
            ),
        };
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    at_most(&format!("{at}.show"), "ids", shown.len(), MOST_SHOWN)?;
    let points = checked(&format!("{at}.points"), part.points.unwrap_or(POINTS))?;
    fewer(
        at,
        ("numbers of the table", points * network.symbols.len()),
        MOST_NUMBERS,
        "points or ids",
    )?;
    at_most(&format!("{at}.doses"), "doses", part.doses.len(), MOST_DOSES)?;
    if !(part.end > 0.0 && part.end.is_finite()) {
        let message = format!("{} is not allowed; use a number above 0", part.end);
        return Err(StudyError::at(format!("{at}.end"), message));
    }
    let settable = || {
        let places = network.symbols.iter().filter(|(_, s)| s.place.is_some());
        let own = network.network.parameters.iter().map(|p| p.name.as_str());
        places.map(|(id, _)| id.as_str()).chain(own.filter(|name| name.contains('.')))
    };
    for (id, value) in &part.set {
        let at = format!("{at}.set.{id}");
        if !settable().any(|known| known == id) {
            return Err(unknown(&at, "id", id, settable(), "the list of ids that can be set"));
        }
        if !value.is_finite() {
            return Err(StudyError::at(at, format!("{value} is not allowed; use a finite number")));
        }
    }
    let mut doses = vec![];
    for (k, dose) in part.doses.iter().enumerate() {
        let at = format!("{at}.doses[{k}]");
        let place = network.symbols.get(&dose.to).and_then(|s| s.place.as_ref());
        if place.is_none() {
            let known = settable().filter(|id| !id.contains('.'));
            return Err(unknown(&format!("{at}.to"), "id", &dose.to, known, "the model"));
        }
        if !(dose.time >= 0.0 && dose.time <= part.end) {
            let message = format!(
                "{} is not allowed; use a time from 0 to {}, the end time",
                dose.time, part.end
            );
            return Err(StudyError::at(format!("{at}.time"), message));
        }
        if !dose.amount.is_finite() {
            let message = format!("{} is not allowed; use a finite number", dose.amount);
            return Err(StudyError::at(format!("{at}.amount"), message));
        }
        doses.push(Dose { time: dose.time, to: dose.to.clone(), amount: dose.amount });
    }
    let time = |k: usize| part.end * k as f64 / (points - 1) as f64;
    let run = Run {
        times: (0..points).map(time).collect(),
        changes: part.set.iter().map(|(id, value)| (id.clone(), *value)).collect(),
        doses,
        tolerance: study.fine_tolerance,
    };
    // Start values that cannot be computed are errors of the file, not of a simulation.
    let mut start = Start::new(&model, &run.changes);
    for (id, _) in network.symbols.iter().filter(|(_, symbol)| symbol.place.is_some()) {
        start.value(id).map_err(wrong)?;
    }
    Ok(Plan {
        name: name.to_string(),
        path: part.model.clone(),
        model: Arc::new(model),
        network: Arc::new(network),
        run,
        shown,
    })
}

/// Values of the study for parameters to which the file gives none: without a value, no formula could
/// read them.
fn give(model: &mut Model, part: &SbmlPart) {
    let value = |id: &str| part.set.get(id).copied().filter(|value| value.is_finite());
    for p in model.parameters.iter_mut().filter(|p| p.value.is_none()) {
        p.value = value(&p.id);
    }
    for reaction in &mut model.reactions {
        for p in reaction.local.iter_mut().filter(|p| p.value.is_none()) {
            p.value = value(&local_name(&reaction.id, &p.id));
        }
    }
}

/// All species and all quantities that rules set; in a model without them, everything that has a
/// value.
fn usual(model: &Model, network: &SbmlNetwork) -> Vec<String> {
    let species = model.species.iter().map(|s| &s.id);
    let rules = model.rate_rules.iter().chain(&model.assignment_rules).map(|r| &r.target);
    let mut all: Vec<String> = vec![];
    for id in species.chain(rules) {
        if network.symbols.contains_key(id) && !all.contains(id) {
            all.push(id.clone());
        }
    }
    if all.is_empty() {
        all.extend(network.symbols.keys().cloned());
    }
    all.truncate(MOST_SHOWN);
    all
}
