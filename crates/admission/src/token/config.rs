//! How an issuer is configured.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::IssuerError;

/// An algorithm with which an issuer may sign. `none` and the symmetric ones (HS256 and its like) cannot be said.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum SignatureAlgorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    #[serde(rename = "RS512")]
    Rs512,
    /// RSA PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSA PSS with SHA-384.
    #[serde(rename = "PS384")]
    Ps384,
    /// RSA PSS with SHA-512.
    #[serde(rename = "PS512")]
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SignatureAlgorithm {
    const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name in headers and key sets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm with this name; case matters, as the standard says.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    /// Whether an RSA key is needed for it.
    pub(super) const fn is_rsa(self) -> bool {
        !matches!(self, Self::Es256 | Self::Es384 | Self::EdDsa)
    }
}

/// An issuer whose tokens are taken, such as Cognito, Google, Keycloak or the platform itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The name by which routes and people call it.
    pub name: String,
    /// The issuer's URL. The claim `iss` must be equal to it, letter for letter.
    pub issuer: String,
    /// For whom a token must be meant; one of them must be in the claim `aud`.
    pub audiences: Vec<String>,
    /// Whether the client stands in for the audience when a token has no `aud`. Cognito's access tokens have none.
    #[serde(default)]
    pub client_as_audience: bool,
    /// The algorithms with which the issuer may sign. A key of its set is good for one of them only.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<SignatureAlgorithm>,
    /// Where the issuer's keys lie. Without it they are found by `<issuer>/.well-known/openid-configuration`.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// Whether this is the platform's own issuer, whose keys need not be fetched.
    #[serde(default)]
    pub own_keys: bool,
    /// Claims that a token must have, each with the values of which it must have one; an empty list takes any value.
    #[serde(default)]
    pub required_claims: BTreeMap<String, Vec<String>>,
    /// What the claim `token_use` must be. For Cognito's access tokens it is `access`.
    #[serde(default)]
    pub token_use: Option<String>,
    /// What `typ` in the token's header may be, such as `at+jwt`. Without it: nothing, `JWT` or `at+jwt`.
    #[serde(default)]
    pub types: Vec<String>,
    /// Whether ID tokens are taken too, which are not meant for that. Google gives nothing else.
    #[serde(default)]
    pub accept_id_tokens: bool,
    /// Whether a token without `kid` is taken while the issuer has a single key.
    #[serde(default)]
    pub accept_without_kid: bool,
    /// The claim that names the subject.
    #[serde(default = "default_subject")]
    pub subject_claim: String,
    /// The claim that has the scopes, as a list or as words with spaces between them.
    #[serde(default = "default_scope")]
    pub scope_claim: String,
    /// The claim that names the client. Keycloak and Google call it `azp`.
    #[serde(default = "default_client")]
    pub client_claim: String,
    /// The claim that has the groups. Cognito calls it `cognito:groups`.
    #[serde(default = "default_groups")]
    pub groups_claim: String,
    /// Seconds by which the clocks of the issuer and of this machine may differ; at most 300.
    #[serde(default = "default_leeway")]
    pub leeway_seconds: u32,
}

fn default_algorithms() -> Vec<SignatureAlgorithm> {
    use SignatureAlgorithm::{EdDsa, Es256, Rs256};
    vec![Rs256, Es256, EdDsa]
}

fn default_subject() -> String {
    "sub".into()
}

fn default_scope() -> String {
    "scope".into()
}

fn default_client() -> String {
    "client_id".into()
}

fn default_groups() -> String {
    "groups".into()
}

const fn default_leeway() -> u32 {
    30
}

