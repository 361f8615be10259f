//! What goes on beside the questions of people.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};

use crate::port::{SeenInstance, Stand};
use crate::post::{Label, Post};
use crate::{RunError, Services};

/// How often it is looked at the trunks.
const TRUNKS: Duration = Duration::from_millis(500);
/// How often a post turns where nothing wakes it.
const TURN: Duration = Duration::from_millis(250);
/// How long is waited where something went wrong.
const AGAIN: Duration = Duration::from_secs(1);

impl Services {
    /// Looks after all services until it is dropped.
    pub async fn keep(self: Arc<Self>) {
        if !self.config.enabled {
            return;
        }
        tokio::join!(self.watch_driver(), self.watch_trunks(), self.turn_posts());
    }

    async fn watch_trunks(&self) {
        loop {
            if let Err(error) = self.look_at_trunks().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "services could not be taken from the trunks"
                );
                tokio::time::sleep(AGAIN).await;
            }
            tokio::time::sleep(TRUNKS).await;
        }
    }

    /// Keeps what the driver holds in mind.
    async fn watch_driver(&self) {
        let mut count = 0;
        loop {
            match self.ask_driver(&mut count).await {
                Ok(()) => {}
                Err(error) => {
                    count = 0;
                    tracing::warn!(%error, "what runs of services is not known");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    pub(crate) async fn ask_driver(&self, count: &mut u64) -> Result<(), RunError> {
        let all = if self.parts.driver.is_there().await? {
            let (now, all) = self.parts.driver.list(*count).await?;
            *count = now;
            all
        } else {
            // It is not there before the first one is started, and then all that it held has ended.
            *count = 0;
            tokio::time::sleep(TURN).await;
            Vec::new()
        };
        let all: BTreeMap<_, _> = all.into_iter().map(|one| (one.id.clone(), one)).collect();
        self.end_the_unknown(&all).await;
        let other = {
            let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
            let other = seen.as_ref() != Some(&all);
            *seen = Some(all);
            other
        };
        if other {
            for post in self.all() {
                post.wake.notify_one();
            }
        }
        Ok(())
    }

    /// Ends what runs of services that are not there any more.
    async fn end_the_unknown(&self, all: &BTreeMap<String, SeenInstance>) {
        for seen in all.values() {
            let label = serde_json::from_str::<Label>(&seen.label);
            if label.is_ok_and(|label| self.post(&label.service).is_ok()) {
                continue;
            }
            let done = match seen.stand {
                Stand::Ended(_) => self.parts.driver.forget(&seen.id).await,
                _ => self.parts.driver.kill(&seen.id).await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, instance = seen.id, "what runs of no service cannot be ended");
            }
        }
    }

    /// Has a task for each post.
    async fn turn_posts(self: &Arc<Self>) {
        let mut turning: BTreeMap<String, (Arc<Post>, AbortHandle)> = BTreeMap::new();
        let mut tasks = JoinSet::new();
        loop {
            // One that broke off begins again, and one that is over is let go.
            turning.retain(|_, (_, task)| !task.is_finished());
            for post in self.all() {
                let same = |(known, _): &(Arc<Post>, AbortHandle)| Arc::ptr_eq(known, &post);
                if !turning.get(&post.name).is_some_and(same) {
                    let task = tasks.spawn(Arc::clone(self).turn_post(Arc::clone(&post)));
                    turning.insert(post.name.clone(), (post, task));
                }
            }
            tokio::select! {
                () = self.changed.notified() => {}
                Some(_) = tasks.join_next() => {}
            }
        }
    }

    async fn turn_post(self: Arc<Self>, post: Arc<Post>) {
        loop {
            if let Err(error) = self.turn(&post).await {
                let name = &post.name;
                tracing::warn!(
                    service = name,
                    error = &error as &dyn std::error::Error,
                    "a service could not be looked after"
                );
                tokio::time::sleep(AGAIN).await;
            }
            if self.is_over(&post).await {
                return;
            }
            // It is enough to be woken once for all that happened meanwhile.
            drop(tokio::time::timeout(TURN, post.wake.notified()).await);
        }
    }

    /// Whether the service is gone and nothing runs of it any more.
    async fn is_over(&self, post: &Arc<Post>) -> bool {
        let book = post.book.lock().await;
        if !book.gone || !book.instances.is_empty() {
            return false;
        }
        // Whoever finds it in the trunk again waits, and then finds no post.
        let mut posts = self.posts.write().unwrap_or_else(PoisonError::into_inner);
        if posts
            .get(&post.name)
            .is_some_and(|known| Arc::ptr_eq(known, post))
        {
            posts.remove(&post.name);
        }
        drop(posts);
        drop(book);
        true
    }
}
