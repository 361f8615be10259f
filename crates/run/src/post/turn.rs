//! One turn: what is, what should be, and the way from the one to the other.

use std::sync::Arc;

use tokio::time::Instant;
use trunkline_rollout::{Deployment, ReleaseId, Sight, Sights, State};
use trunkline_store::{Transaction, outbox};

use super::book::Files;
use super::{Book, Post};
use crate::store::{self, ReleaseRow};
use crate::{RunError, Services};

/// Ends in a row after which a new release does not stay up.
const ENDS: u32 = 3;

impl Services {
    /// One turn of a post.
    pub(crate) async fn turn(self: &Arc<Self>, post: &Arc<Post>) -> Result<(), RunError> {
        let mut book = post.book.lock().await;
        if self.adopt(post, &mut book).await? {
            self.go_on(post, &mut book).await?;
        }
        Ok(())
    }

    /// Looks at what is and makes it as it should be. Whoever changed something calls it at once.
    pub(crate) async fn go_on(
        self: &Arc<Self>,
        post: &Arc<Post>,
        book: &mut Book,
    ) -> Result<(), RunError> {
        let mut passed = u64::try_from(book.looked.elapsed().as_millis()).unwrap_or(u64::MAX);
        book.looked = Instant::now();
        let mut settled = false;
        loop {
            self.learn_releases(book).await?;
            let sights = self.sights(book);
            let mut line = book.row.line.clone();
            let changed = line.look(std::mem::take(&mut passed), &sights);
            let moved = !changed.is_empty();
            if line != book.row.line {
                if moved {
                    self.keep_line(book, line, &changed).await?;
                } else {
                    book.row.line = line;
                }
            }
            let wanted = book.row.line.wanted(&self.sights(book));
            self.reconcile(post, book, &wanted).await;
            if !moved {
                break;
            }
            settled |= book.row.line.active.is_none();
        }
        if settled {
            self.forget_files(book).await?;
        }
        self.judge_if_due(post, book);
        Ok(())
    }

    /// Writes where the releases are, with the events of what changed.
    pub(crate) async fn keep_line(
        &self,
        book: &mut Book,
        line: trunkline_rollout::Line,
        changed: &[Deployment],
    ) -> Result<(), RunError> {
        let now = self.parts.clock.now();
        let judged = |one: &Deployment| matches!(one.state, State::Canary | State::Baking);
        let mut row = book.row.clone();
        row.line = line;
        if row
            .line
            .active
            .as_ref()
            .is_none_or(|active| active.state == State::Fetching)
        {
            (row.judged_from, row.step_from) = (None, None);
        }
        if changed.last().is_some_and(judged) {
            row.judged_from = row.judged_from.or(Some(now));
            row.step_from = Some(now);
            book.finding = None;
        }
        for one in changed.iter().filter(|one| one.state == State::Fetching) {
            // What failed once may go well now.
            if matches!(book.files.get(&one.release), Some(Files::Failed(..))) {
                book.files.remove(&one.release);
            }
            book.crashes.remove(&one.release);
        }
        let mut transaction = self.parts.store.begin().await?;
        store::set_line(transaction.connection(), &row).await?;
        self.tell(&mut transaction, book, changed).await?;
        transaction.commit().await?;
        book.row = row;
        Ok(())
    }

    /// Writes how deployments are, each with its event.
    pub(crate) async fn tell(
        &self,
        transaction: &mut Transaction,
        book: &Book,
        changed: &[Deployment],
    ) -> Result<(), RunError> {
        let now = self.parts.clock.now();
        for deployment in changed {
            let release = book.releases.get(&deployment.release);
            let unknown = || RunError::Unknown(format!("release {}", deployment.release));
            let release = release.ok_or_else(unknown)?;
            let known = store::deployment(transaction.connection(), deployment.id).await?;
            let started = known.map_or(now, |known| known.started);
            let evidence = super::verdict::evidence(deployment);
            let connection = transaction.connection();
            let (name, number) = (&release.service, release.number);
            store::put_deployment(connection, name, number, deployment, evidence.as_ref(), now)
                .await?;
            let made = self.made();
            let event = made.deployment(deployment, release, evidence.as_ref(), started)?;
            outbox::put(transaction, &event).await?;
            let (state, reason) = (deployment.state.name(), &deployment.reason);
            tracing::info!(
                service = name,
                number,
                state,
                reason,
                "a deployment went on"
            );
        }
        Ok(())
    }

