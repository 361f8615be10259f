//! Whether a request may pass, and whether it keeps to its contract.

use bytes::Bytes;
use http::request;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use trunkline_model::code;

use super::answer::Failure;
use super::handle::Passing;
use crate::file::ContractMode;
use crate::port::{Admission, CheckAsk, LimitAsk};
use crate::table::Route;

/// Asks who it is and counts the request.
pub(super) async fn admit(
    passing: &mut Passing,
    route: &Route,
    parts: &request::Parts,
) -> Result<(), Failure> {
    let record = &mut passing.record;
    let ports = &record.worker.core.ports;
    if let Some(need) = &route.need {
        let admitted = match ports.admit.admit(parts, need, record.client) {
            Admission::Now(admitted) => admitted,
            Admission::Later(admitted) => admitted.await,
        };
        record.admitted = Some(admitted?);
    }
    if route.limited {
        let limited = ports.limit.limit(&LimitAsk {
            route: &route.name,
            client: record.client,
            admitted: record.admitted.as_deref(),
            plan: route.rule.plan.as_deref(),
            per_address: route
                .rule
                .limits
                .per_address
                .as_ref()
                .map(|text| text.get_ref().as_str()),
            per_route: route
                .rule
                .limits
                .per_route
                .as_ref()
                .map(|text| text.get_ref().as_str()),
        });
        passing.limit_headers = limited.headers;
        record.permit = limited.permit;
        if let Some(denied) = limited.denied {
            return Err(denied.into());
        }
    }
    Ok(())
}

/// Checks the request against its contract. Hands back the body, if the check had to read it.
pub(super) async fn check(
    passing: &Passing,
    route: &Route,
    parts: &request::Parts,
    body: &mut Option<Incoming>,
) -> Result<Option<Bytes>, Failure> {
    let Some(contract) = route
        .rule
        .contract
        .as_ref()
        .filter(|_| route.contract != ContractMode::Off)
    else {
        return Ok(None);
    };
    let port = &passing.record.worker.core.ports.check;
    let ask = CheckAsk {
        service: &contract.service,
        method: &parts.method,
        path: &passing.record.path,
        query: parts.uri.query(),
        headers: &parts.headers,
    };
    let length = body
        .as_ref()
        .and_then(|body| http_body::Body::size_hint(body).exact());
    // A body of unknown or great length is streamed, not kept.
    let wanted = port
        .wants_body(&ask)
        .filter(|&most| length.is_some_and(|length| length <= most as u64));
    let read = match (wanted, body.take()) {
        (Some(most), Some(incoming)) => {
            let collected = Limited::new(incoming, most).collect().await;
            let gone = |_| Failure::new(&code::GATEWAY_MALFORMED, "the body ended early").closing();
            Some(collected.map_err(gone)?.to_bytes())
        }
        (_, kept) => {
            *body = kept;
            None
        }
    };
    let findings = port.request(&ask, read.as_deref());
    match findings.first() {
        Some(finding) if route.contract == ContractMode::Enforce => Err(Failure::new(
            &code::GATEWAY_CONTRACT,
            format!("{finding} ({} in all)", findings.len()),
        )),
        _ => Ok(read),
    }
}
