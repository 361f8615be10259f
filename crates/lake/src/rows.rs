//! Building rows column by column, straight into Arrow.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch,
    StringViewArray, StringViewBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::SchemaRef;
use trunkline_log::Offset;
use trunkline_model::Timestamp;

use crate::schema::{ColumnType, TableSchema};

/// Where decoded rows go: one builder for each table that is known.
#[derive(Debug)]
pub struct RowSink {
    tables: Vec<TableBuilder>,
    by_name: HashMap<String, usize>,
    by_type: HashMap<String, (usize, Offset)>,
    position: Offset,
}

/// The rows of one table that a sink took.
#[derive(Debug)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: RecordBatch,
    /// The offset of the first row.
    pub first: Offset,
}

impl RowSink {
    /// A sink for tables of these shapes.
    #[must_use]
    pub fn new(schemas: &[Arc<TableSchema>]) -> Self {
        Self::with_beginnings(schemas.iter().map(|schema| (Arc::clone(schema), Offset(0))))
    }

    /// A sink for tables that take events of their type only from an offset on.
    pub(crate) fn with_beginnings(
        schemas: impl IntoIterator<Item = (Arc<TableSchema>, Offset)>,
    ) -> Self {
        let mut sink = Self {
            tables: Vec::new(),
            by_name: HashMap::new(),
            by_type: HashMap::new(),
            position: Offset(u64::MAX),
        };
        for (schema, since) in schemas {
            let place = sink.tables.len();
            sink.by_name.insert(schema.name.clone(), place);
            if let Some(event_type) = &schema.event_type {
                sink.by_type.insert(event_type.clone(), (place, since));
            }
            sink.tables.push(TableBuilder::new(schema));
        }
        sink
    }

    /// An empty sink for the same tables.
    pub(crate) fn fresh(&self) -> Self {
        Self::with_beginnings(self.tables.iter().map(|table| {
            let event_type = table.schema.event_type.as_ref();
            let since = event_type.and_then(|event_type| self.by_type.get(event_type));
            let since = since.map_or(Offset(0), |(_, since)| *since);
            (Arc::clone(&table.schema), since)
        }))
    }

    /// Says where the next record begins, which decides whether a table's type was registered by then.
    pub(crate) const fn move_to(&mut self, position: Offset) {
        self.position = position;
    }

    /// The builder of the table called `name`.
    pub fn table(&mut self, name: &str) -> Option<&mut TableBuilder> {
        let place = *self.by_name.get(name)?;
        self.tables.get_mut(place)
    }

    /// The builder of the table that holds events of `event_type`, where the type was registered when the log took the record.
    pub fn table_of_type(&mut self, event_type: &str) -> Option<&mut TableBuilder> {
        let (place, since) = *self.by_type.get(event_type)?;
        (self.position >= since).then(|| self.tables.get_mut(place))?
    }

    /// How many rows it holds.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Takes all rows out, table by table; tables without rows are left out.
    pub fn finish(&mut self) -> Vec<TableRows> {
        self.tables
            .iter_mut()
            .filter_map(TableBuilder::finish)
            .collect()
    }
}

/// Builds the rows of one table.
///
/// A row is `begin`, any of the setters at most once for each column, `end`; columns that were not set are null. `time` falls
/// back to the time given to `begin`. A setter whose type is not the column's, or whose column is already set, leaves the row as it is.
#[derive(Debug)]
pub struct TableBuilder {
    schema: Arc<TableSchema>,
    arrow: SchemaRef,
    columns: Vec<ColumnBuilder>,
    rows: usize,
    first: Offset,
    taken_at: Timestamp,
}

const OFFSET_INDEX: usize = 0;
const TIME_INDEX: usize = 1;

impl TableBuilder {
    fn new(schema: Arc<TableSchema>) -> Self {
        let columns = schema
            .columns
            .iter()
            .map(|column| ColumnBuilder::new(column.kind))
            .collect();
        let arrow = schema.arrow();
        Self {
            schema,
            arrow,
            columns,
            rows: 0,
            first: Offset(0),
            taken_at: Timestamp::default(),
        }
    }

