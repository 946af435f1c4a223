//! Warnings about implausible numbers of a planned assay.

use crate::kinds::Plan;
use crate::magnitude::usual::usual_of;
use il2::cell::Cell;
use il2::culture::Prepared;
use il2::ligand::Ligand;
use il2::parameter::{How, Parameter};
use il2::quantity::{base_unit, readable_concentration};
use il2::treatment::regimen::{Per, Regimen};
use il2_clinic::event_table::{self, Model as TableModel};
use il2_clinic::patients::Patients;
use il2_engine::words::{counted, shown};
use il2_study::library::Library;
use il2_study::magnitude::{is_animal, key_of, outside};
use il2_study::ranges::{ends, far, made_for, of_library, range_dose, short};
use il2_study::study::Study;
use il2_study::study::panel::place_of;
use std::collections::BTreeMap;

/// Warnings about implausible numbers of an assay.
pub fn warnings(study: &Study, plan: &Plan) -> Vec<String> {
    let mut said: Vec<String> = outside(study)
        .into_iter()
        .filter(|(key, _)| reads(plan, key))
        .map(|(_, said)| said)
        .collect();
    // A sweep has thousands of setups with the same parts.
    let mut seen: Vec<(&str, Vec<&str>, &str)> = vec![];
    for prepared in plan.prepared() {
        let setup = &prepared.setup;
        let labels = setup.ligands.iter().map(|l| l.label.as_str()).collect();
        let cell = setup.cell.as_ref().map_or("", |cell| cell.label.as_str());
        let parts = (setup.model.name.as_str(), labels, cell);
        if !seen.contains(&parts) {
            seen.push(parts);
            // What a ligand's numbers give is the same for every cell.
            for warning in replaced(study, prepared, plan) {
                if !said.contains(&warning) {
                    said.push(warning);
                }
            }
        }
    }
    match plan {
        Plan::DoseResponse(plan) => {
            said.extend(lowest(&plan.name, plan.pairs.iter().map(|p| p.doses[0])))
        }
        Plan::ReceptorSweep(plan) => {
            said.extend(lowest(&plan.name, plan.pairs.iter().map(|p| p.doses[0])))
        }
        Plan::EventTable(table) => said.extend(of_table(study, table)),
        Plan::Regimen(regimen) => {
            said.extend(regimen.arms.iter().flat_map(|arm| of_doses(study, &arm.regimen)));
            said.extend(regimen.arms.iter().flat_map(|arm| of_patients(study, &arm.patients)));
        }
        Plan::Fit(fit) => {
            said.extend(fit.arms.iter().flat_map(|arm| of_doses(study, &arm.regimen)));
            said.extend(fit.arms.iter().flat_map(|arm| of_patients(study, &arm.patients)));
            said.extend(of_priors(fit));
            said.extend(of_measured(fit));
        }
        _ => {}
    }
    if let Plan::EventTable(event_table::Plan { model: TableModel::Patient(patient), .. }) = plan {
        said.extend(of_patients(study, &patient.patients));
    }
    let mut once: Vec<String> = vec![];
    said.into_iter().for_each(|s| {
        if !once.contains(&s) {
            once.push(s);
        }
    });
    once
}

/// Whether an assay uses a key of its study.
fn reads(plan: &Plan, key: &[String]) -> bool {
    let name = key.get(1).map_or("", String::as_str);
    let setups = plan.setups();
    let arms = match plan {
        Plan::Regimen(p) => &p.arms[..],
        Plan::Fit(p) => &p.arms[..],
        _ => &[],
    };
    match key[0].as_str() {
        "assay" => name == plan.name(),
        "ligands" => {
            let table = match plan {
                Plan::EventTable(event_table::Plan { model: TableModel::Patient(p), .. }) => {
                    p.patients.ligand == name
                }
                _ => false,
            };
            let cultured = setups.iter().flat_map(|s| &s.ligands).any(|l| l.label == name);
            table || cultured || arms.iter().any(|arm| arm.regimen.ligand == name)
        }
        "cells" => setups.iter().filter_map(|s| s.cell.as_ref()).any(|c| c.label == name),
        "models" => setups.iter().any(|s| s.model.name == name),
        "culture" => !setups.is_empty(),
        "regimens" => arms.iter().any(|arm| {
            std::iter::once(&arm.regimen).chain(&arm.regimen.then).any(|part| part.name == name)
        }),
        _ => false,
    }
}

