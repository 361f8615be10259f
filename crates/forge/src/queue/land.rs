//! Moving the trunk.

use std::sync::Arc;

use gix::ObjectId;
use trunkline_landing::{CandidateId, ChangeId, Commit, Event, Touched};
use trunkline_repository::{RefUpdate, RepositoryError};
use trunkline_store::outbox;

use super::actor::{Actor, Done};
use super::follow::Outcome;
use super::plan::{Merged, Part};
use crate::event::FinishedLanding;
use crate::forge::Hosted;
use crate::store::{self, Landing, LandingState};
use crate::{ChangeState, Forge, ForgeError};

/// What became of an attempt to move the trunk.
#[derive(Debug)]
pub(super) struct Landed {
    candidate: CandidateId,
    changes: Vec<ChangeId>,
    old: Option<ObjectId>,
    moved: Result<ObjectId, ForgeError>,
}

impl Actor {
    /// Moves the trunk to what a candidate became with the first `changes` of it.
    pub(super) async fn land(&mut self, candidate: CandidateId, changes: &[ChangeId]) {
        let found = self.candidates.get(&candidate).cloned();
        let parts = found.as_ref().and_then(|merged| prefix(merged, changes));
        let (Some(merged), Some(parts)) = (found, parts) else {
            tracing::error!(%candidate, "the rules land what was not merged");
            return;
        };
        let landings: Vec<_> = changes
            .iter()
            .filter_map(|change| self.landings.get(change).cloned())
            .collect();
        let (forge, hosted) = (Arc::clone(&self.forge), Arc::clone(&self.hosted));
        let changes = changes.to_vec();
        self.beside(async move {
            let moved = move_trunk(&forge, &hosted, merged.base, &parts, &landings).await;
            Done::Landed(Landed {
                candidate,
                changes,
                old: merged.base,
                moved,
            })
        });
    }

    pub(super) async fn landed(&mut self, landed: Landed) {
        let Landed {
            candidate,
            changes,
            old,
            moved,
        } = landed;
        match moved {
            Ok(new) => {
                let merged = self.candidates.get(&candidate).cloned();
                for change in &changes {
                    let part = merged.as_ref().and_then(|merged| part_of(merged, *change));
                    self.finish_landed(*change, part, old, new).await;
                }
                let trunk = Commit::from(new.to_string().as_str());
                self.step(Event::Landed {
                    candidate,
                    changes,
                    trunk,
                })
                .await;
                self.maintain();
            }
            Err(error) => {
                tracing::info!(%error, "the trunk was elsewhere");
                let trunk = self.trunk();
                let touched = Touched::All;
                self.step(Event::LandRefused {
                    candidate,
                    trunk,
                    touched,
                })
                .await;
            }
        }
    }

    /// Says of a landing that it is in the trunk.
    async fn finish_landed(
        &mut self,
        change: ChangeId,
        part: Option<Part>,
        old: Option<ObjectId>,
        new: ObjectId,
    ) {
        let (Some(landing), Some(part)) = (self.landings.remove(&change), part) else {
            return;
        };
        let (tasks, ran, task_ms) = self.price(change);
        let commits = &part.commits;
        let price = Price {
            tasks,
            ran,
            task_ms,
        };
        let written = write_landed(&self.forge, &landing, commits, (old, new), price).await;
        if let Err(error) = written {
            // The trunk has it, and the intent in the table says so at the next start.
            tracing::error!(landing = landing.id, %error, "what landed cannot be written down");
        }
        let last = commits.last().map_or(new, |(_, commit)| *commit);
        self.notes.line(
            &landing.id,
            format!("landed as {}", &last.to_string()[..10]),
        );
        self.notes
            .end(&landing.id, Outcome::Landed { old, new: last });
    }

    /// How many tasks a landing had, how many of them ran, and for how many milliseconds.
    fn price(&self, change: ChangeId) -> (usize, usize, i64) {
        let with = |merged: &&Arc<Merged>| merged.parts.iter().any(|part| part.change == change);
        let Some(merged) = self.candidates.values().rev().find(with) else {
            return (0, 0, 0);
        };
        let runs = merged
            .groups
            .keys()
            .filter_map(|key| self.ran.get(key))
            .flatten();
        let runs: Vec<_> = runs.filter(|run| !run.cached).collect();
        let milliseconds = runs.iter().filter_map(|run| run.milliseconds).sum();
        let tasks = merged.groups.values().map(|group| group.tasks.len()).sum();
        (tasks, runs.len(), milliseconds)
    }

    /// Packs what lies single, now and then.
    fn maintain(&self) {
        let bare = self.hosted.bare.clone();
        tokio::spawn(async move {
            if let Err(error) = bare.maintain().await {
                tracing::warn!(%error, "a repository cannot be packed");
            }
        });
    }

