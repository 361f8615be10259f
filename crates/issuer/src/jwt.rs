//! Signing tokens and reading them back.
//!
//! The algorithm is ES256 and nothing else: what a token says about its algorithm is compared, never followed.

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

use crate::IssuerError;
use crate::keys::KeyRing;

/// What the header of an access token says (RFC 9068), so that an ID token is never taken for one.
pub(crate) const ACCESS: &str = "at+jwt";
/// What the header of an ID token says.
pub(crate) const ID: &str = "JWT";
/// The longest token that is read.
const MAX_TOKEN: usize = 8 * 1024;

/// The claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) iss: String,
    /// The person's account, or the client where it acts for itself.
    pub(crate) sub: String,
    pub(crate) aud: Vec<String>,
    pub(crate) client_id: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) jti: String,
    pub(crate) scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) auth_time: Option<i64>,
    /// The grant that it lives and dies with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) groups: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
}

/// What a service may know about a person, by the scopes that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonClaims {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preferred_username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email_verified: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) groups: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
}

/// The claims of an ID token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct IdClaims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) auth_time: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    #[serde(flatten)]
    pub(crate) person: PersonClaims,
}

/// Claims that say until when they hold, and who says so.
pub(crate) trait Claims: Serialize + serde::de::DeserializeOwned + Clone {
    /// The `typ` of the header.
    const TYPE: &'static str;
    fn issuer(&self) -> &str;
    fn expires(&self) -> i64;
}

impl Claims for AccessClaims {
    const TYPE: &'static str = ACCESS;
    fn issuer(&self) -> &str {
        &self.iss
    }
    fn expires(&self) -> i64 {
        self.exp
    }
}

impl Claims for IdClaims {
    const TYPE: &'static str = ID;
    fn issuer(&self) -> &str {
        &self.iss
    }
    fn expires(&self) -> i64 {
        self.exp
    }
}

/// The seconds since the epoch, as tokens count.
pub(crate) const fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

/// Signs `claims` with the key of this moment.
pub(crate) fn sign<C: Claims>(
    ring: &KeyRing,
    claims: &C,
    now: Timestamp,
) -> Result<String, IssuerError> {
    let key = ring.signing(now).ok_or(IssuerError::Key)?;
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(C::TYPE.into());
    header.kid = Some(key.id.clone());
    encode(&header, claims, &key.private).map_err(|_| IssuerError::Key)
}

/// The claims of `token`, if it is one of ours, of this type and for this issuer. It may have expired: the caller looks.
pub(crate) fn read<C: Claims>(ring: &KeyRing, issuer: &str, token: &str) -> Option<C> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let header = decode_header(token).ok()?;
    if header.alg != Algorithm::ES256 || header.crit.is_some() {
        return None;
    }
    if !header
        .typ
        .is_some_and(|kind| kind.eq_ignore_ascii_case(C::TYPE))
    {
        return None;
    }
    let key = ring.find(header.kid.as_deref()?)?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Time and issuer are looked at here, since the library would ask the system's clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = decode::<C>(token, &key.public, &validation).ok()?.claims;
    (claims.issuer() == issuer).then_some(claims)
}

/// The claims of `token`, if it is good at `now`.
pub(crate) fn verify<C: Claims>(
    ring: &KeyRing,
    issuer: &str,
    token: &str,
    now: Timestamp,
) -> Option<C> {
    read::<C>(ring, issuer, token).filter(|claims| claims.expires() > seconds(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;
    use crate::secret::encode as base64;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const ISSUER: &str = "https://ops.example.com";

    fn ring() -> KeyRing {
        KeyRing::new(vec![Arc::new(Key::make(NOW, NOW).unwrap())], 1)
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            iss: ISSUER.into(),
            sub: "acc_1".into(),
            aud: vec!["orders".into()],
            client_id: "cli_1".into(),
            exp: seconds(NOW) + 60,
            iat: seconds(NOW),
            jti: "1".into(),
            scope: "openid".into(),
            auth_time: None,
            grant: None,
            groups: None,
            role: None,
        }
    }

    #[test]
    fn a_token_reads_back_until_it_expires() {
        let ring = ring();
        let token = sign(&ring, &claims(), NOW).unwrap();
        assert_eq!(
            verify::<AccessClaims>(&ring, ISSUER, &token, NOW),
            Some(claims())
        );
        let later = NOW.plus_micros(60_000_000);
        assert_eq!(verify::<AccessClaims>(&ring, ISSUER, &token, later), None);
        assert!(read::<AccessClaims>(&ring, ISSUER, &token).is_some());
        assert!(read::<AccessClaims>(&ring, "https://other.example", &token).is_none());
        assert!(
            read::<AccessClaims>(&self::ring(), ISSUER, &token).is_none(),
            "another key"
        );
        assert!(
            read::<IdClaims>(&ring, ISSUER, &token).is_none(),
            "another type"
        );
    }

    #[test]
    fn no_other_algorithm_is_believed() {
        let ring = ring();
        let token = sign(&ring, &claims(), NOW).unwrap();
        let parts: Vec<_> = token.split('.').collect();
        let kid = &ring.keys()[0].id;
        for alg in ["none", "None", "HS256", "RS256", "ES384", ""] {
            let header =
                base64(format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{kid}"}}"#).as_bytes());
            for signature in ["", parts[2]] {
                let forged = format!("{header}.{}.{signature}", parts[1]);
                assert!(
                    read::<AccessClaims>(&ring, ISSUER, &forged).is_none(),
                    "{alg}"
                );
            }
        }
        for broken in [
            "",
            ".",
            "..",
            "a.b.c",
            &"x".repeat(9000),
            &format!("{token}x"),
            parts[1],
        ] {
            assert!(read::<AccessClaims>(&ring, ISSUER, broken).is_none());
        }
    }
}
