//! Patients under regimens: each regimen an arm, the same patients in each.

mod answer;
pub mod arm;
pub mod doses;
mod population;
mod report;
mod written;

pub use written::{MOST_DOSES, MOST_FOLLOWING};

use super::AssayResult;
use super::patients::{Made, USUAL_KINETICS, column, kinetics_of, set_by_study, shown};
use crate::error::StudyError;
use crate::library::Library;
use crate::quantiles::Quantiles;
use crate::study::dosing::RegimenAssayPart;
use crate::study::{Spacing, Study, unknown};
use crate::table::{Table, Value};
use arm::{Arm, arm};
use il2::parameter::Parameters;
use il2::patient::cohort::{Delivered, Draws, MOST_SOBOL, Person};
use il2::patient::rules::Rules;
use il2::treatment::regimen::Route;
use il2_engine::Ensemble;
use std::ops::ControlFlow;

/// More patients than this in an arm are a slip of the pen.
pub const MOST_PATIENTS: u32 = 1_000_000;

/// The assay put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By regimen.
    pub arms: Vec<Arm>,
    /// Patients in each.
    pub patients: usize,
    /// When doses are withheld, if ever.
    pub rules: Option<Rules>,
    times: Vec<f64>,
    show: Vec<String>,
    level: f64,
    individuals: usize,
    choice: Option<population::Choice>,
    /// Numbers of the patient that the study sets.
    pub set: Parameters,
}

/// What an arm gave, patient by patient in order, without keeping the patients.
struct Outcome {
    /// `[time][observable]`.
    bands: Vec<Vec<Quantiles>>,
    /// Patients who were given each dose, and who were there.
    doses: Vec<(u64, u64)>,
    /// How many patients were given so many doses.
    given: Vec<u64>,
    planned: usize,
    worst_imbalance: f64,
    failed: usize,
}

impl Plan {
    /// Lanes that it will run at most.
    pub fn lanes(&self) -> usize {
        self.patients * (self.arms.len() + self.choice.as_ref().map_or(0, |c| c.arms()))
    }

    /// Sets of pharmacokinetics in use, each once, in the order of the arms.
    pub fn kinetics(&self) -> Vec<&str> {
        let mut all: Vec<&str> = vec![];
        for arm in &self.arms {
            if !all.contains(&arm.patients.kinetics.as_str()) {
                all.push(&arm.patients.kinetics);
            }
        }
        all
    }
}

