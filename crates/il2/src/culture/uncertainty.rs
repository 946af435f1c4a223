//! Random draws behind an interval: of the fitted rates, of the receptor counts, and of the
//! remaining misfit.
//!
//! Fitted rates are drawn jointly from a log-normal distribution with the published medians,
//! spreads and correlations. Receptor counts are drawn independently, log-normal with the spread of
//! their stainings. Affinities that were fixed in the fit are not drawn: in addition to the
//! posterior of the fit, this would count their uncertainty twice.
//!
//! The experiment factor is the misfit of the model by cell lineage: one part of its variance is
//! common to all ligands on a lineage, the other is specific to each molecule, so that ratios of
//! two molecules on one cell are not more certain than the measurements.

use crate::cell::Cell;
use crate::culture::Setup;
use crate::ligand::{BETA_BOND_RATIO, Ligand};
use crate::parameter::{How, Parameter, Parameters};
use crate::receptor::binding::EXPERIMENT;
use crate::receptor::bonds::{ASSOCIATION, FORWARD, FUSED, LOOSER, ON};
use il2_engine::math;
use il2_inference::draws::normal;
use il2_inference::statistics::cholesky;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Summary of a published posterior on the logarithmic scale.
#[derive(Clone, Debug, Default)]
pub struct Posterior {
    /// For example `gamma-chain.k_forward`, `il2.gamma_chain.k_off_...`,
    /// `yt1.synthesis.il2r_alpha`.
    pub names: Vec<String>,
    /// Standard deviations of the logarithms.
    pub spreads: Vec<f64>,
    /// Correlations of the logarithms, `correlations[row][column]`.
    pub correlations: Vec<Vec<f64>>,
    /// Fraction of the variance of the experiment factor that is specific to each molecule on a
    /// lineage, 0 to 1.
    pub part_of_molecule: f64,
}

/// Expected range of four standard normal values, as for the stainings behind a receptor count.
const RANGE_OF_FOUR: f64 = 2.059;
/// In the kind of an interval that spans several stainings of one sample.
pub const STAININGS: &str = "stainings";
/// Width of a central 95 % interval in standard deviations.
const WIDTH_95: f64 = 2.0 * 1.959_964;

impl Posterior {
    /// Describes in words which numbers are drawn for intervals of these setups.
    pub fn what_is_drawn<'a>(&self, setups: impl IntoIterator<Item = &'a Setup>) -> &'static str {
        let has = |end: &str| self.names.iter().any(|name| name.ends_with(end));
        let fusion = |setup: &Setup| setup.ligands.iter().any(is_fused);
        match (has(EXPERIMENT), has(FUSED) && setups.into_iter().any(fusion)) {
            (true, true) => "rates, counts, experiment factor and fusion association",
            (true, false) => "fitted rates, receptor counts and the experiment factor",
            (false, true) => "fitted rates, receptor counts and fusion association",
            (false, false) => "fitted rates and receptor counts",
        }
    }

    /// Factors by which the medians are multiplied, one per name. Draw `index` of `seed` does not
    /// depend on other draws.
    pub fn draw(&self, seed: u64, index: u64) -> Vec<f64> {
        let n = self.names.len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index);
        let z: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let factor = cholesky(n, |i, j| self.correlations[i][j], |_| 0.0);
        (0..n)
            .map(|i| {
                let correlated: f64 = (0..=i).map(|j| factor[i][j] * z[j]).sum();
                math::exp(self.spreads[i] * correlated)
            })
            .collect()
    }
}

/// The setup with the numbers of one draw in place of the medians. Numbers set by the study are
/// kept.
pub fn drawn(setup: &Setup, posterior: &Posterior, seed: u64, index: u64) -> Setup {
    // Molecules are identified by their numbers before any of these is drawn.
    let usual = setup.model.parameters.get(ON).map(|p| p.value);
    let molecules: Vec<String> = setup.ligands.iter().map(|l| molecule(l, usual)).collect();
    let of_fusion = |(ligand, name): (&Ligand, &String)| is_fused(ligand).then(|| name.clone());
    let fused: Vec<String> = setup.ligands.iter().zip(&molecules).filter_map(of_fusion).collect();
    let mut setup = setup.clone().with_fitted_numbers();
    let factors = posterior.draw(seed, index);
    for ((name, factor), spread) in posterior.names.iter().zip(factors).zip(&posterior.spreads) {
        let Some((owner, name)) = name.split_once('.') else { continue };
        if owner == "gamma-chain" {
            let own = match name {
                FUSED => own_association(&fused, seed, index),
                EXPERIMENT => setup.cell.as_ref().map(|cell| {
                    own_experiment(cell, &molecules, posterior.part_of_molecule, seed, index)
                }),
                _ => None,
            };
            let factor = own.map_or(factor, |z| math::exp(spread * z));
            scale(&mut setup.model.parameters, name, factor);
        }
        if let Some(stat5) = setup.model.stat5.as_mut().filter(|_| owner == "stat5") {
            scale(&mut stat5.parameters, name, factor);
        }
        for ligand in &mut setup.ligands {
            scale_ligand(ligand, owner, name, factor);
        }
        if let Some(cell) = setup.cell.as_mut()
            && let Some(chain) = name.strip_prefix("synthesis.")
            && cell.id.starts_with(owner)
        {
            scale(&mut cell.synthesis, chain, factor);
        }
    }
    if let Some(cell) = setup.cell.as_mut() {
        draw_receptors(cell, seed, index);
    }
    setup
}

