//! The bonds of one ligand of the family: which bonds exist, how they form and dissociate, and the
//! numbers that a molecule may have for individual bonds.
//!
//! Without its own numbers a ligand has one association rate from solution, all complexes share one
//! association rate on the membrane, and one factor increases the dissociation of every bond in the
//! endosome. A ligand (or a study) may give `k_on.CHAIN` (the dissociation constant does not
//! change, so the bond also dissociates more slowly by the same factor), `k_forward.BOND` and
//! `endosomal_off_ratio.BOND`; bonds that close a cycle follow from detailed balance, outside and
//! inside the cell.

use crate::ligand::{Ligand, SHARED_CHAINS};
use crate::receptor::ModelError;
use crate::receptor::arms::{Arm, Bond, Held};
use crate::receptor::binding::{ConstantValue, Scheme};
use crate::receptor::trafficking::{solution_rate, surface_rate};
use il2_engine::Dimension;

/// Association rate constant of every ligand from solution. It converts affinities to dissociation
/// rates.
pub const ON: &str = "k_on_ligand";
/// Association rate of a fusion from solution, relative to that of the soluble molecule.
pub const FUSED: &str = "fusion_association";
/// Further factor of the association of a fusion with beta: relative to alpha, a fusion loses more
/// of its association with beta.
pub const FUSED_BETA: &str = "fusion_beta_ratio";
/// Association rate of one ligand from solution, relative to that of others: shielding of a
/// molecule (PEG) slows its approach but does not change the bonds that it forms.
pub const ASSOCIATION: &str = "association";
/// Association rate constant of every chain with a complex on the membrane.
pub const FORWARD: &str = "k_forward";
/// Dissociation rate in the endosome relative to the surface, for bonds without their own factor.
pub const LOOSER: &str = "endosomal_off_ratio";
/// The bond of a further arm of a molecule that is already on the membrane.
pub const FURTHER_ARM: &str = "further_arm";

/// The kinds of chain that a ligand binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partners {
    /// The private chain.
    pub alpha: bool,
    /// Beta.
    pub beta: bool,
    /// Gamma_c, which binds after one of the others.
    pub gamma: bool,
}

impl Partners {
    fn include(self, other: Partners) -> bool {
        (self.alpha || !other.alpha) && (self.beta || !other.beta) && (self.gamma || !other.gamma)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Alpha,
    Beta,
    Gamma,
}

const fn held(alpha: bool, beta: bool, gamma: bool) -> Partners {
    Partners { alpha, beta, gamma }
}

/// Chains in a complex.
const COMPLEXES: [(&str, Partners); 6] = [
    ("beta", held(false, true, false)),
    ("beta_gamma", held(false, true, true)),
    ("alpha", held(true, false, false)),
    ("alpha_beta", held(true, true, false)),
    ("alpha_gamma", held(true, false, true)),
    ("alpha_beta_gamma", held(true, true, true)),
];

/// Partner (empty for free ligand), the chain that binds, the product, and the name of the bond.
const BONDS: [(&str, Kind, &str, &str); 9] = [
    ("", Kind::Beta, "beta", "beta"),
    ("beta", Kind::Gamma, "beta_gamma", "gamma_from_beta_gamma"),
    ("", Kind::Alpha, "alpha", "alpha"),
    ("alpha", Kind::Gamma, "alpha_gamma", "gamma_from_alpha_gamma"),
    ("alpha", Kind::Beta, "alpha_beta", "beta_from_alpha_beta"),
    ("beta", Kind::Alpha, "alpha_beta", "alpha_from_alpha_beta"),
    ("beta_gamma", Kind::Alpha, "alpha_beta_gamma", "alpha_from_trimer"),
    ("alpha_gamma", Kind::Beta, "alpha_beta_gamma", "beta_from_trimer"),
    ("alpha_beta", Kind::Gamma, "alpha_beta_gamma", "gamma_from_trimer"),
];

/// A bond that closes a cycle: its dissociation constant is that of the first bond times that of
/// the second divided by that of the third.
const CLOSING: [[&str; 4]; 3] = [
    ["alpha_from_alpha_beta", "alpha", "beta_from_alpha_beta", "beta"],
    ["beta_from_trimer", "gamma_from_trimer", "beta_from_alpha_beta", "gamma_from_alpha_gamma"],
    ["alpha_from_trimer", "gamma_from_trimer", "alpha_from_alpha_beta", "gamma_from_beta_gamma"],
];

/// Bonds whose dissociation constants are independent, and which may have their own factor in the
/// endosome.
pub const INDEPENDENT: [&str; 6] = [
    "alpha",
    "beta",
    "gamma_from_alpha_gamma",
    "gamma_from_beta_gamma",
    "gamma_from_trimer",
    "beta_from_alpha_beta",
];

/// Bonds that form on a membrane, and which may have their own association rate.
pub const ON_MEMBRANE: [&str; 8] = [
    "gamma_from_alpha_gamma",
    "gamma_from_beta_gamma",
    "gamma_from_trimer",
    "beta_from_alpha_beta",
    "alpha_from_alpha_beta",
    "beta_from_trimer",
    "alpha_from_trimer",
    FURTHER_ARM,
];

/// The network name of a dissociation rate constant.
pub fn off(prefix: &str, bond: &str) -> String {
    format!("{prefix}.k_off_{bond}")
}

/// The bonds of one ligand in a scheme.
pub struct Bonds<'a> {
    ligand: &'a Ligand,
    partners: Partners,
    own_endosome: bool,
    /// Whether the arm itself binds from solution as a fusion does.
    fused: bool,
    /// Chains and bonds with their own association rates.
    own_on: Vec<String>,
}

