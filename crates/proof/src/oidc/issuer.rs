//! One issuer: what it says of itself, where it is asked, and who it says somebody is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use tokio::sync::Mutex;
use trunkline_model::Timestamp;
use url::Url;

use super::fetch::{client, fetch, may_ask};
use super::types::{Metadata, Relying, Tokens};
use crate::secret::Digest;
use crate::{IssuerConfig, ProofError, Waiting};

/// How long what an issuer says of itself is believed.
const BELIEVED: Duration = Duration::from_secs(60 * 60);

/// How soon it is asked again when a key is not known.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// How long it is still used when the issuer cannot be asked again.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an issuer that did not answer is left alone.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a person may take at the issuer.
const LIFE: Duration = Duration::from_secs(10 * 60);

/// Groups of a person that are looked at.
const MAX_GROUPS: usize = 1_000;

/// A sign-in that waits for the issuer's answer.
pub struct Pending {
    /// The id of the issuer that was asked: the answer of another one is none.
    pub issuer: String,
    /// The hash of the cookie of the browser that began it.
    pub browser: Digest,
    /// Where to go on afterwards.
    pub next: String,
    redirect: RedirectUrl,
    nonce: Nonce,
    verifier: String,
}

/// The verifier is a secret, so what waits is never shown.
impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Who the issuer says somebody is.
#[derive(Debug)]
pub struct Identity {
    /// The name under which the issuer knows it for ever.
    pub subject: String,
    /// The email, if the issuer has verified it.
    pub email: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The groups that the configured claim lists.
    pub groups: Vec<String>,
}

/// All issuers, and the sign-ins that wait for one of them.
#[derive(Debug)]
pub struct Issuers {
    list: Vec<Arc<Issuer>>,
    /// Sign-ins that wait for an answer, by their state.
    pub waiting: Waiting<Pending>,
}

impl Issuers {
    /// # Errors
    /// [`ProofError::Config`] when an issuer cannot be one.
    pub fn new(configs: &[IssuerConfig]) -> Result<Self, ProofError> {
        let http =
            client().map_err(|error| ProofError::Config(format!("access.issuers: {error}")))?;
        let mut list: Vec<Arc<Issuer>> = Vec::new();
        for config in configs {
            if list.iter().any(|other| other.config.id == config.id) {
                return Err(wrong(config, "id", "two issuers have the same"));
            }
            list.push(Arc::new(Issuer::new(config, http.clone())?));
        }
        Ok(Self {
            list,
            waiting: Waiting::new(LIFE),
        })
    }

    /// The issuer with the id `id`.
    pub fn find(&self, id: &str) -> Option<&Arc<Issuer>> {
        self.list.iter().find(|issuer| issuer.config.id == id)
    }

    /// All of them.
    pub fn list(&self) -> &[Arc<Issuer>] {
        &self.list
    }
}

fn wrong(config: &IssuerConfig, what: &str, why: &str) -> ProofError {
    ProofError::Config(format!("access.issuers `{}`: {what}: {why}", config.id))
}

struct Discovered {
    metadata: Metadata,
    at: Instant,
}

/// What is known of an issuer.
#[derive(Default)]
struct Known {
    last: Option<Arc<Discovered>>,
    failed: Option<Instant>,
}

