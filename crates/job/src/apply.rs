//! What becomes of a request.

use serde_json::Value;

use crate::message::{Builder, Message};
use crate::request::{Action, Request, Update};
use crate::status::Actor;
use crate::timer::Step;
use crate::{Change, Details, Execution, Executions, Rejected, Status};

/// What became of a request: what the device is answered, then what is to be written and told.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The answer, or why there is none.
    pub result: Result<Value, Rejected>,
    /// Either as a message to the device.
    pub reply: Message,
    /// What is to be written and told; also where the request was refused, since time may have demanded something.
    pub change: Change,
}

/// Does what `request` asks of the executions of the thing that sent it, at `now` in seconds since 1970.
pub fn apply(executions: &mut Executions, request: &Request, now: i64) -> Answer {
    let (result, change) = executions.step(now, |executions| act(executions, &request.action, now));
    let token = request.token.as_deref();
    let result = result.map(|answer| {
        answer
            .with("timestamp", now)
            .maybe("clientToken", token)
            .done()
    });
    let (ending, document) = match &result {
        Ok(document) => ("accepted", document.clone()),
        Err(rejected) => ("rejected", rejected.document(now, token)),
    };
    Answer {
        result,
        reply: Message {
            topic: format!("{}/{ending}", request.topic),
            document,
        },
        change,
    }
}

fn act(executions: &mut Executions, action: &Action, now: i64) -> Result<Builder, Rejected> {
    match action {
        Action::Pending => Ok(Builder::default()
            .with("inProgressJobs", executions.listed(Status::InProgress))
            .with("queuedJobs", executions.listed(Status::Queued))),
        Action::StartNext { details, minutes } => {
            start(executions, details.as_ref(), *minutes, now)?;
            Ok(next(executions, true, now))
        }
        Action::DescribeNext { with_document } => Ok(next(executions, *with_document, now)),
        Action::Describe {
            job,
            number,
            with_document,
        } => describe(executions, job, *number, *with_document, now),
        Action::Update(wanted) => update(executions, wanted, now),
    }
}

/// The next execution; nothing where there is none.
fn next(executions: &Executions, with_document: bool, now: i64) -> Builder {
    let execution = executions.next_entry().map(|entry| {
        let document = with_document.then_some(&*entry.terms);
        entry
            .execution
            .whole(Some(executions.thing()), document, now)
    });
    Builder::default().maybe("execution", execution)
}

/// Begins the next execution. One that has begun already stays as it is.
fn start(
    executions: &mut Executions,
    details: Option<&Details>,
    minutes: Option<u32>,
    now: i64,
) -> Result<(), Rejected> {
    let queued = executions
        .next()
        .filter(|execution| execution.status == Status::Queued)
        .map(Execution::key);
    let Some(key) = queued else {
        return Ok(());
    };
    let entry = executions.existing(&key.job, Some(key.number))?;
    entry.go(Status::InProgress, Actor::Device, details.cloned(), now)?;
    if let Some(minutes) = minutes {
        entry.execution.set_step(Step::Minutes(minutes), now);
    }
    Ok(())
}

fn describe(
    executions: &Executions,
    job: &str,
    number: Option<u64>,
    with_document: bool,
    now: i64,
) -> Result<Builder, Rejected> {
    let entry = executions
        .find(job, number)
        .ok_or_else(|| Rejected::no_execution(job, number))?;
    let execution = &entry.execution;
    if execution.status.is_terminal() {
        return Err(Rejected::ended(execution));
    }
    let document = with_document.then_some(&*entry.terms);
    let execution = execution.whole(Some(executions.thing()), document, now);
    Ok(Builder::default().with("execution", execution))
}

fn update(executions: &mut Executions, wanted: &Update, now: i64) -> Result<Builder, Rejected> {
    let entry = executions.existing(&wanted.job, wanted.number)?;
    entry.expect(wanted.expected)?;
    let again = entry.go(wanted.status, Actor::Device, wanted.details.clone(), now)?;
    if let Some(step) = wanted.step
        && !wanted.status.is_terminal()
    {
        entry.execution.set_step(step, now);
    }
    let state = wanted
        .with_state
        .then(|| entry.execution.state().document());
    let document = wanted.with_document.then(|| entry.terms.document());
    executions.add(again);
    Ok(Builder::default()
        .maybe("executionState", state)
        .maybe("jobDocument", document))
}
