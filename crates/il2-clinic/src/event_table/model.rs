//! The models that an event table can dose.

use crate::patients::Patients;
use il2::patient::compartments::{Named, Structure};
use il2::patient::individual;
use il2_engine::Dimension;
use indexmap::IndexMap;

/// The model that is dosed.
#[derive(Clone, Debug)]
pub enum Model {
    /// A compartment model.
    Plain(Plain),
    /// The whole patient.
    Patient(Patient),
}

/// The model and those of its numbers that the study gives.
#[derive(Clone, Debug)]
pub struct Plain {
    /// Compartments.
    pub structure: Structure,
    /// Numbers that the study gives, in base units.
    pub given: IndexMap<&'static str, f64>,
    /// Dimension of amounts.
    pub amount: Dimension,
}

/// The simulated patient, and the quantities that the figure shows.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The typical patient; the table gives the weight.
    pub patients: Patients,
    /// Observables of the figure.
    pub show: Vec<String>,
}

impl Model {
    /// Compartments in the order of NONMEM's numbers.
    pub fn compartments(&self) -> &'static [&'static str] {
        match self {
            Model::Plain(plain) => plain.structure.compartments(),
            Model::Patient(_) => &individual::COMPARTMENTS,
        }
    }

    /// Numbers of the model that columns may give.
    pub fn numbers(&self) -> &'static [Named] {
        match self {
            Model::Plain(plain) => plain.structure.parameters(),
            Model::Patient(_) => &individual::COVARIATES,
        }
    }
}
