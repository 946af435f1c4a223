//! Numbers of ligands and cells that were fitted together with those of a model and replace the published ones.

use il2::culture::{ModelKind, Setup};
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2_assay::kinds::Plan;
use il2_study::study::Study;
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of one ligand or cell.
pub struct Fitted {
    /// `ligand` or `cell`.
    pub kind: &'static str,
    /// Name in the study or, if it has none there, in the library.
    pub name: String,
    /// The model that was fitted with them.
    pub model: String,
    /// Numbers that differ from the published ones.
    pub numbers: Parameters,
    /// Whether another model of the study uses the published numbers.
    pub beside: bool,
}

/// All fitted numbers of a study. The prepared setups already contain them; the model of the study
/// lists them.
pub fn fitted_numbers(study: &Study, plans: &[(String, Plan)]) -> Vec<Fitted> {
    let mut plain = BTreeSet::new();
    let mut fitted = BTreeMap::new();
    for setup in plans.iter().flat_map(|(_, plan)| plan.setups()) {
        if !matches!(setup.model.kind, ModelKind::GammaChain(_)) {
            continue;
        }
        let of_model = &study.models[&setup.model.name].model.fitted_with;
        for Owned { kind, name, owner, group, numbers } in owned_numbers(setup) {
            // Numbers that the study sets, or that a molecule or cell lacks, keep their own value.
            let is_fitted = |number: &str, p: &Parameter| {
                let same = |(key, fitted): (&String, &Parameter)| {
                    let (of, key) = key.split_once('.').unwrap_or_default();
                    owner.is(of) && key == format!("{group}{number}") && fitted == p
                };
                of_model.iter().any(same)
            };
            let numbers: Parameters =
                numbers.iter().filter(|(number, p)| is_fitted(number, p)).map(owned).collect();
            if of_model.is_empty() {
                plain.insert((kind, name));
            } else if !numbers.is_empty() {
                fitted.insert((kind, name, setup.model.name.clone()), numbers);
            }
        }
    }
    let each = |((kind, name, model), numbers): ((&'static str, String, String), Parameters)| {
        let beside = plain.contains(&(kind, name.clone()));
        Fitted { kind, name, model, numbers, beside }
    };
    fitted.into_iter().map(each).collect()
}

/// The numbers of a ligand or a cell, and their owner in a fit.
struct Owned<'a> {
    kind: &'static str,
    name: String,
    owner: Owner<'a>,
    /// The prefix of the name of a number in a fit.
    group: &'static str,
    numbers: &'a Parameters,
}

/// The owner of numbers that a fit has estimated.
enum Owner<'a> {
    /// Numbers of every molecule made from a cytokine.
    Cytokine(&'static str),
    /// Numbers of a cell, and of cells whose names begin with its name.
    Cell(&'a str),
}

impl Owner<'_> {
    fn is(&self, named: &str) -> bool {
        match self {
            Owner::Cytokine(cytokine) => *cytokine == named,
            Owner::Cell(id) => id.starts_with(named),
        }
    }
}

fn owned((name, number): (&String, &Parameter)) -> (String, Parameter) {
    (name.clone(), number.clone())
}

/// The numbers of every ligand and of the cell of a setup, with the names of the inputs.
fn owned_numbers(setup: &Setup) -> Vec<Owned<'_>> {
    let mut all = vec![];
    let mut waiting: Vec<&Ligand> = setup.ligands.iter().collect();
    while let Some(ligand) = waiting.pop() {
        all.push(Owned {
            kind: "ligand",
            name: ligand.label.clone(),
            owner: Owner::Cytokine(ligand.private_chain.cytokine()),
            group: "",
            numbers: &ligand.parameters,
        });
        waiting.extend(ligand.parent.as_deref());
        waiting.extend(&ligand.parts);
    }
    all.extend(setup.cell.iter().map(|cell| Owned {
        kind: "cell",
        name: cell.label.clone(),
        owner: Owner::Cell(&cell.id),
        group: "synthesis.",
        numbers: &cell.synthesis,
    }));
    all
}
