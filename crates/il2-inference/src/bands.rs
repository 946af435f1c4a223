//! Distributions of many quantities of a population, counted by several threads at once.
//!
//! A cohort has thousands of such quantities (every readout at every time), and each distribution
//! takes some kilobytes, so that a value counted alone would find nothing of its distribution in
//! the caches. Members therefore wait in blocks, and each block is counted one quantity after the
//! other.
//!
//! Counts do not depend on the order of members, so threads need not wait for one another. Only the
//! [first](Bands::first) members have to be counted before others are started: they decide which
//! values are frequent enough to be kept exactly. If there are more members than values that are
//! kept exactly to the end, only some of them decide: thousands of quantities of a thousand numbers
//! each would be most of the memory of a run.

use crate::quantiles::{KEPT, Quantiles};
use il2_engine::Threads;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Number of members who determine which values are frequent, if not all values are kept exactly.
const DECIDE: usize = 256;

/// Upper limit on the bytes of values that are kept exactly to the end.
const EXACT: usize = 32 << 20;

/// Upper limit on the bytes of members that wait, on all threads together and on any one thread.
/// The more members are counted together, the fewer values have to fetch their distribution from
/// memory: with blocks of 20 members instead of 64, counting was a fifth of the time of a cohort.
const WAITING: usize = 32 << 20;
const WAITING_ON_ONE: usize = 6 << 20;
/// Number of quantities behind one lock.
const TOGETHER: usize = 64;

/// Distributions of several quantities.
#[derive(Debug)]
pub struct Bands {
    quantities: usize,
    first: usize,
    counted: Vec<Mutex<Vec<Quantiles>>>,
    /// Blocks that no thread is filling at present.
    blocks: Mutex<Vec<Block>>,
    members_in_block: usize,
    /// The first quantity of the next block: threads that begin at different quantities seldom wait
    /// for each other.
    begin: AtomicUsize,
}

/// Members that wait to be counted.
#[derive(Debug, Default)]
struct Block {
    weights: Vec<u64>,
    /// `[member][quantity]`.
    values: Vec<f64>,
}

impl Bands {
    /// Empty distributions for a number of members. If some of them may count several times
    /// (`weighted`), their weights double the memory of the values that are kept exactly.
    pub fn new(quantities: usize, (members, weighted): (usize, bool), threads: Threads) -> Self {
        let room = EXACT / (size_of::<f64>() * quantities.max(1));
        let kept = if weighted { DECIDE } else { room.clamp(DECIDE, KEPT) };
        let first = if members > kept { DECIDE } else { members };
        let bytes = (WAITING / threads.count()).min(WAITING_ON_ONE);
        let some = |from: usize| {
            let here = TOGETHER.min(quantities - from);
            Mutex::new((0..here).map(|_| Quantiles::with_room(first)).collect())
        };
        Self {
            quantities,
            first,
            counted: (0..quantities).step_by(TOGETHER).map(some).collect(),
            blocks: Mutex::default(),
            members_in_block: (bytes / (size_of::<f64>() * quantities.max(1))).clamp(1, 64),
            begin: AtomicUsize::new(0),
        }
    }

    /// Number of members to be counted before [`Bands::go_on`] is called; this may be all members.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Counts a member with its weight: one value for each quantity, NaN if it has none.
    pub fn count(&self, weight: u64, values: impl IntoIterator<Item = f64>) {
        let mut block = lock(&self.blocks).pop().unwrap_or_default();
        block.weights.push(weight);
        block.values.extend(values);
        assert_eq!(
            block.values.len(),
            block.weights.len() * self.quantities,
            "one value a quantity"
        );
        if block.weights.len() >= self.members_in_block {
            self.count_block(&mut block);
        }
        lock(&self.blocks).push(block);
    }

