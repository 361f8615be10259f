//! What a person sees while tasks run.

use std::time::Duration;

use trunkline_task::{Listener, Outcome, TaskName};
use trunkline_terminal::{Printer, style};

/// Says what happens: lines of tasks with their names before them.
#[derive(Debug)]
pub(super) struct Told(pub(super) Printer);

impl Listener for Told {
    fn started(&self, task: &TaskName) {
        self.0.detail(&format!("{task} begins"));
    }

    fn line(&self, task: &TaskName, line: &str) {
        self.0
            .say(&format!("{} {line}", style::faint(&format!("{task}:"))));
    }

    fn finished(&self, task: &TaskName, outcome: Outcome, time: Duration) {
        let seconds = time.as_secs_f64();
        match outcome {
            Outcome::Hit => self.0.detail(&format!("{task} is known")),
            Outcome::Ran => self.0.say(&format!(
                "{task} {} in {seconds:.1} s",
                style::good("ended well")
            )),
            Outcome::Skipped => self.0.say(&format!(
                "{task} was not run: what it needs did not end well"
            )),
            other => self.0.say(&format!(
                "{task} {} in {seconds:.1} s",
                style::error(&words(other))
            )),
        }
    }
}

/// What became of a task, in words.
pub(super) fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Hit => "known".to_owned(),
        Outcome::Ran => "ran".to_owned(),
        Outcome::Failed(Some(code)) => format!("failed with {code}"),
        Outcome::Failed(None) => "was killed".to_owned(),
        Outcome::Broken => "could not be run to its end".to_owned(),
        Outcome::TimedOut => "took too long".to_owned(),
        Outcome::Cancelled => "was stopped".to_owned(),
        Outcome::Skipped => "skipped".to_owned(),
    }
}
