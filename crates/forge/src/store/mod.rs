//! The tables of the forge.

mod changes;
mod landings;
mod migrations;
mod repositories;
mod reviews;
mod runs;

pub(crate) use changes::{
    ChangeFilter, StoredChange, body_of, change, changes, insert_change, insert_revision,
    open_with_identity, revisions, stack_of, update_change,
};
pub(crate) use landings::{
    Landing, LandingState, finish_landing, forget_old, insert_landing, is_green, mark_green,
    put_intent, queued_landings,
};
pub(crate) use migrations::MIGRATIONS;
pub(crate) use repositories::{
    insert_repository, remove_repository, repositories, update_repository,
};
pub(crate) use reviews::{
    comment, comments, count_comments, insert_comment, put_review, resolve_comment, reviews,
};
pub(crate) use runs::{
    RunFilter, end_lost_runs, finish_run, insert_run, remove_old_runs, run, runs,
};