impl IssuerConfig {
    /// An issuer with the defaults of the configuration.
    #[must_use]
    pub fn new(name: impl Into<String>, issuer: impl Into<String>, audiences: &[&str]) -> Self {
        Self {
            name: name.into(),
            issuer: issuer.into(),
            audiences: audiences.iter().map(ToString::to_string).collect(),
            client_as_audience: false,
            algorithms: default_algorithms(),
            jwks_url: None,
            own_keys: false,
            required_claims: BTreeMap::new(),
            token_use: None,
            types: Vec::new(),
            accept_id_tokens: false,
            accept_without_kid: false,
            subject_claim: default_subject(),
            scope_claim: default_scope(),
            client_claim: default_client(),
            groups_claim: default_groups(),
            leeway_seconds: default_leeway(),
        }
    }

    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), IssuerError> {
        let reason = self.problem();
        reason.map_or(Ok(()), |reason| {
            Err(IssuerError {
                issuer: self.name.chars().take(64).collect(),
                reason,
            })
        })
    }

    fn problem(&self) -> Option<&'static str> {
        let name_ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(name_ok) {
            return Some("`name` has to be 1 to 64 letters, digits, `.`, `_` or `-`");
        }
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            return Some(
                "`audiences` has to name at least one audience, or any token of the issuer would open every door",
            );
        }
        if self.algorithms.is_empty() {
            return Some("`algorithms` has to name at least one algorithm");
        }
        if self.leeway_seconds > 300 {
            return Some("`leeway_seconds` has to be at most 300");
        }
        if self.own_keys {
            return self
                .jwks_url
                .is_some()
                .then_some("`own_keys` and `jwks_url` exclude each other");
        }
        if !is_trusted_url(&self.issuer) {
            return Some("`issuer` has to be an https URL without query and fragment");
        }
        let jwks_ok = self.jwks_url.as_deref().is_none_or(is_trusted_key_url);
        (!jwks_ok).then_some("`jwks_url` has to be an https URL")
    }
}

/// Whether an issuer may have this URL: TLS, or this machine.
fn is_trusted_url(text: &str) -> bool {
    is_trusted_key_url(text) && !text.contains(['?', '#'])
}

/// Whether keys may be fetched from there: over TLS, or from this machine. Whether this machine is a good address is decided by who
/// fetches.
pub(super) fn is_trusted_key_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    match url.scheme() {
        "https" => url.has_host(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_or_this_machine_is_trusted() {
        for good in [
            "https://id.example.com",
            "http://127.0.0.1:9000/x",
            "http://[::1]:1",
        ] {
            assert!(is_trusted_url(good), "{good}");
        }
        for bad in [
            "http://id.example.com",
            "https://u:p@id.example.com",
            "https://id.example.com?x",
            "ftp://localhost",
            "file:///etc/passwd",
            "id",
        ] {
            assert!(!is_trusted_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_file_cannot_say_none_or_a_symmetric_algorithm() {
        for name in ["none", "HS256", "rs256"] {
            let json = format!(
                r#"{{"name":"a","issuer":"https://a","audiences":["x"],"algorithms":["{name}"]}}"#
            );
            assert!(
                serde_json::from_str::<IssuerConfig>(&json).is_err(),
                "{name}"
            );
        }
        let minimal = r#"{"name":"a","issuer":"https://a","audiences":["x"]}"#;
        let config: IssuerConfig = serde_json::from_str(minimal).unwrap();
        assert_eq!(config, IssuerConfig::new("a", "https://a", &["x"]));
        assert!(
            serde_json::from_str::<IssuerConfig>(&minimal.replace("name", "nom")).is_err(),
            "unknown fields are refused"
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = IssuerConfig::new("a", "https://a.example", &["x"]);
        assert_eq!(good.check(), Ok(()));
        let mut bad = good.clone();
        bad.audiences.clear();
        assert!(bad.check().unwrap_err().reason.contains("audiences"));
        let mut bad = good.clone();
        bad.own_keys = true;
        bad.jwks_url = Some("https://a.example/jwks".into());
        assert!(bad.check().unwrap_err().reason.contains("exclude"));
        let mut bad = good;
        bad.jwks_url = Some("http://169.254.169.254/jwks".into());
        assert!(bad.check().unwrap_err().reason.contains("jwks_url"));
    }
}
