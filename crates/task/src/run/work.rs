//! The tasks that run at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{Id, JoinError, JoinSet};

use super::one::End;
use super::options::{Listener, Outcome, RunOptions};
use crate::plan::Plan;
use crate::{Key, Runner, TaskError, TaskName};

/// How a task ended: its place in the plan, its key and its end.
pub(super) type Ended = (usize, Key, Result<End, TaskError>);

/// The tasks that run. They end with it.
pub(super) struct Work {
    running: JoinSet<Result<End, TaskError>>,
    places: HashMap<Id, (usize, Key)>,
    to: UnboundedSender<News>,
    from: UnboundedReceiver<News>,
}

impl Work {
    pub(super) fn new() -> Self {
        let (to, from) = unbounded_channel();
        Self {
            running: JoinSet::new(),
            places: HashMap::new(),
            to,
            from,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// Begins a task.
    pub(super) fn begin(
        &mut self,
        shared: &Arc<(Runner, Arc<Plan>, RunOptions)>,
        place: usize,
        key: Key,
    ) {
        let (shared, told) = (Arc::clone(shared), Told(self.to.clone()));
        let running = self.running.spawn(async move {
            let (runner, plan, options) = &*shared;
            let bench = runner.bench(plan, options, &told);
            bench.run(&plan.tasks[place], key).await
        });
        self.places.insert(running.id(), (place, key));
    }

    /// Tells what happens until a task ends; nothing where none runs.
    pub(super) async fn next(&mut self, listener: &dyn Listener) -> Option<Ended> {
        let (id, end) = loop {
            tokio::select! {
                Some(news) = self.from.recv() => news.tell(listener),
                joined = self.running.join_next_with_id() => break ended(joined?),
            }
        };
        // What it told before it ended.
        while let Ok(news) = self.from.try_recv() {
            news.tell(listener);
        }
        let (place, key) = self.places.remove(&id)?;
        Some((place, key, end))
    }
}

/// A task that panics has ended as others have: who waits for it must not wait for ever.
fn ended(joined: Result<(Id, Result<End, TaskError>), JoinError>) -> (Id, Result<End, TaskError>) {
    let error = match joined {
        Ok(ended) => return ended,
        Err(error) => error,
    };
    let id = error.id();
    let why = match error.try_into_panic() {
        Ok(panic) => {
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            format!(
                "a fault of the platform: {}",
                text.unwrap_or_else(|| "a panic without words".to_owned())
            )
        }
        Err(_) => "it was given up".to_owned(),
    };
    (id, Err(TaskError::Run(why)))
}

/// What a task that runs tells.
enum News {
    Started(TaskName),
    Line(TaskName, String),
}

impl News {
    fn tell(self, listener: &dyn Listener) {
        match self {
            Self::Started(name) => listener.started(&name),
            Self::Line(name, line) => listener.line(&name, &line),
        }
    }
}

struct Told(UnboundedSender<News>);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

impl Listener for Told {
    fn started(&self, task: &TaskName) {
        let _ended = self.0.send(News::Started(task.clone()));
    }

    fn line(&self, task: &TaskName, line: &str) {
        let _ended = self.0.send(News::Line(task.clone(), line.to_owned()));
    }

    fn finished(&self, _task: &TaskName, _outcome: Outcome, _time: Duration) {}
}
