//! Certificates from an ACME server (RFC 8555), such as Let's Encrypt: asked for, proven by HTTP-01, and renewed before they end.

mod challenge;
mod files;
mod keep;
mod order;

pub(crate) use challenge::Challenges;
pub(crate) use files::certificate;
pub(crate) use keep::keep;
