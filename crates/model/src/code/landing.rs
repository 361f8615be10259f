//! Codes of the room `landing`.

error_codes! {
    LANDING_RED = "TL-LANDING-001", 409, "a task fails with the change", "the end of its log was shown, `trunkline task log` prints all of it; mend the commit and push it again";
    LANDING_CONFLICT = "TL-LANDING-002", 409, "the change does not merge", "`git rebase` it onto the trunk and push it again";
    LANDING_WITHDRAWN = "TL-LANDING-003", 409, "the change was withdrawn", "push it again if that was not meant";
    LANDING_TOO_LATE = "TL-LANDING-004", 409, "the change has landed as it was before it was amended or withdrawn", "push the amendment or a revert as a new change";
    LANDING_FULL = "TL-LANDING-005", 503, "the queue is full", "wait until changes have landed, or withdraw some";
}
