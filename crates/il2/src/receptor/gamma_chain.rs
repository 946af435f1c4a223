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
//! Three dissociation constants close the cycles by detailed balance and are never free.
//!
//! Several ligands in one medium each get their own complexes; they meet in the shared chains.

use super::binding::{BindingLigand, Chain, Complex, Joined, Scheme, Step};
use super::trafficking::{self, solution_rate, surface_rate};
use super::{ChainSupply, Medium, ModelError, ReceptorModel};
use crate::ligand::Ligand;
use crate::parameter::{How, Parameter, Parameters, required};
use il2_engine::Dimension;

/// The constants that detailed balance leaves no choice about: never free, never overridden.
pub const CLOSING: [&str; 3] =
    ["k_off_alpha_from_alpha_beta", "k_off_beta_from_trimer", "k_off_alpha_from_trimer"];

/// How a mutein that was measured as a fusion enters a model made for the soluble molecule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FusionScaling {
    /// Ratios to the wild-type fusion of the same build multiply the dissociation of the alpha bond
    /// and of the beta bond, in solution and on the membrane alike; gamma_c bonds are as native. A
    /// mutation in one interface changes one bond, and the offset of the assay cancels.
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
    for (index, ligand) in ligands.iter().enumerate() {
        scheme.ligands.push(BindingLigand { label: ligand.label.clone() });
        let binds_alpha = rate_constants(&mut scheme, parameters, owner, ligand, scaling)?;
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

/// Rate constants of one ligand: the measured and fitted ones, then those that detailed balance
/// leaves no choice about. Returns whether it binds its alpha chain.
fn rate_constants(
    scheme: &mut Scheme,
    parameters: &Parameters,
    owner: &str,
    ligand: &Ligand,
    scaling: FusionScaling,
) -> Result<bool, ModelError> {
    let n = Names::of(&ligand.label);
    let on = required(parameters, owner, "k_on_ligand", solution_rate())?;
    let constants = dissociation(ligand, on, scaling)?;
    scheme.given(&n.on, solution_rate(), on);
    let rate = Dimension::RATE;
    scheme.given(&n.beta, rate, constants.beta);
    scheme.given(&n.gamma_from_beta_gamma, rate, constants.gamma_from_beta_gamma);
    let Some(alpha) = constants.alpha else { return Ok(false) };
    scheme.given(&n.alpha, rate, alpha);
    scheme.given(&n.gamma_from_alpha_gamma, rate, constants.gamma_from_alpha_gamma);
    scheme.given(&n.gamma_from_trimer, rate, constants.gamma_from_trimer);
    scheme.given(&n.beta_from_alpha_beta, rate, constants.beta_from_alpha_beta);
    scheme.ratio(&n.alpha_from_alpha_beta, rate, &[&n.alpha, &n.beta_from_alpha_beta], &[&n.beta]);
    scheme.ratio(
        &n.beta_from_trimer,
        rate,
        &[&n.gamma_from_trimer, &n.beta_from_alpha_beta],
        &[&n.gamma_from_alpha_gamma],
    );
    scheme.ratio(
        &n.alpha_from_trimer,
        rate,
        &[&n.gamma_from_trimer, &n.alpha_from_alpha_beta],
        &[&n.gamma_from_beta_gamma],
    );
    Ok(true)
}

/// The independent dissociation constants of one ligand (1/min).
struct Dissociation {
    /// None where the ligand does not bind its alpha chain.
    alpha: Option<f64>,
    beta: f64,
    gamma_from_alpha_gamma: f64,
    gamma_from_beta_gamma: f64,
    gamma_from_trimer: f64,
    beta_from_alpha_beta: f64,
}

fn dissociation(
    ligand: &Ligand,
    on: f64,
    scaling: FusionScaling,
) -> Result<Dissociation, ModelError> {
    if ligand.valency > 1 {
        return Err(ModelError::Combination(format!(
            "ligand {} has valency {}, and model gamma-chain takes molecules one at a time; use model polyvalent",
            ligand.label, ligand.valency
        )));
    }
    if let Some(parent) = &ligand.parent {
        return fusion(ligand, parent, on, scaling);
    }
    let from_study = |(name, p): (&String, &Parameter)| {
        name.starts_with("fusion_affinity.") && p.how == How::Study
    };
    if ligand.parameters.iter().any(from_study) {
        return Err(ModelError::Combination(format!(
            "ligand {} was given a fusion_affinity, but has no wild-type fusion to compare it with in model gamma-chain; give affinity, or use model polyvalent",
            ligand.label
        )));
    }
    let (concentration, rate) = (Dimension::CONCENTRATION, Dimension::RATE);
    let explain = |missing: crate::parameter::MissingParameter| {
        ModelError::Combination(format!(
            "{missing}, which model gamma-chain needs{}",
            if ligand.knows("fallon2000.k_off_surface") {
                "; this ligand was measured for model fallon2000 only"
            } else {
                ""
            }
        ))
    };
    let get = |name: &str, d: Dimension| ligand.get(name, d).map_err(explain);
    let alpha_name = format!("affinity.{}", ligand.alpha_chain.name());
    let alpha =
        if ligand.lacks(&alpha_name) { None } else { Some(on * get(&alpha_name, concentration)?) };
    let beta = on * get("affinity.il2r_beta", concentration)?;
    let k4 = get("gamma_chain.k_off_gamma_from_alpha_gamma", rate)?;
    let k5 = get("gamma_chain.k_off_gamma_from_beta_gamma", rate)?;
    // IL-2: the trimer and alpha-beta rates were not fitted but tied to k5 by equilibrium ratios.
    let plain = Dimension::DIMENSIONLESS;
    let tied = |direct: &str, ratio: &str| -> Result<f64, ModelError> {
        if ligand.knows(direct) { get(direct, rate) } else { Ok(k5 * get(ratio, plain)?) }
    };
    // A molecule made from another by a changed beta contact keeps the rest: the ratio multiplies
    // the beta bond wherever it breaks.
    let changed = match ligand.parameters.get("gamma_chain.beta_bond_ratio") {
        Some(_) => get("gamma_chain.beta_bond_ratio", plain)?,
        None => 1.0,
    };
    Ok(Dissociation {
        alpha,
        beta,
        gamma_from_alpha_gamma: k4,
        gamma_from_beta_gamma: k5,
        gamma_from_trimer: tied(
            "gamma_chain.k_off_gamma_from_trimer",
            "gamma_chain.trimer_gamma_ratio",
        )?,
        beta_from_alpha_beta: changed
            * tied("gamma_chain.k_off_beta_from_alpha_beta", "gamma_chain.alpha_beta_ratio")?,
    })
}

fn fusion(
    ligand: &Ligand,
    parent: &Ligand,
    on: f64,
    scaling: FusionScaling,
) -> Result<Dissociation, ModelError> {
    let kd = |of: &Ligand, chain: &str| {
        of.get(&format!("fusion_affinity.{chain}"), Dimension::CONCENTRATION)
    };
    let beta_gamma = kd(ligand, "il2r_beta_gamma")?;
    let alpha = match ligand.lacks("fusion_affinity.il2r_alpha") {
        true => None,
        false => Some(kd(ligand, "il2r_alpha")?),
    };
    // The wild-type fusion stands for the native molecule; its own parent is that molecule.
    let native = parent.parent.as_deref().unwrap_or(parent);
    let base = dissociation(native, on, scaling)?;
    match scaling {
        FusionScaling::Bond => {
            let reference = if parent.parent.is_some() { parent } else { ligand };
            let alpha_reference = kd(reference, "il2r_alpha")?;
            let beta_ratio = beta_gamma / kd(reference, "il2r_beta_gamma")?;
            Ok(Dissociation {
                alpha: base.alpha.zip(alpha).map(|(k, alpha)| k * alpha / alpha_reference),
                beta: base.beta * beta_ratio,
                beta_from_alpha_beta: base.beta_from_alpha_beta * beta_ratio,
                ..base
            })
        }
        FusionScaling::Farhat2021 => {
            let ratio = on * beta_gamma / base.gamma_from_beta_gamma;
            Ok(Dissociation {
                alpha: alpha.map(|alpha| on * alpha),
                beta: base.beta * ratio,
                gamma_from_alpha_gamma: base.gamma_from_alpha_gamma * ratio,
                gamma_from_beta_gamma: base.gamma_from_beta_gamma * ratio,
                gamma_from_trimer: base.gamma_from_trimer * ratio,
                beta_from_alpha_beta: base.beta_from_alpha_beta * ratio,
            })
        }
    }
}
