//! Runs an arm: patients are made, simulated and counted one after another, in bounded memory.

use crate::answer::status;
use crate::labels::noise;
use crate::patients;
use crate::regimen::arm::Arm;
use crate::regimen::looks::{Look, rounds};
use crate::regimen::plan::Plan;
use il2::patient::cohort::{Cohort, Delivered, Person};
use il2::quantity::{DAY, HOUR};
use il2_engine::ensemble::Answer;
use il2_engine::lane::{Decision, Extreme, Surveyed};
use il2_engine::{Ensemble, Lane, LaneFailure, Survey, Tolerance, Trajectory};
use il2_inference::quantiles::Quantiles;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;
use std::ops::ControlFlow;

/// The results of an arm.
pub struct Outcome {
    /// `[place among what is shown]`, by time (d): outputs, and enough between them to show every dose.
    pub drawn: Vec<Vec<(f64, Band)>>,
    /// `[place among what is shown]`: distributions of patients' own extremes.
    pub extremes: Vec<Extremes>,
    /// `[observable]`: medians at the last output.
    pub last: Vec<f64>,
    /// Patients who were given each dose, and all patients.
    pub doses: Vec<(u64, u64)>,
    /// Number of patients by number of doses given.
    given: Vec<u64>,
    /// Doses planned.
    pub planned: usize,
    /// Fraction of the amount given that is missing or in excess, in the worst patient.
    pub worst_imbalance: f64,
    /// Patients that did not solve.
    pub failed: usize,
    /// By patient: which, how often counted, and his own highest of [`Plan::told`].
    pub own: Vec<(usize, u64, f64)>,
    /// By criterion of the rules: patients who came to its limit.
    pub reached: Vec<u64>,
    /// Patients who came to any of them.
    pub reached_any: u64,
}

/// A number of all patients at one time.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    /// Median.
    pub median: f64,
    /// Lower end of the central interval of the study.
    pub low: f64,
    /// The upper one.
    pub high: f64,
    /// How many patients.
    pub patients: u64,
}

/// Patients' own extremes of an observable.
#[derive(Clone, Debug, Default)]
pub struct Extremes {
    /// Highest.
    pub highest: Quantiles,
    /// When (d).
    pub highest_at: Quantiles,
    /// Lowest.
    pub lowest: Quantiles,
    /// When (d).
    pub lowest_at: Quantiles,
}

impl Outcome {
    /// Doses given: the quantile of this fraction of patients.
    pub fn doses_given(&self, part: f64) -> f64 {
        let all: u64 = self.given.iter().sum();
        let mut left = (part * all.saturating_sub(1) as f64).round() as u64;
        for (doses, &patients) in self.given.iter().enumerate() {
            if left < patients {
                return doses as f64;
            }
            left -= patients;
        }
        f64::NAN
    }
}

/// Ends of the central interval, as fractions of all patients.
pub fn ends(level: f64) -> (f64, f64) {
    (0.5 - 0.5 * level, 0.5 + 0.5 * level)
}

/// Extremes in the table of patients: observable, and whether its highest.
const TOLD: [(&str, bool); 8] = [
    ("concentration", true),
    ("treg_fold", true),
    ("lymphocytes_fold", false),
    ("lymphocytes_fold", true),
    ("mean_arterial_pressure", false),
    ("creatinine", true),
    ("urine_output", false),
    ("weight_gain", true),
];

/// Columns of the table of patients. Extremes and areas are those of the course from its start to the last
/// output, not only of outputs.
pub const PEOPLE: [(&str, bool); 21] = [
    ("arm", true),
    ("patient", false),
    ("counted", false),
    ("weight_kg", false),
    ("height_cm", false),
    ("surface_m2", false),
    ("doses_planned", false),
    ("doses_given", false),
    ("amount_given_pmol", false),
    ("highest_concentration_pm", false),
    ("highest_treg_fold", false),
    ("lowest_lymphocytes_fold", false),
    ("highest_lymphocytes_fold", false),
    ("lowest_mean_arterial_pressure_mmhg", false),
    ("highest_creatinine_mg_per_dl", false),
    ("lowest_urine_output_ml_per_8h", false),
    ("highest_weight_gain_percent", false),
    ("area_concentration_pm_h", false),
    ("last_treg_fold", false),
    ("imbalance", false),
    ("status", true),
];

