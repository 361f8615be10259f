//! What a token is good for: introspection and the userinfo endpoint.

use serde::Serialize;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::mint::person_claims;
use crate::IssuerError;
use crate::jwt::{AccessClaims, IdClaims, read, seconds, verify};
use crate::model::{Client, OPENID, Refusal, join, split};
use crate::secret::Purpose;
use crate::store::grant::is_live;
use crate::store::refresh::find_refresh;

/// The answer of RFC 7662. A token that is not good, or none of the asker's business, is inactive and nothing else.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Inspection {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    claims: Option<Value>,
}

impl Issuer {
    /// The claims of an access token that is good now, all things considered.
    async fn live_access(&self, text: &str) -> Result<Option<AccessClaims>, IssuerError> {
        let Some(claims) = verify::<AccessClaims>(&self.ring(), &self.url, text, self.now()) else {
            return Ok(None);
        };
        let refused = self.is_revoked(&claims.jti) || self.is_revoked(&claims.client_id);
        let grant_gone = match &claims.grant {
            Some(grant) => !is_live(self.store.readers(), grant).await?,
            None => false,
        };
        if refused || grant_gone {
            return Ok(None);
        }
        Ok(Some(claims))
    }

    /// What `text` is, as far as it is the business of `client`: its own token, or one that is for the same services.
    pub(crate) async fn inspect(
        &self,
        client: &Client,
        text: &str,
    ) -> Result<Inspection, IssuerError> {
        if let Some(claims) = self.live_access(text).await? {
            let shared = claims
                .aud
                .iter()
                .any(|name| client.settings.audiences.contains(name));
            if !shared && claims.client_id != client.id.to_string() {
                return Ok(Inspection::default());
            }
            let is_person = claims.grant.is_some();
            if is_person && !self.is_welcome(&claims.sub).await? {
                return Ok(Inspection::default());
            }
            let mut shown = serde_json::to_value(&claims).unwrap_or_default();
            if let Some(map) = shown.as_object_mut() {
                map.insert("token_type".into(), "Bearer".into());
                map.remove("grant");
            }
            return Ok(Inspection {
                active: true,
                claims: Some(shown),
            });
        }
        let now = self.now();
        let mut reader = self.store.readers().acquire().await?;
        let found = find_refresh(&mut reader, Purpose::Refresh.digest(text)).await?;
        drop(reader);
        let idle = i64::from(self.config.refresh_idle_days) * super::issuer::DAY;
        let Some(found) = found.filter(|found| {
            let own = found.grant.approval.client == client.id;
            let fresh = now.micros_since(found.made) < idle;
            own && fresh && found.used.is_none() && found.grant.revoked.is_none()
        }) else {
            return Ok(Inspection::default());
        };
        let approval = &found.grant.approval;
        if !self.is_welcome(&approval.subject).await? {
            return Ok(Inspection::default());
        }
        let claims = json!({
            "iss": self.url, "sub": approval.subject, "client_id": client.id,
            "scope": join(&approval.scopes), "exp": seconds(found.made.plus_micros(idle)), "iat": seconds(found.made),
        });
        Ok(Inspection {
            active: true,
            claims: Some(claims),
        })
    }

    async fn is_welcome(&self, account: &str) -> Result<bool, IssuerError> {
        let person = self
            .people
            .person(account)
            .await
            .map_err(IssuerError::People)?;
        Ok(person.is_some_and(|person| !person.disabled))
    }

    /// What the bearer of `text` may know about its person.
    pub(crate) async fn user_info(&self, text: &str) -> Result<Value, Refusal> {
        let invalid = || {
            Refusal::new(
                "invalid_token",
                "the access token is unknown, expired or was taken back",
            )
        };
        let claims = self.live_access(text).await?.ok_or_else(invalid)?;
        let scopes = split(&claims.scope);
        if claims.grant.is_none() || !scopes.iter().any(|scope| scope == OPENID) {
            return Err(Refusal::new(
                "insufficient_scope",
                "the access token lacks the scope openid",
            ));
        }
        let person = self
            .people
            .person(&claims.sub)
            .await
            .map_err(IssuerError::People)?;
        let person = person
            .filter(|person| !person.disabled)
            .ok_or_else(invalid)?;
        let mut shown = serde_json::to_value(person_claims(&person, &scopes)).unwrap_or_default();
        if let Some(map) = shown.as_object_mut() {
            map.insert("sub".into(), person.id.into());
        }
        Ok(shown)
    }

    /// The client and the person of an ID token of ours, however old it is: a hint, never a proof of who asks now.
    pub(crate) fn hint(&self, id_token: &str) -> Option<(String, String)> {
        let claims = read::<IdClaims>(&self.ring(), &self.url, id_token)?;
        Some((claims.aud, claims.sub))
    }
}
