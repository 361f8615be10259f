//! One row of `shadows`.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use serde_json::{Map, Value};
use trunkline_fleet::TwinRow;
use trunkline_model::Timestamp;
use trunkline_twin::Document;

use crate::columns::{integers, texts, times};

/// A shadow as it is.
#[derive(Debug)]
pub(crate) struct Shadow {
    pub(crate) thing: Box<str>,
    pub(crate) shadow: Box<str>,
    pub(crate) kind: Arc<str>,
    /// The number of the time when it was written.
    pub(crate) written: i64,
    version: i64,
    changed: Timestamp,
    desired: Option<Box<str>>,
    reported: Option<Box<str>>,
    delta: Option<Box<str>>,
}

impl Shadow {
    /// The row of a document; nothing where it was deleted.
    ///
    /// # Errors
    /// Where the document is none.
    pub(crate) fn of(row: &TwinRow, kind: Arc<str>) -> Result<Option<Self>, serde_json::Error> {
        let document: Document = serde_json::from_str(&row.document)?;
        if document.deleted {
            return Ok(None);
        }
        let part = |state: &Map<String, Value>| {
            let text = (!state.is_empty()).then(|| serde_json::to_string(state));
            Ok(text.transpose()?.map(String::into_boxed_str))
        };
        Ok(Some(Self {
            thing: row.thing.as_str().into(),
            shadow: row.shadow.as_str().into(),
            kind,
            written: row.written,
            version: i64::try_from(document.version).unwrap_or(i64::MAX),
            changed: Timestamp::from_micros(document.timestamp.saturating_mul(1_000_000)),
            desired: part(&document.desired.state)?,
            reported: part(&document.reported.state)?,
            delta: part(&document.delta())?,
        }))
    }
}

/// `rows` as columns.
pub(crate) fn batch(rows: &[Shadow], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = vec![
        texts(rows.iter().map(|row| Some(&*row.thing))),
        texts(rows.iter().map(|row| Some(&*row.shadow))),
        texts(rows.iter().map(|row| Some(&*row.kind))),
        integers(rows.iter().map(|row| row.version)),
        times(rows.iter().map(|row| row.changed)),
        texts(rows.iter().map(|row| row.desired.as_deref())),
        texts(rows.iter().map(|row| row.reported.as_deref())),
        texts(rows.iter().map(|row| row.delta.as_deref())),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns)
}