/// Tables common to all arms: bands, patients, courses.
pub type Tables = [Table; 3];

/// Most numbers of courses in memory before they are written.
const MOST_NUMBERS: usize = 2 << 20;

/// Simulates all patients of an arm.
pub fn run_arm(
    study: &Study,
    plan: &Plan,
    arm: &Arm,
    weights: &[u64],
    tables: &mut Tables,
    progress: &(dyn Fn(usize) + Sync),
) -> Outcome {
    let (cohort, regimen) = (&*arm.patients.cohort, &arm.regimen);
    let observables = &cohort.body.network.observables;
    let planned = regimen.planned();
    // Patients that are not counted are not run.
    let counted: Vec<usize> = (0..plan.patients).filter(|&i| weights[i] > 0).collect();
    let threads = study.threads;
    let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
    let place = |name: &str| {
        observables.iter().position(|o| o.name == name).expect("an observable of the patient")
    };
    let shown: Vec<usize> = plan.show.iter().map(|name| place(name)).collect();
    let limits = plan.criteria().iter().map(|c| place(c.readout));
    let told: Vec<usize> = TOLD.iter().map(|(name, _)| place(name)).chain(limits).collect();
    let surveys = surveys(cohort, plan, &shown, &told);
    let mut outcome = Outcome {
        drawn: vec![vec![]; shown.len()],
        extremes: vec![Extremes::default(); shown.len()],
        last: vec![f64::NAN; observables.len()],
        doses: vec![(0, 0); planned.len()],
        given: vec![0; planned.len() + 1],
        planned: planned.len(),
        worst_imbalance: 0.0,
        failed: 0,
        own: vec![],
        reached: vec![0; plan.criteria().len()],
        reached_any: 0,
    };
    let rounds = rounds(plan, &planned, observables.len());
    let final_round = rounds.len() - 1;
    for (r, looks) in rounds.iter().enumerate() {
        let times: Vec<f64> = looks.iter().map(|look| look.time).collect();
        let watched: &[Survey] = if r == final_round { &surveys } else { &[] };
        let make = |k: usize| {
            let person = cohort.person(counted[k] as u64);
            let lane = cohort.lane(&person, regimen, plan.rules.as_ref(), &times);
            Lane { surveys: watched.to_vec(), ..lane }
        };
        let seen_at = |look: &Look| if look.output { observables.len() } else { shown.len() };
        let mut bands: Vec<Vec<Quantiles>> =
            looks.iter().map(|look| vec![Quantiles::default(); seen_at(look)]).collect();
        let take = |k: usize, answer: Answer| {
            let (i, weight) = (counted[k], weights[counted[k]]);
            let person = cohort.person(i as u64);
            // A simulation that stopped early still gives the earlier rows.
            let (found, why) = parts(answer);
            let rows = cohort.observe(&person, &found, &times);
            for ((bands, look), row) in bands.iter_mut().zip(looks).zip(&rows) {
                let mut count =
                    |(place, band): (usize, &mut Quantiles)| band.push(row[place], weight);
                match look.output {
                    true => bands.iter_mut().enumerate().for_each(&mut count),
                    false => shown.iter().copied().zip(bands.iter_mut()).for_each(&mut count),
                }
            }
            if r == final_round {
                let delivered = match &why {
                    None => cohort.delivered(&person, regimen, &found, &times),
                    Some(_) => Delivered::default(),
                };
                let rest = cohort.body.network.initial_state(&person.values);
                let rest = Trajectory { states: vec![rest], ..Trajectory::default() };
                let rest = cohort.observe(&person, &rest, &[0.0]).remove(0);
                let rest: Vec<f64> = shown.iter().map(|&place| rest[place]).collect();
                let counted = (weight, why.is_some());
                outcome.count(&delivered, &found, counted, (&rest, study.tolerance));
                if why.is_none() {
                    outcome.keep(plan, (i, weight), &found.surveyed);
                }
                let last = rows.last().filter(|_| why.is_none());
                let last = last.map_or(f64::NAN, |row| row[place("treg_fold")]);
                let head = (regimen.name.as_str(), i, weight);
                let seen = (&found.surveyed[shown.len().min(found.surveyed.len())..], last);
                tables[1].push(person_row(head, &person, &delivered, seen, why));
                progress(1);
            }
            ControlFlow::Continue(())
        };
        let _ = ensemble.run(0..counted.len(), make, take);
        outcome.add(plan, arm, (looks, &bands), &shown, &mut tables[0]);
    }
    let individuals = &counted[..plan.individuals.min(counted.len())];
    courses(plan, arm, individuals, &rounds, &ensemble, &mut tables[2]);
    outcome
}

