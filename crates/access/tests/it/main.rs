//! The door on a real file, by its service and by HTTP.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod http;
mod invitations;
mod issuer_server;
mod issuers;
mod limits;
mod mail;
mod migration;
mod openapi;
mod passkeys;
mod passwords;
mod people;
mod processes;
mod second_factor;
mod services;
mod sessions;
mod sign_in;
mod support;
mod tokens;
