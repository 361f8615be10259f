//! The events of services.

use serde::Serialize;
use serde_json::Value;
use trunkline_model::{Clock, Event, EventError, IdGen, Timestamp, catalogue};
use trunkline_rollout::Deployment;

use crate::port::Fetched;
use crate::store::{ReleaseRow, ServiceRow};

/// The step of a canary as people count: from 1, and 0 where it is at none.
pub(crate) fn step_of(deployment: &Deployment) -> i64 {
    deployment
        .current_step()
        .map_or(0, |_| i64::try_from(deployment.step + 1).unwrap_or(0))
}

/// What events are made with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn IdGen,
}

impl Made<'_> {
    fn event(self, kind: &str, subject: &str, data: &impl Serialize) -> Result<Event, EventError> {
        Event::platform("run", kind, subject, self.clock.now(), self.ids, data)
    }

    /// A service was found, changed, pinned or removed.
    pub(crate) fn service(
        self,
        service: &ServiceRow,
        removed: bool,
        reason: &str,
        by: &str,
    ) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            service: &'a str,
            repository: &'a str,
            folder: &'a str,
            pinned: bool,
            removed: bool,
            reason: &'a str,
            by: &'a str,
        }
        let data = Data {
            service: &service.name,
            repository: &service.repository,
            folder: &service.folder,
            pinned: service.line.pinned.is_some(),
            removed,
            reason,
            by,
        };
        self.event(catalogue::RUN_SERVICE_CHANGED, &service.name, &data)
    }

    /// A release has its files.
    pub(crate) fn release(
        self,
        release: &ReleaseRow,
        fetched: &Fetched,
        by: &str,
    ) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            release: String,
            service: &'a str,
            number: i64,
            repository: &'a str,
            commit: &'a str,
            digest: &'a str,
            files: u64,
            bytes: u64,
            tasks: &'a std::collections::BTreeMap<String, String>,
            by: &'a str,
        }
        let data = Data {
            release: release.id.to_string(),
            service: &release.service,
            number: release.number,
            repository: &release.repository,
            commit: &release.commit,
            digest: &fetched.digest,
            files: fetched.files,
            bytes: fetched.bytes,
            tasks: &fetched.tasks,
            by,
        };
        self.event(catalogue::RUN_RELEASE_CREATED, &release.service, &data)
    }

    /// A deployment came to another state or step.
    pub(crate) fn deployment(
        self,
        deployment: &Deployment,
        release: &ReleaseRow,
        evidence: Option<&Value>,
        started: Timestamp,
    ) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            deployment: String,
            service: &'a str,
            kind: &'a str,
            release: String,
            number: i64,
            previous: Option<String>,
            state: &'a str,
            step: i64,
            percent: u8,
            reason: &'a str,
            evidence: Option<&'a Value>,
            commit: &'a str,
            started: Timestamp,
            by: &'a str,
        }
        let data = Data {
            deployment: deployment.id.to_string(),
            service: &release.service,
            kind: deployment.kind.name(),
            release: release.id.to_string(),
            number: release.number,
            previous: deployment.previous.map(|id| id.to_string()),
            state: deployment.state.name(),
            step: step_of(deployment),
            percent: deployment.percent(),
            reason: &deployment.reason,
            evidence,
            commit: &release.commit,
            started,
            by: &deployment.by,
        };
        self.event(catalogue::RUN_DEPLOYMENT_CHANGED, &release.service, &data)
    }

    /// An instance came to another state.
    pub(crate) fn instance(self, told: &ToldInstance<'_>) -> Result<Event, EventError> {
        self.event(catalogue::RUN_INSTANCE_CHANGED, told.service, told)
    }
}

/// What is told of an instance.
#[derive(Serialize)]
pub(crate) struct ToldInstance<'a> {
    pub(crate) instance: &'a str,
    pub(crate) service: &'a str,
    pub(crate) release: String,
    pub(crate) state: &'a str,
    pub(crate) port: u16,
    pub(crate) exit: Option<i32>,
    pub(crate) reason: &'a str,
}
