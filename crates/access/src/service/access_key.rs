//! Keys for programs that sign their requests in the way of AWS.
//!
//! Every token is such a key too: its id is the id of the access key, and the secret follows from the hash under which the token is kept.
//! So a key ends with its token, has the same rights, and nothing more is stored for it.

use std::sync::Arc;
use std::time::Instant;

use trunkline_proof::{Purpose, Secret, signing_secret};
use trunkline_web::ClientAddress;

use super::Access;
use super::cache::KnownCredential;
use crate::AccessError;
use crate::store::token_digest;

/// An access key that is good.
#[derive(Debug)]
pub struct AccessKey {
    /// With what requests are signed.
    pub secret: Secret,
    /// Who signs them.
    pub holder: Arc<KnownCredential>,
}

impl Access {
    /// The access key with the id `id`, which `client` claims to have. The claim is still to be checked; what is wrong about it is told by
    /// [`Self::claim_was_wrong`].
    ///
    /// # Errors
    /// [`AccessError::BadCredential`] where there is no such key, [`AccessError::RateLimited`] when `client` claimed too many wrongly.
    pub async fn access_key(
        &self,
        id: &str,
        client: ClientAddress,
    ) -> Result<AccessKey, AccessError> {
        self.failures
            .check(&client.rate_key(), Instant::now())
            .map_err(|retry_after| AccessError::RateLimited { retry_after })?;
        let mut reader = self.store.readers().acquire().await?;
        let digest = token_digest(&mut reader, id).await?;
        drop(reader);
        let Some(digest) = digest else {
            self.claim_was_wrong(client);
            return Err(AccessError::BadCredential);
        };
        let known = self.check_digest(Purpose::Token, digest, true, client);
        Ok(AccessKey {
            secret: signing_secret(&digest),
            holder: Arc::clone(&known.await?.holder),
        })
    }

    /// Counts a claim of `client` that was not true.
    pub fn claim_was_wrong(&self, client: ClientAddress) {
        tracing::info!(client = %client.0, "refused a wrong claim to an access key");
        self.failures.charge(&client.rate_key(), 1, Instant::now());
    }
}
