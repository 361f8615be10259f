//! An issuer in a directory of its own, with people and sessions that the test makes, at a time that the test sets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::from_fn_with_state;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tower::ServiceExt;
use trunkline_issuer::{
    Issuer, IssuerConfig, People, PeopleError, Person, SignIn, open_routes, routes,
};
use trunkline_model::{
    Event, ManualClock, Principal, PrincipalKind, Role, Scope, SeededIds, Timestamp,
};
use trunkline_store::outbox::{EventSink, Relay, SinkError};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{
    AuthError, Authenticate, ClientAddress, Credential, Gate, Kit, Origins, ScopesAlone, WebConfig,
    fallbacks, require_credential,
};
use url::Url;

pub(crate) const ISSUER: &str = "http://localhost:7070";
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;
/// What a client keeps while the browser is away, and what it shows of it.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The people of a test, and their sessions by cookie.
#[derive(Debug, Default)]
pub(crate) struct House {
    people: Mutex<HashMap<String, Person>>,
    sessions: Mutex<HashMap<String, (Principal, SignIn)>>,
}

impl House {
    pub(crate) fn change(&self, id: &str, change: impl FnOnce(&mut Person)) {
        change(self.people.lock().unwrap().get_mut(id).unwrap());
    }

    pub(crate) fn has_session(&self, cookie: &str) -> bool {
        self.sessions.lock().unwrap().contains_key(cookie)
    }
}

#[async_trait::async_trait]
impl People for House {
    async fn person(&self, id: &str) -> Result<Option<Person>, PeopleError> {
        Ok(self.people.lock().unwrap().get(id).cloned())
    }

    async fn sign_in(&self, cookie: &str) -> Result<Option<SignIn>, PeopleError> {
        let sessions = self.sessions.lock().unwrap();
        Ok(sessions.get(cookie).map(|(_, sign_in)| sign_in.clone()))
    }

    async fn sign_out(&self, cookie: &str) -> Result<(), PeopleError> {
        self.sessions.lock().unwrap().remove(cookie);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Authenticate for House {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        _client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        let principal = |name: &str, scope| {
            Principal::new(
                PrincipalKind::Token,
                format!("tok_{name}"),
                name,
                vec![scope],
            )
        };
        match credential {
            Credential::Token("owner") => Ok(principal("owner", Scope::Owner)),
            Credential::Token("reader") => Ok(principal("reader", Scope::Read)),
            Credential::Token(_) => Err(AuthError::Invalid),
            Credential::Session(cookie) => {
                let sessions = self.sessions.lock().unwrap();
                let found = sessions.get(cookie).map(|(principal, _)| principal.clone());
                found.ok_or(AuthError::Invalid)
            }
        }
    }
}

/// A client that a test registered.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect: String,
}

pub(crate) struct World {
    directory: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) house: Arc<House>,
    pub(crate) issuer: Arc<Issuer>,
    router: Router,
}