/// Warning about curves that begin at doses at which other curves end.
fn lowest(name: &str, lowest: impl Iterator<Item = f64>) -> Option<String> {
    let range = &Library::builtin().ranges["lowest_dose"];
    let (low, high) = ends(range);
    let lowest = lowest.fold(f64::INFINITY, f64::min);
    let [at, low, end] = [lowest, low, high].map(readable_concentration);
    (lowest > high).then(|| {
        format!(
            "assay.{name}.doses: {} is {at}; the usual range is {low} to {end} ({}); check the \
             unit",
            range.what, range.usual.note,
        )
    })
}

/// Numbers of ligands, cells and models that a study sets in place of the library's.
fn replaced(study: &Study, own: &Prepared, plan: &Plan) -> Vec<String> {
    let setup = &own.setup;
    let mut said = vec![];
    // A sweep reaches extreme values on purpose.
    let affinities_swept = matches!(plan, Plan::AffinitySweep(_));
    let counts_swept = matches!(plan, Plan::ReceptorSweep(_));
    for ligand in &setup.ligands {
        let Some(known) = Library::builtin().ligands.get(&ligand.id) else { continue };
        let set = ligand.parameters.iter().filter(|(_, p)| p.how == How::Study && !p.absent);
        said.extend(set.filter_map(|(name, p): (&String, &Parameter)| {
            let before = known.parameters.get(name)?;
            // Muteins often bind far more weakly than their parent, but few bind far more strongly.
            if name.contains("affinity.") && (affinities_swept || p.value > before.value) {
                return None;
            }
            let at = place_of(&study.panels, &format!("ligands.{}.{}", ligand.label, key_of(name)));
            far(&at, &p.text, p.value, &before.text, before.value)
        }));
    }
    let cell = setup.cell.iter().filter(|_| !counts_swept);
    said.extend(cell.flat_map(|cell| counts(study, cell)));
    if setup.model.overrides.is_empty() || !study.models.contains_key(&setup.model.name) {
        return said;
    }
    let mut usual = setup.clone();
    usual.model.overrides.clear();
    let Ok(usual) = usual.prepare() else { return said };
    for (name, text) in &setup.model.overrides {
        let of = |p: &Prepared| {
            p.parameters.iter().find(|p| p.name == *name).map(|p| (p.value, p.dimension))
        };
        if let (Some((value, dimension)), Some((before, _))) = (of(own), of(&usual)) {
            let at = format!("models.{}.parameters.{name}", setup.model.name);
            let before_text = format!("{} {}", short(before), base_unit(dimension));
            said.extend(far(&at, text, value, before_text.trim(), before));
        }
    }
    said
}

/// Receptor numbers of a cell that a study sets in place of the library's.
fn counts(study: &Study, cell: &Cell) -> Vec<String> {
    let in_use = |c: &Cell| c.receptors.get(c.quantitation.as_ref()?).cloned();
    let known = Library::builtin().cells.get(&cell.id).and_then(in_use).unwrap_or_default();
    let set = in_use(cell).unwrap_or_default();
    let set = set.iter().filter(|(_, p)| p.how == How::Study && !p.absent);
    let said = set.filter_map(|(chain, p)| {
        let before = known.get(chain).filter(|before| !before.absent)?;
        let at = place_of(&study.panels, &format!("cells.{}.receptors.{chain}", cell.label));
        far(&at, &p.text, p.value, &before.text, before.value)
    });
    said.collect()
}

