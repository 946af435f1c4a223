//! The network of one cell, extended to all cells of a kind in a medium that other kinds share.
//!
//! With ρ cells per volume and A molecules per amount, a state x of one cell becomes the amount of
//! all cells of its kind together, per volume of medium:
//!
//! ```text
//! X = x ρ / (A scale)
//! ```
//!
//! so that what a kind takes from the medium is in the same unit as the medium. A division then
//! changes no state, because daughter cells share the content of their mother; a death removes the
//! same fraction of each state; and the balance of a ligand over all kinds is a plain sum of
//! states, which the method conserves to rounding. Rate constants follow from the order of the
//! reaction: c ρ/A if no reactant belongs to the cell, c for one reactant, c A/ρ for two.

use crate::receptor::ReceptorModel;
use il2_engine::network::{ParameterValue, Rate, Reaction};
use il2_engine::{Dimension, Expression, Network, ParameterId, SpeciesId};

/// Dimension of the amount per volume that corresponds to one molecule on each cell.
const OF_ONE: Dimension =
    Dimension { substance: 1, molecule: -1, length: -3, cell: 1, ..Dimension::DIMENSIONLESS };

/// How the network of one cell is mapped to that of the culture.
pub struct Pool {
    /// Name of these cells, with which the names of all their own quantities begin.
    pub own: String,
    /// Name of their kind.
    pub kind: String,
    /// For each species of the single cell, its species in the culture.
    pub species: Vec<SpeciesId>,
    /// For each parameter of the single cell, its parameter in the culture.
    pub parameters: Vec<ParameterId>,
    /// For each species of the single cell, whether it belongs to the medium.
    of_medium: Vec<bool>,
    /// For each species of the single cell, its scale in the network of that cell, written with the
    /// parameters of the culture.
    scales: Vec<Expression>,
    /// Cells per volume.
    pub cells: Expression,
    /// Amount per volume that corresponds to one molecule on each cell.
    pub of_one: Expression,
}

impl Pool {
    /// The name of a quantity of this kind.
    pub fn name(&self, own: &str) -> String {
        format!("{}.{own}", self.own)
    }

    /// A law of the single cell, over the states of the culture.
    pub fn law(&self, of_one_cell: &Expression) -> Expression {
        let species = |s: SpeciesId| {
            let pooled = Expression::from(self.species[s.0]);
            match self.of_medium[s.0] {
                true => pooled,
                false => pooled * self.scales[s.0].clone() / self.of_one.clone(),
            }
        };
        of_one_cell.replaced(&species, &|p| self.parameters[p.0].into())
    }

    /// The species of the single cell that are not in the medium, each with its species in the
    /// culture.
    pub fn held(&self) -> impl Iterator<Item = (SpeciesId, SpeciesId)> {
        let all = self.species.iter().enumerate();
        all.filter(|(i, _)| !self.of_medium[*i]).map(|(i, s)| (SpeciesId(i), *s))
    }

    /// The mass-action constant or law of a reaction of the single cell, for all cells of the kind.
    fn rate(&self, reaction: &Reaction) -> Rate {
        match &reaction.rate {
            Rate::Law(law) => Rate::Law(self.of_one.clone() * self.law(law)),
            Rate::MassAction(constant) => {
                let own = reaction.reactants.iter().filter(|(s, _)| !self.of_medium[s.0]);
                let mut constant = self.law(constant);
                let mut order = 0;
                for (species, count) in own {
                    order += count;
                    for _ in 0..*count {
                        constant = constant * self.scales[species.0].clone();
                    }
                }
                Rate::MassAction(match order {
                    0 => constant * self.of_one.clone(),
                    order => (1..order).fold(constant, |c, _| c / self.of_one.clone()),
                })
            }
        }
    }
}

/// How the cells of a kind take part in their culture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pooling {
    /// Whether the number of cells is a state variable.
    pub grows: bool,
    /// Whether they bind ligand without taking it from the medium.
    pub spares: bool,
}

