//! What a run tells while it works, on stderr and in no file: on a terminal a bar, elsewhere a line when a
//! long part begins and one when it ends.

use super::say;
use il2_engine::words::counted;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// A part that takes longer is told of in a pipe.
const LONG: Duration = Duration::from_secs(2);

/// The part of a run that is under way.
#[derive(Default)]
pub struct Told(Mutex<Option<Part>>);

struct Part {
    /// `rates: 20 searches`.
    what: String,
    begun: Instant,
    bar: Option<ProgressBar>,
    /// Dropped at the end: what waits to tell of a long part then has nothing to tell.
    _ends: Sender<()>,
}

impl Told {
    /// A part of so many steps begins; the one before it is done.
    pub fn begin(&self, assay: &str, step: &str, steps: usize) {
        self.end();
        let what = format!("{assay}: {}", counted(steps, step));
        let (ends, ended) = channel();
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            let line = what.clone();
            let wait = move || {
                if ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                    say(&format!("{line} under way\n"));
                }
            };
            // Without a thread to spare the line is lost, and nothing else.
            let _ = std::thread::Builder::new().name("told".into()).spawn(wait);
        }
        // How long the rest takes is not told: steps of one part differ tenfold.
        let style = ProgressStyle::with_template("{bar:40} {msg}, {pos} done, {elapsed} so far");
        let bar = terminal.then(|| {
            let bar = ProgressBar::new(steps as u64)
                .with_style(style.expect("a template that a test ran"));
            bar.with_message(format!("{assay}: {}", counted(steps, step)))
        });
        let part = Part { what, begun: Instant::now(), bar, _ends: ends };
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(part);
    }

    /// So many more steps are done, on any thread.
    pub fn done(&self, steps: usize) {
        let part = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(bar) = part.as_ref().and_then(|part| part.bar.as_ref()) {
            bar.inc(steps as u64);
        }
    }

    /// The part under way is done.
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
