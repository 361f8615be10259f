//! Service accounts, tokens that act as one, and tokens of jobs.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, Home, send, send_at};

#[tokio::test]
async fn a_token_acts_as_its_service_account_until_that_is_removed() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    owner
        .send(&door, "POST /v1/teams", &json!({"name": "apps"}))
        .await;
    let wanted = json!({"name": "billing", "role": "operator", "teams": ["apps"]});
    let made = owner
        .send(&door, "POST /v1/service-accounts", &wanted)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let again = owner
        .send(&door, "POST /v1/service-accounts", &wanted)
        .await;
    assert_eq!(again.json()["code"], "TL-ACCESS-032");
    let wanted = json!({"name": "prod", "service": "billing", "scopes": ["owner"]});
    let token = owner.send(&door, "POST /v1/tokens", &wanted).await;
    assert_eq!(token.json()["service"], "billing");
    let bearer = format!("Bearer {}", token.json()["token"].as_str().unwrap());
    let bearer = [("authorization", bearer.as_str())];
    let shown = send(&door, "GET /v1/session", &bearer, "").await;
    let principal = shown.json()["principal"].clone();
    assert_eq!(principal["id"], made.json()["id"]);
    assert_eq!(
        (
            &principal["kind"],
            &principal["name"],
            &principal["role"],
            &principal["teams"]
        ),
        (
            &json!("service"),
            &json!("billing"),
            &json!("operator"),
            &json!(["apps"])
        )
    );
    let refused = send_at(
        &door,
        3,
        "POST /v1/tokens",
        &bearer,
        &json!({"name": "more"}),
    )
    .await;
    assert_eq!(
        refused.json()["code"],
        "TL-ACCESS-003",
        "an operator's token is no owner's"
    );
    let session = send_at(
        &door,
        3,
        "POST /v1/session",
        &[],
        &json!({"token": token.json()["token"]}),
    )
    .await;
    let pasted = Browser::of(&session, 3);
    assert_eq!(session.json()["principal"]["kind"], "service");

    let line = format!(
        "DELETE /v1/service-accounts/{}",
        made.json()["id"].as_str().unwrap()
    );
    assert_eq!(
        owner.send(&door, &line, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        send(&door, "GET /v1/session", &bearer, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(!pasted.is_in(&door).await);
    assert_eq!(
        owner.send(&door, &line, &Value::Null).await.json()["code"],
        "TL-ACCESS-031"
    );
    let orphan = owner
        .send(
            &door,
            "POST /v1/tokens",
            &json!({"name": "x", "service": "billing"}),
        )
        .await;
    assert_eq!(orphan.json()["code"], "TL-ACCESS-031");
    let listed = owner
        .send(&door, "GET /v1/service-accounts", &Value::Null)
        .await;
    assert_eq!(listed.json()["accounts"], json!([]));
}

#[tokio::test]
async fn a_job_ends_within_the_hour() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let made = owner
        .send(
            &door,
            "POST /v1/tokens",
            &json!({"name": "ci", "job": "build-7"}),
        )
        .await;
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let bearer = [("authorization", bearer.as_str())];
    let shown = send(&door, "GET /v1/session", &bearer, "").await;
    assert_eq!(shown.json()["principal"]["kind"], "job");
    assert_eq!(shown.json()["principal"]["name"], "build-7");
    home.pass_seconds(60 * 60);
    assert_eq!(
        send(&door, "GET /v1/session", &bearer, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    for body in [
        json!({"name": "a", "job": "b", "expires_in_minutes": 61}),
        json!({"name": "a", "job": "b", "expires_in_days": 1}),
        json!({"name": "a", "expires_in_minutes": 1441}),
        json!({"name": "a", "expires_in_minutes": 5, "expires_in_days": 1}),
    ] {
        let refused = owner.send(&door, "POST /v1/tokens", &body).await;
        assert_eq!(refused.json()["code"], "TL-ACCESS-009", "{body}");
    }
    let short = owner
        .send(
            &door,
            "POST /v1/tokens",
            &json!({"name": "a", "expires_in_minutes": 5}),
        )
        .await;
    assert_eq!(short.status, StatusCode::CREATED, "{}", short.text);
}

#[tokio::test]
async fn a_link_of_a_token_leads_to_who_made_it_and_a_program_gets_none() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = crate::support::join(&door, &owner, "ada", "owner").await;
    let wanted = json!({"name": "hers", "scopes": ["owner"]});
    let made = ada.send(&door, "POST /v1/tokens", &wanted).await;
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let link = send(&door, "POST /v1/links", &[("authorization", &bearer)], "").await;
    let body = json!({"link": crate::support::code_of(&link)});
    let signed_in = send_at(&door, 3, "POST /v1/session", &[], &body).await;
    assert_eq!(
        signed_in.json()["principal"]["name"],
        "ada",
        "not the first owner"
    );
    let wanted = json!({"name": "robot", "role": "owner"});
    owner
        .send(&door, "POST /v1/service-accounts", &wanted)
        .await;
    let wanted = json!({"name": "robot", "service": "robot", "scopes": ["owner"]});
    let made = owner.send(&door, "POST /v1/tokens", &wanted).await;
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let refused = send(&door, "POST /v1/links", &[("authorization", &bearer)], "").await;
    assert_eq!(refused.json()["code"], "TL-ACCESS-039");
}

#[tokio::test]
async fn a_service_account_outlives_who_made_its_token() {
    let home = Home::new();
    let door = home.door().await;
    let owner = Browser::owner(&door).await;
    let ada = crate::support::join(&door, &owner, "ada", "owner").await;
    let wanted = json!({"name": "robot", "role": "developer"});
    ada.send(&door, "POST /v1/service-accounts", &wanted).await;
    let wanted = json!({"name": "robot", "service": "robot"});
    let made = ada.send(&door, "POST /v1/tokens", &wanted).await;
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let line = format!("PATCH /v1/people/{}", ada.id(&door).await);
    owner.send(&door, &line, &json!({"disabled": true})).await;
    let shown = send(&door, "GET /v1/session", &[("authorization", &bearer)], "").await;
    assert_eq!(shown.json()["principal"]["name"], "robot");
}
