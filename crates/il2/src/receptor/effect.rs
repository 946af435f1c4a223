//! A measured response, for cells whose receptor chains were never counted.
//!
//! One class of sites with a measured dissociation constant and one measured fold change: the fold
//! at any dose is `1 + (fold - 1) * occupancy(dose) / occupancy(dose of the measurement)`. This is
//! a description, not a mechanism; there is no uptake or depletion.

use crate::parameter::{Parameters, required};
use crate::receptor::{ModelError, ReceptorModel};
use il2_engine::{Dimension, Expression, Limits, Network};

/// The fold change of a response. Fails if only its direction is known.
pub fn model(
    effect: &Parameters,
    direction: &str,
    cell: &str,
    ligand: &str,
) -> Result<ReceptorModel, ModelError> {
    let concentration = Dimension::CONCENTRATION;
    let get = |name: &str, d: Dimension| {
        required(effect, &format!("cell {cell}"), name, d).map_err(|missing| {
            ModelError::Combination(format!(
                "{missing}: only the direction of this response is known ({direction}); give the cell an effect with fold, at and dissociation_constant"
            ))
        })
    };
    let mut n = Network::default();
    let fold =
        n.add_parameter("fold", Dimension::DIMENSIONLESS, get("fold", Dimension::DIMENSIONLESS)?);
    let at = n.add_parameter("at", concentration, get("at", concentration)?);
    let kd = n.add_parameter(
        "dissociation_constant",
        concentration,
        get("dissociation_constant", concentration)?,
    );
    for (number, limits) in
        [(fold, Limits::NotNegative), (at, Limits::Positive), (kd, Limits::Positive)]
    {
        n.limit(number, limits);
    }
    let free = n.add_species(format!("{ligand}_medium"), concentration);
    n.species[free.0].scale = Expression::Number(0.0);
    let occupancy = |l: Expression| l.clone() / (l + kd.into());
    let dose: Expression = free.into();
    n.add_observable("occupancy", Dimension::DIMENSIONLESS, occupancy(dose.clone()));
    let one = || Expression::Number(1.0);
    let most = (Expression::from(fold) - one()) / occupancy(at.into());
    n.add_observable("fold_change", Dimension::DIMENSIONLESS, one() + most * occupancy(dose));
    Ok(ReceptorModel::new(n, vec![(ligand.to_string(), free)]))
}
