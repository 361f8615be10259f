//! The one route: it reads who signed, and hands on what is asked.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use axum::routing::any;
use http_body_util::LengthLimitError;
use tracing::Span;
use trunkline_signature::{Claim, Payload, Request as Wire, SignatureError};
use trunkline_web::{Caller, ClientAddress, RequestId};

use crate::admit::Claimed;
use crate::answer::{Outcome, write};
use crate::call::Call;
use crate::error::AwsError;
use crate::host::Aws;
use crate::operation::{Found, find};
use crate::service::Service;
use crate::{limits, path, serve};

/// What all paths begin with.
const PREFIX: &str = "/aws";

/// The routes of this room, below `/aws`. They stand in the open: each request shows who it is from by its signature.
pub fn routes(aws: Arc<Aws>) -> Router {
    Router::new()
        .route("/aws", any(handle))
        .route("/aws/", any(handle))
        .route("/aws/{*path}", any(handle))
        .with_state(aws)
}

async fn handle(State(aws): State<Arc<Aws>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let id = match parts.extensions.get::<RequestId>() {
        Some(id) => id.as_str().to_owned(),
        None => format!("req_{}", aws.parts.ids.ulid(aws.parts.clock.now())),
    };
    write(work(aws, parts, body).await, &id)
}

async fn work(aws: Arc<Aws>, parts: Parts, body: Body) -> Outcome {
    let uri = parts.extensions.get::<OriginalUri>();
    let uri = uri.map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
    let headers = headers(&parts, &uri);
    let wire = Wire {
        method: parts.method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers: &headers,
    };
    let claim = Claim::read(&wire)?;
    let service = service(&claim)?;
    let below = uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let found = path::segments(below).map_or(Found::Nothing, |path| {
        find(service, parts.method.as_str(), &path)
    });
    let most = match &found {
        Found::Operation(operation, _) => operation.body(),
        Found::Method | Found::Nothing => limits::BODY,
    };
    let client = ClientAddress::from_extensions(&parts.extensions);
    let claimed = Claimed {
        keys: &*aws.parts.keys,
        service,
        claim: &claim,
        request: &wire,
        client,
        now: aws.parts.clock.now(),
    };
    let key = claimed.key().await?;
    let body = read(body, most, limits::BODY_WITHIN).await?;
    claimed.check(&key, &body)?;
    Span::current().record("principal", key.principal.id.as_str());
    let authorize = Arc::clone(&aws.parts.authorize);
    let caller = Caller::new(key.principal, client, authorize);
    // Only now: who is nobody is not told what there is.
    let (operation, path) = match found {
        Found::Operation(operation, path) => (operation, path),
        Found::Method if service == Service::Data => {
            let message = format!("{} is not what can be done to {below}", parts.method);
            return Err(AwsError::new(405, "MethodNotAllowedException", message));
        }
        Found::Method | Found::Nothing => {
            return Err(AwsError::unknown(parts.method.as_str(), below));
        }
    };
    let query = path::parameters(wire.query).ok_or_else(|| {
        AwsError::invalid("the query cannot be read: it is UTF-8 with percent signs")
    })?;
    let call = Call {
        caller,
        service,
        region: claim.region().to_owned(),
        path,
        query,
        headers: signed(&claim, &parts.headers),
        body,
        aws,
    };
    serve::serve(operation, &call).await
}

/// The headers as they were sent; HTTP/2 has the host in the address.
fn headers<'a>(parts: &'a Parts, uri: &'a Uri) -> Vec<(&'a str, &'a [u8])> {
    let sent = parts.headers.iter();
    let mut headers: Vec<_> = sent
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    if let (None, Some(authority)) = (parts.headers.get(header::HOST), uri.authority()) {
        headers.push(("host", authority.as_str().as_bytes()));
    }
    headers
}

/// The headers that are signed: somebody else may have written the others.
fn signed(claim: &Claim, all: &HeaderMap) -> HeaderMap {
    let is_signed = |name: &str| claim.signed_headers().iter().any(|signed| signed == name);
    let signed = all.iter().filter(|(name, _)| is_signed(name.as_str()));
    signed
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The service for which a request is signed.
fn service(claim: &Claim) -> Result<Service, AwsError> {
    let refused = |why: String| AwsError::new(403, "InvalidSignatureException", why);
    // Such a token of an address for devices is not signed, so nothing would be known of it.
    if claim.session_token().is_some() {
        return Err(SignatureError::SessionToken.into());
    }
    if claim.payload() == Payload::Unsigned {
        return Err(refused("the body has to be signed too".into()));
    }
    Service::named(claim.service()).ok_or_else(|| {
        refused(format!(
            "the request is signed for the service `{}`, and there are `iot`, `iotdata` and `iot-jobs-data`",
            claim.service()
        ))
    })
}

async fn read(body: Body, most: usize, within: Duration) -> Result<Bytes, AwsError> {
    let read = tokio::time::timeout(within, to_bytes(body, most)).await;
    let read = read.map_err(|_| {
        let message = format!("the body did not come within {} s", within.as_secs_f32());
        AwsError::new(408, "RequestTimeoutException", message)
    })?;
    read.map_err(|error| {
        let cause = error.into_inner();
        if cause.is::<LengthLimitError>() {
            return AwsError::too_large(format!("the body has more than {most} bytes"));
        }
        AwsError::invalid("the body did not come to its end")
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::{BodyExt as _, Full};

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_end_is_given_up() {
        let never = std::future::pending::<Option<Result<HeaderMap, Infallible>>>();
        let endless = Body::new(Full::from("{}").with_trailers(never));
        let refused = read(endless, 64, Duration::from_millis(20)).await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.status, refused.name),
            (408, "RequestTimeoutException")
        );
        let hour = Duration::from_secs(3_600);
        let whole = read(Body::from("{}"), 2, hour).await.unwrap();
        assert_eq!(whole, "{}");
        let large = read(Body::from("{}"), 1, hour).await.unwrap_err();
        assert_eq!(large.status, 413);
    }
}