    /// Sees to it that all releases that matter are known.
    pub(crate) async fn learn_releases(&self, book: &mut Book) -> Result<(), RunError> {
        let line = &book.row.line;
        let on_their_way = line.active.iter().chain(&line.next).map(|one| one.release);
        let all = line
            .serving
            .into_iter()
            .chain(line.warm.iter().map(|one| one.release));
        let missing: Vec<_> = all
            .chain(on_their_way)
            .filter(|release| !book.releases.contains_key(release))
            .collect();
        for release in missing {
            self.learn_release(book, release).await?;
        }
        Ok(())
    }

    /// What is known of a release.
    pub(crate) async fn learn_release(
        &self,
        book: &mut Book,
        id: ReleaseId,
    ) -> Result<Option<ReleaseRow>, RunError> {
        if let Some(known) = book.releases.get(&id) {
            return Ok(Some(known.clone()));
        }
        let found = store::release(&mut *self.reader().await?, id).await?;
        if let Some(release) = &found {
            book.releases.insert(id, release.clone());
            let place = self.files_of(id);
            // Without a digest they were not noted, and are brought again.
            if release.digest.is_some() && tokio::fs::try_exists(place).await.unwrap_or(false) {
                book.files.insert(id, Files::Here);
            }
        }
        Ok(found)
    }

    /// What is seen of all releases.
    pub(crate) fn sights(&self, book: &Book) -> Sights {
        let serving = book.row.line.serving;
        let sight = |release: &ReleaseRow| {
            let own = book
                .instances
                .values()
                .filter(|one| one.release == release.id);
            let ready = own.filter(|one| one.is_ready()).count();
            let starting = book.row.line.active.as_ref().is_some_and(|active| {
                active.release == release.id && active.state == State::Starting
            });
            let needed = if starting {
                release.manifest.scale.min.max(1)
            } else {
                1
            };
            if ready >= usize::try_from(needed).unwrap_or(usize::MAX) {
                return Sight::Ready;
            }
            let ends = book.crashes.get(&release.id);
            if let Some(ends) =
                ends.filter(|ends| ends.count >= ENDS && serving != Some(release.id))
            {
                return Sight::Failed(ends.why.clone());
            }
            match book.files.get(&release.id) {
                Some(Files::Here) => Sight::Here,
                Some(Files::Failed(why, _)) => Sight::Failed(why.clone()),
                Some(Files::Coming) | None => Sight::Absent,
            }
        };
        let releases = book.releases.values();
        Sights {
            releases: releases
                .map(|release| (release.id, sight(release)))
                .collect(),
            finding: book.finding.clone(),
            routed: self.is_routed(book),
        }
    }

    /// Forgets what nothing runs of, and removes the files of releases that are not needed any more.
    pub(super) async fn forget_files(&self, book: &mut Book) -> Result<(), RunError> {
        let keep = i64::try_from(self.config.keep_releases).unwrap_or(i64::MAX);
        let newest = store::releases(&mut *self.reader().await?, &book.row.name, keep).await?;
        let wanted = book.row.line.wanted(&self.sights(book));
        let mut needed: Vec<_> = wanted.modes.keys().copied().collect();
        needed.extend(newest.iter().map(|release| release.id));
        needed.extend(book.instances.values().map(|one| one.release));
        let old: Vec<_> = book
            .releases
            .keys()
            .copied()
            .filter(|id| !needed.contains(id))
            .collect();
        for id in old {
            super::fetch::remove_beside(self.files_of(id));
            book.releases.remove(&id);
            book.files.remove(&id);
            book.crashes.remove(&id);
        }
        Ok(())
    }
}
