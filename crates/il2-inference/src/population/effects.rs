//! Random effects in blocks, and the covariance of all effects of a subject.

use il2_engine::math;

/// The level at which an effect is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Once for a subject.
    Subject,
    /// Once for each occasion of a subject.
    Occasion,
}

/// Effects that may be correlated with each other, but not with other effects. A diagonal
/// covariance consists of blocks of one effect each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of effects.
    pub size: usize,
    /// Level at which they are drawn.
    pub level: Level,
}

/// All random effects of a model. Effects of subjects come first, in the order of their blocks;
/// then those of the first occasion, of the second, and so on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// Blocks, in the order of their coordinates.
    pub blocks: Vec<Block>,
}

/// Lower limit of every standard deviation, so that the covariance can be inverted even if one is
/// estimated as zero. For the logarithm of a number, it corresponds to a hundredth of a per cent.
pub const LEAST_SD: f64 = 1e-4;

impl Effects {
    /// Number of effects of a level.
    pub fn count(&self, level: Level) -> usize {
        self.blocks.iter().filter(|b| b.level == level).map(|b| b.size).sum()
    }

    /// Number of effects of a subject with this many occasions.
    pub fn of_subject(&self, occasions: usize) -> usize {
        self.count(Level::Subject) + occasions * self.count(Level::Occasion)
    }

    /// Number of coordinates of the covariance.
    pub fn coordinates(&self) -> usize {
        self.blocks.iter().map(|b| b.size * (b.size + 1) / 2).sum()
    }

    /// Lower triangle of each block. Coordinates are in row order: an element left of the diagonal
    /// is relative to the diagonal element, whose coordinate is its logarithm.
    pub fn triangles(&self, at: &[f64]) -> Vec<Vec<Vec<f64>>> {
        let mut rest = at.iter();
        let mut next = || *rest.next().expect("as many coordinates as the blocks have");
        let row = |i: usize, next: &mut dyn FnMut() -> f64| {
            let relative: Vec<f64> = (0..i).map(|_| next()).collect();
            let own = LEAST_SD + math::exp(next());
            let mut row: Vec<f64> = relative.iter().map(|c| c * own).collect();
            row.push(own);
            row
        };
        let blocks = self.blocks.iter();
        blocks.map(|b| (0..b.size).map(|i| row(i, &mut next)).collect()).collect()
    }

    /// Coordinates of block-wise covariances; none if one of them is not a valid covariance.
    pub fn coordinates_of(&self, covariances: &[Vec<Vec<f64>>]) -> Option<Vec<f64>> {
        let mut all = vec![];
        for (block, covariance) in self.blocks.iter().zip(covariances) {
            let lower =
                crate::statistics::cholesky(block.size, |i, j| covariance[i][j], |_| f64::NAN);
            for (i, row) in lower.iter().enumerate() {
                let own = row[i];
                if own.is_nan() || own <= LEAST_SD {
                    return None;
                }
                all.extend(row[..i].iter().map(|x| x / own));
                all.push(math::ln(own - LEAST_SD));
            }
        }
        Some(all)
    }

    /// The covariance at these coordinates.
    pub fn covariance(&self, at: &[f64]) -> Covariance {
        let triangles = self.triangles(at);
        let blocks = self.blocks.iter().zip(triangles).map(|(block, lower)| {
            let inverse = inverse(&lower);
            let log_determinant = 2.0 * (0..block.size).map(|i| math::ln(lower[i][i])).sum::<f64>();
            Placed { level: block.level, lower, inverse, log_determinant }
        });
        Covariance {
            blocks: blocks.collect(),
            subject: self.count(Level::Subject),
            occasion: self.count(Level::Occasion),
        }
    }
}

/// A block with the quantities that its density needs.
#[derive(Clone, Debug)]
struct Placed {
    level: Level,
    lower: Vec<Vec<f64>>,
    /// Inverse of the covariance.
    inverse: Vec<Vec<f64>>,
    log_determinant: f64,
}

