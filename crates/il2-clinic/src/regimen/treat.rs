//! Runs an arm: patients are generated, simulated and counted on all threads, in bounded memory;
//! results keep the order of the patients.

use crate::beyond::{Beyond, Left, Range};
use crate::regimen::arm::Arm;
use crate::regimen::courses::courses;
use crate::regimen::looks::{Look, rounds};
use crate::regimen::own::{Own, Told};
use crate::regimen::people::{MEANS, TOLD, band_row, person_row};
use crate::regimen::plan::Plan;
use il2::patient::cohort::{Cohort, Delivered};
use il2::quantity::DAY;
use il2_answer::half_life::{Phase, half_life};
use il2_answer::labels::noise;
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::lane::{self, Decision, Extreme, Surveyed};
use il2_engine::{Ensemble, Lane, Survey, Tolerance};
use il2_inference::bands::Bands;
use il2_inference::quantiles::Quantiles;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;
use std::ops::ControlFlow;

/// The results of an arm.
pub struct Outcome {
    /// `[index of the readout shown]`, by time (d): bands at the outputs, and at enough times
    /// between them to show every dose.
    pub drawn: Vec<Vec<(f64, Band)>>,
    /// `[index of the readout shown]`: distributions of patients' own extremes.
    pub extremes: Vec<Extremes>,
    /// `[observable]`: medians at the last output.
    pub last: Vec<f64>,
    /// Median of the level of drug at every output (min, pM).
    levels: Vec<(f64, f64)>,
    /// Patients who were given each dose, and all patients.
    pub doses: Vec<(u64, u64)>,
    /// Number of patients by number of doses given.
    given: Vec<u64>,
    /// Doses planned.
    pub planned: usize,
    /// Largest fraction of the given amount that is missing or in excess in any patient.
    pub worst_imbalance: f64,
    /// Number of patients whose simulation failed.
    pub failed: usize,
    /// Patients that were solved: index and weight.
    pub people: Vec<(usize, u64)>,
    /// Results by readout of the answer.
    pub told: Vec<Told>,
    /// By criterion of the rules: number of patients who reached its limit.
    pub reached: Vec<u64>,
    /// Number of patients who reached any of these limits.
    pub reached_any: u64,
    /// Patients outside the range in which the model was fitted or patients were followed.
    pub beyond: Beyond,
}

/// Distribution of a quantity over all patients at one time.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    /// Median.
    pub median: f64,
    /// Lower end of the central interval of the study.
    pub low: f64,
    /// Upper end of the central interval of the study.
    pub high: f64,
    /// Number of patients.
    pub patients: u64,
}

/// Results of a patient until they are counted in order.
struct Treated {
    solved: bool,
    delivered: Delivered,
    decisions: Vec<(usize, Decision)>,
    /// The patient's results by readout of the answer.
    own: Vec<Own>,
    /// By criterion of the rules: whether its limit was reached.
    reached: Vec<bool>,
    /// Limits of the range that the patient exceeded.
    left: Left,
    /// The row in the table of patients.
    row: Vec<Value>,
}

/// Patients' own extremes of an observable.
#[derive(Clone, Debug, Default)]
pub struct Extremes {
    /// Highest value.
    pub highest: Quantiles,
    /// Time of the highest value (d).
    pub highest_at: Quantiles,
    /// Lowest value.
    pub lowest: Quantiles,
    /// Time of the lowest value (d).
    pub lowest_at: Quantiles,
}

/// Number of distributions of extremes of an observable.
const EXTREMES: usize = 4;

impl Extremes {
    /// Built from distributions in the order of [`own_extremes`].
    fn of(all: &[Quantiles]) -> Self {
        let [highest, highest_at, lowest, lowest_at] = std::array::from_fn(|k| all[k].clone());
        Self { highest, highest_at, lowest, lowest_at }
    }
}

impl Outcome {
    /// Half-life of the median level of drug (pM) after the last dose, or why it is unknown.
    pub fn half_life(&self, plan: &Plan, arm: &Arm) -> Result<Phase, &'static str> {
        let until = plan.dosed_until(arm).ok_or("no dose")?;
        let highest = self.levels.iter().map(|(_, level)| *level).fold(0.0, f64::max);
        half_life(&self.levels, (until, highest), None)
    }

    /// The quantile of the number of doses given, at this fraction of patients.
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

