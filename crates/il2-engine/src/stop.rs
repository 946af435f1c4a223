//! A run that another thread can stop.
//!
//! A caller that waits for a run (a notebook, a server) requests its end. The run checks for the
//! request between two steps and unwinds to where it began, so that no function in between needs a
//! result type for it. The request is found through the thread, because it applies to everything
//! that runs there, and is passed to the threads that this one starts.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static CURRENT: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Any clone can request the end of the run.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// Payload of the unwinding. This is not a panic, so that nothing is printed.
struct Stopped;

impl Stop {
    /// Requests the end of the run.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The result of `work`; `None` if its end was requested while it ran.
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> Option<R> {
        let outer = current();
        hand_on(Some(self.clone()));
        // Everything that the unwinding passes through is dropped with the run.
        let done = catch_unwind(AssertUnwindSafe(work));
        hand_on(outer);
        match done {
            Ok(result) => Some(result),
            Err(why) if why.is::<Stopped>() => None,
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// The stop request of this thread, to be passed to threads that it starts.
pub(crate) fn current() -> Option<Stop> {
    CURRENT.with_borrow(Clone::clone)
}

/// Makes a stop request apply to this thread.
pub(crate) fn hand_on(stop: Option<Stop>) {
    CURRENT.set(stop);
}

/// Whether the end of the work on this thread was requested.
pub(crate) fn asked() -> bool {
    CURRENT.with_borrow(|stop| stop.as_ref().is_some_and(|s| s.0.load(Ordering::Relaxed)))
}

/// Unwinds to [`Stop::within`] if the end was requested. Long work that is not a map over threads, such
/// as writing a table, calls it between its parts.
pub fn end_if_asked() {
    if asked() {
        resume_unwind(Box::new(Stopped));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic = "of its own"]
    fn a_panic_is_no_stop() {
        Stop::default().within(|| panic!("of its own"));
    }
}
