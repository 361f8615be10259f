//! The request for a sign-in, and the bad days of it.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{App, ISSUER, SECOND, World, authorize_query};

#[tokio::test]
async fn a_signed_in_person_goes_back_with_a_code_the_state_and_the_issuer() {
    let world = World::new().await;
    let shop = world.shop().await;
    let answer = world.browse(&shop, "ada", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        answer
            .location()
            .starts_with("https://shop.example.com/cb?code=tla_")
    );
    assert_eq!(answer.sent("state").as_deref(), Some("s t&te"));
    assert_eq!(
        answer.sent("iss").as_deref(),
        Some(ISSUER),
        "a client can tell providers apart"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.header("referrer-policy"),
        "no-referrer",
        "the code stays out of referrers"
    );
}

#[tokio::test]
async fn a_post_is_as_good_as_a_get() {
    let world = World::new().await;
    let shop = world.shop().await;
    let headers = [
        ("cookie", "trunkline_session=ada"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = world
        .send(
            "POST /oidc/authorize",
            &headers,
            &authorize_query(&shop, &[]),
        )
        .await;
    assert!(answer.sent("code").is_some());
}

#[tokio::test]
async fn without_a_session_the_browser_signs_in_and_comes_back_to_the_same_request() {
    let world = World::new().await;
    let shop = world.shop().await;
    for cookie in ["", "unknown"] {
        let answer = world.browse(&shop, cookie, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(
            answer.location().starts_with("/sign-in?next="),
            "{}",
            answer.location()
        );
        let next = answer.sent("next").unwrap();
        let cookie = [("cookie", "trunkline_session=ada")];
        let back = world.send(&format!("GET {next}"), &cookie, "").await;
        assert_eq!(back.sent("state").as_deref(), Some("s t&te"));
        assert!(back.sent("code").is_some());
    }
}

#[tokio::test]
async fn a_bearer_token_is_no_browser() {
    let world = World::new().await;
    let shop = world.shop().await;
    let line = format!("GET /oidc/authorize?{}", authorize_query(&shop, &[]));
    let answer = world
        .send(&line, &[("authorization", "Bearer owner")], "")
        .await;
    assert!(answer.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_was_not_registered() {
    let world = World::new().await;
    let shop = world.shop().await;
    for uri in [
        "https://shop.example.com/cb/",
        "https://shop.example.com/cb2",
        "https://shop.example.com/",
        "https://shop.example.com/cb?x=1",
        "https://shop.example.com/cb#fragment",
        "https://shop.example.com/x/../cb",
        "https://evil.shop.example.com/cb",
        "https://shop.example.com.evil.example/cb",
        "https://shop.example.com@evil.example/cb",
        "https://user@shop.example.com/cb",
        "https://shop.example.com:444/cb",
        "http://shop.example.com/cb",
        "https://SHOP.example.com/cb",
        "//shop.example.com/cb",
        "javascript:alert(1)",
        "",
    ] {
        for cookie in ["ada", ""] {
            let answer = world.browse(&shop, cookie, &[("redirect_uri", uri)]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
            assert!(answer.location().is_empty(), "{uri}");
            assert!(answer.text.contains("TL-ISSUER-008"), "{uri}");
        }
    }
    let unknown = App {
        id: "cli_01KB3Q0G7Q2M1R8V5T4X9Z6Y3W".into(),
        ..shop.clone()
    };
    assert_eq!(
        world.browse(&unknown, "ada", &[]).await.status,
        StatusCode::BAD_REQUEST
    );
    let twice = format!(
        "GET /oidc/authorize?{}&redirect_uri=https://evil.example",
        authorize_query(&shop, &[])
    );
    assert_eq!(
        world.send(&twice, &[], "").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_wrong_request_goes_back_to_the_client_with_state_and_issuer() {
    let world = World::new().await;
    let shop = world.shop().await;
    for (extra, error) in [
        (
            &[("response_type", "token")][..],
            "unsupported_response_type",
        ),
        (
            &[("response_type", "code id_token")],
            "unsupported_response_type",
        ),
        (&[("response_type", "")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("scope", "")], "invalid_scope"),
        (&[("scope", "admin")], "invalid_scope"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "dance")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("request", "x.y.z")], "request_not_supported"),
        (
            &[("request_uri", "https://a.example")],
            "request_uri_not_supported",
        ),
        (&[("resource", "https://other.example")], "invalid_target"),
        (&[("nonce", "1"), ("nonce", "2")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
    ] {
        let answer = world.browse(&shop, "ada", extra).await;
        assert_eq!(answer.sent("error").as_deref(), Some(error), "{extra:?}");
        assert_eq!(answer.sent("state").as_deref(), Some("s t&te"), "{extra:?}");
        assert_eq!(answer.sent("iss").as_deref(), Some(ISSUER), "{extra:?}");
        assert!(answer.sent("code").is_none(), "{extra:?}");
        assert!(
            answer
                .location()
                .starts_with("https://shop.example.com/cb?"),
            "{extra:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_scope_is_left_out_and_none_is_added() {
    let world = World::new().await;
    let shop = world.register(json!({"scopes": ["openid", "email"]})).await;
    let tokens = world.tokens(&shop, "openid groups admin").await;
    assert_eq!(tokens["scope"], "openid");
}

#[tokio::test]
async fn a_loopback_port_may_vary_for_a_program_on_a_desktop_alone() {
    let world = World::new().await;
    let uris = json!({"kind": "public", "redirect_uris": ["http://127.0.0.1/cb"]});
    let native = world.register(uris).await;
    let answer = world
        .browse(
            &native,
            "ada",
            &[("redirect_uri", "http://127.0.0.1:49152/cb")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "trusted or not, it asks");
    assert!(answer.text.contains("wants to sign you in"));
    let other = world
        .browse(
            &native,
            "ada",
            &[("redirect_uri", "http://127.0.0.1:49152/other")],
        )
        .await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    let server = world
        .register(json!({"redirect_uris": ["http://127.0.0.1/cb"]}))
        .await;
    let answer = world
        .browse(
            &server,
            "ada",
            &[("redirect_uri", "http://127.0.0.1:49152/cb")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn silence_is_kept() {
    let world = World::new().await;
    let shop = world.shop().await;
    let silent = [("prompt", "none")];
    let nobody = world.browse(&shop, "", &silent).await;
    assert_eq!(nobody.sent("error").as_deref(), Some("login_required"));
    assert!(
        world
            .browse(&shop, "ada", &silent)
            .await
            .sent("code")
            .is_some()
    );
    let stranger = world.register(json!({"trusted": false})).await;
    let asked = world.browse(&stranger, "ada", &silent).await;
    assert_eq!(asked.sent("error").as_deref(), Some("consent_required"));
    world.pass(61 * SECOND);
    let old = world
        .browse(&shop, "ada", &[("prompt", "none"), ("max_age", "60")])
        .await;
    assert_eq!(old.sent("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn who_must_sign_in_again_does_and_the_token_says_when() {
    let world = World::new().await;
    let shop = world.shop().await;
    for extra in [("prompt", "login"), ("max_age", "60")] {
        world.pass(61 * SECOND);
        let answer = world.browse(&shop, "ada", &[extra]).await;
        assert_eq!(answer.sent("again").as_deref(), Some("1"));
        let next = format!("GET {}", answer.sent("next").unwrap());
        let cookie = [("cookie", "trunkline_session=ada")];
        let unchanged = world.send(&next, &cookie, "").await;
        assert!(
            unchanged.location().starts_with("/sign-in"),
            "the old sign-in does not count"
        );
        world.pass(5 * SECOND);
        world.sign_in("ada", "acc_ada");
        let code = world.send(&next, &cookie, "").await.sent("code").unwrap();
        let tokens = world.exchange(&shop, &code).await.json();
        let (_, claims) = world
            .verified(tokens["id_token"].as_str().unwrap())
            .await
            .unwrap();
        assert_eq!(claims["auth_time"], claims["iat"]);
    }
}

#[tokio::test]
async fn a_session_that_is_no_person_is_refused_and_not_sent_in_circles() {
    let world = World::new().await;
    let shop = world.shop().await;
    world.sign_in("pasted", "tok_ci");
    let token = world.browse(&shop, "pasted", &[]).await;
    assert_eq!(token.sent("error").as_deref(), Some("access_denied"));
    world.house.change("acc_ada", |ada| ada.disabled = true);
    let disabled = world.browse(&shop, "ada", &[]).await;
    assert_eq!(disabled.sent("error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_browser_from_another_site_is_led_over_a_page_of_ours_once() {
    let world = World::new().await;
    let shop = world.shop().await;
    let from = ("sec-fetch-site", "cross-site");
    let line = format!("GET /oidc/authorize?{}", authorize_query(&shop, &[]));
    let page = world.send(&line, &[from], "").await;
    assert_eq!(page.status, StatusCode::OK);
    let target = page.text.split_once("content=\"0;url=").unwrap().1;
    let target = target.split('"').next().unwrap().replace("&amp;", "&");
    let again = world.send(&format!("GET {target}"), &[from], "").await;
    assert!(again.location().starts_with("/sign-in"), "never twice");
    assert!(!again.location().contains("bounced"));
    let cookie = [
        ("cookie", "trunkline_session=ada"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert!(
        world
            .send(&format!("GET {target}"), &cookie, "")
            .await
            .sent("code")
            .is_some()
    );
}