    fn count_block(&self, block: &mut Block) {
        let begin = self.begin.fetch_add(1, Ordering::Relaxed);
        for k in 0..self.counted.len() {
            let some = (begin + k) % self.counted.len();
            for (k, quantiles) in lock(&self.counted[some]).iter_mut().enumerate() {
                let of_quantity = block.values.iter().skip(some * TOGETHER + k);
                let of_quantity = of_quantity.step_by(self.quantities);
                block.weights.iter().zip(of_quantity).for_each(|(&w, &x)| quantiles.push(x, w));
            }
        }
        block.weights.clear();
        block.values.clear();
    }

    fn count_all(&self) {
        for mut block in std::mem::take(&mut *lock(&self.blocks)) {
            self.count_block(&mut block);
        }
    }

    /// To be called after the first members if more members follow.
    pub fn go_on(&self) {
        self.count_all();
        self.counted.iter().for_each(|some| lock(some).iter_mut().for_each(Quantiles::bin));
    }

    /// The distributions.
    pub fn finish(self) -> Vec<Quantiles> {
        self.count_all();
        let all = self.counted.into_iter();
        all.flat_map(|some| some.into_inner().unwrap_or_else(|p| p.into_inner())).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked ends the whole run anyway.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_count_what_one_alone_counts_in_order() {
        const QUANTITIES: usize = 150;
        // Some quantities have values that many members share, some lack values, and all have
        // weights.
        let value = |member: u64, quantity: u64| {
            let x = (member * 2_654_435_761 + quantity * 40_503) % 1_000_003;
            match quantity % 3 {
                0 => x as f64 / 7.0 - 4e4,
                1 => (x % 5) as f64,
                _ if x.is_multiple_of(11) => f64::NAN,
                _ => 1.0 / (1.0 + x as f64),
            }
        };
        let weight = |member: u64| if member < 3 { 1 } else { member % 4 };
        for members in [7, KEPT as u64, KEPT as u64 + 1, 5_000] {
            let first = if members > KEPT as u64 { DECIDE as u64 } else { members };
            let mut alone = vec![Quantiles::default(); QUANTITIES];
            let row = |m: u64| (0..QUANTITIES as u64).map(move |q| value(m, q));
            for m in 0..members {
                alone.iter_mut().zip(row(m)).for_each(|(q, x)| q.push(x, weight(m)));
                if m + 1 == first && members > first {
                    alone.iter_mut().for_each(Quantiles::bin);
                }
            }
            for threads in [1, 4] {
                let bands =
                    Bands::new(QUANTITIES, (members as usize, false), Threads::new(threads));
                assert_eq!(bands.first() as u64, first);
                for (from, to) in [(0, first), (first, members)] {
                    if from >= to {
                        continue;
                    }
                    if from > 0 {
                        bands.go_on();
                    }
                    // Each thread takes every fourth member, starting from the last.
                    std::thread::scope(|scope| {
                        for k in 0..threads as u64 {
                            let (bands, row) = (&bands, &row);
                            scope.spawn(move || {
                                for m in (from..to).rev().filter(|m| m % threads as u64 == k) {
                                    bands.count(weight(m), row(m));
                                }
                            });
                        }
                    });
                }
                for (k, (found, wanted)) in bands.finish().iter().zip(&alone).enumerate() {
                    assert_eq!(found.count(), wanted.count(), "{members} {threads} {k}");
                    for part in [0.0, 0.025, 0.3, 0.5, 0.975, 1.0] {
                        let (found, wanted) = (found.at(part), wanted.at(part));
                        assert_eq!(found.to_bits(), wanted.to_bits(), "{members} {threads} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn values_kept_exactly_take_little_memory_however_many_quantities_there_are() {
        let first =
            |quantities, members| Bands::new(quantities, (members, false), Threads::ONE).first();
        assert_eq!(first(4_000, KEPT), KEPT);
        assert_eq!(first(11_000, 300), 300);
        assert_eq!(first(11_000, KEPT), DECIDE);
    }
}
