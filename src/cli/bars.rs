//! Bars on a terminal: what is read, and how long it will take.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use lodestar::progress::Progress;

/// One bar at a time, on stderr; nothing where that is no terminal.
#[derive(Debug)]
pub(super) struct Bars {
    bar: Mutex<Option<ProgressBar>>,
    silent: AtomicBool,
}

/// The program's.
pub(super) static BARS: Bars = Bars {
    bar: Mutex::new(None),
    silent: AtomicBool::new(false),
};

impl Bars {
    /// Nothing is drawn from now on: stderr is read by a machine.
    pub(super) fn silence(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }
}

const STYLE: &str = "{msg:>12} [{wide_bar}] {percent:>3} %, {eta} left";

impl Progress for Bars {
    fn begin(&self, work: &'static str, steps: u64) {
        if self.silent.load(Ordering::Relaxed) {
            return;
        }
        let bar = ProgressBar::new(steps).with_message(work);
        let style = ProgressStyle::with_template(STYLE).map(|style| style.progress_chars("=> "));
        let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn add(&self, steps: u64) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.inc(steps);
        }
    }

    fn end(&self) {
        let bar = self
            .bar
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }
}
