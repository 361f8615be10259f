//! Jobs, as those who make them see them.

use serde_json::{Map, Value, json};
use trunkline_fleet::{FleetError, JobShown, JobSummary, NewJob};
use trunkline_job::{CancelJob, JobStatus, Selection};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::arn::{self, Kind};
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::members::Members;
use crate::page::token;
use crate::time::{read_minute, write_minute};

/// What the name of a group begins with where it stands among things.
const GROUP: &str = "group:";

/// Members that are the same here and there.
const SAME: [&str; 6] = [
    "description",
    "targetSelection",
    "jobExecutionsRolloutConfig",
    "abortConfig",
    "timeoutConfig",
    "jobExecutionsRetryConfig",
];

/// Makes a job. Whoever makes it must be let change each thing and each group that it is for.
pub(crate) async fn create(call: &Call) -> Outcome {
    let id = call.name(0);
    let wanted = wanted(id, call.members()?)?;
    call.require(&action::THING_CHANGE, id)?;
    let may = |target: &&String| call.caller.may_do(&action::THING_CHANGE, target, None);
    // Ten thousand questions that are answered with yes are nothing to note down.
    if let Some(target) = wanted.targets.iter().find(|target| !may(target)) {
        call.require(&action::THING_CHANGE, target)?;
    }
    let job = call.fleet().create_job(wanted, call.by()).await?;
    Ok(Answer::Document(about(call, &job)))
}

fn wanted(id: &str, mut members: Members) -> Result<NewJob, AwsError> {
    let targets = members.list("targets")?.unwrap_or_default();
    let targets: Result<Vec<String>, AwsError> = targets.iter().map(|arn| target(arn)).collect();
    let document = members.text("document")?;
    let document = document.ok_or_else(|| {
        AwsError::invalid("`document` is missing: the document itself has to be in the request")
    })?;
    let mut job = Map::new();
    job.insert("jobId".into(), id.into());
    job.insert("targets".into(), targets?.into());
    job.insert("document".into(), document.into());
    for name in SAME {
        if let Some(value) = members.take(name) {
            job.insert(name.into(), value);
        }
    }
    if let Some(mut scheduling) = members.members("schedulingConfig")? {
        if let Some(start) = scheduling.text("startTime")? {
            let second = read_minute(&start).ok_or_else(|| {
                AwsError::invalid("`startTime` is a minute in UTC such as 2026-11-26T18:00")
            })?;
            job.insert("startsAt".into(), second.into());
        }
        scheduling.end()?;
    }
    members.end()?;
    serde_json::from_value(Value::Object(job)).map_err(|error| AwsError::invalid(error.to_string()))
}

/// A target, as jobs of the platform name it.
fn target(arn: &str) -> Result<String, AwsError> {
    match arn::read(arn)? {
        (Kind::Thing, name) => Ok(name.to_owned()),
        (Kind::Group, name) => Ok(format!("{GROUP}{name}")),
        _ => Err(AwsError::invalid(format!(
            "`{arn}` is neither a thing nor a group"
        ))),
    }
}

/// Which job was changed.
fn about(call: &Call, job: &JobShown) -> Value {
    let id = &job.summary.job_id;
    without_nulls(json!({
        "jobArn": call.arn(Kind::Job, id), "jobId": id, "description": job.description,
    }))
}

/// Shows a job.
pub(crate) async fn describe(call: &Call) -> Outcome {
    call.only(&["beforeSubstitution"])?;
    let id = call.name(0);
    call.require(&action::THING_READ, id)?;
    let job = call.fleet().job(id).await?;
    let named = call.fleet().named_targets(id).await?;
    let things = named.iter().map(|name| call.arn(Kind::Thing, name));
    let groups = job.target_groups.iter();
    let groups = groups.map(|name| call.arn(Kind::Group, name));
    let targets: Vec<String> = things.chain(groups).collect();
    let later = job.starts_at > job.summary.created_at;
    let scheduling = later.then(|| json!({"startTime": write_minute(job.starts_at)}));
    let mut shown = summary(call, &job.summary);
    let counts = job.progress.executions;
    for (name, value) in [
        ("targets", json!(targets)),
        ("description", json!(job.description)),
        ("forceCanceled", json!(job.force_canceled)),
        ("reasonCode", json!(job.reason_code)),
        ("comment", json!(job.comment)),
        (
            "jobExecutionsRolloutConfig",
            json!(job.job_executions_rollout_config),
        ),
        ("abortConfig", json!(job.abort_config)),
        ("timeoutConfig", json!(job.timeout_config)),
        (
            "jobExecutionsRetryConfig",
            json!(job.job_executions_retry_config),
        ),
        ("schedulingConfig", json!(scheduling)),
        (
            "jobProcessDetails",
            json!({
                "numberOfCanceledThings": counts.canceled, "numberOfSucceededThings": counts.succeeded,
                "numberOfFailedThings": counts.failed, "numberOfRejectedThings": counts.rejected,
                "numberOfQueuedThings": counts.queued, "numberOfInProgressThings": counts.in_progress,
                "numberOfRemovedThings": counts.removed, "numberOfTimedOutThings": counts.timed_out,
            }),
        ),
    ] {
        shown[name] = value;
    }
    Ok(Answer::Document(without_nulls(json!({"job": shown}))))
}

