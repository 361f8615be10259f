//! The routes as a client sees them.

use axum::http::StatusCode;
use serde_json::json;
use trunkline_model::Scope;

use crate::support::{Home, owner_session, send, sorted, token};

const JSON: (&str, &str) = ("content-type", "application/json");
const OWN: (&str, &str) = ("origin", "http://localhost:7070");

#[tokio::test]
async fn a_person_signs_in_works_and_signs_out() {
    let home = Home::new();
    let door = home.door().await;
    let created = door.ensure_owner().await.unwrap().unwrap();
    let body = json!({"link": created.link.code.reveal()}).to_string();
    let signed_in = send(&door, "POST /v1/session", &[JSON, OWN], &body).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    insta::assert_json_snapshot!("session", sorted(signed_in.json()));
    let (pair, attributes) = signed_in
        .cookie()
        .split_once(';')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(
        attributes,
        " Path=/; HttpOnly; SameSite=Strict; Max-Age=7776000"
    );

    let cookie = ("cookie", pair.as_str());
    let again = send(&door, "POST /v1/session", &[JSON, OWN], &body).await;
    assert_eq!(again.json()["code"], "TL-ACCESS-004");
    let shown = send(&door, "GET /v1/session", &[cookie], "").await;
    assert_eq!(shown.json(), signed_in.json());
    let foreign = send(
        &door,
        "DELETE /v1/session",
        &[cookie, ("origin", "http://localhost:3000")],
        "",
    )
    .await;
    assert_eq!(foreign.json()["code"], "TL-ACCESS-005");
    let out = send(&door, "DELETE /v1/session", &[cookie, OWN], "").await;
    assert_eq!(
        (out.status, out.text.as_str()),
        (StatusCode::NO_CONTENT, "")
    );
    assert!(out.cookie().ends_with("Max-Age=0"));
    let gone = send(&door, "GET /v1/session", &[cookie], "").await;
    assert_eq!(gone.json()["code"], "TL-ACCESS-002");
}

#[tokio::test]
async fn an_owner_makes_lists_and_revokes_tokens() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    let cookie = format!("trunkline_session={}", session.secret.reveal());
    let owner = &[JSON, OWN, ("cookie", cookie.as_str())][..];
    let body = json!({"name": "ci", "scopes": ["write"], "expires_in_days": 30}).to_string();
    let made = send(&door, "POST /v1/tokens", owner, &body).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let mut shape = made.json();
    assert!(
        shape["token"]
            .as_str()
            .unwrap()
            .starts_with(shape["prefix"].as_str().unwrap())
    );
    shape["token"] = json!("the token's text");
    insta::assert_json_snapshot!("token_made", sorted(shape));
    let plain = send(&door, "POST /v1/tokens", owner, r#"{"name":"plain"}"#).await;
    assert_eq!(plain.json()["scopes"], json!(["read", "write"]));
    let listed = send(&door, "GET /v1/tokens", owner, "").await;
    insta::assert_json_snapshot!("tokens", sorted(listed.json()));
    let line = format!("DELETE /v1/tokens/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(
        send(&door, &line, owner, "").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        send(&door, &line, owner, "").await.json()["code"],
        "TL-ACCESS-006"
    );
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let answer = send(&door, "GET /v1/session", &[("authorization", &bearer)], "").await;
    assert_eq!(answer.json()["code"], "TL-ACCESS-002");
}

#[tokio::test]
async fn a_link_leads_to_where_the_caller_came_from() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    let owner = token(&door, "tool", &[Scope::Owner]).await;
    let bearer = format!("Bearer {}", owner.secret.reveal());
    let link = send(&door, "POST /v1/links", &[("authorization", &bearer)], "").await;
    assert_eq!(link.status, StatusCode::CREATED);
    let url = link.json()["url"].as_str().unwrap().to_owned();
    let code = url
        .strip_prefix("http://localhost:7070/sign-in#link=")
        .unwrap();
    let body = json!({"link": code}).to_string();
    let signed_in = send(&door, "POST /v1/session", &[JSON], &body).await;
    assert_eq!(signed_in.json()["principal"]["id"], session.principal.id);
}

