//! Sensitivity of each population to a molecule: the receptor layer gives the ratio to native
//! interleukin-2 on the same cell, and the patient's numbers give the sensitivity to native
//! interleukin-2.
//!
//! On a cell with `n` molecules of CD25 the EC50 is `K / (1 + n / N)`. For native interleukin-2, K
//! and N come from measured STAT5 in four kinds of blood cells. For another molecule both are
//! scaled by the ratios of the same two numbers in the receptor layer, so that the layers agree on
//! molecules. The agreement is exact without CD25 and within a factor of about 1.6 with it, since
//! the EC50 falls more steeply in the receptor layer than in this form.
//!
//! The uptake and degradation by a cell are taken directly from the receptor layer: the rate at a
//! low and at a saturating level, on the second day at a constant level, when receptors, their loss
//! and the recycling of ligand have reached a steady state. Between these levels `most level /
//! (level + half)` is within a factor of about 1.5 of the receptor layer.

use crate::cell::Cell;
use crate::culture::{Model, Setup, Well};
use crate::ligand::{Ligand, PrivateChain};
use crate::parameter::Parameter;
use crate::receptor::{Medium, ModelError};
use il2_engine::{Dimension, Tolerance, math};
use il2_inference::curve::read_curve;

/// Time of the receptor layer's readout (min), which is that of the measurements.
const TIME: f64 = 60.0;
/// Name of this readout.
const READOUT: &str = "signalling_complexes";

/// Sensitivity of a cell to a molecule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capture {
    /// EC50 without CD25 (pM).
    pub ec50_without_cd25: f64,
    /// Inverse of the number of CD25 that halves the EC50 (cell/molecule); 0 if CD25 has no effect.
    pub per_cd25: f64,
}

/// Irreversible uptake of a molecule by a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uptake {
    /// Uptake at a saturating level (molecules/cell/min).
    pub most: f64,
    /// Level at which the uptake is half of this (pM).
    pub half: f64,
}

/// Sensitivity and uptake of a molecule for the populations of a patient, in order.
#[derive(Clone, Debug, Default)]
pub struct Sensed {
    /// Sensitivity of each population.
    pub captures: Vec<Capture>,
    /// Uptake by each population.
    pub uptakes: Vec<Uptake>,
    /// EC50 of the signal through CD25 on the endothelium, relative to that of native interleukin-2.
    pub endothelium: f64,
}

impl Capture {
    /// EC50 on a cell with this number of CD25 (pM).
    pub fn ec50(&self, cd25: f64) -> f64 {
        self.ec50_without_cd25 / (1.0 + self.per_cd25 * cd25)
    }
}

/// EC50 of signalling complexes in the receptor layer after one hour, in a medium that is not
/// depleted, on this cell but with another number of CD25 (pM).
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
        ModelError::Combination(format!("model {} has no {READOUT}", prepared.setup.model.name))
    })?;
    let doses: Vec<f64> = (0..=104).map(|k| math::pow(10.0, -2.0 + f64::from(k) / 8.0)).collect();
    let well = |dose: f64| Well {
        doses: vec![(ligand.label.clone(), dose)],
        times: vec![TIME],
        ..Well::default()
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

/// Times (min) between which the uptake of a cell at steady state is read.
const SETTLED: [f64; 2] = [1440.0, 2880.0];
/// Factor relative to the EC50 at rest, at which uptake is proportional to the level, and factor
/// relative to the EC50 without CD25, at which uptake is saturated.
const LOW_AND_HIGH: [f64; 2] = [0.02, 100.0];

/// Uptake of a molecule by a cell in the receptor layer, given its EC50s.
pub fn uptake(
    model: &Model,
    ligand: &Ligand,
    cell: &Cell,
    of: Capture,
    usual: f64,
) -> Result<Uptake, ModelError> {
    let setup = Setup {
        model: model.clone(),
        ligands: vec![ligand.clone()],
        cell: Some(cell.clone()),
        medium: Medium::Constant,
    };
    let prepared = setup.prepare()?;
    let name = format!("{}_degraded", ligand.label);
    let readout = prepared.readout(&name).ok_or_else(|| {
        ModelError::Combination(format!("model {} has no {name}", prepared.setup.model.name))
    })?;
    let [low, high] = LOW_AND_HIGH;
    let levels = [low * of.ec50(usual), high * of.ec50_without_cd25];
    let wells = levels.map(|level| Well {
        doses: vec![(ligand.label.clone(), level)],
        times: SETTLED.to_vec(),
        ..Well::default()
    });
    let mut rates = vec![];
    for ran in prepared.run_all(&wells, Tolerance::default()) {
        if let Some(why) = ran.failure {
            return Err(ModelError::Combination(why.to_string()));
        }
        let gone = ran.rows[1][readout] - ran.rows[0][readout];
        rates.push(gone / (SETTLED[1] - SETTLED[0]));
    }
    // The slope at the low level and the rate at the high level; both equal those of most / (level
    // + half).
    let (slope, top) = (rates[0] / levels[0], rates[1] / levels[1]);
    if slope.is_nan() || slope <= top.max(0.0) {
        return Ok(Uptake { most: 0.0, half: levels[1] });
    }
    let half = (top * levels[1] - slope * levels[0]) / (slope - top);
    Ok(Uptake { most: slope * (levels[0] + half), half })
}

/// The EC50 without CD25, and how it depends on CD25, for a molecule on a cell in the receptor
/// layer.
pub fn capture(
    model: &Model,
    ligand: &Ligand,
    cell: &Cell,
    usual: f64,
) -> Result<Capture, ModelError> {
    let ec50_without_cd25 = in_receptor_layer(model, ligand, cell, 1e-3)?;
    if ligand.private_chain != PrivateChain::Il2rAlpha {
        return Ok(Capture { ec50_without_cd25, per_cd25: 0.0 });
    }
    // CD25 varies between the number at rest and a few times this number. In this range the EC50
    // falls more steeply in the receptor layer than in the patient's form, so the form is placed in
    // the middle: its logarithm has the same error at the lower as at the upper end.
    let (rest, many) = (usual.max(100.0), 3.0 * usual.max(100.0));
    let ec50 = |cd25| in_receptor_layer(model, ligand, cell, cd25);
    // (1 + rest gain) (1 + many gain) = both
    let both = (ec50_without_cd25 / ec50(rest)?) * (ec50_without_cd25 / ec50(many)?);
    let (sum, product) = (rest + many, rest * many);
    let gain = ((sum * sum + 4.0 * product * (both - 1.0)).max(0.0).sqrt() - sum) / (2.0 * product);
    Ok(Capture { ec50_without_cd25, per_cd25: if gain * many > 1e-3 { gain } else { 0.0 } })
}

/// Sensitivity of a population to a molecule: the measured sensitivity to native interleukin-2,
/// scaled by the ratio of the two molecules' sensitivities in the receptor model of the same cell.
pub fn sensed(of: Capture, native: Capture, measured: Capture) -> Capture {
    let gain = if native.per_cd25 > 0.0 { of.per_cd25 / native.per_cd25 } else { 0.0 };
    Capture {
        ec50_without_cd25: measured.ec50_without_cd25 * of.ec50_without_cd25
            / native.ec50_without_cd25,
        per_cd25: measured.per_cd25 * gain,
    }
}
