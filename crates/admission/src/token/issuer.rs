//! One issuer: its keys, and when they are to be fetched again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;
use trunkline_model::Timestamp;

use super::cache::TokenCache;
use super::keyset::{Found, Key, KeySet};
use super::parse::Unverified;
use super::{IssuerConfig, TokenError};
use crate::OwnKeys;

const SECOND: i64 = 1_000_000;

/// Microseconds between two fetches for the sake of keys that nobody knows.
const UNKNOWN_EVERY: i64 = 30 * SECOND;

/// Microseconds before a failed fetch is tried again; twice as long after each further failure.
const RETRY_AFTER: i64 = 5 * SECOND;

/// Microseconds after which a failed fetch is tried again at the latest.
const RETRY_AFTER_AT_MOST: i64 = 300 * SECOND;

/// How an issuer's keys are, for the console and the readiness page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerStatus {
    /// The issuer's name in the configuration.
    pub name: String,
    /// How many keys can be used; 0 when none were fetched yet.
    pub keys: usize,
    /// When they were fetched or confirmed; nothing for the platform's own.
    pub fetched: Option<Timestamp>,
    /// Why the last fetch failed; nothing when it did not.
    pub problem: Option<String>,
}

/// Why keys are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There are none yet.
    Missing,
    /// A token names one that is not there.
    Unknown,
    /// They are older than their server said they would be good.
    Stale,
}

/// Whether a fetch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// The caller must fetch now.
    Now,
    /// Somebody else is fetching.
    Running,
    /// It is too early for another fetch.
    Later,
}

/// What is known of the documents of an issuer.
#[derive(Debug, Default)]
pub(super) struct State {
    in_flight: bool,
    last_attempt: Option<Timestamp>,
    last_unknown: Option<Timestamp>,
    failures: u32,
    pub(super) fetched: Option<Timestamp>,
    pub(super) fresh_until: Timestamp,
    pub(super) etag: Option<String>,
    /// Where discovery found the keys, and until when that is believed.
    pub(super) discovered: Option<(String, Timestamp)>,
    problem: Option<String>,
}

/// An issuer and its keys.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) config: IssuerConfig,
    pub(super) name: Arc<str>,
    pub(super) url: Arc<str>,
    keys: ArcSwapOption<KeySet>,
    own: Option<Arc<dyn OwnKeys>>,
    own_version: AtomicU64,
    state: Mutex<State>,
    done: watch::Sender<()>,
}

