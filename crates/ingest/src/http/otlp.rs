//! OTLP over HTTP, in protobuf and JSON.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use trunkline_model::{Coded as _, action, code};
use trunkline_web::{Caller, Problem};

use crate::Ingest;
use crate::body::{self, Encoding};
use crate::error::{IngestError, Refusal};
use crate::json;
use crate::receive::Rejections;
use crate::receive::otlp::{OtlpRead, Signal, read_bytes};
use crate::receive::otlp_json::transcode;

const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Send logs by OTLP
#[utoipa::path(
    post,
    path = "/v1/logs",
    tag = "ingest",
    request_body(content((String = "application/x-protobuf"), (serde_json::Value = "application/json")), description = "`ExportLogsServiceRequest`, gzip or not."),
    responses(
        (status = 200, description = "`ExportLogsServiceResponse` in the encoding of the request."),
        (status = "default", description = "`google.rpc.Status` in the encoding of the request."),
    )
)]
pub(crate) async fn export_logs(
    ingest: State<Ingest>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    export::<ExportLogsServiceRequest>(&ingest, &caller, &headers, body).await
}

/// Send metrics by OTLP
#[utoipa::path(
    post,
    path = "/v1/metrics",
    tag = "ingest",
    request_body(content((String = "application/x-protobuf"), (serde_json::Value = "application/json")), description = "`ExportMetricsServiceRequest`, gzip or not."),
    responses(
        (status = 200, description = "`ExportMetricsServiceResponse` in the encoding of the request."),
        (status = "default", description = "`google.rpc.Status` in the encoding of the request."),
    )
)]
pub(crate) async fn export_metrics(
    ingest: State<Ingest>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    export::<ExportMetricsServiceRequest>(&ingest, &caller, &headers, body).await
}

/// Send traces by OTLP
#[utoipa::path(
    post,
    path = "/v1/traces",
    tag = "ingest",
    request_body(content((String = "application/x-protobuf"), (serde_json::Value = "application/json")), description = "`ExportTraceServiceRequest`, gzip or not."),
    responses(
        (status = 200, description = "`ExportTraceServiceResponse` in the encoding of the request."),
        (status = "default", description = "`google.rpc.Status` in the encoding of the request."),
    )
)]
pub(crate) async fn export_traces(
    ingest: State<Ingest>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    export::<ExportTraceServiceRequest>(&ingest, &caller, &headers, body).await
}

/// The encoding of a request, and so of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Protobuf,
    Json,
}

impl Form {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        match value
            .split(';')
            .next()?
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }
}

async fn export<S: Signal>(
    ingest: &Ingest,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let Some(form) = Form::of(headers) else {
        let refusal = Refusal::new(
            &code::INGEST_MEDIA_TYPE,
            "OTLP comes as application/x-protobuf or application/json",
        );
        let error = IngestError::Refused(refusal);
        ingest.fail(caller, S::PROTOCOL, &error, &[]).await;
        return failure(Form::Protobuf, &error);
    };
    if let Err(problem) = caller.require(&action::EVENT_SEND, S::PROTOCOL.name()) {
        return refuse(form, &problem);
    }
    let mut payload = Bytes::new();
    match take::<S>(ingest, caller, form, headers, body, &mut payload).await {
        Ok(rejections) => success::<S>(form, &rejections),
        Err(error) => {
            ingest.fail(caller, S::PROTOCOL, &error, &payload).await;
            failure(form, &error)
        }
    }
}

async fn take<S: Signal>(
    ingest: &Ingest,
    caller: &Caller,
    form: Form,
    headers: &HeaderMap,
    body: Body,
    payload: &mut Bytes,
) -> Result<Rejections, IngestError> {
    let (limits, window) = (ingest.limits(), ingest.window());
    let encoding = body::encoding(headers)?;
    let mut held = body::read(headers, body, limits.request_bytes, ingest.memory()).await?;
    payload.clone_from(&held.bytes);
    match encoding {
        Encoding::Plain => {}
        Encoding::Gzip => held = body::unpack(held, limits.request_bytes, ingest.memory()).await?,
        Encoding::Snappy => {
            return Err(
                Refusal::new(&code::INGEST_ENCODING, "OTLP may be packed with gzip alone").into(),
            );
        }
    }
    payload.clone_from(&held.bytes);
    let bytes = held.bytes.clone();
    // Messages of protobuf are built and taken apart, so that even small ones are more work than lines of the same size.
    let read = body::offload(bytes.len() * 4, move || match form {
        Form::Protobuf => read_bytes::<S>(bytes, limits, window),
        Form::Json => read_bytes::<S>(transcode(&bytes, S::SCHEMA, limits)?.into(), limits, window),
    });
    let OtlpRead {
        batch,
        accepted,
        rejections,
    } = read.await?;
    ingest
        .keep(caller, S::PROTOCOL, batch, accepted, &rejections)
        .await?;
    Ok(rejections)
}

