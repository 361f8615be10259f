//! What a good token says.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use trunkline_model::Timestamp;

use super::{IssuerConfig, TokenError};

/// What a token says whose signature, times and audience are good.
#[derive(Clone, PartialEq)]
pub struct Claims {
    /// The issuer's name in the configuration.
    pub issuer: Arc<str>,
    /// The issuer's URL, the claim `iss`.
    pub issuer_url: Arc<str>,
    /// Whose token it is; the client, when a token has a client and no subject.
    pub subject: String,
    /// The client that got the token.
    pub client: Option<String>,
    /// What the token may be used for, in the order of the token.
    pub scopes: Vec<String>,
    /// For whom it is meant, the claim `aud`.
    pub audience: Vec<String>,
    /// When it expires. The issuer's leeway comes on top.
    pub expires: Timestamp,
    /// The groups of the subject.
    pub groups: Vec<String>,
    /// Every claim, as it was sent.
    pub raw: Map<String, Value>,
}

impl fmt::Debug for Claims {
    /// Without the raw claims: they are about people, and may be large.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl Claims {
    /// Whether the token may be used for `scope`.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|have| have == scope)
    }

    /// Reads the claims as `config` names them.
    pub(super) fn read(
        config: &IssuerConfig,
        issuer: &Arc<str>,
        issuer_url: &Arc<str>,
        expires: Timestamp,
        raw: Map<String, Value>,
    ) -> Result<Self, TokenError> {
        let client = text(&raw, &config.client_claim);
        let subject = text(&raw, &config.subject_claim)
            .or_else(|| client.clone())
            .ok_or_else(|| TokenError::Claim(config.subject_claim.clone()))?;
        Ok(Self {
            issuer: Arc::clone(issuer),
            issuer_url: Arc::clone(issuer_url),
            subject,
            client,
            scopes: words(raw.get(&config.scope_claim)),
            audience: texts(raw.get("aud")),
            expires,
            groups: texts(raw.get(&config.groups_claim)),
            raw,
        })
    }
}

/// A claim that is a text with something in it.
pub(super) fn text(raw: &Map<String, Value>, name: &str) -> Option<String> {
    match raw.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A claim that is a text or a list of texts.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// A claim that is a list of texts, or words with spaces between them.
fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        other => texts(other),
    }
}
