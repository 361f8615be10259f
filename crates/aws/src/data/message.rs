//! Messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use trunkline_model::action;

use super::reserved::done;
use crate::answer::{Answer, Outcome};
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::page::token;
use crate::time::millis;
use crate::{Outgoing, Properties};

/// Topics of one page, as AWS has it.
const PAGE: usize = 200;

/// The headers in which a part of what MQTT 5 adds travels.
const USER: &str = "x-amz-mqtt5-user-properties";
const FORMAT: &str = "x-amz-mqtt5-payload-format-indicator";
const CORRELATION: &str = "x-amz-mqtt5-correlation-data";

/// The topic that a request is about.
fn topic(call: &Call) -> Result<&str, AwsError> {
    let topic = call.name(0);
    check_topic("topic", topic)?;
    Ok(topic)
}

/// Refuses what nothing can be published on; `name` is what it is called.
fn check_topic(name: &str, topic: &str) -> Result<(), AwsError> {
    let wild = topic.contains(['+', '#', '\0']);
    if topic.is_empty() || topic.len() > limits::TOPIC || wild {
        return Err(AwsError::invalid(format!(
            "`{name}` has 1 to {} bytes and no `+`, `#` or NUL",
            limits::TOPIC
        )));
    }
    Ok(())
}

/// Refuses what MQTT cannot carry as a text.
fn check_text(text: &str) -> Result<(), AwsError> {
    if text.contains('\0') {
        return Err(AwsError::invalid("a text of a message has no NUL in it"));
    }
    Ok(())
}

/// Publishes a message. On a topic where that does something to a thing, whoever publishes must be let do that too.
pub(crate) async fn publish(call: &Call) -> Outcome {
    call.only(&[
        "qos",
        "retain",
        "contentType",
        "responseTopic",
        "messageExpiry",
    ])?;
    let at_least_once = match call.number("qos")? {
        None | Some(0) => false,
        Some(1) => true,
        Some(_) => return Err(AwsError::invalid("`qos` is 0 or 1")),
    };
    let topic = topic(call)?;
    if topic.starts_with('$') && !topic.starts_with("$aws/") {
        let message = "of the topics that begin with `$` there are only those below `$aws/`";
        return Err(AwsError::invalid(message));
    }
    let message = Outgoing {
        topic: topic.to_owned(),
        payload: call.body.to_vec(),
        at_least_once,
        retain: call.flag("retain")?,
        properties: properties(call)?,
    };
    call.require(&action::TOPIC_PUBLISH, "")?;
    if let Some((action, thing)) = done(topic) {
        call.require(action, thing)?;
    }
    let broker = &call.aws.parts.publish;
    broker.publish(message, &call.caller).await?;
    Ok(Answer::Document(json!({"message": "OK"})))
}

fn properties(call: &Call) -> Result<Properties, AwsError> {
    let utf8 = match call.header(FORMAT) {
        None | Some("UNSPECIFIED_BYTES") => false,
        Some("UTF8_DATA") => true,
        Some(_) => {
            let message = format!("`{FORMAT}` is UNSPECIFIED_BYTES or UTF8_DATA");
            return Err(AwsError::invalid(message));
        }
    };
    if utf8 && std::str::from_utf8(&call.body).is_err() {
        let message = format!("the payload is not UTF-8, as `{FORMAT}` says it is");
        return Err(AwsError::invalid(message));
    }
    let content_type = call.query("contentType");
    content_type.map_or(Ok(()), check_text)?;
    let response_topic = call.query("responseTopic");
    response_topic.map_or(Ok(()), |topic| check_topic("responseTopic", topic))?;
    let expiry = call.number("messageExpiry")?.map(u32::try_from).transpose();
    let wrong = |_| AwsError::invalid("`messageExpiry` is less than 4,294,967,296 seconds");
    Ok(Properties {
        utf8,
        content_type: content_type.map(ToOwned::to_owned),
        response_topic: response_topic.map(ToOwned::to_owned),
        correlation: decoded(call, CORRELATION)?,
        expiry: expiry.map_err(wrong)?,
        user: user(call)?,
    })
}

/// What a header says in base64.
fn decoded(call: &Call, name: &str) -> Result<Option<Vec<u8>>, AwsError> {
    let wrong = |_| AwsError::invalid(format!("`{name}` is no base64"));
    let header = call.header(name);
    header
        .map(|text| STANDARD.decode(text).map_err(wrong))
        .transpose()
}

/// Names and values: a list of objects that have one member each.
fn user(call: &Call) -> Result<Vec<(String, String)>, AwsError> {
    let Some(bytes) = decoded(call, USER)? else {
        return Ok(Vec::new());
    };
    let wrong = || {
        AwsError::invalid(format!(
            "`{USER}` is a list such as [{{\"name\": \"value\"}}]"
        ))
    };
    let said: Value = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    // Some libraries write the list down as a text first.
    let list = match said {
        Value::String(text) => serde_json::from_str(&text),
        list => serde_json::from_value(list),
    };
    let list: Vec<Map<String, Value>> = list.map_err(|_| wrong())?;
    let mut all = Vec::with_capacity(list.len());
    for (name, value) in list.into_iter().flatten() {
        let Value::String(value) = value else {
            return Err(wrong());
        };
        check_text(&name)?;
        check_text(&value)?;
        all.push((name, value));
    }
    Ok(all)
}

/// Shows the message that is kept on a topic.
pub(crate) async fn retained(call: &Call) -> Outcome {
    let topic = topic(call)?;
    call.require(&action::TOPIC_SUBSCRIBE, "")?;
    let found = call.aws.parts.publish.retained(topic).await?;
    let message = found
        .ok_or_else(|| AwsError::not_found(format!("no message is kept on the topic `{topic}`")))?;
    Ok(Answer::Document(json!({
        "topic": topic,
        "payload": STANDARD.encode(&message.payload),
        "qos": message.qos,
        "lastModifiedTime": millis(message.modified),
    })))
}

/// Lists the topics that have a message which is kept.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&["nextToken", "maxResults"])?;
    let page = call.page_by("maxResults", "nextToken", PAGE)?;
    call.require(&action::TOPIC_SUBSCRIBE, "")?;
    let broker = &call.aws.parts.publish;
    let topics = broker.retained_topics(&page.after, page.count + 1);
    let mut topics = topics.await?;
    let more = topics.len() > page.count;
    topics.truncate(page.count);
    let next = topics.last().filter(|_| more);
    let next = next.map(|last| token(&last.topic));
    let topics: Vec<Value> = topics
        .iter()
        .map(|kept| {
            json!({
                "topic": kept.topic, "payloadSize": kept.bytes, "qos": kept.qos, "lastModifiedTime": millis(kept.modified),
            })
        })
        .collect();
    Ok(Answer::Document(without_nulls(
        json!({"retainedTopics": topics, "nextToken": next}),
    )))
}
