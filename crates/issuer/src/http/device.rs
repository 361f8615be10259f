//! `/oidc/device`: the page on which a person types the code of a device.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use trunkline_model::code;
use trunkline_web::{ClientAddress, Problem};

use super::answer::{see_other, with_query};
use super::authorize::bad_form;
use super::desk::{Desk, Who};
use super::page::{Page, escape, hidden, scope_list};
use crate::model::{Params, Refusal};
use crate::service::normal_user_code;

const PAGE: &str = "device";

/// Shows the form for the code, or what is behind the code.
pub(super) async fn show(
    State(desk): State<Desk>,
    address: ClientAddress,
    parts: Parts,
) -> Result<Response, Problem> {
    let params = Params::parse(parts.uri.query().unwrap_or_default());
    let (visitor, cookie) = match desk.who(&parts.headers, address).await? {
        Who::Person(visitor, cookie) => (visitor, cookie),
        Who::Nobody => {
            let next = with_query("/oidc/device", &user_code(&params));
            return Ok(see_other(&with_query("/sign-in", &[("next", &next)])));
        }
        Who::NotAPerson => {
            return Ok(bad_form(
                "whoever is signed in is not a person with an account",
            ));
        }
    };
    let Some(typed) = params.get("user_code") else {
        return Ok(form("").into_response());
    };
    let Some(code) = normal_user_code(typed) else {
        return Ok(form("This is not a code of eight letters.").into_response());
    };
    let found = match desk.issuer.waiting_device(&visitor.person.id, &code).await {
        Ok(found) => found,
        Err(refusal) => return Ok(problem(&refusal)),
    };
    let Some((client, scopes)) = found else {
        return Ok(form("No device waits with this code. It may have expired.").into_response());
    };
    let seal = desk.issuer.seal(&cookie, PAGE, &code);
    let body = format!(
        "<h1>Sign in {} on a device?</h1><p>You are <strong>{}</strong>. The device shows <strong>{code}</strong>, and will get:</p>{}\
         <p class=\"soft\">Go on only if you started this yourself, on a device in front of you.</p>\
         <form method=\"post\" action=\"/oidc/device\">{}\
         <button class=\"first\" name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Do not allow</button></form>",
        escape(&client.settings.name),
        escape(&visitor.person.name),
        scope_list(&scopes),
        hidden(&[("user_code", &code), ("seal", &seal)]),
    );
    Ok(Page::new("Sign in a device", body).into_response())
}

fn user_code(params: &Params) -> Vec<(&str, &str)> {
    params
        .get("user_code")
        .map(|code| ("user_code", code))
        .into_iter()
        .collect()
}

fn form(problem: &str) -> Page {
    let said = if problem.is_empty() {
        String::new()
    } else {
        format!("<p role=\"alert\">{problem}</p>")
    };
    Page::new(
        "Sign in a device",
        format!(
            "<h1>Sign in a device</h1>{said}<form method=\"get\" action=\"/oidc/device\">\
             <label for=\"code\">The code that the device shows</label>\
             <input id=\"code\" name=\"user_code\" autocomplete=\"off\" autocapitalize=\"characters\" required maxlength=\"16\">\
             <button class=\"first\">Continue</button></form>"
        ),
    )
}

fn problem(refusal: &Refusal) -> Response {
    let code = if refusal.retry_after.is_some() {
        &code::ISSUER_RATE
    } else {
        &code::ISSUER_FAILED
    };
    Page::problem(code, &refusal.description).into_response()
}

/// Takes the person's answer.
pub(super) async fn decide(
    State(desk): State<Desk>,
    address: ClientAddress,
    parts: Parts,
    body: String,
) -> Result<Response, Problem> {
    let params = Params::parse(&body);
    let Who::Person(visitor, cookie) = desk.who(&parts.headers, address).await? else {
        return Ok(bad_form("nobody is signed in any more"));
    };
    let code = params.get("user_code").unwrap_or_default();
    let seal = params.get("seal").unwrap_or_default();
    if desk.origins.require(&parts).is_err() || !desk.issuer.holds(seal, &cookie, PAGE, code) {
        return Ok(bad_form("the answer did not come from the page that asked"));
    }
    let allow = params.get("decision") == Some("allow");
    let answered = match desk.issuer.answer_device(&visitor, code, allow).await {
        Ok(answered) => answered,
        Err(refusal) => return Ok(problem(&refusal)),
    };
    if !answered {
        return Ok(form("The device does not wait any more. Start again there.").into_response());
    }
    let body = if allow {
        "<h1>The device is signed in</h1><p>You can close this page.</p>"
    } else {
        "<h1>The device was refused</h1><p>You can close this page.</p>"
    };
    Ok(Page::new("Sign in a device", body).into_response())
}
