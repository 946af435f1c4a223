//! A reaction network: plain data, built at run time.

use crate::dimension::Dimension;
use crate::expression::Expression;
pub use crate::id::{ObservableId, ParameterId, SpeciesId};
use std::collections::BTreeMap;

/// Something that changes with time.
#[derive(Clone, Debug)]
pub struct Species {
    /// Unique name.
    pub name: String,
    /// Dimension of its value.
    pub dimension: Dimension,
    /// Value at time zero, over parameters only.
    pub initial: Expression,
    /// Change of the value per unit of reaction: 1 if reactions count in the unit of the species,
    /// `1 / volume` for a concentration, 0 for a reservoir that is held constant. May depend on
    /// other species (a growing cell density); totals are then conserved while those species are
    /// constant.
    pub scale: Expression,
    /// Whether values below zero make sense. Amounts and concentrations are not signed: a step that
    /// takes one below zero by more than the tolerance is repeated with a shorter step.
    pub signed: bool,
}

/// A number that a lane may set.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Unique name.
    pub name: String,
    /// Dimension of its value.
    pub dimension: Dimension,
    /// Source of its value unless a lane gives another.
    pub value: ParameterValue,
    /// The allowed values, checked wherever the parameter is set or fitted.
    pub limits: Limits,
}

/// The allowed values of a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limits {
    /// Any number.
    #[default]
    Any,
    /// Zero or more.
    NotNegative,
    /// More than zero, for example because the parameter is a divisor.
    Positive,
    /// A fraction.
    Fraction {
        /// Whether it may be 0.
        zero: bool,
        /// Whether it may be 1.
        one: bool,
    },
    /// Not to be changed: a constant of nature, or a factor between units.
    Constant,
    /// Not to be changed: derived from others, and another value would break a balance.
    Follows,
}

impl Limits {
    /// Whether a lane may have this value.
    pub fn allow(self, value: f64) -> bool {
        match self {
            Limits::Any => value.is_finite(),
            Limits::NotNegative => value >= 0.0 && value.is_finite(),
            Limits::Positive => value > 0.0 && value.is_finite(),
            Limits::Fraction { zero, one } => {
                (value > 0.0 || zero && value == 0.0) && (value < 1.0 || one && value == 1.0)
            }
            Limits::Constant | Limits::Follows => false,
        }
    }

    /// The allowed values as a phrase that completes "write ...".
    pub fn words(self) -> &'static str {
        match self {
            Limits::Any => "a finite number",
            Limits::NotNegative => "zero or more",
            Limits::Positive => "a number above zero",
            Limits::Fraction { zero: true, one: true } => "a number from 0 to 1",
            Limits::Fraction { zero: true, one: false } => "a number from 0 to below 1",
            Limits::Fraction { zero: false, one: true } => "a number above 0, at most 1",
            Limits::Fraction { zero: false, one: false } => "a number between 0 and 1",
            Limits::Constant => "nothing: it is a constant",
            Limits::Follows => "nothing: it follows from others",
        }
    }
}

/// Where the value of a parameter comes from.
#[derive(Clone, Debug)]
pub enum ParameterValue {
    /// A number in base units.
    Given(f64),
    /// Computed from parameters defined before it.
    Derived(Expression),
}

/// A reaction: reactants, products and rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// Unique name.
    pub name: String,
    /// Consumed species, with stoichiometry.
    pub reactants: Vec<(SpeciesId, u32)>,
    /// Produced species, with stoichiometry.
    pub products: Vec<(SpeciesId, u32)>,
    /// Rate, in reaction units per time.
    pub rate: Rate,
}

/// The rate of a reaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// A rate constant times each reactant to the power of its stoichiometry; the dimension is
    /// checked against the order of the reaction.
    MassAction(Expression),
    /// Any law.
    Law(Expression),
}

/// A quantity computed from the state, on which nothing in the network depends.
#[derive(Clone, Debug)]
pub struct Observable {
    /// Unique name.
    pub name: String,
    /// Dimension of its value.
    pub dimension: Dimension,
    /// A law over species, parameters and time.
    pub value: Expression,
}

