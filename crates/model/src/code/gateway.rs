//! Codes of the room `gateway`.

error_codes! {
    GATEWAY_NO_ROUTE = "TL-GATEWAY-001", 404, "no route takes this request", "compare the host, path and headers with the routes in `gateway/*.toml`";
    GATEWAY_MALFORMED = "TL-GATEWAY-002", 400, "the request is not well-formed", "send the request exactly as RFC 9112 writes it; the detail names the rule";
    GATEWAY_HEADERS_TOO_LARGE = "TL-GATEWAY-003", 431, "the header section is too large", "send fewer or smaller headers; cookies are the usual cause";
    GATEWAY_TARGET_TOO_LONG = "TL-GATEWAY-004", 414, "the request target is too long", "move long parameters into the body";
    GATEWAY_BODY_TOO_LARGE = "TL-GATEWAY-005", 413, "the request body is too large for this route", "send less, or raise `max_body` of the route";
    GATEWAY_NO_CREDENTIAL = "TL-GATEWAY-006", 401, "this route needs a credential", "send an API key or a token that the route takes";
    GATEWAY_FORBIDDEN = "TL-GATEWAY-007", 403, "this credential may not use the route", "use a credential with the scopes that the route asks for";
    GATEWAY_LIMITED = "TL-GATEWAY-008", 429, "too many requests", "wait as long as `Retry-After` says and try again";
    GATEWAY_UPSTREAM_FAILED = "TL-GATEWAY-009", 502, "the upstream gave no usable answer", "look at the upstream's log; the request may be sent again if it is safe to repeat";
    GATEWAY_UPSTREAM_UNAVAILABLE = "TL-GATEWAY-010", 503, "no target of the upstream can take the request", "look at the state of its targets on the Gateway page";
    GATEWAY_UPSTREAM_TIMEOUT = "TL-GATEWAY-011", 504, "the upstream did not answer in time", "make the upstream faster, or raise `timeout` of the route";
    GATEWAY_METHOD = "TL-GATEWAY-012", 405, "no route takes this method at this path", "use one of the methods in `Allow`";
    GATEWAY_FILES = "TL-GATEWAY-013", 422, "the route files have problems", "correct what the problems name; the last good version serves on";
    GATEWAY_UNKNOWN = "TL-GATEWAY-014", 404, "there is no such route or upstream", "list them with `GET /v1/gateway`";
    GATEWAY_WEIGHTS = "TL-GATEWAY-015", 422, "the weights cannot be used", "name targets that the file names, with weights from 0 to 10000 of which one is above 0";
    GATEWAY_CONFIG = "TL-GATEWAY-016", 422, "the gateway's configuration cannot be used", "correct the key that the message names";
    GATEWAY_BODY_SLOW = "TL-GATEWAY-017", 408, "the request body came too slowly", "send the body without long pauses";
    GATEWAY_ADDRESS_REFUSED = "TL-GATEWAY-018", 502, "the upstream's address is not allowed", "use another address, or name it in `allow_private_addresses`; metadata addresses are never allowed";
    GATEWAY_LISTEN = "TL-GATEWAY-019", 500, "the gateway cannot listen or read its certificates", "look at the address, the port and the files that the message names";
    GATEWAY_CONTRACT = "TL-GATEWAY-020", 400, "the request does not keep to the service's OpenAPI document", "compare the request with the document of the service in the portal";
    GATEWAY_NO_CONTRACT = "TL-GATEWAY-021", 503, "the document that this route enforces is not there", "put the service's document into `apis/<service>/openapi.yaml`, or set the route's `contract` to `report`";
}
