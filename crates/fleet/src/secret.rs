//! What a device shows instead of a password.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use trunkline_model::IdGen;

/// What every such secret begins with, so that scanners find it where it must not be.
pub const SECRET_PREFIX: &str = "tld_";

/// A new secret of 256 bits.
pub(crate) fn new(ids: &dyn IdGen) -> String {
    let mut bytes = [0; 32];
    ids.fill_secret(&mut bytes);
    format!("{SECRET_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a secret. It cannot be guessed, so that a plain hash is enough, which a broker has time for at each connection.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(b"trunkline device secret\0");
    context.update(secret.as_bytes());
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
