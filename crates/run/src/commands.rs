//! What people want of services.

use std::sync::Arc;

use trunkline_project::service::DataStep;
use trunkline_rollout::{Deployment, Line, Refusal, ReleaseId};
use trunkline_store::outbox;

use crate::post::{Book, Post};
use crate::store::{self, ReleaseRow};
use crate::{RollbackInfo, RunError, Services, Wish};

/// Letters of a reason.
const REASON: usize = 500;

/// What can be done to a deployment that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steer {
    /// It waits until somebody decides.
    Hold,
    /// It goes on where it was held.
    Resume,
    /// It goes on to the next step at once.
    Skip,
}

impl Services {
    /// Back to the release before, or to the one that is named. The requests go there before this returns, where it is ready.
    ///
    /// # Errors
    /// [`RunError`] where there is nothing to go back to, or it is not safe and was not forced.
    pub async fn roll_back(
        self: &Arc<Self>,
        name: &str,
        wish: &Wish,
        by: &str,
    ) -> Result<(), RunError> {
        let post = self.post(name)?;
        let mut book = post.book.lock().await;
        let on_its_way = book.row.line.active.is_some();
        let to = self.target(&mut book, wish.number).await?;
        self.check_safe(&book, &to, wish).await?;
        if wish.number.is_some_and(|number| number >= left_by(&book)) {
            let number = to.number;
            let why = format!("release {number} is no earlier one: `promote` goes there");
            return Err(RunError::State(why));
        }
        // What is on its way is taken back, and that is all.
        let target = (wish.number.is_some() || !on_its_way).then_some(to.id);
        let reason = reason_of(wish, by, "went back");
        let within = book.row.manifest.health.within.0;
        let id = self.id();
        self.change(&post, &mut book, |line| {
            line.roll_back(id, target, within, by, &reason)
        })
        .await
    }

    /// Again to the release that was left, or to the one that is named.
    ///
    /// # Errors
    /// [`RunError`] where there is none, or a deployment is on its way.
    pub async fn promote(
        self: &Arc<Self>,
        name: &str,
        wish: &Wish,
        by: &str,
    ) -> Result<(), RunError> {
        let post = self.post(name)?;
        let mut book = post.book.lock().await;
        let to = match wish.number {
            Some(number) => {
                let to = self.numbered(&mut book, number).await?;
                self.check_safe(&book, &to, wish).await?;
                to.id
            }
            None => {
                let mut left = book.row.line.warm.iter().filter(|warm| warm.taken_back);
                let left = left.next().map(|warm| warm.release);
                left.ok_or_else(|| {
                    RunError::State(
                        "no release was taken back lately: say which by its number".to_owned(),
                    )
                })?
            }
        };
        let reason = reason_of(wish, by, "promoted it");
        let within = book.row.manifest.health.within.0;
        let id = self.id();
        self.change(&post, &mut book, |line| {
            line.promote(id, to, within, by, &reason)
        })
        .await
    }

    /// Steers what is on its way.
    ///
    /// # Errors
    /// [`RunError`] where there is nothing to be steered so.
    pub async fn steer(
        self: &Arc<Self>,
        name: &str,
        steer: Steer,
        wish: &Wish,
        by: &str,
    ) -> Result<(), RunError> {
        let post = self.post(name)?;
        let mut book = post.book.lock().await;
        let did = match steer {
            Steer::Hold => "holds it",
            Steer::Resume => "let it go on",
            Steer::Skip => "skipped the rest of the step",
        };
        let reason = reason_of(wish, by, did);
        let change = |line: &mut Line| {
            let changed = match steer {
                Steer::Hold => line.hold(&reason),
                Steer::Resume => line.resume(&reason),
                Steer::Skip => line.skip(&reason),
            };
            changed.map(|one| vec![one])
        };
        self.change(&post, &mut book, change).await
    }

    /// No new release is taken, or some are again; then the newest that was left out is deployed.
    ///
    /// # Errors
    /// [`RunError`] where there is no such service.
    pub async fn pin(
        self: &Arc<Self>,
        name: &str,
        pinned: bool,
        wish: &Wish,
        by: &str,
    ) -> Result<(), RunError> {
        let post = self.post(name)?;
        let mut book = post.book.lock().await;
        let reason = reason_of(wish, by, if pinned { "pinned it" } else { "unpinned it" });
        let mut row = book.row.clone();
        row.line.pinned = pinned.then(|| reason.clone());
        if !pinned {
            row.problem = None;
        }
        let event = self.made().service(&row, false, &reason, by)?;
        let mut transaction = self.parts.store.begin().await?;
        store::put_service(transaction.connection(), &row).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        book.row = row;
        if !pinned {
            self.take_newest(&post, &mut book, by).await?;
        }
        Ok(())
    }

    /// The newest release, where it was left out.
    async fn take_newest(
        self: &Arc<Self>,
        post: &Arc<Post>,
        book: &mut Book,
        by: &str,
    ) -> Result<(), RunError> {
        let newest = store::releases(&mut *self.reader().await?, &post.name, 1).await?;
        let Some(newest) = newest.into_iter().next() else {
            return Ok(());
        };
        let line = &book.row.line;
        let coming = line
            .active
            .iter()
            .chain(&line.next)
            .any(|one| one.release == newest.id);
        let was = line.warm.iter().any(|warm| warm.release == newest.id);
        if line.serving == Some(newest.id) || coming || was {
            return Ok(());
        }
        self.learn_release(book, newest.id).await?;
        let plan = crate::intake::plan_of(&newest.manifest, book.serving());
        let kind = trunkline_rollout::Kind::Release;
        let wanted = Deployment::new(self.id(), kind, newest.id, plan, by.to_owned());
        self.change(post, book, |line| line.release(wanted)).await
    }

