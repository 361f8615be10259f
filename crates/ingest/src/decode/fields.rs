//! Writing the fields of an event's data to the columns of a table.

use trunkline_lake::{ColumnType, TableBuilder, TableSchema, tables};
use trunkline_model::Timestamp;

use crate::json::{self, ScanError, Value, ValueKind};

/// Deep enough for whatever the door let in.
pub(super) const DEEP: u32 = 128;

/// The place of `time` in every table.
pub(super) const TIME: usize = tables::events::TIME_INDEX;

/// Where a table keeps what belongs to the envelope, and what has no column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) id: Option<usize>,
    pub(super) source: Option<usize>,
    pub(super) subject: Option<usize>,
    pub(super) correlation: Option<usize>,
    pub(super) causation: Option<usize>,
    extra: Option<usize>,
    ts: Option<usize>,
}

impl Layout {
    /// The layout of a table.
    pub(super) fn of(schema: &TableSchema) -> Self {
        Self {
            id: schema.index_of("id"),
            source: schema.index_of("source"),
            subject: schema.index_of("subject"),
            correlation: schema.index_of("correlationid"),
            causation: schema.index_of("causationid"),
            extra: schema.index_of(tables::EXTRA),
            ts: schema.index_of("ts"),
        }
    }
}

/// Names of columns that a field of the data never fills: the platform and the envelope do. Such a field goes to `extra`.
fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "offset"
            | "time"
            | "day"
            | "id"
            | "source"
            | "subject"
            | "correlationid"
            | "causationid"
            | "extra"
    )
}

/// Writes fields to columns, row after row of the same table; keeps its buffers and what it learnt about the order of fields.
#[derive(Debug, Default)]
pub(super) struct FieldWriter {
    /// The column that the field at each place of the object had last time: producers keep their order.
    guesses: Vec<u32>,
    /// The row in which each column was set last.
    set_in: Vec<u32>,
    row: u32,
    extra: String,
    scratch: String,
}

impl FieldWriter {
    /// Begins a row; call it right after the table's own `begin`.
    pub(super) fn begin(&mut self) {
        self.row = self.row.wrapping_add(1);
        self.extra.clear();
    }

    /// Writes the members of the object `text`. With `timed`, the first of `time` and `ts` that says a time gives the row's time.
    pub(super) fn object(
        &mut self,
        table: &mut TableBuilder,
        layout: &Layout,
        text: &str,
        mut timed: bool,
    ) -> Result<(), ScanError> {
        let mut members = json::members(text, DEEP);
        let mut place = 0;
        while let Some(member) = members.next()? {
            let key = member.key.raw;
            if timed
                && let "ts" | "time" = key
                && let Some(time) = json::time_of(member.value)
            {
                timed = false;
                table.timestamp(TIME, time);
                if let ("ts", Some(column)) = (key, layout.ts) {
                    self.field(table, column, key, member.value);
                }
            } else {
                let column = match member.key.escaped {
                    false => self.column(table.schema(), key, place),
                    true => json::unescape(member.key, &mut self.scratch)
                        .and_then(|name| find(table.schema(), name)),
                };
                match column {
                    Some(column) => self.field(table, column, key, member.value),
                    None => self.keep(key, member.value.raw),
                }
            }
            place += 1;
        }
        Ok(())
    }

    /// Keeps a member in `extra`; `key` is its name with its escapes, `raw` its value as JSON.
    pub(super) fn keep(&mut self, key: &str, raw: &str) {
        self.extra
            .push(if self.extra.is_empty() { '{' } else { ',' });
        self.extra.push('"');
        self.extra.push_str(key);
        self.extra.push_str("\":");
        self.extra.push_str(raw);
    }

    /// Ends the row.
    pub(super) fn end(&mut self, table: &mut TableBuilder, layout: &Layout) {
        if !self.extra.is_empty() {
            self.extra.push('}');
            if let Some(column) = layout.extra {
                table.text(column, &self.extra);
            }
        }
        table.end();
    }

    #[inline]
    fn column(&mut self, schema: &TableSchema, key: &str, place: usize) -> Option<usize> {
        let guess = self.guesses.get(place).map(|guess| *guess as usize);
        if let Some(guess) = guess
            && schema
                .columns
                .get(guess)
                .is_some_and(|column| column.name == key)
        {
            return Some(guess);
        }
        let found = find(schema, key)?;
        // Objects of very many fields are not worth remembering.
        if place < 256 {
            self.guesses
                .resize(self.guesses.len().max(place + 1), u32::MAX);
            self.guesses[place] = u32::try_from(found).unwrap_or(u32::MAX);
        }
        Some(found)
    }

    /// Sets a column, or keeps the value in `extra` where it does not fit or the column has a value already.
    #[inline]
    fn field(&mut self, table: &mut TableBuilder, column: usize, key: &str, value: Value<'_>) {
        if value.kind == ValueKind::Null {
            return;
        }
        if self.set_in.len() <= column {
            self.set_in.resize(column + 1, self.row.wrapping_sub(1));
        }
        if self.set_in[column] != self.row && set(table, column, value, &mut self.scratch) {
            self.set_in[column] = self.row;
        } else {
            self.keep(key, value.raw);
        }
    }
}

fn find(schema: &TableSchema, name: &str) -> Option<usize> {
    if is_reserved(name) {
        None
    } else {
        schema.index_of(name)
    }
}

/// A value in the type of its column.
#[derive(Debug)]
enum Fitting<'a> {
    Text(&'a str),
    Whole(i64),
    Float(f64),
    Truth(bool),
    Time(Timestamp),
}

/// Sets a column where the value fits its type, and says whether it does.
#[inline]
fn set(table: &mut TableBuilder, column: usize, value: Value<'_>, scratch: &mut String) -> bool {
    let columns = &table.schema().columns;
    let Some(fitting) = columns
        .get(column)
        .and_then(|column| fit(column.kind, value, scratch))
    else {
        return false;
    };
    match fitting {
        Fitting::Text(text) => table.text(column, text),
        Fitting::Whole(number) => table.integer(column, number),
        Fitting::Float(number) => table.float(column, number),
        Fitting::Truth(truth) => table.boolean(column, truth),
        Fitting::Time(time) => table.timestamp(column, time),
    }
    true
}

#[inline]
fn fit<'a>(kind: ColumnType, value: Value<'a>, scratch: &'a mut String) -> Option<Fitting<'a>> {
    match (kind, value.kind) {
        (ColumnType::String, ValueKind::String { .. }) => {
            json::unescape(value.text()?, scratch).map(Fitting::Text)
        }
        (ColumnType::Json, _) => Some(Fitting::Text(value.raw)),
        (ColumnType::Float, ValueKind::Number { .. }) => {
            let number: f64 = value.raw.parse().ok()?;
            number.is_finite().then_some(Fitting::Float(number))
        }
        (ColumnType::Integer, ValueKind::Number { integer }) => {
            whole(value.raw, integer).map(Fitting::Whole)
        }
        (ColumnType::Boolean, ValueKind::True) => Some(Fitting::Truth(true)),
        (ColumnType::Boolean, ValueKind::False) => Some(Fitting::Truth(false)),
        (ColumnType::Timestamp, _) => json::time_of(value).map(Fitting::Time),
        _ => None,
    }
}

/// The whole number that a text says; `5.0` is one too, as long as a float holds it exactly.
fn whole(raw: &str, integer: bool) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if integer {
        return raw.parse().ok();
    }
    let number: f64 = raw.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}
