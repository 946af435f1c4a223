//! The networks that assays run, for export to other programs.

use crate::kinds::Plan;
use il2::culture::Prepared;
use il2::quantity::three_digits;
use il2::treatment::regimen::Regimen;
use il2_answer::sentence::listed;
use il2_clinic::event_table::Model;
use il2_clinic::patients::Patients;
use il2_clinic::regimen::arm::Arm;
use il2_engine::Network;
use il2_engine::lane::Event;
use il2_sbml::write;
use il2_wells::culture;
use std::borrow::Cow;

pub use il2_sbml::About;

/// A network of an assay with the numbers of one of its simulations.
#[derive(Clone, Debug)]
pub struct AssayNetwork<'a> {
    /// The network.
    pub network: Cow<'a, Network>,
    /// Values of its parameters, in base units.
    pub parameters: Vec<f64>,
    /// State at the start, in base units.
    pub initial: Vec<f64>,
    /// The events during the run.
    pub events: Vec<Event>,
    /// A short description.
    pub what: String,
    /// What is given during the run, or how to give a dose, in sentences.
    pub given: String,
}

impl AssayNetwork<'_> {
    /// The network in SBML.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn sbml(&self, about: &About) -> Result<String, String> {
        write(&self.network, &self.parameters, &self.initial, &self.events, about)
    }
}

/// A network at its own initial state.
fn own<'a>(
    network: &'a Network,
    parameters: Vec<f64>,
    (what, given): (String, &str),
) -> AssayNetwork<'a> {
    let initial = network.initial_state(&parameters);
    let (network, given) = (Cow::Borrowed(network), given.to_string());
    AssayNetwork { network, parameters, initial, events: vec![], what, given }
}

/// The sentence about a well whose content is part of its network.
const FILLED: &str = "The content of the medium and every change of it are included.";

/// A culture with the contents of its well, and all additions and changes of medium.
fn well(plan: &culture::Plan) -> AssayNetwork<'_> {
    let network = plan.culture.network();
    let parameters = network.parameter_values(&[]);
    let mut initial = network.initial_state(&parameters);
    let (start, events) = plan.culture.begins(&plan.well);
    start.into_iter().for_each(|(species, level)| initial[species.0] = level);
    let kinds: Vec<String> = plan.present().map(|(kind, _)| kind.name.clone()).collect();
    let what = format!("a well of {}", listed(&kinds));
    let (network, given) = (Cow::Owned(network), FILLED.into());
    AssayNetwork { network, parameters, initial, events, what, given }
}

/// One cell in a medium; none if its model is solved without a network.
fn cell(prepared: &Prepared) -> Option<AssayNetwork<'_>> {
    let (model, values) = prepared.network()?;
    let setup = &prepared.setup;
    let ligands: Vec<String> = setup.ligands.iter().map(|l| l.label.clone()).collect();
    let cell = setup.cell.as_ref().map_or("its own cell", |c| c.label.as_str());
    let what = format!("{} on {cell}, model {}", listed(&ligands), setup.model.name);
    let given = "No dose is given; set the ligand concentration in the medium.";
    Some(own(&model.network, values.to_vec(), (what, given)))
}

/// The typical patient, with the doses of a regimen as events. Rules that withhold doses are not
/// included, because they depend on the state.
fn patient<'a>(patients: &'a Patients, regimen: Option<&Regimen>) -> AssayNetwork<'a> {
    let cohort = &patients.cohort;
    let person = cohort.typical();
    let (weight, surface) = (three_digits(person.weight), three_digits(person.surface));
    let body = format!("the typical patient of {weight} kg and {surface} m2");
    let (what, given) = match regimen {
        Some(regimen) => (
            format!("{} for {body}, regimen {}", patients.ligand, regimen.name),
            "The doses for this body are events; rules that withhold doses are not included.",
        ),
        None => (
            format!("{} for {body}", patients.ligand),
            "No dose is given; add an amount (pmol) to depot or central.",
        ),
    };
    let given = format!(
        "{given} Volumes, clearances and the usual urine output are those of this body: for another \
         body, multiply them by the ratio of the body surface areas."
    );
    let doses = regimen.map(|regimen| cohort.lane(&person, regimen, None, &[]).events);
    let given_anyway = |event: Event| Event { asks: false, ..event };
    let events = doses.into_iter().flatten().map(given_anyway).collect();
    AssayNetwork { events, ..own(&cohort.body.network, person.values, (what, &given)) }
}

/// The networks that an assay runs.
pub fn networks(plan: &Plan) -> Vec<AssayNetwork<'_>> {
    fn arm(arm: &Arm) -> AssayNetwork<'_> {
        patient(&arm.patients, Some(&arm.regimen))
    }
    match plan {
        Plan::Activation(p) => {
            let well = format!("a well of model {}", p.model);
            let network = own(&p.network, p.network.parameter_values(&[]), (well, FILLED));
            vec![AssayNetwork { events: p.events.clone(), ..network }]
        }
        Plan::Culture(p) => p.wells().map(well).collect(),
        Plan::TumourModel(p) => {
            let what = (format!("model {}", p.model.name()), "No dose is given.");
            vec![own(&p.network, p.parameters.clone(), what)]
        }
        Plan::EventTable(p) => match &p.model {
            Model::Patient(p) => vec![patient(&p.patients, None)],
            Model::Plain(_) => vec![],
        },
        Plan::Regimen(p) => p.arms.iter().map(arm).collect(),
        Plan::Trial(p) => {
            let treated = p.arms.iter().filter_map(|arm| arm.drug.as_ref());
            treated.map(|(patients, regimen)| patient(patients, Some(regimen))).collect()
        }
        Plan::Fit(p) => p.prepared.iter().filter_map(cell).chain(p.arms.iter().map(arm)).collect(),
        _ => plan.prepared().into_iter().filter_map(cell).collect(),
    }
}
