//! Keys that sign, and a site that shows key sets.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use trunkline_admission::{
    FetchError, FetchKeys, IssuerConfig, KeyAnswer, KeyRequest, TokenPorts, TokenVerifier,
};
use trunkline_model::Timestamp;

pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const KEYS: &str = "https://id.example.com/keys";
pub(crate) const SECONDS: i64 = 1_795_543_200;

/// A moment some seconds after the tests' beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((SECONDS + seconds) * 1_000_000)
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key that signs tokens.
pub(crate) struct Signer {
    pub(crate) kid: String,
    pair: Pair,
}

impl Signer {
    pub(crate) fn rsa(kid: &str) -> Self {
        let pair = Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        let kid = kid.into();
        Self { kid, pair }
    }

    pub(crate) fn ec(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (kid, pair) = (kid.into(), Pair::Ec(pair));
        Self { kid, pair }
    }

    pub(crate) fn ed(kid: &str) -> Self {
        let pair = Pair::Ed(Ed25519KeyPair::generate().unwrap());
        let kid = kid.into();
        Self { kid, pair }
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let (kid, text) = (&self.kid, |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes));
        match &self.pair {
            Pair::Rsa(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "kid": kid, "use": "sig", "n": text(&parts.n), "e": text(&parts.e)})
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (text(&point[1..33]), text(&point[33..]));
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "x": x, "y": y})
            }
            Pair::Ed(pair) => {
                let x = text(pair.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", "x": x})
            }
        }
    }

    pub(crate) fn signature(&self, message: &str) -> Vec<u8> {
        let (random, message) = (SystemRandom::new(), message.as_bytes());
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with this header.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = signed(header, claims);
        let signature = URL_SAFE_NO_PAD.encode(self.signature(&signed));
        format!("{signed}.{signature}")
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        let header = json!({"alg": self.alg(), "typ": "JWT", "kid": self.kid});
        self.sign(&header, claims)
    }
}

/// Header and claims as they are signed.
pub(crate) fn signed(header: &Value, claims: &Value) -> String {
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", text(header), text(claims))
}

/// Claims of a token that is good for an hour.
pub(crate) fn claims(subject: &str) -> Value {
    json!({
        "iss": ISSUER, "sub": subject, "aud": "shop", "exp": SECONDS + 3_600, "iat": SECONDS,
        "client_id": "cart", "scope": "read write", "groups": ["staff"],
    })
}

pub(crate) fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// An issuer's site.
#[derive(Debug)]
pub(crate) struct Site {
    documents: Mutex<HashMap<String, KeyAnswer>>,
    versions: AtomicUsize,
    pub(crate) fetches: AtomicUsize,
    pub(crate) not_modified: AtomicUsize,
    pub(crate) is_down: AtomicBool,
    /// Answers that may still be given; none are given while it is closed.
    pub(crate) answers: Semaphore,
}

impl Site {
    pub(crate) fn new(signers: &[&Signer]) -> Arc<Self> {
        let site = Self {
            documents: Mutex::default(),
            versions: AtomicUsize::new(0),
            fetches: AtomicUsize::new(0),
            not_modified: AtomicUsize::new(0),
            is_down: AtomicBool::new(false),
            answers: Semaphore::new(1_000_000),
        };
        site.show(signers);
        Arc::new(site)
    }

    /// Shows the keys of `signers` from now on.
    pub(crate) fn show(&self, signers: &[&Signer]) {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        self.put(KEYS, &json!({"keys": keys}).to_string(), "max-age=600");
    }

    pub(crate) fn put(&self, url: &str, body: &str, cache_control: &str) {
        let mut documents = self.documents.lock().unwrap();
        let version = self.versions.fetch_add(1, Ordering::SeqCst);
        let answer = KeyAnswer {
            body: Some(body.as_bytes().to_vec()),
            etag: Some(format!("\"{version}\"")),
            cache_control: Some(cache_control.into()),
        };
        documents.insert(url.into(), answer);
    }

    pub(crate) fn fetched(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl FetchKeys for Site {
    async fn fetch(&self, request: KeyRequest<'_>) -> Result<KeyAnswer, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        self.answers.acquire().await.unwrap().forget();
        if self.is_down.load(Ordering::SeqCst) {
            return Err(FetchError("connection refused".into()));
        }
        let documents = self.documents.lock().unwrap();
        let answer = documents.get(request.url.as_str());
        let mut answer = answer.cloned().ok_or_else(|| FetchError("404".into()))?;
        if request.etag.is_some() && answer.etag.as_deref() == request.etag {
            self.not_modified.fetch_add(1, Ordering::SeqCst);
            answer.body = None;
        }
        Ok(answer)
    }
}

pub(crate) fn config() -> IssuerConfig {
    let mut config = IssuerConfig::new("id", ISSUER, &["shop"]);
    config.jwks_url = Some(KEYS.into());
    config
}

pub(crate) fn ports(site: &Arc<Site>) -> TokenPorts {
    TokenPorts {
        fetch: Arc::<Site>::clone(site),
        own: None,
        revocations: None,
    }
}

pub(crate) fn verifier(site: &Arc<Site>, config: IssuerConfig) -> TokenVerifier {
    TokenVerifier::new(ports(site), vec![config]).unwrap()
}

/// Waits until `condition` holds, for at most ten seconds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("waited in vain: {what}");
}
