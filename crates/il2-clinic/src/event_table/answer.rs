//! The results of the subjects of an event table.

use crate::beyond::Beyond;
use crate::event_table::exposure::Exposure;
use crate::event_table::extremes::Extreme;
use crate::event_table::measured::Compared;
use il2_output::table::Table;

/// The results of a plain model, or of whole patients.
pub enum Answer {
    /// Curves are concentrations over the table's time.
    Plain(Results<Vec<(f64, f64)>>),
    /// Curves contain every observable of a patient.
    Patient(Results<PatientCurve>),
}

/// The results of subjects, of which the first are drawn as curves.
pub struct Results<C> {
    /// One row for each record.
    pub records: Table,
    /// Exposure of each subject.
    pub exposures: Vec<Exposure>,
    /// Subjects that were not solved.
    pub failed: usize,
    /// Largest relative error of any mass balance.
    pub worst: f64,
    /// Comparison of measured with simulated values, if the table has measurements.
    pub compared: Compared,
    /// Highest and lowest values of the first subjects.
    pub extremes: Vec<Extreme>,
    /// Curves of the first subjects.
    pub curves: Vec<C>,
    /// Patients outside the range in which the model was fitted or patients were followed.
    pub beyond: Beyond,
}

/// A patient at the records and between them.
pub struct PatientCurve {
    /// Every observable over the table's time.
    pub points: Vec<(f64, Vec<f64>)>,
    /// Highest and lowest value of each quantity shown.
    pub turns: Vec<[(f64, f64); 2]>,
}
