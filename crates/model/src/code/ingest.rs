//! Codes of the room `ingest`.

error_codes! {
    INGEST_MALFORMED = "TL-INGEST-001", 400, "the payload is not well-formed", "the detail names the place; nothing of this event was kept but a copy in `dead_letters`";
    INGEST_ATTRIBUTE = "TL-INGEST-002", 400, "a CloudEvents attribute is missing or not well-formed", "every event needs specversion 1.0, id, source and type";
    INGEST_TOO_LARGE = "TL-INGEST-003", 413, "the event or the request is larger than allowed", "send smaller events, or raise `ingest.max_event_bytes` or `ingest.max_request_bytes`";
    INGEST_TOO_DEEP = "TL-INGEST-004", 400, "the JSON is nested deeper than allowed", "flatten the payload, or send it as a string";
    INGEST_CLOCK = "TL-INGEST-005", 400, "the time lies too far from the clock of the platform", "set the sender's clock, or raise `ingest.max_future_seconds` or `ingest.max_past_seconds`";
    INGEST_RATE = "TL-INGEST-006", 429, "this sender is over its rate", "wait as `Retry-After` says, or raise `ingest.max_events_per_second`";
    INGEST_MEDIA_TYPE = "TL-INGEST-007", 415, "the content type is not one that this address takes", "the page of this code lists the types that each address takes";
    INGEST_ENCODING = "TL-INGEST-008", 415, "the content encoding is not one that this address takes", "use gzip or none; remote write uses snappy";
    INGEST_UNSUPPORTED = "TL-INGEST-009", 400, "the payload uses a part of the protocol that is not supported", "the detail names the part";
    INGEST_GIT = "TL-INGEST-010", 422, "the git repository cannot be read", "give the path of a repository with at least one commit";
    INGEST_BUSY = "TL-INGEST-011", 503, "too many bytes are being taken in just now", "wait as `Retry-After` says and send the same again, or raise `ingest.max_bytes_in_flight`";
    INGEST_BROKEN = "TL-INGEST-012", 400, "the request ended before all of it came", "send it again; nothing of it was kept";
}
