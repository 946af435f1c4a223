//! Derivatives of a result at the values of the study, from forward sensitivities of the engine.

use crate::sensitivity::plan::{Output, Plan};
use il2_engine::ParameterId;
use il2_engine::network::ParameterValue;
use il2_inference::experiment::{Course, Experiment, System};
use il2_inference::no_answer::NoAnswer;
use il2_inference::reading::{Modelled, Place, Reading, Reduce, When};
use il2_study::study::Study;

/// A result and its derivatives.
#[derive(Clone, Debug)]
pub struct Slopes {
    /// The result in base units; for a selectivity, the ratio.
    pub value: f64,
    /// By number: relative change of the result divided by that of the number, d ln y / d ln p.
    pub relative: Vec<f64>,
}

/// The derivatives at each time, or why there are none.
pub(super) fn slopes(study: &Study, plan: &Plan) -> Vec<Result<Slopes, NoAnswer>> {
    let mut experiment = Experiment::default();
    let mut readout = 0;
    for (c, cell) in plan.cells.iter().enumerate() {
        let (model, _) = cell.prepared.network().expect("checked in the plan");
        let mut network = model.network.clone();
        for (parameter, own) in network.parameters.iter_mut().zip(&cell.prepared.parameters) {
            if own.overridden {
                parameter.value = ParameterValue::Given(own.value);
            }
        }
        let varied = plan.varied.iter().enumerate();
        let follows: Vec<(ParameterId, usize, f64)> = varied
            .filter_map(|(number, v)| v.sets[c].map(|(id, factor)| (id, number, factor)))
            .collect();
        let mut system = System::new(network, &follows);
        readout = system.readout(&plan.readout).expect("checked in the plan");
        experiment.systems.push(system);
        let medium = model.medium.iter().find(|(label, _)| *label == plan.ligand);
        experiment.courses.extend(plan.doses.iter().map(|dose| Course {
            system: c,
            start: medium.map(|(_, species)| (*species, *dose)).into_iter().collect(),
            events: vec![],
            times: plan.times.clone(),
            stretches: vec![],
        }));
    }
    let doses = plan.doses.len();
    let reading = |cell: usize, time: usize| Reading {
        reduce: if plan.asked == Output::Response { Reduce::At } else { Reduce::Ec50 },
        places: (0..doses)
            .map(|dose| Place { course: cell * doses + dose, when: When::At(time), readout })
            .collect(),
        along: plan.doses.clone(),
    };
    let values: Vec<f64> = plan.varied.iter().map(|number| number.value).collect();
    let at = |time: &usize| {
        let readings: Vec<Reading> =
            (0..plan.cells.len()).map(|cell| reading(cell, *time)).collect();
        let readings: Vec<&Reading> = readings.iter().collect();
        relative(&experiment.run(&values, &readings, study.tolerance)?)
    };
    study.threads.map(&(0..plan.times.len()).collect::<Vec<_>>(), at)
}

/// Slopes for one cell or, for two cells, of the second over the first.
fn relative(all: &[Modelled]) -> Result<Slopes, NoAnswer> {
    if all.iter().any(|modelled| modelled.value == 0.0) {
        return Err(NoAnswer::Zero);
    }
    let own = |modelled: &Modelled| Slopes {
        value: modelled.value,
        relative: modelled.slopes.iter().map(|slope| slope / modelled.value).collect(),
    };
    let first = own(&all[0]);
    Ok(match all.get(1).map(own) {
        None => first,
        Some(second) => Slopes {
            value: second.value / first.value,
            relative: second.relative.iter().zip(&first.relative).map(|(a, b)| a - b).collect(),
        },
    })
}
