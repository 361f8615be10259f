//! The section `[access]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_mail::MailConfig;
use trunkline_proof::IssuerConfig;

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
