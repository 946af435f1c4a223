//! Ligands of the family on one cell: IL-2 and IL-15 share beta and gamma_c; IL-7, IL-9, IL-4 and
//! IL-21 share only gamma_c.
//!
//! Farhat, Weiner et al. 2021 (Cell Reports): a ligand L binds its private alpha chain A or beta B
//! from solution; gamma_c G binds to complexes, never to free ligand. All associations of a chain
//! with a complex have one rate constant, `k_forward`. Signalling complexes are L.B.G and L.A.B.G;
//! for the other ligands, L.A.G.
//!
//! ```text
//! L + A = LA    L + B = LB    LA + G = LAG    LB + G = LBG    LA + B = LAB
//! LB + A = LAB  LBG + A = LABG    LAG + B = LABG    LAB + G = LABG
//! ```
//!
//! Three dissociation constants follow from the others by detailed balance and are never free; they
//! are in [`bonds`], together with the numbers that a bond may have of its own.
//!
//! Each ligand in a medium has its own complexes; ligands compete for the shared chains. An
//! antagonist is a ligand that lacks a partner: it binds alpha without beta or gamma_c, or alpha
//! and beta without gamma_c. A molecule with several arms, identical or different, binds by each of
//! them ([`arms`]).

use crate::ligand::{Ligand, PrivateChain, RELEASE_RATE, SHARED_CHAINS};
use crate::parameter::{How, Parameter, Parameters, required};
use crate::receptor::arms;
use crate::receptor::binding::{BindingLigand, Chain, EXPERIMENT, Release, Scheme, Solute};
use crate::receptor::bonds::{self, FORWARD, FUSED, FUSED_BETA, ON, Partners};
use crate::receptor::trafficking::{self, solution_rate, surface_rate};
use crate::receptor::{ChainSupply, Medium, ModelError, ReceptorModel};
use il2_engine::Dimension;

/// How a mutein that was measured as a fusion is represented in a model of the soluble molecule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FusionScaling {
    /// Ratios to the wild-type fusion of the same format multiply the dissociation of the alpha
    /// bond and of the beta bond, both in solution and on the membrane; gamma_c bonds are as in the
    /// native molecule. A mutation in one interface changes one bond, and a systematic error of the
    /// assay cancels in the ratio. Every fusion binds from solution more slowly than the native
    /// molecule, by one factor, and dissociates equally fast; the factor was fitted to measured
    /// fusions with one copy (`library/calibration/receptor`).
    Bond,
    /// As published: the alpha constant is the measured one, and the ratio of the measured
    /// beta-gamma constant to `k5 / k_on` multiplies all other dissociation constants, including
    /// that of cross-linking.
    Farhat2021,
}

/// The names of the independent dissociation constants of one ligand.
struct Names {
    alpha: String,
    beta: String,
    gamma_from_alpha_gamma: String,
    gamma_from_beta_gamma: String,
    gamma_from_trimer: String,
    beta_from_alpha_beta: String,
}

impl Names {
    fn of(prefix: &str) -> Self {
        let n = |bond: &str| bonds::off(prefix, bond);
        Self {
            alpha: n("alpha"),
            beta: n("beta"),
            gamma_from_alpha_gamma: n("gamma_from_alpha_gamma"),
            gamma_from_beta_gamma: n("gamma_from_beta_gamma"),
            gamma_from_trimer: n("gamma_from_trimer"),
            beta_from_alpha_beta: n("beta_from_alpha_beta"),
        }
    }
}

/// How the numbers of molecules are used in the scheme.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Treatment of molecules that were measured as fusions.
    pub scaling: FusionScaling,
    /// Names that a study sets, with their texts; numbers of individual bonds exist only if they
    /// are set.
    pub set: &'a [(String, String)],
}

/// The network of a cell with these chains in a medium with these ligands.
pub fn model(
    parameters: &Parameters,
    owner: &str,
    ligands: &[Ligand],
    supply: &[(String, ChainSupply)],
    medium: Medium,
    options: Options,
) -> Result<ReceptorModel, ModelError> {
    let scheme = scheme(parameters, owner, ligands, options)?;
    trafficking::network(&scheme, parameters, owner, supply, medium)
}

