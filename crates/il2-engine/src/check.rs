//! Checks a network before it is run: names, order of definition, and all dimensions, including
//! those of rate constants, which follow from the reaction order.

use crate::conservation::{ConservedTotal, conserved_totals};
use crate::dimension::Dimension;
use crate::expression::{Expression, SharedKey, is_zero};
use crate::network::{Network, ParameterValue, Rate};
use std::collections::BTreeMap;

/// What is wrong with a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Two entries share a name.
    #[error("the name \"{0}\" is used twice; give one of them another name")]
    Twice(String),
    /// A law or constant has a dimension that does not fit where it is used.
    #[error("{place}: {found}; {needed} is required")]
    Dimension {
        /// Which reaction, species, parameter or observable.
        place: String,
        /// The dimension or conflict found.
        found: String,
        /// The required dimension.
        needed: String,
    },
    /// A derived parameter depends on a parameter defined after it, or on the state.
    #[error("parameter \"{0}\" is derived from \"{1}\", which is not defined before it")]
    Order(String, String),
    /// An initial value depends on the state or on time.
    #[error(
        "the initial value of \"{0}\" depends on the state or on time; it may depend \
         only on parameters"
    )]
    Initial(String),
}

impl Network {
    /// Checks names, order of definition and every dimension; returns the totals that no reaction
    /// changes.
    pub fn check(&self) -> Result<Vec<ConservedTotal>, NetworkError> {
        self.check_names()?;
        for (i, parameter) in self.parameters.iter().enumerate() {
            let ParameterValue::Derived(law) = &parameter.value else { continue };
            if let Some(late) = law.parameters().into_iter().find(|p| p.0 >= i) {
                let late = self.parameters[late.0].name.clone();
                return Err(NetworkError::Order(parameter.name.clone(), late));
            }
            if let Some(species) = law.species().first() {
                let species = self.species[species.0].name.clone();
                return Err(NetworkError::Order(parameter.name.clone(), species));
            }
            self.agree(|| format!("parameter {}", parameter.name), law, parameter.dimension)?;
        }
        for species in &self.species {
            if !species.initial.species().is_empty() || species.initial.reads_time() {
                return Err(NetworkError::Initial(species.name.clone()));
            }
            let place = || format!("initial value of {}", species.name);
            self.agree(place, &species.initial, species.dimension)?;
        }
        for observable in &self.observables {
            let place = || format!("observable {}", observable.name);
            self.agree(place, &observable.value, observable.dimension)?;
        }
        self.check_rates()?;
        Ok(conserved_totals(self))
    }

    fn check_names(&self) -> Result<(), NetworkError> {
        let states = self.species.iter().map(|s| &s.name);
        let readable = states.chain(self.observables.iter().map(|o| &o.name));
        for names in [
            readable.collect::<Vec<_>>(),
            self.parameters.iter().map(|p| &p.name).collect(),
            self.reactions.iter().map(|r| &r.name).collect(),
        ] {
            let mut seen = std::collections::BTreeSet::new();
            if let Some(name) = names.into_iter().find(|name| !seen.insert(*name)) {
                return Err(NetworkError::Twice(name.clone()));
            }
        }
        Ok(())
    }

    /// Every species that a reaction changes must give the same reaction unit: the dimension of the
    /// species divided by that of its scale. The rate constant then follows from the order.
    fn check_rates(&self) -> Result<(), NetworkError> {
        for reaction in &self.reactions {
            let place = || format!("reaction {}", reaction.name);
            let mut unit: Option<Dimension> = None;
            for &(id, _) in reaction.reactants.iter().chain(&reaction.products) {
                let species = &self.species[id.0];
                if matches!(species.scale, Expression::Number(0.0)) {
                    continue;
                }
                let scale =
                    species.scale.dimension(self).map_err(|found| NetworkError::Dimension {
                        place: format!("scale of {}", species.name),
                        found,
                        needed: "one dimension".into(),
                    })?;
                let amount = species.dimension / scale;
                if let Some(unit) = unit.filter(|&u| u != amount) {
                    return Err(NetworkError::Dimension {
                        place: place(),
                        found: format!("{} is counted in {amount}", species.name),
                        needed: unit.to_string(),
                    });
                }
                unit = Some(amount);
            }
            let Some(unit) = unit else { continue };
            let rate = unit / Dimension::TIME;
            match &reaction.rate {
                Rate::Law(law) => self.agree(place, law, rate)?,
                Rate::MassAction(constant) => {
                    let order =
                        reaction.reactants.iter().fold(Dimension::DIMENSIONLESS, |d, &(s, n)| {
                            (0..n).fold(d, |d, _| d * self.species[s.0].dimension)
                        });
                    self.agree(
                        || format!("rate constant of {}", reaction.name),
                        constant,
                        rate / order,
                    )?;
                }
            }
        }
        Ok(())
    }

    fn agree(
        &self,
        place: impl Fn() -> String,
        law: &Expression,
        needed: Dimension,
    ) -> Result<(), NetworkError> {
        let wrong = |found: String| NetworkError::Dimension {
            place: place(),
            found,
            needed: needed.to_string(),
        };
        match law.dimension(self) {
            Ok(found) if found == needed || matches!(law, Expression::Number(0.0)) => Ok(()),
            Ok(found) => Err(wrong(format!("{found} is given"))),
            Err(conflict) => Err(wrong(conflict)),
        }
    }
}

