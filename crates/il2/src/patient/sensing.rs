//! Sensitivity of each population to a molecule: the receptor layer gives the differences from native
//! interleukin-2 on the same cell, and the patient's numbers give the sensitivity to native
//! interleukin-2.
//!
//! At a level L, a cell with n molecules of CD25 has the signal
//!
//! ```text
//! bound  = L / K (1 + g n / (1 + L / H))
//! signal = top bound / (1 + bound)
//! ```
//!
//! The pair of beta and gamma_c binds the molecule itself (K), and receives what CD25 has captured
//! for it (g). CD25 holds no more than one molecule, half of this at the level H. With native
//! interleukin-2 the pair is bound long before CD25 is full, so that H hardly matters. With a
//! molecule that binds beta weakly it matters: what CD25 captures binds a part of the pairs only,
//! and the others bind at far higher levels. Such a curve has two steps, and its half-maximum alone
//! would hide the first, at which regulatory T cells expand.
//!
//! For native interleukin-2, K and g come from measured STAT5 in four kinds of blood cells. For
//! another molecule both are scaled by the ratios of the same numbers in the receptor layer, and H
//! by the ratio of levels, so that the layers agree on molecules. `top` is the ratio of signals at a
//! saturating level after a day, when receptors have reached a steady state: below 1 for partial
//! agonists.
//!
//! The uptake and degradation by a cell are taken directly from the receptor layer: the rate at a
//! low and at a saturating level, on the second day at a constant level, when receptors, their loss
//! and the recycling of ligand have reached a steady state. Between these levels `most level /
//! (level + half)` is within a factor of about 1.5 of the receptor layer.

use crate::cell::Cell;
use crate::culture::{Model, Prepared, Setup, Well};
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
    /// What a molecule of CD25 adds, at low levels, to the sensitivity of the pair of beta and
    /// gamma_c, relative to that of the pair alone (cell/molecule); 0 if CD25 has no effect.
    pub per_cd25: f64,
    /// Level at which CD25 holds half of what it can hold (pM).
    pub cd25_half: f64,
    /// Signal at a saturating level, relative to that of native interleukin-2.
    pub top: f64,
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
    /// EC50 of the signal through CD25 on the endothelium, relative to that of native interleukin-2,
    /// and the signal at a saturating level.
    pub endothelium: (f64, f64),
    /// Affinity for CD215, on which cells present the molecule in trans (pM); none if it does not
    /// bind.
    pub presentation: Option<f64>,
}

impl Capture {
    /// Pairs bound, relative to those that are free, at a level (pM) on a cell with this number of
    /// CD25.
    fn bound(&self, level: f64, cd25: f64) -> f64 {
        let captured = self.per_cd25 * cd25 / (1.0 + level / self.cd25_half);
        level / self.ec50_without_cd25 * (1.0 + captured)
    }

    /// Signal at a level (pM) on a cell with this number of CD25, relative to that of native
    /// interleukin-2 at a saturating level.
    pub fn signal(&self, level: f64, cd25: f64) -> f64 {
        let bound = self.bound(level, cd25);
        self.top * bound / (1.0 + bound)
    }

    /// EC50 on a cell with this number of CD25 (pM).
    pub fn ec50(&self, cd25: f64) -> f64 {
        let ratio = self.ec50_without_cd25 / self.cd25_half;
        let spare = 1.0 + self.per_cd25 * cd25 - ratio;
        2.0 * self.ec50_without_cd25 / (spare + (spare * spare + 4.0 * ratio).sqrt())
    }
}

/// Doses at which the receptor layer is read (pM).
fn doses() -> Vec<f64> {
    const PER_DECADE: f64 = 4.0;
    (0..=52).map(|k| math::pow(10.0, -2.0 + f64::from(k) / PER_DECADE)).collect()
}

/// The receptor layer of a molecule on a cell.
struct Layer {
    prepared: Prepared,
    readout: usize,
    /// Label of the molecule.
    label: String,
}

impl Layer {
    /// The receptor layer, in a medium that is not depleted, with a readout of this name.
    fn new(model: &Model, ligand: &Ligand, cell: Cell, name: &str) -> Result<Self, ModelError> {
        let setup = Setup {
            model: model.clone(),
            ligands: vec![ligand.clone()],
            cell: Some(cell),
            medium: Medium::Constant,
        };
        let prepared = setup.prepare()?;
        let readout = prepared.readout(name).ok_or_else(|| {
            ModelError::Combination(format!("model {} has no {name}", prepared.setup.model.name))
        })?;
        Ok(Self { prepared, readout, label: ligand.label.clone() })
    }

