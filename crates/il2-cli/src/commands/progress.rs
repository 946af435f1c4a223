//! Progress of a run, on standard error only: a bar on a terminal, otherwise a line when a long
//! part begins and another when it ends.

use super::say;
use il2_engine::words::counted;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Parts that take longer than this are reported if there is no terminal.
const LONG: Duration = Duration::from_secs(2);
/// Time between two lines on how far a part has come, if there is no terminal.
const BETWEEN: Duration = Duration::from_secs(30);

/// The part of a run in progress.
#[derive(Default)]
pub struct ProgressReport(Mutex<Option<Part>>);

struct Part {
    /// `rates: 20 searches`.
    what: String,
    begun: Instant,
    /// When a line last said how far it has come.
    said: Instant,
    bar: Option<ProgressBar>,
    /// Dropped when the part ends, which signals to the waiting thread that the part was short.
    _ends: Sender<()>,
}

impl ProgressReport {
    /// Begins a part with this number of steps and ends the previous part.
    pub fn begin(&self, assay: &str, step: &str, steps: usize) {
        self.end();
        let what = format!("{assay}: {}", counted(steps, step));
        let (ends, ended) = channel();
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            let line = what.clone();
            let wait = move || {
                if ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                    say(&format!("{line} in progress\n"));
                }
            };
            // If no thread can be started, only this line is lost.
            let _ = std::thread::Builder::new().name("progress".into()).spawn(wait);
        }
        // No time is predicted: steps of one part differ tenfold in duration.
        let style = ProgressStyle::with_template("{bar:40} {msg}, {pos} done, {elapsed} so far");
        let bar = terminal.then(|| {
            let bar = ProgressBar::new(steps as u64)
                .with_style(style.expect("a template that a test ran"));
            bar.with_message(format!("{assay}: {}", counted(steps, step)))
        });
        let now = Instant::now();
        let part = Part { what, begun: now, said: now, bar, _ends: ends };
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(part);
    }

    /// Reports this many more finished steps, from any thread.
    pub fn done(&self, steps: usize) {
        let part = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(bar) = part.as_ref().and_then(|part| part.bar.as_ref()) {
            bar.inc(steps as u64);
        }
    }

    /// Says how far the part in progress has come: beside the bar on a terminal, otherwise now and
    /// then in a line.
    pub fn at(&self, place: &str) {
        let mut part = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Some(part) = part.as_mut() else { return };
        match &part.bar {
            Some(bar) => bar.set_message(format!("{}; {place}", part.what)),
            None if part.said.elapsed() >= BETWEEN => {
                part.said = Instant::now();
                say(&format!("{}; {place}\n", part.what));
            }
            None => {}
        }
    }

    /// Ends the part in progress.
    pub fn end(&self) {
        let part = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let Some(part) = part else { return };
        let took = part.begun.elapsed();
        match part.bar {
            Some(bar) => bar.finish_and_clear(),
            None if took >= LONG => {
                say(&format!("{} done in {:.1} s\n", part.what, took.as_secs_f64()))
            }
            None => {}
        }
    }
}