impl Expression {
    /// The dimension, or a sentence that names the two dimensions that do not match.
    pub(crate) fn dimension(&self, network: &Network) -> Result<Dimension, String> {
        self.dimension_with(network, &mut BTreeMap::new())
    }

    fn dimension_with(&self, network: &Network, known: &mut Known) -> Result<Dimension, String> {
        match self {
            Expression::Number(_) => Ok(Dimension::DIMENSIONLESS),
            Expression::Species(s) => Ok(network.species[s.0].dimension),
            Expression::Parameter(p) => Ok(network.parameters[p.0].dimension),
            Expression::Time => Ok(Dimension::TIME),
            Expression::Sum(terms) => same(terms.iter(), network, known),
            Expression::Product(factors) => {
                factors.iter().try_fold(Dimension::DIMENSIONLESS, |d, f| {
                    Ok(d * f.dimension_with(network, known)?)
                })
            }
            Expression::Quotient(a, b) => {
                Ok(a.dimension_with(network, known)? / b.dimension_with(network, known)?)
            }
            Expression::Power(a, n) => {
                plain(n, network, known)?;
                match (a.dimension_with(network, known)?, n.as_ref()) {
                    (Dimension::DIMENSIONLESS, _) => Ok(Dimension::DIMENSIONLESS),
                    (d, Expression::Number(n)) if n.fract() == 0.0 && n.abs() < 16.0 => {
                        Ok(d.power(*n as i8))
                    }
                    (d, _) => Err(format!("{d} is raised to a power that is not a whole number")),
                }
            }
            Expression::Exponential(a)
            | Expression::Logarithm(a)
            | Expression::Trigonometric(_, a) => plain(a, network, known),
            Expression::Minimum(a, b) | Expression::Maximum(a, b) => {
                same([&**a, &**b].into_iter(), network, known)
            }
            Expression::WhereAtLeast { left, right, then, otherwise } => {
                same([&**left, &**right].into_iter(), network, known)?;
                same([&**then, &**otherwise].into_iter(), network, known)
            }
            Expression::Shared(part) => {
                if let Some(known) = known.get(&part.key()) {
                    return Ok(*known);
                }
                let dimension = part.law().dimension_with(network, known)?;
                known.insert(part.key(), dimension);
                Ok(dimension)
            }
        }
    }
}

/// Dimensions of shared parts.
type Known = BTreeMap<SharedKey, Dimension>;

/// The one dimension of all of these; zero fits every dimension.
fn same<'e>(
    all: impl Iterator<Item = &'e Expression>,
    network: &Network,
    known: &mut Known,
) -> Result<Dimension, String> {
    let mut found = None;
    for part in all {
        let dimension = part.dimension_with(network, known)?;
        match found {
            _ if is_zero(part) => {}
            Some(before) if before != dimension => {
                return Err(format!(
                    "{before} and {dimension} are combined but have different dimensions"
                ));
            }
            _ => found = Some(dimension),
        }
    }
    Ok(found.unwrap_or(Dimension::DIMENSIONLESS))
}

fn plain(a: &Expression, network: &Network, known: &mut Known) -> Result<Dimension, String> {
    match a.dimension_with(network, known)? {
        Dimension::DIMENSIONLESS => Ok(Dimension::DIMENSIONLESS),
        d => Err(format!("a plain number is needed instead of {d}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ParameterId, SpeciesId};

    fn binding(constant: Dimension) -> Network {
        let mut n = Network::default();
        let ligand = n.add_species("ligand", Dimension::CONCENTRATION);
        let receptor = n.add_species("receptor", Dimension::PER_CELL);
        let complex = n.add_species("complex", Dimension::PER_CELL);
        n.species[ligand.0].scale = Expression::Number(0.0);
        let k = n.add_parameter("k_on", constant, 1.0);
        n.add_reaction("bind", &[ligand, receptor], &[complex], k);
        n
    }

    #[test]
    fn a_rate_constant_of_the_wrong_order_is_refused_with_the_right_one() {
        let right = Dimension::RATE / Dimension::CONCENTRATION;
        assert!(binding(right).check().is_ok());
        let error = binding(Dimension::RATE).check().unwrap_err().to_string();
        assert_eq!(error, "rate constant of bind: 1/min is given; 1/pM/min is required");
    }

    #[test]
    fn one_name_for_two_things_is_refused() {
        let mut n = binding(Dimension::RATE / Dimension::CONCENTRATION);
        n.add_observable("ligand", Dimension::CONCENTRATION, SpeciesId(0).into());
        assert_eq!(n.check(), Err(NetworkError::Twice("ligand".into())));
    }

    #[test]
    fn a_derived_parameter_cannot_read_ahead() {
        let mut n = Network::default();
        n.add_derived("a", Dimension::RATE, ParameterId(1).into());
        n.add_parameter("b", Dimension::RATE, 1.0);
        assert_eq!(n.check(), Err(NetworkError::Order("a".into(), "b".into())));
    }
}