/// Tables common to all arms: bands, patients, courses.
pub type Tables = [Table; 3];

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
    let network = &cohort.body.network;
    let observables = &network.observables;
    let planned = regimen.planned();
    // Patients that are not counted are not run.
    let counted: Vec<usize> = (0..plan.patients).filter(|&i| weights[i] > 0).collect();
    let weighted = counted.iter().any(|&i| weights[i] > 1);
    let threads = study.threads;
    let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
    let place = |name: &str| {
        observables.iter().position(|o| o.name == name).expect("an observable of the patient")
    };
    let shown: Vec<usize> = plan.show.iter().map(|name| place(name)).collect();
    let limits = plan.criteria().iter().map(|c| place(c.readout));
    let told = TOLD.iter().map(|(name, _)| *name).chain(MEANS).map(&place);
    let told: Vec<usize> = told.chain(limits).collect();
    let surveys = surveys(cohort, plan, &shown, &told);
    let told_places = told;
    let mut outcome = Outcome {
        drawn: vec![vec![]; shown.len()],
        extremes: vec![],
        last: vec![f64::NAN; observables.len()],
        levels: vec![],
        doses: vec![(0, 0); planned.len()],
        given: vec![0; planned.len() + 1],
        planned: planned.len(),
        worst_imbalance: 0.0,
        failed: 0,
        people: vec![],
        told: vec![Told::default(); plan.answer.len()],
        reached: vec![0; plan.criteria().len()],
        reached_any: 0,
        beyond: Beyond::default(),
    };
    let range = Range::of(cohort);
    let duration = plan.times.last().copied().unwrap_or(f64::NAN);
    let last_dose = plan.last_dose(arm);
    let rounds = rounds(plan, &planned, observables.len());
    let treg = place("treg_fold");
    let compared = plan.answer_places();
    let mut beyond = vec![String::new(); plan.individuals.min(counted.len())];
    for (r, looks) in rounds.iter().enumerate() {
        let times: Vec<f64> = looks.iter().map(|look| look.time).collect();
        // Only the last round records extremes and keeps the results of each patient.
        let last_round = r + 1 == rounds.len();
        let watched: &[Survey] = if last_round { &surveys } else { &[] };
        let make = |k: usize| {
            let person = cohort.person(counted[k] as u64);
            let lane = cohort.lane(&person, regimen, plan.rules.as_ref(), &times);
            Lane { surveys: watched.to_vec(), ..lane }
        };
        let at_look = |look: &Look| if look.output { observables.len() } else { shown.len() };
        let at_looks: usize = looks.iter().map(at_look).sum();
        let quantities = at_looks + if last_round { EXTREMES * shown.len() } else { 0 };
        let bands = Bands::new(quantities, (counted.len(), weighted), threads);
        let reduce = |k: usize, answer: Answer| {
            let (i, weight) = (counted[k], weights[counted[k]]);
            let person = cohort.person(i as u64);
            // A simulation that stopped early still gives the earlier rows.
            let (found, why) = lane::found(answer);
            let seen = cohort.observe(&person, &found, &times);
            let mut rows = seen.chunks(observables.len());
            let mut values: Vec<f64> = Vec::with_capacity(quantities);
            for look in looks {
                match rows.next() {
                    None => values.extend(std::iter::repeat_n(f64::NAN, at_look(look))),
                    Some(row) if look.output => values.extend(row),
                    Some(row) => values.extend(shown.iter().map(|&place| row[place])),
                }
            }
            if !last_round {
                bands.count(weight, values);
                return Reduced::small(None);
            }
            let solved = why.is_none();
            let delivered = match solved {
                true => cohort.delivered(&person, regimen, &found, &times),
                false => Delivered::default(),
            };
            let (own, told) = found.surveyed.split_at(shown.len().min(found.surveyed.len()));
            let rest = network.initial_state(&person.values);
            let rest = |place: usize| observables[place].value.value(&rest, &person.values, 0.0);
            let rests = shown.iter().map(|&place| rest(place));
            match solved {
                true => values.extend(own_extremes(own, rests, study.tolerance)),
                false => values.resize(quantities, f64::NAN),
            }
            bands.count(weight, values);
            let last = seen.chunks(observables.len()).next_back().filter(|_| solved);
            let last = last.map_or(f64::NAN, |row| row[treg]);
            let mut left = range.left(&seen, observables.len(), last_dose);
            for (followed, &place) in told.iter().zip(&told_places) {
                range.add(&mut left, place, (followed.lowest.value, followed.highest.value));
            }
            let head = (regimen.name.as_str(), i, weight);
            let left_names = range.names(&left);
            let row = person_row(
                head,
                (network, &person),
                &delivered,
                (told, duration),
                (last, &left_names),
                why,
            );
            let limits =
                told.iter().skip(TOLD.len() + MEANS.len()).zip(plan.criteria()).filter(|_| solved);
            let reached = limits.map(|(own, limit)| match limit.high_is_bad {
                true => own.highest.value >= limit.hold,
                false => own.lowest.value <= limit.hold,
            });
            let reached = reached.collect();
            let own = compared
                .iter()
                .filter(|_| solved)
                .map(|&k| Own::new(&own[k], rest(shown[k]), study.tolerance));
            let own: Vec<Own> = own.collect();
            let bytes = size_of_val(&*row) + size_of_val(&*found.decisions) + size_of_val(&*own);
            let decisions = found.decisions;
            let treated = Treated { solved, delivered, decisions, own, reached, left, row };
            Reduced { result: Some(treated), bytes }
        };
        let mut take = |k: usize, treated: Option<Treated>| {
            if let Some(treated) = treated {
                outcome.count(counted[k], weights[counted[k]], &treated);
                if let Some(beyond) = beyond.get_mut(k) {
                    *beyond = range.names(&treated.left);
                }
                tables[1].push(treated.row);
                progress(1);
            }
            ControlFlow::Continue(())
        };
        let first = bands.first();
        let _ = ensemble.run(0..first, make, reduce, &mut take);
        if first < counted.len() {
            bands.go_on();
            let _ = ensemble.run(first..counted.len(), make, reduce, &mut take);
        }
        let counted = bands.finish();
        let (at_looks, extremes) = counted.split_at(at_looks);
        if last_round {
            outcome.extremes = extremes.chunks(EXTREMES).map(Extremes::of).collect();
        }
        outcome.add(plan, arm, (looks, at_looks), (&shown, &range), &mut tables[0]);
    }
    let individuals: Vec<_> = counted.iter().copied().zip(beyond).collect();
    courses(plan, arm, &individuals, &rounds, &ensemble, &mut tables[2]);
    outcome
}

