//! Ligand near the surface of cells, where diffusion brings and takes it: a cell that secretes meets more than the medium
//! has, one that takes up meets less (Busse et al. 2010, Thurley et al. 2015).
//!
//! Gradients are steady, since a ligand crosses tens of micrometres within minutes. Around a cell of radius ρ, out of
//! which F molecules flow per time, the ligand has, at r from its centre,
//!
//! ```text
//! c(r) = medium + F exp(-r / λ) / (4 π D r)        at the surface: medium + F / (4 π D ρ)
//! λ    = sqrt(D / (loss + sum over cells of n k K / (k + K)))       K = 4 π D ρ
//! ```
//!
//! F is what the cell secretes and releases less what it binds, k c; with n cells per volume. λ is how far a
//! niche reaches. A cell beside another, at d between centres, meets what flows out of that as well: two linear equations
//! for the concentrations at both surfaces. With D without limit all cells meet what the medium has.

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
    /// Coefficient of diffusion (dm²/min).
    pub coefficient: f64,
    /// Radius of a cell (dm).
    pub radius: f64,
    /// Kinds of which each cell has one of another at its side, and how far the centres are apart (dm).
    pub pairs: Vec<([String; 2], f64)>,
}

impl Diffusion {
    /// The model of the library that has its numbers.
    pub const MODEL: &str = "busse2010";
}

/// Exchange of a ligand between the cells of a pool and the medium.
struct Exchange {
    /// What they bind, over the concentration that they meet (1/min).
    binds: Expression,
    /// What they secrete and release (pM/min).
    gives: Expression,
    /// What diffusion brings, over the difference between medium and surface (1/min).
    brings: Expression,
}

impl Exchange {
    /// What is bound over what diffusion would bring, and what is given.
    fn over_diffusion(&self) -> (Expression, Expression) {
        let brings = || self.brings.clone();
        (self.binds.clone() / brings(), self.gives.clone() / brings())
    }
}

/// Lets the cells of all pools meet the ligands as they are at their surface, in place of what the medium has.
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
        // In units of lengths, since a root has no unit.
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

/// What the reactions of a pool take from the medium and give to it.
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
            // Laws of binding are in proportion to what is free: the derivative is the rest.
            found.binds = found.binds + law.derivative(free);
        } else if reaction.products.iter().any(is_free) {
            found.gives = found.gives + law;
        }
    }
    found
}

/// The reactions of a pool read what its cells meet.
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

/// What the cells of a kind meet that several represent, as a mean.
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
