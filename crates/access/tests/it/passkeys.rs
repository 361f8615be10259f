//! Passkeys, with an authenticator in software.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use passkey_authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey_client::{Client, DefaultClientData};
use passkey_crypto::AvailableBackend;
use passkey_types::{Passkey, ctap2};
use serde_json::{Value, json};
use trunkline_access::Access;
use url::Url;

use crate::support::{Answer, Browser, Home, join, send_at};

/// A person who touches the authenticator, and proves to it who it is or does not.
struct Finger {
    verified: bool,
}

#[async_trait::async_trait]
impl UserValidationMethod for Finger {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        _presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, ctap2::Ctap2Error> {
        Ok(UserCheck {
            presence: true,
            verification: self.verified,
        })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// A telephone that keeps one passkey and counts its uses.
struct Telephone {
    kept: Option<Passkey>,
}

impl Telephone {
    fn new(kept: Option<Passkey>) -> Self {
        Self { kept }
    }

    fn authenticator(&self) -> Authenticator<Option<Passkey>, Finger, AvailableBackend> {
        let finger = Finger { verified: true };
        let aaguid = ctap2::Aaguid::new_empty();
        let kept = self.kept.clone();
        let mut authenticator = Authenticator::new(aaguid, kept, finger, AvailableBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        authenticator
    }

    async fn register(&mut self, options: &Value) -> Value {
        let options = serde_json::from_value(options.clone()).unwrap();
        let mut client = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let made = client.register(&origin(), options, DefaultClientData).await;
        self.kept.clone_from(client.authenticator().store());
        as_a_browser(serde_json::to_value(made.unwrap()).unwrap())
    }

    async fn authenticate(&mut self, options: &Value) -> Value {
        let options = serde_json::from_value(options.clone()).unwrap();
        let mut client = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let shown = client
            .authenticate(&origin(), options, DefaultClientData)
            .await;
        self.kept.clone_from(client.authenticator().store());
        as_a_browser(serde_json::to_value(shown.unwrap()).unwrap())
    }

    /// Adds its passkey to an account.
    async fn add_to(&mut self, door: &Arc<Access>, who: &Browser) -> Answer {
        let begun = who
            .send(door, "POST /v1/me/passkeys/start", &Value::Null)
            .await;
        assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
        let body = json!({
            "challenge": begun.json()["challenge"],
            "name": "telephone",
            "credential": self.register(&begun.json()["options"]).await,
        });
        who.send(door, "POST /v1/me/passkeys/finish", &body).await
    }

    /// What would sign in now.
    async fn sign(&mut self, door: &Arc<Access>) -> Value {
        let begun = send_at(door, 5, "POST /v1/session/passkey/start", &[], &json!({})).await;
        assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
        json!({
            "challenge": begun.json()["challenge"],
            "credential": self.authenticate(&begun.json()["options"]).await,
        })
    }
}

/// `credential` with its bytes in base64url, as `toJSON` of a browser's credential has them.
fn as_a_browser(credential: Value) -> Value {
    match credential {
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(name, value)| (name, as_a_browser(value)))
                    .collect(),
            )
        }
        Value::Array(items) if items.iter().any(Value::is_number) => {
            let bytes: Vec<u8> = serde_json::from_value(Value::Array(items)).unwrap();
            BASE64_URL_SAFE_NO_PAD.encode(bytes).into()
        }
        other => other,
    }
}

fn origin() -> Url {
    Url::parse("http://localhost:7070").unwrap()
}

async fn finish(door: &Arc<Access>, body: &Value) -> Answer {
    send_at(door, 5, "POST /v1/session/passkey/finish", &[], body).await
}

