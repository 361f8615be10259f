//! The built-in tables and the columns that every registered event type gets.

use trunkline_model::catalogue;

use crate::schema::{Column, ColumnType, DAY, OFFSET, TIME, TableSchema};

/// What the last column of every table says of itself.
pub(crate) const DAY_COMMENT: &str =
    "UTC day on which the log took the row; files are partitioned by it.";

/// Declares the places of columns as constants that count up.
macro_rules! places {
    ($place:expr,) => {};
    ($place:expr, $name:ident $comment:literal $($rest:tt)*) => {
        #[doc = $comment]
        pub const $name: usize = $place;
        super::places!($place + 1, $($rest)*);
    };
}
use places;

/// Declares a built-in table: a module with an index constant for each column and a function that gives its schema.
macro_rules! table {
    ($(#[$doc:meta])* $module:ident, cluster_by [$($cluster:literal),*], {
        $($index:ident = $name:literal $kind:ident $comment:literal;)*
    }) => {
        $(#[$doc])*
        pub mod $module {
            use super::{Column, ColumnType, DAY, DAY_COMMENT, OFFSET, TIME, TableSchema};

            /// The place of `time`.
            pub const TIME_INDEX: usize = 1;
            super::places!(2, $($index $comment)*);

            /// The table's name.
            pub const NAME: &str = stringify!($module);

            /// The table's shape.
            #[must_use]
            pub fn schema() -> TableSchema {
                TableSchema {
                    name: NAME.into(),
                    event_type: None,
                    columns: vec![
                        Column::new(OFFSET, ColumnType::Integer, "Place in the log."),
                        Column::new(TIME, ColumnType::Timestamp, "When it happened, as the source says; else when it was taken."),
                        $(Column::new($name, ColumnType::$kind, $comment),)*
                        Column::new(DAY, ColumnType::Date, DAY_COMMENT),
                    ],
                    cluster_by: vec![$($cluster.to_owned()),*],
                }
            }
        }
    };
}

table! {
    /// Events whose type has no table of its own.
    events, cluster_by ["type", "time"], {
        ID = "id" String "Unique within the source; absent where the log gave the event its identity by its offset.";
        SOURCE = "source" String "Where the event came from.";
        TYPE = "type" String "What happened.";
        SUBJECT = "subject" String "What it happened to.";
        CORRELATION = "correlationid" String "The chain of events that it belongs to.";
        CAUSATION = "causationid" String "The event that directly caused it.";
        CONTENT_TYPE = "datacontenttype" String "The media type of the payload; absent for JSON.";
        DATA = "data" Json "The payload; a JSON string with base64 where it is not JSON.";
        EXTENSIONS = "extensions" Json "All other attributes.";
        RECEIVED = "received" Timestamp "When the log took it.";
    }
}

table! {
    /// Log records, as OTLP brings them.
    logs, cluster_by ["service", "time"], {
        SERVICE = "service" String "The resource's `service.name`.";
        SEVERITY = "severity" String "Trace, debug, info, warn, error or fatal.";
        SEVERITY_NUMBER = "severity_number" Integer "OTLP's number, 1 to 24.";
        BODY = "body" String "The message; JSON text where it is structured.";
        TRACE_ID = "trace_id" String "Hex, 32 digits.";
        SPAN_ID = "span_id" String "Hex, 16 digits.";
        SCOPE = "scope" String "The instrumentation scope.";
        EVENT_NAME = "event_name" String "The name of the event, for records that are events.";
        ATTRIBUTES = "attributes" Json "The record's attributes.";
        RESOURCE = "resource" Json "The resource's attributes.";
    }
}

table! {
    /// Measured points, from OTLP and Prometheus remote write.
    metrics, cluster_by ["name", "service", "time"], {
        NAME_ = "name" String "The metric.";
        SERVICE = "service" String "The resource's `service.name`, or Prometheus' `job`.";
        KIND = "kind" String "gauge, sum, histogram, exponential_histogram, summary, or prometheus.";
        VALUE = "value" Float "The measured value; the sum for a histogram or summary.";
        COUNT = "count" Integer "How many observations a histogram or summary holds.";
        UNIT = "unit" String "The unit, in UCUM.";
        START = "start_time" Timestamp "When a cumulative series began.";
        MONOTONIC = "monotonic" Boolean "Whether a sum only grows.";
        TEMPORALITY = "temporality" String "delta or cumulative.";
        LABELS = "labels" Json "The point's attributes or labels.";
        DISTRIBUTION = "distribution" Json "Buckets or quantiles.";
        RESOURCE = "resource" Json "The resource's attributes.";
    }
}

table! {
    /// Spans of traces, as OTLP brings them.
    spans, cluster_by ["service", "time"], {
        SERVICE = "service" String "The resource's `service.name`.";
        NAME_ = "name" String "The operation.";
        TRACE_ID = "trace_id" String "Hex, 32 digits.";
        SPAN_ID = "span_id" String "Hex, 16 digits.";
        PARENT_SPAN_ID = "parent_span_id" String "Hex, 16 digits; absent for a root.";
        KIND = "kind" String "internal, server, client, producer or consumer.";
        DURATION = "duration_us" Integer "From start to end, in microseconds.";
        STATUS = "status" String "ok, error, or absent.";
        STATUS_MESSAGE = "status_message" String "What went wrong.";
        SCOPE = "scope" String "The instrumentation scope.";
        TRACE_STATE = "trace_state" String "W3C trace state.";
        ATTRIBUTES = "attributes" Json "The span's attributes.";
        EVENTS = "events" Json "What happened during the span.";
        LINKS = "links" Json "Other spans that it points to.";
        RESOURCE = "resource" Json "The resource's attributes.";
    }
}

table! {
    /// Commits of git repositories.
    commits, cluster_by ["repository", "time"], {
        REPOSITORY = "repository" String "The repository's name.";
        HASH = "hash" String "The commit, hex.";
        PARENTS = "parents" Json "Its parents, an array of hex strings.";
        AUTHOR = "author" String "Who wrote it.";
        AUTHOR_EMAIL = "author_email" String "The author's address.";
        COMMITTER = "committer" String "Who committed it.";
        AUTHORED = "authored" Timestamp "When it was written; `time` is when it was committed.";
        TITLE = "title" String "The message's first line.";
        MESSAGE = "message" String "The rest of the message.";
        FILES = "files" Json "The changed files: path, change, insertions, deletions.";
        FILES_CHANGED = "files_changed" Integer "How many files changed.";
        INSERTIONS = "insertions" Integer "Lines added.";
        DELETIONS = "deletions" Integer "Lines removed.";
    }
}

table! {
    /// What was refused at the door, so that it can be looked at and sent again.
    dead_letters, cluster_by ["time"], {
        PROTOCOL = "protocol" String "How it came: cloudevents, ndjson, otlp, prometheus, or lake for what could not be decoded later.";
        CODE = "code" String "The error code.";
        DETAIL = "detail" String "What was wrong, and where.";
        SENDER = "sender" String "Who sent it.";
        PAYLOAD = "payload" String "The beginning of what was sent, as text; base64 where it is not UTF-8.";
        BYTES = "bytes" Integer "The length of all that was sent.";
    }
}

table! {
    /// Readings of devices and machines: the built-in table of the event type `trunkline.telemetry.v1`.
    telemetry, cluster_by ["device_id", "metric", "time"], {
        ID = "id" String "The event's id, where the source gave one.";
        SOURCE = "source" String "Where the event came from.";
        DEVICE_ID = "device_id" String "The device.";
        METRIC = "metric" String "What was measured.";
        VALUE = "value" Float "The measured value.";
        ATTRIBUTES = "attributes" Json "Whatever else the device says.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

/// The event type whose rows go to [`telemetry`].
pub const TELEMETRY_TYPE: &str = "trunkline.telemetry.v1";

table! {
    /// Messages that clients published over MQTT, whole.
    messages, cluster_by ["topic", "time"], {
        TOPIC = "topic" String "What it is about.";
        CLIENT = "client" String "The client that sent it; absent where the platform did.";
        PRINCIPAL = "principal" String "Who the client is.";
        THING = "thing" String "The device that it is, where it is one.";
        QOS = "qos" Integer "How surely it was to be delivered: 0, 1 or 2.";
        RETAINED = "retained" Boolean "Whether it was to be kept for those who subscribe later.";
        CONTENT_TYPE = "content_type" String "The type of the payload, where the sender says it.";
        PAYLOAD = "payload" String "What it says; base64 where it is not UTF-8.";
        ENCODING = "encoding" String "How the payload was made text: text or base64.";
        BYTES = "bytes" Integer "The length of the payload as it was sent.";
    }
}

table! {
    /// Every version of every twin: the built-in table of the event type `trunkline.fleet.twin.changed.v1`.
    twins, cluster_by ["thing", "shadow", "time"], {
        THING = "thing" String "The device.";
        SHADOW = "shadow" String "The shadow's name; empty for the classic one.";
        VERSION = "version" Integer "Counts from 1 with each change.";
        DELETED = "deleted" Boolean "Whether the twin was removed.";
        DESIRED = "desired" Json "What is wanted of the device.";
        REPORTED = "reported" Json "What the device says of itself.";
        METADATA = "metadata" Json "When each value was written, in seconds since 1970.";
        BY = "by" String "Who changed it.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// Requests that passed the gateway, or were refused by it: the built-in table of the event type `trunkline.gateway.request.v1`.
    requests, cluster_by ["route", "time"], {
        ROUTE = "route" String "The route that took it; absent where none did.";
        TEAM = "team" String "The team that the route belongs to.";
        SERVICE = "service" String "The service behind the route.";
        RELEASE = "release" String "The release that answered.";
        UPSTREAM = "upstream" String "The upstream that answered.";
        METHOD = "method" String "The HTTP method.";
        PATH = "path" String "The path's template where there is one, else the path; never the query.";
        STATUS = "status" Integer "The HTTP status that the client got; 499 where it went away.";
        REFUSAL = "refusal" String "The code by which the gateway itself refused it.";
        AUTH = "auth" String "How the client showed who it is: none, key, jwt or session.";
        PRINCIPAL = "principal" String "Who it is.";
        KEY = "key" String "The id of the API key.";
        PLAN = "plan" String "The plan that it was counted against.";
        CLIENT = "client" String "The client's address.";
        TRACE_ID = "trace_id" String "Hex, 32 digits.";
        SPAN_ID = "span_id" String "Hex, 16 digits.";
        BYTES_IN = "bytes_in" Integer "Bytes of the request's body.";
        BYTES_OUT = "bytes_out" Integer "Bytes of the answer's body.";
        TOTAL_US = "total_us" Integer "From the request's head to the answer's last byte, in microseconds.";
        WAIT_US = "wait_us" Integer "The gateway's own time before the upstream was asked, in microseconds.";
        UPSTREAM_US = "upstream_us" Integer "Until the upstream's answer began, in microseconds.";
        RETRIES = "retries" Integer "How often it was tried again.";
        PROTOCOL = "protocol" String "http/1.1, h2, grpc or websocket.";
        MIRROR = "mirror" String "The upstream that it was mirrored to.";
        USER_AGENT = "user_agent" String "What the client calls itself.";
        REPEATED = "repeated" Integer "For how many refusals of the same kind this row stands.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// Who did what, or was refused: the built-in table of the event type `trunkline.access.decision.v1`.
    audit, cluster_by ["who", "time"], {
        WHO = "who" String "The id of the person, service account, token or job.";
        WHO_NAME = "who_name" String "The name that people know it by.";
        KIND = "kind" String "account, service, token, job or platform.";
        ROLE = "role" String "What it is in the team.";
        ACTION = "action" String "What was to be done.";
        RESOURCE = "resource" String "The thing that it was to be done to.";
        TEAM = "of_team" String "The team that the thing belongs to.";
        ALLOWED = "allowed" Boolean "Whether it was allowed.";
        REASON = "reason" String "Why not.";
        POLICIES = "policies" Json "The policies that decided, an array of their ids.";
        CLIENT = "client" String "The address that the request came from.";
        REPEATED = "repeated" Integer "For how many decisions of the same kind this row stands.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// What became of changes: the built-in table of the event type `trunkline.forge.change.changed.v1`.
    changes, cluster_by ["repository", "time"], {
        CHANGE = "change" Integer "The number of the change.";
        REPOSITORY = "repository" String "The repository.";
        STATE = "state" String "open, queued, landed, refused or abandoned.";
        MODE = "mode" String "ship, show or ask.";
        REVISION = "revision" Integer "How often it was pushed.";
        COMMIT = "commit" String "The commit that was pushed.";
        TITLE = "title" String "The first line of its message.";
        AUTHOR = "author" String "Who wrote it.";
        TOPIC = "topic" String "What it belongs to.";
        LANDED = "landed" String "The commit of the trunk that it became.";
        REASON = "reason" String "Why it did not land.";
        BY = "by" String "Who did it.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// What the landing queue did: the built-in table of the event type `trunkline.forge.landing.finished.v1`.
    landings, cluster_by ["repository", "time"], {
        LANDING = "landing" String "The id of what landed or was refused together.";
        REPOSITORY = "repository" String "The repository.";
        CHANGES = "changes" Json "The numbers of its changes.";
        OUTCOME = "outcome" String "landed, refused or withdrawn.";
        REASON = "reason" String "Why it did not land.";
        COMMIT = "commit" String "Where the trunk is since.";
        PREVIOUS = "previous" String "Where the trunk was.";
        WAITED_MS = "waited_ms" Integer "Milliseconds from the push to the end.";
        TASKS = "tasks" Integer "Tasks that had to be green.";
        RAN = "ran" Integer "Tasks that had to run for it.";
        TASK_MS = "task_ms" Integer "Milliseconds that these took together.";
        BY = "by" String "Who pushed it.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// Runs of tasks: the built-in table of the event type `trunkline.forge.task.finished.v1`.
    tasks, cluster_by ["project", "time"], {
        RUN = "run" String "The id of the run.";
        REPOSITORY = "repository" String "The repository.";
        LANDING = "landing" String "What it was run for.";
        CHANGE = "change" Integer "The change that it was run for.";
        PROJECT = "project" String "The project.";
        TASK = "task" String "build, test, lint or another name.";
        KEY = "key" String "What its outcome depends on.";
        OUTCOME = "outcome" String "green, red, timed_out or cancelled.";
        EXIT = "exit" Integer "What its command ended with.";
        MILLISECONDS = "milliseconds" Integer "How long it took.";
        CACHED = "cached" Boolean "The result was known and nothing ran.";
        FLAKY = "flaky" Boolean "It was red and green for the same key.";
        COMMIT = "commit" String "The commit that it ran for.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// How deployments went on: the built-in table of the event type `trunkline.run.deployment.changed.v1`.
    deployments, cluster_by ["service", "time"], {
        DEPLOYMENT = "deployment" String "The id of the deployment.";
        SERVICE = "service" String "The service.";
        KIND = "kind" String "release, rollback or promotion.";
        RELEASE = "release" String "The release that is deployed.";
        NUMBER = "number" Integer "The number of the release.";
        PREVIOUS = "previous" String "The release that served before.";
        STATE = "state" String "queued, fetching, starting, probing, canary, baking, settled, rolling_back, rolled_back, failed, superseded, held or aborted.";
        STEP = "step" Integer "The step of a canary, from 1.";
        PERCENT = "percent" Integer "The share of requests that the release gets.";
        REASON = "reason" String "Why it is in this state.";
        EVIDENCE = "evidence" Json "The numbers behind it.";
        COMMIT = "commit" String "The commit of the release.";
        STARTED = "started" Timestamp "When the deployment began.";
        BY = "by" String "Who did it.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

table! {
    /// Releases of services: the built-in table of the event type `trunkline.run.release.created.v1`.
    releases, cluster_by ["service", "time"], {
        RELEASE = "release" String "The id of the release.";
        SERVICE = "service" String "The service.";
        NUMBER = "number" Integer "Counts the service's releases from 1.";
        REPOSITORY = "repository" String "The repository.";
        COMMIT = "commit" String "The commit of the trunk that it was made of.";
        DIGEST = "digest" String "BLAKE3 of its files, as hex.";
        FILES = "files" Integer "How many files it has.";
        BYTES = "bytes" Integer "Their bytes.";
        TASKS = "tasks" Json "The tasks that built it, with their keys.";
        BY = "by" String "Who pushed the change.";
        EXTRA = "extra" Json "Fields that have no column.";
    }
}

/// The columns that a registered event type's table begins with, after `offset` and `time`.
#[must_use]
pub fn envelope_columns() -> Vec<Column> {
    vec![
        Column::new(
            "id",
            ColumnType::String,
            "The event's id, where the source gave one.",
        ),
        Column::new("source", ColumnType::String, "Where the event came from."),
        Column::new("subject", ColumnType::String, "What it happened to."),
        Column::new(
            "correlationid",
            ColumnType::String,
            "The chain of events that it belongs to.",
        ),
        Column::new(
            "causationid",
            ColumnType::String,
            "The event that directly caused it.",
        ),
    ]
}

/// The name of the column that keeps the fields of a registered type which have no column of their own.
pub const EXTRA: &str = "extra";

/// All built-in tables.
#[must_use]
pub fn built_in() -> Vec<TableSchema> {
    let of_type = |mut schema: TableSchema, event_type: &str| {
        schema.event_type = Some(event_type.into());
        schema
    };
    vec![
        of_type(audit::schema(), catalogue::ACCESS_DECISION),
        of_type(changes::schema(), catalogue::FORGE_CHANGE_CHANGED),
        commits::schema(),
        dead_letters::schema(),
        of_type(deployments::schema(), catalogue::RUN_DEPLOYMENT_CHANGED),
        events::schema(),
        of_type(landings::schema(), catalogue::FORGE_LANDING_FINISHED),
        logs::schema(),
        messages::schema(),
        metrics::schema(),
        of_type(releases::schema(), catalogue::RUN_RELEASE_CREATED),
        of_type(requests::schema(), catalogue::GATEWAY_REQUEST),
        spans::schema(),
        of_type(tasks::schema(), catalogue::FORGE_TASK_FINISHED),
        of_type(telemetry::schema(), TELEMETRY_TYPE),
        of_type(twins::schema(), catalogue::FLEET_TWIN_CHANGED),
    ]
}
