//! What the claims of a token must say, apart from its signature.

use serde_json::{Map, Value};
use trunkline_model::Timestamp;

use super::claims::{text, texts};
use super::{IssuerConfig, TokenError};

/// Seconds from 1970 to the year 10000; later times are mistakes, such as milliseconds.
const END_OF_TIME: f64 = 253_402_300_800.0;

/// Whether `typ` of a header is one of an access token.
pub(super) fn check_type(config: &IssuerConfig, typ: Option<&str>) -> Result<(), TokenError> {
    let typ = typ.map(|typ| match typ.get(..12) {
        Some(prefix) if prefix.eq_ignore_ascii_case("application/") => &typ[12..],
        _ => typ,
    });
    let good = if config.types.is_empty() {
        typ.is_none_or(|typ| {
            ["JWT", "at+jwt"]
                .iter()
                .any(|t| typ.eq_ignore_ascii_case(t))
        })
    } else {
        typ.is_some_and(|typ| config.types.iter().any(|t| typ.eq_ignore_ascii_case(t)))
    };
    if good { Ok(()) } else { Err(TokenError::Type) }
}

/// Checks times, audience and required claims at `now`, and says when the token expires.
pub(super) fn check(
    config: &IssuerConfig,
    claims: &Map<String, Value>,
    now: Timestamp,
) -> Result<Timestamp, TokenError> {
    let expires = check_times(claims, i64::from(config.leeway_seconds), now)?;
    check_use(config, claims)?;
    check_audience(config, claims)?;
    for (name, values) in &config.required_claims {
        if !has_one_of(claims.get(name), values) {
            return Err(TokenError::Claim(name.clone()));
        }
    }
    Ok(expires)
}

fn check_times(
    claims: &Map<String, Value>,
    leeway: i64,
    now: Timestamp,
) -> Result<Timestamp, TokenError> {
    let leeway = leeway * 1_000_000;
    let expires = time(claims, "exp")?.ok_or_else(|| TokenError::Claim("exp".into()))?;
    if now >= expires.plus_micros(leeway) {
        return Err(TokenError::Expired);
    }
    for name in ["nbf", "iat"] {
        if time(claims, name)?.is_some_and(|time| time > now.plus_micros(leeway)) {
            return Err(TokenError::Early(name));
        }
    }
    Ok(expires)
}

/// A claim in seconds since 1970, with or without a fraction.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    match value.as_f64() {
        Some(seconds) if (0.0..END_OF_TIME).contains(&seconds) => {
            Ok(Some(Timestamp::from_micros((seconds * 1e6) as i64)))
        }
        _ => Err(TokenError::Claim(name.into())),
    }
}

/// An ID token is told by `token_use` (Cognito), `typ` (Keycloak), or a hash of the token that was given out with it.
fn check_use(config: &IssuerConfig, claims: &Map<String, Value>) -> Result<(), TokenError> {
    let token_use = text(claims, "token_use");
    if !config.accept_id_tokens {
        let named = token_use.as_deref() == Some("id")
            || text(claims, "typ").is_some_and(|typ| typ.eq_ignore_ascii_case("id"));
        if named || claims.contains_key("at_hash") || claims.contains_key("c_hash") {
            return Err(TokenError::IdToken);
        }
    }
    if config.token_use.is_some() && config.token_use != token_use {
        return Err(TokenError::Claim("token_use".into()));
    }
    Ok(())
}

fn check_audience(config: &IssuerConfig, claims: &Map<String, Value>) -> Result<(), TokenError> {
    let meant = match claims.get("aud") {
        Some(audience) => texts(Some(audience)),
        None if config.client_as_audience => {
            text(claims, &config.client_claim).into_iter().collect()
        }
        None => Vec::new(),
    };
    let good = meant
        .iter()
        .any(|audience| config.audiences.contains(audience));
    if good {
        Ok(())
    } else {
        Err(TokenError::Audience)
    }
}

