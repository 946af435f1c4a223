//! The number of threads: one value, chosen when a program starts and passed on.
//!
//! Threads of the standard library, started for each piece of work: a thread pool would keep the
//! number of its first user, and its threads would run in addition to those that a caller allowed.

use crate::shard;
use crate::stop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// A number of threads, including the calling one; results do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads(usize);

impl Threads {
    /// The calling thread alone.
    pub const ONE: Threads = Threads(1);

    /// A number of threads; zero counts as one.
    pub fn new(count: usize) -> Self {
        Self(count.max(1))
    }

    /// As many threads as the machine offers.
    pub fn offered() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get))
    }

    /// The number of threads.
    pub fn count(self) -> usize {
        self.0
    }

    /// The same number, but at most `count`.
    pub fn at_most(self, count: usize) -> Self {
        Self::new(self.0.min(count))
    }

    /// Results of `work` for every item, in order. The calling thread works, too.
    pub fn map<T: Sync, R: Send>(self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let share = || {
            let mut made = vec![];
            while !stop::asked()
                && let Some((index, item)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|i| Some((i, items.get(i)?)))
            {
                made.push((index, work(item)));
            }
            made
        };
        let mut made = std::thread::scope(|scope| {
            let others = self.at_most(items.len()).beside(scope, share);
            let mut made = share();
            for other in others {
                made.extend(other.join().unwrap_or_else(|p| std::panic::resume_unwind(p)));
            }
            made
        });
        stop::end_if_asked();
        made.sort_unstable_by_key(|(index, _)| *index);
        made.into_iter().map(|(_, result)| result).collect()
    }

    /// Starts the same work on all threads except the calling one. If the system grants fewer
    /// threads, these do all the work.
    pub fn beside<'scope, 'env, R: Send + 'scope>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        work: impl FnOnce() -> R + Clone + Send + 'scope,
    ) -> Vec<ScopedJoinHandle<'scope, R>> {
        let (shard, stop) = (shard::current(), stop::current());
        let one = |_| {
            let (shard, stop, work) = (shard.clone(), stop.clone(), work.clone());
            let begin = move || {
                stop::hand_on(stop);
                shard::within(shard, work)
            };
            Builder::new().spawn_scoped(scope, begin).ok()
        };
        (1..self.0).map_while(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::Stop;

    #[test]
    fn results_stand_in_the_order_of_their_items() {
        let items: Vec<usize> = (0..1000).collect();
        for count in [0, 1, 2, 7, 5000] {
            let squares = Threads::new(count).map(&items, |i| i * i);
            assert!(squares.iter().enumerate().all(|(i, s)| *s == i * i), "{count}");
            assert_eq!(squares.len(), 1000);
        }
        assert!(Threads::offered().map(&[], |i: &usize| *i).is_empty());
    }

    /// With one thread, only the calling thread runs.
    #[test]
    fn one_thread_is_the_calling_one() {
        let here = std::thread::current().id();
        let ids = Threads::ONE.map(&[(); 50], |()| std::thread::current().id());
        assert!(ids.iter().all(|id| *id == here));
    }

    #[test]
    #[should_panic = "item 17"]
    fn a_panic_of_any_thread_comes_out() {
        let items: Vec<usize> = (0..100).collect();
        Threads::new(3).map(&items, |i| assert!(*i != 17, "item {i}"));
    }

    #[test]
    fn work_on_many_threads_stops_and_the_next_runs_as_usual() {
        let items: Vec<usize> = (0..100_000).collect();
        for count in [1, 3] {
            let stop = Stop::default();
            let done = AtomicUsize::new(0);
            let work = |i: &usize| {
                if *i == 50 {
                    stop.ask();
                }
                // A map within a map, on a thread that the outer map started.
                let inner = Threads::new(2).map(&[*i, 1], |j| *j).len();
                done.fetch_add(inner, Ordering::Relaxed);
            };
            assert!(stop.within(|| Threads::new(count).map(&items, work)).is_none());
            assert!(done.into_inner() < 1000);
            let next = Stop::default().within(|| Threads::new(count).map(&items, |i| *i).len());
            assert_eq!(next, Some(items.len()));
        }
    }
}
