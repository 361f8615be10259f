//! Who is at the other end.

use rustls::ServerConnection;

use crate::certificate_id;

/// The id of the certificate with which the client of `connection` proved who it is; nothing before the handshake is over, and where it
/// showed none.
#[must_use]
pub fn peer_certificate_id(connection: &ServerConnection) -> Option<String> {
    if connection.is_handshaking() {
        return None;
    }
    let chain = connection.peer_certificates()?;
    chain.first().map(|der| certificate_id(der))
}
