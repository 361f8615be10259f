//! The events of the forge.

use serde::Serialize;
use trunkline_model::{Clock, Event, EventError, IdGen, catalogue};

use crate::{Change, Comment, RepositoryInfo, Review, Run};

/// What events are made with.
#[derive(Clone, Copy)]
pub(crate) struct Made<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn IdGen,
}

impl Made<'_> {
    fn event(self, kind: &str, subject: &str, data: &impl Serialize) -> Result<Event, EventError> {
        Event::platform("forge", kind, subject, self.clock.now(), self.ids, data)
    }

    /// A repository was made, changed or removed.
    pub(crate) fn repository(
        self,
        repository: &RepositoryInfo,
        removed: bool,
        by: &str,
    ) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            repository: &'a str,
            trunk: &'a str,
            description: &'a str,
            removed: bool,
            by: &'a str,
        }
        let data = Data {
            repository: &repository.name,
            trunk: &repository.trunk,
            description: &repository.description,
            removed,
            by,
        };
        self.event(catalogue::FORGE_REPOSITORY_CHANGED, &repository.name, &data)
    }

    /// Refs were moved by a push.
    pub(crate) fn refs(self, moved: &MovedRefs<'_>) -> Result<Event, EventError> {
        self.event(catalogue::FORGE_REFS_UPDATED, moved.repository, moved)
    }

    /// Something became of a change.
    pub(crate) fn change(self, change: &Change, by: &str) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            change: i64,
            repository: &'a str,
            state: &'a str,
            mode: &'a str,
            revision: u32,
            commit: &'a str,
            title: &'a str,
            author: &'a str,
            topic: &'a str,
            landed: Option<&'a str>,
            reason: Option<&'a str>,
            by: &'a str,
        }
        let data = Data {
            change: change.number,
            repository: &change.repository,
            state: change.state.name(),
            mode: change.mode.name(),
            revision: change.revision,
            commit: &change.commit,
            title: &change.title,
            author: &change.author,
            topic: &change.topic,
            landed: change.landed.as_deref(),
            reason: change.reason.as_deref(),
            by,
        };
        let subject = change.number.to_string();
        self.event(catalogue::FORGE_CHANGE_CHANGED, &subject, &data)
    }

    /// Somebody commented.
    pub(crate) fn comment(self, change: i64, comment: &Comment) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            change: i64,
            comment: &'a str,
            revision: u32,
            path: Option<&'a str>,
            line: Option<u32>,
            side: crate::Side,
            text: &'a str,
            resolved: bool,
            by: &'a str,
        }
        let data = Data {
            change,
            comment: &comment.id,
            revision: comment.revision,
            path: comment.path.as_deref(),
            line: comment.line,
            side: comment.side,
            text: &comment.text,
            resolved: comment.resolved,
            by: &comment.author,
        };
        let subject = change.to_string();
        self.event(catalogue::FORGE_CHANGE_COMMENTED, &subject, &data)
    }

    /// Somebody reviewed.
    pub(crate) fn review(self, change: i64, review: &Review) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            change: i64,
            revision: u32,
            verdict: crate::ReviewVerdict,
            by: &'a str,
        }
        let data = Data {
            change,
            revision: review.revision,
            verdict: review.verdict,
            by: &review.reviewer,
        };
        let subject = change.to_string();
        self.event(catalogue::FORGE_CHANGE_REVIEWED, &subject, &data)
    }

    /// The queue landed or refused something.
    pub(crate) fn landing(self, finished: &FinishedLanding<'_>) -> Result<Event, EventError> {
        let subject = finished.landing;
        self.event(catalogue::FORGE_LANDING_FINISHED, subject, finished)
    }

    /// The queue was paused or goes on.
    pub(crate) fn queue(
        self,
        repository: &str,
        paused: bool,
        reason: &str,
        by: &str,
    ) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            repository: &'a str,
            paused: bool,
            reason: &'a str,
            by: &'a str,
        }
        let data = Data {
            repository,
            paused,
            reason,
            by,
        };
        self.event(catalogue::FORGE_QUEUE_CHANGED, repository, &data)
    }

    /// A task ended.
    pub(crate) fn task(self, run: &Run) -> Result<Event, EventError> {
        #[derive(Serialize)]
        struct Data<'a> {
            run: &'a str,
            repository: &'a str,
            landing: &'a str,
            change: i64,
            project: &'a str,
            task: &'a str,
            key: &'a str,
            outcome: &'a str,
            exit: Option<i32>,
            milliseconds: Option<i64>,
            cached: bool,
            flaky: bool,
            commit: &'a str,
        }
        let data = Data {
            run: &run.id,
            repository: &run.repository,
            landing: &run.landing,
            change: run.change,
            project: &run.project,
            task: &run.task,
            key: &run.key,
            outcome: run.state.name(),
            exit: run.exit,
            milliseconds: run.milliseconds,
            cached: run.cached,
            flaky: run.flaky,
            commit: &run.commit,
        };
        self.event(catalogue::FORGE_TASK_FINISHED, &run.project, &data)
    }
}

/// Refs that a push moved.
#[derive(Serialize)]
pub(crate) struct MovedRefs<'a> {
    pub(crate) repository: &'a str,
    pub(crate) refs: Vec<MovedRef>,
    pub(crate) break_glass: Option<&'a str>,
    pub(crate) by: &'a str,
}

/// One of them.
#[derive(Serialize)]
pub(crate) struct MovedRef {
    pub(crate) name: String,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
}

/// What the queue did in the end.
#[derive(Serialize)]
pub(crate) struct FinishedLanding<'a> {
    pub(crate) landing: &'a str,
    pub(crate) repository: &'a str,
    pub(crate) changes: &'a [i64],
    pub(crate) outcome: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) commit: Option<&'a str>,
    pub(crate) previous: Option<&'a str>,
    pub(crate) waited_ms: i64,
    pub(crate) tasks: usize,
    pub(crate) ran: usize,
    pub(crate) task_ms: i64,
    pub(crate) by: &'a str,
}
