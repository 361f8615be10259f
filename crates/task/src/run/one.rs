//! One task: known or not, its process, and what it made.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use trunkline_model::{Clock, Coded as _};

use super::options::{Listener, Outcome, RunOptions, Secrets};
use super::places::checkout;
use super::process::{self, Ended};
use crate::claim::Claims;
use crate::definition::Definition;
use crate::log::Lines;
use crate::output::{HashOnly, Keep};
use crate::plan::{Plan, Task};
use crate::store::{Output, Record, Store};
use crate::{Key, Launch, LaunchRequest, TaskError, output, restore};

/// What tools say where something is kept from them.
const REFUSED: &[&str] = &["Permission denied", "permission denied", "EACCES"];
/// What is said then.
const SEES: &str = "a task sees its project, what that needs and what it declares as `inputs`; it writes to its project, its `outputs` and its `caches`";

/// What running one task needs.
#[derive(Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) plan: &'a Plan,
    pub(super) store: &'a Store,
    pub(super) launch: &'a dyn Launch,
    pub(super) secrets: &'a dyn Secrets,
    pub(super) claims: &'a Claims,
    pub(super) clock: &'a dyn Clock,
    pub(super) options: &'a RunOptions,
    pub(super) listener: &'a dyn Listener,
}

/// How one task ended, and the hash of what it made.
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) time: Duration,
    pub(super) made: Option<Key>,
}

impl End {
    /// One that could not be brought to its end.
    pub(super) const fn broken() -> Self {
        Self {
            outcome: Outcome::Broken,
            time: Duration::ZERO,
            made: None,
        }
    }
}

impl Bench<'_> {
    /// Runs a task whose action key is `key`, or takes its known result.
    pub(super) async fn run(self, task: &Task, key: Key) -> Result<End, TaskError> {
        let began = Instant::now();
        let stop = self.options.stop.clone();
        let _claim = tokio::select! {
            claim = self.claims.claim(key) => Some(claim),
            () = stop.cancelled() => None,
        };
        let end = |outcome, made| End {
            outcome,
            time: began.elapsed(),
            made,
        };
        if !self.options.force
            && let Some(record) = self.store.record(&self.options.namespace, &key)?
            && let Some(made) = self.restore(task, &record)?
        {
            return Ok(end(Outcome::Hit, Some(made)));
        }
        if self.options.stop.is_cancelled() {
            return Ok(end(Outcome::Cancelled, None));
        }
        self.listener.started(&task.definition.name);
        let log = Mutex::new(LogEnds::new(self.options.log_bytes));
        let (request, lines) = self.request(task)?;
        let started = self.launch.start(&request).await?;
        let time = task.definition.timeout.unwrap_or(self.options.timeout);
        let ended = process::run(started, &lines, time, &self.options.stop, |line| {
            self.listener.line(&task.definition.name, &line);
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push(&line);
        });
        let outcome = match ended.await? {
            Ended::Code(Some(0)) => Outcome::Ran,
            Ended::Code(code) => {
                self.say_why_refused(task, &log);
                Outcome::Failed(code)
            }
            Ended::TimedOut => Outcome::TimedOut,
            Ended::Cancelled => Outcome::Cancelled,
        };
        let made = if outcome == Outcome::Ran {
            let log = log.into_inner().unwrap_or_else(PoisonError::into_inner);
            Some(self.keep(task, &key, log.text(), began.elapsed())?)
        } else {
            None
        };
        Ok(end(outcome, made))
    }

    /// A tool that was kept from a file says that it may not read it, and not why.
    fn say_why_refused(self, task: &Task, log: &Mutex<LogEnds>) {
        let refused = {
            let log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.has(REFUSED)
        };
        if refused && self.launch.is_confined() {
            self.listener.line(&task.definition.name, SEES);
        }
    }

    /// Puts a known result into the checkout and tells its log; nothing where something of it is gone.
    fn restore(self, task: &Task, record: &Record) -> Result<Option<Key>, TaskError> {
        let (Some(log), Ok(made)) = (self.store.log(&record.log), record.output_hash.parse())
        else {
            return Ok(None);
        };
        if !restore::restore(self.store, self.options, record)? {
            return Ok(None);
        }
        self.tell_again(task, &log);
        Ok(Some(made))
    }

    /// The end of a task whose result is known and in the checkout as it is; nothing where there is something to do. Nobody is waited for.
    pub(super) fn in_place(self, task: &Task, key: Key) -> Result<Option<End>, TaskError> {
        let began = Instant::now();
        if self.options.force {
            return Ok(None);
        }
        let hit = |made| End {
            outcome: Outcome::Hit,
            time: began.elapsed(),
            made: Some(made),
        };
        let (name, looks) = (&task.definition.name, self.options.looks.as_ref());
        if let Some((made, log)) = looks.and_then(|looks| looks.in_place(name, &key))
            && let Some(log) = self.store.log(&log)
        {
            self.tell_again(task, &log);
            return Ok(Some(hit(made)));
        }
        let Some(record) = self.store.record(&self.options.namespace, &key)? else {
            return Ok(None);
        };
        if !restore::is_in_place(self.options, &record.outputs) {
            return Ok(None);
        }
        let (Some(log), Ok(made)) = (self.store.log(&record.log), record.output_hash.parse())
        else {
            return Ok(None);
        };
        if let Some(looks) = looks {
            looks.remember(name, &key, &record);
        }
        self.tell_again(task, &log);
        Ok(Some(hit(made)))
    }

    fn tell_again(self, task: &Task, log: &str) {
        for line in log.lines() {
            self.listener.line(&task.definition.name, line);
        }
    }

    /// Keeps what a task made, and the record of it. Where the store has no room the task is no worse for it: it is said, and the task runs again
    /// the next time.
    fn keep(self, task: &Task, key: &Key, log: String, time: Duration) -> Result<Key, TaskError> {
        let definition = &task.definition;
        let root = &self.options.root;
        let mut keep = Keep::new(self.store);
        let kept = output::collect(root, definition, self.store.limits(), &mut keep)
            .and_then(|outputs| Ok((outputs, keep.finish()?)))
            .and_then(|(outputs, small)| self.record(definition, key, (outputs, small), log, time));
        match kept {
            Err(error @ TaskError::Store(_)) => {
                tracing::warn!(task = %definition.name, %error, "a result is not kept");
                let text = format!("its result is not kept: {}", told(&error));
                self.listener.line(&definition.name, &text);
                output::collect(root, definition, self.store.limits(), &mut HashOnly)
                    .map(|outputs| made_of(&outputs, key))
            }
            other => other,
        }
    }

    fn record(
        self,
        definition: &Definition,
        key: &Key,
        (outputs, small): (Vec<Output>, Option<Key>),
        log: String,
        time: Duration,
    ) -> Result<Key, TaskError> {
        let made = made_of(&outputs, key);
        let record = Record {
            task: definition.name.to_string(),
            outputs,
            small: small.map(|hash| hash.to_string()),
            output_hash: made.to_string(),
            log: self.store.put_log(log)?,
            milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            ended: self.clock.now(),
            by: self.options.by.clone(),
        };
        self.store
            .put_record(&self.options.namespace, key, &record)?;
        Ok(made)
    }

    fn request(self, task: &Task) -> Result<(LaunchRequest, Lines), TaskError> {
        let definition = &task.definition;
        let options = self.options;
        let mut environment: BTreeMap<String, String> = options.base_environment.clone();
        for name in &definition.env {
            if let Some(value) = options.environment.get(name) {
                environment.insert(name.clone(), value.clone());
            }
        }
        let mut secrets = Vec::new();
        for name in &definition.secrets {
            let secret = self.secrets.secret(name);
            let secret = secret.ok_or_else(|| TaskError::Secret(name.clone()))?;
            environment.insert(name.clone(), secret.clone());
            secrets.push(secret);
        }
        let request = LaunchRequest {
            command: definition.command.clone(),
            folder: options.root.join(&definition.folder),
            environment,
            checkout: checkout(&options.root, self.plan.scope(definition)),
            readable: options.readable.clone(),
            writable: options.writable.clone(),
            network: definition.network,
            memory_bytes: options.memory_bytes,
            processes: None,
        };
        Ok((request, Lines::new(secrets)))
    }
}

