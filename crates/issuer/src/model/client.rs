//! Clients: the services and programs that sign people in with Trunkline.

use serde::{Deserialize, Serialize};
use trunkline_model::{Timestamp, TypedId, kind};
use utoipa::ToSchema;

use super::{redirect, scope};
use crate::IssuerError;
use crate::secret::Digest;

/// The id of a client; it is the `client_id`.
pub type ClientId = TypedId<kind::Client>;

/// Secrets that a client may have at the same time: the old one and the new one while they are exchanged.
pub(crate) const MAX_SECRETS: usize = 2;

const MAX_URIS: usize = 20;
const MAX_SCOPES: usize = 30;
const MAX_AUDIENCES: usize = 10;

/// Whether a client can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// A page or a program in people's hands: it has none.
    Public,
    /// A service on a server: it shows its secret.
    Confidential,
}

/// A way to come by tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A person signs in with their browser.
    AuthorizationCode,
    /// Tokens are renewed without the person, who gave `offline_access`.
    RefreshToken,
    /// The client acts for itself.
    ClientCredentials,
    /// A person types a code that a device shows.
    DeviceCode,
}

/// What an owner decides about a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// The name that people see when they are asked: 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    #[schema(example = "shop")]
    pub name: String,
    /// Where people come back to: https, or http on a loopback host. Compared as text, as a whole; of a public client's loopback
    /// address the port may vary.
    #[schema(example = json!(["https://shop.example.com/callback"]))]
    pub redirect_uris: Vec<String>,
    /// Where people come back to after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// The scopes that it may ask for.
    pub scopes: Vec<String>,
    /// The `aud` of its access tokens: the services that shall accept them. The issuer itself where there is none.
    pub audiences: Vec<String>,
    /// How it may come by tokens.
    pub grants: Vec<GrantType>,
    /// Whether people are not asked before it learns who they are; for the team's own services.
    pub trusted: bool,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scopes: scope::STANDARD.map(Into::into).to_vec(),
            audiences: Vec::new(),
            grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            trusted: false,
        }
    }
}

/// A change of a client: what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientChange {
    /// See [`ClientSettings::name`].
    pub name: Option<String>,
    /// See [`ClientSettings::redirect_uris`].
    pub redirect_uris: Option<Vec<String>>,
    /// See [`ClientSettings::post_logout_redirect_uris`].
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// See [`ClientSettings::scopes`].
    pub scopes: Option<Vec<String>>,
    /// See [`ClientSettings::audiences`].
    pub audiences: Option<Vec<String>>,
    /// See [`ClientSettings::grants`].
    pub grants: Option<Vec<GrantType>>,
    /// See [`ClientSettings::trusted`].
    pub trusted: Option<bool>,
}

impl ClientSettings {
    /// These settings after `change`.
    #[must_use]
    pub(crate) fn changed(&self, change: ClientChange) -> Self {
        let old = self.clone();
        Self {
            name: change.name.unwrap_or(old.name),
            redirect_uris: change.redirect_uris.unwrap_or(old.redirect_uris),
            post_logout_redirect_uris: change
                .post_logout_redirect_uris
                .unwrap_or(old.post_logout_redirect_uris),
            scopes: change.scopes.unwrap_or(old.scopes),
            audiences: change.audiences.unwrap_or(old.audiences),
            grants: change.grants.unwrap_or(old.grants),
            trusted: change.trusted.unwrap_or(old.trusted),
        }
    }

