//! The networks that assays run, for export to other programs.

use crate::kinds::Plan;
use il2::culture::Prepared;
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
fn own(network: &Network, parameters: Vec<f64>, what: String) -> AssayNetwork<'_> {
    let initial = network.initial_state(&parameters);
    AssayNetwork { network: Cow::Borrowed(network), parameters, initial, events: vec![], what }
}

/// A culture with the contents of its well, and all additions and changes of medium.
fn well(plan: &culture::Plan) -> AssayNetwork<'_> {
    let network = plan.culture.network();
    let parameters = network.parameter_values(&[]);
    let mut initial = network.initial_state(&parameters);
    let (start, events) = plan.culture.begins(&plan.well);
    start.into_iter().for_each(|(species, level)| initial[species.0] = level);
    let kinds: Vec<String> = plan.present().map(|(kind, _)| kind.name.clone()).collect();
    let what = format!("a well of {}", listed(&kinds));
    AssayNetwork { network: Cow::Owned(network), parameters, initial, events, what }
}

/// One cell in a medium; none if its model is solved without a network.
fn cell(prepared: &Prepared) -> Option<AssayNetwork<'_>> {
    let (model, values) = prepared.network()?;
    let setup = &prepared.setup;
    let ligands: Vec<String> = setup.ligands.iter().map(|l| l.label.clone()).collect();
    let cell = setup.cell.as_ref().map_or("its own cell", |c| c.label.as_str());
    let what = format!("{} on {cell}, model {}", listed(&ligands), setup.model.name);
    Some(own(&model.network, values.to_vec(), what))
}

fn patient(patients: &Patients) -> AssayNetwork<'_> {
    let what = format!("a usual patient and {}", patients.ligand);
    own(&patients.cohort.body.network, patients.cohort.usual().to_vec(), what)
}

/// The networks that an assay runs.
pub fn networks(plan: &Plan) -> Vec<AssayNetwork<'_>> {
    fn arm(arm: &Arm) -> AssayNetwork<'_> {
        patient(&arm.patients)
    }
    match plan {
        Plan::Activation(p) => {
            let well = format!("a well of model {}", p.model);
            let network = own(&p.network, p.network.parameter_values(&[]), well);
            vec![AssayNetwork { events: p.events.clone(), ..network }]
        }
        Plan::Culture(p) => p.wells().map(well).collect(),
        Plan::TumourModel(p) => {
            vec![own(&p.network, p.parameters.clone(), format!("model {}", p.model.name()))]
        }
        Plan::EventTable(p) => match &p.model {
            Model::Patient(p) => vec![patient(&p.patients)],
            Model::Plain(_) => vec![],
        },
        Plan::Regimen(p) => p.arms.iter().map(arm).collect(),
        Plan::Trial(p) => {
            let treated = p.arms.iter().filter_map(|arm| arm.drug.as_ref());
            treated.map(|(patients, _)| patient(patients)).collect()
        }
        Plan::Fit(p) => p.prepared.iter().filter_map(cell).chain(p.arms.iter().map(arm)).collect(),
        _ => plan.prepared().into_iter().filter_map(cell).collect(),
    }
}
