//! What the lake does by itself: write in time, compact, expire, clean up.

use std::sync::Arc;
use std::time::Duration;

use crate::lake::Counters;
use crate::table::{Table, compact};
use crate::{Lake, LakeError};

/// How often waiting rows are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// The longest pause after storage refused a write.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Writes waiting rows when there are many of them, when they are old, or when memory is short.
pub(crate) async fn flush_in_time(lake: Arc<Lake>) {
    let mut pause = LOOK;
    loop {
        tokio::select! {
            () = lake.pressed.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        match flush_due(&lake).await {
            Ok(()) => pause = LOOK,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "rows could not be written; they wait in memory and in the log"
                );
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn flush_due(lake: &Lake) -> Result<(), LakeError> {
    let config = lake.config();
    let oldest_allowed =
        i64::try_from(config.flush_seconds).unwrap_or(i64::MAX / 2_000_000) * 1_000_000;
    let short_of_memory = lake.hot_bytes() * 2 >= config.hot_bytes;
    let now = lake.clock().now();
    let mut tables = lake.registry().all();
    tables.sort_by_key(|table| std::cmp::Reverse(table.view().hot.bytes()));
    for (place, table) in tables.iter().enumerate() {
        let hot = table.view().hot.clone();
        // A clock that was set back must not keep rows in memory for ever.
        let age = hot.since().map_or(0, |since| now.micros_since(since).abs());
        let due = hot.rows() >= config.flush_rows
            || age >= oldest_allowed
            || (short_of_memory && place == 0);
        if due && hot.rows() > 0 {
            lake.flush_table(table).await?;
        }
    }
    lake.commit_cursor().await
}

/// Compacts, expires and cleans up, table by table.
pub(crate) async fn keep_tidy(lake: Arc<Lake>) {
    let every = Duration::from_secs(lake.config().maintenance_seconds.max(1));
    loop {
        tokio::time::sleep(every).await;
        for table in lake.registry().all() {
            if let Err(error) = tidy(&lake, &table).await {
                tracing::warn!(
                    table = table.name(),
                    error = &error as &dyn std::error::Error,
                    "maintenance failed; it is tried again"
                );
            }
        }
    }
}

async fn tidy(lake: &Lake, table: &Table) -> Result<(), LakeError> {
    let config = lake.config();
    let days = table
        .view()
        .cold
        .retention_days
        .unwrap_or(config.retention_days);
    if days > 0 {
        let oldest = lake.clock().now().day() - i32::try_from(days).unwrap_or(i32::MAX / 2);
        let rows = table.expire(oldest, lake.clock()).await?;
        if rows > 0 {
            tracing::info!(
                table = table.name(),
                rows,
                days,
                "rows reached the end of their retention"
            );
        }
    }
    let compacted = compact(lake, table).await?;
    Counters::add(&lake.counters.compacted_files, compacted);
    let vacuumed = table.tidy(config.vacuum_hours, lake.clock()).await?;
    lake.counters
        .vacuumed_files
        .fetch_add(vacuumed, std::sync::atomic::Ordering::Relaxed);
    Ok(())
}

impl Lake {
    /// Compacts, expires and cleans up all tables now, instead of at the next round.
    ///
    /// # Errors
    /// [`LakeError`] of the first table that failed.
    pub async fn maintain(&self) -> Result<(), LakeError> {
        for table in self.registry().all() {
            tidy(self, &table).await?;
        }
        Ok(())
    }
}
