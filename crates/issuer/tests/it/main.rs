//! The issuer on a real file, by HTTP, as services and browsers meet it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod authorize;
mod clients;
mod codes;
mod consent;
mod device;
mod keys;
mod logout;
mod openapi;
mod pages;
mod refresh;
mod support;
mod tokens;
