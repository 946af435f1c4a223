//! `il2 cite`: the works behind a study, as BibTeX.

use super::{Done, print};
use il2::ligand::Ligand;
use il2::parameter::Parameters;
use il2_study::{Library, Study, assay};
use std::collections::BTreeSet;
use std::path::Path;

/// Prints the references of everything that a study uses, or of the whole library.
pub fn cite(path: Option<&Path>) -> Done {
    let library = Library::builtin();
    let mut keys: BTreeSet<String> = BTreeSet::new();
    match path {
        None => keys.extend(library.references.keys().cloned()),
        Some(path) => {
            let study = Study::read(path)?;
            for name in study.assays.keys() {
                let plan = assay::plan(&study, name).map_err(|e| study.located(e))?;
                if let assay::Plan::Regimen(plan) = &plan {
                    let physiology = &library.physiology;
                    for kinetics in plan.kinetics() {
                        sources(&physiology.pharmacokinetics[kinetics].parameters, &mut keys);
                    }
                    physiology.populations.values().for_each(|p| sources(&p.parameters, &mut keys));
                    physiology.groups.values().for_each(|g| sources(g, &mut keys));
                    plan.arms
                        .iter()
                        .for_each(|arm| of_ligand(&study.ligands[&arm.regimen.ligand], &mut keys));
                }
                for setup in plan.setups() {
                    let entry = &study.models[&setup.model.name];
                    keys.insert(entry.source.clone());
                    keys.insert("hairer1996".into());
                    sources(&setup.model.parameters, &mut keys);
                    sources_of(&setup.model.stat5, &mut keys);
                    setup.ligands.iter().for_each(|l| of_ligand(l, &mut keys));
                    if let Some(cell) = &setup.cell {
                        sources_of(
                            &cell.quantitation.as_ref().map(|q| cell.receptors[q].clone()),
                            &mut keys,
                        );
                        sources(&cell.synthesis, &mut keys);
                        sources_of(&cell.effect.as_ref().map(|e| e.parameters.clone()), &mut keys);
                    }
                }
            }
        }
    }
    let entries: Vec<String> =
        keys.iter().filter_map(|key| library.references.get(key)).map(|r| r.bibtex()).collect();
    print(&entries.join("\n"))
}

fn of_ligand(ligand: &Ligand, keys: &mut BTreeSet<String>) {
    sources(&ligand.parameters, keys);
    if let Some(parent) = &ligand.parent {
        of_ligand(parent, keys);
    }
}

fn sources_of(parameters: &Option<Parameters>, keys: &mut BTreeSet<String>) {
    parameters.iter().for_each(|p| sources(p, keys));
}

fn sources(parameters: &Parameters, keys: &mut BTreeSet<String>) {
    keys.extend(parameters.values().filter_map(|p| p.source.clone()));
}
