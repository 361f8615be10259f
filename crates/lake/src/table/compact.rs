//! Putting small files together.

use std::collections::BTreeMap;

use super::Table;
use super::write::write_ordered;
use crate::delta::{Change, ColdFile};
use crate::sql::merged_rows;
use crate::{Lake, LakeError};

/// How much larger the largest file of a round may be than the smallest: files of like size are put together, so that a row
/// is rewritten a logarithmic number of times.
const SPREAD: u64 = 8;

/// Files of one round at the most: a merge keeps each of them open, with a few batches of its rows.
const MOST_FILES: usize = 64;

/// Chooses files of one day to be put together: at least `count` of like size, and no more than make one file of `target` bytes.
fn plan(files: &[ColdFile], count: usize, target: u64, today: i32) -> Option<Vec<ColdFile>> {
    let mut by_day: BTreeMap<i32, Vec<&ColdFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.bytes < target / 2) {
        by_day.entry(file.day).or_default().push(file);
    }
    for (day, mut candidates) in by_day {
        candidates.sort_by_key(|file| file.bytes);
        // A day that is over gets no more rows: what is left of it is put together even where it is little.
        let enough = if day < today { 2 } else { count.max(2) };
        let mut start = 0;
        while start < candidates.len() {
            let least = candidates
                .get(start)
                .map_or(1, |file| file.bytes.max(64 << 10));
            let mut bytes = 0;
            let chosen: Vec<_> = candidates
                .iter()
                .skip(start)
                .take(MOST_FILES)
                .take_while(|file| {
                    bytes += file.bytes;
                    (day < today || file.bytes <= least * SPREAD) && bytes <= target
                })
                .map(|file| (*file).clone())
                .collect();
            if chosen.len() >= enough {
                return Some(chosen);
            }
            start += chosen.len().max(1);
        }
    }
    None
}

/// Puts files of `table` together until there is nothing left to gain; says how many files went.
pub(crate) async fn compact(lake: &Lake, table: &Table) -> Result<usize, LakeError> {
    let mut gone = 0;
    loop {
        let _turn = table.turn.lock().await;
        let view = table.view();
        let config = lake.config();
        let today = lake.clock().now().day();
        let Some(old) = plan(
            &view.cold.files,
            config.compact_files,
            config.target_file_bytes,
            today,
        ) else {
            return Ok(gone);
        };
        let target = table.target(lake.storage(), lake.clock(), lake.ids());
        let rows = merged_rows(lake, &view.cold.schema, &old)?;
        let day = old.first().map_or(today, |file| file.day);
        let new = write_ordered(&target, &view.cold.schema, day, rows).await?;
        let new = Vec::from_iter(new);
        gone += old.len();
        table
            .replace(Change::Compact(old, new), lake.clock())
            .await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::NewFile;

    fn file(day: i32, bytes: u64) -> ColdFile {
        let new = NewFile {
            relative: format!("{day}-{bytes}"),
            bytes,
            day,
            statistics: "{}".into(),
        };
        ColdFile {
            relative: new.relative.clone(),
            path: new.relative.clone().into(),
            bytes,
            rows: 1,
            day,
            modified: 0,
            statistics: std::sync::Arc::default(),
            add: new.add(0, true),
        }
    }

    #[test]
    fn few_files_of_today_wait_for_more() {
        let files: Vec<_> = (0..7).map(|n| file(5, 1_000 + n)).collect();
        assert!(plan(&files, 8, 1 << 20, 5).is_none());
        assert_eq!(plan(&files, 8, 1 << 20, 6).unwrap().len(), 7);
    }

    #[test]
    fn files_of_one_day_and_like_size_go_together() {
        let mut files: Vec<_> = (0..8).map(|n| file(5, 100_000 + n)).collect();
        files.push(file(4, 100_000));
        files.push(file(5, 8_000_000));
        let chosen = plan(&files, 8, 64 << 20, 5).unwrap();
        assert_eq!(chosen.len(), 8);
        assert!(
            chosen
                .iter()
                .all(|file| file.day == 5 && file.bytes < 200_000)
        );
    }

    #[test]
    fn a_round_makes_no_more_than_one_target_file() {
        let files: Vec<_> = (0..100).map(|n| file(1, 400_000 + n)).collect();
        let chosen = plan(&files, 8, 4_000_000, 9).unwrap();
        let bytes: u64 = chosen.iter().map(|file| file.bytes).sum();
        assert!(
            bytes <= 4_000_000 && chosen.len() >= 8,
            "{} files",
            chosen.len()
        );
    }
}