/// Result of a simulation, and why it ended early if it did.
fn parts(answer: Answer) -> (Trajectory, Option<LaneFailure>) {
    match answer {
        Ok(found) => (found, None),
        Err(stopped) => (stopped.found, Some(stopped.why)),
    }
}

/// Observables whose extremes are needed, from the start to the last output: those shown, then those of the
/// table of patients, then those of the rules.
fn surveys(cohort: &Cohort, plan: &Plan, shown: &[usize], told: &[usize]) -> Vec<Survey> {
    let last = plan.times.last().copied().unwrap_or(0.0);
    let all = shown.iter().chain(told).copied().enumerate();
    // The first of them is the drug concentration, whose area is meaningful.
    let survey =
        |(k, o): (usize, usize)| Survey { area: k == shown.len(), ..cohort.survey(o, 0.0, last) };
    all.map(survey).collect()
}

impl Outcome {
    /// Counts the doses of a patient and the extremes of the quantities shown.
    fn count(
        &mut self,
        delivered: &Delivered,
        found: &Trajectory,
        (weight, failed): (u64, bool),
        (rest, tolerance): (&[f64], Tolerance),
    ) {
        if failed {
            self.failed += 1;
            return;
        }
        for &(event, decision) in &found.decisions {
            self.doses[event].1 += weight;
            self.doses[event].0 += weight * u64::from(decision == Decision::Give);
        }
        self.given[delivered.given] += weight;
        self.worst_imbalance = self.worst_imbalance.max(delivered.imbalance.abs());
        for ((all, own), &rest) in self.extremes.iter_mut().zip(&found.surveyed).zip(rest) {
            // Extremes within the tolerance of the start are put at the start.
            let told = |e: Extreme| match (e.value - rest).abs() <= noise(tolerance, rest) {
                true => (rest, 0.0),
                false => (e.value, e.time / DAY),
            };
            let (high, low) = (told(own.highest), told(own.lowest));
            all.highest.push(high.0, weight);
            all.highest_at.push(high.1, weight);
            all.lowest.push(low.0, weight);
            all.lowest_at.push(low.1, weight);
        }
    }

    /// Keeps the values of a patient that the answer compares, and counts the limits that were reached.
    fn keep(&mut self, plan: &Plan, (patient, weight): (usize, u64), found: &[Surveyed]) {
        let told =
            plan.show.iter().position(|name| name == plan.told()).expect("one that is shown");
        if let Some(own) = found.get(told) {
            self.own.push((patient, weight, own.highest.value));
        }
        let limits = found.iter().skip(plan.show.len() + TOLD.len()).zip(plan.criteria());
        let reached = limits.map(|(own, limit)| match limit.high_is_bad {
            true => own.highest.value >= limit.hold,
            false => own.lowest.value <= limit.hold,
        });
        let reached: Vec<bool> = reached.collect();
        for (count, _) in self.reached.iter_mut().zip(&reached).filter(|(_, reached)| **reached) {
            *count += weight;
        }
        self.reached_any += weight * u64::from(reached.contains(&true));
    }

