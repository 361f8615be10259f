//! What is asked about twins, and answered.

use serde_json::Value;
use trunkline_twin::{Operation, Rejected, prefix};

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

/// A message that follows from a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// On which topic.
    pub topic: String,
    /// What.
    pub document: Value,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the sender is answered.
    pub result: Result<Value, Rejected>,
    /// What is told over MQTT, the answer to the sender first.
    pub told: Vec<Told>,
}

impl Answer {
    /// The answer to the sender, on its topic too.
    pub(crate) fn new(
        request: &TwinRequest,
        result: Result<Value, Rejected>,
        seconds: i64,
        token: Option<&str>,
    ) -> Self {
        let prefix = prefix(&request.thing, request.shadow.as_deref());
        let operation = request.operation.as_str();
        let told = match &result {
            Ok(accepted) => Told {
                topic: format!("{prefix}/{operation}/accepted"),
                document: accepted.clone(),
            },
            Err(rejected) => Told {
                topic: format!("{prefix}/{operation}/rejected"),
                document: rejected.document(seconds, token),
            },
        };
        Self {
            result,
            told: vec![told],
        }
    }
}
