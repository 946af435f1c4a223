//! The kinds of assays, each with its own module and one line in the table below.

use crate::{design, fit, sbml, sensitivity};
use il2::culture::{Prepared, Setup};
use il2_answer::answer::AssayResult;
use il2_clinic::{event_table, noncompartmental, population_fit, regimen, trial, tumour_model};
use il2_study::study::file::AssayPart;
use il2_study::{Study, StudyError};
use il2_wells::{activation, affinity_sweep, culture, dose_response, receptor_sweep, time_course};

/// Generates the types `Plan` and `Answer` and the functions that connect them from one line for
/// each kind of assay. A module provides `Plan` (with `name`, `lanes`, `prepared` and `names`),
/// `Answer`, and the functions `plan`, `run` and `show`.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $room:ident of $($part:ident)|+;)+) => {
        /// A planned assay: all its simulations are known to be possible.
        #[derive(Clone, Debug)]
        #[allow(clippy::large_enum_variant)] // a study has few of them
        pub enum Plan { $($(#[$doc])* $kind($room::Plan)),+ }

        /// The result of an assay, before it is shown.
        #[allow(clippy::large_enum_variant)]
        pub enum Answer { $($(#[$doc])* $kind($room::Answer)),+ }

        /// Plans an assay of a study without running it.
        pub fn plan(study: &Study, name: &str) -> Result<Plan, StudyError> {
            let at = format!("assay.{name}");
            match &study.assays[name] {
                $($(AssayPart::$part(part) => {
                    $room::plan(study, &at, name, part.into()).map(Plan::$kind)
                })+)+
            }
        }

        impl Plan {
            /// Name of the assay.
            pub fn name(&self) -> &str {
                match self { $(Plan::$kind(plan) => &plan.name),+ }
            }

            /// Number of simulations that the assay will run; for a fit, the number of searches,
            /// profiles and draws.
            pub fn lanes(&self) -> usize {
                match self { $(Plan::$kind(plan) => plan.lanes()),+ }
            }

            /// The prepared cells and ligands (for a sweep, the setups at its ends), for the list
            /// of inputs, `il2 check` and the report.
            pub fn prepared(&self) -> Vec<&Prepared> {
                match self { $(Plan::$kind(plan) => plan.prepared()),+ }
            }

            /// File names of its tables and figures, without extensions.
            pub fn names(&self) -> (Vec<String>, Vec<String>) {
                match self { $(Plan::$kind(plan) => plan.names()),+ }
            }

            /// Runs the assay. `progress` is called with the number of finished simulations, from
            /// any thread.
            pub fn answer(&self, study: &Study, progress: &(dyn Fn(usize) + Sync)) -> Answer {
                match self { $(Plan::$kind(plan) => Answer::$kind($room::run(study, plan, progress))),+ }
            }

            /// Tables, figures, text and sentences of an answer of this plan.
            ///
            /// # Panics
            /// If the answer belongs to another kind of assay.
            pub fn show(&self, study: &Study, answer: Answer) -> AssayResult {
                match (self, answer) {
                    $((Plan::$kind(plan), Answer::$kind(answer)) => $room::show(study, plan, answer),)+
                    _ => panic!("the answer of another kind of assay"),
                }
            }
        }
    };
}

kinds! {
    /// Each ligand alone on each cell over a range of doses.
    DoseResponse = dose_response of DoseResponse;
    /// Every species and observable over time, with a wash or without.
    TimeCourse = time_course of TimeCourse | Washout;
    /// Several kinds of cells in one well.
    Culture = culture of Culture;
    /// Cells that encounter antigen, secrete and share a well: a published model.
    Activation = activation of Activation;
    /// EC50 as the number of one chain changes.
    ReceptorSweep = receptor_sweep of ReceptorSweep;
    /// EC50 over a grid of two affinities.
    AffinitySweep = affinity_sweep of AffinitySweep;
    /// Plain pharmacokinetics, or patients, with an event table.
    EventTable = event_table of EventTable;
    /// Noncompartmental analysis of measured levels.
    Noncompartmental = noncompartmental of Noncompartmental;
    /// A model with variability between subjects, fitted to an event table.
    PopulationFit = population_fit of PopulationFit;
    /// Patients under regimens.
    Regimen = regimen of Regimen;
    /// Arms of patients with a tumour.
    Trial = trial of Trial;
    /// A published model of a tumour and the cells that attack it.
    TumourModel = tumour_model of TumourModel;
    /// Estimation of a model's numbers from measurements.
    Fit = fit of Fit;
    /// On which numbers a result depends most.
    Sensitivity = sensitivity of Sensitivity;
    /// A search for numbers of a molecule that meet the objectives.
    Design = design of Design;
    /// A published model in SBML.
    Sbml = sbml of Sbml;
}

impl Plan {
    /// The setups behind [`Plan::prepared`].
    pub fn setups(&self) -> Vec<&Setup> {
        self.prepared().into_iter().map(|prepared| &prepared.setup).collect()
    }
}
