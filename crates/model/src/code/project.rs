//! Codes of the room `project`.

error_codes! {
    PROJECT_NO_REPOSITORY = "TL-PROJECT-001", 404, "there is no git repository", "name the folder of one with `--repository`; a bare one will do";
    PROJECT_NO_COMMIT = "TL-PROJECT-002", 404, "the revision names no commit", "`git log --oneline --all` lists commits; a shallow clone has the newest alone";
    PROJECT_UNREADABLE = "TL-PROJECT-003", 500, "the git repository cannot be read", "run `git fsck` in it; a partial clone lacks what it never fetched";
    PROJECT_UNKNOWN = "TL-PROJECT-004", 404, "there is no such project, or several are called that", "`trunkline project list` shows them; `cargo:name`, `node:name` or the folder tells two of a name apart";
}
