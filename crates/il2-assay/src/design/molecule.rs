//! The molecules of a search: the forms of the designed molecule and the known molecules, each on
//! every cell.

use crate::vary::{OnCell, Varied};
use il2::cell::Cell;
use il2::culture::Setup;
use il2::culture::uncertainty::{Posterior, drawn};
use il2::ligand::{Ligand, SHARED_CHAINS};
use il2::parameter::Parameter;
use il2::receptor::bonds::{FORWARD, LOOSER};
use il2_answer::labels::cell_label;
use il2_engine::ParameterId;
use il2_engine::network::{Network, ParameterValue};
use il2_inference::sobol;
use il2_study::choose::{prepare, readout};
use il2_study::library::ModelEntry;
use il2_study::{Study, StudyError};
use il2_wells::medium::MediumPlan;

/// Numbers that replace those of the study, by molecule and cell.
pub type Given = Vec<Vec<(ParameterId, f64)>>;

/// A molecule on each cell; checks that every readout exists.
pub(super) fn on_cells(
    study: &Study,
    (at, readouts): (&str, &[String]),
    entry: &ModelEntry,
    ligand: &Ligand,
    cells: &[Option<&Cell>],
    medium: &MediumPlan,
) -> Result<Vec<OnCell>, StudyError> {
    let on = |cell: &Option<&Cell>| {
        let ligands = medium.with_own(vec![ligand.clone()]);
        let setup = medium.setup(at, study.setup(&entry.model, ligands, *cell))?;
        let prepared = prepare(at, setup)?;
        readouts.iter().try_for_each(|name| readout(at, &prepared, name).map(|_| ()))?;
        if prepared.network().is_none() {
            let message = "is solved algebraically at equilibrium and has no rate equations \
                           with parameters to vary; use polyvalent or gamma-chain";
            return Err(StudyError::model(format!("{at}.model"), message));
        }
        Ok(OnCell { label: cell_label(*cell), prepared })
    };
    cells.iter().map(on).collect()
}

/// Gives a ligand its own number for a bond if a search varies it; otherwise the bond has the
/// common value.
pub(super) fn with_own_bonds<'a>(
    ligand: &Ligand,
    on: &OnCell,
    names: impl Iterator<Item = &'a String>,
) -> Ligand {
    let mut ligand = ligand.clone();
    let (model, values) = on.prepared.network().expect("checked before");
    let label = ligand.label.clone();
    for name in names {
        let Some(own) = name.strip_prefix(&format!("{label}.")) else { continue };
        let common = match own.split_once('.') {
            Some((table, _)) if table == LOOSER || table == FORWARD => table.to_string(),
            Some(("k_on", chain)) => {
                let of_beta = format!("{label}.k_on_beta");
                let own =
                    chain == SHARED_CHAINS[0] && model.network.parameter_named(&of_beta).is_some();
                if own { of_beta } else { format!("{label}.k_on") }
            }
            _ => continue,
        };
        let Some(id) = model.network.parameter_named(&common) else { continue };
        if !ligand.knows(own) {
            let (value, dimension) = (values[id.0], model.network.parameters[id.0].dimension);
            let text = format!("{value} {}", il2::quantity::base_unit(dimension));
            let note = format!("varied together with {common}, which applies to all bonds");
            let given = Parameter::from_study(value, dimension, text.trim());
            ligand.parameters.insert(own.to_string(), Parameter { note, ..given });
        }
    }
    ligand
}

/// The parameters of a network that a draw changed.
fn changed(of: &OnCell, drawn: &Setup) -> Vec<(ParameterId, f64)> {
    let before = &of.prepared.network().expect("checked in the plan").0.network;
    let after: Network =
        drawn.network().expect("a draw changes numbers, not what goes together").network;
    let pairs = before.parameters.iter().zip(&after.parameters).enumerate();
    let differ = pairs.filter_map(|(i, pair)| match (&pair.0.value, &pair.1.value) {
        (ParameterValue::Given(a), ParameterValue::Given(b)) if a != b => {
            Some((ParameterId(i), *b))
        }
        _ => None,
    });
    // Numbers that the study sets are not drawn.
    differ.filter(|(id, _)| !of.prepared.parameters[id.0].overridden).collect()
}

/// Draws of the posterior and of receptor counts.
pub(super) fn draws(
    study: &Study,
    on: &[OnCell],
    posterior: &Posterior,
    count: usize,
) -> Vec<Given> {
    let places: Vec<u64> = (1..=count as u64).collect();
    let one = |index: &u64| {
        let of =
            |on: &OnCell| changed(on, &drawn(&on.prepared.setup, posterior, study.seed, *index));
        on.iter().map(of).collect()
    };
    study.threads.map(&places, one)
}

/// Donors whose counts vary by their published spread.
pub(super) fn donors(study: &Study, on: &[OnCell], count: usize) -> Vec<Given> {
    // Donors are drawn separately from the interval draws, which express the uncertainty about a
    // single donor.
    let seed = study.seed ^ 0x0064_6f6e_6f72;
    let one = |index: usize| {
        let of = |on: &OnCell| {
            changed(on, &drawn(&on.prepared.setup, &Posterior::default(), seed, index as u64))
        };
        on.iter().map(of).collect()
    };
    (1..=count).map(one).collect()
}

/// Donors whose counts are spread evenly between the ends that a study gives.
pub(super) fn donors_between(seed: u64, varied: &[Varied], on: usize, count: usize) -> Vec<Given> {
    let design = sobol::Design { rows: count, numbers: varied.len(), seed };
    let one = |donor: usize| {
        let point = design.point(donor * design.row());
        let of = |place: usize| {
            let all = varied.iter().zip(&point);
            let own = all.filter_map(|(number, part)| {
                number.sets[place].map(|(id, _)| (id, number.at(*part, true)))
            });
            own.collect()
        };
        (0..on).map(of).collect()
    };
    (0..count).map(one).collect()
}
