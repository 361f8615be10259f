//! Following the log: records become rows that statements see.

use std::sync::Arc;
use std::time::Duration;

use trunkline_log::{EventLog, LogError, Offset, Record, Subscription};

use crate::decode::{rows_of, rows_of_one};
use crate::rows::{RowSink, TableRows};
use crate::{Lake, LakeError};

/// Bytes of the log that are taken in one step: enough to work in bulk, little enough for rows to be seen soon.
const STEP_BYTES: usize = 4 << 20;

/// How far apart steps begin while little comes: a step costs nearly the same for one event as for a hundred, and a thousand of them a second
/// would cost more than the events. Who waits for rows does not wait for this.
const APART: Duration = Duration::from_millis(50);

/// How long to wait after the log could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows the log from `start` for as long as there is one.
pub(crate) async fn follow(lake: Arc<Lake>, start: Offset) {
    let mut follower = Follower::new(&lake);
    let mut subscription = Subscription::new(Arc::clone(&lake.parts().log), start, STEP_BYTES);
    loop {
        lake.wait_for_room().await;
        match subscription.next().await {
            Ok(records) => {
                let apart = tokio::time::sleep(APART);
                let bytes: usize = records.iter().map(|record| record.body.len()).sum();
                follower.take(&lake, records).await;
                if bytes < STEP_BYTES / 2 {
                    tokio::select! {
                        () = apart => {}
                        () = lake.wanted.notified() => {}
                    }
                }
            }
            Err(LogError::Closed) => return,
            Err(error @ LogError::Corrupt { .. }) => {
                let from = subscription.position();
                match subscription.skip_damage().await {
                    Ok(to) => tracing::error!(%error, %from, %to, "a damaged record was left out"),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
            Err(LogError::Gone { first, .. }) => {
                tracing::error!(%first, "the log removed events that the lake had not read; going on from its oldest");
                subscription = resubscribe(&lake, first);
            }
            Err(error) => {
                tracing::error!(%error, "the log could not be read; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn resubscribe(lake: &Lake, from: Offset) -> Subscription {
    Subscription::new(
        Arc::clone(&lake.parts().log) as Arc<dyn EventLog>,
        from,
        STEP_BYTES,
    )
}

/// Turns records into rows with a sink that knows the tables as they were at the last change.
#[derive(Debug)]
struct Follower {
    sink: Option<RowSink>,
    version: u64,
}

impl Follower {
    fn new(lake: &Lake) -> Self {
        Self {
            version: lake.registry().version(),
            sink: Some(lake.row_sink()),
        }
    }

    async fn take(&mut self, lake: &Arc<Lake>, records: Vec<Record>) {
        let Some(next) = records.last().map(Record::next) else {
            return;
        };
        let _gate = lake.gate.lock().await;
        if self.version != lake.registry().version() {
            self.version = lake.registry().version();
            self.sink = None;
        }
        let mut sink = self.sink.take().unwrap_or_else(|| lake.row_sink());
        let decode = lake.decoder();
        let decoded = tokio::task::spawn_blocking(move || {
            let rows = rows_of(&*decode, &mut sink, &records);
            (sink, rows)
        })
        .await;
        match decoded {
            Ok((sink, rows)) => {
                self.sink = Some(sink);
                lake.show(rows, next);
            }
            // Only a runtime that is being taken down ends such a task; nothing is seen, and the next start reads it again.
            Err(_) => return,
        }
        lake.visible.send_replace(next);
    }
}

impl Lake {
    /// A sink for all tables as they are now.
    pub(crate) fn row_sink(&self) -> RowSink {
        let tables = self.registry().all();
        RowSink::with_beginnings(tables.iter().map(|table| {
            let cold = &table.view().cold;
            (Arc::clone(&cold.schema), cold.since)
        }))
    }

    fn show(&self, rows: Vec<TableRows>, next: Offset) {
        let now = self.clock().now();
        for rows in rows {
            match self.registry().find(&rows.table) {
                Some(table) => {
                    table.show(&rows, next, now);
                    if table.view().hot.rows() >= self.config().flush_rows {
                        self.pressed.notify_one();
                    }
                }
                None => tracing::error!(table = rows.table, "rows for a table that is not there"),
            }
        }
    }

    /// Waits while memory is full of rows that no file holds yet.
    async fn wait_for_room(&self) {
        while self.hot_bytes() >= self.config().hot_bytes {
            self.pressed.notify_one();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Bytes of memory that waiting rows take.
    #[must_use]
    pub fn hot_bytes(&self) -> usize {
        let tables = self.registry().all();
        tables.iter().map(|table| table.view().hot.bytes()).sum()
    }
}

/// Decodes `records` outside of the lake's own following, for a reader that wants rows as they come.
///
/// # Errors
/// [`LakeError::Internal`] when the platform is being taken down.
pub async fn decode(
    lake: &Arc<Lake>,
    records: Vec<Record>,
) -> Result<Vec<(Record, Vec<TableRows>)>, LakeError> {
    let mut sink = lake.row_sink();
    let decoder = lake.decoder();
    tokio::task::spawn_blocking(move || {
        let decoded = records.into_iter().map(|record| {
            let rows = rows_of_one(&*decoder, &mut sink, &record);
            (record, rows)
        });
        decoded.collect()
    })
    .await
    .map_err(|error| LakeError::Internal(error.to_string()))
}