/// Whether the ligand, or any of its arms, was measured as a fusion.
fn is_fused(ligand: &Ligand) -> bool {
    ligand.arms().iter().any(|(arm, _)| arm.parent.is_some())
}

/// A standard normal value for a single fusion in a medium: its association differs from that of
/// other fusions, so that two fusions must not share one draw. The value is the same on every cell.
fn own_association(fused: &[String], seed: u64, index: u64) -> Option<f64> {
    let [molecule] = fused else { return None };
    Some(normal(&mut stream(molecule, seed, index)))
}

/// A standard normal value of a well. One part is common to the cells of a lineage, whose gates
/// were taken from the same wells, and to all ligands on these cells; the other part is specific to
/// one molecule on them. In a medium with several ligands this molecule is the first, whose dose is
/// varied, so that a ligand has the same value with and without a competitor.
fn own_experiment(cell: &Cell, molecules: &[String], part: f64, seed: u64, index: u64) -> f64 {
    let of_lineage = format!("experiment with {}", cell.lineage);
    let of_molecule = format!("{of_lineage} and {}", molecules.first().map_or("", String::as_str));
    let z = |name: &str| normal(&mut stream(name, seed, index));
    (1.0 - part).sqrt() * z(&of_lineage) + part.sqrt() * z(&of_molecule)
}

/// The binding properties of a molecule, as a name for its random numbers: two molecules with the
/// same numbers count as one, whatever their names, however many copies are joined, in whichever
/// order their arms are listed, and however the numbers are written; two that differ in any bond do
/// not, even if both were made from the same entry of the library. `usual` is the association rate
/// that a soluble molecule has without one of its own.
fn molecule(ligand: &Ligand, usual: Option<f64>) -> String {
    let binds = |name: &str| {
        let tables = ["affinity.", "fusion_affinity.", "k_on.", FORWARD, LOOSER, "gamma_chain."];
        name == ASSOCIATION || tables.iter().any(|table| name.starts_with(table))
    };
    let association = ligand.parameters.get(ASSOCIATION).map_or(1.0, |p| p.value);
    let usual_rate = usual.filter(|_| ligand.parent.is_none()).map(|on| on * association);
    // A number that only states the usual one.
    let restates = |name: &str, value: f64| match name {
        BETA_BOND_RATIO | ASSOCIATION => is_same(value, 1.0),
        _ if name.starts_with("k_on.") => usual_rate.is_some_and(|on| is_same(value, on)),
        _ => false,
    };
    let own = ligand.parameters.iter().filter(|(number, _)| binds(number));
    let own = own.filter(|(name, p)| p.absent || !restates(name, p.value));
    let of = |(number, p): (&String, &Parameter)| {
        format!(" {number}={:x}", if p.absent { 0 } else { rounded(ligand, number, p).to_bits() })
    };
    let mut numbers: Vec<String> = own.map(of).collect();
    numbers.sort_unstable();
    let name = ligand.private_chain.name().to_string() + &numbers.concat();
    let parent = ligand.parent.as_ref();
    let parent = parent.map(|parent| format!(" of ({})", molecule(parent, usual)));
    let mut arms: Vec<_> =
        ligand.parts.iter().map(|arm| (arm.private_chain, molecule(arm, usual))).collect();
    arms.sort_unstable();
    arms.dedup();
    let arms: Vec<String> = arms.into_iter().map(|(_, arm)| arm).collect();
    match &arms[..] {
        [] => name + &parent.unwrap_or_default(),
        arms => arms.join(" and "),
    }
}

/// Digits beyond which two numbers differ only by rounding: a ratio of two rates, or a conversion
/// of units, errs in the last one or two of 16.
const DIGITS: usize = 14;

fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs()
}

