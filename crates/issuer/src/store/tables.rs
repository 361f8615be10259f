//! How the tables came to be what they are.

use trunkline_store::Migration;

/// Times are microseconds since the epoch. Lists are JSON, scopes and methods words with spaces.
///
/// `issuer_key` holds private keys: the file belongs to the platform's user alone. The row of `issuer_epoch` counts every change of
/// clients and keys: another process that remembers them watches it.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "clients, grants, codes and keys",
    sql: "
        create table issuer_client (
            id text not null primary key,
            kind text not null,
            settings text not null,
            created bigint not null,
            created_by text not null
        );
        create table issuer_secret (
            id text not null primary key,
            client text not null references issuer_client (id) on delete cascade,
            hash blob not null,
            prefix text not null,
            created bigint not null
        );
        create table issuer_grant (
            id text not null primary key,
            client text not null references issuer_client (id) on delete cascade,
            subject text not null,
            scopes text not null,
            session text not null,
            auth_time bigint not null,
            methods text not null,
            nonce text,
            created bigint not null,
            revoked bigint
        );
        create index issuer_grant_of on issuer_grant (subject, client);
        create table issuer_code (
            hash blob not null primary key,
            grant_id text not null,
            client text not null references issuer_client (id) on delete cascade,
            subject text not null,
            scopes text not null,
            session text not null,
            auth_time bigint not null,
            methods text not null,
            nonce text,
            redirect_uri text not null,
            challenge text not null,
            created bigint not null,
            used bigint
        );
        create table issuer_refresh (
            hash blob not null primary key,
            grant_id text not null references issuer_grant (id) on delete cascade,
            created bigint not null,
            used bigint
        );
        create index issuer_refresh_of on issuer_refresh (grant_id);
        create table issuer_device (
            hash blob not null primary key,
            user_code text not null unique,
            client text not null references issuer_client (id) on delete cascade,
            scopes text not null,
            created bigint not null,
            polled bigint,
            pause bigint not null,
            state text not null,
            subject text,
            session text,
            auth_time bigint,
            methods text
        );
        create table issuer_consent (
            subject text not null,
            client text not null references issuer_client (id) on delete cascade,
            scopes text not null,
            given bigint not null,
            primary key (subject, client)
        );
        create table issuer_revoked (
            id text not null primary key,
            expires bigint not null
        );
        create table issuer_key (
            id text not null primary key,
            private blob not null,
            created bigint not null,
            starts bigint not null
        );
        create table issuer_epoch (
            only integer not null primary key check (only = 1),
            epoch bigint not null
        );
        insert into issuer_epoch (only, epoch) values (1, 0);
    ",
}];