    /// Adds a round of outputs to the table of bands and to the figure.
    fn add(
        &mut self,
        plan: &Plan,
        arm: &Arm,
        (looks, counted): (&[Look], &[Vec<Quantiles>]),
        shown: &[usize],
        bands: &mut Table,
    ) {
        let (low, high) = ends(plan.level);
        let observables = &arm.patients.cohort.body.network.observables;
        for (look, counted) in looks.iter().zip(counted) {
            let of = |q: &Quantiles| Band {
                median: q.at(0.5),
                low: q.at(low),
                high: q.at(high),
                patients: q.count(),
            };
            let counted: Vec<Band> = counted.iter().map(of).collect();
            for (k, (drawn, &place)) in self.drawn.iter_mut().zip(shown).enumerate() {
                drawn.push((look.time / DAY, counted[if look.output { place } else { k }]));
            }
            if !look.output {
                continue;
            }
            for ((o, band), last) in observables.iter().zip(&counted).zip(&mut self.last) {
                *last = band.median;
                bands.push(vec![
                    arm.regimen.name.as_str().into(),
                    (look.time / DAY).into(),
                    o.name.as_str().into(),
                    patients::unit(o).as_str().into(),
                    band.median.into(),
                    band.low.into(),
                    band.high.into(),
                    (band.patients as f64).into(),
                ]);
            }
        }
    }
}

/// Rows of single patients at every output. They are simulated in the same rounds as all, so that the course
/// of a single patient equals the median to the bit.
fn courses(
    plan: &Plan,
    arm: &Arm,
    individuals: &[usize],
    rounds: &[Vec<Look>],
    ensemble: &Ensemble,
    courses: &mut Table,
) {
    let cohort = &arm.patients.cohort;
    let numbers = plan.times.len() * cohort.body.network.observables.len();
    let at_once = (MOST_NUMBERS / numbers.max(1)).clamp(1, 1024);
    for some in individuals.chunks(at_once) {
        let mut rows: Vec<Vec<(f64, Vec<f64>)>> = vec![vec![]; some.len()];
        for looks in rounds {
            let times: Vec<f64> = looks.iter().map(|look| look.time).collect();
            let person = |k: usize| cohort.person(some[k] as u64);
            let rules = plan.rules.as_ref();
            let make = |k: usize| cohort.lane(&person(k), &arm.regimen, rules, &times);
            let take = |k: usize, answer: Answer| {
                let seen = cohort.observe(&person(k), &parts(answer).0, &times);
                let at_outputs = looks.iter().zip(seen).filter(|(look, _)| look.output);
                rows[k].extend(at_outputs.map(|(look, row)| (look.time, row)));
                ControlFlow::Continue(())
            };
            let _ = ensemble.run(0..some.len(), make, take);
        }
        for (&i, rows) in some.iter().zip(rows) {
            for (time, row) in rows {
                let mut all: Vec<Value> =
                    vec![arm.regimen.name.as_str().into(), (i as f64).into(), (time / DAY).into()];
                all.extend(row.into_iter().map(Value::from));
                courses.push(all);
            }
        }
    }
}

fn person_row(
    (arm, index, weight): (&str, usize, u64),
    person: &Person,
    delivered: &Delivered,
    (told, last): (&[Surveyed], f64),
    why: Option<LaneFailure>,
) -> Vec<Value> {
    let mut row: Vec<Value> = vec![
        arm.into(),
        (index as f64).into(),
        (weight as f64).into(),
        person.weight.into(),
        person.height.into(),
        person.surface.into(),
        (delivered.planned as f64).into(),
        (delivered.given as f64).into(),
        delivered.amount.into(),
    ];
    let seen = |(k, (_, highest)): (usize, &(&str, bool))| {
        let extreme = |s: &Surveyed| if *highest { s.highest.value } else { s.lowest.value };
        Value::from(told.get(k).map_or(f64::NAN, extreme))
    };
    row.extend(TOLD.iter().enumerate().map(seen));
    row.push(told.first().map_or(f64::NAN, |level| level.area / HOUR).into());
    row.push(last.into());
    row.push(delivered.imbalance.into());
    row.push(status(why.as_ref()).as_str().into());
    row
}
