//! Signing in at another issuer.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use trunkline_access::{Access, GroupConfig, IssuerConfig};
use trunkline_model::{Clock, Role};

use crate::issuer_server::{CLIENT, Issuer};
use crate::support::{Answer, Browser, Home, join, send_at};

fn config(issuer: &Issuer) -> IssuerConfig {
    let group = |role, teams: &[&str]| GroupConfig {
        role: Some(role),
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
    };
    IssuerConfig {
        id: "cognito".into(),
        name: "Cognito".into(),
        issuer: issuer.url.clone(),
        client_id: CLIENT.into(),
        client_secret_file: None,
        scopes: vec!["email".into()],
        groups_claim: Some("cognito:groups".into()),
        groups: BTreeMap::from([
            ("admins".into(), group(Role::Operator, &["platform"])),
            ("devs".into(), group(Role::Developer, &["apps"])),
            ("bosses".into(), group(Role::Owner, &[])),
        ]),
        default_role: None,
        allowed_domains: vec!["example.com".into()],
        create_people: true,
    }
}

async fn door(home: &Home, issuer: &Issuer, change: impl FnOnce(&mut IssuerConfig)) -> Arc<Access> {
    let mut wanted = config(issuer);
    change(&mut wanted);
    home.configured(1, |config| config.issuers = vec![wanted])
        .await
        .unwrap()
}

/// A browser on its way to the issuer.
struct Journey {
    location: String,
    cookie: String,
}

async fn begin(door: &Arc<Access>) -> Journey {
    let line = "GET /v1/session/oidc/cognito?next=/sql";
    let begun = send_at(door, 5, line, &[], &Value::Null).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let cookie = begun.cookie();
    assert!(
        cookie.contains("HttpOnly; SameSite=Lax; Max-Age=600"),
        "{cookie}"
    );
    Journey {
        location: begun.headers["location"].to_str().unwrap().to_owned(),
        cookie: cookie.split(';').next().unwrap().to_owned(),
    }
}

async fn back(door: &Arc<Access>, journey: &Journey, query: &str) -> Answer {
    let line = format!("GET /v1/session/oidc/cognito/callback?{query}");
    send_at(door, 5, &line, &[("cookie", &journey.cookie)], &Value::Null).await
}

/// Goes all the way with `claims` and gives the answer to the callback.
async fn travel(home: &Home, door: &Arc<Access>, issuer: &Issuer, claims: Value) -> Answer {
    let journey = begin(door).await;
    let query = issuer.grant(&journey.location, home.clock.now(), &claims);
    back(door, &journey, &query).await
}

fn person(name: &str, groups: &[&str]) -> Value {
    json!({
        "sub": format!("sub-{name}"),
        "email": format!("{name}@example.com"),
        "email_verified": true,
        "name": name,
        "cognito:groups": groups,
    })
}

/// The problem that a callback's answer leads to.
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let location = answer.headers["location"].to_str().unwrap();
    location
        .strip_prefix("/sign-in?problem=")
        .unwrap_or(location)
        .to_owned()
}

/// The browser that the answer has signed in.
fn signed_in(answer: &Answer) -> Browser {
    assert_eq!(problem(answer), "/sql");
    let cookies = answer.headers.get_all("set-cookie").iter();
    let session = cookies
        .map(|value| value.to_str().unwrap())
        .find(|value| value.starts_with("trunkline_session="))
        .unwrap();
    Browser {
        cookie: session.split(';').next().unwrap().to_owned(),
        last: 5,
    }
}

async fn shown(door: &Arc<Access>, browser: &Browser) -> (Value, Value) {
    let session = browser
        .send(door, "GET /v1/session", &Value::Null)
        .await
        .json();
    (
        session["principal"]["role"].clone(),
        session["principal"]["teams"].clone(),
    )
}

