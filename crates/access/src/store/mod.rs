//! The tables of this room.

mod account;
mod column;
mod epoch;
mod holder;
mod invitation;
mod link;
mod proof;
mod service_account;
mod session;
mod tables;
mod team;
mod token;

pub(crate) use account::{
    AccountRow, active_owners, count_accounts, find_account, find_account_by_email, insert_account,
    owner, people, refresh_password, set_password, touch_account, update_account,
};
pub(crate) use epoch::{epoch, next_epoch};
pub(crate) use holder::{principal_called, session_begun, team_names};
pub(crate) use invitation::{
    find_invitation, find_reset, insert_invitation, insert_reset, invitations, remove_old_codes,
    remove_resets, spend_invitation,
};
pub(crate) use link::{insert_link, remove_old_links, spend_link};
pub(crate) use proof::{
    PasskeyRow, begin_totp, confirm_totp, credential_ids, find_identity, find_passkey, find_totp,
    insert_identity, insert_passkey, insert_recovery_code, passkeys, remove_passkey, remove_totp,
    spend_recovery_code, spend_step, use_passkey,
};
pub(crate) use service_account::{find_service, insert_service, remove_service, services};
pub(crate) use session::{
    NewRow as NewSessionRow, Owner, end_session, end_session_by_id, end_sessions, find_session,
    insert_session, knows_client, remove_old_sessions, sessions, touch_session,
};
pub(crate) use tables::MIGRATIONS;
pub(crate) use team::{
    count_teams, find_team, insert_team, join_team, leave_team, remove_team, teams, teams_of,
};
pub(crate) use token::{
    Found, NewRow as NewTokenRow, find_token, insert_token, revoke_token, token_account,
    token_digest, tokens, touch_token,
};
