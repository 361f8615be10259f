//! The events of artifacts.

use serde::Serialize;
use trunkline_model::{Clock, Event, EventError, IdGen, catalogue};

use crate::Artifact;

#[derive(Serialize)]
struct Added<'a> {
    name: &'a str,
    version: &'a str,
    bytes: u64,
    sha256: &'a str,
    key: &'a str,
    by: &'a str,
}

#[derive(Serialize)]
struct Removed<'a> {
    name: &'a str,
    version: &'a str,
    sha256: &'a str,
    by: &'a str,
}

/// The event that an artifact was uploaded.
pub(crate) fn added(
    artifact: &Artifact,
    clock: &dyn Clock,
    ids: &dyn IdGen,
) -> Result<Event, EventError> {
    let data = Added {
        name: &artifact.name,
        version: &artifact.version,
        bytes: artifact.bytes,
        sha256: &artifact.sha256,
        key: &artifact.key,
        by: &artifact.by,
    };
    let kind = catalogue::FLEET_ARTIFACT_ADDED;
    Event::platform(
        "artifact",
        kind,
        &artifact.subject(),
        clock.now(),
        ids,
        &data,
    )
}

/// The event that `by` removed an artifact.
pub(crate) fn removed(
    artifact: &Artifact,
    by: &str,
    clock: &dyn Clock,
    ids: &dyn IdGen,
) -> Result<Event, EventError> {
    let data = Removed {
        name: &artifact.name,
        version: &artifact.version,
        sha256: &artifact.sha256,
        by,
    };
    let kind = catalogue::FLEET_ARTIFACT_REMOVED;
    Event::platform(
        "artifact",
        kind,
        &artifact.subject(),
        clock.now(),
        ids,
        &data,
    )
}
