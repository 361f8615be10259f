//! Tables and event types.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use trunkline_lake::{Column, ColumnType, TableDescription};
use trunkline_model::{Timestamp, action, catalogue};
use trunkline_web::{Body, Caller, Path, Problem, Reply};
use utoipa::ToSchema;

use crate::Api;

/// How many files of a table are listed.
const LISTED_FILES: usize = 1_000;

/// All tables.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TableList {
    /// By name.
    tables: Vec<Table>,
}

/// A table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Table {
    /// Its name in SQL.
    name: String,
    /// built_in, event_type, present for one that shows how things are now, whose rows were counted when they were last asked for, or view,
    /// whose rows nobody counts.
    kind: &'static str,
    /// What a view is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<TableView>,
    /// The CloudEvents type whose events it holds.
    #[schema(required)]
    event_type: Option<String>,
    /// Rows, those in memory included.
    rows: u64,
    /// Rows that no file holds yet.
    hot_rows: u64,
    /// How many files it has.
    files: usize,
    /// Bytes of its files.
    bytes: u64,
    /// The oldest `time`.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    oldest: Option<Timestamp>,
    /// The newest `time`.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    newest: Option<Timestamp>,
    /// Every event before this offset is in its files.
    committed_offset: u64,
    /// Days that its rows are kept, where it says so itself.
    #[schema(required)]
    retention_days: Option<u32>,
    /// Its columns, in order.
    columns: Vec<TableColumn>,
}

/// What a view is made of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TableView {
    /// What it tells.
    about: String,
    /// Its statement.
    query: String,
    /// The tables that it reads: whoever may read all of them may read it.
    tables: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableColumn {
    /// Its name.
    name: String,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "string")]
    kind: ColumnType,
    /// Whether it may be without a value.
    #[serde(default = "always")]
    nullable: bool,
    /// What it holds.
    #[serde(default)]
    comment: String,
}

const fn always() -> bool {
    true
}

/// A table with its files.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TableDetail {
    #[serde(flatten)]
    table: Table,
    /// Its newest files.
    file_list: Vec<TableFile>,
}

/// A file of a table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TableFile {
    /// Its path in the table's folder.
    path: String,
    /// Its length.
    bytes: u64,
    /// Its rows.
    rows: u64,
    /// Its oldest `time`.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    min_time: Option<Timestamp>,
    /// Its newest `time`.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    max_time: Option<Timestamp>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
}

fn table(description: &TableDescription) -> Table {
    let schema = &description.schema;
    let columns = schema.columns.iter().map(|column| TableColumn {
        name: column.name.clone(),
        kind: column.kind,
        nullable: column.name != trunkline_lake::OFFSET && column.name != trunkline_lake::DAY,
        comment: column.comment.clone(),
    });
    let built_in = trunkline_lake::tables::built_in()
        .iter()
        .any(|known| known.name == schema.name);
    Table {
        name: schema.name.clone(),
        kind: match (&description.view, description.present, built_in) {
            (Some(_), _, _) => "view",
            (None, true, _) => "present",
            (None, false, true) => "built_in",
            (None, false, false) => "event_type",
        },
        view: description.view.as_ref().map(|view| TableView {
            about: view.about.clone(),
            query: view.query.clone(),
            tables: view.tables.clone(),
        }),
        event_type: schema.event_type.clone(),
        rows: description.rows,
        hot_rows: description.hot_rows,
        files: description.files.len(),
        bytes: description.bytes,
        oldest: description.span.map(|(oldest, _)| oldest),
        newest: description.span.map(|(_, newest)| newest),
        committed_offset: description.committed.0,
        retention_days: description.retention_days,
        columns: columns.collect(),
    }
}

fn detail(description: &TableDescription) -> TableDetail {
    let newest = description.files.iter().rev().take(LISTED_FILES);
    TableDetail {
        table: table(description),
        file_list: newest
            .map(|file| TableFile {
                path: file.path.clone(),
                bytes: file.bytes,
                rows: file.rows,
                min_time: file.span.map(|(oldest, _)| oldest),
                max_time: file.span.map(|(_, newest)| newest),
                modified: file.modified,
            })
            .collect(),
    }
}

/// The tables whose reading is asked for where `table` is read: itself, or those that a view reads.
fn read_of(table: &TableDescription) -> Vec<&str> {
    match &table.view {
        Some(view) => view.tables.iter().map(String::as_str).collect(),
        None => vec![&table.schema.name],
    }
}

/// Lists all tables and views.
#[utoipa::path(get, path = "/v1/tables", tag = "tables", operation_id = "listTables", responses((status = 200, body = TableList)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Reply<Json<TableList>> {
    caller.require(&action::TABLE_LIST, "")?;
    Ok(Json(TableList {
        tables: api
            .lake
            .tables()
            .iter()
            .filter(|table| {
                let read = read_of(table);
                read.iter()
                    .all(|name| caller.may_do(&action::TABLE_READ, name, None))
            })
            .map(table)
            .collect(),
    }))
}

