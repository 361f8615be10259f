//! What the bytes of a segment file mean. All numbers are little-endian.
//!
//! A segment is named after its base offset in 20 digits, `00000000000000000000.log`. It begins with the same header twice, so that
//! one flipped byte does not cost the file:
//!
//! | at | bytes | segment header |
//! |---|---|---|
//! | 0 | 8 | `TRUNKLOG` |
//! | 8 | 4 | format version, 1 |
//! | 12 | 4 | salt of this segment, a random number |
//! | 16 | 8 | base offset: the offset of the first message |
//! | 24 | 4 | zero |
//! | 28 | 4 | CRC32 of bytes 0 to 28 |
//!
//! Records follow without a gap, each a fixed head and its content:
//!
//! | at | bytes | record |
//! |---|---|---|
//! | 0 | 4 | `TLrc` |
//! | 4 | 4 | CRC32 of bytes 8 to 60, begun with the salt |
//! | 8 | 8 | base offset of the record |
//! | 16 | 8 | append time, microseconds since the epoch |
//! | 24 | 4 | messages in the same group before this record; all before the group was durable when this was written |
//! | 28 | 4 | messages |
//! | 32 | 4 | bytes of the shared header |
//! | 36 | 4 | bytes of the de-duplication keys: 16 for each message, or 0 |
//! | 40 | 4 | bytes of the payload as stored |
//! | 44 | 4 | bytes of the payload before compression |
//! | 48 | 4 | CRC32 of the shared header and the keys |
//! | 52 | 4 | CRC32 of the payload as stored |
//! | 56 | 2 | kind |
//! | 58 | 1 | flags: 1 = the payload is one lz4 block |
//! | 59 | 1 | zero |
//! | 60 | | the shared header |
//! | | | the keys |
//! | | | the payload: each message's length as LEB128, then the messages back to back |
//!
//! The head has a checksum of its own because the offset is only known to the writer thread, while the content is compressed and
//! summed by the caller; and because heads and keys can then be trusted without reading payloads. The salt keeps a message that
//! looks like a record, sent by whoever knows this table, from being taken for one when the file is searched after damage.

use crate::Offset;

/// Bytes before the first record.
pub(super) const HEADER_LENGTH: u64 = 64;
/// Bytes of a record before its content.
pub(super) const HEAD_LENGTH: usize = 60;
/// The payload is one lz4 block.
pub(super) const FLAG_LZ4: u8 = 1;
/// What a record begins with.
pub(super) const RECORD_MARK: [u8; 4] = *b"TLrc";

const SEGMENT_MARK: [u8; 8] = *b"TRUNKLOG";
const VERSION: u32 = 1;
const COPY_LENGTH: usize = 32;

/// The header of a segment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) base: Offset,
    pub(super) salt: u32,
}

/// Why a segment header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderDefect {
    /// Neither copy is whole.
    Damaged,
    /// It is whole, but written by a program that knows more.
    Version(u32),
}

impl SegmentHeader {
    pub(super) fn encode(self) -> Vec<u8> {
        let mut copy = Vec::with_capacity(COPY_LENGTH);
        copy.extend_from_slice(&SEGMENT_MARK);
        copy.extend_from_slice(&VERSION.to_le_bytes());
        copy.extend_from_slice(&self.salt.to_le_bytes());
        copy.extend_from_slice(&self.base.0.to_le_bytes());
        copy.extend_from_slice(&[0; 4]);
        copy.extend_from_slice(&crc32fast::hash(&copy).to_le_bytes());
        copy.repeat(2)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, HeaderDefect> {
        bytes
            .chunks_exact(COPY_LENGTH)
            .take(2)
            .find_map(Self::decode_copy)
            .unwrap_or(Err(HeaderDefect::Damaged))
    }

    fn decode_copy(copy: &[u8]) -> Option<Result<Self, HeaderDefect>> {
        let mut fields = Fields(copy);
        let mark: [u8; 8] = fields.take()?;
        let version = fields.u32()?;
        let salt = fields.u32()?;
        let base = Offset(fields.u64()?);
        fields.u32()?;
        let crc = fields.u32()?;
        if mark != SEGMENT_MARK || crc32fast::hash(copy.get(..COPY_LENGTH - 4)?) != crc {
            return None;
        }
        Some(if version == VERSION {
            Ok(Self { base, salt })
        } else {
            Err(HeaderDefect::Version(version))
        })
    }
}

/// The fixed part of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) base: u64,
    pub(super) appended_at: i64,
    pub(super) group: u32,
    pub(super) messages: u32,
    pub(super) header: u32,
    pub(super) keys: u32,
    pub(super) stored: u32,
    pub(super) raw: u32,
    pub(super) prefix_crc: u32,
    pub(super) payload_crc: u32,
    pub(super) kind: u16,
    pub(super) flags: u8,
}