/// The hash of what a task made. Where it made nothing that is known, who needs it depends on what it would be made of.
fn made_of(outputs: &[Output], key: &Key) -> Key {
    if outputs.is_empty() {
        *key
    } else {
        output::hash_of(outputs)
    }
}

/// An error as the log of a task has it.
pub(super) fn told(error: &TaskError) -> String {
    let code = error.code();
    format!("{error} ({}): {}", code.code, code.hint)
}

/// The beginning and the end of what was written.
struct LogEnds {
    most: usize,
    head: String,
    tail: std::collections::VecDeque<String>,
    tail_bytes: usize,
    cut: usize,
}

impl LogEnds {
    fn new(most: usize) -> Self {
        Self {
            most,
            head: String::new(),
            tail: std::collections::VecDeque::new(),
            tail_bytes: 0,
            cut: 0,
        }
    }

    fn push(&mut self, line: &str) {
        let half = self.most / 2;
        if self.tail.is_empty() && self.head.len() + line.len() < half {
            self.head.push_str(line);
            self.head.push('\n');
            return;
        }
        self.tail_bytes += line.len() + 1;
        self.tail.push_back(line.to_owned());
        while self.tail_bytes > half {
            let Some(first) = self.tail.pop_front() else {
                break;
            };
            self.tail_bytes -= first.len() + 1;
            self.cut += 1;
        }
    }

    /// Whether it has one of these.
    fn has(&self, words: &[&str]) -> bool {
        let lines = self
            .tail
            .iter()
            .map(String::as_str)
            .chain([self.head.as_str()]);
        lines
            .into_iter()
            .any(|text| words.iter().any(|word| text.contains(word)))
    }

    fn text(&self) -> String {
        let mut text = self.head.clone();
        if self.cut > 0 {
            text.push_str(&format!("... {} lines are left out ...\n", self.cut));
        }
        for line in &self.tail {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_log_is_left_out() {
        let mut kept = LogEnds::new(40);
        for number in 0..20 {
            kept.push(&format!("line {number}"));
        }
        assert_eq!(
            kept.text(),
            "line 0\nline 1\n... 16 lines are left out ...\nline 18\nline 19\n"
        );
        let mut short = LogEnds::new(1_000);
        short.push("a");
        assert_eq!(short.text(), "a\n");
    }
}
