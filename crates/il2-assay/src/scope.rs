//! Warnings about answers that go beyond what a model was fitted to: fusions, muteins, molecules of
//! several arms, comparisons between lineages of cells, and molecules whose own numbers are
//! assumed.

use crate::kinds::Plan;
use il2::culture::Setup;
use il2::ligand::{Ligand, PrivateChain};
use il2::parameter::{How, Parameter};
use il2_study::study::Study;

/// Gives each warning once, with the first molecule or pair of cells to which it applies.
pub fn warnings(study: &Study, plan: &Plan) -> Vec<String> {
    let setups = plan.setups();
    let mut said: Vec<String> = vec![];
    // For a panel of molecules, a warning is given once, for the first molecule.
    let mut say = |about: String, text: &str| {
        if !text.is_empty() && !said.iter().any(|s| s.ends_with(text)) {
            said.push(format!("{about} {text}"));
        }
    };
    let varied = matches!(plan, Plan::Design(_) | Plan::AffinitySweep(_));
    for setup in &setups {
        let limits = &study.models[&setup.model.name].limits;
        for ligand in &setup.ligands {
            let label = &ligand.label;
            if is_fused(ligand) {
                say(format!("{label} was measured as a fusion."), &limits.of_fusions);
            } else if varied {
                say(format!("Affinities of {label} are varied."), &limits.of_muteins);
            } else if sets_affinity(ligand) {
                say(format!("The study sets an affinity of {label}."), &limits.of_muteins);
            }
            if is_of_another_chain(ligand) {
                say(format!("The model was not fitted to {label}."), &limits.of_family);
            }
            if is_fused(ligand) && setup.ligands.iter().any(|other| other.is_soluble_chain) {
                say(
                    format!("{label} is combined with a soluble chain."),
                    &limits.of_soluble_chains,
                );
            }
            if let Some(arm) = soluble_arm(ligand) {
                let arm = arm.label.trim_start_matches(&format!("{label}.")).to_string();
                let about =
                    format!("In {label}, {arm} is assumed to bind like the soluble molecule.");
                say(about, &limits.of_soluble_arms);
            }
        }
    }
    if let Some([one, other]) = compared(&setups, plan) {
        let name = |setup: &Setup| setup.cell.as_ref().map_or(String::new(), |c| c.label.clone());
        let about = format!("{} and {} belong to different lineages.", name(one), name(other));
        say(about, &study.models[&one.model.name].limits.of_selectivity);
    }
    for ligand in setups.iter().flat_map(|setup| &setup.ligands) {
        let numbers = assumed(ligand);
        if !numbers.is_empty() {
            let all = numbers.join(", ");
            let text =
                format!("{all}; replace them with numbers of your molecule, if you have them");
            say(format!("Results for {} rest on assumed numbers:", ligand.label), &text);
        }
    }
    said
}

/// Whether the ligand itself, or any of its arms, was measured as a fusion.
fn is_fused(ligand: &Ligand) -> bool {
    ligand.arms().iter().any(|(arm, _)| arm.parent.is_some())
}

/// Whether an arm is IL-7, IL-9, IL-4 or IL-21, cytokines that bind gamma_c but not the shared beta
/// chain.
fn is_of_another_chain(ligand: &Ligand) -> bool {
    let other = |arm: &Ligand| {
        arm.joins_gamma_c
            && arm.private_chain != PrivateChain::Antigen
            && !arm.private_chain.shares_beta()
    };
    ligand.arms().iter().any(|(arm, _)| other(arm))
}

/// Whether the study sets an affinity of a cytokine; affinities of targeting arms do not count,
/// because they were never fitted.
fn sets_affinity(ligand: &Ligand) -> bool {
    let set = |(name, p): (&String, &Parameter)| {
        name.starts_with("affinity.") && p.how == How::Study && !p.absent
    };
    let cytokine = |arm: &&Ligand| arm.private_chain != PrivateChain::Antigen;
    let mut arms = ligand.arms().into_iter().map(|(arm, _)| arm);
    arms.any(|arm| cytokine(&arm) && arm.joins_gamma_c && arm.parameters.iter().any(set))
}

/// A cytokine in a molecule of several arms that binds as the soluble cytokine does.
fn soluble_arm(ligand: &Ligand) -> Option<&Ligand> {
    let arms = ligand.arms();
    let several = arms.iter().map(|(_, copies)| copies).sum::<u32>() > 1;
    let soluble = |arm: &&Ligand| {
        arm.parent.is_none() && arm.private_chain != PrivateChain::Antigen && arm.joins_gamma_c
    };
    arms.into_iter().map(|(arm, _)| arm).find(soluble).filter(|_| several)
}

/// Two cell lineages whose EC50s of interleukin-2 an assay compares, or that share a medium.
fn compared<'a>(setups: &[&'a Setup], plan: &Plan) -> Option<[&'a Setup; 2]> {
    let of_doses = matches!(
        plan,
        Plan::DoseResponse(_) | Plan::Design(_) | Plan::AffinitySweep(_) | Plan::Culture(_)
    );
    let is_il2 = |ligand: &Ligand| ligand.private_chain == PrivateChain::Il2rAlpha;
    let mut all = setups.iter().filter(|setup| of_doses && setup.ligands.iter().any(is_il2));
    let first = all.next()?;
    let lineage = |setup: &Setup| setup.cell.as_ref().map(|cell| cell.lineage.clone());
    let own = lineage(first);
    all.find(|other| lineage(other) != own).map(|other| [*first, *other])
}

/// Binding constants of a molecule that have not been measured, as written.
fn assumed(ligand: &Ligand) -> Vec<String> {
    let binds = ["affinity.", "fusion_affinity.", "k_on.", "gamma_chain.", "association"];
    let own = |arm: &Ligand| -> Vec<String> {
        let of = |(name, p): (&String, &Parameter)| {
            let counts = p.how == How::Assumed && !p.absent;
            let of_binding = binds.iter().any(|table| name.starts_with(table));
            (counts && of_binding).then(|| format!("{name} {}", p.text))
        };
        arm.parameters.iter().filter_map(of).collect()
    };
    ligand.arms().into_iter().flat_map(|(arm, _)| own(arm)).collect()
}
