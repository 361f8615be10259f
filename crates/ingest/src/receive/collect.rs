//! Gathering messages for a batch, in place as long as every one of them is good.

use std::collections::BTreeMap;

use bytes::Bytes;
use trunkline_log::{Batch, DedupeKey, RecordKind};

use crate::error::Refusal;

/// How many refusals of one request are told and kept one by one; the rest are counted.
pub(crate) const TOLD: usize = 100;

/// A refused event.
#[derive(Clone, Debug)]
pub(crate) struct Rejected {
    /// Its place in the request, from 0.
    pub(crate) index: usize,
    /// Why it was refused.
    pub(crate) refusal: Refusal,
    /// All of it.
    pub(crate) payload: Bytes,
}

/// The refused events of one request.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    /// The first of them.
    pub(crate) told: Vec<Rejected>,
    /// How many there are of each code.
    pub(crate) by_code: BTreeMap<&'static str, u64>,
}

impl Rejections {
    pub(crate) fn push(&mut self, index: usize, refusal: Refusal, payload: Bytes) {
        *self.by_code.entry(refusal.code.code).or_default() += 1;
        if self.told.len() < TOLD {
            self.told.push(Rejected {
                index,
                refusal,
                payload,
            });
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.by_code.values().sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }
}

/// What became of a request's events.
#[derive(Debug)]
pub(crate) struct Collected {
    /// The good ones; it may be empty.
    pub(crate) batch: Batch,
    /// The others.
    pub(crate) rejections: Rejections,
}

/// Gathers messages that are slices of one request.
///
/// While all are good, the batch's body is the request itself. The first refusal copies what came before it, and from there on the
/// good ones are copied.
#[derive(Debug)]
pub(crate) struct Collector {
    source: Bytes,
    copied: Option<Vec<u8>>,
    end: usize,
    ends: Vec<u32>,
    keys: Vec<DedupeKey>,
    rejections: Rejections,
}

impl Collector {
    /// A collector of slices of `source`.
    pub(crate) fn in_place(source: Bytes, expected: usize) -> Self {
        Self {
            source,
            copied: None,
            end: 0,
            ends: Vec::with_capacity(expected),
            keys: Vec::new(),
            rejections: Rejections::default(),
        }
    }

    /// A collector that copies from the beginning.
    pub(crate) fn copying(source: Bytes, expected: usize) -> Self {
        let room = source.len() + source.len() / 8;
        Self {
            copied: Some(Vec::with_capacity(room)),
            ..Self::in_place(source, expected)
        }
    }

    /// How many events it has seen.
    pub(crate) fn seen(&self) -> usize {
        self.ends.len() + usize::try_from(self.rejections.total()).unwrap_or(usize::MAX)
    }

    /// Takes the bytes `from..to` of the source; what stands between the event before and `from` must be white space.
    #[inline]
    pub(crate) fn take(&mut self, from: usize, to: usize) {
        match &mut self.copied {
            Some(copied) => {
                copied.extend_from_slice(self.source.get(from..to).unwrap_or_default());
                self.end = copied.len();
            }
            None => self.end = to,
        }
        self.ends.push(u32::try_from(self.end).unwrap_or(u32::MAX));
    }

    /// Takes the bytes `from..to` of the source with `number` and a space before them; only for a collector that copies.
    pub(crate) fn take_numbered(&mut self, number: &str, from: usize, to: usize) {
        if let Some(copied) = &mut self.copied {
            copied.extend_from_slice(number.as_bytes());
            copied.push(b' ');
        }
        self.take(from, to);
    }

    /// Gives the event that was taken last its key; either every event has one or none.
    pub(crate) fn key(&mut self, key: DedupeKey) {
        self.keys.push(key);
    }

    /// Refuses the bytes `from..to` of the source.
    #[cold]
    pub(crate) fn reject(&mut self, refusal: Refusal, from: usize, to: usize) {
        let index = self.seen();
        let payload = self.source.slice(from.min(to)..to.min(self.source.len()));
        self.rejections.push(index, refusal, payload);
        if self.copied.is_none() {
            let mut copied = Vec::with_capacity(self.source.len());
            copied.extend_from_slice(self.source.get(..self.end).unwrap_or_default());
            self.copied = Some(copied);
        }
    }

    /// The batch of all that was taken.
    pub(crate) fn finish(self, kind: RecordKind, header: Bytes) -> Collected {
        let body = match self.copied {
            Some(copied) => Bytes::from(copied),
            None => self.source.slice(..self.end),
        };
        Collected {
            batch: Batch {
                kind,
                header,
                body,
                ends: self.ends,
                keys: self.keys,
            },
            rejections: self.rejections,
        }
    }
}
