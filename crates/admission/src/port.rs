//! What this room needs from outside.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use crate::{Claims, KeyHolder};

/// A key set or a discovery document that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct KeyRequest<'a> {
    /// Where it lies.
    pub url: &'a Url,
    /// The `ETag` of the version that is here already, for `If-None-Match`.
    pub etag: Option<&'a str>,
    /// The most bytes that the body may have; reading must stop there with an error.
    pub most_bytes: usize,
}

/// What a [`KeyRequest`] was answered.
#[derive(Clone, Debug, Default)]
pub struct KeyAnswer {
    /// The body of a 200; nothing after a 304.
    pub body: Option<Vec<u8>>,
    /// The header `ETag`.
    pub etag: Option<String>,
    /// The header `Cache-Control`.
    pub cache_control: Option<String>,
}

/// Why a key set could not be fetched: an answer other than 200 and 304, an address that is refused, a network that is down.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

/// Fetches documents of issuers, by a client that refuses addresses inside the network and does not follow redirects.
#[async_trait]
pub trait FetchKeys: Send + Sync + fmt::Debug {
    /// Fetches one document. It is given up after five seconds.
    ///
    /// # Errors
    /// When there is no answer of 200 or 304 within the limits.
    async fn fetch(&self, request: KeyRequest<'_>) -> Result<KeyAnswer, FetchError>;
}

/// The keys with which the platform's own issuer signs.
pub trait OwnKeys: Send + Sync + fmt::Debug {
    /// Another number after each change of the keys. Asked with every token of the own issuer, so it should be one atomic load.
    fn version(&self) -> u64;

    /// The key set as `jwks_uri` shows it.
    fn jwks(&self) -> Arc<str>;
}

/// Knows which tokens are no longer good although they have not expired.
pub trait Revocations: Send + Sync + fmt::Debug {
    /// Whether a token with these claims is revoked, or its subject disabled. Asked whenever a token's signature is checked, not when
    /// the token is in the cache: after a change call `TokenVerifier::forget`.
    fn is_revoked(&self, claims: &Claims) -> bool;
}

/// Why API keys cannot be looked up at this moment.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct LookUpError(pub String);

/// Knows the platform's API keys (`tl_…`).
#[async_trait]
pub trait KnownKeys: Send + Sync + fmt::Debug {
    /// The holder of the key with this text, if it is in memory and good.
    fn known(&self, text: &str) -> Option<Arc<KeyHolder>>;

    /// The holder of the key with this text, from the tables if need be; nothing when there is no such key, or it is no longer good.
    ///
    /// # Errors
    /// When the tables cannot be read.
    async fn look_up(&self, text: &str) -> Result<Option<Arc<KeyHolder>>, LookUpError>;
}
