//! The table `group_members`.

use async_trait::async_trait;
use trunkline_lake::ColumnType;

use super::{READ, Rows, Sources, Table, said};
use crate::columns::texts;

#[derive(Debug)]
pub(super) struct Members;

#[async_trait]
impl Table for Members {
    fn shape(
        &self,
    ) -> (
        &'static str,
        &'static [(&'static str, ColumnType, &'static str)],
    ) {
        (
            "group_members",
            &[
                (
                    "group_name",
                    ColumnType::String,
                    "The group into which somebody put the device; not one that it is a part of, and none that a statement makes up.",
                ),
                ("thing", ColumnType::String, "The device."),
            ],
        )
    }

    async fn read(&self, sources: &Sources, rows: &mut Rows) -> Result<(), String> {
        let mut last = (String::new(), String::new());
        loop {
            let all = sources.fleet.members((&last.0, &last.1), READ).await;
            let all = all.map_err(said)?;
            rows.take(&all, |all| {
                vec![
                    texts(all.iter().map(|(group, _)| Some(&**group))),
                    texts(all.iter().map(|(_, thing)| Some(&**thing))),
                ]
            })?;
            match all.into_iter().next_back() {
                Some(next) => last = next,
                None => return Ok(()),
            }
        }
    }
}
