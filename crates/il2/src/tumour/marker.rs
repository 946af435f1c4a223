//! Markers of patients: what a laboratory could measure before treatment, with a stated link to
//! the tumour or without one.

use crate::tumour::host::{Feature, Host, Level, Variability};
use il2_engine::math;
use il2_inference::draws::normal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A marker that is positive or negative in each candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Its name, which also decides the random numbers: adding another marker changes no patient.
    pub name: String,
    /// Fraction of the candidates in whom it is positive (0 to 1).
    pub positive: f64,
    /// Ratio of a feature in positive to that in negative candidates. The geometric mean over all
    /// candidates stays that of the disease.
    pub factors: Vec<(Feature, f64)>,
    /// The feature whose logarithm the marker measures, and the correlation with it (-1 to 1).
    pub follows: Option<(Feature, f64)>,
}

impl Marker {
    /// Whether the marker says anything about the tumour.
    pub fn is_linked(&self) -> bool {
        self.follows.is_some_and(|(_, r)| r != 0.0) || self.factors.iter().any(|(_, f)| *f != 1.0)
    }

    /// The level of patient `index` for a seed; `host` is the patient without effects of markers.
    pub fn level(&self, seed: u64, index: u64, host: &Host, of: &Variability) -> Level {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ key(&self.name));
        rng.set_stream(index);
        let own = normal(&mut rng);
        let score = match self.follows {
            Some((feature, r)) => r * of.deviation(host, feature) + (1.0 - r * r).sqrt() * own,
            None => own,
        };
        // The upper tail of the score, so that the fraction of positive candidates is that asked for.
        let level = Level { score, positive: false };
        Level { positive: level.above() < self.positive, ..level }
    }

    /// Changes a patient as far as the marker is linked to the tumour.
    pub fn apply(&self, level: Level, host: &mut Host) {
        let share = if level.positive { 1.0 - self.positive } else { -self.positive };
        for (feature, factor) in &self.factors {
            host.scale(*feature, math::pow(*factor, share));
        }
    }
}

/// A number from a name (FNV-1a), by which markers have separate random numbers.
fn key(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
