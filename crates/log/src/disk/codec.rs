//! Turns batches into the bytes of a record, and back.

use std::sync::Arc;

use bytes::Bytes;
use trunkline_model::Timestamp;

use super::format::{FLAG_LZ4, HEAD_LENGTH, Head};
use crate::{Batch, DedupeKey, LogError, Offset, Record, RecordKind};

/// Below this, what lz4 would save is not worth its time.
const COMPRESS_FROM: usize = 512;
/// A body up to this is copied into an allocation of its own, so that a small message does not pin a large network buffer in the cache.
const COPY_UP_TO: usize = 4096;

/// A record whose place in the log is still open.
#[derive(Debug)]
pub(super) struct Encoded {
    /// All of the head but what the writer fills in: base, time and group.
    pub(super) head: Head,
    /// The record's bytes; those of the head are still zero.
    pub(super) bytes: Vec<u8>,
}

/// Checks that the parts of `batch` fit together and tells how much memory it takes.
///
/// # Errors
/// [`LogError::TooLarge`] when they do not, or when it is larger than `limit` bytes.
pub(super) fn measure(batch: &Batch, limit: u64) -> Result<u64, LogError> {
    let limit = limit.min(u64::from(u32::MAX / 2));
    let bytes = (batch.body.len() + batch.header.len() + batch.ends.len() * 20) as u64;
    let ascending = batch.ends.is_sorted()
        && batch.ends.last().copied().unwrap_or(0) as usize == batch.body.len();
    let keyed = batch.keys.is_empty() || batch.keys.len() == batch.ends.len();
    if ascending && keyed && bytes <= limit {
        Ok(bytes)
    } else {
        Err(LogError::TooLarge { bytes, limit })
    }
}

/// The record that `batch` will be, but for its place and time, and its keys.
pub(super) fn split(batch: Batch) -> (Record, Vec<DedupeKey>) {
    let record = Record {
        base: Offset(0),
        appended_at: Timestamp::default(),
        kind: batch.kind,
        header: own(batch.header),
        body: own(batch.body),
        ends: Arc::from(batch.ends),
    };
    (record, batch.keys)
}

fn own(bytes: Bytes) -> Bytes {
    if bytes.is_empty() || bytes.len() > COPY_UP_TO {
        bytes
    } else {
        Bytes::copy_from_slice(&bytes)
    }
}

/// Compresses and sums `record`; the part of an append that may run on any thread.
pub(super) fn encode(record: &Record, keys: &[DedupeKey]) -> Encoded {
    let prefix = record.header.len() + keys.len() * 16;
    let raw = record.body.len() + record.ends.len() * 2;
    let mut bytes = Vec::with_capacity(HEAD_LENGTH + prefix + raw);
    bytes.resize(HEAD_LENGTH, 0);
    bytes.extend_from_slice(&record.header);
    for key in keys {
        bytes.extend_from_slice(&key.to_le_bytes());
    }
    let payload_at = bytes.len();
    put_lengths(&mut bytes, &record.ends);
    bytes.extend_from_slice(&record.body);
    let raw = bytes.len() - payload_at;
    let flags = compress_tail(&mut bytes, payload_at);

    let head = Head {
        messages: record.ends.len() as u32,
        header: record.header.len() as u32,
        keys: (keys.len() * 16) as u32,
        stored: (bytes.len() - payload_at) as u32,
        raw: raw as u32,
        prefix_crc: crc32fast::hash(&bytes[HEAD_LENGTH..payload_at]),
        payload_crc: crc32fast::hash(&bytes[payload_at..]),
        kind: record.kind.0,
        flags,
        ..Head::default()
    };
    Encoded { head, bytes }
}

/// Replaces what follows `at` by an lz4 block where that is shorter.
fn compress_tail(bytes: &mut Vec<u8>, at: usize) -> u8 {
    let raw = &bytes[at..];
    if raw.len() < COMPRESS_FROM {
        return 0;
    }
    let mut packed = vec![0; lz4_flex::block::get_maximum_output_size(raw.len())];
    match lz4_flex::block::compress_into(raw, &mut packed) {
        Ok(length) if length < raw.len() => {
            bytes.truncate(at);
            bytes.extend_from_slice(&packed[..length]);
            FLAG_LZ4
        }
        _ => 0,
    }
}

/// The record with this head and content; none when the content, although it matches its checksum, is not what the head says.
pub(super) fn decode(head: &Head, content: &[u8]) -> Option<Record> {
    let header = content.get(..head.header as usize)?;
    let stored = content.get(head.prefix_length()..head.content_length())?;
    let raw = if head.flags & FLAG_LZ4 == 0 {
        stored.to_vec()
    } else {
        let mut raw = vec![0; head.raw as usize];
        let length = lz4_flex::block::decompress_into(stored, &mut raw).ok()?;
        (length == raw.len()).then_some(raw)?
    };
    let (ends, body_at) = take_ends(&raw, head.messages as usize)?;
    Some(Record {
        base: Offset(head.base),
        appended_at: Timestamp::from_micros(head.appended_at),
        kind: RecordKind(head.kind),
        header: Bytes::copy_from_slice(header),
        body: Bytes::from(raw).slice(body_at..),
        ends,
    })
}

