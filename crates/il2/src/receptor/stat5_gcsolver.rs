//! STAT5 downstream of the receptor as published with gcSolver.jl: phosphorylated by signalling complexes,
//! dimerised, imported into the nucleus, dephosphorylated and exported.
//!
//! Equations of gcSolver.jl (the software of the group of Farhat et al. 2021). Amounts are in the
//! arbitrary units of the published fit, which pSTAT5 alone does not determine, so that shapes are
//! meaningful but absolute values are not.

use crate::parameter::{Parameters, required};
use crate::receptor::{ModelError, ReceptorModel};
use il2_engine::{Dimension, Expression, Limits};

/// Adds the STAT5 cycle to a receptor model, with `total` STAT5 per cell (arbitrary units), and the
/// observable `pstat5`: phosphorylated STAT5 as monomers, as dimers and in the nucleus.
pub fn add(
    model: ReceptorModel,
    parameters: &Parameters,
    total: f64,
) -> Result<ReceptorModel, ModelError> {
    let mut n = model.network;
    let (plain, rate) = (Dimension::DIMENSIONLESS, Dimension::RATE);
    let mut constant = |name: &str, d: Dimension| -> Result<Expression, ModelError> {
        let value = required(parameters, "model stat5-gcsolver-jl", name, d)?;
        let added = n.add_parameter(format!("stat5.{name}"), d, value);
        n.limit(added, Limits::NotNegative);
        Ok(added.into())
    };
    let phosphorylate = constant("k_phosphorylate", rate / Dimension::PER_CELL)?;
    let pair = constant("k_pair", rate)?;
    let enter = constant("k_enter_nucleus", rate)?;
    let dephosphorylate = constant("k_dephosphorylate", rate)?;
    let part = constant("k_part", rate)?;
    let leave = constant("k_leave_nucleus", rate)?;
    let amount = n.add_parameter("stat5.total", plain, total);
    n.limit(amount, Limits::NotNegative);
    let [free, single, paired, nuclear, spent, inside] = [
        "stat5",
        "pstat5_monomer",
        "pstat5_dimer",
        "pstat5_dimer_nucleus",
        "stat5_dimer_nucleus",
        "stat5_nucleus",
    ]
    .map(|name| n.add_species(name, plain));
    n.species[free.0].initial = amount.into();
    let signal = n
        .observable_named("signalling_complexes")
        .map(|o| n.observables[o.0].value.clone())
        .expect("every trafficked model observes its signal");
    n.add_law("stat5_phosphorylated", &[free], &[single], phosphorylate * free.into() * signal);
    let half = Expression::Number(0.5);
    n.add_reaction("pstat5_paired", &[single, single], &[paired], half.clone() * pair);
    n.add_reaction("pstat5_enters", &[paired], &[nuclear], enter);
    n.add_reaction("pstat5_dephosphorylated", &[nuclear], &[spent], dephosphorylate);
    n.add_reaction("stat5_parted", &[spent], &[inside, inside], half * part);
    n.add_reaction("stat5_leaves", &[inside], &[free], leave);
    let two = Expression::Number(2.0);
    let value = Expression::from(single) + two.clone() * paired.into() + two * nuclear.into();
    n.add_observable("pstat5", plain, value);
    Ok(ReceptorModel::new(n, model.medium))
}