    /// The readout at these times (min) for each level (pM).
    fn read(&self, levels: &[f64], times: &[f64]) -> Result<Vec<Vec<f64>>, ModelError> {
        let well = |&level: &f64| Well {
            doses: vec![(self.label.clone(), level)],
            times: times.to_vec(),
            ..Well::default()
        };
        let wells: Vec<Well> = levels.iter().map(well).collect();
        let mut all = vec![];
        for ran in self.prepared.run_all(&wells, Tolerance::default()) {
            if let Some(why) = ran.failure {
                return Err(ModelError::Combination(why.to_string()));
            }
            all.push(ran.rows.iter().map(|row| row[self.readout]).collect());
        }
        Ok(all)
    }
}

/// A cell with another number of CD25.
fn with_cd25(cell: &Cell, cd25: f64) -> Result<Cell, ModelError> {
    let mut cell = cell.clone();
    let unknown = || ModelError::Combination(format!("cell {} has no receptor counts", cell.id));
    let table = cell.quantitation.clone().ok_or_else(unknown)?;
    let count = Parameter::from_study(cd25, Dimension::PER_CELL, format!("{cd25} /cell"));
    if let Some(chains) = cell.receptors.get_mut(&table) {
        chains.insert("il2r_alpha".into(), count);
    }
    Ok(cell)
}

/// Signalling complexes in the receptor layer after one hour, in a medium that is not depleted, on
/// this cell but with another number of CD25: level (pM), and fraction of the highest number.
pub fn in_receptor_layer(
    model: &Model,
    ligand: &Ligand,
    cell: &Cell,
    cd25: f64,
) -> Result<Vec<(f64, f64)>, ModelError> {
    let layer = Layer::new(model, ligand, with_cd25(cell, cd25)?, READOUT)?;
    let doses = doses();
    let responses: Vec<f64> =
        layer.read(&doses, &[TIME])?.into_iter().map(|times| times[0]).collect();
    let top = responses.iter().copied().fold(0.0, f64::max);
    Ok(doses.into_iter().zip(responses.into_iter().map(|r| r / top)).collect())
}

