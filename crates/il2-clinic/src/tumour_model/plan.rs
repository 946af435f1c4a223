//! The plan of a published tumour model.

use il2::culture::Prepared;
use il2::parameter::{Parameter, Parameters, in_place_of};
use il2::quantity::DAY;
use il2::tumour::classic::{Classic, equations};
use il2_answer::labels::named;
use il2_engine::program::shared::shared;
use il2_engine::{Dimension, Lane, Network, ParameterId, Program};
use il2_study::choose::{self, at_most, fewer};
use il2_study::study::Study;
use il2_study::study::text::QuantityText;
use il2_study::study::trial::TumourModelPart;
use il2_study::values::{self, Spacing, unknown};
use il2_study::{Library, StudyError};
use std::sync::Arc;

/// Largest number of values of the number that is varied.
const MOST_VALUES: usize = 200;

/// A planned model.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// The model.
    pub model: Classic,
    /// Numbers that the study sets.
    pub set: Parameters,
    /// The number that is varied.
    pub swept: Option<Swept>,
    /// Output times (min).
    pub times: Vec<f64>,
    /// Reaction network of the model, with the numbers of the study.
    pub network: Arc<Network>,
    /// The network compiled for integration.
    pub program: Arc<Program>,
    /// Values of all numbers except the one that is varied.
    pub parameters: Vec<f64>,
}

/// The number that is varied.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Its name.
    pub name: String,
    /// Its parameter in the network.
    pub id: ParameterId,
    /// Ending of its column, its unit in text, and the factor from base units to that unit: papers
    /// count in days.
    pub unit: (&'static str, &'static str, f64),
    /// Its values in base units.
    pub values: Vec<f64>,
}

impl Plan {
    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        self.swept.as_ref().map_or(1, |swept| swept.values.len())
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let tables = named(&self.name, &["", "peaks", "steady", "bifurcations"]);
        let figures: &[&str] = if self.swept.is_some() { &["", "steady"] } else { &[""] };
        (tables, named(&self.name, figures))
    }

    /// Always empty: no cell network is needed.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// The values of all numbers in the simulation with this index, and the value of the number
    /// that is varied.
    pub fn numbers(&self, place: usize) -> (Vec<f64>, Option<f64>) {
        let mut all = self.parameters.clone();
        let value = self.swept.as_ref().map(|swept| swept.values[place]);
        if let (Some(swept), Some(value)) = (&self.swept, value) {
            all[swept.id.0] = value;
        }
        (all, value)
    }

    /// The simulation with this index, with outputs at these times.
    pub fn lane(&self, place: usize, times: &[f64]) -> Lane {
        let (parameters, _) = self.numbers(place);
        Lane {
            initial: self.network.initial_state(&parameters),
            parameters,
            times: times.to_vec(),
            ..Lane::default()
        }
    }
}

/// Plans the assay.
pub fn plan(_: &Study, at: &str, name: &str, asked: &TumourModelPart) -> Result<Plan, StudyError> {
    let library = &Library::builtin().tumour_models;
    let wanted = asked.model.as_deref().unwrap_or(Classic::KirschnerPanetta1998.name());
    let Some((model, entry)) = Classic::named(wanted).zip(library.get(wanted)) else {
        let known = library.keys().map(String::as_str);
        return Err(unknown(&format!("{at}.model"), "model", wanted, known, "the library"));
    };
    let missing =
        |missing: il2::parameter::MissingParameter| StudyError::at(at, missing.to_string());
    let network = equations::network(model, &entry.parameters).map_err(missing)?;
    let number = |at: &str, name: &str, text: &QuantityText| {
        let known = network.parameters.iter().map(|p| p.name.as_str());
        let id = network.parameter_named(name);
        let id = id.ok_or_else(|| unknown(at, "parameter", name, known, "the model"))?;
        let of = &network.parameters[id.0];
        let usual = entry.parameters.get(name);
        let written = usual.map(Parameter::with_unit);
        let usual = usual.map(|usual| usual.value);
        let read = in_place_of(usual, written.as_deref(), &text.0, of.dimension, of.limits);
        let value = read.map_err(|e| StudyError::at(at, e.0))?;
        Ok((id, value, of.dimension))
    };
    let mut set = Parameters::new();
    let mut given = vec![];
    for (name, text) in &asked.parameters {
        let (id, value, dimension) = number(&format!("{at}.parameters.{name}"), name, text)?;
        given.push((id, value));
        set.insert(name.clone(), Parameter::from_study(value, dimension, text.0.clone()));
    }
    let swept = match &asked.sweep {
        None => None,
        Some(sweep) => {
            let at = format!("{at}.sweep");
            let known = network.parameters.iter().map(|p| p.name.as_str());
            let id = network.parameter_named(&sweep.number).ok_or_else(|| {
                unknown(&format!("{at}.number"), "parameter", &sweep.number, known, "the model")
            })?;
            if set.contains_key(&sweep.number) {
                let message = format!(
                    "{} is also set in `parameters`; leave one of the two out",
                    sweep.number
                );
                return Err(StudyError::at(format!("{at}.number"), message));
            }
            let read = |at: &str, text: &QuantityText| Ok(number(at, &sweep.number, text)?.1);
            let at = format!("{at}.values");
            let values = values::grid(&at, &sweep.values, Spacing::Logarithmic, read)?;
            at_most(&at, "values", values.len(), MOST_VALUES)?;
            let unit = in_days(network.parameters[id.0].dimension);
            Some(Swept { name: sweep.number.clone(), id, unit, values })
        }
    };
    let times = values::grid(&format!("{at}.times"), &asked.times, Spacing::Even, choose::time)?;
    let lanes = swept.as_ref().map_or(1, |swept| swept.values.len());
    fewer(at, ("rows", lanes * times.len()), choose::MOST_ROWS, "values or times")?;
    Ok(Plan {
        name: name.to_string(),
        model,
        set,
        swept,
        times,
        parameters: network.parameter_values(&given),
        program: shared(&network),
        network: Arc::new(network),
    })
}

/// Ending of a column, unit and factor of a number of these models.
fn in_days(of: Dimension) -> (&'static str, &'static str, f64) {
    match of.time {
        -1 => ("_per_d", " /d", DAY),
        -2 => ("_per_d2", " /d/d", DAY * DAY),
        _ => ("", "", 1.0),
    }
}
