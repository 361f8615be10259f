//! Verifies tokens.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use trunkline_model::{Clock, Timestamp};

use super::cache::{Digest, Entry, TokenCache};
use super::issuer::{Issuer, IssuerStatus, Missing, Why};
use super::parse::{MAX_TOKEN, Unverified, parse};
use super::refresh::Fetcher;
use super::{Claims, IssuerConfig, IssuerError, TokenError, claims, rules};
use crate::{FetchKeys, OwnKeys, Revocations};

/// What a [`TokenVerifier`] needs from outside.
#[derive(Clone, Debug)]
pub struct TokenPorts {
    /// Fetches the key sets of other issuers.
    pub fetch: Arc<dyn FetchKeys>,
    /// The keys of the platform's own issuer; issuers with `own_keys` need it.
    pub own: Option<Arc<dyn OwnKeys>>,
    /// Knows what is revoked, if anybody does.
    pub revocations: Option<Arc<dyn Revocations>>,
}

/// Issuers by URL.
type Issuers = HashMap<Arc<str>, Arc<Issuer>>;

/// Verifies JWTs of the issuers that the configuration names.
///
/// A token that was verified before costs a hash and a look into a table; its expiry is compared each time. Other tokens have their
/// signature checked at once when the keys are here, and wait for a fetch only when they are not.
#[derive(Debug)]
pub struct TokenVerifier {
    issuers: ArcSwap<Issuers>,
    cache: Arc<TokenCache>,
    fetcher: Fetcher,
    ports: TokenPorts,
}

/// A token that can only be verified with keys that are not here.
struct Wanted {
    issuer: Arc<Issuer>,
    why: Why,
}

enum Refused {
    Error(TokenError),
    Wanted(Wanted),
}

impl From<TokenError> for Refused {
    fn from(error: TokenError) -> Self {
        Self::Error(error)
    }
}

impl TokenVerifier {
    /// A verifier for tokens of these issuers. Nothing is fetched yet.
    ///
    /// # Errors
    /// The first issuer that cannot be used as it is configured, or that has the name or URL of another.
    pub fn new(ports: TokenPorts, issuers: Vec<IssuerConfig>) -> Result<Self, IssuerError> {
        let cache = Arc::new(TokenCache::new());
        let fetcher = Fetcher {
            fetch: Arc::clone(&ports.fetch),
            cache: Arc::clone(&cache),
        };
        let verifier = Self {
            issuers: ArcSwap::default(),
            cache,
            fetcher,
            ports,
        };
        verifier.set_issuers(issuers)?;
        Ok(verifier)
    }

    /// Replaces the issuers. Those whose configuration is as before keep their keys; tokens of the others are forgotten.
    ///
    /// # Errors
    /// As [`Self::new`]; the issuers are as before then.
    pub fn set_issuers(&self, configs: Vec<IssuerConfig>) -> Result<(), IssuerError> {
        let before = self.issuers.load_full();
        let mut issuers = Issuers::new();
        for config in configs {
            let issuer = self.issuer(&before, config)?;
            let (name, url) = (Arc::clone(&issuer.name), Arc::clone(&issuer.url));
            let taken = issuers.values().any(|other| other.name == name)
                || issuers.insert(url, issuer).is_some();
            if taken {
                return Err(IssuerError {
                    issuer: name.to_string(),
                    reason: "another issuer has the same name or the same URL",
                });
            }
        }
        let issuers = Arc::new(issuers);
        self.issuers.store(Arc::clone(&issuers));
        self.cache.retain(|entry| {
            let now = issuers.get(&entry.issuer.url);
            now.is_some_and(|issuer| Arc::ptr_eq(issuer, &entry.issuer))
        });
        Ok(())
    }

    fn issuer(&self, before: &Issuers, config: IssuerConfig) -> Result<Arc<Issuer>, IssuerError> {
        config.check()?;
        if let Some(same) = before.get(config.issuer.as_str())
            && same.config == config
        {
            return Ok(Arc::clone(same));
        }
        let own = self.ports.own.clone().filter(|_| config.own_keys);
        if config.own_keys && own.is_none() {
            return Err(IssuerError {
                issuer: config.name,
                reason: "this platform has no issuer of its own, so `own_keys` cannot be said",
            });
        }
        Ok(Arc::new(Issuer::new(config, own)))
    }

