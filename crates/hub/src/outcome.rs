//! What topic rules made of a message, as it lies in the log behind the message's head: rows, and reasons why there are none.
//!
//! The rules of today made them, so a later reading of the log gives the same rows whatever the rules are then.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | 1 for a row, 2 for a failure |
//! | row: 2 and so many, 8, 2 | table, time in microseconds, how many cells |
//! | cell: 2 and so many, 1, more | column, what it is, and the value; see [`Cell`] |
//! | failure: 2 and so many, twice | rule, reason |

use std::borrow::Cow;

use trunkline_lake::TableBuilder;
use trunkline_model::Timestamp;
use trunkline_telemetry::{Cell, Failure, Row, Table};

const ROW: u8 = 1;
const FAILURE: u8 = 2;

/// Writes a row of `table`; cells that are null are left out.
pub(crate) fn write_row(table: &Table, row: &Row<'_, '_>, out: &mut Vec<u8>) {
    out.push(ROW);
    text(&table.name, out);
    out.extend_from_slice(&row.time.as_micros().to_be_bytes());
    let cells = || {
        let all = table.columns.iter().zip(row.cells);
        all.filter(|(_, cell)| !matches!(cell, Cell::Null))
    };
    let count = u16::try_from(cells().count()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_be_bytes());
    for (column, cell) in cells().take(count.into()) {
        text(&column.name, out);
        write_cell(cell, out);
    }
}

pub(crate) fn write_failure(failure: &Failure, out: &mut Vec<u8>) {
    out.push(FAILURE);
    text(failure.rule.as_deref().unwrap_or_default(), out);
    text(&failure.reason, out);
}

fn write_cell(cell: &Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.push(0),
        Cell::Text(value) => {
            out.push(1);
            // Part of a payload, which is much shorter.
            let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(value.as_bytes());
        }
        Cell::Integer(value) => {
            out.push(2);
            out.extend_from_slice(&value.to_be_bytes());
        }
        Cell::Float(value) => {
            out.push(3);
            out.extend_from_slice(&value.to_be_bytes());
        }
        Cell::Boolean(value) => out.extend_from_slice(&[4, u8::from(*value)]),
        Cell::Time(value) => {
            out.push(5);
            out.extend_from_slice(&value.as_micros().to_be_bytes());
        }
    }
}

/// A text of at most 65,535 bytes; what is longer is cut where a character ends.
fn text(text: &str, out: &mut Vec<u8>) {
    let cut = text.floor_char_boundary(u16::MAX.into());
    let length = u16::try_from(cut).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&text.as_bytes()[..cut]);
}

/// What was made of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome<'a> {
    Row {
        table: &'a str,
        time: Timestamp,
        cells: Vec<(&'a str, Cell<'a>)>,
    },
    Failure {
        rule: &'a str,
        reason: &'a str,
    },
}

/// Reads all that was written; nothing where it is something else.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Outcome<'_>>> {
    let mut reader = Reader(bytes);
    let mut all = Vec::new();
    while !reader.0.is_empty() {
        all.push(match reader.byte()? {
            ROW => {
                let table = reader.text()?;
                let time = Timestamp::from_micros(i64::from_be_bytes(reader.take()?));
                let count = u16::from_be_bytes(reader.take()?);
                let mut cells = Vec::with_capacity(count.into());
                for _ in 0..count {
                    cells.push((reader.text()?, reader.cell()?));
                }
                Outcome::Row { table, time, cells }
            }
            FAILURE => Outcome::Failure {
                rule: reader.text()?,
                reason: reader.text()?,
            },
            _ => return None,
        });
    }
    Some(all)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn bytes(&mut self, length: usize) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = u16::from_be_bytes(self.take()?);
        self.bytes(length.into())
    }

    fn cell(&mut self) -> Option<Cell<'a>> {
        Some(match self.byte()? {
            0 => Cell::Null,
            1 => {
                let length = u32::from_be_bytes(self.take()?);
                Cell::Text(Cow::Borrowed(self.bytes(length.try_into().ok()?)?))
            }
            2 => Cell::Integer(i64::from_be_bytes(self.take()?)),
            3 => Cell::Float(f64::from_be_bytes(self.take()?)),
            4 => Cell::Boolean(self.byte()? != 0),
            5 => Cell::Time(Timestamp::from_micros(i64::from_be_bytes(self.take()?))),
            _ => return None,
        })
    }
}

/// Sets a cell of the row that is being built. A column that the table does not have, or has with another type, stays null.
pub(crate) fn set(table: &mut TableBuilder, column: &str, cell: &Cell<'_>) {
    let Some(place) = table.schema().index_of(column) else {
        return;
    };
    match cell {
        Cell::Null => {}
        Cell::Text(value) => table.text(place, value),
        Cell::Integer(value) => table.integer(place, *value),
        Cell::Float(value) => table.float(place, *value),
        Cell::Boolean(value) => table.boolean(place, *value),
        Cell::Time(value) => table.timestamp(place, *value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_telemetry::{Column, ColumnKind};

    #[test]
    fn what_is_written_is_read_and_what_is_cut_is_not() {
        let column = |name: &str| Column {
            name: name.into(),
            kind: ColumnKind::String,
            unit: None,
            comment: String::new(),
        };
        let table = Table {
            name: "readings".into(),
            columns: ["a", "b", "c", "d", "e", "f"].map(column).to_vec(),
            rules: Vec::new(),
        };
        let cells = [
            Cell::Text("x".into()),
            Cell::Null,
            Cell::Integer(-7),
            Cell::Float(0.5),
            Cell::Boolean(true),
            Cell::Time(Timestamp::from_micros(9)),
        ];
        let row = Row {
            time: Timestamp::from_micros(5),
            cells: &cells,
        };
        let mut out = Vec::new();
        write_row(&table, &row, &mut out);
        let end = out.len();
        let failure = Failure {
            rule: Some("pump".into()),
            reason: "no number".into(),
        };
        write_failure(&failure, &mut out);
        let named = ["a", "c", "d", "e", "f"];
        let kept = cells.iter().filter(|cell| **cell != Cell::Null).cloned();
        let wanted = vec![
            Outcome::Row {
                table: "readings",
                time: Timestamp::from_micros(5),
                cells: named.into_iter().zip(kept).collect(),
            },
            Outcome::Failure {
                rule: "pump",
                reason: "no number",
            },
        ];
        assert_eq!(read(&out), Some(wanted));
        for length in (1..out.len()).filter(|length| *length != end) {
            assert_eq!(read(&out[..length]), None);
        }
    }
}
