//! Whether a request may pass.

use http::request;

use super::answer::Failure;
use super::handle::Passing;
use crate::port::{Admission, LimitAsk};
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
        record.plan = limited.plan;
        if let Some(denied) = limited.denied {
            return Err(denied.into());
        }
    }
    Ok(())
}