/// The binding scheme of these ligands on their chains.
pub fn scheme(
    parameters: &Parameters,
    owner: &str,
    ligands: &[Ligand],
    options: Options,
) -> Result<Scheme, ModelError> {
    let mut scheme = Scheme::default();
    let (solutes, ligands): (Vec<&Ligand>, Vec<&Ligand>) =
        ligands.iter().partition(|l| l.is_soluble_chain);
    let arms = ligands.iter().flat_map(|l| l.arms());
    let mut private: Vec<PrivateChain> = arms.map(|(arm, _)| arm.private_chain).collect();
    private.sort_unstable();
    private.dedup();
    let [beta, gamma] = SHARED_CHAINS;
    let beta = private.iter().any(|chain| chain.shares_beta()).then_some(beta);
    let names = private.iter().map(|chain| chain.name()).chain(beta).chain([gamma]);
    scheme.chains = names.map(|n| Chain { name: n.to_string() }).collect();
    let forward = required(parameters, owner, FORWARD, surface_rate())?;
    scheme.given(FORWARD, surface_rate(), forward);
    let on = required(parameters, owner, ON, solution_rate())?;
    scheme.given(ON, solution_rate(), on);
    if parameters.contains_key(EXPERIMENT) {
        let factor = required(parameters, owner, EXPERIMENT, Dimension::DIMENSIONLESS)?;
        scheme.given(EXPERIMENT, Dimension::DIMENSIONLESS, factor);
    }
    let fused = |l: &Ligand| l.parent.is_some() && options.scaling == FusionScaling::Bond;
    if ligands.iter().flat_map(|l| l.arms()).any(|(arm, _)| fused(arm)) {
        for name in [FUSED, FUSED_BETA] {
            let slower = required(parameters, owner, name, Dimension::DIMENSIONLESS)?;
            scheme.given(name, Dimension::DIMENSIONLESS, slower);
        }
    }
    let mut from_solution = vec![];
    for (index, ligand) in ligands.iter().enumerate() {
        scheme.ligands.push(BindingLigand { label: ligand.label.clone() });
        let slower = ligand.arms().iter().any(|(arm, _)| fused(arm));
        let (mut arms, mut on_alpha) = (vec![], None);
        for (arm, copies) in ligand.arms() {
            // A masked form may lack any binding.
            if ligand.releases.is_some() && binds_nothing(arm) {
                continue;
            }
            let partners = partners(arm)?;
            let bonds = bonds::associations(&mut scheme, arm, partners, fused(arm), options.set)?;
            dissociation(&mut scheme, &arm.label, arm, options.scaling)?;
            bonds.dissociations(&mut scheme)?;
            let part = arm.label.strip_prefix(&ligand.label).and_then(|l| l.strip_prefix('.'));
            arms.push(bonds.arm(&mut scheme, copies, part, slower));
            on_alpha = on_alpha.or(partners.alpha.then(|| bonds.on("alpha")));
        }
        arms::place(&mut scheme, index, &arms)?;
        from_solution.push(on_alpha);
    }
    for solute in solutes {
        let solute = dissolved(solute, &ligands, &from_solution)?;
        scheme.solutes.push(solute);
    }
    for (from, masked) in ligands.iter().enumerate() {
        let Some(released) = &masked.releases else { continue };
        let to = ligands.iter().position(|l| l.label == *released).ok_or_else(|| {
            let masked = &masked.label;
            ModelError::Combination(format!(
                "ligand {masked} releases {released}, which is not among the ligands"
            ))
        })?;
        let rate = format!("{}.{RELEASE_RATE}", masked.label);
        scheme.given(&rate, Dimension::RATE, masked.get(RELEASE_RATE, Dimension::RATE)?);
        scheme.releases.push(Release { from, to, rate });
    }
    Ok(scheme)
}

