//! SBML units for the engine's dimensions.

use super::xml::Xml;
use il2_engine::network::{Reaction, Species};
use il2_engine::{Dimension, Expression, Network};
use std::collections::BTreeMap;

/// The id of the unit of a dimension.
pub(super) fn id(of: Dimension) -> String {
    match of {
        Dimension::DIMENSIONLESS => "dimensionless".into(),
        Dimension::TIME => "minute".into(),
        other => {
            let text = other.to_string().replace("^", "").replace('/', "_per_").replace(' ', "_");
            format!("unit_{text}")
        }
    }
}

/// The dimension of the amount of a species: for a concentration, that in a litre.
pub(super) fn amount(of: Dimension) -> Dimension {
    if is_concentration(of) { Dimension { length: 0, ..of } } else { of }
}

/// Whether a species is a concentration. In SBML it is then in a volume of one litre, because the
/// amount of a species may not have the unit of a concentration.
pub(super) fn is_concentration(of: Dimension) -> bool {
    of.length == -3 && (of.substance, of.molecule, of.mass, of.cell) != (0, 0, 0, 0)
}

/// Whether one reaction event changes a species by one.
fn by_one(species: &Species) -> bool {
    matches!(species.scale, Expression::Number(n) if n == 1.0)
}

/// The dimension of a reaction's rate times time: that of a species that changes by one; none if
/// there is no such species.
pub(super) fn of_reaction(network: &Network, reaction: &Reaction) -> Option<Dimension> {
    let moved = reaction.reactants.iter().chain(&reaction.products);
    let mut moved = moved.map(|(s, _)| &network.species[s.0]).filter(|s| by_one(s));
    Some(Dimension { cell: 0, ..moved.next()?.dimension })
}

/// The dimension of the extent of most reactions, which SBML requires to be the same for all.
pub(super) fn extent(network: &Network) -> Dimension {
    let mut counts: BTreeMap<String, (usize, Dimension)> = BTreeMap::new();
    for of in network.reactions.iter().filter_map(|r| of_reaction(network, r)) {
        let of = if is_concentration(of) { amount(of) } else { of };
        counts.entry(id(of)).or_insert((0, of)).0 += 1;
    }
    counts.values().max_by_key(|(count, _)| *count).map_or(Dimension::DIMENSIONLESS, |(_, of)| *of)
}

/// Whether a species changes by one for each reaction event, but in another unit than that of the
/// extent.
pub(super) fn in_another_unit(species: &Species, extent: Dimension) -> bool {
    by_one(species) && per_extent(species.dimension, extent) != Dimension::DIMENSIONLESS
}

/// The dimension of the factor by which a reaction changes a species.
pub(super) fn per_extent(species: Dimension, extent: Dimension) -> Dimension {
    ratio(amount(species), extent)
}

/// The dimension of a quotient; cells count as dimensionless.
pub(super) fn ratio(of: Dimension, by: Dimension) -> Dimension {
    Dimension {
        substance: of.substance - by.substance,
        molecule: of.molecule - by.molecule,
        cell: 0,
        length: of.length - by.length,
        time: of.time - by.time,
        mass: of.mass - by.mass,
        activity: of.activity - by.activity,
    }
}

/// All units used in a network. A molecule is an item; cells and units of activity have no SBML
/// unit and count as dimensionless.
pub(super) fn definitions(network: &Network, xml: &mut Xml) {
    let mut all = BTreeMap::from([(id(Dimension::TIME), Dimension::TIME)]);
    let extent = extent(network);
    all.insert(id(extent), extent);
    let litre = Dimension { length: 3, ..Dimension::DIMENSIONLESS };
    all.insert(id(litre), litre);
    let factors = network.species.iter().map(|s| per_extent(s.dimension, extent));
    let reactions = network.reactions.iter().filter_map(|r| of_reaction(network, r));
    // Factors that convert the rate of a reaction to the common extent.
    let factors = factors.chain(reactions.map(|of| ratio(extent, of)));
    let species = network.species.iter().map(|s| amount(s.dimension)).chain(factors);
    let parameters = network.parameters.iter().map(|p| p.dimension);
    for of in species.chain(parameters).chain(network.observables.iter().map(|o| o.dimension)) {
        all.insert(id(of), of);
    }
    all.remove("dimensionless");
    xml.open("listOfUnitDefinitions", &[]);
    for (id, of) in &all {
        xml.open("unitDefinition", &[("id", id), ("name", &of.to_string())]);
        xml.open("listOfUnits", &[]);
        let units = [
            ("mole", -12, "1", of.substance),
            ("item", 0, "1", of.molecule),
            ("metre", -1, "1", of.length),
            ("second", 0, "60", of.time),
            ("gram", -12, "1", of.mass),
        ];
        let mut none = true;
        for (kind, scale, multiplier, power) in units.into_iter().filter(|u| u.3 != 0) {
            let all = [
                ("kind", kind),
                ("exponent", &power.to_string()),
                ("scale", &scale.to_string()),
                ("multiplier", multiplier),
            ];
            xml.empty("unit", &all);
            none = false;
        }
        if none {
            let all =
                [("kind", "dimensionless"), ("exponent", "1"), ("scale", "0"), ("multiplier", "1")];
            xml.empty("unit", &all);
        }
        xml.close("listOfUnits");
        xml.close("unitDefinition");
    }
    xml.close("listOfUnitDefinitions");
}
