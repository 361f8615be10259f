//! Signing in with a password, changing it and resetting it.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, Home, PASSWORD, code_of, join, send_at, sign_in};

/// An answer without what differs for every request.
fn shape(answer: &crate::support::Answer) -> (StatusCode, Value) {
    let mut body = answer.json();
    body["request_id"] = Value::Null;
    (answer.status, body)
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    join(&door, &owner, "ada", "viewer").await;
    let gone = join(&door, &owner, "gone", "viewer").await;
    let line = format!("PATCH /v1/people/{}", gone.id(&door).await);
    owner.send(&door, &line, &json!({"disabled": true})).await;
    let made = owner
        .send(
            &door,
            "POST /v1/invitations",
            &json!({"email": "bare@example.com", "role": "viewer"}),
        )
        .await;
    let body = json!({"code": code_of(&made), "name": "Bare"});
    send_at(&door, 9, "POST /v1/invitations/accept", &[], &body).await;
    let mut shapes = Vec::new();
    let mut times = Vec::new();
    for (last, email, password) in [
        (10, "ada@example.com", "a wrong password"),
        (11, "nobody@example.com", "a wrong password"),
        (12, "gone@example.com", PASSWORD),
        (13, "bare@example.com", ""),
        (14, "not an email", "a wrong password"),
    ] {
        let began = Instant::now();
        let answer = sign_in(&door, last, &json!({"email": email, "password": password})).await;
        times.push(began.elapsed());
        assert!(!answer.headers.contains_key("set-cookie"));
        shapes.push(shape(&answer));
    }
    assert_eq!(shapes[0].1["code"], "TL-ACCESS-012");
    for other in &shapes[1..] {
        assert_eq!(other, &shapes[0]);
    }
    let shortest = times.iter().min().unwrap();
    assert!(
        *shortest > Duration::from_millis(3),
        "each was hashed: {times:?}"
    );
    let events = home.events_of("sign-in.failed").await;
    assert_eq!(events.len(), 5, "one for each address");
    assert_eq!(events[1]["account"], Value::Null);
    for event in &events {
        assert!(!event.to_string().contains("example.com"), "{event}");
    }
}

#[tokio::test]
async fn who_guesses_waits_longer_and_longer_and_the_owner_does_not() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    join(&door, &owner, "ada", "viewer").await;
    let wrong = json!({"email": "ada@example.com", "password": "a wrong password"});
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    for _ in 0..5 {
        assert_eq!(
            sign_in(&door, 66, &wrong).await.json()["code"],
            "TL-ACCESS-012"
        );
    }
    let limited = sign_in(&door, 66, &right).await;
    assert_eq!(
        limited.json()["code"],
        "TL-ACCESS-008",
        "even the right one has to wait"
    );
    assert_eq!(limited.headers["retry-after"], "1");
    assert_eq!(
        sign_in(&door, 2, &right).await.status,
        StatusCode::OK,
        "from elsewhere she comes in"
    );
    let unknown = json!({"email": "nobody@example.com", "password": "a wrong password"});
    for _ in 0..5 {
        assert_eq!(
            sign_in(&door, 67, &unknown).await.json()["code"],
            "TL-ACCESS-012"
        );
    }
    let limited = sign_in(&door, 67, &unknown).await;
    assert_eq!(
        limited.json()["code"],
        "TL-ACCESS-008",
        "an unknown account is no different"
    );
}

