//! Codes of the room `store`.

error_codes! {
    STORE_IO = "TL-STORE-001", 500, "the control state could not be read or written", "check the disk under the data directory";
    STORE_NEWER = "TL-STORE-002", 500, "the control state was written by a newer Trunkline", "start the version that wrote it, or a later one";
    STORE_BUSY = "TL-STORE-003", 503, "the control state is in use by another process", "send the same request again; if it stays so, look for another process that holds the file";
    STORE_FULL = "TL-STORE-004", 507, "the disk under the control state is full", "free space under the data directory; what was refused was not kept";
    STORE_EVENT = "TL-STORE-005", 500, "the event of a change cannot be kept", "send the request id to the maintainers; the change was not made";
}
