//! The kinds of records that ingest writes to the log; number 9 is a message over MQTT, which `trunkline_hub` writes and reads.
//!
//! The numbers stand in every log there is: a number keeps its meaning for ever, and a kind that is given up leaves a gap.
//!
//! | number | kind | header | each message | rows go to |
//! |---|---|---|---|---|
//! | 1 | [`CLOUD_EVENT`] | empty | one CloudEvent in structured JSON | the table of its type, else `events` |
//! | 2 | [`DATA`] | JSON [`DataHeader`]: what all messages share | one JSON object, the event's data; with an `id` in the header the line's number and a space come first | the table of its type, else `events` |
//! | 3 | [`OTLP_LOGS`] | empty | protobuf `ExportLogsServiceRequest` | `logs` |
//! | 4 | [`OTLP_METRICS`] | empty | protobuf `ExportMetricsServiceRequest` | `metrics` |
//! | 5 | [`OTLP_TRACES`] | empty | protobuf `ExportTraceServiceRequest` | `spans` |
//! | 6 | [`REMOTE_WRITE_1`] | empty | protobuf `prometheus.WriteRequest`, not compressed | `metrics` |
//! | 7 | [`REMOTE_WRITE_2`] | empty | protobuf `io.prometheus.write.v2.Request`, not compressed | `metrics` |
//! | 8 | [`DEAD_LETTER`] | empty | JSON: what was refused | `dead_letters` |

use serde::{Deserialize, Serialize};
use trunkline_log::RecordKind;

/// One CloudEvent a message.
pub const CLOUD_EVENT: RecordKind = RecordKind(1);
/// One data object a message, with a header for all.
pub const DATA: RecordKind = RecordKind(2);
/// One OTLP logs request a message.
pub const OTLP_LOGS: RecordKind = RecordKind(3);
/// One OTLP metrics request a message.
pub const OTLP_METRICS: RecordKind = RecordKind(4);
/// One OTLP traces request a message.
pub const OTLP_TRACES: RecordKind = RecordKind(5);
/// One Prometheus remote write 1.0 request a message.
pub const REMOTE_WRITE_1: RecordKind = RecordKind(6);
/// One Prometheus remote write 2.0 request a message.
pub const REMOTE_WRITE_2: RecordKind = RecordKind(7);
/// One refused event or request a message.
pub const DEAD_LETTER: RecordKind = RecordKind(8);

/// The event type whose data is a commit; its rows go to the table `commits`.
pub const COMMIT_TYPE: &str = "trunkline.git.commit.v1";

/// What the messages of a [`DATA`] record share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataHeader {
    /// The CloudEvents type of all events.
    #[serde(rename = "type")]
    pub kind: String,
    /// The source of all events.
    pub source: String,
    /// What an event's id begins with; `-` and the number of its line follow. Without it events have no id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The subject of all events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}
