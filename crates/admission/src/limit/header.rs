//! The headers that tell a client where it stands, after draft-ietf-httpapi-ratelimit-headers-10.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use trunkline_model::Timestamp;

use super::calendar::Periods;

/// What clients read of a limit.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) name: String,
    /// Tells what is counted under this limit from what is counted under others.
    pub(super) mark: u64,
    /// The name as a structured field's string.
    quoted: String,
    /// The item of `RateLimit-Policy`.
    policy: String,
    quota: u64,
}

/// The largest integer of a structured field.
const MAX_INTEGER: u64 = 999_999_999_999_999;

impl Label {
    /// `name` must be printable ASCII.
    pub(super) fn new(name: &str, what: &str, quota: u64, seconds: u64) -> Self {
        let name = format!("{name}{what}");
        let quoted = quote(&name);
        let mut mark = [0; 8];
        mark.copy_from_slice(&digest(&SHA256, name.as_bytes()).as_ref()[..8]);
        Self {
            policy: format!(
                "{quoted};q={};w={}",
                quota.min(MAX_INTEGER),
                seconds.min(MAX_INTEGER)
            ),
            mark: u64::from_le_bytes(mark),
            name,
            quoted,
            quota,
        }
    }
}

/// A text as a structured field's string (RFC 9651, section 4.1.6).
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        // Names are checked with the configuration; this holds whatever happens there.
        quoted.push(if matches!(character, ' '..='~') {
            character
        } else {
            '?'
        });
    }
    quoted.push('"');
    quoted
}

/// When a limit is full again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reset {
    /// In so many nanoseconds.
    Nanos(u64),
    /// With the next day of UTC.
    Tomorrow,
    /// With the next month of UTC.
    NextMonth,
}

impl Reset {
    /// Whole seconds from `now`, rounded up.
    fn seconds(self, now: Timestamp) -> u64 {
        let micros = match self {
            Self::Nanos(nanos) => return nanos.div_ceil(1_000_000_000),
            Self::Tomorrow => Periods::until_tomorrow(now),
            Self::NextMonth => Periods::until_next_month(now),
        };
        u64::try_from(micros).unwrap_or(0).div_ceil(1_000_000)
    }
}

/// Where a client stands with one limit.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) label: Arc<Label>,
    pub(super) remaining: u64,
    pub(super) reset: Reset,
}

/// Limits that a request can meet: its holder's rate, its address, its route, its day and its month.
pub(super) const LIMITS: usize = 5;