/// Warnings about pharmacokinetics made for another molecule, and about numbers of the patient far
/// from the library's.
fn of_patients(study: &Study, patients: &Patients) -> Vec<String> {
    let mut said = patients.far.clone();
    let set = &Library::builtin().physiology.pharmacokinetics[&patients.kinetics];
    let ligand = &study.ligands[&patients.ligand];
    if !made_for(&set.molecules, Some(ligand)) {
        said.push(format!(
            "{} is {}, but its pharmacokinetics {} ({}) describe {}: concentrations and times in \
             plasma are those of another molecule; choose the closest set (`il2 list patient`).",
            patients.ligand,
            ligand.name,
            patients.kinetics,
            set.name,
            set.molecules.join(", "),
        ));
    }
    if !set.molecules.is_empty() && binds_anew(ligand) {
        said.push(format!(
            "{} binds differently from the molecule that pharmacokinetics {} ({}) describe: its \
             uptake by cells follows from its binding, but its clearance and absorption are \
             assumed to be the same.",
            patients.ligand, patients.kinetics, set.name
        ));
    }
    if let Some(species) = &patients.species {
        let entry = &Library::builtin().physiology.species[species];
        said.push(format!(
            "The patients are animals ({}): most of their numbers are assumed, and receptors and \
             growth are those of people (`il2 list {species}`).",
            entry.name
        ));
    }
    if !set.misfit.is_empty() {
        said.push(format!(
            "pharmacokinetics {} ({}) are known not to fit: {}.",
            patients.kinetics, set.name, set.misfit
        ));
    }
    said
}

/// Whether the study changes how a molecule of the library binds: its affinities or its rates in
/// solution.
fn binds_anew(ligand: &Ligand) -> bool {
    let binding = |name: &str| name.contains("affinity.") || name.contains("k_o");
    ligand.parameters.iter().any(|(name, p)| p.how == How::Study && binding(name))
}

/// Warning about doses in international units of a molecule that binds differently from the one
/// whose activity was measured.
fn of_activity(study: &Study, label: &str, texts: &[&str]) -> Option<String> {
    let ligand = study.ligands.get(label)?;
    let activity = ligand.parameters.get("specific_activity")?;
    // IU, kIU and MIU: no other unit contains these letters.
    let in_units = texts.iter().any(|text| text.contains("IU"));
    (in_units && activity.how != How::Study && binds_anew(ligand)).then(|| {
        format!(
            "ligands.{label}: doses in IU are converted with the specific activity of {}, but the \
             study changes how the molecule binds, and thus its activity; give doses as a mass or \
             an amount, or parameters.specific_activity",
            ligand.name
        )
    })
}

/// Ranges of doses of a plain model, one for each kind of amount.
const DOSES: [&str; 3] = ["dose_by_activity", "dose_by_mass", "dose_by_substance"];

/// Warnings about doses and body sizes, or pharmacokinetic parameters, in an event table.
fn of_table(study: &Study, plan: &event_table::Plan) -> Vec<String> {
    let mut said = vec![];
    if let TableModel::Patient(patient) = &plan.model {
        said.extend(of_activity(study, &patient.patients.ligand, &[&plan.units[1]]));
    }
    let of_people = !is_animal(&study.assays[&plan.name]);
    // The first value outside its range, and the number of such values.
    let ranges = &Library::builtin().ranges;
    let mut found: BTreeMap<(&str, &str), (u32, f64, usize)> = BTreeMap::new();
    let mut look = |column: &'static str, range: &'static str, value: f64, line: u32| {
        let (low, high) = ends(&ranges[range]);
        if value > 0.0 && !(low..=high).contains(&value) {
            found.entry((column, range)).or_insert((line, value, 0)).2 += 1;
        }
    };
    for subject in &plan.table.subjects {
        for (r, (record, &line)) in subject.records.iter().zip(&subject.lines).enumerate() {
            let values = subject.values(r);
            match &plan.model {
                TableModel::Patient(patient) => {
                    let given = study.ligands.get(&patient.patients.ligand);
                    let own = made_for(&ranges["aldesleukin_dose"].molecules, given);
                    let range = if own { "aldesleukin_dose" } else { "patient_dose" };
                    look("AMT", range, record.amount, line);
                    let body = [("WT", "weight"), ("HT", "height"), ("BSA", "surface")];
                    for ((column, range), &value) in body.into_iter().zip(values) {
                        look(column, range, value, line);
                    }
                }
                TableModel::Plain(plain) if of_people => {
                    let of_amounts = |name: &&&str| ranges[**name].usual.dimension == plain.amount;
                    if let Some(range) = DOSES.iter().find(of_amounts) {
                        look("AMT", range, record.amount, line);
                    }
                    for (number, &value) in plain.structure.parameters().iter().zip(values) {
                        let range = match number.name {
                            "clearance" | "intercompartmental_clearance" => "clearance",
                            "volume" | "peripheral_volume" => "volume",
                            _ => "absorption",
                        };
                        // Values written in the study itself are checked elsewhere.
                        if !plain.given.contains_key(number.name) {
                            look(number.name, range, value, line);
                        }
                    }
                }
                TableModel::Plain(_) => {}
            }
        }
    }
    let say = |((column, range), (line, value, count)): ((&str, &str), (u32, f64, usize))| {
        let range = &ranges[range];
        let (low, high) = ends(range);
        let (unit, one) = match column {
            "AMT" => (plan.units[1].clone(), plan.factors.amount),
            "WT" => ("kg".into(), 1.0),
            "HT" => ("cm".into(), 1.0),
            "BSA" => ("m2".into(), 1.0),
            _ => (base_unit(range.usual.dimension), 1.0),
        };
        let records = counted(count, "record");
        format!(
            "{}: {column} of {records} (first in line {line}: {} {unit}) is outside {} to {} \
             {unit}, the usual range of {} ({}); are the units of the table right?",
            plan.file,
            short(value / one),
            short(low / one),
            short(high / one),
            range.what,
            range.usual.note,
        )
    };
    said.extend(found.into_iter().map(say));
    said
}

