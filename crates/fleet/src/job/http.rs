//! `/v1/jobs` and `/v1/things/{thing}/jobs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use trunkline_job::{CancelExecution, CancelJob, Document, JobStatus, Status};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Query, Reply};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{ExecutionPage, JobPage, JobShown, NewJob};
use crate::Fleet;
use crate::http::{Shared, hundred};

/// Which jobs are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobList {
    /// Only those that are so far, such as `IN_PROGRESS`.
    #[param(value_type = Option<String>)]
    status: Option<JobStatus>,
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

/// Which executions are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExecutionList {
    /// Only those that are so far, such as `FAILED`.
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

/// Which page is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct History {
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

/// Whether something is done though it is not over.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Force {
    /// Also where it is not over.
    #[serde(default)]
    force: bool,
}

/// How a job is called off.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JobCancellation {
    /// Also for those who have begun.
    #[serde(default)]
    force: bool,
    /// Why, in a word of capitals, digits and `_`.
    #[serde(default)]
    #[schema(example = "BAD_IMAGE", min_length = 1, max_length = 128)]
    reason_code: Option<String>,
    /// Why, for people.
    #[serde(default)]
    comment: Option<String>,
}

/// How a job is rolled back.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JobRollback {
    /// What those who have begun are to do; the job's own rollback document where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    document: Option<Document>,
}

/// How an execution is called off.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExecutionCancellation {
    /// Also where the device has begun.
    #[serde(default)]
    force: bool,
    /// The version that was seen; nothing where any will do.
    #[serde(default)]
    expected_version: Option<u64>,
    /// What is said beside the status, at most 10 names and values.
    #[serde(default)]
    status_details: Option<BTreeMap<String, String>>,
}