impl Head {
    /// The offset after the record's last message.
    pub(super) fn next(&self) -> u64 {
        self.base.saturating_add(u64::from(self.messages))
    }

    /// Everything before this offset was durable when the record was written.
    pub(super) fn durable_before(&self) -> u64 {
        self.base.saturating_sub(u64::from(self.group))
    }

    /// Bytes of the shared header and the keys.
    pub(super) fn prefix_length(&self) -> usize {
        self.header as usize + self.keys as usize
    }

    /// Bytes after the head.
    pub(super) fn content_length(&self) -> usize {
        self.prefix_length() + self.stored as usize
    }

    /// Bytes of the whole record in the file.
    pub(super) fn length(&self) -> u64 {
        (HEAD_LENGTH + self.content_length()) as u64
    }

    /// How many keys it holds.
    pub(super) fn key_count(&self) -> u64 {
        u64::from(self.keys / 16)
    }

    pub(super) fn encode(&self, salt: u32) -> [u8; HEAD_LENGTH] {
        let mut bytes = [0; HEAD_LENGTH];
        let mut at = 8;
        let mut put = |field: &[u8]| {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        };
        put(&self.base.to_le_bytes());
        put(&self.appended_at.to_le_bytes());
        put(&self.group.to_le_bytes());
        put(&self.messages.to_le_bytes());
        put(&self.header.to_le_bytes());
        put(&self.keys.to_le_bytes());
        put(&self.stored.to_le_bytes());
        put(&self.raw.to_le_bytes());
        put(&self.prefix_crc.to_le_bytes());
        put(&self.payload_crc.to_le_bytes());
        put(&self.kind.to_le_bytes());
        put(&[self.flags]);
        let crc = salted_crc(&bytes[8..], salt);
        bytes[..4].copy_from_slice(&RECORD_MARK);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The head in `bytes`, if there is a whole one that matches its checksum.
    pub(super) fn decode(bytes: &[u8], salt: u32) -> Option<Self> {
        let bytes = bytes.get(..HEAD_LENGTH)?;
        let mut fields = Fields(bytes);
        let mark: [u8; 4] = fields.take()?;
        if mark != RECORD_MARK || fields.u32()? != salted_crc(bytes.get(8..)?, salt) {
            return None;
        }
        Some(Self {
            base: fields.u64()?,
            appended_at: i64::from_le_bytes(fields.take()?),
            group: fields.u32()?,
            messages: fields.u32()?,
            header: fields.u32()?,
            keys: fields.u32()?,
            stored: fields.u32()?,
            raw: fields.u32()?,
            prefix_crc: fields.u32()?,
            payload_crc: fields.u32()?,
            kind: u16::from_le_bytes(fields.take()?),
            flags: u8::from_le_bytes(fields.take()?),
        })
    }
}

fn salted_crc(bytes: &[u8], salt: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(salt);
    hasher.update(bytes);
    hasher.finalize()
}

/// Takes fixed-size fields off the front of a slice.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_copy_of_the_segment_header_is_enough() {
        let header = SegmentHeader {
            base: Offset(77),
            salt: 5,
        };
        for damaged in 0..HEADER_LENGTH as usize {
            let mut bytes = header.encode();
            assert_eq!(bytes.len() as u64, HEADER_LENGTH);
            bytes[damaged] ^= 0x40;
            assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
        }
        assert_eq!(SegmentHeader::decode(&[0; 64]), Err(HeaderDefect::Damaged));
        assert_eq!(
            SegmentHeader::decode(&header.encode()[..31]),
            Err(HeaderDefect::Damaged)
        );
    }

    #[test]
    fn every_bit_of_a_head_counts() {
        let head = Head {
            base: 1 << 40,
            appended_at: -3,
            group: 7,
            messages: 2,
            header: 3,
            keys: 32,
            stored: 9,
            raw: 10,
            prefix_crc: 11,
            payload_crc: 12,
            kind: 13,
            flags: FLAG_LZ4,
        };
        let bytes = head.encode(99);
        assert_eq!(Head::decode(&bytes, 99), Some(head));
        assert_eq!(Head::decode(&bytes, 98), None, "another segment's salt");
        for bit in 0..HEAD_LENGTH * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Head::decode(&bytes, 99), None, "bit {bit}");
        }
    }
}
