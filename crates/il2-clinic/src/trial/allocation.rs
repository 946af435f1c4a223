//! Allocation of patients to arms: patients of each arm drawn independently in the planned numbers,
//! or one group of patients allocated in blocks, separately for each stratum.

use crate::trial::markers::plan::stratum;
use crate::trial::people::{Entered, enter};
use crate::trial::plan::Plan;
use il2_engine::shard;
use il2_inference::bootstrap::below;
use il2_study::study::Study;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;

/// Candidates of different arms have different numbers, this far apart.
pub const APART: u64 = 1 << 32;

/// Patients of all arms and trials.
#[derive(Clone, Debug, Default)]
pub struct Allocation {
    /// Number of each patient by `[arm]`, trial after trial.
    pub people: Vec<Vec<u64>>,
    /// For each `[arm]`, the place of the first patient of each trial, and the number of patients.
    pub starts: Vec<Vec<usize>>,
    /// Number of candidates examined.
    pub candidates: usize,
    /// Number of candidates screened, including those without the markers needed for entry.
    pub screened: u64,
    /// Number of different patients found.
    pub entered: usize,
    /// Number of patients who were wanted but not found.
    pub missing: usize,
}

/// The patients of every arm of every trial.
pub fn allocate(study: &Study, plan: &Plan) -> Allocation {
    // Every shard needs to know who enters, and finding out takes only a fraction of the time, so
    // each shard repeats it.
    let enter = |from: u64, count: usize| shard::aside(|| enter(study, plan, from, count));
    if let Some(length) = plan.block {
        let trial: usize = plan.arms.iter().map(|arm| arm.patients).sum();
        let wanted = trial * plan.replicates;
        let all = enter(0, wanted);
        let (candidates, entered) = (all.candidates, all.people.len());
        let (people, starts) = in_blocks(study, plan, &all.people, trial, length);
        let (screened, missing) = (all.screened, wanted - entered);
        return Allocation { people, starts, candidates, screened, entered, missing };
    }
    // In a paired trial, every arm has the first patients of one group for each trial.
    let largest = plan.arms.iter().map(|arm| arm.patients).max().unwrap_or(0);
    let group = plan.paired.then(|| (enter(0, largest * plan.replicates), largest));
    let mut of = Allocation::default();
    let found = |of: &mut Allocation, entered: &Entered, wanted: usize| {
        of.candidates += entered.candidates;
        of.screened += entered.screened;
        of.entered += entered.people.len();
        of.missing += wanted - entered.people.len();
    };
    if let Some((group, each)) = &group {
        found(&mut of, group, each * plan.replicates);
    }
    for (a, arm) in plan.arms.iter().enumerate() {
        let (people, starts) = match &group {
            Some((group, each)) => in_trials(plan, &group.people, *each, arm.patients),
            None => {
                let wanted = arm.patients * plan.replicates;
                let own = enter(a as u64 * APART, wanted);
                found(&mut of, &own, wanted);
                in_trials(plan, &own.people, arm.patients, arm.patients)
            }
        };
        of.people.push(people);
        of.starts.push(starts);
    }
    of
}

/// The first `size` patients of each trial, of `each` patients per trial who were found.
fn in_trials(plan: &Plan, all: &[u64], each: usize, size: usize) -> (Vec<u64>, Vec<usize>) {
    let (mut people, mut starts) = (vec![], vec![0]);
    for k in 0..plan.replicates {
        people.extend(all.iter().skip(k * each).take(size));
        starts.push(people.len());
    }
    (people, starts)
}

/// Allocates the patients of each trial in permuted blocks, in the order of entry. A block that is
/// not complete at the end leaves arms of slightly different sizes, as in a real trial.
fn in_blocks(
    study: &Study,
    plan: &Plan,
    all: &[u64],
    trial: usize,
    length: usize,
) -> (Vec<Vec<u64>>, Vec<Vec<usize>>) {
    const KEY: u64 = 0x626c_6f63_6b73;
    let arms = plan.arms.len();
    let mut people = vec![vec![]; arms];
    let mut starts = vec![vec![0]; arms];
    for k in 0..plan.replicates {
        let own = &all[(k * trial).min(all.len())..((k + 1) * trial).min(all.len())];
        let mut entered: Vec<(f64, u64, usize)> = own
            .iter()
            .map(|number| {
                let host = plan.host(study.seed, *number);
                (host.uniform[0], *number, stratum(&plan.markers.strata, &host))
            })
            .collect();
        entered.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut rng = ChaCha8Rng::seed_from_u64(study.seed ^ KEY);
        rng.set_stream(k as u64);
        let mut blocks: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (_, number, stratum) in entered {
            let left = blocks.entry(stratum).or_default();
            if left.is_empty() {
                *left = permuted(&plan.ratio, length, &mut rng);
            }
            let arm = left.pop().expect("a new block has places");
            people[arm].push(number);
        }
        for (starts, people) in starts.iter_mut().zip(&people) {
            starts.push(people.len());
        }
    }
    (people, starts)
}

/// The arms of a block in random order (Fisher and Yates).
fn permuted(ratio: &[u32], length: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let times = length / ratio.iter().sum::<u32>() as usize;
    let arms = ratio.iter().enumerate();
    let mut all: Vec<usize> =
        arms.flat_map(|(arm, share)| vec![arm; *share as usize * times]).collect();
    for last in (1..all.len()).rev() {
        all.swap(last, below(rng, last + 1));
    }
    all
}
