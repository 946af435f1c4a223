//! The model of a population fit: compartments, with the processes that the numbers of the study
//! add.

use crate::event_table::Patient;
use crate::event_table::patients_of;
use crate::patients::{CohortOptions, is_forming, settable};
use crate::population_fit::patient::Body;
use il2::patient::cohort::Draws;
use il2::patient::compartments::{Named, Structure};
use il2::patient::course::{Effect, Model};
use il2::patient::individual;
use il2::treatment::record::{Rate, Steady};
use il2_engine::Dimension;
use il2_study::csv_file;
use il2_study::error::StudyError;
use il2_study::event_table::{EventTable, Factors};
use il2_study::formula::is_of_a_name;
use il2_study::study::Study;
use il2_study::study::population::PopulationFitPart;
use il2_study::values::unknown;
use std::path::Path;

/// The model of a fit.
#[derive(Clone, Debug)]
pub enum System {
    /// Compartments, with any nonlinear processes.
    Plain(Model),
    /// The whole patient.
    Patient(Box<Body>),
}

impl System {
    /// Compartments in the order of NONMEM's numbers.
    pub fn compartments(&self) -> &'static [&'static str] {
        match self {
            System::Plain(model) => model.structure.compartments(),
            System::Patient(_) => &individual::COMPARTMENTS,
        }
    }

    /// The plain model, if it is one.
    pub fn plain(&self) -> Option<&Model> {
        match self {
            System::Plain(model) => Some(model),
            System::Patient(_) => None,
        }
    }

    /// The patient, if it is one.
    pub fn patient(&self) -> Option<&Body> {
        match self {
            System::Plain(_) => None,
            System::Patient(body) => Some(body),
        }
    }
}

/// The whole patient, by its name in a study.
pub const PATIENT: &str = "patient";

/// The patient of a study with the numbers that it fits.
pub struct OfPatient {
    /// The patient.
    pub body: Body,
    /// Numbers that a study may fit or set.
    pub known: Vec<Known>,
    /// Factors to base units.
    pub factors: Factors,
    /// The unit of concentrations, in base units.
    pub concentration: f64,
}

/// The patient model of a study.
pub fn patient(study: &Study, at: &str, part: &PopulationFitPart) -> Result<OfPatient, StudyError> {
    let of_plain = [
        (
            "effect",
            part.effect.is_some(),
            "the effect on a patient is a readout, for example observed.NAME.of = \"treg_fold\"",
        ),
        ("dose", part.dose.is_some(), "concentrations in a patient are not proportional to doses"),
        ("chains", part.chains.is_some(), "sampling chains for a patient would take days"),
    ];
    if let Some((key, _, why)) = of_plain.iter().find(|(_, given, _)| *given) {
        let message = format!("applies only to compartment models; {why}; leave it out");
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let (named, animal) = (format!("{at}.pharmacokinetics"), format!("{at}.species"));
    let made = CohortOptions {
        species: (&animal, None),
        kinetics: (&named, part.pharmacokinetics.as_deref()),
        draws: Draws::Typical,
        uncertain: false,
        numbers: None,
    };
    let (patients, factors, concentration) =
        patients_of(study, at, (part.ligand.as_deref(), &part.units), &made)?;
    let network = &patients.cohort.body.network;
    let settable = settable(&patients.cohort);
    let (mut numbers, mut known) = (vec![], vec![]);
    for name in part.parameters.keys() {
        let at = format!("{at}.parameters.{name}");
        if is_forming(name) {
            let message = "determines the equations of the model, so it cannot be fitted; leave it \
                           out";
            return Err(StudyError::at(at, message));
        }
        // A coefficient of the formulas.
        if network.parameter_named(name).is_none() && is_in_formulas(part, name) {
            continue;
        }
        let id = network.parameter_named(name).filter(|_| settable.contains(&name.as_str()));
        let of = settable.iter().copied();
        let id = id.ok_or_else(|| unknown(&at, "parameter", name, of, "a patient"))?;
        numbers.push(id);
        known.push(Known {
            name: name.clone(),
            columns: &[],
            dimension: network.parameters[id.0].dimension,
            usual: None,
        });
    }
    let patient = Patient { patients, show: vec![] };
    let body = Body { patient, numbers, tolerance: study.tolerance };
    Ok(OfPatient { body, known, factors, concentration })
}

/// Whether a formula of covariates contains a name.
fn is_in_formulas(part: &PopulationFitPart, name: &str) -> bool {
    part.covariates
        .iter()
        .flat_map(|text| text.split(|c| !is_of_a_name(c)))
        .any(|word| word == name)
}

/// A number that a model has.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name in a study.
    pub name: String,
    /// Other names of the number, such as NONMEM's.
    pub columns: &'static [&'static str],
    /// Its dimension.
    pub dimension: Dimension,
    /// Its value if the study gives none; none if the study must give one.
    pub usual: Option<f64>,
}

