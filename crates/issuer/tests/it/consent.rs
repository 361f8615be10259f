//! The page that asks a person.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Answer, App, ISSUER, World};

async fn stranger(world: &World) -> App {
    world
        .register(json!({"trusted": false, "name": "Grafana"}))
        .await
}

async fn answer(
    world: &World,
    page: &Answer,
    cookie: &str,
    origin: &str,
    decision: &str,
) -> Answer {
    let cookie = format!("trunkline_session={cookie}");
    let form = [
        ("request", page.field("request")),
        ("seal", page.field("seal")),
        ("decision", decision.into()),
    ];
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let headers = [("cookie", cookie.as_str()), ("origin", origin)];
    world.form("/oidc/consent", &headers, &form).await
}

#[tokio::test]
async fn a_person_is_asked_once_and_then_no_more() {
    let world = World::new().await;
    let app = stranger(&world).await;
    let page = world
        .browse(&app, "ada", &[("scope", "openid email")])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("Grafana wants to sign you in")
            && page.text.contains("your e-mail address")
    );
    let back = answer(&world, &page, "ada", ISSUER, "allow").await;
    let code = back.sent("code").unwrap();
    assert_eq!(back.sent("state").as_deref(), Some("s t&te"));
    assert_eq!(world.exchange(&app, &code).await.status, StatusCode::OK);
    assert!(
        world
            .browse(&app, "ada", &[("scope", "openid")])
            .await
            .sent("code")
            .is_some()
    );
    let more = world
        .browse(&app, "ada", &[("scope", "openid groups")])
        .await;
    assert_eq!(
        more.status,
        StatusCode::OK,
        "more than was given is asked for again"
    );
    let anew = world.browse(&app, "ada", &[("prompt", "consent")]).await;
    assert_eq!(anew.status, StatusCode::OK);
}

#[tokio::test]
async fn no_is_no() {
    let world = World::new().await;
    let app = stranger(&world).await;
    let page = world.browse(&app, "ada", &[]).await;
    let back = answer(&world, &page, "ada", ISSUER, "deny").await;
    assert_eq!(back.sent("error").as_deref(), Some("access_denied"));
    assert_eq!(back.sent("iss").as_deref(), Some(ISSUER));
    assert_eq!(
        world.browse(&app, "ada", &[]).await.status,
        StatusCode::OK,
        "nothing was remembered"
    );
}

#[tokio::test]
async fn nobody_else_can_press_the_button() {
    let world = World::new().await;
    let app = stranger(&world).await;
    world.add_person("acc_eve", "Eve");
    world.sign_in("eve", "acc_eve");
    let page = world.browse(&app, "ada", &[]).await;
    let evil = answer(&world, &page, "ada", "https://evil.example", "allow").await;
    assert_eq!(evil.status, StatusCode::FORBIDDEN);
    let nowhere = answer(&world, &page, "ada", "null", "allow").await;
    assert_eq!(nowhere.status, StatusCode::FORBIDDEN);
    let eves = answer(&world, &page, "eve", ISSUER, "allow").await;
    assert_eq!(
        eves.status,
        StatusCode::FORBIDDEN,
        "a page of another session"
    );
    let nobody = answer(&world, &page, "gone", ISSUER, "allow").await;
    assert_eq!(nobody.status, StatusCode::FORBIDDEN);
    let request = page
        .field("request")
        .replace("scope=openid", "scope=openid+groups");
    assert_ne!(request, page.field("request"));
    let form = [
        ("request", request.as_str()),
        ("seal", &page.field("seal")),
        ("decision", "allow"),
    ];
    let headers = [("cookie", "trunkline_session=ada"), ("origin", ISSUER)];
    let changed = world.form("/oidc/consent", &headers, &form).await;
    assert_eq!(
        changed.status,
        StatusCode::FORBIDDEN,
        "another request than was shown"
    );
    world.pass(10 * 60 * 1_000_000);
    let late = answer(&world, &page, "ada", ISSUER, "allow").await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(late.text.contains("TL-ISSUER-009"));
}
