//! Signals that end a run. The run ends at once, with its folder either unchanged or complete, and
//! the message says which.

use il2_output::folder::Unfinished;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the new results are in the folder; locked while they are put there.
static WRITTEN: Mutex<bool> = Mutex::new(false);
/// Whether a signal is ending the run.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Puts results into the folder; a signal waits until that is done, which takes a moment.
pub fn whole<T, E>(put: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let mut written = WRITTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let done = put();
    *written |= done.is_ok();
    done
}

/// While a signal is ending the run, the exit code is the signal's, and failures that it caused are not
/// reported.
pub fn wait_if_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Ends the run at the next signal: Ctrl-C, a request to terminate, or a closed terminal. As in
/// shells, the exit code is 128 plus the number of the signal: 130 after Ctrl-C. `more` is added to
/// the message.
#[cfg(unix)]
pub fn on_signals(unfinished: Unfinished, more: &'static str) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // Signals that are ignored already (nohup, a background job of a script) stay ignored.
    let wanted: Vec<i32> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|s| !ignored(*s)).collect();
    let wait = move || {
        // Without a handler, the system still ends the program; only the message is lost.
        let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
        if let Some(signal) = signals.forever().next() {
            STOPPING.store(true, Ordering::SeqCst);
            // The lock is kept until the end, so that files removed here are not moved into the
            // folder at the same time.
            let written = WRITTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let left = match *written {
                true => "the new results are complete",
                false => "the results of earlier runs are unchanged",
            };
            unfinished.remove();
            say_and_go(format!("\nstopped: {left}{more}\n"));
            unfinished.unlock();
            std::process::exit(128 + signal);
        }
    };
    let _ = std::thread::Builder::new().name("signals".into()).spawn(wait);
}

/// On other systems, the program just ends, and the next run removes leftover files.
#[cfg(not(unix))]
pub fn on_signals(_: Unfinished, _: &'static str) {}

/// Standard error may be closed or blocked; then the program ends without the message.
#[cfg(unix)]
fn say_and_go(text: String) {
    let (said, heard) = std::sync::mpsc::channel();
    let say = move || {
        super::say(&text);
        let _ = said.send(());
    };
    if std::thread::Builder::new().spawn(say).is_ok() {
        let _ = heard.recv_timeout(Duration::from_millis(500));
    }
}

/// Whether the program was started with this signal ignored, if the system reports this.
#[cfg(unix)]
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
