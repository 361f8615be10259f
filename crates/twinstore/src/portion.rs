//! Writing documents to the table, beside the requests.

use std::sync::Arc;

use trunkline_store::{Store, StoreError};
use trunkline_twin::Document;

use crate::cache::Key;
use crate::table::{self, Written};
use crate::{Journal, Place};

/// Documents that are one transaction: others wait for it.
const TOGETHER: usize = 250;

/// Documents on their way to the table.
pub(crate) struct Portion {
    pub(crate) documents: Vec<(Key, Arc<Document>)>,
    /// Up to where in the log the table is true then.
    pub(crate) true_to: Place,
    /// Counts these times.
    pub(crate) number: i64,
    /// What was deleted before this second is forgotten.
    pub(crate) forgotten: i64,
}

/// What became of a portion.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) keys: Vec<Key>,
    pub(crate) done: bool,
}

impl Portion {
    /// Writes it. The place is written last: where this is broken off, what comes after it is played again.
    ///
    /// The documents go in the order in which those read them who follow the table, so that nobody reads past one that is still to come.
    pub(crate) async fn write(mut self, store: &Store, journal: &dyn Journal) -> Outcome {
        self.documents
            .sort_by(|(one, _), (other, _)| one.cmp(other));
        let (true_to, number, forgotten) = (self.true_to, self.number, self.forgotten);
        let keys = self.documents.iter().map(|(key, _)| key.clone()).collect();
        let written = async {
            let documents: Result<Vec<_>, _> = self
                .documents
                .into_iter()
                .map(|(key, document)| Written::new(key, &document))
                .collect();
            for together in documents?.chunks(TOGETHER) {
                let mut transaction = store.begin().await?;
                table::put(transaction.connection(), together, number).await?;
                transaction.commit().await?;
            }
            let mut transaction = store.begin().await?;
            table::sweep(transaction.connection(), forgotten).await?;
            table::set_place(transaction.connection(), true_to).await?;
            transaction.commit().await
        };
        let done = match written.await {
            Ok(()) => true,
            Err(error) => {
                let error: &StoreError = &error;
                tracing::warn!(
                    error = error as &dyn std::error::Error,
                    "twins could not be written to their table; they are in the log"
                );
                false
            }
        };
        if done {
            journal.release(true_to).await;
        }
        Outcome { keys, done }
    }
}
