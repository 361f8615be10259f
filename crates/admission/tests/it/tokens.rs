//! Good tokens, and tokens that are good for something else.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use trunkline_admission::{
    Claims, IssuerConfig, OwnKeys, Revocations, TokenError, TokenPorts, TokenVerifier,
};

use crate::support::{
    ISSUER, KEYS, SECONDS, Signer, Site, at, claims, config, ports, verifier, with,
};

#[tokio::test]
async fn good_tokens_pass_and_are_remembered() {
    let signers = [Signer::rsa("r"), Signer::ec("e"), Signer::ed("d")];
    let site = Site::new(&[&signers[0], &signers[1], &signers[2]]);
    let verifier = verifier(&site, config());
    for signer in &signers {
        let token = signer.token(&claims("ada"));
        assert!(verifier.verify_cached(&token, at(0)).is_none());
        let first = verifier.verify(&token, at(0)).await.unwrap();
        assert_eq!((&*first.issuer, &*first.issuer_url), ("id", ISSUER));
        assert_eq!(first.subject, "ada");
        assert_eq!(first.client.as_deref(), Some("cart"));
        assert!(first.has_scope("write") && !first.has_scope("owner"));
        assert_eq!((&*first.groups[0], &*first.audience[0]), ("staff", "shop"));
        assert_eq!(first.expires, at(3_600));
        assert_eq!(first.raw["iat"], SECONDS);
        let again = verifier.verify_cached(&token, at(1)).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }
    assert_eq!(site.fetched(), 1);
    assert_eq!(verifier.remembered(), 3);
}

#[tokio::test]
async fn a_remembered_token_expires_all_the_same() {
    let signer = Signer::ec("e");
    let verifier = verifier(&Site::new(&[&signer]), config());
    let token = signer.token(&claims("ada"));
    assert!(verifier.verify(&token, at(0)).await.is_ok());
    assert!(verifier.verify_cached(&token, at(3_629)).is_some());
    assert!(verifier.verify_cached(&token, at(3_630)).is_none());
    let late = verifier.verify(&token, at(3_630)).await;
    assert_eq!(late, Err(TokenError::Expired));
}

#[tokio::test]
async fn times_issuer_and_audience_are_checked_with_good_signatures_too() {
    let signer = Signer::ec("e");
    let verifier = verifier(&Site::new(&[&signer]), config());
    let audience = Err(TokenError::Audience);
    for (name, value, expected) in [
        ("exp", json!(SECONDS - 60), Err(TokenError::Expired)),
        ("exp", json!(null), Err(TokenError::Claim("exp".into()))),
        ("nbf", json!(SECONDS + 60), Err(TokenError::Early("nbf"))),
        ("iat", json!(SECONDS + 60), Err(TokenError::Early("iat"))),
        ("aud", json!("stock"), audience.clone()),
        ("aud", json!(["stock"]), audience),
        (
            "iss",
            json!(format!("{ISSUER}/")),
            Err(TokenError::IssuerUnknown),
        ),
        (
            "iss",
            json!("https://ID.example.com"),
            Err(TokenError::IssuerUnknown),
        ),
        (
            "iss",
            json!(["https://id.example.com"]),
            Err(TokenError::IssuerUnknown),
        ),
        ("at_hash", json!("x"), Err(TokenError::IdToken)),
    ] {
        let token = signer.token(&with(claims("ada"), name, value));
        assert_eq!(verifier.verify(&token, at(0)).await, expected, "{name}");
        assert!(verifier.verify_cached(&token, at(0)).is_none());
    }
}

