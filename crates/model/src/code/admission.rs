//! Codes of the room `admission`.

error_codes! {
    ADMISSION_TOKEN_MALFORMED = "TL-ADMISSION-001", 401, "the token is not well-formed", "send the access token as the issuer gave it: three parts with dots between them, at most 16 KiB";
    ADMISSION_TOKEN_ALGORITHM = "TL-ADMISSION-002", 401, "the token is signed with an algorithm that is not allowed", "let the issuer sign with an algorithm of its `algorithms`; `none` and HS256 are never allowed";
    ADMISSION_TOKEN_KEY = "TL-ADMISSION-003", 401, "the token's key is not one of its issuer's", "get a new token; after a change of keys the new one is known within 30 seconds";
    ADMISSION_TOKEN_SIGNATURE = "TL-ADMISSION-004", 401, "the token's signature is wrong", "get a new token; this one was changed or comes from somebody else";
    ADMISSION_TOKEN_EXPIRED = "TL-ADMISSION-005", 401, "the token has expired", "get a new token from the issuer, for example with the refresh token";
    ADMISSION_TOKEN_EARLY = "TL-ADMISSION-006", 401, "the token is not good yet", "compare the clocks of the issuer and of this machine";
    ADMISSION_TOKEN_ISSUER = "TL-ADMISSION-007", 401, "the token's issuer is not known here", "use a token of an issuer that the gateway's files name; `iss` must be equal to `issuer`, letter for letter";
    ADMISSION_TOKEN_AUDIENCE = "TL-ADMISSION-008", 401, "the token is meant for somebody else", "ask the issuer for a token whose `aud` is one of the `audiences` of the gateway's files";
    ADMISSION_TOKEN_CLAIM = "TL-ADMISSION-009", 401, "the token lacks a claim that is asked of it", "send an access token, not an ID token, with the claims that the gateway's files ask for";
    ADMISSION_TOKEN_REVOKED = "TL-ADMISSION-010", 401, "the token is revoked", "sign in again";
    ADMISSION_KEYS_UNREACHABLE = "TL-ADMISSION-011", 503, "the issuer's keys cannot be fetched", "try again in a moment; the platform's log says what the issuer answered";
    ADMISSION_API_KEY = "TL-ADMISSION-012", 401, "the API key is not valid", "it may be revoked, expired or mistyped; make a new one with `trunkline token create`";
    ADMISSION_RATE = "TL-ADMISSION-013", 429, "too many requests", "wait as `Retry-After` says and spread the requests; `RateLimit-Policy` says how many are allowed";
    ADMISSION_QUOTA = "TL-ADMISSION-014", 429, "the quota is used up", "wait for the next day or month (UTC), or ask for a larger plan";
    ADMISSION_CONCURRENCY = "TL-ADMISSION-015", 429, "too many requests at the same time", "wait for the answers before sending more, or ask for a larger plan";
    ADMISSION_ISSUER_INVALID = "TL-ADMISSION-016", 422, "an issuer is not well-formed", "see the page of this code for an example";
    ADMISSION_PLAN_INVALID = "TL-ADMISSION-017", 422, "a plan or limit is not well-formed", "see the page of this code for an example";
    ADMISSION_USAGE_PLAN = "TL-ADMISSION-018", 422, "the AWS usage plan cannot be taken over", "give the answer of `aws apigateway get-usage-plan`; quotas by WEEK have to become DAY or MONTH first";
}
