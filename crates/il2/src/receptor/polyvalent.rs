//! Molecules with several sites, simulated bond by bond, with uptake and depletion.
//!
//! The equilibrium of such molecules follows Orcutt-Jahns et al. 2023 (see [`super::equilibrium`]):
//! a first site binds from solution with its own affinity, and every further site with this
//! affinity times the cross-linking constant K*. Here the same bonds form and dissociate one at a
//! time: a state is the number of bound sites of each type; a free site on a bound molecule binds
//! at `k_on K*` times the free chains; a bond dissociates at `k_on K_D`. There is one `k_on` per
//! chain: alpha binds fast, whereas the beta-gamma pair was measured to bind slowly. The products
//! of association and of dissociation rates around any cycle agree, so that without trafficking the
//! network reaches exactly the published equilibrium; trafficking adds uptake, degradation and
//! depletion of the medium.
//!
//! One molecule of valency v has v sites for alpha and v sites for the pre-assembled beta-gamma
//! pair, which is counted by its beta chains as in the publication.

use crate::ligand::Ligand;
use crate::parameter::{Parameters, required};
use crate::receptor::binding::{BindingLigand, Chain, Complex, Joined, Scheme, Step};
use crate::receptor::trafficking::{self, solution_rate, surface_rate};
use crate::receptor::{ChainSupply, Medium, ModelError, ReceptorModel};
use il2_engine::Dimension;

/// Name of the pair that the beta-gamma site binds.
pub const PAIR: &str = "il2r_beta_gamma";
/// Largest number of copies of the cytokine in a molecule, since the number of states grows with
/// its square.
pub const MOST_VALENCY: u32 = 6;

/// One kind of site, with its chain, its copies and its dissociation constant (pM).
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Name of the chain that it binds.
    pub chain: &'static str,
    /// Name of the ligand's affinity for this chain, such as `fusion_affinity.il2r_alpha`.
    pub number: String,
    /// Number of copies in one molecule.
    pub copies: u32,
    /// Dissociation constant of a single bond (pM).
    pub dissociation_constant: f64,
    /// A chain for which the site is not designed, with the dissociation constant of this bond
    /// (pM), if one is known.
    pub wrong: Option<(&'static str, f64)>,
}

impl Site {
    /// The chains that a copy may bind, one at a time, with their dissociation constants (pM).
    pub fn bonds(&self) -> impl Iterator<Item = (&'static str, f64)> {
        [(self.chain, self.dissociation_constant)].into_iter().chain(self.wrong)
    }
}

/// Name of a ligand's affinity for the bond of the other site with this chain.
pub fn wrong_partner(chain: &str) -> String {
    format!("wrong_partner_affinity.{chain}")
}

/// The sites of a molecule, from its fusion affinities (or, if these were not measured, from its
/// affinities to alpha and to the beta-gamma pair).
pub fn sites(ligand: &Ligand) -> Result<Vec<Site>, ModelError> {
    if !(1..=MOST_VALENCY).contains(&ligand.valency) {
        return Err(ModelError::Combination(format!(
            "ligand {} has valency {}; use a valency from 1 to {MOST_VALENCY}",
            ligand.label, ligand.valency
        )));
    }
    if !ligand.parts.is_empty() {
        return Err(ModelError::Combination(format!(
            "ligand {} consists of arms, which model polyvalent does not support; use \
             model gamma-chain",
            ligand.label
        )));
    }
    let mut sites = vec![];
    for chain in ["il2r_alpha", PAIR] {
        let name = ["fusion_affinity", "affinity"]
            .map(|table| format!("{table}.{chain}"))
            .into_iter()
            .find(|name| ligand.knows(name));
        let Some(name) = name else {
            // An antagonist that binds only alpha has no site for the pair.
            if chain == PAIR && ligand.lacks("affinity.il2r_beta") && !ligand.joins_gamma_c {
                continue;
            }
            return Err(ModelError::Combination(format!(
                "ligand {} has no fusion_affinity.{chain}, which model polyvalent needs; use model \
                 gamma-chain, which treats the chains separately",
                ligand.label
            )));
        };
        if !ligand.lacks(&name) {
            let other = if chain == PAIR { "il2r_alpha" } else { PAIR };
            let wrong = wrong_partner(other);
            let wrong = match ligand.knows(&wrong) && !ligand.lacks(&wrong) {
                true => Some((other, ligand.get(&wrong, Dimension::CONCENTRATION)?)),
                false => None,
            };
            sites.push(Site {
                chain,
                copies: ligand.valency,
                dissociation_constant: ligand.get(&name, Dimension::CONCENTRATION)?,
                number: name,
                wrong,
            });
        }
    }
    Ok(sites)
}