/// The response of all three signals: they have the same numbers.
#[derive(Clone, PartialEq, Message)]
struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// What a sender is told about what was not taken; none where all was.
pub(crate) fn partial(rejections: &Rejections) -> Option<(i64, String)> {
    let first = rejections.told.first()?;
    let message = format!("{}: {}", first.refusal.code.code, first.refusal.detail);
    Some((
        i64::try_from(rejections.total()).unwrap_or(i64::MAX),
        message,
    ))
}

fn success<S: Signal>(form: Form, rejections: &Rejections) -> Response {
    let partial = partial(rejections);
    match form {
        Form::Protobuf => {
            let partial_success = partial.map(|(rejected, error_message)| PartialSuccess {
                rejected,
                error_message,
            });
            (
                [(header::CONTENT_TYPE, PROTOBUF)],
                ExportResponse { partial_success }.encode_to_vec(),
            )
                .into_response()
        }
        Form::Json => {
            let mut text = String::from("{}");
            if let Some((rejected, message)) = partial {
                text = format!(
                    "{{\"partialSuccess\":{{\"{}\":\"{rejected}\",\"errorMessage\":",
                    S::REJECTED
                );
                json::write_string(&message, &mut text);
                text.push_str("}}");
            }
            ([(header::CONTENT_TYPE, JSON)], text).into_response()
        }
    }
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<RpcDetail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RpcDetail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`, whose one field is a `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<RetryDelay>,
}

#[derive(Clone, PartialEq, Message)]
struct RetryDelay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl RpcStatus {
    /// The status of an error; where waiting helps it says for how long, without which senders do not try again.
    pub(crate) fn of(error: &IngestError) -> Self {
        let error_code = error.code();
        let details = error.retry_after().map(|wait| RpcDetail {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".into(),
            value: RetryInfo {
                retry_delay: Some(RetryDelay {
                    seconds: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                    nanos: wait.subsec_nanos().cast_signed(),
                }),
            }
            .encode_to_vec(),
        });
        Self {
            code: grpc_code(error_code.status),
            message: format!("{}: {error}", error_code.code),
            details: details.into_iter().collect(),
        }
    }
}

/// The gRPC code that says what an HTTP status says.
pub(crate) const fn grpc_code(status: u16) -> i32 {
    match status {
        400 | 413 | 415 | 422 => 3,
        401 => 16,
        403 => 7,
        429 => 8,
        502..=504 | 507 => 14,
        _ => 13,
    }
}

fn failure(form: Form, error: &IngestError) -> Response {
    // Senders of OTLP give up on a full disk's 507, and wait on 503.
    let status = match error.code().status {
        507 => 503,
        status => status,
    };
    answer(form, status, &RpcStatus::of(error), error.retry_after())
}

fn refuse(form: Form, problem: &Problem) -> Response {
    let status = problem.status().as_u16();
    let body = RpcStatus {
        code: grpc_code(status),
        message: problem.to_string(),
        details: Vec::new(),
    };
    answer(form, status, &body, None)
}

fn answer(form: Form, status: u16, body: &RpcStatus, retry_after: Option<Duration>) -> Response {
    let (content_type, bytes) = match form {
        Form::Protobuf => (PROTOBUF, body.encode_to_vec()),
        Form::Json => {
            let mut text = format!("{{\"code\":{},\"message\":", body.code);
            json::write_string(&body.message, &mut text);
            text.push('}');
            (JSON, text.into_bytes())
        }
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, content_type)], bytes).into_response();
    if let Some(wait) = retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}
