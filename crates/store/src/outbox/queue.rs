//! The rows of the outbox.

use serde::Serialize;
use sqlx::Row as _;
use trunkline_model::{Event, Timestamp};

use crate::{Migration, Store, StoreError, Transaction};

/// The largest event in bytes of JSON. A larger one fails its change, since the log might refuse it for ever and hold up all others.
pub const MAX_EVENT_BYTES: usize = 512 * 1024;

/// `autoincrement` keeps a number from being given out again once its row is deleted. With one writer at a time, the order of the
/// numbers is the order of the commits; a database with many writers needs more for that.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "outbox",
    sql: "create table outbox (
        seq integer primary key autoincrement,
        event text not null,
        made integer not null
    );",
}];

/// An event that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) seq: i64,
    pub(super) event: Event,
}

/// What waits in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Backlog {
    /// Events that are not yet in the log.
    pub events: u64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
}

/// Puts `event` into the outbox, as a part of the change that `transaction` makes.
///
/// # Errors
/// [`StoreError`] when it cannot be written or has more than [`MAX_EVENT_BYTES`]; the change must not be committed then.
pub async fn put(transaction: &mut Transaction, event: &Event) -> Result<(), StoreError> {
    let text = serde_json::to_string(event).map_err(|error| StoreError::Event(Box::new(error)))?;
    if text.len() > MAX_EVENT_BYTES {
        return Err(StoreError::EventTooLarge {
            bytes: text.len(),
            limit: MAX_EVENT_BYTES,
        });
    }
    sqlx::query("insert into outbox (event, made) values ($1, $2)")
        .bind(text)
        .bind(event.time.unwrap_or_default().as_micros())
        .execute(transaction.connection())
        .await?;
    Ok(())
}

impl Store {
    /// What waits in the outbox.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub async fn outbox_backlog(&self) -> Result<Backlog, StoreError> {
        let row = sqlx::query("select count(*), min(made) from outbox")
            .fetch_one(self.readers())
            .await?;
        let events: i64 = row.try_get(0)?;
        let oldest: Option<i64> = row.try_get(1)?;
        Ok(Backlog {
            events: events.unsigned_abs(),
            oldest: oldest.map(Timestamp::from_micros),
        })
    }
}

/// The first events that wait, in their order.
pub(super) async fn first(store: &Store, count: u32) -> Result<Vec<Waiting>, StoreError> {
    let rows = sqlx::query("select seq, event from outbox order by seq limit $1")
        .bind(count)
        .fetch_all(store.readers())
        .await?;
    rows.iter()
        .map(|row| {
            let text: &str = row.try_get(1)?;
            let event = serde_json::from_str(text)
                .map_err(|error| StoreError::value("event of the outbox", error))?;
            Ok(Waiting {
                seq: row.try_get(0)?,
                event,
            })
        })
        .collect()
}

/// Removes the events up to `seq`, which are in the log.
pub(super) async fn remove_up_to(store: &Store, seq: i64) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    sqlx::query("delete from outbox where seq <= $1")
        .bind(seq)
        .execute(transaction.connection())
        .await?;
    transaction.commit().await
}
