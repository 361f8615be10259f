//! Codes of the rooms `lockfile` and `dependency`.

error_codes! {
    DEPENDENCY_LOCK_MALFORMED = "TL-DEPENDENCY-001", 422, "a lockfile is malformed", "let its own tool write it anew; a merge may have been left open in it";
    DEPENDENCY_LOCK_TOO_LARGE = "TL-DEPENDENCY-002", 413, "a lockfile is too large", "split the workspace that it belongs to";
    DEPENDENCY_LOCK_UNSUPPORTED = "TL-DEPENDENCY-003", 422, "a lockfile is in a format that is not known", "`docs/guide/one-version.md` lists the formats; a newer tool may write one of them";
    DEPENDENCY_POLICY = "TL-DEPENDENCY-004", 422, "the policy for dependencies cannot be read", "mend the line of `dependencies.toml` or `licences.toml` that the message names";
    DEPENDENCY_ADVISORY = "TL-DEPENDENCY-005", 422, "an advisory cannot be read", "advisories are files of OSV JSON, one advisory each";
    DEPENDENCY_SOURCES = "TL-DEPENDENCY-006", 500, "a file of the commit cannot be read", "run `git fsck` in the repository; a partial clone lacks what it never fetched";
    DEPENDENCY_TOO_MUCH = "TL-DEPENDENCY-007", 413, "there is more to read than is read", "leave generated files out of the repository";
    DEPENDENCY_EDIT = "TL-DEPENDENCY-008", 409, "a manifest is no longer what the report was made of", "run the check again on this commit, then the fix";
}
