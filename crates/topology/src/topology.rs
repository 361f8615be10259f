//! The service.

use std::sync::Arc;

use serde::Serialize;
use trunkline_model::{Clock, Event, IdGen, Timestamp, catalogue};
use trunkline_store::{Store, Transaction, outbox};

use crate::reach::Walk;
use crate::relation::check_kind;
use crate::store::{self, MIGRATIONS};
use crate::{End, Reach, Relation, RelationPage, Stated, Things, TopologyError};

/// Relations that may begin at one end.
const FROM_END: i64 = 100;
/// Relations that there may be in all.
const ALL: i64 = 200_000;
/// The most entries of one page.
const PAGE: u32 = 1_000;
/// The longest way that is followed.
const DEPTH: u32 = 10;
/// Relations after which a search is broken off: as many as there may be, of which none is followed twice.
const FOLLOWED: usize = 200_000;
/// Ends whose relations are read together.
const TOGETHER: usize = 500;
/// Relations that one transaction removes, and devices that are looked at together.
const PORTION: u32 = 500;
/// Later than any relation was said.
const EVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// The relations between things and places.
#[derive(Debug)]
pub struct Topology {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    things: Arc<dyn Things>,
}

/// What the event of a relation says.
#[derive(Serialize)]
struct Changed<'a> {
    #[serde(flatten)]
    relation: &'a Relation,
    by: &'a str,
}

