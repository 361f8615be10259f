//! The CloudEvents 1.0 event, as Trunkline writes it to its log.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::{IdGen, Timestamp};

/// The only version of CloudEvents that is read and written.
pub const SPEC_VERSION: &str = "1.0";

/// A CloudEvents 1.0 event in its structured JSON form.
///
/// `correlationid` and `causationid` are the extension attributes that tie a chain of events together: the first names the
/// chain, the second the event that directly caused this one. All other extension attributes stand in `extensions`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Always [`SPEC_VERSION`].
    pub specversion: String,
    /// Unique within `source`.
    pub id: String,
    /// Where the event came from, a URI reference such as `/trunkline/access`.
    pub source: String,
    /// What happened, such as `trunkline.access.token.created.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it happened to, if the source names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// The media type of `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datacontenttype: Option<String>,
    /// Where the schema of `data` is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataschema: Option<String>,
    /// The chain of events that this one belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlationid: Option<String>,
    /// The event that directly caused this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causationid: Option<String>,
    /// The payload, kept as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// A payload that is not JSON, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_base64: Option<String>,
    /// All other extension attributes.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// An event that the platform could not write down.
#[derive(Debug, thiserror::Error)]
#[error("the event's payload cannot be written as JSON")]
pub struct EventError(#[from] serde_json::Error);

impl Event {
    /// An event of the platform itself, from the room `room`, about `subject`.
    ///
    /// # Errors
    /// [`EventError`] when `data` cannot be written as JSON.
    pub fn platform(
        room: &str,
        kind: &str,
        subject: &str,
        now: Timestamp,
        ids: &dyn IdGen,
        data: &impl Serialize,
    ) -> Result<Self, EventError> {
        Ok(Self {
            specversion: SPEC_VERSION.into(),
            id: ids.ulid(now).to_string(),
            source: format!("/trunkline/{room}"),
            kind: kind.into(),
            subject: Some(subject.into()),
            time: Some(now),
            datacontenttype: None,
            dataschema: None,
            correlationid: None,
            causationid: None,
            data: Some(serde_json::value::to_raw_value(data)?),
            data_base64: None,
            extensions: Map::new(),
        })
    }

    /// The same event as a link in the chain of `cause`.
    #[must_use]
    pub fn caused_by(mut self, cause: &Self) -> Self {
        self.correlationid = Some(
            cause
                .correlationid
                .clone()
                .unwrap_or_else(|| cause.id.clone()),
        );
        self.causationid = Some(cause.id.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededIds;

    fn sample() -> Event {
        let now = Timestamp::from_millis(1_000);
        Event::platform(
            "access",
            "trunkline.access.token.created.v1",
            "tok_1",
            now,
            &SeededIds::new(1),
            &serde_json::json!({"name": "ci"}),
        )
        .unwrap()
    }

    #[test]
    fn event_reads_back_as_it_was_written() {
        let text = serde_json::to_string(&sample()).unwrap();
        let back: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
        assert!(text.contains(r#""data":{"name":"ci"}"#), "{text}");
    }

    #[test]
    fn a_chain_keeps_its_first_id() {
        let first = sample();
        let second = sample().caused_by(&first);
        let third = sample().caused_by(&second);
        assert_eq!(third.correlationid.as_deref(), Some(first.id.as_str()));
        assert_eq!(third.causationid.as_deref(), Some(second.id.as_str()));
    }

    #[test]
    fn unknown_attributes_are_kept() {
        let event: Event = serde_json::from_str(
            r#"{"specversion":"1.0","id":"1","source":"/a","type":"t","region":"eu"}"#,
        )
        .unwrap();
        assert_eq!(event.extensions["region"], "eu");
    }
}