/// Lists jobs, the newest first.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", operation_id = "listJobs", params(JobList),
    responses(
        (status = 200, description = "the jobs", body = JobPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Query(list): Query<JobList>,
) -> Reply<Json<JobPage>> {
    caller.require(&action::THING_READ, "")?;
    let page = fleet.jobs(list.status, &list.after, list.limit).await?;
    Ok(Json(page))
}

/// Whether the caller may change each of these things and groups.
fn require_each(caller: &Caller, targets: &[String]) -> Reply<()> {
    let may = |target: &&String| caller.may_do(&action::THING_CHANGE, target, None);
    // Ten thousand questions that are answered with yes are nothing to note down.
    match targets.iter().find(|target| !may(target)) {
        Some(target) => caller.require(&action::THING_CHANGE, target),
        None => Ok(()),
    }
}

/// Makes a job. Who makes it must be let change each thing and each group that it is for.
#[utoipa::path(
    post, path = "/v1/jobs", tag = "jobs", operation_id = "createJob", request_body = NewJob,
    responses(
        (status = 201, description = "the job", body = JobShown),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Body(wanted): Body<NewJob>,
) -> Reply<(StatusCode, Json<JobShown>)> {
    caller.require(&action::THING_CHANGE, &wanted.job_id)?;
    require_each(&caller, &wanted.targets)?;
    let made = fleet.create_job(wanted, &caller.id).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Shows a job and how far it is.
#[utoipa::path(
    get, path = "/v1/jobs/{job}", tag = "jobs", operation_id = "showJob",
    params(("job" = String, Path, description = "the job")),
    responses(
        (status = 200, description = "the job", body = JobShown),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(job): Path<String>,
) -> Reply<Json<JobShown>> {
    caller.require(&action::THING_READ, &job)?;
    Ok(Json(fleet.job(&job).await?))
}

/// Calls a job off: nobody begins any more. Those who have begun go on, unless force is asked for.
#[utoipa::path(
    post, path = "/v1/jobs/{job}/cancel", tag = "jobs", operation_id = "cancelJob", request_body = JobCancellation,
    params(("job" = String, Path, description = "the job")),
    responses(
        (status = 200, description = "the job", body = JobShown),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn cancel(
    State(shared): State<Shared>,
    caller: Caller,
    Path(job): Path<String>,
    Body(wanted): Body<JobCancellation>,
) -> Reply<Json<JobShown>> {
    caller.require(&action::THING_CHANGE, &job)?;
    let cancel = CancelJob {
        force: wanted.force,
        reason_code: wanted.reason_code,
        comment: wanted.comment,
    };
    let fleet = &shared.fleet;
    let job = fleet.cancel_job(&job, cancel, &caller.id, &*shared.tell);
    Ok(Json(job.await?))
}

/// Rolls a job back: it is called off where it is not over, and those who have begun do something else, in a job of their own. Who does it
/// must be let change each thing and each group that the job is for.
#[utoipa::path(
    post, path = "/v1/jobs/{job}/rollback", tag = "jobs", operation_id = "rollBackJob", request_body = JobRollback,
    params(("job" = String, Path, description = "the job")),
    responses(
        (status = 201, description = "the job that rolls it back", body = JobShown),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn roll_back(
    State(shared): State<Shared>,
    caller: Caller,
    Path(job): Path<String>,
    Body(wanted): Body<JobRollback>,
) -> Reply<(StatusCode, Json<JobShown>)> {
    caller.require(&action::THING_CHANGE, &job)?;
    let fleet = &shared.fleet;
    let shown = fleet.job(&job).await?;
    let groups = shown.target_groups.iter().map(|name| NewJob::group(name));
    let named = fleet.named_targets(&job).await?;
    let targets: Vec<String> = named.into_iter().chain(groups).collect();
    require_each(&caller, &targets)?;
    let made = fleet.roll_back_job(&job, wanted.document, &caller.id, &*shared.tell);
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Deletes a job and its executions; one that is not over only with force.
#[utoipa::path(
    delete, path = "/v1/jobs/{job}", tag = "jobs", operation_id = "deleteJob",
    params(("job" = String, Path, description = "the job"), Force),
    responses(
        (status = 204, description = "it is gone"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(shared): State<Shared>,
    caller: Caller,
    Path(job): Path<String>,
    Query(Force { force }): Query<Force>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &job)?;
    let fleet = &shared.fleet;
    fleet
        .delete_job(&job, force, &caller.id, &*shared.tell)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what devices have done and have to do for a job, in the order of their names.
#[utoipa::path(
    get, path = "/v1/jobs/{job}/executions", tag = "jobs", operation_id = "listJobExecutions",
    params(("job" = String, Path, description = "the job"), ExecutionList),
    responses(
        (status = 200, description = "the executions", body = ExecutionPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn executions(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(job): Path<String>,
    Query(list): Query<ExecutionList>,
) -> Reply<Json<ExecutionPage>> {
    caller.require(&action::THING_READ, &job)?;
    let page = fleet.executions(&job, list.status, &list.after, list.limit);
    Ok(Json(page.await?))
}

/// Lists what a device has and had to do, the newest first.
#[utoipa::path(
    get, path = "/v1/things/{thing}/jobs", tag = "jobs", operation_id = "listThingJobs",
    params(("thing" = String, Path, description = "the thing"), History),
    responses(
        (status = 200, description = "the executions", body = ExecutionPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn of_thing(
    State(fleet): State<Arc<Fleet>>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(list): Query<History>,
) -> Reply<Json<ExecutionPage>> {
    caller.require(&action::THING_READ, &thing)?;
    let page = fleet.executions_of(&thing, &list.after, list.limit);
    Ok(Json(page.await?))
}

/// Calls off what a device has to do for a job; it is not tried again.
#[utoipa::path(
    post, path = "/v1/things/{thing}/jobs/{job}/cancel", tag = "jobs", operation_id = "cancelThingJob",
    request_body = ExecutionCancellation,
    params(("thing" = String, Path, description = "the thing"), ("job" = String, Path, description = "the job")),
    responses(
        (status = 204, description = "it is called off"),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn cancel_execution(
    State(shared): State<Shared>,
    caller: Caller,
    Path((thing, job)): Path<(String, String)>,
    Body(wanted): Body<ExecutionCancellation>,
) -> Reply<StatusCode> {
    caller.require(&action::THING_CHANGE, &thing)?;
    let cancel = CancelExecution {
        force: wanted.force,
        expected: wanted.expected_version,
        details: wanted.status_details,
    };
    let told = shared.fleet.cancel_execution(&job, &thing, &cancel).await?;
    shared.tell.tell(told);
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, delete))
        .routes(routes!(cancel))
        .routes(routes!(roll_back))
        .routes(routes!(executions))
        .routes(routes!(of_thing))
        .routes(routes!(cancel_execution))
}