impl Issuer {
    pub(super) fn new(config: IssuerConfig, own: Option<Arc<dyn OwnKeys>>) -> Self {
        Self {
            name: config.name.as_str().into(),
            url: config.issuer.as_str().into(),
            config,
            keys: ArcSwapOption::empty(),
            own,
            own_version: AtomicU64::new(0),
            state: Mutex::default(),
            done: watch::Sender::new(()),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the keys here are those of now. Only the platform's own issuer can tell; others are fetched again in time.
    pub(super) fn is_current(&self) -> bool {
        let current =
            |own: &Arc<dyn OwnKeys>| own.version() == self.own_version.load(Ordering::Acquire);
        self.own.as_ref().is_none_or(current)
    }

    /// Whether the keys come from the platform itself.
    pub(super) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Takes over the platform's own keys if they have changed.
    pub(super) fn take_own(&self, cache: &TokenCache) {
        let Some(own) = &self.own else { return };
        let is_taken = || self.has_keys() && self.is_current();
        if is_taken() {
            return;
        }
        let mut state = self.state();
        if is_taken() {
            return;
        }
        // The version is read first: a change right after it is seen with the next token.
        let version = own.version();
        match KeySet::read(own.jwks().as_bytes(), &self.config.algorithms) {
            Ok(keys) => {
                self.install(keys, cache);
                state.problem = None;
            }
            Err(problem) => state.problem = Some(problem.into()),
        }
        self.own_version.store(version, Ordering::Release);
    }

    /// Replaces the keys, and forgets every token whose key is gone.
    pub(super) fn install(&self, keys: KeySet, cache: &TokenCache) {
        let keys = Arc::new(keys);
        let before = self.keys.swap(Some(Arc::clone(&keys)));
        if before.is_some_and(|before| before.is_within(&keys) && keys.is_within(&before)) {
            return;
        }
        cache.retain(|entry| entry.issuer.url != self.url || keys.has(&entry.key));
    }

    /// Whether there are keys at all.
    pub(super) fn has_keys(&self) -> bool {
        self.keys.load().is_some()
    }

    /// The key that `token` names.
    pub(super) fn key(&self, token: &Unverified<'_>) -> Result<Arc<Key>, Missing> {
        let guard = self.keys.load();
        let Some(keys) = guard.as_ref() else {
            return Err(Missing::Keys(Why::Missing));
        };
        let found = match &token.kid {
            Some(kid) => keys.find(kid, token.algorithm),
            None if self.config.accept_without_kid => keys.only(token.algorithm),
            None => return Err(Missing::Refused(TokenError::NoKey)),
        };
        match found {
            Found::Key(key) => Ok(Arc::clone(key)),
            Found::OtherAlgorithm => Err(Missing::Refused(TokenError::Algorithm)),
            Found::Nothing => Err(Missing::Keys(Why::Unknown)),
        }
    }

    /// Whether a fetch should begin at `now`. Whoever is told [`Begin::Now`] must call [`Self::end`].
    pub(super) fn begin(&self, why: Why, now: Timestamp) -> Begin {
        let mut state = self.state();
        if state.in_flight {
            return Begin::Running;
        }
        let doublings = state.failures.saturating_sub(1).min(16);
        let pause = match state.failures {
            0 => 0,
            _ => (RETRY_AFTER << doublings).min(RETRY_AFTER_AT_MOST),
        };
        // A clock that was set back must not stop fetches, hence the distance in either direction.
        let is_after = |last: Option<Timestamp>, pause: i64| {
            last.is_none_or(|last| now.micros_since(last).saturating_abs() >= pause)
        };
        let begin = match why {
            Why::Missing => !self.has_keys() && is_after(state.last_attempt, pause),
            Why::Unknown => is_after(state.last_unknown, UNKNOWN_EVERY),
            Why::Stale => now >= state.fresh_until && is_after(state.last_attempt, pause),
        };
        if !begin {
            return Begin::Later;
        }
        if why == Why::Unknown {
            state.last_unknown = Some(now);
        }
        state.last_attempt = Some(now);
        state.in_flight = true;
        Begin::Now
    }

    /// Takes note of how a fetch ended, and wakes who waits for it.
    pub(super) fn end(&self, problem: Option<String>) {
        let mut state = self.state();
        state.in_flight = false;
        state.failures = match &problem {
            Some(problem) => {
                let kept = self.keys.load().as_ref().map_or(0, |keys| keys.len());
                tracing::warn!(issuer = %self.name, problem, kept, "the issuer's keys were not fetched");
                state.failures.saturating_add(1)
            }
            None => 0,
        };
        state.problem = problem;
        drop(state);
        self.done.send_replace(());
    }

    /// Tells when a fetch ends that has not ended yet.
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.done.subscribe()
    }

    pub(super) fn status(&self) -> IssuerStatus {
        let keys = self.keys.load().as_ref().map_or(0, |keys| keys.len());
        let state = self.state();
        IssuerStatus {
            name: self.config.name.clone(),
            keys,
            fetched: state.fetched,
            problem: state.problem.clone(),
        }
    }
}

/// Why a token's key is not there.
#[derive(Debug)]
pub(super) enum Missing {
    /// It may be there after a fetch.
    Keys(Why),
    /// It will not be.
    Refused(TokenError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        Issuer::new(IssuerConfig::new("a", "https://a.example", &["x"]), None)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_795_543_200_000).plus_micros(seconds * SECOND)
    }

    #[test]
    fn unknown_keys_are_asked_for_once_in_thirty_seconds() {
        let issuer = issuer();
        assert_eq!(issuer.begin(Why::Unknown, at(0)), Begin::Now);
        assert_eq!(issuer.begin(Why::Unknown, at(0)), Begin::Running);
        issuer.end(None);
        assert_eq!(issuer.begin(Why::Unknown, at(29)), Begin::Later);
        assert_eq!(issuer.begin(Why::Unknown, at(30)), Begin::Now);
        issuer.end(None);
        assert_eq!(
            issuer.begin(Why::Unknown, at(-3_600)),
            Begin::Now,
            "a clock that was set back does not stop it"
        );
    }

    #[test]
    fn an_issuer_that_is_down_is_asked_less_and_less_often() {
        let (issuer, mut now, mut pauses) = (issuer(), 0, Vec::new());
        assert_eq!(issuer.begin(Why::Missing, at(now)), Begin::Now);
        for _ in 0..8 {
            issuer.end(Some("down".into()));
            let start = now;
            while issuer.begin(Why::Missing, at(now)) == Begin::Later {
                now += 1;
            }
            pauses.push(now - start);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300]);
    }

    #[test]
    fn fresh_keys_are_not_fetched() {
        let issuer = issuer();
        issuer.state().fresh_until = at(60);
        assert_eq!(issuer.begin(Why::Stale, at(59)), Begin::Later);
        assert_eq!(issuer.begin(Why::Stale, at(60)), Begin::Now);
    }
}