impl Outcome {
    /// Doses given: this part of the patients was given fewer or as many.
    fn doses_given(&self, part: f64) -> f64 {
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

/// Puts the assay together.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &RegimenAssayPart,
) -> Result<Plan, StudyError> {
    let physiology = &Library::builtin().physiology;
    let names: Vec<&String> = match &part.regimens {
        Some(names) => {
            super::each_once(&format!("{at}.regimens"), names)?;
            names.iter().collect()
        }
        // Those that follow others are no arms of their own.
        None => {
            let follows = |n: &String| study.regimens.values().any(|r| r.then.as_ref() == Some(n));
            study.regimens.keys().filter(|n| !follows(n)).collect()
        }
    };
    if names.is_empty() {
        return Err(StudyError::at(
            format!("{at}.regimens"),
            "no regimen is there that follows no other; add a part such as [regimens.low_dose]",
        ));
    }
    super::at_most(&format!("{at}.regimens"), "regimens", names.len(), super::MOST_ARMS)?;
    let named = format!("{at}.pharmacokinetics");
    let kinetics = (named.as_str(), part.pharmacokinetics.as_deref().unwrap_or(USUAL_KINETICS));
    kinetics_of(kinetics.0, kinetics.1)?;
    let patients = part.patients.unwrap_or(1);
    if !(1..=MOST_PATIENTS).contains(&patients) {
        return Err(StudyError::at(
            format!("{at}.patients"),
            format!("{patients} is not allowed; use 1 to {MOST_PATIENTS}"),
        ));
    }
    let level = part.level.unwrap_or(0.9);
    if !(0.0..1.0).contains(&level) {
        return Err(StudyError::at(
            format!("{at}.level"),
            format!("{level} is not allowed; use a part below 1, such as 0.9"),
        ));
    }
    let rules = match part.rules.as_deref() {
        None | Some("none") => None,
        Some("hold") => Some(Rules::new(physiology)),
        Some(other) => {
            return Err(unknown(
                &format!("{at}.rules"),
                "rule",
                other,
                ["hold", "none"].into_iter(),
                "rules",
            ));
        }
    };
    let times =
        crate::study::grid(&format!("{at}.times"), &part.times, Spacing::Even, super::time)?;
    let draws = match (part.draws.as_deref(), patients) {
        (Some("sobol"), n) if n > MOST_SOBOL => {
            let message = format!("has {MOST_SOBOL} patients at most; use fewer, or random draws");
            return Err(StudyError::at(format!("{at}.draws"), message));
        }
        (None | Some("random" | "sobol"), 1) => Draws::Typical,
        (None | Some("random"), _) => Draws::Random(study.seed),
        (Some("sobol"), _) => Draws::Sobol(study.seed),
        (Some(other), _) => {
            let known = ["random", "sobol"].into_iter();
            return Err(unknown(&format!("{at}.draws"), "kind", other, known, "draws"));
        }
    };
    let uncertain = part.uncertain == Some(true);
    if uncertain && patients == 1 {
        let message = "needs patients who may differ; ask for some hundred patients";
        return Err(StudyError::at(format!("{at}.uncertain"), message));
    }
    let set_here = format!("{at}.parameters");
    let numbers = Some((set_here.as_str(), &part.parameters));
    let made = Made { kinetics, draws, uncertain, numbers };
    let arm_of =
        |(i, name): (usize, &&String)| arm(study, &format!("{at}.regimens[{i}]"), name, &made);
    let arms: Vec<Arm> = names.iter().enumerate().map(arm_of).collect::<Result<_, _>>()?;
    let observables = arms[0].patients.cohort.body.network.observables.len();
    super::at_most(at, "rows of bands", arms.len() * times.len() * observables, super::MOST_ROWS)?;
    let individuals = part.individuals.unwrap_or(10).min(patients) as usize;
    let courses = arms.len() * individuals * times.len();
    super::at_most(at, "rows of courses of individuals", courses, super::MOST_ROWS)?;
    super::at_most(at, "patients in all arms", arms.len() * patients as usize, super::MOST_LANES)?;
    let show = shown(at, part.show.as_ref(), &arms[0].patients)?;
    let choice = part.population.as_ref();
    let choice = choice.map(|p| population::choice(at, p, &arms, patients)).transpose()?;
    Ok(Plan {
        name: name.to_string(),
        set: set_by_study(&arms[0].patients, &part.parameters),
        arms,
        choice,
        patients: patients as usize,
        rules,
        times,
        show,
        level,
        individuals,
    })
}

/// Runs every arm. Patients are made, run and counted one after another: memory does not grow with
/// them but for a row each.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
    let observables = &plan.arms[0].patients.cohort.body.network.observables;
    let mut people = Table::new(&format!("{}_patients", plan.name), &PEOPLE);
    let names: Vec<String> = observables.iter().map(column).collect();
    let mut columns: Vec<(&str, bool)> = vec![("arm", true), ("patient", false), ("time_d", false)];
    columns.extend(names.iter().map(|n| (n.as_str(), false)));
    let mut courses = Table::new(&format!("{}_courses", plan.name), &columns);
    let choice = plan.choice.as_ref();
    let chosen = choice.map(|choice| population::choose(study, plan, choice, progress));
    let weights = chosen.as_ref().map_or(vec![1; plan.patients], |c| c.weights.clone());
    if let (Some(choice), Some(chosen)) = (choice, &chosen)
        && weights.iter().all(|w| *w == 0)
    {
        return population::nobody(plan, choice, chosen);
    }
    let counted = weights.iter().filter(|w| **w > 0).count();
    let mut outcomes = vec![];
    for arm in &plan.arms {
        outcomes.push(run_arm(study, plan, arm, &weights, (&mut people, &mut courses), progress));
    }
    let bands = report::bands(plan, &outcomes);
    let mut result = AssayResult {
        figures: vec![(plan.name.clone(), report::figure(study, plan, counted, &outcomes))],
        summary: report::summary(plan, &outcomes),
        text: report::text(plan, counted, &outcomes),
        warnings: vec![super::patients::MOSTLY_ASSUMED.into()],
        answer: answer::tables(study, plan, &outcomes),
        checks: answer::checks(plan, &outcomes),
        picture: Some(report::panel(plan, &outcomes, &plan.show[0])),
        tables: vec![bands, people, courses],
        failed: outcomes.iter().map(|o| o.failed).sum(),
        inputs: plan.arms.iter().flat_map(|arm| arm.files.clone()).collect(),
        ..AssayResult::default()
    };
    if let (Some(choice), Some(chosen)) = (choice, &chosen) {
        let table = population::table(plan, choice, chosen);
        result.text = population::text(plan, choice, chosen) + &result.text;
        result.summary["population"] = population::summary(plan, choice, chosen);
        result.checks.extend(population::checks(plan, choice, chosen));
        let title = "Published distributions: wanted, drawn, and of the patients counted";
        result.answer.insert(0, (title.into(), table.clone()));
        result.tables.push(table);
    }
    result
}

/// So long after a dose at once it is looked at (min).
const JUST_AFTER: f64 = 1e-3;

/// Columns of the table of patients. Extremes are over the output times and the ends of doses.
const PEOPLE: [(&str, bool); 20] = [
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
    ("last_treg_fold", false),
    ("lowest_lymphocytes_fold", false),
    ("highest_lymphocytes_fold", false),
    ("lowest_mean_arterial_pressure_mmhg", false),
    ("highest_creatinine_mg_per_dl", false),
    ("lowest_urine_output_ml_per_8h", false),
    ("highest_weight_gain_percent", false),
    ("imbalance", false),
    ("status", true),
];

