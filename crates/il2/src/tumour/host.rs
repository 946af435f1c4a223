//! Patients with a kind of tumour, which has a size, a growth rate and a resistant fraction.

use crate::parameter::MissingParameter;
use crate::tumour::disease::Entry;
use il2_engine::{Dimension, math};
use il2_inference::draws::normal;
use il2_inference::survival::distributions::normal_below;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How patients with a kind of tumour vary.
#[derive(Clone, Debug, PartialEq)]
pub struct Variability {
    /// Number of lesions.
    pub lesions: usize,
    /// Median volume of all lesions together (L), and its spread as the standard deviation of the
    /// logarithm.
    volume: (f64, f64),
    /// Median growth rate (1/min), and its spread.
    growth: (f64, f64),
    /// Median number of effector cells per tumour cell, and its spread.
    effectors: (f64, f64),
    /// Spread of the access of effector cells to a lesion, whose mean is one.
    access_spread: f64,
    /// Number of exponential draws whose sum is a lesion's share: the larger it is, the more
    /// similar are the lesions.
    share_shape: usize,
    /// Fraction of the patients who have a resistant clone.
    resistant_patients: f64,
    /// Number of decades below one over which the resistant fraction of the cells is distributed.
    resistant_decades: f64,
    /// Probability of death from the drug, and its time range (min).
    drug_death: (f64, f64, f64),
    /// Fraction of patients with progression but without a response who are later cured by other
    /// means.
    salvaged: f64,
    cells_per_volume: f64,
}

/// One of these patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Growth rate (1/min).
    pub growth: f64,
    /// Volume of all lesions (L).
    pub volume: f64,
    /// Effector cells.
    pub effectors: f64,
    /// Fraction of the cells of each lesion that is resistant.
    pub resistant: f64,
    /// For each lesion: sensitive and resistant cells, access, and the random number that decides
    /// when each clone becomes extinct.
    pub lesions: Vec<HostLesion>,
    /// The cumulative hazard at which the patient dies.
    pub death_at_hazard: f64,
    /// Time at which the patient, if treated, would die from the drug (min).
    pub drug_death: Option<f64>,
    /// Whether the patient is cured later by other means if the first treatment fails.
    pub salvaged: bool,
    /// Shift of the scans within their window, from -1 to 1.
    pub scan_shift: f64,
    /// Further uniform random numbers, for accrual and drop-out.
    pub uniform: [f64; 2],
    /// Markers, in the order of the study.
    pub markers: Vec<Level>,
}

/// A lesion of the patient.
#[derive(Clone, Debug, PartialEq)]
pub struct HostLesion {
    /// Numbers of sensitive and of resistant cells.
    pub cells: [f64; 2],
    /// Access of effector cells to it.
    pub access: f64,
    /// Exponential random numbers that decide when each clone becomes extinct.
    pub luck: [f64; 2],
}

impl HostLesion {
    /// Whether a clone has a cell at the start: numbers of cells are expected ones, and a clone of
    /// few cells is absent with the probability exp(-cells).
    pub fn is_present(&self, clone: usize) -> bool {
        self.cells[clone] > self.luck[clone]
    }
}

/// A number of the tumour to which a marker may be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Volume of all lesions at entry.
    Volume,
    /// Growth rate without treatment.
    Growth,
    /// Effector cells for each tumour cell at entry.
    Effectors,
    /// Hazard of death at a given tumour burden.
    Hazard,
}

impl Feature {
    /// All features.
    pub const ALL: [Feature; 4] =
        [Feature::Volume, Feature::Growth, Feature::Effectors, Feature::Hazard];

    /// The name of the number of the disease that has this feature as its median.
    pub fn name(self) -> &'static str {
        match self {
            Feature::Volume => "volume",
            Feature::Growth => "growth_rate",
            Feature::Effectors => "effectors_per_cell",
            Feature::Hazard => "burden_hazard",
        }
    }
}

/// The marker of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The level in standard deviations from the mean of all candidates.
    pub score: f64,
    /// Whether the level is among the highest that count as positive.
    pub positive: bool,
}

impl Level {
    /// Fraction of all candidates whose level is higher.
    pub fn above(&self) -> f64 {
        normal_below(-self.score)
    }
}

