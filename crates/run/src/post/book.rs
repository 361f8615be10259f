//! What is known of a service.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;
use trunkline_project::Service;
use trunkline_project::service::Route;
use trunkline_rollout::{DeploymentId, Finding, History, ReleaseId};

use super::Instance;
use crate::port::RouteTarget;
use crate::store::{ReleaseRow, ServiceRow};

/// The post of one service.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) name: String,
    repository: String,
    /// Told where a turn is worth while.
    pub(crate) wake: Arc<Notify>,
    /// Whoever changes something of the service holds it.
    pub(crate) book: Mutex<Book>,
}

/// What is known of a service.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) row: ServiceRow,
    /// It is in its trunk no more: once nothing of it runs, there is no post.
    pub(crate) gone: bool,
    pub(crate) releases: BTreeMap<ReleaseId, ReleaseRow>,
    pub(crate) instances: BTreeMap<String, Instance>,
    pub(crate) crashes: BTreeMap<ReleaseId, Crashes>,
    pub(crate) files: BTreeMap<ReleaseId, Files>,
    /// What the routes were told the last time.
    pub(crate) routed: Option<(Route, Vec<RouteTarget>)>,
    /// Why the routes do not take it.
    pub(crate) refused: Option<String>,
    pub(crate) looked: Instant,
    pub(crate) finding: Option<Finding>,
    pub(crate) judging: Judging,
}

/// How often instances of a release ended by themselves.
#[derive(Clone, Debug)]
pub(crate) struct Crashes {
    pub(crate) count: u32,
    pub(crate) last: Instant,
    pub(crate) why: String,
}

/// Whether the files of a release are here.
#[derive(Clone, Debug)]
pub(crate) enum Files {
    /// They are being brought.
    Coming,
    /// They are here.
    Here,
    /// They cannot be brought; why, and since when.
    Failed(String, Instant),
}

/// How the release before did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// By each rule.
    pub(crate) histories: Vec<(String, History)>,
    /// From where on an answer is slow, in microseconds; nothing where that is not known.
    pub(crate) slow: Option<u64>,
}

/// How far the judge is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judging {
    /// It is at work.
    pub(crate) busy: bool,
    /// When it looked the last time.
    pub(crate) looked: Option<Instant>,
    /// What is known from before the deployment.
    pub(crate) history: Option<(DeploymentId, Before)>,
}

impl Book {
    /// The manifest of the release that serves.
    pub(crate) fn serving(&self) -> Option<&Service> {
        let serving = self.row.line.serving?;
        self.releases.get(&serving).map(|release| &release.manifest)
    }
}

impl Post {
    pub(crate) fn new(row: ServiceRow) -> Arc<Self> {
        Arc::new(Self {
            name: row.name.clone(),
            repository: row.repository.clone(),
            wake: Arc::default(),
            book: Mutex::new(Book {
                row,
                gone: false,
                releases: BTreeMap::new(),
                instances: BTreeMap::new(),
                crashes: BTreeMap::new(),
                files: BTreeMap::new(),
                routed: None,
                refused: None,
                looked: Instant::now(),
                finding: None,
                judging: Judging::default(),
            }),
        })
    }

    pub(crate) fn repository(&self) -> &str {
        &self.repository
    }
}
