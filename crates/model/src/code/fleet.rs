//! Codes of the room `fleet`.

error_codes! {
    FLEET_THING_UNKNOWN = "TL-FLEET-001", 404, "there is no such device", "list them with `trunkline thing list`; names are case-sensitive";
    FLEET_THING_EXISTS = "TL-FLEET-002", 409, "there is a device of this name already", "take another name, or remove the one that is there";
    FLEET_INVALID = "TL-FLEET-003", 422, "the device cannot be like that", "correct what the message names";
    FLEET_TWIN_UNKNOWN = "TL-FLEET-004", 404, "the device has no such twin", "list its twins; the first update makes one";
    FLEET_TWIN_CONFLICT = "TL-FLEET-005", 409, "the twin has another version by now", "read the twin again and send its version, or leave the version out";
    FLEET_TWIN_TOO_LARGE = "TL-FLEET-006", 413, "the twin would be too large", "keep what changes often or is long out of the twin: it is a state, not a history";
    FLEET_TWIN_INVALID = "TL-FLEET-007", 400, "the twin cannot be changed like that", "send `{\"state\": {\"desired\": {...}}}`; the message names what is wrong";
    FLEET_CLOSED = "TL-FLEET-008", 503, "twins are not changed now", "send it again in a moment; what was not answered was not done";
    FLEET_CERTIFICATE_UNKNOWN = "TL-FLEET-009", 404, "there is no such certificate", "list those of a device with `trunkline certificate list`; an id is the SHA-256 of the certificate";
    FLEET_CERTIFICATE_INVALID = "TL-FLEET-010", 422, "the certificate cannot be made or used like that", "correct what the message names";
    FLEET_JOIN_REFUSED = "TL-FLEET-011", 403, "the device may not join with this token", "make a new one with `trunkline join create`; each is good for so many devices and for a time";
    FLEET_JOB_UNKNOWN = "TL-FLEET-012", 404, "there is no such job, or the device has no part in it", "list jobs with `GET /v1/jobs`, and those of a device with `GET /v1/things/<name>/jobs`";
    FLEET_JOB_EXISTS = "TL-FLEET-013", 409, "there is a job of this id already", "take another id, or delete the job that is there";
    FLEET_JOB_INVALID = "TL-FLEET-014", 422, "the job cannot be like that", "correct what the message names";
    FLEET_JOB_STATE = "TL-FLEET-015", 409, "the job, or the device's work on it, is not in a state for that", "read it again; the message says how far it is and whether force helps";
    FLEET_GROUP_UNKNOWN = "TL-FLEET-016", 404, "there is no such group of devices", "list them with `GET /v1/thing-groups`; names are case-sensitive";
    FLEET_GROUP_EXISTS = "TL-FLEET-017", 409, "there is a group of this name already", "take another name, or remove the group that is there";
    FLEET_GROUP_INVALID = "TL-FLEET-018", 422, "the group cannot be like that, or the device cannot be in it", "correct what the message names";
    FLEET_STATEMENT = "TL-FLEET-019", 422, "the statement cannot be evaluated", "run it as a query to see what it gives; the message says why it was not taken";
    FLEET_TYPE_UNKNOWN = "TL-FLEET-020", 404, "there is no such type of devices", "list them with `GET /v1/thing-types`; names are case-sensitive";
    FLEET_TYPE_INVALID = "TL-FLEET-021", 422, "the type cannot be like that", "correct what the message names";
    FLEET_UNFIT = "TL-FLEET-022", 422, "the attributes do not fit the device's type", "correct what the message names, or change the type";
    FLEET_FULL = "TL-FLEET-023", 409, "there are as many of them as there may be", "remove those that are not needed any more";
}
