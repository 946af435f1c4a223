//! Molecules with several sites, bond by bond, with uptake and depletion.
//!
//! The equilibrium of such molecules follows Orcutt-Jahns et al. 2023 (see [`super::equilibrium`]): a first
//! site binds from solution with its own affinity, every further site with the cross-linking constant K*
//! times that affinity. Here the same bonds form and break one at a time: a state is the number of bound
//! sites of each type, a free site on a bound molecule binds at `k_on K*` times the free chains, a bond
//! breaks at `k_on K_D`, with one `k_on` per chain: alpha binds fast, the beta-gamma pair was measured to
//! bind slowly. Products of both around any cycle agree, so that without trafficking the network reaches
//! exactly the published equilibrium; trafficking adds uptake, degradation and depletion of the medium.
//!
//! One molecule of valency v has v sites for alpha and v for the pre-assembled beta-gamma pair,
//! counted by its beta chains as published.

use crate::ligand::Ligand;
use crate::parameter::{Parameters, required};
use crate::receptor::binding::{BindingLigand, Chain, Complex, Joined, Scheme, Step};
use crate::receptor::trafficking::{self, solution_rate, surface_rate};
use crate::receptor::{ChainSupply, Medium, ModelError, ReceptorModel};
use il2_engine::Dimension;

/// Name of the pair that the beta-gamma site binds.
pub const PAIR: &str = "il2r_beta_gamma";
/// Most copies of the cytokine on a molecule: the states grow with the square.
pub const MOST_VALENCY: u32 = 6;

/// One kind of site: its chain, its copies, its dissociation constant (pM).
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Name of the chain that it binds.
    pub chain: &'static str,
    /// The ligand's affinity for it: `fusion_affinity.il2r_alpha`.
    pub number: String,
    /// Copies on one molecule.
    pub copies: u32,
    /// Dissociation constant of a single bond (pM).
    pub dissociation_constant: f64,
}

/// The sites of a molecule, from its fusion affinities (or, where it was measured as such, from its
/// affinities to alpha and to the beta-gamma pair).
pub fn sites(ligand: &Ligand) -> Result<Vec<Site>, ModelError> {
    if !(1..=MOST_VALENCY).contains(&ligand.valency) {
        return Err(ModelError::Combination(format!(
            "ligand {} has valency {}; 1 to {MOST_VALENCY} is allowed",
            ligand.label, ligand.valency
        )));
    }
    let mut sites = vec![];
    for chain in ["il2r_alpha", PAIR] {
        let name = ["fusion_affinity", "affinity"]
            .map(|table| format!("{table}.{chain}"))
            .into_iter()
            .find(|name| ligand.knows(name))
            .ok_or_else(|| {
                ModelError::Combination(format!(
                    "ligand {} has no fusion_affinity.{chain}, which model polyvalent needs; use model gamma-chain, which takes separate chains",
                    ligand.label
                ))
            })?;
        if !ligand.lacks(&name) {
            sites.push(Site {
                chain,
                copies: ligand.valency,
                dissociation_constant: ligand.get(&name, Dimension::CONCENTRATION)?,
                number: name,
            });
        }
    }
    Ok(sites)
}

/// Chains of this model: alpha, and pairs counted by their beta.
pub fn pairs(supply: &[(String, ChainSupply)]) -> Vec<(String, ChainSupply)> {
    let renamed =
        |name: &str| if name == "il2r_beta" { PAIR.to_string() } else { name.to_string() };
    supply.iter().map(|(name, s)| (renamed(name), *s)).collect()
}

/// The network of a cell with these chains in a medium with these molecules.
pub fn model(
    parameters: &Parameters,
    owner: &str,
    ligands: &[Ligand],
    supply: &[(String, ChainSupply)],
    medium: Medium,
) -> Result<ReceptorModel, ModelError> {
    let scheme = scheme(parameters, owner, ligands)?;
    trafficking::network(&scheme, parameters, owner, &pairs(supply), medium)
}

