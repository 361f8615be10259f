//! Looking after mirrors.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gix::ObjectId;
use trunkline_repository::Remote;
use trunkline_store::outbox;

use crate::mirrors::Mirrors;
use crate::{Direction, Mirror, MirrorError, MirrorState, address, event, store};

/// How often it is looked whether a trunk moved or somebody wants something: reading a ref costs microseconds.
const RHYTHM: Duration = Duration::from_secs(1);
/// After how long one is tried again that failed; twice as long each time.
const AGAIN: Duration = Duration::from_secs(15);
/// How often that doubles.
const DOUBLED: u32 = 6;
/// Bytes of a problem that are kept.
const PROBLEM: usize = 1_000;

impl Mirrors {
    /// Looks after the mirrors until it is dropped.
    pub async fn keep(self: Arc<Self>) {
        loop {
            if let Err(error) = self.reconcile().await {
                tracing::warn!(%error, "mirrors of removed repositories stay");
            }
            match self.due().await {
                // One after the other: each may take the whole line.
                Ok(due) => {
                    for mirror in due {
                        self.look_after(mirror).await;
                    }
                }
                Err(error) => tracing::warn!(%error, "mirrors are not looked after"),
            }
            tokio::time::sleep(RHYTHM).await;
        }
    }

    /// The mirrors that something is to be done about.
    async fn due(&self) -> Result<Vec<Mirror>, MirrorError> {
        let all = store::all(&mut *self.reader().await?).await?;
        let wanted = {
            let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *wanted)
        };
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.retain(|name, _| all.iter().any(|one| one.repository == *name));
        let is_due = |mirror: &Mirror| {
            let known = next.get(&mirror.repository);
            let failed = known.is_some_and(|(_, failed)| *failed > 0);
            wanted.contains(&mirror.repository)
                || known.is_none_or(|(then, _)| *then <= now)
                || (!failed && self.trunk_moved(mirror))
        };
        let there = all
            .into_iter()
            .filter(|mirror| self.is_of_one_that_is_there(mirror));
        Ok(there.filter(is_due).collect())
    }

    fn trunk_moved(&self, mirror: &Mirror) -> bool {
        let tip = self.hosting.bare(&mirror.repository);
        let tip = tip.and_then(|bare| bare.trunk_tip().ok().flatten());
        let known = mirror.commit.as_deref();
        let known = known.and_then(|known| ObjectId::from_hex(known.as_bytes()).ok());
        mirror.direction == Direction::To && tip.is_some() && tip != known
    }

    /// Makes both sides the same, and writes down what came of it.
    async fn look_after(&self, mut mirror: Mirror) {
        let before = (mirror.state, mirror.commit.clone(), mirror.problem.clone());
        let done = self.make_same(&mirror).await;
        mirror.checked = Some(self.clock.now());
        match done {
            Ok(commit) => {
                mirror.state = MirrorState::Same;
                mirror.problem = None;
                mirror.commit = commit.map(|id| id.to_string());
            }
            Err(error) => {
                let mut problem = error.to_string();
                problem.truncate(problem.floor_char_boundary(PROBLEM));
                tracing::warn!(repository = mirror.repository, problem, "a mirror fails");
                mirror.state = MirrorState::Failing;
                mirror.problem = Some(problem);
            }
        }
        self.set_next(&mirror);
        let news = before != (mirror.state, mirror.commit.clone(), mirror.problem.clone());
        if let Err(error) = self.write_down(&mirror, news).await {
            tracing::warn!(repository = mirror.repository, %error, "how a mirror is cannot be written down");
        }
    }

    fn set_next(&self, mirror: &Mirror) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let known = next
            .get(&mirror.repository)
            .map_or(0, |(_, failed)| *failed);
        let (wait, failed) = match mirror.state {
            MirrorState::Failing => (AGAIN * 2_u32.pow(known.min(DOUBLED)), known + 1),
            _ => (Duration::from_secs(self.config.every_seconds.max(1)), 0),
        };
        next.insert(mirror.repository.clone(), (Instant::now() + wait, failed));
    }

    async fn write_down(&self, mirror: &Mirror, news: bool) -> Result<(), MirrorError> {
        let mut transaction = self.store.begin().await?;
        let there = store::update(transaction.connection(), mirror).await?;
        if there && news {
            let event = event::synced(mirror, &*self.clock, &*self.ids)?;
            outbox::put(&mut transaction, &event).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Makes both sides the same, and gives the commit that they have.
    async fn make_same(&self, mirror: &Mirror) -> Result<Option<ObjectId>, MirrorError> {
        let bare = self.hosting.bare(&mirror.repository);
        let bare = bare.filter(|_| self.is_of_one_that_is_there(mirror));
        let bare = bare.ok_or_else(|| {
            MirrorError::Unknown(format!("repository `{}` any more", mirror.repository))
        })?;
        let remote = self.remote(mirror).await?;
        match mirror.direction {
            Direction::From => {
                let tip = bare.fetch_remote(&remote).await?;
                self.hosting.follow_to(&mirror.repository, tip).await?;
                Ok(Some(tip))
            }
            Direction::To => {
                let Some(tip) = bare.trunk_tip()? else {
                    return Ok(None);
                };
                bare.push_remote(&remote, tip).await?;
                Ok(Some(tip))
            }
        }
    }

    /// The other side, resolved anew each time.
    async fn remote(&self, mirror: &Mirror) -> Result<Remote, MirrorError> {
        let url = address::read(&mirror.url)?;
        let resolved = address::resolve(&url, &self.policy()).await?;
        let authorization = match &mirror.secret {
            None => None,
            Some(name) => {
                let secret = self.secrets.secret(name);
                let secret = secret.ok_or_else(|| {
                    MirrorError::Invalid(format!("there is no secret `{name}` any more"))
                })?;
                let pair = STANDARD.encode(format!("{}:{secret}", mirror.user));
                Some(format!("Basic {pair}"))
            }
        };
        Ok(Remote {
            url: mirror.url.clone(),
            branch: mirror.branch.clone(),
            resolved,
            authorization,
        })
    }
}
