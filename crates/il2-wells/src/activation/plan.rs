//! Wells of activated cells, planned.

use il2::culture::{Prepared, tkach2014};
use il2_answer::labels::named;
use il2_engine::program::shared::shared;
use il2_engine::{Dimension, Event, Lane, Network, Program};
use il2_study::choose::{self, at_most};
use il2_study::study::Study;
use il2_study::study::cultures::ActivationPart;
use il2_study::study::text::{Grid, QuantityText};
use il2_study::values::{self, Spacing, quantity, unknown};
use il2_study::{Library, StudyError};
use std::sync::Arc;

/// The assay as the study writes it.
pub type Request<'a> = &'a ActivationPart;

const CELLS: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };
const MOLECULES: Dimension = Dimension { molecule: 1, ..Dimension::DIMENSIONLESS };
/// Simulated cells, each of which represents many: as in the methods of Tkach et al. 2014.
const SIMULATED: usize = 20;
/// Most wells.
const MOST_WELLS: usize = 2_500;

/// Planned wells.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Name of the model.
    pub model: String,
    /// Cells in a well.
    pub cells: Vec<f64>,
    /// Antigen in a well (molecules).
    pub antigen: Vec<f64>,
    /// Volume of a well (L).
    pub volume: f64,
    /// When wells are read (min).
    pub times: Vec<f64>,
    /// Cells and antigen of a second clone in each well, if there is one.
    pub second: Option<(f64, f64)>,
    /// Names of numbers of the model that the study switches, with their values.
    pub switched: Vec<(&'static str, f64)>,
    /// The network of a well.
    pub network: Arc<Network>,
    /// The same, ready to run.
    pub program: Arc<Program>,
    /// When cells meet antigen.
    pub events: Vec<Event>,
}

impl Plan {
    /// Simulations that it will run: beside a well of two clones, each of them alone.
    pub fn lanes(&self) -> usize {
        let a_well = if self.second.is_some() { 3 } else { 1 };
        a_well * self.cells.len() * self.antigen.len()
    }

    /// Names of its tables, and of its figures, without their endings.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &["", "most", "slopes"]), named(&self.name, &["", "most"]))
    }

    /// Nothing of a cell by itself is prepared.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// Cells and antigen of every well, antigen within cells.
    pub fn wells(&self) -> impl Iterator<Item = (f64, f64)> {
        self.cells.iter().flat_map(|n| self.antigen.iter().map(move |antigen| (*n, *antigen)))
    }

    /// The simulation of a well with cells and antigen of each clone, read at these times.
    pub fn lane(&self, first: (f64, f64), second: (f64, f64), times: &[f64]) -> Lane {
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
        let given: Vec<_> = well.iter().chain(&self.switched).map(number).collect();
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
    let Some(entry) = library.get(model) else {
        let known = library.keys().map(String::as_str);
        return Err(unknown(&format!("{at}.model"), "model", model, known, "the library"));
    };
    let volume = quantity(&format!("{at}.volume"), &asked.volume, Dimension::VOLUME)?;
    if volume == 0.0 {
        let message = "is zero; give the volume of the well, for example \"0.2 mL\"";
        return Err(StudyError::at(format!("{at}.volume"), message));
    }
    let above_zero = |key: &str, grid: &Grid, dimension: Dimension| {
        let number = |at: &str, text: &QuantityText| quantity(at, text, dimension);
        let at = format!("{at}.{key}");
        let all = values::grid(&at, grid, Spacing::Logarithmic, number)?;
        match all[0] > 0.0 {
            true => Ok(all),
            false => Err(StudyError::at(at, "begins at zero; write numbers above zero")),
        }
    };
    let cells = above_zero("cells", &asked.cells, CELLS)?;
    let antigen = above_zero("antigen", &asked.antigen, MOLECULES)?;
    let times = values::grid(&format!("{at}.times"), &asked.times, Spacing::Even, choose::time)?;
    let second = asked.second.as_ref().map(|clone| {
        let at = |key: &str| format!("{at}.second.{key}");
        let cells = quantity(&at("cells"), &clone.cells, CELLS)?;
        if cells == 0.0 {
            let message = "is zero; write the cells of the second clone, or leave second out";
            return Err(StudyError::at(at("cells"), message));
        }
        Ok((cells, quantity(&at("antigen"), &clone.antigen, MOLECULES)?))
    });
    let second = second.transpose()?;
    let wells = cells.len() * antigen.len();
    at_most(at, "wells", wells, MOST_WELLS)?;
    at_most(at, "rows", wells * times.len(), choose::MOST_ROWS)?;
    let made = tkach2014::network(&entry.parameters, SIMULATED, 1 + usize::from(second.is_some()));
    let (network, events) = made.map_err(|missing| StudyError::at(at, missing.to_string()))?;
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
        switched: switched.collect(),
        program: shared(&network),
        network: Arc::new(network),
        events,
    })
}
