//! Authenticator apps and recovery codes.

use axum::http::StatusCode;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};
use trunkline_model::Clock;

use crate::support::{Browser, Home, PASSWORD, join, sign_in};

/// An app that was set up with `secret`.
fn app(secret: &str) -> Totp {
    let secret = Secret::try_from_base32(secret).unwrap();
    Builder::new()
        .with_secret(secret)
        .with_account_name("ada")
        .build()
        .unwrap()
}

fn code(home: &Home, app: &Totp) -> String {
    let seconds = home.clock.now().as_micros() / 1_000_000;
    app.generate(u64::try_from(seconds).unwrap()).to_string()
}

/// Turns an app on and gives it with the recovery codes.
async fn turn_on(
    home: &Home,
    door: &std::sync::Arc<trunkline_access::Access>,
    who: &Browser,
) -> (Totp, Vec<String>) {
    let setup = who.send(door, "POST /v1/me/totp", &Value::Null).await;
    assert!(setup.json()["qr_svg"].as_str().unwrap().contains("<svg"));
    let app = app(setup.json()["secret"].as_str().unwrap());
    let body = json!({"code": code(home, &app)});
    let on = who.send(door, "POST /v1/me/totp/confirm", &body).await;
    assert_eq!(on.status, StatusCode::OK, "{}", on.text);
    let codes: Vec<String> = serde_json::from_value(on.json()["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (app, codes)
}

#[tokio::test]
async fn a_code_is_asked_after_the_right_password_alone_and_is_good_once() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    let (app, _) = turn_on(&home, &door, &ada).await;
    let with = |code: Option<&str>| {
        let mut body = json!({"email": "ada@example.com", "password": PASSWORD});
        if let Some(code) = code {
            body["code"] = code.into();
        }
        body
    };
    let wrong = json!({"email": "ada@example.com", "password": "a wrong password"});
    assert_eq!(
        sign_in(&door, 5, &wrong).await.json()["code"],
        "TL-ACCESS-012"
    );
    assert_eq!(
        sign_in(&door, 5, &with(None)).await.json()["code"],
        "TL-ACCESS-011"
    );
    let used = code(&home, &app);
    assert_eq!(
        sign_in(&door, 5, &with(Some(&used))).await.json()["code"],
        "TL-ACCESS-012",
        "the code that turned it on was used"
    );
    home.pass_seconds(30);
    let next = code(&home, &app);
    let signed_in = sign_in(&door, 5, &with(Some(&next))).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.text);
    assert_eq!(
        sign_in(&door, 5, &with(Some(&next))).await.json()["code"],
        "TL-ACCESS-012",
        "a code is good once"
    );
    assert_eq!(
        sign_in(&door, 5, &with(Some(&used))).await.json()["code"],
        "TL-ACCESS-012",
        "and so is an older one"
    );
    let listed = owner.send(&door, "GET /v1/people", &Value::Null).await;
    assert_eq!(listed.json()["people"][1]["totp"], true);
}

#[tokio::test]
async fn asking_for_the_code_does_not_forgive_wrong_codes() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    turn_on(&home, &door, &ada).await;
    let mut body = json!({"email": "ada@example.com", "password": PASSWORD});
    for _ in 0..4 {
        body["code"] = "000000".into();
        assert_eq!(
            sign_in(&door, 5, &body).await.json()["code"],
            "TL-ACCESS-012"
        );
        body["code"] = Value::Null;
        assert_eq!(
            sign_in(&door, 5, &body).await.json()["code"],
            "TL-ACCESS-011"
        );
    }
    body["code"] = "000000".into();
    assert_eq!(
        sign_in(&door, 5, &body).await.json()["code"],
        "TL-ACCESS-012"
    );
    assert_eq!(
        sign_in(&door, 5, &body).await.json()["code"],
        "TL-ACCESS-008"
    );
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    let (_, codes) = turn_on(&home, &door, &ada).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "code": typed});
    let signed_in = sign_in(&door, 5, &body).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.text);
    assert_eq!(
        sign_in(&door, 5, &body).await.json()["code"],
        "TL-ACCESS-012"
    );
    // Another person's code is none.
    let bob = join(&door, &owner, "bob", "viewer").await;
    turn_on(&home, &door, &bob).await;
    let body = json!({"email": "bob@example.com", "password": PASSWORD, "code": codes[4]});
    assert_eq!(
        sign_in(&door, 6, &body).await.json()["code"],
        "TL-ACCESS-012"
    );
}

#[tokio::test]
async fn an_app_is_set_up_and_removed_with_proof() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    let confirm = "POST /v1/me/totp/confirm";
    let early = ada.send(&door, confirm, &json!({"code": "000000"})).await;
    assert_eq!(early.json()["code"], "TL-ACCESS-023", "nothing was begun");
    let first = ada.send(&door, "POST /v1/me/totp", &Value::Null).await;
    let stale = app(first.json()["secret"].as_str().unwrap());
    let second = ada.send(&door, "POST /v1/me/totp", &Value::Null).await;
    let wrong = ada
        .send(&door, confirm, &json!({"code": code(&home, &stale)}))
        .await;
    assert_eq!(
        wrong.json()["code"],
        "TL-ACCESS-024",
        "the second setup replaced the first"
    );
    home.pass_seconds(16 * 60);
    let late = app(second.json()["secret"].as_str().unwrap());
    let late = ada
        .send(&door, confirm, &json!({"code": code(&home, &late)}))
        .await;
    assert_eq!(late.json()["code"], "TL-ACCESS-023", "too late");
    let (app, codes) = turn_on(&home, &door, &ada).await;
    let again = ada.send(&door, "POST /v1/me/totp", &Value::Null).await;
    assert_eq!(again.json()["code"], "TL-ACCESS-023", "one is on");

    let remove = "DELETE /v1/me/totp";
    for body in [
        json!({}),
        json!({"code": "000000"}),
        json!({"password": "wrong"}),
        json!({"code": code(&home, &app)}),
    ] {
        let refused = ada.send(&door, remove, &body).await;
        assert_eq!(refused.json()["code"], "TL-ACCESS-024", "{body}");
    }
    let removed = ada.send(&door, remove, &json!({"code": codes[0]})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(sign_in(&door, 5, &body).await.status, StatusCode::OK);
    let gone = ada
        .send(&door, remove, &json!({"password": PASSWORD}))
        .await;
    assert_eq!(gone.json()["code"], "TL-ACCESS-023");
    assert_eq!(home.events_of("totp.disabled").await.len(), 1);
}
