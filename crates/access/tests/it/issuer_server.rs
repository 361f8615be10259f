//! A small OpenID Connect issuer on a port of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use trunkline_model::Timestamp;
use url::Url;

/// The id under which the issuer knows the platform.
pub(crate) const CLIENT: &str = "trunkline";

struct Grant {
    challenge: String,
    claims: Value,
}

struct Inner {
    url: String,
    key: EcdsaKeyPair,
    other: EcdsaKeyPair,
    grants: Mutex<HashMap<String, Grant>>,
}

/// The issuer. It goes away with its test.
pub(crate) struct Issuer {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pair = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let inner = Arc::new(Inner {
            url: url.clone(),
            key: pair(),
            other: pair(),
            grants: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Signs somebody in whose browser was sent to `location`, and gives the query with which it is sent back.
    ///
    /// Claims win over those that the issuer would make; `test:key` and `test:challenge` spoil the token.
    pub(crate) fn grant(&self, location: &str, now: Timestamp, claims: &Value) -> String {
        let asked = query(location);
        let seconds = now.as_micros() / 1_000_000;
        let mut whole = json!({
            "iss": self.url,
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            "iat": seconds,
            "exp": seconds + 300,
        });
        for (name, value) in claims.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let spoilt = whole["test:challenge"].as_str().map(str::to_owned);
        let mut grants = self.inner.grants.lock().unwrap();
        let code = format!("code-{}-{}", grants.len(), asked["nonce"]);
        let grant = Grant {
            challenge: spoilt.unwrap_or_else(|| asked["code_challenge"].clone()),
            claims: whole,
        };
        grants.insert(code.clone(), grant);
        format!("code={code}&state={}", asked["state"])
    }

    /// The state in the address to which a browser was sent.
    pub(crate) fn state(&self, location: &str) -> String {
        assert!(location.starts_with(&self.url), "{location}");
        query(location)["state"].clone()
    }
}

fn query(location: &str) -> HashMap<String, String> {
    Url::parse(location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

async fn discovery(State(issuer): State<Arc<Inner>>) -> Json<Value> {
    let url = &issuer.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
    }))
}

async fn keys(State(issuer): State<Arc<Inner>>) -> Json<Value> {
    let point = issuer.key.public_key().as_ref().to_vec();
    let part = |from, to| BASE64_URL_SAFE_NO_PAD.encode(&point[from..to]);
    Json(json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1",
        "x": part(1, 33), "y": part(33, 65),
    }]}))
}

async fn token(
    State(issuer): State<Arc<Inner>>,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let refused = (
        StatusCode::BAD_REQUEST,
        Json(json!({"error": "invalid_grant"})),
    );
    let Some(grant) = issuer.grants.lock().unwrap().remove(&form["code"]) else {
        return refused;
    };
    let proof = digest(&SHA256, form["code_verifier"].as_bytes());
    if BASE64_URL_SAFE_NO_PAD.encode(proof) != grant.challenge {
        return refused;
    }
    let body = json!({
        "access_token": "opaque",
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": sign(&issuer, &grant.claims),
    });
    (StatusCode::OK, Json(body))
}

fn sign(issuer: &Inner, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("1".into());
    let der = |pair: &EcdsaKeyPair| EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    match claims["test:key"].as_str() {
        None => encode(&header, claims, &der(&issuer.key)).unwrap(),
        Some("other") => encode(&header, claims, &der(&issuer.other)).unwrap(),
        Some("hmac") => {
            let key = EncodingKey::from_secret(issuer.key.public_key().as_ref());
            encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
        }
        Some(_) => {
            let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
        }
    }
}
