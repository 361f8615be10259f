//! Codes of the room `cli`.

error_codes! {
    CLI_UNREACHABLE = "TL-CLI-001", 503, "no platform answers at that address", "start it with `trunkline up`, or name it with --server";
    CLI_CONFIG = "TL-CLI-002", 400, "the configuration is not valid", "see `trunkline config schema`";
    CLI_NO_TOKEN = "TL-CLI-003", 401, "no token was given", "set TRUNKLINE_TOKEN or --token-file, or run on the machine of the platform with --data-dir";
    CLI_PORT = "TL-CLI-004", 409, "a listener cannot have its address", "stop what uses the port, or set another address in the configuration";
    CLI_DATA_DIR = "TL-CLI-005", 500, "the data directory cannot be used", "give a directory that this user may write, with --data-dir";
    CLI_UNCOMMITTED = "TL-CLI-006", 409, "the checkout has changes that are not committed", "commit them, or put them away with `git stash`";
    CLI_NO_REMOTE = "TL-CLI-007", 404, "the checkout has no remote to land in", "`trunkline repository list` has the addresses: `git remote add trunk ADDRESS`; or name another one with --remote";
    CLI_NOT_TAKEN = "TL-CLI-008", 422, "the change did not land", "the message says why, and where the commit is kept";
    CLI_GIT = "TL-CLI-009", 500, "git failed", "run the same in the checkout by hand; git has to be in the PATH, and to know who you are";
}
