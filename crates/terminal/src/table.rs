//! Rows of values as columns for people, or as comma-separated values.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::Value;

use super::style;

/// Rows under named columns.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Grid {
    /// Rows that came with their columns.
    #[must_use]
    pub fn new(columns: Vec<String>, rows: Vec<Vec<Value>>) -> Self {
        Self { columns, rows }
    }

    /// These fields of each object.
    #[must_use]
    pub fn of_objects(columns: &[&str], objects: &[Value]) -> Self {
        let rows = objects
            .iter()
            .map(|object| {
                columns
                    .iter()
                    .map(|column| object[*column].clone())
                    .collect()
            })
            .collect();
        Self::new(columns.iter().map(|&column| column.into()).collect(), rows)
    }

    /// Columns without borders; numbers stand to the right. Nothing is cut off.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(&self.columns);
        for row in &self.rows {
            table.add_row(row.iter().map(shown));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.is_numeric(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = String::new();
        for (index, line) in table.lines().enumerate() {
            let line = line.trim_end();
            let line = if index == 0 {
                style::heading(line)
            } else {
                line.to_owned()
            };
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// Comma-separated values, as RFC 4180 quotes them.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = self
            .columns
            .iter()
            .map(|name| quoted(name))
            .collect::<Vec<_>>()
            .join(",");
        text.push('\n');
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|value| quoted(&shown(value))).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    fn is_numeric(&self, column: usize) -> bool {
        let mut values = self
            .rows
            .iter()
            .filter_map(|row| row.get(column))
            .filter(|value| !value.is_null());
        values.clone().next().is_some() && values.all(Value::is_number)
    }
}

/// A value as a cell: text as it is, nothing for null, lists with commas, all else as JSON. Line ends would break the columns.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text
            .replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('\t', "\\t"),
        Value::Array(items) if items.iter().all(Value::is_string) => items
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grid() -> Grid {
        let rows = vec![
            json!({"name": "a,b", "n": 7}),
            json!({"name": "lines\nhere", "n": 1234}),
            json!({"name": null}),
        ];
        Grid::of_objects(&["name", "n"], &rows)
    }

    #[test]
    fn columns_are_plain_and_numbers_stand_right() {
        let text = anstream::adapter::strip_str(&grid().table()).to_string();
        assert_eq!(
            text,
            "name            n\na,b             7\nlines\\nhere  1234\n\n"
        );
    }

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        assert_eq!(grid().csv(), "name,n\n\"a,b\",7\nlines\\nhere,1234\n,\n");
    }
}
