//! Phosphorylated STAT5 downstream of the receptor, as measured in assays of blood cells: it rises
//! and falls with a delay, and a lasting signal desensitises the cell.
//!
//! With C signalling complexes, P phosphorylated STAT5 and R the degree of desensitisation:
//!
//! ```text
//! dP/dt = k_dephosphorylate (C / (1 + R) - P)
//! dR/dt = k_desensitise (P / desensitising_level - R)
//! ```
//!
//! STAT5 is not limiting: with the published medians, a saturating step downstream of the receptor
//! would make cells with many beta chains (NK) too sensitive. P is therefore in the unit of C,
//! signalling complexes per cell: it is the number of complexes that would sustain this level in a
//! cell that is not desensitised. R represents the processes that follow a signal within an hour
//! (inhibitors such as CIS and SOCS3, phosphatases), which pSTAT5 alone does not distinguish.

use crate::parameter::{Parameters, required};
use crate::receptor::{ModelError, ReceptorModel};
use il2_engine::{Dimension, Expression, Limits};

/// Adds phosphorylated STAT5 to a receptor model as the species `pstat5` (per cell) and `desensitisation`.
pub fn add(model: ReceptorModel, parameters: &Parameters) -> Result<ReceptorModel, ModelError> {
    let mut n = model.network;
    let (rate, per_cell) = (Dimension::RATE, Dimension::PER_CELL);
    let mut constant = |name: &str, d: Dimension, limits| -> Result<Expression, ModelError> {
        let value = required(parameters, "model stat5", name, d)?;
        let added = n.add_parameter(format!("stat5.{name}"), d, value);
        n.limit(added, limits);
        Ok(added.into())
    };
    let dephosphorylate = constant("k_dephosphorylate", rate, Limits::NotNegative)?;
    let desensitise = constant("k_desensitise", rate, Limits::NotNegative)?;
    let level = constant("desensitising_level", per_cell, Limits::Positive)?;
    let phosphorylated = n.add_species("pstat5", per_cell);
    let desensitised = n.add_species("desensitisation", Dimension::DIMENSIONLESS);
    let signal = n
        .observable_named("signalling_complexes")
        .map(|o| n.observables[o.0].value.clone())
        .expect("every trafficked model observes its signal");
    let sensitivity = Expression::Number(1.0) + desensitised.into();
    let made = dephosphorylate.clone() * signal / sensitivity;
    n.add_law("stat5_phosphorylated", &[], &[phosphorylated], made);
    n.add_reaction("stat5_dephosphorylated", &[phosphorylated], &[], dephosphorylate);
    let more = desensitise.clone() * phosphorylated.into() / level;
    n.add_law("desensitised", &[], &[desensitised], more);
    n.add_reaction("sensitive_again", &[desensitised], &[], desensitise);
    Ok(ReceptorModel::new(n, model.medium))
}
