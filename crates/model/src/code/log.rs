//! Codes of the room `log`.

error_codes! {
    LOG_FULL = "TL-LOG-001", 507, "the disk under the log is full", "free space under the data directory; the log takes new events again by itself";
    LOG_BUSY = "TL-LOG-002", 503, "the log cannot take more events just now", "wait for a second and send the same request again";
    LOG_TOO_LARGE = "TL-LOG-003", 413, "the batch is larger than one log record may be", "send fewer events in one request";
    LOG_LOCKED = "TL-LOG-004", 409, "another process uses this data directory", "stop the other `trunkline up`, or choose another --data-dir";
    LOG_CORRUPT = "TL-LOG-005", 500, "a record in the middle of the log does not match its checksum", "look at the system log for disk errors; the other records are whole, and the lake has what it committed";
    LOG_GONE = "TL-LOG-006", 410, "the offset lies before the oldest event that the log still holds", "read from `earliest`, or ask the lake in SQL";
    LOG_IO = "TL-LOG-007", 500, "the log could not read or write its files", "look at the system log for disk errors";
    LOG_CLOSED = "TL-LOG-008", 503, "the log is shutting down", "send the same request again once the platform is up";
}
