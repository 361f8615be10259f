//! From a credential to its principal, for each request.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use trunkline_model::{Principal, Timestamp};
use trunkline_web::{AuthError, Authenticate, ClientAddress, Credential};

use super::Access;
use super::cache::{Known, KnownCredential};
use crate::AccessError;
use crate::store::{find_session, find_token};
use trunkline_proof::{Digest, Purpose};

impl Access {
    /// The principal of the API token `token`, which came from `client`.
    ///
    /// # Errors
    /// [`AccessError::BadCredential`] when it is not good, [`AccessError::RateLimited`] when `client` tried too many that were not.
    pub async fn verify_token(
        &self,
        token: &str,
        client: ClientAddress,
    ) -> Result<Principal, AccessError> {
        let known = self.check(Purpose::Token, token, client).await?;
        Ok(known.holder.principal.clone())
    }

    /// The principal of the session whose cookie is `cookie`.
    ///
    /// # Errors
    /// As [`Self::verify_token`].
    pub async fn verify_session(
        &self,
        cookie: &str,
        client: ClientAddress,
    ) -> Result<Principal, AccessError> {
        let known = self.check(Purpose::Session, cookie, client).await?;
        Ok(known.holder.principal.clone())
    }

    /// When `credential` stops being good; never where there is nothing.
    ///
    /// # Errors
    /// As [`Self::verify_token`].
    pub async fn expires(
        &self,
        credential: Credential<'_>,
        client: ClientAddress,
    ) -> Result<Option<Timestamp>, AccessError> {
        let known = match credential {
            Credential::Token(text) => self.check(Purpose::Token, text, client).await?,
            Credential::Session(text) => self.check(Purpose::Session, text, client).await?,
        };
        Ok(known.expires())
    }

    pub(super) async fn check(
        &self,
        purpose: Purpose,
        text: &str,
        client: ClientAddress,
    ) -> Result<Arc<Known>, AccessError> {
        let (now, digest) = (self.clock.now(), purpose.digest(text));
        let known = match self.remembered(&digest, now) {
            Some(known) => known,
            None => {
                let well_formed = purpose.is_well_formed(text);
                self.look_up(purpose, digest, well_formed, client).await?
            }
        };
        if !known.is_live(now) {
            // It was a good one once and is no guess, so it does not count as a failure.
            return Err(AccessError::BadCredential);
        }
        self.note_use(&known, now);
        Ok(known)
    }

    /// The good credential with this hash, as long as it need not be looked up.
    pub(super) fn remembered(&self, digest: &Digest, now: Timestamp) -> Option<Arc<Known>> {
        let known = self.cache.get(digest, Instant::now());
        known.filter(|known| known.is_live(now))
    }

    /// The API token `token` if it was checked a moment ago, without waiting for anything. Nothing says only that
    /// [`Self::look_up_token`] must be asked.
    #[must_use]
    pub fn known_token(&self, token: &str) -> Option<Arc<KnownCredential>> {
        let now = self.clock.now();
        let known = self.remembered(&Purpose::Token.digest(token), now)?;
        self.note_use(&known, now);
        Some(Arc::clone(&known.holder))
    }

    /// The API token `token`, which came from `client`, with its id and name.
    ///
    /// # Errors
    /// As [`Self::verify_token`].
    pub async fn look_up_token(
        &self,
        token: &str,
        client: ClientAddress,
    ) -> Result<Arc<KnownCredential>, AccessError> {
        let known = self.check(Purpose::Token, token, client).await?;
        Ok(Arc::clone(&known.holder))
    }

    /// The session whose cookie is `cookie`, with its id.
    ///
    /// # Errors
    /// As [`Self::verify_token`].
    pub async fn look_up_session(
        &self,
        cookie: &str,
        client: ClientAddress,
    ) -> Result<Arc<KnownCredential>, AccessError> {
        let known = self.check(Purpose::Session, cookie, client).await?;
        Ok(Arc::clone(&known.holder))
    }

    fn note_use(&self, known: &Known, now: Timestamp) {
        if known.note(now) {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            uses.insert((known.purpose, known.holder.id.clone()), now);
        }
    }

    async fn look_up(
        &self,
        purpose: Purpose,
        digest: Digest,
        well_formed: bool,
        client: ClientAddress,
    ) -> Result<Arc<Known>, AccessError> {
        self.may_try(&digest, client, AccessError::BadCredential)?;
        if well_formed && let Some(known) = self.read(purpose, digest).await? {
            return Ok(known);
        }
        self.was_wrong(digest, client);
        Err(AccessError::BadCredential)
    }

    /// What the tables have with this hash, which is remembered then.
    pub(super) async fn read(
        &self,
        purpose: Purpose,
        digest: Digest,
    ) -> Result<Option<Arc<Known>>, AccessError> {
        let generation = self.cache.generation();
        let mut reader = self.store.readers().acquire().await?;
        let found = match purpose {
            Purpose::Token => find_token(&mut reader, digest).await?,
            Purpose::Session => find_session(&mut reader, digest).await?,
            _ => None,
        };
        let known = found.map(|found| Arc::new(Known::new(purpose, found, self.lifetimes)));
        if let Some(known) = &known {
            self.cache.put(generation, digest, Arc::clone(known));
        }
        Ok(known)
    }

    /// Nothing where `client` may try the secret with the hash `digest`.
    ///
    /// The same wrong secret is refused with `refusal` again and again without counting: a program that was not told of a revocation
    /// must not shut out its neighbours behind the same address.
    pub(super) fn may_try(
        &self,
        digest: &Digest,
        client: ClientAddress,
        refusal: AccessError,
    ) -> Result<(), AccessError> {
        if self.cache.is_wrong(digest) {
            return Err(refusal);
        }
        self.failures
            .check(&client.rate_key(), Instant::now())
            .map_err(|retry_after| AccessError::RateLimited { retry_after })
    }

    /// Counts a wrong secret, once.
    pub(super) fn was_wrong(&self, digest: Digest, client: ClientAddress) {
        if self.cache.put_wrong(digest) {
            tracing::info!(client = %client.0, "refused a wrong credential");
            self.failures.charge(&client.rate_key(), 1, Instant::now());
        }
    }
}

#[async_trait]
impl Authenticate for Access {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        let verified = match credential {
            Credential::Token(text) => self.verify_token(text, client).await,
            Credential::Session(text) => self.verify_session(text, client).await,
        };
        Ok(verified?)
    }
}