/// A network of species, parameters, reactions and observables.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// In the order of every state vector.
    pub species: Vec<Species>,
    /// In the order of every parameter vector.
    pub parameters: Vec<Parameter>,
    /// In no special order.
    pub reactions: Vec<Reaction>,
    /// In the order in which tables show them.
    pub observables: Vec<Observable>,
}

impl Network {
    /// Adds a species that is initially zero and that reactions count in its own unit.
    pub fn add_species(&mut self, name: impl Into<String>, dimension: Dimension) -> SpeciesId {
        self.species.push(Species {
            name: name.into(),
            dimension,
            initial: Expression::Number(0.0),
            scale: Expression::Number(1.0),
            signed: false,
        });
        SpeciesId(self.species.len() - 1)
    }

    /// Adds a parameter with a value in base units.
    pub fn add_parameter(
        &mut self,
        name: impl Into<String>,
        dimension: Dimension,
        value: f64,
    ) -> ParameterId {
        self.parameters.push(Parameter {
            name: name.into(),
            dimension,
            value: ParameterValue::Given(value),
            limits: Limits::Any,
        });
        ParameterId(self.parameters.len() - 1)
    }

    /// Adds a parameter that is computed from earlier ones.
    pub fn add_derived(
        &mut self,
        name: impl Into<String>,
        dimension: Dimension,
        value: Expression,
    ) -> ParameterId {
        self.parameters.push(Parameter {
            name: name.into(),
            dimension,
            value: ParameterValue::Derived(value),
            limits: Limits::Any,
        });
        ParameterId(self.parameters.len() - 1)
    }

    /// Sets the allowed values of a parameter; a new parameter allows any value.
    pub fn limit(&mut self, parameter: ParameterId, limits: Limits) {
        self.parameters[parameter.0].limits = limits;
    }

    /// Adds a mass-action reaction; a species that is listed twice counts twice.
    pub fn add_reaction(
        &mut self,
        name: impl Into<String>,
        reactants: &[SpeciesId],
        products: &[SpeciesId],
        constant: impl Into<Expression>,
    ) {
        self.reactions.push(Reaction {
            name: name.into(),
            reactants: counted(reactants),
            products: counted(products),
            rate: Rate::MassAction(constant.into()),
        });
    }

    /// Adds a reaction with its own rate law.
    pub fn add_law(
        &mut self,
        name: impl Into<String>,
        reactants: &[SpeciesId],
        products: &[SpeciesId],
        law: Expression,
    ) {
        self.reactions.push(Reaction {
            name: name.into(),
            reactants: counted(reactants),
            products: counted(products),
            rate: Rate::Law(law),
        });
    }

    /// Adds an observable.
    pub fn add_observable(
        &mut self,
        name: impl Into<String>,
        dimension: Dimension,
        value: Expression,
    ) -> ObservableId {
        self.observables.push(Observable { name: name.into(), dimension, value });
        ObservableId(self.observables.len() - 1)
    }

    /// The species with this name.
    pub fn species_named(&self, name: &str) -> Option<SpeciesId> {
        self.species.iter().position(|s| s.name == name).map(SpeciesId)
    }

    /// The parameter with this name.
    pub fn parameter_named(&self, name: &str) -> Option<ParameterId> {
        self.parameters.iter().position(|p| p.name == name).map(ParameterId)
    }

    /// The observable with this name.
    pub fn observable_named(&self, name: &str) -> Option<ObservableId> {
        self.observables.iter().position(|o| o.name == name).map(ObservableId)
    }

    /// Whether anything depends on a parameter: a rate, an initial value, an observable, or a
    /// parameter on which one of these depends.
    pub fn reads(&self, parameter: ParameterId) -> bool {
        self.read()[parameter.0]
    }

    /// The same for every parameter.
    pub fn read(&self) -> Vec<bool> {
        let mut read = vec![false; self.parameters.len()];
        let mark = |law: &Expression, read: &mut Vec<bool>| {
            law.parameters().into_iter().for_each(|p| read[p.0] = true);
        };
        for species in &self.species {
            mark(&species.initial, &mut read);
            mark(&species.scale, &mut read);
        }
        self.reactions.iter().for_each(|r| mark(&self.law(r), &mut read));
        self.observables.iter().for_each(|o| mark(&o.value, &mut read));
        // A derived parameter comes after those on which it depends.
        for i in (0..read.len()).rev() {
            if let (true, ParameterValue::Derived(law)) = (read[i], &self.parameters[i].value) {
                mark(law, &mut read);
            }
        }
        read
    }

