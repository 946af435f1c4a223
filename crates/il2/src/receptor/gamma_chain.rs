//! IL-2 and IL-15 on one cell, sharing beta and gamma_c.
//!
//! Farhat, Weiner et al. 2021 (Cell Reports): a ligand L binds its private alpha chain A or beta B
//! from solution; gamma_c G joins complexes, never free ligand. Every association of a chain with a
//! complex has one rate constant `k_forward`. Signalling: L.B.G and L.A.B.G.
//!
//! ```text
//! L + A = LA    L + B = LB    LA + G = LAG    LB + G = LBG    LA + B = LAB
//! LB + A = LAB  LBG + A = LABG    LAG + B = LABG    LAB + G = LABG
//! ```
//!
//! Three dissociation constants follow from the others by detailed balance and are never free.
//!
//! Each ligand in a medium has its own complexes; ligands compete for the shared chains.

use crate::ligand::Ligand;
use crate::parameter::{How, Parameter, Parameters, required};
use crate::receptor::binding::{BindingLigand, Chain, Complex, Joined, Scheme, Step};
use crate::receptor::trafficking::{self, solution_rate, surface_rate};
use crate::receptor::{ChainSupply, Medium, ModelError, ReceptorModel};
use il2_engine::Dimension;

/// Association of every ligand from solution. It converts affinities into dissociation rates.
const ON: &str = "k_on_ligand";

/// How a mutein that was measured as a fusion is represented in a model of the soluble molecule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FusionScaling {
    /// Ratios to the wild-type fusion of the same build multiply the dissociation of the alpha bond and of
    /// the beta bond, in solution and on the membrane alike; gamma_c bonds are as native. A mutation in one
    /// interface changes one bond, and a systematic error of the assay cancels.
    Bond,
    /// As published: the alpha constant is taken as measured, and one ratio of the measured beta-
    /// gamma constant to `k5 / k_on` multiplies every other dissociation, cross-linking included.
    Farhat2021,
}

/// The names of the dissociation constants of one ligand.
struct Names {
    on: String,
    alpha: String,
    beta: String,
    gamma_from_alpha_gamma: String,
    gamma_from_beta_gamma: String,
    alpha_from_trimer: String,
    beta_from_trimer: String,
    gamma_from_trimer: String,
    beta_from_alpha_beta: String,
    alpha_from_alpha_beta: String,
}

impl Names {
    fn of(label: &str) -> Self {
        let n = |what: &str| format!("{label}.{what}");
        Self {
            on: n("k_on"),
            alpha: n("k_off_alpha"),
            beta: n("k_off_beta"),
            gamma_from_alpha_gamma: n("k_off_gamma_from_alpha_gamma"),
            gamma_from_beta_gamma: n("k_off_gamma_from_beta_gamma"),
            alpha_from_trimer: n("k_off_alpha_from_trimer"),
            beta_from_trimer: n("k_off_beta_from_trimer"),
            gamma_from_trimer: n("k_off_gamma_from_trimer"),
            beta_from_alpha_beta: n("k_off_beta_from_alpha_beta"),
            alpha_from_alpha_beta: n("k_off_alpha_from_alpha_beta"),
        }
    }
}

/// The network of a cell with these chains in a medium with these ligands.
pub fn model(
    parameters: &Parameters,
    owner: &str,
    ligands: &[Ligand],
    supply: &[(String, ChainSupply)],
    medium: Medium,
    scaling: FusionScaling,
) -> Result<ReceptorModel, ModelError> {
    let scheme = scheme(parameters, owner, ligands, scaling)?;
    trafficking::network(&scheme, parameters, owner, supply, medium)
}

/// The binding scheme of these ligands on the four chains.
pub fn scheme(
    parameters: &Parameters,
    owner: &str,
    ligands: &[Ligand],
    scaling: FusionScaling,
) -> Result<Scheme, ModelError> {
    let mut scheme = Scheme::default();
    let mut names: Vec<&str> = ligands.iter().map(|l| l.alpha_chain.name()).collect();
    names.sort_unstable_by(|a, b| b.cmp(a)); // il2r_alpha before il15r_alpha
    names.dedup();
    names.extend(["il2r_beta", "gamma_c"]);
    scheme.chains = names.iter().map(|n| Chain { name: n.to_string() }).collect();
    let forward = required(parameters, owner, "k_forward", surface_rate())?;
    scheme.given("k_forward", surface_rate(), forward);
    let on = required(parameters, owner, ON, solution_rate())?;
    scheme.given(ON, solution_rate(), on);
    for (index, ligand) in ligands.iter().enumerate() {
        scheme.ligands.push(BindingLigand { label: ligand.label.clone() });
        let binds_alpha = rate_constants(&mut scheme, ligand, scaling)?;
        complexes_and_steps(&mut scheme, index, ligand, binds_alpha);
    }
    Ok(scheme)
}

