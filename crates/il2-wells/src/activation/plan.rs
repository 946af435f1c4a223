//! The plan of wells of activated cells.

use crate::culture::kind::count;
use il2::culture::{Prepared, tkach2014};
use il2::parameter::{Parameter, Parameters};
use il2_answer::labels::named;
use il2_engine::program::shared::shared;
use il2_engine::{Dimension, Event, Lane, Network, Program};
use il2_study::choose::{self, fewer};
use il2_study::study::Study;
use il2_study::study::cultures::{ActivationPart, TregPart};
use il2_study::study::text::{Grid, QuantityText};
use il2_study::values::{self, Spacing, quantity, unknown};
use il2_study::{Library, StudyError};
use std::sync::Arc;

/// Keys of the assay as the study writes it.
pub type Request<'a> = &'a ActivationPart;

const MOLECULES: Dimension = Dimension { molecule: 1, ..Dimension::DIMENSIONLESS };
/// Number of simulated cells, each of which represents many, as in the methods of Tkach et al.
/// 2014.
const SIMULATED: usize = 20;
/// Published models of wells of activated cells.
const MODELS: [&str; 2] = ["tkach2014", "feinerman2010"];
/// Largest number of wells of an assay.
const MOST_WELLS: usize = 2_500;

/// A planned assay of activated cells.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Name of the model.
    pub model: String,
    /// Numbers of cells per well.
    pub cells: Vec<f64>,
    /// Amounts of antigen per well (molecules).
    pub antigen: Vec<f64>,
    /// Volume of a well (L).
    pub volume: f64,
    /// Output times (min).
    pub times: Vec<f64>,
    /// Cells and antigen of a second clone in each well, if there is one.
    pub second: Option<(f64, f64)>,
    /// Treg in each well, if there are any.
    pub treg: Option<Treg>,
    /// When an antibody blocks the antigen (min), if it does.
    pub blocked: Option<f64>,
    /// Names of the model's switches that the study sets, with their values.
    pub switched: Vec<(&'static str, f64)>,
    /// The network of a well.
    pub network: Arc<Network>,
    /// The network compiled for integration.
    pub program: Arc<Program>,
    /// The event at which cells encounter antigen.
    pub events: Vec<Event>,
}

/// Treg in each well.
#[derive(Clone, Debug)]
pub struct Treg {
    /// Number of Treg.
    pub cells: f64,
    /// Numbers of Treg that the study sets, by name in the model.
    pub numbers: Parameters,
}

/// The cells of a well: two clones, each with its antigen, and Treg.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    /// Cells and antigen of each clone.
    pub clones: [(f64, f64); 2],
    /// Number of Treg.
    pub treg: f64,
}

impl Plan {
    /// Number of simulations that the assay will run: for a well with two clones, also each clone
    /// alone; for a well with Treg, also one without.
    pub fn lanes(&self) -> usize {
        let beside = 2 * usize::from(self.second.is_some()) + usize::from(self.treg.is_some());
        (1 + beside) * self.cells.len() * self.antigen.len()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let signal = self.treg.as_ref().map(|_| "signal");
        let figures: Vec<&str> = ["", "most"].into_iter().chain(signal).collect();
        (named(&self.name, &["", "most", "slopes"]), named(&self.name, &figures))
    }

    /// Always empty: no network of a single cell is needed.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// Cells and antigen of every well; antigen varies fastest.
    pub fn wells(&self) -> impl Iterator<Item = (f64, f64)> {
        self.cells.iter().flat_map(|n| self.antigen.iter().map(move |antigen| (*n, *antigen)))
    }

    /// The simulation of a well with these cells, with outputs at these times.
    pub fn lane(&self, of: Cells, times: &[f64]) -> Lane {
        let [first, second] = of.clones;
        let well = [
            ("cells", first.0),
            ("antigen", first.1),
            ("second.cells", second.0),
            ("second.antigen", second.1),
            ("volume", self.volume),
        ];
        let number = |(name, value): &(&str, f64)| {
            (self.network.parameter_named(name).expect("a number of the model"), *value)
        };
        let treg = self.treg.iter().flat_map(|treg| {
            let set = treg.numbers.iter().map(|(name, number)| (name.as_str(), number.value));
            set.chain(std::iter::once(("treg.cells", of.treg)))
        });
        let treg: Vec<(&str, f64)> = treg.collect();
        let given = well.iter().chain(&self.switched).chain(&treg);
        let given: Vec<_> = given.map(number).collect();
        let parameters = self.network.parameter_values(&given);
        Lane {
            initial: self.network.initial_state(&parameters),
            parameters,
            events: self.events.clone(),
            times: times.to_vec(),
            ..Lane::default()
        }
    }
}

