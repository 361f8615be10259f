//! Which tables there are.

use trunkline_store::Migration;

/// The steps to the tables as they are.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "repositories, changes, landings and runs",
        sql: "
        create table repository (
            name text not null primary key,
            trunk text not null,
            description text not null,
            paused integer not null default 0,
            created bigint not null,
            created_by text not null
        );
        create table change (
            number integer not null primary key autoincrement,
            repository text not null,
            identity text not null,
            mode text not null,
            state text not null,
            revision integer not null,
            commit_id text not null,
            title text not null,
            body text not null,
            author text not null,
            owner text not null,
            parent integer,
            topic text not null,
            landed text,
            reason text,
            landing text,
            created bigint not null,
            updated bigint not null
        );
        create index change_identity on change (repository, identity);
        create index change_state on change (repository, state, number);
        create index change_parent on change (parent);
        create table change_revision (
            change integer not null,
            revision integer not null,
            commit_id text not null,
            pushed bigint not null,
            pushed_by text not null,
            primary key (change, revision)
        );
        create table change_review (
            change integer not null,
            reviewer text not null,
            revision integer not null,
            verdict text not null,
            time bigint not null,
            primary key (change, reviewer)
        );
        create table change_comment (
            id text not null primary key,
            change integer not null,
            revision integer not null,
            path text,
            line integer,
            side text not null,
            reply_to text,
            text text not null,
            resolved integer not null default 0,
            author text not null,
            time bigint not null
        );
        create index change_comment_change on change_comment (change, time);
        -- What is to land together, in the order in which it came.
        create table landing (
            sequence integer not null primary key autoincrement,
            id text not null unique,
            repository text not null,
            -- The numbers of its changes and the commit of the last of them.
            changes text not null,
            tip text not null,
            state text not null,
            -- What the trunk is about to be moved for: each change and the commit that it becomes.
            intent text,
            submitted bigint not null,
            submitted_by text not null
        );
        create index landing_state on landing (state, sequence);
        -- Keys of tasks that a run of the platform's own found green.
        create table green_key (
            key text not null primary key,
            run text not null,
            used bigint not null
        );
        create table task_run (
            id text not null primary key,
            repository text not null,
            landing text not null,
            change integer not null,
            project text not null,
            task text not null,
            key text not null,
            commit_id text not null,
            state text not null,
            cached integer not null,
            flaky integer not null,
            exit_code integer,
            started bigint not null,
            milliseconds bigint
        );
        create index task_run_change on task_run (change, id);
        create index task_run_landing on task_run (landing, id);
    ",
    },
    Migration {
        version: 2,
        name: "why a queue is paused, and what a trunk follows",
        sql: "
            alter table repository add column pause_reason text not null default '';
            alter table repository add column follows text;
        ",
    },
];
