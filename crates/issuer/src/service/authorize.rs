//! The request for a sign-in: what it asks, and what comes next. Pure, so that every order of questions is a test.

use std::sync::Arc;

use trunkline_model::Timestamp;

use super::identify::malformed;
use super::issuer::Issuer;
use crate::model::{Client, ClientKind, GrantType, Params, Refusal, split};

/// Microseconds for which a repeated sign-in counts as the one that was asked for.
const AGAIN_LIFE: i64 = 3_600_000_000;
/// The parameter under which the time of the question travels to the sign-in page and back.
pub(crate) const AGAIN: &str = "trunkline_since";

/// What a client asks of a browser.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizeRequest {
    pub(crate) client: Arc<Client>,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    prompt: Prompt,
    /// Seconds since the person signed in at most.
    max_age: Option<i64>,
    /// When the person was sent to sign in again.
    since: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Prompt {
    none: bool,
    login: bool,
    consent: bool,
}

/// A request that gets no code.
#[derive(Clone, Debug)]
pub(crate) enum Unanswered {
    /// Nobody knows where the browser should go, so the person is told.
    Page(&'static str),
    /// The browser goes back to the client, which is told.
    Redirect {
        uri: String,
        state: Option<String>,
        refusal: Refusal,
    },
}

/// What comes next for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The person must sign in; again, even though they are signed in.
    SignIn { again: bool },
    /// The person must be asked.
    Ask,
    /// The client gets its code.
    Grant,
    /// The client gets this.
    Refuse(Refusal),
}

impl Issuer {
    /// Reads the request for a sign-in. Where the browser may go is settled before anything else: until then, an answer to a wrong
    /// address would be a gift.
    pub(crate) fn read_request(&self, params: &Params) -> Result<AuthorizeRequest, Unanswered> {
        if matches!(params.malformed(), Some("client_id" | "redirect_uri")) {
            return Err(Unanswered::Page(
                "`client_id` or `redirect_uri` came more than once",
            ));
        }
        let client = params.get("client_id").and_then(|id| self.client(id));
        let Some(client) = client else {
            return Err(Unanswered::Page(
                "no client with this `client_id` is registered",
            ));
        };
        let Some(redirect_uri) = params
            .get("redirect_uri")
            .filter(|uri| client.has_redirect(uri))
        else {
            return Err(Unanswered::Page(
                "`redirect_uri` is not one that the client registered",
            ));
        };
        let state = params.owned("state");
        read_rest(params, &client, redirect_uri).map_err(|refusal| Unanswered::Redirect {
            uri: redirect_uri.into(),
            state,
            refusal,
        })
    }
}

fn read_rest(
    params: &Params,
    client: &Arc<Client>,
    redirect_uri: &str,
) -> Result<AuthorizeRequest, Refusal> {
    if let Some(name) = params.malformed() {
        return Err(malformed(name));
    }
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if params.get(name).is_some() {
            return Err(Refusal::new(
                error,
                "the parameters must stand in the request itself",
            ));
        }
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(Refusal::new(
                "unsupported_response_type",
                "response_type must be code",
            ));
        }
        None => return Err(Refusal::invalid_request("response_type is missing")),
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(Refusal::invalid_request("response_mode must be query"));
    }
    if !client.may(GrantType::AuthorizationCode) {
        return Err(Refusal::new(
            "unauthorized_client",
            "the client may not sign people in with a browser",
        ));
    }
    if let Some(resource) = params.get("resource")
        && !client
            .settings
            .audiences
            .iter()
            .any(|known| known == resource)
    {
        return Err(Refusal::new(
            "invalid_target",
            "the client may not have tokens for this resource",
        ));
    }
    // A scope that is not understood is left out, as OpenID Connect wants it.
    let scopes = client.allowed(split(params.get("scope").unwrap_or_default()));
    if scopes.is_empty() {
        return Err(Refusal::new(
            "invalid_scope",
            "scope has none that the client may have",
        ));
    }
    Ok(AuthorizeRequest {
        client: Arc::clone(client),
        redirect_uri: redirect_uri.into(),
        state: params.owned("state"),
        scopes,
        nonce: params.owned("nonce"),
        challenge: challenge(params)?,
        prompt: prompt(params.get("prompt").unwrap_or_default())?,
        max_age: max_age(params.get("max_age"))?,
        since: params
            .get(AGAIN)
            .and_then(|text| text.parse().ok())
            .map(Timestamp::from_micros),
    })
}

/// PKCE with S256, from every client: without it, whoever catches a code can use it.
fn challenge(params: &Params) -> Result<String, Refusal> {
    let challenge = params
        .get("code_challenge")
        .ok_or_else(|| Refusal::invalid_request("code_challenge is missing: PKCE is needed"))?;
    // A missing method means `plain` (RFC 7636), which protects nothing.
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::invalid_request(
            "code_challenge_method must be S256",
        ));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if challenge.len() != 43 || !challenge.bytes().all(plain) {
        return Err(Refusal::invalid_request(
            "code_challenge is not a SHA-256 in base64url",
        ));
    }
    Ok(challenge.into())
}

fn prompt(text: &str) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt::default();
    for word in split(text) {
        match word.as_str() {
            "none" => prompt.none = true,
            // There is one account to a person, so choosing another means signing in.
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => {
                return Err(Refusal::invalid_request(
                    "prompt may be none, login, consent or select_account",
                ));
            }
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return Err(Refusal::invalid_request(
            "prompt cannot be none and something else",
        ));
    }
    Ok(prompt)
}

fn max_age(text: Option<&str>) -> Result<Option<i64>, Refusal> {
    let parse = |text: &str| text.parse::<u32>().map(i64::from);
    text.map(parse)
        .transpose()
        .map_err(|_| Refusal::invalid_request("max_age must be a number of seconds"))
}

