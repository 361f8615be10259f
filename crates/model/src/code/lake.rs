//! Codes of the room `lake`.

error_codes! {
    LAKE_SQL_INVALID = "TL-LAKE-001", 400, "the statement cannot be planned", "check the names against the page Tables, or `trunkline sql \"show tables\"`";
    LAKE_SQL_READ_ONLY = "TL-LAKE-002", 403, "SQL only reads", "send events to change what tables hold";
    LAKE_SQL_TIMEOUT = "TL-LAKE-003", 408, "the statement ran out of time", "narrow its time range, or raise `timeout_ms`";
    LAKE_SQL_MEMORY = "TL-LAKE-004", 422, "the statement needs more memory than it may have", "narrow its time range, aggregate earlier, or raise `lake.query_memory_bytes`";
    LAKE_SQL_CANCELLED = "TL-LAKE-005", 409, "the statement was cancelled", "run it again when you want its rows";
    LAKE_TABLE_UNKNOWN = "TL-LAKE-006", 404, "there is no such table", "list the tables with `trunkline sql \"show tables\"`";
    LAKE_TABLE_EXISTS = "TL-LAKE-007", 409, "the table or event type is already registered otherwise", "choose another name, or add columns to the one that is there";
    LAKE_COLUMN_INVALID = "TL-LAKE-008", 422, "a column is not well-formed", "use a name of letters, digits and _, and a type of string, integer, float, boolean, timestamp or json";
    LAKE_STORAGE = "TL-LAKE-009", 503, "the object storage did not answer as it should", "check `lake.url` and the storage itself; the log keeps every event until the lake has it";
    LAKE_INTERNAL = "TL-LAKE-010", 500, "the lake failed in a way that it should not", "send the request id to the maintainers";
    LAKE_SQL_BUSY = "TL-LAKE-011", 503, "too many statements are running", "wait for one to end, or cancel one on the page System";
    LAKE_QUERY_UNKNOWN = "TL-LAKE-012", 404, "no statement with this id is running", "it may have ended by itself";
}
