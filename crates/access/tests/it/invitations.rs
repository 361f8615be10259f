//! Joining by an invitation.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, Home, PASSWORD, code_of, send_at, sign_in};

#[tokio::test]
async fn a_person_is_invited_looks_joins_and_signs_in_again() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    owner
        .send(&door, "POST /v1/teams", &json!({"name": "apps"}))
        .await;
    let wanted = json!({"email": "Ada@Example.com", "role": "operator", "teams": ["apps"]});
    let made = owner.send(&door, "POST /v1/invitations", &wanted).await;
    assert_eq!(made.json()["mailed"], false, "mail is not configured");
    let url = made.json()["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("http://localhost:7070/join#invitation="),
        "{url}"
    );
    let code = code_of(&made);
    let look = send_at(
        &door,
        2,
        "POST /v1/invitations/look",
        &[],
        &json!({"code": code}),
    )
    .await;
    let mut shape = look.json();
    shape["expires"] = "…".into();
    insta::assert_json_snapshot!("invitation_look", crate::support::sorted(shape));

    let body =
        json!({"code": code, "name": "Ada", "email": "evil@example.com", "password": PASSWORD});
    let joined = send_at(&door, 2, "POST /v1/invitations/accept", &[], &body).await;
    let ada = Browser::of(&joined, 2);
    assert_eq!(joined.json()["principal"]["role"], "operator");
    assert_eq!(joined.json()["principal"]["teams"], json!(["apps"]));
    assert!(ada.is_in(&door).await);
    let again = send_at(&door, 2, "POST /v1/invitations/accept", &[], &body).await;
    assert_eq!(
        again.json()["code"],
        "TL-ACCESS-014",
        "an invitation is good once"
    );
    let wrong = json!({"email": "evil@example.com", "password": PASSWORD});
    assert_eq!(
        sign_in(&door, 4, &wrong).await.json()["code"],
        "TL-ACCESS-012"
    );
    let right = json!({"email": "ADA@example.com", "password": PASSWORD});
    let signed_in = sign_in(&door, 3, &right).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    assert_ne!(
        Browser::of(&signed_in, 3).cookie,
        ada.cookie,
        "each sign-in has a secret of its own"
    );
    let joined = home.events_of("person.joined").await;
    assert_eq!(
        (joined[0]["how"].as_str(), joined.len()),
        (Some("invitation"), 1)
    );
}

#[tokio::test]
async fn a_refusal_leaves_the_invitation_good() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let made = owner
        .send(&door, "POST /v1/invitations", &json!({"role": "viewer"}))
        .await;
    let code = code_of(&made);
    for (body, problem) in [
        (json!({"code": code, "name": "<b>"}), "TL-ACCESS-007"),
        (
            json!({"code": code, "name": "Ada", "password": PASSWORD}),
            "TL-ACCESS-016",
        ),
        (
            json!({"code": code, "name": "Ada", "email": "a@b", "password": "short"}),
            "TL-ACCESS-013",
        ),
        (
            json!({"code": code, "name": "Ada", "email": "a@b", "password": "password12345"}),
            "TL-ACCESS-013",
        ),
    ] {
        let refused = send_at(&door, 2, "POST /v1/invitations/accept", &[], &body).await;
        assert_eq!(refused.json()["code"], problem, "{body}");
    }
    let foreign = [("origin", "http://evil.example")];
    let body = json!({"code": code, "name": "Ada"});
    let refused = send_at(&door, 2, "POST /v1/invitations/accept", &foreign, &body).await;
    assert_eq!(refused.json()["code"], "TL-ACCESS-005");
    let joined = send_at(&door, 2, "POST /v1/invitations/accept", &[], &body).await;
    assert_eq!(joined.json()["principal"]["role"], "viewer");
}

#[tokio::test]
async fn an_invitation_ends_by_time_withdrawal_or_use() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let look = async |code: &str| {
        let body = json!({"code": code});
        send_at(&door, 2, "POST /v1/invitations/look", &[], &body)
            .await
            .status
    };
    let made = owner
        .send(&door, "POST /v1/invitations", &json!({"role": "viewer"}))
        .await;
    let line = format!(
        "DELETE /v1/invitations/{}",
        made.json()["id"].as_str().unwrap()
    );
    assert_eq!(look(&code_of(&made)).await, StatusCode::OK);
    assert_eq!(
        owner.send(&door, &line, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(look(&code_of(&made)).await, StatusCode::NOT_FOUND);
    assert_eq!(
        owner.send(&door, &line, &Value::Null).await.json()["code"],
        "TL-ACCESS-030"
    );
    let made = owner
        .send(&door, "POST /v1/invitations", &json!({"role": "viewer"}))
        .await;
    let listed = owner.send(&door, "GET /v1/invitations", &Value::Null).await;
    assert_eq!(listed.json()["invitations"].as_array().unwrap().len(), 1);
    assert!(
        !listed.text.contains(&code_of(&made)),
        "the code is shown once"
    );
    home.pass_days(3);
    assert_eq!(look(&code_of(&made)).await, StatusCode::NOT_FOUND);
    door.tidy().await.unwrap();
    let listed = owner.send(&door, "GET /v1/invitations", &Value::Null).await;
    assert_eq!(listed.json()["invitations"], json!([]));
}

#[tokio::test]
async fn two_who_join_at_the_same_time_are_one() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let made = owner
        .send(&door, "POST /v1/invitations", &json!({"role": "viewer"}))
        .await;
    let body = |name: &str| json!({"code": code_of(&made), "name": name});
    let (first, second) = (body("Ada"), body("Eve"));
    let (first, second) = tokio::join!(
        send_at(&door, 2, "POST /v1/invitations/accept", &[], &first),
        send_at(&door, 3, "POST /v1/invitations/accept", &[], &second),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_long() {
    let home = Home::new();
    let door = home.door().await;
    for number in 0..20 {
        let body = json!({"code": number.to_string()});
        let refused = send_at(&door, 2, "POST /v1/invitations/look", &[], &body).await;
        assert_eq!(refused.json()["code"], "TL-ACCESS-014");
    }
    for line in [
        "POST /v1/invitations/look",
        "POST /v1/invitations/accept",
        "POST /v1/password/reset",
    ] {
        let body = match line {
            "POST /v1/invitations/look" => json!({"code": "x"}),
            "POST /v1/invitations/accept" => json!({"code": "x", "name": "Ada"}),
            _ => json!({"code": "x", "password": PASSWORD}),
        };
        let limited = send_at(&door, 2, line, &[], &body).await;
        assert_eq!(limited.json()["code"], "TL-ACCESS-008", "{line}");
        assert!(limited.headers.contains_key("retry-after"), "{line}");
    }
}

#[tokio::test]
async fn nobody_is_invited_twice_or_into_nothing() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    crate::support::join(&door, &owner, "ada", "viewer").await;
    for (body, code) in [
        (
            json!({"email": "ADA@example.com", "role": "viewer"}),
            "TL-ACCESS-015",
        ),
        (
            json!({"email": "a@b\r\nBcc: c@d", "role": "viewer"}),
            "TL-ACCESS-016",
        ),
        (
            json!({"role": "viewer", "teams": ["none"]}),
            "TL-ACCESS-019",
        ),
    ] {
        let refused = owner.send(&door, "POST /v1/invitations", &body).await;
        assert_eq!(refused.json()["code"], code, "{body}");
    }
}