/// Warnings about doses of a regimen given as a table; doses in words are checked elsewhere.
fn of_doses(study: &Study, regimen: &Regimen) -> Vec<String> {
    let mut said = vec![];
    for dose in std::iter::once(regimen).chain(&regimen.then) {
        if let Some(written) = study.regimens.get(&dose.name) {
            let amounts = [&written.dose, &written.loading_dose].into_iter().flatten();
            let of_table = written.units.iter().map(|units| units.amount.as_str());
            let texts: Vec<&str> = amounts.map(|text| text.0.as_str()).chain(of_table).collect();
            said.extend(of_activity(study, &dose.ligand, &texts));
        }
        let Some(written) = study.regimens.get(&dose.name).filter(|r| r.table.is_some()) else {
            continue;
        };
        let ending = match dose.per {
            Per::Person => "",
            Per::Weight => "/kg",
            Per::Surface => "/m2",
        };
        let range = range_dose(ending, study.ligands.get(&dose.ligand));
        let (low, high) = ends(range);
        if !(low..=high).contains(&dose.amount) {
            said.push(format!(
                "regimens.{}: a dose of {} nmol{ending} in {} is outside {} to {} nmol{ending}, \
                 the usual range of {} ({}); is units.amount right?",
                dose.name,
                short(dose.amount / 1000.0),
                written.table.as_deref().unwrap_or_default(),
                short(low / 1000.0),
                short(high / 1000.0),
                range.what,
                range.usual.note,
            ));
            break;
        }
    }
    said
}

/// Warnings about priors of a fit that are far from the library's value.
fn of_priors(plan: &crate::fit::plan::Plan) -> Vec<String> {
    let (low, high) = of_library();
    let mut said = vec![];
    for fitted in &plan.fitted {
        let Some(before) = usual_of(plan, &fitted.name).filter(|v| *v > 0.0) else { continue };
        if before < fitted.prior[0] * low || before > fitted.prior[1] * high {
            let (unit, one) = (&fitted.unit.0, fitted.unit.1);
            said.push(format!(
                "assay.{}.parameters.{}.prior: {} to {} {unit} is far from the library value, {} \
                 {unit}; are the units right?",
                plan.name,
                shown(&fitted.name),
                short(fitted.prior[0] / one),
                short(fitted.prior[1] / one),
                short(before / one),
            ));
        }
    }
    said
}

/// Warnings about doses of measured wells.
fn of_measured(plan: &crate::fit::plan::Plan) -> Vec<String> {
    let range = &Library::builtin().ranges["dose"];
    let (low, high) = ends(range);
    let mut said = vec![];
    for (i, table) in plan.measured.iter().enumerate() {
        let rows = plan.rows.iter().filter(|(of, _)| *of == i).map(|(_, row)| row);
        let mut odd = rows.filter(|row| row.dose > 0.0 && !(low..=high).contains(&row.dose));
        if let Some(first) = odd.next() {
            said.push(format!(
                "{}: the dose of {} (first in line {}: {} pM) is outside {} to {} pM, the usual \
                 range of {} ({}); is units.dose right?",
                table.file.0,
                counted(1 + odd.count(), "row"),
                first.line,
                short(first.dose),
                short(low),
                short(high),
                range.what,
                range.usual.note,
            ));
        }
    }
    said
}
