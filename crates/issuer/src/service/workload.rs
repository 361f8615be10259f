//! Short-lived tokens with which a program shows another one who it is.

use serde::Deserialize;
use trunkline_model::{Principal, PrincipalKind, Timestamp};
use utoipa::ToSchema;

use super::issuer::{Issuer, MINUTE};
use super::mint::groups;
use crate::IssuerError;
use crate::events::TokenGranted;
use crate::jwt::{AccessClaims, seconds, sign};
use crate::secret::Secret;

/// Minutes for which a workload token is good at most, and where none are named.
const MAX_MINUTES: u32 = 60;
const MINUTES: u32 = 10;

/// A token that a program wants for itself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkloadRequest {
    /// The service that shall accept it: the `aud` of the token. 1 to 200 plain characters.
    #[schema(example = "https://orders.example.com")]
    pub audience: String,
    /// Minutes for which it is good, 1 to 60; 10 where it is missing.
    pub minutes: Option<u32>,
}

/// A token that a program got for itself.
#[derive(Debug)]
pub struct WorkloadToken {
    /// Its text, shown this once.
    pub text: Secret,
    /// When it stops being good.
    pub expires: Timestamp,
}

impl Issuer {
    /// Makes a token that says who `who` is, for the service `wanted.audience` alone. It says the role and the teams of this moment.
    ///
    /// # Errors
    /// [`IssuerError::WorkloadInvalid`] when it cannot be made like this.
    pub async fn workload_token(
        &self,
        who: &Principal,
        wanted: &WorkloadRequest,
    ) -> Result<WorkloadToken, IssuerError> {
        let audience = &wanted.audience;
        if !(1..=200).contains(&audience.len())
            || !audience.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(IssuerError::WorkloadInvalid(
                "the audience is not 1 to 200 plain characters",
            ));
        }
        if *audience == self.url || self.client(audience).is_some() {
            // Such a token could be taken for one that a person gave.
            return Err(IssuerError::WorkloadInvalid(
                "the audience is the issuer itself, or a client",
            ));
        }
        let minutes = wanted.minutes.unwrap_or(MINUTES);
        if !(1..=MAX_MINUTES).contains(&minutes) {
            return Err(IssuerError::WorkloadInvalid(
                "the token can live for 1 to 60 minutes",
            ));
        }
        if who.kind == PrincipalKind::Platform {
            return Err(IssuerError::WorkloadInvalid(
                "the platform itself needs no token",
            ));
        }
        let now = self.now();
        let expires = now.plus_micros(i64::from(minutes) * MINUTE);
        let claims = AccessClaims {
            iss: self.url.clone(),
            sub: who.id.clone(),
            aud: vec![audience.clone()],
            client_id: who.id.clone(),
            exp: seconds(expires),
            iat: seconds(now),
            jti: self.ids.ulid(now).to_string(),
            scope: String::new(),
            auth_time: None,
            grant: None,
            groups: Some(groups(&who.teams, who.role.name())),
            role: Some(who.role.name().into()),
        };
        let text = sign(&self.ring(), &claims, now)?;
        let payload = TokenGranted {
            client: &claims.client_id,
            subject: &claims.sub,
            flow: "workload",
            grant: None,
            token: &claims.jti,
            scopes: &claims.scope,
            audience: &claims.aud,
        };
        let mut transaction = self.store.begin().await?;
        self.record(&mut transaction, &who.id, now, &payload)
            .await?;
        transaction.commit().await?;
        Ok(WorkloadToken {
            text: text.into(),
            expires,
        })
    }
}
