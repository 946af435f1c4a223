//! Subjects and measurements that the fitted model does not expect, such as a level with a slipped
//! decimal point: an estimate from them is precise and wrong.

use crate::population_fit::plan::Plan;
use crate::population_fit::run::Found;
use il2::quantity::three_digits;
use il2_answer::sentence::{listed, number};

/// Standard deviations beyond which a random effect or a residual is not expected, even among
/// hundreds of them.
const FAR: f64 = 4.0;
/// Largest number of effects or measurements of a subject that are named.
const TOLD: usize = 3;

/// What is not expected of a subject; none if everything is.
pub fn of(plan: &Plan, found: &Found, subject: usize) -> Option<String> {
    let mut said = vec![];
    for (k, p) in plan.numbers.of_subjects.iter().enumerate() {
        let name = &plan.numbers.parameters[*p].name;
        let varies = |e: &&_| {
            let e: &crate::population_fit::estimates::Estimate = e;
            e.what == "between subjects" && e.name == *name
        };
        let Some(sd) = found.estimates.iter().find(varies).map(|e| e.value) else { continue };
        let off = found.marginal.modes[subject].effects[k] / sd;
        if off.abs() > FAR {
            let side = if off > 0.0 { "above" } else { "below" };
            said.push((
                off.abs(),
                format!("{name} is {} standard deviations {side} typical", number(off.abs())),
            ));
        }
    }
    let residuals = &found.diagnosis.residuals[subject];
    let of = &plan.table.subjects[subject];
    let rows = plan.subjects[subject].rows.iter().zip(&plan.places[subject]).zip(residuals);
    for ((row, place), residual) in rows {
        let Some(off) = residual.individual_weighted.filter(|off| off.abs() > FAR) else {
            continue;
        };
        said.push((
            off.abs(),
            format!(
                "DV in line {}, {}, is {} standard deviations from the subject's own curve",
                of.lines[*place],
                three_digits(row.value),
                number(off.abs())
            ),
        ));
    }
    said.sort_by(|a, b| b.0.total_cmp(&a.0));
    said.truncate(TOLD);
    let said: Vec<String> = said.into_iter().map(|(_, what)| what).collect();
    (!said.is_empty()).then(|| listed(&said))
}

/// A warning for each such subject, of the first few.
pub fn warnings(plan: &Plan, found: &Found) -> Vec<String> {
    const SUBJECTS: usize = 5;
    let all: Vec<String> = (0..plan.subjects.len())
        .filter_map(|i| {
            let what = of(plan, found, i)?;
            Some(format!("subject {}: {what}", plan.table.subjects[i].id))
        })
        .collect();
    let more = all.len().saturating_sub(SUBJECTS);
    let mut told: Vec<String> = all.into_iter().take(SUBJECTS).collect();
    if let Some(last) = told.last_mut() {
        *last += match more {
            0 => "; check the measurements, doses and units",
            _ => {
                "; check the measurements, doses and units, also of the other subjects with values \
                  that the model does not expect (columns of the table of residuals)"
            }
        };
    }
    told
}
