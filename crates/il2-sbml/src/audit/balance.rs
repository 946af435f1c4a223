//! What a reaction makes and takes on balance: a catalyst on both of its sides is neither.

use crate::math::Math;
use crate::model::{Model, Reaction};

/// Species that a reaction changes, with the net number that it makes of each, in the order of the
/// file. A number that is a formula counts as one.
pub fn balance<'m>(model: &'m Model, reaction: &'m Reaction) -> Vec<(&'m str, f64)> {
    let sides = [(-1.0, &reaction.reactants), (1.0, &reaction.products)];
    let mut net: Vec<(&str, f64)> = vec![];
    for (sign, participant) in
        sides.into_iter().flat_map(|(s, all)| all.iter().map(move |p| (s, p)))
    {
        let id = participant.species.as_str();
        if !model.species_of(id).is_some_and(|s| model.moves(s)) {
            continue;
        }
        let count = match model.stoichiometry(participant) {
            Math::Number(count, _) => count,
            _ => 1.0,
        };
        match net.iter_mut().find(|(other, _)| *other == id) {
            Some((_, of)) => *of += sign * count,
            None => net.push((id, sign * count)),
        }
    }
    net.retain(|(_, count)| *count != 0.0);
    net
}