/// The binding scheme: every combination of bound sites.
pub fn scheme(
    parameters: &Parameters,
    owner: &str,
    ligands: &[Ligand],
) -> Result<Scheme, ModelError> {
    let mut scheme = Scheme {
        chains: ["il2r_alpha", PAIR].map(|name| Chain { name: name.into() }).to_vec(),
        ..Scheme::default()
    };
    let cross = Dimension::CONCENTRATION / Dimension::PER_CELL;
    let constant = required(parameters, owner, "cross_linking_constant", cross)?;
    scheme.given("cross_linking_constant", cross, constant);
    for chain in ["alpha", "beta_gamma"] {
        let (on, cross_link) = (format!("k_on_{chain}"), format!("k_cross_link_{chain}"));
        let value = required(parameters, owner, &on, solution_rate())?;
        scheme.given(&on, solution_rate(), value);
        scheme.ratio(&cross_link, surface_rate(), &[&on, "cross_linking_constant"], &[]);
    }
    for (index, ligand) in ligands.iter().enumerate() {
        add_ligand(&mut scheme, index, ligand)?;
    }
    Ok(scheme)
}

fn add_ligand(scheme: &mut Scheme, index: usize, ligand: &Ligand) -> Result<(), ModelError> {
    let sites = sites(ligand)?;
    let label = &ligand.label;
    scheme.ligands.push(BindingLigand { label: label.clone() });
    let short = |chain: &str| if chain == PAIR { "beta_gamma" } else { "alpha" };
    for site in &sites {
        // Under the ligand's own name, as in a study, and under that of the equations.
        let own = format!("{label}.{}", site.number);
        scheme.given(&own, Dimension::CONCENTRATION, site.dissociation_constant);
        let name = format!("{label}.dissociation_constant_{}", short(site.chain));
        scheme.ratio(&name, Dimension::CONCENTRATION, &[&own], &[]);
        let off = format!("{label}.k_off_{}", short(site.chain));
        let on = format!("k_on_{}", short(site.chain));
        scheme.ratio(&off, Dimension::RATE, &[&on, &name], &[]);
    }
    // Bonds per site type, counted like digits; the state without any is the free molecule.
    let copies: Vec<u32> = sites.iter().map(|s| s.copies).collect();
    let mut states = vec![vec![0; sites.len()]];
    for (place, &most) in copies.iter().enumerate() {
        states = (0..=most)
            .flat_map(|count| {
                states.iter().map(move |s| {
                    let mut s = s.clone();
                    s[place] = count;
                    s
                })
            })
            .collect();
    }
    states.retain(|s| s.iter().sum::<u32>() > 0);
    states.sort_by_key(|s| (s.iter().sum::<u32>(), s.clone()));
    let first = scheme.complexes.len();
    let chain_of = |site: &Site| usize::from(site.chain == PAIR);
    for state in &states {
        let mut chains = vec![0; scheme.chains.len()];
        let mut name = label.clone();
        for (site, &held) in sites.iter().zip(state) {
            chains[chain_of(site)] += held;
            if held > 0 {
                name += &format!("_{}{held}", short(site.chain));
            }
        }
        let signals = chains[1] > 0;
        scheme.complexes.push(Complex { name, ligand: index, chains, signals });
    }
    for (to, state) in states.iter().enumerate() {
        for (place, site) in sites.iter().enumerate().filter(|(p, _)| state[*p] > 0) {
            let mut before = state.clone();
            before[place] -= 1;
            let from = states.iter().position(|s| *s == before);
            scheme.steps.push(Step {
                joined: from.map_or(Joined::Ligand(index), |f| Joined::Complex(first + f)),
                chain: chain_of(site),
                forms: first + to,
                on: match from {
                    None => format!("k_on_{}", short(site.chain)),
                    Some(_) => format!("k_cross_link_{}", short(site.chain)),
                },
                on_ways: f64::from(site.copies - before[place]),
                off: format!("{label}.k_off_{}", short(site.chain)),
                off_ways: f64::from(state[place]),
            });
        }
    }
    Ok(())
}
