//! Walks over the records of one segment file without holding more than a window of it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::format::{HEAD_LENGTH, Head, RECORD_MARK};

/// What lies at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A head that matches its checksum, of a record that lies wholly within the limit.
    Record(Head),
    /// Nothing: the limit is reached.
    End,
    /// The beginning of a record whose rest is missing.
    Incomplete,
    /// Something that is no head.
    Damaged,
}

/// Reads heads, keys and contents; bytes from the limit on do not exist for it.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    file: &'a File,
    salt: u32,
    limit: u64,
    chunk: usize,
    window: Vec<u8>,
    window_at: u64,
}

impl<'a> Scanner<'a> {
    /// Scans `file` up to `limit`, reading at least `chunk` bytes at a time.
    pub(super) fn new(file: &'a File, salt: u32, limit: u64, chunk: usize) -> Self {
        Self {
            file,
            salt,
            limit,
            chunk,
            window: Vec::new(),
            window_at: 0,
        }
    }

    /// What lies at `position`.
    pub(super) fn head(&mut self, position: u64) -> io::Result<Found> {
        if position >= self.limit {
            return Ok(Found::End);
        }
        let salt = self.salt;
        let bytes = self.bytes(position, HEAD_LENGTH)?;
        let Some(head) = Head::decode(bytes, salt) else {
            return Ok(if bytes.len() < HEAD_LENGTH {
                Found::Incomplete
            } else {
                Found::Damaged
            });
        };
        Ok(if head.length() > self.limit - position {
            Found::Incomplete
        } else {
            Found::Record(head)
        })
    }

    /// The shared header and the keys of the record at `position`; none when they do not match their checksum.
    pub(super) fn prefix(&mut self, position: u64, head: &Head) -> io::Result<Option<&[u8]>> {
        let bytes = self.bytes(position + HEAD_LENGTH as u64, head.prefix_length())?;
        Ok((crc32fast::hash(bytes) == head.prefix_crc).then_some(bytes))
    }

    /// All that follows the head of the record at `position`; none when it does not match its checksums.
    pub(super) fn content(&mut self, position: u64, head: &Head) -> io::Result<Option<&[u8]>> {
        let bytes = self.bytes(position + HEAD_LENGTH as u64, head.content_length())?;
        let matches =
            bytes
                .split_at_checked(head.prefix_length())
                .is_some_and(|(prefix, payload)| {
                    crc32fast::hash(prefix) == head.prefix_crc
                        && crc32fast::hash(payload) == head.payload_crc
                });
        Ok(matches.then_some(bytes))
    }

    /// The next whole record at or after `position` whose offset is at least `expected`.
    pub(super) fn resync(
        &mut self,
        mut position: u64,
        expected: u64,
    ) -> io::Result<Option<(u64, Head)>> {
        while position < self.limit {
            let bytes = self.bytes(position, HEAD_LENGTH)?;
            let mark = bytes
                .windows(RECORD_MARK.len())
                .position(|window| window == RECORD_MARK);
            match mark {
                Some(0) => {
                    if let Found::Record(head) = self.head(position)?
                        && head.base >= expected
                        && self.content(position, &head)?.is_some()
                    {
                        return Ok(Some((position, head)));
                    }
                    position += 1;
                }
                Some(skip) => position += skip as u64,
                None if bytes.len() < RECORD_MARK.len() => return Ok(None),
                None => position += (bytes.len() - RECORD_MARK.len() + 1) as u64,
            }
        }
        Ok(None)
    }

    /// `length` bytes at `position`, fewer at the limit.
    fn bytes(&mut self, position: u64, length: usize) -> io::Result<&[u8]> {
        let length = self.limit.saturating_sub(position).min(length as u64) as usize;
        let window_end = self.window_at + self.window.len() as u64;
        if position < self.window_at || position + length as u64 > window_end {
            let wanted = (length.max(self.chunk) as u64).min(self.limit.saturating_sub(position));
            self.window.resize(wanted as usize, 0);
            self.window_at = position;
            if let Err(error) = self.file.read_exact_at(&mut self.window, position) {
                self.window.clear();
                return Err(error);
            }
        }
        let at = (position - self.window_at) as usize;
        Ok(&self.window[at..at + length])
    }
}
