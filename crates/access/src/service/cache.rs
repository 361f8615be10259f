//! Credentials that were checked a moment ago, so that the next request with the same one needs no statement.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use trunkline_model::{Principal, Timestamp};

use crate::AccessConfig;
use crate::store::Found;
use trunkline_proof::{Digest, Purpose};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// How often the use of a credential is written down, in microseconds.
const NOTE_EVERY: i64 = 60_000_000;

/// How long the cache may be believed after it was compared with the tables. Revocation by another process takes at most this long.
const BELIEVED: Duration = Duration::from_millis(900);

/// Entries of either kind; beyond that the cache starts anew.
const MAX_ENTRIES: usize = 8192;

/// How long a session lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    /// Microseconds that a session lives without being used.
    pub(super) idle: i64,
    /// Microseconds that a session lives at most.
    pub(super) longest: i64,
}

impl Lifetimes {
    pub(super) fn new(config: &AccessConfig) -> Self {
        Self {
            idle: i64::from(config.session_idle_days).saturating_mul(DAY),
            longest: i64::from(config.session_max_days).saturating_mul(DAY),
        }
    }
}

/// Who a good credential belongs to.
#[derive(Debug)]
pub struct KnownCredential {
    /// The id of the token or session.
    pub id: String,
    /// The name of the token, or of who signed in.
    pub name: String,
    /// Who acts with it.
    pub principal: Principal,
}

/// A good credential.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) purpose: Purpose,
    pub(super) holder: Arc<KnownCredential>,
    /// When it ends in any case.
    pub(super) ends: Option<Timestamp>,
    /// Microseconds without use after which it ends.
    idle: Option<i64>,
    last_used: AtomicI64,
}

impl Known {
    /// The credential that the tables hold as `found`.
    pub(super) fn new(purpose: Purpose, found: Found, lifetimes: Lifetimes) -> Self {
        let session = purpose == Purpose::Session;
        let longest = session.then(|| found.created.plus_micros(lifetimes.longest));
        Self {
            purpose,
            holder: Arc::new(KnownCredential {
                id: found.id,
                name: found.name,
                principal: found.principal,
            }),
            ends: [longest, found.expires].into_iter().flatten().min(),
            idle: session.then_some(lifetimes.idle),
            last_used: AtomicI64::new(found.last_used.map_or(i64::MIN, Timestamp::as_micros)),
        }
    }

    /// When it stops being good unless it is used.
    pub(super) fn expires(&self) -> Option<Timestamp> {
        let last_used = Timestamp::from_micros(self.last_used.load(Ordering::Relaxed));
        let idle = self.idle.map(|idle| last_used.plus_micros(idle));
        [idle, self.ends].into_iter().flatten().min()
    }

    /// Whether it is good at `now`.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        self.expires().is_none_or(|expires| now < expires)
    }

    /// Takes note that it is used at `now`, and says whether that is worth writing down.
    pub(super) fn note(&self, now: Timestamp) -> bool {
        let before = self.last_used.load(Ordering::Relaxed);
        if now.as_micros().saturating_sub(before) < NOTE_EVERY {
            return false;
        }
        let now = now.as_micros();
        let swap =
            self.last_used
                .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed);
        swap.is_ok()
    }
}

/// Credentials that are known to be good or wrong.
#[derive(Debug)]
pub(super) struct Cache {
    known: RwLock<HashMap<Digest, Arc<Known>>>,
    wrong: Mutex<HashSet<Digest>>,
    /// Counts how often it was emptied: what was read from the tables before that must not come in afterwards.
    generation: AtomicU64,
    began: Instant,
    /// Until when it is believed, in milliseconds after `began`.
    believed_until: AtomicU64,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self {
            known: RwLock::default(),
            wrong: Mutex::default(),
            generation: AtomicU64::new(0),
            began: Instant::now(),
            believed_until: AtomicU64::new(0),
        }
    }

    /// The good credential with the hash `digest`, as long as the cache can be believed.
    pub(super) fn get(&self, digest: &Digest, now: Instant) -> Option<Arc<Known>> {
        if self.millis(now) >= self.believed_until.load(Ordering::Acquire) {
            return None;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(digest).cloned()
    }

    /// Whether the credential with the hash `digest` was found wrong before.
    pub(super) fn is_wrong(&self, digest: &Digest) -> bool {
        self.wrong
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(digest)
    }

    /// To be asked before the tables are read; see [`Self::put`].
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Remembers a good credential, unless the cache was emptied since `generation`.
    pub(super) fn put(&self, generation: u64, digest: Digest, entry: Arc<Known>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        if known.len() >= MAX_ENTRIES && !known.contains_key(&digest) {
            known.clear();
        }
        known.insert(digest, entry);
    }

    /// Remembers a wrong credential; false when it was remembered already.
    pub(super) fn put_wrong(&self, digest: Digest) -> bool {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= MAX_ENTRIES && !wrong.contains(&digest) {
            wrong.clear();
        }
        wrong.insert(digest)
    }

    /// Forgets every good credential.
    pub(super) fn clear(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        known.clear();
    }

    /// The cache matched the tables at `at`.
    pub(super) fn believe(&self, at: Instant) {
        let until = self.millis(at + BELIEVED);
        self.believed_until.fetch_max(until, Ordering::AcqRel);
    }

    fn millis(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.began).as_millis();
        u64::try_from(elapsed).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
