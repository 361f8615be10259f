//! Codes of the room `artifact`.

error_codes! {
    ARTIFACT_UNKNOWN = "TL-ARTIFACT-001", 404, "there is no such artifact", "list them with `GET /v1/artifacts`; names and versions are case-sensitive";
    ARTIFACT_INVALID = "TL-ARTIFACT-002", 422, "the artifact, or what names it, cannot be like that", "correct what the message names";
    ARTIFACT_EXISTS = "TL-ARTIFACT-003", 409, "there is other content under this name and version", "take another version: what was uploaded under one never changes";
    ARTIFACT_TOO_LARGE = "TL-ARTIFACT-004", 413, "the artifact is too large", "make it smaller, or raise the limit for one artifact in the configuration";
    ARTIFACT_FULL = "TL-ARTIFACT-005", 507, "there is no room for the artifact", "remove artifacts that are not needed any more, or raise the limit for all of them in the configuration";
    ARTIFACT_DIGEST = "TL-ARTIFACT-006", 400, "the content is not what its digest says", "send it again; if it stays so, compute `Content-Digest` over the bytes as they are sent";
    ARTIFACT_IN_USE = "TL-ARTIFACT-007", 409, "a job in progress uses the artifact", "wait until the job is over, or cancel it";
    ARTIFACT_LINK = "TL-ARTIFACT-008", 403, "the link is not good, or not any more", "let the device ask for its job again: the document has a new link";
    ARTIFACT_RANGE = "TL-ARTIFACT-009", 416, "the range begins behind the end", "`Content-Range` says how many bytes there are; a download that has them all is done";
    ARTIFACT_BUSY = "TL-ARTIFACT-010", 503, "there are too many uploads or downloads at the same time", "wait as `Retry-After` says, and go on where it ended";
    ARTIFACT_CHANGED = "TL-ARTIFACT-011", 412, "the artifact is not the one that the request expects", "look at it again; its tag is its SHA-256";
    ARTIFACT_FILE = "TL-ARTIFACT-012", 500, "the artifact's file cannot be read or written", "look at the folder `artifacts` of the data directory; the same content, uploaded again, replaces a lost file";
    ARTIFACT_SIGNER = "TL-ARTIFACT-013", 500, "the key that signs artifacts cannot be made or used", "send the request id to the maintainers";
}
