//! What every page has in common, and which pages of others may ask us.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{World, basic};

#[tokio::test]
async fn a_page_runs_nothing_and_cannot_be_framed() {
    let world = World::new().await;
    let app = world.register(json!({"trusted": false})).await;
    let page = world.browse(&app, "ada", &[]).await;
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(policy.contains("form-action 'self' https://shop.example.com; frame-ancestors 'none'"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(
        page.header("referrer-policy"),
        "same-origin",
        "else the form's origin would be null"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.text.contains("<script"));
}

#[tokio::test]
async fn nothing_that_a_client_sends_becomes_html() {
    let world = World::new().await;
    let app = world.register(json!({"trusted": false})).await;
    world
        .house
        .change("acc_ada", |ada| ada.name = "<b>Ada</b>".into());
    let page = world
        .browse(&app, "ada", &[("state", "\"><script>alert(1)</script>")])
        .await;
    assert!(!page.text.contains("<script") && !page.text.contains("<b>Ada"));
}

#[tokio::test]
async fn pages_of_public_clients_may_ask_for_tokens_and_no_others() {
    let world = World::new().await;
    let spa = world.spa().await;
    world.shop().await;
    let ask = [("access-control-request-method", "POST")];
    for path in ["/oidc/token", "/oidc/userinfo", "/oidc/revoke"] {
        for (origin, allowed) in [
            ("https://spa.example.com", true),
            ("https://shop.example.com", false),
            ("https://evil.example", false),
            ("https://spa.example.com.evil.example", false),
            ("null", false),
        ] {
            let mut headers = ask.to_vec();
            headers.push(("origin", origin));
            let preflight = world.send(&format!("OPTIONS {path}"), &headers, "").await;
            assert_eq!(preflight.status, StatusCode::NO_CONTENT);
            let expected = if allowed { origin } else { "" };
            assert_eq!(
                preflight.header("access-control-allow-origin"),
                expected,
                "{path} {origin}"
            );
            assert_eq!(preflight.header("access-control-allow-credentials"), "");
            assert_eq!(preflight.header("vary"), "Origin");
        }
    }
    let origin = [("origin", "https://spa.example.com")];
    let answer = world
        .form("/oidc/token", &origin, &[("client_id", &spa.id)])
        .await;
    assert_eq!(answer.error(), "invalid_request");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://spa.example.com",
        "errors can be read too"
    );
    world
        .api(&format!("DELETE /v1/oidc/clients/{}", spa.id), &json!({}))
        .await;
    let gone = world.form("/oidc/token", &origin, &[]).await;
    assert_eq!(gone.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn the_description_and_the_keys_are_for_everybody_and_may_be_kept() {
    let world = World::new().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oidc/jwks",
    ] {
        let origin = [("origin", "https://anybody.example")];
        let answer = world.send(&format!("GET {path}"), &origin, "").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cache-control"), "public, max-age=900");
    }
    let keys = world.send("GET /oidc/jwks", &[], "").await;
    assert_eq!(keys.text, &*world.issuer.jwks());
    assert!(
        keys.json()["keys"][0].get("d").is_none(),
        "the private half stays at home"
    );
}

#[tokio::test]
async fn every_address_of_the_description_is_there() {
    let world = World::new().await;
    let shop = world.shop().await;
    let described = world
        .send("GET /.well-known/openid-configuration", &[], "")
        .await
        .json();
    let header = basic(&shop.id, shop.secret.as_deref().unwrap());
    for (name, value) in described.as_object().unwrap() {
        let Some(path) = value
            .as_str()
            .and_then(|url| url.strip_prefix(crate::support::ISSUER))
        else {
            continue;
        };
        if path.is_empty() {
            continue;
        }
        let get = world.send(&format!("GET {path}"), &[], "").await;
        let post = world.form(path, &[("authorization", &header)], &[]).await;
        assert_ne!(get.status, StatusCode::NOT_FOUND, "{name}");
        let answered = [get.status, post.status]
            .iter()
            .any(|status| *status != StatusCode::METHOD_NOT_ALLOWED);
        assert!(answered, "{name}");
    }
}