    /// Nothing where a client of this kind may have these settings.
    ///
    /// # Errors
    /// [`IssuerError::ClientInvalid`], which names the part.
    pub(crate) fn check(&self, kind: ClientKind) -> Result<(), IssuerError> {
        let fail = |text: String| Err(IssuerError::ClientInvalid(text));
        if !is_name(&self.name) {
            return fail("a client cannot have this name".into());
        }
        for (what, uris) in [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            if uris.len() > MAX_URIS {
                return fail(format!("`{what}` has more than {MAX_URIS} entries"));
            }
            for uri in uris {
                if let Err(reason) = redirect::check(uri) {
                    let shown: String = uri.chars().take(100).collect();
                    return fail(format!("`{what}` cannot have `{shown}`: {reason}"));
                }
            }
        }
        if self.scopes.len() > MAX_SCOPES
            || !self.scopes.iter().all(|text| scope::is_well_formed(text))
        {
            return fail(format!(
                "`scopes` has at most {MAX_SCOPES} words of at most 64 plain characters"
            ));
        }
        let audience = |text: &String| {
            (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if self.audiences.len() > MAX_AUDIENCES || !self.audiences.iter().all(audience) {
            return fail(format!(
                "`audiences` has at most {MAX_AUDIENCES} names or addresses of at most 200 plain characters"
            ));
        }
        self.check_grants(kind)
    }

    fn check_grants(&self, kind: ClientKind) -> Result<(), IssuerError> {
        let has = |grant| self.grants.contains(&grant);
        let problem = if self.grants.is_empty() || self.grants.len() > 4 {
            "`grants` names at least one way to come by tokens, each once"
        } else if has(GrantType::AuthorizationCode) && self.redirect_uris.is_empty() {
            "`authorization_code` needs at least one of `redirect_uris`"
        } else if has(GrantType::ClientCredentials) && kind == ClientKind::Public {
            "`client_credentials` is for confidential clients, a public one has no secret to show"
        } else if has(GrantType::RefreshToken)
            && !has(GrantType::AuthorizationCode)
            && !has(GrantType::DeviceCode)
        {
            "`refresh_token` needs `authorization_code` or `device_code`"
        } else {
            return Ok(());
        };
        Err(IssuerError::ClientInvalid(problem.into()))
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || " ._-".contains(letter);
    (1..=64).contains(&name.chars().count()) && name.trim() == name && name.chars().all(allowed)
}

/// A secret of a client, as it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClientSecret {
    /// Its id, to remove it by.
    pub id: String,
    /// Its first characters.
    pub prefix: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    #[serde(skip)]
    pub(crate) digest: Digest,
}

/// A client.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Client {
    /// Its `client_id`.
    #[schema(value_type = String, example = "cli_01KB3Q0G7Q2M1R8V5T4X9Z6Y3W")]
    pub id: ClientId,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// What an owner decided.
    #[serde(flatten)]
    pub settings: ClientSettings,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Its secrets; the texts are not kept.
    pub secrets: Vec<ClientSecret>,
}

impl Client {
    /// Whether it may come by tokens in this way.
    pub(crate) fn may(&self, grant: GrantType) -> bool {
        self.settings.grants.contains(&grant)
    }

    /// Whether a browser may be sent to `uri` with an answer for it.
    pub(crate) fn has_redirect(&self, uri: &str) -> bool {
        let any_port = self.kind == ClientKind::Public;
        self.settings
            .redirect_uris
            .iter()
            .any(|known| redirect::matches(known, uri, any_port))
    }

    /// Those of `scopes` that it may have.
    pub(crate) fn allowed(&self, mut scopes: Vec<String>) -> Vec<String> {
        scopes.retain(|scope| self.settings.scopes.contains(scope));
        scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ClientSettings {
        ClientSettings {
            name: "shop".into(),
            redirect_uris: vec!["https://shop.example.com/cb".into()],
            ..ClientSettings::default()
        }
    }

    #[test]
    fn each_part_is_checked() {
        let confidential = ClientKind::Confidential;
        assert!(settings().check(confidential).is_ok());
        let broken: [fn(&mut ClientSettings); 8] = [
            |it| it.name = " shop".into(),
            |it| it.name = "<b>".into(),
            |it| it.redirect_uris.clear(),
            |it| it.redirect_uris = vec!["https://a.example/#x".into()],
            |it| it.post_logout_redirect_uris = vec!["ftp://a.example".into()],
            |it| it.scopes = vec!["a b".into()],
            |it| it.grants.clear(),
            |it| it.grants = vec![GrantType::RefreshToken],
        ];
        for (index, change) in broken.into_iter().enumerate() {
            let mut changed = settings();
            change(&mut changed);
            assert!(changed.check(confidential).is_err(), "{index}");
        }
        let mut program = settings();
        program.grants = vec![GrantType::ClientCredentials];
        assert!(program.check(confidential).is_ok() && program.check(ClientKind::Public).is_err());
    }
}
