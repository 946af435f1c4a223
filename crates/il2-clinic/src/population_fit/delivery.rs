//! Doses of a table as a fit reads them: what the study estimates of them, and which of them take it.

use crate::population_fit::numbers::{Numbers, Parameter, Target};
use il2::treatment::record::{Delivery, Rate, Record};
use il2_study::error::StudyError;
use il2_study::event_table::EventTable;

fn of(numbers: &Numbers, target: Target) -> Option<&Parameter> {
    numbers.parameters.iter().find(|p| p.of == target)
}

/// What the parameters say of doses into the first compartment, at the starts.
pub fn of_doses(numbers: &Numbers) -> Delivery {
    let start = |target: Target| of(numbers, target).map_or(f64::NAN, |p| p.start);
    Delivery {
        lag: start(Target::Lag),
        bioavailability: start(Target::Bioavailability),
        duration: start(Target::Duration),
        rate: start(Target::Rate),
    }
}

/// Doses that take the estimated duration are those with RATE -2, as in NONMEM. In a table without any, which says
/// nothing of absorption of order zero, they are all doses into the first compartment that have no rate.
pub fn settle(numbers: &Numbers, table: &mut EventTable) {
    if of(numbers, Target::Duration).is_none() {
        return;
    }
    let records = || table.subjects.iter().flat_map(|s| &s.records);
    if records().any(|record| takes(record, Target::Duration)) {
        return;
    }
    for record in table.subjects.iter_mut().flat_map(|s| &mut s.records) {
        if record.gives() && record.compartment == 0 && record.rate == Rate::AtOnce {
            record.rate = Rate::ModelledDuration;
        }
    }
}

/// Whether a dose takes a number of the study.
fn takes(record: &Record, target: Target) -> bool {
    let here = record.gives() && record.compartment == 0;
    here && match target {
        Target::Lag | Target::Bioavailability => true,
        Target::Duration => {
            record.rate == Rate::ModelledDuration && record.delivery.duration.is_nan()
        }
        Target::Rate => record.rate == Rate::Modelled && record.delivery.rate.is_nan(),
        // Absorption: any dose into the depot.
        Target::Model(_) => true,
        Target::Coefficient => false,
    }
}

/// The parameter of a depot, into which doses for absorption go.
const ABSORPTION: &str = "absorption_rate";

/// Refuses to estimate a number that no dose of the table takes.
pub fn check(
    at: &str,
    numbers: &Numbers,
    (estimates, sought): (bool, bool),
    table: &EventTable,
) -> Result<(), StudyError> {
    let refuse = |p: &Parameter, message: &str| {
        Err(StudyError::at(format!("{at}.parameters.{}", p.name), message))
    };
    for p in &numbers.parameters {
        let needs = match p.of {
            Target::Lag | Target::Bioavailability => "goes into the first compartment",
            Target::Duration => "into the first compartment has RATE -2, or no rate",
            Target::Rate => "into the first compartment has RATE -1",
            Target::Model(_) if p.name == ABSORPTION => {
                "goes into the depot, the first compartment"
            }
            Target::Model(_) | Target::Coefficient => continue,
        };
        if p.of == Target::Rate && sought {
            let message = "is a rate, with which concentrations are not proportional to doses, but \
                           `dose` requires proportional concentrations; leave one of the two out";
            return refuse(p, message);
        }
        let mut records = table.subjects.iter().flat_map(|s| &s.records);
        if estimates && !p.fixed && !records.any(|record| takes(record, p.of)) {
            let message = format!(
                "cannot be estimated, because no dose of the table {needs}; correct the table, or \
                 leave the parameter out"
            );
            return refuse(p, &message);
        }
    }
    Ok(())
}
