//! `/v1/policies` and `/v1/access/check`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use trunkline_model::action;
use trunkline_web::{Body, Caller, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Checked, Permits};

/// The policies that hold, and what they speak of.
#[derive(Serialize, ToSchema)]
struct PolicyList {
    /// The built-in ones first, then those of the team's files.
    policies: Vec<Policy>,
    /// The schema that the files are checked against, in Cedar's own notation.
    schema: String,
    /// Every action that a policy can name.
    actions: Vec<Action>,
    /// What is wrong with the files.
    problems: Vec<FileProblem>,
}

/// A policy.
#[derive(Serialize, ToSchema)]
struct Policy {
    /// The file, `#`, and its `@id` or number.
    #[schema(example = "policies/teams.cedar#own-rows")]
    id: String,
    /// The file that it stands in.
    file: String,
    /// The line on which it begins.
    #[schema(required = true)]
    line: Option<usize>,
    /// The policy itself, in Cedar.
    text: String,
    /// Its annotations, such as `description`.
    annotations: BTreeMap<String, String>,
    /// Whether it came with the platform.
    built_in: bool,
}

/// Something that can be done.
#[derive(Serialize, ToSchema)]
struct Action {
    /// Its name.
    #[schema(example = "table.read")]
    name: &'static str,
    /// The kind of thing that it is done to.
    #[schema(example = "Table")]
    resource: &'static str,
    /// The least role that may do it where no policy says otherwise.
    #[schema(value_type = String, example = "viewer")]
    role: trunkline_model::Role,
    /// What it does.
    meaning: &'static str,
}

/// Something that is wrong with a policy file.
#[derive(Serialize, ToSchema)]
struct FileProblem {
    /// The file.
    file: String,
    /// The line, where it is known.
    #[schema(required = true)]
    line: Option<usize>,
    /// What is wrong.
    text: String,
}

/// What somebody may do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckRequest {
    /// The id, e-mail address or name of a person, service account or token.
    #[serde(rename = "as")]
    #[schema(example = "ann@example.com")]
    who: String,
    /// The action.
    #[schema(example = "table.read")]
    action: String,
    /// The thing that it would be done to; a table and a team with `/` between them for `row.read`.
    #[serde(default)]
    #[schema(example = "commits")]
    resource: String,
}

/// Lists the policies that hold, the actions they can name, and what is wrong with the files.
#[utoipa::path(
    get, path = "/v1/policies", tag = "access", operation_id = "listPolicies",
    responses(
        (status = 200, description = "the policies", body = PolicyList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list_policies(
    State(permits): State<Arc<Permits>>,
    caller: Caller,
) -> Reply<Json<PolicyList>> {
    caller.require(&action::POLICY_READ, "")?;
    let book = permits.book();
    let policies = book.policies.all().into_iter().map(|policy| Policy {
        id: policy.id.clone(),
        file: policy.file.clone(),
        line: policy.line,
        text: policy.text.clone(),
        annotations: policy.annotations.clone(),
        built_in: policy.built_in,
    });
    let actions = action::ALL.iter().map(|action| Action {
        name: action.name,
        resource: action.resource,
        role: action.role,
        meaning: action.meaning,
    });
    let problems = book.problems.iter().map(|problem| FileProblem {
        file: problem.file.clone(),
        line: problem.line,
        text: problem.text.clone(),
    });
    Ok(Json(PolicyList {
        policies: policies.collect(),
        schema: book.policies.schema().into(),
        actions: actions.collect(),
        problems: problems.collect(),
    }))
}

/// Says whether somebody may do something, and which policies decide.
#[utoipa::path(
    post, path = "/v1/access/check", tag = "access", operation_id = "checkAccess", request_body = CheckRequest,
    responses(
        (status = 200, description = "whether it is allowed", body = Checked),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn check_access(
    State(permits): State<Arc<Permits>>,
    caller: Caller,
    Body(wanted): Body<CheckRequest>,
) -> Reply<Json<Checked>> {
    caller.require(&action::ACCESS_CHECK, "")?;
    let checked = permits
        .check(&wanted.who, &wanted.action, &wanted.resource)
        .await?;
    Ok(Json(checked))
}

/// The routes about permissions, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(permits: Arc<Permits>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_policies))
        .routes(routes!(check_access))
        .with_state(permits)
}
