//! `/oidc/logout`: a client asks to sign its person out (OpenID Connect RP-Initiated Logout).

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use trunkline_model::code;
use trunkline_web::{ClientAddress, Problem};

use super::answer::{see_other, with_query};
use super::authorize::bad_form;
use super::desk::{Desk, Who};
use super::page::{Page, hidden};
use crate::Issuer;
use crate::model::{Params, origin};

const PAGE: &str = "logout";
/// Remove the session cookie, under either of its names, as the room that set it does.
const GONE: [HeaderValue; 2] = [
    HeaderValue::from_static("trunkline_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"),
    HeaderValue::from_static(
        "__Host-trunkline_session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
    ),
];

/// Where the browser goes afterwards, if anywhere.
fn target(issuer: &Issuer, params: &Params) -> Result<Option<String>, &'static str> {
    let hint = params
        .get("id_token_hint")
        .and_then(|text| issuer.hint(text));
    let named = params.get("client_id");
    if let (Some((client, _)), Some(named)) = (&hint, named)
        && client != named
    {
        return Err("`client_id` is not the client of `id_token_hint`");
    }
    let Some(uri) = params.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let client = hint.as_ref().map(|(client, _)| client.as_str()).or(named);
    let client = client.and_then(|id| issuer.client(id));
    let known = client.is_some_and(|client| {
        let uris = &client.settings.post_logout_redirect_uris;
        uris.iter().any(|registered| registered == uri)
    });
    if !known {
        return Err("`post_logout_redirect_uri` is not one that the client registered");
    }
    let state = params.get("state").map(|state| ("state", state));
    Ok(Some(with_query(uri, state.as_slice())))
}

/// Signs out. Without a good hint the person is asked, since any page can send a browser here.
pub(super) async fn logout(
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
    let to = match target(&desk.issuer, &params) {
        Ok(to) => to,
        Err(detail) => return Ok(Page::problem(&code::ISSUER_REQUEST, detail).into_response()),
    };
    let (person, cookie) = match desk.who(&parts.headers, address).await? {
        Who::Person(visitor, cookie) => (visitor.person.id, cookie),
        Who::Nobody | Who::NotAPerson => {
            let cross = parts
                .headers
                .get("sec-fetch-site")
                .is_some_and(|site| site == "cross-site");
            // From another site the cookie stays at home; the page that asks brings it along.
            return Ok(if cross {
                ask(&desk.issuer, "", &params, to)
            } else {
                farewell(to)
            });
        }
    };
    let hint = params
        .get("id_token_hint")
        .and_then(|text| desk.issuer.hint(text));
    if hint.is_some_and(|(_, subject)| subject == person) {
        desk.issuer.sign_out(&cookie).await?;
        return Ok(signed_out(to));
    }
    Ok(ask(&desk.issuer, &cookie, &params, to))
}

fn ask(issuer: &Issuer, cookie: &str, params: &Params, to: Option<String>) -> Response {
    let query = params.to_query();
    let seal = issuer.seal(cookie, PAGE, &query);
    let body = format!(
        "<h1>Sign out of Trunkline?</h1><form method=\"post\" action=\"/oidc/logout/confirm\">{}\
         <button class=\"first\">Sign out</button></form>",
        hidden(&[("request", &query), ("seal", &seal)]),
    );
    let mut page = Page::new("Sign out of Trunkline", body);
    page.form_leads_to = to.and_then(|uri| origin(&uri));
    page.into_response()
}

/// Takes the person's yes.
pub(super) async fn confirm(
    State(desk): State<Desk>,
    parts: Parts,
    body: String,
) -> Result<Response, Problem> {
    let form = Params::parse(&body);
    let query = form.get("request").unwrap_or_default();
    let cookie = trunkline_web::session_cookie(&parts.headers).unwrap_or_default();
    let seal = form.get("seal").unwrap_or_default();
    // A page that was made without a cookie has none in its seal; that the form is ours still says its origin.
    let sealed = [cookie, ""]
        .iter()
        .any(|known| desk.issuer.holds(seal, known, PAGE, query));
    if desk.origins.require(&parts).is_err() || !sealed {
        return Ok(bad_form("the answer did not come from the page that asked"));
    }
    let to = target(&desk.issuer, &Params::parse(query)).ok().flatten();
    desk.issuer.sign_out(cookie).await?;
    Ok(signed_out(to))
}

fn signed_out(to: Option<String>) -> Response {
    let mut response = farewell(to);
    for gone in GONE {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}

fn farewell(to: Option<String>) -> Response {
    match to {
        Some(uri) => see_other(&uri),
        None => Page::new(
            "Signed out",
            "<h1>You are signed out</h1><p>You can close this page.</p>",
        )
        .into_response(),
    }
}
