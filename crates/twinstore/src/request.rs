//! What is asked about twins, and answered.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use trunkline_twin::{Operation, Part, Rejected, Updated, prefix};

/// A request about one twin.
#[derive(Clone, Debug)]
pub struct TwinRequest {
    /// The thing.
    pub thing: String,
    /// The shadow's name; the classic one has none.
    pub shadow: Option<String>,
    /// What is asked.
    pub operation: Operation,
    /// What the sender wrote.
    pub payload: Vec<u8>,
    /// Who asks, for the event.
    pub by: String,
}

/// What a message says, as JSON. What is told of an update is put together when it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// This.
    Ready(String),
    /// A part of what is told of an update.
    Of(Arc<Updated>, Part),
}

impl Body {
    /// The JSON; nothing where there is nothing to tell.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Ready(text) => Some(text.into()),
            Self::Of(updated, part) => updated.text(*part).map(Cow::Owned),
        }
    }

    /// The JSON, to be looked into; null where there is nothing to tell.
    #[must_use]
    pub fn value(&self) -> Value {
        let text = self.text();
        text.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }
}

impl From<Value> for Body {
    fn from(document: Value) -> Self {
        Self::Ready(document.to_string())
    }
}

/// A message that follows from a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// On which topic.
    pub topic: String,
    /// What.
    pub body: Body,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the sender is answered.
    pub result: Result<Body, Rejected>,
    /// What is told over MQTT, the answer to the sender first.
    pub told: Vec<Told>,
}

impl Answer {
    /// A request that is granted, with what the sender is answered.
    pub(crate) fn granted(request: &TwinRequest, accepted: Body) -> Self {
        Self {
            told: vec![Told {
                topic: topic_of(request, "accepted"),
                body: accepted.clone(),
            }],
            result: Ok(accepted),
        }
    }

    /// An update that is accepted, with all that is told of it.
    pub(crate) fn updated(request: &TwinRequest, updated: Updated) -> Self {
        let (updated, prefix) = (
            Arc::new(updated),
            prefix(&request.thing, request.shadow.as_deref()),
        );
        let told = |part: Part| Told {
            topic: format!("{prefix}/{}", part.as_str()),
            body: Body::Of(Arc::clone(&updated), part),
        };
        Self {
            result: Ok(Body::Of(Arc::clone(&updated), Part::Accepted)),
            told: [Part::Accepted, Part::Delta, Part::Documents]
                .map(told)
                .into(),
        }
    }

    /// A request that is refused, at `seconds`; `token` tells the sender which one it was.
    pub(crate) fn refused(
        request: &TwinRequest,
        rejected: Rejected,
        seconds: i64,
        token: Option<&str>,
    ) -> Self {
        Self {
            told: vec![Told {
                topic: topic_of(request, "rejected"),
                body: rejected.document(seconds, token).into(),
            }],
            result: Err(rejected),
        }
    }
}

fn topic_of(request: &TwinRequest, end: &str) -> String {
    let prefix = prefix(&request.thing, request.shadow.as_deref());
    format!("{prefix}/{}/{end}", request.operation.as_str())
}
