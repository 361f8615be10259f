//! A person's own sessions, and the cookies that carry them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, Home, PASSWORD, join, sign_in};

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_together() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let first = join(&door, &owner, "ada", "viewer").await;
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    let second = Browser::of(&sign_in(&door, 7, &right).await, 7);
    let third = Browser::of(&sign_in(&door, 8, &right).await, 8);
    let listed = second
        .send(&door, "GET /v1/me/sessions", &Value::Null)
        .await;
    let sessions = listed.json()["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 3);
    let current: Vec<&Value> = sessions
        .iter()
        .filter(|entry| entry["current"] == true)
        .collect();
    assert_eq!(current.len(), 1);
    assert_eq!(
        (&current[0]["client"], &current[0]["method"]),
        (&json!("192.0.2.7"), &json!("password"))
    );
    assert!(
        !listed
            .text
            .contains(second.cookie.split_once('=').unwrap().1),
        "no secret in the list"
    );

    let other = sessions
        .iter()
        .find(|entry| entry["client"] == "192.0.2.8")
        .unwrap();
    let line = format!("DELETE /v1/me/sessions/{}", other["id"].as_str().unwrap());
    let foreign = owner.send(&door, &line, &Value::Null).await;
    assert_eq!(
        foreign.json()["code"],
        "TL-ACCESS-029",
        "it is nobody else's to end"
    );
    assert_eq!(
        second.send(&door, &line, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(!third.is_in(&door).await && first.is_in(&door).await);
    assert_eq!(
        second.send(&door, &line, &Value::Null).await.json()["code"],
        "TL-ACCESS-029"
    );
    second
        .send(&door, "DELETE /v1/me/sessions", &Value::Null)
        .await;
    assert!(second.is_in(&door).await && !first.is_in(&door).await && owner.is_in(&door).await);
}

#[tokio::test]
async fn a_planted_cookie_is_never_taken_over() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    join(&door, &owner, "ada", "viewer").await;
    let planted = "a".repeat(43);
    let headers = [("cookie", format!("trunkline_session={planted}"))];
    let headers = [(headers[0].0, headers[0].1.as_str())];
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = crate::support::send_at(&door, 2, "POST /v1/session", &headers, &body).await;
    assert!(!answer.cookie().contains(&planted));
    let victim = Browser {
        cookie: headers[0].1.into(),
        last: 2,
    };
    assert!(!victim.is_in(&door).await);
}

#[tokio::test]
async fn over_https_no_other_host_can_have_set_the_cookie() {
    let home = Home::new();
    let door = home
        .configured(1, |config| {
            config.public_url = Some("https://trunkline.example.com/".into());
        })
        .await
        .unwrap();
    let link = door.ensure_owner().await.unwrap().unwrap().link;
    let body = json!({"link": link.code.reveal()});
    let answer = sign_in(&door, 2, &body).await;
    let cookie = answer.cookie();
    assert!(cookie.starts_with("__Host-trunkline_session="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=7776000; Secure"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"));
}
