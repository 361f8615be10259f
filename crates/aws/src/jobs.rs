//! `iot-jobs-data`: what a device asks about its jobs, asked over HTTP. The answers are those that it gets over MQTT.

use serde_json::{Map, Value};
use trunkline_model::action;
use trunkline_model::action::ActionType;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::error::AwsError;
use crate::service::Service;

/// Lists what has not ended.
pub(crate) async fn pending(call: &Call) -> Outcome {
    ask(call, &action::THING_READ, "get", Map::new()).await
}

/// Begins the next execution.
pub(crate) async fn start_next(call: &Call) -> Outcome {
    let asked = body(call)?;
    ask(call, &action::THING_CHANGE, "start-next", asked).await
}

/// Shows an execution, or the next one. Over HTTP the job's document has to be asked for.
pub(crate) async fn describe(call: &Call) -> Outcome {
    call.only(&["includeJobDocument", "executionNumber"])?;
    let mut asked = Map::new();
    let document = call.flag("includeJobDocument")?;
    asked.insert("includeJobDocument".into(), document.into());
    if let Some(number) = call.number("executionNumber")? {
        asked.insert("executionNumber".into(), number.into());
    }
    let path = format!("{}/get", call.name(1));
    ask(call, &action::THING_READ, &path, asked).await
}

/// Says how far an execution is.
pub(crate) async fn update(call: &Call) -> Outcome {
    let path = format!("{}/update", call.name(1));
    ask(call, &action::THING_CHANGE, &path, body(call)?).await
}

/// The members of the body, which are those of the message over MQTT.
fn body(call: &Call) -> Result<Map<String, Value>, AwsError> {
    if call.body.is_empty() {
        return Ok(Map::new());
    }
    let wrong = |_| AwsError::invalid("the body is no JSON object");
    serde_json::from_slice(&call.body).map_err(wrong)
}

async fn ask(
    call: &Call,
    action: &'static ActionType,
    path: &str,
    asked: Map<String, Value>,
) -> Outcome {
    let thing = call.name(0);
    call.require(action, thing)?;
    let topic = format!("$aws/things/{thing}/jobs/{path}");
    let payload = Value::Object(asked).to_string();
    let told = call.fleet().job_request(thing, &topic, payload.as_bytes());
    let told = told.await?.unwrap_or_default();
    let mut told = told.into_iter();
    let Some(answer) = told.next() else {
        let message =
            format!("`{thing}` is no name of a thing, or `{path}` nothing about its jobs");
        return Err(AwsError::invalid(message));
    };
    // The answer goes back the way that the question came; others hear what follows from it.
    let others: Vec<_> = told.collect();
    if !others.is_empty() {
        call.tell().tell(others);
    }
    let document = answer.body.value();
    if answer.topic.ends_with("/rejected") {
        return Err(refusal(&document));
    }
    Ok(Answer::Document(over_http(document)))
}

/// What of an answer is said over HTTP, where the document of a job is a text.
fn over_http(mut answer: Value) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.remove("timestamp");
        members.remove("clientToken");
        write_document(members);
        if let Some(execution) = members.get_mut("execution").and_then(Value::as_object_mut) {
            write_document(execution);
        }
    }
    answer
}

fn write_document(members: &mut Map<String, Value>) {
    if let Some(document) = members.get_mut("jobDocument") {
        *document = document.to_string().into();
    }
}

fn refusal(document: &Value) -> AwsError {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let message = text("message").unwrap_or("the request is refused");
    let (status, name) = match text("code") {
        Some("ResourceNotFound") => (404, "ResourceNotFoundException"),
        Some("InvalidStateTransition" | "VersionMismatch") => {
            (409, "InvalidStateTransitionException")
        }
        Some("TerminalStateReached") => (410, "TerminalStateException"),
        Some("RequestThrottled") => return AwsError::throttled(Service::Jobs, message),
        Some("InternalError") => (503, "ServiceUnavailableException"),
        _ => (400, "InvalidRequestException"),
    };
    AwsError::new(status, name, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_refusal_has_its_exception() {
        for (code, status, name) in [
            ("InvalidTopic", 400, "InvalidRequestException"),
            ("InvalidRequest", 400, "InvalidRequestException"),
            ("ResourceNotFound", 404, "ResourceNotFoundException"),
            ("VersionMismatch", 409, "InvalidStateTransitionException"),
            ("TerminalStateReached", 410, "TerminalStateException"),
            ("RequestThrottled", 429, "ThrottlingException"),
            ("InternalError", 503, "ServiceUnavailableException"),
        ] {
            let error = refusal(&json!({"code": code, "message": "so"}));
            assert_eq!(error, AwsError::new(status, name, "so"), "{code}");
        }
    }

    #[test]
    fn documents_are_texts_over_http() {
        let answer = json!({
            "execution": {"jobId": "a", "jobDocument": {"b": 1}}, "jobDocument": {}, "timestamp": 1, "clientToken": "t",
        });
        assert_eq!(
            over_http(answer),
            json!({"execution": {"jobId": "a", "jobDocument": r#"{"b":1}"#}, "jobDocument": "{}"})
        );
    }
}
