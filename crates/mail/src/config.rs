//! How mails are sent.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The section `[access.mail]`: a server that takes mails by SMTP.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The server's host name.
    pub host: String,
    /// Its port; 587, 465 or 25 by `tls` where it is missing.
    pub port: Option<u16>,
    /// Whom mails come from, such as `Trunkline <trunkline@example.com>`.
    pub from: String,
    /// The user as which to sign in at the server.
    pub username: Option<String>,
    /// The file with that user's password.
    pub password_file: Option<PathBuf>,
    /// How the connection is kept secret.
    #[serde(default)]
    pub tls: MailTls,
}

/// How the connection to the mail server is kept secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// It begins in plain text and must change to TLS before anything is said.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Never: for a server on the same machine.
    None,
}
