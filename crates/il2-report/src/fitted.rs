//! Numbers of ligands and cells that were fitted together with those of a model and stand in place of the published
//! ones.

use il2::culture::{ModelKind, Setup};
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2_assay::kinds::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of one ligand or cell.
pub struct Fitted {
    /// `ligand` or `cell`.
    pub kind: &'static str,
    /// Its name in the study, or else in the library.
    pub name: String,
    /// The model that was fitted with them.
    pub model: String,
    /// Those that differ from the published ones.
    pub numbers: Parameters,
    /// Whether another model of the study uses the published ones.
    pub beside: bool,
}

/// All of them.
pub fn fitted_numbers(plans: &[(String, Plan)]) -> Vec<Fitted> {
    let mut plain = BTreeSet::new();
    let mut fitted = BTreeMap::new();
    for setup in plans.iter().flat_map(|(_, plan)| plan.setups()) {
        if !matches!(setup.model.kind, ModelKind::GammaChain(_)) {
            continue;
        }
        let after = setup.clone().with_fitted_numbers();
        for ((kind, name, old), (.., new)) in
            named_numbers(setup).into_iter().zip(named_numbers(&after))
        {
            // The text of a number that is absent is the same; its value, no number, never is.
            let same = |name: &String, p: &Parameter| {
                old.get(name).is_some_and(|o| (&o.text, &o.note) == (&p.text, &p.note))
            };
            let changed = new.iter().filter(|(name, p)| !same(name, p));
            let changed: Parameters = changed.map(|(n, p)| (n.clone(), p.clone())).collect();
            if changed.is_empty() {
                plain.insert((kind, name));
            } else {
                fitted.insert((kind, name, setup.model.name.clone()), changed);
            }
        }
    }
    let each = |((kind, name, model), numbers): ((&'static str, String, String), Parameters)| {
        let beside = plain.contains(&(kind, name.clone()));
        Fitted { kind, name, model, numbers, beside }
    };
    fitted.into_iter().map(each).collect()
}

/// The numbers of every ligand and of the cell of a setup, as inputs name them.
fn named_numbers(setup: &Setup) -> Vec<(&'static str, String, Parameters)> {
    let mut all = vec![];
    let mut waiting: Vec<&Ligand> = setup.ligands.iter().collect();
    while let Some(ligand) = waiting.pop() {
        all.push(("ligand", ligand.label.clone(), ligand.parameters.clone()));
        waiting.extend(ligand.parent.as_deref());
        waiting.extend(&ligand.parts);
    }
    all.extend(setup.cell.iter().map(|c| ("cell", c.label.clone(), c.synthesis.clone())));
    all
}
