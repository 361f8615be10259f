//! Taking rows out of a table: the right to be forgotten, and the end of a sample.

use super::Table;
use super::write::write_ordered;
use crate::delta::Change;
use crate::sql::{count_matches, matching_rows};
use crate::{Lake, LakeError};

/// Rewrites every file of `table` that holds rows for which `predicate` is true; says how many rows went.
///
/// Rows that wait in memory are written first, so that they too are looked at.
pub(crate) async fn erase(lake: &Lake, table: &Table, predicate: &str) -> Result<u64, LakeError> {
    table
        .flush(lake.storage(), lake.clock(), lake.ids())
        .await?;
    let _turn = table.turn.lock().await;
    let view = table.view();
    let mut old = Vec::new();
    let mut new = Vec::new();
    let mut erased = 0;
    for file in view.cold.files.iter() {
        let one = std::slice::from_ref(file);
        let matches = count_matches(lake, &view.cold.schema, one, predicate).await?;
        if matches == 0 {
            continue;
        }
        erased += matches;
        if matches < file.rows {
            let kept = format!("({predicate}) IS NOT TRUE");
            let target = table.target(lake.storage(), lake.clock(), lake.ids());
            let rows = matching_rows(lake, &view.cold.schema, one, &kept).await?;
            new.extend(write_ordered(&target, &view.cold.schema, file.day, rows).await?);
        }
        old.push(file.clone());
    }
    if !old.is_empty() {
        table
            .replace(Change::Remove(old, new, predicate.to_owned()), lake.clock())
            .await?;
    }
    Ok(erased)
}
