//! Tokens without a person, and what others may ask about a token.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{ISSUER, SECOND, World, part};

async fn own_token(world: &World, changes: Value, scope: &str) -> Value {
    let mut settings = json!({"grants": ["client_credentials"], "redirect_uris": []});
    for (name, value) in changes.as_object().unwrap() {
        settings[name] = value.clone();
    }
    let app = world.register(settings).await;
    let mut form = vec![("grant_type", "client_credentials")];
    if !scope.is_empty() {
        form.push(("scope", scope));
    }
    world.post("/oidc/token", &app, &form).await.json()
}

#[tokio::test]
async fn a_program_gets_a_token_for_itself_that_is_no_person() {
    let world = World::new().await;
    let changes =
        json!({"scopes": ["openid", "orders:read", "orders:write"], "audiences": ["orders"]});
    let all = own_token(&world, changes.clone(), "").await;
    assert_eq!(
        all["scope"], "orders:read orders:write",
        "what needs a person is left out"
    );
    assert!(all.get("refresh_token").is_none() && all.get("id_token").is_none());
    let (header, claims) = world
        .verified(all["access_token"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(
        (&claims["sub"], &claims["aud"]),
        (&claims["client_id"], &json!(["orders"]))
    );
    let info = world.user_info(all["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (info.status, info.error().as_str()),
        (StatusCode::FORBIDDEN, "insufficient_scope")
    );
    let one = own_token(&world, changes.clone(), "orders:read").await;
    assert_eq!(one["scope"], "orders:read");
    assert_eq!(
        own_token(&world, changes.clone(), "openid").await["error"],
        "invalid_scope"
    );
    assert_eq!(
        own_token(&world, changes, "admin").await["error"],
        "invalid_scope"
    );
    let shop = world.shop().await;
    let other = world
        .post(
            "/oidc/token",
            &shop,
            &[("grant_type", "client_credentials")],
        )
        .await;
    assert_eq!(other.error(), "unauthorized_client");
}

#[tokio::test]
async fn every_token_is_an_event_without_the_token() {
    let world = World::new().await;
    let token = own_token(&world, json!({"scopes": ["orders:read"]}), "").await;
    let shop = world.shop().await;
    let set = world.tokens(&shop, "openid offline_access").await;
    let events = world.events().await;
    let granted: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "trunkline.issuer.token.granted.v1")
        .map(|event| event["data"].clone())
        .collect();
    let flows: Vec<_> = granted
        .iter()
        .map(|data| data["flow"].as_str().unwrap())
        .collect();
    assert!(flows.contains(&"client_credentials") && flows.contains(&"authorization_code"));
    let jti = part(token["access_token"].as_str().unwrap(), 1)["jti"].clone();
    assert!(granted.iter().any(|data| data["token"] == jti));
    let all = serde_json::to_string(&events).unwrap();
    for secret in [
        &token["access_token"],
        &set["refresh_token"],
        &set["id_token"],
        &json!(shop.secret),
    ] {
        assert!(!all.contains(secret.as_str().unwrap()));
    }
}

#[tokio::test]
async fn only_its_client_and_its_audience_learn_what_a_token_is() {
    let world = World::new().await;
    let shop = world.register(json!({"audiences": ["orders"]})).await;
    let orders = world.register(json!({"audiences": ["orders"]})).await;
    let other = world.shop().await;
    let spa = world.spa().await;
    let tokens = world.tokens(&shop, "openid groups offline_access").await;
    let access = tokens["access_token"].as_str().unwrap();
    for app in [&shop, &orders] {
        let answer = world
            .post("/oidc/introspect", app, &[("token", access)])
            .await
            .json();
        assert_eq!(
            (&answer["active"], &answer["sub"]),
            (&json!(true), &json!("acc_ada"))
        );
        assert_eq!(
            (&answer["iss"], &answer["token_type"]),
            (&json!(ISSUER), &json!("Bearer"))
        );
    }
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let inactive = json!({"active": false});
    assert_eq!(
        world
            .post("/oidc/introspect", &shop, &[("token", refresh)])
            .await
            .json()["active"],
        true
    );
    for (app, token) in [
        (&other, access),
        (&orders, refresh),
        (&shop, "x"),
        (&shop, tokens["id_token"].as_str().unwrap()),
    ] {
        assert_eq!(
            world
                .post("/oidc/introspect", app, &[("token", token)])
                .await
                .json(),
            inactive
        );
    }
    let public = world
        .post("/oidc/introspect", &spa, &[("token", access)])
        .await;
    assert_eq!(public.error(), "invalid_client");
    world.pass(600 * SECOND);
    assert_eq!(
        world
            .post("/oidc/introspect", &shop, &[("token", access)])
            .await
            .json(),
        inactive
    );
    assert_eq!(world.user_info(access).await.error(), "invalid_token");
}

#[tokio::test]
async fn a_client_takes_its_own_tokens_back_and_no_others() {
    let world = World::new().await;
    let shop = world.shop().await;
    let other = world.shop().await;
    let tokens = world.tokens(&shop, "openid offline_access").await;
    let text = |name: &str| tokens[name].as_str().unwrap();
    for token in [text("access_token"), text("refresh_token"), "nonsense"] {
        let answer = world
            .post("/oidc/revoke", &other, &[("token", token)])
            .await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    }
    assert_eq!(
        world.user_info(text("access_token")).await.status,
        StatusCode::OK
    );
    world
        .post("/oidc/revoke", &shop, &[("token", text("access_token"))])
        .await;
    assert_eq!(
        world.user_info(text("access_token")).await.error(),
        "invalid_token"
    );
    let jti = part(text("access_token"), 1)["jti"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(world.issuer.is_revoked(&jti));
    let next = world.refresh(&shop, text("refresh_token")).await.json();
    let form = [
        ("token", next["refresh_token"].as_str().unwrap()),
        ("token_type_hint", "refresh_token"),
    ];
    assert_eq!(
        world.post("/oidc/revoke", &shop, &form).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world
            .user_info(next["access_token"].as_str().unwrap())
            .await
            .error(),
        "invalid_token"
    );
    assert_eq!(
        world.post("/oidc/revoke", &shop, &[]).await.error(),
        "invalid_request"
    );
}

#[tokio::test]
async fn no_other_token_opens_userinfo() {
    let world = World::new().await;
    let shop = world.shop().await;
    let tokens = world.tokens(&shop, "openid offline_access").await;
    for token in [
        tokens["id_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
        "owner",
        "a.b.c",
    ] {
        let answer = world.user_info(token).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_token")
        );
        assert!(
            answer
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
    let none = world
        .send(
            "GET /oidc/userinfo",
            &[("cookie", "trunkline_session=ada")],
            "",
        )
        .await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        none.header("www-authenticate"),
        "Bearer realm=\"trunkline\""
    );
    let access = tokens["access_token"].as_str().unwrap();
    let mut forged: Vec<_> = access.split('.').map(str::to_owned).collect();
    let other = if forged[2].as_bytes()[10] == b'A' {
        "B"
    } else {
        "A"
    };
    forged[2].replace_range(10..11, other);
    assert_eq!(
        world.user_info(&forged.join(".")).await.error(),
        "invalid_token"
    );
}

#[tokio::test]
async fn a_program_shows_another_who_it_is() {
    let world = World::new().await;
    let shop = world.shop().await;
    let headers = [
        ("authorization", "Bearer reader"),
        ("content-type", "application/json"),
    ];
    let ask = async |body: Value| {
        world
            .send("POST /v1/oidc/workload-tokens", &headers, &body.to_string())
            .await
    };
    let made = ask(json!({"audience": "https://orders.example.com", "minutes": 5})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let (header, claims) = world
        .verified(made.json()["token"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(
        (&claims["sub"], &claims["role"]),
        (&json!("tok_reader"), &json!("developer"))
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        300
    );
    let info = world
        .user_info(made.json()["token"].as_str().unwrap())
        .await;
    assert_eq!(info.error(), "insufficient_scope");
    for body in [
        json!({"audience": ""}),
        json!({"audience": ISSUER}),
        json!({"audience": shop.id}),
        json!({"audience": "orders", "minutes": 0}),
        json!({"audience": "orders", "minutes": 61}),
    ] {
        assert_eq!(
            ask(body.clone()).await.json()["code"],
            "TL-ISSUER-005",
            "{body}"
        );
    }
    let events = world.events().await;
    assert!(
        events
            .iter()
            .any(|event| event["data"]["flow"] == "workload")
    );
}
