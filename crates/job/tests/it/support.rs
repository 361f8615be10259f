//! A thing with its executions, as a platform would serve it.

use std::sync::Arc;

use serde_json::{Value, json};
use trunkline_job::{
    Answer, Change, Definition, Execution, Executions, Job, Limits, Message, Request, Status,
    Terms, Topic, apply,
};

pub(crate) const THING: &str = "pump-7";

pub(crate) fn definition(value: Value) -> Definition {
    serde_json::from_value(value).unwrap()
}

/// A job called `id` with a document that names it, and what `more` says.
pub(crate) fn job(id: &str, more: &Value) -> Job {
    let mut value = json!({"document": {"install": id}});
    for (name, member) in more.as_object().unwrap() {
        value[name] = member.clone();
    }
    Job::create(id, definition(value), &Limits::default(), 0)
        .unwrap()
        .0
}

pub(crate) fn terms(id: &str, more: &Value) -> Arc<Terms> {
    Arc::new(job(id, more).terms())
}

/// One thing.
#[derive(Debug)]
pub(crate) struct Thing {
    pub(crate) executions: Executions,
}

impl Thing {
    pub(crate) fn new() -> Self {
        Self {
            executions: Executions::new(THING, [], &Limits::default()),
        }
    }

    /// One that was told of each of `jobs`, which say nothing but their document, at the seconds 1, 2 and so on.
    pub(crate) fn with(jobs: &[&str]) -> Self {
        let mut thing = Self::new();
        for (job, now) in jobs.iter().zip(1..) {
            thing.queue(job, &json!({}), now);
        }
        thing
    }

    pub(crate) fn queue(&mut self, job: &str, more: &Value, now: i64) -> Change {
        self.executions.queue(job, &terms(job, more), now)
    }

    /// What the device is answered that asks `payload` on `…/jobs/<path>`.
    pub(crate) fn ask(&mut self, path: &str, payload: &Value, now: i64) -> Answer {
        let topic = format!("$aws/things/{THING}/jobs/{path}");
        let topic = Topic::read(&topic).unwrap();
        let payload = payload.to_string();
        let request = Request::parse(&topic, payload.as_bytes(), &Limits::default()).unwrap();
        apply(&mut self.executions, &request, now)
    }

    /// The same where the answer is all that matters, and yes.
    pub(crate) fn accepted(&mut self, path: &str, payload: &Value, now: i64) -> Value {
        self.ask(path, payload, now).result.unwrap()
    }

    pub(crate) fn update(&mut self, job: &str, status: &str, now: i64) -> Answer {
        self.ask(&format!("{job}/update"), &json!({"status": status}), now)
    }

    pub(crate) fn statuses(&self) -> Vec<(String, u64, Status)> {
        self.executions
            .iter()
            .map(|execution| (execution.job.clone(), execution.number, execution.status))
            .collect()
    }

    pub(crate) fn only(&self) -> &Execution {
        let all: Vec<_> = self.executions.iter().collect();
        let [only] = all.as_slice() else {
            unreachable!()
        };
        only
    }

    /// The same rows under other terms, as they are loaded after the job has changed.
    pub(crate) fn reload(&mut self, job: &str, terms: &Terms) {
        let other = Arc::new(self::terms("other", &json!({})).as_ref().clone());
        let terms = Arc::new(terms.clone());
        let rows: Vec<_> = self
            .executions
            .iter()
            .map(|execution| {
                let terms = if execution.job == job { &terms } else { &other };
                (execution.clone(), Arc::clone(terms))
            })
            .collect();
        self.executions = Executions::new(THING, rows, &Limits::default());
    }
}

/// The last parts of the topics on which something was told.
pub(crate) fn topics(told: &[Message]) -> Vec<&str> {
    let prefix = format!("$aws/things/{THING}/jobs/");
    told.iter()
        .map(|message| message.topic.strip_prefix(&prefix).unwrap())
        .collect()
}