fn short(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// A number of a molecule without rounding errors. Concentrations are rounded in nM, the unit in
/// which they are published.
fn rounded(ligand: &Ligand, name: &str, number: &Parameter) -> f64 {
    const NANOMOLAR: f64 = 1e3;
    let concentration = |value: f64| short(value / NANOMOLAR) * NANOMOLAR;
    match (name, ligand.parameters.get("affinity.il2r_beta").map(|p| p.value)) {
        // The ratio of an affinity to that of the molecule from which this one was made.
        (BETA_BOND_RATIO, Some(own)) if short(number.value) != number.value => {
            concentration(own) / concentration(own / number.value)
        }
        _ if name.starts_with("affinity.") || name.starts_with("fusion_affinity.") => {
            concentration(number.value)
        }
        _ => short(number.value),
    }
}

impl Setup {
    /// Numbers of ligands and of the cell that were fitted together with those of the model replace
    /// the usual ones, except those that the study sets.
    pub fn with_fitted_numbers(mut self) -> Self {
        for (name, number) in std::mem::take(&mut self.model.fitted_with) {
            let Some((owner, name)) = name.split_once('.') else { continue };
            for ligand in &mut self.ligands {
                replace_in_ligand(ligand, owner, name, &number);
            }
            if let Some(cell) = self.cell.as_mut()
                && let Some(chain) = name.strip_prefix("synthesis.")
                && cell.id.starts_with(owner)
            {
                replace(&mut cell.synthesis, chain, &number);
            }
        }
        self
    }
}

fn replace(parameters: &mut Parameters, name: &str, number: &Parameter) {
    // A chain that a cell lacks remains absent.
    let own = |p: &&mut Parameter| !p.absent && p.how != How::Study && p.value != 0.0;
    if let Some(p) = parameters.get_mut(name).filter(own) {
        *p = number.clone();
    }
}

fn replace_in_ligand(ligand: &mut Ligand, owner: &str, name: &str, number: &Parameter) {
    if owner == ligand.private_chain.cytokine() {
        replace(&mut ligand.parameters, name, number);
    }
    if let Some(parent) = ligand.parent.as_mut() {
        replace_in_ligand(parent, owner, name, number);
    }
    for part in &mut ligand.parts {
        replace_in_ligand(part, owner, name, number);
    }
}

fn scale(parameters: &mut Parameters, name: &str, factor: f64) {
    if let Some(p) = parameters.get_mut(name).filter(|p| !p.absent && p.how != How::Study) {
        p.value *= factor;
    }
}

/// Every molecule derived from the native molecule uses its rates.
fn scale_ligand(ligand: &mut Ligand, owner: &str, name: &str, factor: f64) {
    if owner == ligand.private_chain.cytokine() {
        scale(&mut ligand.parameters, name, factor);
    }
    if let Some(parent) = ligand.parent.as_mut() {
        scale_ligand(parent, owner, name, factor);
    }
    for part in &mut ligand.parts {
        scale_ligand(part, owner, name, factor);
    }
}

/// One random stream per cell type, so that every ligand and dose has the same draw.
fn draw_receptors(cell: &mut Cell, seed: u64, index: u64) {
    let Some(table) = cell.quantitation.as_ref().and_then(|q| cell.receptors.get_mut(q)) else {
        return;
    };
    let mut rng = stream(&cell.id, seed, index);
    for parameter in table.values_mut() {
        let z = normal(&mut rng);
        parameter.value *= math::exp(z * log_spread(parameter));
    }
}

/// Random numbers for one entry of the library and one draw.
fn stream(id: &str, seed: u64, index: u64) -> ChaCha8Rng {
    let name = id.bytes().fold(0_u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ name);
    rng.set_stream(index);
    rng
}

/// Standard deviation of the logarithm from a published interval; 0 if there is none.
pub fn log_spread(parameter: &Parameter) -> f64 {
    let Some(interval) = &parameter.interval else { return 0.0 };
    let width = if interval.kind.contains(STAININGS) { RANGE_OF_FOUR } else { WIDTH_95 };
    let positive = interval.low > 0.0 && interval.high >= interval.low;
    if positive && !parameter.absent { math::ln(interval.high / interval.low) / width } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_spreads_and_correlations_asked_for() {
        let posterior = Posterior {
            names: vec!["a.x".into(), "a.y".into()],
            spreads: vec![0.2, 0.5],
            correlations: vec![vec![1.0, -0.8], vec![-0.8, 1.0]],
            ..Posterior::default()
        };
        let n = 4000;
        let logs: Vec<Vec<f64>> =
            (0..n).map(|i| posterior.draw(7, i).into_iter().map(f64::ln).collect()).collect();
        let mean = |f: &dyn Fn(&Vec<f64>) -> f64| logs.iter().map(f).sum::<f64>() / n as f64;
        let (vx, vy) = (mean(&|l| l[0] * l[0]), mean(&|l| l[1] * l[1]));
        assert!((vx.sqrt() / 0.2 - 1.0).abs() < 0.05 && (vy.sqrt() / 0.5 - 1.0).abs() < 0.05);
        let correlation = mean(&|l| l[0] * l[1]) / (vx * vy).sqrt();
        assert!((correlation + 0.8).abs() < 0.03, "{correlation}");
        assert!(mean(&|l| l[0]).abs() < 0.02);
    }

    #[test]
    fn a_draw_does_not_depend_on_the_draws_beside_it() {
        let posterior = Posterior {
            names: vec!["a.x".into()],
            spreads: vec![0.3],
            correlations: vec![vec![1.0]],
            ..Posterior::default()
        };
        assert_eq!(posterior.draw(1, 17), posterior.draw(1, 17));
        assert_ne!(posterior.draw(1, 17), posterior.draw(1, 18));
    }
}
