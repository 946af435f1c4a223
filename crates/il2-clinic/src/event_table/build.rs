//! Puts a model under an event table together: units, numbers of the model, the table itself.

use crate::event_table::model::{Model, Patient, Plain};
use crate::event_table::plan::Plan;
use crate::patients::{CohortOptions, patients, shown};
use il2::parameter::within;
use il2::patient::cohort::Draws;
use il2::patient::compartments::Structure;
use il2::quantity::Quantity;
use il2::treatment::schedule::elapsed;
use il2_engine::Dimension;
use il2_study::error::StudyError;
use il2_study::event_table::{self, Factors, TableMeaning};
use il2_study::library::Library;
use il2_study::study::Study;
use il2_study::study::dosing::EventTablePart;
use il2_study::values::{quantity, unknown};
use indexmap::IndexMap;

const AMOUNTS: [Dimension; 3] = [
    Dimension { substance: 1, ..Dimension::DIMENSIONLESS },
    Dimension { mass: 1, ..Dimension::DIMENSIONLESS },
    Dimension { activity: 1, ..Dimension::DIMENSIONLESS },
];

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
        columns: &part.columns,
    };
    let file = study.tables.path(&part.table);
    let table = event_table::read(&study.tables, &part.table, &how)?;
    if let Model::Patient(patient) = &model {
        patient.check(&file, &table)?;
    }
    for s in &table.subjects {
        elapsed(&s.records).map_err(|record| event_table::falls_back(&file, s, record))?;
    }
    let (units, written) = (&part.units, concentration_unit(part));
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

fn volume_unit(part: &EventTablePart) -> &str {
    part.units.volume.as_deref().unwrap_or("L")
}

fn concentration_unit(part: &EventTablePart) -> String {
    let own = || format!("{}/{}", part.units.amount, volume_unit(part));
    part.units.concentration.clone().unwrap_or_else(own)
}

/// A unit of a given dimension.
fn one_of(
    at: &str,
    key: &str,
    text: &str,
    fits: impl Fn(Dimension) -> bool,
    what: &str,
) -> Result<Quantity, StudyError> {
    let at = format!("{at}.units.{key}");
    match Quantity::parse(&format!("1 {text}")) {
        Ok(one) if fits(one.dimension) => Ok(one),
        Err(e) => Err(StudyError::at(at, e.0)),
        Ok(_) => Err(StudyError::at(at, format!("\"{text}\" is not a unit of {what}"))),
    }
}

fn minutes(at: &str, part: &EventTablePart) -> Result<f64, StudyError> {
    let time = |d| d == Dimension::TIME;
    Ok(one_of(at, "time", &part.units.time, time, "time; use min, h or d")?.value)
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
        let message = "belongs to model = \"patient\"; a plain model has none; leave it out";
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let units = &part.units;
    let time = minutes(at, part)?;
    let amounts = "amount; use one of mass, substance or activity: mg, nmol, MIU";
    let amount = one_of(at, "amount", &units.amount, |d| AMOUNTS.contains(&d), amounts)?;
    let volumes = "volume; use L or mL";
    let volume = one_of(at, "volume", volume_unit(part), |d| d == Dimension::VOLUME, volumes)?;
    let what = format!("concentration in the unit of AMT; use for example {}/L", units.amount);
    let fits = |d| d == amount.dimension / Dimension::VOLUME;
    let concentration = one_of(at, "concentration", &concentration_unit(part), fits, &what)?;
    let mut given = IndexMap::new();
    if let Some(name) = &part.pharmacokinetics {
        let animals = &Library::builtin().physiology.animals;
        let place = format!("{at}.pharmacokinetics");
        let known = animals.keys().map(String::as_str);
        let set = animals.get(name);
        let set = set.ok_or_else(|| unknown(&place, "animal", name, known, "plain models"))?;
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
    let factors = Factors { time, amount: amount.value, volume: volume.value };
    let plain = Plain { structure, given, amount: amount.dimension };
    Ok((Model::Plain(plain), factors, concentration.value))
}

/// The whole patient, factors to base units, and the unit of concentrations (pM).
fn whole(
    study: &Study,
    at: &str,
    part: &EventTablePart,
) -> Result<(Model, Factors, f64), StudyError> {
    let place = format!("{at}.ligand");
    let missing = || StudyError::at(&place, "is missing; say which ligand of [ligands] is given");
    let ligand = part.ligand.as_deref().ok_or_else(missing)?;
    let preparation = study.ligand(&place, ligand)?.preparation();
    let refused = |key: &str, e: il2::quantity::QuantityError| {
        StudyError::at(format!("{at}.units.{key}"), e.0)
    };
    let time = minutes(at, part)?;
    let amount = preparation.amount(&format!("1 {}", part.units.amount));
    let amount = amount.map_err(|e| refused("amount", e))?;
    let concentration = preparation.concentration(&format!("1 {}", concentration_unit(part)));
    let concentration = concentration.map_err(|e| refused("concentration", e))?;
    let (named, numbers) = (format!("{at}.pharmacokinetics"), format!("{at}.parameters"));
    let animal = format!("{at}.species");
    let made = CohortOptions {
        species: (&animal, part.species.as_deref()),
        kinetics: (&named, part.pharmacokinetics.as_deref()),
        draws: Draws::Typical,
        uncertain: false,
        numbers: Some((&numbers, &part.parameters)),
    };
    let patients = patients(study, &place, ligand, &made)?;
    let show = shown(at, part.show.as_ref(), &patients)?;
    let factors = Factors { time, amount, volume: 1.0 };
    Ok((Model::Patient(Patient { patients, show }), factors, concentration))
}