fn complexes_and_steps(scheme: &mut Scheme, ligand: usize, molecule: &Ligand, binds_alpha: bool) {
    let n = Names::of(&molecule.label);
    let at = |name: &str| scheme.chains.iter().position(|c| c.name == name).expect("own chain");
    let (a, b, g) = (at(molecule.alpha_chain.name()), at("il2r_beta"), at("gamma_c"));
    let size = scheme.chains.len();
    let mut complex = |name: &str, chains: &[usize], signals: bool| {
        let mut counts = vec![0; size];
        chains.iter().for_each(|&c| counts[c] += 1);
        let name = format!("{}_{name}", molecule.label);
        scheme.complexes.push(Complex { name, ligand, chains: counts, signals });
        scheme.complexes.len() - 1
    };
    let lb = complex("beta", &[b], false);
    let lbg = complex("beta_gamma", &[b, g], true);
    let l = Joined::Ligand(ligand);
    let c = Joined::Complex;
    let mut steps = vec![
        (l, b, lb, n.on.as_str(), &n.beta),
        (c(lb), g, lbg, "k_forward", &n.gamma_from_beta_gamma),
    ];
    if binds_alpha {
        let la = complex("alpha", &[a], false);
        let lab = complex("alpha_beta", &[a, b], false);
        let lag = complex("alpha_gamma", &[a, g], false);
        let labg = complex("alpha_beta_gamma", &[a, b, g], true);
        steps.extend([
            (l, a, la, n.on.as_str(), &n.alpha),
            (c(la), g, lag, "k_forward", &n.gamma_from_alpha_gamma),
            (c(la), b, lab, "k_forward", &n.beta_from_alpha_beta),
            (c(lb), a, lab, "k_forward", &n.alpha_from_alpha_beta),
            (c(lbg), a, labg, "k_forward", &n.alpha_from_trimer),
            (c(lag), b, labg, "k_forward", &n.beta_from_trimer),
            (c(lab), g, labg, "k_forward", &n.gamma_from_trimer),
        ]);
    }
    scheme.steps.extend(steps.into_iter().map(|(joined, chain, forms, on, off)| Step {
        joined,
        chain,
        forms,
        on: on.to_string(),
        on_ways: 1.0,
        off: off.clone(),
        off_ways: 1.0,
    }));
}

/// Rate constants of one ligand: the measured and fitted ones, then those that follow by detailed balance.
/// Returns whether it binds its alpha chain.
fn rate_constants(
    scheme: &mut Scheme,
    ligand: &Ligand,
    scaling: FusionScaling,
) -> Result<bool, ModelError> {
    let n = Names::of(&ligand.label);
    scheme.ratio(&n.on, solution_rate(), &[ON], &[]);
    if !dissociation(scheme, &ligand.label, ligand, scaling)? {
        return Ok(false);
    }
    let rate = Dimension::RATE;
    scheme.closing(
        &n.alpha_from_alpha_beta,
        rate,
        &[&n.alpha, &n.beta_from_alpha_beta],
        &[&n.beta],
    );
    scheme.closing(
        &n.beta_from_trimer,
        rate,
        &[&n.gamma_from_trimer, &n.beta_from_alpha_beta],
        &[&n.gamma_from_alpha_gamma],
    );
    scheme.closing(
        &n.alpha_from_trimer,
        rate,
        &[&n.gamma_from_trimer, &n.alpha_from_alpha_beta],
        &[&n.gamma_from_beta_gamma],
    );
    Ok(true)
}

/// The independent dissociation constants (1/min) of one ligand, under names that begin with `prefix`. All
/// are derived from the ligand's own numbers, which are in the network under the names that a study uses:
/// changing or fitting one changes every bond that depends on it. Returns whether the ligand binds its alpha
/// chain.
fn dissociation(
    scheme: &mut Scheme,
    prefix: &str,
    ligand: &Ligand,
    scaling: FusionScaling,
) -> Result<bool, ModelError> {
    if ligand.valency > 1 {
        return Err(ModelError::Combination(format!(
            "ligand {} has valency {}, but model gamma-chain is for monovalent molecules; use \
             model polyvalent",
            ligand.label, ligand.valency
        )));
    }
    if let Some(parent) = &ligand.parent {
        return fusion(scheme, prefix, ligand, parent, scaling);
    }
    if sets_fusion_affinity(ligand) {
        return Err(ModelError::Combination(format!(
            "ligand {} was given a fusion_affinity, but has no wild-type fusion to compare it with in model gamma-chain; give affinity, or use model polyvalent",
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
    let alpha_name = format!("affinity.{}", ligand.alpha_chain.name());
    let binds_alpha = !ligand.lacks(&alpha_name);
    if binds_alpha {
        let affinity = own(scheme, &alpha_name, concentration)?;
        scheme.ratio(&n.alpha, rate, &[ON, &affinity], &[]);
    }
    let affinity = own(scheme, "affinity.il2r_beta", concentration)?;
    scheme.ratio(&n.beta, rate, &[ON, &affinity], &[]);
    let k4 = own(scheme, "gamma_chain.k_off_gamma_from_alpha_gamma", rate)?;
    scheme.ratio(&n.gamma_from_alpha_gamma, rate, &[&k4], &[]);
    let k5 = own(scheme, "gamma_chain.k_off_gamma_from_beta_gamma", rate)?;
    scheme.ratio(&n.gamma_from_beta_gamma, rate, &[&k5], &[]);
    // IL-2: the trimer and alpha-beta rates were not fitted but tied to k5 by equilibrium ratios.
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
    // The beta bond is the same in solution and on the membrane, so that a change of affinity applies to
    // both. A molecule derived from another by a changed beta contact has its own ratio.
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
    Ok(binds_alpha)
}

/// Whether the study itself gives an affinity of a fusion.
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
    // The wild-type fusion represents the native molecule; its own parent is that molecule.
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
            "ligand {} was given a fusion_affinity, but is the wild-type fusion, which \
             represents the native molecule in model gamma-chain whatever its affinity; leave it \
             out, or use model polyvalent",
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
        // The ratio to itself is 1.
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
