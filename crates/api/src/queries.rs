//! Saved queries. Each save is an event, so the log and the lake are all the memory they need.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_lake::{AllVisible, LakeError, Query, Statement};
use trunkline_model::{TypedId, action, catalogue, kind};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use crate::sql::cell;
use crate::{Api, ApiError};

/// Saved queries.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SavedQueryList {
    /// By name.
    queries: Vec<SavedQuery>,
}

/// A query under a name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SavedQuery {
    /// Its name.
    name: String,
    /// The SQL.
    query: String,
    /// How the console draws it.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    chart: Option<Value>,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    saved: Value,
    /// Who saved it.
    by: String,
}

/// A query to save.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueryToSave {
    /// The SQL.
    query: String,
    /// How the console draws it.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    chart: Option<Value>,
}

/// What a saved query's event holds.
#[derive(Debug, Deserialize)]
struct Saved {
    query: Option<String>,
    chart: Option<Value>,
    by: String,
}

/// The newest event of each name; a name whose newest event is a removal is gone.
const NEWEST: &str = "select subject, type, data, time from (\
    select subject, type, data, time, row_number() over (partition by subject order by \"offset\" desc) as age \
    from events where source = '/trunkline/api' and type in ('trunkline.query.saved.v1', 'trunkline.query.removed.v1')) \
    where age = 1 order by subject";

async fn newest(api: &Api) -> Result<Vec<SavedQuery>, LakeError> {
    let mut rows = api
        .lake
        .query(Statement {
            query: Query::Text(NEWEST.into()),
            text: NEWEST.into(),
            id: TypedId::<kind::Query>::new(api.ids.ulid(api.clock.now())).to_string(),
            principal: "platform".into(),
            visible: std::sync::Arc::new(AllVisible),
            limit: None,
            timeout: None,
        })
        .await?;
    let mut queries = Vec::new();
    while let Some(batch) = rows.try_next().await? {
        for row in 0..batch.num_rows() {
            let [name, event_type, data, saved] =
                [0, 1, 2, 3].map(|column| cell(batch.column(column), row));
            let data = data
                .as_str()
                .and_then(|data| serde_json::from_str::<Saved>(data).ok());
            let (Some(name), Some(data)) = (name.as_str(), data) else {
                continue;
            };
            if event_type == catalogue::QUERY_SAVED {
                queries.push(SavedQuery {
                    name: name.into(),
                    query: data.query.unwrap_or_default(),
                    chart: data.chart.filter(|chart| !chart.is_null()),
                    saved,
                    by: data.by,
                });
            }
        }
    }
    Ok(queries)
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let good = (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if good {
        Ok(())
    } else {
        Err(ApiError::QueryName(name.chars().take(100).collect()))
    }
}

/// Writes the event and waits until the next listing will see it.
async fn publish(api: &Api, kind: &str, name: &str, data: &Value) -> Reply<()> {
    let next = api.publish("api", kind, name, data).await?;
    api.lake.wait_visible(next).await;
    Ok(())
}

/// Lists saved queries.
#[utoipa::path(get, path = "/v1/queries", tag = "queries", operation_id = "listQueries", responses((status = 200, body = SavedQueryList)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Reply<Json<SavedQueryList>> {
    caller.require(&action::QUERY_LIST, "")?;
    Ok(Json(SavedQueryList {
        queries: newest(&api).await?,
    }))
}

/// Saves a query under a name, in place of the one that has it.
#[utoipa::path(
    put, path = "/v1/queries/{name}", tag = "queries", operation_id = "saveQuery", params(("name" = String, Path)),
    request_body = QueryToSave, responses((status = 200, body = SavedQuery))
)]
pub(crate) async fn save(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    Body(query): Body<QueryToSave>,
) -> Reply<Json<SavedQuery>> {
    caller.require(&action::QUERY_CHANGE, "")?;
    check_name(&name)?;
    let by = caller.to_string();
    let data =
        serde_json::json!({ "name": name, "query": query.query, "chart": query.chart, "by": by });
    publish(&api, catalogue::QUERY_SAVED, &name, &data).await?;
    let saved = api.clock.now().to_string().into();
    Ok(Json(SavedQuery {
        name,
        query: query.query,
        chart: query.chart,
        saved,
        by,
    }))
}

/// Removes a saved query.
#[utoipa::path(
    delete, path = "/v1/queries/{name}", tag = "queries", operation_id = "removeQuery", params(("name" = String, Path)),
    responses((status = 204, description = "It is gone"), (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::QUERY_CHANGE, "")?;
    if !newest(&api).await?.iter().any(|query| query.name == name) {
        return Err(ApiError::UnknownQuery(name).into());
    }
    let data = serde_json::json!({ "name": name, "by": caller.to_string() });
    publish(&api, catalogue::QUERY_REMOVED, &name, &data).await?;
    Ok(StatusCode::NO_CONTENT)
}