    /// The table's shape.
    #[must_use]
    pub fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// Begins a row for the message at `offset`, which the log took at `taken_at`.
    pub fn begin(&mut self, offset: Offset, taken_at: Timestamp) {
        if self.rows == 0 {
            self.first = offset;
        }
        self.taken_at = taken_at;
        let offset = i64::try_from(offset.0).unwrap_or(i64::MAX);
        self.integer(OFFSET_INDEX, offset);
        if let Some(ColumnBuilder::Date(builder)) = self.columns.last_mut()
            && builder.len_is(self.rows)
        {
            builder.0.append_value(taken_at.day());
        }
    }

    /// Sets a text or JSON column.
    pub fn text(&mut self, column: usize, value: &str) {
        if let Some(ColumnBuilder::Text(builder)) = self.columns.get_mut(column)
            && builder.len_is(self.rows)
        {
            builder.0.append_value(value);
        }
    }

    /// Sets a text or JSON column unless `value` is empty.
    pub fn text_unless_empty(&mut self, column: usize, value: &str) {
        if !value.is_empty() {
            self.text(column, value);
        }
    }

    /// Sets an integer column.
    pub fn integer(&mut self, column: usize, value: i64) {
        if let Some(ColumnBuilder::Integer(builder)) = self.columns.get_mut(column)
            && builder.len_is(self.rows)
        {
            builder.0.append_value(value);
        }
    }

    /// Sets a float column.
    pub fn float(&mut self, column: usize, value: f64) {
        if let Some(ColumnBuilder::Float(builder)) = self.columns.get_mut(column)
            && builder.len_is(self.rows)
        {
            builder.0.append_value(value);
        }
    }

    /// Sets a boolean column.
    pub fn boolean(&mut self, column: usize, value: bool) {
        if let Some(ColumnBuilder::Boolean(builder)) = self.columns.get_mut(column)
            && builder.len_is(self.rows)
        {
            builder.0.append_value(value);
        }
    }

    /// Sets a timestamp column.
    pub fn timestamp(&mut self, column: usize, value: Timestamp) {
        if let Some(ColumnBuilder::Timestamp(builder)) = self.columns.get_mut(column)
            && builder.len_is(self.rows)
        {
            builder.0.append_value(value.as_micros());
        }
    }

    /// Ends the row: `time` becomes the time given to `begin` where it was not set, other columns null.
    pub fn end(&mut self) {
        self.timestamp(TIME_INDEX, self.taken_at);
        for column in &mut self.columns {
            column.fill_to(self.rows + 1);
        }
        self.rows += 1;
    }

    fn finish(&mut self) -> Option<TableRows> {
        if self.rows == 0 {
            return None;
        }
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        self.rows = 0;
        let rows = RecordBatch::try_new(Arc::clone(&self.arrow), arrays).ok()?;
        Some(TableRows {
            table: self.schema.name.clone(),
            rows,
            first: self.first,
        })
    }
}

/// A builder that knows how many values it holds.
#[derive(Debug)]
struct Counted<B>(B);

trait Length {
    fn length(&self) -> usize;
}

macro_rules! length {
    ($($builder:ty),*) => {$(
        impl Length for $builder {
            fn length(&self) -> usize {
                datafusion::arrow::array::ArrayBuilder::len(self)
            }
        }
    )*};
}
length!(
    StringViewBuilder,
    Int64Builder,
    Float64Builder,
    BooleanBuilder,
    TimestampMicrosecondBuilder,
    Date32Builder
);

impl<B: Length> Counted<B> {
    fn len_is(&self, rows: usize) -> bool {
        self.0.length() == rows
    }
}

#[derive(Debug)]
enum ColumnBuilder {
    Text(Counted<StringViewBuilder>),
    Integer(Counted<Int64Builder>),
    Float(Counted<Float64Builder>),
    Boolean(Counted<BooleanBuilder>),
    Timestamp(Counted<TimestampMicrosecondBuilder>),
    Date(Counted<Date32Builder>),
}

