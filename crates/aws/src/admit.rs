//! Who signed a request: what can be said before its body is read, and the rest.

use trunkline_model::Timestamp;
use trunkline_signature::{Body, Claim, Request, SignatureError};
use trunkline_web::ClientAddress;

use crate::error::AwsError;
use crate::service::Service;
use crate::{AccessKey, Keys};

/// A request that claims to be signed.
#[derive(Clone, Copy)]
pub(crate) struct Claimed<'a> {
    pub(crate) keys: &'a dyn Keys,
    pub(crate) service: Service,
    pub(crate) claim: &'a Claim,
    pub(crate) request: &'a Request<'a>,
    /// Where it came from.
    pub(crate) client: ClientAddress,
    /// When its head was there.
    pub(crate) now: Timestamp,
}

impl Claimed<'_> {
    /// The key that it names, where nothing speaks against it yet: a stranger is refused before the body is read.
    pub(crate) async fn key(&self) -> Result<AccessKey, AwsError> {
        let found = self.keys.find(self.claim.access_key_id(), self.client);
        let found = found.await;
        let found = found.map_err(|error| AwsError::of_key(&error, self.service))?;
        let key = found.ok_or(SignatureError::UnknownKey)?;
        let secret = key.secret.reveal();
        self.told(self.claim.verify_head(self.request, secret, self.now))?;
        Ok(key)
    }

    /// Sees to it that it was signed with `key`, and with this body.
    pub(crate) fn check(&self, key: &AccessKey, body: &[u8]) -> Result<(), AwsError> {
        let (secret, body) = (key.secret.reveal(), Body::Bytes(body));
        self.told(self.claim.verify(self.request, secret, body, self.now))?;
        self.keys.used(self.claim.access_key_id());
        Ok(())
    }

    /// Only another signature is a false claim: a clock that is wrong, or a body that was changed on its way, is nobody's guess.
    fn told(&self, judged: Result<(), SignatureError>) -> Result<(), AwsError> {
        if matches!(judged, Err(SignatureError::Mismatch { .. })) {
            let id = self.claim.access_key_id();
            self.keys.was_wrong(id, self.client);
        }
        Ok(judged?)
    }
}
