//! People and teams.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, Home, join, token};

#[tokio::test]
async fn the_team_is_listed_and_only_owners_change_it() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    let listed = ada.send(&door, "GET /v1/people", &Value::Null).await;
    let people = listed.json()["people"].clone();
    assert_eq!(people[0]["role"], "owner");
    assert_eq!(people[0]["email"], Value::Null);
    let mut person = people[1].clone();
    for field in ["id", "created", "last_seen"] {
        assert!(person[field].is_string(), "{field}");
        person[field] = "…".into();
    }
    insta::assert_json_snapshot!("person", crate::support::sorted(person));

    let id = ada.id(&door).await;
    for (line, body) in [
        (format!("PATCH /v1/people/{id}"), json!({"role": "owner"})),
        (format!("POST /v1/people/{id}/reset"), Value::Null),
        ("POST /v1/invitations".into(), json!({"role": "owner"})),
        ("GET /v1/invitations".into(), Value::Null),
        ("POST /v1/teams".into(), json!({"name": "mine"})),
        (
            "POST /v1/service-accounts".into(),
            json!({"name": "x", "role": "owner"}),
        ),
        ("POST /v1/tokens".into(), json!({"name": "x"})),
    ] {
        let refused = ada.send(&door, &line, &body).await;
        assert_eq!(refused.json()["code"], "TL-ACCESS-003", "{line}");
    }
    let program = token(&door, "ci", &[trunkline_model::Scope::Read]).await;
    let bearer = format!("Bearer {}", program.secret.reveal());
    for line in [
        "GET /v1/me/sessions",
        "GET /v1/me/passkeys",
        "POST /v1/me/totp",
    ] {
        let refused = crate::support::send(&door, line, &[("authorization", &bearer)], "").await;
        assert_eq!(refused.json()["code"], "TL-ACCESS-039", "{line}");
    }
}

#[tokio::test]
async fn a_change_of_role_holds_for_the_next_request() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "developer").await;
    door.refresh().await.unwrap();
    let before = ada.send(&door, "GET /v1/session", &Value::Null).await;
    assert_eq!(before.json()["principal"]["role"], "developer");
    let line = format!("PATCH /v1/people/{}", ada.id(&door).await);
    let change = json!({"role": "owner", "name": "Ada Lovelace", "email": "Ada@Example.org"});
    let changed = owner.send(&door, &line, &change).await;
    assert_eq!(changed.json()["email"], "ada@example.org");
    let after = ada.send(&door, "GET /v1/session", &Value::Null).await;
    assert_eq!(after.json()["principal"]["role"], "owner");
    assert_eq!(after.json()["principal"]["name"], "Ada Lovelace");
    let events = home.events_of("person.changed").await;
    assert_eq!(events.len(), 1);
    assert!(!events[0].to_string().contains('@'), "no email in events");

    let taken = join(&door, &owner, "bob", "viewer").await;
    let line = format!("PATCH /v1/people/{}", taken.id(&door).await);
    for (change, code) in [
        (json!({"email": "ADA@example.org"}), "TL-ACCESS-015"),
        (json!({"email": "nobody"}), "TL-ACCESS-016"),
        (json!({"name": "<b>"}), "TL-ACCESS-007"),
        (json!({"role": "king"}), "TL-WEB-003"),
    ] {
        let refused = owner.send(&door, &line, &change).await;
        assert_eq!(refused.json()["code"], code, "{change}");
    }
    let line = "PATCH /v1/people/acc_00000000000000000000000000";
    let unknown = owner.send(&door, line, &json!({"disabled": true})).await;
    assert_eq!(unknown.json()["code"], "TL-ACCESS-018");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let line = format!("PATCH /v1/people/{}", owner.id(&door).await);
    for change in [json!({"role": "viewer"}), json!({"disabled": true})] {
        let refused = owner.send(&door, &line, &change).await;
        assert_eq!(refused.json()["code"], "TL-ACCESS-017", "{change}");
        assert!(owner.is_in(&door).await);
    }
    let second = join(&door, &owner, "ada", "owner").await;
    let other = format!("PATCH /v1/people/{}", second.id(&door).await);
    let off = owner.send(&door, &other, &json!({"disabled": true})).await;
    assert_eq!(off.status, StatusCode::OK);
    let refused = owner.send(&door, &line, &json!({"role": "viewer"})).await;
    assert_eq!(
        refused.json()["code"],
        "TL-ACCESS-017",
        "a disabled owner does not count"
    );
    owner.send(&door, &other, &json!({"disabled": false})).await;
    let allowed = owner.send(&door, &line, &json!({"role": "viewer"})).await;
    assert_eq!(allowed.json()["role"], "viewer");
}

