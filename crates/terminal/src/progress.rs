//! Progress: a bar on a terminal, a line for each phase otherwise.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Printer, count};

/// The progress of one phase.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins a phase of `total` steps, where the number is known.
    #[must_use]
    pub fn start(printer: Printer, phase: &str, total: Option<u64>) -> Self {
        let drawn = printer.verbosity == 0 && io::stderr().is_terminal();
        if !drawn {
            printer.say(phase);
            return Self { printer, bar: None };
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = if total.is_some() {
            "{spinner} {msg} {bar:24} {human_pos}/{human_len} {per_sec} {eta}"
        } else {
            "{spinner} {msg} {human_pos} {per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(phase.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self {
            printer,
            bar: Some(bar),
        }
    }

    /// Notes `steps` more.
    pub fn advance(&self, steps: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(steps);
        }
    }

    /// Says something while the phase goes on.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.say(text)),
            None => self.printer.say(text),
        }
    }

    /// Ends the phase with one line.
    pub fn finish(self, summary: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.printer.say(summary);
    }
}

/// `1,234 events`, `1 event`.
#[must_use]
pub fn plural(number: u64, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {one}{ending}", count(number))
}
