//! The pieces that `rustls` needs to ask who a device is.

mod config;
mod identity;
mod peer;
mod registered;
mod verifier;

pub use config::{ALPN, server_config};
pub use identity::ServerIdentity;
pub use peer::peer_certificate_id;
pub use registered::{Registered, Standing};
pub use verifier::DeviceVerifier;
