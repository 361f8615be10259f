//! Following the documents of all twins.

use std::sync::Arc;

use trunkline_fleet::{Fleet, Mark, Removed, TwinRow};
use trunkline_model::Timestamp;

use crate::fresh::FRESH;

/// Documents that are read at a time.
const READ: u32 = 10_000;

/// Documents that are worked off at a time: other tasks run in between. One may be many steps of a model.
const TOGETHER: usize = 10;

/// What is kept of the twins.
pub(crate) trait Keep: Send {
    /// Takes the present document of a thing of `kind`.
    fn take(&mut self, row: &TwinRow, kind: Arc<str>);

    /// Forgets the things that are gone; what was written later of things of their names stays.
    fn forget(&mut self, gone: &[Removed]);

    /// Looks the kinds of all things up again.
    fn rename_kinds(&mut self, kind: impl Fn(&str) -> Arc<str>);

    /// Forgets everything.
    fn clear(&mut self);
}

/// What is kept, and up to where it was read.
#[derive(Debug, Default)]
pub(crate) struct Follower<K> {
    pub(crate) kept: K,
    mark: Mark,
    gone: usize,
    changes: u64,
    read: Option<Timestamp>,
}

impl<K: Keep> Follower<K> {
    /// Has read nothing yet.
    pub(crate) fn new(kept: K) -> Self {
        Self {
            kept,
            mark: Mark::default(),
            gone: 0,
            changes: 0,
            read: None,
        }
    }

    /// Lets all documents be read again, those too that were read already.
    pub(crate) fn begin_again(&mut self) {
        self.mark = Mark::default();
        self.read = None;
    }

    /// Reads what was written since the last time, unless that was a moment before `now`. Where it is broken off, the next time reads some
    /// documents again.
    ///
    /// # Errors
    /// Why documents cannot be read, for people.
    pub(crate) async fn refresh(&mut self, fleet: &Fleet, now: Timestamp) -> Result<(), String> {
        let is_fresh = |read: Timestamp| (0..FRESH).contains(&now.micros_since(read));
        if !self.read.is_some_and(is_fresh) {
            self.catch_up(fleet).await?;
            self.read = Some(now);
        }
        Ok(())
    }

    async fn catch_up(&mut self, fleet: &Fleet) -> Result<(), String> {
        let (gone, next) = fleet.twins().gone_since(self.gone);
        match gone {
            Some(gone) => self.kept.forget(&gone),
            // Too many went for their names to be kept.
            None => {
                self.kept.clear();
                self.mark = Mark::default();
            }
        }
        self.gone = next;
        let changes = fleet.changes_of_things();
        if self.changes != changes {
            self.kept.rename_kinds(|thing| kind(fleet, thing));
            self.changes = changes;
        }
        loop {
            let rows = fleet.twins().written_since(&self.mark, READ).await;
            let rows = rows.map_err(|error| error.to_string())?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            let mark = last.mark();
            for together in rows.chunks(TOGETHER) {
                for row in together {
                    self.kept.take(row, kind(fleet, &row.thing));
                }
                tokio::task::yield_now().await;
            }
            self.mark = mark;
        }
    }
}

/// The kind of a thing; empty where it is just being made or taken away. The next change of the things tells then.
fn kind(fleet: &Fleet, thing: &str) -> Arc<str> {
    fleet.kind_of(thing).unwrap_or_default()
}
