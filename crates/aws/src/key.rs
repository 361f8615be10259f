//! Access keys, as this room asks for them.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use trunkline_model::Principal;
use trunkline_web::ClientAddress;

/// The secret that belongs to an access key. A log never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessSecret(String);

impl AccessSecret {
    /// The secret with this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessSecret(..)")
    }
}

/// A key that is good.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// What requests are signed with.
    pub secret: AccessSecret,
    /// Who signs with it, with the scopes of the key.
    pub principal: Principal,
}

/// Why a key could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Too many unknown keys were shown from there.
    #[error("too many unknown access keys were shown")]
    RateLimited,
    /// The table of keys cannot be read.
    #[error("access keys cannot be looked up")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Knows access keys.
#[async_trait]
pub trait Keys: Send + Sync + fmt::Debug {
    /// The key with this id, which is shown from `client`; nothing where there is none, or where it may not be used any more.
    ///
    /// # Errors
    /// [`KeyError`] where it cannot be said.
    async fn find(
        &self,
        access_key_id: &str,
        client: ClientAddress,
    ) -> Result<Option<AccessKey>, KeyError>;

    /// Takes note that a request from `client` claimed this key, which there is, and was not signed with it.
    fn was_wrong(&self, access_key_id: &str, client: ClientAddress);

    /// Takes note that this key signed a request.
    fn used(&self, access_key_id: &str);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = AccessSecret::new("wJalr");
        assert_eq!(secret.reveal(), "wJalr");
        assert_eq!(format!("{secret:?}"), "AccessSecret(..)");
    }
}
