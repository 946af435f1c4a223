//! Molecules with several arms: each arm binds by its own scheme, and all bound arms together hold
//! one molecule on the cell.
//!
//! A state of the molecule is the number of arms of each kind that are bound to each set of chains.
//! The first arm binds from solution as it would alone; every further arm binds on the membrane,
//! where it encounters chains at
//!
//! ```text
//! k_forward k_on / k_on_ligand
//! ```
//!
//! (for a fusion, divided by `fusion_association`: the effect that slows its binding from solution
//! does not slow the chains that join it on the membrane, except by `fusion_beta_ratio`), so that
//! an arm that binds slowly from solution is slower here by the same factor. Bonds dissociate as
//! they do in the single molecule. With one ratio for all arms of a molecule, the products of
//! constants around every cycle of bonds agree (detailed balance), whatever the arms are. The ratio
//! k_forward / k_on_ligand is the cross-linking constant of multivalent binding models
//! (Orcutt-Jahns et al. 2023).

use crate::receptor::ModelError;
use crate::receptor::binding::{Complex, Joined, Scheme, Step};

/// Largest number of combinations of bonds of one molecule that are simulated individually; four
/// arms that bind three chains have 209.
pub const MOST_STATES: usize = 300;

/// A kind of arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Number of copies in the molecule.
    pub copies: u32,
    /// Complexes that an arm can form.
    pub held: Vec<Held>,
    /// Reactions that form these complexes.
    pub bonds: Vec<Bond>,
}

/// Chains bound to one arm.
#[derive(Clone, Debug)]
pub struct Held {
    /// Name, such as `alpha_beta`.
    pub name: String,
    /// Number of each chain, in the order of [`Scheme::chains`].
    pub chains: Vec<u32>,
    /// Whether the complex signals.
    pub signals: bool,
}

/// Binding of a chain to one arm.
#[derive(Clone, Debug)]
pub struct Bond {
    /// The complex before binding, among [`Arm::held`]; none if the arm was free.
    pub before: Option<usize>,
    /// The chain that binds.
    pub chain: usize,
    /// The complex after binding.
    pub forms: usize,
    /// Network parameter of the association; for a free arm, from solution.
    pub on: String,
    /// The same for a free arm of a molecule that another arm already holds on the membrane.
    pub on_further: Option<String>,
    /// Network parameter of the dissociation.
    pub off: String,
    /// Network parameter of the dissociation in the endosome, if it is not the usual multiple of
    /// that outside.
    pub off_inside: Option<String>,
}

/// Adds the complexes of a molecule with these arms, and their reactions; `index` is its index
/// among the ligands of the scheme.
pub fn place(scheme: &mut Scheme, index: usize, arms: &[Arm]) -> Result<(), ModelError> {
    let label = scheme.ligands[index].label.clone();
    let states = states(arms);
    if states.len() > MOST_STATES {
        return Err(ModelError::Combination(format!(
            "ligand {label} has {} arms, whose bonds combine in {} ways; model gamma-chain \
             supports at most {MOST_STATES} combinations: use fewer arms, or model polyvalent for up \
             to {} copies of a fusion",
            arms.iter().map(|arm| arm.copies).sum::<u32>(),
            states.len(),
            crate::receptor::polyvalent::MOST_VALENCY
        )));
    }
    let first = scheme.complexes.len();
    for state in &states {
        let mut chains = vec![0; scheme.chains.len()];
        let (mut parts, mut signals) = (vec![], 0);
        for (held, count) in held(arms).zip(state.iter().copied()).filter(|(_, count)| *count > 0) {
            for (sum, own) in chains.iter_mut().zip(&held.chains) {
                *sum += count * own;
            }
            signals += count * u32::from(held.signals);
            let times = if count > 1 { count.to_string() } else { String::new() };
            parts.push(format!("{}{times}", held.name));
        }
        let name = format!("{label}_{}", parts.join("_and_"));
        scheme.complexes.push(Complex { name, ligand: index, chains, signals });
    }
    let free = vec![0; held(arms).count()];
    let mut offset = 0;
    for arm in arms {
        let own = offset..offset + arm.held.len();
        for bond in &arm.bonds {
            for before in std::iter::once(&free).chain(&states) {
                let arms_before = match bond.before {
                    None => arm.copies - before[own.clone()].iter().sum::<u32>(),
                    Some(held) => before[offset + held],
                };
                if arms_before == 0 {
                    continue;
                }
                let mut after = before.clone();
                after[offset + bond.forms] += 1;
                if let Some(held) = bond.before {
                    after[offset + held] -= 1;
                }
                let at = |state: &Vec<u32>| states.iter().position(|s| s == state);
                let on = bond.on_further.as_ref().filter(|_| *before != free);
                scheme.steps.push(Step {
                    joined: at(before)
                        .map_or(Joined::Ligand(index), |s| Joined::Complex(first + s)),
                    chain: bond.chain,
                    forms: first + at(&after).expect("a free or other arm has room"),
                    on: on.unwrap_or(&bond.on).clone(),
                    on_ways: f64::from(arms_before),
                    off: bond.off.clone(),
                    off_ways: f64::from(after[offset + bond.forms]),
                    off_inside: bond.off_inside.clone(),
                    wrong_site: false,
                });
            }
        }
        offset = own.end;
    }
    Ok(())
}

/// Complexes of the arms, in the order in which states count them.
fn held(arms: &[Arm]) -> impl Iterator<Item = &Held> {
    arms.iter().flat_map(|arm| &arm.held)
}

/// All states except that of the free molecule: for each complex that an arm can form, the number
/// of arms in it.
fn states(arms: &[Arm]) -> Vec<Vec<u32>> {
    let mut states = vec![vec![]];
    for arm in arms {
        let mut of_arm = vec![vec![]];
        for _ in &arm.held {
            of_arm = extended(&of_arm, |counts| {
                (0..=arm.copies - counts.iter().sum::<u32>()).map(|count| vec![count]).collect()
            });
        }
        states = extended(&states, |_| of_arm.clone());
    }
    states.retain(|state| state.iter().any(|count| *count > 0));
    // States with fewer bound arms first, then in the order of their complexes.
    states.sort_by_key(|s| (s.iter().sum::<u32>(), std::cmp::Reverse(s.clone())));
    states
}

fn extended(states: &[Vec<u32>], by: impl Fn(&[u32]) -> Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    let with =
        |s: &Vec<u32>| by(s).into_iter().map(|more| [s.as_slice(), &more].concat()).collect();
    states.iter().flat_map::<Vec<_>, _>(with).collect()
}