/// Defines the association rates of a ligand, before the dissociation rates that are derived from
/// them. `set` contains the names that a study sets: rates of individual bonds exist if the ligand
/// or the study sets them.
pub fn associations<'a>(
    scheme: &mut Scheme,
    ligand: &'a Ligand,
    partners: Partners,
    fused: bool,
    set: &[(String, String)],
) -> Result<Bonds<'a>, ModelError> {
    let label = &ligand.label;
    let asked = |name: &str| set.iter().any(|(set, _)| set.starts_with(&format!("{label}.{name}")));
    let all = format!("{label}.k_on");
    let mut factors = if fused { vec![ON, FUSED] } else { vec![ON] };
    let slowed = format!("{label}.{ASSOCIATION}");
    if ligand.knows(ASSOCIATION) {
        let plain = Dimension::DIMENSIONLESS;
        scheme.given(&slowed, plain, ligand.get(ASSOCIATION, plain)?);
        factors.push(&slowed);
    }
    scheme.ratio(&all, solution_rate(), &factors, &[]);
    let on_beta = common_on(label, "beta", fused);
    if on_beta != all && partners.beta {
        scheme.ratio(&on_beta, solution_rate(), &[&all, FUSED_BETA], &[]);
    }
    let mut own_on = vec![];
    let chains =
        [ligand.private_chain.name(), SHARED_CHAINS[0]].map(|chain| format!("k_on.{chain}"));
    let bonds = ON_MEMBRANE.map(|bond| format!("{FORWARD}.{bond}"));
    for name in chains.into_iter().chain(bonds) {
        let in_network = format!("{label}.{name}");
        let from_solution = name.starts_with("k_on.");
        let dimension = if from_solution { solution_rate() } else { surface_rate() };
        if ligand.knows(&name) {
            scheme.given(&in_network, dimension, ligand.get(&name, dimension)?);
        } else if asked(&name) {
            let common = match from_solution {
                true if name.ends_with(SHARED_CHAINS[0]) => on_beta.as_str(),
                true => all.as_str(),
                false => FORWARD,
            };
            scheme.ratio(&in_network, dimension, &[common], &[]);
        } else {
            continue;
        }
        own_on.push(name);
    }
    let own_endosome = ligand.knows_any(&format!("{LOOSER}."))
        || asked(&format!("{LOOSER}."))
        || asked("endosome.");
    Ok(Bonds { ligand, partners, own_endosome, fused, own_on })
}

