//! The answer of a population fit in sentences, and its warnings.

use crate::patients::MOSTLY_ASSUMED;
use crate::population_fit::chains;
use crate::population_fit::dose::DRAWS;
use crate::population_fit::doubts;
use crate::population_fit::endpoints;
use crate::population_fit::estimates::Estimate;
use crate::population_fit::implausible;
use crate::population_fit::plan::Plan;
use crate::population_fit::profiles;
use crate::population_fit::run::Found;
use crate::population_fit::tables::variation;
use il2::quantity::three_digits;
use il2::treatment::record::Record;
use il2_answer::sentence::{Spread, listed, number, percent};
use il2_engine::words::counted;
use il2_study::event_table::Subject;
use il2_study::headings;

/// Estimates of the first numbers with their variability; and a dose, if one is sought.
pub fn sentences(plan: &Plan, found: &Found) -> Vec<String> {
    /// Largest number of numbers that the answer reports; the table has all of them.
    const TOLD: usize = 6;
    /// Share of subjects whose values of a logit-normal parameter are between the two that the
    /// answer names.
    const MOST_SUBJECTS: f64 = 0.9;
    if found.maximum.as_ref().is_some_and(|maximum| !maximum.converged()) {
        return vec![
            "The search did not converge, so there are no estimates (the table has its last values): \
             check units and compartments of the table, or give other starting values."
                .into(),
        ];
    }
    let typical = found.estimates.iter().filter(|e| e.what == "typical" && !e.fixed);
    let varies =
        |name: &str, what: &str| found.estimates.iter().find(|e| e.what == what && e.name == name);
    let one = |e: &Estimate| {
        // An open end of a profile is infinite, so that the sentence names the other one alone.
        let open = [f64::NEG_INFINITY, f64::INFINITY];
        let end = |(end, open): (f64, f64)| if end.is_nan() { open } else { end };
        let ends = match profiles::of(&found.profiles, e) {
            Some(own) => [end((own.ends[0], open[0])), end((own.ends[1], open[1]))],
            None => e.ends,
        };
        let spread = Spread { middle: e.value, low: ends[0], high: ends[1] };
        let cv = |what: &str| {
            let percent = |v| format!("{} % {what}", three_digits(variation(plan, v)));
            varies(&e.name, what).map(percent)
        };
        let varies = match varies(&e.name, "between subjects") {
            Some(v) if plan.is_logit_normal(&e.name) => {
                let ends = plan.ends_of_subjects(&e.name, e.value, v.value, MOST_SUBJECTS);
                format!(
                    ", from {} to {} in {} of subjects",
                    three_digits(ends[0]),
                    three_digits(ends[1]),
                    percent(MOST_SUBJECTS)
                )
            }
            _ if plan.is_logit_normal(&e.name) => String::new(),
            _ => match (cv("between subjects"), cv("between occasions")) {
                (None, None) => String::new(),
                (Some(one), None) | (None, Some(one)) => format!(", varying by {one}"),
                (Some(one), Some(other)) => format!(", varying by {one} and {other}"),
            },
        };
        format!("{} is {}{varies}", e.name, spread.said(&e.unit))
    };
    let told: Vec<String> = typical.clone().take(TOLD).map(one).collect();
    let mut all = vec![];
    if !told.is_empty() {
        let ends = typical.clone().take(TOLD).any(|e| e.ends.iter().all(|end| end.is_finite()));
        let rest = typical.count().saturating_sub(TOLD);
        let mut notes = vec![];
        if ends {
            let by = if found.profiles.is_empty() { "" } else { " by profile likelihood" };
            notes.push(format!("{} intervals{by}", percent(plan.level)));
        }
        if rest > 0 {
            notes.push(format!("{} in the table", counted(rest, "more parameter")));
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        all.push(format!(
            "In {}, {}{notes}.",
            counted(plan.subjects.len(), "subject"),
            told.join("; "),
        ));
    }
    all.extend(doses(plan, found));
    all
}

fn doses(plan: &Plan, found: &Found) -> Vec<String> {
    let Some(sought) = &plan.dose else { return vec![] };
    let every = number(sought.every / plan.factors.time);
    let [low, high] = sought.window.map(number);
    let of = sought.of.word();
    let a = if of.starts_with('a') { "an" } else { "a" };
    let said = |dose: &crate::population_fit::dose::Dose, whom: &str| {
        format!(
            "{whom} needs {} {} every {every} {} for {a} {of} of {low} to {high} {}; given this \
             subject's measurements, the {of} is in this range with a probability of {}",
            three_digits(dose.amount),
            plan.units[1],
            plan.units[0],
            plan.units[2],
            percent(dose.parts[0])
        )
    };
    let few = plan.subjects.len() <= 3;
    let own = found.doses.iter().filter(|d| d.subject.is_some() && few);
    let mut all: Vec<String> = own
        .map(|d| {
            let subject = d.subject.expect("not the population");
            let whom = format!("Subject {}", plan.table.subjects[subject].id);
            match implausible::of(plan, found, subject) {
                None => said(d, &whom) + ".",
                Some(what) => format!(
                    "The measurements of this subject are not what the model expects ({what}): check \
                     them, the doses and the units before any dose is chosen. Taken as they are: {}.",
                    said(d, &whom)
                ),
            }
        })
        .collect();
    if let Some(d) = found.doses.iter().find(|d| d.subject.is_none()) {
        all.push(format!(
            "The best dose for people like those in the table is {} {} every {every} {}: {} have {a} \
             {of} of {low} to {high} {}.",
            three_digits(d.amount),
            plan.units[1],
            plan.units[0],
            percent(d.parts[0]),
            plan.units[2],
        ));
    }
    all
}

/// Parts of the table that are not fitted.
pub fn of_table(plan: &Plan) -> Vec<String> {
    let table = &plan.table;
    let mut all: Vec<String> =
        headings::not_read_of(&plan.file, &table.not_read).into_iter().collect();
    if table.left_out > 0 {
        let rows = counted(table.left_out, "row");
        all.push(format!("il2 left out {rows} of {}, marked in a column or by a #", plan.file));
    }
    if table.not_compared > 0 {
        all.push(format!(
            "il2 did not fit {} of {} (missing, from another compartment, or in a row that is not \
             an observation)",
            counted(table.not_compared, "measurement"),
            plan.file
        ));
    }
    all.extend(endpoints::below_zero(&plan.file, &plan.endpoints, table));
    for (endpoint, count) in plan.endpoints.iter().zip(endpoints::counts(&plan.endpoints, table)) {
        if count == 0 {
            let name = &endpoint.name;
            all.push(format!("{name} is not measured: no line of {} has DVID {name}", plan.file));
        }
    }
    all.extend(doubts::of(plan));
    all.extend(repeated_doses(plan));
    all.extend(table.idle.iter().map(|idle| format!("{}: {idle}", plan.file)));
    let empty: Vec<String> = (0..plan.subjects.len())
        .filter(|i| plan.subjects[*i].rows.is_empty())
        .map(|i| table.subjects[i].id.clone())
        .collect();
    if !empty.is_empty() {
        let most = empty.len().min(5);
        all.push(format!(
            "the fit does not use {} without measurements (such as {})",
            counted(empty.len(), "subject"),
            listed(&empty[..most])
        ));
    }
    all
}

/// A dose that is on two lines with the same time, amount and compartment, which is given twice.
fn repeated_doses(plan: &Plan) -> Option<String> {
    let same = |a: &Record, b: &Record| {
        let times = (a.time, a.amount, a.compartment, a.rate);
        a.gives() && b.gives() && times == (b.time, b.amount, b.compartment, b.rate)
    };
    let of = |s: &Subject| -> Vec<u32> {
        let pairs = s.records.windows(2).enumerate();
        pairs.filter(|(_, two)| same(&two[0], &two[1])).map(|(r, _)| s.lines[r + 1]).collect()
    };
    let lines: Vec<u32> = plan.table.subjects.iter().flat_map(of).collect();
    let first = lines.first()?;
    Some(format!(
        "{}: {} the dose of the line before with the same time, amount and compartment, and both are \
         given (the first: line {first}); leave one out if it is a copy",
        plan.file,
        if lines.len() == 1 {
            "1 line repeats".into()
        } else {
            format!("{} lines repeat", lines.len())
        }
    ))
}

/// Warnings about the table and the answer.
pub fn warnings(plan: &Plan, found: &Found) -> Vec<String> {
    let mut all = of_table(plan);
    all.extend(plan.system.patient().map(|_| MOSTLY_ASSUMED.to_string()));
    let converged = found.maximum.as_ref().is_some_and(|maximum| maximum.converged());
    if let Some(maximum) = &found.maximum {
        let agree = maximum.agree(AGREE);
        if maximum.searches.len() > 1 && agree == 1 {
            all.push(format!(
                "only one of {} searches reached the best likelihood: there are several maxima, or \
                 searches ended before a maximum; use more starts",
                maximum.searches.len()
            ));
        }
    }
    if let Some(first) = found.check.failed.first() {
        all.push(format!(
            "{} of {} of the visual predictive check could not be simulated, and the bands use \
             only the others. The first failure is subject {} of data set {}: {}",
            found.check.failed.len(),
            counted(plan.simulations * plan.subjects.len(), "subject"),
            plan.table.subjects[first.subject].id,
            first.set + 1,
            first.why
        ));
    }
    if let Some((subject, why)) = found.diagnosis.untypical.first() {
        all.push(format!(
            "{} could not be simulated with typical parameters, and PRED of their measurements is \
             empty. The first failure is subject {}: {why}",
            counted(found.diagnosis.untypical.len(), "subject"),
            plan.table.subjects[*subject].id
        ));
    }
    let fewest = found.doses.iter().map(|dose| dose.draws).min().unwrap_or(DRAWS);
    if fewest < DRAWS {
        all.push(format!(
            "some of the {DRAWS} draws for a dose could not be simulated, and are left out (column \
             draws_solved): one dose has only {fewest} draws"
        ));
    }
    all.extend(profiles::warnings(&found.profiles));
    all.extend(found.chains.iter().flat_map(|chains| chains::warnings(plan, chains)));
    match &found.precision {
        Some(Err(_)) => all.push(match plan.at_ends(&found.at).is_empty() {
            true => format!(
                "there are no standard errors, because the curvature of the likelihood cannot be \
                 inverted: the data do not determine {} (fix one, or let fewer vary)",
                undetermined(plan, found)
            ),
            false => "there are no standard errors, because an estimate is at its bound".into(),
        }),
        Some(Ok(_)) if converged && !found.ended_at_maximum() => {
            all.push(
                "the search ended before the maximum: interpret the intervals with care".into(),
            );
        }
        _ => {}
    }
    for (place, end) in plan.at_ends(&found.at) {
        let p = &plan.numbers.parameters[place];
        let end = format!("{} {}", three_digits(end / p.factor), p.unit);
        all.push(format!(
            "{} is at its bound of {}, and the intervals of the other parameters assume this \
             value: fix it there or, if the model allows, widen the bounds",
            p.name,
            end.trim()
        ));
    }
    for e in &found.estimates {
        if e.what.starts_with("between") && e.value < 0.01 && !e.fixed {
            all.push(format!(
                "{} hardly varies {} (standard deviation {}): leave its variability out",
                e.name,
                e.what,
                three_digits(e.value)
            ));
        }
        if e.what == "typical" && e.relative_error() > 50.0 {
            all.push(format!(
                "{} has a relative standard error of {:.0} %: the data hardly determine it",
                e.name,
                e.relative_error()
            ));
        }
    }
    all.extend(implausible::warnings(plan, found));
    let measured = plan.subjects.iter().filter(|s| !s.rows.is_empty()).count();
    if plan.estimates && measured < FEW_SUBJECTS && found.profiles.is_empty() && plan.chains == 0 {
        all.push(format!(
            "with measurements of only {}, intervals from the curvature of the likelihood are too \
             narrow: use profiles = true or chains",
            counted(measured, "subject")
        ));
    }
    // If the numbers are given rather than estimated, the answer is only about these subjects.
    if !plan.estimates {
        return all;
    }
    for (p, shrinkage) in plan.numbers.of_subjects.iter().zip(&found.diagnosis.effect_shrinkage) {
        if *shrinkage > SHRUNK {
            all.push(format!(
                "{} has a shrinkage of {:.0} %: its estimates for single subjects are drawn \
                 towards the typical value, so plots of these estimates are misleading",
                plan.numbers.parameters[*p].name,
                100.0 * shrinkage
            ));
        }
    }
    all
}

/// Searches whose final log likelihoods differ by less than this have found the same optimum.
pub const AGREE: f64 = 0.05;
/// Shrinkage above which estimates of individual subjects should not be plotted (Savic & Karlsson
/// 2009).
const SHRUNK: f64 = 0.3;
/// Fewest subjects from which intervals by the curvature are about right: those of variabilities of a
/// dozen hold as often as they say to within a few per cent.
const FEW_SUBJECTS: usize = 10;

/// What the data do not determine, in words.
fn undetermined(plan: &Plan, found: &Found) -> String {
    let (first, of_covariance) = (plan.numbers.parameters.len(), plan.effects.coordinates());
    let mut names: Vec<String> = vec![];
    for &k in &found.undetermined {
        let name = match k {
            k if k < first => plan.numbers.parameters[k].name.clone(),
            k if k < first + of_covariance => "a variability or correlation".to_string(),
            _ => "a residual error".to_string(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { "every parameter".into() } else { listed(&names) }
}