    /// What going back would do.
    ///
    /// # Errors
    /// [`RunError`] where there is nothing to go back to.
    pub async fn explain_rollback(
        &self,
        name: &str,
        number: Option<i64>,
    ) -> Result<RollbackInfo, RunError> {
        let post = self.post(name)?;
        let mut book = post.book.lock().await;
        let left = left(&book).ok_or_else(|| RunError::from(Refusal::NothingBefore))?;
        let from = self.learn_release(&mut book, left).await?;
        let from = from.ok_or_else(|| RunError::Unknown(format!("release {left}")))?;
        let to = self.target(&mut book, number).await?;
        let warnings = self.warnings(&book, &to).await?;
        let sights = self.sights(&book);
        Ok(RollbackInfo {
            ready: sights.releases.get(&to.id) == Some(&trunkline_rollout::Sight::Ready),
            from: from.info(),
            to: to.info(),
            safe: warnings.is_empty(),
            warnings,
        })
    }

    /// The release that going back leads to: the one that is named, the one that serves where another is on its way, or the one before.
    async fn target(&self, book: &mut Book, number: Option<i64>) -> Result<ReleaseRow, RunError> {
        let line = &book.row.line;
        match (number, line.active.is_some(), line.serving) {
            (Some(number), ..) => self.numbered(book, number).await,
            (None, true, Some(serving)) => {
                let found = self.learn_release(book, serving).await?;
                found.ok_or_else(|| RunError::Unknown(format!("release {serving}")))
            }
            _ => self.way_back(book).await,
        }
    }

    /// The release that served before.
    async fn way_back(&self, book: &mut Book) -> Result<ReleaseRow, RunError> {
        let mut warm = book.row.line.warm.iter().filter(|warm| !warm.taken_back);
        let warm = warm.next().map(|warm| warm.release);
        let nothing = || RunError::from(Refusal::NothingBefore);
        let serving = book.row.line.serving.ok_or_else(nothing)?;
        let found = match warm {
            Some(id) => self.learn_release(book, id).await?,
            None => {
                store::settled_before(&mut *self.reader().await?, &book.row.name, serving).await?
            }
        };
        let found = found.ok_or_else(nothing)?;
        self.learn_release(book, found.id).await?;
        Ok(found)
    }

    async fn numbered(&self, book: &mut Book, number: i64) -> Result<ReleaseRow, RunError> {
        let name = book.row.name.clone();
        let found = store::release_by_number(&mut *self.reader().await?, &name, number).await?;
        let found =
            found.ok_or_else(|| RunError::Unknown(format!("release {number} of `{name}`")))?;
        self.learn_release(book, found.id).await?;
        Ok(found)
    }

    /// Goes on only where nothing speaks against it, or it was forced.
    async fn check_safe(&self, book: &Book, to: &ReleaseRow, wish: &Wish) -> Result<(), RunError> {
        let warnings = self.warnings(book, to).await?;
        match warnings.into_iter().next().filter(|_| !wish.force) {
            Some(first) => Err(RunError::Unsafe(first)),
            None => Ok(()),
        }
    }

    /// What speaks against going back to a release.
    async fn warnings(&self, book: &Book, to: &ReleaseRow) -> Result<Vec<String>, RunError> {
        let left = left_by(book);
        let all = store::releases(&mut *self.reader().await?, &book.row.name, 1_000).await?;
        let between = all
            .iter()
            .filter(|one| one.number > to.number && one.number <= left);
        let contracts = between.filter(|one| one.manifest.rollback.data == DataStep::Contract);
        Ok(contracts
            .map(|one| format!("release {} took away data that release {} may need (`data = \"contract\"` in [rollback])", one.number, to.number))
            .collect())
    }

    /// Changes where the releases are, writes it down, and makes it so at once.
    async fn change(
        self: &Arc<Self>,
        post: &Arc<Post>,
        book: &mut Book,
        change: impl FnOnce(&mut Line) -> Result<Vec<Deployment>, Refusal>,
    ) -> Result<(), RunError> {
        if !self.config.enabled {
            let why = "services are not run here: see `enabled` in [run] of trunkline.toml";
            return Err(RunError::State(why.to_owned()));
        }
        self.learn_releases(book).await?;
        let mut line = book.row.line.clone();
        let changed = change(&mut line)?;
        self.keep_line(book, line, &changed).await?;
        // Where it is not known yet what runs, the next turn does it.
        if self.adopt(post, book).await? {
            self.go_on(post, book).await?;
        }
        Ok(())
    }
}

/// The release that going back leaves.
fn left(book: &Book) -> Option<ReleaseId> {
    let line = &book.row.line;
    let active = line.active.as_ref().map(|active| active.release);
    active.or(line.serving)
}

/// Its number.
fn left_by(book: &Book) -> i64 {
    let left = left(book).and_then(|id| book.releases.get(&id));
    left.map_or(i64::MAX, |release| release.number)
}

fn reason_of(wish: &Wish, by: &str, did: &str) -> String {
    let own: String = wish
        .reason
        .trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(REASON)
        .collect();
    if own.is_empty() {
        format!("{by} {did}")
    } else {
        own
    }
}
