//! From a code to tokens, and the bad days of it.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{App, ISSUER, SECOND, VERIFIER, World, basic, part};

#[tokio::test]
async fn a_service_gets_tokens_that_it_can_check_with_the_published_keys() {
    let world = World::new().await;
    let shop = world
        .register(json!({"audiences": ["https://orders.example.com"]}))
        .await;
    let tokens = world
        .tokens(&shop, "openid profile email groups offline_access")
        .await;
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&json!("Bearer"), &json!(600))
    );
    let (header, id) = world
        .verified(tokens["id_token"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("ES256"), &json!("JWT"))
    );
    let now = 1_790_000_000;
    let hash = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        tokens["access_token"].as_str().unwrap().as_bytes(),
    );
    use base64::Engine as _;
    let at_hash = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]);
    assert_eq!(
        id,
        json!({
            "iss": ISSUER, "sub": "acc_ada", "aud": shop.id, "exp": now + 600, "iat": now, "auth_time": now,
            "nonce": "n-1", "at_hash": at_hash, "amr": ["pwd", "otp"], "name": "Ada", "preferred_username": "Ada",
            "email": "ada@example.com", "email_verified": true,
            "groups": ["payments", "shop", "role:developer"], "role": "developer",
        })
    );
    let (header, access) = world
        .verified(tokens["access_token"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("ES256"), &json!("at+jwt"))
    );
    assert_eq!(access["aud"], json!(["https://orders.example.com"]));
    assert_eq!(access["client_id"], json!(shop.id));
    assert_eq!(
        access["scope"],
        "openid profile email groups offline_access"
    );
    assert!(access["jti"].is_string() && access["grant"].is_string());
    assert!(
        tokens["refresh_token"]
            .as_str()
            .unwrap()
            .starts_with("tlr_")
    );
    let user = world
        .user_info(tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(
        (&user["sub"], &user["email"]),
        (&json!("acc_ada"), &json!("ada@example.com"))
    );
}

