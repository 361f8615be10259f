//! Fleet provisioning over MQTT: `$aws/certificates/…` and `$aws/provisioning-templates/…`, as JSON or CBOR.

use std::sync::Arc;

use serde_json::Value;
use trunkline_fleet::Fleet;
use trunkline_mqtt::{Received, Reply};
use trunkline_provision::Provisioning;

/// How a payload is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Cbor,
}

impl Format {
    fn read(self, payload: &[u8]) -> Option<Value> {
        if payload.is_empty() {
            return Some(Value::Object(serde_json::Map::new()));
        }
        match self {
            Self::Json => serde_json::from_slice(payload).ok(),
            Self::Cbor => ciborium::from_reader(payload).ok(),
        }
    }

    fn write(self, document: &Value) -> Vec<u8> {
        match self {
            Self::Json => document.to_string().into_bytes(),
            Self::Cbor => {
                let mut bytes = Vec::new();
                // Into memory, which takes all.
                ciborium::into_writer(document, &mut bytes).unwrap_or_default();
                bytes
            }
        }
    }
}

/// What is asked on `topic`, where it is one of these.
fn asked(topic: &str) -> Option<(Provisioning, Format)> {
    let (asked, format) = topic.rsplit_once('/')?;
    let format = match format {
        "json" => Format::Json,
        "cbor" => Format::Cbor,
        _ => return None,
    };
    Some((Provisioning::read(asked)?, format))
}

/// Answers on these topics; nothing where the message is on another. Only who asked hears the answer: there may be a private key in it.
pub(crate) async fn answer(fleet: &Arc<Fleet>, received: &Received) -> Option<Reply> {
    let topic = &received.message.topic;
    let (asked, format) = asked(topic)?;
    let payload = format
        .read(&received.message.payload)
        .unwrap_or(Value::Null);
    let claim = &received.pass.credential;
    let (outcome, document) = match fleet.provision(&asked, &payload, claim).await {
        Ok(document) => ("accepted", document),
        Err(refusal) => ("rejected", refusal.document()),
    };
    Some(Reply {
        private: true,
        topic: format!("{topic}/{outcome}"),
        payload: format.write(&document).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn topics_say_what_is_asked_and_how() {
        let read = |topic: &str| asked(topic);
        assert_eq!(
            read("$aws/certificates/create/json"),
            Some((Provisioning::CreateKeys, Format::Json))
        );
        assert_eq!(
            read("$aws/provisioning-templates/pumps/provision/cbor"),
            Some((Provisioning::Provision("pumps".into()), Format::Cbor))
        );
        assert_eq!(read("$aws/certificates/create/json/accepted"), None);
        assert_eq!(read("$aws/things/a/shadow/get"), None);
    }

    #[test]
    fn cbor_says_what_json_says() {
        let document = json!({"a": [1, "x", null, {"b": true}]});
        for format in [Format::Json, Format::Cbor] {
            assert_eq!(
                format.read(&format.write(&document)),
                Some(document.clone())
            );
        }
        assert_eq!(Format::Cbor.read(b"\xff"), None);
    }
}
