//! How the tables came to be what they are.

use trunkline_store::Migration;

/// Times are microseconds since the epoch. `scopes` is a list with commas.
///
/// A session belongs to an account, or to the token that was pasted to begin it and ends with that token. The row of
/// `credential_epoch` counts every change that makes a credential worthless: another process that remembers credentials watches it.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "owner, links, sessions and tokens",
    sql: "
        create table account (
            id text not null primary key,
            name text not null,
            scopes text not null,
            created bigint not null
        );
        create table token (
            id text not null primary key,
            hash blob not null unique,
            name text not null,
            prefix text not null,
            scopes text not null,
            created bigint not null,
            created_by text not null,
            expires bigint,
            last_used bigint,
            revoked bigint
        );
        create table session (
            id text not null primary key,
            hash blob not null unique,
            account text references account (id),
            token text references token (id),
            created bigint not null,
            last_seen bigint not null,
            ended bigint,
            check ((account is null) <> (token is null))
        );
        create table sign_in_link (
            hash blob not null primary key,
            account text not null references account (id),
            expires bigint not null,
            used bigint
        );
        create table credential_epoch (
            only integer not null primary key check (only = 1),
            epoch bigint not null
        );
        insert into credential_epoch (only, epoch) values (1, 0);
    ",
}];
