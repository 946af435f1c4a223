//! Reads reactions and events.

use super::file::File;
use crate::error::SbmlError;
use crate::model::{Event, Participant, Reaction, Stoichiometry};
use roxmltree::Node;

impl<'a, 'i> File<'a> {
    pub(super) fn reaction(&self, node: Node<'a, 'i>, level: u32) -> Result<Reaction, SbmlError> {
        if self.truth(node, "fast", false)? {
            let what = "fast = \"true\" is not supported; make this reaction much faster than all \
                        others by its rate law, or describe its equilibrium by a rule";
            return self.wrong(node, what);
        }
        let participants = |list: &str| -> Result<Vec<Participant>, SbmlError> {
            self.list(node, list).into_iter().map(|p| self.participant(p, level)).collect()
        };
        let kinetics = self.child(node, "kineticLaw");
        let mut local = vec![];
        for list in ["listOfParameters", "listOfLocalParameters"] {
            for p in kinetics.map(|k| self.list(k, list)).unwrap_or_default() {
                local.push(self.parameter(p)?);
            }
        }
        let modifiers = self.list(node, "listOfModifiers").into_iter();
        Ok(Reaction {
            id: self.id(node, "id")?,
            reactants: participants("listOfReactants")?,
            products: participants("listOfProducts")?,
            modifiers: modifiers.filter_map(|m| self.owned(m, "species")).collect(),
            law: kinetics.map(|k| self.formula_of(k)).transpose()?.flatten(),
            local,
            line: self.line(node),
        })
    }

    fn participant(&self, node: Node<'a, 'i>, level: u32) -> Result<Participant, SbmlError> {
        let formula = self.child(node, "stoichiometryMath");
        let formula = formula.map(|f| self.formula_of(f)).transpose()?.flatten();
        let number = self.number(node, "stoichiometry")?.filter(|v| !v.is_nan());
        let over = self.number(node, "denominator")?.unwrap_or(1.0);
        let stoichiometry = match (formula, number) {
            (Some(formula), _) => Stoichiometry::Formula(formula),
            (None, Some(number)) => Stoichiometry::Number(number / over),
            (None, None) if level == 2 => Stoichiometry::Number(1.0),
            (None, None) => Stoichiometry::Unknown,
        };
        let id = self.text(node, "id").map(|_| self.id(node, "id")).transpose()?;
        Ok(Participant {
            species: self.required(node, "species")?,
            id,
            stoichiometry,
            constant: self.truth(node, "constant", false)?,
            line: self.line(node),
        })
    }

    pub(super) fn event(&self, node: Node<'a, 'i>, place: usize) -> Result<Event, SbmlError> {
        let trigger = self.child(node, "trigger");
        let formula = |name: &str| match self.child(node, name) {
            Some(found) => self.formula_of(found),
            None => Ok(None),
        };
        let flag = |name: &str| trigger.map_or(Ok(true), |t| self.truth(t, name, true));
        let mut assignments = vec![];
        for a in self.list(node, "listOfEventAssignments") {
            assignments.push(self.assignment(a, "variable")?);
        }
        assignments.retain(|a| a.math.is_some());
        let id = match self.text(node, "id") {
            Some(_) => self.id(node, "id")?,
            None => format!("event {}", place + 1),
        };
        Ok(Event {
            id,
            trigger: trigger.map(|t| self.formula_of(t)).transpose()?.flatten(),
            initial: flag("initialValue")?,
            persistent: flag("persistent")?,
            delay: formula("delay")?,
            priority: formula("priority")?,
            values_from_trigger: self.truth(node, "useValuesFromTriggerTime", true)?,
            assignments,
            line: self.line(node),
        })
    }
}
