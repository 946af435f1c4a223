//! Tables of a regimen assay for the report, and its checks.

use crate::beyond::Range;
use crate::event_table;
use crate::regimen::doses;
use crate::regimen::excursion::{Excursion, after};
use crate::regimen::given::{self, Given};
use crate::regimen::plan::Plan;
use crate::regimen::report::{extreme, last, words};
use crate::regimen::sentence::{self, Arm, Arms};
use crate::regimen::treat::{Outcome, ends};
use il2::quantity::{DAY, HOUR};
use il2_answer::answer::Check;
use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, listed};
use il2_inference::quantiles::Quantiles;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::study::Study;
use std::collections::HashMap;

/// A table that compares the arms, then a table of each arm: highest, lowest and last median of the
/// quantities shown.
pub fn tables(study: &Study, plan: &Plan, outcomes: &[Outcome]) -> Vec<(String, Table)> {
    let mut arms = Table::new(
        "arms",
        &[
            ("arm", true),
            ("ligand", true),
            ("dose", true),
            ("route", true),
            ("doses planned", false),
            ("given (median)", false),
            ("given (lower quartile)", false),
            ("given (upper quartile)", false),
            ("half-life (h)", false),
            ("patients", false),
        ],
    );
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        arms.push(vec![
            arm.regimen.name.as_str().into(),
            arm.regimen.ligand.as_str().into(),
            study.regimens[&arm.regimen.name].dose_text().into(),
            doses::route(&arm.regimen.route).as_str().into(),
            (outcome.planned as f64).into(),
            outcome.doses_given(0.5).into(),
            outcome.doses_given(0.25).into(),
            outcome.doses_given(0.75).into(),
            outcome.half_life(plan, arm).map_or(f64::NAN, |phase| phase.minutes / HOUR).into(),
            ((plan.patients - outcome.failed) as f64).into(),
        ]);
    }
    let mut all = vec![("Doses of every arm, planned and given".to_string(), arms)];
    for (arm, outcome) in plan.arms.iter().zip(outcomes) {
        let columns = [
            ("quantity", true),
            ("unit", true),
            ("highest", false),
            ("day of highest", false),
            ("lowest", false),
            ("day of lowest", false),
            ("last", false),
        ];
        let mut table = Table::new(&arm.regimen.name, &columns);
        for name in &plan.show {
            let (title, unit) = words(plan, name);
            let high = extreme(plan, outcome, name, true);
            let low = extreme(plan, outcome, name, false);
            let last = last(plan, outcome, name);
            let mut row: Vec<Value> = vec![title.as_str().into(), unit.as_str().into()];
            // What the solver cannot distinguish from zero counts as zero.
            let least = study.tolerance.absolute;
            let told = |v: f64| if v.abs() < least { 0.0 } else { v };
            row.extend([high.1, high.0, low.1, low.0, last].map(|v| Value::from(told(v))));
            table.push(row);
        }
        let whose = match plan.patients {
            1 => "the typical patient".to_string(),
            n => format!(
                "medians over {n} patients of each patient's highest and lowest value, and of the last value"
            ),
        };
        all.push((format!("{}: {whose}", arm.regimen.name), table));
    }
    all
}

/// The answer in sentences: how its readouts change, then the doses given.
pub fn sentences(plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
    let solved: Vec<usize> =
        (0..outcomes.len()).filter(|i| !outcomes[*i].people.is_empty()).collect();
    if solved.is_empty() {
        return vec!["No patient could be simulated, so there is no answer.".into()];
    }
    let (told, untreated) = (told(plan, outcomes, &solved), untreated(plan, outcomes, &solved));
    let mut said = vec![];
    if let Some((none, sentence)) = &untreated {
        said.push(sentence.clone());
        // Nothing changes in patients without a dose.
        if *none == solved.len() {
            return said;
        }
    }
    said.extend(sentence::sentences(&told));
    let given = |&i: &usize| Given {
        name: plan.arms[i].regimen.name.clone(),
        doses: (outcomes[i].doses_given(0.5), outcomes[i].planned),
        limits: plan.rules.is_some().then(|| limits(plan, &outcomes[i])),
    };
    said.push(given::sentence(&solved.iter().map(given).collect::<Vec<_>>()));
    said.extend(beyond(plan, outcomes));
    said
}

