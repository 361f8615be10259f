//! Keeping what was refused, so that somebody can look at it; bounded, so that a flood of it cannot fill the disk.

use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use trunkline_log::{Batch, DedupeKey};
use trunkline_model::Timestamp;
use xxhash_rust::xxh3::Xxh3;

use crate::decode::Letter;
use crate::error::Refusal;
use crate::receive::Rejected;
use crate::stats::Protocol;
use crate::{IngestConfig, kind};

/// Says which refusals are still kept in this second.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    interval_micros: i64,
    burst_micros: i64,
    bytes: usize,
    /// The moment, in microseconds, at which the allowance is full again.
    full_at: AtomicI64,
}

impl DeadLetters {
    pub(crate) fn new(config: &IngestConfig) -> Self {
        let per_second = i64::from(config.dead_letters_per_second);
        Self {
            interval_micros: 1_000_000 / per_second.max(1),
            burst_micros: if per_second == 0 { 0 } else { 1_000_000 },
            bytes: config.dead_letter_bytes,
            full_at: AtomicI64::new(i64::MIN),
        }
    }

    /// How many of `wanted` letters may be kept at `now`; they count as kept.
    fn allow(&self, wanted: usize, now: Timestamp) -> usize {
        let now = now.as_micros();
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let mut allowed = 0;
        let update = |full_at: i64| {
            // A clock that jumped back must not close the book for the length of the jump.
            let full_at = full_at.clamp(now, now.saturating_add(self.burst_micros));
            let room = (now.saturating_add(self.burst_micros) - full_at) / self.interval_micros;
            allowed = room.min(wanted);
            Some(full_at + allowed * self.interval_micros)
        };
        let updated = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
        if updated.is_err() {
            0
        } else {
            usize::try_from(allowed).unwrap_or(0)
        }
    }

    /// The batch that keeps as many of `rejected` as may be kept at `now`.
    pub(crate) fn batch<'a>(
        &self,
        protocol: Protocol,
        sender: &str,
        rejected: impl ExactSizeIterator<Item = (&'a Refusal, &'a [u8])>,
        now: Timestamp,
    ) -> Option<Batch> {
        let allowed = self.allow(rejected.len(), now);
        let mut batch = Batch {
            kind: kind::DEAD_LETTER,
            header: Bytes::new(),
            body: Bytes::new(),
            ends: Vec::new(),
            keys: Vec::new(),
        };
        let mut body = Vec::new();
        for (refusal, payload) in rejected.take(allowed) {
            let letter = Letter {
                protocol: protocol.family().into(),
                code: refusal.code.code.into(),
                detail: refusal.detail.clone(),
                sender: sender.into(),
                payload: shown(payload, self.bytes),
                bytes: payload.len() as u64,
            };
            let from = body.len();
            if serde_json::to_writer(&mut body, &letter).is_err() {
                body.truncate(from);
                continue;
            }
            batch.keys.push(key(&letter, payload));
            batch
                .ends
                .push(u32::try_from(body.len()).unwrap_or(u32::MAX));
        }
        batch.body = Bytes::from(body);
        (!batch.is_empty()).then_some(batch)
    }
}

/// What makes a letter the same as another: who sent it how, why it was refused, and all of it. Not the detail, which says where
/// in its request it stood. A sender that tries the same again and again leaves one letter, not many.
fn key(letter: &Letter, payload: &[u8]) -> DedupeKey {
    let mut hash = Xxh3::new();
    for part in [
        letter.protocol.as_bytes(),
        letter.code.as_bytes(),
        letter.sender.as_bytes(),
        payload,
    ] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.digest128()
}

/// The refusals of one request in the form that [`DeadLetters::batch`] takes.
pub(crate) fn letters(
    rejected: &[Rejected],
) -> impl ExactSizeIterator<Item = (&Refusal, &[u8])> + Clone {
    rejected
        .iter()
        .map(|rejected| (&rejected.refusal, &*rejected.payload))
}

/// The beginning of a payload as text, at most `limit` bytes of it; base64 where it is not UTF-8.
pub(crate) fn shown(payload: &[u8], limit: usize) -> String {
    let head = payload.get(..limit).unwrap_or(payload);
    match std::str::from_utf8(head) {
        Ok(text) => text.into(),
        // A character that the limit cut in two does not make it binary.
        Err(error) if error.error_len().is_none() && head.len() < payload.len() => {
            String::from_utf8_lossy(head.get(..error.valid_up_to()).unwrap_or_default()).into()
        }
        Err(_) => STANDARD.encode(head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::code;

    fn letters_at(config: &IngestConfig, counts: &[(i64, usize)]) -> Vec<usize> {
        let book = DeadLetters::new(config);
        let allow = |(seconds, wanted): &(i64, usize)| {
            book.allow(*wanted, Timestamp::from_millis(seconds * 1_000))
        };
        counts.iter().map(allow).collect()
    }

    #[test]
    fn a_flood_is_cut_and_time_heals() {
        let config = IngestConfig {
            dead_letters_per_second: 10,
            ..IngestConfig::default()
        };
        assert_eq!(
            letters_at(&config, &[(100, 7), (100, 7), (100, 7), (101, 70), (50, 7)]),
            [7, 3, 0, 10, 0]
        );
        let none = IngestConfig {
            dead_letters_per_second: 0,
            ..IngestConfig::default()
        };
        assert_eq!(letters_at(&none, &[(100, 7)]), [0]);
    }

    #[test]
    fn a_payload_is_cut_between_characters() {
        assert_eq!(shown("aé".as_bytes(), 2), "a");
        assert_eq!(shown("aé".as_bytes(), 3), "aé");
        assert_eq!(shown(&[0xff, 0xfe], 9), "//4=");
    }

    #[test]
    fn the_same_refusal_has_the_same_key() {
        let book = DeadLetters::new(&IngestConfig::default());
        let refusal = Refusal::new(&code::INGEST_MALFORMED, "byte 1: no");
        let batch = |payload: &[u8]| {
            let one = [(&refusal, payload)];
            book.batch(
                Protocol::Ndjson,
                "ci",
                one.into_iter(),
                Timestamp::from_millis(1),
            )
            .unwrap()
        };
        assert_eq!(batch(b"x").keys, batch(b"x").keys);
        assert_ne!(batch(b"x").keys, batch(b"y").keys);
    }
}
