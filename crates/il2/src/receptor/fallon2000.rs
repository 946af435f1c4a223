//! Fallon & Lauffenburger 2000 (Biotechnology Progress 16:905): one lumped high-affinity receptor,
//! its endosome, recycling or degradation of ligand, depletion of the medium, and cell growth.
//!
//! Receptor R and complex C on the surface (s) and in the endosome (i), ligand in the lumen (Li),
//! degraded (Ld) and in the medium (L), and cells (Y); V is `endosome_volume`, N
//! `molecules_per_pmol`:
//!
//! ```text
//! dRs/dt = k_synthesise + (k_off + k_synthesise_induced) Cs - k_on L Rs - k_internalise Rs
//! dCs/dt = k_on L Rs - (k_off + k_internalise_bound) Cs
//! dRi/dt = k_internalise Rs + k_off,e Ci - k_on,e Li Ri - k_degrade Ri
//! dCi/dt = k_internalise_bound Cs + k_on,e Li Ri - (k_off,e + k_degrade) Ci
//! dLi/dt = (k_off,e Ci - k_on,e Li Ri) / (V N) - k_recycle_ligand Li
//! dLd/dt = k_degrade Ci
//! dL/dt  = Y / N (k_off Cs + k_recycle_ligand Li V N - k_on L Rs)
//! dY/dt  = growth_scale max(0, growth_most Cs / (growth_half + Cs) - death)
//!
//! k_off   = k_off_surface               k_on   = k_off / dissociation_constant_surface
//! k_off,e = endosomal_off_ratio k_off   k_on,e = k_off,e / dissociation_constant_endosome
//! ```
//!
//! In the BioModels encoding, the lumen loses `k_on Li Ri` in place of `k_on,e Li Ri`.
//!
//! Two public encodings disagree with each other, and neither is correct:
//!
//! - CellML: growth lacks the factor of 1000 between cells per millilitre and per litre, so that
//!   cells hardly grow;
//! - BioModels BIOMD0000000665: has this factor, but uses the surface association constant where
//!   ligand leaves the lumen of the endosome. Ligand is lost, and the molecule that was designed to
//!   be recycled appears worse than the native one.
//!
//! The default corrects both errors: endosomal association in both places, and growth per litre.
//! The encodings are available under their own names.

use crate::ligand::Ligand;
use crate::parameter::{Parameters, required};
use crate::receptor::{ModelError, ReceptorModel};
use il2_engine::{Dimension, Expression, Limits, Network};

/// The three versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Ligand is conserved, and growth is per litre.
    Corrected,
    /// As on models.cellml.org, where growth is a thousand times too slow.
    CellMl,
    /// As in BIOMD0000000665, where ligand is not conserved.
    BioModels,
}

/// Limits of a number.
fn limits(name: &str) -> Limits {
    match name {
        "molecules_per_pmol" => Limits::Constant,
        "endosome_volume" | "growth_half" | "cell_density_start" => Limits::Positive,
        "dissociation_constant_surface" | "dissociation_constant_endosome" => Limits::Positive,
        _ => Limits::NotNegative,
    }
}

