//! Number of patients that a comparison of two arms by the log-rank test needs, from simulated
//! patients: trials of any size are drawn from them with replacement, within arms. Unlike the closed
//! form of [`power`](super::power), this needs no proportional hazards.
//!
//! The simulated patients are a sample, too. Their uncertainty is estimated by drawing the whole pool
//! again: for any alternative, the statistic of a trial grows as the square root of its size, so
//! that the size for a power is proportional to the inverse square of the statistic of the pool.

use super::cox::cox;
use super::distributions::{normal_below, normal_width};
use super::error::{StatisticsError, inner_part};
use super::follow_up::FollowUp;
use super::partial_likelihood::{CoxData, Ties};
use super::power::LogRankDesign;
use super::proportionality::{TimeScale, proportionality};
use super::proportions::wilson;
use crate::bootstrap::{Estimate, below};
use crate::quantiles::interval;
use il2_engine::math;
use il2_engine::threads::Threads;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Level of all intervals.
const LEVEL: f64 = 0.95;
/// Number of times that the pool is drawn again.
const POOLS: u64 = 400;
/// Number of sizes between the ends of the range.
const SIZES: usize = 20;
/// Trials that a thread draws at a time.
const TOGETHER: u64 = 16;
/// Power beyond which larger trials are not drawn.
const ENOUGH: f64 = 0.999;

/// A simulated patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patient {
    /// Time of entry after the start of the trial.
    pub entry: f64,
    /// Time from entry to the event that is tested.
    pub to: FollowUp,
    /// Time after the start of the trial of the event that counts for a cut-off; none if it was not
    /// observed.
    pub counted: Option<f64>,
    /// Stratum, from 0, within which the test compares the arms.
    pub stratum: usize,
}

/// Simulated patients of two arms, from which trials are drawn.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Patients of the control arm and of the other arm.
    pub arms: [Vec<Patient>; 2],
    /// Events for each patient of a trial at which it ends; without it, follow-up is used as it is.
    pub cut_off: Option<f64>,
}

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Probability of finding the difference.
    pub power: f64,
    /// Two-sided probability of a false positive.
    pub alpha: f64,
    /// Smallest allocation: patients in the first and second arm. Sizes are multiples of it.
    pub block: [usize; 2],
    /// Fewest and most blocks that are tried.
    pub range: (usize, usize),
    /// Number of trials drawn for each size.
    pub resamples: u64,
    /// Seed of all draws.
    pub seed: u64,
}

/// Trials of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Number of blocks.
    pub blocks: usize,
    /// Fraction of the trials that find a difference; the interval contains the uncertainty of the
    /// simulated patients.
    pub power: Estimate,
    /// Mean number of events in a trial.
    pub events: f64,
    /// Power by the closed form; NaN if the hazard ratio is not known.
    pub closed_form: f64,
}

/// The number of blocks needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Needed {
    /// This number, with the uncertainty of the pool and of the trials drawn.
    Blocks(Estimate),
    /// The pool does not show a difference: with the true effect, no number may be enough.
    NotShown,
    /// The smallest trial of the range already has the power.
    AtMostFewest,
    /// The largest trial of the range does not have the power.
    MoreThanMost,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The number of blocks needed.
    pub needed: Needed,
    /// Number of blocks by the closed form (Schoenfeld 1981) with the hazard ratio and the
    /// probabilities of an event in the pool.
    pub closed_form: Option<f64>,
    /// Hazard ratio in the pool.
    pub hazard_ratio: Option<Estimate>,
    /// p value of the test of proportional hazards in the pool.
    pub proportional: Option<f64>,
    /// Trials by increasing size.
    pub sizes: Vec<Size>,
}

/// The log-rank test of one trial.
#[derive(Clone, Copy, Debug, Default)]
struct Tested {
    /// Standard deviations by which the second arm has more events than expected; 0 without events.
    z: f64,
    events: usize,
}

/// What the pool shows.
struct Summary {
    hazard_ratio: Option<Estimate>,
    /// p value of the test of proportional hazards.
    proportional: Option<f64>,
    /// Fraction of each arm whose event is observed.
    chances: [f64; 2],
}

/// Memory for a trial, reused for the next.
#[derive(Default)]
struct Trial {
    drawn: [Vec<u32>; 2],
    ends: Vec<f64>,
    /// By stratum.
    sorted: Vec<Vec<u64>>,
}