fn run_arm(
    study: &Study,
    plan: &Plan,
    arm: &Arm,
    weights: &[u64],
    (people, courses): (&mut Table, &mut Table),
    progress: &(dyn Fn(usize) + Sync),
) -> Outcome {
    let (cohort, regimen) = (&arm.patients.cohort, &arm.regimen);
    let names: Vec<&str> =
        cohort.body.network.observables.iter().map(|o| o.name.as_str()).collect();
    let planned = regimen.planned();
    let mut outcome = Outcome {
        bands: vec![vec![Quantiles::default(); names.len()]; plan.times.len()],
        doses: vec![(0, 0); planned.len()],
        given: vec![0; planned.len() + 1],
        planned: planned.len(),
        worst_imbalance: 0.0,
        failed: 0,
    };
    // Levels are highest where a dose ends, which may lie between the outputs.
    let last = plan.times.last().copied().unwrap_or(0.0);
    let ends = planned.iter().map(|p| match p.route {
        Route::Infusion(duration) => p.time + duration,
        // A look at the time of a dose comes before it.
        Route::Bolus | Route::Subcutaneous => p.time + JUST_AFTER,
    });
    let mut looks: Vec<f64> =
        plan.times.iter().copied().chain(ends.filter(|t| *t < last)).collect();
    looks.sort_by(f64::total_cmp);
    looks.dedup();
    let outputs: Vec<usize> = plan
        .times
        .iter()
        .map(|t| looks.iter().position(|l| l == t).expect("just put there"))
        .collect();
    // Whoever is not counted is not run.
    let counted: Vec<usize> = (0..plan.patients).filter(|&i| weights[i] > 0).collect();
    let make = |k: usize| {
        let person = cohort.person(counted[k] as u64);
        cohort.lane(&person, regimen, plan.rules.as_ref(), &looks)
    };
    let take = |k: usize, found: il2_engine::ensemble::Answer| {
        let (i, weight) = (counted[k], weights[counted[k]]);
        let person = cohort.person(i as u64);
        let (rows, delivered, status) = match &found {
            Ok(found) => {
                let rows = cohort.observe(&person, found, &looks);
                let delivered = cohort.delivered(&person, regimen, found, &looks);
                for &(event, decision) in &found.decisions {
                    outcome.doses[event].1 += weight;
                    let given = decision == il2_engine::lane::Decision::Give;
                    outcome.doses[event].0 += weight * u64::from(given);
                }
                outcome.given[delivered.given] += weight;
                outcome.worst_imbalance = outcome.worst_imbalance.max(delivered.imbalance.abs());
                (rows, delivered, "ok".to_string())
            }
            Err(failure) => {
                outcome.failed += 1;
                (vec![], Delivered::default(), failure.to_string())
            }
        };
        let at_outputs = || outputs.iter().filter_map(|&place| rows.get(place));
        for (bands, row) in outcome.bands.iter_mut().zip(at_outputs()) {
            bands.iter_mut().zip(row).for_each(|(band, &value)| band.push(value, weight));
        }
        let place = |name: &str| names.iter().position(|n| *n == name).expect("an observable");
        let series = |name: &str| {
            let place = place(name);
            rows.iter().map(move |row| row[place])
        };
        let highest = |name: &str| series(name).fold(f64::NAN, f64::max);
        let lowest = |name: &str| series(name).fold(f64::NAN, f64::min);
        people.push(person_row(
            arm,
            (i, weight),
            &person,
            &delivered,
            [
                highest("concentration"),
                highest("treg_fold"),
                at_outputs().next_back().map_or(f64::NAN, |row| row[place("treg_fold")]),
                lowest("lymphocytes_fold"),
                highest("lymphocytes_fold"),
                lowest("mean_arterial_pressure"),
                highest("creatinine"),
                lowest("urine_output"),
                highest("weight_gain"),
            ],
            status,
        ));
        if k < plan.individuals {
            for (row, time) in at_outputs().zip(&plan.times) {
                let mut all: Vec<Value> =
                    vec![regimen.name.as_str().into(), (i as f64).into(), (time / 1440.0).into()];
                all.extend(row.iter().map(|&v| Value::from(v)));
                courses.push(all);
            }
        }
        progress(1);
        ControlFlow::Continue(())
    };
    let threads = study.threads;
    let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
    let _ = ensemble.run(0..counted.len(), make, take);
    outcome
}

fn person_row(
    arm: &Arm,
    (index, weight): (usize, u64),
    person: &Person,
    delivered: &Delivered,
    seen: [f64; 9],
    status: String,
) -> Vec<Value> {
    let mut row: Vec<Value> = vec![
        arm.regimen.name.as_str().into(),
        (index as f64).into(),
        (weight as f64).into(),
        person.weight.into(),
        person.height.into(),
        person.surface.into(),
        (delivered.planned as f64).into(),
        (delivered.given as f64).into(),
        delivered.amount.into(),
    ];
    row.extend(seen.map(Value::from));
    row.push(delivered.imbalance.into());
    row.push(status.as_str().into());
    row
}
