//! `POST /api/v1/write`: Prometheus remote write 1.0 and 2.0.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use trunkline_model::{action, code};
use trunkline_web::{Caller, Problem};

use crate::Ingest;
use crate::body::{self, Encoding};
use crate::error::{IngestError, Refusal};
use crate::receive::Rejections;
use crate::receive::prometheus::{RemoteWrite, Written, read, unpack};
use crate::series::Version;
use crate::stats::Protocol;

const SAMPLES: HeaderName = HeaderName::from_static("x-prometheus-remote-write-samples-written");
const HISTOGRAMS: HeaderName =
    HeaderName::from_static("x-prometheus-remote-write-histograms-written");
const EXEMPLARS: HeaderName =
    HeaderName::from_static("x-prometheus-remote-write-exemplars-written");

/// Send samples by Prometheus remote write
///
/// Versions 1.0 and 2.0, by the `proto` parameter of the content type. Series whose time lies too far away are refused, the others
/// taken; the answer is then 400, so that the sender tells of it, and says how much was written.
#[utoipa::path(
    post,
    path = "/api/v1/write",
    tag = "ingest",
    request_body(content = String, content_type = "application/x-protobuf", description = "`prometheus.WriteRequest` or `io.prometheus.write.v2.Request`, packed with snappy."),
    responses(
        (status = 204, description = "All of it is durable."),
        (status = "default", description = "A problem.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remote_write(
    ingest: State<Ingest>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(problem) = caller.require(&action::EVENT_SEND, Protocol::Prometheus.name()) {
        return problem.into_response();
    }
    let mut payload = Bytes::new();
    match take(&ingest, &caller, &headers, body, &mut payload).await {
        Ok((version, written, rejections)) => answer(version, written, &rejections),
        Err(error) => {
            ingest
                .fail(&caller, Protocol::Prometheus, &error, &payload)
                .await;
            tell(error.into_problem().into_response(), Written::default())
        }
    }
}

async fn take(
    ingest: &Ingest,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
    payload: &mut Bytes,
) -> Result<(Version, Written, Rejections), IngestError> {
    let (limits, window) = (ingest.limits(), ingest.window());
    let version = version(headers)?;
    if headers.contains_key(header::CONTENT_ENCODING)
        && body::encoding(headers)? != Encoding::Snappy
    {
        return Err(
            Refusal::new(&code::INGEST_ENCODING, "remote write is packed with snappy").into(),
        );
    }
    let held = body::read(headers, body, limits.request_bytes, ingest.memory()).await?;
    payload.clone_from(&held.bytes);
    // It becomes some four times as large; the share covers what it becomes.
    let _share = ingest.memory().share(held.bytes.len() * 4).await?;
    let packed = held.bytes.clone();
    let read = body::offload(packed.len() * 4, move || {
        read(&unpack(&packed, limits)?, version, limits, window)
    });
    let RemoteWrite {
        batch,
        written,
        rejections,
    } = read.await?;
    ingest
        .keep(
            caller,
            Protocol::Prometheus,
            batch,
            written.total(),
            &rejections,
        )
        .await?;
    Ok((version, written, rejections))
}

/// The version that the content type names; 1.0 where it names none.
fn version(headers: &HeaderMap) -> Result<Version, Refusal> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let proto = parts
        .find_map(|part| part.strip_prefix("proto="))
        .map(|proto| proto.trim_matches('"'));
    match (media.eq_ignore_ascii_case("application/x-protobuf"), proto) {
        (true, None | Some("prometheus.WriteRequest")) => Ok(Version::One),
        (true, Some("io.prometheus.write.v2.Request")) => Ok(Version::Two),
        _ => {
            let value: String = value.chars().take(80).collect();
            let detail = format!("`{value}` is no message of remote write 1.0 or 2.0");
            Err(Refusal::new(&code::INGEST_MEDIA_TYPE, detail))
        }
    }
}

fn answer(version: Version, written: Written, rejections: &Rejections) -> Response {
    let response = match rejections.told.first() {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(first) => {
            let detail = format!(
                "{} of the series were refused; {}",
                rejections.total(),
                first.refusal.detail
            );
            Problem::new(first.refusal.code, detail).into_response()
        }
    };
    match version {
        Version::One => response,
        Version::Two => tell(response, written),
    }
}

/// Says how much was written; a sender of version 2 takes an answer without it for one of a receiver that knows version 1 alone.
fn tell(mut response: Response, written: Written) -> Response {
    let headers = response.headers_mut();
    headers.insert(SAMPLES, HeaderValue::from(written.samples));
    headers.insert(HISTOGRAMS, HeaderValue::from(written.histograms));
    headers.insert(EXEMPLARS, HeaderValue::from(written.exemplars));
    response
}
