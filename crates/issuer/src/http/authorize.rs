//! `/oidc/authorize` and the page that asks the person.

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use trunkline_model::code;
use trunkline_web::{ClientAddress, Problem};

use super::answer::{see_other, with_query};
use super::desk::{Desk, Who};
use super::page::{Page, escape, hidden, scope_list};
use crate::Issuer;
use crate::model::{Params, Refusal, origin};
use crate::service::{AGAIN, AuthorizeRequest, Step, Unanswered, Visitor};

/// Marks a request that came back from our own page, so that it is not sent there twice.
const BOUNCED: &str = "trunkline_bounced";
/// The name of the page, for its seal.
const PAGE: &str = "consent";

/// Signs a person in for a client.
pub(super) async fn authorize(
    State(desk): State<Desk>,
    address: ClientAddress,
    parts: Parts,
    body: String,
) -> Result<Response, Problem> {
    let text = if parts.method == Method::POST {
        body.as_str()
    } else {
        parts.uri.query().unwrap_or_default()
    };
    let params = Params::parse(text);
    let request = match desk.issuer.read_request(&params) {
        Ok(request) => request,
        Err(unanswered) => return Ok(refuse(&desk.issuer, unanswered)),
    };
    let who = desk.who(&parts.headers, address).await?;
    if matches!(who, Who::Nobody) && must_bounce(&parts.headers, &params) {
        return Ok(bounce(&params));
    }
    let (signed_in, consented) = match &who {
        Who::Nobody => (None, Vec::new()),
        Who::NotAPerson => {
            let refusal = Refusal::new(
                "access_denied",
                "whoever is signed in is not a person with an account",
            );
            return Ok(send_refusal(&desk.issuer, &request, &refusal));
        }
        Who::Person(visitor, _) => {
            let consented = desk
                .issuer
                .consented(&visitor.person.id, request.client.id)
                .await?;
            (Some(visitor.sign_in.at), consented)
        }
    };
    Ok(
        match (
            request.next_step(signed_in, &consented, desk.issuer.now()),
            who,
        ) {
            (Step::Refuse(refusal), _) => send_refusal(&desk.issuer, &request, &refusal),
            (Step::SignIn { again }, _) => to_sign_in(&desk.issuer, &params, again),
            (Step::Ask, Who::Person(visitor, cookie)) => {
                ask(&desk.issuer, &request, &visitor, &cookie, &params)
            }
            (Step::Grant, Who::Person(visitor, _)) => {
                grant(&desk.issuer, &request, &visitor, false).await
            }
            (Step::Ask | Step::Grant, _) => to_sign_in(&desk.issuer, &params, false),
        },
    )
}

fn refuse(issuer: &Issuer, unanswered: Unanswered) -> Response {
    match unanswered {
        Unanswered::Page(detail) => Page::problem(&code::ISSUER_REQUEST, detail).into_response(),
        Unanswered::Redirect {
            uri,
            state,
            refusal,
        } => redirect_refusal(issuer, &uri, state.as_deref(), &refusal),
    }
}

fn send_refusal(issuer: &Issuer, request: &AuthorizeRequest, refusal: &Refusal) -> Response {
    redirect_refusal(
        issuer,
        &request.redirect_uri,
        request.state.as_deref(),
        refusal,
    )
}

/// Every answer says who gives it (RFC 9207), so that a client with several providers cannot be made to mix them up.
fn redirect_refusal(
    issuer: &Issuer,
    uri: &str,
    state: Option<&str>,
    refusal: &Refusal,
) -> Response {
    let mut pairs = vec![
        ("error", refusal.error),
        ("error_description", &*refusal.description),
    ];
    pairs.extend(state.map(|state| ("state", state)));
    pairs.push(("iss", issuer.url()));
    see_other(&with_query(uri, &pairs))
}

/// The console's sign-in page, which comes back to this very request. `again` asks it to show its form even to who is signed in.
fn to_sign_in(issuer: &Issuer, params: &Params, again: bool) -> Response {
    let since = again.then(|| issuer.now().as_micros().to_string());
    let back = params.clone().with(BOUNCED, None).with(AGAIN, since);
    let next = format!("/oidc/authorize?{}", back.to_query());
    let mut pairs = vec![("next", next.as_str())];
    if again {
        pairs.push(("again", "1"));
    }
    see_other(&with_query("/sign-in", &pairs))
}