/// Plans the assay.
pub fn plan(_: &Study, at: &str, name: &str, asked: Request) -> Result<Plan, StudyError> {
    let library = &Library::builtin().culture_models;
    let model = asked.model.as_deref().unwrap_or("tkach2014");
    let entry = library.get(model).filter(|_| MODELS.contains(&model));
    let Some(entry) = entry else {
        let of = "this kind of assay";
        return Err(unknown(&format!("{at}.model"), "model", model, MODELS.into_iter(), of));
    };
    let volume = quantity(&format!("{at}.volume"), &asked.volume, Dimension::VOLUME)?;
    if volume == 0.0 {
        let message = "is zero; give the volume of the well, for example \"0.2 mL\"";
        return Err(StudyError::at(format!("{at}.volume"), message));
    }
    let above_zero = |key: &str, grid: &Grid| {
        let number = |at: &str, text: &QuantityText| match key {
            "cells" => count(at, text, volume),
            _ => quantity(at, text, MOLECULES),
        };
        let at = format!("{at}.{key}");
        let all = values::grid(&at, grid, Spacing::Logarithmic, number)?;
        match all[0] > 0.0 {
            true => Ok(all),
            false => Err(StudyError::at(at, "begins at zero; give numbers above zero")),
        }
    };
    let cells = above_zero("cells", &asked.cells)?;
    let antigen = above_zero("antigen", &asked.antigen)?;
    let times = values::grid(&format!("{at}.times"), &asked.times, Spacing::Even, choose::time)?;
    let second = asked.second.as_ref().map(|clone| {
        let at = |key: &str| format!("{at}.second.{key}");
        let cells = count(&at("cells"), &clone.cells, volume)?;
        if cells == 0.0 {
            let message =
                "is zero; give the number of cells of the second clone, or leave second out";
            return Err(StudyError::at(at("cells"), message));
        }
        Ok((cells, quantity(&at("antigen"), &clone.antigen, MOLECULES)?))
    });
    let second = second.transpose()?;
    let treg = asked.treg.as_ref().map(|part| treg(&format!("{at}.treg"), model, part, volume));
    let treg = treg.transpose()?;
    let wells = cells.len() * antigen.len();
    fewer(at, ("wells", wells), MOST_WELLS, "numbers of cells or of antigen molecules")?;
    fewer(at, ("rows", wells * times.len()), choose::MOST_ROWS, "wells or times")?;
    let clones = 1 + usize::from(second.is_some());
    let blocked = blocked(at, asked, &times)?;
    let made = tkach2014::network(&entry.parameters, SIMULATED, clones, treg.is_some(), blocked);
    let (network, events) = made.map_err(|missing| StudyError::at(at, missing.to_string()))?;
    for (key, number, given) in [
        ("antigen_inhibits_signal", "antigen_inhibition", asked.antigen_inhibits_signal),
        ("secretion_accelerates", "acceleration_most", asked.secretion_accelerates),
    ] {
        let of_model = &entry.parameters[number];
        if given.is_some() && of_model.value == 0.0 {
            let message = format!(
                "switches a process that model {model} lacks; leave it out, or set model = \"tkach2014\""
            );
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
    }
    let switches = [
        ("antigen_inhibition", 0.0, asked.antigen_inhibits_signal == Some(false)),
        ("acceleration_most", 0.0, asked.secretion_accelerates == Some(false)),
        ("jak_inhibition", 1.0, asked.jak_inhibitor),
    ];
    let switched = switches.into_iter().filter(|(_, _, on)| *on).map(|(name, v, _)| (name, v));
    Ok(Plan {
        name: name.to_string(),
        model: model.to_string(),
        cells,
        antigen,
        volume,
        times,
        second,
        treg,
        blocked,
        switched: switched.collect(),
        program: shared(&network),
        network: Arc::new(network),
        events,
    })
}

/// When the antigen is blocked; refused at or after the last time, where it has no effect.
fn blocked(at: &str, asked: Request, times: &[f64]) -> Result<Option<f64>, StudyError> {
    let Some(text) = &asked.antigen_blocked_at else { return Ok(None) };
    let at = format!("{at}.antigen_blocked_at");
    let when = choose::time(&at, text)?;
    match times.last().is_some_and(|last| when < *last) {
        true => Ok(Some(when)),
        false => {
            let message = "is not before the last of the times, so it has no effect; give an \
                           earlier time, or later times";
            Err(StudyError::at(at, message))
        }
    }
}

/// Treg of a well; refused for a model that was published without Treg.
fn treg(at: &str, model: &str, part: &TregPart, volume: f64) -> Result<Treg, StudyError> {
    let of_model = &Library::builtin().culture_models[model].parameters;
    if !of_model.contains_key("treg_cd25") {
        let message = format!("model {model} has no Treg; set model = \"feinerman2010\"");
        return Err(StudyError::at(at, message));
    }
    let cells = count(&format!("{at}.cells"), &part.cells, volume)?;
    if cells == 0.0 {
        let message = "is zero; give the number of Treg in a well, or leave treg out: wells without \
                       Treg are also simulated";
        return Err(StudyError::at(format!("{at}.cells"), message));
    }
    let mut numbers = Parameters::new();
    for (key, name, text) in
        [("cd25", "treg_cd25", &part.cd25), ("cd122", "treg_cd122", &part.cd122)]
    {
        let Some(text) = text else { continue };
        let at = format!("{at}.{key}");
        let number = quantity(&at, text, Dimension::PER_CELL)?;
        if number == 0.0 {
            let message = "is zero, so Treg would take up no ligand; give a number above zero";
            return Err(StudyError::at(at, message));
        }
        let number = Parameter::from_study(number, Dimension::PER_CELL, text.0.clone());
        numbers.insert(name.into(), number);
    }
    Ok(Treg { cells, numbers })
}
