//! Reads definitions of units.

use super::file::File;
use crate::error::SbmlError;
use crate::units::{Unit, UnitDefinition};
use il2_engine::math;
use roxmltree::Node;
use std::collections::BTreeMap;

impl<'a, 'i> File<'a> {
    pub(super) fn unit_definitions(
        &self,
        node: Node<'a, 'i>,
    ) -> Result<BTreeMap<String, UnitDefinition>, SbmlError> {
        let mut all = BTreeMap::new();
        for definition in self.list(node, "listOfUnitDefinitions") {
            let id = self.id(definition, "id")?;
            let mut unit = Ok(Unit::NONE);
            for factor in self.list(definition, "listOfUnits") {
                let next = self.unit(factor)?;
                unit = unit.and_then(|unit: Unit| next.map(|next| unit.times(next)));
            }
            all.insert(id, UnitDefinition { unit, line: self.line(definition) });
        }
        Ok(all)
    }

    /// A factor of a unit; a unit that is not a product is reported where it is used.
    fn unit(&self, node: Node<'a, 'i>) -> Result<Result<Unit, String>, SbmlError> {
        let kind = self.required(node, "kind")?;
        let number =
            |name: &str, default: f64| self.number(node, name).map(|n| n.unwrap_or(default));
        let (multiplier, scale) = (number("multiplier", 1.0)?, number("scale", 0.0)?);
        let exponent = number("exponent", 1.0)?;
        if number("offset", 0.0)? != 0.0 || kind == "Celsius" {
            return Ok(Err("has an offset, which is not possible in a product of units".into()));
        }
        let Some(unit) = Unit::named(&kind) else {
            return Ok(Err(format!(
                "has the kind \"{}\", which is not a unit",
                crate::words::short(&kind)
            )));
        };
        let factor = Unit { factor: multiplier * math::pow(10.0, scale), ..Unit::NONE };
        Ok(Ok(factor.times(unit).to(exponent)))
    }
}
