//! Certificates from an ACME server (RFC 8555), such as Let's Encrypt: asked for, proven by HTTP-01, and renewed before they end.
//!
//! The certificate lies in files; whoever serves with it watches them.

mod challenge;
mod config;
mod files;
mod keep;
mod order;

pub use challenge::Challenges;
pub use config::AcmeConfig;
pub use files::certificate;
pub use keep::keep;
