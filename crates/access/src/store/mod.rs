//! The tables of this room.

mod account;
mod column;
mod epoch;
mod link;
mod session;
mod tables;
mod token;

pub(crate) use account::{insert_account, owner};
pub(crate) use epoch::{epoch, next_epoch};
pub(crate) use link::{insert_link, remove_old_links, spend_link};
pub(crate) use session::{
    NewRow as NewSessionRow, end_session, find_session, insert_session, remove_old_sessions,
    touch_session,
};
pub(crate) use tables::MIGRATIONS;
pub(crate) use token::{
    Found, NewRow as NewTokenRow, find_token, insert_token, revoke_token, tokens, touch_token,
};
