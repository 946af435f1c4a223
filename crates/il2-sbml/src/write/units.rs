//! SBML units for the engine's dimensions.

use super::xml::Xml;
use il2_engine::{Dimension, Network};
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

/// All units used in a network. A molecule is an item; cells and units of activity have no SBML
/// unit and count as dimensionless.
pub(super) fn definitions(network: &Network, xml: &mut Xml) {
    let mut all = BTreeMap::from([(id(Dimension::TIME), Dimension::TIME)]);
    let species = network.species.iter().map(|s| s.dimension);
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
