//! What the doses of an event table go into.

use crate::patients::Patients;
use il2::patient::compartments::{Named, Structure};
use il2::patient::individual;
use il2_engine::Dimension;
use indexmap::IndexMap;

/// What the doses go into.
#[derive(Clone, Debug)]
pub enum Model {
    /// Compartments and nothing else.
    Plain(Plain),
    /// The whole patient.
    Patient(Patient),
}

/// The model, and the numbers of it that the study gives.
#[derive(Clone, Debug)]
pub struct Plain {
    /// Compartments.
    pub structure: Structure,
    /// Base units.
    pub given: IndexMap<&'static str, f64>,
    /// What amounts are counted in.
    pub amount: Dimension,
}

/// Who is treated, and what the figure shows of them.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The usual patient; the table says what he weighs.
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

    /// Numbers of it that columns may give.
    pub fn numbers(&self) -> &'static [Named] {
        match self {
            Model::Plain(plain) => plain.structure.parameters(),
            Model::Patient(_) => &individual::COVARIATES,
        }
    }
}