/// The EC50 of a curve of [`in_receptor_layer`] (pM).
pub fn half_maximum(curve: &[(f64, f64)], ligand: &str) -> Result<f64, ModelError> {
    let (doses, responses): (Vec<f64>, Vec<f64>) = curve.iter().copied().unzip();
    read_curve(&doses, &responses, 0.0, &Tolerance::default()).ec50.value().ok_or_else(|| {
        ModelError::Combination(format!(
            "{ligand} gives no signal with a half-maximal level on the cells of a patient; use a \
             molecule that signals"
        ))
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
    let name = format!("{}_degraded", ligand.label);
    let layer = Layer::new(model, ligand, cell.clone(), &name)?;
    let [low, high] = LOW_AND_HIGH;
    let levels = [low * of.ec50(usual), high * of.ec50_without_cd25];
    let rates: Vec<f64> = layer
        .read(&levels, &SETTLED)?
        .into_iter()
        .map(|gone| (gone[1] - gone[0]) / (SETTLED[1] - SETTLED[0]))
        .collect();
    // The slope at the low level and the rate at the high level; both equal those of most / (level
    // + half).
    let (slope, top) = (rates[0] / levels[0], rates[1] / levels[1]);
    if slope.is_nan() || slope <= top.max(0.0) {
        return Ok(Uptake { most: 0.0, half: levels[1] });
    }
    let half = (top * levels[1] - slope * levels[0]) / (slope - top);
    Ok(Uptake { most: slope * (levels[0] + half), half })
}

/// Sensitivity of a cell to a molecule in the receptor layer. `top` is the number of signalling
/// complexes per cell at a saturating level after a day.
pub fn capture(
    model: &Model,
    ligand: &Ligand,
    cell: &Cell,
    usual: f64,
) -> Result<Capture, ModelError> {
    let curve = |cd25| in_receptor_layer(model, ligand, cell, cd25);
    let ec50_without_cd25 = half_maximum(&curve(1e-3)?, &ligand.label)?;
    let saturating = [LOW_AND_HIGH[1] * ec50_without_cd25];
    let layer = Layer::new(model, ligand, cell.clone(), READOUT)?;
    let top = layer.read(&saturating, &SETTLED[..1])?[0][0];
    let alone = Capture { ec50_without_cd25, per_cd25: 0.0, cd25_half: ec50_without_cd25, top };
    if ligand.private_chain != PrivateChain::Il2rAlpha {
        return Ok(alone);
    }
    // CD25 varies between the number at rest and a few times this number.
    let rest = usual.max(100.0);
    let curves = [(rest, curve(rest)?), (3.0 * rest, curve(3.0 * rest)?)];
    Ok(Capture { ec50_without_cd25, top, ..captured(alone, &curves) })
}

/// Finds what CD25 adds, from curves at numbers of CD25. What a molecule of CD25 captures at a level
/// L is c = g / (1 + L / H), so that 1 / c is a straight line in L; each point has the weight with
/// which it determines the logarithm of the signal.
fn captured(alone: Capture, curves: &[(f64, Vec<(f64, f64)>)]) -> Capture {
    // Beyond these fractions of the top, the signal says nothing of what is captured.
    const TOLD: std::ops::Range<f64> = 2e-3..0.99;
    let [mut w, mut x, mut y, mut xx, mut xy] = [0.0; 5];
    let mut gain: f64 = 0.0;
    for (cd25, curve) in curves {
        for (level, fraction) in curve.iter().filter(|point| TOLD.contains(&point.1)) {
            let bound = fraction / (1.0 - fraction);
            let by_pair = level / alone.ec50_without_cd25;
            let each = (bound / by_pair - 1.0) / cd25;
            if each <= 0.0 {
                continue;
            }
            gain = gain.max(each * cd25);
            let slope = (1.0 - fraction) * (1.0 - by_pair / bound) * each;
            let weight = slope * slope;
            w += weight;
            x += weight * level;
            y += weight / each;
            xx += weight * level * level;
            xy += weight * level / each;
        }
    }
    // A gain this small is an error of the curves.
    if gain < 1e-3 {
        return alone;
    }
    let slope = (w * xy - x * y) / (w * xx - x * x);
    let start = (y - slope * x) / w;
    if slope > 0.0 && start > 0.0 {
        return Capture { per_cd25: 1.0 / start, cd25_half: start / slope, ..alone };
    }
    Capture { per_cd25: by_half_maxima(alone, curves), cd25_half: HIGHEST, ..alone }
}

/// What CD25 adds to a molecule of which it is never full, such as one that binds beta as strongly
/// as CD25: the EC50s then tell more than the ends of the curves. Its logarithm has the same error
/// at the lower as at the higher number of CD25.
fn by_half_maxima(alone: Capture, curves: &[(f64, Vec<(f64, f64)>)]) -> f64 {
    let [(few, low), (many, high)] = curves else { return alone.per_cd25 };
    let gain = |curve: &[(f64, f64)]| {
        half_maximum(curve, "").map_or(1.0, |ec50| (alone.ec50_without_cd25 / ec50).max(1.0))
    };
    // (1 + few gain) (1 + many gain) = both
    let (both, sum, product) = (gain(low) * gain(high), few + many, few * many);
    ((sum * sum + 4.0 * product * (both - 1.0)).max(0.0).sqrt() - sum) / (2.0 * product)
}

/// The highest level of the receptor layer's doses (pM).
const HIGHEST: f64 = 1e11;

/// Sensitivity of a population to a molecule: the measured sensitivity to native interleukin-2,
/// scaled by the ratio of the two molecules' sensitivities in the receptor model of the same cell.
pub fn sensed(of: Capture, native: Capture, measured: Capture) -> Capture {
    let gain = if native.per_cd25 > 0.0 { of.per_cd25 / native.per_cd25 } else { 0.0 };
    let levels = measured.ec50_without_cd25 / native.ec50_without_cd25;
    Capture {
        ec50_without_cd25: levels * of.ec50_without_cd25,
        per_cd25: measured.per_cd25 * gain,
        cd25_half: levels * of.cd25_half,
        top: of.top / native.top,
    }
}

/// The affinity with which cells hold a molecule that they present in trans (pM): only
/// interleukin-15 and molecules made from it, unless their site is taken.
pub fn presentation(ligand: &Ligand) -> Option<f64> {
    let binds = ligand.private_chain == PrivateChain::Il15rAlpha;
    let name = format!("affinity.{}", ligand.private_chain.name());
    let found = ligand.get(&name, Dimension::CONCENTRATION).ok();
    found.filter(|_| binds && !ligand.lacks(&name))
}
