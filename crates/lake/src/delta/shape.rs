//! A table's shape as Delta stores it, and back.

use std::collections::HashMap;

use deltalake::kernel::{DataType, MetadataValue, PrimitiveType, StructField, StructType};

use trunkline_log::Offset;

use crate::schema::{Column, ColumnType, DAY, OFFSET, TableSchema};

const COMMENT: &str = "comment";
const KIND: &str = "trunkline.type";
const EVENT_TYPE: &str = "trunkline.eventType";
const CLUSTER_BY: &str = "trunkline.clusterBy";
pub(super) const RETENTION_DAYS: &str = "trunkline.retentionDays";
pub(super) const SINCE: &str = "trunkline.since";

/// A column as a field of a Delta schema. JSON is text to Delta; a note in the field's metadata keeps the difference.
pub(crate) fn delta_field(column: &Column) -> StructField {
    let kind = match column.kind {
        ColumnType::String | ColumnType::Json => PrimitiveType::String,
        ColumnType::Integer => PrimitiveType::Long,
        ColumnType::Float => PrimitiveType::Double,
        ColumnType::Boolean => PrimitiveType::Boolean,
        ColumnType::Timestamp => PrimitiveType::Timestamp,
        ColumnType::Date => PrimitiveType::Date,
    };
    let mut metadata = vec![(COMMENT, MetadataValue::String(column.comment.clone()))];
    if column.kind == ColumnType::Json {
        metadata.push((KIND, MetadataValue::String("json".into())));
    }
    let nullable = column.name != OFFSET && column.name != DAY;
    StructField::new(&column.name, DataType::Primitive(kind), nullable).with_metadata(metadata)
}

/// All columns of a table as fields.
pub(crate) fn delta_fields(schema: &TableSchema) -> Vec<StructField> {
    schema.columns.iter().map(delta_field).collect()
}

/// The table properties that say what Delta itself has no word for.
pub(super) fn properties(schema: &TableSchema, since: Offset) -> Vec<(String, Option<String>)> {
    let mut properties = vec![
        (SINCE.to_owned(), Some(since.to_string())),
        (CLUSTER_BY.to_owned(), Some(schema.cluster_by.join(","))),
        ("delta.checkpointInterval".to_owned(), Some("50".to_owned())),
        (
            "delta.logRetentionDuration".to_owned(),
            Some("interval 2 days".to_owned()),
        ),
    ];
    if let Some(event_type) = &schema.event_type {
        properties.push((EVENT_TYPE.to_owned(), Some(event_type.clone())));
    }
    properties
}

/// The shape of the table called `name` with this Delta schema and these properties.
///
/// Columns of types that Trunkline does not write, which another engine may have added, are left out.
pub(super) fn table_schema(
    name: &str,
    fields: &StructType,
    properties: &HashMap<String, String>,
) -> TableSchema {
    let mut columns: Vec<Column> = fields
        .fields()
        .filter(|field| field.name() != DAY)
        .filter_map(column)
        .collect();
    columns.extend(fields.field(DAY).and_then(column));
    let list = |key| {
        properties
            .get(key)
            .map(|value: &String| {
                value
                    .split(',')
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    };
    TableSchema {
        name: name.into(),
        event_type: properties.get(EVENT_TYPE).cloned(),
        columns,
        cluster_by: list(CLUSTER_BY),
    }
}

fn column(field: &StructField) -> Option<Column> {
    let DataType::Primitive(primitive) = field.data_type() else {
        return None;
    };
    let is_json =
        matches!(field.metadata().get(KIND), Some(MetadataValue::String(kind)) if kind == "json");
    let kind = match primitive {
        PrimitiveType::String if is_json => ColumnType::Json,
        PrimitiveType::String => ColumnType::String,
        PrimitiveType::Long => ColumnType::Integer,
        PrimitiveType::Double => ColumnType::Float,
        PrimitiveType::Boolean => ColumnType::Boolean,
        PrimitiveType::Timestamp => ColumnType::Timestamp,
        PrimitiveType::Date => ColumnType::Date,
        _ => return None,
    };
    let comment = match field.metadata().get(COMMENT) {
        Some(MetadataValue::String(comment)) => comment.as_str(),
        _ => "",
    };
    Some(Column::new(field.name(), kind, comment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    #[test]
    fn every_built_in_table_comes_back_as_it_went() {
        for schema in tables::built_in() {
            let fields = StructType::try_new(delta_fields(&schema)).unwrap();
            let properties = properties(&schema, Offset(3))
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?)))
                .collect();
            assert_eq!(table_schema(&schema.name, &fields, &properties), schema);
        }
    }
}
