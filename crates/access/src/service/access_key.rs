//! Keys for programs that sign their requests in the way of AWS.
//!
//! Every token is such a key too: its id is the id of the access key, and the secret follows from the hash under which the token is kept.
//! So a key ends with its token, has the same rights, and nothing more is stored for it.

use std::sync::{Arc, PoisonError};

use trunkline_proof::{Digest, Purpose, Secret, signing_secret};
use trunkline_web::ClientAddress;

use super::Access;
use super::cache::KnownCredential;
use crate::store::token_digest;
use crate::{AccessError, TokenId};

/// An access key that is good.
#[derive(Debug)]
pub struct AccessKey {
    /// With what requests are signed.
    pub secret: Secret,
    /// Who signs them.
    pub holder: Arc<KnownCredential>,
}

impl Access {
    /// The access key with the id `id`, which `client` claims to have; it is found however often others from there were wrong. What came
    /// of the claim is told by [`Self::access_key_used`] or [`Self::claim_was_wrong`].
    ///
    /// # Errors
    /// [`AccessError::BadCredential`] where there is no such key, [`AccessError::RateLimited`] when `client` named too many such.
    pub async fn access_key(
        &self,
        id: &str,
        client: ClientAddress,
    ) -> Result<AccessKey, AccessError> {
        // What is no id is refused without a look into the table.
        let digest = match id.parse::<TokenId>() {
            Ok(_) => {
                let mut reader = self.store.readers().acquire().await?;
                token_digest(&mut reader, id).await?
            }
            Err(_) => None,
        };
        if let Some(digest) = digest {
            let now = self.clock.now();
            let known = match self.remembered(&digest, now) {
                Some(known) => Some(known),
                None => self.read(Purpose::Token, digest).await?,
            };
            if let Some(known) = known.filter(|known| known.is_live(now)) {
                return Ok(AccessKey {
                    secret: signing_secret(&digest),
                    holder: Arc::clone(&known.holder),
                });
            }
        }
        self.may_try(&claimed(id), client, AccessError::BadCredential)?;
        self.claim_was_wrong(id, client);
        Err(AccessError::BadCredential)
    }

    /// Counts that `client` claimed the key `id` and signed with another secret; once, as with any wrong secret. No secret of 256 bits is
    /// guessed.
    pub fn claim_was_wrong(&self, id: &str, client: ClientAddress) {
        self.was_wrong(claimed(id), client);
    }

    /// Takes note that the key `id` signed a request.
    pub fn access_key_used(&self, id: &str) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        uses.insert((Purpose::Token, id.to_owned()), self.clock.now());
    }
}

/// What a false claim to the key `id` is remembered by. No token has this text.
fn claimed(id: &str) -> Digest {
    Purpose::Token.digest(&format!("claim to {id}"))
}
