//! The networks for the rows of a fit, and the parameters in each that fitted numbers set.

use crate::fit::plan::Plan;
use il2::culture::kinds::{Culture, PreparedCulture};
use il2::culture::{Exchange, MediumChange};
use il2::parameter::within;
use il2::patient::cohort::Draws;
use il2::receptor::ModelError;
use il2_clinic::patients::{CohortOptions, kinetics_of, may_be_set};
use il2_clinic::regimen::arm::arm;
use il2_engine::network::{Network, ParameterId, ParameterValue, SpeciesId};
use il2_engine::words::shown;
use il2_engine::{Dimension, Limits};
use il2_inference::experiment::System;
use il2_study::chains::number_meant;
use il2_study::choose::prepare;
use il2_study::error::StudyError;
use il2_study::measurements::Row;
use il2_study::study::Study;
use il2_study::study::fitting::{FittedPart, MeasuredPart};
use il2_study::values::unknown;
use indexmap::IndexMap;

/// A network being built: its table, ligand and cell, and its readouts.
pub struct FitNetwork {
    /// Index of the table, ligand or regimen, and cell.
    pub key: (usize, String, String),
    /// The reaction network and its fitted parameters.
    pub system: System,
    /// The species that takes the dose of a well.
    pub medium: Option<SpeciesId>,
    /// Other species in the medium at the start.
    pub start: Vec<(SpeciesId, f64)>,
    /// Doses of a regimen, or the events of a culture.
    pub events: Vec<il2_engine::Event>,
    /// Readouts and their dimensions.
    pub dimensions: IndexMap<String, Dimension>,
}

/// The fitted parameters, and the table for which a network is made.
pub struct Fitting<'a> {
    /// Key path of the table's part.
    pub at: &'a str,
    /// What is fitted.
    pub parts: &'a IndexMap<String, FittedPart>,
}

/// Dimension of a fitted number, and the allowed ranges of all numbers that it sets.
pub type Stands = (Dimension, Vec<Limits>);

