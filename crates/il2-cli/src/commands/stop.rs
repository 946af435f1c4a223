//! Signals that end a run: it ends at once, the folder is as it was or whole, and it says which.

use il2_output::folder::Unfinished;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the new results are in the folder; held while they are put there.
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

/// Where a signal is ending the run, its exit code is the signal's, and what failed because of it is not
/// worth a word.
pub fn wait_if_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Ends the run by the next signal that asks for it: Ctrl-C, a request to end, a terminal that closes.
/// The exit code is that of shells, 128 and the signal's number: 130 after Ctrl-C. `more` says what else
/// is left.
#[cfg(unix)]
pub fn on_signals(unfinished: Unfinished, more: &'static str) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // What was told to be ignored (nohup, a job in the background of a script) stays so.
    let wanted: Vec<i32> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|s| !ignored(*s)).collect();
    let wait = move || {
        // Without a handler the system ends the program all the same; only the message is lost.
        let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
        if let Some(signal) = signals.forever().next() {
            STOPPING.store(true, Ordering::SeqCst);
            // Held to the end: what is removed here must not become the folder's meanwhile.
            let written = WRITTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let left = match *written {
                true => "the new results are whole",
                false => "the results of earlier runs are as they were",
            };
            unfinished.remove();
            say_and_go(format!("\nstopped: {left}{more}\n"));
            unfinished.unlock();
            std::process::exit(128 + signal);
        }
    };
    let _ = std::thread::Builder::new().name("signals".into()).spawn(wait);
}

/// Elsewhere the system ends the program, and the next run removes what is left.
#[cfg(not(unix))]
pub fn on_signals(_: Unfinished, _: &'static str) {}

/// Nobody may be listening, or a reader may hold the line: then the program goes without a word.
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

/// Whether whoever started the program told it to ignore a signal, where the system says so.
#[cfg(unix)]
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
