//! Who passes the gate.

use axum::http::StatusCode;
use trunkline_web::WebConfig;

use crate::support::{Answer, platform, send};

const COOKIE: (&str, &str) = ("cookie", "trunkline_session=good");
const OWN: (&str, &str) = ("origin", "http://localhost:7070");
const FOREIGN: (&str, &str) = ("origin", "http://localhost:3000");

async fn ask(line: &str, headers: &[(&str, &str)]) -> Answer {
    send(platform(&WebConfig::default()), line, headers, "").await
}

#[tokio::test]
async fn nobody_passes_without_a_credential() {
    let missing = ask("GET /v1/secret", &[]).await;
    assert_eq!(
        missing.header("www-authenticate"),
        "Bearer realm=\"trunkline\""
    );
    insta::assert_json_snapshot!("missing", missing.json());
    let wrong = ask("GET /v1/secret", &[("authorization", "Bearer tl_bad")]).await;
    insta::assert_json_snapshot!("wrong", wrong.json());
    let basic = ask("GET /v1/secret", &[("authorization", "Basic YTpi"), COOKIE]).await;
    assert_eq!(
        basic.json()["code"],
        "TL-ACCESS-001",
        "a cookie does not stand in for another credential"
    );
}

#[tokio::test]
async fn who_was_wrong_too_often_is_told_when_to_come_back() {
    let answer = ask("GET /v1/secret", &[("authorization", "Bearer tl_hasty")]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn a_known_credential_passes_with_its_name() {
    assert_eq!(
        ask("GET /v1/secret", &[("authorization", "Bearer tl_good")])
            .await
            .text,
        "ci"
    );
    assert_eq!(ask("GET /v1/secret", &[COOKIE]).await.text, "ci");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let answer = ask("POST /v1/owner", &[("authorization", "Bearer tl_good")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    insta::assert_json_snapshot!("forbidden", answer.json());
}

#[tokio::test]
async fn a_cookie_changes_things_only_from_the_own_origin() {
    assert_eq!(
        ask("POST /v1/secret", &[COOKIE, OWN]).await.status,
        StatusCode::OK
    );
    for headers in [&[COOKIE, FOREIGN][..], &[COOKIE]] {
        let answer = ask("POST /v1/secret", headers).await;
        assert_eq!(answer.json()["code"], "TL-ACCESS-005");
    }
    let program = ask("POST /v1/secret", &[("authorization", "Bearer tl_good")]).await;
    assert_eq!(program.status, StatusCode::OK, "a token is sent on purpose");
}

#[tokio::test]
async fn a_foreign_page_cannot_open_a_websocket() {
    let upgrade = ("upgrade", "websocket");
    let answer = ask("GET /v1/secret", &[COOKIE, FOREIGN, upgrade]).await;
    assert_eq!(answer.json()["code"], "TL-ACCESS-005");
    assert_eq!(
        ask("GET /v1/secret", &[COOKIE, OWN, upgrade]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_a_person_in() {
    assert_eq!(
        ask("POST /v1/sign-in", &[FOREIGN]).await.json()["code"],
        "TL-ACCESS-005"
    );
    assert_eq!(ask("POST /v1/sign-in", &[OWN]).await.text, "in");
    assert_eq!(ask("POST /v1/sign-in", &[]).await.text, "in");
}