#[tokio::test]
async fn cognito_gives_access_tokens_without_audience() {
    let signer = Signer::rsa("pool-key");
    let site = Site::new(&[&signer]);
    let mut cognito = config();
    cognito.audiences = vec!["cart".into()];
    cognito.client_as_audience = true;
    cognito.token_use = Some("access".into());
    cognito.groups_claim = "cognito:groups".into();
    let verifier = verifier(&site, cognito);
    let access = json!({
        "iss": ISSUER, "sub": "6d3f", "client_id": "cart", "token_use": "access", "scope": "openid shop/read",
        "cognito:groups": ["admins"], "exp": SECONDS + 3_600, "iat": SECONDS, "username": "ada",
    });
    let good = verifier
        .verify(&signer.token(&access), at(0))
        .await
        .unwrap();
    assert_eq!(
        (&*good.groups[0], &*good.scopes[1]),
        ("admins", "shop/read")
    );
    let identity = json!({
        "iss": ISSUER, "sub": "6d3f", "aud": "cart", "token_use": "id", "exp": SECONDS + 3_600, "iat": SECONDS,
    });
    let refused = verifier.verify(&signer.token(&identity), at(0)).await;
    assert_eq!(refused, Err(TokenError::IdToken));
    let other_client = signer.token(&with(access.clone(), "client_id", json!("other")));
    let refused = verifier.verify(&other_client, at(0)).await;
    assert_eq!(refused, Err(TokenError::Audience));
    let no_use = signer.token(&with(access, "token_use", json!(null)));
    let refused = verifier.verify(&no_use, at(0)).await;
    assert_eq!(refused, Err(TokenError::Claim("token_use".into())));
}

#[tokio::test]
async fn keys_are_found_by_discovery_of_the_same_issuer_only() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let document =
        |issuer: &str, keys: &str| json!({"issuer": issuer, "jwks_uri": keys}).to_string();
    let place = "https://id.example.com/.well-known/openid-configuration";
    let token = signer.token(&claims("ada"));
    for (issuer, keys, is_good) in [
        (ISSUER, KEYS, true),
        ("https://evil.example.com", KEYS, false),
        (ISSUER, "http://id.example.com/keys", false),
        (ISSUER, "file:///etc/passwd", false),
    ] {
        site.put(place, &document(issuer, keys), "max-age=600");
        let mut config = config();
        config.jwks_url = None;
        let verifier = verifier(&site, config);
        let outcome = verifier.verify(&token, at(0)).await;
        assert_eq!(outcome.is_ok(), is_good, "{issuer} {keys}: {outcome:?}");
        assert_eq!(verifier.status()[0].problem.is_none(), is_good);
    }
}

#[tokio::test]
async fn a_token_without_kid_is_taken_only_where_that_is_said_and_there_is_one_key() {
    let (one, two) = (Signer::ec("a"), Signer::ec("b"));
    let token = one.sign(&json!({"alg": "ES256"}), &claims("ada"));
    let lenient = || {
        let mut config = config();
        config.accept_without_kid = true;
        config
    };
    let strict = verifier(&Site::new(&[&one]), config());
    assert_eq!(strict.verify(&token, at(0)).await, Err(TokenError::NoKey));
    let single = verifier(&Site::new(&[&one]), lenient());
    assert!(single.verify(&token, at(0)).await.is_ok());
    let several = verifier(&Site::new(&[&one, &two]), lenient());
    let refused = several.verify(&token, at(0)).await;
    assert_eq!(refused, Err(TokenError::KeyUnknown));
}

#[tokio::test]
async fn issuers_can_be_replaced_while_tokens_are_remembered() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let verifier = verifier(&site, config());
    let token = signer.token(&claims("ada"));
    assert!(verifier.verify(&token, at(0)).await.is_ok());
    let other = IssuerConfig::new("other", "https://other.example.com", &["shop"]);
    verifier.set_issuers(vec![config(), other.clone()]).unwrap();
    assert!(verifier.verify_cached(&token, at(0)).is_some());
    assert_eq!(site.fetched(), 1, "its keys are kept");
    let twice = verifier.set_issuers(vec![config(), config()]);
    assert!(twice.unwrap_err().reason.contains("another issuer"));
    let mut stricter = config();
    stricter.audiences = vec!["stock".into()];
    verifier.set_issuers(vec![stricter]).unwrap();
    assert!(verifier.verify_cached(&token, at(0)).is_none());
    assert_eq!(
        verifier.verify(&token, at(0)).await,
        Err(TokenError::Audience)
    );
    verifier.set_issuers(vec![other]).unwrap();
    let refused = verifier.verify(&token, at(0)).await;
    assert_eq!(refused, Err(TokenError::IssuerUnknown));
}

