//! How sensitive each population is to a molecule: the receptor layer says how the molecule differs
//! from native interleukin-2 on that cell, the patient's numbers say how native is sensed.
//!
//! On a cell with `n` CD25 the half-maximal dose is `K / (1 + n / N)`. For native interleukin-2, K and
//! N come from measured STAT5 in four cells of blood. For another molecule both are scaled by what the
//! receptor layer makes of the same two numbers, so that the layers cannot disagree about molecules.

use crate::cell::Cell;
use crate::culture::{Model, Setup, Well};
use crate::ligand::{AlphaChain, Ligand};
use crate::parameter::Parameter;
use crate::receptor::{Medium, ModelError};
use il2_engine::{Dimension, Tolerance, math};
use il2_inference::curve::read_curve;

/// When the receptor layer is asked (min): the time of the measurements.
const TIME: f64 = 60.0;
/// What is read there.
const READOUT: &str = "signalling_complexes";

/// How a cell senses a molecule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capture {
    /// Half-maximal dose without CD25 (pM).
    pub blind: f64,
    /// CD25 that halves it, one over (cell/molecule); 0 where CD25 is of no use.
    pub per_cd25: f64,
}

impl Capture {
    /// Half-maximal dose on a cell with so many CD25 (pM).
    pub fn half_maximal(&self, cd25: f64) -> f64 {
        self.blind / (1.0 + self.per_cd25 * cd25)
    }
}

/// What the receptor layer says: half-maximal dose of signalling complexes after one hour, in a medium
/// that does not run out, on this cell with another number of CD25 (pM).
pub fn in_receptor_layer(
    model: &Model,
    ligand: &Ligand,
    cell: &Cell,
    cd25: f64,
) -> Result<f64, ModelError> {
    let mut cell = cell.clone();
    let unknown = || ModelError::Combination(format!("cell {} has no receptor counts", cell.id));
    let table = cell.quantitation.clone().ok_or_else(unknown)?;
    let count = Parameter::from_study(cd25, Dimension::PER_CELL, format!("{cd25} /cell"));
    if let Some(chains) = cell.receptors.get_mut(&table) {
        chains.insert("il2r_alpha".into(), count);
    }
    let setup = Setup {
        model: model.clone(),
        ligands: vec![ligand.clone()],
        cell: Some(cell),
        medium: Medium::Constant,
    };
    let prepared = setup.prepare()?;
    let readout = prepared.readout(READOUT).ok_or_else(|| {
        ModelError::Combination(format!("model {} has no {READOUT}", setup.model.name))
    })?;
    let doses: Vec<f64> = (0..=72).map(|k| math::pow(10.0, -2.0 + f64::from(k) / 8.0)).collect();
    let well = |dose: f64| Well {
        doses: vec![(ligand.label.clone(), dose)],
        wash: None,
        times: vec![TIME],
    };
    let wells: Vec<Well> = doses.iter().map(|&dose| well(dose)).collect();
    let mut responses = vec![];
    for ran in prepared.run_all(&wells, Tolerance::default()) {
        if let Some(why) = ran.failure {
            return Err(ModelError::Combination(why.to_string()));
        }
        responses.push(ran.rows[0][readout]);
    }
    read_curve(&doses, &responses, 0.0, &Tolerance::default()).ec50.value().ok_or_else(|| {
        let ligand = &ligand.label;
        ModelError::Combination(format!("{ligand} gives no half-maximal response on this cell"))
    })
}

/// The two numbers of a molecule on a cell, by the receptor layer.
pub fn capture(
    model: &Model,
    ligand: &Ligand,
    cell: &Cell,
    usual: f64,
) -> Result<Capture, ModelError> {
    let blind = in_receptor_layer(model, ligand, cell, 1e-3)?;
    if ligand.alpha_chain != AlphaChain::Il2rAlpha {
        return Ok(Capture { blind, per_cd25: 0.0 });
    }
    // Where it matters: above what the cell carries at rest.
    let many = 3.0 * usual.max(100.0);
    let with = in_receptor_layer(model, ligand, cell, many)?;
    let gain = (blind / with - 1.0) / many;
    Ok(Capture { blind, per_cd25: if gain * many > 1e-3 { gain } else { 0.0 } })
}

/// How a population senses a molecule: measured for native, scaled by the receptor layer.
pub fn sensed(
    model: &Model,
    ligand: &Ligand,
    native: &Ligand,
    cell: &Cell,
    usual: f64,
    measured: Capture,
) -> Result<Capture, ModelError> {
    let of = capture(model, ligand, cell, usual)?;
    let native = capture(model, native, cell, usual)?;
    let gain = if native.per_cd25 > 0.0 { of.per_cd25 / native.per_cd25 } else { 0.0 };
    Ok(Capture {
        blind: measured.blind * of.blind / native.blind,
        per_cd25: measured.per_cd25 * gain,
    })
}