impl AuthorizeRequest {
    /// What comes next, when the person signed in at `signed_in` (never where there is nobody) and let the client have `consented`
    /// before.
    pub(crate) fn next_step(
        &self,
        signed_in: Option<Timestamp>,
        consented: &[String],
        now: Timestamp,
    ) -> Step {
        let Some(at) = signed_in else {
            return self.unless_silent(
                Step::SignIn { again: false },
                "login_required",
                "nobody is signed in",
            );
        };
        if self.is_too_old(at, now) {
            let text = "the person would have to sign in again";
            return self.unless_silent(Step::SignIn { again: true }, "login_required", text);
        }
        if self.prompt.consent || !self.is_settled(consented) {
            return self.unless_silent(
                Step::Ask,
                "consent_required",
                "the person would have to be asked",
            );
        }
        Step::Grant
    }

    fn unless_silent(&self, step: Step, error: &'static str, text: &'static str) -> Step {
        if self.prompt.none {
            Step::Refuse(Refusal::new(error, text))
        } else {
            step
        }
    }

    fn is_too_old(&self, at: Timestamp, now: Timestamp) -> bool {
        // The person may have stripped the demand from the address themselves; the client looks at `auth_time`.
        let again = self
            .since
            .filter(|since| *since <= now && now.micros_since(*since) <= AGAIN_LIFE);
        if again.is_some_and(|since| at >= since) {
            return false;
        }
        let old = self
            .max_age
            .is_some_and(|seconds| now.micros_since(at) > seconds * 1_000_000);
        self.prompt.login || old
    }

    /// Whether the person need not be asked. A program that anybody can run on a desktop cannot show that it is the one that was
    /// registered, so it asks each time (RFC 8252, section 8.6).
    fn is_settled(&self, consented: &[String]) -> bool {
        let anybody =
            self.client.kind == ClientKind::Public && self.redirect_uri.starts_with("http://");
        if anybody {
            return false;
        }
        self.client.settings.trusted || self.scopes.iter().all(|scope| consented.contains(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ClientSettings;
    use trunkline_model::TypedId;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn request(prompt_text: &str, trusted: bool) -> AuthorizeRequest {
        AuthorizeRequest {
            client: Arc::new(Client {
                id: TypedId::new(trunkline_model::Ulid::nil()),
                kind: ClientKind::Confidential,
                settings: ClientSettings {
                    trusted,
                    ..ClientSettings::default()
                },
                created: NOW,
                created_by: String::new(),
                secrets: Vec::new(),
            }),
            redirect_uri: "https://shop.example.com/cb".into(),
            state: None,
            scopes: split("openid email"),
            nonce: None,
            challenge: String::new(),
            prompt: prompt(prompt_text).unwrap(),
            max_age: None,
            since: None,
        }
    }

    fn error(step: &Step) -> &'static str {
        match step {
            Step::Refuse(refusal) => refusal.error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_person_signs_in_is_asked_once_and_then_no_more() {
        let plain = request("", false);
        assert_eq!(
            plain.next_step(None, &[], NOW),
            Step::SignIn { again: false }
        );
        assert_eq!(plain.next_step(Some(NOW), &[], NOW), Step::Ask);
        assert_eq!(plain.next_step(Some(NOW), &split("openid"), NOW), Step::Ask);
        assert_eq!(
            plain.next_step(Some(NOW), &split("email openid"), NOW),
            Step::Grant
        );
        assert_eq!(
            request("", true).next_step(Some(NOW), &[], NOW),
            Step::Grant
        );
        assert_eq!(
            request("consent", true).next_step(Some(NOW), &[], NOW),
            Step::Ask
        );
    }

    #[test]
    fn silence_never_shows_a_page() {
        let silent = request("none", false);
        assert_eq!(error(&silent.next_step(None, &[], NOW)), "login_required");
        assert_eq!(
            error(&silent.next_step(Some(NOW), &[], NOW)),
            "consent_required"
        );
        let mut old = request("none", true);
        old.max_age = Some(60);
        let at = NOW.plus_micros(-61_000_000);
        assert_eq!(error(&old.next_step(Some(at), &[], NOW)), "login_required");
    }

    #[test]
    fn a_repeated_sign_in_counts_once_it_happened_after_the_question() {
        let mut again = request("login", true);
        let before = NOW.plus_micros(-1);
        assert_eq!(
            again.next_step(Some(before), &[], NOW),
            Step::SignIn { again: true }
        );
        again.since = Some(NOW);
        assert_eq!(
            again.next_step(Some(before), &[], NOW),
            Step::SignIn { again: true }
        );
        assert_eq!(again.next_step(Some(NOW), &[], NOW), Step::Grant);
        let much_later = NOW.plus_micros(AGAIN_LIFE + 1);
        assert_eq!(
            again.next_step(Some(NOW), &[], much_later),
            Step::SignIn { again: true }
        );
        again.since = Some(much_later);
        assert_eq!(
            again.next_step(Some(NOW), &[], NOW),
            Step::SignIn { again: true }
        );
    }

    #[test]
    fn a_program_on_a_desktop_asks_each_time() {
        let mut native = request("", true);
        let mut client = (*native.client).clone();
        client.kind = ClientKind::Public;
        native.client = Arc::new(client);
        assert_eq!(native.next_step(Some(NOW), &[], NOW), Step::Grant);
        native.redirect_uri = "http://127.0.0.1:9/cb".into();
        assert_eq!(
            native.next_step(Some(NOW), &split("openid email"), NOW),
            Step::Ask
        );
    }
}