/// The number of arms in which rules withheld every dose from every patient, and a sentence that says so;
/// none if there is no such arm.
fn untreated(plan: &Plan, outcomes: &[Outcome], solved: &[usize]) -> Option<(usize, String)> {
    plan.rules.as_ref()?;
    let none = |i: &&usize| outcomes[**i].planned > 0 && outcomes[**i].doses_given(1.0) == 0.0;
    let none: Vec<String> =
        solved.iter().filter(none).map(|&i| cut(&plan.arms[i].regimen.name, 30)).collect();
    let under = match none.len() {
        0 => return None,
        n if n == solved.len() && n > 1 => "in any arm".to_string(),
        _ => format!("under {}", listed(&none)),
    };
    let why = match plan.met_at_rest() {
        met if met.is_empty() => "the rules withheld all of them".into(),
        met => format!("before treatment, {} in the typical patient", listed(&met)),
    };
    Some((none.len(), format!("No dose was given {under}: {why}.")))
}

/// How every readout of the answer behaves in the arms that were solved.
fn told(plan: &Plan, outcomes: &[Outcome], solved: &[usize]) -> Vec<Arms> {
    let places = plan.answer_places();
    let told = places.iter().enumerate();
    told.map(|(k, place)| arms(plan, outcomes, solved, (k, *place))).collect()
}

/// The compact table of all arms, if they are too many for sentences about each.
pub fn table_of_arms(plan: &Plan, outcomes: &[Outcome]) -> String {
    let solved: Vec<usize> =
        (0..outcomes.len()).filter(|i| !outcomes[*i].people.is_empty()).collect();
    match solved.len() > sentence::MOST {
        true => sentence::table(&told(plan, outcomes, &solved)),
        false => String::new(),
    }
}

/// Sentences about arms outside the range in which the model was fitted or patients were followed.
pub fn beyond(plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
    let of = |(arm, outcome): (&crate::regimen::arm::Arm, &Outcome)| {
        let range = Range::of(&arm.patients.cohort);
        outcome.beyond.sentence(&range, &arm.regimen.name, plan.last_dose(arm))
    };
    plan.arms.iter().zip(outcomes).filter_map(of).collect()
}

/// How a readout behaves in the arms that were solved, given its index in the answer and among the
/// readouts shown.
fn arms(plan: &Plan, outcomes: &[Outcome], solved: &[usize], (k, place): (usize, usize)) -> Arms {
    let (readout, unit) = words(plan, &plan.show[place]);
    let end = plan.times.last().map_or(0.0, |t| t / DAY);
    let arm = |&i: &usize| {
        let (all, told) = (&outcomes[i].extremes[place], &outcomes[i].told[k]);
        let share = |count: u64| count as f64 / told.all as f64;
        let excursion = |value: &Quantiles, at: &Quantiles, up: bool| {
            let (value, day) = (spread(plan, value), at.at(0.5));
            let after = after(&outcomes[i].drawn[place], end, (day, value.middle), up);
            Excursion { value, day, after, share: share(told.moves[usize::from(!up)]) }
        };
        Arm {
            name: plan.arms[i].regimen.name.clone(),
            highest: excursion(&all.highest, &all.highest_at, true),
            lowest: excursion(&all.lowest, &all.lowest_at, false),
            stay: share(told.stay),
        }
    };
    let arms: Vec<Arm> = solved.iter().map(arm).collect();
    let ratios = [0, 1].map(|lowest| {
        let medians = |a: &Arm| [a.highest, a.lowest][lowest].value.middle;
        let pairs = sentence::side_by_side(&arms.iter().map(medians).collect::<Vec<_>>());
        let ratio = |(above, below): (usize, usize)| {
            let of = |arm: usize| {
                let outcome = &outcomes[solved[arm]];
                let own = outcome.people.iter().zip(&outcome.told[k].ends);
                own.map(|((patient, weight), ends)| (*patient, *weight, ends[lowest]))
            };
            (above, below, spread(plan, &within_patients(of(above), of(below))))
        };
        pairs.into_iter().map(ratio).filter(|r| r.2.middle.is_finite()).collect()
    });
    // The patients of all arms are the same.
    let start = outcomes[solved[0]].told[k].start.at(0.5);
    Arms { readout, unit, level: plan.level, one: plan.patients == 1, start, arms, ratios }
}