/// The network for rows of one ligand and cell, or of one regimen.
pub fn network(
    study: &Study,
    fitting: &Fitting,
    part: &MeasuredPart,
    key: (usize, String, String),
    stands: &mut [Option<Stands>],
    plan: &mut Plan,
) -> Result<FitNetwork, StudyError> {
    let at = fitting.at;
    let (mut network, medium, events, factors);
    let (mut start, mut members) = (vec![], vec![]);
    if let Some(culture) = &part.culture {
        let asked = study.culture(culture).expect("checked with the table");
        let planned = il2_wells::culture::plan(study, &format!("assay.{culture}"), culture, asked)?;
        if !planned.beside.is_empty() {
            let message = format!(
                "compares several wells (wells of {culture}), but a fit needs a single one; write an \
                 assay for each well"
            );
            return Err(StudyError::model(format!("{at}.culture"), message));
        }
        let in_part = |c: &MediumChange| matches!(c.kind, Exchange::Replace(part) if part < 1.0);
        if planned.well.well.changes.iter().any(in_part) {
            let message = format!(
                "replaces only part of its medium (medium of {culture}), which a fit does not \
                 support; fit a culture whose medium is replaced completely or only added to"
            );
            return Err(StudyError::model(format!("{at}.culture"), message));
        }
        let ligands = &planned.culture.ligands;
        let Some(given) = ligands.iter().find(|ligand| ligand.label == key.1) else {
            let known = ligands.iter().map(|ligand| ligand.label.as_str());
            return Err(unknown(&format!("{at}.table"), "ligand", &key.1, known, "the culture"));
        };
        medium = Some(given.free);
        let made = for_a_fit(&planned, fitting)
            .map_err(|error| StudyError::model(format!("{at}.culture"), error.to_string()))?;
        network = made.network();
        (factors, members) = over_medians(&planned, &made);
        (start, events) = made.begins(&planned.well);
        // States of a culture are amounts per medium, summed over all cells.
        let tolerance = &mut plan.posterior.tolerance;
        let own = planned.culture.tolerance(study.tolerance);
        tolerance.absolute = tolerance.absolute.min(own.absolute);
        plan.prepared.extend(planned.kinds.iter().map(|kind| (*kind.prepared).clone()));
    } else if part.of == "wells" {
        let entry = study.model(at, part.model.as_deref())?;
        let cell = study.cells.get(&key.2);
        let setup = study.setup(&entry.model, vec![study.ligands[&key.1].clone()], cell);
        let prepared = prepare(at, setup)?;
        let Some((made, _)) = prepared.network() else {
            let message = "is solved directly for its equilibrium and has no equations to fit; use \
                           polyvalent or gamma-chain";
            return Err(StudyError::model(format!("{at}.model"), message));
        };
        medium = made.medium.iter().find(|(label, _)| *label == key.1).map(|(_, s)| *s);
        network = made.network.clone();
        for (parameter, own) in network.parameters.iter_mut().zip(&prepared.parameters) {
            if own.overridden {
                parameter.value = ParameterValue::Given(own.value);
            }
        }
        factors = vec![1.0; network.parameters.len()];
        events = vec![];
        plan.prepared.push(prepared);
    } else {
        let place = format!("{at}.table");
        let named = format!("{at}.pharmacokinetics");
        let set = part.pharmacokinetics.as_deref();
        set.map_or(Ok(()), |set| kinetics_of(&named, set).map(drop))?;
        let made = CohortOptions {
            kinetics: (&named, set),
            species: ("", None),
            draws: Draws::Typical,
            uncertain: false,
            numbers: None,
        };
        let arm = arm(study, &place, &key.1, &made, &plan.arms)?;
        let person = arm.patients.cohort.typical();
        events = arm.patients.cohort.lane(&person, &arm.regimen, None, &[]).events;
        network = arm.patients.cohort.body.network.clone();
        for (parameter, &value) in network.parameters.iter_mut().zip(&person.values) {
            parameter.value = ParameterValue::Given(value);
        }
        let ratio = |(own, usual): (&f64, &f64)| if *usual == 0.0 { 1.0 } else { own / usual };
        factors = person.values.iter().zip(arm.patients.cohort.usual()).map(ratio).collect();
        medium = None;
        plan.arms.push(arm);
    }
    let mut fitted: Vec<(ParameterId, usize, f64)> = vec![];
    let patients = (part.of != "wells").then(|| &plan.arms.last().expect("just made").patients);
    for (i, (name, fit)) in fitting.parts.iter().enumerate() {
        let place = fitting.at.split(".measured.").next().unwrap_or("");
        let place = format!("{place}.parameters.{name}");
        for cell in fit.cells.iter().flatten() {
            study.cell(&format!("{place}.cells"), cell)?;
        }
        if fit.cells.as_ref().is_some_and(|cells| !cells.contains(&key.2)) {
            continue;
        }
        for set in sets(name, fit) {
            let found = numbers_of(&network, set, &key.2, &members);
            if let Some(patients) = patients.filter(|_| found.is_empty()) {
                before_patients(study, &place, set, &patients.ligand)?;
            }
            for id in found {
                let parameter = &network.parameters[id.0];
                if matches!(parameter.limits, Limits::Constant | Limits::Follows) {
                    let why =
                        within(parameter.limits, f64::NAN, set).expect_err("no value is allowed");
                    return Err(StudyError::at(place, format!("{set} {why}")));
                }
                if let Some(patients) = patients {
                    may_be_set(&patients.cohort, id)
                        .map_err(|what| StudyError::at(&place, format!("{set} {what}")))?;
                }
                if fitted.iter().any(|f| f.0 == id) {
                    let message =
                        format!("{set} is set by two fitted parameters; remove one of them");
                    return Err(StudyError::at(place, message));
                }
                let stands = stands[i].get_or_insert((parameter.dimension, vec![]));
                if stands.0 != parameter.dimension {
                    let message = format!(
                        "{set} differs in dimension from the other numbers of this parameter; fit it \
                     as a separate parameter"
                    );
                    return Err(StudyError::at(format!("{place}.sets"), message));
                }
                stands.1.push(parameter.limits);
                fitted.push((id, i, factors[id.0]));
            }
        }
    }
    let dimensions = readable(&network);
    let system = System::new(network, &fitted);
    let read = system.read();
    if let Some(&(id, i, _)) = fitted.iter().find(|(id, ..)| !read[id.0]) {
        let name = &fitting.parts.get_index(i).expect("one of them").0;
        let place = fitting.at.split(".measured.").next().unwrap_or("");
        let number = system.parameters().nth(id.0).unwrap_or_default();
        let message = format!(
            "{number} has no effect here, because the numbers derived from it are themselves set \
             or fitted; remove it, or remove those numbers"
        );
        return Err(StudyError::at(format!("{place}.parameters.{name}"), message));
    }
    Ok(FitNetwork { key, system, medium, start, events, dimensions })
}

