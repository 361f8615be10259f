//! The sparse index of a segment: where about every 256 KiB a record begins, and the sums over all of them.
//!
//! A sealed segment's index lies beside it as `<base offset>.index`. It is a cache: whenever it is missing or does not match its
//! checksum it is built again from the segment.
//!
//! | at | bytes | index file |
//! |---|---|---|
//! | 0 | 8 | `TRUNKIDX` |
//! | 8 | 4 | format version, 1 |
//! | 12 | 4 | salt of the segment |
//! | 16 | 8 | the offset after the last message |
//! | 24 | 8 | bytes of the segment that count; what follows them was never acknowledged |
//! | 32 | 8 | keys in the segment |
//! | 40 | 8 | append time of the last record, microseconds since the epoch |
//! | 48 | 4 | entries |
//! | 52 | | entries: offset, position, keys before it; 8 bytes each |
//! | | 4 | CRC32 of all before |

use super::format::{Fields, HEADER_LENGTH, Head};

const MARK: [u8; 8] = *b"TRUNKIDX";
const VERSION: u32 = 1;
const INTERVAL: u64 = 256 * 1024;

/// A record's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) position: u64,
    pub(super) keys_before: u64,
}

/// What is known of a segment's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// The offset after the last message.
    pub(super) next: u64,
    /// Bytes of the file that hold durable records, the header included.
    pub(super) length: u64,
    /// De-duplication keys in the segment.
    pub(super) keys: u64,
    /// When the last record was appended.
    pub(super) appended_at: i64,
    entries: Vec<Entry>,
}

impl Index {
    /// The index of a segment without records.
    pub(super) fn empty(base: u64) -> Self {
        Self {
            next: base,
            length: HEADER_LENGTH,
            keys: 0,
            appended_at: i64::MIN,
            entries: Vec::new(),
        }
    }

    /// Takes the record at `position` in; records come in their order.
    pub(super) fn add(&mut self, head: &Head, position: u64) {
        let due = self
            .entries
            .last()
            .is_none_or(|last| position >= last.position + INTERVAL);
        if due {
            self.entries.push(Entry {
                offset: head.base,
                position,
                keys_before: self.keys,
            });
        }
        self.next = head.next();
        self.length = position + head.length();
        self.keys += head.key_count();
        self.appended_at = self.appended_at.max(head.appended_at);
    }

    /// Where to begin to look for `offset`.
    pub(super) fn seek(&self, base: u64, offset: u64) -> Entry {
        let after = self.entries.partition_point(|entry| entry.offset <= offset);
        self.entry_before(base, after)
    }

    /// Where to begin to see at least the last `keys` keys.
    pub(super) fn seek_keys(&self, base: u64, keys: u64) -> Entry {
        let skip = self.keys.saturating_sub(keys);
        let after = self
            .entries
            .partition_point(|entry| entry.keys_before <= skip);
        self.entry_before(base, after)
    }

    fn entry_before(&self, base: u64, after: usize) -> Entry {
        let first = Entry {
            offset: base,
            position: HEADER_LENGTH,
            keys_before: 0,
        };
        after
            .checked_sub(1)
            .and_then(|at| self.entries.get(at).copied())
            .unwrap_or(first)
    }

    pub(super) fn encode(&self, salt: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(56 + self.entries.len() * 24);
        bytes.extend_from_slice(&MARK);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&salt.to_le_bytes());
        for field in [self.next, self.length, self.keys] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        bytes.extend_from_slice(&self.appended_at.to_le_bytes());
        bytes.extend_from_slice(&(self.entries.len() as u32).to_le_bytes());
        for entry in &self.entries {
            for field in [entry.offset, entry.position, entry.keys_before] {
                bytes.extend_from_slice(&field.to_le_bytes());
            }
        }
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The index in `bytes`, if it is whole and belongs to the segment with this salt.
    pub(super) fn decode(bytes: &[u8], salt: u32) -> Option<Self> {
        let (content, crc) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(content) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut fields = Fields(content);
        let mark: [u8; 8] = fields.take()?;
        if mark != MARK || fields.u32()? != VERSION || fields.u32()? != salt {
            return None;
        }
        let mut index = Self {
            next: fields.u64()?,
            length: fields.u64()?,
            keys: fields.u64()?,
            appended_at: i64::from_le_bytes(fields.take()?),
            entries: Vec::new(),
        };
        for _ in 0..fields.u32()? {
            index.entries.push(Entry {
                offset: fields.u64()?,
                position: fields.u64()?,
                keys_before: fields.u64()?,
            });
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Index {
        let mut index = Index::empty(100);
        let mut position = HEADER_LENGTH;
        for record in 0..50 {
            let head = Head {
                base: 100 + record * 10,
                messages: 10,
                keys: 160,
                stored: 100_000,
                appended_at: 1_000 + record as i64,
                ..Head::default()
            };
            index.add(&head, position);
            position += head.length();
        }
        index
    }

    #[test]
    fn it_comes_back_whole_or_not_at_all() {
        let index = sample();
        let bytes = index.encode(9);
        assert_eq!(Index::decode(&bytes, 9), Some(index));
        assert_eq!(Index::decode(&bytes, 8), None);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Index::decode(&damaged, 9), None);
            assert_eq!(Index::decode(&bytes[..at], 9), None);
        }
    }

    #[test]
    fn it_leads_to_the_record_or_shortly_before() {
        let index = sample();
        assert_eq!((index.next, index.keys), (600, 500));
        for offset in 100..600 {
            let entry = index.seek(100, offset);
            assert!(entry.offset <= offset && offset - entry.offset < 30);
        }
        for keys in 0..=500 {
            let entry = index.seek_keys(100, keys);
            assert!(500 - entry.keys_before >= keys);
            assert!(500 - entry.keys_before < keys + 30 + 30);
        }
        assert_eq!(index.seek_keys(100, 9_999).position, HEADER_LENGTH);
    }
}
