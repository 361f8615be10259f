//! What the readers of TOML share.

use std::ops::Range;

use toml_edit::{Document, Item, Key, TableLike, Value};

pub(super) fn parse(text: &str) -> Option<Document<&str>> {
    Document::parse(text).ok()
}

/// The table along `way`.
pub(super) fn table<'a>(root: &'a dyn TableLike, way: &[&str]) -> Option<&'a dyn TableLike> {
    let mut at = root;
    for name in way {
        at = at.get(name)?.as_table_like()?;
    }
    Some(at)
}

/// The entries of a table, each with its key.
pub(super) fn entries(table: &dyn TableLike) -> Vec<(&Key, &Item)> {
    let names = table.iter().map(|(name, _)| name);
    names.filter_map(|name| table.get_key_value(name)).collect()
}

/// The inside of the quotes of a string that stands there as it is.
pub(super) fn inside(text: &str, value: &Item) -> Option<Range<usize>> {
    let (word, span) = (value.as_str()?, value.span()?);
    quoted(text, word, span)
}

pub(super) fn quoted(text: &str, word: &str, span: Range<usize>) -> Option<Range<usize>> {
    let inside = span.start + 1..span.end.checked_sub(1)?;
    (text.get(inside.clone()) == Some(word)).then_some(inside)
}

/// All that an entry takes up: its key, and its value wherever that is written with dots.
pub(super) fn whole(key: &Key, item: &Item) -> Option<Range<usize>> {
    let start = key.span()?.start;
    let end = match item {
        Item::Table(table) if !table.is_dotted() => return None,
        item => end_of(item)?,
    };
    (start < end).then_some(start..end)
}

fn end_of(item: &Item) -> Option<usize> {
    match item {
        Item::Value(Value::InlineTable(table)) if table.is_dotted() => table
            .iter()
            .filter_map(|(_, value)| value.span())
            .map(|span| span.end)
            .max(),
        Item::Table(table) if table.is_dotted() => {
            table.iter().filter_map(|(_, item)| end_of(item)).max()
        }
        item => item.span().map(|span| span.end),
    }
}
