//! Rows as tests like to look at them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::Array as _;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use trunkline_ingest::Decoder;
use trunkline_lake::{Column, ColumnType, Decode as _, RowSink, TableSchema, tables};
use trunkline_log::Record;

/// The text of each column that is not null.
pub(crate) type Row = BTreeMap<String, String>;

/// An event type with a column of every type.
pub(crate) const ORDER_TYPE: &str = "com.example.order.v1";

/// The shape of the table of [`ORDER_TYPE`].
pub(crate) fn orders() -> TableSchema {
    let mut columns = vec![
        Column::new("offset", ColumnType::Integer, ""),
        Column::new("time", ColumnType::Timestamp, ""),
    ];
    columns.extend(tables::envelope_columns());
    for (name, kind) in [
        ("title", ColumnType::String),
        ("count", ColumnType::Integer),
        ("price", ColumnType::Float),
        ("paid", ColumnType::Boolean),
        ("ts", ColumnType::Timestamp),
        ("lines", ColumnType::Json),
        ("extra", ColumnType::Json),
        ("day", ColumnType::Date),
    ] {
        columns.push(Column::new(name, kind, ""));
    }
    TableSchema {
        name: "orders".into(),
        event_type: Some(ORDER_TYPE.into()),
        columns,
        cluster_by: Vec::new(),
    }
}

/// The rows of `table` that the decoder makes of `records`.
pub(crate) fn rows_of(records: &[Record], table: &str) -> Vec<Row> {
    all_rows(records).remove(table).unwrap_or_default()
}

/// The rows of all tables that the decoder makes of `records`.
pub(crate) fn all_rows(records: &[Record]) -> BTreeMap<String, Vec<Row>> {
    let mut schemas: Vec<_> = tables::built_in().into_iter().map(Arc::new).collect();
    schemas.push(Arc::new(orders()));
    let mut sink = RowSink::new(&schemas);
    for record in records {
        Decoder.decode(record, &mut sink);
    }
    let rows = sink
        .finish()
        .into_iter()
        .map(|rows| (rows.table, texts(&rows.rows)));
    rows.collect()
}

fn texts(batch: &datafusion::arrow::array::RecordBatch) -> Vec<Row> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let mut rows = vec![Row::new(); batch.num_rows()];
    for (column, field) in batch.columns().iter().zip(schema.fields()) {
        let formatter = ArrayFormatter::try_new(column, &options).unwrap();
        for (index, row) in rows.iter_mut().enumerate() {
            if column.is_valid(index) {
                row.insert(field.name().clone(), formatter.value(index).to_string());
            }
        }
    }
    rows
}
