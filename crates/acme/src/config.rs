//! What to ask of an ACME server.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Certificates from an ACME server (RFC 8555).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcmeConfig {
    /// The address of the server's directory, such as `https://acme-v02.api.letsencrypt.org/directory`.
    pub directory: String,
    /// The names that a certificate is for. Each of them must lead, at port 80, to the listener without TLS, which answers the challenges.
    pub names: Vec<String>,
    /// Whether the server's terms are agreed to; nothing is asked of it otherwise.
    pub agree_to_terms: bool,
    /// The address of mail to which the server may write.
    #[serde(default)]
    pub contact: Option<String>,
    /// A PEM file with the root of the server's own certificate, where no public authority gave it.
    #[serde(default)]
    pub root: Option<PathBuf>,
    /// Where the account and the certificate are kept; `acme` in the data directory where it is missing.
    #[serde(default)]
    pub folder: PathBuf,
}

impl AcmeConfig {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        if !self.agree_to_terms {
            return Some("`agree_to_terms` has to be true: read the terms of the server first");
        }
        if !self.directory.starts_with("https://") {
            return Some("`directory` has to be an https URL");
        }
        if self.names.is_empty() || self.names.len() > 100 {
            return Some("`names` has to have 1 to 100 names");
        }
        if self.names.iter().any(|name| name.starts_with('*')) {
            return Some(
                "a name with `*` cannot be proven over HTTP: name each host, or name a certificate's files",
            );
        }
        None
    }
}