impl Pool {
    /// Number of simulated patients.
    fn patients(&self) -> usize {
        self.arms[0].len() + self.arms[1].len()
    }

    /// Draws a trial and tests it. A trial with more patients starts with the same patients.
    fn draw(&self, seed: u64, number: u64, sizes: [usize; 2], trial: &mut Trial) -> Tested {
        for (arm, size) in sizes.into_iter().enumerate() {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(2 * number + arm as u64);
            let count = self.arms[arm].len();
            trial.drawn[arm].clear();
            trial.drawn[arm].extend((0..size).map(|_| below(&mut rng, count) as u32));
        }
        self.test(trial)
    }

    /// When a trial with these patients ends; never without a cut-off or with too few events.
    fn end(&self, trial: &mut Trial) -> f64 {
        let Some(part) = self.cut_off else { return f64::INFINITY };
        let Trial { drawn, ends, .. } = trial;
        ends.clear();
        for (arm, drawn) in self.arms.iter().zip(&*drawn) {
            ends.extend(drawn.iter().filter_map(|k| arm[*k as usize].counted));
        }
        let patients = drawn[0].len() + drawn[1].len();
        let events = ((part * patients as f64).round() as usize).max(1);
        match events <= ends.len() {
            true => *ends.select_nth_unstable_by(events - 1, f64::total_cmp).1,
            false => f64::INFINITY,
        }
    }

    /// Follow-up of a patient in a trial that ends at this time; none before entry.
    fn followed(patient: &Patient, end: f64) -> Option<FollowUp> {
        let until = end - patient.entry;
        match until {
            u if u >= patient.to.time => Some(patient.to),
            u if u > 0.0 => Some(FollowUp { time: u, event: false }),
            _ => None,
        }
    }

    /// The log-rank test of the patients drawn, within strata.
    fn test(&self, trial: &mut Trial) -> Tested {
        let end = self.end(trial);
        let Trial { drawn, sorted, .. } = trial;
        sorted.iter_mut().for_each(Vec::clear);
        for (group, (arm, drawn)) in self.arms.iter().zip(drawn).enumerate() {
            for patient in drawn.iter().map(|k| &arm[*k as usize]) {
                let Some(to) = Pool::followed(patient, end) else { continue };
                // The bits of positive numbers sort as the numbers do; the last two bits hold the
                // group and the event, so that only whole numbers are sorted.
                let key = (to.time.to_bits() & !3) | (group as u64) << 1 | u64::from(to.event);
                if patient.stratum >= sorted.len() {
                    sorted.resize(patient.stratum + 1, vec![]);
                }
                sorted[patient.stratum].push(key);
            }
        }
        let (mut excess, mut variance, mut all) = (0.0, 0.0, 0);
        for sorted in sorted {
            sorted.sort_unstable();
            let of = excess_of(sorted);
            (excess, variance, all) = (excess + of.0, variance + of.1, all + of.2);
        }
        let z = if variance > 0.0 { excess / variance.sqrt() } else { 0.0 };
        Tested { z, events: all }
    }

    /// All patients of the pool as one trial.
    fn whole(&self) -> Trial {
        let of = |arm: &Vec<Patient>| (0..arm.len() as u32).collect();
        Trial { drawn: [of(&self.arms[0]), of(&self.arms[1])], ..Trial::default() }
    }

    /// Statistic of the log-rank test of all patients (standard deviations by which the second arm
    /// has more events than expected), with the interval from drawing the pool again.
    pub fn statistic(&self, seed: u64, threads: Threads) -> Estimate {
        let blocks: Vec<u64> = (0..POOLS / TOGETHER).collect();
        let sizes = [self.arms[0].len(), self.arms[1].len()];
        let drawn = threads.map(&blocks, |block| {
            let mut trial = Trial::default();
            let numbers = block * TOGETHER..(block + 1) * TOGETHER;
            numbers.map(|k| self.draw(seed ^ 0x70_6f6f_6c73, k, sizes, &mut trial).z).collect()
        });
        let drawn: Vec<f64> = drawn.into_iter().flat_map(|z: Vec<f64>| z).collect();
        let [low, high] = interval(&drawn, drawn.len() as f64, LEVEL);
        Estimate { value: self.test(&mut self.whole()).z, low, high }
    }