/// Shows a table with its files, or a view with its statement.
#[utoipa::path(
    get, path = "/v1/tables/{name}", tag = "tables", operation_id = "showTable", params(("name" = String, Path)),
    responses((status = 200, body = TableDetail), (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
) -> Reply<Json<TableDetail>> {
    let found = api.lake.table(&name);
    // Whoever may not read a table does not learn either that there is none.
    let read = found.as_ref().map_or_else(|_| vec![&*name], read_of);
    for table in read {
        caller.require(&action::TABLE_READ, table)?;
    }
    Ok(Json(detail(&found?)))
}

/// A change of a table.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableChange {
    /// Days that its rows are kept; null is the platform's default, 0 is for ever.
    #[schema(required = true)]
    retention_days: Option<u32>,
}

/// Changes for how long a table keeps its rows.
#[utoipa::path(
    patch, path = "/v1/tables/{name}", tag = "tables", operation_id = "changeTable", params(("name" = String, Path)),
    request_body = TableChange, responses((status = 200, body = TableDetail))
)]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    Body(change): Body<TableChange>,
) -> Reply<Json<TableDetail>> {
    caller.require(&action::TABLE_CHANGE, &name)?;
    api.lake.retain(&name, change.retention_days).await?;
    let data = serde_json::json!({ "table": name, "change": { "retention_days": change.retention_days }, "by": caller.to_string() });
    api.publish("lake", catalogue::LAKE_TABLE_CHANGED, &name, &data)
        .await?;
    Ok(Json(detail(&api.lake.table(&name)?)))
}

/// Which rows to erase.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erasure {
    /// An SQL expression over the table's columns.
    #[serde(rename = "where")]
    #[schema(example = "source = '/sample'")]
    predicate: String,
}

/// How many rows were erased.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Erased {
    /// The rows.
    rows: u64,
}

/// Erases rows from a table's files. What the log still holds of them goes with the log's retention.
#[utoipa::path(
    post, path = "/v1/tables/{name}/erase", tag = "tables", operation_id = "eraseRows", params(("name" = String, Path)),
    request_body = Erasure, responses((status = 200, body = Erased))
)]
pub(crate) async fn erase(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    Body(erasure): Body<Erasure>,
) -> Reply<Json<Erased>> {
    caller.require(&action::TABLE_ERASE, &name)?;
    let rows = api.lake.erase(&name, &erasure.predicate).await?;
    let data = serde_json::json!({ "table": name, "where": erasure.predicate, "rows": rows, "by": caller.to_string() });
    api.publish("lake", catalogue::LAKE_ROWS_ERASED, &name, &data)
        .await?;
    Ok(Json(Erased { rows }))
}

/// An event type that has a table of its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EventTypeTable {
    /// The CloudEvents type.
    #[serde(rename = "type")]
    event_type: String,
    /// The table.
    table: String,
    /// Its columns.
    columns: Vec<TableColumn>,
}

/// The event types that have tables of their own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EventTypeList {
    /// By table.
    event_types: Vec<EventTypeTable>,
}

/// Lists the event types that have tables of their own.
#[utoipa::path(get, path = "/v1/event-types", tag = "tables", operation_id = "listEventTypes", responses((status = 200, body = EventTypeList)))]
pub(crate) async fn event_types(
    State(api): State<Api>,
    caller: Caller,
) -> Reply<Json<EventTypeList>> {
    caller.require(&action::TABLE_LIST, "")?;
    let tables = api.lake.tables();
    let event_types = tables.iter().map(table).filter_map(|table| {
        Some(EventTypeTable {
            event_type: table.event_type?,
            table: table.name,
            columns: table.columns,
        })
    });
    Ok(Json(EventTypeList {
        event_types: event_types.collect(),
    }))
}

/// A table for an event type.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// The table's name.
    #[schema(example = "orders")]
    table: String,
    /// A column for each field of the payload that should have one; other fields live in `extra`.
    columns: Vec<TableColumn>,
    /// The columns by which rows lie together in a file, within each hour; `time` where none is named.
    #[serde(default)]
    cluster_by: Vec<String>,
}

/// Gives an event type a table of its own, or adds columns to the one it has.
#[utoipa::path(
    put, path = "/v1/event-types/{type}", tag = "tables", operation_id = "registerEventType", params(("type" = String, Path)),
    request_body = Registration, responses((status = 200, body = TableDetail), (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn register(
    State(api): State<Api>,
    caller: Caller,
    Path(event_type): Path<String>,
    Body(registration): Body<Registration>,
) -> Reply<Json<TableDetail>> {
    caller.require(&action::TABLE_CHANGE, "")?;
    let columns = registration
        .columns
        .iter()
        .map(|column| Column::new(&column.name, column.kind, &column.comment));
    api.lake
        .register(
            &event_type,
            &registration.table,
            columns.collect(),
            registration.cluster_by,
        )
        .await?;
    let names: Vec<_> = registration
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let data = serde_json::json!({ "type": event_type, "table": registration.table, "columns": names, "by": caller.to_string() });
    api.publish("lake", catalogue::LAKE_TYPE_REGISTERED, &event_type, &data)
        .await?;
    Ok(Json(detail(&api.lake.table(&registration.table)?)))
}
