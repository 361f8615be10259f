//! At the start: what the log has beyond the table.

use std::collections::BTreeMap;

use trunkline_store::{Store, StoreError};
use trunkline_twin::Document;

use crate::cache::Key;
use crate::change::{self, Said};
use crate::table::{self, Written};
use crate::{Journal, Registry, TwinsError};

/// Documents that are one transaction.
const TOGETHER: usize = 1_000;

/// Plays the log from the place on up to which the table is true.
pub(crate) async fn catch_up(
    store: &Store,
    journal: &dyn Journal,
    registry: &dyn Registry,
    number: i64,
) -> Result<(), TwinsError> {
    let mut reader = store.readers().acquire().await?;
    let place = table::place(&mut reader).await?;
    drop(reader);
    let next = journal.next();
    // The first time there is nothing in the log that the table does not have.
    let from = place.unwrap_or(next);
    if from > next {
        tracing::warn!(
            from,
            next,
            "the log is another than twins were written down for: their last changes may be missing"
        );
    }
    let mut played = Played::default();
    let end = journal
        .replay(from.min(next), &mut |event| {
            played.take(change::read(&event));
        })
        .await?;
    played.write(store, registry, number).await?;
    let mut transaction = store.begin().await?;
    table::set_place(transaction.connection(), end).await?;
    transaction.commit().await?;
    journal.release(end).await;
    Ok(())
}

/// What the log said last of each twin.
#[derive(Default)]
struct Played {
    documents: BTreeMap<Key, Box<Document>>,
    forgotten: Vec<String>,
}

impl Played {
    fn take(&mut self, said: Said) {
        match said {
            Said::Changed(key, document) => {
                self.documents.insert(key, document);
            }
            Said::Forgotten(thing) => {
                self.documents.retain(|key, _| key.thing != thing);
                self.forgotten.push(thing);
            }
            Said::Nothing => {}
        }
    }

    async fn write(
        self,
        store: &Store,
        registry: &dyn Registry,
        number: i64,
    ) -> Result<(), StoreError> {
        if self.documents.is_empty() && self.forgotten.is_empty() {
            return Ok(());
        }
        tracing::info!(
            documents = self.documents.len(),
            "twins were behind the log and are brought up to date"
        );
        let mut transaction = store.begin().await?;
        for thing in &self.forgotten {
            table::forget(transaction.connection(), thing).await?;
        }
        transaction.commit().await?;
        let mut written = Vec::with_capacity(self.documents.len());
        for (key, document) in self.documents {
            // The thing may have been taken away between the two.
            if registry.thing(&key.thing).is_some() {
                written.push(Written::new(key, &document)?);
            }
        }
        for together in written.chunks(TOGETHER) {
            let mut transaction = store.begin().await?;
            table::put(transaction.connection(), together, number).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}
