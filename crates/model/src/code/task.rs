//! Codes of the room `task`.

error_codes! {
    TASK_RULES = "TL-TASK-001", 400, "`tasks.toml` or the task of a project cannot be understood", "the text says the file, the line and the nearest key there is; `docs/guide/tasks.md` has them all";
    TASK_CIRCLE = "TL-TASK-002", 400, "tasks need one another in a circle", "`trunkline project graph` shows who needs whom; one of the needs has to go";
    TASK_UNKNOWN = "TL-TASK-003", 404, "there is no such task", "`trunkline task list` shows them; a task is named `project#task`, such as `billing#test`";
    TASK_OUTPUT = "TL-TASK-004", 422, "what a task made cannot be kept", "outputs are files and links within the checkout, below the limits of size and number";
    TASK_STORE = "TL-TASK-005", 500, "the store of results cannot be read or written", "look at the disk: room and permissions; the store can be removed at any time, and is filled again";
    TASK_FILES = "TL-TASK-006", 500, "the files of a repository cannot be read", "run `git status` and `git fsck` there; git must be in the PATH";
    TASK_RUN = "TL-TASK-007", 500, "a task cannot be run", "the shell `sh` must be there; `trunkline doctor` says what the sandbox needs";
    TASK_FAILED = "TL-TASK-008", 422, "a task failed", "its log says why; what needs it was not run";
    TASK_SECRET = "TL-TASK-009", 404, "a secret that a task needs is not there", "set it in the environment as TRUNKLINE_SECRET_NAME, or leave its name out of the task";
}