impl ColumnBuilder {
    fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::String | ColumnType::Json => Self::Text(Counted(
                StringViewBuilder::new().with_fixed_block_size(64 * 1024),
            )),
            ColumnType::Integer => Self::Integer(Counted(Int64Builder::new())),
            ColumnType::Float => Self::Float(Counted(Float64Builder::new())),
            ColumnType::Boolean => Self::Boolean(Counted(BooleanBuilder::new())),
            ColumnType::Timestamp => Self::Timestamp(Counted(
                TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            )),
            ColumnType::Date => Self::Date(Counted(Date32Builder::new())),
        }
    }

    fn fill_to(&mut self, rows: usize) {
        match self {
            Self::Text(builder) if !builder.len_is(rows) => builder.0.append_null(),
            Self::Integer(builder) if !builder.len_is(rows) => builder.0.append_null(),
            Self::Float(builder) if !builder.len_is(rows) => builder.0.append_null(),
            Self::Boolean(builder) if !builder.len_is(rows) => builder.0.append_null(),
            Self::Timestamp(builder) if !builder.len_is(rows) => builder.0.append_null(),
            Self::Date(builder) if !builder.len_is(rows) => builder.0.append_null(),
            _ => {}
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(fitting(builder.0.finish())),
            Self::Integer(builder) => Arc::new(builder.0.finish()),
            Self::Float(builder) => Arc::new(builder.0.finish()),
            Self::Boolean(builder) => Arc::new(builder.0.finish()),
            Self::Timestamp(builder) => Arc::new(builder.0.finish()),
            Self::Date(builder) => Arc::new(builder.0.finish()),
        }
    }
}

/// The same texts without room that they do not need: a few rows would hold a whole block for as long as they wait in memory.
fn fitting(texts: StringViewArray) -> StringViewArray {
    let (used, held) = texts
        .data_buffers()
        .iter()
        .fold((0, 0), |(used, held), buffer| {
            (used + buffer.len(), held + buffer.capacity())
        });
    if held > 2 * used { texts.gc() } else { texts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    fn sink() -> RowSink {
        let schemas: Vec<_> = tables::built_in().into_iter().map(Arc::new).collect();
        RowSink::new(&schemas)
    }

    #[test]
    fn unset_columns_are_null_and_time_falls_back() {
        let mut sink = sink();
        let table = sink.table("telemetry").unwrap();
        let taken = Timestamp::from_millis(86_400_000);
        table.begin(Offset(7), taken);
        table.text(tables::telemetry::DEVICE_ID, "d1");
        table.end();
        let rows = sink.finish();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].first, Offset(7));
        let batch = &rows[0].rows;
        assert_eq!(batch.num_rows(), 1);
        let value = batch.column(tables::telemetry::VALUE);
        assert_eq!(value.null_count(), 1);
        assert_eq!(batch.column(TIME_INDEX).null_count(), 0);
    }

    #[test]
    fn a_second_value_or_a_wrong_type_changes_nothing() {
        let mut sink = sink();
        let table = sink.table_of_type(tables::TELEMETRY_TYPE).unwrap();
        table.begin(Offset(0), Timestamp::default());
        table.text(tables::telemetry::DEVICE_ID, "first");
        table.text(tables::telemetry::DEVICE_ID, "second");
        table.text(tables::telemetry::VALUE, "no number");
        table.end();
        let rows = sink.finish().remove(0).rows;
        assert_eq!(rows.column(tables::telemetry::VALUE).null_count(), 1);
        assert_eq!(rows.num_rows(), 1);
        assert!(sink.finish().is_empty());
    }

    #[test]
    fn few_texts_hold_little_memory() {
        let mut sink = sink();
        let table = sink.table("messages").unwrap();
        let payload = "a payload that is no part of the view itself";
        table.begin(Offset(0), Timestamp::default());
        table.text(tables::messages::PAYLOAD, payload);
        table.end();
        let rows = sink.finish().remove(0).rows;
        let texts = rows.column(tables::messages::PAYLOAD);
        assert!(texts.get_array_memory_size() < 1024);
        let texts = texts.as_any().downcast_ref::<StringViewArray>().unwrap();
        assert_eq!(texts.value(0), payload);
    }
}
