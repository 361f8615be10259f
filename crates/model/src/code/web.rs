//! Codes of the room `web`.

error_codes! {
    WEB_NOT_FOUND = "TL-WEB-001", 404, "there is nothing at this address", "see `/openapi.json` for what there is";
    WEB_METHOD = "TL-WEB-002", 405, "this address does not take that method", "see `/openapi.json` for what it takes";
    WEB_BODY_INVALID = "TL-WEB-003", 400, "the request body cannot be read", "see `/openapi.json` for its shape";
    WEB_BODY_TOO_LARGE = "TL-WEB-004", 413, "the request body is too large", "send it in smaller parts";
    WEB_MEDIA_TYPE = "TL-WEB-005", 415, "the request has a content type that this address does not take", "see `/openapi.json` for the types it takes";
    WEB_PARAMETER = "TL-WEB-006", 400, "a parameter is missing or not well-formed", "see `/openapi.json` for the parameters";
    WEB_INTERNAL = "TL-WEB-007", 500, "the request failed in a way that it should not", "send the request id to the maintainers";
    WEB_TIMEOUT = "TL-WEB-008", 408, "the request took too long", "send it again, in smaller parts if it is large";
    WEB_RATE = "TL-WEB-009", 429, "too many requests", "wait as `Retry-After` says";
}