fn has_one_of(value: Option<&Value>, wanted: &[String]) -> bool {
    let fits = |value: &Value| match value {
        Value::String(text) => wanted.contains(text),
        Value::Bool(_) | Value::Number(_) => wanted.contains(&value.to_string()),
        _ => false,
    };
    match value {
        None | Some(Value::Null) => false,
        Some(_) if wanted.is_empty() => true,
        Some(Value::Array(items)) => items.iter().any(fits),
        Some(value) => fits(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);
    const SECOND: i64 = 1_795_543_200;

    fn outcome(config: &IssuerConfig, more: Value) -> Result<Timestamp, TokenError> {
        let mut claims = json!({"aud": "shop", "exp": SECOND + 60});
        let Value::Object(more) = more else {
            panic!("an object is needed")
        };
        for (name, value) in more {
            claims[name] = value;
        }
        check(config, claims.as_object().unwrap(), NOW)
    }

    fn config() -> IssuerConfig {
        IssuerConfig::new("a", "https://a.example", &["shop", "stock"])
    }

    #[test]
    fn times_hold_with_the_leeway_and_no_longer() {
        let config = config();
        let good = |more| outcome(&config, more);
        assert!(good(json!({"exp": SECOND - 29})).is_ok());
        assert_eq!(good(json!({"exp": SECOND - 30})), Err(TokenError::Expired));
        assert!(good(json!({"exp": SECOND as f64 + 0.5})).is_ok());
        for name in ["nbf", "iat"] {
            assert!(good(json!({name: SECOND + 30})).is_ok());
            assert_eq!(
                good(json!({name: SECOND + 31})),
                Err(TokenError::Early(name))
            );
        }
        for wrong in [
            json!(null),
            json!("soon"),
            json!(-1),
            json!(1e300),
            json!([]),
        ] {
            assert_eq!(
                good(json!({"exp": wrong})),
                Err(TokenError::Claim("exp".into()))
            );
        }
        let without = check(&config, json!({"aud": "shop"}).as_object().unwrap(), NOW);
        assert_eq!(without, Err(TokenError::Claim("exp".into())));
    }

    #[test]
    fn the_audience_must_be_one_of_ours() {
        let mut config = config();
        assert!(outcome(&config, json!({"aud": ["other", "stock"]})).is_ok());
        for wrong in [
            json!("other"),
            json!([]),
            json!(null),
            json!(7),
            json!("shop stock"),
        ] {
            assert_eq!(
                outcome(&config, json!({"aud": wrong})),
                Err(TokenError::Audience)
            );
        }
        let bare = json!({"exp": SECOND + 60, "client_id": "shop"});
        let bare = bare.as_object().unwrap();
        assert_eq!(check(&config, bare, NOW), Err(TokenError::Audience));
        config.client_as_audience = true;
        assert!(check(&config, bare, NOW).is_ok());
        let wrong = outcome(&config, json!({"aud": "other", "client_id": "shop"}));
        assert_eq!(
            wrong,
            Err(TokenError::Audience),
            "a client does not outweigh `aud`"
        );
    }

    #[test]
    fn an_id_token_opens_nothing_unless_it_is_said() {
        let mut config = config();
        for sign in [
            json!({"at_hash": "x"}),
            json!({"c_hash": "x"}),
            json!({"typ": "ID"}),
            json!({"token_use": "id"}),
        ] {
            assert_eq!(outcome(&config, sign), Err(TokenError::IdToken));
        }
        config.accept_id_tokens = true;
        assert!(outcome(&config, json!({"at_hash": "x"})).is_ok());
        config.token_use = Some("access".into());
        let refused = Err(TokenError::Claim("token_use".into()));
        assert_eq!(outcome(&config, json!({})), refused);
        assert_eq!(outcome(&config, json!({"token_use": "id"})), refused);
        assert!(outcome(&config, json!({"token_use": "access"})).is_ok());
    }

    #[test]
    fn required_claims_are_there_with_a_wanted_value() {
        let mut config = config();
        config
            .required_claims
            .insert("tenant".into(), vec!["red".into(), "true".into()]);
        for good in [json!("red"), json!(["blue", "red"]), json!(true)] {
            assert!(outcome(&config, json!({"tenant": good})).is_ok());
        }
        for wrong in [json!("blue"), json!(null), json!([]), json!({"red": 1})] {
            let refused = Err(TokenError::Claim("tenant".into()));
            assert_eq!(outcome(&config, json!({"tenant": wrong})), refused);
        }
        config.required_claims.insert("tenant".into(), Vec::new());
        assert!(outcome(&config, json!({"tenant": 7})).is_ok());
        assert!(outcome(&config, json!({})).is_err());
    }

    #[test]
    fn the_type_is_one_of_an_access_token() {
        let mut config = config();
        for good in [
            None,
            Some("JWT"),
            Some("jwt"),
            Some("at+jwt"),
            Some("application/at+JWT"),
        ] {
            assert!(check_type(&config, good).is_ok(), "{good:?}");
        }
        for wrong in ["logout+jwt", "dpop+jwt", "", "application/", "äöüäöüäöü"] {
            assert_eq!(check_type(&config, Some(wrong)), Err(TokenError::Type));
        }
        config.types = vec!["at+jwt".into()];
        assert_eq!(check_type(&config, None), Err(TokenError::Type));
        assert_eq!(check_type(&config, Some("JWT")), Err(TokenError::Type));
        assert!(check_type(&config, Some("AT+JWT")).is_ok());
    }
}
