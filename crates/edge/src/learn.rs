//! What the portal learns from requests: which, and how many of them.

use std::sync::atomic::{AtomicU64, Ordering};

use http::header::CONTENT_TYPE;
use trunkline_contract::{Seen, SeenBody};
use trunkline_gateway::AnswerAsk;
use trunkline_model::Timestamp;
use trunkline_portal::Portal;

/// The most bytes of a body whose shape is learnt.
pub(crate) const LEARNT_BODY: usize = 64 * 1024;
/// Requests of one second that are learnt from: a busy service shows its endpoints soon enough.
const MOST: u64 = 50;
/// Characters of a name in a query; a longer one is no name.
const MOST_NAME: usize = 64;

/// Counts what was learnt from in this second: the second, and in its lowest byte how many.
#[derive(Debug, Default)]
pub(crate) struct Learning(AtomicU64);

impl Learning {
    /// Whether there is room in the second of `now`.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        next(self.0.load(Ordering::Relaxed), now).is_some()
    }

    /// Takes a place in the second of `now`, if there is one.
    pub(crate) fn take(&self, now: Timestamp) -> bool {
        let taken = |count| next(count, now);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.0.fetch_update(set, fetch, taken).is_ok()
    }
}

/// The count with one more in the second of `now`; nothing where it is full.
fn next(count: u64, now: Timestamp) -> Option<u64> {
    let second = now.as_micros().div_euclid(1_000_000).cast_unsigned() << 8;
    let taken = if count >> 8 == second >> 8 {
        count & 0xff
    } else {
        0
    };
    (taken < MOST).then_some(second | (taken + 1))
}

/// Lets the portal learn from a request and its answer.
pub(crate) fn learn(portal: &Portal, ask: &AnswerAsk<'_>, body: Option<&[u8]>, now: Timestamp) {
    let kind = ask.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let query_keys: Vec<_> = ask.query.into_iter().flat_map(names).collect();
    let seen = |content_type, body: &'_ [u8]| !body.is_empty() && !str::is_empty(content_type);
    portal.observe(
        ask.service,
        &Seen {
            method: ask.method.as_str(),
            path: ask.path,
            query_keys: &query_keys,
            request: ask.request.filter(|(kind, body)| seen(kind, body)).map(
                |(content_type, body)| SeenBody {
                    content_type,
                    json: Some(body),
                },
            ),
            status: ask.status,
            response: body.filter(|body| seen(kind, body)).map(|body| SeenBody {
                content_type: kind,
                json: Some(body),
            }),
            at: now,
        },
    );
}

/// The names in a query, as far as they are such; never a value.
fn names(query: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte);
        !name.is_empty() && name.len() <= MOST_NAME && name.bytes().all(plain)
    };
    // A piece without `=` may be a value.
    let named = query.split('&').filter_map(|piece| piece.split_once('='));
    named.map(|(name, _)| name).filter(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_its_share_and_the_next_one_its_own() {
        let learning = Learning::default();
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
        let taken = (0..200).filter(|_| learning.take(at(7))).count();
        assert_eq!(taken, 50);
        assert!(!learning.is_due(at(7)) && learning.is_due(at(8)) && learning.take(at(8)));
    }

    #[test]
    fn names_of_a_query_are_learnt_and_no_values() {
        let found: Vec<_> = names("limit=5&a[b]=c&SECRET&=x&p%20q=1&state=open").collect();
        assert_eq!(found, ["limit", "a[b]", "state"]);
    }
}