/// A private chain in the medium binds its ligands as it does on a cell. Ligand bound to it cannot
/// bind to cells.
fn dissolved(
    solute: &Ligand,
    ligands: &[&Ligand],
    from_solution: &[Option<String>],
) -> Result<Solute, ModelError> {
    let mut binds = vec![];
    let bind = ligands.iter().zip(from_solution).enumerate();
    for (index, (ligand, on)) in bind {
        let own = |(arm, _): &(&Ligand, u32)| arm.private_chain == solute.private_chain;
        let Some(on) = on.as_ref().filter(|_| ligand.arms().iter().any(own)) else {
            continue;
        };
        let arms: u32 = ligand.arms().iter().map(|(_, copies)| copies).sum();
        if arms > 1 {
            return Err(ModelError::Combination(format!(
                "ligand {} has {arms} arms, and its complexes with soluble chains of {} are not \
                 modelled; use a ligand with one arm, or leave out {}",
                ligand.label, solute.label, solute.label
            )));
        }
        binds.push((index, on.clone(), bonds::off(&ligand.label, "alpha")));
    }
    Ok(Solute { label: solute.label.clone(), binds })
}

/// The chains that an arm binds.
fn partners(ligand: &Ligand) -> Result<Partners, ModelError> {
    if binds_nothing(ligand) {
        let (label, chain) = (&ligand.label, ligand.private_chain.name());
        return Err(ModelError::Combination(format!(
            "ligand {label} binds no chain in model gamma-chain; give it affinity.{chain}"
        )));
    }
    let chain = ligand.private_chain;
    Ok(Partners {
        alpha: binds_private_chain(ligand),
        beta: chain.shares_beta() && !ligand.lacks("affinity.il2r_beta"),
        gamma: ligand.joins_gamma_c,
    })
}

fn binds_private_chain(ligand: &Ligand) -> bool {
    let chain = ligand.private_chain.name();
    let table = if ligand.parent.is_some() { "fusion_affinity" } else { "affinity" };
    let native = ligand.parent.as_ref().map(|parent| parent.parent.as_deref().unwrap_or(parent));
    let native_lacks = native.is_some_and(|native| native.lacks(&format!("affinity.{chain}")));
    !ligand.lacks(&format!("{table}.{chain}")) && !native_lacks
}

fn binds_nothing(ligand: &Ligand) -> bool {
    let beta = ligand.private_chain.shares_beta() && !ligand.lacks("affinity.il2r_beta");
    !beta && !binds_private_chain(ligand)
}

