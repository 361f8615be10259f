//! Rules from texts, and rows as one can compare them.

use trunkline_model::Timestamp;
use trunkline_telemetry::{Aliases, Cell, Failure, Limits, Message, Reserved, RuleFile, Rules};

/// What the platform keeps for itself.
pub(crate) const RESERVED: Reserved<'static> = Reserved {
    tables: &["messages", "events"],
    columns: &["offset", "time", "day"],
};

/// When the messages of the tests were received.
pub(crate) const RECEIVED: Timestamp = Timestamp::from_millis(1_795_543_200_000);

pub(crate) fn file(name: &str, text: &str) -> RuleFile {
    RuleFile {
        name: format!("telemetry/{name}.toml"),
        text: text.into(),
    }
}

pub(crate) fn compile(files: &[(&str, &str)]) -> Rules {
    let files: Vec<RuleFile> = files.iter().map(|(name, text)| file(name, text)).collect();
    Rules::compile(&files, &RESERVED, Limits::default())
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())
        .unwrap()
}

/// What is wrong with the files, in words.
pub(crate) fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<RuleFile> = files.iter().map(|(name, text)| file(name, text)).collect();
    let found = Rules::compile(&files, &RESERVED, Limits::default()).unwrap_err();
    found.iter().map(ToString::to_string).collect()
}

/// A row that was taken out: its table, its time and its cells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taken {
    pub(crate) table: String,
    pub(crate) time: Timestamp,
    pub(crate) cells: Vec<Cell<'static>>,
}

pub(crate) fn message<'a>(topic: &'a str, payload: &'a [u8]) -> Message<'a> {
    Message {
        topic,
        payload,
        client: Some("client-1"),
        principal: Some("cert-1"),
        thing: Some("pump-7"),
        received: RECEIVED,
        content_type: None,
    }
}

fn owned(cell: &Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Null => Cell::Null,
        Cell::Text(text) => Cell::Text(text.to_string().into()),
        Cell::Integer(number) => Cell::Integer(*number),
        Cell::Float(number) => Cell::Float(*number),
        Cell::Boolean(truth) => Cell::Boolean(*truth),
        Cell::Time(time) => Cell::Time(*time),
    }
}

/// The rows and what failed.
pub(crate) fn apply_with(
    rules: &Rules,
    message: &Message<'_>,
    aliases: &mut Aliases,
) -> (Vec<Taken>, Vec<Failure>) {
    let mut rows = Vec::new();
    let failures = rules.apply(message, aliases, |table, row| {
        rows.push(Taken {
            table: rules.tables()[table].name.clone(),
            time: row.time,
            cells: row.cells.iter().map(owned).collect(),
        });
    });
    (rows, failures)
}

pub(crate) fn apply(rules: &Rules, message: &Message<'_>) -> (Vec<Taken>, Vec<Failure>) {
    apply_with(rules, message, &mut Aliases::default())
}

/// The rows of a message with which nothing is wrong.
pub(crate) fn rows(rules: &Rules, message: &Message<'_>) -> Vec<Taken> {
    let (rows, failures) = apply(rules, message);
    assert_eq!(failures, []);
    rows
}

/// Why no row came of a message that one rule wants.
pub(crate) fn reason(rules: &Rules, message: &Message<'_>) -> String {
    let (rows, mut failures) = apply(rules, message);
    assert_eq!(
        (rows.len(), failures.len()),
        (0, 1),
        "{rows:?} {failures:?}"
    );
    failures.remove(0).reason
}

pub(crate) fn text(text: &str) -> Cell<'static> {
    Cell::Text(text.to_owned().into())
}
