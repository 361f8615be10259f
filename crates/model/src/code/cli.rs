//! Codes of the room `cli`.

error_codes! {
    CLI_UNREACHABLE = "TL-CLI-001", 503, "no platform answers at that address", "start it with `trunkline up`, or name it with --server";
    CLI_CONFIG = "TL-CLI-002", 400, "the configuration is not valid", "see `trunkline config schema`";
    CLI_NO_TOKEN = "TL-CLI-003", 401, "no token was given", "set TRUNKLINE_TOKEN or --token-file, or run on the machine of the platform with --data-dir";
    CLI_PORT = "TL-CLI-004", 409, "a listener cannot have its address", "stop what uses the port, or set another address in the configuration";
    CLI_DATA_DIR = "TL-CLI-005", 500, "the data directory cannot be used", "give a directory that this user may write, with --data-dir";
}
