//! Codes of the room `topology`.

error_codes! {
    TOPOLOGY_INVALID = "TL-TOPOLOGY-001", 422, "the relation cannot be like that", "write ends as `thing:pump-7` or `place:cellar`; the message names what is wrong";
    TOPOLOGY_FULL = "TL-TOPOLOGY-002", 409, "there are as many relations as there may be", "remove those that are not needed any more";
}
