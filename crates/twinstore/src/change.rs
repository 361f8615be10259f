//! The events: all that is needed to make a document again.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_model::{Event, EventError, IdGen, Timestamp, catalogue};
use trunkline_twin::{Document, Section, Times};

use crate::TwinRequest;
use crate::cache::Key;

/// The room that the events are of.
const ROOM: &str = "fleet";

/// A changed twin, as it is written.
#[derive(Serialize)]
struct Changed<'a> {
    thing: &'a str,
    shadow: &'a str,
    version: u64,
    deleted: bool,
    desired: &'a Map<String, Value>,
    reported: &'a Map<String, Value>,
    metadata: Metadata<'a>,
    by: &'a str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    desired: &'a Times,
    reported: &'a Times,
}

/// A changed twin, as it is read. `by` is no part of the document.
#[derive(Deserialize)]
struct Written {
    thing: String,
    shadow: String,
    version: u64,
    deleted: bool,
    desired: Map<String, Value>,
    reported: Map<String, Value>,
    metadata: WrittenMetadata,
}

#[derive(Deserialize)]
struct WrittenMetadata {
    desired: Times,
    reported: Times,
}

/// All twins of a thing are gone, since the thing is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Forgotten {
    /// The thing.
    pub thing: String,
    /// Who took it away.
    #[serde(default)]
    pub by: String,
}

/// What an event says about twins.
pub(crate) enum Said {
    Changed(Key, Box<Document>),
    Forgotten(String),
    Nothing,
}

/// The event of a change that `request` made.
pub(crate) fn changed(
    request: &TwinRequest,
    document: &Document,
    now: Timestamp,
    ids: &dyn IdGen,
) -> Result<Event, EventError> {
    let changed = Changed {
        thing: &request.thing,
        shadow: request.shadow.as_deref().unwrap_or_default(),
        version: document.version,
        deleted: document.deleted,
        desired: &document.desired.state,
        reported: &document.reported.state,
        metadata: Metadata {
            desired: &document.desired.metadata,
            reported: &document.reported.metadata,
        },
        by: &request.by,
    };
    let kind = catalogue::FLEET_TWIN_CHANGED;
    Event::platform(ROOM, kind, &request.thing, now, ids, &changed)
}

/// The event of a thing whose twins are gone.
pub(crate) fn forgotten(
    thing: &str,
    by: &str,
    now: Timestamp,
    ids: &dyn IdGen,
) -> Result<Event, EventError> {
    let data = Forgotten {
        thing: thing.to_owned(),
        by: by.to_owned(),
    };
    let kind = catalogue::FLEET_TWINS_FORGOTTEN;
    Event::platform(ROOM, kind, thing, now, ids, &data)
}

/// Reads an event. One that cannot be read is told, and says nothing.
pub(crate) fn read(event: &Event) -> Said {
    let Some(data) = event.data.as_ref() else {
        return Said::Nothing;
    };
    let said = match event.kind.as_str() {
        catalogue::FLEET_TWIN_CHANGED => serde_json::from_str(data.get())
            .map(|written| said_of(written, event.time.unwrap_or_default())),
        catalogue::FLEET_TWINS_FORGOTTEN => serde_json::from_str(data.get())
            .map(|forgotten: Forgotten| Said::Forgotten(forgotten.thing)),
        _ => return Said::Nothing,
    };
    said.unwrap_or_else(|error| {
        tracing::warn!(id = event.id, %error, "an event about a twin cannot be read");
        Said::Nothing
    })
}

fn said_of(written: Written, at: Timestamp) -> Said {
    let document = Document {
        desired: Section {
            state: written.desired,
            metadata: written.metadata.desired,
        },
        reported: Section {
            state: written.reported,
            metadata: written.metadata.reported,
        },
        version: written.version,
        timestamp: seconds(at),
        deleted: written.deleted,
    };
    Said::Changed(
        Key {
            thing: written.thing,
            shadow: written.shadow,
        },
        Box::new(document),
    )
}

/// Whole seconds, as twins count them.
pub(crate) const fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}