/// The median of the patients and the ends of the study's central interval; for a single patient the value
/// itself.
fn spread(plan: &Plan, q: &Quantiles) -> Spread {
    match plan.patients {
        1 => Spread::exact(q.at(0.5)),
        _ => {
            let (low, high) = ends(plan.level);
            Spread { middle: q.at(0.5), low: q.at(low), high: q.at(high) }
        }
    }
}

/// Ratios between two arms within each patient, weighted: patients differ more than arms do.
fn within_patients(
    above: impl Iterator<Item = (usize, u64, f64)>,
    below: impl Iterator<Item = (usize, u64, f64)>,
) -> Quantiles {
    let mut ratios = Quantiles::default();
    let below: HashMap<usize, f64> = below.map(|(patient, _, value)| (patient, value)).collect();
    for (patient, weight, value) in above {
        match below.get(&patient) {
            // Zero in both arms means no difference. Zero in one arm has no ratio; leaving such
            // patients out would give the ratio of the sickest patients.
            Some(below) if *below == 0.0 && value == 0.0 => ratios.push(1.0, weight),
            Some(below) if *below == 0.0 && weight > 0 => return Quantiles::default(),
            Some(below) => ratios.push(value / below, weight),
            None => {}
        }
    }
    ratios
}

/// Fraction of the patients who reached a limit for withholding, and the limit that most of them reached.
fn limits(plan: &Plan, outcome: &Outcome) -> (f64, Option<String>) {
    let all: u64 = outcome.people.iter().map(|(_, weight)| weight).sum();
    // The first of equally frequent limits.
    let most = plan.criteria().iter().zip(&outcome.reached).rev().max_by_key(|(_, count)| **count);
    let which = most.filter(|(_, count)| **count > 0).map(|(criterion, count)| {
        let name = words(plan, criterion.readout).0;
        match *count == outcome.reached_any {
            true => name,
            false => format!("mostly {name}"),
        }
    });
    (outcome.reached_any as f64 / all as f64, which)
}

/// The mass balance of the drug in every arm.
pub fn checks(plan: &Plan, outcomes: &[Outcome]) -> Vec<Check> {
    let arms = plan.arms.iter().zip(outcomes);
    arms.map(|(arm, outcome)| {
        event_table::balance(&format!("arm {}", arm.regimen.name), outcome.worst_imbalance)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_of_each_patient_with_his_weight() {
        // Ratios 4, 2 and 1; the ratio of the medians would be 2 / 1.
        let above = [(0, 1, 4.0), (1, 1, 20.0), (2, 5, 1.0)];
        let below = [(2, 5, 1.0), (0, 1, 1.0), (1, 1, 10.0), (3, 9, 1.0)];
        let ratios = within_patients(above.into_iter(), below.into_iter());
        assert_eq!((ratios.at(0.5), ratios.count()), (1.0, 7));
        let alike = above.map(|(patient, _, value)| (patient, 1, value));
        let ratios = within_patients(alike.into_iter(), below.into_iter());
        assert_eq!(ratios.at(0.5), 2.0);
        // Patients with zero in the lower arm are not left out.
        let none = |value: f64| {
            within_patients(
                [(0, 1, value), (1, 1, 3.0)].into_iter(),
                [(0, 1, 0.0), (1, 1, 2.0)].into_iter(),
            )
        };
        assert_eq!((none(0.0).at(0.0), none(0.0).count()), (1.0, 2));
        assert!(none(5.0).at(0.5).is_nan());
    }
}
