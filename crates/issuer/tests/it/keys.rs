//! Signing keys over time.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{DAY, World, part};

fn kid(tokens: &serde_json::Value) -> String {
    part(tokens["access_token"].as_str().unwrap(), 0)["kid"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_next_key_is_shown_for_a_day_before_it_signs() {
    let world = World::new().await;
    let shop = world.shop().await;
    let old = kid(&world.tokens(&shop, "openid").await);
    let version = world.issuer.jwks_version();
    let rotated = world
        .api("POST /v1/oidc/keys/rotate", &json!({}))
        .await
        .json();
    assert_eq!(rotated["keys"].as_array().unwrap().len(), 2);
    assert_ne!(world.issuer.jwks_version(), version);
    assert_eq!(kid(&world.tokens(&shop, "openid").await), old);
    world.pass(DAY - 1);
    let last = world.tokens(&shop, "openid").await;
    assert_eq!(kid(&last), old);
    world.pass(1);
    let new = world.tokens(&shop, "openid").await;
    assert_ne!(kid(&new), old);
    world.issuer.keep_keys().await.unwrap();
    for tokens in [&last, &new] {
        let access = tokens["access_token"].as_str().unwrap();
        assert!(world.verified(access).await.is_some());
        assert_eq!(world.user_info(access).await.status, StatusCode::OK);
    }
    world.pass(DAY);
    world.issuer.keep_keys().await.unwrap();
    assert!(
        world
            .verified(last["access_token"].as_str().unwrap())
            .await
            .is_none(),
        "removed once no token needs it"
    );
    assert_eq!(world.issuer.keys().len(), 1);
}

#[tokio::test]
async fn keys_rotate_by_themselves() {
    let world = World::new().await;
    let first = world.issuer.keys();
    world.pass(89 * DAY);
    world.issuer.keep_keys().await.unwrap();
    let both = world.issuer.keys();
    assert_eq!(both.len(), 2);
    assert!(both[0].signs && !both[1].signs);
    world.issuer.keep_keys().await.unwrap();
    assert_eq!(world.issuer.keys(), both, "once");
    world.pass(2 * DAY);
    world.issuer.keep_keys().await.unwrap();
    assert_eq!(world.issuer.keys().len(), 1);
    assert_ne!(world.issuer.keys()[0].id, first[0].id);
}

#[tokio::test]
async fn after_a_theft_nothing_old_is_believed_even_by_another_process() {
    let world = World::new().await;
    let shop = world.shop().await;
    let tokens = world.tokens(&shop, "openid").await;
    let other = world.other_process(7).await;
    let by = trunkline_model::Principal::platform();
    other.rotate(true, &by).await.unwrap();
    world.issuer.refresh().await.unwrap();
    assert_eq!(world.issuer.keys(), other.keys());
    let access = tokens["access_token"].as_str().unwrap();
    assert!(world.verified(access).await.is_none());
    assert_eq!(world.user_info(access).await.error(), "invalid_token");
    let new = world.tokens(&shop, "openid").await;
    assert_eq!(
        world
            .user_info(new["access_token"].as_str().unwrap())
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn keys_survive_a_restart() {
    let world = World::new().await;
    let again = world.other_process(8).await;
    assert_eq!(again.keys(), world.issuer.keys());
    assert_eq!(again.jwks(), world.issuer.jwks());
}

#[tokio::test]
async fn what_is_of_no_more_use_is_removed_and_what_is_of_use_stays() {
    let world = World::new().await;
    let shop = world.shop().await;
    let mut tokens = world.tokens(&shop, "openid offline_access").await;
    for _ in 0..3 {
        world.pass(20 * DAY);
        world.issuer.tidy().await.unwrap();
        let answer = world
            .refresh(&shop, tokens["refresh_token"].as_str().unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        tokens = answer.json();
    }
    world.code(&shop, &[]).await;
    world.pass(100 * DAY);
    world.issuer.tidy().await.unwrap();
    let store = world.store().await;
    for table in [
        "issuer_code",
        "issuer_grant",
        "issuer_refresh",
        "issuer_revoked",
        "issuer_device",
    ] {
        let text = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let rows: i64 = sqlx::query_scalar(text)
            .fetch_one(store.readers())
            .await
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn a_long_lived_process_writes_its_last_events() {
    let world = World::new().await;
    let app = world
        .register(json!({"grants": ["client_credentials"], "redirect_uris": [], "scopes": ["a"]}))
        .await;
    let form = [("grant_type", "client_credentials")];
    assert_eq!(
        world.post("/oidc/token", &app, &form).await.status,
        StatusCode::OK
    );
    std::sync::Arc::clone(&world.issuer)
        .maintain(std::future::ready(()))
        .await;
    let store = world.store().await;
    let text = "select count(*) from outbox where event like '%client_credentials%token.granted%'
                or event like '%token.granted%client_credentials%'";
    let rows: i64 = sqlx::query_scalar(text)
        .fetch_one(store.readers())
        .await
        .unwrap();
    assert_eq!(rows, 1);
}
