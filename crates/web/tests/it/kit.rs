//! Ids, limits, refusals and headers.

use axum::http::StatusCode;
use trunkline_web::WebConfig;

use crate::support::{platform, send};

/// The name of a snapshot, and a request's line, headers and body.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let config = WebConfig {
        max_body_bytes: 64,
        request_timeout_seconds: 0,
        ..WebConfig::default()
    };
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(64));
    let cases: &[Case] = &[
        ("not_found", "GET /v1/nothing", &[], ""),
        ("not_found_write", "DELETE /elsewhere", &[], ""),
        ("method", "PUT /v1/things", &[], ""),
        ("syntax", "POST /v1/things", &[JSON], "{"),
        ("shape", "POST /v1/things", &[JSON], r#"{"name":7}"#),
        (
            "media_type",
            "POST /v1/things",
            &[("content-type", "text/plain")],
            "{}",
        ),
        ("too_large", "POST /v1/things", &[JSON], &long),
        ("path", "GET /v1/things/seven?name=a", &[], ""),
        ("query", "GET /v1/things/7", &[], ""),
        ("panic", "GET /v1/panics", &[], ""),
        ("timeout", "GET /v1/never", &[], ""),
        (
            "ungated",
            "GET /v1/ungated",
            &[("authorization", "Bearer tl_good")],
            "",
        ),
    ];
    for (name, line, headers, body) in cases {
        let answer = send(platform(&config), line, headers, (*body).to_owned()).await;
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{name}"
        );
        assert_eq!(
            answer.json()["request_id"],
            answer.header("x-request-id"),
            "{name}"
        );
        assert_eq!(
            answer.header("content-length"),
            answer.text.len().to_string(),
            "{name}"
        );
        assert_eq!(answer.json()["status"], answer.status.as_u16(), "{name}");
        insta::assert_json_snapshot!(*name, answer.json());
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let answer = send(platform(&WebConfig::default()), "PUT /v1/things", &[], "").await;
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn the_answer_to_head_has_no_body() {
    let answer = send(platform(&WebConfig::default()), "HEAD /v1/nothing", &[], "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.text, "");
}

#[tokio::test]
async fn a_request_id_is_echoed() {
    let headers = &[JSON, ("x-request-id", "build-17")];
    let answer = send(
        platform(&WebConfig::default()),
        "POST /v1/things",
        headers,
        r#"{"name":"a"}"#,
    )
    .await;
    assert_eq!(answer.header("x-request-id"), "build-17");
    assert_eq!(answer.json(), serde_json::json!({"name": "a", "size": 0}));
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    for line in [
        "GET /v1/things/7?name=a",
        "GET /v1/nothing",
        "GET /any/page",
        "GET /v1/panics",
    ] {
        let answer = send(platform(&WebConfig::default()), line, &[], "").await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(
            answer.header("content-security-policy"),
            "frame-ancestors 'none'",
            "{line}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{line}");
        assert!(answer.header("x-request-id").starts_with("req_"), "{line}");
    }
}

#[tokio::test]
async fn pages_answer_whatever_the_api_does_not() {
    let config = WebConfig::default();
    let page = send(platform(&config), "GET /tables/events", &[], "").await;
    assert_eq!(page.text, "the console");
    let api = send(platform(&config), "GET /api/v9/write", &[], "").await;
    assert_eq!(api.json()["code"], "TL-WEB-001");
}