#[tokio::test]
async fn one_address_cannot_try_many_accounts() {
    let home = Home::new();
    let door = home.door().await;
    for number in 0..20 {
        let body = json!({"email": format!("p{number}@example.com"), "password": "Summer2026!!"});
        assert_eq!(
            sign_in(&door, 66, &body).await.json()["code"],
            "TL-ACCESS-012"
        );
    }
    let body = json!({"email": "p21@example.com", "password": "Summer2026!!"});
    assert_eq!(
        sign_in(&door, 66, &body).await.json()["code"],
        "TL-ACCESS-008"
    );
    assert_eq!(
        sign_in(&door, 67, &body).await.json()["code"],
        "TL-ACCESS-012"
    );
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let here = join(&door, &owner, "ada", "viewer").await;
    let there = sign_in(
        &door,
        3,
        &json!({"email": "ada@example.com", "password": PASSWORD}),
    )
    .await;
    let there = Browser::of(&there, 3);
    let change = |current: &str, password: &str| json!({"current": current, "password": password});
    let new = "ten quiet lanterns drift";
    for (body, code) in [
        (change("wrong", new), "TL-ACCESS-037"),
        (json!({"password": new}), "TL-ACCESS-037"),
        (change(PASSWORD, "ada@example.com"), "TL-ACCESS-013"),
    ] {
        let refused = here.send(&door, "PUT /v1/me/password", &body).await;
        assert_eq!(refused.json()["code"], code, "{body}");
    }
    assert!(there.is_in(&door).await);
    let changed = here
        .send(&door, "PUT /v1/me/password", &change(PASSWORD, new))
        .await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
    assert!(here.is_in(&door).await && !there.is_in(&door).await);
    let old = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(
        sign_in(&door, 4, &old).await.json()["code"],
        "TL-ACCESS-012"
    );
    let new = json!({"email": "ada@example.com", "password": new});
    assert_eq!(sign_in(&door, 4, &new).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_link_is_good_once_and_ends_every_session() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    let line = format!("POST /v1/people/{}/reset", ada.id(&door).await);
    let older = owner.send(&door, &line, &Value::Null).await;
    let made = owner.send(&door, &line, &Value::Null).await;
    assert!(
        made.json()["url"]
            .as_str()
            .unwrap()
            .starts_with("http://localhost:7070/reset#code=")
    );
    let reset = async |code: String, password: &str| {
        let body = json!({"code": code, "password": password});
        send_at(&door, 5, "POST /v1/password/reset", &[], &body).await
    };
    let new = "ten quiet lanterns drift";
    assert_eq!(
        reset(code_of(&older), new).await.json()["code"],
        "TL-ACCESS-021",
        "a newer one replaces it"
    );
    assert_eq!(
        reset(code_of(&made), "123456789012").await.json()["code"],
        "TL-ACCESS-013"
    );
    assert!(ada.is_in(&door).await);
    assert_eq!(
        reset(code_of(&made), new).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(!ada.is_in(&door).await);
    assert_eq!(
        reset(code_of(&made), new).await.json()["code"],
        "TL-ACCESS-021"
    );
    let body = json!({"email": "ada@example.com", "password": new});
    let again = Browser::of(&sign_in(&door, 6, &body).await, 6);
    let late = owner.send(&door, &line, &Value::Null).await;
    home.pass_days(1);
    assert_eq!(
        reset(code_of(&late), new).await.json()["code"],
        "TL-ACCESS-021",
        "too old"
    );
    let late = owner.send(&door, &line, &Value::Null).await;
    let person = format!("PATCH /v1/people/{}", again.id(&door).await);
    owner.send(&door, &person, &json!({"disabled": true})).await;
    assert_eq!(
        reset(code_of(&late), new).await.json()["code"],
        "TL-ACCESS-021",
        "disabled"
    );
}

#[tokio::test]
async fn without_mail_a_forgotten_password_is_answered_all_the_same() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    join(&door, &owner, "ada", "viewer").await;
    for email in ["ada@example.com", "nobody@example.com", "nonsense"] {
        let answer = send_at(
            &door,
            3,
            "POST /v1/password/forgot",
            &[],
            &json!({"email": email}),
        )
        .await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (StatusCode::ACCEPTED, ""),
            "{email}"
        );
    }
    assert!(home.events_of("password-reset.created").await.is_empty());
}

#[tokio::test]
async fn the_ways_to_sign_in_do_not_mix() {
    let home = Home::new();
    let door = home.door().await;
    for body in [
        json!({"email": "a@b"}),
        json!({"password": "x"}),
        json!({"email": "a@b", "password": "x", "link": "y"}),
        json!({"link": "y", "code": "1"}),
        json!({}),
    ] {
        assert_eq!(
            sign_in(&door, 2, &body).await.json()["code"],
            "TL-WEB-003",
            "{body}"
        );
    }
    let foreign = [("origin", "http://evil.example")];
    let body = json!({"email": "a@b.c", "password": "x"});
    let refused = send_at(&door, 2, "POST /v1/session", &foreign, &body).await;
    assert_eq!(refused.json()["code"], "TL-ACCESS-005");
    let ways = send_at(&door, 2, "GET /v1/sign-in", &[], &Value::Null).await;
    assert_eq!(
        ways.json(),
        json!({"password": true, "passkey": true, "issuers": []})
    );
}
