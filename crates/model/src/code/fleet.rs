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
}
