//! Registering clients.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{App, World};

#[tokio::test]
async fn an_owner_registers_changes_and_removes_a_client() {
    let world = World::new().await;
    let shop = world.shop().await;
    assert!(shop.secret.as_deref().unwrap().starts_with("tlc_"));
    let spa = world.spa().await;
    assert_eq!(spa.secret, None);
    let listed = world.api("GET /v1/oidc/clients", &json!({})).await;
    assert!(!listed.text.contains(shop.secret.as_deref().unwrap()));
    let clients = listed.json()["clients"].clone();
    assert_eq!(clients.as_array().unwrap().len(), 2);
    assert_eq!(clients[0]["secrets"].as_array().unwrap().len(), 1);
    let line = format!("PATCH /v1/oidc/clients/{}", shop.id);
    let changed = world
        .api(&line, &json!({"name": "shop 2", "trusted": false}))
        .await
        .json();
    assert_eq!(
        (&changed["name"], &changed["trusted"]),
        (&json!("shop 2"), &json!(false))
    );
    assert_eq!(
        changed["redirect_uris"], clients[0]["redirect_uris"],
        "what is left out stays"
    );
    let tokens = world.tokens(&spa, "openid").await;
    let line = format!("DELETE /v1/oidc/clients/{}", spa.id);
    assert_eq!(
        world.api(&line, &json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        world
            .user_info(tokens["access_token"].as_str().unwrap())
            .await
            .error(),
        "invalid_token"
    );
    assert!(world.issuer.is_revoked(&spa.id));
    assert_eq!(
        world.api(&line, &json!({})).await.json()["code"],
        "TL-ISSUER-001"
    );
    assert_eq!(
        world.browse(&spa, "ada", &[]).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_secret_is_exchanged_without_a_pause() {
    let world = World::new().await;
    let shop = world.shop().await;
    let base = format!("/v1/oidc/clients/{}/secrets", shop.id);
    let made = world.api(&format!("POST {base}"), &json!({})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let new = App {
        secret: made.json()["client_secret"].as_str().map(Into::into),
        ..shop.clone()
    };
    let third = world.api(&format!("POST {base}"), &json!({})).await;
    assert_eq!(third.json()["code"], "TL-ISSUER-003");
    for app in [&shop, &new] {
        let code = world.code(app, &[]).await;
        assert_eq!(world.exchange(app, &code).await.status, StatusCode::OK);
    }
    let listed = world.api("GET /v1/oidc/clients", &json!({})).await.json();
    let secrets = listed["clients"][0]["secrets"].as_array().unwrap();
    let is_old = |secret: &&Value| {
        let prefix = secret["prefix"].as_str().unwrap();
        shop.secret.as_deref().unwrap().starts_with(prefix)
    };
    let old = secrets.iter().find(is_old).unwrap()["id"].as_str().unwrap();
    let line = format!("DELETE {base}/{old}");
    assert_eq!(
        world.api(&line, &json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        world.api(&line, &json!({})).await.json()["code"],
        "TL-ISSUER-004"
    );
    let code = world.code(&new, &[]).await;
    assert_eq!(world.exchange(&shop, &code).await.error(), "invalid_client");
    assert_eq!(world.exchange(&new, &code).await.status, StatusCode::OK);
    let spa = world.spa().await;
    let refused = world
        .api(
            &format!("POST /v1/oidc/clients/{}/secrets", spa.id),
            &json!({}),
        )
        .await;
    assert_eq!(refused.json()["code"], "TL-ISSUER-002");
}

#[tokio::test]
async fn a_client_that_would_be_dangerous_is_refused() {
    let world = World::new().await;
    let good = json!({"kind": "confidential", "name": "shop", "redirect_uris": ["https://shop.example.com/cb"]});
    for (name, value) in [
        ("name", json!("")),
        ("name", json!("<script>")),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(["http://shop.example.com/cb"])),
        ("redirect_uris", json!(["https://*.example.com/cb"])),
        ("redirect_uris", json!(["https://shop.example.com/cb#x"])),
        ("redirect_uris", json!(["https://a@shop.example.com/cb"])),
        ("redirect_uris", json!(["javascript:alert(1)"])),
        ("post_logout_redirect_uris", json!(["//evil.example"])),
        ("scopes", json!(["a b"])),
        ("grants", json!([])),
        ("audiences", json!([""])),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = world.api("POST /v1/oidc/clients", &body).await;
        assert_eq!(answer.json()["code"], "TL-ISSUER-002", "{body}");
        assert!(answer.json()["hint"].is_string());
    }
    let unknown = json!({"kind": "confidential", "name": "shop", "colour": "red"});
    assert_eq!(
        world.api("POST /v1/oidc/clients", &unknown).await.json()["code"],
        "TL-WEB-003"
    );
}

#[tokio::test]
async fn only_an_owner_may() {
    let world = World::new().await;
    let shop = world.shop().await;
    let base = format!("/v1/oidc/clients/{}", shop.id);
    for line in [
        "GET /v1/oidc/clients".into(),
        "POST /v1/oidc/clients".into(),
        format!("PATCH {base}"),
        format!("DELETE {base}"),
        format!("POST {base}/secrets"),
        format!("DELETE {base}/secrets/x"),
        "GET /v1/oidc/keys".into(),
        "POST /v1/oidc/keys/rotate".into(),
    ] {
        let body = json!({"kind": "public", "name": "x"});
        let body = if line.ends_with("clients") {
            body
        } else {
            json!({})
        }
        .to_string();
        let json = ("content-type", "application/json");
        let reader = world
            .send(&line, &[("authorization", "Bearer reader"), json], &body)
            .await;
        assert_eq!(reader.json()["code"], "TL-ACCESS-003", "{line}");
        let nobody = world.send(&line, &[json], &body).await;
        assert_eq!(nobody.json()["code"], "TL-ACCESS-001", "{line}");
    }
    assert!(world.issuer.client(&shop.id).is_some());
}

#[tokio::test]
async fn every_change_is_an_event_without_its_secret() {
    let world = World::new().await;
    let shop = world.shop().await;
    let line = format!("/v1/oidc/clients/{}", shop.id);
    world
        .api(&format!("PATCH {line}"), &json!({"trusted": false}))
        .await;
    let secret = world
        .api(&format!("POST {line}/secrets"), &json!({}))
        .await
        .json();
    let id = secret["id"].as_str().unwrap();
    world
        .api(&format!("DELETE {line}/secrets/{id}"), &json!({}))
        .await;
    world.api(&format!("DELETE {line}"), &json!({})).await;
    let events = world.events().await;
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "trunkline.issuer.key.created.v1",
            "trunkline.issuer.client.created.v1",
            "trunkline.issuer.client.changed.v1",
            "trunkline.issuer.secret.created.v1",
            "trunkline.issuer.secret.removed.v1",
            "trunkline.issuer.client.removed.v1",
        ]
    );
    let text = serde_json::to_string(&events).unwrap();
    assert!(!text.contains("tlc_") && !text.contains(shop.secret.as_deref().unwrap()));
    assert!(
        events
            .iter()
            .skip(1)
            .all(|event| event["data"]["by"] == json!("tok_owner"))
    );
    let fields_known = |event: &Value| {
        let known = trunkline_model::catalogue::find(event["type"].as_str().unwrap()).unwrap();
        let names: Vec<_> = event["data"].as_object().unwrap().keys().cloned().collect();
        names
            .iter()
            .all(|name| known.fields.contains(&name.as_str()))
    };
    assert!(events.iter().all(fields_known));
}

#[tokio::test]
async fn another_process_s_change_is_noticed() {
    let world = World::new().await;
    let other = world.other_process(5).await;
    let shop = world.shop().await;
    assert!(other.client(&shop.id).is_none());
    other.refresh().await.unwrap();
    assert!(other.client(&shop.id).is_some());
}
