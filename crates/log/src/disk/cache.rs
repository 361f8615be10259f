//! The newest records in memory, so that consumers at the head of the log read no disk.

use std::collections::VecDeque;

use crate::Record;

/// A contiguous run of records that ends at the log's end, bounded in bytes.
#[derive(Debug)]
pub(super) struct TailCache {
    records: VecDeque<Record>,
    bytes: usize,
    limit: usize,
}

impl TailCache {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            records: VecDeque::new(),
            bytes: 0,
            limit,
        }
    }

    /// Takes the record that follows the last one; the oldest ones make room.
    pub(super) fn push(&mut self, record: Record) {
        self.bytes += record.memory();
        self.records.push_back(record);
        while self.bytes > self.limit
            && let Some(oldest) = self.records.pop_front()
        {
            self.bytes -= oldest.memory();
        }
    }

    /// The records from the one that holds `from` on, about `max_bytes` of them; none when it is too old to be here.
    pub(super) fn read(&self, from: u64, max_bytes: usize) -> Option<Vec<Record>> {
        if self.records.front()?.base.0 > from {
            return None;
        }
        let first = self
            .records
            .partition_point(|record| record.next().0 <= from);
        let mut room = max_bytes;
        let mut found = Vec::new();
        for record in self.records.range(first..) {
            let bytes = record.memory();
            if !found.is_empty() && bytes > room {
                break;
            }
            room = room.saturating_sub(bytes);
            found.push(record.clone());
        }
        Some(found)
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use trunkline_model::Timestamp;

    use super::*;
    use crate::{Offset, RecordKind};

    fn record(base: u64, messages: u32) -> Record {
        Record {
            base: Offset(base),
            appended_at: Timestamp::default(),
            kind: RecordKind(0),
            header: Bytes::new(),
            body: Bytes::from(vec![0; messages as usize]),
            ends: (1..=messages).collect::<Vec<_>>().into(),
        }
    }

    fn bases(records: &[Record]) -> Vec<u64> {
        records.iter().map(|record| record.base.0).collect()
    }

    #[test]
    fn old_records_leave_and_the_bound_holds() {
        let one = record(0, 10).memory();
        let mut cache = TailCache::new(one * 3);
        for index in 0..10 {
            cache.push(record(index * 10, 10));
            assert!(cache.bytes() <= one * 3);
        }
        assert!(cache.read(69, usize::MAX).is_none());
        assert_eq!(bases(&cache.read(70, usize::MAX).unwrap()), [70, 80, 90]);
        assert_eq!(bases(&cache.read(85, usize::MAX).unwrap()), [80, 90]);
        assert_eq!(bases(&cache.read(70, 0).unwrap()), [70], "at least one");
        assert_eq!(bases(&cache.read(70, one * 2).unwrap()), [70, 80]);
        cache.push(record(100, 9_999));
        assert!(
            cache.read(100, usize::MAX).is_none(),
            "larger than the cache"
        );
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn ends_are_shared_not_copied() {
        let mut cache = TailCache::new(1 << 20);
        let record = record(0, 4);
        cache.push(record.clone());
        assert!(Arc::ptr_eq(
            &cache.read(0, 1).unwrap()[0].ends,
            &record.ends
        ));
    }
}
