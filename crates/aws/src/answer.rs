//! What is answered.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::error::AwsError;

/// What became of a request.
pub(crate) type Outcome = Result<Answer, AwsError>;

/// The answer to a request that was granted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// That it was done.
    Done,
    /// A document.
    Document(Value),
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The answer over HTTP to the request that is known as `id`.
pub(crate) fn write(outcome: Outcome, id: &str) -> Response {
    let mut response = match outcome {
        Ok(Answer::Done) => Response::new(Body::empty()),
        Ok(Answer::Document(document)) => of_json(&document),
        Err(error) => refusal(&error),
    };
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn of_json(document: &Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn refusal(error: &AwsError) -> Response {
    let mut response = of_json(&json!({"message": error.message}));
    *response.status_mut() =
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let name = HeaderValue::from_static(error.name);
    response.headers_mut().insert(ERROR_TYPE, name);
    response
}
