//! What a table looks like: its columns, their types and how its rows are clustered.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 text.
    String,
    /// A signed 64-bit number.
    Integer,
    /// A 64-bit floating point number.
    Float,
    /// True or false.
    Boolean,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
    /// JSON, kept as text, into which SQL can reach with `->`, `->>` and the `json_` functions.
    Json,
    /// Days since 1970-01-01.
    Date,
}

impl ColumnType {
    /// The Arrow type that holds it in memory.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::String | Self::Json => DataType::Utf8View,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Date => DataType::Date32,
        }
    }

    /// Its name in the API and in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Json => "json",
            Self::Date => "date",
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Column {
    /// Its name: letters, digits and `_`, not starting with a digit.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// What it holds, for people.
    #[serde(default)]
    pub comment: String,
}

impl Column {
    /// A column with its comment.
    #[must_use]
    pub fn new(name: &str, kind: ColumnType, comment: &str) -> Self {
        Self {
            name: name.into(),
            kind,
            comment: comment.into(),
        }
    }
}

/// The shape of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    /// Its name in SQL.
    pub name: String,
    /// The CloudEvents type whose events it holds; none for the built-in tables.
    pub event_type: Option<String>,
    /// All columns in order, those of the envelope first.
    pub columns: Vec<Column>,
    /// The columns by which rows lie together in a file, within each hour.
    pub cluster_by: Vec<String>,
}

impl TableSchema {
    /// The place of the column called `name`.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether rows lie together by the hour in which they happened before all else.
    ///
    /// Most questions are of the last hours, and nearly all of them of some time: an hour's rows are then a part of a file that the
    /// others need not be read for. Where time comes first anyway, or nothing does, there is no need.
    #[must_use]
    pub fn clusters_by_hour(&self) -> bool {
        let first = self.cluster_by.first();
        first.is_some_and(|first| first != TIME) && self.index_of(TIME).is_some()
    }

    /// The Arrow schema of its rows in memory.
    #[must_use]
    pub fn arrow(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            Field::new(
                &column.name,
                column.kind.arrow(),
                column.name != OFFSET && column.name != DAY,
            )
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

/// The column that every table begins with: the row's place in the log.
pub const OFFSET: &str = "offset";

/// The last column of every table: the UTC day on which the log took the row. Files are partitioned by it.
pub const DAY: &str = "day";

/// The second column of every table: when the thing happened.
pub const TIME: &str = "time";