    /// The claims of a token that was verified before and is still good at `now`. Never waits.
    #[must_use]
    pub fn verify_cached(&self, token: &str, now: Timestamp) -> Option<Arc<Claims>> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (claims, own) = self.cache.get(&Digest::of(token), now)?;
        // What the platform took back ends at once; others have no way to tell.
        let taken_back = own && self.is_revoked(&claims);
        (!taken_back).then_some(claims)
    }

    /// Verifies a token at `now`; waits only when its issuer's keys must be fetched.
    ///
    /// # Errors
    /// Why the token is refused; see [`TokenError`].
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, TokenError> {
        if let Some(claims) = self.verify_cached(token, now) {
            return Ok(claims);
        }
        let wanted = match self.check(token, now) {
            Ok(claims) => return Ok(claims),
            Err(Refused::Error(error)) => return Err(error),
            Err(Refused::Wanted(wanted)) => wanted,
        };
        if !wanted.issuer.is_own() {
            self.fetcher.wait(&wanted.issuer, wanted.why, now).await;
        }
        match self.check(token, now) {
            Ok(claims) => Ok(claims),
            Err(Refused::Error(error)) => Err(error),
            Err(Refused::Wanted(Wanted {
                why: Why::Missing,
                issuer,
            })) => Err(TokenError::KeysUnavailable(issuer.name.to_string())),
            Err(Refused::Wanted(_)) => Err(TokenError::KeyUnknown),
        }
    }

    /// Checks a token with the keys that are here.
    fn check(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, Refused> {
        // Before the keys are looked at: what is forgotten meanwhile must not come back.
        let generation = self.cache.generation();
        let unverified = parse(token)?;
        let url = claims::text(&unverified.claims, "iss").ok_or(TokenError::IssuerUnknown)?;
        let issuers = self.issuers.load();
        let issuer = issuers.get(url.as_str()).ok_or(TokenError::IssuerUnknown)?;
        if !issuer.config.algorithms.contains(&unverified.algorithm) {
            return Err(TokenError::Algorithm.into());
        }
        rules::check_type(&issuer.config, unverified.typ.as_deref())?;
        if issuer.is_own() {
            issuer.take_own(&self.cache);
        }
        let key = issuer.key(&unverified).map_err(|missing| match missing {
            Missing::Refused(error) => Refused::Error(error),
            Missing::Keys(why) => Refused::Wanted(Wanted {
                issuer: Arc::clone(issuer),
                why,
            }),
        })?;
        let digest = Digest::of(token);
        if self.cache.is_wrong(&digest) {
            return Err(TokenError::Signature.into());
        }
        if !key.has_signed(unverified.signed, unverified.signature) {
            self.cache.put_wrong(generation, digest);
            return Err(TokenError::Signature.into());
        }
        let claims = self.judge(issuer, unverified, now)?;
        let leeway = i64::from(issuer.config.leeway_seconds) * 1_000_000;
        let entry = Entry {
            claims: Arc::clone(&claims),
            valid_until: claims.expires.plus_micros(leeway),
            issuer: Arc::clone(issuer),
            key,
        };
        self.cache.put(generation, digest, entry, now);
        Ok(claims)
    }

    /// Judges what a token says whose signature is good.
    fn judge(
        &self,
        issuer: &Issuer,
        token: Unverified<'_>,
        now: Timestamp,
    ) -> Result<Arc<Claims>, TokenError> {
        let expires = rules::check(&issuer.config, &token.claims, now)?;
        let claims = Claims::read(
            &issuer.config,
            &issuer.name,
            &issuer.url,
            expires,
            token.claims,
        )?;
        if self.is_revoked(&claims) {
            return Err(TokenError::Revoked);
        }
        Ok(Arc::new(claims))
    }

    fn is_revoked(&self, claims: &Claims) -> bool {
        let revoked = |who: &Arc<dyn Revocations>| who.is_revoked(claims);
        self.ports.revocations.as_ref().is_some_and(revoked)
    }

    /// Remembers about `most` verified tokens; with 0 the signature of every token is checked each time it comes.
    pub fn remember(&self, most: usize) {
        self.cache.limit(most);
    }

    /// Forgets every verified token of `subject`, of whatever issuer: to be called after the subject was disabled or its tokens revoked.
    pub fn forget(&self, subject: &str) {
        self.cache.retain(|entry| entry.claims.subject != subject);
    }

    /// Forgets every verified token.
    pub fn forget_all(&self) {
        self.cache.retain(|_| false);
    }

    /// Begins to fetch every key set that is missing or stale, and takes over the platform's own keys if they have changed. Does not
    /// wait; must be called within a tokio runtime.
    pub fn refresh_due(&self, now: Timestamp) {
        for issuer in self.issuers.load().values() {
            if issuer.is_own() {
                issuer.take_own(&self.cache);
                continue;
            }
            let why = if issuer.has_keys() {
                Why::Stale
            } else {
                Why::Missing
            };
            self.fetcher.nudge(issuer, why, now);
        }
    }

    /// Keeps all keys fresh, looking once in a second. Never ends: run it beside the gateway and drop it with it.
    pub async fn keep_fresh(&self, clock: &dyn Clock) {
        loop {
            self.refresh_due(clock.now());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// How the keys of each issuer are, by name.
    #[must_use]
    pub fn status(&self) -> Vec<IssuerStatus> {
        let issuers = self.issuers.load();
        let mut status: Vec<_> = issuers.values().map(|issuer| issuer.status()).collect();
        status.sort_by(|a, b| a.name.cmp(&b.name));
        status
    }

    /// How many verified tokens are remembered; at most 65,536.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.cache.len()
    }
}