/// Adds all cells of a kind to the network of a culture. `medium` contains the species of the
/// medium by name; those of the first kind are added to it.
pub fn pool(
    n: &mut Network,
    medium: &mut Vec<(String, SpeciesId)>,
    (own, kind): (&str, &str),
    one: &ReceptorModel,
    pooling: Pooling,
) -> Pool {
    let cell = &one.network;
    let mut pool = Pool {
        own: own.into(),
        kind: kind.into(),
        species: vec![],
        parameters: vec![],
        of_medium: vec![],
        scales: vec![],
        cells: Expression::Number(0.0),
        of_one: Expression::Number(0.0),
    };
    for parameter in &cell.parameters {
        let name = pool.name(&parameter.name);
        let added = match &parameter.value {
            ParameterValue::Given(value) => n.add_parameter(name, parameter.dimension, *value),
            ParameterValue::Derived(law) => {
                let law = pool.law(law);
                n.add_derived(name, parameter.dimension, law)
            }
        };
        n.limit(added, parameter.limits);
        pool.parameters.push(added);
    }
    let number = |name: &str| {
        let found =
            cell.parameter_named(name).expect("every trafficked model that depletes has it");
        pool.parameters[found.0]
    };
    let (density, avogadro) = (number("cell_density"), number("molecules_per_pmol"));
    let at_start: Expression = {
        let name = pool.name("pm_per_molecule_on_each");
        n.add_derived(name, OF_ONE, Expression::from(density) / avogadro.into()).into()
    };
    match pooling.grows {
        true => {
            let cells = n.add_species(pool.name("cells"), Dimension::CELL_DENSITY);
            n.species[cells.0].initial = density.into();
            pool.cells = cells.into();
            pool.of_one = Expression::from(cells) / avogadro.into();
        }
        false => (pool.cells, pool.of_one) = (density.into(), at_start.clone()),
    }
    // The medium is everything that is counted per volume and not inside a cell; its scale depends
    // on the density.
    let of_medium = |name: &str| name.ends_with("_medium");
    for species in &cell.species {
        let shared = of_medium(&species.name);
        pool.of_medium.push(shared);
        let parameter = |p: ParameterId| Expression::from(pool.parameters[p.0]);
        let no_state = |_: SpeciesId| Expression::Number(f64::NAN);
        let scale = species.scale.replaced(&no_state, &parameter);
        let initial = species.initial.replaced(&no_state, &parameter);
        let added = if shared {
            match medium.iter().find(|(name, _)| *name == species.name) {
                Some((_, known)) => *known,
                None => {
                    let new = n.add_species(&species.name, Dimension::CONCENTRATION);
                    medium.push((species.name.clone(), new));
                    new
                }
            }
        } else {
            let unit = match species.dimension {
                // Free ligand inside, which the single cell counts per volume of its endosome.
                Dimension::CONCENTRATION => Dimension::PER_CELL,
                dimension => dimension,
            };
            let new = n.add_species(pool.name(&format!("{}_of_all", species.name)), unit * OF_ONE);
            n.species[new.0].initial = initial * at_start.clone() / scale.clone();
            n.species[new.0].signed = species.signed;
            new
        };
        pool.species.push(added);
        pool.scales.push(scale);
    }
    for reaction in &cell.reactions {
        let of = |all: &[(SpeciesId, u32)]| -> Vec<(SpeciesId, u32)> {
            all.iter().map(|(s, count)| (pool.species[s.0], *count)).collect()
        };
        let both = || reaction.reactants.iter().chain(&reaction.products);
        // Reactions in the medium itself are the same for every kind, and are added only once.
        let in_medium = both().count() > 0 && both().all(|(s, _)| pool.of_medium[s.0]);
        let name = if in_medium { reaction.name.clone() } else { pool.name(&reaction.name) };
        if in_medium && n.reactions.iter().any(|known| known.name == name) {
            continue;
        }
        let mut rate = pool.rate(reaction);
        let (mut reactants, mut products) = (of(&reaction.reactants), of(&reaction.products));
        if pooling.spares && both().any(|(s, _)| pool.of_medium[s.0]) {
            rate = Rate::Law(n.law(&Reaction {
                name: String::new(),
                reactants: reactants.clone(),
                products: vec![],
                rate,
            }));
            let own = |(s, _): &(SpeciesId, u32)| !medium.iter().any(|(_, m)| m == s);
            reactants.retain(own);
            products.retain(own);
        }
        n.reactions.push(Reaction { name, reactants, products, rate });
    }
    // Quantities per cell, as the network of one cell reads them.
    for (i, species) in cell.species.iter().enumerate().filter(|(i, _)| !pool.of_medium[*i]) {
        let value = pool.law(&SpeciesId(i).into());
        n.add_observable(pool.name(&species.name), species.dimension, value);
    }
    for observable in &cell.observables {
        let value = pool.law(&observable.value);
        n.add_observable(pool.name(&observable.name), observable.dimension, value);
    }
    pool
}
