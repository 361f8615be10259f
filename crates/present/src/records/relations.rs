//! The table `relations`.

use async_trait::async_trait;
use trunkline_lake::ColumnType;

use super::{READ, Rows, Sources, Table, said};
use crate::columns::{texts, times};

#[derive(Debug)]
pub(super) struct Relations;

#[async_trait]
impl Table for Relations {
    fn shape(
        &self,
    ) -> (
        &'static str,
        &'static [(&'static str, ColumnType, &'static str)],
    ) {
        (
            "relations",
            &[
                (
                    "origin",
                    ColumnType::String,
                    "Where it begins: `thing:pump-7` for a device, else such as `site:hall-2`.",
                ),
                (
                    "kind",
                    ColumnType::String,
                    "What kind of relation it is, such as `talks-through`.",
                ),
                ("target", ColumnType::String, "Where it leads."),
                ("since", ColumnType::Timestamp, "Since when it holds."),
                ("said_by", ColumnType::String, "Who said so."),
            ],
        )
    }

    async fn read(&self, sources: &Sources, rows: &mut Rows) -> Result<(), String> {
        let mut last = None;
        loop {
            let all = sources.topology.all(last.as_ref(), READ).await;
            let all = all.map_err(said)?;
            rows.take(&all, |all| {
                vec![
                    texts(all.iter().map(|one| Some(one.relation.from.as_str()))),
                    texts(all.iter().map(|one| Some(&*one.relation.kind))),
                    texts(all.iter().map(|one| Some(one.relation.to.as_str()))),
                    times(all.iter().map(|one| one.since)),
                    texts(all.iter().map(|one| Some(&*one.by))),
                ]
            })?;
            match all.into_iter().next_back() {
                Some(stated) => last = Some(stated.relation),
                None => return Ok(()),
            }
        }
    }
}