/// The network name of the association rate constant of a chain without a rate of its own.
fn common_on(label: &str, bond: &str, fused: bool) -> String {
    let all = format!("{label}.k_on");
    if fused && bond == "beta" { format!("{all}_beta") } else { all }
}

impl Bonds<'_> {
    fn chain(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Alpha => self.ligand.private_chain.name(),
            Kind::Beta => SHARED_CHAINS[0],
            Kind::Gamma => SHARED_CHAINS[1],
        }
    }

    /// The network name of the association rate constant of a bond.
    pub fn on(&self, bond: &str) -> String {
        let label = &self.ligand.label;
        let common = common_on(label, bond, self.fused);
        let (own, common) = match bond {
            "alpha" => (format!("k_on.{}", self.chain(Kind::Alpha)), common),
            "beta" => (format!("k_on.{}", self.chain(Kind::Beta)), common),
            bond => (format!("{FORWARD}.{bond}"), FORWARD.to_string()),
        };
        if self.own_on.contains(&own) { format!("{label}.{own}") } else { common }
    }

    fn has(&self, bond: &str) -> bool {
        let forms =
            BONDS.iter().find(|(_, _, _, name)| *name == bond).map(|(_, _, forms, _)| *forms);
        COMPLEXES.iter().any(|(name, held)| Some(*name) == forms && self.partners.include(*held))
    }

    /// Derives rates from the independent dissociation rates: those of bonds that associate slowly,
    /// those that close cycles, and all rates in the endosome if they differ by more than one
    /// factor.
    pub fn dissociations(&self, scheme: &mut Scheme) -> Result<(), ModelError> {
        let (label, rate) = (&self.ligand.label, Dimension::RATE);
        for bond in ["alpha", "beta"] {
            let own = self.on(bond);
            let follows = own.contains(".k_on.").then(|| off(label, bond));
            for constant in &mut scheme.constants {
                if let ConstantValue::Ratio(above, below) = &mut constant.value
                    && follows.as_ref() == Some(&constant.name)
                {
                    above.push(own.clone());
                    below.push(common_on(label, bond, self.fused));
                }
            }
        }
        self.close(scheme, label);
        if !self.own_endosome {
            return Ok(());
        }
        let inside = format!("{label}.endosome");
        for bond in INDEPENDENT.into_iter().filter(|bond| self.has(bond)) {
            let ratio = format!("{LOOSER}.{bond}");
            let (plain, in_network) = (Dimension::DIMENSIONLESS, format!("{label}.{ratio}"));
            match self.ligand.knows(&ratio) {
                true => scheme.given(&in_network, plain, self.ligand.get(&ratio, plain)?),
                false => scheme.ratio(&in_network, plain, &[LOOSER], &[]),
            }
            scheme.ratio(&off(&inside, bond), rate, &[&off(label, bond), &in_network], &[]);
        }
        self.close(scheme, &inside);
        Ok(())
    }

    /// Detailed balance: k_off / k_on of the bonds around each cycle.
    fn close(&self, scheme: &mut Scheme, prefix: &str) {
        for [last, first, second, third] in CLOSING {
            if ![last, first, second, third].iter().all(|bond| self.has(bond)) {
                continue;
            }
            let mut above = vec![off(prefix, first), off(prefix, second)];
            let mut below = vec![off(prefix, third)];
            // Association rates that are the same on both sides cancel.
            let mut spent = vec![self.on(first), self.on(second)];
            for on in [self.on(last), self.on(third)] {
                match spent.iter().position(|s| *s == on) {
                    Some(place) => _ = spent.remove(place),
                    None => above.push(on),
                }
            }
            below.extend(spent);
            fn names(all: &[String]) -> Vec<&str> {
                all.iter().map(String::as_str).collect()
            }
            scheme.closing(&off(prefix, last), Dimension::RATE, &names(&above), &names(&below));
        }
    }

    /// The complexes and bonds of an arm, for a molecule with this number of copies of it and, if
    /// `part` names the arm, with other arms; `fused` if the molecule binds from solution as a
    /// fusion does.
    pub fn arm(&self, scheme: &mut Scheme, copies: u32, part: Option<&str>, fused: bool) -> Arm {
        let several = copies > 1 || part.is_some();
        let further = ["alpha", "beta"].map(|bond| {
            (several && self.has(bond)).then(|| (bond, self.on_further(scheme, bond, fused)))
        });
        let further = |bond: &str| {
            let found = further.iter().flatten().find(|(name, _)| *name == bond);
            found.map(|(_, on)| on.clone())
        };
        let at = |kind: Kind| {
            let name = self.chain(kind);
            scheme.chains.iter().position(|c| c.name == name).expect("own chain")
        };
        let shares_beta = self.ligand.private_chain.shares_beta();
        let complexes: Vec<_> =
            COMPLEXES.into_iter().filter(|(_, held)| self.partners.include(*held)).collect();
        let mut held = vec![];
        for (name, holds) in &complexes {
            let mut chains = vec![0; scheme.chains.len()];
            for (kind, holds) in
                [(Kind::Alpha, holds.alpha), (Kind::Beta, holds.beta), (Kind::Gamma, holds.gamma)]
            {
                if holds {
                    chains[at(kind)] = 1;
                }
            }
            let signals = holds.gamma && (holds.beta || !shares_beta);
            let name = part.map_or(name.to_string(), |part| format!("{part}_{name}"));
            held.push(Held { name, chains, signals });
        }
        let place = |name: &str| complexes.iter().position(|(held, _)| *held == name);
        let mut bonds = vec![];
        for (before, kind, forms, bond) in BONDS {
            let Some(forms) = place(forms) else { continue };
            bonds.push(Bond {
                before: place(before),
                chain: at(kind),
                forms,
                on: self.on(bond),
                on_further: further(bond),
                off: off(&self.ligand.label, bond),
                off_inside: self.inside(bond),
            });
        }
        Arm { copies, held, bonds }
    }

    /// Defines the association rate constant of a further arm on the membrane, which is
    /// proportional to that from solution. The slower association of a fusion or a shielded
    /// molecule in solution does not apply to chains that join it on the membrane, except for the
    /// further factor of beta: detailed balance requires one ratio for all bonds of a molecule. If
    /// the constant is given, it is that of alpha, or of beta if there is no alpha.
    fn on_further(&self, scheme: &mut Scheme, bond: &str, fused: bool) -> String {
        let label = &self.ligand.label;
        let (name, on) = (format!("{label}.{FORWARD}_{FURTHER_ARM}_{bond}"), self.on(bond));
        let own = format!("{FORWARD}.{FURTHER_ARM}");
        let first = self.on(if self.has("alpha") { "alpha" } else { "beta" });
        let (given, slowed) = (format!("{label}.{own}"), format!("{label}.{ASSOCIATION}"));
        let slowed = self.ligand.knows(ASSOCIATION).then_some(slowed.as_str());
        let (above, below) = match self.own_on.contains(&own) {
            true => ([given.as_str(), &on], vec![first.as_str()]),
            false => {
                let slower = fused.then_some(FUSED).into_iter().chain(slowed);
                ([FORWARD, &on], std::iter::once(ON).chain(slower).collect())
            }
        };
        scheme.ratio(&name, surface_rate(), &above, &below);
        name
    }

    /// The dissociation rate in the endosome, if it is not the usual multiple of that outside.
    fn inside(&self, bond: &str) -> Option<String> {
        self.own_endosome.then(|| off(&format!("{}.endosome", self.ligand.label), bond))
    }
}