#[tokio::test]
async fn a_person_joins_and_follows_its_groups() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let door = door(&home, &issuer, |_| {}).await;
    let ways = send_at(&door, 5, "GET /v1/sign-in", &[], &Value::Null).await;
    assert_eq!(
        ways.json()["issuers"],
        json!([{"id": "cognito", "name": "Cognito"}])
    );
    let journey = begin(&door).await;
    for part in [
        "code_challenge_method=S256",
        "nonce=",
        "state=",
        "response_type=code",
    ] {
        assert!(journey.location.contains(part), "{}", journey.location);
    }
    let answer = travel(&home, &door, &issuer, person("ada", &["admins", "devs"])).await;
    let ada = signed_in(&answer);
    assert_eq!(
        shown(&door, &ada).await,
        (json!("operator"), json!(["apps", "platform"]))
    );
    let answer = travel(&home, &door, &issuer, person("ada", &["devs"])).await;
    let later = signed_in(&answer);
    assert_eq!(
        shown(&door, &later).await,
        (json!("developer"), json!(["apps"]))
    );
    assert_eq!(
        shown(&door, &ada).await,
        (json!("developer"), json!(["apps"])),
        "everywhere"
    );
    assert_eq!(later.id(&door).await, ada.id(&door).await);
    let out = travel(&home, &door, &issuer, person("ada", &[])).await;
    assert_eq!(problem(&out), "TL-ACCESS-035", "in no group any more");
    let sessions = later.send(&door, "GET /v1/me/sessions", &Value::Null).await;
    assert_eq!(sessions.json()["sessions"][0]["method"], "cognito");
}

#[tokio::test]
async fn an_answer_belongs_to_one_browser_one_sign_in_and_one_issuer() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let door = door(&home, &issuer, |_| {}).await;
    let claims = || person("ada", &["devs"]);
    let (victim, attacker) = (begin(&door).await, begin(&door).await);
    let query = issuer.grant(&attacker.location, home.clock.now(), &claims());
    assert_eq!(
        problem(&back(&door, &victim, &query).await),
        "TL-ACCESS-036",
        "another browser's answer"
    );
    let journey = begin(&door).await;
    let query = issuer.grant(&journey.location, home.clock.now(), &claims());
    let line = format!("GET /v1/session/oidc/cognito/callback?{query}");
    let bare = send_at(&door, 5, &line, &[], &Value::Null).await;
    assert_eq!(problem(&bare), "TL-ACCESS-036", "no cookie");
    let journey = begin(&door).await;
    let query = issuer.grant(&journey.location, home.clock.now(), &claims());
    signed_in(&back(&door, &journey, &query).await);
    assert_eq!(
        problem(&back(&door, &journey, &query).await),
        "TL-ACCESS-036",
        "a second time"
    );
    let journey = begin(&door).await;
    let query = issuer.grant(&journey.location, home.clock.now(), &claims());
    let mixed = format!("{query}&iss=https%3A%2F%2Fevil.example");
    assert_eq!(
        problem(&back(&door, &journey, &mixed).await),
        "TL-ACCESS-036",
        "another issuer's answer"
    );
    let journey = begin(&door).await;
    let refused = back(
        &door,
        &journey,
        &format!(
            "error=access_denied&state={}",
            issuer.state(&journey.location)
        ),
    )
    .await;
    assert_eq!(problem(&refused), "TL-ACCESS-035", "the issuer said no");
    let none = send_at(&door, 5, "GET /v1/session/oidc/none", &[], &Value::Null).await;
    assert_eq!(problem(&none), "TL-ACCESS-033");
}

#[tokio::test]
async fn a_token_that_is_not_for_us_now_is_none() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let door = door(&home, &issuer, |_| {}).await;
    for (name, change) in [
        ("another audience", json!({"aud": "someone-else"})),
        ("another issuer", json!({"iss": "https://evil.example"})),
        ("another nonce", json!({"nonce": "guess"})),
        ("expired", json!({"exp": 1_000})),
        ("another key", json!({"test:key": "other"})),
        ("no signature", json!({"test:key": "none"})),
        ("a symmetric signature", json!({"test:key": "hmac"})),
        ("another code verifier", json!({"test:challenge": "guess"})),
    ] {
        let mut claims = person("ada", &["devs"]);
        for (claim, value) in change.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        let answer = travel(&home, &door, &issuer, claims).await;
        assert_eq!(problem(&answer), "TL-ACCESS-034", "{name}");
    }
    assert_eq!(door.people().await.unwrap().len(), 0);
}