/// The headers that tell a client where it stands. Made only when they are written.
#[derive(Clone, Debug)]
pub struct LimitHeaders {
    pub(super) standings: [Option<Standing>; LIMITS],
    pub(super) now: Timestamp,
    pub(super) modern: bool,
    pub(super) legacy: bool,
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const LEGACY_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const LEGACY_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const LEGACY_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

impl LimitHeaders {
    /// Writes `RateLimit-Policy`, `RateLimit` and, where the configuration says so, `X-RateLimit-Limit`, `-Remaining` and `-Reset` (in
    /// seconds). They replace what an upstream may have written under these names.
    pub fn write(&self, headers: &mut HeaderMap) {
        let standings = || self.standings.iter().flatten();
        let strictest = standings().min_by_key(|standing| standing.remaining);
        let Some(strictest) = strictest else { return };
        if self.modern {
            let (mut policy, mut limit) = (String::with_capacity(96), String::with_capacity(96));
            for standing in standings() {
                let gap = if policy.is_empty() { "" } else { ", " };
                policy.push_str(gap);
                policy.push_str(&standing.label.policy);
                let remaining = standing.remaining.min(MAX_INTEGER);
                let reset = standing.reset.seconds(self.now).min(MAX_INTEGER);
                // Writing to a String cannot fail.
                let _written = write!(
                    limit,
                    "{gap}{};r={remaining};t={reset}",
                    standing.label.quoted
                );
            }
            insert(headers, POLICY, policy);
            insert(headers, LIMIT, limit);
        }
        if self.legacy {
            headers.insert(LEGACY_LIMIT, strictest.label.quota.into());
            headers.insert(LEGACY_REMAINING, strictest.remaining.into());
            headers.insert(LEGACY_RESET, strictest.reset.seconds(self.now).into());
        }
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// Writes `Retry-After` in whole seconds.
pub(super) fn write_retry_after(headers: &mut HeaderMap, seconds: u64) {
    headers.insert(header::RETRY_AFTER, seconds.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(name: &str, remaining: u64, nanos: u64) -> HeaderMap {
        let standing = |label, remaining, reset| {
            Some(Standing {
                label: Arc::new(label),
                remaining,
                reset,
            })
        };
        let mut standings = [const { None }; LIMITS];
        standings[0] = standing(
            Label::new(name, "", 100, 60),
            remaining,
            Reset::Nanos(nanos),
        );
        standings[3] = standing(
            Label::new(name, "-day", 5_000, 86_400),
            4_000,
            Reset::Tomorrow,
        );
        let limits = LimitHeaders {
            standings,
            now: "2026-11-25T23:59:00.5Z".parse().unwrap(),
            modern: true,
            legacy: true,
        };
        let mut headers = HeaderMap::new();
        limits.write(&mut headers);
        headers
    }

    #[test]
    fn they_are_written_as_the_draft_says() {
        let headers = headers("gold", 12, 6_000_000_001);
        let text = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(
            text("ratelimit-policy"),
            r#""gold";q=100;w=60, "gold-day";q=5000;w=86400"#
        );
        assert_eq!(
            text("ratelimit"),
            r#""gold";r=12;t=7, "gold-day";r=4000;t=60"#
        );
        assert_eq!(text("x-ratelimit-limit"), "100");
        assert_eq!(text("x-ratelimit-remaining"), "12");
        assert_eq!(text("x-ratelimit-reset"), "7");
    }

    /// A string and its parameters.
    type Item = (String, Vec<(char, u64)>);

    /// Reads a list of strings with integer parameters as RFC 9651 says, strictly.
    fn read(mut text: &str) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        loop {
            text = text.strip_prefix('"')?;
            let mut name = String::new();
            loop {
                let next = text.chars().next()?;
                text = &text[next.len_utf8()..];
                match next {
                    '"' => break,
                    '\\' => {
                        let escaped = text.chars().next().filter(|c| matches!(c, '"' | '\\'))?;
                        text = &text[1..];
                        name.push(escaped);
                    }
                    ' '..='~' => name.push(next),
                    _ => return None,
                }
            }
            let mut parameters = Vec::new();
            while let Some(rest) = text.strip_prefix(';') {
                let (key, rest) = (rest.chars().next()?, rest.get(1..)?.strip_prefix('=')?);
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 || digits > 15 {
                    return None;
                }
                parameters.push((key, rest[..digits].parse().ok()?));
                text = &rest[digits..];
            }
            items.push((name, parameters));
            if text.is_empty() {
                return Some(items);
            }
            text = text.strip_prefix(", ")?;
        }
    }

    proptest! {
        /// Whatever a plan is called and has left, a strict reader of structured fields reads back the same.
        #[test]
        fn a_strict_reader_reads_them(name in "[ -~]{1,64}", remaining: u64, nanos: u64) {
            let headers = headers(&name, remaining, nanos);
            let limit = read(headers["ratelimit"].to_str().unwrap()).unwrap();
            prop_assert_eq!(&limit[0].0, &name);
            let seconds = nanos.div_ceil(1_000_000_000);
            let expected = vec![('r', remaining.min(MAX_INTEGER)), ('t', seconds)];
            prop_assert_eq!(&limit[0].1, &expected);
            let policy = read(headers["ratelimit-policy"].to_str().unwrap()).unwrap();
            prop_assert_eq!(&policy[1].0, &format!("{name}-day"));
            prop_assert_eq!(&policy[1].1, &vec![('q', 5_000), ('w', 86_400)]);
        }

        #[test]
        fn nothing_that_is_not_ascii_gets_into_a_header(text in ".*") {
            prop_assert!(read(&quote(&text)).is_some());
        }
    }
}
