//! An authority as text.

use crate::PrivateKeyPem;

/// All that an authority consists of, as PEM; for whoever keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAuthority {
    /// The root's certificate.
    pub root: String,
    /// The root's private key, unless it is kept elsewhere: only the renewal of the issuing authority needs it.
    pub root_key: Option<PrivateKeyPem>,
    /// The certificate of the issuing authority.
    pub issuing: String,
    /// The private key of the issuing authority.
    pub issuing_key: PrivateKeyPem,
}
