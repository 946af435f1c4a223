//! Lanes spread over threads, answers in order, memory bounded.
//!
//! Threads of the standard library rather than a pool: every worker lives as long as the ensemble,
//! sometimes waits (a pool's threads must not), and takes the next lane for each seat that falls
//! free, so that there is nothing to steal.

use super::group::Group;
use super::{Answer, Ensemble};
use crate::lane::Lane;
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
    /// Nobody wants answers any more.
    over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked takes the whole run down anyway.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Ends the run for all when one thread ends in a panic, so that nobody waits for it.
struct Alarm<'a>(&'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().over = true;
            self.0.changed.notify_all();
        }
    }
}

/// Runs lanes on a number of threads; see [`Ensemble::run`].
pub fn run<const W: usize>(
    ensemble: &Ensemble,
    lanes: Range<usize>,
    threads: usize,
    make: &(impl Fn(usize) -> Lane + Sync),
    mut take: impl FnMut(usize, Answer) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if threads <= 1 {
        return run_here::<W>(ensemble, lanes, make, take);
    }
    let ahead = AHEAD * threads;
    let shared = Shared {
        state: Mutex::new(State {
            next: lanes.start,
            end: lanes.end,
            limit: lanes.start.saturating_add(ahead),
            wanted: lanes.start,
            ready: BTreeMap::new(),
            over: false,
        }),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _alarm = Alarm(&shared);
                work::<W>(ensemble, &shared, make);
            });
        }
        let _alarm = Alarm(&shared);
        let mut wanted = lanes.start;
        while wanted < lanes.end {
            for answer in next_answers(&shared, wanted, ahead)? {
                if take(wanted, answer).is_break() {
                    shared.lock().over = true;
                    shared.changed.notify_all();
                    return ControlFlow::Break(());
                }
                wanted += 1;
            }
        }
        ControlFlow::Continue(())
    })
}

/// Waits for the answer of the wanted lane and takes all that follow it without a gap, under one
/// lock; lets the workers go on that much farther.
fn next_answers(shared: &Shared, wanted: usize, ahead: usize) -> ControlFlow<(), Vec<Answer>> {
    let mut state = shared.lock();
    state.wanted = wanted;
    while !state.ready.contains_key(&wanted) {
        if state.over {
            return ControlFlow::Break(());
        }
        state = shared.changed.wait(state).unwrap_or_else(|p| p.into_inner());
    }
    let mut answers = vec![];
    while let Some(answer) = state.ready.remove(&(wanted + answers.len())) {
        answers.push(answer);
    }
    state.limit = (wanted + answers.len()).saturating_add(ahead);
    drop(state);
    shared.changed.notify_all();
    ControlFlow::Continue(answers)
}

fn work<const W: usize>(
    ensemble: &Ensemble,
    shared: &Shared,
    make: &(impl Fn(usize) -> Lane + Sync),
) {
    let mut group: Group<W> = Group::new(ensemble.program, ensemble.tolerance);
    let mut claimed = 0..0;
    let mut found = vec![];
    let mut handed = Instant::now();
    loop {
        if claimed.is_empty() {
            let mut state = shared.lock();
            // A worker with seated lanes does not wait: others may wait for those.
            while group.is_empty()
                && !state.over
                && state.next < state.end
                && state.next >= state.limit
            {
                state = shared.changed.wait(state).unwrap_or_else(|p| p.into_inner());
            }
            if state.over || group.is_empty() && state.next == state.end {
                return;
            }
            let end = (state.next + CLAIM).min(state.end).min(state.limit);
            claimed = state.next..end.max(state.next);
            state.next = claimed.end;
        }
        group.fill(|| claimed.next().map(|index| (index, make(index))), &mut |a| found.push(a));
        if !group.is_empty() {
            group.advance(&mut |answer| found.push(answer));
        }
        // Waking the taker for every lane would cost more than some lanes do.
        let hand_over = found.len() >= HAND_OVER || group.is_empty() || handed.elapsed() > PATIENCE;
        if hand_over && !found.is_empty() {
            handed = Instant::now();
            let mut state = shared.lock();
            if state.over {
                return;
            }
            state.ready.extend(found.drain(..));
            let wake = state.ready.contains_key(&state.wanted);
            drop(state);
            if wake {
                shared.changed.notify_all();
            }
        }
    }
}

/// The same on the calling thread alone.
fn run_here<const W: usize>(
    ensemble: &Ensemble,
    lanes: Range<usize>,
    make: &impl Fn(usize) -> Lane,
    mut take: impl FnMut(usize, Answer) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut group: Group<W> = Group::new(ensemble.program, ensemble.tolerance);
    let mut next = lanes.start;
    let mut ready = BTreeMap::new();
    for wanted in lanes.clone() {
        let answer = loop {
            if let Some(answer) = ready.remove(&wanted) {
                break answer;
            }
            let limit = lanes.end.min(wanted + AHEAD);
            let claim = || {
                let index = Some(next).filter(|&index| index < limit)?;
                next += 1;
                Some((index, make(index)))
            };
            let mut keep = |(index, answer)| {
                ready.insert(index, answer);
            };
            group.fill(claim, &mut keep);
            group.advance(&mut keep);
        };
        take(wanted, answer)?;
    }
    ControlFlow::Continue(())
}