/// One issuer.
pub struct Issuer {
    /// As it is configured.
    pub config: IssuerConfig,
    url: IssuerUrl,
    secret: Option<ClientSecret>,
    http: reqwest::Client,
    known: Mutex<Known>,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("id", &self.config.id)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    fn new(config: &IssuerConfig, http: reqwest::Client) -> Result<Self, ProofError> {
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if config.id.is_empty() || config.id.len() > 32 || !config.id.chars().all(plain) {
            return Err(wrong(
                config,
                "id",
                "use up to 32 lower-case letters, digits and `-`",
            ));
        }
        let url = Url::parse(&config.issuer)
            .map_err(|error| wrong(config, "issuer", &error.to_string()))?;
        if !may_ask(&url) {
            return Err(wrong(
                config,
                "issuer",
                "it must begin with https://, or be on this machine",
            ));
        }
        let secret = match &config.client_secret_file {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| wrong(config, "client_secret_file", &error.to_string()))?;
                Some(ClientSecret::new(text.trim().into()))
            }
            None => None,
        };
        Ok(Self {
            url: IssuerUrl::new(config.issuer.clone())
                .map_err(|error| wrong(config, "issuer", &error.to_string()))?,
            config: config.clone(),
            secret,
            http,
            known: Mutex::default(),
        })
    }

    /// The address of the issuer, by which it is told apart from others.
    pub fn address(&self) -> &str {
        self.url.as_str()
    }

    /// What the issuer says of itself, not older than `oldest` if it can be asked. Many callers ask once, and one that is away is left
    /// alone for a moment, so that they do not queue for each other's time-outs.
    async fn discover(&self, oldest: Duration) -> Result<Arc<Discovered>, ProofError> {
        let mut known = self.known.lock().await;
        if let Some(last) = known
            .last
            .as_ref()
            .filter(|last| last.at.elapsed() < oldest)
        {
            return Ok(Arc::clone(last));
        }
        let away = known.failed.is_some_and(|failed| failed.elapsed() < PAUSE);
        let asked = if away {
            Err(ProofError::IssuerFailed {
                what: "it did not answer a moment ago",
                source: None,
            })
        } else {
            let ask = |request| fetch(self.http.clone(), request);
            Metadata::discover_async(self.url.clone(), &ask)
                .await
                .map_err(|error| failed("its discovery document", error))
        };
        match asked {
            Ok(metadata) => {
                let new = Arc::new(Discovered {
                    metadata,
                    at: Instant::now(),
                });
                known.last = Some(Arc::clone(&new));
                known.failed = None;
                Ok(new)
            }
            Err(error) => {
                if !away {
                    known.failed = Some(Instant::now());
                }
                // What it said an hour ago is most likely still right, and its keys prove it.
                let last = known.last.as_ref().filter(|last| last.at.elapsed() < STALE);
                last.map(Arc::clone).ok_or(error)
            }
        }
    }

    fn relying(&self, discovered: &Discovered, redirect: RedirectUrl) -> Relying {
        let client = ClientId::new(self.config.client_id.clone());
        openidconnect::Client::from_provider_metadata(
            discovered.metadata.clone(),
            client,
            self.secret.clone(),
        )
        .set_redirect_uri(redirect)
    }

    /// The address to send a browser to, the state that its answer carries, and what is kept until then.
    ///
    /// # Errors
    /// [`ProofError::IssuerFailed`] when it cannot be asked.
    pub async fn begin(
        &self,
        redirect: &str,
        state: &str,
        nonce: &str,
        verifier: String,
        browser: Digest,
        next: String,
    ) -> Result<(Url, Pending), ProofError> {
        let discovered = self.discover(BELIEVED).await?;
        let redirect = RedirectUrl::new(redirect.into())
            .map_err(|error| failed("the address of this platform", error))?;
        let relying = self.relying(&discovered, redirect.clone());
        let nonce = Nonce::new(nonce.into());
        let proof = PkceCodeVerifier::new(verifier.clone());
        let (state, kept) = (CsrfToken::new(state.into()), nonce.clone());
        let (url, _, _) = relying
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&proof))
            .url();
        let pending = Pending {
            issuer: self.config.id.clone(),
            browser,
            next,
            redirect,
            nonce: kept,
            verifier,
        };
        Ok((url, pending))
    }

    /// Who the code is for. `iss` is what the answer says of its issuer.
    ///
    /// # Errors
    /// [`ProofError::IssuerFailed`] when the issuer or its ID token is not as it must be, [`ProofError::IssuerState`] when the answer
    /// came from another issuer.
    pub async fn finish(
        &self,
        pending: Pending,
        code: String,
        iss: Option<&str>,
        now: Timestamp,
    ) -> Result<Identity, ProofError> {
        let discovered = self.discover(BELIEVED).await?;
        let named = discovered
            .metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        match iss {
            Some(iss) if iss != self.url.as_str() => return Err(ProofError::IssuerState),
            None if named => return Err(ProofError::IssuerState),
            _ => {}
        }
        let relying = self.relying(&discovered, pending.redirect.clone());
        let ask = |request| fetch(self.http.clone(), request);
        let tokens: Tokens = relying
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| failed("its token endpoint", error))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&ask)
            .await
            .map_err(|error| failed("the code", error))?;
        match self.identity(&relying, &tokens, &pending.nonce, now) {
            // The key may be newer than what is known of the issuer.
            Err(_) if discovered.at.elapsed() >= ASK_AGAIN => {
                let discovered = self.discover(ASK_AGAIN).await?;
                let relying = self.relying(&discovered, pending.redirect);
                self.identity(&relying, &tokens, &pending.nonce, now)
            }
            known => known,
        }
    }

    fn identity(
        &self,
        relying: &Relying,
        tokens: &Tokens,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<Identity, ProofError> {
        let token = tokens.id_token().ok_or(ProofError::IssuerFailed {
            what: "the ID token is missing",
            source: None,
        })?;
        let verifier = relying.id_token_verifier().set_time_fn(move || {
            chrono::DateTime::from_timestamp_micros(now.as_micros()).unwrap_or_default()
        });
        let claims = token
            .claims(&verifier, nonce)
            .map_err(|error| failed("the ID token", error))?;
        let verified = claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| verified);
        let name = claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.as_str().to_owned());
        let groups = self
            .config
            .groups_claim
            .as_ref()
            .and_then(|claim| claims.additional_claims().0.get(claim))
            .map(groups)
            .unwrap_or_default();
        Ok(Identity {
            subject: claims.subject().as_str().into(),
            email: email.map(|email| email.as_str().into()),
            name,
            groups,
        })
    }
}

/// A claim's groups: a list of texts, or one text.
fn groups(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(one) => vec![one.clone()],
        serde_json::Value::Array(many) => many
            .iter()
            .filter_map(|group| group.as_str().map(str::to_owned))
            .take(MAX_GROUPS)
            .collect(),
        _ => Vec::new(),
    }
}

fn failed(
    what: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> ProofError {
    ProofError::IssuerFailed {
        what,
        source: Some(Box::new(source)),
    }
}
