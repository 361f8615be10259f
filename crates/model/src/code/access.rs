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
    ACCESS_LIFE_INVALID = "TL-ACCESS-009", 422, "the life of the token is out of range", "use 1 to 3650 days or 1 to 1440 minutes, not both, at most 60 minutes for a job; or leave it out for a token that does not expire";
    ACCESS_SCOPES_EMPTY = "TL-ACCESS-010", 422, "the token would have no scope", "name at least one of `read`, `write` and `owner`, or leave `scopes` out";
    ACCESS_CODE_NEEDED = "TL-ACCESS-011", 401, "a code is needed", "send the code of your authenticator app, or a recovery code, as `code`";
    ACCESS_SIGN_IN_WRONG = "TL-ACCESS-012", 401, "the email, password or code is wrong", "check all of them; an owner can make a link to set a new password";
    ACCESS_PASSWORD_WEAK = "TL-ACCESS-013", 422, "the password is too easy to guess", "use 12 to 256 characters that are not a common or leaked password, such as four or five unrelated words";
    ACCESS_INVITATION_SPENT = "TL-ACCESS-014", 404, "the invitation was used already, is too old or never was one", "ask an owner for a new one";
    ACCESS_EMAIL_TAKEN = "TL-ACCESS-015", 409, "another account has this email", "use another email, or change the other account first";
    ACCESS_EMAIL_INVALID = "TL-ACCESS-016", 422, "this is not an email address", "write it as name@example.com; an account with a password needs one";
    ACCESS_LAST_OWNER = "TL-ACCESS-017", 409, "the last owner must stay an owner", "make somebody else an owner first";
    ACCESS_PERSON_UNKNOWN = "TL-ACCESS-018", 404, "there is no such person", "list them with `GET /v1/people`";
    ACCESS_TEAM_UNKNOWN = "TL-ACCESS-019", 404, "there is no such team", "list them with `GET /v1/teams`, or make it first";
    ACCESS_TEAM_TAKEN = "TL-ACCESS-020", 409, "there is a team with this name already", "use another name";
    ACCESS_RESET_SPENT = "TL-ACCESS-021", 404, "the reset link was used already, is too old or never was one", "ask for a new one";
    ACCESS_BUSY = "TL-ACCESS-022", 503, "too many people sign in at this moment", "try again in a moment";
    ACCESS_TOTP_STATE = "TL-ACCESS-023", 409, "the authenticator app is not in that state", "read `GET /v1/people` to see whether it is on";
    ACCESS_TOTP_CODE = "TL-ACCESS-024", 422, "the code or password is not right", "wait for the next code of the app; a code is good once";
    ACCESS_PASSKEY_REFUSED = "TL-ACCESS-025", 401, "the passkey was not accepted", "try again, or sign in another way";
    ACCESS_PASSKEY_HOST = "TL-ACCESS-026", 409, "passkeys need a host name", "open the console at the address that the message names";
    ACCESS_CEREMONY_UNKNOWN = "TL-ACCESS-027", 409, "the challenge was used already or is too old", "begin again";
    ACCESS_PASSKEY_UNKNOWN = "TL-ACCESS-028", 404, "there is no such passkey", "list them with `GET /v1/me/passkeys`";
    ACCESS_SESSION_UNKNOWN = "TL-ACCESS-029", 404, "there is no such session", "list them with `GET /v1/me/sessions`";
    ACCESS_INVITATION_UNKNOWN = "TL-ACCESS-030", 404, "there is no such invitation", "list them with `GET /v1/invitations`";
    ACCESS_SERVICE_UNKNOWN = "TL-ACCESS-031", 404, "there is no such service account", "list them with `GET /v1/service-accounts`";
    ACCESS_SERVICE_TAKEN = "TL-ACCESS-032", 409, "there is a service account with this name already", "use another name";
    ACCESS_ISSUER_UNKNOWN = "TL-ACCESS-033", 404, "there is no such issuer", "`GET /v1/sign-in` names them; they stand in the configuration under `access.issuers`";
    ACCESS_ISSUER_FAILED = "TL-ACCESS-034", 502, "the issuer does not answer as it should", "try again; the platform's own log names the cause";
    ACCESS_ISSUER_REFUSED = "TL-ACCESS-035", 403, "this identity may not sign in here", "ask an owner for an invitation";
    ACCESS_ISSUER_STATE = "TL-ACCESS-036", 400, "the sign-in did not begin in this browser, or too long ago", "begin again on the sign-in page";
    ACCESS_PASSWORD_WRONG = "TL-ACCESS-037", 403, "the present password is not right", "send the present password as `current`; an owner can make a reset link";
    ACCESS_TOO_MANY = "TL-ACCESS-038", 409, "there are too many of them", "remove some first";
    ACCESS_NOT_A_PERSON = "TL-ACCESS-039", 403, "this is for a person who is signed in", "sign in with an account; a token has no password, passkeys or sessions";
    ACCESS_CONFIG = "TL-ACCESS-040", 500, "the section `access` of the configuration cannot be used", "the message names the setting";
}