#[tokio::test]
async fn a_passkey_is_added_signs_in_and_is_removed() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "developer").await;
    let mut telephone = Telephone::new(None);
    let begun = ada
        .send(&door, "POST /v1/me/passkeys/start", &Value::Null)
        .await;
    let selection = &begun.json()["options"]["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(
        begun.json()["options"]["publicKey"]["rp"]["id"],
        "localhost"
    );
    let added = telephone.add_to(&door, &ada).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    assert_eq!(added.json()["last_used"], Value::Null);

    let body = telephone.sign(&door).await;
    let signed_in = finish(&door, &body).await;
    let session = Browser::of(&signed_in, 5);
    assert_eq!(signed_in.json()["principal"]["name"], "ada");
    assert_eq!(
        finish(&door, &body).await.json()["code"],
        "TL-ACCESS-027",
        "a challenge is good once"
    );
    let listed = session
        .send(&door, "GET /v1/me/passkeys", &Value::Null)
        .await;
    assert!(listed.json()["passkeys"][0]["last_used"].is_string());
    let people = owner.send(&door, "GET /v1/people", &Value::Null).await;
    assert_eq!(people.json()["people"][1]["passkeys"], 1);

    let line = format!(
        "DELETE /v1/me/passkeys/{}",
        added.json()["id"].as_str().unwrap()
    );
    let foreign = owner.send(&door, &line, &Value::Null).await;
    assert_eq!(
        foreign.json()["code"],
        "TL-ACCESS-028",
        "it is nobody else's to remove"
    );
    let body = telephone.sign(&door).await;
    assert_eq!(
        ada.send(&door, &line, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(finish(&door, &body).await.json()["code"], "TL-ACCESS-025");
    let failed = home.events_of("sign-in.failed").await;
    assert_eq!(failed[0]["method"], "passkey");
}

#[tokio::test]
async fn a_copy_is_noticed_by_its_counter() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let mut telephone = Telephone::new(None);
    telephone.add_to(&door, &owner).await;
    let mut copy = Telephone::new(telephone.kept.clone());
    for _ in 0..3 {
        let body = telephone.sign(&door).await;
        assert_eq!(finish(&door, &body).await.status, StatusCode::OK);
    }
    let body = copy.sign(&door).await;
    assert_eq!(finish(&door, &body).await.json()["code"], "TL-ACCESS-025");
    assert_eq!(home.events_of("passkey.refused").await.len(), 1);
}

#[tokio::test]
async fn who_is_disabled_or_not_verified_does_not_come_in() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "developer").await;
    let mut telephone = Telephone::new(None);
    telephone.add_to(&door, &ada).await;
    let mut body = telephone.sign(&door).await;
    // The authenticator's data says in bit 2 of byte 32 that it has checked who holds it; the signature covers it.
    let data = &mut body["credential"]["response"]["authenticatorData"];
    let mut bytes = BASE64_URL_SAFE_NO_PAD
        .decode(data.as_str().unwrap())
        .unwrap();
    bytes[32] &= !4;
    *data = BASE64_URL_SAFE_NO_PAD.encode(bytes).into();
    assert_eq!(finish(&door, &body).await.json()["code"], "TL-ACCESS-025");
    let body = telephone.sign(&door).await;
    let line = format!("PATCH /v1/people/{}", ada.id(&door).await);
    owner.send(&door, &line, &json!({"disabled": true})).await;
    assert_eq!(finish(&door, &body).await.json()["code"], "TL-ACCESS-025");
}

#[tokio::test]
async fn a_ceremony_belongs_to_who_began_it() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "developer").await;
    let mut telephone = Telephone::new(None);
    let begun = owner
        .send(&door, "POST /v1/me/passkeys/start", &Value::Null)
        .await;
    let body = json!({
        "challenge": begun.json()["challenge"],
        "name": "x",
        "credential": telephone.register(&begun.json()["options"]).await,
    });
    let stolen = ada.send(&door, "POST /v1/me/passkeys/finish", &body).await;
    assert_eq!(stolen.json()["code"], "TL-ACCESS-027");
    let body = json!({"challenge": "x".repeat(43), "credential": {}});
    assert_eq!(finish(&door, &body).await.json()["code"], "TL-ACCESS-027");
    let begun = send_at(&door, 5, "POST /v1/session/passkey/start", &[], &json!({})).await;
    let body = json!({"challenge": begun.json()["challenge"], "credential": {"no": "sense"}});
    assert_eq!(finish(&door, &body).await.json()["code"], "TL-ACCESS-025");
}

#[tokio::test]
async fn an_address_that_can_have_no_passkey_says_where_to_go() {
    let home = Home::new();
    let door = home.door().await;
    let headers = [("host", "127.0.0.1:7070")];
    let refused = send_at(
        &door,
        5,
        "POST /v1/session/passkey/start",
        &headers,
        &json!({}),
    )
    .await;
    assert_eq!(refused.json()["code"], "TL-ACCESS-026");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("http://localhost:7070"), "{detail}");
    let headers = [("host", "evil.example")];
    let refused = send_at(
        &door,
        5,
        "POST /v1/session/passkey/start",
        &headers,
        &json!({}),
    )
    .await;
    assert_eq!(refused.json()["code"], "TL-ACCESS-026");
}

#[tokio::test]
async fn one_address_begins_a_limited_number_of_ceremonies() {
    let home = Home::new();
    let door = home.door().await;
    let mut limited = 0;
    for _ in 0..40 {
        let begun = send_at(&door, 5, "POST /v1/session/passkey/start", &[], &json!({})).await;
        limited += usize::from(begun.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!((1..=10).contains(&limited), "{limited}");
    let begun = send_at(&door, 6, "POST /v1/session/passkey/start", &[], &json!({})).await;
    assert_eq!(begun.status, StatusCode::OK);
}