impl Known {
    /// Whether the number has this name, either in a study or in NONMEM.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.columns.iter().any(|c| c.eq_ignore_ascii_case(name))
    }
}

/// The numbers of a model whose amounts and effect have these dimensions.
pub fn known(model: &Model, amount: Dimension, effect: Dimension) -> Vec<Known> {
    let all = model.numbers(amount, effect).into_iter();
    all.map(|n| {
        let Named { name, columns, dimension, .. } = n.number;
        Known { name: name.to_string(), columns, dimension, usual: n.usual }
    })
    .collect()
}

/// The model of a study: compartments by name, with absorption and elimination according to its
/// numbers.
pub fn model(at: &str, part: &PopulationFitPart) -> Result<(String, Model), StudyError> {
    let structures = Structure::ALL.iter().map(|(n, _)| *n).chain([PATIENT]);
    let found = Structure::ALL.iter().find(|(n, _)| *n == part.model);
    let (name, structure) = *found.ok_or_else(|| {
        unknown(&format!("{at}.model"), "model", &part.model, structures, "a population fit")
    })?;
    let of_patients =
        [("ligand", part.ligand.is_some()), ("pharmacokinetics", part.pharmacokinetics.is_some())];
    if let Some((key, _)) = of_patients.iter().find(|(_, given)| *given) {
        let message = "applies only to model = \"patient\"; leave it out";
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let effect = match &part.effect {
        None => None,
        Some(name) => {
            let known = Effect::ALL.iter().map(|(n, _)| *n);
            let found = Effect::ALL.iter().find(|(n, _)| n == name);
            let at = format!("{at}.effect");
            Some(found.ok_or_else(|| unknown(&at, "effect", name, known, "a population fit"))?.1)
        }
    };
    let plain = Model::plain(structure);
    let with = |model: Model| -> Option<&String> {
        let none = Dimension::DIMENSIONLESS;
        let of_compartments = structure.parameters().len();
        let own: Vec<Known> = known(&model, none, none).into_iter().skip(of_compartments).collect();
        part.parameters.keys().find(|name| own.iter().any(|k| k.is_called(name)))
    };
    let saturates = with(Model { saturates: true, ..plain }).is_some();
    let transit = with(Model { transit: true, ..plain });
    let refuse =
        |name: &str, message: &str| Err(StudyError::at(format!("{at}.parameters.{name}"), message));
    if let Some(name) = transit {
        if structure.central() == 0 {
            let message = "describes absorption, but this model has no depot; use a model whose \
                           name ends with -oral, or leave it out";
            return refuse(name, message);
        }
        let lasts = |name: &&String| {
            ["absorption_duration", "D1"].iter().any(|n| n.eq_ignore_ascii_case(name))
        };
        if let Some(name) = part.parameters.keys().find(lasts) {
            let message = "describes absorption differently from transit compartments; keep \
                           only one of the two";
            return refuse(name, message);
        }
    }
    if effect.is_none() {
        // Coefficients may have the alternative names of the model's numbers.
        let of_effect = |name: &&String| {
            let names =
                ["turnover_rate", "KOUT", "half_effect_concentration", "EC50", "IC50", "C50"];
            names.iter().any(|n| n.eq_ignore_ascii_case(name))
        };
        if let Some(name) = part.parameters.keys().find(of_effect) {
            let message = "is a parameter of an effect, but the assay has no effect; add for \
                           example effect = \"inhibits-production\", or leave it out";
            return refuse(name, message);
        }
    }
    Ok((name.to_string(), Model { structure, saturates, transit: transit.is_some(), effect }))
}

/// Refuses doses that a model cannot represent.
pub fn check(model: &Model, file: &Path, table: &EventTable) -> Result<(), StudyError> {
    for s in &table.subjects {
        for (r, record) in s.records.iter().enumerate().filter(|(_, record)| record.gives()) {
            let refuse = |column: &str, message: &str| {
                Err(csv_file::at(file, s.lines[r] as usize, column, message))
            };
            if record.steady != Steady::No && !model.is_linear() {
                let message = "requires a steady state, which has no closed form with saturable \
                               elimination, transit compartments or an effect; give the earlier \
                               doses with ADDL and II";
                return refuse("SS", message);
            }
            if model.transit && record.compartment == 0 && record.rate != Rate::AtOnce {
                let message = "is an infusion into the depot, which does not pass through transit \
                               compartments; set RATE to 0, or use a model without transit \
                               compartments";
                return refuse("RATE", message);
            }
        }
    }
    Ok(())
}
