//! Tokens that somebody else made or changed.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use trunkline_admission::{TokenError, TokenVerifier};
use trunkline_model::{Coded, code};

use crate::support::{Signer, Site, at, claims, config, signed, verifier, with};

struct Scene {
    rsa: Signer,
    ec: Signer,
    verifier: TokenVerifier,
}

impl Scene {
    fn new() -> Self {
        let (rsa, ec) = (Signer::rsa("r"), Signer::ec("e"));
        let verifier = verifier(&Site::new(&[&rsa, &ec]), config());
        Self { rsa, ec, verifier }
    }

    async fn refusal(&self, token: &str) -> TokenError {
        let refusal = self.verifier.verify(token, at(0)).await.unwrap_err();
        assert!(self.verifier.verify_cached(token, at(0)).is_none());
        refusal
    }
}

#[tokio::test]
async fn a_public_key_is_not_a_secret() {
    let scene = Scene::new();
    assert!(
        scene
            .verifier
            .verify(&scene.rsa.token(&claims("a")), at(0))
            .await
            .is_ok()
    );
    let jwk = scene.rsa.jwk();
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    let secrets = [modulus, jwk.to_string().into_bytes(), b"".to_vec()];
    for (secret, alg) in secrets.iter().zip(["HS256", "HS384", "HS512"]) {
        let message = signed(&json!({"alg": alg, "kid": "r"}), &claims("root"));
        let algorithm = match alg {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            _ => hmac::HMAC_SHA512,
        };
        let tag = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
        assert_eq!(scene.refusal(&token).await, TokenError::Algorithm);
    }
}

#[tokio::test]
async fn a_token_must_be_signed() {
    let scene = Scene::new();
    for alg in ["none", "None", "NONE"] {
        let message = signed(&json!({"alg": alg, "kid": "r"}), &claims("root"));
        for signature in ["", "AAAA"] {
            let refusal = scene.refusal(&format!("{message}.{signature}")).await;
            assert_eq!(refusal, TokenError::Algorithm);
        }
    }
    let message = signed(&json!({"alg": "RS256", "kid": "r"}), &claims("root"));
    let refusal = scene.refusal(&format!("{message}.")).await;
    assert_eq!(refusal.code(), &code::ADMISSION_TOKEN_MALFORMED);
}

#[tokio::test]
async fn a_key_is_good_for_its_own_algorithm_only() {
    let scene = Scene::new();
    for (signer, alg) in [
        (&scene.ec, "RS256"),
        (&scene.ec, "EdDSA"),
        (&scene.rsa, "ES256"),
        (&scene.rsa, "PS256"),
        (&scene.rsa, "RS512"),
    ] {
        let header = json!({"alg": alg, "kid": signer.kid});
        let token = signer.sign(&header, &claims("root"));
        assert_eq!(scene.refusal(&token).await, TokenError::Algorithm, "{alg}");
    }
}

#[tokio::test]
async fn a_token_cannot_bring_its_own_key() {
    let scene = Scene::new();
    let thief = Signer::ec("thief");
    let header = |name: &str, value: Value| with(json!({"alg": "ES256", "kid": "e"}), name, value);
    for (name, value) in [
        ("jwk", thief.jwk()),
        ("jku", json!("https://evil.example.com/keys")),
        ("x5u", json!("https://evil.example.com/chain")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let token = thief.sign(&header(name, value.clone()), &claims("root"));
        let refusal = scene.refusal(&token).await;
        assert!(matches!(refusal, TokenError::HeaderRefused(_)), "{name}");
        // Not even with the right signature.
        let token = scene.ec.sign(&header(name, value), &claims("root"));
        let refusal = scene.refusal(&token).await;
        assert!(matches!(refusal, TokenError::HeaderRefused(_)), "{name}");
    }
    let borrowed = thief.sign(&json!({"alg": "ES256", "kid": "e"}), &claims("root"));
    assert_eq!(scene.refusal(&borrowed).await, TokenError::Signature);
    assert_eq!(
        scene.refusal(&borrowed).await,
        TokenError::Signature,
        "a second time too"
    );
    for kid in ["../../etc/passwd", "' or 1=1 --", "", "E", "e\0"] {
        let token = thief.sign(&json!({"alg": "ES256", "kid": kid}), &claims("root"));
        assert_eq!(scene.refusal(&token).await, TokenError::KeyUnknown);
    }
}

#[tokio::test]
async fn a_changed_token_is_refused_wherever_it_was_changed() {
    let scene = Scene::new();
    let token = scene.ec.token(&claims("ada"));
    assert!(scene.verifier.verify(&token, at(0)).await.is_ok());
    let other = scene.ec.token(&claims("root"));
    let (signature, (start, _)) = (
        token.rsplit_once('.').unwrap().1,
        other.rsplit_once('.').unwrap(),
    );
    let swapped = format!("{start}.{signature}");
    assert_eq!(scene.refusal(&swapped).await, TokenError::Signature);
    for place in (0..token.len()).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        scene.refusal(&changed).await;
    }
    for cut in [1, 5, 40] {
        scene.refusal(&token[..token.len() - cut]).await;
    }
    scene.refusal(&format!("{token}A")).await;
    scene.refusal(&format!("{token}=")).await;
    scene.refusal(&format!("{token}.")).await;
    scene.refusal(&format!(" {token}")).await;
}

#[tokio::test]
async fn a_token_is_at_most_16_kib() {
    let scene = Scene::new();
    let filled = |bytes: usize| with(claims("ada"), "note", json!("x".repeat(bytes)));
    let token = scene.ec.token(&filled(11_500));
    assert!(token.len() > 15_500 && token.len() < 16_384);
    assert!(scene.verifier.verify(&token, at(0)).await.is_ok());
    for bytes in [12_500, 48_000] {
        let token = scene.ec.token(&filled(bytes));
        assert_eq!(scene.refusal(&token).await, TokenError::TooLarge);
    }
    let deep = format!("{}{}", "[".repeat(4_000), "]".repeat(4_000));
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"e"}"#);
    let token = format!("{header}.{}.AAAA", URL_SAFE_NO_PAD.encode(deep));
    let refusal = scene.refusal(&token).await;
    assert!(matches!(refusal, TokenError::Malformed(_)));
}

#[tokio::test]
async fn no_refusal_tells_anything_of_the_token() {
    let scene = Scene::new();
    let token = scene
        .ec
        .token(&with(claims("very-secret"), "aud", json!("very-secret")));
    let text = format!(
        "{:?} {}",
        scene.refusal(&token).await,
        scene.refusal(&token).await
    );
    assert!(!text.contains("very-secret"));
    let good = scene
        .ec
        .token(&with(claims("ada"), "phone", json!("555-0100")));
    let claims = scene.verifier.verify(&good, at(0)).await.unwrap();
    assert!(!format!("{claims:?} {:?}", scene.verifier).contains("555-0100"));
}
