//! Lanes spread over threads, results in order, in bounded memory.
//!
//! Threads of the standard library rather than a pool: every worker lives as long as the ensemble, sometimes
//! waits (a pool's threads must not), and takes the next lane for each free seat, so that no work stealing is
//! needed.

use super::group::{Answered, Group};
use crate::lane::{Answer, Lane, Tolerance};
use crate::program::Program;
use crate::threads::Threads;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Lanes claimed at once: few enough that threads end together, many enough that claims are rare.
const CLAIM: usize = 16;
/// Answers handed over at once.
const HAND_OVER: usize = 8 * CLAIM;
/// Lanes that may be ahead of the last one taken, a thread.
const AHEAD: usize = 64 * CLAIM;

/// Numbers in answers that wait for those before them, above which no lane is begun: 32 MB. Answers of
/// many outputs would else fill the memory long before they are many.
const MOST_WAITING: usize = 4 << 20;
/// The same for what a worker keeps to itself.
const MOST_KEPT: usize = 1 << 18;

/// How long a worker keeps answers to itself.
const PATIENCE: Duration = Duration::from_millis(20);

/// What threads share.
struct Shared {
    state: Mutex<State>,
    /// The state changed.
    changed: Condvar,
}

struct State {
    /// Next lane to claim.
    next: usize,
    /// End of the lanes.
    end: usize,
    /// No lane from here on may be claimed yet.
    limit: usize,
    /// The lane whose answer is taken next.
    wanted: usize,
    /// Answers that wait for those before them.
    ready: BTreeMap<usize, Answer>,
    /// Numbers in them.
    waiting: usize,
    /// No more results are needed.
    over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked takes the whole run down anyway.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// No more results are needed.
    fn end(&self) {
        self.lock().over = true;
        self.changed.notify_all();
    }
}

impl State {
    /// A lane may be claimed.
    fn may_claim(&self) -> bool {
        // The lane that is wanted may always be begun, or nobody would ever go on.
        let room = self.waiting < MOST_WAITING || self.next == self.wanted;
        self.next < self.end && self.next < self.limit && room
    }
}

/// Ends the run for all threads when one panics, so that none waits for it.
struct Alarm<'a>(&'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

/// Runs lanes on a number of threads; see [`super::Ensemble::run`].
///
/// The calling thread works like the others and takes answers between two steps of its own lanes. A
/// thread that only took them would share a core with a worker, which lanes of ten microseconds feel.
pub fn run<const W: usize>(
    (program, tolerance): (&Program, Tolerance),
    lanes: Range<usize>,
    threads: Threads,
    make: &(impl Fn(usize) -> Lane + Sync),
    mut take: impl FnMut(usize, Answer) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let ahead = AHEAD * threads.count();
    let shared = Shared {
        state: Mutex::new(State {
            next: lanes.start,
            end: lanes.end,
            limit: lanes.start.saturating_add(ahead),
            wanted: lanes.start,
            ready: BTreeMap::new(),
            waiting: 0,
            over: false,
        }),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        let shared = &shared;
        threads.beside(scope, move || {
            let _alarm = Alarm(shared);
            let mut worker: Worker<W> = Worker::new(program, tolerance);
            while worker.advance(shared, make).is_continue() {
                worker.hand_over(shared);
                worker.wait(shared, |state| state.next < state.end && !state.may_claim());
            }
        });
        let _alarm = Alarm(shared);
        let mut worker: Worker<W> = Worker::new(program, tolerance);
        let mut wanted = lanes.start;
        while wanted < lanes.end {
            let _ = worker.advance(shared, make);
            if !worker.hand_over(shared) {
                continue;
            }
            worker.wait(shared, |state| !state.may_claim() && !state.ready.contains_key(&wanted));
            for answer in next_answers(shared, wanted, ahead)? {
                if take(wanted, answer).is_break() {
                    shared.end();
                    return ControlFlow::Break(());
                }
                wanted += 1;
            }
        }
        ControlFlow::Continue(())
    })
}

/// Takes the answers that follow without a gap from the wanted lane on, under one lock, and lets
/// workers go on that much farther. Breaks when a worker ended in a panic.
fn next_answers(shared: &Shared, wanted: usize, ahead: usize) -> ControlFlow<(), Vec<Answer>> {
    let mut state = shared.lock();
    if state.over {
        return ControlFlow::Break(());
    }
    let mut answers = vec![];
    while let Some(answer) = state.ready.remove(&(wanted + answers.len())) {
        state.waiting -= numbers(&answer);
        answers.push(answer);
    }
    if answers.is_empty() {
        return ControlFlow::Continue(answers);
    }
    state.wanted = wanted + answers.len();
    state.limit = state.wanted.saturating_add(ahead);
    drop(state);
    shared.changed.notify_all();
    ControlFlow::Continue(answers)
}

/// Numbers in an answer.
fn numbers(answer: &Answer) -> usize {
    let found = match answer {
        Ok(found) => found,
        Err(stopped) => &stopped.found,
    };
    let states = found.states.iter().chain(&found.recorded).map(Vec::len);
    let slopes = found.sensitivities.iter().flatten().map(Vec::len);
    states.chain(slopes).sum()
}

/// A group of lanes on a thread, and what it has yet to hand over.
struct Worker<'a, const W: usize> {
    group: Group<'a, W>,
    claimed: Range<usize>,
    found: Vec<Answered>,
    /// Numbers in what was found.
    kept: usize,
    handed: Instant,
}

impl<'a, const W: usize> Worker<'a, W> {
    fn new(program: &'a Program, tolerance: Tolerance) -> Self {
        Self {
            group: Group::new(program, tolerance),
            claimed: 0..0,
            found: vec![],
            kept: 0,
            handed: Instant::now(),
        }
    }

    /// Fills free seats and advances all lanes by a step; breaks when there is nothing more to do.
    fn advance(
        &mut self,
        shared: &Shared,
        make: &(impl Fn(usize) -> Lane + Sync),
    ) -> ControlFlow<()> {
        if self.claimed.is_empty() {
            let mut state = shared.lock();
            if state.over || self.group.is_empty() && state.next == state.end {
                return ControlFlow::Break(());
            }
            if state.may_claim() {
                let end = (state.next + CLAIM).min(state.end).min(state.limit);
                self.claimed = state.next..end;
                state.next = end;
            }
        }
        let Self { group, claimed, found, kept, .. } = self;
        let mut keep = |answered: Answered| {
            *kept += numbers(&answered.1);
            found.push(answered);
        };
        group.fill(|| claimed.next().map(|index| (index, make(index))), &mut keep);
        if !group.is_empty() {
            group.advance(&mut keep);
        }
        ControlFlow::Continue(())
    }

    /// Hands answers over if they are many or have waited long, and says whether it was time to;
    /// waking others for every lane would cost more than some lanes do.
    fn hand_over(&mut self, shared: &Shared) -> bool {
        let many = self.found.len() >= HAND_OVER || self.kept >= MOST_KEPT || self.group.is_empty();
        if !many && self.handed.elapsed() <= PATIENCE {
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

    /// Waits as long as there is nothing to do; with lanes seated or claimed there always is, and
    /// others may wait for those.
    fn wait(&self, shared: &Shared, nothing: impl Fn(&State) -> bool) {
        if !self.group.is_empty() || !self.claimed.is_empty() {
            return;
        }
        let mut state = shared.lock();
        while !state.over && nothing(&state) {
            state = shared.changed.wait(state).unwrap_or_else(|p| p.into_inner());
        }
    }
}
