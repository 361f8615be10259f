//! The things of the groups that a job is for.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use trunkline_job::{JobStatus, Selection};

use super::row::Row;
use super::watch::is_due;
use super::{second, store};
use crate::{Fleet, FleetError, Tell};

/// Seconds after which the groups of a job for whatever comes are looked up again, and after which one in vain is tried again.
const EVERY: i64 = 60;
/// The most things that groups may give a job.
const TARGETS: usize = 100_000;
/// Things that are taken out of a job in one transaction.
const PORTION: usize = 500;
/// What a failed statement of a group is noted under.
const ABOUT: &str = "targets";

impl Fleet {
    /// The things of some groups, each once, in the order of the groups.
    pub(super) async fn things_of_groups(
        &self,
        groups: &[String],
    ) -> Result<Vec<String>, FleetError> {
        let mut seen = BTreeSet::new();
        let mut things = Vec::new();
        for group in groups {
            for thing in self.things_of(group).await? {
                if seen.insert(thing.clone()) {
                    things.push(thing);
                }
            }
        }
        if things.len() > TARGETS {
            return Err(FleetError::JobInvalid(format!(
                "the job's groups have {} things, at most {TARGETS}",
                things.len()
            )));
        }
        Ok(things)
    }

    /// Looks up the groups of jobs that have just begun, and, each minute, of those that are for whatever comes. Jobs are looked up side
    /// by side, since a statement may take its time; whether there was anything to do.
    pub(super) async fn look_up_targets(
        self: &Arc<Self>,
        rows: &[Row],
        tell: &dyn Tell,
    ) -> Result<bool, FleetError> {
        let now = second(self.clock.now());
        let mut asked = JoinSet::new();
        for row in rows.iter().filter(|row| self.wants_look_up(row, now)) {
            let (fleet, id, groups) = (Arc::clone(self), row.job.id.clone(), row.groups.clone());
            self.watches
                .change(&id, |watch| watch.looked_up_at = Some(now));
            asked.spawn(async move { (id, fleet.things_of_groups(&groups).await) });
        }
        let any = !asked.is_empty();
        while let Some(done) = asked.join_next().await {
            // A task that was broken off is tried again in a minute.
            let Ok((id, things)) = done else { continue };
            match things {
                Ok(things) => self.set_targets(&id, things, tell).await?,
                Err(FleetError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    self.note_failures(&id, &[(ABOUT, "", Some(error.to_string()))])
                        .await?;
                }
            }
        }
        Ok(any)
    }

    fn wants_look_up(&self, row: &Row, now: i64) -> bool {
        let again = row.job.selection == Selection::Continuous && !row.groups.is_empty();
        row.job.status == JobStatus::InProgress
            && (row.resolved_at.is_none() || again && is_due(row.resolved_at, EVERY, now))
            && is_due(self.watches.get(&row.job.id).looked_up_at, EVERY, now)
    }

    /// Makes the things of its groups the targets of a job: who came is added, who went is taken out.
    async fn set_targets(
        &self,
        id: &str,
        things: Vec<String>,
        tell: &dyn Tell,
    ) -> Result<(), FleetError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let Some(mut row) = store::one(transaction.connection(), id).await? else {
            return Ok(());
        };
        if row.job.status != JobStatus::InProgress {
            return Ok(());
        }
        row.resolved_at = Some(second(now));
        store::update(transaction.connection(), &row).await?;
        let before = store::targets(transaction.connection(), id, false).await?;
        store::add_targets(transaction.connection(), id, &things, false).await?;
        transaction.commit().await?;
        let things: BTreeSet<String> = things.into_iter().collect();
        let gone: Vec<String> = before
            .into_iter()
            .filter(|thing| !things.contains(thing))
            .collect();
        for gone in gone.chunks(PORTION) {
            let mut desk = self.desk(now).await?;
            for thing in gone {
                let change = desk.load(thing, Some(id)).await?.remove(id, second(now));
                desk.write(thing, change).await?;
                store::remove_target(desk.transaction.connection(), id, thing).await?;
            }
            desk.commit_and_tell(tell).await?;
        }
        self.note_failures(id, &[(ABOUT, "", None)]).await
    }
}
