//! A shard: the part of a run's results that one of several machines computes, and where these are
//! stored.
//!
//! A result (the answer of a lane, the end of a search) has a key, which follows from everything
//! that determines the result and decides which of the shards computes it. A shard executes the run
//! as if it were alone: it asks before each result, computes its own results, and treats the
//! others, which are answered "elsewhere", as if they had failed. What it derives from them in the
//! end is discarded; its own results are kept. When all shards have finished, the same run is
//! executed once more and finds every result. A result that is still missing is computed then: keys
//! decide who computes a result, never the result itself.
//!
//! The next simulations may depend on results, as a cohort depends on its selection. At such points
//! a run asks whether all results are [known](settled): if not, the shard ends, and continues in
//! another round, when the results of all shards are available.
//!
//! The shard is a thread-local value rather than an argument: otherwise every function that makes
//! an ensemble would have to pass it on without using it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The key of a result: a part of the SHA-256 of everything that determines it.
pub type Key = u128;

/// A store of results.
pub trait Store: Send + Sync {
    /// A stored result.
    fn find(&self, key: Key) -> Option<Vec<u8>>;
    /// Stores a new result.
    fn keep(&self, key: Key, result: &[u8]);
}

/// A shard of a run.
pub struct Shard {
    /// Index of the shard, from 0.
    index: u32,
    /// Number of shards.
    count: u32,
    /// Name of the run, which separates its results from those of other runs.
    name: String,
    store: Arc<dyn Store>,
    /// Number of requested results that belong to another shard and are not known yet.
    elsewhere: AtomicUsize,
}

/// Whether a result is known, and if not, which shard computes it.
pub enum Lookup {
    /// The result was computed before.
    Known(Vec<u8>),
    /// The result is to be computed now.
    Own,
    /// Another shard computes the result.
    Elsewhere,
}

/// The progress of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran<T> {
    /// The run ended, with this result.
    Through(T),
    /// All results of this shard are computed, but some of other shards are not known here.
    ShardDone,
    /// The next simulations depend on results of other shards.
    Unsettled,
}

/// Payload of the unwinding to [`Shard::run`]: whether all results were requested.
struct Ends {
    all: bool,
}

impl Shard {
    /// Shard `index`, from 0, of `count`, in a run of this name. A single shard computes everything
    /// that is missing.
    pub fn new((index, count): (u32, u32), name: &str, store: Arc<dyn Store>) -> Self {
        Self { index, count, name: name.into(), store, elsewhere: AtomicUsize::new(0) }
    }

    /// The name of the run.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs something as this shard.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> Ran<T> {
        let shard = Arc::new(self);
        match catch_unwind(AssertUnwindSafe(|| within(Some(shard), work))) {
            Ok(done) => Ran::Through(done),
            Err(why) => match why.downcast::<Ends>() {
                Ok(ends) if ends.all => Ran::ShardDone,
                Ok(_) => Ran::Unsettled,
                Err(panic) => resume_unwind(panic),
            },
        }
    }

    /// Whether a result is known, and if not, which shard computes it.
    pub fn ask(&self, key: Key) -> Lookup {
        match self.store.find(key) {
            Some(result) => Lookup::Known(result),
            None if key % Key::from(self.count) == Key::from(self.index) => Lookup::Own,
            None => {
                self.elsewhere.fetch_add(1, Ordering::Relaxed);
                Lookup::Elsewhere
            }
        }
    }

    /// Keeps a result.
    pub fn keep(&self, key: Key, result: &[u8]) {
        self.store.keep(key, result);
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shard>>> = const { RefCell::new(None) };
}

/// The shard of this thread, if it has one.
pub fn current() -> Option<Arc<Shard>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Restores the previous shard, even after a panic.
struct Before(Option<Arc<Shard>>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Runs something on this thread with the given shard, or without one.
pub fn within<T>(shard: Option<Arc<Shard>>, work: impl FnOnce() -> T) -> T {
    let _before = Before(CURRENT.replace(shard));
    work()
}

/// Runs something as a whole, without dividing it between shards.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    within(None, work)
}

/// To be called where the next requests depend on earlier results: a shard that lacks any of these
/// ends here.
pub fn settled() {
    end_if_missing(Ends { all: false });
}

/// To be called after the last request: a shard that lacks any result cannot use what follows.
pub fn asked() {
    end_if_missing(Ends { all: true });
}

fn end_if_missing(ends: Ends) {
    if current().is_some_and(|shard| shard.elsewhere.load(Ordering::Relaxed) > 0) {
        // This is not a panic, so nothing is printed.
        resume_unwind(Box::new(ends) as Box<dyn Any + Send>);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Threads;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Memory(Mutex<BTreeMap<Key, Vec<u8>>>);

    impl Store for Memory {
        fn find(&self, key: Key) -> Option<Vec<u8>> {
            self.0.lock().unwrap().get(&key).cloned()
        }

        fn keep(&self, key: Key, result: &[u8]) {
            self.0.lock().unwrap().insert(key, result.to_vec());
        }
    }

    /// A square that only its own shard computes; `None` elsewhere.
    fn square(key: &Key) -> Option<u8> {
        let shard = current().expect("a shard runs on every thread");
        match shard.ask(*key) {
            Lookup::Known(result) => Some(result[0]),
            Lookup::Own => {
                let result = (*key * *key) as u8;
                shard.keep(*key, &[result]);
                Some(result)
            }
            Lookup::Elsewhere => None,
        }
    }

    #[test]
    fn shards_know_all_results_once_each_has_worked_out_its_own() {
        let store = Arc::new(Memory::default());
        let keys: Vec<Key> = (0..12).collect();
        let run = |index: u32| {
            Shard::new((index, 3), "squares", store.clone()).run(|| {
                let all = Threads::new(2).map(&keys, square);
                settled();
                all.into_iter().flatten().map(u32::from).sum::<u32>()
            })
        };
        assert_eq!([run(0), run(1)], [Ran::Unsettled; 2], "the results of the third are missing");
        assert_eq!(store.0.lock().unwrap().len(), 8);
        assert_eq!(run(2), Ran::Through(506));
        assert_eq!(run(0), Ran::Through(506), "in another round all are known");
        let last = Shard::new((0, 3), "squares", store.clone()).run(|| {
            square(&100);
            asked();
        });
        assert_eq!(last, Ran::ShardDone, "the second has it");
        assert!(current().is_none());
    }

    #[test]
    #[should_panic = "a fault"]
    fn a_panic_is_not_a_shard_that_ends() {
        Shard::new((0, 1), "faults", Arc::new(Memory::default())).run(|| panic!("a fault"));
    }
}
