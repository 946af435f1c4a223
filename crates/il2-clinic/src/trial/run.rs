//! Runs a trial: patients enter, and are treated and followed; then the arms of each trial are
//! compared.

use crate::trial::allocation::allocate;
use crate::trial::compare::{Trial, compare};
use crate::trial::looks::{CutOff, Look, looks, when};
use crate::trial::markers::replication::{Replicated, replication};
use crate::trial::plan::{Arm, Plan};
use crate::trial::sample_size::run::{Sized, sized};
use crate::trial::subject::Subject;
use il2::tumour::course::Given;
use il2::tumour::host::Host;
use il2_engine::ensemble::{Answer as LaneAnswer, Reduced};
use il2_engine::lane::found;
use il2_engine::{Ensemble, math, shard};
use il2_study::study::Study;
use std::ops::ControlFlow;

/// The results of all trials.
pub struct Answer {
    /// Patients by `[arm][patient of all trials]`.
    pub subjects: Vec<Vec<Subject>>,
    /// For each `[arm]`, the place of the first patient of each trial, and the number of patients.
    pub starts: Vec<Vec<usize>>,
    /// Statistics by `[trial]`.
    pub trials: Vec<Trial>,
    /// Looks by `[trial][look]`, up to the look that stopped the trial.
    pub looks: Vec<Vec<Look>>,
    /// Patients that a trial needs, by `[arm - 1]`; empty if the study does not ask for it.
    pub sizes: Vec<Option<Sized>>,
    /// How often a finding on a marker is replicated; none if the study does not ask for it, or if
    /// there are too few responders.
    pub replication: Option<Replicated>,
    /// When each trial ended (min after the first entry), and whether the cut-off had been reached;
    /// without a cut-off, the planned duration.
    pub ends: Vec<(f64, bool)>,
    /// Fraction of the candidates who entered.
    pub entered: f64,
    /// Candidates screened for each patient who entered, including those without the markers needed
    /// for entry.
    pub screened: f64,
    /// Number of patients who were wanted but not found.
    pub missing: usize,
}

impl Answer {
    /// Which trial is shown patient by patient: the trial with the median hazard ratio of death in
    /// its first comparison. A trial picked at random may contradict most others.
    pub fn shown(&self) -> usize {
        let ratio = |k: &usize| {
            let first = self.trials[*k].against.first();
            first.and_then(|x| x.survival.hazard_ratio).map_or(f64::NAN, |e| e.value)
        };
        let mut all: Vec<usize> = (0..self.trials.len()).filter(|k| !ratio(k).is_nan()).collect();
        all.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
        all.get(all.len().saturating_sub(1) / 2).copied().unwrap_or(0)
    }

    /// Patients of the trial that is shown, by arm.
    pub fn shown_patients(&self) -> Vec<&[Subject]> {
        of_trial(&self.starts, &self.subjects, self.shown())
    }
}

/// Runs every trial; `progress` is called for each patient.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let allocation = allocate(study, plan);
    let arms = plan.arms.iter().zip(&allocation.people);
    let mut subjects: Vec<Vec<Subject>> =
        arms.map(|(arm, people)| treat(study, plan, arm, people, progress)).collect();
    let starts = &allocation.starts;
    shard::asked();
    let trials: Vec<usize> = (0..plan.replicates).collect();
    let ends: Vec<(f64, bool)> =
        trials.iter().map(|k| end(plan, &of_trial(starts, &subjects, *k))).collect();
    let looks = match (&plan.cut_off, &plan.looks) {
        (Some(cut_off), Some(planned)) => trials
            .iter()
            .map(|k| {
                let arms = of_trial(starts, &subjects, *k);
                looks(&plan.markers.strata, [arms[0], arms[1]], cut_off, planned, ends[*k].0)
            })
            .collect(),
        _ => vec![],
    };
    // Before the cut-off shortens follow-up: a larger or smaller trial ends with another event.
    let sizes = sized(study, plan, &subjects);
    if plan.cut_off.is_some() {
        for (starts, all) in starts.iter().zip(&mut subjects) {
            for (k, (end, _)) in ends.iter().enumerate() {
                for subject in &mut all[starts[k]..starts[k + 1]] {
                    subject.ends(*end, &plan.scans.criteria);
                }
            }
        }
    }
    let trials = study.threads.map(&trials, |k| compare(plan, &of_trial(starts, &subjects, *k)));
    let replication = replication(study, plan, &subjects);
    let entered = allocation.entered as f64 / (allocation.candidates as f64).max(1.0);
    let screened = allocation.screened as f64 / (allocation.entered as f64).max(1.0);
    let (starts, missing) = (allocation.starts, allocation.missing);
    Answer { subjects, starts, trials, looks, sizes, replication, ends, entered, screened, missing }
}

