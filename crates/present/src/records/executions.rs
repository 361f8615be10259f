//! The table `executions`: which device is how far with which job. Who was updated is a cohort, and the others of the job are the control.

use async_trait::async_trait;
use trunkline_lake::ColumnType;

use super::{READ, Rows, Sources, Table, said, second};
use crate::columns::{integers, maybe_times, texts, times};

#[derive(Debug)]
pub(super) struct Executions;

#[async_trait]
impl Table for Executions {
    fn shape(
        &self,
    ) -> (
        &'static str,
        &'static [(&'static str, ColumnType, &'static str)],
    ) {
        (
            "executions",
            &[
                ("job", ColumnType::String, "The job."),
                ("thing", ColumnType::String, "The device."),
                (
                    "number",
                    ColumnType::Integer,
                    "Which try of this device it is, from 1.",
                ),
                (
                    "status",
                    ColumnType::String,
                    "QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT, REJECTED, REMOVED or CANCELED.",
                ),
                (
                    "queued",
                    ColumnType::Timestamp,
                    "When the device was told, to the second.",
                ),
                (
                    "started",
                    ColumnType::Timestamp,
                    "When it began, to the second; null before.",
                ),
                (
                    "changed",
                    ColumnType::Timestamp,
                    "When it last changed, to the second.",
                ),
            ],
        )
    }

    async fn read(&self, sources: &Sources, rows: &mut Rows) -> Result<(), String> {
        let mut last = 0;
        loop {
            let all = sources
                .fleet
                .all_executions(last, READ)
                .await
                .map_err(said)?;
            rows.take(&all, |all| {
                let all = || all.iter().map(|(_, execution)| execution);
                vec![
                    texts(all().map(|one| Some(&*one.job_id))),
                    texts(all().map(|one| Some(&*one.thing_name))),
                    integers(
                        all().map(|one| i64::try_from(one.execution_number).unwrap_or(i64::MAX)),
                    ),
                    texts(all().map(|one| Some(one.status.as_str()))),
                    times(all().map(|one| second(one.queued_at))),
                    maybe_times(all().map(|one| one.started_at.map(second))),
                    times(all().map(|one| second(one.last_updated_at))),
                ]
            })?;
            match all.last() {
                Some((place, _)) => last = *place,
                None => return Ok(()),
            }
        }
    }
}
