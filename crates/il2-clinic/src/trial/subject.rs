//! A patient of an arm, and the times to events that are reported for this patient.

use il2::tumour::course::Course;
use il2::tumour::host::Host;
use il2::tumour::response::{Assessment, Criteria};
use il2_engine::LaneFailure;
use il2_inference::survival::follow_up::FollowUp;

/// A patient of an arm.
pub struct Subject {
    /// Number of the patient among all candidates.
    pub number: u64,
    /// Characteristics of the patient.
    pub host: Host,
    /// Course of the disease and of treatment.
    pub course: Course,
    /// Longest possible follow-up: to the end of the trial, or to loss of the patient (min).
    pub followed: f64,
    /// Whether the patient was lost before the end of the trial.
    pub lost: bool,
    /// Time of entry (min after the first patient).
    pub entry: f64,
    /// Why the simulation failed, if it did.
    pub failure: Option<LaneFailure>,
}

/// The first event of a patient that ends progression-free survival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstEvent {
    /// A scan showed progression.
    Progression,
    /// Death due to the toxicity of the drug.
    DeathOfDrug,
    /// Death of another cause, without progression in a scan.
    OtherDeath,
}

impl Subject {
    /// Ends the trial at this time after the first entry: findings and confirmations of later scans
    /// are unknown, and a patient who has not entered by then is excluded.
    pub fn ends(&mut self, at: f64, criteria: &Criteria) {
        let until = at - self.entry;
        if until >= self.followed {
            return;
        }
        (self.followed, self.lost) = (until.max(0.0), false);
        let mut seen = Assessment::start(self.course.assessment.baseline);
        let rated = self.course.scans.iter().filter(|scan| scan.2.is_some() && scan.0 < until);
        rated.for_each(|(time, sum, _)| seen.see(*time, *sum, criteria));
        self.course.assessment = seen;
    }

    /// Whether the patient counts: entered before the end of the trial, and was solved.
    pub fn counts(&self) -> bool {
        self.failure.is_none() && self.followed > 0.0
    }

    /// Whether a death due to the drug was observed.
    pub fn died_of_drug(&self) -> bool {
        self.course.of_drug && self.survival().event
    }

    /// Time to death.
    pub fn survival(&self) -> FollowUp {
        self.until(self.course.death)
    }

    /// Time to progression or death. Without either, the patient is censored at the last scan, the
    /// last time at which the disease is known not to have progressed (FDA guidance on endpoints of
    /// cancer trials, 2018).
    pub fn progression_free(&self) -> FollowUp {
        let first = [self.course.death, self.course.assessment.progression];
        match self.until(first.into_iter().flatten().reduce(f64::min)) {
            ended if ended.event => ended,
            _ => FollowUp { time: self.last_scan(), event: false },
        }
    }

    /// Time and kind of the first event; without one, the time at which progression-free survival is
    /// censored.
    pub fn first_event(&self) -> (f64, Option<FirstEvent>) {
        let to = self.progression_free();
        let progressed = self.course.assessment.progression == Some(to.time);
        let kind = match (progressed, self.died_of_drug()) {
            (true, _) => FirstEvent::Progression,
            (false, true) => FirstEvent::DeathOfDrug,
            (false, false) => FirstEvent::OtherDeath,
        };
        (to.time, to.event.then_some(kind))
    }

    /// The last scan without progression, and the time by which the disease had progressed or the
    /// patient had died; infinite if neither was observed. Progression before a death cannot be
    /// excluded after the last scan.
    pub fn between_scans(&self) -> (f64, f64) {
        let to = self.progression_free();
        if !to.event {
            return (to.time, f64::INFINITY);
        }
        let before = self.course.scans.iter().rev().find(|scan| scan.0 < to.time);
        (before.map_or(0.0, |scan| scan.0.max(0.0)), to.time)
    }

    /// Time of the last scan within follow-up; zero if there is none after the first.
    fn last_scan(&self) -> f64 {
        let seen = self.course.scans.iter().rev().find(|scan| scan.0 < self.followed);
        seen.map_or(0.0, |scan| scan.0.max(0.0))
    }

    /// Time from a response to progression or death; none without a response.
    pub fn response_lasts(&self) -> Option<FollowUp> {
        let begins = self.response()?;
        let to = self.progression_free();
        // Equal durations differ in the last digits of their subtraction and would not be tied.
        let lasts = ((to.time - begins).max(0.0) * 1e6).round() / 1e6;
        Some(FollowUp { time: lasts, ..to })
    }

    /// Time at which a response was first seen that was confirmed within follow-up.
    pub fn response(&self) -> Option<f64> {
        self.course.assessment.response.filter(|time| *time < self.followed)
    }

    /// The same time for a complete response.
    pub fn complete(&self) -> Option<f64> {
        self.course.assessment.complete.filter(|time| *time < self.followed)
    }

    /// Smallest sum of diameters in the patient's scans, relative to the first; none without a
    /// scan.
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
