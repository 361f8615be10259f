//! Codes of the room `sandbox`.

error_codes! {
    SANDBOX_UNAVAILABLE = "TL-SANDBOX-001", 503, "a task cannot be confined on this machine as the configuration wants it", "`trunkline doctor` says which piece is missing; `[forge] sandbox` says how much is asked for";
    SANDBOX_FAILED = "TL-SANDBOX-002", 500, "the confinement of a task could not be made", "the text says which step failed; a container may forbid user namespaces";
}