/// The covariance of the effects of any subject.
#[derive(Clone, Debug)]
pub struct Covariance {
    blocks: Vec<Placed>,
    subject: usize,
    occasion: usize,
}

impl Covariance {
    /// Each block with the index of its first effect among the effects of a subject with this many
    /// occasions.
    fn places(&self, occasions: usize) -> impl Iterator<Item = (usize, &Placed)> {
        let mut first = [0, self.subject];
        let with_first = self.blocks.iter().map(move |block| {
            let level = usize::from(block.level == Level::Occasion);
            let at = first[level];
            first[level] += block.lower.len();
            (at, block)
        });
        let each = self.occasion;
        with_first.flat_map(move |(at, block)| {
            let times = if block.level == Level::Occasion { occasions } else { 1 };
            (0..times).map(move |o| (at + o * each, block))
        })
    }

    /// Log density of the effects.
    pub fn log_density(&self, effects: &[f64], occasions: usize) -> f64 {
        let pulled = self.pull(effects, occasions);
        let square: f64 = effects.iter().zip(&pulled).map(|(e, p)| e * p).sum();
        let determinant: f64 = self.places(occasions).map(|(_, b)| b.log_determinant).sum();
        let turn = math::ln(2.0 * std::f64::consts::PI);
        -0.5 * (square + determinant + effects.len() as f64 * turn)
    }

    /// The inverse of the covariance times the effects: the negative gradient of their log density.
    pub fn pull(&self, effects: &[f64], occasions: usize) -> Vec<f64> {
        let mut pulled = vec![0.0; effects.len()];
        for (at, block) in self.places(occasions) {
            for (i, row) in block.inverse.iter().enumerate() {
                pulled[at + i] = row.iter().enumerate().map(|(j, x)| x * effects[at + j]).sum();
            }
        }
        pulled
    }

    /// Adds the inverse covariance to a matrix over the effects of a subject.
    pub fn add_inverse(&self, matrix: &mut [Vec<f64>], occasions: usize) {
        for (at, block) in self.places(occasions) {
            for (i, row) in block.inverse.iter().enumerate() {
                row.iter().enumerate().for_each(|(j, x)| matrix[at + i][at + j] += x);
            }
        }
    }

    /// The full covariance matrix for a subject.
    pub fn matrix(&self, occasions: usize) -> Vec<Vec<f64>> {
        let n = self.subject + occasions * self.occasion;
        let mut matrix = vec![vec![0.0; n]; n];
        for (at, block) in self.places(occasions) {
            for i in 0..block.lower.len() {
                for j in 0..block.lower.len() {
                    let pairs = block.lower[i].iter().zip(&block.lower[j]);
                    matrix[at + i][at + j] = pairs.map(|(a, b)| a * b).sum();
                }
            }
        }
        matrix
    }

    /// Standard deviation of each effect of a subject.
    pub fn sds(&self, occasions: usize) -> Vec<f64> {
        let mut all = vec![0.0; self.subject + occasions * self.occasion];
        for (at, block) in self.places(occasions) {
            for (i, row) in block.lower.iter().enumerate() {
                all[at + i] = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            }
        }
        all
    }

    /// Effects from standard normal draws, one per effect.
    pub fn drawn(&self, normal: &[f64], occasions: usize) -> Vec<f64> {
        let mut all = vec![0.0; normal.len()];
        for (at, block) in self.places(occasions) {
            for (i, row) in block.lower.iter().enumerate() {
                all[at + i] = row.iter().enumerate().map(|(j, x)| x * normal[at + j]).sum();
            }
        }
        all
    }
}

/// The inverse of `L L^T`.
fn inverse(lower: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = lower.len();
    let unit = |j: usize| (0..n).map(|i| f64::from(u8::from(i == j))).collect::<Vec<f64>>();
    (0..n).map(|j| crate::statistics::solved(lower, &unit(j))).collect()
}