/// Observables whose extremes are needed, from the start to the last output: those shown, then
/// those of the table of patients, then those of the rules.
fn surveys(cohort: &Cohort, plan: &Plan, shown: &[usize], told: &[usize]) -> Vec<Survey> {
    let last = plan.times.last().copied().unwrap_or(0.0);
    let all = shown.iter().chain(told).copied().enumerate();
    // The first observable of the table of patients is the drug concentration, whose area is
    // meaningful; those with means follow.
    let means = shown.len() + TOLD.len()..shown.len() + TOLD.len() + MEANS.len();
    let survey = |(k, o): (usize, usize)| Survey {
        area: k == shown.len() || means.contains(&k),
        ..cohort.survey(o, 0.0, last)
    };
    all.map(survey).collect()
}

/// Highest value and its time (d), lowest value and its time, for each readout shown; `rest` is the
/// starting value.
fn own_extremes(
    found: &[Surveyed],
    rest: impl Iterator<Item = f64>,
    tolerance: Tolerance,
) -> impl Iterator<Item = f64> {
    found.iter().zip(rest).flat_map(move |(own, rest)| {
        // Extremes within the tolerance of the start are placed at the start.
        let told = |e: Extreme| match (e.value - rest).abs() <= noise(tolerance, rest) {
            true => [rest, 0.0],
            false => [e.value, e.time / DAY],
        };
        [told(own.highest), told(own.lowest)].concat()
    })
}

impl Outcome {
    /// Counts the results of a patient.
    fn count(&mut self, patient: usize, weight: u64, treated: &Treated) {
        if !treated.solved {
            self.failed += 1;
            return;
        }
        for &(event, decision) in &treated.decisions {
            self.doses[event].1 += weight;
            self.doses[event].0 += weight * u64::from(decision == Decision::Give);
        }
        self.given[treated.delivered.given] += weight;
        self.worst_imbalance = self.worst_imbalance.max(treated.delivered.imbalance.abs());
        self.people.push((patient, weight));
        for (told, own) in self.told.iter_mut().zip(&treated.own) {
            told.count(own, weight);
        }
        for (count, _) in self.reached.iter_mut().zip(&treated.reached).filter(|(_, at)| **at) {
            *count += weight;
        }
        self.reached_any += weight * u64::from(treated.reached.contains(&true));
        self.beyond.count(&treated.left, weight);
    }

    /// Adds a round of outputs to the table of bands and to the figure.
    fn add(
        &mut self,
        plan: &Plan,
        arm: &Arm,
        (looks, mut counted): (&[Look], &[Quantiles]),
        (shown, range): (&[usize], &Range),
        bands: &mut Table,
    ) {
        let (low, high) = ends(plan.level);
        let observables = &arm.patients.cohort.body.network.observables;
        let concentration = observables.iter().position(|o| o.name == "concentration");
        let concentration = concentration.expect("an observable of the patient");
        for look in looks {
            let here = if look.output { observables.len() } else { shown.len() };
            let (here, later) = counted.split_at(here);
            counted = later;
            let of = |q: &Quantiles| Band {
                median: q.at(0.5),
                low: q.at(low),
                high: q.at(high),
                patients: q.count(),
            };
            let seen: Vec<Band> = here.iter().map(of).collect();
            for (k, (drawn, &place)) in self.drawn.iter_mut().zip(shown).enumerate() {
                drawn.push((look.time / DAY, seen[if look.output { place } else { k }]));
            }
            if !look.output {
                continue;
            }
            self.levels.push((look.time, seen[concentration].median));
            for (place, (o, band)) in observables.iter().zip(&seen).enumerate() {
                self.last[place] = band.median;
                let times = (look.time, plan.last_dose(arm));
                let beyond = range.of_band(place, [band.low, band.high], times);
                let numbers = [band.median, band.low, band.high, band.patients as f64];
                bands.push(band_row(&arm.regimen.name, look.time, o, numbers, &beyond));
            }
        }
    }
}
