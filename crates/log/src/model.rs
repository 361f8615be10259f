//! What producers hand in and consumers get back.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

/// A place in the log: the number of messages that were appended before it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Offset(pub u64);

impl Offset {
    /// The place `count` messages further on.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the bytes of a record are; a number that only producers and consumers understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordKind(pub u16);

/// A fingerprint of what makes a message unique, such as a hash of an event's source and id.
///
/// Two messages with the same key inside the log's de-duplication window are the same message: the later one is dropped and
/// acknowledged. 128 bits, so that a collision is no practical matter.
pub type DedupeKey = u128;

/// Messages that are appended together: all of them become durable, or none.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How to read the messages.
    pub kind: RecordKind,
    /// Bytes that all messages share.
    pub header: Bytes,
    /// The messages, back to back.
    pub body: Bytes,
    /// Where each message ends in `body`; ascending, the last one is the body's length.
    pub ends: Vec<u32>,
    /// One key for each message, or none at all.
    pub keys: Vec<DedupeKey>,
}

impl Batch {
    /// A batch of one message without a key.
    #[must_use]
    pub fn single(kind: RecordKind, body: Bytes) -> Self {
        let end = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Self {
            kind,
            header: Bytes::new(),
            body,
            ends: vec![end],
            keys: Vec::new(),
        }
    }

    /// How many messages it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it holds no message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Where a batch came to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The offset of its first new message; the log's end where every message was a duplicate.
    pub first: Offset,
    /// The offset after its last new message.
    pub next: Offset,
    /// How many of its messages the log already had.
    pub duplicates: u32,
}

/// Messages as they lie in the log, under consecutive offsets.
#[derive(Clone, Debug)]
pub struct Record {
    /// The offset of the first message.
    pub base: Offset,
    /// When the log took it.
    pub appended_at: Timestamp,
    /// How to read the messages.
    pub kind: RecordKind,
    /// Bytes that all messages share.
    pub header: Bytes,
    /// The messages, back to back.
    pub body: Bytes,
    /// Where each message ends in `body`.
    pub ends: Arc<[u32]>,
}

impl Record {
    /// The offset after the last message.
    #[must_use]
    pub fn next(&self) -> Offset {
        self.base.plus(self.ends.len() as u64)
    }

    /// The messages with their offsets.
    pub fn messages(&self) -> impl Iterator<Item = (Offset, &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(self.ends.iter().copied())
            .enumerate()
            .map(|(index, (start, end))| {
                let bytes = self
                    .body
                    .get(start as usize..end as usize)
                    .unwrap_or_default();
                (self.base.plus(index as u64), bytes)
            })
    }

    /// Roughly how much memory it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.body.len() + self.header.len() + self.ends.len() * 4 + 96
    }
}

/// What the log holds at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// The oldest offset that can be read.
    pub first: Offset,
    /// The offset that the next message will get; everything before it is durable.
    pub next: Offset,
    /// Bytes on disk.
    pub bytes: u64,
    /// Files on disk.
    pub segments: u64,
}

/// How far a named consumer has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorState {
    /// The consumer's name.
    pub name: String,
    /// The first offset that it has not finished.
    pub offset: Offset,
    /// Whether retention must wait for it.
    pub archiving: bool,
}
