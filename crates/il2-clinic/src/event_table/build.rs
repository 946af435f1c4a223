//! Plans a model with an event table: units, numbers of the model, the table itself.

use crate::event_table::model::{Model, Patient, Plain};
use crate::event_table::plan::Plan;
use crate::event_table::units::{self, TableUnits};
use crate::patients::{CohortOptions, Patients, patients, shown};
use il2::parameter::within;
use il2::patient::cohort::Draws;
use il2::patient::compartments::Structure;
use il2::treatment::schedule::elapsed;
use il2_study::error::StudyError;
use il2_study::event_table::{self, Factors, TableMeaning};
use il2_study::library::Library;
use il2_study::study::Study;
use il2_study::study::dosing::{EventTablePart, TableUnitsPart};
use il2_study::values::{quantity, unknown};
use indexmap::IndexMap;

/// The model of the whole patient, by its name in a study.
const PATIENT: &str = "patient";

/// Reads the table and plans the events.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &EventTablePart,
) -> Result<Plan, StudyError> {
    let (model, factors, concentration) = match part.model.as_str() {
        PATIENT => whole(study, at, part)?,
        _ => compartments(at, part)?,
    };
    let none = IndexMap::new();
    let given = match &model {
        Model::Plain(plain) => &plain.given,
        Model::Patient(_) => &none,
    };
    let of = model.compartments();
    let told = event_table::compartments_told(at, &part.compartments, of)?;
    let how = TableMeaning {
        compartments: of,
        told: &told,
        must_be_told: matches!(model, Model::Patient(_)),
        at,
        numbers: model.numbers(),
        factors,
        given,
        covariates: &[],
        limits: false,
        of_doses: event_table::LEFT_TO_THE_TABLE,
        kinds: &[],
        lower_limits: &[],
        columns: &part.columns,
    };
    let file = study.tables.path(&part.table);
    let table = event_table::read(&study.tables, &part.table, &how)?;
    if let Model::Patient(patient) = &model {
        patient.check(&file, &table)?;
    }
    for s in &table.subjects {
        elapsed(&s.records).map_err(|record| event_table::falls_back(&file, &table, s, record))?;
    }
    let (units, written) = (&part.units, units::concentration(&part.units));
    Ok(Plan {
        name: name.to_string(),
        model,
        table,
        units: [units.time.clone(), units.amount.clone(), written],
        file: part.table.clone(),
        factors,
        concentration,
    })
}

/// A plain model, factors to base units, and the unit of concentrations.
fn compartments(at: &str, part: &EventTablePart) -> Result<(Model, Factors, f64), StudyError> {
    let structures = Structure::ALL.iter().map(|(n, _)| *n).chain([PATIENT]);
    let found = Structure::ALL.iter().find(|(n, _)| *n == part.model);
    let structure = found
        .ok_or_else(|| {
            unknown(&format!("{at}.model"), "model", &part.model, structures, "an event table")
        })?
        .1;
    let only = [
        ("ligand", part.ligand.is_some()),
        ("species", part.species.is_some()),
        ("show", part.show.is_some()),
    ];
    if let Some((key, _)) = only.iter().find(|(_, given)| *given) {
        let message = "applies only to model = \"patient\"; leave it out";
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let TableUnits { factors, amount, concentration } = units::of(at, &part.units)?;
    let mut given = IndexMap::new();
    if let Some(name) = &part.pharmacokinetics {
        let animals = &Library::builtin().physiology.animals;
        let place = format!("{at}.pharmacokinetics");
        let known = animals.keys().map(String::as_str);
        let set = animals.get(name);
        let set =
            set.ok_or_else(|| unknown(&place, "animal", name, known, "compartment models"))?;
        let of =
            structure.parameters().iter().filter_map(|p| Some((p, set.parameters.get(p.name)?)));
        given.extend(of.map(|(p, number)| (p.name, number.value)));
    }
    for (key, text) in &part.parameters {
        let at = format!("{at}.parameters.{key}");
        let known = structure.parameters().iter().map(|p| p.name);
        let number = structure.parameters().iter().find(|p| p.name == key);
        let number = number.ok_or_else(|| unknown(&at, "parameter", key, known, "this model"))?;
        let value = quantity(&at, text, number.dimension)?;
        within(number.limits(), value, &text.0).map_err(|e| StudyError::at(&at, e.0))?;
        given.insert(number.name, value);
    }
    Ok((Model::Plain(Plain { structure, given, amount }), factors, concentration))
}

/// The whole patient, factors to base units, and the unit of concentrations (pM).
fn whole(
    study: &Study,
    at: &str,
    part: &EventTablePart,
) -> Result<(Model, Factors, f64), StudyError> {
    let (named, numbers) = (format!("{at}.pharmacokinetics"), format!("{at}.parameters"));
    let animal = format!("{at}.species");
    let made = CohortOptions {
        species: (&animal, part.species.as_deref()),
        kinetics: (&named, part.pharmacokinetics.as_deref()),
        draws: Draws::Typical,
        uncertain: false,
        numbers: Some((&numbers, &part.parameters)),
    };
    let (patients, factors, concentration) =
        patients_of(study, at, (part.ligand.as_deref(), &part.units), &made)?;
    let show = shown(at, part.show.as_ref(), &patients)?;
    Ok((Model::Patient(Patient { patients, show }), factors, concentration))
}

/// Patients under a table that gives this ligand, factors to base units, and the unit of concentrations (pM).
pub fn patients_of(
    study: &Study,
    at: &str,
    (ligand, units): (Option<&str>, &TableUnitsPart),
    made: &CohortOptions,
) -> Result<(Patients, Factors, f64), StudyError> {
    let place = format!("{at}.ligand");
    let missing =
        || StudyError::at(&place, "is missing; name the ligand of [ligands] that is given");
    let ligand = ligand.ok_or_else(missing)?;
    let preparation = study.ligand(&place, ligand)?.preparation();
    let refused = |key: &str, e: il2::quantity::QuantityError| {
        StudyError::at(format!("{at}.units.{key}"), e.0)
    };
    let time = units::minutes(at, units)?;
    let amount = preparation.amount(&format!("1 {}", units.amount));
    let amount = amount.map_err(|e| refused("amount", e))?;
    let concentration = preparation.concentration(&format!("1 {}", units::concentration(units)));
    let concentration = concentration.map_err(|e| refused("concentration", e))?;
    let factors = Factors { time, amount, volume: 1.0 };
    Ok((patients(study, &place, ligand, made)?, factors, concentration))
}