/// The keys in a record's verified prefix.
pub(super) fn keys<'a>(head: &Head, prefix: &'a [u8]) -> impl Iterator<Item = DedupeKey> + 'a {
    let (keys, _) = prefix
        .get(head.header as usize..)
        .unwrap_or_default()
        .as_chunks::<16>();
    keys.iter().map(|key| DedupeKey::from_le_bytes(*key))
}

/// The messages of `record` whose index `keep` holds, as a record of its own.
pub(super) fn retain(record: &Record, keep: &[usize]) -> Record {
    let mut body = Vec::with_capacity(record.body.len());
    let mut ends = Vec::with_capacity(keep.len());
    for &index in keep {
        let start = index.checked_sub(1).map_or(0, |before| record.ends[before]);
        body.extend_from_slice(&record.body[start as usize..record.ends[index] as usize]);
        ends.push(body.len() as u32);
    }
    Record {
        body: Bytes::from(body),
        ends: Arc::from(ends),
        ..record.clone()
    }
}

fn put_lengths(bytes: &mut Vec<u8>, ends: &[u32]) {
    let mut start = 0;
    for &end in ends {
        let mut length = end - start;
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        start = end;
    }
}

/// The ends of `count` messages, and where the first one begins.
fn take_ends(raw: &[u8], count: usize) -> Option<(Arc<[u32]>, usize)> {
    let mut ends = Vec::with_capacity(count.min(raw.len()));
    let mut at = 0;
    let mut end = 0_u32;
    for _ in 0..count {
        let mut length = 0_u32;
        for shift in (0..35).step_by(7) {
            let byte = *raw.get(at)?;
            at += 1;
            length |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                break;
            }
        }
        end = end.checked_add(length)?;
        ends.push(end);
    }
    (raw.len() - at == end as usize).then(|| (Arc::from(ends), at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn batch(header: &[u8], messages: &[Vec<u8>], keyed: bool) -> Batch {
        let body = messages.concat();
        let ends = messages
            .iter()
            .scan(0, |end, message| {
                *end += message.len() as u32;
                Some(*end)
            })
            .collect();
        Batch {
            kind: RecordKind(3),
            header: Bytes::copy_from_slice(header),
            body: Bytes::from(body),
            ends,
            keys: if keyed {
                (0..messages.len() as u128).collect()
            } else {
                Vec::new()
            },
        }
    }

    proptest! {
        #[test]
        fn a_record_comes_back_as_it_went(
            header in proptest::collection::vec(any::<u8>(), 0..40),
            messages in proptest::collection::vec(proptest::collection::vec(0_u8..4, 0..700), 1..20),
            keyed: bool,
        ) {
            let batch = batch(&header, &messages, keyed);
            prop_assert!(measure(&batch, 1 << 20).is_ok());
            let (record, batch_keys) = split(batch);
            let encoded = encode(&record, &batch_keys);
            let content = &encoded.bytes[HEAD_LENGTH..];
            prop_assert_eq!(content.len(), encoded.head.content_length());
            let back = decode(&encoded.head, content).unwrap();
            prop_assert_eq!(&back.header[..], &header[..]);
            let read: Vec<_> = back.messages().map(|(_, bytes)| bytes.to_vec()).collect();
            prop_assert_eq!(read, messages);
            let read: Vec<_> = keys(&encoded.head, &content[..encoded.head.prefix_length()]).collect();
            prop_assert_eq!(read, batch_keys);
        }

        #[test]
        fn hostile_content_never_panics(
            content in proptest::collection::vec(any::<u8>(), 0..300), messages in 0_u32..200, raw in 0_u32..5000, flags in 0_u8..2,
        ) {
            let head = Head { messages, raw, flags, stored: content.len() as u32, ..Head::default() };
            if let Some(record) = decode(&head, &content) {
                prop_assert_eq!(record.ends.len(), messages as usize);
            }
        }
    }

    #[test]
    fn repetition_is_compressed_and_noise_is_not() {
        let (flat, _) = split(batch(b"", &[vec![7; 10_000]], false));
        assert!(encode(&flat, &[]).bytes.len() < 200);
        let noise: Vec<u8> = (0..2_500_u64)
            .flat_map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).to_le_bytes()[..4].to_vec())
            .collect();
        let (noise, _) = split(batch(b"", &[noise], false));
        let encoded = encode(&noise, &[]);
        assert_eq!(encoded.head.flags, 0);
        assert_eq!(encoded.head.stored, encoded.head.raw);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let good = batch(b"", &[vec![1; 10], vec![2; 5]], true);
        let bad = [
            Batch {
                ends: vec![10, 14],
                ..good.clone()
            },
            Batch {
                ends: vec![11, 10, 15],
                keys: vec![],
                ..good.clone()
            },
            Batch {
                keys: vec![1],
                ..good.clone()
            },
        ];
        assert!(measure(&good, 100).is_ok());
        assert!(measure(&good, 54).is_err());
        assert!(bad.iter().all(|batch| measure(batch, 100).is_err()));
    }

    #[test]
    fn dropping_messages_keeps_the_others() {
        let messages = [
            b"a".to_vec(),
            b"bb".to_vec(),
            b"".to_vec(),
            b"dddd".to_vec(),
        ];
        let (record, _) = split(batch(b"h", &messages, false));
        let kept = retain(&record, &[1, 3]);
        let read: Vec<_> = kept.messages().map(|(_, bytes)| bytes.to_vec()).collect();
        assert_eq!(read, [b"bb".to_vec(), b"dddd".to_vec()]);
    }
}
