//! What people do with changes: review, let them land, give them up.

use std::sync::Arc;

use trunkline_store::outbox;

use crate::forge::{Hosted, reading};
use crate::intake::{is_approved, name_of};
use crate::store::{self, ChangeFilter, LandingState, RunFilter};
use crate::{
    Change, ChangeDetails, ChangeState, Forge, ForgeError, Mode, Review, ReviewVerdict, Run,
};

/// Entries of one page.
const PAGE: u32 = 200;

impl Forge {
    /// Changes, the newest first.
    ///
    /// # Errors
    /// [`ForgeError`] where the table cannot be read.
    pub async fn changes(
        &self,
        repository: Option<&str>,
        state: Option<ChangeState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Change>, ForgeError> {
        let filter = ChangeFilter {
            repository,
            state,
            before,
            limit: limit.clamp(1, PAGE),
        };
        Ok(store::changes(&mut *self.reader().await?, &filter).await?)
    }

    /// One change.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is none of this number.
    pub async fn change(&self, number: i64) -> Result<Change, ForgeError> {
        let change = store::change(&mut *self.reader().await?, number).await?;
        change.ok_or_else(|| ForgeError::Unknown(format!("change {number}")))
    }

    /// One change with all that belongs to it.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is none of this number.
    pub async fn change_details(&self, number: i64) -> Result<ChangeDetails, ForgeError> {
        let change = self.change(number).await?;
        let mut connection = self.reader().await?;
        Ok(ChangeDetails {
            body: store::body_of(&mut connection, number).await?,
            stack: store::stack_of(&mut connection, &change).await?,
            revisions: store::revisions(&mut connection, number).await?,
            reviews: store::reviews(&mut connection, number).await?,
            comments: store::comments(&mut connection, number).await?,
            change,
        })
    }

    /// Says whether a change may land. One that waits for nothing else is queued.
    ///
    /// # Errors
    /// [`ForgeError::State`] where it is over; [`ForgeError::Invalid`] where its owner approves it.
    pub async fn review(
        &self,
        number: i64,
        revision: u32,
        verdict: ReviewVerdict,
        by: &str,
    ) -> Result<Change, ForgeError> {
        let change = self.change(number).await?;
        let hosted = self.hosted(&change.repository)?;
        let _intake = hosted.intake.lock().await;
        let change = self.change(number).await?;
        require(&change, !change.state.is_over(), "it is over")?;
        if revision != change.revision {
            return Err(ForgeError::State {
                number,
                state: change.state.name(),
                problem: "it was pushed again since: look at the newest revision",
            });
        }
        if verdict == ReviewVerdict::Approved && change.owner == by {
            return Err(ForgeError::Invalid(
                "who pushed a change does not approve it".into(),
            ));
        }
        let review = Review {
            reviewer: by.to_owned(),
            revision,
            verdict,
            time: self.clock.now(),
        };
        let event = self.made().review(number, &review)?;
        let mut transaction = self.store.begin().await?;
        store::put_review(transaction.connection(), number, &review).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        if verdict == ReviewVerdict::Approved {
            self.queue_ready(&hosted, &change, by).await?;
        }
        self.change(number).await
    }

    /// Puts a change into the queue although nobody approved it, or again after it was refused.
    ///
    /// # Errors
    /// [`ForgeError::State`] where it is in the queue or over, or stands on a change that waits.
    pub async fn land(&self, number: i64, by: &str) -> Result<Change, ForgeError> {
        let change = self.change(number).await?;
        let hosted = self.hosted(&change.repository)?;
        let _intake = hosted.intake.lock().await;
        let mut change = self.change(number).await?;
        let waits = matches!(change.state, ChangeState::Open | ChangeState::Refused);
        require(
            &change,
            waits,
            "only one that waits or was refused can be queued",
        )?;
        if change.mode == Mode::Ask {
            let reviews = store::reviews(&mut *self.reader().await?, number).await?;
            require(
                &change,
                is_approved(&change, &reviews),
                "it waits for a review by somebody else",
            )?;
        }
        if change.state == ChangeState::Refused {
            change.state = ChangeState::Open;
            change.reason = None;
        }
        self.save(&mut change, by).await?;
        self.queue_ready(&hosted, &change, by).await?;
        let change = self.change(number).await?;
        require(
            &change,
            change.state == ChangeState::Queued,
            "it stands on a change that waits",
        )?;
        Ok(change)
    }

    /// Gives a change up. It can be pushed again, and is a new change then.
    ///
    /// # Errors
    /// [`ForgeError::State`] where it is over.
    pub async fn abandon(&self, number: i64, by: &str) -> Result<Change, ForgeError> {
        let change = self.change(number).await?;
        let hosted = self.hosted(&change.repository)?;
        let _intake = hosted.intake.lock().await;
        let mut change = self.change(number).await?;
        require(&change, !change.state.is_over(), "it is over")?;
        if let Some(landing) = change.landing.clone() {
            self.take_back(&hosted, &landing, number, by).await?;
        }
        change.state = ChangeState::Abandoned;
        change.landing = None;
        self.save(&mut change, by).await?;
        Ok(change)
    }

    /// Takes what is in the queue together back out of it; the others of it wait again.
    async fn take_back(
        &self,
        hosted: &Arc<Hosted>,
        landing: &str,
        but: i64,
        by: &str,
    ) -> Result<(), ForgeError> {
        let mut transaction = self.store.begin().await?;
        let state = LandingState::Withdrawn;
        if !store::finish_landing(transaction.connection(), landing, state).await? {
            return Ok(());
        }
        let filter = ChangeFilter {
            repository: Some(&hosted.info().name),
            state: Some(ChangeState::Queued),
            before: None,
            limit: u32::MAX,
        };
        let queued = store::changes(transaction.connection(), &filter).await?;
        let others = queued
            .into_iter()
            .filter(|one| one.landing.as_deref() == Some(landing) && one.number != but);
        for mut other in others {
            other.state = ChangeState::Open;
            other.landing = None;
            other.updated = self.clock.now();
            store::update_change(transaction.connection(), &other, None).await?;
            outbox::put(&mut transaction, &self.made().change(&other, by)?).await?;
        }
        transaction.commit().await?;
        hosted.queue.withdraw([landing.to_owned()]);
        Ok(())
    }

    async fn save(&self, change: &mut Change, by: &str) -> Result<(), ForgeError> {
        change.updated = self.clock.now();
        let event = self.made().change(change, by)?;
        let mut transaction = self.store.begin().await?;
        store::update_change(transaction.connection(), change, None).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Queues the changes of a stack that wait for nobody, from the lowest that is not queued up to the first that waits.
    async fn queue_ready(
        &self,
        hosted: &Arc<Hosted>,
        change: &Change,
        by: &str,
    ) -> Result<(), ForgeError> {
        let mut connection = self.reader().await?;
        let mut ready = Vec::new();
        for number in store::stack_of(&mut connection, change).await? {
            let Some(one) = store::change(&mut connection, number).await? else {
                break;
            };
            if one.state == ChangeState::Queued {
                continue;
            }
            let reviews = store::reviews(&mut connection, number).await?;
            let waits = one.mode == Mode::Ask && !is_approved(&one, &reviews);
            if one.state != ChangeState::Open || waits {
                break;
            }
            ready.push(one);
        }
        drop(connection);
        if ready.is_empty() {
            return Ok(());
        }
        let id = name_of(self.ids.ulid(self.clock.now()));
        let mut transaction = self.store.begin().await?;
        for one in &mut ready {
            one.state = ChangeState::Queued;
            one.landing = Some(id.clone());
            one.updated = self.clock.now();
            store::update_change(transaction.connection(), one, None).await?;
            outbox::put(&mut transaction, &self.made().change(one, by)?).await?;
        }
        let landing = self
            .submit(&mut transaction, hosted, id, &ready, by)
            .await?;
        transaction.commit().await?;
        hosted.queue.submit(landing);
        Ok(())
    }

    /// What differs from `old` to `new`, each of which is a revision of the change; from the commit below it where there is no `old`.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is no such change or revision.
    pub async fn change_diff(
        &self,
        number: i64,
        old: Option<u32>,
        new: Option<u32>,
    ) -> Result<Vec<trunkline_repository::FileDiff>, ForgeError> {
        let details = self.change_details(number).await?;
        let bare = self.hosted(&details.change.repository)?.bare.clone();
        let commit = |revision: u32| {
            let found = details
                .revisions
                .iter()
                .find(|one| one.revision == revision);
            let unknown = || ForgeError::Unknown(format!("revision {revision} of change {number}"));
            found.map(|one| one.commit.clone()).ok_or_else(unknown)
        };
        let new = commit(new.unwrap_or(details.change.revision))?;
        let old = old.map(commit).transpose()?;
        reading(move || {
            let new = bare.commit(&new)?;
            let old = match old {
                Some(old) => Some(bare.commit(&old)?.id),
                None => new.parents.first().copied(),
            };
            bare.diff(old, new.id)
        })
        .await
    }

    /// Runs of tasks, the newest first.
    ///
    /// # Errors
    /// [`ForgeError`] where the table cannot be read.
    pub async fn runs(
        &self,
        repository: Option<&str>,
        change: Option<i64>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Run>, ForgeError> {
        let mut connection = self.reader().await?;
        // A change is run with those that it lands with.
        let landing = match change {
            Some(number) => {
                let change = store::change(&mut connection, number).await?;
                change.and_then(|change| change.landing)
            }
            None => None,
        };
        let filter = RunFilter {
            change: change.filter(|_| landing.is_none()),
            landing: landing.as_deref(),
            repository,
            before,
            limit: limit.clamp(1, PAGE),
        };
        Ok(store::runs(&mut connection, &filter).await?)
    }

    /// One run.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is none with this id.
    pub async fn run(&self, id: &str) -> Result<Run, ForgeError> {
        let run = store::run(&mut *self.reader().await?, id).await?;
        run.ok_or_else(|| ForgeError::Unknown(format!("run `{id}`")))
    }

    /// A piece of the log of a run that begins at the byte `from`.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is no such log.
    pub async fn run_log(&self, id: &str, from: u64) -> Result<crate::LogPiece, ForgeError> {
        let (logs, id) = (self.logs.clone(), id.to_owned());
        let read = tokio::task::spawn_blocking(move || logs.read(&id, from)).await;
        read.map_err(|_| ForgeError::Stopped)?
    }
}

fn require(change: &Change, holds: bool, problem: &'static str) -> Result<(), ForgeError> {
    if holds {
        return Ok(());
    }
    Err(ForgeError::State {
        number: change.number,
        state: change.state.name(),
        problem,
    })
}
