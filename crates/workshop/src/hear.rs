//! From what a runner tells to the lines of one log.

use std::sync::Arc;
use std::time::Duration;

use trunkline_forge::Lines;
use trunkline_task::{Listener, Outcome, TaskName};

/// Writes down what happens for one task: its own lines as they are, and of what it needs that it ran.
#[derive(Debug)]
pub(crate) struct Hear {
    pub(crate) own: TaskName,
    pub(crate) lines: Arc<dyn Lines>,
}

impl Listener for Hear {
    fn started(&self, task: &TaskName) {
        if *task != self.own {
            self.lines.line(&format!("{task} is needed and begins"));
        }
    }

    fn line(&self, task: &TaskName, line: &str) {
        if *task == self.own {
            self.lines.line(line);
        } else {
            self.lines.line(&format!("{task}: {line}"));
        }
    }

    fn finished(&self, task: &TaskName, outcome: Outcome, time: Duration) {
        let seconds = time.as_secs_f64();
        match outcome {
            Outcome::Hit | Outcome::Ran if *task == self.own => {}
            Outcome::Hit => self.lines.line(&format!("{task} is needed and known")),
            Outcome::Ran => self
                .lines
                .line(&format!("{task} ended well in {seconds:.1} s")),
            Outcome::Failed(Some(code)) => {
                self.lines
                    .line(&format!("{task} ended with {code} in {seconds:.1} s"));
            }
            Outcome::Failed(None) => self
                .lines
                .line(&format!("{task} was killed in {seconds:.1} s")),
            Outcome::Broken => self
                .lines
                .line(&format!("{task} could not be run to its end")),
            Outcome::TimedOut => self
                .lines
                .line(&format!("{task} took longer than it may: {seconds:.0} s")),
            Outcome::Cancelled => self.lines.line(&format!("{task} was stopped")),
            Outcome::Skipped => self.lines.line(&format!(
                "{task} was not run: what it needs did not end well"
            )),
        }
    }
}