fn summary(call: &Call, job: &JobSummary) -> Value {
    json!({
        "jobArn": call.arn(Kind::Job, &job.job_id),
        "jobId": job.job_id,
        "status": job.status,
        "targetSelection": job.target_selection,
        "createdAt": job.created_at,
        "lastUpdatedAt": job.last_updated_at,
        "completedAt": job.completed_at,
    })
}

/// What a text of the query means.
fn meant<T: serde::de::DeserializeOwned>(call: &Call, name: &str) -> Result<Option<T>, AwsError> {
    let wrong = |_| AwsError::invalid(format!("`{name}` is none that there is"));
    let text = call.query(name);
    text.map(|text| serde_json::from_value(text.into()).map_err(wrong))
        .transpose()
}

/// Lists jobs, the newest first.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&["status", "targetSelection", "maxResults", "nextToken"])?;
    let status: Option<JobStatus> = meant(call, "status")?;
    let selection: Option<Selection> = meant(call, "targetSelection")?;
    let page = call.page()?;
    call.require(&action::THING_READ, "")?;
    let (mut jobs, mut after, mut looked_at) = (Vec::new(), page.after.clone(), 0);
    let next = loop {
        // No more than are wanted, since the next page begins where this one ends.
        let count = page.count - jobs.len();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let found = call.fleet().jobs(status, &after, count).await?;
        looked_at += found.jobs.len();
        let wanted = |job: &&JobSummary| selection.is_none_or(|one| job.target_selection == one);
        let wanted = found.jobs.iter().filter(wanted);
        jobs.extend(wanted.map(|job| summary(call, job)));
        match found.next {
            None => break None,
            Some(next) if jobs.len() == page.count || looked_at >= limits::LOOKED_AT => {
                break Some(token(&next));
            }
            Some(next) => after = next,
        }
    };
    Ok(Answer::Document(without_nulls(
        json!({"jobs": jobs, "nextToken": next}),
    )))
}

/// Calls a job off.
pub(crate) async fn cancel(call: &Call) -> Outcome {
    call.only(&["force"])?;
    let id = call.name(0);
    let mut members = call.members()?;
    let cancel = CancelJob {
        force: call.flag("force")?,
        reason_code: members.text("reasonCode")?,
        comment: members.text("comment")?,
    };
    members.end()?;
    call.require(&action::THING_CHANGE, id)?;
    let job = call.fleet().cancel_job(id, cancel, call.by(), call.tell());
    let job = job.await.map_err(|error| match error {
        // That is what AWS calls it here, and only here.
        FleetError::Job(rejected) => AwsError::invalid(rejected.message),
        error => error.into(),
    })?;
    Ok(Answer::Document(about(call, &job)))
}

/// Deletes a job and its executions.
pub(crate) async fn delete(call: &Call) -> Outcome {
    call.only(&["force"])?;
    let id = call.name(0);
    let force = call.flag("force")?;
    call.require(&action::THING_CHANGE, id)?;
    let fleet = call.fleet();
    fleet.delete_job(id, force, call.by(), call.tell()).await?;
    Ok(Answer::Done)
}

/// Shows what devices are to do.
pub(crate) async fn document(call: &Call) -> Outcome {
    call.only(&["beforeSubstitution"])?;
    let id = call.name(0);
    call.require(&action::THING_READ, id)?;
    let job = call.fleet().job(id).await?;
    let document = json!(job.document).to_string();
    Ok(Answer::Document(json!({"document": document})))
}
