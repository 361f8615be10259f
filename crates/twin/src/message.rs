//! What is told about a twin.

use serde_json::{Map, Value};

use crate::delta::delta;
use crate::document::Document;
use crate::merge::{stamp, times};
use crate::request::{Change, Request, SectionChange};

/// Puts a message together in the order in which AWS writes it.
struct Message(Map<String, Value>);

impl Message {
    const fn of(members: Map<String, Value>) -> Self {
        Self(members)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    fn token(self, token: Option<&str>) -> Value {
        match token {
            Some(token) => self.with("clientToken", token).0.into(),
            None => self.0.into(),
        }
    }
}

/// The state with its sections, those that are empty left out, and the metadata likewise.
fn halves(document: &Document, with_delta: bool) -> (Map<String, Value>, Map<String, Value>) {
    let (mut state, mut metadata) = (Map::new(), Map::new());
    for (name, section) in [
        ("desired", &document.desired),
        ("reported", &document.reported),
    ] {
        if !section.is_empty() {
            state.insert(name.into(), section.state.clone().into());
            metadata.insert(name.into(), section.metadata.clone().into());
        }
    }
    if with_delta {
        let (wanted, _) = difference(document);
        if !wanted.is_empty() {
            state.insert("delta".into(), wanted.into());
        }
    }
    (state, metadata)
}

fn difference(document: &Document) -> (Map<String, Value>, Map<String, Value>) {
    delta(
        &document.desired.state,
        &document.desired.metadata,
        Some(&document.reported.state),
    )
}

/// The whole document, for who asks.
pub(crate) fn whole(document: &Document, token: Option<&str>) -> Value {
    let (state, metadata) = halves(document, true);
    Message::of(Map::new())
        .with("state", state)
        .with("metadata", metadata)
        .with("version", document.version)
        .with("timestamp", document.timestamp)
        .token(token)
}

/// What was asked for, to who asked for it.
pub(crate) fn accepted(document: &Document, request: &Request) -> Value {
    let now = document.timestamp;
    let message = Message::of(Map::new());
    let message = match &request.change {
        Change::Clear => message
            .with("state", Value::Null)
            .with("metadata", stamp(now)),
        Change::Sections { desired, reported } => {
            let (mut state, mut metadata) = (Map::new(), Map::new());
            for (name, change) in [("desired", desired), ("reported", reported)] {
                match change {
                    None => {}
                    Some(SectionChange::Remove) => {
                        state.insert(name.into(), Value::Null);
                        metadata.insert(name.into(), stamp(now));
                    }
                    Some(SectionChange::Merge(members)) => {
                        let value = Value::Object(members.clone());
                        metadata.insert(name.into(), times(&value, now));
                        state.insert(name.into(), value);
                    }
                }
            }
            message.with("state", state).with("metadata", metadata)
        }
    };
    message
        .with("version", document.version)
        .with("timestamp", now)
        .token(request.token.as_deref())
}

/// All that is wanted and not yet so, for the device; nothing where there is no difference.
pub(crate) fn differing(document: &Document, token: Option<&str>) -> Option<Value> {
    let (state, metadata) = difference(document);
    (!state.is_empty()).then(|| {
        Message::of(Map::new())
            .with("version", document.version)
            .with("timestamp", document.timestamp)
            .with("state", state)
            .with("metadata", metadata)
            .token(token)
    })
}

/// The document before and after, for who keeps a history.
pub(crate) fn documents(before: Option<&Document>, after: &Document, token: Option<&str>) -> Value {
    let one = |document: &Document| {
        let (state, metadata) = halves(document, false);
        Message::of(Map::new())
            .with("state", state)
            .with("metadata", metadata)
            .with("version", document.version)
            .0
    };
    let mut message = Message::of(Map::new());
    if let Some(before) = before {
        message = message.with("previous", one(before));
    }
    message
        .with("current", one(after))
        .with("timestamp", after.timestamp)
        .token(token)
}

/// That the shadow is gone.
pub(crate) fn deleted(document: &Document, token: Option<&str>) -> Value {
    Message::of(Map::new())
        .with("version", document.version)
        .with("timestamp", document.timestamp)
        .token(token)
}
