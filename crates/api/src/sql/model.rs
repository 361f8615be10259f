//! Requests and answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A statement to run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SqlRequest {
    /// One SQL statement that reads.
    #[schema(example = "select type, count(*) from events group by type")]
    pub(crate) query: String,
    /// Rows that are wanted at the most; 1,000 where a JSON answer names no number.
    pub(crate) limit: Option<usize>,
    /// Milliseconds that it may run.
    pub(crate) timeout_ms: Option<u64>,
    /// A name of up to 64 characters under which it can be cancelled.
    pub(crate) query_id: Option<String>,
}

/// The answer to a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SqlResult {
    /// The name of the statement.
    pub(crate) query_id: String,
    /// The columns, in order.
    pub(crate) columns: Vec<SqlColumn>,
    /// The rows; each has a value for each column.
    #[schema(value_type = Vec<Vec<Value>>)]
    pub(crate) rows: Vec<Vec<Value>>,
    /// How many rows there are here.
    pub(crate) row_count: usize,
    /// Whether the limit left rows out.
    pub(crate) truncated: bool,
    /// Milliseconds that it took.
    pub(crate) elapsed_ms: u64,
    /// Every event before this offset was seen.
    pub(crate) visible_offset: u64,
}

/// A column of an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SqlColumn {
    /// Its name.
    pub(crate) name: String,
    /// string, integer, float, boolean, timestamp, date or other.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

/// The statements that run now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunningList {
    /// Oldest name first.
    pub(crate) queries: Vec<RunningQuery>,
}

/// A statement that runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunningQuery {
    /// The name to cancel it by.
    pub(crate) query_id: String,
    /// The SQL.
    pub(crate) query: String,
    /// Who asked.
    pub(crate) principal: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started: trunkline_model::Timestamp,
    /// Milliseconds since then.
    pub(crate) elapsed_ms: u64,
}

/// The names of SQL functions, for completion.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FunctionList {
    /// Sorted names.
    pub(crate) functions: Vec<String>,
}