/// Chains of this model: alpha, and pairs counted by their beta chains.
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
    // The chains that a copy of a site may bind: its own or, if this bond is known, the wrong one.
    let mut bonds: Vec<Bond> = vec![];
    for (place, site) in sites.iter().enumerate() {
        // Under the ligand's own name, as in a study, and under the name in the equations.
        let own = format!("{label}.{}", site.number);
        scheme.given(&own, Dimension::CONCENTRATION, site.dissociation_constant);
        let name = format!("{label}.dissociation_constant_{}", short(site.chain));
        scheme.ratio(&name, Dimension::CONCENTRATION, &[&own], &[]);
        let off = format!("{label}.k_off_{}", short(site.chain));
        let on = format!("k_on_{}", short(site.chain));
        scheme.ratio(&off, Dimension::RATE, &[&on, &name], &[]);
        let held = short(site.chain).to_string();
        bonds.push(Bond { site: place, chain: site.chain, off, held });
        if let Some((chain, constant)) = site.wrong {
            let own = format!("{label}.{}", wrong_partner(chain));
            scheme.given(&own, Dimension::CONCENTRATION, constant);
            let off = format!("{label}.k_off_wrong_{}", short(chain));
            scheme.ratio(&off, Dimension::RATE, &[&format!("k_on_{}", short(chain)), &own], &[]);
            bonds.push(Bond { site: place, chain, off, held: format!("wrong_{}", short(chain)) });
        }
    }
    // Numbers of bonds of each kind, counted like digits; the state without bonds is the free
    // molecule.
    let mut states = vec![vec![0; bonds.len()]];
    for (place, bond) in bonds.iter().enumerate() {
        states = (0..=sites[bond.site].copies)
            .flat_map(|count| {
                states.iter().map(move |s| {
                    let mut s = s.clone();
                    s[place] = count;
                    s
                })
            })
            .collect();
    }
    let taken = |state: &[u32], site: usize| -> u32 {
        let of = bonds.iter().zip(state).filter(|(bond, _)| bond.site == site);
        of.map(|(_, count)| count).sum()
    };
    states.retain(|s| {
        let fits = |(i, site): (usize, &Site)| taken(s, i) <= site.copies;
        s.iter().sum::<u32>() > 0 && sites.iter().enumerate().all(fits)
    });
    states.sort_by_key(|s| (s.iter().sum::<u32>(), s.clone()));
    let first = scheme.complexes.len();
    let place_of = |bond: &Bond| usize::from(bond.chain == PAIR);
    for state in &states {
        let mut chains = vec![0; scheme.chains.len()];
        let mut name = label.clone();
        for (bond, &held) in bonds.iter().zip(state) {
            chains[place_of(bond)] += held;
            if held > 0 {
                name += &format!("_{}{held}", bond.held);
            }
        }
        // As in the publication, a molecule bound to any number of pairs counts once.
        let signals = u32::from(chains[1] > 0);
        scheme.complexes.push(Complex { name, ligand: index, chains, signals });
    }
    for (to, state) in states.iter().enumerate() {
        for (place, bond) in bonds.iter().enumerate().filter(|(p, _)| state[*p] > 0) {
            let mut before = state.clone();
            before[place] -= 1;
            let from = states.iter().position(|s| *s == before);
            scheme.steps.push(Step {
                joined: from.map_or(Joined::Ligand(index), |f| Joined::Complex(first + f)),
                chain: place_of(bond),
                forms: first + to,
                on: match from {
                    None => format!("k_on_{}", short(bond.chain)),
                    Some(_) => format!("k_cross_link_{}", short(bond.chain)),
                },
                on_ways: f64::from(sites[bond.site].copies - taken(&before, bond.site)),
                off: bond.off.clone(),
                off_ways: f64::from(state[place]),
                off_inside: None,
                wrong_site: bond.chain != sites[bond.site].chain,
            });
        }
    }
    Ok(())
}

/// A chain that a copy of a site may bind.
struct Bond {
    site: usize,
    chain: &'static str,
    /// Network parameter of its dissociation.
    off: String,
    /// Name of this bond in the names of complexes.
    held: String,
}
