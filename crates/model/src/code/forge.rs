//! Codes of the room `forge`.

error_codes! {
    FORGE_UNKNOWN = "TL-FORGE-001", 404, "there is no such repository, change, comment or run", "`trunkline repository list` and `trunkline change list` show what there is";
    FORGE_EXISTS = "TL-FORGE-002", 409, "there is a repository of this name", "choose another name";
    FORGE_INVALID = "TL-FORGE-003", 400, "the request asks for something that cannot be", "the text says which field and why";
    FORGE_TRUNK = "TL-FORGE-004", 403, "the trunk moves by the landing queue alone", "push to `refs/for/trunk`: `git push trunk HEAD:refs/for/trunk`; an owner can break the glass with `-o break-glass='reason'`, which is audited";
    FORGE_STATE = "TL-FORGE-005", 409, "the change is not in a state in which this can be done", "`trunkline change show` says in which state it is; push it again to begin anew";
    FORGE_LIMIT = "TL-FORGE-006", 429, "too many repositories, changes in the queue, pushes at once, or comments", "let some finish, or raise the limit in `[forge]`";
    FORGE_TASK = "TL-FORGE-007", 422, "a task of the change failed", "the log of the task says why: `trunkline task log`; `trunkline task run` runs it on your machine";
    FORGE_STOPPED = "TL-FORGE-008", 503, "the platform stops", "the change is kept and goes on when the platform starts again";
    FORGE_DISABLED = "TL-FORGE-009", 503, "git hosting is off, because git is missing or too old", "install git 2.40 or newer and start the platform again; all other rooms work without it";
}
