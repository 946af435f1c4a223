//! Processes in the medium: soluble chains that bind ligands, masked forms that release ligands,
//! and gradual changes of concentrations.
//!
//! A medium that cells deplete is counted in molecules per cell, like everything else. A medium
//! that cells do not deplete is a reservoir; if something else changes it, cells read its
//! concentrations without affecting them.

use crate::receptor::Medium;
use crate::receptor::binding::Scheme;
use il2_engine::{Dimension, Expression, Limits, Network, SpeciesId};

/// How the concentrations of a medium change.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Scale of its species: the change of the concentration per molecule per cell.
    pub scale: Expression,
    /// Whether cells bind ligand without changing the medium, although other processes change it.
    pub held: bool,
}

/// Names of the numbers of a gradual change of a ligand.
pub const RAMP: [&str; 3] = ["ramp_height", "ramp_rate", "ramp_end"];

impl Solution {
    /// The medium of a scheme; `density` is the law for cells per volume divided by molecules per
    /// amount.
    pub fn new(medium: Medium, scheme: &Scheme, density: Option<Expression>) -> Self {
        let still = scheme.solutes.is_empty() && scheme.releases.is_empty();
        let moves = medium == Medium::Gradual || !still;
        match density {
            Some(scale) => Self { scale, held: false },
            None => Self { scale: Expression::Number(f64::from(u8::from(moves))), held: moves },
        }
    }

    /// Binding of a ligand to a chain on the surface, and its dissociation.
    pub fn bind(
        &self,
        n: &mut Network,
        names: [String; 2],
        [ligand, chain, formed]: [SpeciesId; 3],
        [on, off]: [Expression; 2],
    ) {
        let [binds, leaves] = names;
        if self.held {
            n.add_law(binds, &[chain], &[formed], on * ligand.into() * chain.into());
            n.add_reaction(leaves, &[formed], &[chain], off);
        } else {
            n.add_reaction(binds, &[ligand, chain], &[formed], on);
            n.add_reaction(leaves, &[formed], &[ligand, chain], off);
        }
    }

    /// The species that a cell returns to the medium when it releases a ligand.
    pub fn returned(&self, ligand: SpeciesId) -> Vec<SpeciesId> {
        if self.held { vec![] } else { vec![ligand] }
    }

    /// Adds soluble chains, their complexes, and the reactions between them; returns their names
    /// and species.
    pub fn dissolve(
        &self,
        n: &mut Network,
        scheme: &Scheme,
        ligands: &[SpeciesId],
    ) -> Vec<(String, SpeciesId)> {
        let mut added = vec![];
        let dissolved = |n: &mut Network, name: String| {
            let species = n.add_species(name, Dimension::CONCENTRATION);
            n.species[species.0].scale = self.scale.clone();
            species
        };
        for solute in &scheme.solutes {
            let chain = dissolved(n, format!("{}_medium", solute.label));
            for (ligand, on, off) in &solute.binds {
                let name = format!("{}_{}", scheme.ligands[*ligand].label, solute.label);
                let formed = dissolved(n, format!("{name}_medium"));
                let constant = |n: &Network, name: &str| -> Expression {
                    n.parameter_named(name).expect("a scheme names its own constants").into()
                };
                // Given per volume of medium, and converted to per cell like the other rates.
                let on = constant(n, on) / self.scale.clone();
                let off = constant(n, off) / self.scale.clone();
                n.add_reaction(format!("{name}_bound"), &[ligands[*ligand], chain], &[formed], on);
                n.add_reaction(format!("{name}_left"), &[formed], &[ligands[*ligand], chain], off);
            }
            added.push((solute.label.clone(), chain));
        }
        added
    }

    /// Masked forms are converted to the ligand that they release, molecule by molecule. Masked
    /// molecules bound to a cell or inside it do not release ligand.
    pub fn release(&self, n: &mut Network, scheme: &Scheme, ligands: &[SpeciesId]) {
        for release in &scheme.releases {
            let rate = n.parameter_named(&release.rate).expect("a scheme names its own constants");
            // Given per volume of medium, and converted to per cell like the other rates.
            let rate = Expression::from(rate) / self.scale.clone();
            let [from, to] = [release.from, release.to].map(|place| ligands[place]);
            let name = &scheme.ligands[release.from].label;
            n.add_reaction(format!("{name}_released"), &[from], &[to], rate);
        }
    }

    /// The law of gradual changes of a ligand: towards the end of a change the concentration
    /// follows `before + height exp(-rate (end - t))`, with numbers that events set.
    pub fn ramp(&self, n: &mut Network, label: &str, ligand: SpeciesId) {
        let dimensions = [Dimension::CONCENTRATION, Dimension::RATE, Dimension::TIME];
        let mut number = |(name, dimension): (&str, Dimension)| -> Expression {
            let added = n.add_parameter(format!("{label}.{name}"), dimension, 0.0);
            n.limit(added, Limits::Constant);
            added.into()
        };
        let all = RAMP.into_iter().zip(dimensions).map(&mut number);
        let [height, rate, end]: [Expression; 3] =
            all.collect::<Vec<_>>().try_into().expect("three numbers");
        let zero = Box::new(Expression::Number(0.0));
        let before_end = Expression::Minimum(Box::new(Expression::Time - end), zero);
        let curve = Expression::Exponential(Box::new(rate.clone() * before_end));
        n.add_law(format!("{label}_ramp"), &[], &[ligand], rate * height * curve);
    }
}
