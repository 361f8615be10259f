//! Other issuers of identities.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_model::Role;

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