    /// What the pool shows.
    fn summary(&self) -> Summary {
        let mut trial = self.whole();
        let end = self.end(&mut trial);
        let (mut records, mut covariates, mut chances) = (vec![], vec![], [0.0; 2]);
        let mut strata = vec![];
        for (group, arm) in self.arms.iter().enumerate() {
            let before = records.len();
            for patient in arm {
                if let Some(to) = Pool::followed(patient, end) {
                    records.push(to);
                    strata.push(patient.stratum);
                }
            }
            covariates.resize(records.len(), vec![group as f64]);
            let events = records[before..].iter().filter(|r| r.event).count();
            chances[group] = events as f64 / arm.len() as f64;
        }
        let data = CoxData { records: &records, covariates: &covariates, strata: Some(&strata) };
        let fit = cox(&data, Ties::Efron).ok();
        let test = fit.as_ref().and_then(|f| proportionality(f, &data, TimeScale::default()).ok());
        Summary {
            hazard_ratio: fit.and_then(|fit| fit.hazard_ratio(0, LEVEL).ok()),
            proportional: test.map(|test| test.all.p),
            chances,
        }
    }
}

/// Excess of events in the second group over those expected, its variance, and the number of events,
/// from sorted times with their group and event in the last bits.
fn excess_of(sorted: &[u64]) -> (f64, f64, usize) {
    let second = sorted.iter().filter(|key| *key >> 1 & 1 == 1).count();
    let mut at_risk = [sorted.len() - second, second];
    let (mut excess, mut variance, mut all) = (0.0, 0.0, 0);
    for tied in sorted.chunk_by(|a, b| a >> 2 == b >> 2) {
        let n = (at_risk[0] + at_risk[1]) as f64;
        let (mut events, mut left) = ([0_usize; 2], [0_usize; 2]);
        for key in tied {
            let group = (key >> 1 & 1) as usize;
            left[group] += 1;
            events[group] += (key & 1) as usize;
        }
        let (d, part) = ((events[0] + events[1]) as f64, at_risk[1] as f64 / n);
        if d > 0.0 {
            excess += events[1] as f64 - d * part;
            if n > 1.0 {
                variance += part * (1.0 - part) * d * (n - d) / (n - 1.0);
            }
            all += events[0] + events[1];
        }
        at_risk = [at_risk[0] - left[0], at_risk[1] - left[1]];
    }
    (excess, variance, all)
}

/// Finds the number of blocks for a power; the same for any number of threads. Rejects an arm
/// without patients and settings outside their limits.
pub fn sample_size(
    pool: &Pool,
    wanted: &Wanted,
    threads: Threads,
) -> Result<Found, StatisticsError> {
    for (arm, name) in pool.arms.iter().zip(["first", "second"]) {
        if arm.is_empty() {
            return Err(StatisticsError::Empty { what: format!("the {name} arm") });
        }
    }
    inner_part("the power", wanted.power)?;
    let limit = normal_width(1.0 - inner_part("the two-sided alpha", wanted.alpha)?)?;
    let statistic = pool.statistic(wanted.seed, threads);
    let Summary { hazard_ratio, proportional, chances } = pool.summary();
    let each = (wanted.block[0] + wanted.block[1]) as f64;
    let design = hazard_ratio.map(|ratio| LogRankDesign {
        hazard_ratio: ratio.value,
        allocation: wanted.block[0] as f64 / each,
        alpha: wanted.alpha,
    });
    let chance = (0..2).map(|k| wanted.block[k] as f64 * chances[k]).sum::<f64>() / each;
    let closed_power = |blocks: usize| {
        let events = chance * each * blocks as f64;
        design.and_then(|d| d.power(events).ok()).unwrap_or(f64::NAN)
    };
    // The power of a normal statistic with this mean.
    let beyond = |mean: f64| normal_below(mean.abs() - limit) + normal_below(-mean.abs() - limit);
    let crosses = statistic.low <= 0.0 && statistic.high >= 0.0;
    let of = |blocks: usize| -> Result<Size, StatisticsError> {
        let (found, events) = trials(pool, wanted, blocks, limit, threads);
        let drawn = wilson(found, wanted.resamples, LEVEL)?;
        let grown = (each * blocks as f64 / pool.patients() as f64).sqrt();
        let ends = [statistic.low, statistic.high].map(|z| beyond(grown * z));
        let least = if crosses { wanted.alpha } else { ends[0].min(ends[1]) };
        let middle = beyond(grown * statistic.value);
        let wide = |a: f64, b: f64| (a * a + b * b).sqrt();
        let down = wide(drawn.value - drawn.low, (middle - least).max(0.0));
        let up = wide(drawn.high - drawn.value, (ends[0].max(ends[1]) - middle).max(0.0));
        let power = Estimate {
            value: drawn.value,
            low: (drawn.value - down).max(0.0),
            high: (drawn.value + up).min(1.0),
        };
        Ok(Size { blocks, power, events, closed_form: closed_power(blocks) })
    };
    let mut sizes = vec![];
    for blocks in grid(wanted.range) {
        sizes.push(of(blocks)?);
        if sizes.last().is_some_and(|size| size.power.value >= ENOUGH.max(wanted.power)) {
            break;
        }
    }
    let enough = |size: &Size| size.power.value >= wanted.power;
    let no_effect = hazard_ratio.is_some_and(|ratio| ratio.low <= 1.0 && ratio.high >= 1.0);
    let needed = match sizes.iter().position(enough) {
        _ if crosses || no_effect => Needed::NotShown,
        None => Needed::MoreThanMost,
        Some(0) => Needed::AtMostFewest,
        Some(first) => {
            let (mut low, mut high) = (sizes[first - 1].blocks, sizes[first]);
            while high.blocks - low > 1 {
                let middle = of(low + (high.blocks - low) / 2)?;
                if enough(&middle) { high = middle } else { low = middle.blocks }
            }
            if high.blocks != sizes[first].blocks {
                sizes.insert(first, high);
            }
            Needed::Blocks(around(high.blocks as f64, statistic, wanted, limit))
        }
    };
    let closed_form = design.and_then(|d| d.events(wanted.power).ok()).map(|e| e / chance / each);
    Ok(Found { needed, closed_form, hazard_ratio, proportional, sizes })
}

