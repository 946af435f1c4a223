//! Which cells secreted the molecules that each kind takes up: secreted molecules are followed by
//! their source.
//!
//! Molecules of a ligand behave alike, whoever secreted them. For every state x that contains the
//! ligand, a state x' contains the molecules of one source. Every flow out of x is proportional to
//! x; x' has the same flow with x' in its place, and flows into the states that follow. These
//! equations are linear in x' and exact for a well-mixed medium. What was given is the rest.

use crate::culture::kinds::parts::{Free, PreparedKind};
use crate::receptor::ModelError;
use il2_engine::network::Reaction;
use il2_engine::{Expression, Network, SpeciesId};

/// The molecules of a ligand that one kind secreted.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// Index of the ligand in the culture.
    pub ligand: usize,
    /// Index of the kind that secreted them.
    pub source: usize,
    /// For each kind of the culture, the states of these molecules that it has taken up.
    taken: Vec<Vec<SpeciesId>>,
}

impl Tagged {
    /// Amounts (pM) that each kind has taken up, in the order of the kinds.
    pub fn taken(&self, state: &[f64]) -> Vec<f64> {
        let of = |all: &Vec<SpeciesId>| all.iter().fold(0.0, |sum, s| sum + state[s.0]);
        self.taken.iter().map(of).collect()
    }
}

/// Adds the states of all molecules that any kind secretes, and their reactions.
pub(super) fn add(
    n: &mut Network,
    kinds: &[PreparedKind],
    ligands: &[Free],
) -> Result<Vec<Tagged>, ModelError> {
    let reactions = n.reactions.clone();
    let mut all = vec![];
    for (i, ligand) in ligands.iter().enumerate() {
        for (source, kind) in kinds.iter().enumerate() {
            if !kind.holds[i].made.is_empty() {
                all.push(follow(n, &reactions, (i, ligand), (source, kinds))?);
            }
        }
    }
    Ok(all)
}

fn follow(
    n: &mut Network,
    reactions: &[Reaction],
    (place, ligand): (usize, &Free),
    (source, kinds): (usize, &[PreparedKind]),
) -> Result<Tagged, ModelError> {
    let of_kind = |kind: &PreparedKind| {
        let own = &kind.holds[place];
        own.held.iter().chain(&own.gone).copied().collect::<Vec<_>>()
    };
    let held: Vec<Vec<SpeciesId>> = kinds.iter().map(of_kind).collect();
    let outside = ligand.in_medium.iter().chain(&ligand.lost).copied();
    // The names keep their endings, by which everything in the medium leaves with the medium.
    let name = |of: &str| format!("from_{}.{of}", kinds[source].name);
    let mut own: Vec<(SpeciesId, SpeciesId)> = vec![];
    for species in outside.chain(held.iter().flatten().copied()) {
        let of = n.species[species.0].clone();
        let new = n.add_species(name(&of.name), of.dimension);
        n.species[new.0].signed = of.signed;
        own.push((species, new));
    }
    let tag = |species: SpeciesId| own.iter().find(|(s, _)| *s == species).map(|(_, new)| *new);
    let made = &kinds[source].holds[place].made;
    for reaction in reactions {
        let of = |all: &[(SpeciesId, u32)]| -> Vec<SpeciesId> {
            let each = all.iter().flat_map(|(s, count)| (0..*count).map(|_| *s));
            each.filter(|s| tag(*s).is_some()).collect()
        };
        let (from, to) = (of(&reaction.reactants), of(&reaction.products));
        let to: Vec<SpeciesId> = to.into_iter().filter_map(tag).collect();
        let law = n.law(reaction);
        match from.as_slice() {
            [] => {
                if reaction.products.iter().any(|(s, _)| made.contains(s)) {
                    n.add_law(name(&reaction.name), &[], &to, law);
                }
            }
            [one] => {
                let new = tag(*one).expect("it was found by its tag");
                let Some(law) = in_place_of(&law, *one, new) else {
                    return Err(unfollowed(&ligand.label, &reaction.name));
                };
                n.add_law(name(&reaction.name), &[new], &to, law);
            }
            _ => return Err(unfollowed(&ligand.label, &reaction.name)),
        }
    }
    let tags = |all: &Vec<SpeciesId>| all.iter().filter_map(|s| tag(*s)).collect();
    Ok(Tagged { ligand: place, source, taken: held.iter().map(tags).collect() })
}

fn unfollowed(ligand: &str, reaction: &str) -> ModelError {
    ModelError::Combination(format!(
        "{reaction} does not move single molecules of {ligand}, so that they cannot be followed \
         from the cells that secreted them"
    ))
}

/// A law that is proportional to a species, with another species in its place; none if it is not a
/// product with this species as a factor.
fn in_place_of(law: &Expression, one: SpeciesId, other: SpeciesId) -> Option<Expression> {
    match law {
        Expression::Species(species) => (*species == one).then(|| other.into()),
        Expression::Product(factors) => {
            let found = |(i, factor)| Some((i, in_place_of(factor, one, other)?));
            let (i, factor) = factors.iter().enumerate().find_map(found)?;
            let mut factors = factors.clone();
            factors[i] = factor;
            Some(Expression::Product(factors))
        }
        Expression::Quotient(over, under) => {
            let over = in_place_of(over, one, other)?;
            Some(Expression::Quotient(Box::new(over), under.clone()))
        }
        Expression::Shared(shared) => in_place_of(shared.law(), one, other),
        _ => None,
    }
}
