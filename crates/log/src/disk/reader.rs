//! Reads records from the tail cache or from a segment.

use std::fs::File;
use std::io;

use super::codec;
use super::files::{failed, segment_name};
use super::format::Head;
use super::index::Entry;
use super::scan::{Found, Scanner};
use super::state::Shared;
use crate::{LogError, Offset, Record};

const READ_CHUNK: usize = 256 * 1024;

/// What lies at an offset.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Records; none at the end of the log.
    Records(Vec<Record>),
    /// Something that cannot be read. The first offset after it is `next`.
    Damaged {
        segment: String,
        position: u64,
        next: u64,
    },
}

/// Where on disk to look for an offset.
#[derive(Debug)]
pub(super) struct Plan {
    base: u64,
    salt: u32,
    entry: Entry,
    limit: u64,
    /// Where the next segment begins, or the log ends.
    end: u64,
}

/// Where an offset can be read.
#[derive(Debug)]
pub(super) enum Place {
    /// In memory: here it is. Nothing at the end of the log.
    Memory(Vec<Record>),
    /// In a segment.
    Disk(Plan),
}

/// Finds the place of `from`; takes about `max_bytes` along when it is in memory.
///
/// # Errors
/// [`LogError::Gone`] when retention has removed `from`.
pub(super) fn locate(shared: &Shared, from: u64, max_bytes: usize) -> Result<Place, LogError> {
    let state = shared.read_state();
    if from >= state.next {
        return Ok(Place::Memory(Vec::new()));
    }
    if let Some(records) = state.cache.read(from, max_bytes) {
        return Ok(Place::Memory(records));
    }
    let after = state
        .segments
        .partition_point(|segment| segment.base <= from);
    let Some(segment) = after.checked_sub(1).and_then(|at| state.segments.get(at)) else {
        return Err(gone(from, state.first()));
    };
    Ok(Place::Disk(Plan {
        base: segment.base,
        salt: segment.salt,
        entry: segment.index.seek(segment.base, from),
        limit: segment.index.length,
        end: state
            .segments
            .get(after)
            .map_or(state.next, |next| next.base),
    }))
}

fn gone(wanted: u64, first: u64) -> LogError {
    LogError::Gone {
        wanted: Offset(wanted),
        first: Offset(first),
    }
}

/// Reads from the disk what `plan` says; blocks.
pub(super) fn read(
    shared: &Shared,
    plan: &Plan,
    from: u64,
    max_bytes: usize,
) -> Result<Outcome, LogError> {
    let name = segment_name(plan.base);
    let file = File::open(shared.directory.join(&name)).map_err(|error| {
        let first = shared.read_state().first();
        if error.kind() == io::ErrorKind::NotFound && first > from {
            // Retention was faster.
            gone(from, first)
        } else {
            failed(format!("open {name}"))(error)
        }
    })?;
    let mut walk = Walk {
        scanner: Scanner::new(&file, plan.salt, plan.limit, READ_CHUNK),
        position: plan.entry.position,
        expected: plan.entry.offset,
        from,
        room: max_bytes,
        found: Vec::new(),
    };
    let next = walk.run(plan.end).map_err(failed(format!("read {name}")))?;
    Ok(if walk.found.is_empty() {
        Outcome::Damaged {
            segment: name,
            position: walk.position,
            next,
        }
    } else {
        Outcome::Records(walk.found)
    })
}

/// A walk from an index entry to the records that are wanted.
#[derive(Debug)]
struct Walk<'a> {
    scanner: Scanner<'a>,
    position: u64,
    /// The offset that belongs at `position`.
    expected: u64,
    from: u64,
    room: usize,
    found: Vec<Record>,
}

impl Walk<'_> {
    /// Takes records until there is enough, or something that cannot be read: then it stands there and tells the next offset.
    fn run(&mut self, end: u64) -> io::Result<u64> {
        loop {
            match self.scanner.head(self.position)? {
                Found::End => return Ok(end),
                Found::Record(head) if head.base == self.expected => {
                    let enough = self.room == 0 || head.raw as usize > self.room;
                    if enough && !self.found.is_empty() || !self.take(&head)? {
                        return Ok(head.next());
                    }
                }
                _ => match self.scanner.resync(self.position + 1, self.expected)? {
                    Some((position, head)) if head.base <= self.from => {
                        self.position = position;
                        self.expected = head.base;
                    }
                    Some((_, head)) => return Ok(head.base),
                    None => return Ok(end),
                },
            }
        }
    }

    /// Takes the record at the position, or only passes it when it lies before what is wanted; false when it cannot be read.
    fn take(&mut self, head: &Head) -> io::Result<bool> {
        if head.next() > self.from {
            let content = self.scanner.content(self.position, head)?;
            let Some(record) = content.and_then(|content| codec::decode(head, content)) else {
                return Ok(false);
            };
            self.room = self.room.saturating_sub(record.memory());
            self.found.push(record);
        }
        self.position += head.length();
        self.expected = head.next();
        Ok(true)
    }
}