impl Variability {
    /// The variation between patients of a disease in the library.
    pub fn of(disease: &Entry) -> Result<Self, MissingParameter> {
        let plain = |name: &str| disease.plain(name);
        let time = |name: &str| disease.number(name, Dimension::TIME);
        Ok(Self {
            lesions: plain("lesions")? as usize,
            volume: (disease.number("volume", Dimension::VOLUME)?, plain("volume_spread")?),
            growth: (disease.number("growth_rate", Dimension::RATE)?, plain("growth_spread")?),
            effectors: (plain("effectors_per_cell")?, plain("effectors_spread")?),
            access_spread: plain("access_spread")?,
            share_shape: plain("share_shape")? as usize,
            resistant_patients: plain("resistant_patients")?,
            resistant_decades: plain("resistant_decades")?,
            drug_death: (plain("drug_death")?, time("drug_death_from")?, time("drug_death_until")?),
            salvaged: plain("salvaged")?,
            cells_per_volume: disease.number("cells_per_volume", Dimension::CELL_DENSITY)?,
        })
    }

    /// Patient `index` for a seed, who is the same in every arm and on every machine.
    pub fn host(&self, seed: u64, index: u64) -> Host {
        // The same seed is used for the rest of the patient; another key prevents the two from
        // repeating each other.
        const KEY: u64 = 0x7475_6d6f_7572;
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ KEY);
        rng.set_stream(index);
        let mut spread = |(median, sd): (f64, f64)| median * math::exp(sd * normal(&mut rng));
        let growth = spread(self.growth);
        let volume = spread(self.volume);
        let cells = volume * self.cells_per_volume;
        let effectors = cells * spread(self.effectors);
        let (has, decades) = (uniform(&mut rng), uniform(&mut rng));
        let resistant = match has < self.resistant_patients {
            true => math::pow(10.0, -self.resistant_decades * decades),
            false => 0.0,
        };
        let shares: Vec<f64> = (0..self.lesions)
            .map(|_| (0..self.share_shape).map(|_| exponential(&mut rng)).sum())
            .collect();
        let all: f64 = shares.iter().sum();
        let sd = self.access_spread;
        let lesion = |share: f64, rng: &mut ChaCha8Rng| {
            let cells = cells * share / all;
            HostLesion {
                cells: [cells * (1.0 - resistant), cells * resistant],
                access: math::exp(sd * normal(rng) - 0.5 * sd * sd),
                luck: [exponential(rng), exponential(rng)],
            }
        };
        let lesions = shares.into_iter().map(|share| lesion(share, &mut rng)).collect();
        let death_at_hazard = exponential(&mut rng);
        let (chance, from, until) = self.drug_death;
        let (dies, when) = (uniform(&mut rng), uniform(&mut rng));
        Host {
            growth,
            volume,
            effectors,
            resistant,
            lesions,
            death_at_hazard,
            drug_death: (dies < chance).then_some(from + when * (until - from)),
            salvaged: uniform(&mut rng) < self.salvaged,
            scan_shift: 2.0 * uniform(&mut rng) - 1.0,
            uniform: [uniform(&mut rng), uniform(&mut rng)],
            markers: vec![],
        }
    }

    /// By how many standard deviations the logarithm of a feature of a patient differs from the
    /// median; NaN for a feature that does not vary.
    pub fn deviation(&self, host: &Host, feature: Feature) -> f64 {
        let cells = host.volume * self.cells_per_volume;
        let (value, (median, sd)) = match feature {
            Feature::Volume => (host.volume, self.volume),
            Feature::Growth => (host.growth, self.growth),
            Feature::Effectors => (host.effectors / cells, self.effectors),
            Feature::Hazard => return f64::NAN,
        };
        math::ln(value / median) / sd
    }

    /// Whether patients differ in a feature, so that a marker can measure it.
    pub fn varies(&self, feature: Feature) -> bool {
        match feature {
            Feature::Volume => self.volume.1 > 0.0,
            Feature::Growth => self.growth.1 > 0.0,
            Feature::Effectors => self.effectors.1 > 0.0,
            Feature::Hazard => false,
        }
    }
}

impl Host {
    /// Multiplies a feature of the patient.
    pub fn scale(&mut self, feature: Feature, factor: f64) {
        match feature {
            Feature::Volume => {
                self.volume *= factor;
                // Effector cells for each tumour cell stay as they are.
                self.effectors *= factor;
                for cells in self.lesions.iter_mut().flat_map(|lesion| &mut lesion.cells) {
                    *cells *= factor;
                }
            }
            Feature::Growth => self.growth *= factor,
            Feature::Effectors => self.effectors *= factor,
            // The patient dies when the cumulative hazard, which is not scaled, reaches this limit.
            Feature::Hazard => self.death_at_hazard /= factor,
        }
    }
}

/// A number above 0 and below 1, from 53 random bits.
fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
}

fn exponential(rng: &mut ChaCha8Rng) -> f64 {
    -math::ln(uniform(rng))
}
