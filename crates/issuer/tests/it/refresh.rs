//! Refresh tokens: each is good once.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{App, DAY, World};

const SCOPE: &str = "openid email offline_access";

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

#[tokio::test]
async fn each_refresh_gives_a_new_set_of_the_same_sign_in() {
    let world = World::new().await;
    let shop = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    world.pass(DAY);
    let second = world
        .refresh(&shop, text(&first, "refresh_token"))
        .await
        .json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let (_, claims) = world.verified(text(&second, "id_token")).await.unwrap();
    assert_eq!(
        claims["auth_time"],
        json!(1_790_000_000),
        "still the sign-in of yesterday"
    );
    assert!(claims.get("nonce").is_none());
    assert_eq!(
        world.user_info(text(&second, "access_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_second_use_takes_the_whole_family_back() {
    let world = World::new().await;
    let shop = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    let second = world
        .refresh(&shop, text(&first, "refresh_token"))
        .await
        .json();
    let third = world
        .refresh(&shop, text(&second, "refresh_token"))
        .await
        .json();
    let thief = world.refresh(&shop, text(&first, "refresh_token")).await;
    assert_eq!(
        (thief.status, thief.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    assert_eq!(
        world
            .refresh(&shop, text(&third, "refresh_token"))
            .await
            .error(),
        "invalid_grant"
    );
    for tokens in [&first, &second, &third] {
        assert_eq!(
            world.user_info(text(tokens, "access_token")).await.error(),
            "invalid_token"
        );
    }
    let fresh = world.tokens(&shop, SCOPE).await;
    assert_eq!(
        world
            .refresh(&shop, text(&fresh, "refresh_token"))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn of_two_at_once_one_is_refused() {
    let world = World::new().await;
    let shop = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    let token = text(&first, "refresh_token");
    let (a, b) = tokio::join!(world.refresh(&shop, token), world.refresh(&shop, token));
    let good = [a, b]
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn it_dies_when_nobody_uses_it_and_in_any_case_in_the_end() {
    let world = World::new().await;
    let shop = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    world.pass(30 * DAY - 1);
    let mut tokens = world
        .refresh(&shop, text(&first, "refresh_token"))
        .await
        .json();
    world.pass(30 * DAY);
    assert_eq!(
        world
            .refresh(&shop, text(&tokens, "refresh_token"))
            .await
            .error(),
        "invalid_grant"
    );

    tokens = world.tokens(&shop, SCOPE).await;
    for _ in 0..3 {
        world.pass(29 * DAY);
        tokens = world
            .refresh(&shop, text(&tokens, "refresh_token"))
            .await
            .json();
    }
    world.pass(3 * DAY);
    assert_eq!(
        world
            .refresh(&shop, text(&tokens, "refresh_token"))
            .await
            .error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn it_is_good_for_its_own_client_and_its_own_scopes() {
    let world = World::new().await;
    let shop = world.shop().await;
    let other = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    let token = text(&first, "refresh_token");
    assert_eq!(world.refresh(&other, token).await.error(), "invalid_grant");
    let asking = async |app: &App, scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", scope),
        ];
        world.post("/oidc/token", app, &form).await
    };
    assert_eq!(
        asking(&shop, "openid groups").await.error(),
        "invalid_scope"
    );
    let fewer = asking(&shop, "openid").await.json();
    assert_eq!(fewer["scope"], "openid");
    let all = world
        .refresh(&shop, text(&fewer, "refresh_token"))
        .await
        .json();
    assert_eq!(all["scope"], SCOPE, "fewer once is not fewer for ever");
}

#[tokio::test]
async fn a_person_who_left_and_a_scope_that_was_taken_away_are_not_renewed() {
    let world = World::new().await;
    let shop = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    let line = format!("PATCH /v1/oidc/clients/{}", shop.id);
    let scopes = json!({"scopes": ["openid", "offline_access"]});
    assert_eq!(world.api(&line, &scopes).await.status, StatusCode::OK);
    let second = world
        .refresh(&shop, text(&first, "refresh_token"))
        .await
        .json();
    assert_eq!(second["scope"], "openid offline_access");
    world.house.change("acc_ada", |ada| ada.disabled = true);
    assert_eq!(
        world.user_info(text(&second, "access_token")).await.error(),
        "invalid_token"
    );
    let gone = world.refresh(&shop, text(&second, "refresh_token")).await;
    assert_eq!(gone.error(), "invalid_grant");
    world.house.change("acc_ada", |ada| ada.disabled = false);
    let again = world.refresh(&shop, text(&second, "refresh_token")).await;
    assert_eq!(again.error(), "invalid_grant", "it stays taken back");
}

#[tokio::test]
async fn a_client_keeps_no_more_than_twenty_sign_ins_of_a_person() {
    let world = World::new().await;
    let shop = world.shop().await;
    let first = world.tokens(&shop, SCOPE).await;
    let mut last = Value::Null;
    for _ in 0..20 {
        world.pass(2_000_000);
        last = world.tokens(&shop, SCOPE).await;
    }
    assert_eq!(
        world
            .refresh(&shop, text(&first, "refresh_token"))
            .await
            .error(),
        "invalid_grant"
    );
    assert_eq!(
        world
            .refresh(&shop, text(&last, "refresh_token"))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_person_is_ended_everywhere_at_once() {
    let world = World::new().await;
    let (shop, other) = (world.shop().await, world.spa().await);
    let (first, second) = (
        world.tokens(&shop, SCOPE).await,
        world.tokens(&other, SCOPE).await,
    );
    world
        .issuer
        .end_person("acc_ada", "account disabled")
        .await
        .unwrap();
    for (app, tokens) in [(&shop, &first), (&other, &second)] {
        let grant = crate::support::part(text(tokens, "access_token"), 1)["grant"].clone();
        assert!(world.issuer.is_revoked(grant.as_str().unwrap()));
        assert_eq!(
            world.user_info(text(tokens, "access_token")).await.error(),
            "invalid_token"
        );
        let answer = world.refresh(app, text(tokens, "refresh_token")).await;
        assert_eq!(answer.error(), "invalid_grant");
    }
}
