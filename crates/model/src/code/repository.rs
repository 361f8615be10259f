//! Codes of the room `repository`.

error_codes! {
    REPOSITORY_GIT = "TL-REPOSITORY-001", 500, "git is missing, too old or failed", "git 2.40 or newer must be in the platform's PATH; `trunkline doctor` says which one it finds";
    REPOSITORY_NAME = "TL-REPOSITORY-002", 400, "this can be no name of a repository or of a ref", "a repository's name has small letters, digits and `-`, at most 63, beginning with a letter; `git check-ref-format` says what a ref may be called";
    REPOSITORY_PROTOCOL = "TL-REPOSITORY-003", 400, "the request does not speak git's protocol", "use git itself; a proxy in between must not change the body";
    REPOSITORY_PACK = "TL-REPOSITORY-004", 400, "what was pushed is not taken", "`git fsck` says what is wrong with an object; large files belong to LFS or to the artifacts";
    REPOSITORY_LIMIT = "TL-REPOSITORY-005", 413, "more than the platform takes at once", "push in smaller parts, or raise the limit in `[forge]`";
    REPOSITORY_REF = "TL-REPOSITORY-006", 409, "the ref is not where it was thought to be", "fetch, look, and push again";
    REPOSITORY_NOT_FOUND = "TL-REPOSITORY-007", 404, "there is no such commit, folder or file in the repository", "names of files are whole paths from the root; a commit is named by a branch, a tag or its id";
    REPOSITORY_CONFLICT = "TL-REPOSITORY-008", 409, "the change does not fit onto the trunk any more", "fetch, `git rebase trunk/trunk`, and push again";
    REPOSITORY_IO = "TL-REPOSITORY-009", 500, "a repository cannot be read or written", "look at the disk: room, permissions, and `git fsck` in the repository's folder";
}
