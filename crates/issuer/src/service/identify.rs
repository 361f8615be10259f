//! Which client asks, and whether it is the one.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trunkline_web::ClientAddress;
use url::form_urlencoded;

use super::issuer::Issuer;
use crate::model::{Client, ClientKind, Params, Refusal};
use crate::secret::{Purpose, same};

impl Issuer {
    /// The client that sent `params`, with `authorization` as its header of that name (RFC 6749, section 2.3).
    pub(crate) fn identify(
        &self,
        authorization: Option<&str>,
        params: &Params,
        address: ClientAddress,
    ) -> Result<Arc<Client>, Refusal> {
        self.may_try(address)?;
        let found = self.known_client(authorization, params);
        if found
            .as_ref()
            .is_err_and(|refusal| refusal.error == "invalid_client")
        {
            self.was_wrong(address);
        }
        found
    }

    fn known_client(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Arc<Client>, Refusal> {
        if let Some(name) = params.malformed() {
            return Err(malformed(name));
        }
        let basic = authorization.and_then(basic_text);
        let (id, secret) = match basic {
            Some(text) => {
                if params.get("client_secret").is_some() {
                    let text = "the client shows its secret in two ways";
                    return Err(Refusal::invalid_request(text));
                }
                let (id, secret) = decode_basic(text).ok_or_else(Refusal::invalid_client)?;
                if params.get("client_id").is_some_and(|other| other != id) {
                    return Err(Refusal::invalid_client());
                }
                (id, Some(secret))
            }
            None => {
                let id = params
                    .owned("client_id")
                    .ok_or_else(Refusal::invalid_client)?;
                (id, params.owned("client_secret"))
            }
        };
        let client = self.client(&id).ok_or_else(Refusal::invalid_client)?;
        let good = match (client.kind, secret) {
            (ClientKind::Public, None) => true,
            (ClientKind::Confidential, Some(secret)) => {
                let digest = Purpose::Client.digest(&secret);
                client
                    .secrets
                    .iter()
                    .any(|kept| same(&kept.digest, &digest))
            }
            _ => false,
        };
        if good {
            Ok(client)
        } else {
            Err(Refusal::invalid_client())
        }
    }

    /// Nothing where `address` may try a secret or a code.
    pub(crate) fn may_try(&self, address: ClientAddress) -> Result<(), Refusal> {
        self.failures
            .check(&address.rate_key(), Instant::now())
            .map_err(Refusal::limited)
    }

    /// Counts a wrong secret or code.
    pub(crate) fn was_wrong(&self, address: ClientAddress) {
        tracing::info!(client = %address.0, "refused a wrong secret or code of a client");
        self.failures.charge(&address.rate_key(), 1, Instant::now());
    }
}

pub(super) fn malformed(name: &str) -> Refusal {
    let plain: String = name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "_-".contains(*letter))
        .collect();
    Refusal::invalid_request(format!(
        "the parameter {plain} came more than once, or is too long"
    ))
}

fn basic_text(header: &str) -> Option<&str> {
    let (scheme, text) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then(|| text.trim())
}

/// Both halves are form-encoded before they are joined, as RFC 6749 has it.
fn decode_basic(text: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |half: &str| {
        form_urlencoded::parse(half.as_bytes())
            .next()
            .map(|(name, _)| name.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}
