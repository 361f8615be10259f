//! Codes of the room `run`.

error_codes! {
    RUN_UNKNOWN = "TL-RUN-001", 404, "there is no such service, release or deployment", "`trunkline service list` shows the services, `trunkline service show NAME` the releases of one";
    RUN_STATE = "TL-RUN-002", 409, "that cannot be done as the service is now", "the text says how it is; `trunkline service show NAME` shows it";
    RUN_MANIFEST = "TL-RUN-003", 400, "a service.toml cannot be used to run the service", "the text says which key and why; mend the file and push it";
    RUN_KEEPER = "TL-RUN-004", 503, "the process that keeps the services does not answer", "the platform starts it again by itself; its log is `run/keeper.log` in the data directory";
    RUN_UNSAFE = "TL-RUN-005", 409, "going back past this release is not safe", "the release says `data = \"contract\"`: what was there before may not read the data any more; `--force` goes back all the same";
    RUN_LIMIT = "TL-RUN-006", 429, "there are too many services", "remove `[run]` from one, or raise `max_services` in `[run]` of trunkline.toml";
    RUN_START = "TL-RUN-007", 502, "a release did not start", "the text says why and shows the end of its log; the release before it goes on serving";
}
