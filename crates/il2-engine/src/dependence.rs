//! Dependence of initial values and readouts on chosen parameters. These parts of a sensitivity
//! need no integration: they are derived once as laws and evaluated with the values of each lane.

use crate::expression::Expression;
use crate::id::{ParameterId, SpeciesId};
use crate::network::{Network, ParameterValue};
use std::sync::Arc;

/// Derivatives of a law with respect to each parameter in it.
type ByParameter = Vec<(ParameterId, Expression)>;

/// Dependence of a network's initial values and parameters on chosen parameters.
#[derive(Clone, Debug)]
pub struct Dependence {
    by: Vec<ParameterId>,
    derived: Vec<(ParameterId, ByParameter)>,
    starts: Vec<ByParameter>,
    parameters: usize,
}

impl Dependence {
    /// Derives the laws for a network that has been checked.
    pub fn new(network: &Network, by: &[ParameterId]) -> Self {
        let derived = |(i, p): (usize, &crate::network::Parameter)| match &p.value {
            ParameterValue::Given(_) => None,
            ParameterValue::Derived(law) => Some((ParameterId(i), by_parameter(law))),
        };
        Self {
            by: by.to_vec(),
            derived: network.parameters.iter().enumerate().filter_map(derived).collect(),
            starts: network.species.iter().map(|s| by_parameter(&s.initial)).collect(),
            parameters: network.parameters.len(),
        }
    }

    /// Derivative of every parameter with respect to each chosen one: `[chosen][parameter]`. It is
    /// 1 for the parameter itself and follows from the chain rule for derived parameters.
    pub fn of_parameters(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let of = |by: &ParameterId| {
            let mut moves = vec![0.0; self.parameters];
            moves[by.0] = 1.0;
            // In order, since derived parameters come after those from which they are derived.
            for (derived, law) in self.derived.iter().filter(|(d, _)| d != by) {
                moves[derived.0] = along(law, &[], values, 0.0, &moves);
            }
            moves
        };
        self.by.iter().map(of).collect()
    }

    /// Derivatives of initial values that the network derives: `[chosen][species]`, for
    /// [`crate::Lane::initial_sensitivities`].
    pub fn of_start(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let of = |moves: &Vec<f64>| {
            self.starts.iter().map(|law| along(law, &[], values, 0.0, moves)).collect()
        };
        self.of_parameters(values).iter().map(of).collect()
    }
}

/// A readout of the state, with its derivatives.
#[derive(Clone, Debug)]
pub struct Readout {
    /// The law itself.
    pub value: Arc<Expression>,
    by_species: Vec<(SpeciesId, Expression)>,
    by_parameter: ByParameter,
}

impl Readout {
    /// Derives a law's derivatives.
    pub fn new(value: Expression) -> Self {
        let by_species = value.species().into_iter().map(|s| (s, value.derivative(s))).collect();
        Self { by_species, by_parameter: by_parameter(&value), value: Arc::new(value) }
    }

    /// Value of the readout at a state `x`, parameters `p` and time `t`.
    pub fn value(&self, x: &[f64], p: &[f64], t: f64) -> f64 {
        self.value.value(x, p, t)
    }

    /// Derivative of the readout with respect to a parameter, given the derivatives `dx` of the
    /// state and `dp` of all parameters with respect to that parameter.
    pub fn slope(&self, (x, dx): (&[f64], &[f64]), (p, dp): (&[f64], &[f64]), t: f64) -> f64 {
        let of_state: f64 = self.by_species.iter().map(|(s, e)| e.value(x, p, t) * dx[s.0]).sum();
        of_state + along(&self.by_parameter, x, p, t, dp)
    }
}

fn by_parameter(law: &Expression) -> ByParameter {
    law.parameters().into_iter().map(|p| (p, law.derivative_by(p))).collect()
}

fn along(law: &ByParameter, x: &[f64], p: &[f64], t: f64, moves: &[f64]) -> f64 {
    let moving = law.iter().filter(|(by, _)| moves[by.0] != 0.0);
    moving.map(|(by, e)| e.value(x, p, t) * moves[by.0]).sum()
}
