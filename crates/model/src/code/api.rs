//! Codes of the room `api`.

error_codes! {
    API_FROM_INVALID = "TL-API-001", 400, "`from` is not an offset, `earliest` or `latest`", "take the offset of the last frame that you saw, plus one";
    API_QUERY_NAME = "TL-API-002", 422, "the name of a saved query is not well-formed", "use 1 to 80 characters without control characters";
    API_QUERY_UNKNOWN = "TL-API-003", 404, "there is no saved query of that name", "list them with GET /v1/queries";
    API_FORMAT = "TL-API-004", 406, "no format that this address can write was asked for", "accept application/json, text/csv, application/x-ndjson or application/vnd.apache.arrow.stream";
    API_TAILS = "TL-API-005", 503, "too many clients follow the log", "close a tail, or raise `api.max_tails`";
}
