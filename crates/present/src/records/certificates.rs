//! The table `certificates`.

use async_trait::async_trait;
use trunkline_lake::ColumnType;

use super::{Rows, Sources, Table, said};
use crate::columns::{texts, times};

#[derive(Debug)]
pub(super) struct Certificates;

#[async_trait]
impl Table for Certificates {
    fn shape(
        &self,
    ) -> (
        &'static str,
        &'static [(&'static str, ColumnType, &'static str)],
    ) {
        (
            "certificates",
            &[
                ("id", ColumnType::String, "The SHA-256 of its DER form."),
                (
                    "thing",
                    ColumnType::String,
                    "The device that shows it; null for a claim certificate, and while it waits.",
                ),
                (
                    "claim",
                    ColumnType::String,
                    "The template by which whoever shows it may provision devices; null for that of a device.",
                ),
                (
                    "issuer",
                    ColumnType::String,
                    "The authority that signed it, where that is another than the platform's own.",
                ),
                (
                    "status",
                    ColumnType::String,
                    "What it is good for: active, inactive, pending or revoked.",
                ),
                ("serial", ColumnType::String, "Its serial number."),
                ("not_before", ColumnType::Timestamp, "When it begins."),
                ("not_after", ColumnType::Timestamp, "When it ends."),
                ("created", ColumnType::Timestamp, "When it was registered."),
            ],
        )
    }

    async fn read(&self, sources: &Sources, rows: &mut Rows) -> Result<(), String> {
        let all = sources.fleet.certificates(None).await.map_err(said)?;
        rows.take(&all, |all| {
            vec![
                texts(all.iter().map(|one| Some(&*one.id))),
                texts(all.iter().map(|one| one.thing.as_deref())),
                texts(all.iter().map(|one| one.claim.as_deref())),
                texts(all.iter().map(|one| one.issuer.as_deref())),
                texts(all.iter().map(|one| Some(one.status.as_str()))),
                texts(all.iter().map(|one| Some(&*one.serial))),
                times(all.iter().map(|one| one.not_before)),
                times(all.iter().map(|one| one.not_after)),
                times(all.iter().map(|one| one.created)),
            ]
        })
    }
}
