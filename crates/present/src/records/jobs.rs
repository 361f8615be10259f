//! The table `jobs`.

use async_trait::async_trait;
use trunkline_lake::ColumnType;

use super::{READ, Rows, Sources, Table, said, second};
use crate::columns::{maybe_times, texts, times};

#[derive(Debug)]
pub(super) struct Jobs;

#[async_trait]
impl Table for Jobs {
    fn shape(
        &self,
    ) -> (
        &'static str,
        &'static [(&'static str, ColumnType, &'static str)],
    ) {
        (
            "jobs",
            &[
                ("job", ColumnType::String, "The job."),
                (
                    "status",
                    ColumnType::String,
                    "SCHEDULED, IN_PROGRESS, COMPLETED, CANCELED or DELETION_IN_PROGRESS.",
                ),
                (
                    "created",
                    ColumnType::Timestamp,
                    "When it was made, to the second.",
                ),
                (
                    "changed",
                    ColumnType::Timestamp,
                    "When it last changed, to the second.",
                ),
                (
                    "completed",
                    ColumnType::Timestamp,
                    "When it was over, to the second; null before.",
                ),
            ],
        )
    }

    async fn read(&self, sources: &Sources, rows: &mut Rows) -> Result<(), String> {
        let mut after = String::new();
        loop {
            let page = sources.fleet.jobs(None, &after, READ).await.map_err(said)?;
            rows.take(&page.jobs, |all| {
                vec![
                    texts(all.iter().map(|job| Some(&*job.job_id))),
                    texts(all.iter().map(|job| Some(job.status.as_str()))),
                    times(all.iter().map(|job| second(job.created_at))),
                    times(all.iter().map(|job| second(job.last_updated_at))),
                    maybe_times(all.iter().map(|job| job.completed_at.map(second))),
                ]
            })?;
            match page.next {
                Some(next) => after = next,
                None => return Ok(()),
            }
        }
    }
}
