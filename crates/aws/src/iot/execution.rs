//! What devices have done and have to do for jobs.

use serde_json::{Value, json};
use trunkline_fleet::ExecutionShown;
use trunkline_job::{CancelExecution, Status};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::arn::Kind;
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::page::token;

/// Executions of one thing for one job that are read at a time. There are seldom so many: each time that the thing becomes a target
/// adds one, and up to ten retries.
const TOGETHER: u32 = 10;

fn status(call: &Call) -> Result<Option<Status>, AwsError> {
    let wrong = || AwsError::invalid("`status` is none that there is");
    let text = call.query("status");
    text.map(|text| Status::read(text).ok_or_else(wrong))
        .transpose()
}

/// Shows an execution: the one with a number, or the latest.
pub(crate) async fn describe(call: &Call) -> Outcome {
    call.only(&["executionNumber"])?;
    let (thing, job) = (call.name(0), call.name(1));
    let number = call.number("executionNumber")?;
    call.require(&action::THING_READ, thing)?;
    let found = find(call, job, thing, number).await?;
    let execution = found.ok_or_else(|| {
        AwsError::not_found(format!(
            "the thing `{thing}` has no such execution of the job `{job}`"
        ))
    })?;
    let now = call.aws.parts.clock.now().as_micros().div_euclid(1_000_000);
    let left = execution.due_at.map(|due| (due - now).max(0));
    let mut shown = summary(&execution);
    shown["jobId"] = job.into();
    shown["thingArn"] = call.arn(Kind::Thing, thing).into();
    shown["forceCanceled"] = execution.force_canceled.into();
    shown["versionNumber"] = execution.version_number.into();
    shown["approximateSecondsBeforeTimedOut"] = left.into();
    if !execution.status_details.is_empty() {
        shown["statusDetails"] = json!({"detailsMap": execution.status_details});
    }
    Ok(Answer::Document(without_nulls(json!({"execution": shown}))))
}

/// The execution of a job by a thing that has this number, or the one with the highest.
async fn find(
    call: &Call,
    job: &str,
    thing: &str,
    number: Option<u64>,
) -> Result<Option<ExecutionShown>, AwsError> {
    // A page begins behind a number, and the first number is 1.
    let before = number.map_or(0, |number| number.saturating_sub(1));
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let (mut after, mut latest) = (format!("{thing}/{before}"), None);
    loop {
        let page = call.fleet().executions(job, None, &after, TOGETHER).await?;
        for execution in page.executions {
            // Behind the thing's own come those of the next one.
            if execution.thing_name != thing {
                return Ok(latest);
            }
            match number {
                Some(number) if execution.execution_number != number => return Ok(None),
                Some(_) => return Ok(Some(execution)),
                None => latest = Some(execution),
            }
        }
        match page.next {
            None => return Ok(latest),
            Some(next) => after = next,
        }
    }
}

fn summary(execution: &ExecutionShown) -> Value {
    json!({
        "status": execution.status,
        "queuedAt": execution.queued_at,
        "startedAt": execution.started_at,
        "lastUpdatedAt": execution.last_updated_at,
        "executionNumber": execution.execution_number,
    })
}

/// Lists the executions of a job.
pub(crate) async fn of_job(call: &Call) -> Outcome {
    call.only(&["status", "maxResults", "nextToken"])?;
    let job = call.name(0);
    let (status, page) = (status(call)?, call.page()?);
    call.require(&action::THING_READ, job)?;
    let count = u32::try_from(page.count).unwrap_or(u32::MAX);
    let found = call
        .fleet()
        .executions(job, status, &page.after, count)
        .await?;
    let summaries: Vec<Value> = found
        .executions
        .iter()
        .map(|execution| {
            json!({"thingArn": call.arn(Kind::Thing, &execution.thing_name), "jobExecutionSummary": summary(execution)})
        })
        .collect();
    let next = found.next.as_deref().map(token);
    Ok(Answer::Document(without_nulls(json!({
        "executionSummaries": summaries, "nextToken": next,
    }))))
}

/// Lists what a thing has and had to do, the newest first.
pub(crate) async fn of_thing(call: &Call) -> Outcome {
    call.only(&["status", "jobId", "maxResults", "nextToken"])?;
    let thing = call.name(0);
    let (status, job, page) = (status(call)?, call.query("jobId"), call.page()?);
    call.require(&action::THING_READ, thing)?;
    let fits = |execution: &&ExecutionShown| {
        status.is_none_or(|status| execution.status == status)
            && job.is_none_or(|job| execution.job_id == job)
    };
    let (mut summaries, mut after, mut looked_at) = (Vec::new(), page.after.clone(), 0);
    let next = loop {
        // No more than are wanted, since the next page begins where this one ends.
        let count = u32::try_from(page.count - summaries.len()).unwrap_or(u32::MAX);
        let found = call.fleet().executions_of(thing, &after, count).await?;
        looked_at += found.executions.len();
        let wanted = found.executions.iter().filter(fits);
        summaries.extend(wanted.map(|execution| {
            json!({"jobId": execution.job_id, "jobExecutionSummary": summary(execution)})
        }));
        match found.next {
            None => break None,
            Some(next) if summaries.len() == page.count || looked_at >= limits::LOOKED_AT => {
                break Some(token(&next));
            }
            Some(next) => after = next,
        }
    };
    Ok(Answer::Document(without_nulls(json!({
        "executionSummaries": summaries, "nextToken": next,
    }))))
}

/// Calls off what a thing has to do for a job.
pub(crate) async fn cancel(call: &Call) -> Outcome {
    call.only(&["force"])?;
    let (thing, job) = (call.name(0), call.name(1));
    let mut members = call.members()?;
    let cancel = CancelExecution {
        force: call.flag("force")?,
        expected: members.number("expectedVersion")?,
        details: members.texts("statusDetails")?,
    };
    members.end()?;
    call.require(&action::THING_CHANGE, thing)?;
    let told = call.fleet().cancel_execution(job, thing, &cancel).await?;
    call.tell().tell(told);
    Ok(Answer::Done)
}
