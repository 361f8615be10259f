//! Lines of JSON: a CloudEvent a line, or a plain data object a line.

use std::fmt::Write as _;

use bytes::Bytes;
use memchr::memchr_iter;
use trunkline_model::code;

use super::events::{EventCheck, text_of, too_large};
use super::{Collected, Collector, MaySend};
use crate::envelope::dedupe_key;
use crate::error::Refusal;
use crate::json;
use crate::kind::{self, DataHeader};
use crate::limits::{Limits, TimeWindow};

/// A guess at the bytes of a line, only to make room for about as many as there are.
const GUESSED_LINE: usize = 160;

/// Some programs begin a file with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a request whose lines are CloudEvents.
///
/// # Errors
/// A refusal of the whole request where it has too many lines.
pub(crate) fn read_events(
    body: &Bytes,
    limits: Limits,
    window: TimeWindow,
    may_send: MaySend<'_>,
) -> Result<Collected, Refusal> {
    let mut check = EventCheck::new(limits, window, may_send);
    let mut lines = Lines::new(body);
    let mut collector =
        Collector::in_place(lines.body.clone(), lines.body.len() / GUESSED_LINE + 1);
    while let Some((from, to)) = lines.next() {
        limits.check_events(collector.seen() + 1)?;
        match lines.text(from, to).and_then(|text| check.check(text)) {
            Ok(key) => {
                collector.take(from, to);
                collector.key(key);
            }
            Err(refusal) => collector.reject(refusal.at("line", lines.number), from, to),
        }
    }
    Ok(collector.finish(kind::CLOUD_EVENT, Bytes::new()))
}

/// Reads a request whose lines are data objects that share `header`.
///
/// # Errors
/// A refusal of the whole request where it has too many lines, or a header that no event can have.
pub(crate) fn read_data(
    body: &Bytes,
    header: &DataHeader,
    limits: Limits,
    window: TimeWindow,
    may_send: MaySend<'_>,
) -> Result<Collected, Refusal> {
    may_send(&header.kind)?;
    let mut lines = Lines::new(body);
    let expected = lines.body.len() / GUESSED_LINE + 1;
    let mut collector = match header.id {
        Some(_) => Collector::copying(lines.body.clone(), expected),
        None => Collector::in_place(lines.body.clone(), expected),
    };
    let check = DataCheck {
        limits,
        window,
        timed: header.kind != kind::COMMIT_TYPE,
    };
    let mut names = header
        .id
        .as_deref()
        .map(|prefix| Names::new(&header.source, prefix));
    while let Some((from, to)) = lines.next() {
        limits.check_events(collector.seen() + 1)?;
        match lines.text(from, to).and_then(|text| check.check(text)) {
            Ok(()) => match &mut names {
                None => collector.take(from, to),
                Some(names) => {
                    let key = names.key(lines.number);
                    collector.take_numbered(names.number(), from, to);
                    collector.key(key);
                }
            },
            Err(refusal) => collector.reject(refusal.at("line", lines.number), from, to),
        }
    }
    let header = serde_json::to_vec(header).map(Bytes::from);
    let header =
        header.map_err(|error| Refusal::new(&code::INGEST_ATTRIBUTE, error.to_string()))?;
    Ok(collector.finish(kind::DATA, header))
}

/// Checks data objects.
#[derive(Debug)]
struct DataCheck {
    limits: Limits,
    window: TimeWindow,
    timed: bool,
}

impl DataCheck {
    #[inline]
    fn check(&self, text: &str) -> Result<(), Refusal> {
        if text.len() > self.limits.event_bytes {
            return Err(too_large(text.len(), self.limits.event_bytes));
        }
        let mut timed = self.timed;
        let mut members = json::members(text, self.limits.depth);
        while let Some(member) = members.next()? {
            // The first of the two that says a time gives the row's time; the decoder looks for it in the same way.
            if timed
                && let "ts" | "time" = member.key.raw
                && let Some(time) = json::time_of(member.value)
            {
                self.window.check(time)?;
                timed = false;
            }
        }
        Ok(())
    }
}

/// The ids of numbered lines.
#[derive(Debug)]
struct Names<'a> {
    source: &'a str,
    id: String,
    prefix: usize,
    scratch: Vec<u8>,
}

impl<'a> Names<'a> {
    fn new(source: &'a str, prefix: &str) -> Self {
        let id = format!("{prefix}-");
        Self {
            source,
            prefix: id.len(),
            id,
            scratch: Vec::new(),
        }
    }

    fn key(&mut self, number: usize) -> u128 {
        self.id.truncate(self.prefix);
        // Writing to a string cannot fail.
        let _written = write!(self.id, "{number}");
        dedupe_key(self.source, &self.id, &mut self.scratch)
    }

    fn number(&self) -> &str {
        self.id.get(self.prefix..).unwrap_or_default()
    }
}

/// The lines of a body that are not blank.
struct Lines<'a> {
    body: Bytes,
    text: Option<&'a str>,
    breaks: memchr::Memchr<'a>,
    at: usize,
    /// The number of the line that came last, from 1; blank lines count.
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(body: &'a Bytes) -> Self {
        let skip = if body.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let rest = &body[skip..];
        Self {
            body: body.slice(skip..),
            // All at once is fastest; only a body with a fault is read line by line to find which lines are good.
            text: std::str::from_utf8(rest).ok(),
            breaks: memchr_iter(b'\n', rest),
            at: 0,
            number: 0,
        }
    }

    #[inline]
    fn next(&mut self) -> Option<(usize, usize)> {
        while self.at < self.body.len() {
            let from = self.at;
            let to = self.breaks.next().map_or(self.body.len(), |at| at + 1);
            self.at = to;
            self.number += 1;
            let line = self.body.get(from..to).unwrap_or_default();
            if !line.iter().all(|byte| b" \t\r\n".contains(byte)) {
                return Some((from, to));
            }
        }
        None
    }

    #[inline]
    fn text(&self, from: usize, to: usize) -> Result<&str, Refusal> {
        match self.text {
            Some(text) => Ok(text.get(from..to).unwrap_or_default()),
            None => text_of(self.body.get(from..to).unwrap_or_default()),
        }
    }
}
