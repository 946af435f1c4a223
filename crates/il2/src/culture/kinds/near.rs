//! Ligand near the surface of cells, where it is transported by diffusion: a cell that secretes is
//! exposed to a higher concentration than that of the medium, a cell that takes up ligand to a
//! lower one (Busse et al. 2010, Thurley et al. 2015).
//!
//! Gradients are at steady state, since a ligand diffuses over tens of micrometres within minutes.
//! Around a cell of radius ρ with an outflow of F molecules per time, the ligand concentration at
//! distance r from its centre is
//!
//! ```text
//! c(r) = medium + F exp(-r / λ) / (4 π D r)        at the surface: medium + F / (4 π D ρ)
//! λ    = sqrt(D / (loss + sum over cells of n k K / (k + K)))       K = 4 π D ρ
//! ```
//!
//! F is what the cell secretes and releases minus what it binds, k c; n is the number of cells per
//! volume. λ is the range of a niche. A cell beside another, at distance d between centres, is also
//! exposed to the outflow of that cell: two linear equations determine the concentrations at both
//! surfaces. In the limit of large D all cells are exposed to the concentration of the medium.

use crate::culture::kinds::pooled::Pool;
use crate::receptor::ReceptorModel;
use il2_engine::network::Rate;
use il2_engine::{Dimension, Expression, Limits, Network, SpeciesId};
use std::f64::consts::PI;

const LENGTH: Dimension = Dimension { length: 1, ..Dimension::DIMENSIONLESS };
const CELL: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };

/// How ligands move between cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Diffusion {
    /// Diffusion coefficient (dm²/min).
    pub coefficient: f64,
    /// Radius of a cell (dm).
    pub radius: f64,
    /// Pairs of kinds whose cells are neighbours, one to one, and the distance between the centres
    /// (dm).
    pub pairs: Vec<([String; 2], f64)>,
}

impl Diffusion {
    /// The model in the library that contains the diffusion numbers.
    pub const MODEL: &str = "busse2010";
}

/// Exchange of a ligand between the cells of a pool and the medium.
struct Exchange {
    /// Binding rate divided by the concentration at the surface (1/min).
    binds: Expression,
    /// Secretion and release (pM/min).
    gives: Expression,
    /// Diffusive supply divided by the concentration difference between medium and surface (1/min).
    brings: Expression,
}

impl Exchange {
    /// `binds` and `gives`, each divided by `brings`.
    fn over_diffusion(&self) -> (Expression, Expression) {
        let brings = || self.brings.clone();
        (self.binds.clone() / brings(), self.gives.clone() / brings())
    }
}

