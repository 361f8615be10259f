//! Reads a whole segment, verifies every checksum and tells what is there.

use std::io;

use super::format::{HEADER_LENGTH, Head};
use super::index::Index;
use super::scan::{Found, Scanner};

/// What a segment holds.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) index: Index,
    pub(super) records: u64,
    pub(super) messages: u64,
    /// Ranges that cannot be read: position, first offset, next offset.
    pub(super) damage: Vec<(u64, u64, u64)>,
    /// What follows the last whole record, if anything does.
    pub(super) tail: Option<Tail>,
}

/// Bytes after the last record that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// One record whose end is missing.
    Incomplete,
    /// Something else: a record that does not match its checksum, perhaps followed by whole ones of the same group.
    Damaged,
}

impl Survey {
    /// Surveys the last segment, whose end may be torn.
    ///
    /// A bad record is damage when a later record proves that it once was durable, and the torn end of the last group otherwise.
    pub(super) fn of_last(scanner: &mut Scanner<'_>, base: u64) -> io::Result<Self> {
        let mut survey = Self::empty(base);
        survey.run(scanner, u64::MAX, |scanner, position, expected| {
            let mut after = scanner.resync(position, expected)?;
            let first = after;
            while let Some((position, head)) = after {
                if head.durable_before() > expected {
                    return Ok(first);
                }
                after = scanner.resync(position + head.length(), head.next())?;
            }
            Ok(None)
        })?;
        Ok(survey)
    }

    /// Surveys a segment that ends before the offset `end`, where the next one begins.
    pub(super) fn of_sealed(scanner: &mut Scanner<'_>, base: u64, end: u64) -> io::Result<Self> {
        let mut survey = Self::empty(base);
        survey.run(scanner, end, |scanner, position, expected| {
            let after = scanner.resync(position, expected)?;
            Ok(after.filter(|(_, head)| head.next() <= end))
        })?;
        Ok(survey)
    }

    fn empty(base: u64) -> Self {
        Self {
            index: Index::empty(base),
            records: 0,
            messages: 0,
            damage: Vec::new(),
            tail: None,
        }
    }

    /// Takes record after record up to the offset `end`; `go_on` finds the record to go on with after a bad one, if the bad one is
    /// not the end.
    fn run(
        &mut self,
        scanner: &mut Scanner<'_>,
        end: u64,
        go_on: impl Fn(&mut Scanner<'_>, u64, u64) -> io::Result<Option<(u64, Head)>>,
    ) -> io::Result<()> {
        let mut position = HEADER_LENGTH;
        loop {
            let expected = self.index.next;
            let found = scanner.head(position)?;
            if found == Found::End || expected >= end {
                return Ok(());
            }
            if let Found::Record(head) = found
                && head.base == expected
                && scanner.content(position, &head)?.is_some()
            {
                self.add(&head, position);
                position += head.length();
                continue;
            }
            let Some((next_position, head)) = go_on(scanner, position + 1, expected)? else {
                self.tail = Some(if found == Found::Incomplete {
                    Tail::Incomplete
                } else {
                    Tail::Damaged
                });
                return Ok(());
            };
            self.damage.push((position, expected, head.base));
            self.add(&head, next_position);
            position = next_position + head.length();
        }
    }

    fn add(&mut self, head: &Head, position: u64) {
        self.index.add(head, position);
        self.records += 1;
        self.messages += u64::from(head.messages);
    }
}