/// A culture whose numbers may all be changed.
fn for_a_fit(
    planned: &il2_wells::culture::Plan,
    fitting: &Fitting,
) -> Result<PreparedCulture, ModelError> {
    let mut all = fitting.parts.iter().flat_map(|(name, part)| sets(name, part));
    match all.any(|set| set.ends_with(".steepness")) {
        true => Culture { steepness_varies: true, ..planned.described.clone() }.prepare(),
        false => Ok((*planned.culture).clone()),
    }
}

/// A kind, with the cells that represent it.
type Members = (String, Vec<String>);

/// Each number of a culture relative to that of a kind without spread, which is what a fit sets;
/// and the kinds that several cells represent.
fn over_medians(
    planned: &il2_wells::culture::Plan,
    made: &PreparedCulture,
) -> (Vec<f64>, Vec<Members>) {
    let network = made.network();
    let mut factors = vec![1.0; network.parameters.len()];
    let several = made.kinds.iter().filter(|kind| kind.members.len() > 1);
    let members: Vec<Members> =
        several.map(|kind| (kind.name.clone(), kind.members.clone())).collect();
    if members.is_empty() {
        return (factors, members);
    }
    let mut plain = planned.described.clone();
    plain.kinds.iter_mut().for_each(|kind| kind.spread.clear());
    let plain = plain.prepare().expect("the same kinds, each as a single cell").network();
    let (own, usual) = (network.parameter_values(&[]), plain.parameter_values(&[]));
    for (kind, members) in &members {
        for member in members {
            let begins = format!("{member}.");
            for (i, parameter) in network.parameters.iter().enumerate() {
                let Some(rest) = parameter.name.strip_prefix(&begins) else { continue };
                let id = plain.parameter_named(&format!("{kind}.{rest}"));
                let usual = id.map_or(0.0, |id| usual[id.0]);
                if usual != 0.0 {
                    factors[i] = own[i] / usual;
                }
            }
        }
    }
    (factors, members)
}

/// The numbers of a network that a key of a fit sets: one, or one of each cell that represents a
/// kind of a culture.
fn numbers_of(network: &Network, set: &str, cell: &str, members: &[Members]) -> Vec<ParameterId> {
    let named =
        |set: &str| in_network(set, cell).iter().find_map(|name| network.parameter_named(name));
    let of_kind = |(kind, members): &Members| {
        let rest = set.strip_prefix(kind.as_str())?.strip_prefix('.')?;
        Some(members.iter().filter_map(|m| named(&format!("{m}.{rest}"))).collect())
    };
    match named(set) {
        Some(id) => vec![id],
        None => members.iter().find_map(of_kind).unwrap_or_default(),
    }
}

/// Names of the numbers that a fitted parameter sets.
pub fn sets<'a>(name: &'a str, part: &'a FittedPart) -> Vec<&'a str> {
    part.sets.as_ref().map_or(vec![name], |all| all.iter().map(String::as_str).collect())
}