/// Patients of a trial, by arm.
fn of_trial<'a>(
    starts: &[Vec<usize>],
    subjects: &'a [Vec<Subject>],
    k: usize,
) -> Vec<&'a [Subject]> {
    starts.iter().zip(subjects).map(|(starts, all)| &all[starts[k]..starts[k + 1]]).collect()
}

/// When a trial ends (min after the first entry), and whether its cut-off has been reached.
fn end(plan: &Plan, arms: &[&[Subject]]) -> (f64, bool) {
    let by_events = |cut_off: &CutOff| when(arms, cut_off.of, cut_off.events);
    let reached = plan.cut_off.as_ref().and_then(by_events);
    (reached.unwrap_or(plan.duration()), reached.is_some())
}

/// Treats the patients of an arm.
fn treat(
    study: &Study,
    plan: &Plan,
    arm: &Arm,
    people: &[u64],
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Subject> {
    let model = &arm.model;
    let partners: Vec<_> = arm.partners.iter().map(|(_, partner)| partner.clone()).collect();
    let host = |k: usize| plan.host_in(arm, study.seed, people[k]);
    let person =
        |k: usize| arm.drug.as_ref().map(|(patients, _)| patients.cohort.person(people[k]));
    let with = |k: usize, then: &mut dyn FnMut(&Host, &Given)| {
        let person = person(k);
        let drug = arm.drug.as_ref().zip(person.as_ref()).map(|((patients, regimen), person)| {
            (&*patients.cohort, person, regimen, plan.rules.as_ref())
        });
        let given = Given { drug, partners: &partners, beyond_progression: arm.beyond_progression };
        then(&host(k), &given);
    };
    // How long a patient is followed, and whether the patient is lost before the end; nothing later
    // is simulated.
    let followed = |host: &Host| {
        let entry = plan.accrual.entry(host.uniform[0]);
        let lost = match plan.dropout > 0.0 {
            true => -math::ln(host.uniform[1]) / plan.dropout,
            false => f64::INFINITY,
        };
        let end = plan.duration() - entry;
        (entry, end.min(lost), lost < end)
    };
    let make = |k: usize| {
        let mut lane = None;
        with(k, &mut |host, given| {
            lane = Some(model.plan(host, given, &plan.scans, followed(host).1).lane);
        });
        lane.expect("made at once")
    };
    let reduce = |k: usize, answer: LaneAnswer| {
        let (found, failure) = found(answer);
        let mut subject = None;
        with(k, &mut |host, given| {
            let (entry, followed, lost) = followed(host);
            let planned = model.plan(host, given, &plan.scans, followed);
            let course = model.course(&planned, &found, host, given, &plan.scans);
            subject = Some(Subject {
                number: people[k],
                host: host.clone(),
                course,
                followed,
                lost,
                entry,
                failure: failure.clone(),
            });
        });
        let subject = subject.expect("made at once");
        let bytes = size_of::<Subject>() + size_of_val(&*subject.course.scans);
        Reduced { result: subject, bytes }
    };
    let ensemble =
        Ensemble { threads: study.threads, ..Ensemble::new(&model.program, study.tolerance) };
    let mut all = Vec::with_capacity(people.len());
    let _ = ensemble.run(0..people.len(), make, reduce, |_, subject| {
        all.push(subject);
        progress(1);
        ControlFlow::Continue(())
    });
    all
}
