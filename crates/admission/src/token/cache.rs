//! Tokens that were verified a moment ago, so that the next request with the same one needs no signature check.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use trunkline_model::Timestamp;

use super::Claims;
use super::issuer::Issuer;
use super::keyset::Key;

/// Parts with a lock of their own.
const SHARDS: usize = 64;

/// Verified tokens that are remembered unless somebody says otherwise.
pub const REMEMBERED_TOKENS: usize = 65_536;

/// Tokens with a wrong signature in one part.
const MAX_WRONG: usize = 64;

/// The SHA-256 of a token: the token itself is not kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    fn shard(&self) -> usize {
        usize::from(self.0[31]) % SHARDS
    }
}

impl Hash for Digest {
    /// Half of it is far more than a table needs to tell its entries apart.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0[..16]);
    }
}

/// A token that is good until `valid_until`.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) claims: Arc<Claims>,
    /// Its expiry with the leeway of its issuer.
    pub(super) valid_until: Timestamp,
    pub(super) issuer: Arc<Issuer>,
    pub(super) key: Arc<Key>,
}

#[derive(Default)]
struct Shard {
    good: RwLock<HashMap<Digest, Entry>>,
    wrong: Mutex<HashSet<Digest>>,
}

/// Good tokens, and a few wrong ones, of which at most a fixed number is remembered.
pub(super) struct TokenCache {
    shards: Box<[Shard]>,
    /// Good tokens in one part; with 0 none is remembered.
    most: AtomicUsize,
    /// Counts how often something was forgotten: what was verified before that must not come in afterwards.
    generation: AtomicU64,
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl TokenCache {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            most: AtomicUsize::new(REMEMBERED_TOKENS / SHARDS),
            generation: AtomicU64::new(0),
        }
    }

    /// Remembers about `most` good tokens from now on.
    pub(super) fn limit(&self, most: usize) {
        self.most.store(most.div_ceil(SHARDS), Ordering::Relaxed);
        if most == 0 {
            self.retain(|_| false);
        }
    }

    /// The claims of a token that is known and good at `now`, and whether the platform itself gave it.
    pub(super) fn get(&self, digest: &Digest, now: Timestamp) -> Option<(Arc<Claims>, bool)> {
        let shard = &self.shards[digest.shard()];
        let good = shard.good.read().unwrap_or_else(PoisonError::into_inner);
        let entry = good.get(digest)?;
        (now < entry.valid_until && entry.issuer.is_current())
            .then(|| (Arc::clone(&entry.claims), entry.issuer.is_own()))
    }

    /// To be asked before the keys are looked at; see [`Self::put`].
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Remembers a good token, unless something was forgotten since `generation`.
    pub(super) fn put(&self, generation: u64, digest: Digest, entry: Entry, now: Timestamp) {
        let most = self.most.load(Ordering::Relaxed);
        if most == 0 {
            return;
        }
        let shard = &self.shards[digest.shard()];
        let mut good = shard.good.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever forgets counts first and then takes this lock, so that either this sees the count or that sees the entry.
        if self.generation() != generation {
            return;
        }
        if good.len() >= most {
            make_room(&mut good, most, now);
        }
        good.insert(digest, entry);
    }

    /// Whether the token's signature was found wrong before.
    pub(super) fn is_wrong(&self, digest: &Digest) -> bool {
        let wrong = &self.shards[digest.shard()].wrong;
        let wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.contains(digest)
    }

    /// Remembers a token with a wrong signature, unless something was forgotten since `generation`.
    pub(super) fn put_wrong(&self, generation: u64, digest: Digest) {
        let wrong = &self.shards[digest.shard()].wrong;
        let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        if wrong.len() >= MAX_WRONG {
            wrong.clear();
        }
        wrong.insert(digest);
    }

    /// Forgets every good token for which `keep` is false, and all wrong ones. What is being verified at this moment does not come in.
    pub(super) fn retain(&self, keep: impl Fn(&Entry) -> bool) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        for shard in &self.shards {
            let mut good = shard.good.write().unwrap_or_else(PoisonError::into_inner);
            good.retain(|_, entry| keep(entry));
            drop(good);
            let mut wrong = shard.wrong.lock().unwrap_or_else(PoisonError::into_inner);
            wrong.clear();
        }
    }

    /// How many good tokens are remembered.
    pub(super) fn len(&self) -> usize {
        let count = |shard: &Shard| {
            let good = shard.good.read().unwrap_or_else(PoisonError::into_inner);
            good.len()
        };
        self.shards.iter().map(count).sum()
    }
}

/// Forgets what has expired, and an eighth of the rest when that was not enough.
fn make_room(good: &mut HashMap<Digest, Entry>, most: usize, now: Timestamp) {
    good.retain(|_, entry| now < entry.valid_until);
    if good.len() >= most {
        let many = good.len() - most + most.div_ceil(8);
        let some: Vec<_> = good.keys().take(many).copied().collect();
        for digest in some {
            good.remove(&digest);
        }
    }
}