impl World {
    /// An issuer with Ada, who signed in just now with the cookie `ada`. Failures are never forgiven, so that no test depends on how
    /// long it takes.
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_000_000)));
        let house = Arc::new(House::default());
        let store = Store::open(
            &directory.path().join("control.db"),
            &StoreConfig::default(),
        )
        .await
        .unwrap();
        let issuer = open(store, &clock, &house, 1).await;
        let world = Self {
            router: router(&issuer, &house, &clock),
            directory,
            clock,
            house,
            issuer,
        };
        world.add_person("acc_ada", "Ada");
        world.sign_in("ada", "acc_ada");
        world
    }

    /// Another process on the same file.
    pub(crate) async fn other_process(&self, seed: u64) -> Arc<Issuer> {
        open(self.store().await, &self.clock, &self.house, seed).await
    }

    pub(crate) async fn store(&self) -> Store {
        let file = self.directory.path().join("control.db");
        Store::open(&file, &StoreConfig::default()).await.unwrap()
    }

    pub(crate) fn add_person(&self, id: &str, name: &str) {
        let person = Person {
            id: id.into(),
            name: name.into(),
            email: Some(format!("{}@example.com", name.to_lowercase())),
            email_verified: true,
            role: Role::Developer,
            teams: vec!["payments".into(), "shop".into()],
            disabled: false,
        };
        self.house.people.lock().unwrap().insert(id.into(), person);
    }

    /// Begins a session of the account `id` now.
    pub(crate) fn sign_in(&self, cookie: &str, id: &str) {
        let kind = if id.starts_with("acc_") {
            PrincipalKind::Account
        } else {
            PrincipalKind::Token
        };
        let principal = Principal::new(kind, id, id, vec![Scope::Read]);
        let sign_in = SignIn {
            session: format!("ses_{cookie}"),
            at: trunkline_model::Clock::now(&*self.clock),
            methods: vec!["pwd".into(), "otp".into()],
        };
        let mut sessions = self.house.sessions.lock().unwrap();
        sessions.insert(cookie.into(), (principal, sign_in));
    }

    pub(crate) fn pass(&self, micros: i64) {
        self.clock.advance_micros(micros);
    }

    /// The events that were written by now, as JSON.
    pub(crate) async fn events(&self) -> Vec<Value> {
        self.issuer.write_events().await.unwrap();
        let kept = Arc::new(Kept::default());
        Relay::new(self.store().await, Arc::<Kept>::clone(&kept))
            .drain()
            .await
            .unwrap();
        let events = kept.0.lock().unwrap();
        events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .collect()
    }

    /// Registers a client as an owner does; `changes` go over the settings of a trusted web shop.
    pub(crate) async fn register(&self, changes: Value) -> App {
        let mut body = json!({
            "kind": "confidential", "name": "shop", "trusted": true,
            "redirect_uris": ["https://shop.example.com/cb"],
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self.api("POST /v1/oidc/clients", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let made = answer.json();
        App {
            id: made["id"].as_str().unwrap().into(),
            secret: made["client_secret"].as_str().map(Into::into),
            redirect: made["redirect_uris"][0].as_str().unwrap_or_default().into(),
        }
    }

    pub(crate) async fn shop(&self) -> App {
        self.register(json!({})).await
    }

    /// A page with a script, and no secret.
    pub(crate) async fn spa(&self) -> App {
        let uris = json!(["https://spa.example.com/cb"]);
        self.register(json!({"kind": "public", "redirect_uris": uris}))
            .await
    }

    /// A request of an owner's program.
    pub(crate) async fn api(&self, line: &str, body: &Value) -> Answer {
        let headers = [
            ("authorization", "Bearer owner"),
            ("content-type", "application/json"),
        ];
        self.send(line, &headers, &body.to_string()).await
    }

    /// A form that a client posts, with its secret.
    pub(crate) async fn post(&self, path: &str, app: &App, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        form.push(("client_id", &app.id));
        form.extend(
            app.secret
                .as_deref()
                .map(|secret| ("client_secret", secret)),
        );
        self.form(path, &[], &form).await
    }

    /// A form with these headers and fields, and nothing else.
    pub(crate) async fn form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.send(&format!("POST {path}"), &headers, &query(form))
            .await
    }

    /// A browser with the session `cookie` that a client sent to the issuer; `extra` goes over the usual parameters.
    pub(crate) async fn browse(&self, app: &App, cookie: &str, extra: &[(&str, &str)]) -> Answer {
        let line = format!("GET /oidc/authorize?{}", authorize_query(app, extra));
        let cookie = format!("trunkline_session={cookie}");
        self.send(&line, &[("cookie", &cookie)], "").await
    }

    /// Ada's code for `app`.
    pub(crate) async fn code(&self, app: &App, extra: &[(&str, &str)]) -> String {
        let answer = self.browse(app, "ada", extra).await;
        answer
            .sent("code")
            .unwrap_or_else(|| panic!("no code: {:?} {}", answer.headers, answer.text))
    }

    pub(crate) async fn exchange(&self, app: &App, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", &app.redirect),
        ];
        self.post("/oidc/token", app, &form).await
    }

    /// Everything that `app` gets when Ada signs in.
    pub(crate) async fn tokens(&self, app: &App, scope: &str) -> Value {
        let code = self.code(app, &[("scope", scope)]).await;
        let answer = self.exchange(app, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn refresh(&self, app: &App, token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("/oidc/token", app, &form).await
    }

    pub(crate) async fn user_info(&self, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.send("GET /oidc/userinfo", &[("authorization", &bearer)], "")
            .await
    }

    /// Header and claims of a token, checked with the published keys as a service does.
    pub(crate) async fn verified(&self, token: &str) -> Option<(Value, Value)> {
        let keys = self.send("GET /oidc/jwks", &[], "").await.json();
        let header: Value = part(token, 0);
        let key = keys["keys"]
            .as_array()?
            .iter()
            .find(|key| key["kid"] == header["kid"])?;
        let text = |name: &str| key[name].as_str().unwrap();
        let key = jsonwebtoken::DecodingKey::from_ec_components(text("x"), text("y")).unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        let claims = jsonwebtoken::decode::<Value>(token, &key, &rules)
            .ok()?
            .claims;
        Some((header, claims))
    }

    pub(crate) async fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:7070");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

async fn open(
    store: Store,
    clock: &Arc<ManualClock>,
    house: &Arc<House>,
    seed: u64,
) -> Arc<Issuer> {
    let config = IssuerConfig {
        failures_per_minute: 0,
        ..IssuerConfig::default()
    };
    let (clock, people) = (Arc::<ManualClock>::clone(clock), Arc::<House>::clone(house));
    let ids = Arc::new(SeededIds::new(seed));
    Issuer::open(store, clock, ids, &config, ISSUER, people)
        .await
        .unwrap()
}

/// The routes as the platform composes them.
fn router(issuer: &Arc<Issuer>, house: &Arc<House>, clock: &Arc<ManualClock>) -> Router {
    let config = WebConfig::default();
    let origins = Origins::new(&config);
    let gate = Gate::new(
        Arc::<House>::clone(house),
        Arc::new(ScopesAlone),
        origins.clone(),
    );
    let guarded =
        routes(Arc::clone(issuer)).route_layer(from_fn_with_state(gate, require_credential));
    let (router, _) = open_routes(Arc::clone(issuer), Arc::<House>::clone(house), origins)
        .merge(guarded)
        .split_for_parts();
    let kit = Kit::new(
        Arc::<ManualClock>::clone(clock),
        Arc::new(SeededIds::new(9)),
        &config,
    );
    kit.wrap(fallbacks(router, None))
}

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Event>>);

#[async_trait::async_trait]
impl EventSink for Kept {
    async fn send(&self, event: &Event) -> Result<(), SinkError> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The word of an OAuth error.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// The parameter `name` that the browser is sent with.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let base = Url::parse(ISSUER).unwrap();
        let url = base.join(self.location()).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// The value of a hidden field of the page's form.
    pub(crate) fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self
            .text
            .split_once(&mark)
            .unwrap_or_else(|| panic!("no {name}: {}", self.text))
            .1;
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The query of a client's request for a sign-in. An `extra` with an empty value leaves a parameter out.
pub(crate) fn authorize_query(app: &App, extra: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", app.id.as_str()),
        ("redirect_uri", app.redirect.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s t&te"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    pairs.extend(extra.iter().filter(|(_, value)| !value.is_empty()));
    query(&pairs)
}

/// The part of a token with this number, as JSON.
pub(crate) fn part(token: &str, number: usize) -> Value {
    let text = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// The header with which a client shows its secret.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}
