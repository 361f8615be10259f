//! Frames of rows, as the log grows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use trunkline_lake::{Lake, LakeError, TEAM, TableRows, Visible};
use trunkline_log::{LogError, Offset, Record, Subscription};
use trunkline_web::Problem;
use utoipa::ToSchema;

use super::request::Filter;
use crate::Api;
use crate::sql::row_object;

/// How long a frame may be missing before an empty one says that all is well.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);
/// Bytes of the log that are read in one step.
const STEP_BYTES: usize = 256 << 10;
/// Rows of one frame, unless the rows of one message are more.
const FRAME_ROWS: usize = 500;

/// Rows, and where to go on from.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TailFrame {
    /// The rows, oldest first. All rows of one offset come in one frame.
    pub(super) rows: Vec<TailRow>,
    /// The offset to ask for after this frame.
    pub(super) next: u64,
}

/// A row as it came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TailRow {
    /// Its place in the log.
    pub(super) offset: u64,
    /// When the log took it.
    received: String,
    /// The table that it is in.
    table: String,
    /// Its columns; those without a value are left out.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    row: Box<RawValue>,
}

/// Follows the log for one client. Dropping it makes room for another.
#[derive(Debug)]
pub(super) struct Feed {
    lake: Arc<Lake>,
    subscription: Subscription,
    filter: Filter,
    visible: Arc<dyn Visible>,
    from: Offset,
    waiting: VecDeque<TailFrame>,
    _permit: OwnedSemaphorePermit,
}

impl Feed {
    pub(super) fn new(
        api: &Api,
        from: Offset,
        filter: Filter,
        visible: Arc<dyn Visible>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let first = TailFrame {
            rows: Vec::new(),
            next: from.0,
        };
        Self {
            lake: Arc::clone(&api.lake),
            subscription: Subscription::new(Arc::clone(&api.log), from, STEP_BYTES),
            filter,
            visible,
            from,
            // An empty frame at once: from then on the client knows where to go on from.
            waiting: VecDeque::from([first]),
            _permit: permit,
        }
    }

    /// The next frame: rows, or an empty one when none came for a while.
    pub(super) async fn next(&mut self) -> Result<TailFrame, Problem> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Ok(frame);
            }
            let records = match timeout(HEARTBEAT, self.subscription.next()).await {
                Err(_) => {
                    return Ok(TailFrame {
                        rows: Vec::new(),
                        next: self.from.0,
                    });
                }
                Ok(Ok(records)) => records,
                Ok(Err(LogError::Corrupt { .. })) => {
                    self.from = self.subscription.skip_damage().await?;
                    continue;
                }
                Ok(Err(error)) => return Err(error.into()),
            };
            self.take(records).await?;
        }
    }

    async fn take(&mut self, records: Vec<Record>) -> Result<(), LakeError> {
        for (record, tables) in trunkline_lake::decode(&self.lake, records).await? {
            let next = record.next();
            let mut rows = self.rows(&record, &tables);
            rows.sort_by_key(|row| row.offset);
            self.frame(rows, next);
            self.from = next;
        }
        // Rows that the filter left out need no frame of their own, but their place must not be lost.
        if self.waiting.is_empty() {
            return Ok(());
        }
        if let Some(last) = self.waiting.back_mut() {
            last.next = self.from.0;
        }
        Ok(())
    }

    fn rows(&self, record: &Record, tables: &[TableRows]) -> Vec<TailRow> {
        let received = record.appended_at.to_string();
        let wanted = tables
            .iter()
            .filter(|rows| self.filter.wants_table(&rows.table));
        wanted
            .flat_map(|rows| self.table_rows(rows, &received))
            .collect()
    }

    fn table_rows(&self, rows: &TableRows, received: &str) -> Vec<TailRow> {
        let batch = &rows.rows;
        let by_team = batch.schema().column_with_name(TEAM).is_some();
        let sight = self.visible.sight(&rows.table, by_team);
        let shown = (0..batch.num_rows()).filter_map(|row| {
            let object = row_object(batch, row);
            let team = object.get(TEAM).and_then(serde_json::Value::as_str);
            if !sight.shows(team) {
                return None;
            }
            let offset = object.get(trunkline_lake::OFFSET)?.as_u64()?;
            let json = serde_json::to_string(&object).ok()?;
            (offset >= self.from.0 && self.filter.wants_text(&json)).then_some(TailRow {
                offset,
                received: received.to_owned(),
                table: rows.table.clone(),
                row: RawValue::from_string(json).ok()?,
            })
        });
        shown.collect()
    }

    /// Deals rows to frames; rows of one offset stay together.
    fn frame(&mut self, rows: Vec<TailRow>, next: Offset) {
        let mut frame = TailFrame::default();
        for row in rows {
            let full = frame.rows.len() >= FRAME_ROWS;
            if full
                && frame
                    .rows
                    .last()
                    .is_some_and(|last| last.offset != row.offset)
            {
                frame.next = row.offset;
                self.waiting.push_back(std::mem::take(&mut frame));
            }
            frame.rows.push(row);
        }
        if !frame.rows.is_empty() {
            frame.next = next.0;
            self.waiting.push_back(frame);
        }
    }
}