/// The independent dissociation constants (1/min) of one ligand, with names that begin with
/// `prefix`. All are derived from the ligand's own numbers, which are in the network under the
/// names used in a study, so that changing or fitting one changes every bond that depends on it.
/// Returns whether the ligand binds its private chain.
fn dissociation(
    scheme: &mut Scheme,
    prefix: &str,
    ligand: &Ligand,
    scaling: FusionScaling,
) -> Result<bool, ModelError> {
    if let Some(parent) = &ligand.parent {
        return fusion(scheme, prefix, ligand, parent, scaling);
    }
    if sets_fusion_affinity(ligand) {
        return Err(ModelError::Combination(format!(
            "ligand {} has a fusion_affinity, but model gamma-chain has no wild-type fusion with \
             which to compare it; give affinity instead, or use model polyvalent",
            ligand.label
        )));
    }
    let (concentration, rate) = (Dimension::CONCENTRATION, Dimension::RATE);
    let explain = |missing: crate::parameter::MissingParameter| {
        if missing.ruled_out {
            return ModelError::Missing(missing);
        }
        ModelError::Combination(format!(
            "{missing}, which model gamma-chain needs{}",
            if ligand.knows("fallon2000.k_off_surface") {
                "; this ligand was measured for model fallon2000 only"
            } else {
                ""
            }
        ))
    };
    let own = |scheme: &mut Scheme, name: &str, d: Dimension| -> Result<String, ModelError> {
        let in_network = format!("{prefix}.{name}");
        scheme.given(&in_network, d, ligand.get(name, d).map_err(explain)?);
        Ok(in_network)
    };
    let n = Names::of(prefix);
    let partners = partners(ligand)?;
    if partners.alpha {
        let name = format!("affinity.{}", ligand.private_chain.name());
        let affinity = own(scheme, &name, concentration)?;
        scheme.ratio(&n.alpha, rate, &[ON, &affinity], &[]);
    }
    let alpha_gamma = |scheme: &mut Scheme| -> Result<(), ModelError> {
        let k4 = own(scheme, "gamma_chain.k_off_gamma_from_alpha_gamma", rate)?;
        scheme.ratio(&n.gamma_from_alpha_gamma, rate, &[&k4], &[]);
        Ok(())
    };
    if !partners.beta {
        if partners.gamma {
            alpha_gamma(scheme)?;
        }
        return Ok(partners.alpha);
    }
    let affinity = own(scheme, "affinity.il2r_beta", concentration)?;
    scheme.ratio(&n.beta, rate, &[ON, &affinity], &[]);
    alpha_gamma(scheme)?;
    let k5 = own(scheme, "gamma_chain.k_off_gamma_from_beta_gamma", rate)?;
    scheme.ratio(&n.gamma_from_beta_gamma, rate, &[&k5], &[]);
    // IL-2: the trimer and alpha-beta rates were not fitted but derived from k5 by equilibrium
    // ratios.
    let plain = Dimension::DIMENSIONLESS;
    let tied = |scheme: &mut Scheme, direct: &str, ratio: &str| {
        Ok::<_, ModelError>(match ligand.knows(direct) {
            true => vec![own(scheme, direct, rate)?],
            false => vec![k5.clone(), own(scheme, ratio, plain)?],
        })
    };
    let trimer =
        tied(scheme, "gamma_chain.k_off_gamma_from_trimer", "gamma_chain.trimer_gamma_ratio")?;
    let alpha_beta =
        tied(scheme, "gamma_chain.k_off_beta_from_alpha_beta", "gamma_chain.alpha_beta_ratio")?;
    fn names(all: &[String]) -> Vec<&str> {
        all.iter().map(String::as_str).collect()
    }
    scheme.ratio(&n.gamma_from_trimer, rate, &names(&trimer), &[]);
    // The beta bond is the same in solution and on the membrane, so that a change of affinity
    // applies to both. A molecule derived from another by a change of the beta contact has its own
    // ratio.
    let (given, change) = (
        format!("{prefix}.affinity_as_given.il2r_beta"),
        format!("{prefix}.affinity_change.il2r_beta"),
    );
    scheme.reference(&given, concentration, ligand.get("affinity.il2r_beta", concentration)?);
    scheme.ratio(&change, plain, &[&affinity], &[&given]);
    let mut bonds = vec![change];
    if ligand.knows("gamma_chain.beta_bond_ratio") {
        bonds.push(own(scheme, "gamma_chain.beta_bond_ratio", plain)?);
    }
    bonds.extend(alpha_beta);
    scheme.ratio(&n.beta_from_alpha_beta, rate, &names(&bonds), &[]);
    Ok(partners.alpha)
}

/// Whether the study itself sets an affinity of a fusion.
fn sets_fusion_affinity(ligand: &Ligand) -> bool {
    let from_study = |(name, p): (&String, &Parameter)| {
        name.starts_with("fusion_affinity.") && p.how == How::Study
    };
    ligand.parameters.iter().any(from_study)
}