#[derive(Debug, Default)]
struct Revoked(AtomicBool);

impl Revocations for Revoked {
    fn is_revoked(&self, claims: &Claims) -> bool {
        self.0.load(Ordering::SeqCst) && claims.subject == "ada"
    }
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once() {
    let signer = Signer::ec("e");
    let revoked = Arc::new(Revoked::default());
    let ports = TokenPorts {
        revocations: Some(Arc::<Revoked>::clone(&revoked)),
        ..ports(&Site::new(&[&signer]))
    };
    let verifier = TokenVerifier::new(ports, vec![config()]).unwrap();
    let (ada, bob) = (signer.token(&claims("ada")), signer.token(&claims("bob")));
    assert!(verifier.verify(&ada, at(0)).await.is_ok());
    assert!(verifier.verify(&bob, at(0)).await.is_ok());
    revoked.0.store(true, Ordering::SeqCst);
    verifier.forget("ada");
    assert!(verifier.verify_cached(&ada, at(0)).is_none());
    assert_eq!(verifier.verify(&ada, at(0)).await, Err(TokenError::Revoked));
    assert!(verifier.verify_cached(&bob, at(0)).is_some());
    verifier.forget_all();
    assert_eq!(verifier.remembered(), 0);
}

#[tokio::test]
async fn no_more_tokens_are_remembered_than_somebody_wants() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let verifier = verifier(&site, config());
    let token = signer.token(&claims("ada"));
    verifier.remember(0);
    assert!(verifier.verify(&token, at(0)).await.is_ok());
    assert_eq!(verifier.remembered(), 0);
    verifier.remember(64);
    for n in 0..300 {
        let token = signer.token(&claims(&format!("person-{n}")));
        assert!(verifier.verify(&token, at(0)).await.is_ok());
    }
    assert!(
        (1..=64).contains(&verifier.remembered()),
        "{}",
        verifier.remembered()
    );
    verifier.remember(0);
    assert_eq!(verifier.remembered(), 0);
}

#[derive(Debug)]
struct Platform(AtomicU64, Mutex<String>);

impl Platform {
    fn show(&self, signers: &[&Signer]) {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        *self.1.lock().unwrap() = json!({"keys": keys}).to_string();
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl OwnKeys for Platform {
    fn version(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn jwks(&self) -> Arc<str> {
        self.1.lock().unwrap().as_str().into()
    }
}

#[tokio::test]
async fn the_platforms_own_keys_change_with_the_next_token() {
    let (old, new) = (Signer::ec("old"), Signer::ec("new"));
    let own = Arc::new(Platform(AtomicU64::new(0), Mutex::default()));
    own.show(&[&old]);
    let site = Site::new(&[]);
    let mut config = IssuerConfig::new("trunkline", ISSUER, &["shop"]);
    config.own_keys = true;
    let without = TokenVerifier::new(ports(&site), vec![config.clone()]);
    assert!(without.unwrap_err().reason.contains("own_keys"));
    let ports = TokenPorts {
        own: Some(Arc::<Platform>::clone(&own)),
        ..ports(&site)
    };
    let verifier = TokenVerifier::new(ports, vec![config]).unwrap();
    let (first, second) = (old.token(&claims("ada")), new.token(&claims("ada")));
    assert!(verifier.verify(&first, at(0)).await.is_ok());
    let refused = verifier.verify(&second, at(0)).await;
    assert_eq!(refused, Err(TokenError::KeyUnknown));
    own.show(&[&old, &new]);
    assert!(verifier.verify(&second, at(0)).await.is_ok());
    assert!(verifier.verify(&first, at(0)).await.is_ok());
    own.show(&[&new]);
    assert!(verifier.verify_cached(&first, at(0)).is_none(), "at once");
    let refused = verifier.verify(&first, at(0)).await;
    assert_eq!(refused, Err(TokenError::KeyUnknown));
    assert!(verifier.verify(&second, at(0)).await.is_ok());
    assert_eq!(site.fetched(), 0);
}