#[tokio::test]
async fn an_identity_joins_an_account_only_when_both_emails_are_vouched_for() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let door = door(&home, &issuer, |_| {}).await;
    let owner = Browser::owner(&door).await;
    let ada = join(&door, &owner, "ada", "viewer").await;
    let answer = travel(&home, &door, &issuer, person("ada", &["devs"])).await;
    assert_eq!(signed_in(&answer).id(&door).await, ada.id(&door).await);
    let mut unverified = person("ada", &["devs"]);
    unverified["sub"] = "somebody else".into();
    unverified["email_verified"] = false.into();
    let refused = travel(&home, &door, &issuer, unverified).await;
    assert_eq!(problem(&refused), "TL-ACCESS-035");

    // Eve joined with an email of her own choice, so that whoever really has it would land in her account.
    let made = owner
        .send(&door, "POST /v1/invitations", &json!({"role": "viewer"}))
        .await;
    let body =
        json!({"code": crate::support::code_of(&made), "name": "Eve", "email": "boss@example.com"});
    send_at(&door, 9, "POST /v1/invitations/accept", &[], &body).await;
    let refused = travel(&home, &door, &issuer, person("boss", &["devs"])).await;
    assert_eq!(problem(&refused), "TL-ACCESS-035");

    let line = format!("PATCH /v1/people/{}", ada.id(&door).await);
    owner.send(&door, &line, &json!({"disabled": true})).await;
    let refused = travel(&home, &door, &issuer, person("ada", &["devs"])).await;
    assert_eq!(problem(&refused), "TL-ACCESS-035", "disabled");
    let mut stranger = person("bob", &["devs"]);
    stranger["email"] = "bob@evil.example".into();
    assert_eq!(
        problem(&travel(&home, &door, &issuer, stranger).await),
        "TL-ACCESS-035",
        "another domain"
    );
    let failed = home.events_of("sign-in.failed").await;
    assert_eq!(failed[0]["method"], "issuer");
}

#[tokio::test]
async fn nobody_joins_where_only_known_people_may() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let door = door(&home, &issuer, |config| config.create_people = false).await;
    let refused = travel(&home, &door, &issuer, person("ada", &["devs"])).await;
    assert_eq!(problem(&refused), "TL-ACCESS-035");
}

#[tokio::test]
async fn the_last_owner_is_not_demoted_by_a_group() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let door = door(&home, &issuer, |_| {}).await;
    let boss = signed_in(&travel(&home, &door, &issuer, person("boss", &["bosses"])).await);
    assert_eq!(shown(&door, &boss).await.0, "owner");
    let boss = signed_in(&travel(&home, &door, &issuer, person("boss", &["devs"])).await);
    assert_eq!(shown(&door, &boss).await.0, "owner");
    signed_in(&travel(&home, &door, &issuer, person("second", &["bosses"])).await);
    let boss = signed_in(&travel(&home, &door, &issuer, person("boss", &["devs"])).await);
    assert_eq!(shown(&door, &boss).await.0, "developer");
}

#[tokio::test]
async fn an_issuer_that_is_away_is_a_page_and_a_wrong_one_no_start() {
    let home = Home::new();
    let issuer = Issuer::start().await;
    let away = home
        .configured(1, |access| {
            let mut wanted = config(&issuer);
            wanted.issuer = "http://127.0.0.1:9".into();
            access.issuers = vec![wanted];
        })
        .await
        .unwrap();
    let begun = send_at(&away, 5, "GET /v1/session/oidc/cognito", &[], &Value::Null).await;
    assert_eq!(problem(&begun), "TL-ACCESS-034");
    for (wrong, part) in [
        ("http://accounts.example.com", "https://"),
        ("http://169.254.169.254", "https://"),
        ("no address", "issuer"),
    ] {
        let mut wanted = config(&issuer);
        wanted.issuer = wrong.into();
        let error = home
            .configured(1, |access| access.issuers = vec![wanted])
            .await
            .unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    let twice = vec![config(&issuer), config(&issuer)];
    assert!(
        home.configured(1, |access| access.issuers = twice)
            .await
            .is_err()
    );
}
