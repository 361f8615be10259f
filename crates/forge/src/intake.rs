//! From pushed commits to changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use gix::ObjectId;
use trunkline_model::{Timestamp, Ulid};
use trunkline_repository::{Commit, RefUpdate};
use trunkline_store::{Transaction, outbox};

use crate::forge::{Hosted, reading};
use crate::queue::Follower;
use crate::store::{self, Landing, StoredChange};
use crate::{Change, ChangeState, Forge, ForgeError, Mode, ReviewVerdict, Revision};

/// Bytes of the rest of a message that are kept.
const BODY: usize = 64 * 1024;

/// How commits are to become changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) mode: Mode,
    pub(crate) topic: String,
}

/// What commits became.
#[derive(Debug)]
pub(crate) struct Intake {
    /// The changes of the stack, the lowest first.
    pub(crate) changes: Vec<Change>,
    /// Tells what becomes of those that are in the queue now.
    pub(crate) follower: Option<Follower>,
}

/// A commit of a stack, and what is known of its change.
struct Found {
    commit: Commit,
    identity: String,
    known: Option<Change>,
    approved: bool,
}

impl Found {
    /// Whether the change has this very commit already.
    fn is_same(&self) -> bool {
        let known = self.known.as_ref();
        known.is_some_and(|known| is_of(known, self.commit.id))
    }
}

impl Forge {
    /// Makes changes of the commits that `tip` has and the trunk does not, and puts those into the queue that wait for nobody. A commit whose
    /// change is known becomes its next revision.
    pub(crate) async fn take_in(
        &self,
        hosted: &Arc<Hosted>,
        tip: ObjectId,
        wanted: &Wanted,
        by: &str,
    ) -> Result<Intake, ForgeError> {
        let _intake = hosted.intake.lock().await;
        let stack = self.stack(hosted, tip).await?;
        let found = self.find(hosted, stack).await?;
        let modes: Vec<_> = found.iter().map(|one| mode_of(one, wanted)).collect();
        let ready = found
            .iter()
            .zip(&modes)
            .take_while(|(one, mode)| **mode != Mode::Ask || one.approved)
            .count();
        let withdrawn: BTreeSet<String> = found
            .iter()
            .filter_map(|one| one.known.as_ref())
            .filter(|known| known.state == ChangeState::Queued)
            .filter_map(|known| known.landing.clone())
            .collect();
        if let Some(intake) = self.same_again(hosted, &found, &withdrawn) {
            return Ok(intake);
        }
        self.require_room(hosted)?;
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let landing = (ready > 0).then(|| self.ids.ulid(now)).map(name_of);
        let mut changes = Vec::with_capacity(found.len());
        for (place, one) in found.iter().enumerate() {
            let below = changes.last().map(|below: &Change| below.number);
            let mut change = next_state(hosted, one, modes[place], now, by);
            change.parent = below;
            change.topic.clone_from(&wanted.topic);
            if place < ready {
                change.state = ChangeState::Queued;
                change.landing.clone_from(&landing);
            }
            self.write(&mut transaction, one, &mut change, by).await?;
            changes.push(change);
        }
        let submitted = match landing {
            Some(id) => {
                let changes = &changes[..ready];
                Some(
                    self.submit(&mut transaction, hosted, id, changes, by)
                        .await?,
                )
            }
            None => None,
        };
        for id in &withdrawn {
            store::finish_landing(transaction.connection(), id, store::LandingState::Withdrawn)
                .await?;
        }
        // From here on git keeps the commits, whatever becomes of the table.
        hosted.bare.update(&refs_of(&found, &changes)).await?;
        transaction.commit().await?;
        hosted.queue.withdraw(withdrawn);
        let follower = submitted.map(|landing| hosted.queue.submit(landing));
        Ok(Intake { changes, follower })
    }

    async fn stack(&self, hosted: &Arc<Hosted>, tip: ObjectId) -> Result<Vec<Commit>, ForgeError> {
        let bare = hosted.bare.clone();
        let stack = reading(move || bare.stack(bare.trunk_tip()?, tip)).await?;
        if stack.is_empty() {
            return Err(ForgeError::Invalid(format!(
                "`{}` has all of it already",
                hosted.bare.trunk()
            )));
        }
        Ok(stack)
    }

    /// What is known of the commits of a stack.
    async fn find(
        &self,
        hosted: &Arc<Hosted>,
        stack: Vec<Commit>,
    ) -> Result<Vec<Found>, ForgeError> {
        let name = hosted.info().name;
        let mut connection = self.reader().await?;
        let mut taken = BTreeSet::new();
        let mut found: Vec<Found> = Vec::with_capacity(stack.len());
        for commit in stack {
            let mut identity = hosted.bare.identity_of(commit.id)?;
            // Commits that a script made in the same second are told apart by what they say.
            if !taken.insert(identity.clone()) {
                identity = format!("{identity}:{}", commit.subject);
                while !taken.insert(identity.clone()) {
                    identity.push('+');
                }
            }
            let known = store::open_with_identity(&mut connection, &name, &identity).await?;
            let mut approved = false;
            if let Some(known) = &known
                && is_of(known, commit.id)
            {
                let reviews = store::reviews(&mut connection, known.number).await?;
                approved = is_approved(known, &reviews);
            }
            found.push(Found {
                commit,
                identity,
                known,
                approved,
            });
        }
        Ok(found)
    }