/// How many of the trials of a size find a difference, and their mean number of events.
fn trials(pool: &Pool, wanted: &Wanted, blocks: usize, limit: f64, threads: Threads) -> (u64, f64) {
    let starts: Vec<u64> = (0..wanted.resamples).step_by(TOGETHER as usize).collect();
    let sizes = wanted.block.map(|patients| patients * blocks);
    let counts = threads.map(&starts, |start| {
        let (mut trial, mut found, mut events) = (Trial::default(), 0, 0);
        for number in *start..(start + TOGETHER).min(wanted.resamples) {
            let tested = pool.draw(wanted.seed, number, sizes, &mut trial);
            found += u64::from(tested.z.abs() > limit);
            events += tested.events;
        }
        (found, events)
    });
    let found = counts.iter().map(|(found, _)| found).sum();
    let events: usize = counts.iter().map(|(_, events)| events).sum();
    (found, events as f64 / wanted.resamples as f64)
}

/// A number of blocks with its interval: from the statistic of the pool, and from the number of
/// trials drawn at the power that was found.
fn around(blocks: f64, statistic: Estimate, wanted: &Wanted, limit: f64) -> Estimate {
    let far = |z: f64| 2.0 * math::ln((statistic.value / z).abs());
    let ends = [far(statistic.low), far(statistic.high)];
    let z = math::normal_quantile(wanted.power);
    let slope = 0.5 * (limit + z) * math::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
    let drawn = (wanted.power * (1.0 - wanted.power) / wanted.resamples as f64).sqrt() / slope;
    let drawn = math::normal_quantile(0.5 + 0.5 * LEVEL) * drawn;
    let wide = |pool: f64| (pool * pool + drawn * drawn).sqrt();
    let down = wide(ends[0].min(ends[1]).min(0.0));
    let up = wide(ends[0].max(ends[1]).max(0.0));
    Estimate { value: blocks, low: blocks * math::exp(-down), high: blocks * math::exp(up) }
}

/// Numbers of blocks at equal ratios, each once.
fn grid((least, most): (usize, usize)) -> Vec<usize> {
    let ratio = math::ln(most as f64 / least as f64) / (SIZES - 1) as f64;
    let at = |k: usize| (least as f64 * math::exp(ratio * k as f64)).round() as usize;
    let mut all: Vec<usize> = (0..SIZES).map(at).collect();
    all[SIZES - 1] = most;
    all.dedup();
    all
}