/// Exposes the cells of all pools to the ligand concentrations at their surface instead of those of
/// the medium.
pub fn add(
    n: &mut Network,
    pools: &[(Pool, ReceptorModel)],
    ligands: &[(String, SpeciesId)],
    diffusion: &Diffusion,
) {
    let mut number = |name: &str, dimension: Dimension, value: f64, limits: Limits| -> Expression {
        let added = n.add_parameter(format!("diffusion.{name}"), dimension, value);
        n.limit(added, limits);
        added.into()
    };
    let area_per_time = LENGTH * LENGTH * Dimension::RATE;
    let spreads = number("coefficient", area_per_time, diffusion.coefficient, Limits::Positive);
    let radius = number("cell_radius", LENGTH, diffusion.radius, Limits::Positive);
    let one_cell = number("one_cell", CELL, 1.0, Limits::Constant);
    let apart = |(names, distance): &([String; 2], f64)| {
        let name = format!("{}_beside_{}", names[0], names[1]);
        (names.clone(), number(&name, LENGTH, *distance, Limits::Positive))
    };
    let pairs: Vec<([String; 2], Expression)> = diffusion.pairs.iter().map(apart).collect();
    let to_a_cell = Expression::Number(4.0 * PI) * spreads.clone() * radius.clone() / one_cell;
    let to_a_cell = Expression::from(n.add_derived(
        "diffusion.to_a_cell",
        Dimension::VOLUME * Dimension::RATE / CELL,
        to_a_cell,
    ));
    for (label, free) in ligands {
        let all: Vec<Exchange> =
            pools.iter().map(|(pool, _)| exchange(n, pool, *free, &to_a_cell)).collect();
        let loss = n.parameter_named(&format!("{label}.loss_in_medium"));
        let loss = loss.map_or(Expression::Number(0.0), Expression::from);
        let used = all.iter().fold(loss, |sum, of| {
            let both = of.binds.clone() + of.brings.clone();
            sum + of.binds.clone() * of.brings.clone() / both
        });
        // If nothing uses the ligand, the reach is infinite; a plain zero would have no unit.
        let used = match used {
            Expression::Number(_) => {
                let (name, none) = (format!("{label}.used_in_medium"), Limits::Constant);
                let zero = n.add_parameter(name, Dimension::RATE, 0.0);
                n.limit(zero, none);
                zero.into()
            }
            used => used,
        };
        // Computed in units of length, since a root has no unit.
        let root =
            |of: Expression| Expression::Power(Box::new(of), Box::new(Expression::Number(0.5)));
        let reach = root(spreads.clone() / (used.clone() * radius.clone() * radius.clone()));
        n.add_observable(format!("{label}_reach"), LENGTH, radius.clone() * reach);
        let at_surface = |(i, (pool, _)): (usize, &(Pool, ReceptorModel))| {
            let (binds, gives) = all[i].over_diffusion();
            let one = || Expression::Number(1.0);
            let neighbour = pairs.iter().find_map(|([a, b], distance)| {
                let other = if *a == pool.kind { b } else { a };
                let here = *a == pool.kind || *b == pool.kind;
                let place = pools.iter().position(|(pool, _)| pool.kind == *other);
                place.filter(|_| here).map(|place| (&all[place], distance))
            });
            let Some((other, distance)) = neighbour else {
                return (Expression::from(*free) + gives) / (one() + binds);
            };
            let screened = distance.clone() * distance.clone() * used.clone() / spreads.clone();
            let passes =
                Expression::Exponential(Box::new(Expression::Number(-1.0) * root(screened)));
            let passes = radius.clone() / distance.clone() * passes;
            let (other_binds, other_gives) = other.over_diffusion();
            let own =
                Expression::from(*free) + gives.clone() + passes.clone() * other_gives.clone();
            let of_other = Expression::from(*free) + other_gives + passes.clone() * gives;
            let from_other = passes.clone() * other_binds.clone();
            let both = (one() + binds.clone()) * (one() + other_binds.clone());
            let cross = from_other.clone() * passes * binds;
            (own * (one() + other_binds) - from_other * of_other) / (both - cross)
        };
        let met: Vec<Expression> = pools.iter().enumerate().map(at_surface).collect();
        for ((pool, _), met) in pools.iter().zip(met) {
            meet(n, pool, *free, &met);
            let name = pool.name(&format!("{label}_at_surface"));
            n.add_observable(name, Dimension::CONCENTRATION, met);
        }
        means(n, pools, label);
    }
}

/// What the reactions of a pool take from the medium and release to it.
fn exchange(n: &Network, pool: &Pool, free: SpeciesId, to_a_cell: &Expression) -> Exchange {
    let nothing = || Expression::Number(0.0);
    let mut found = Exchange {
        binds: nothing(),
        gives: nothing(),
        brings: to_a_cell.clone() * pool.cells.clone(),
    };
    for reaction in n.reactions.iter().filter(|r| r.name.starts_with(&pool.name(""))) {
        let law = n.law(reaction);
        let is_free = |(species, _): &(SpeciesId, u32)| *species == free;
        if reaction.reactants.iter().any(is_free) {
            // Binding laws are proportional to the free concentration, so the factor is the
            // derivative.
            found.binds = found.binds + law.derivative(free);
        } else if reaction.products.iter().any(is_free) {
            found.gives = found.gives + law;
        }
    }
    found
}

/// Makes the reactions of a pool read the concentration at the surface of its cells.
fn meet(n: &mut Network, pool: &Pool, free: SpeciesId, met: &Expression) {
    let here = |s: SpeciesId| if s == free { met.clone() } else { s.into() };
    for i in 0..n.reactions.len() {
        let own = n.reactions[i].name.starts_with(&pool.name(""));
        let law = n.law(&n.reactions[i]);
        if own && law.species().contains(&free) {
            n.reactions[i].rate = Rate::Law(law.replaced(&here, &|p| p.into()));
        }
    }
}

/// The mean surface concentration of a kind that is represented by several cells.
fn means(n: &mut Network, pools: &[(Pool, ReceptorModel)], label: &str) {
    let mut kinds: Vec<&str> = vec![];
    for (pool, _) in pools.iter().filter(|(pool, _)| pool.own != pool.kind) {
        if !kinds.contains(&pool.kind.as_str()) {
            kinds.push(&pool.kind);
        }
    }
    for kind in kinds {
        let (mut sum, mut cells) = (Expression::Number(0.0), Expression::Number(0.0));
        for (pool, _) in pools.iter().filter(|(pool, _)| pool.kind == kind) {
            let met = n.observable_named(&pool.name(&format!("{label}_at_surface")));
            let met = n.observables[met.expect("each pool has one").0].value.clone();
            sum = sum + pool.cells.clone() * met;
            cells = cells + pool.cells.clone();
        }
        let name = format!("{kind}.{label}_at_surface");
        n.add_observable(name, Dimension::CONCENTRATION, sum / cells);
    }
}
