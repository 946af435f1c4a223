//! Reads the elements of a model except reactions and events.

use super::file::File;
use crate::error::SbmlError;
use crate::model::{
    Assignment, Compartment, Function, Initial, Model, ModelUnits, Parameter, Species,
};
use roxmltree::Node;

impl<'a, 'i> File<'a> {
    pub(super) fn model(&self, node: Node<'a, 'i>, level: (u32, u32)) -> Result<Model, SbmlError> {
        let name = self.owned(node, "id").or(self.owned(node, "name")).unwrap_or_default();
        let mut model = Model {
            level,
            name,
            unit_definitions: self.unit_definitions(node)?,
            units: self.model_units(node, level.0),
            conversion_factor: self.owned(node, "conversionFactor"),
            ..Model::default()
        };
        for f in self.list(node, "listOfFunctionDefinitions") {
            model.functions.push(self.function(f)?);
        }
        for c in self.list(node, "listOfCompartments") {
            model.compartments.push(self.compartment(c)?);
        }
        for s in self.list(node, "listOfSpecies") {
            model.species.push(self.species(s)?);
        }
        for p in self.list(node, "listOfParameters") {
            model.parameters.push(self.parameter(p)?);
        }
        for a in self.list(node, "listOfInitialAssignments") {
            model.initial_assignments.push(self.assignment(a, "symbol")?);
        }
        for rule in self.list(node, "listOfRules") {
            match rule.tag_name().name() {
                "assignmentRule" => {
                    model.assignment_rules.push(self.assignment(rule, "variable")?);
                }
                "rateRule" => model.rate_rules.push(self.assignment(rule, "variable")?),
                // No other name is allowed here.
                _ => {
                    let math = self.formula_of(rule)?;
                    let target = String::new();
                    let line = self.line(rule);
                    model.algebraic_rules.push(Assignment { target, math, line });
                }
            }
        }
        // A rule without a formula has no effect.
        for rules in
            [&mut model.assignment_rules, &mut model.rate_rules, &mut model.initial_assignments]
        {
            rules.retain(|rule| rule.math.is_some());
        }
        for r in self.list(node, "listOfReactions") {
            model.reactions.push(self.reaction(r, level.0)?);
        }
        for (place, e) in self.list(node, "listOfEvents").into_iter().enumerate() {
            model.events.push(self.event(e, place)?);
        }
        Ok(model)
    }

    fn model_units(&self, node: Node<'a, 'i>, level: u32) -> ModelUnits {
        // Level 2 has units with these names, which a model may redefine.
        let of = |attribute: &str, name: &str| match level {
            2 => Some(name.to_string()),
            _ => self.owned(node, attribute),
        };
        ModelUnits {
            substance: of("substanceUnits", "substance"),
            time: of("timeUnits", "time"),
            sizes: [
                of("volumeUnits", "volume"),
                of("areaUnits", "area"),
                of("lengthUnits", "length"),
            ],
            extent: of("extentUnits", "substance"),
        }
    }

    fn function(&self, node: Node<'a, 'i>) -> Result<Function, SbmlError> {
        let (arguments, body) = match self.child(node, "math") {
            Some(math) => self.lambda(math)?,
            None => (vec![], None),
        };
        Ok(Function { id: self.id(node, "id")?, arguments, body, line: self.line(node) })
    }

    fn compartment(&self, node: Node<'a, 'i>) -> Result<Compartment, SbmlError> {
        let dimensions = self.number(node, "spatialDimensions")?.unwrap_or(3.0);
        if !(0.0..=3.0).contains(&dimensions) {
            let what = format!(
                "spatialDimensions = \"{dimensions}\" is not allowed; use a number from 0 to 3"
            );
            return self.wrong(node, what);
        }
        Ok(Compartment {
            id: self.id(node, "id")?,
            dimensions,
            size: self.number(node, "size")?.filter(|v| !v.is_nan()),
            units: self.owned(node, "units"),
            constant: self.truth(node, "constant", true)?,
            line: self.line(node),
        })
    }

    fn species(&self, node: Node<'a, 'i>) -> Result<Species, SbmlError> {
        let amount = self.number(node, "initialAmount")?.filter(|v| !v.is_nan());
        let concentration = self.number(node, "initialConcentration")?.filter(|v| !v.is_nan());
        let initial = match (amount, concentration) {
            (Some(_), Some(_)) => {
                return self.wrong(
                    node,
                    "has both initialAmount and initialConcentration; keep one of the two",
                );
            }
            (Some(amount), None) => Initial::Amount(amount),
            (None, Some(concentration)) => Initial::Concentration(concentration),
            (None, None) => Initial::Unknown,
        };
        Ok(Species {
            id: self.id(node, "id")?,
            name: self.owned(node, "name"),
            compartment: self.required(node, "compartment")?,
            initial,
            substance_units: self.owned(node, "substanceUnits"),
            only_substance: self.truth(node, "hasOnlySubstanceUnits", false)?,
            boundary: self.truth(node, "boundaryCondition", false)?,
            constant: self.truth(node, "constant", false)?,
            conversion_factor: self.owned(node, "conversionFactor"),
            line: self.line(node),
        })
    }

    pub(super) fn parameter(&self, node: Node<'a, 'i>) -> Result<Parameter, SbmlError> {
        Ok(Parameter {
            id: self.id(node, "id")?,
            value: self.number(node, "value")?.filter(|v| !v.is_nan()),
            units: self.owned(node, "units"),
            constant: self.truth(node, "constant", true)?,
            line: self.line(node),
        })
    }

    pub(super) fn assignment(
        &self,
        node: Node<'a, 'i>,
        target: &str,
    ) -> Result<Assignment, SbmlError> {
        let math = self.formula_of(node)?;
        Ok(Assignment { target: self.id(node, target)?, math, line: self.line(node) })
    }
}
