//! Codes of the room `issuer`.

error_codes! {
    ISSUER_CLIENT_UNKNOWN = "TL-ISSUER-001", 404, "there is no such client", "list them with `GET /v1/oidc/clients`";
    ISSUER_CLIENT_INVALID = "TL-ISSUER-002", 422, "the client is not well-formed", "the detail names the part; the page of this code has the rules";
    ISSUER_TOO_MANY = "TL-ISSUER-003", 409, "there are as many as there may be", "remove one that is no longer needed";
    ISSUER_SECRET_UNKNOWN = "TL-ISSUER-004", 404, "the client has no such secret", "the client's entry in `GET /v1/oidc/clients` lists the ids of its secrets";
    ISSUER_WORKLOAD_INVALID = "TL-ISSUER-005", 422, "a workload token cannot be made like this", "name the service that shall accept it as `audience`, and 1 to 60 minutes";
    ISSUER_URL = "TL-ISSUER-006", 400, "the platform's address cannot be that of an issuer", "set `access.public_url` to an address such as `https://trunkline.example.com`, without query and fragment";
    ISSUER_FAILED = "TL-ISSUER-007", 500, "a token could not be made", "send the request id to the maintainers";
    ISSUER_REQUEST = "TL-ISSUER-008", 400, "the service asked for a sign-in in a way that cannot be answered", "tell whoever runs the service; its `client_id` and `redirect_uri` must be those that were registered";
    ISSUER_FORM = "TL-ISSUER-009", 403, "the page is too old or came from elsewhere", "go back to the service and sign in again";
    ISSUER_RATE = "TL-ISSUER-010", 429, "too many wrong secrets or codes", "wait as `Retry-After` says";
    ISSUER_DISABLED = "TL-ISSUER-011", 404, "signing in with Trunkline is switched off", "set `issuer.enabled = true`";
}
