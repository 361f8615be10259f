//! The certificate authority of the platform, and all that is known of somebody from a certificate.
//!
//! [`Authority`] signs the certificates of devices, of the broker, and of the key that signs programs. [`Known`] reads a certificate, and [`ForeignAuthority`] is an authority
//! that a team brings along. [`DeviceVerifier`] and [`server_config`] let `rustls` ask the registry of devices about each handshake.
//!
//! Nothing here has tables, speaks HTTP or reads a clock of its own. What a certificate is known by, its id, is the SHA-256 of its DER form
//! in lower-case hexadecimal digits, as AWS IoT has it.

mod authority;
mod certificate;
mod error;
mod foreign;
mod id;
mod key;
mod known;
mod name;
mod pem;
mod private_key;
mod request;
mod signature;
mod tls;
mod trust;

pub use authority::{Authority, IssuedCertificate, IssuedWithKey, StoredAuthority};
pub use error::{AuthorityError, Unreadable, Untrusted};
pub use foreign::ForeignAuthority;
pub use id::certificate_id;
pub use key::KeyKind;
pub use known::Known;
pub use pem::write as certificate_pem;
pub use private_key::PrivateKeyPem;
pub use tls::{
    ALPN, DeviceVerifier, Registered, ServerIdentity, Standing, peer_certificate_id, server_config,
};
pub use trust::verify_issued_by;
