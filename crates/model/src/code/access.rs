//! Codes of the room `access`.

error_codes! {
    ACCESS_NO_CREDENTIAL = "TL-ACCESS-001", 401, "this address needs a credential", "send `Authorization: Bearer <token>`, or sign in; `trunkline token create` makes a token";
    ACCESS_BAD_CREDENTIAL = "TL-ACCESS-002", 401, "the credential is not valid", "it may be revoked, expired or mistyped; make a new one with `trunkline token create`";
    ACCESS_FORBIDDEN = "TL-ACCESS-003", 403, "this credential may not do that", "ask an owner for a token with the scope that the message names";
    ACCESS_LINK_SPENT = "TL-ACCESS-004", 401, "the sign-in link was used already or is too old", "make a new one with `trunkline link create`";
    ACCESS_ORIGIN = "TL-ACCESS-005", 403, "the request came from another site", "use the console at its own address";
    ACCESS_TOKEN_UNKNOWN = "TL-ACCESS-006", 404, "there is no such token", "list them with `trunkline token list`";
    ACCESS_NAME_INVALID = "TL-ACCESS-007", 422, "the name is not well-formed", "use 1 to 64 letters, digits, spaces, `.`, `_` or `-`";
    ACCESS_RATE = "TL-ACCESS-008", 429, "too many failed sign-ins", "wait a minute and try again";
    ACCESS_LIFE_INVALID = "TL-ACCESS-009", 422, "the life of the token is out of range", "use 1 to 3650 days, or leave it out for a token that does not expire";
    ACCESS_SCOPES_EMPTY = "TL-ACCESS-010", 422, "the token would have no scope", "name at least one of `read`, `write` and `owner`, or leave `scopes` out";
}
