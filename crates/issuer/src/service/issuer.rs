//! The service itself and what its parts share.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use trunkline_model::{Clock, Event, IdGen, Timestamp};
use trunkline_store::{Store, Transaction, outbox};
use trunkline_web::{Rate, RateLimiter};
use url::Url;

use crate::events::Payload;
use crate::keys::KeyRing;
use crate::model::{Client, ClientId};
use crate::secret::FormKey;
use crate::store::MIGRATIONS;
use crate::{IssuerConfig, IssuerError, People};

/// Addresses, and people, whose failures are remembered.
const MAX_KEYS: usize = 4096;
/// Microseconds of a minute.
pub(super) const MINUTE: i64 = 60_000_000;
/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// What every request needs and few change; kept in memory.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) clients: HashMap<ClientId, Arc<Client>>,
    /// Origins of the pages of public clients, which may ask for tokens from a browser.
    pub(super) origins: HashSet<String>,
    /// Ids that no access token may carry: of tokens, grants and clients.
    pub(super) refused: HashSet<String>,
}

/// The OpenID provider.
///
/// Several processes may work on the same file; a long-lived one needs [`Self::maintain`] to notice what others changed.
#[derive(Debug)]
pub struct Issuer {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdGen>,
    pub(super) config: IssuerConfig,
    pub(super) url: String,
    pub(super) people: Arc<dyn People>,
    pub(super) known: RwLock<Arc<Known>>,
    pub(super) ring: RwLock<Arc<KeyRing>>,
    pub(super) forms: FormKey,
    /// Wrong secrets and codes by address.
    pub(super) failures: RateLimiter<IpAddr>,
    /// Wrong device codes by person.
    pub(super) guesses: RateLimiter<String>,
    /// Events of tokens that changed no row; written together.
    pub(super) waiting: Mutex<Vec<Event>>,
    pub(super) epoch: AtomicI64,
    /// One reads the tables at a time, so that an older reading never replaces a newer one.
    pub(super) reloading: tokio::sync::Mutex<()>,
}

impl Issuer {
    /// The provider on the tables in `store`, which are brought up to date, under the address `url`: that of the platform, such as
    /// `https://trunkline.example.com`. Every token carries it, so it must not change lightly.
    ///
    /// # Errors
    /// [`IssuerError::Url`] when no token can carry `url`, [`IssuerError::Store`] when the tables cannot be used.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        config: &IssuerConfig,
        url: &str,
        people: Arc<dyn People>,
    ) -> Result<Arc<Self>, IssuerError> {
        let url = issuer_url(url)?;
        store.migrate("issuer", MIGRATIONS).await?;
        let rate = Rate {
            per_second: f64::from(config.failures_per_minute) / 60.0,
            burst: config.failures_burst,
        };
        let issuer = Arc::new(Self {
            forms: FormKey::new(&*ids),
            store,
            clock,
            ids,
            config: config.clone(),
            url,
            people,
            known: RwLock::default(),
            ring: RwLock::new(Arc::new(KeyRing::new(Vec::new(), 0))),
            failures: RateLimiter::new(rate, MAX_KEYS),
            guesses: RateLimiter::new(rate, MAX_KEYS),
            waiting: Mutex::default(),
            epoch: AtomicI64::new(-1),
            reloading: tokio::sync::Mutex::default(),
        });
        issuer.keep_keys().await?;
        issuer.reload().await?;
        Ok(issuer)
    }

    /// The address that is the `iss` of every token.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether services may sign people in.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.config.enabled
    }

    /// The public keys as a JSON Web Key Set, for whoever checks tokens in this process.
    #[must_use]
    pub fn jwks(&self) -> Arc<str> {
        self.ring().jwks()
    }

    /// Changes whenever [`Self::jwks`] does.
    #[must_use]
    pub fn jwks_version(&self) -> u64 {
        self.ring().version()
    }

    /// Whether no access token may carry `id` any more: the `jti`, `grant` or `client_id` of a token that is otherwise good.
    ///
    /// Who checks tokens in this process asks this for each of the three; nobody else can know before the token expires.
    #[must_use]
    pub fn is_revoked(&self, id: &str) -> bool {
        self.known().refused.contains(id)
    }

    pub(super) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Microseconds for which an access token is good.
    pub(super) fn access_life(&self) -> i64 {
        i64::from(self.config.access_token_minutes.clamp(1, 60)) * MINUTE
    }

    /// The client with this id.
    #[must_use]
    pub fn client(&self, id: &str) -> Option<Arc<Client>> {
        let id: ClientId = id.parse().ok()?;
        self.known().clients.get(&id).cloned()
    }

    /// Whether pages of `origin` may ask for tokens.
    pub(crate) fn knows_origin(&self, origin: &str) -> bool {
        self.known().origins.contains(origin)
    }

    /// Puts the event of a change into the outbox, in the change's own transaction.
    pub(super) async fn record<P: Payload>(
        &self,
        transaction: &mut Transaction,
        subject: &str,
        now: Timestamp,
        payload: &P,
    ) -> Result<(), IssuerError> {
        let event = Event::platform("issuer", P::KIND, subject, now, &*self.ids, payload)?;
        outbox::put(transaction, &event).await?;
        Ok(())
    }
}

/// The address without a slash at its end, if tokens can carry it.
fn issuer_url(text: &str) -> Result<String, IssuerError> {
    let wrong = || IssuerError::Url(text.chars().take(100).collect());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain {
        Ok(text.trim_end_matches('/').into())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_plain_address() {
        assert_eq!(
            issuer_url("https://a.example/").unwrap(),
            "https://a.example"
        );
        assert_eq!(
            issuer_url("http://127.0.0.1:7070").unwrap(),
            "http://127.0.0.1:7070"
        );
        for bad in [
            "",
            "a.example",
            "ftp://a.example",
            "https://a.example?x",
            "https://a.example/#y",
            "https://u@a.example",
        ] {
            assert!(issuer_url(bad).is_err(), "{bad}");
        }
    }
}
