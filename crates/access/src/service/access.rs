//! The service itself and what its parts share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, RwLock};

use tokio::sync::Semaphore;
use trunkline_model::{Clock, Event, IdGen, Timestamp, TypedId};
use trunkline_store::{Store, Transaction, outbox};
use trunkline_web::{Rate, RateLimiter};

use super::cache::{Cache, Lifetimes};
use super::ceremony::Ceremonies;
use crate::events::Payload;
use crate::store::{MIGRATIONS, next_epoch};
use crate::{AccessConfig, AccessError};
use trunkline_mail::Mailer;
use trunkline_proof::{Digest, Guard, Hasher, Issuers, Purpose};

/// Addresses whose failures are remembered.
const MAX_ADDRESSES: usize = 4096;

/// Reset mails: three at once, then one in five minutes.
const RESETS: Rate = Rate {
    per_second: 1.0 / 300.0,
    burst: 3,
};

/// Mails that may be under way at the same time; more are not sent.
const MAX_MAILS: usize = 32;

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// Uses of credentials that wait to be written down.
pub(super) type Uses = HashMap<(Purpose, String), Timestamp>;

/// Accounts, links, sessions and tokens.
///
/// Several processes may work on the same file, such as the server and `trunkline token create`. Only a long-lived one needs
/// [`Self::maintain`]; without it every check of a credential asks the tables, which is right but slower.
#[derive(Debug)]
pub struct Access {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdGen>,
    pub(super) config: AccessConfig,
    pub(super) lifetimes: Lifetimes,
    pub(super) cache: Cache,
    pub(super) failures: RateLimiter<IpAddr>,
    pub(super) uses: Mutex<Uses>,
    pub(super) hasher: Hasher,
    pub(super) guard: Guard,
    pub(super) ceremonies: Ceremonies,
    pub(super) issuers: Issuers,
    pub(super) mailer: Option<Mailer>,
    /// Reset mails that one address may ask for, and that one mailbox may get.
    pub(super) resets: RateLimiter<Digest>,
    /// Mails that may be under way at the same time.
    pub(super) mailing: Arc<Semaphore>,
    /// The names of all teams.
    pub(super) team_names: RwLock<Vec<String>>,
    /// The count of taken-back credentials when the cache was last known to be right.
    pub(super) epoch: AtomicI64,
}

impl Access {
    /// The service on the tables in `store`, which are brought up to date.
    ///
    /// # Errors
    /// [`AccessError::Store`] when the tables are from a later version or cannot be used, [`AccessError::Config`] when the configuration
    /// cannot.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        config: &AccessConfig,
    ) -> Result<Arc<Self>, AccessError> {
        store.migrate("access", MIGRATIONS).await?;
        let rate = Rate {
            per_second: f64::from(config.failures_per_minute) / 60.0,
            burst: config.failures_burst,
        };
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            config: config.clone(),
            lifetimes: Lifetimes::new(config),
            cache: Cache::new(),
            failures: RateLimiter::new(rate, MAX_ADDRESSES),
            uses: Mutex::new(Uses::new()),
            hasher: Hasher::new()?,
            guard: Guard::new(),
            ceremonies: Ceremonies::new(),
            issuers: Issuers::new(&config.issuers)?,
            mailer: config
                .mail
                .as_ref()
                .map(Mailer::new)
                .transpose()
                .map_err(|error| AccessError::Config(format!("access.mail.{error}")))?,
            resets: RateLimiter::new(RESETS, MAX_ADDRESSES),
            mailing: Arc::new(Semaphore::new(MAX_MAILS)),
            team_names: RwLock::default(),
            epoch: AtomicI64::new(-1),
        }))
    }

    /// The configured address of the platform, if there is one.
    #[must_use]
    pub fn public_url(&self) -> Option<&str> {
        self.config.public_url.as_deref()
    }

    pub(super) fn new_id<K>(&self, now: Timestamp) -> TypedId<K> {
        TypedId::new(self.ids.ulid(now))
    }

    /// A salt for the hash of a password.
    pub(super) fn new_salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.ids.fill_secret(&mut salt);
        salt
    }

    /// A change that takes effect on credentials is done: no process may go by what it remembers.
    pub(super) async fn commit_and_forget(
        &self,
        mut transaction: Transaction,
    ) -> Result<(), AccessError> {
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.cache.clear();
        Ok(())
    }

    pub(super) fn link_life(&self) -> i64 {
        i64::from(self.config.link_minutes) * MINUTE
    }

    /// Puts the event of a change into the outbox, in the change's own transaction.
    pub(super) async fn record<P: Payload>(
        &self,
        transaction: &mut Transaction,
        subject: &str,
        now: Timestamp,
        payload: &P,
    ) -> Result<(), AccessError> {
        let event = Event::platform("access", P::KIND, subject, now, &*self.ids, payload)?;
        outbox::put(transaction, &event).await?;
        Ok(())
    }
}
