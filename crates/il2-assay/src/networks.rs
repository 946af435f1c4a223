//! The networks that assays run, for export to other programs.

use crate::kinds::Plan;
use il2_clinic::event_table::Model;
use il2_clinic::patients::Patients;
use il2_engine::Network;
use il2_engine::lane::Event;

/// A network of an assay with the numbers of one of its simulations.
#[derive(Clone, Debug)]
pub struct AssayNetwork<'a> {
    /// The network.
    pub network: &'a Network,
    /// Values of its parameters, in base units.
    pub parameters: Vec<f64>,
    /// The events during the run.
    pub events: &'a [Event],
    /// A short description.
    pub what: String,
}

/// The networks that an assay runs.
pub fn networks(plan: &Plan) -> Vec<AssayNetwork<'_>> {
    fn patient(patients: &Patients) -> AssayNetwork<'_> {
        AssayNetwork {
            network: &patients.cohort.body.network,
            parameters: patients.cohort.usual().to_vec(),
            events: &[],
            what: format!("a usual patient and {}", patients.ligand),
        }
    }
    match plan {
        Plan::Activation(p) => vec![AssayNetwork {
            network: &p.network,
            parameters: p.network.parameter_values(&[]),
            events: &p.events,
            what: format!("a well of model {}", p.model),
        }],
        Plan::TumourModel(p) => vec![AssayNetwork {
            network: &p.network,
            parameters: p.parameters.clone(),
            events: &[],
            what: format!("model {}", p.model.name()),
        }],
        Plan::EventTable(p) => match &p.model {
            Model::Patient(p) => vec![patient(&p.patients)],
            Model::Plain(_) => vec![],
        },
        Plan::Regimen(p) => p.arms.iter().map(|arm| patient(&arm.patients)).collect(),
        Plan::Trial(p) => {
            let treated = p.arms.iter().filter_map(|arm| arm.drug.as_ref());
            treated.map(|(patients, _)| patient(patients)).collect()
        }
        _ => plan
            .prepared()
            .into_iter()
            .filter_map(|prepared| {
                let (model, values) = prepared.network()?;
                let setup = &prepared.setup;
                let ligands: Vec<&str> = setup.ligands.iter().map(|l| l.label.as_str()).collect();
                let cell = setup.cell.as_ref().map_or("its own cell", |c| c.label.as_str());
                Some(AssayNetwork {
                    network: &model.network,
                    parameters: values.to_vec(),
                    events: &[],
                    what: format!(
                        "{} on {cell}, model {}",
                        ligands.join(" and "),
                        setup.model.name
                    ),
                })
            })
            .collect(),
    }
}
