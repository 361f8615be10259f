//! Codes of the room `lfs`.

error_codes! {
    LFS_UNKNOWN = "TL-LFS-001", 404, "there is no such repository or large file", "push again from a checkout that has the file: `git lfs push --all <remote>`";
    LFS_INVALID = "TL-LFS-002", 422, "the request is none that Git LFS makes", "use git-lfs 2.0 or newer with the transfer `basic`, which is the default";
    LFS_TOO_LARGE = "TL-LFS-003", 413, "a file is larger than large files may be", "raise `max_object_bytes` in `[lfs]`, or cut the file";
    LFS_FULL = "TL-LFS-004", 507, "there is no room for more large files", "raise `max_total_bytes` in `[lfs]`, or remove a repository that nobody needs";
    LFS_BROKEN = "TL-LFS-005", 422, "what came is not the file that was announced", "push again; if it stays so, `git lfs fsck` in the checkout says which file is broken";
    LFS_BUSY = "TL-LFS-006", 429, "too many transfers of large files are under way", "wait a little; git-lfs tries again by itself";
    LFS_STORAGE = "TL-LFS-007", 503, "the object storage does not answer, or the platform stops", "nothing is lost: push or fetch again; the platform's log says what the storage said";
}
