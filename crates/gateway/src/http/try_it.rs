//! A request that somebody tries out from the console: it goes through the gateway's own listener, and nowhere else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use trunkline_model::{action, code};
use trunkline_web::{Body, Caller, Problem, Reply};
use utoipa::ToSchema;

use super::routes::Desk;

/// The most time that an answer may take.
const MOST_TIME: Duration = Duration::from_secs(30);
/// The most bytes of an answer that are shown.
const MOST_ANSWER: usize = 1 << 20;
/// The most headers of a request.
const MOST_HEADERS: usize = 64;

/// A request to try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trial {
    /// The method.
    #[schema(example = "GET")]
    method: String,
    /// The path with its query.
    #[schema(example = "/orders?limit=5")]
    path: String,
    /// The host that routes see; the listener's address where it is missing.
    #[serde(default)]
    host: Option<String>,
    /// Its headers. Without an `Authorization` or `X-Api-Key`, the request is made as the caller, on routes that take sessions.
    #[serde(default)]
    headers: Vec<HeaderLine>,
    /// The body.
    #[serde(default)]
    body: String,
}

/// A header.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HeaderLine {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

/// What came back.
#[derive(Serialize, ToSchema)]
pub(super) struct Tried {
    /// The status.
    status: u16,
    headers: Vec<HeaderLine>,
    /// The body as text; what is no text is replaced.
    body: String,
    /// Whether the body was longer than 1 MiB, and is not shown.
    too_long: bool,
    /// Until the last byte, in milliseconds.
    elapsed_ms: u64,
}

/// Sends a request through the gateway, as any client would, and shows the answer.
#[utoipa::path(
    post, path = "/v1/gateway/try", tag = "gateway", operation_id = "tryRequest", request_body = Trial,
    responses(
        (status = 200, description = "what the gateway answered, whatever it was", body = Tried),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "the gateway does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn try_it(
    State(desk): State<Desk>,
    caller: Caller,
    own: HeaderMap,
    Body(trial): Body<Trial>,
) -> Reply<Json<Tried>> {
    caller.require(&action::GATEWAY_READ, "")?;
    let address = desk
        .gateway
        .own_address()
        .ok_or_else(|| silent("it does not listen"))?;
    let request = request(trial, &own, address)?;
    let began = Instant::now();
    let answered = tokio::time::timeout(MOST_TIME, send(address, request)).await;
    let answer = answered
        .map_err(|_| silent("it did not answer in 30 seconds"))?
        .map_err(|error| silent(&error.to_string()))?;
    let (parts, body) = answer.into_parts();
    Ok(Json(Tried {
        status: parts.status.as_u16(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| HeaderLine {
                name: name.as_str().to_owned(),
                value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
            })
            .collect(),
        too_long: body.is_none(),
        body: String::from_utf8_lossy(&body.unwrap_or_default()).into_owned(),
        elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}

fn silent(why: &str) -> Problem {
    Problem::new(
        &code::GATEWAY_UPSTREAM_FAILED,
        format!("the gateway: {why}"),
    )
}

fn wrong(detail: impl Into<String>) -> Problem {
    Problem::new(&code::WEB_BODY_INVALID, detail)
}

/// The request as the client wrote it, whose session `own` may have.
fn request(
    trial: Trial,
    own: &HeaderMap,
    address: SocketAddr,
) -> Result<Request<Full<Bytes>>, Problem> {
    let method = Method::from_bytes(trial.method.as_bytes())
        .map_err(|_| wrong("`method` is not an HTTP method"))?;
    if method == Method::CONNECT {
        return Err(wrong("CONNECT cannot be tried"));
    }
    let path = Uri::try_from(&trial.path)
        .ok()
        .filter(|uri| trial.path.starts_with('/') && uri.authority().is_none())
        .ok_or_else(|| {
            wrong("`path` is a path with an optional query, such as `/orders?limit=5`")
        })?;
    if trial.headers.len() > MOST_HEADERS {
        return Err(wrong(format!(
            "`headers` has more than {MOST_HEADERS} entries"
        )));
    }
    let mut headers = HeaderMap::new();
    for HeaderLine { name, value } in &trial.headers {
        let parsed = HeaderName::try_from(name)
            .ok()
            .zip(HeaderValue::try_from(value).ok());
        let (name, value) =
            parsed.ok_or_else(|| wrong("`headers` has an entry that is no header"))?;
        // These belong to the connection, which is ours.
        let ours = [
            header::HOST,
            header::CONNECTION,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::UPGRADE,
            header::EXPECT,
            header::TE,
            header::COOKIE,
        ];
        if !ours.contains(&name) {
            headers.append(name, value);
        }
    }
    let host = trial.host.unwrap_or_else(|| address.to_string());
    let host = HeaderValue::try_from(host).map_err(|_| wrong("`host` is not a host"))?;
    headers.insert(header::HOST, host);
    let shown = headers.contains_key(header::AUTHORIZATION)
        || headers.contains_key(trunkline_web::KEY_HEADER);
    if let Some(cookie) = own.get(header::COOKIE).filter(|_| !shown) {
        headers.insert(header::COOKIE, cookie.clone());
    }
    let mut request = Request::new(Full::new(trial.body.into()));
    *request.method_mut() = method;
    *request.uri_mut() = path;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The answer with its body, which is nothing where it is too long.
async fn send(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<http::Response<Option<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let collected = Limited::new(body, MOST_ANSWER).collect().await;
    connection.abort();
    let body = match collected {
        Ok(collected) => Some(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => None,
        Err(error) => return Err(error),
    };
    Ok(http::Response::from_parts(parts, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pairs: &[(&str, &str)]) -> Vec<serde_json::Value> {
        let line = |(name, value): &(&str, &str)| serde_json::json!({"name": name, "value": value});
        pairs.iter().map(line).collect()
    }

    fn trial(text: serde_json::Value) -> Trial {
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn a_trial_stays_with_the_gateway_and_uses_the_session_only_where_nothing_else_is_shown() {
        let address = ([127, 0, 0, 1], 7080).into();
        let mut own = HeaderMap::new();
        own.insert(
            header::COOKIE,
            HeaderValue::from_static("trunkline_session=s"),
        );
        let made = request(
            trial(serde_json::json!({"method": "POST", "path": "/a?b=c", "body": "{}",
                "headers": lines(&[("Host", "evil"), ("X-A", "1"), ("Cookie", "x=y"), ("Transfer-Encoding", "chunked")])})),
            &own,
            address,
        )
        .unwrap();
        assert_eq!(made.uri(), "/a?b=c");
        assert_eq!(made.headers()["host"], "127.0.0.1:7080");
        assert_eq!(made.headers()["x-a"], "1");
        assert_eq!(made.headers()["cookie"], "trunkline_session=s");
        assert!(!made.headers().contains_key("transfer-encoding"));
        let with_key = trial(
            serde_json::json!({"method": "GET", "path": "/", "headers": lines(&[("Authorization", "Bearer tl_x")])}),
        );
        assert!(
            !request(with_key, &own, address)
                .unwrap()
                .headers()
                .contains_key("cookie")
        );
        for (method, path) in [
            ("GET", "http://evil/"),
            ("GET", "//evil/x y"),
            ("G T", "/"),
            ("CONNECT", "/"),
            ("GET", "a"),
        ] {
            let bad = trial(serde_json::json!({"method": method, "path": path}));
            assert!(request(bad, &own, address).is_err(), "{method} {path}");
        }
    }
}