fn fusion(
    scheme: &mut Scheme,
    prefix: &str,
    ligand: &Ligand,
    parent: &Ligand,
    scaling: FusionScaling,
) -> Result<bool, ModelError> {
    let (concentration, rate) = (Dimension::CONCENTRATION, Dimension::RATE);
    let chains = ["fusion_affinity.il2r_alpha", "fusion_affinity.il2r_beta_gamma"];
    // The wild-type fusion represents the native molecule, which is the parent of that fusion.
    let native = parent.parent.as_deref().unwrap_or(parent);
    let n = Names::of(prefix);
    let before = format!("{prefix}.native");
    let native_binds = dissociation(scheme, &before, native, scaling)?;
    let of_native = Names::of(&before);
    let binds = !ligand.lacks(chains[0]);
    let wild_type = parent.parent.is_none();
    let bond = scaling == FusionScaling::Bond;
    if bond && wild_type && sets_fusion_affinity(ligand) {
        return Err(ModelError::Combination(format!(
            "ligand {} has a fusion_affinity, but is the wild-type fusion, which always represents \
             the native molecule in model gamma-chain; leave out fusion_affinity, or use model \
             polyvalent",
            ligand.label
        )));
    }
    let own = |scheme: &mut Scheme, name: &str| -> Result<String, ModelError> {
        let in_network = format!("{prefix}.{name}");
        scheme.given(&in_network, concentration, ligand.get(name, concentration)?);
        Ok(in_network)
    };
    let same = |scheme: &mut Scheme, to: &str, from: &str| scheme.ratio(to, rate, &[from], &[]);
    if bond && wild_type {
        // The ratio of a molecule to itself is 1.
        for name in chains.into_iter().skip(usize::from(!binds)) {
            ligand.get(name, concentration)?;
        }
        if binds && native_binds {
            same(scheme, &n.alpha, &of_native.alpha);
        }
        same(scheme, &n.beta, &of_native.beta);
        same(scheme, &n.beta_from_alpha_beta, &of_native.beta_from_alpha_beta);
    } else if bond {
        let reference = |scheme: &mut Scheme, name: &str| -> Result<String, ModelError> {
            let in_network = format!("{prefix}.parent.{name}");
            scheme.reference(&in_network, concentration, parent.get(name, concentration)?);
            Ok(in_network)
        };
        if binds && native_binds {
            let (affinity, of_parent) = (own(scheme, chains[0])?, reference(scheme, chains[0])?);
            scheme.ratio(&n.alpha, rate, &[&of_native.alpha, &affinity], &[&of_parent]);
        }
        let (affinity, of_parent) = (own(scheme, chains[1])?, reference(scheme, chains[1])?);
        let change = format!("{prefix}.affinity_change.il2r_beta_gamma");
        scheme.ratio(&change, Dimension::DIMENSIONLESS, &[&affinity], &[&of_parent]);
        for (to, from) in
            [(&n.beta, &of_native.beta), (&n.beta_from_alpha_beta, &of_native.beta_from_alpha_beta)]
        {
            scheme.ratio(to, rate, &[from, &change], &[]);
        }
    } else {
        if binds {
            let affinity = own(scheme, chains[0])?;
            scheme.ratio(&n.alpha, rate, &[ON, &affinity], &[]);
        }
        let affinity = own(scheme, chains[1])?;
        let change = format!("{prefix}.affinity_change.il2r_beta_gamma");
        let k5 = &of_native.gamma_from_beta_gamma;
        scheme.ratio(&change, Dimension::DIMENSIONLESS, &[ON, &affinity], &[k5]);
        for (to, from) in [
            (&n.beta, &of_native.beta),
            (&n.gamma_from_alpha_gamma, &of_native.gamma_from_alpha_gamma),
            (&n.gamma_from_beta_gamma, &of_native.gamma_from_beta_gamma),
            (&n.gamma_from_trimer, &of_native.gamma_from_trimer),
            (&n.beta_from_alpha_beta, &of_native.beta_from_alpha_beta),
        ] {
            scheme.ratio(to, rate, &[from, &change], &[]);
        }
        return Ok(binds);
    }
    same(scheme, &n.gamma_from_alpha_gamma, &of_native.gamma_from_alpha_gamma);
    same(scheme, &n.gamma_from_beta_gamma, &of_native.gamma_from_beta_gamma);
    same(scheme, &n.gamma_from_trimer, &of_native.gamma_from_trimer);
    Ok(binds && native_binds)
}
