//! The section `[access]` of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_model::Role;

/// How people and programs come in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// The address at which people reach the platform, such as `https://trunkline.example.com`. Sign-in links begin with it, and
    /// cookies are kept to TLS when it begins with `https`. Where it is missing, a link takes the host of the request.
    pub public_url: Option<String>,
    /// The name of the account that the first start makes.
    pub owner_name: String,
    /// Minutes after which a sign-in link is no longer good.
    pub link_minutes: u32,
    /// Days after which a session ends when nobody uses it.
    pub session_idle_days: u32,
    /// Days after which a session ends in any case.
    pub session_max_days: u32,
    /// Wrong credentials that one address may show at once; the same one again does not count.
    pub failures_burst: u32,
    /// Wrong credentials that one address may show in a minute after that.
    pub failures_per_minute: u32,
    /// Hours after which an invitation is no longer good.
    pub invitation_hours: u32,
    /// How mails are sent: invitations and links to set a new password. Needs `public_url`. Without it no mail is sent.
    pub mail: Option<MailConfig>,
    /// Other issuers of identities with which people may sign in, such as Cognito, Google or Keycloak.
    pub issuers: Vec<IssuerConfig>,
}

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

/// A section `[[access.issuers]]`: an OpenID Connect issuer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// Its id in addresses: lower-case letters, digits and `-`.
    pub id: String,
    /// The name on the button of the sign-in page.
    pub name: String,
    /// Its address, to which `/.well-known/openid-configuration` is added. Plain HTTP only on this machine.
    pub issuer: String,
    /// The id under which the issuer knows this platform.
    pub client_id: String,
    /// The file with the secret that belongs to it; none for a public client.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for beside `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// The claim of the ID token that lists groups, such as `cognito:groups`.
    pub groups_claim: Option<String>,
    /// What belonging to a group means here. The highest role of somebody's groups counts, and the teams of all of them.
    #[serde(default)]
    pub groups: BTreeMap<String, GroupConfig>,
    /// The role of who is in none of the groups; where it is missing, nobody joins without a group.
    #[schemars(with = "Option<String>")]
    pub default_role: Option<Role>,
    /// Domains of emails that may sign in; every one where the list is empty.
    #[serde(default)]
    pub allowed_domains: Vec<String>,
    /// Whether an unknown person gets an account. Otherwise only who has one with the same email may sign in.
    #[serde(default)]
    pub create_people: bool,
}

/// What belonging to a group of an issuer means here.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupConfig {
    /// The role of its people: `viewer`, `developer`, `operator` or `owner`.
    #[schemars(with = "Option<String>")]
    pub role: Option<Role>,
    /// Teams that its people belong to. Such a team is the issuer's: who leaves the group leaves the team.
    pub teams: Vec<String>,
}

fn default_scopes() -> Vec<String> {
    vec!["email".into(), "profile".into()]
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            owner_name: "owner".into(),
            link_minutes: 15,
            session_idle_days: 30,
            session_max_days: 90,
            failures_burst: 20,
            failures_per_minute: 10,
            invitation_hours: 72,
            mail: None,
            issuers: Vec::new(),
        }
    }
}
