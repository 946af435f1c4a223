//! Runs a trial: patients enter, are treated and followed; then each trial is compared by itself.

use crate::trial::compare::{Trial, compare};
use crate::trial::people::enter;
use crate::trial::plan::{Arm, Plan};
use il2::tumour::course::{Course, Given};
use il2::tumour::host::Host;
use il2_engine::ensemble::{Answer as LaneAnswer, Reduced};
use il2_engine::lane::found;
use il2_engine::{Ensemble, LaneFailure, math};
use il2_inference::survival::follow_up::FollowUp;
use il2_study::study::Study;
use std::ops::ControlFlow;

/// The results of all trials.
pub struct Answer {
    /// `[arm][patient of all trials]`.
    pub subjects: Vec<Vec<Subject>>,
    /// `[trial]`.
    pub trials: Vec<Trial>,
    /// Part of the candidates who entered.
    pub entered: f64,
    /// Patients who were wanted and not found.
    pub missing: usize,
}

/// A patient of an arm.
pub struct Subject {
    /// His number among all candidates.
    pub number: u64,
    /// Who he is.
    pub host: Host,
    /// What became of him.
    pub course: Course,
    /// How long he was followed at most: until the end of the trial, or until he was lost (min).
    pub followed: f64,
    /// When he entered (min after the first).
    pub entry: f64,
    /// Why he was not solved, if he was not.
    pub failure: Option<LaneFailure>,
}

impl Subject {
    /// Time to death.
    pub fn survival(&self) -> FollowUp {
        self.until(self.course.death)
    }

    /// Time to progression or death.
    pub fn progression_free(&self) -> FollowUp {
        let first = [self.course.death, self.course.assessment.progression];
        self.until(first.into_iter().flatten().reduce(f64::min))
    }

    /// From a response to progression or death; none without one.
    pub fn response_lasts(&self) -> Option<FollowUp> {
        let begins = self.response()?;
        let to = self.progression_free();
        Some(FollowUp { time: (to.time - begins).max(0.0), ..to })
    }

    /// When a response was first seen that was confirmed within follow-up.
    pub fn response(&self) -> Option<f64> {
        self.course.assessment.response.filter(|time| *time < self.followed)
    }

    /// When a complete one was.
    pub fn complete(&self) -> Option<f64> {
        self.course.assessment.complete.filter(|time| *time < self.followed)
    }

    /// Smallest sum of his scans, relative to the first; none without a scan.
    pub fn best_change(&self) -> Option<f64> {
        let (_, first, _) = self.course.scans.first()?;
        let seen = self.course.scans.iter().skip(1).filter(|scan| scan.0 < self.followed);
        seen.map(|scan| scan.1 / first - 1.0).reduce(f64::min)
    }

    fn until(&self, event: Option<f64>) -> FollowUp {
        match event.filter(|time| *time <= self.followed) {
            Some(time) => FollowUp { time, event: true },
            None => FollowUp { time: self.followed, event: false },
        }
    }
}

/// Runs every trial; `progress` is called for each patient.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    // Patients of different arms have numbers of their own, far apart.
    const APART: u64 = 1 << 32;
    let (mut candidates, mut wanted, mut missing) = (0, 0, 0);
    let mut same: Option<Vec<u64>> = None;
    let mut subjects = vec![];
    for (a, arm) in plan.arms.iter().enumerate() {
        let count = arm.patients * plan.replicates;
        let people = match &same {
            Some(people) if people.len() >= count => people[..count].to_vec(),
            _ => {
                let from = if plan.paired { 0 } else { a as u64 * APART };
                let entered = enter(study, plan, from, count);
                candidates += entered.candidates;
                wanted += entered.people.len();
                missing += count - entered.people.len();
                if plan.paired {
                    same = Some(entered.people.clone());
                }
                entered.people
            }
        };
        subjects.push(treat(study, plan, arm, &people, progress));
    }
    let trial = |k: usize| {
        let of = |(arm, all): (&Arm, &'_ Vec<Subject>)| {
            let from = (k * arm.patients).min(all.len());
            from..(from + arm.patients).min(all.len())
        };
        let ranges: Vec<_> = plan.arms.iter().zip(&subjects).map(of).collect();
        let arms: Vec<&[Subject]> =
            subjects.iter().zip(ranges).map(|(all, range)| &all[range]).collect();
        compare(&arms)
    };
    let trials: Vec<usize> = (0..plan.replicates).collect();
    let trials = study.threads.map(&trials, |k| trial(*k));
    let entered = wanted as f64 / (candidates as f64).max(1.0);
    Answer { subjects, trials, entered, missing }
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
    let host = |k: usize| plan.variability.host(study.seed, people[k]);
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
    let make = |k: usize| {
        let mut lane = None;
        with(k, &mut |host, given| {
            lane = Some(model.plan(host, given, &plan.scans, plan.duration()).lane);
        });
        lane.expect("made at once")
    };
    let reduce = |k: usize, answer: LaneAnswer| {
        let (found, failure) = found(answer);
        let mut subject = None;
        with(k, &mut |host, given| {
            let planned = model.plan(host, given, &plan.scans, plan.duration());
            let course = model.course(&planned, &found, host, given, &plan.scans);
            let entry = host.uniform[0] * plan.accrual;
            let lost = match plan.dropout > 0.0 {
                true => -math::ln(host.uniform[1]) / plan.dropout,
                false => f64::INFINITY,
            };
            subject = Some(Subject {
                number: people[k],
                host: host.clone(),
                course,
                followed: (plan.duration() - entry).min(lost),
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
