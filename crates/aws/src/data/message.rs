//! Messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::page::token;
use crate::time::millis;
use crate::{Outgoing, Properties, PublishError};

/// Topics of one page, as AWS has it.
const PAGE: usize = 200;

/// The headers in which a part of what MQTT 5 adds travels.
const USER: &str = "x-amz-mqtt5-user-properties";
const FORMAT: &str = "x-amz-mqtt5-payload-format-indicator";
const CORRELATION: &str = "x-amz-mqtt5-correlation-data";

/// A topic on which something can be published.
fn topic(call: &Call) -> Result<&str, AwsError> {
    let topic = call.name(0);
    let wild = topic.contains(['+', '#', '\0']);
    if topic.is_empty() || topic.len() > limits::TOPIC || wild {
        return Err(AwsError::invalid(format!(
            "a topic has 1 to {} bytes and no `+`, `#` or NUL",
            limits::TOPIC
        )));
    }
    Ok(topic)
}

fn refused(call: &Call) -> impl Fn(PublishError) -> AwsError {
    let service = call.service;
    move |error| AwsError::of_publish(&error, service)
}

/// Publishes a message.
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
    let message = Outgoing {
        topic: topic(call)?.to_owned(),
        payload: call.body.to_vec(),
        at_least_once,
        retain: call.flag("retain")?,
        properties: properties(call)?,
    };
    call.require(&action::TOPIC_PUBLISH, "")?;
    let broker = &call.aws.parts.publish;
    let published = broker.publish(message, &call.caller).await;
    published.map_err(refused(call))?;
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
    let expiry = call.number("messageExpiry")?.map(u32::try_from).transpose();
    let wrong = |_| AwsError::invalid("`messageExpiry` is less than 4,294,967,296 seconds");
    let text = |name: &str| call.query(name).map(ToOwned::to_owned);
    Ok(Properties {
        utf8,
        content_type: text("contentType"),
        response_topic: text("responseTopic"),
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
        match value {
            Value::String(value) => all.push((name, value)),
            _ => return Err(wrong()),
        }
    }
    Ok(all)
}

/// Shows the message that is kept on a topic.
pub(crate) async fn retained(call: &Call) -> Outcome {
    let topic = topic(call)?;
    call.require(&action::TOPIC_SUBSCRIBE, "")?;
    let found = call.aws.parts.publish.retained(topic).await;
    let found = found.map_err(refused(call))?;
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
    let topics = broker.retained_topics(&page.after, page.count + 1).await;
    let mut topics = topics.map_err(refused(call))?;
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