/// The network for one ligand. All values come from the library; the cell is part of the model.
pub fn model(
    parameters: &Parameters,
    owner: &str,
    ligand: &Ligand,
    encoding: Encoding,
) -> Result<ReceptorModel, ModelError> {
    let mut n = Network::default();
    let cell = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };
    let molecules_per_pmol = Dimension { molecule: 1, substance: -1, ..Dimension::DIMENSIONLESS };
    let (per_cell, rate) = (Dimension::PER_CELL, Dimension::RATE);
    let (concentration, density) = (Dimension::CONCENTRATION, Dimension::CELL_DENSITY);
    let second = rate / concentration;
    let growth = density * rate;

    let mut own = |name: &str, d: Dimension| -> Result<Expression, ModelError> {
        let added = n.add_parameter(name, d, required(parameters, owner, name, d)?);
        n.limit(added, limits(name));
        Ok(added.into())
    };
    let internalise_free = own("k_internalise", rate)?;
    let synthesise = own("k_synthesise", per_cell * rate)?;
    let induced = own("k_synthesise_induced", rate)?;
    let internalise_bound = own("k_internalise_bound", rate)?;
    let recycle = own("k_recycle_ligand", rate)?;
    let degrade = own("k_degrade", rate)?;
    let volume = own("endosome_volume", Dimension::VOLUME / cell)?;
    let avogadro = own("molecules_per_pmol", molecules_per_pmol)?;
    let most = own("growth_most", growth)?;
    let half = own("growth_half", per_cell)?;
    let death = own("death", growth)?;
    let growth_scale = own("growth_scale", Dimension::DIMENSIONLESS)?;
    let starts = [
        "receptor_start",
        "complex_start",
        "receptor_endosome_start",
        "complex_endosome_start",
        "degraded_start",
    ]
    .map(|name| own(name, per_cell));
    let lumen_start = own("ligand_endosome_start", concentration)?;
    let density_start = own("cell_density_start", density)?;

    let need = |name: &str, d: Dimension| {
        ligand.get(&format!("fallon2000.{name}"), d).map_err(|missing| {
            if missing.ruled_out {
                return ModelError::Missing(missing);
            }
            ModelError::Combination(format!(
                "{missing}, which model fallon2000 needs; only il2 and analogue-2d1 have these \
                 constants"
            ))
        })
    };
    let mut given = |name: &str, d: Dimension| -> Result<_, ModelError> {
        // Under the ligand's own name, as in a study, and under the name in the equations.
        let own = format!("{}.fallon2000.{name}", ligand.label);
        let own = n.add_parameter(own, d, need(name, d)?);
        let read = n.add_derived(name, d, own.into());
        n.limit(own, limits(name));
        n.limit(read, limits(name));
        Ok(read)
    };
    let off = given("k_off_surface", rate)?;
    let kd = given("dissociation_constant_surface", concentration)?;
    let off_ratio = given("endosomal_off_ratio", Dimension::DIMENSIONLESS)?;
    let kd_endosome = given("dissociation_constant_endosome", concentration)?;
    let e = |p: il2_engine::ParameterId| Expression::from(p);
    let on: Expression = n.add_derived("k_on_surface", second, e(off) / e(kd)).into();
    let off_endosome: Expression =
        n.add_derived("k_off_endosome", rate, e(off) * e(off_ratio)).into();
    let on_endosome: Expression =
        n.add_derived("k_on_endosome", second, off_endosome.clone() / e(kd_endosome)).into();
    for derived in ["k_on_surface", "k_off_endosome", "k_on_endosome"] {
        let derived = n.parameter_named(derived).expect("just added");
        n.limit(derived, Limits::NotNegative);
    }
    let off = e(off);

    let [rs, cs, ri, ci, degraded] = [
        "receptor_surface",
        "complex_surface",
        "receptor_endosome",
        "complex_endosome",
        "ligand_degraded",
    ]
    .map(|name| n.add_species(name, per_cell));
    for (species, start) in [rs, cs, ri, ci, degraded].into_iter().zip(starts) {
        n.species[species.0].initial = start?;
    }
    let lumen = n.add_species("ligand_endosome", concentration);
    let medium = n.add_species("ligand_medium", concentration);
    let cells = n.add_species("cell_density", density);
    n.species[lumen.0].initial = lumen_start;
    n.species[cells.0].initial = density_start;
    let capacity = avogadro.clone() * volume;
    n.species[lumen.0].scale = Expression::Number(1.0) / capacity.clone();
    n.species[medium.0].scale = Expression::from(cells) / avogadro;
    n.species[cells.0].scale = growth_scale;

    n.add_reaction("receptor_made", &[], &[rs], synthesise);
    n.add_law("receptor_made_by_complex", &[], &[rs], induced * cs.into());
    n.add_reaction("bound", &[medium, rs], &[cs], on.clone());
    n.add_reaction("left", &[cs], &[medium, rs], off);
    n.add_reaction("receptor_taken_up", &[rs], &[ri], internalise_free);
    n.add_reaction("complex_taken_up", &[cs], &[ci], internalise_bound);
    n.add_reaction("left_in_endosome", &[ci], &[lumen, ri], off_endosome);
    if encoding == Encoding::BioModels {
        // The published error is kept: the rates of binding and of loss from the lumen differ.
        let law = |k: Expression| k * Expression::from(lumen) * ri.into();
        n.add_law("bound_in_endosome", &[ri], &[ci], law(on_endosome));
        n.add_law("lost_from_lumen", &[lumen], &[], law(on));
    } else {
        n.add_reaction("bound_in_endosome", &[lumen, ri], &[ci], on_endosome);
    }
    n.add_reaction("ligand_returned", &[lumen], &[medium], recycle * capacity);
    n.add_reaction("receptor_degraded", &[ri], &[], degrade.clone());
    n.add_reaction("complex_degraded", &[ci], &[degraded], degrade);
    let bound = Expression::from(cs);
    let net = most * bound.clone() / (half + bound) - death;
    let growing = Expression::Maximum(Box::new(Expression::Number(0.0)), Box::new(net));
    n.add_law("cells_grow", &[], &[cells], growing);
    let start = n.species[cells.0].initial.clone();
    n.add_observable("growth_fold", Dimension::DIMENSIONLESS, Expression::from(cells) / start);
    Ok(ReceptorModel::new(n, vec![(ligand.label.clone(), medium)]))
}