    /// The intake of a push that says what is known already; nothing where it says anything else.
    fn same_again(
        &self,
        hosted: &Arc<Hosted>,
        found: &[Found],
        landings: &BTreeSet<String>,
    ) -> Option<Intake> {
        let same = found.iter().all(|one| {
            let queued = |known: &Change| known.state == ChangeState::Queued;
            one.is_same() && one.known.as_ref().is_some_and(queued)
        });
        if !same || landings.len() != 1 {
            return None;
        }
        Some(Intake {
            changes: found.iter().filter_map(|one| one.known.clone()).collect(),
            follower: hosted.queue.follow(landings.first()?),
        })
    }

    fn require_room(&self, hosted: &Arc<Hosted>) -> Result<(), ForgeError> {
        let most = self.config.max_queue;
        if hosted.queue.len() >= most {
            return Err(ForgeError::Limit(format!(
                "{most} pushes wait in the queue, which is the limit"
            )));
        }
        Ok(())
    }

    /// Writes a change as it is now, with its revision where the commit is new.
    async fn write(
        &self,
        transaction: &mut Transaction,
        found: &Found,
        change: &mut Change,
        by: &str,
    ) -> Result<(), ForgeError> {
        let body = &found.commit.body;
        let body = body[..body.floor_char_boundary(BODY)].to_owned();
        if found.known.is_some() {
            store::update_change(transaction.connection(), change, Some(&body)).await?;
        } else {
            let stored = StoredChange {
                change: change.clone(),
                body,
            };
            change.number = store::insert_change(transaction.connection(), &stored).await?;
        }
        if !found.is_same() {
            let revision = Revision {
                revision: change.revision,
                commit: change.commit.clone(),
                pushed: change.updated,
                by: by.to_owned(),
            };
            store::insert_revision(transaction.connection(), change.number, &revision).await?;
        }
        let event = self.made().change(change, by)?;
        outbox::put(transaction, &event).await?;
        Ok(())
    }

    /// Writes what is to land together.
    pub(crate) async fn submit(
        &self,
        transaction: &mut Transaction,
        hosted: &Arc<Hosted>,
        id: String,
        changes: &[Change],
        by: &str,
    ) -> Result<Landing, ForgeError> {
        let tip = changes.last().map_or("", |change| change.commit.as_str());
        let tip = ObjectId::from_hex(tip.as_bytes());
        let mut landing = Landing {
            sequence: 0,
            id,
            repository: hosted.info().name,
            changes: changes.iter().map(|change| change.number).collect(),
            tip: tip.map_err(|error| ForgeError::Invalid(error.to_string()))?,
            intent: Vec::new(),
            submitted: self.clock.now(),
            by: by.to_owned(),
        };
        landing.sequence = store::insert_landing(transaction.connection(), &landing).await?;
        Ok(landing)
    }
}

/// Whether the change has this commit.
fn is_of(change: &Change, commit: ObjectId) -> bool {
    ObjectId::from_hex(change.commit.as_bytes()).is_ok_and(|id| id == commit)
}

/// A push says how new and amended commits are to land; those that are as they were keep what was said before.
fn mode_of(found: &Found, wanted: &Wanted) -> Mode {
    match &found.known {
        Some(known) if found.is_same() && known.state == ChangeState::Open => known.mode,
        _ => wanted.mode,
    }
}

/// Whether somebody else than its owner approved the change as it is, and nobody wants more.
pub(crate) fn is_approved(change: &Change, reviews: &[crate::Review]) -> bool {
    let current = |review: &&crate::Review| review.revision == change.revision;
    let mut said = reviews.iter().filter(current);
    let others = |review: &crate::Review| {
        review.verdict == ReviewVerdict::Approved && review.reviewer != change.owner
    };
    said.clone().any(others) && said.all(|review| review.verdict == ReviewVerdict::Approved)
}

/// The name of a landing.
pub(crate) fn name_of(id: Ulid) -> String {
    format!("lan_{id}")
}

/// The change as it is with this commit, before it is known whether it is queued.
fn next_state(hosted: &Hosted, found: &Found, mode: Mode, now: Timestamp, by: &str) -> Change {
    let commit = &found.commit;
    let known = found.known.as_ref();
    let revision = match known {
        Some(known) if found.is_same() => known.revision,
        Some(known) => known.revision + 1,
        None => 1,
    };
    Change {
        number: known.map_or(0, |known| known.number),
        repository: hosted.info().name,
        identity: found.identity.clone(),
        mode,
        state: ChangeState::Open,
        revision,
        commit: commit.id.to_string(),
        title: commit.subject.clone(),
        author: commit.author.name.clone(),
        owner: known.map_or_else(|| by.to_owned(), |known| known.owner.clone()),
        parent: None,
        topic: String::new(),
        landed: None,
        reason: None,
        landing: None,
        created: known.map_or(now, |known| known.created),
        updated: now,
    }
}

/// The refs by which revisions can be fetched: `refs/changes/12/3`.
fn refs_of(found: &[Found], changes: &[Change]) -> Vec<RefUpdate> {
    let new = found
        .iter()
        .zip(changes)
        .filter(|(found, _)| !found.is_same());
    let refs = new.map(|(found, change)| RefUpdate {
        name: format!("refs/changes/{}/{}", change.number, change.revision),
        old: None,
        new: Some(found.commit.id),
    });
    refs.collect()
}
