//! The steps to the tables as they are.

use trunkline_store::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "services",
    sql: "
        -- The commit of each trunk whose services were looked at.
        create table run_trunk (
            repository text not null primary key,
            commit_id text not null
        );
        create table run_service (
            name text not null primary key,
            repository text not null,
            folder text not null,
            project text not null,
            fingerprint text not null,
            -- Its service.toml, as JSON.
            manifest text not null,
            -- What serves, what is warm and what is on its way, as JSON.
            line text not null,
            -- Since when the deployment that is on its way is judged, and is at its step.
            judged_from bigint,
            step_from bigint,
            problem text
        );
        create table run_release (
            id text not null primary key,
            service text not null,
            number bigint not null,
            repository text not null,
            commit_id text not null,
            folder text not null,
            project text not null,
            fingerprint text not null,
            manifest text not null,
            digest text,
            files bigint,
            bytes bigint,
            tasks text,
            created bigint not null
        );
        create unique index run_release_number on run_release (service, number);
        create table run_deployment (
            id text not null primary key,
            service text not null,
            kind text not null,
            release_id text not null,
            number bigint not null,
            previous text,
            state text not null,
            step bigint not null,
            percent bigint not null,
            reason text not null,
            evidence text,
            by_whom text not null,
            started bigint not null,
            changed bigint not null
        );
        create index run_deployment_service on run_deployment (service, started);
    ",
}];
