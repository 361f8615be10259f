//! The events of mirrors.

use serde::Serialize;
use trunkline_model::{Clock, Event, EventError, IdGen, catalogue};

use crate::Mirror;

/// The event that a mirror was made, changed or removed.
pub(crate) fn changed(
    mirror: &Mirror,
    removed: bool,
    by: &str,
    clock: &dyn Clock,
    ids: &dyn IdGen,
) -> Result<Event, EventError> {
    #[derive(Serialize)]
    struct Changed<'a> {
        repository: &'a str,
        direction: &'a str,
        url: &'a str,
        branch: &'a str,
        removed: bool,
        by: &'a str,
    }
    let data = Changed {
        repository: &mirror.repository,
        direction: mirror.direction.name(),
        url: &mirror.url,
        branch: &mirror.branch,
        removed,
        by,
    };
    let kind = catalogue::MIRROR_CHANGED;
    Event::platform("mirror", kind, &mirror.repository, clock.now(), ids, &data)
}

/// The event that a mirror has another commit or another state than before.
pub(crate) fn synced(
    mirror: &Mirror,
    clock: &dyn Clock,
    ids: &dyn IdGen,
) -> Result<Event, EventError> {
    #[derive(Serialize)]
    struct Synced<'a> {
        repository: &'a str,
        direction: &'a str,
        url: &'a str,
        state: &'a str,
        commit: Option<&'a str>,
        problem: Option<&'a str>,
    }
    let data = Synced {
        repository: &mirror.repository,
        direction: mirror.direction.name(),
        url: &mirror.url,
        state: mirror.state.name(),
        commit: mirror.commit.as_deref(),
        problem: mirror.problem.as_deref(),
    };
    let kind = catalogue::MIRROR_SYNCED;
    Event::platform("mirror", kind, &mirror.repository, clock.now(), ids, &data)
}
