//! Codes of the room `command`.

error_codes! {
    COMMAND_UNKNOWN = "TL-COMMAND-001", 404, "there is no such command", "list those of a device with `GET /v1/things/<name>/commands`; what was over for 30 days stands in the table `events` alone";
    COMMAND_INVALID = "TL-COMMAND-002", 422, "the command cannot be like that", "correct what the message names";
    COMMAND_TOO_LARGE = "TL-COMMAND-003", 413, "the command's payload is too large", "send where the device finds the data instead of the data itself; files and images are for jobs";
    COMMAND_OVER = "TL-COMMAND-004", 409, "the command is over", "read it again; send another where one is still needed";
    COMMAND_FULL = "TL-COMMAND-005", 429, "too many commands wait for an answer", "wait until some are answered or over, or call off those that are not needed any more";
    COMMAND_NO_BROKER = "TL-COMMAND-006", 503, "commands cannot be delivered here", "look whether the platform's MQTT broker runs";
}
