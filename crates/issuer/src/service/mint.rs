//! What a grant's tokens say.

use serde::Serialize;
use trunkline_model::Timestamp;
use trunkline_store::Transaction;

use super::issuer::Issuer;
use crate::events::TokenGranted;
use crate::jwt::{AccessClaims, IdClaims, PersonClaims, seconds, sign};
use crate::model::{Client, GROUPS, Grant, OPENID, join};
use crate::secret::{Secret, encode, sha256};
use crate::{IssuerError, Person};

/// Teams never appear under this prefix, so that nobody becomes an owner by the name of a team.
const ROLE_PREFIX: &str = "role:";

/// The answer of the token endpoint.
#[derive(Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    /// Seconds for which the access token is good.
    pub(crate) expires_in: i64,
    pub(crate) scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
}

/// What a set of tokens is made from.
pub(super) struct Order<'a> {
    pub(super) client: &'a Client,
    pub(super) grant: &'a Grant,
    pub(super) person: &'a Person,
    /// Of the grant's scopes, those that are wanted now.
    pub(super) scopes: &'a [String],
    pub(super) refresh: Option<Secret>,
    /// The way by which they are got, for the event.
    pub(super) flow: &'static str,
    pub(super) now: Timestamp,
}

impl Issuer {
    /// Makes the tokens of `order` and writes the event of it.
    pub(super) async fn mint(
        &self,
        transaction: &mut Transaction,
        order: Order<'_>,
    ) -> Result<TokenAnswer, IssuerError> {
        let (grant, now) = (order.grant, order.now);
        let shown = person_claims(order.person, order.scopes);
        let claims = AccessClaims {
            auth_time: Some(seconds(grant.approval.auth_time)),
            grant: Some(grant.id.clone()),
            groups: shown.groups.clone(),
            role: shown.role.clone(),
            ..self.access_claims(order.client, &order.person.id, order.scopes, now)
        };
        let access_token = sign(&self.ring(), &claims, now)?;
        let wants_id = order.scopes.iter().any(|scope| scope == OPENID);
        let id_token = if wants_id {
            let claims = self.id_claims(&order, shown, &access_token);
            Some(sign(&self.ring(), &claims, now)?)
        } else {
            None
        };
        let payload = TokenGranted {
            client: &claims.client_id,
            subject: &claims.sub,
            flow: order.flow,
            grant: Some(&grant.id),
            token: &claims.jti,
            scopes: &claims.scope,
            audience: &claims.aud,
        };
        self.record(transaction, &claims.client_id, now, &payload)
            .await?;
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: claims.exp - claims.iat,
            scope: claims.scope,
            refresh_token: order.refresh.map(|secret| secret.reveal().into()),
            id_token,
        })
    }

    /// The claims of an access token of `client` for `subject`.
    pub(super) fn access_claims(
        &self,
        client: &Client,
        subject: &str,
        scopes: &[String],
        now: Timestamp,
    ) -> AccessClaims {
        let audiences = &client.settings.audiences;
        AccessClaims {
            iss: self.url.clone(),
            sub: subject.into(),
            aud: if audiences.is_empty() {
                vec![self.url.clone()]
            } else {
                audiences.clone()
            },
            client_id: client.id.to_string(),
            exp: seconds(now.plus_micros(self.access_life())),
            iat: seconds(now),
            jti: self.ids.ulid(now).to_string(),
            scope: join(scopes),
            auth_time: None,
            grant: None,
            groups: None,
            role: None,
        }
    }

    fn id_claims(&self, order: &Order<'_>, person: PersonClaims, access_token: &str) -> IdClaims {
        let hash = sha256(&[access_token.as_bytes()]);
        let approval = &order.grant.approval;
        IdClaims {
            iss: self.url.clone(),
            sub: order.person.id.clone(),
            aud: order.client.id.to_string(),
            exp: seconds(order.now.plus_micros(self.access_life())),
            iat: seconds(order.now),
            auth_time: seconds(approval.auth_time),
            // A later ID token need not repeat it (OpenID Connect Core, section 12.2).
            nonce: approval
                .nonce
                .clone()
                .filter(|_| order.flow != "refresh_token"),
            at_hash: Some(encode(hash.get(..16).unwrap_or_default())),
            amr: approval.methods.clone(),
            person,
        }
    }
}

/// What `scopes` let a client know about `person`.
pub(super) fn person_claims(person: &Person, scopes: &[String]) -> PersonClaims {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let mut claims = PersonClaims::default();
    if has("profile") {
        claims.name = Some(person.name.clone());
        claims.preferred_username = Some(person.name.clone());
    }
    if has("email") && person.email.is_some() {
        claims.email.clone_from(&person.email);
        claims.email_verified = Some(person.email_verified);
    }
    if has(GROUPS) {
        claims.groups = Some(groups(&person.teams, person.role.name()));
        claims.role = Some(person.role.name().into());
    }
    claims
}

/// The teams, and the role as `role:<name>`.
pub(super) fn groups(teams: &[String], role: &str) -> Vec<String> {
    teams
        .iter()
        .filter(|team| !team.starts_with(ROLE_PREFIX))
        .cloned()
        .chain([format!("{ROLE_PREFIX}{role}")])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::Role;

    #[test]
    fn a_client_learns_what_its_scopes_say_and_no_more() {
        let person = Person {
            id: "acc_1".into(),
            name: "Ada".into(),
            email: Some("ada@example.com".into()),
            email_verified: true,
            role: Role::Developer,
            teams: vec!["payments".into(), "role:owner".into()],
            disabled: false,
        };
        let claims = |text: &str| person_claims(&person, &crate::model::split(text));
        assert_eq!(claims("openid"), PersonClaims::default());
        assert_eq!(claims("profile").name.as_deref(), Some("Ada"));
        assert_eq!(claims("profile").email, None);
        assert_eq!(claims("email").email_verified, Some(true));
        let groups = claims("groups").groups.unwrap();
        assert_eq!(
            groups,
            ["payments", "role:developer"],
            "no team makes an owner"
        );
    }
}