    /// Finishes what the platform's end cut off between moving the trunk and writing it down; gives what is left.
    pub(super) async fn settle(&self, landings: Vec<Landing>) -> Vec<Landing> {
        let mut left = Vec::new();
        for landing in landings {
            match self.settled(&landing).await {
                Ok(true) => {}
                Ok(false) => left.push(landing),
                Err(error) => {
                    tracing::error!(landing = landing.id, %error, "it is not known whether this landed");
                    left.push(landing);
                }
            }
        }
        left
    }

    async fn settled(&self, landing: &Landing) -> Result<bool, ForgeError> {
        let Some((_, last)) = landing.intent.last() else {
            return Ok(false);
        };
        let bare = &self.hosted.bare;
        let Some(trunk) = bare.trunk_tip()? else {
            return Ok(false);
        };
        // A candidate that never was moved to may be gone from git altogether.
        if bare.commit_of(*last).is_err() || !bare.is_ancestor(*last, trunk)? {
            return Ok(false);
        }
        let first = landing
            .intent
            .first()
            .map(|(_, commit)| bare.commit_of(*commit));
        let old = first
            .transpose()?
            .and_then(|first| first.parents.first().copied());
        let price = Price {
            tasks: 0,
            ran: 0,
            task_ms: 0,
        };
        write_landed(&self.forge, landing, &landing.intent, (old, *last), price).await?;
        Ok(true)
    }
}

/// What a landing cost.
#[derive(Clone, Copy)]
struct Price {
    tasks: usize,
    ran: usize,
    task_ms: i64,
}

/// The first parts of a candidate, where they are those of `changes`.
fn prefix(merged: &Merged, changes: &[ChangeId]) -> Option<Vec<Part>> {
    let parts = merged.parts.get(..changes.len())?;
    let same = parts
        .iter()
        .zip(changes)
        .all(|(part, change)| part.change == *change);
    same.then(|| parts.to_vec())
}

fn part_of(merged: &Merged, change: ChangeId) -> Option<Part> {
    merged
        .parts
        .iter()
        .find(|part| part.change == change)
        .cloned()
}

/// Moves the trunk from where the candidate began, once what that will mean is in the table.
async fn move_trunk(
    forge: &Forge,
    hosted: &Hosted,
    base: Option<ObjectId>,
    parts: &[Part],
    landings: &[Landing],
) -> Result<ObjectId, ForgeError> {
    let last = parts.last().and_then(|part| part.commits.last());
    let (_, new) = *last.ok_or_else(|| ForgeError::Invalid("it has no commit".into()))?;
    let mut transaction = forge.store.begin().await?;
    for (landing, part) in landings.iter().zip(parts) {
        store::put_intent(transaction.connection(), &landing.id, &part.commits).await?;
    }
    transaction.commit().await?;
    let update = RefUpdate {
        name: hosted.bare.trunk_ref(),
        old: base,
        new: Some(new),
    };
    match hosted.bare.update(&[update]).await {
        Ok(()) => Ok(new),
        // An answer that got lost: it is where it should be.
        Err(RepositoryError::Ref { .. }) if hosted.bare.trunk_tip()? == Some(new) => Ok(new),
        Err(error) => Err(error.into()),
    }
}

async fn write_landed(
    forge: &Forge,
    landing: &Landing,
    commits: &[(i64, ObjectId)],
    (old, new): (Option<ObjectId>, ObjectId),
    price: Price,
) -> Result<(), ForgeError> {
    let now = forge.clock.now();
    let mut transaction = forge.store.begin().await?;
    let state = LandingState::Landed;
    if !store::finish_landing(transaction.connection(), &landing.id, state).await? {
        return Ok(());
    }
    for (number, commit) in commits {
        let Some(mut change) = store::change(transaction.connection(), *number).await? else {
            continue;
        };
        change.state = ChangeState::Landed;
        change.landed = Some(commit.to_string());
        change.reason = None;
        change.updated = now;
        store::update_change(transaction.connection(), &change, None).await?;
        outbox::put(
            &mut transaction,
            &forge.made().change(&change, &landing.by)?,
        )
        .await?;
    }
    let (old, new) = (old.map(|id| id.to_string()), new.to_string());
    let finished = FinishedLanding {
        landing: &landing.id,
        repository: &landing.repository,
        changes: &landing.changes,
        outcome: state.name(),
        reason: None,
        commit: Some(&new),
        previous: old.as_deref(),
        waited_ms: (now.as_micros() - landing.submitted.as_micros()) / 1_000,
        tasks: price.tasks,
        ran: price.ran,
        task_ms: price.task_ms,
        by: &landing.by,
    };
    outbox::put(&mut transaction, &forge.made().landing(&finished)?).await?;
    transaction.commit().await?;
    Ok(())
}
