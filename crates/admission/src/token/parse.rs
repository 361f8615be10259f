//! Takes a token apart. Nothing here is believed until the signature is checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{SignatureAlgorithm, TokenError};

/// The most bytes of a token.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

/// The most bytes of a key's id.
const MAX_KID: usize = 512;

/// Members of a header that would change what the token means, or bring keys of their own.
const REFUSED: [&str; 7] = ["crit", "jku", "x5u", "jwk", "b64", "zip", "enc"];

/// A token whose signature was not checked.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    /// What is signed: header and claims, as they were sent.
    pub(super) signed: &'a str,
    /// The signature in base64.
    pub(super) signature: &'a str,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
    pub(super) claims: Map<String, Value>,
}

/// Takes `token` apart.
pub(super) fn parse(token: &str) -> Result<Unverified<'_>, TokenError> {
    if token.len() > MAX_TOKEN {
        return Err(TokenError::TooLarge);
    }
    let not_three = TokenError::Malformed("it does not have three parts");
    let (signed, signature) = token.rsplit_once('.').ok_or(not_three.clone())?;
    let (header, claims) = signed.split_once('.').ok_or(not_three.clone())?;
    if claims.contains('.') {
        return Err(not_three);
    }
    let header = object(header).ok_or(TokenError::Malformed("its header cannot be read"))?;
    for name in REFUSED {
        if header.contains_key(name) {
            return Err(TokenError::HeaderRefused(name));
        }
    }
    let algorithm = match header.get("alg") {
        Some(Value::String(name)) => {
            SignatureAlgorithm::named(name).ok_or(TokenError::Algorithm)?
        }
        _ => return Err(TokenError::Malformed("its header has no `alg`")),
    };
    let kid = text(&header, "kid").ok_or(TokenError::Malformed("its `kid` is not a text"))?;
    if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID) {
        return Err(TokenError::Malformed("its `kid` is too long"));
    }
    let typ = text(&header, "typ").ok_or(TokenError::Malformed("its `typ` is not a text"))?;
    if signature.is_empty() {
        return Err(TokenError::Malformed("it has no signature"));
    }
    let claims = object(claims).ok_or(TokenError::Malformed("its claims cannot be read"))?;
    Ok(Unverified {
        signed,
        signature,
        algorithm,
        kid,
        typ,
        claims,
    })
}

/// The JSON object that `part` holds in base64.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A member that is a text or missing.
fn text(header: &Map<String, Value>, name: &str) -> Option<Option<String>> {
    match header.get(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode("{}")
        )
    }

    fn refusal(token: &str) -> TokenError {
        parse(token).unwrap_err()
    }

    #[test]
    fn a_header_cannot_bring_keys_or_change_the_meaning() {
        for name in REFUSED {
            for value in ["null", "[\"exp\"]", "{}", "false"] {
                let header = format!(r#"{{"alg":"RS256","kid":"k","{name}":{value}}}"#);
                assert_eq!(refusal(&token(&header)), TokenError::HeaderRefused(name));
            }
        }
    }

    #[test]
    fn only_asymmetric_algorithms_exist() {
        for alg in [
            "none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "rs256", "ES256K", "",
        ] {
            let header = format!(r#"{{"alg":"{alg}","kid":"k"}}"#);
            assert_eq!(refusal(&token(&header)), TokenError::Algorithm, "{alg}");
        }
        assert!(parse(&token(r#"{"alg":"EdDSA"}"#)).is_ok());
    }

    #[test]
    fn what_is_not_a_token_is_refused() {
        for text in ["", ".", "..", "a.b", "a.b.c.d", "{}.{}.", "é.é.é"] {
            assert!(matches!(refusal(text), TokenError::Malformed(_)), "{text}");
        }
        for header in [
            "[]",
            "{",
            r#"{"alg":1}"#,
            r#"{"alg":"RS256","kid":7}"#,
            "{}",
        ] {
            assert!(
                matches!(refusal(&token(header)), TokenError::Malformed(_)),
                "{header}"
            );
        }
        let unsigned = token(r#"{"alg":"RS256"}"#);
        let unsigned = unsigned.trim_end_matches("c2ln");
        assert_eq!(
            refusal(unsigned),
            TokenError::Malformed("it has no signature")
        );
        assert_eq!(refusal(&"a".repeat(64 * 1024)), TokenError::TooLarge);
    }
}
