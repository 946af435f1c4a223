//! Lanes spread over threads, with results in order and bounded memory.
//!
//! Uses threads of the standard library rather than a pool: every worker lives as long as the
//! ensemble, sometimes waits (which a pool's threads must not do), and takes the next lane for each
//! free seat, so that no work stealing is needed.

use super::known::{Known, Next};
use super::lanes::{Answered, Lanes};
use super::reduced::Reduced;
use crate::lane::{Answer, Lane};
use crate::shard::Key;
use crate::stop;
use crate::threads::Threads;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Lanes claimed at once: few enough that all threads end at about the same time, many enough that
/// claims are rare.
const CLAIM: usize = 16;
/// Number of results handed over at once.
const HAND_OVER: usize = 8 * CLAIM;
/// Bytes of results waiting for earlier results, above which no lane is started, whatever the
/// number of threads. Many lanes may therefore run ahead of a slow one if their results are small,
/// and few if they are large.
const MOST_WAITING: usize = 16 << 20;
/// The same limit for the results that all workers together have not yet handed over.
const MOST_KEPT: usize = 8 << 20;
/// Bytes of a waiting result beyond those that it reports: its map entry and its key.
const OVERHEAD: usize = 64;

/// How long a worker may hold results before it hands them over.
const PATIENCE: Duration = Duration::from_millis(20);

/// State that the threads share.
struct Shared<R> {
    state: Mutex<State<R>>,
    /// Signals that the state has changed.
    changed: Condvar,
}

struct State<R> {
    /// Next lane to be claimed.
    next: usize,
    /// End of the lanes.
    end: usize,
    /// The lane whose result is to be taken next.
    wanted: usize,
    /// Results that wait for earlier results.
    ready: BTreeMap<usize, Reduced<R>>,
    /// Bytes of the waiting results.
    waiting: usize,
    /// Whether no more results are needed.
    over: bool,
}

impl<R> Shared<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        // A thread that panicked ends the whole run anyway.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Tells all threads that no more results are needed.
    fn end(&self) {
        self.lock().over = true;
        self.changed.notify_all();
    }
}

impl<R> State<R> {
    /// Whether a lane may be claimed.
    fn may_claim(&self) -> bool {
        // The lane whose result is due next may always be started; otherwise all threads would wait
        // forever.
        let room = self.waiting < MOST_WAITING || self.next == self.wanted;
        self.next < self.end && room
    }
}

/// Ends the run for all threads when one panics, so that no thread waits for it.
struct Alarm<'a, R>(&'a Shared<R>);

impl<R> Drop for Alarm<'_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

/// The work before and after the run of a lane, and the group that runs it.
pub struct Work<'a, 'p, R> {
    /// An empty group.
    pub group: &'a (dyn Fn() -> Box<dyn Lanes + 'p> + Sync),
    /// Makes the lane.
    pub make: &'a (dyn Fn(usize) -> Lane + Sync),
    /// Reduces the lane's answer to the result that is handed over.
    pub reduce: &'a (dyn Fn(usize, Answer) -> Reduced<R> + Sync),
    /// Known answers and the lanes of other shards, if this process runs one of several shards.
    pub known: Option<&'a Known>,
}

impl<R> Clone for Work<'_, '_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Work<'_, '_, R> {}

/// Runs lanes on a number of threads; see [`super::Ensemble::run`].
///
/// The calling thread works like the others and takes results between two steps of its own lanes. A
/// thread that only took results would share a core with a worker, which slows lanes that take ten
/// microseconds.
pub fn run<R: Send>(
    lanes: Range<usize>,
    threads: Threads,
    work: Work<R>,
    take: &mut dyn FnMut(usize, R) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let most_kept = MOST_KEPT / threads.count();
    let shared = Shared {
        state: Mutex::new(State {
            next: lanes.start,
            end: lanes.end,
            wanted: lanes.start,
            ready: BTreeMap::new(),
            waiting: 0,
            over: false,
        }),
        changed: Condvar::new(),
    };
    let flow = std::thread::scope(|scope| {
        let shared = &shared;
        threads.beside(scope, move || {
            let _alarm = Alarm(shared);
            let mut worker = Worker::new((work.group)(), most_kept);
            while !stop::asked() && worker.advance(shared, work).is_continue() {
                worker.hand_over(shared);
                worker.wait(shared, |state| state.next < state.end && !state.may_claim());
            }
        });
        let _alarm = Alarm(shared);
        let mut worker = Worker::new((work.group)(), most_kept);
        worker.alone = threads == Threads::ONE;
        let mut wanted = lanes.start;
        while wanted < lanes.end {
            if stop::asked() {
                shared.end();
                return ControlFlow::Break(());
            }
            let _ = worker.advance(shared, work);
            if !worker.hand_over(shared) {
                continue;
            }
            worker.wait(shared, |state| !state.may_claim() && !state.ready.contains_key(&wanted));
            for result in next_results(shared, wanted)? {
                if take(wanted, result).is_break() {
                    shared.end();
                    return ControlFlow::Break(());
                }
                wanted += 1;
            }
        }
        ControlFlow::Continue(())
    });
    stop::end_if_asked();
    flow
}

