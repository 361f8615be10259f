//! Devices and command lines without a browser.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, App, ISSUER, SECOND, World};

const COOKIE: (&str, &str) = ("cookie", "trunkline_session=ada");

async fn cli(world: &World) -> App {
    let grants = json!(["device_code", "refresh_token"]);
    world
        .register(json!({"kind": "public", "name": "cli", "grants": grants, "redirect_uris": []}))
        .await
}

async fn start(world: &World, app: &App) -> Value {
    let form = [("scope", "openid offline_access")];
    world
        .post("/oidc/device_authorization", app, &form)
        .await
        .json()
}

async fn poll(world: &World, app: &App, device: &Value) -> Answer {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", device["device_code"].as_str().unwrap()),
    ];
    world.post("/oidc/token", app, &form).await
}

async fn decide(world: &World, page: &Answer, decision: &str) -> Answer {
    let (code, seal) = (page.field("user_code"), page.field("seal"));
    let form = [
        ("user_code", code.as_str()),
        ("seal", &seal),
        ("decision", decision),
    ];
    world
        .form("/oidc/device", &[COOKIE, ("origin", ISSUER)], &form)
        .await
}

async fn look(world: &World, code: &str) -> Answer {
    world
        .send(&format!("GET /oidc/device?user_code={code}"), &[COOKIE], "")
        .await
}

#[tokio::test]
async fn a_device_waits_for_its_person() {
    let world = World::new().await;
    let app = cli(&world).await;
    let device = start(&world, &app).await;
    assert_eq!(
        (&device["expires_in"], &device["interval"]),
        (&json!(600), &json!(5))
    );
    assert_eq!(device["verification_uri"], format!("{ISSUER}/oidc/device"));
    assert_eq!(
        poll(&world, &app, &device).await.error(),
        "authorization_pending"
    );
    let code = device["user_code"].as_str().unwrap();
    let typed = code.to_lowercase().replace('-', "");
    let page = look(&world, &typed).await;
    assert!(page.text.contains("Sign in cli on a device?") && page.text.contains(code));
    assert_eq!(decide(&world, &page, "allow").await.status, StatusCode::OK);
    world.pass(5 * SECOND);
    let tokens = poll(&world, &app, &device).await.json();
    assert!(tokens["id_token"].is_string() && tokens["refresh_token"].is_string());
    assert_eq!(
        world
            .user_info(tokens["access_token"].as_str().unwrap())
            .await
            .json()["sub"],
        "acc_ada"
    );
    assert_eq!(
        poll(&world, &app, &device).await.error(),
        "invalid_grant",
        "once"
    );
    assert!(look(&world, code).await.text.contains("No device waits"));
}

#[tokio::test]
async fn no_is_no_and_late_is_late() {
    let world = World::new().await;
    let app = cli(&world).await;
    let device = start(&world, &app).await;
    let page = look(&world, device["user_code"].as_str().unwrap()).await;
    decide(&world, &page, "deny").await;
    assert_eq!(poll(&world, &app, &device).await.error(), "access_denied");
    let late = start(&world, &app).await;
    world.pass(600 * SECOND);
    assert_eq!(poll(&world, &app, &late).await.error(), "expired_token");
    assert!(
        look(&world, late["user_code"].as_str().unwrap())
            .await
            .text
            .contains("No device waits")
    );
}

#[tokio::test]
async fn who_asks_too_fast_must_ask_slower() {
    let world = World::new().await;
    let app = cli(&world).await;
    let device = start(&world, &app).await;
    assert_eq!(
        poll(&world, &app, &device).await.error(),
        "authorization_pending"
    );
    world.pass(4 * SECOND);
    assert_eq!(poll(&world, &app, &device).await.error(), "slow_down");
    world.pass(6 * SECOND);
    assert_eq!(
        poll(&world, &app, &device).await.error(),
        "slow_down",
        "now it is ten seconds"
    );
    world.pass(15 * SECOND);
    assert_eq!(
        poll(&world, &app, &device).await.error(),
        "authorization_pending"
    );
}

#[tokio::test]
async fn codes_cannot_be_guessed_and_answers_cannot_be_forged() {
    let world = World::new().await;
    let app = cli(&world).await;
    let other = cli(&world).await;
    let device = start(&world, &app).await;
    assert_eq!(poll(&world, &other, &device).await.error(), "invalid_grant");
    let page = look(&world, device["user_code"].as_str().unwrap()).await;
    let (code, seal) = (page.field("user_code"), page.field("seal"));
    let form = [
        ("user_code", code.as_str()),
        ("seal", &seal),
        ("decision", "allow"),
    ];
    let evil = world
        .form(
            "/oidc/device",
            &[COOKIE, ("origin", "https://evil.example")],
            &form,
        )
        .await;
    assert_eq!(evil.status, StatusCode::FORBIDDEN);
    let unsealed = [("user_code", code.as_str()), ("decision", "allow")];
    let forged = world
        .form("/oidc/device", &[COOKIE, ("origin", ISSUER)], &unsealed)
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for _ in 0..20 {
        assert_eq!(look(&world, "BBBB-BBBB").await.status, StatusCode::OK);
    }
    assert_eq!(
        look(&world, &code).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn the_page_needs_a_person_and_the_grant_a_client() {
    let world = World::new().await;
    let nobody = world
        .send("GET /oidc/device?user_code=WDJB-MJHT", &[], "")
        .await;
    assert_eq!(
        nobody.sent("next").as_deref(),
        Some("/oidc/device?user_code=WDJB-MJHT")
    );
    let shop = world.shop().await;
    let refused = world.post("/oidc/device_authorization", &shop, &[]).await;
    assert_eq!(refused.error(), "unauthorized_client");
}
