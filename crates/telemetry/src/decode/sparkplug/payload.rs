//! A whole payload.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;

use super::SparkplugTopic;
use super::datatype::moment;
use super::message::{Metric, Payload};
use super::metric::Metrics;
use crate::decode::Aliases;
use crate::limits::Limits;
use crate::value::Value;

/// What the payload of a message says that lies compressed in another.
const COMPRESSED: &str = "SPBV1.0_COMPRESSED";

/// Reads the payload of a message on `topic`. A birth tells `aliases` the names of its metrics.
///
/// # Errors
/// Why it is no payload of Sparkplug, or why it can be no birth.
pub(in crate::decode) fn decode(
    topic: &str,
    payload: &[u8],
    aliases: &mut Aliases,
    limits: &Limits,
) -> Result<Value<'static>, String> {
    let payload = Payload::decode(payload).map_err(|error| error.to_string())?;
    if payload.uuid.as_deref() == Some(COMPRESSED) {
        return Err("compressed payloads are not read".into());
    }
    if payload.metrics.len() > limits.elements {
        return Err(format!("it has more than {} metrics", limits.elements));
    }
    let metrics: Vec<_> = payload
        .metrics
        .iter()
        .map(|bytes| Metric::decode(bytes.as_slice()))
        .collect();
    let topic = SparkplugTopic::read(topic);
    if let Some(topic) = topic.filter(|topic| topic.birth) {
        let named = metrics.iter().flatten().filter_map(|metric| {
            let name = metric.name.as_deref()?;
            Some((name, metric.alias, metric.datatype))
        });
        aliases.learn(topic.publisher, named)?;
    }
    let time = payload.timestamp.map_or(Value::Null, moment);
    let births = topic.map(|topic| aliases.births(topic.publisher));
    let reader = Metrics {
        births: births.as_ref(),
        time: &time,
        limits,
    };
    let metrics = metrics.into_iter().map(|metric| match metric {
        Ok(metric) => reader.metric(metric, limits.depth),
        Err(error) => Value::Broken(format!("a metric is malformed: {error}")),
    });
    let metrics = Value::Array(metrics.collect());
    Ok(Value::object([
        ("timestamp", time),
        (
            "seq",
            payload
                .seq
                .map_or(Value::Null, |seq| Value::Integer(seq.into())),
        ),
        (
            "uuid",
            payload
                .uuid
                .map_or(Value::Null, |uuid| Value::Text(uuid.into())),
        ),
        (
            "body",
            payload.body.map_or(Value::Null, |body| {
                Value::Text(STANDARD.encode(body).into())
            }),
        ),
        ("metrics", metrics),
    ]))
}
