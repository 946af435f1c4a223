//! The kinds of assays: what each is put together from, and what runs it.

use crate::answer::AssayResult;
use crate::{
    affinity_sweep, dose_response, event_table, fit, receptor_sweep, regimen, time_course,
};
use il2::culture::{Prepared, Setup};
use il2_study::study::file::AssayPart;
use il2_study::{Study, StudyError};

/// An assay whose every lane is known to be possible.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // a study has a handful
pub enum Plan {
    /// Dose-response.
    DoseResponse(dose_response::Plan),
    /// Time course and washout.
    TimeCourse(time_course::Plan),
    /// Receptor-number sweep.
    ReceptorSweep(receptor_sweep::Plan),
    /// Affinity sweep.
    AffinitySweep(affinity_sweep::Plan),
    /// Plain pharmacokinetics, or patients, under an event table.
    EventTable(event_table::Plan),
    /// Patients under regimens.
    Regimen(regimen::Plan),
    /// Numbers of a model from measurements.
    Fit(fit::plan::Plan),
}

/// Puts an assay together without running it.
pub fn plan(study: &Study, name: &str) -> Result<Plan, StudyError> {
    let at = format!("assay.{name}");
    match &study.assays[name] {
        AssayPart::DoseResponse(p) => {
            dose_response::plan(study, &at, name, p).map(Plan::DoseResponse)
        }
        AssayPart::TimeCourse(p) => {
            time_course::plan(study, &at, name, &time_course::Request::of(p)).map(Plan::TimeCourse)
        }
        AssayPart::Washout(p) => {
            time_course::plan(study, &at, name, &time_course::Request::of_washout(p))
                .map(Plan::TimeCourse)
        }
        AssayPart::ReceptorSweep(p) => {
            receptor_sweep::plan(study, &at, name, p).map(Plan::ReceptorSweep)
        }
        AssayPart::AffinitySweep(p) => {
            affinity_sweep::plan(study, &at, name, p).map(Plan::AffinitySweep)
        }
        AssayPart::EventTable(p) => event_table::plan(study, &at, name, p).map(Plan::EventTable),
        AssayPart::Regimen(p) => regimen::plan(study, &at, name, p).map(Plan::Regimen),
        AssayPart::Fit(p) => fit::build::plan(study, &at, name, p).map(Plan::Fit),
    }
}

impl Plan {
    /// What the assay prepared of cells and ligands, of a sweep what stands at its ends: for the list of
    /// inputs, `il2 check` and the report.
    pub fn prepared(&self) -> Vec<&Prepared> {
        match self {
            Plan::DoseResponse(p) => p.pairs.iter().map(|p| &p.prepared).collect(),
            Plan::TimeCourse(p) => p.prepared(),
            Plan::ReceptorSweep(p) => p.pairs.iter().flat_map(|pair| &pair.ends).collect(),
            Plan::AffinitySweep(p) => p.ends.iter().flatten().collect(),
            Plan::Fit(p) => p.prepared.iter().collect(),
            Plan::EventTable(_) | Plan::Regimen(_) => vec![],
        }
    }

    /// The setups behind [`Plan::prepared`].
    pub fn setups(&self) -> Vec<&Setup> {
        self.prepared().into_iter().map(|prepared| &prepared.setup).collect()
    }

    /// Name of the assay.
    pub fn name(&self) -> &str {
        match self {
            Plan::DoseResponse(p) => &p.name,
            Plan::TimeCourse(p) => &p.name,
            Plan::ReceptorSweep(p) => &p.name,
            Plan::AffinitySweep(p) => &p.name,
            Plan::EventTable(p) => &p.name,
            Plan::Regimen(p) => &p.name,
            Plan::Fit(p) => &p.name,
        }
    }

    /// Lanes that it will run; of a fit its searches, profiles and draws.
    pub fn lanes(&self) -> usize {
        match self {
            Plan::DoseResponse(p) => p.lanes(),
            Plan::TimeCourse(p) => p.conditions.len(),
            Plan::ReceptorSweep(p) => p.lanes(),
            Plan::AffinitySweep(p) => p.lanes(),
            Plan::EventTable(p) => p.table.subjects.len(),
            Plan::Regimen(p) => p.lanes(),
            Plan::Fit(p) => p.steps(),
        }
    }

    /// Runs it without a word of what was doubtful before ([`Plan::run`]).
    pub(crate) fn answer(&self, study: &Study, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
        match self {
            Plan::DoseResponse(p) => {
                dose_response::show(study, p, &dose_response::run(study, p, progress))
            }
            Plan::TimeCourse(p) => time_course::run(study, p, progress),
            Plan::ReceptorSweep(p) => {
                receptor_sweep::show(study, p, &receptor_sweep::run(study, p, progress))
            }
            Plan::AffinitySweep(p) => {
                affinity_sweep::show(study, p, &affinity_sweep::run(study, p, progress))
            }
            Plan::EventTable(p) => event_table::run(study, p, progress),
            Plan::Regimen(p) => regimen::run(study, p, progress),
            Plan::Fit(p) => {
                let told = |step| match step {
                    fit::run::Progress::Done(n) => progress(n),
                    fit::run::Progress::Begins(..) => {}
                };
                fit::run::run(p, &il2_output::folder::Pieces::nothing(), &told)
            }
        }
    }
}
