//! The routes under `/v1/sql`.

use std::time::Duration;

use axum::Json;
use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use datafusion::arrow::record_batch::RecordBatch;
use futures::{StreamExt, TryStreamExt, stream};
use trunkline_lake::{LakeError, Query, RowStream, Statement};
use trunkline_model::{TypedId, action, code, kind};
use trunkline_web::{Body, Caller, Path, Problem, Reply};

use super::format::{Encoder, Format};
use super::model::{FunctionList, RunningList, RunningQuery, SqlColumn, SqlRequest, SqlResult};
use super::{cell, column_type};
use crate::Api;
use crate::sight::OwnSight;

/// Rows of a JSON answer where the request names no number.
const DEFAULT_ROWS: usize = 1_000;
/// Where a streamed answer says which statement it is of.
const QUERY_ID: HeaderName = HeaderName::from_static("x-query-id");

/// Runs one SQL statement that reads.
///
/// The format follows `Accept`: JSON (a document), CSV, NDJSON and Arrow IPC (streams). A client that goes away ends its statement.
#[utoipa::path(
    post, path = "/v1/sql", tag = "sql", operation_id = "runSql", request_body = SqlRequest,
    responses(
        (status = 200, description = "The rows", content(
            (SqlResult = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
        )),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn run(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<SqlRequest>,
) -> Reply<Response> {
    caller.require(&action::SQL_RUN, "")?;
    let format = Format::wanted(&headers)?;
    let started = api.clock.now();
    let statement = statement(&api, &caller, request, format)?;
    let id = statement.id.clone();
    let rows = api.lake.query(statement).await?;
    match format {
        Format::Json => document(&api, id, started, rows).await,
        _ => streamed(id, format, rows).await,
    }
}

fn statement(
    api: &Api,
    caller: &Caller,
    request: SqlRequest,
    format: Format,
) -> Result<Statement, Problem> {
    let most = api.config.max_json_rows;
    let limit = match (format, request.limit) {
        (Format::Json, limit) => Some(limit.unwrap_or(DEFAULT_ROWS).min(most)),
        (_, limit) => limit,
    };
    let id = request
        .query_id
        .unwrap_or_else(|| TypedId::<kind::Query>::new(api.ids.ulid(api.clock.now())).to_string());
    if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::new(
            &code::WEB_BODY_INVALID,
            "`query_id` must be 1 to 64 printable ASCII characters",
        ));
    }
    Ok(Statement {
        query: Query::Text(request.query.clone()),
        text: request.query,
        id,
        principal: caller.to_string(),
        visible: OwnSight::of(caller),
        limit,
        timeout: request.timeout_ms.map(Duration::from_millis),
    })
}

async fn document(
    api: &Api,
    query_id: String,
    started: trunkline_model::Timestamp,
    mut stream: RowStream,
) -> Reply<Response> {
    let schema = stream.schema();
    let columns = schema.fields().iter().map(|field| SqlColumn {
        name: field.name().clone(),
        kind: column_type(field.data_type()),
    });
    let mut rows = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        rows.extend((0..batch.num_rows()).map(|row| {
            batch
                .columns()
                .iter()
                .map(|array| cell(array, row))
                .collect::<Vec<_>>()
        }));
    }
    let elapsed = api.clock.now().micros_since(started) / 1_000;
    Ok(Json(SqlResult {
        query_id,
        columns: columns.collect(),
        row_count: rows.len(),
        rows,
        truncated: stream.truncated(),
        elapsed_ms: u64::try_from(elapsed).unwrap_or_default(),
        visible_offset: stream.visible().0,
    })
    .into_response())
}

/// Sends rows as they come. The first are awaited, so that an early error is still a problem document.
async fn streamed(query_id: String, format: Format, mut rows: RowStream) -> Reply<Response> {
    let internal =
        |error: datafusion::arrow::error::ArrowError| LakeError::Internal(error.to_string());
    let encoder = Encoder::new(format, &rows.schema()).map_err(internal)?;
    let first: Option<RecordBatch> = rows.try_next().await?;
    let batches = stream::iter(first.map(Ok))
        .chain(rows)
        .map(Some)
        .chain(stream::once(async { None }));
    let bytes = batches.scan(encoder, move |encoder, batch| {
        let written = match batch {
            Some(Ok(batch)) => encoder.write(&batch).map_err(internal),
            Some(Err(error)) => Err(error),
            None => encoder.finish().map_err(internal),
        };
        // An error ends the body early, which the client sees as a broken transfer and not as a short answer.
        async move { Some(written) }
    });
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (QUERY_ID, query_id),
    ];
    Ok((headers, HttpBody::from_stream(bytes)).into_response())
}

/// Lists the statements that run now.
#[utoipa::path(get, path = "/v1/sql", tag = "sql", operation_id = "listRunningSql", responses((status = 200, body = RunningList)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Reply<Json<RunningList>> {
    caller.require(&action::SQL_RUN, "")?;
    let now = api.clock.now();
    let queries = api
        .lake
        .running()
        .into_iter()
        .map(|statement| RunningQuery {
            elapsed_ms: u64::try_from(now.micros_since(statement.started) / 1_000)
                .unwrap_or_default(),
            query_id: statement.id,
            query: statement.query,
            principal: statement.principal,
            started: statement.started,
        });
    Ok(Json(RunningList {
        queries: queries.collect(),
    }))
}

/// Stops a statement.
#[utoipa::path(
    delete, path = "/v1/sql/{query_id}", tag = "sql", operation_id = "cancelSql", params(("query_id" = String, Path)),
    responses((status = 204, description = "It was stopped"), (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    Path(query_id): Path<String>,
) -> Reply<StatusCode> {
    caller.require(&action::STATEMENT_CANCEL, "")?;
    api.lake.cancel(&query_id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the names of SQL functions.
#[utoipa::path(get, path = "/v1/functions", tag = "sql", operation_id = "listFunctions", responses((status = 200, body = FunctionList)))]
pub(crate) async fn functions(State(api): State<Api>, caller: Caller) -> Reply<Json<FunctionList>> {
    caller.require(&action::SQL_RUN, "")?;
    Ok(Json(FunctionList {
        functions: api.lake.function_names(),
    }))
}
