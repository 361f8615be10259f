//! The port by which a handshake asks the registry.

use std::fmt;

use crate::Known;

/// What the registry says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is let in.
    Active,
    /// It waits for its activation.
    Pending,
    /// It was switched off, and may be switched on again.
    Inactive,
    /// It was taken back for good.
    Revoked,
    /// The registry does not have it.
    Unknown,
}

/// Who knows the registered certificates. It is asked in the middle of every handshake, so it answers from memory and does not wait.
pub trait Registered: fmt::Debug + Send + Sync {
    /// The standing of the certificate with these DER bytes, whose id is `certificate_id`. Only its form and its dates were looked at: who
    /// signed it was not, and does not matter for a certificate that is registered.
    fn state(&self, certificate_id: &str, der: &[u8]) -> Standing;

    /// DER certificates of the authorities that may introduce `unknown`, which the registry does not have: those whose subject is its
    /// issuer, and which were registered to introduce devices. It is let in where one of the first eight of them signed it.
    fn introducers(&self, unknown: &Known) -> Vec<Vec<u8>>;
}