#[tokio::test]
async fn plain_oauth_gets_no_id_token_and_no_refresh_token_unasked() {
    let world = World::new().await;
    let shop = world.shop().await;
    let tokens = world.tokens(&shop, "email").await;
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
    let info = world
        .user_info(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(info.error(), "insufficient_scope");
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_takes_everything_back() {
    let world = World::new().await;
    let shop = world.shop().await;
    let code = world
        .code(&shop, &[("scope", "openid offline_access")])
        .await;
    let first = world.exchange(&shop, &code).await.json();
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(world.user_info(access).await.status, StatusCode::OK);
    let second = world.exchange(&shop, &code).await;
    assert_eq!(
        (second.status, second.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    assert_eq!(world.user_info(access).await.error(), "invalid_token");
    let grant = part(access, 1)["grant"].as_str().unwrap().to_owned();
    assert!(
        world.issuer.is_revoked(&grant),
        "the gateway can know it too"
    );
    let refreshed = world
        .refresh(&shop, first["refresh_token"].as_str().unwrap())
        .await;
    assert_eq!(refreshed.error(), "invalid_grant");
    let kinds: Vec<_> = world
        .events()
        .await
        .iter()
        .map(|event| event["data"]["reason"].clone())
        .collect();
    assert!(kinds.contains(&json!("code reused")), "{kinds:?}");
}

#[tokio::test]
async fn a_code_dies_after_a_minute() {
    let world = World::new().await;
    let shop = world.shop().await;
    let (young, old) = (world.code(&shop, &[]).await, world.code(&shop, &[]).await);
    world.pass(60 * SECOND - 1);
    assert_eq!(world.exchange(&shop, &young).await.status, StatusCode::OK);
    world.pass(1);
    assert_eq!(world.exchange(&shop, &old).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_code_is_worthless_without_its_verifier_redirect_and_client() {
    let world = World::new().await;
    let shop = world.shop().await;
    let other = world.shop().await;
    let code = world.code(&shop, &[]).await;
    let exchange = async |app: &App, changes: &[(&str, &str)]| {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
            ("redirect_uri", shop.redirect.as_str()),
        ];
        form.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        form.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let answer = world.post("/oidc/token", app, &form).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.json()["error"]
            .as_str()
            .unwrap_or("granted")
            .to_owned()
    };
    let wrong = "x".repeat(43);
    assert_eq!(
        exchange(&shop, &[("code_verifier", "")]).await,
        "invalid_request"
    );
    assert_eq!(
        exchange(&shop, &[("code_verifier", &wrong)]).await,
        "invalid_grant"
    );
    // With `plain` the challenge itself would do.
    let challenge = crate::support::CHALLENGE;
    assert_eq!(
        exchange(&shop, &[("code_verifier", challenge)]).await,
        "invalid_grant"
    );
    assert_eq!(
        exchange(&shop, &[("redirect_uri", "")]).await,
        "invalid_request"
    );
    assert_eq!(
        exchange(&shop, &[("redirect_uri", "https://shop.example.com/")]).await,
        "invalid_grant"
    );
    assert_eq!(
        exchange(&shop, &[("code", "tla_unknown")]).await,
        "invalid_grant"
    );
    assert_eq!(
        exchange(&other, &[]).await,
        "invalid_grant",
        "another client's code"
    );
    assert_eq!(
        exchange(&shop, &[("grant_type", "password")]).await,
        "unsupported_grant_type"
    );
    assert_eq!(
        exchange(&shop, &[("grant_type", "")]).await,
        "invalid_request"
    );
    assert_eq!(
        exchange(&shop, &[]).await,
        "granted",
        "none of this used it up"
    );
}

#[tokio::test]
async fn of_many_that_exchange_a_code_at_once_one_at_most_keeps_its_tokens() {
    let world = World::new().await;
    let shop = world.shop().await;
    let code = world.code(&shop, &[]).await;
    let (a, b, c) = tokio::join!(
        world.exchange(&shop, &code),
        world.exchange(&shop, &code),
        world.exchange(&shop, &code)
    );
    let granted = [&a, &b, &c]
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .count();
    assert_eq!(granted, 1);
}

#[tokio::test]
async fn a_client_must_be_the_one_it_says() {
    let world = World::new().await;
    let shop = world.shop().await;
    let spa = world.spa().await;
    let secret = shop.secret.clone().unwrap();
    let code = world.code(&shop, &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", shop.redirect.as_str()),
    ];
    let with = |id: &str, secret: &str| basic(id, secret);
    for header in [
        with(&shop.id, "wrong"),
        with(&shop.id, ""),
        with("cli_unknown", &secret),
        with(&spa.id, &secret),
        "Basic !!!".into(),
    ] {
        let answer = world
            .form("/oidc/token", &[("authorization", &header)], &form)
            .await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (StatusCode::UNAUTHORIZED, "invalid_client")
        );
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
    let none = world.form("/oidc/token", &[], &form).await;
    assert_eq!(none.error(), "invalid_client");
    let only_id = App {
        secret: None,
        ..shop.clone()
    };
    assert_eq!(
        world.exchange(&only_id, &code).await.error(),
        "invalid_client"
    );
    let public_with_secret = App {
        secret: Some(secret.clone()),
        ..spa
    };
    assert_eq!(
        world.exchange(&public_with_secret, &code).await.error(),
        "invalid_client"
    );
    let header = basic(&shop.id, &secret);
    let headers = [("authorization", header.as_str())];
    let mut twice = form.to_vec();
    twice.push(("client_secret", &secret));
    assert_eq!(
        world.form("/oidc/token", &headers, &twice).await.error(),
        "invalid_request"
    );
    assert_eq!(
        world.form("/oidc/token", &headers, &form).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn only_a_form_is_read_and_nothing_twice() {
    let world = World::new().await;
    let shop = world.shop().await;
    let json = world
        .send(
            "POST /oidc/token",
            &[("content-type", "application/json")],
            "{}",
        )
        .await;
    assert_eq!(json.error(), "invalid_request");
    let twice = [
        ("grant_type", "client_credentials"),
        ("grant_type", "refresh_token"),
    ];
    assert_eq!(
        world.post("/oidc/token", &shop, &twice).await.error(),
        "invalid_request"
    );
}

#[tokio::test]
async fn who_tries_too_many_secrets_must_wait() {
    let world = World::new().await;
    let shop = world.shop().await;
    let wrong = App {
        secret: Some("wrong".into()),
        ..shop.clone()
    };
    for _ in 0..20 {
        assert_eq!(
            world.exchange(&wrong, "x").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let limited = world.exchange(&shop, "x").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!limited.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_person_who_left_in_between_gets_nothing() {
    let world = World::new().await;
    let shop = world.shop().await;
    let code = world.code(&shop, &[]).await;
    world.house.change("acc_ada", |ada| ada.disabled = true);
    assert_eq!(world.exchange(&shop, &code).await.error(), "invalid_grant");
}
