//! The tables of the first release become those of today.

use trunkline_model::{Principal, Role};
use trunkline_store::Migration;

use crate::support::{HERE, Home};

/// The tables as the first release made them.
const FIRST: Migration = Migration {
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
};

#[tokio::test]
async fn the_first_owner_stays_what_it_was() {
    let home = Home::new();
    let store = home.store().await;
    store.migrate("access", &[FIRST]).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    for statement in [
        "insert into account values ('acc_01JD9Z6T3S8Q4H5W2E7R1Y0VAB', 'owner', 'owner', 1)",
        "insert into token values ('tok_01JD9Z6T3S8Q4H5W2E7R1Y0VAB', x'00', 'old', 'tl_x', 'read', 1,
            'acc_01JD9Z6T3S8Q4H5W2E7R1Y0VAB', null, null, null)",
        "insert into token values ('tok_01JD9Z6T3S8Q4H5W2E7R1Y0VAC', x'01', 'local', 'tl_y', 'owner', 1,
            'platform', null, null, null)",
    ] {
        sqlx::query(statement)
            .execute(transaction.connection())
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    let door = home.door().await;
    assert!(door.ensure_owner().await.unwrap().is_none());
    let people = door.people().await.unwrap();
    assert_eq!((people.len(), people[0].role), (1, Role::Owner));
    assert!(!people[0].disabled && !people[0].password && people[0].email.is_none());
    let link = door.create_link(&Principal::platform()).await.unwrap();
    let session = door
        .sign_in_with_link(link.code.reveal(), HERE)
        .await
        .unwrap();
    assert_eq!(session.principal.role, Role::Owner);
    let makers: Vec<Option<String>> = sqlx::query_scalar("select account from token order by id")
        .fetch_all(store.readers())
        .await
        .unwrap();
    assert!(makers[0].is_some() && makers[1].is_none());
    assert_eq!(door.tokens().await.unwrap().len(), 2);
}