#[tokio::test]
async fn a_program_signs_in_with_its_token() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "grafana", &[Scope::Read]).await;
    let body = json!({"token": format!(" {}\n", made.secret.reveal())}).to_string();
    let signed_in = send(&door, "POST /v1/session", &[JSON], &body).await;
    assert_eq!(signed_in.json()["principal"]["kind"], "token");
    let pair = signed_in.cookie().split(';').next().unwrap().to_owned();
    let refused = send(&door, "GET /v1/tokens", &[("cookie", &pair)], "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let bearer = format!("Bearer {}", made.secret.reveal());
    let shown = send(&door, "GET /v1/session", &[("authorization", &bearer)], "").await;
    assert_eq!(shown.json()["expires"], json!(null));
}

#[tokio::test]
async fn who_guesses_is_told_how_long_to_wait() {
    let home = Home::new();
    let door = home.door().await;
    for number in 0..20 {
        let body = json!({"link": number.to_string()}).to_string();
        let answer = send(&door, "POST /v1/session", &[JSON], &body).await;
        assert_eq!(answer.json()["code"], "TL-ACCESS-004");
    }
    let answer = send(&door, "POST /v1/session", &[JSON], r#"{"token":"tl_x"}"#).await;
    assert_eq!(answer.json()["code"], "TL-ACCESS-008");
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let home = Home::new();
    let door = home.door().await;
    let reader = token(&door, "reader", &[Scope::Read, Scope::Write]).await;
    let owner = token(&door, "owner", &[Scope::Owner]).await;
    let reader = format!("Bearer {}", reader.secret.reveal());
    let owner = format!("Bearer {}", owner.secret.reveal());
    let (reader, owner) = (
        ("authorization", reader.as_str()),
        ("authorization", owner.as_str()),
    );
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(1024));
    let text = ("content-type", "text/plain");
    let cases: &[Case] = &[
        ("no_credential", "GET /v1/tokens", &[], ""),
        (
            "mistyped",
            "GET /v1/tokens",
            &[("authorization", "Bearer tl_x")],
            "",
        ),
        ("forbidden_list", "GET /v1/tokens", &[reader], ""),
        ("forbidden_link", "POST /v1/links", &[reader], ""),
        (
            "foreign_sign_in",
            "POST /v1/session",
            &[JSON, ("origin", "http://evil.example")],
            "{}",
        ),
        ("neither", "POST /v1/session", &[JSON], "{}"),
        ("spent", "POST /v1/session", &[JSON], r#"{"link":"x"}"#),
        ("name", "POST /v1/tokens", &[owner, JSON], r#"{"name":" "}"#),
        (
            "life",
            "POST /v1/tokens",
            &[owner, JSON],
            r#"{"name":"a","expires_in_days":0}"#,
        ),
        (
            "no_scopes",
            "POST /v1/tokens",
            &[owner, JSON],
            r#"{"name":"a","scopes":[]}"#,
        ),
        (
            "unknown_scope",
            "POST /v1/tokens",
            &[owner, JSON],
            r#"{"name":"a","scopes":["root"]}"#,
        ),
        ("media_type", "POST /v1/tokens", &[owner, text], "{}"),
        ("too_large", "POST /v1/tokens", &[owner, JSON], &large),
        ("not_an_id", "DELETE /v1/tokens/7", &[owner], ""),
        (
            "unknown_token",
            "DELETE /v1/tokens/tok_00000000000000000000000000",
            &[owner],
            "",
        ),
        ("method", "PATCH /v1/tokens", &[owner], ""),
        ("nothing_here", "GET /v1/token", &[owner], ""),
    ];
    for (name, line, headers, body) in cases {
        let answer = send(&door, line, headers, body).await;
        assert_eq!(
            answer.headers["content-type"], "application/problem+json",
            "{name}"
        );
        assert_eq!(answer.json()["status"], answer.status.as_u16(), "{name}");
        insta::assert_json_snapshot!(*name, sorted(answer.json()));
    }
}

/// The name of a snapshot, and a request's line, headers and body.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);