    /// The rate of a reaction as a single law.
    pub fn law(&self, reaction: &Reaction) -> Expression {
        match &reaction.rate {
            Rate::Law(law) => law.clone(),
            Rate::MassAction(constant) => {
                reaction.reactants.iter().fold(constant.clone(), |law, &(species, count)| {
                    (0..count).fold(law, |law, _| law * species.into())
                })
            }
        }
    }

    /// All parameter values of a lane, in base units: `given` replaces values by parameter id;
    /// derived parameters are then recomputed, unless they are given themselves.
    pub fn parameter_values(&self, given: &[(ParameterId, f64)]) -> Vec<f64> {
        let given: BTreeMap<_, _> = given.iter().copied().collect();
        let mut values: Vec<f64> = Vec::with_capacity(self.parameters.len());
        for (i, parameter) in self.parameters.iter().enumerate() {
            let value = match (given.get(&ParameterId(i)), &parameter.value) {
                (Some(value), _) | (None, ParameterValue::Given(value)) => *value,
                (None, ParameterValue::Derived(law)) => law.value(&[], &values, 0.0),
            };
            values.push(value);
        }
        values
    }

    /// The state at time zero for these parameter values.
    pub fn initial_state(&self, parameters: &[f64]) -> Vec<f64> {
        self.species.iter().map(|s| s.initial.value(&[], parameters, 0.0)).collect()
    }
}

fn counted(species: &[SpeciesId]) -> Vec<(SpeciesId, u32)> {
    let mut counts = BTreeMap::new();
    for &s in species {
        *counts.entry(s).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_read_through_those_worked_out_from_it() {
        let mut n = Network::default();
        let a = n.add_species("a", Dimension::CONCENTRATION);
        let k = n.add_parameter("k", Dimension::RATE, 1.0);
        n.add_reaction("decay", &[a], &[], k);
        let own = n.add_parameter("own", Dimension::RATE, 1.0);
        let twice = n.add_derived("twice", Dimension::RATE, Expression::Number(2.0) * own.into());
        assert!(n.reads(k) && !n.reads(own) && !n.reads(twice));
        n.add_observable("rate", Dimension::RATE, twice.into());
        assert!(n.reads(own) && n.reads(twice));
        // A derived parameter that is given a value no longer depends on others.
        n.parameters[twice.0].value = ParameterValue::Given(3.0);
        assert!(!n.reads(own) && n.reads(twice));
    }

    #[test]
    fn limits_allow_what_makes_sense() {
        let part = |zero, one| Limits::Fraction { zero, one };
        for (limits, allowed, refused) in [
            (Limits::Any, vec![-1.0, 0.0, 2.0], vec![f64::NAN, f64::INFINITY]),
            (Limits::NotNegative, vec![0.0, 2.0], vec![-1.0, f64::NAN, f64::INFINITY]),
            (Limits::Positive, vec![1e-300, 2.0], vec![0.0, -1.0, f64::NAN]),
            (part(true, true), vec![0.0, 0.5, 1.0], vec![-0.1, 1.1, f64::NAN]),
            (part(false, false), vec![0.5], vec![0.0, 1.0, f64::NAN]),
            (Limits::Constant, vec![], vec![0.0, 1.0, f64::NAN]),
        ] {
            assert!(allowed.iter().all(|v| limits.allow(*v)), "{limits:?}");
            assert!(!refused.iter().any(|v| limits.allow(*v)), "{limits:?}");
        }
    }

    #[test]
    fn a_given_value_replaces_a_derived_one_and_what_follows_sees_it() {
        let mut n = Network::default();
        let a = n.add_parameter("a", Dimension::RATE, 2.0);
        let b = n.add_derived("b", Dimension::RATE, Expression::Number(3.0) * a.into());
        n.add_derived("c", Dimension::RATE, Expression::Number(5.0) * b.into());
        assert_eq!(n.parameter_values(&[]), [2.0, 6.0, 30.0]);
        assert_eq!(n.parameter_values(&[(b, 1.0)]), [2.0, 1.0, 5.0]);
    }
}
