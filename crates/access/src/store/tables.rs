//! How the tables came to be what they are.

use trunkline_store::Migration;

/// Times are microseconds since the epoch. `scopes` is a list with commas.
///
/// A session belongs to an account, or to the token that was pasted to begin it and ends with that token. The row of
/// `credential_epoch` counts every change that makes a credential worthless: another process that remembers credentials watches it.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
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
    },
    Migration {
        version: 2,
        name: "people, teams, invitations, passwords, passkeys, issuers and service accounts",
        sql: PEOPLE,
    },
];

/// `account.scopes` says nothing any more: a role stands in its place. `email` has no capitals; `email_verified` tells that an owner or
/// an issuer vouches for it, so that an identity of an issuer with the same email may be joined to the account. `token.account` is the
/// person in whose name a token was made, even when another token made it: it ends when that person is disabled.
const PEOPLE: &str = "
    alter table account add column email text;
    alter table account add column email_verified integer not null default 0;
    alter table account add column role text not null default 'viewer';
    alter table account add column disabled bigint;
    alter table account add column last_seen bigint;
    alter table account add column password text;
    update account set role = 'owner';
    create unique index account_email on account (email);
    alter table token add column account text references account (id);
    alter table token add column service text;
    alter table token add column job text;
    update token set account = created_by where created_by in (select id from account);
    alter table session add column client text;
    alter table session add column method text;
    create index session_account on session (account);
    create table team (
        id text not null primary key,
        name text not null unique,
        created bigint not null
    );
    create table team_member (
        team text not null references team (id),
        member text not null,
        primary key (team, member)
    );
    create index team_member_member on team_member (member);
    create table invitation (
        id text not null primary key,
        hash blob not null unique,
        email text,
        role text not null,
        teams text not null,
        created bigint not null,
        created_by text not null,
        expires bigint not null,
        used bigint
    );
    create table password_reset (
        hash blob not null primary key,
        account text not null references account (id),
        expires bigint not null
    );
    create table totp (
        account text not null primary key references account (id),
        secret blob not null,
        created bigint not null,
        confirmed bigint,
        last_step bigint not null default 0
    );
    create table recovery_code (
        hash blob not null primary key,
        account text not null references account (id)
    );
    create index recovery_code_account on recovery_code (account);
    create table passkey (
        id text not null primary key,
        account text not null references account (id),
        credential_id blob not null unique,
        credential text not null,
        name text not null,
        created bigint not null,
        last_used bigint
    );
    create index passkey_account on passkey (account);
    create table issuer_identity (
        issuer text not null,
        subject text not null,
        account text not null references account (id),
        primary key (issuer, subject)
    );
    create table service_account (
        id text not null primary key,
        name text not null,
        role text not null,
        created bigint not null,
        removed bigint
    );
    create unique index service_account_name on service_account (name) where removed is null;
";