/// Name of a number in the network of a cell: unchanged, or, for `CELL.receptors.CHAIN` (the key by
/// which a study sets it), the count of that chain or of the pair that it represents. In a culture,
/// which has no single cell, the name of the kind remains in front.
fn in_network(set: &str, cell: &str) -> Vec<String> {
    match set.split_once(".receptors.") {
        Some((own, chain)) => {
            let kind = if own == cell { String::new() } else { format!("{own}.") };
            ["", "_gamma"].map(|pair| format!("{kind}{chain}{pair}_number")).to_vec()
        }
        None => vec![set.to_string()],
    }
}

/// Refuses a number of the molecule that is used only when patients are generated, because a fit
/// would not change the patients.
fn before_patients(study: &Study, place: &str, set: &str, ligand: &str) -> Result<(), StudyError> {
    let own = set.strip_prefix(ligand).is_some_and(|rest| rest.starts_with('.'));
    if !own || study.cells.contains_key(ligand) && set.contains(".receptors.") {
        return Ok(());
    }
    let message = format!(
        "{set} is used only to generate the patients, who do not change during a fit; fit it to \
         wells alone, in a separate assay"
    );
    Err(StudyError::at(place, message))
}

fn readable(network: &Network) -> IndexMap<String, Dimension> {
    let species = network.species.iter().map(|s| (s.name.clone(), s.dimension));
    let observables = network.observables.iter().map(|o| (o.name.clone(), o.dimension));
    species.chain(observables).collect()
}

/// Why a fitted parameter matches no number.
pub fn unmatched_parameter(
    study: &Study,
    name: &str,
    part: &FittedPart,
    making: &[FitNetwork],
) -> String {
    let wanted = sets(name, part);
    // Some numbers of ligands occur in no network, because they only convert units of tables.
    let converts = |w: &&&str| {
        let of =
            w.split_once('.').and_then(|(label, name)| Some((study.ligands.get(label)?, name)));
        of.is_some_and(|(ligand, name)| {
            ["molar_mass", "specific_activity"].contains(&name) && ligand.knows(name)
        })
    };
    if let Some(set) = wanted.iter().find(converts) {
        return format!(
            "{set} only converts the units of doses and cannot be fitted; set it under [ligands]"
        );
    }
    // Begin and end of what cells of a culture do are events at fixed times.
    if let Some(set) = wanted.iter().find(|set| set.ends_with(".from") || set.ends_with(".to")) {
        return format!(
            "{} is a time at which something is switched, and cannot be fitted; compare fits of \
             cultures with other times",
            shown(set)
        );
    }
    let known: Vec<&str> = making.iter().flat_map(|m| m.system.parameters()).collect();
    let counts = |m: &FitNetwork| -> Vec<String> {
        let chain = |name: &str| Some(name.strip_suffix("_number")?.to_string());
        let chains = m.system.parameters().filter_map(chain);
        let key = |chain: String| match chain.rsplit_once('.') {
            // A kind of a culture.
            Some((kind, chain)) => format!("{kind}.receptors.{chain}"),
            None => format!("{}.receptors.{chain}", m.key.2),
        };
        chains.map(key).collect()
    };
    let counts: Vec<String> = making.iter().flat_map(counts).collect();
    let all = known.iter().copied().chain(counts.iter().map(String::as_str));
    let near = wanted.iter().find_map(|w| number_meant(w, all.clone()));
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("the models have {}, ...", known[..known.len().min(8)].join(", ")),
    };
    let names = wanted.iter().map(|w| shown(w)).collect::<Vec<_>>().join(", ");
    format!(
        "no model of the measured tables has a number {names} (`sets` lists the numbers that a \
         parameter sets); {hint}"
    )
}

/// Index of the network of a row.
pub fn position(making: &[FitNetwork], table: usize, row: &Row) -> usize {
    let same = |m: &FitNetwork| m.key.0 == table && m.key.1 == row.given && m.key.2 == row.cell;
    making.iter().position(same).expect("a network for every row")
}