#[tokio::test]
async fn who_is_disabled_loses_sessions_and_tokens_in_every_process() {
    let home = Home::new();
    let (door, other) = (home.process(1).await, home.process(2).await);
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "owner").await;
    let made = ada
        .send(
            &door,
            "POST /v1/tokens",
            &json!({"name": "mine", "scopes": ["owner"]}),
        )
        .await;
    let text = made.json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {text}");
    let headers = [("authorization", bearer.as_str())];
    // A token that was made with the token is hers too.
    let child = crate::support::send_at(
        &door,
        3,
        "POST /v1/tokens",
        &headers,
        &json!({"name": "child"}),
    )
    .await;
    let child = child.json()["token"].as_str().unwrap().to_owned();
    other.refresh().await.unwrap();
    assert!(
        other.known_token(&text).is_none(),
        "it was not looked up yet"
    );
    let known = other
        .look_up_token(&text, crate::support::HERE)
        .await
        .unwrap();
    assert_eq!(
        (known.name.as_str(), known.principal.role.name()),
        ("mine", "owner")
    );
    assert_eq!(other.known_token(&text).unwrap().id, known.id);

    let line = format!("PATCH /v1/people/{}", ada.id(&door).await);
    let off = owner.send(&door, &line, &json!({"disabled": true})).await;
    assert_eq!(off.json()["disabled"], true);
    assert!(!ada.is_in(&door).await);
    other.refresh().await.unwrap();
    assert!(other.known_token(&text).is_none());
    for text in [&text, &child] {
        assert!(
            other
                .look_up_token(text, crate::support::HERE)
                .await
                .is_err()
        );
    }
    owner.send(&door, &line, &json!({"disabled": false})).await;
    assert!(!ada.is_in(&door).await, "sessions do not come back");
    let kinds: Vec<Value> = home
        .events()
        .await
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    for kind in ["person.disabled", "session.ended", "person.enabled"] {
        assert!(
            kinds.contains(&json!(format!("trunkline.access.{kind}.v1"))),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_token_is_no_more_than_who_made_it() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "owner").await;
    let made = ada
        .send(
            &door,
            "POST /v1/tokens",
            &json!({"name": "mine", "scopes": ["owner"]}),
        )
        .await;
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let line = format!("PATCH /v1/people/{}", ada.id(&door).await);
    owner.send(&door, &line, &json!({"role": "viewer"})).await;
    let shown =
        crate::support::send(&door, "GET /v1/session", &[("authorization", &bearer)], "").await;
    assert_eq!(shown.json()["principal"]["role"], "viewer");
    assert_eq!(shown.json()["principal"]["scopes"], json!(["read"]));
}

#[tokio::test]
async fn teams_come_and_go_and_a_person_knows_its_own() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "developer").await;
    let id = ada.id(&door).await;
    for name in ["platform", "apps"] {
        let made = owner
            .send(&door, "POST /v1/teams", &json!({"name": name}))
            .await;
        assert_eq!(made.status, StatusCode::CREATED);
        let line = format!("PUT /v1/teams/{name}/members/{id}");
        for _ in 0..2 {
            let put = owner.send(&door, &line, &Value::Null).await;
            assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.text);
        }
    }
    let shown = ada.send(&door, "GET /v1/session", &Value::Null).await;
    assert_eq!(
        shown.json()["principal"]["teams"],
        json!(["apps", "platform"])
    );
    let card = door.person(id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((card.teams.len(), card.email_verified), (2, true));
    let listed = ada.send(&door, "GET /v1/teams", &Value::Null).await;
    assert_eq!(listed.json()["teams"][0]["members"][0]["name"], "ada");
    for (line, body, code) in [
        ("POST /v1/teams", json!({"name": "apps"}), "TL-ACCESS-020"),
        ("POST /v1/teams", json!({"name": " "}), "TL-ACCESS-007"),
        ("DELETE /v1/teams/none", Value::Null, "TL-ACCESS-019"),
        (
            "PUT /v1/teams/apps/members/acc_00000000000000000000000000",
            Value::Null,
            "TL-ACCESS-018",
        ),
        (
            "PUT /v1/teams/apps/members/tok_00000000000000000000000000",
            Value::Null,
            "TL-ACCESS-018",
        ),
    ] {
        assert_eq!(
            owner.send(&door, line, &body).await.json()["code"],
            code,
            "{line}"
        );
    }
    owner
        .send(&door, "DELETE /v1/teams/apps", &Value::Null)
        .await;
    let line = format!("DELETE /v1/teams/platform/members/{id}");
    owner.send(&door, &line, &Value::Null).await;
    let shown = ada.send(&door, "GET /v1/session", &Value::Null).await;
    assert_eq!(shown.json()["principal"]["teams"], json!([]));
}