/// A browser that comes from another site leaves the session cookie at home, since it is `SameSite=Strict`. Coming from a page of ours
/// it brings it along.
fn must_bounce(headers: &HeaderMap, params: &Params) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
        && params.get(BOUNCED).is_none()
}

fn bounce(params: &Params) -> Response {
    let query = params.clone().with(BOUNCED, Some("1".into())).to_query();
    let uri = escape(&format!("/oidc/authorize?{query}"));
    let body = format!(
        "<meta http-equiv=\"refresh\" content=\"0;url={uri}\"><p><a href=\"{uri}\">Continue</a></p>"
    );
    Page::new("Sign in with Trunkline", body).into_response()
}

/// Asks the person whether the client may know who they are.
fn ask(
    issuer: &Issuer,
    request: &AuthorizeRequest,
    visitor: &Visitor,
    cookie: &str,
    params: &Params,
) -> Response {
    let query = params.clone().with(BOUNCED, None).to_query();
    let seal = issuer.seal(cookie, PAGE, &query);
    let name = escape(&request.client.settings.name);
    let target = origin(&request.redirect_uri);
    let body = format!(
        "<h1>{name} wants to sign you in</h1><p>You are <strong>{}</strong>. It will learn:</p>{}\
         <p class=\"soft\">You come back to {}.</p>\
         <form method=\"post\" action=\"/oidc/consent\">{}\
         <button class=\"first\" name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Do not allow</button></form>",
        escape(&visitor.person.name),
        scope_list(&request.scopes),
        escape(target.as_deref().unwrap_or_default()),
        hidden(&[("request", &query), ("seal", &seal)]),
    );
    let mut page = Page::new("Sign in with Trunkline", body);
    page.form_leads_to = target;
    page.into_response()
}

/// Sends the browser back to the client with a code.
async fn grant(
    issuer: &Issuer,
    request: &AuthorizeRequest,
    visitor: &Visitor,
    asked: bool,
) -> Response {
    match issuer.approve(request, visitor, asked).await {
        Err(refusal) => send_refusal(issuer, request, &refusal),
        Ok(code) => {
            let mut pairs = vec![("code", code.reveal())];
            pairs.extend(request.state.as_deref().map(|state| ("state", state)));
            pairs.push(("iss", issuer.url()));
            see_other(&with_query(&request.redirect_uri, &pairs))
        }
    }
}

/// Takes the person's answer. Everything is checked anew: only the page itself is believed to have been looked at.
pub(super) async fn consent(
    State(desk): State<Desk>,
    address: ClientAddress,
    parts: Parts,
    body: String,
) -> Result<Response, Problem> {
    let form = Params::parse(&body);
    let query = form.get("request").unwrap_or_default();
    let (visitor, cookie) = match desk.who(&parts.headers, address).await? {
        Who::Person(visitor, cookie) => (visitor, cookie),
        Who::Nobody | Who::NotAPerson => return Ok(bad_form("nobody is signed in any more")),
    };
    let own = desk.origins.require(&parts).is_ok();
    if !own
        || !desk
            .issuer
            .holds(form.get("seal").unwrap_or_default(), &cookie, PAGE, query)
    {
        return Ok(bad_form("the answer did not come from the page that asked"));
    }
    let request = match desk.issuer.read_request(&Params::parse(query)) {
        Ok(request) => request,
        Err(unanswered) => return Ok(refuse(&desk.issuer, unanswered)),
    };
    if form.get("decision") != Some("allow") {
        let refusal = Refusal::new("access_denied", "the person said no");
        return Ok(send_refusal(&desk.issuer, &request, &refusal));
    }
    Ok(grant(&desk.issuer, &request, &visitor, true).await)
}

/// The page for a form that is not believed.
pub(super) fn bad_form(detail: &str) -> Response {
    Page::problem(&code::ISSUER_FORM, detail).into_response()
}
