//! A client signs its person out.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{ISSUER, World, query};

const COOKIE: (&str, &str) = ("cookie", "trunkline_session=ada");
const AFTER: &str = "https://shop.example.com/bye";

async fn world_and_shop() -> (World, crate::support::App) {
    let world = World::new().await;
    let shop = world
        .register(json!({"post_logout_redirect_uris": [AFTER]}))
        .await;
    (world, shop)
}

#[tokio::test]
async fn with_its_id_token_the_session_ends_at_once() {
    let (world, shop) = world_and_shop().await;
    let short = world.tokens(&shop, "openid").await;
    let long = world.tokens(&shop, "openid offline_access").await;
    let hint = short["id_token"].as_str().unwrap();
    world.pass(3_600_000_000);
    let text = query(&[
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", AFTER),
        ("state", "x"),
    ]);
    let answer = world
        .send(&format!("GET /oidc/logout?{text}"), &[COOKIE], "")
        .await;
    assert_eq!(answer.location(), "https://shop.example.com/bye?state=x");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert!(!world.house.has_session("ada"));
    let refreshed = world
        .refresh(&shop, long["refresh_token"].as_str().unwrap())
        .await;
    assert_eq!(
        refreshed.status,
        StatusCode::OK,
        "`offline_access` outlives the session"
    );
}

#[tokio::test]
async fn tokens_of_the_session_end_with_it() {
    let (world, shop) = world_and_shop().await;
    let tokens = world.tokens(&shop, "openid").await;
    let text = query(&[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    let answer = world
        .send(&format!("GET /oidc/logout?{text}"), &[COOKIE], "")
        .await;
    assert!(answer.text.contains("You are signed out"));
    assert_eq!(
        world
            .user_info(tokens["access_token"].as_str().unwrap())
            .await
            .error(),
        "invalid_token"
    );
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let (world, shop) = world_and_shop().await;
    world.add_person("acc_eve", "Eve");
    world.sign_in("eve", "acc_eve");
    let tokens = world.tokens(&shop, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    let foreign = query(&[("id_token_hint", hint)]);
    let eve = [("cookie", "trunkline_session=eve")];
    let asked = world
        .send(&format!("GET /oidc/logout?{foreign}"), &eve, "")
        .await;
    assert!(
        asked.text.contains("Sign out of Trunkline?"),
        "another person's hint"
    );
    let text = query(&[("client_id", &shop.id), ("post_logout_redirect_uri", AFTER)]);
    let page = world
        .send(&format!("GET /oidc/logout?{text}"), &[COOKIE], "")
        .await;
    assert!(page.text.contains("Sign out of Trunkline?") && world.house.has_session("ada"));
    let form = [
        ("request", page.field("request")),
        ("seal", page.field("seal")),
    ];
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let evil = [COOKIE, ("origin", "https://evil.example")];
    let forged = world.form("/oidc/logout/confirm", &evil, &form).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(world.house.has_session("ada"));
    let done = world
        .form("/oidc/logout/confirm", &[COOKIE, ("origin", ISSUER)], &form)
        .await;
    assert_eq!(done.location(), AFTER);
    assert!(!world.house.has_session("ada"));
}

#[tokio::test]
async fn nobody_is_sent_where_the_client_did_not_say() {
    let (world, shop) = world_and_shop().await;
    let other = world.shop().await;
    let tokens = world.tokens(&shop, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    for pairs in [
        vec![
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://evil.example"),
        ],
        vec![
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://shop.example.com/bye/x"),
        ],
        vec![
            ("client_id", other.id.as_str()),
            ("post_logout_redirect_uri", AFTER),
        ],
        vec![("client_id", other.id.as_str()), ("id_token_hint", hint)],
        vec![
            ("id_token_hint", "a.b.c"),
            ("post_logout_redirect_uri", AFTER),
        ],
        vec![("post_logout_redirect_uri", AFTER)],
    ] {
        let answer = world
            .send(
                &format!("GET /oidc/logout?{}", query(&pairs)),
                &[COOKIE],
                "",
            )
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{pairs:?}");
        assert!(answer.location().is_empty() && world.house.has_session("ada"));
    }
}