/// Takes the results that follow the wanted lane without a gap, under one lock, and so lets workers
/// claim further lanes. Breaks when a worker has panicked.
fn next_results<R>(shared: &Shared<R>, wanted: usize) -> ControlFlow<(), Vec<R>> {
    let mut state = shared.lock();
    if state.over {
        return ControlFlow::Break(());
    }
    let mut results = vec![];
    while let Some(reduced) = state.ready.remove(&(wanted + results.len())) {
        state.waiting -= bytes(&reduced);
        results.push(reduced.result);
    }
    if results.is_empty() {
        return ControlFlow::Continue(results);
    }
    state.wanted = wanted + results.len();
    drop(state);
    shared.changed.notify_all();
    ControlFlow::Continue(results)
}

/// Bytes of a result while it waits.
fn bytes<R>(reduced: &Reduced<R>) -> usize {
    OVERHEAD + size_of::<R>() + reduced.bytes
}

/// A group of lanes on a thread, and the results that it has not yet handed over.
struct Worker<'p, R> {
    group: Box<dyn Lanes + 'p>,
    claimed: Range<usize>,
    /// In a shard: the keys under which the answers of its lanes are stored.
    keys: RefCell<BTreeMap<usize, Key>>,
    found: Vec<(usize, Reduced<R>)>,
    /// Bytes of the results found, and the number of bytes that are handed over at once.
    kept: usize,
    most_kept: usize,
    handed: Instant,
    /// Whether no other thread waits for its results, so that it need not check the clock after
    /// every step.
    alone: bool,
}

impl<'p, R> Worker<'p, R> {
    fn new(group: Box<dyn Lanes + 'p>, most_kept: usize) -> Self {
        Self {
            group,
            claimed: 0..0,
            keys: RefCell::default(),
            found: vec![],
            kept: 0,
            most_kept,
            handed: Instant::now(),
            alone: false,
        }
    }

    /// Fills free seats and advances all lanes by a step; breaks when there is nothing more to do.
    fn advance(&mut self, shared: &Shared<R>, work: Work<R>) -> ControlFlow<()> {
        if self.claimed.is_empty() {
            let mut state = shared.lock();
            if state.over || self.group.is_empty() && state.next == state.end {
                return ControlFlow::Break(());
            }
            if state.may_claim() {
                let end = (state.next + CLAIM).min(state.end);
                self.claimed = state.next..end;
                state.next = end;
            }
        }
        let Self { group, claimed, keys, found, kept, .. } = self;
        let mut keep = |(index, answer): Answered| {
            if let Some((known, key)) = work.known.zip(keys.borrow_mut().remove(&index)) {
                known.keep(key, &answer);
            }
            let reduced = (work.reduce)(index, answer);
            *kept += bytes(&reduced);
            found.push((index, reduced));
        };
        let mut next = || {
            let index = claimed.next()?;
            let lane = (work.make)(index);
            let next = match work.known {
                None => Next::Run(lane, None),
                Some(known) => known.next(lane),
            };
            if let Next::Run(_, Some(key)) = next {
                keys.borrow_mut().insert(index, key);
            }
            Some((index, next))
        };
        group.fill(&mut next, &mut keep);
        if !group.is_empty() {
            group.advance(&mut keep);
        }
        ControlFlow::Continue(())
    }

    /// Hands results over if they are many or have waited long, and returns whether it was time to
    /// do so; waking other threads for every lane would cost more than some lanes do.
    fn hand_over(&mut self, shared: &Shared<R>) -> bool {
        let many =
            self.found.len() >= HAND_OVER || self.kept >= self.most_kept || self.group.is_empty();
        if !many && (self.alone || self.handed.elapsed() <= PATIENCE) {
            return false;
        }
        self.handed = Instant::now();
        if !self.found.is_empty() {
            let mut state = shared.lock();
            state.waiting += std::mem::take(&mut self.kept);
            state.ready.extend(self.found.drain(..));
            let wake = state.ready.contains_key(&state.wanted);
            drop(state);
            if wake {
                shared.changed.notify_all();
            }
        }
        true
    }

    /// Waits as long as there is nothing to do. A worker with seated or claimed lanes always has
    /// something to do, and others may wait for those lanes.
    fn wait(&self, shared: &Shared<R>, nothing: impl Fn(&State<R>) -> bool) {
        if !self.group.is_empty() || !self.claimed.is_empty() {
            return;
        }
        let mut state = shared.lock();
        while !state.over && nothing(&state) {
            state = shared.changed.wait(state).unwrap_or_else(|p| p.into_inner());
        }
    }
}