impl Topology {
    /// The relations in the table in `store`, which is brought up to date; `things` says which devices there are.
    ///
    /// # Errors
    /// [`TopologyError::Store`] when the table cannot be used.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        things: Arc<dyn Things>,
    ) -> Result<Arc<Self>, TopologyError> {
        store.migrate("topology", MIGRATIONS).await?;
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            things,
        }))
    }

    /// Puts a relation, which may be there already; whether it is new.
    ///
    /// # Errors
    /// [`TopologyError::ThingUnknown`] where an end is a device that does not exist; [`TopologyError::Full`].
    pub async fn put(&self, relation: &Relation, by: &str) -> Result<bool, TopologyError> {
        let mut transaction = self.store.begin().await?;
        // The time within the change and before the devices are looked for: one that is gone by a later look was there at this time, and
        // one that was made anew by an earlier change was made before. So `forget` can tell the relations of the two apart.
        let now = self.clock.now();
        for end in [&relation.from, &relation.to] {
            self.check(end)?;
        }
        if !store::insert(transaction.connection(), relation, by, now).await? {
            // It may be left of a device that was removed and made anew, and is not forgotten with that one any more.
            transaction.commit().await?;
            return Ok(false);
        }
        let number = store::number(transaction.connection(), &relation.from).await?;
        check_number(&relation.from, number)?;
        let kind = catalogue::FLEET_RELATION_PUT;
        self.tell(&mut transaction, kind, relation, by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes a relation, which need not be there; whether it was.
    ///
    /// # Errors
    /// [`TopologyError::Store`] when that cannot be written.
    pub async fn remove(&self, relation: &Relation, by: &str) -> Result<bool, TopologyError> {
        let mut transaction = self.store.begin().await?;
        if !store::remove(transaction.connection(), relation).await? {
            return Ok(false);
        }
        let kind = catalogue::FLEET_RELATION_REMOVED;
        let now = self.clock.now();
        self.tell(&mut transaction, kind, relation, by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn tell(
        &self,
        transaction: &mut Transaction,
        kind: &str,
        relation: &Relation,
        by: &str,
        now: Timestamp,
    ) -> Result<(), TopologyError> {
        let data = Changed { relation, by };
        let about = relation.from.resource();
        let event = Event::platform("topology", kind, about, now, &*self.ids, &data)?;
        Ok(outbox::put(transaction, &event).await?)
    }

    fn check(&self, end: &End) -> Result<(), TopologyError> {
        match end.as_thing() {
            Some(name) if !self.things.is_there(name) => {
                Err(TopologyError::ThingUnknown(name.into()))
            }
            _ => Ok(()),
        }
    }

    /// The relations that begin at an end, and at most `count` of those that lead there, after where an earlier page ended.
    ///
    /// # Errors
    /// [`TopologyError::ThingUnknown`]; [`TopologyError::Page`] where `after` is nothing that an earlier page gave.
    pub async fn relations(
        &self,
        end: &End,
        after: &str,
        count: u32,
    ) -> Result<RelationPage, TopologyError> {
        let after = match after {
            "" => ("", ""),
            after => after.split_once('/').ok_or(TopologyError::Page)?,
        };
        self.check(end)?;
        let count = count.clamp(1, PAGE);
        let mut reader = self.store.readers().acquire().await?;
        let outgoing = store::outgoing(&mut reader, end).await?;
        let mut incoming = store::incoming(&mut reader, end, after, count + 1).await?;
        let more = incoming.len() > count as usize;
        incoming.truncate(count as usize);
        let last = incoming.last().filter(|_| more);
        let next = last.map(|last| format!("{}/{}", last.end, last.kind));
        Ok(RelationPage {
            outgoing,
            incoming,
            next,
        })
    }

    /// All relations in their order, after `after`, at most `count`.
    ///
    /// # Errors
    /// [`TopologyError::Store`] when they cannot be read.
    pub async fn all(
        &self,
        after: Option<&Relation>,
        count: u32,
    ) -> Result<Vec<Stated>, TopologyError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::all_after(&mut reader, after, count).await?)
    }

    /// Everything from which at most `depth` relations lead to an end, of one kind where one is named: what is affected where it fails.
    ///
    /// # Errors
    /// [`TopologyError::ThingUnknown`]; [`TopologyError::Depth`]; [`TopologyError::Invalid`] where no relation is of such a kind.
    pub async fn reach(
        &self,
        end: &End,
        depth: u32,
        kind: Option<&str>,
    ) -> Result<Reach, TopologyError> {
        if !(1..=DEPTH).contains(&depth) {
            return Err(TopologyError::Depth);
        }
        kind.map_or(Ok(()), check_kind)?;
        self.check(end)?;
        let mut walk = Walk::new(end, FOLLOWED);
        let mut ends = vec![end.clone()];
        for distance in 1..=depth {
            for some in ends.chunks(TOGETHER) {
                let Some(left) = walk.left() else {
                    return Ok(walk.end());
                };
                // For each portion anew, so that others read in between.
                let mut reader = self.store.readers().acquire().await?;
                let behind = store::behind(&mut reader, some, kind, left + 1).await?;
                drop(reader);
                walk.come_to(behind, distance);
            }
            ends = walk.step();
            if ends.is_empty() {
                break;
            }
        }
        Ok(walk.end())
    }

    /// Removes the relations of a device that was removed at the time `until`, in portions: those that nobody said after that. A device that
    /// was made under the same name since keeps its own. How many there were.
    ///
    /// # Errors
    /// [`TopologyError::Invalid`] where no device can be called that; [`TopologyError::Store`] where it was broken off, and can be called
    /// again.
    pub async fn forget(
        &self,
        thing: &str,
        by: &str,
        until: Timestamp,
    ) -> Result<u64, TopologyError> {
        let end = End::thing(thing)?;
        let mut removed = 0;
        loop {
            let mut transaction = self.store.begin().await?;
            let portion = store::touching(transaction.connection(), &end, until, PORTION).await?;
            if portion.is_empty() {
                return Ok(removed);
            }
            let is_last = portion.len() < PORTION as usize;
            let now = self.clock.now();
            for relation in &portion {
                store::remove(transaction.connection(), relation).await?;
                let kind = catalogue::FLEET_RELATION_REMOVED;
                self.tell(&mut transaction, kind, relation, by, now).await?;
                removed += 1;
            }
            transaction.commit().await?;
            if is_last {
                return Ok(removed);
            }
        }
    }

    /// Forgets the devices that are gone but were not forgotten, since the platform ended in between; to be called at the start, when all
    /// devices are known. How many relations there were.
    ///
    /// # Errors
    /// [`TopologyError::Store`] when the table cannot be read or written.
    pub async fn forget_missing(&self) -> Result<u64, TopologyError> {
        let (mut after, mut removed) = (String::from("thing:"), 0);
        loop {
            let mut reader = self.store.readers().acquire().await?;
            let ends = store::things(&mut reader, &after, PORTION).await?;
            drop(reader);
            let Some(last) = ends.last() else {
                return Ok(removed);
            };
            last.as_str().clone_into(&mut after);
            for thing in ends.iter().filter_map(End::as_thing) {
                if !self.things.is_there(thing) {
                    removed += self.forget(thing, "platform", EVER).await?;
                }
            }
        }
    }
}

/// Whether there may be as many relations as there now are.
fn check_number(from: &End, (of_end, all): (i64, i64)) -> Result<(), TopologyError> {
    if of_end > FROM_END {
        let full = format!("from `{from}` there are {FROM_END} relations, which is the most");
        return Err(TopologyError::Full(full));
    }
    if all > ALL {
        let full = format!("there are {ALL} relations, which is the most");
        return Err(TopologyError::Full(full));
    }
    Ok(())
}
